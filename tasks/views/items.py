"""Work items: the form by which a lead adds and edits them and other departments propose theirs, and the small verbs."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from harbor_plan.lib.refusals import STATUS_OF, Refused
from tasks.forms import ItemForm, ReasonForm, VersionForm
from tasks.models import AnnualPlan, ItemState, Responsibility, WorkItem
from tasks.services import items as services
from tasks.services.access import cooperating_rows, is_lead, need_lead, need_writable
from tasks.views.common import done, load_item, load_plan, permit, person, to_plan

read_or_write = require_http_methods(["GET", "HEAD", "POST"])


def _rows(plan: AnnualPlan, user: User) -> list[Responsibility] | None:
    """Through which lines of the table somebody writes: None for a lead, who writes everything. 403 without any."""
    if is_lead(plan, user):
        return None
    rows = cooperating_rows(plan, user)
    if not rows:
        permit(partial(need_lead, plan, user))
    return rows


@read_or_write
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """A new item: of the lead part of the plan at once, of a cooperating department a proposal."""
    user, at = person(request), timezone.now()
    plan = load_plan(user, pk)
    rows = _rows(plan, user)
    if request.method != "POST":
        return _not_writable(request, plan) or _form(
            request, plan, ItemForm.empty(plan=plan, rows=rows), rows
        )
    form = ItemForm(request.POST, plan=plan, rows=rows)
    verb = services.add_item if rows is None else services.propose_item
    if not form.is_valid():
        return _form(request, plan, form, rows, status=422)
    try:
        item = verb(plan=plan, values=form.values(), by=user, at=at)
    except Refused as refused:
        return _refused(request, plan, form, rows, refused)
    said = "已添加" if rows is None else "已提出，待牵头单位纳入："
    messages.success(request, f"{said}“{item.measure}”。")
    return to_plan(plan)


@read_or_write
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an item, or drop it."""
    user, at = person(request), timezone.now()
    item = load_item(user, pk)
    plan = item.annual_plan
    rows = _rows(plan, user)
    if rows is not None and not _is_own_proposal(item, rows):
        raise PermissionDenied("只能修改本单位提出、尚未纳入的工作项。")
    if request.method != "POST":
        shown = ItemForm.of(item, plan=plan, rows=rows)
        return _not_writable(request, plan) or _form(request, plan, shown, rows, item=item)
    form = ItemForm(request.POST, plan=plan, rows=rows)
    if not form.is_valid():
        return _form(request, plan, form, rows, item=item, status=422)
    try:
        services.edit_item(item=item, values=form.values(), version=form.seen(), by=user, at=at)
    except Refused as refused:
        return _refused(request, plan, form, rows, refused, item=item)
    messages.success(request, "工作项已保存。")
    return to_plan(plan)


def _is_own_proposal(item: WorkItem, rows: list[Responsibility]) -> bool:
    return item.state == ItemState.PROPOSED and item.proposed_by_id in {row.department_id for row in rows}


def _not_writable(request: HttpRequest, plan: AnnualPlan) -> HttpResponse | None:
    """Back to the plan with the reason, when nothing can be written now."""
    try:
        need_writable(plan)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return to_plan(plan)
    return None


def _refused(
    request: HttpRequest,
    plan: AnnualPlan,
    form: ItemForm,
    rows: list[Responsibility] | None,
    refused: Refused,
    item: WorkItem | None = None,
) -> HttpResponse:
    """The form with what was typed and the sentence; after a race, beside what the other saved."""
    form.add_error(None, refused.sentence)
    theirs = load_item(person(request), item.pk) if item and refused.axis == "race" else None
    return _form(request, plan, form, rows, item=item, theirs=theirs, status=STATUS_OF[refused.axis])


def _form(
    request: HttpRequest,
    plan: AnnualPlan,
    form: ItemForm,
    rows: list[Responsibility] | None,
    *,
    item: WorkItem | None = None,
    theirs: WorkItem | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "plan": plan,
        "form": form,
        "item": item,
        "theirs": theirs,
        "is_proposal": rows is not None,
        "shares": [form[f"share_{quarter}"] for quarter in (1, 2, 3, 4)],
        "reason_form": ReasonForm(label_suffix=""),
    }
    return render(request, "tasks/item.html", context, status=status)


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item out."""
    user, at = person(request), timezone.now()
    item = load_item(user, pk)
    verb = partial(
        services.drop_item, item=item, reason=_reason(request), version=_seen(request), by=user, at=at
    )
    return done(request, verb, f"已取消“{item.measure}”。", to_plan(item.annual_plan))


@require_POST
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead makes a proposal part of the plan."""
    user, at = person(request), timezone.now()
    item = load_item(user, pk)
    verb = partial(services.take_in, item=item, version=_seen(request), by=user, at=at)
    return done(request, verb, f"已纳入“{item.measure}”。", to_plan(item.annual_plan))


@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead does not take a proposal in."""
    user, at = person(request), timezone.now()
    item = load_item(user, pk)
    verb = partial(services.decline, item=item, reason=_reason(request), by=user, at=at)
    return done(request, verb, f"未纳入“{item.measure}”，理由已告提出单位。", to_plan(item.annual_plan))


def _reason(request: HttpRequest) -> str:
    """What was typed, cut to what is kept; whether it is needed the service says."""
    form = ReasonForm(request.POST)
    return str(form.cleaned_data["reason"]) if form.is_valid() else str(request.POST.get("reason", ""))[:300]


def _seen(request: HttpRequest) -> int:
    return VersionForm(request.POST).seen()

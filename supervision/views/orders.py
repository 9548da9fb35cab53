"""Supervision orders: the list with what the rule proposes, one order with its steps, its paper, and the rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from filings.errors import Refused
from filings.models import EvidenceFile
from filings.views.common import STATUS_OF, person
from filings.views.evidence import served
from harbor_plan.lib.download import DOCX, attachment
from harbor_plan.lib.moments import local_day
from supervision import order_paper
from supervision.forms import orders as forms
from supervision.models import SupervisionOrder
from supervision.order_proposals import propose
from supervision.order_rules import STEPS, VERB_LABELS
from supervision.services import orders as services
from supervision.terms import OPEN, Level
from targets.asked import asked_plan
from targets.models import Plan
from tasks.models import Task

ORDERS_A_PAGE = 30

#: The form and the service of each step.
FORMS: dict[str, type[forms.StepForm]] = {
    "sign": forms.StepForm,
    "report": forms.ReportForm,
    "accept": forms.AcceptForm,
    "send_back": forms.SendBackForm,
    "close": forms.CloseForm,
    "reopen": forms.ReopenForm,
    "withdraw": forms.WithdrawForm,
}
SERVICES: dict[str, Callable[..., None]] = {verb: getattr(services, verb) for verb in FORMS}


def _office(request: HttpRequest, plan: Plan) -> User:
    user = person(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied(f"督办单由{plan.office}下达和管理，您可以查看。")
    return user


# The list


@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """Orders a person may see; for the office also what the rule proposes."""
    return _list(request, asked_plan(request))


def _list(
    request: HttpRequest, plan: Plan, *, refused: forms.StepForm | None = None, status: int = 200
) -> HttpResponse:
    """The list, with the form that could not be accepted shown as it was typed."""
    user, today = person(request), local_day(timezone.now())
    visible = SupervisionOrder.objects.visible_to(user).filter(plan=plan)
    form = forms.OrderFilter(request.GET)
    page = Paginator(form.filter(visible).for_page(), ORDERS_A_PAGE).get_page(request.GET.get("page"))
    still_open = Counter(visible.filter(status__in=OPEN).values_list("level", flat=True))
    context = {
        "plan": plan,
        "page": page,
        "late": {order.pk for order in page if order.is_late(today)},
        "form": form,
        "levels": [(level, still_open[level]) for level in Level],
        "open_count": sum(still_open.values()),
        "late_count": sum(
            o.is_late(today) for o in visible.filter(status__in=OPEN).only("status", "rectify_by")
        ),
        "proposals": _proposals(plan, refused, today) if user.holds(Role.OFFICE) else [],
        "is_office": user.holds(Role.OFFICE),
    }
    return render(request, "supervision/orders.html", context, status=status)


def _proposals(plan: Plan, refused: forms.StepForm | None, today: date) -> list[dict[str, Any]]:
    """Each proposal with its two forms; a refused one is shown as it was typed."""
    rule = services.rule_of(plan)
    tasks = Task.objects.filter(action__plan=plan)
    rows = []
    for n, proposal in enumerate(propose(plan, rule, today)):
        about = {"task": proposal.task.pk, "level": proposal.level}
        given = {
            "demand": "请查明原因，制定措施，在整改期限内赶上进度，并按期反馈整改情况。",
            "rectify_by": today + timedelta(days=rule.days_for(proposal.level)),
        }
        issue: forms.StepForm = forms.IssueForm(tasks=tasks, initial=about | given, auto_id=f"id_{n}_%s")
        dismiss: forms.StepForm = forms.DismissForm(tasks=tasks, initial=about, auto_id=f"id_{n}_no_%s")
        is_refused = refused is not None and refused.data.get("task") == str(proposal.task.pk)
        if is_refused and isinstance(refused, forms.IssueForm):
            issue = refused
        elif is_refused and refused is not None:
            dismiss = refused
        rows.append({"proposal": proposal, "issue": issue, "dismiss": dismiss, "is_refused": is_refused})
    return rows


@require_POST
def issue(request: HttpRequest) -> HttpResponse:
    """Confirm one proposal: a new order, or the open one escalated."""
    plan = asked_plan(request)
    user, at = _office(request, plan), timezone.now()
    form = forms.IssueForm(request.POST, tasks=_tasks(plan))
    if not form.is_valid():
        return _list(request, plan, refused=form, status=422)
    try:
        order = services.issue(plan=plan, **form.values(), by=user, at=at)
    except Refused as refused:
        return _again(request, plan, form, refused)
    messages.success(request, f"已下达{order}（{order.get_level_display()}）。")
    return redirect("supervision:order", pk=order.pk)


@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Decide against one proposal, with a reason."""
    plan = asked_plan(request)
    user, at = _office(request, plan), timezone.now()
    form = forms.DismissForm(request.POST, tasks=_tasks(plan))
    if not form.is_valid():
        return _list(request, plan, refused=form, status=422)
    try:
        dismissal = services.dismiss(plan=plan, **form.values(), by=user, at=at)
    except Refused as refused:
        return _again(request, plan, form, refused)
    messages.success(request, f"已记录：任务 {dismissal.task} 本次不予督办。")
    return redirect(_list_url(plan))


def _tasks(plan: Plan) -> Any:
    return Task.objects.filter(action__plan=plan).select_related("action")


def _list_url(plan: Plan) -> str:
    return f"{reverse('supervision:orders')}?plan={plan.code}"


def _again(request: HttpRequest, plan: Plan, form: forms.StepForm, refused: Refused) -> HttpResponse:
    """What was wrong with the words is said beside them; what has changed meanwhile, above the fresh list."""
    if refused.axis == "content":
        form.add_error(None, refused.sentence)
        return _list(request, plan, refused=form, status=STATUS_OF[refused.axis])
    messages.error(request, refused.sentence)
    return redirect(_list_url(plan))


# One order


def _load(request: HttpRequest, pk: int) -> SupervisionOrder:
    """An order with all its page names, or 404 for whoever may not know of it."""
    found = SupervisionOrder.objects.visible_to(person(request)).for_page()
    people = ("signed_by", "reported_by", "checked_by", "closed_by")
    return get_object_or_404(found.select_related(*people, "plan__office", "task__action"), pk=pk)


@require_safe
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: what it asks, how far it has come, and what this person may do."""
    return _page(request, _load(request, pk))


def _page(
    request: HttpRequest,
    order: SupervisionOrder,
    *,
    refused: tuple[str, forms.StepForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    user, today = person(request), local_day(timezone.now())
    rule = services.rule_of(order.plan)
    steps = []
    for verb, form_class in FORMS.items():
        if order.status in STEPS[verb].sources and services.can_take(order, verb, user):
            form = (
                refused[1]
                if refused and refused[0] == verb
                else form_class(initial=_initial(order, user, rule, today))
            )
            steps.append(
                {"verb": verb, "label": STEPS[verb].label, "form": form, "url": _step_url(order, verb)}
            )
    moves = list(order.moves.select_related("by").prefetch_related("proofs__evidence"))
    context = {
        "order": order,
        "steps": steps,
        "way": _way(order),
        "moves": [(VERB_LABELS[move.verb], move) for move in reversed(moves)],
        "is_late": order.is_late(today),
        "waits_for": _waits_for(order),
    }
    return render(request, "supervision/order.html", context, status=status)


def _initial(order: SupervisionOrder, user: User, rule: Any, today: Any) -> dict[str, Any]:
    """What the system knows already: the usual time, and the leader who approves in person."""
    return {
        "rectify_by": today + timedelta(days=rule.days_for(order.level)),
        "approver": str(user) if user.holds(Role.LEADER) else "",
    }


def _step_url(order: SupervisionOrder, verb: str) -> str:
    return reverse(f"supervision:order_{verb}", args=[order.pk])


def _waits_for(order: SupervisionOrder) -> str:
    """Whose turn it is, in words; empty when it is nobody's."""
    return {
        "issued": f"等待{order.department}签收",
        "working": f"{order.department}整改并反馈",
        "reported": f"等待{order.plan.office}核查",
        "checked": "等待销号批准（核查人以外的人办理）",
    }.get(order.status, "")


def _way(order: SupervisionOrder) -> list[dict[str, str]]:
    """The order's way in five steps, as partials/steps.html shows it."""
    reached = ["issued", "working", "reported", "checked", "closed"]
    here = reached.index(order.status) if order.status in reached else -1
    done = (
        ("下达", order.issued_by, order.issued_at),
        ("签收", order.signed_by, order.signed_at),
        ("反馈", order.reported_by, order.reported_at),
        ("核查", order.checked_by, order.checked_at),
        ("销号", order.closed_by, order.closed_at),
    )
    steps = []
    for n, (label, by, at) in enumerate(done):
        state = "past" if n <= here else "here" if n == here + 1 else ""
        note = f"{by} {local_day(at):%m-%d}" if n <= here and by and at else ""
        steps.append({"label": label, "note": note, "state": state})
    return steps


@require_POST
def step(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """Take one step of the table."""
    order = _load(request, pk)
    user, at = person(request), timezone.now()
    if not services.can_take(order, verb, user):
        raise PermissionDenied(services.why_not(order, verb))
    form = FORMS[verb](request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, order, refused=(verb, form), status=422)
    try:
        SERVICES[verb](order=order, **form.values(), by=user, at=at)
    except Refused as refused:
        if refused.axis == "content":
            form.add_error(None, refused.sentence)
            return _page(request, order, refused=(verb, form), status=STATUS_OF[refused.axis])
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{order}已办理“{STEPS[verb].label}”。")
    return redirect("supervision:order", pk=order.pk)


@require_safe
def evidence(request: HttpRequest, pk: int, evidence_pk: int) -> FileResponse:
    """A file that came with a feedback: pictures and PDF in the browser, anything else to save."""
    order = _load(request, pk)
    found = EvidenceFile.objects.filter(order_proofs__move__order=order).distinct()
    file = get_object_or_404(found, pk=evidence_pk)
    return served(file, as_attachment=not file.is_shown)


# Paper


@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """The order as a form to print."""
    order = _load(request, pk)
    context = {
        "order": order,
        "title": order_paper.title(order),
        "lines": order_paper.lines(order),
        "issued_on": local_day(order.issued_at),
    }
    return render(request, "supervision/order_paper.html", context)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The order as a .docx file."""
    order = _load(request, pk)
    content = order_paper.order_file(order=order, by=person(request), at=timezone.now())
    return attachment(content, order_paper.file_name(order), DOCX)


# The rule


@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest) -> HttpResponse:
    """The thresholds by which orders are proposed."""
    plan = asked_plan(request)
    user, at = _office(request, plan), timezone.now()
    found = services.rule_of(plan)
    form = forms.RuleForm(request.POST if request.method == "POST" else None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.save_rule(rule=form.save(commit=False), by=user, at=at)
        messages.success(request, "督办规则已保存。")
        return redirect(_list_url(plan))
    status = 422 if form.is_bound else 200
    return render(request, "supervision/order_rule.html", {"plan": plan, "form": form}, status=status)

"""The list of annual plans, the page of one, and the verbs that move it."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from harbor_plan.lib.moments import local_day
from harbor_plan.lib.refusals import STATUS_OF, Refused
from targets.asked import chosen_code, in_order
from targets.models import Plan
from tasks.forms import NoteForm, ReasonForm, YearForm
from tasks.models import AnnualPlan, AnnualPlanVersion
from tasks.queries.plan import plan_page, version_groups
from tasks.queries.plans import plans_page
from tasks.services import annual
from tasks.services.access import locked, need_approver, need_compiler, need_lead
from tasks.views.common import done, load_action, load_plan, permit, person, to_plan


@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """Actions by year; ?plan=CODE chooses among several plans."""
    user = person(request)
    visible = list(in_order(Plan.objects.visible_to(user)))
    if not visible:
        raise Http404("没有方案。")
    plan = next((p for p in visible if p.code == chosen_code(request)), visible[0])
    page = plans_page(plan, user=user, this_year=local_day(timezone.now()).year)
    return render(request, "tasks/plans.html", {"page": page, "plans": visible})


@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """One action's year."""
    return _page(request, load_plan(person(request), pk))


def _page(
    request: HttpRequest,
    plan: AnnualPlan,
    *,
    note_form: NoteForm | None = None,
    reason_form: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with a form that was refused shown as it was typed."""
    context = {
        "page": plan_page(plan, reader=person(request)),
        "plan": plan,
        "note_form": note_form or NoteForm(label_suffix=""),
        "reason_form": reason_form or ReasonForm(label_suffix=""),
        "now": timezone.now(),
    }
    return render(request, "tasks/plan.html", context, status=status)


@require_safe
def version(request: HttpRequest, pk: int, no: int) -> HttpResponse:
    """One approved version as it was."""
    subject = load_plan(person(request), pk)
    found = get_object_or_404(AnnualPlanVersion.objects.select_related("by"), annual_plan=subject, no=no)
    context = {"plan": subject, "version": found, "groups": version_groups(subject, found)}
    return render(request, "tasks/version.html", context)


@require_POST
def create(request: HttpRequest, pk: int) -> HttpResponse:
    """A lead begins the plan of a year."""
    user, at = person(request), timezone.now()
    action = load_action(user, pk)
    permit(partial(need_compiler, action, user))
    form = YearForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有开始编制：请选择年度。")
        return redirect("tasks:plans")
    try:
        begun = annual.create_plan(action=action, year=form.cleaned_data["year"], by=user, at=at)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("tasks:plans")
    messages.success(request, f"已开始编制{begun}，请添加工作项。")
    return to_plan(begun)


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead → office."""
    user, at = person(request), timezone.now()
    subject = load_plan(user, pk)
    verb = partial(annual.submit_plan, plan=subject, by=user, at=at)
    return done(request, verb, f"{subject}已报{subject.action.plan.office}审定。", to_plan(subject))


@require_POST
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead takes the plan back."""
    user, at = person(request), timezone.now()
    subject = load_plan(user, pk)
    verb = partial(annual.recall_plan, plan=subject, by=user, at=at)
    return done(request, verb, f"{subject}已撤回，可以继续修改。", to_plan(subject))


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """The office approves what it has on screen.

    The clock is read once the plan is held: an approval that waited for a quarter to be closed comes after it.
    """
    user = person(request)
    subject = load_plan(user, pk)

    @transaction.atomic
    def verb() -> None:
        locked(subject)
        annual.approve_plan(plan=subject, seen=request.POST.get("seen", ""), by=user, at=timezone.now())

    said = f"{subject}第 {subject.version + 1} 版已审定，自即日起生效。"
    return done(request, verb, said, to_plan(subject))


@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The office returns the plan with a note."""
    user, at = person(request), timezone.now()
    subject = load_plan(user, pk)
    permit(partial(need_approver, subject, user))
    form = NoteForm(request.POST, label_suffix="")
    try:
        if form.is_valid():
            annual.return_plan(
                plan=subject,
                seen=request.POST.get("seen", ""),
                note=form.cleaned_data["note"],
                by=user,
                at=at,
            )
    except Refused as refused:
        form.add_error("note", refused.sentence)
        return _page(request, load_plan(user, pk), note_form=form, status=STATUS_OF[refused.axis])
    if form.errors:
        return _page(request, subject, note_form=form, status=422)
    messages.success(request, f"{subject}已退回编制单位修改。")
    return to_plan(subject)


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead begins to change an approved plan."""
    user, at = person(request), timezone.now()
    subject = load_plan(user, pk)
    permit(partial(need_lead, subject, user))
    form = ReasonForm(request.POST, label_suffix="")
    try:
        if form.is_valid():
            annual.change_plan(plan=subject, reason=form.cleaned_data["reason"], by=user, at=at)
    except Refused as refused:
        form.add_error("reason", refused.sentence)
        return _page(request, load_plan(user, pk), reason_form=form, status=STATUS_OF[refused.axis])
    if form.errors:
        return _page(request, subject, reason_form=form, status=422)
    messages.success(request, f"{subject}可以调整了；审定前第 {subject.version} 版继续有效。")
    return to_plan(subject)


@require_POST
def abandon(request: HttpRequest, pk: int) -> HttpResponse:
    """The lead gives a change up."""
    user, at = person(request), timezone.now()
    subject = load_plan(user, pk)
    verb = partial(annual.abandon_change, plan=subject, by=user, at=at)
    return done(request, verb, f"已放弃调整，恢复为第 {subject.version} 版的内容。", to_plan(subject))

"""The office's review: what waits, one filing beside its last quarter, and the verbs that decide it."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from filings.errors import Refused
from filings.forms.office import (
    DecisionForm,
    ManyForm,
    QueueFilter,
    ReasonForm,
    RemarkForm,
    ReopenForm,
    SubstituteForm,
)
from filings.models import Entry, Filing, Substitute
from filings.queries import waiting as queries
from filings.queries.review import Desk, desk, next_open
from filings.services import review as services
from filings.terms import Decision, Status
from filings.views.common import STATUS_OF, load_entry, load_filing, number, person, refused_redirect

#: Where a person's choice of filter and order of the queue is kept, to come back to it after a review.
QUEUE_KEPT = "review_queue"


def permit_reading(user: User, filing: Filing) -> None:
    """The desk is for the office, leaders and the filing's substitute; a department reads its own page."""
    if not user.reads_all and not Substitute.objects.filter(filing=filing, user=user).exists():
        raise PermissionDenied("审核页面供审核人使用；本单位的报送和审核意见请在本单位的填报页面查看。")


def permit_deciding(user: User, filing: Filing) -> None:
    """403 for whoever may not decide this filing at its level."""
    panel = queries.panels([filing], user)[filing.pk]
    if not panel.may:
        raise PermissionDenied(f"您不能审核{filing}：{panel.why_not}。")


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Filings that wait for review, filtered and sorted as the address says; that choice is kept for the session."""
    user, at = person(request), timezone.now()
    if not user.reads_all and not Substitute.objects.filter(user=user).exists():
        raise PermissionDenied("报送审核供审核人使用。")
    waiting = queries.waiting_filings(user)
    if not user.reads_all:
        waiting = waiting.filter(substitute__user=user)
    rows = queries.queue(waiting, user=user, at=at)
    actions = queries.actions_of(row.filing.period.plan_id for row in rows)
    form = QueueFilter(request.GET, rows=rows, actions=actions)
    kept = request.GET.urlencode()
    if request.session.get(QUEUE_KEPT, "") != kept:
        request.session[QUEUE_KEPT] = kept
    context = {
        "rows": rows,
        "shown": form.filter(),
        "form": form,
        "show": form.chosen(),
        "sets_rule": user.holds(Role.OFFICE),
        "counts": {
            "slow": sum(row.is_slow for row in rows),
            "late": sum(row.is_late for row in rows),
            "mine": sum(row.panel.may for row in rows),
            "second": sum(row.is_second for row in rows),
            "asked": sum(bool(row.asked) for row in rows),
        },
        "now": at,
    }
    return render(request, "filings/queue.html", context)


def to_queue(request: HttpRequest) -> HttpResponse:
    """Back to the queue as the person had filtered and sorted it."""
    kept = request.session.get(QUEUE_KEPT, "")
    return redirect(reverse("filings:queue") + (f"?{kept}" if kept else ""))


@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One filing with its entries; the chosen one beside what it was before."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit_reading(user, filing)
    return show_desk(request, filing, at)


def show_desk(
    request: HttpRequest,
    filing: Filing,
    at: datetime,
    *,
    entry: Entry | None = None,
    status: int = 200,
    **typed: forms.Form,
) -> HttpResponse:
    """The review page, with a form that could not be accepted shown as it was typed.

    `typed` by its name in the template: form, many_form, take_form, reopen_form, substitute_form.
    """
    user = person(request)
    asked = entry.pk if entry else number(request.GET.get("entry"))
    page = desk(filing, user=user, entry_id=asked, against=request.GET.get("against", ""), at=at)
    context = {
        "desk": page,
        "filing": filing,
        "form": _decision_form(page),
        "many_form": ManyForm(filing=filing) if page.may_decide else None,
        "take_form": ReasonForm(initial={"holder": filing.claimed_by_id}) if page.may_take_over else None,
        "remark_form": RemarkForm(initial={"back": "review"}),
        "reopen_form": ReopenForm(filing=filing) if page.may_reopen else None,
        "substitute_form": _substitute_form(user, filing, page),
    } | typed
    return render(request, "filings/review.html", context, status=status)


def _decision_form(page: Desk) -> DecisionForm | None:
    """The empty decision of the entry shown; a decided entry is shown with its code and note."""
    if page.chosen is None or not page.may_decide:
        return None
    entry = page.chosen.entry
    given = (
        {"code": entry.return_code, "note": entry.return_note} if entry.decision == Decision.RETURNED else {}
    )
    return DecisionForm(initial={"seen": entry.decision} | given)


def _substitute_form(user: User, filing: Filing, page: Desk) -> SubstituteForm | None:
    """For a leader, when no reviewer may decide a filing that is not decided yet."""
    needed = not page.panel.reviewers and filing.status != Status.ACCEPTED
    return SubstituteForm(filing=filing) if needed and user.holds(Role.LEADER) else None


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or return one entry, then show the next undecided one."""
    user, at = person(request), timezone.now()
    entry = load_entry(user, pk)
    filing = load_filing(user, entry.filing_id)
    permit_deciding(user, filing)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return show_desk(request, filing, at, entry=entry, form=form, status=422)
    data = form.cleaned_data
    try:
        services.decide_entry(
            entry=entry,
            decision=Decision(data["decision"]),
            seen=Decision(data["seen"]),
            code=data["code"],
            note=data["note"],
            by=user,
            at=at,
        )
    except Refused as refused:
        return _again(request, filing, entry, at, refused)
    return redirect(_after(filing, entry))


def _again(
    request: HttpRequest, filing: Filing, entry: Entry, at: datetime, refused: Refused
) -> HttpResponse:
    """The desk as it stands now, with what was typed: deciding once more is then a conscious step."""
    filing, entry = load_filing(person(request), filing.pk), Entry.objects.get(pk=entry.pk)
    typed = request.POST.copy()
    typed["seen"] = entry.decision
    form = DecisionForm(typed)
    form.add_error(None, refused.sentence)
    return show_desk(request, filing, at, entry=entry, form=form, status=STATUS_OF[refused.axis])


def _after(filing: Filing, entry: Entry) -> str:
    """Where to go on: the next undecided entry, or the entry just decided when it was the last."""
    entries = list(Entry.objects.filter(filing=filing).order_by("position", "id"))
    following = next_open(entries, entry, services.waiting_decision(filing)) or entry
    return f"{reverse('filings:review', args=[filing.pk])}?entry={following.pk}"


@require_POST
def accept_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept every entry that still waits at this level."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit_deciding(user, filing)
    try:
        count = services.accept_rest(filing=filing, by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", filing.pk)
    said = f"已采纳其余 {count} 项，请完成审核。" if count else "没有未审的填报项，可以完成审核。"
    messages.success(request, said)
    return redirect("filings:review", pk=filing.pk)


@require_POST
def decide_many(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or return the ticked entries of one filing."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit_deciding(user, filing)
    form = ManyForm(request.POST, filing=filing)
    if not form.is_valid():
        return show_desk(request, filing, at, many_form=form, status=422)
    data = form.cleaned_data
    decision = Decision(data["decision"])
    try:
        outcome = services.decide_many(
            filing=filing,
            entries=[entry.pk for entry in data["entries"]],
            decision=decision,
            code=data["many_code"],
            note=data["many_note"],
            by=user,
            at=at,
        )
    except Refused as refused:
        form.add_error(None, refused.sentence)
        filing = load_filing(user, pk)
        return show_desk(request, filing, at, many_form=form, status=STATUS_OF[refused.axis])
    say_outcome(request, outcome, "采纳" if decision == Decision.ACCEPTED else "退回")
    return redirect("filings:review", pk=filing.pk)


def say_outcome(request: HttpRequest, outcome: services.Outcome, verb: str) -> None:
    """How many entries were decided, and each that was not, with the reason."""
    if outcome.done:
        messages.success(request, f"已{verb} {len(outcome.done)} 项。")
    for entry, why in outcome.refused:
        messages.error(request, f"没有{verb} {entry.number} {entry.title}：{why}。".replace("。。", "。"))


@require_POST
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Finish the review at its level: accepted as a whole, returned with the entries to mend, or passed on."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit_deciding(user, filing)
    try:
        status = services.complete_review(filing=filing, by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", filing.pk)
    messages.success(request, _COMPLETED[status].format(filing=filing))
    return to_queue(request)


_COMPLETED = {
    Status.ACCEPTED: "{filing}审核完成，已全部采纳。",
    Status.RETURNED: "{filing}审核完成，已退回，请改正后重新报送。",
    Status.SUBMITTED: "{filing}初审完成，亮灯有变化的填报项转另一人复审，复审采纳后计入汇总。",
}


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Return entries of an accepted filing before its period closes."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit_deciding(user, filing)
    form = ReopenForm(request.POST, filing=filing)
    if not form.is_valid():
        return show_desk(request, filing, at, reopen_form=form, status=422)
    try:
        services.reopen(filing=filing, notes=form.notes(), by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", filing.pk)
    messages.success(request, f"已退回 {len(form.notes())} 项，{filing.department}改正后重新报送。")
    return redirect("filings:review", pk=filing.pk)


@require_POST
def substitute(request: HttpRequest, pk: int) -> HttpResponse:
    """A leader names who decides a filing that no reviewer may decide."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    if not user.holds(Role.LEADER):
        raise PermissionDenied("代审人由领导指定。")
    form = SubstituteForm(request.POST, filing=filing)
    if not form.is_valid():
        return show_desk(request, filing, at, substitute_form=form, status=422)
    named = form.cleaned_data["user"]
    try:
        services.name_substitute(
            filing=filing, user=named, reason=form.cleaned_data["reason"], by=user, at=at
        )
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", filing.pk)
    messages.success(request, f"已指定{named}代审{filing}。")
    return redirect("filings:review", pk=filing.pk)

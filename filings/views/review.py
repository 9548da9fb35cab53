"""The office's review: what waits, one filing beside its last quarter, and the verbs that decide it."""

from __future__ import annotations

from datetime import datetime

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
from filings.forms.office import DecisionForm, QueueFilter, ReopenForm, SubstituteForm
from filings.models import Entry, Filing, Substitute
from filings.queries import waiting as queries
from filings.queries.review import Desk, desk, next_open
from filings.services import review as services
from filings.terms import Decision, Status
from filings.views.common import STATUS_OF, load_entry, load_filing, person, refused_redirect


def _permit_reading(user: User, filing: Filing) -> None:
    """The desk is for the office, leaders and the filing's substitute; a department reads its own page."""
    if not user.reads_all and not Substitute.objects.filter(filing=filing, user=user).exists():
        raise PermissionDenied("审核页面供审核人使用；本单位的报送和审核意见请在本单位的填报页面查看。")


def _permit_deciding(user: User, filing: Filing) -> None:
    panel = queries.panels([filing], user)[filing.pk]
    if not panel.may:
        raise PermissionDenied(f"您不能审核{filing}：{panel.why_not}。")


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Filings that wait for review, longest first."""
    user, at = person(request), timezone.now()
    if not user.reads_all and not Substitute.objects.filter(user=user).exists():
        raise PermissionDenied("报送审核供审核人使用。")
    waiting = queries.waiting_filings(user)
    if not user.reads_all:
        waiting = waiting.filter(substitute__user=user)
    rows = queries.queue(waiting, user=user, at=at)
    form = QueueFilter(request.GET)
    shown = form.filter(rows)
    context = {
        "rows": rows,
        "shown": shown,
        "show": form.chosen(),
        "shows": QueueFilter.SHOWS,
        "counts": {
            "slow": sum(row.is_slow for row in rows),
            "late": sum(row.is_late for row in rows),
            "mine": sum(row.panel.may for row in rows),
        },
        "now": at,
    }
    return render(request, "filings/queue.html", context)


@require_safe
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """One filing with its entries; the chosen one beside what it was before."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    _permit_reading(user, filing)
    return _desk(request, filing, at)


def _desk(
    request: HttpRequest,
    filing: Filing,
    at: datetime,
    *,
    entry: Entry | None = None,
    form: DecisionForm | None = None,
    reopen_form: ReopenForm | None = None,
    substitute_form: SubstituteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The review page, with a form that could not be accepted shown as it was typed."""
    user = person(request)
    asked = entry.pk if entry else _number(request.GET.get("entry"))
    page = desk(filing, user=user, entry_id=asked, against=request.GET.get("against", ""), at=at)
    context = {
        "desk": page,
        "filing": filing,
        "form": form or _decision_form(page),
        "reopen_form": reopen_form or (ReopenForm(filing=filing) if page.may_reopen else None),
        "substitute_form": substitute_form or _substitute_form(user, filing, page),
    }
    return render(request, "filings/review.html", context, status=status)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


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
    _permit_deciding(user, filing)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _desk(request, filing, at, entry=entry, form=form)
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
    return _desk(request, filing, at, entry=entry, form=form, status=STATUS_OF[refused.axis])


def _after(filing: Filing, entry: Entry) -> str:
    """Where to go on: the next undecided entry, or the entry just decided when it was the last."""
    entries = list(Entry.objects.filter(filing=filing).order_by("position", "id"))
    following = next_open(entries, entry) or entry
    return f"{reverse('filings:review', args=[filing.pk])}?entry={following.pk}"


@require_POST
def accept_rest(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept every entry that is still undecided."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    _permit_deciding(user, filing)
    try:
        count = services.accept_rest(filing=filing, by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", filing.pk)
    said = f"已采纳其余 {count} 项，请完成审核。" if count else "没有未审的填报项，可以完成审核。"
    messages.success(request, said)
    return redirect("filings:review", pk=filing.pk)


@require_POST
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Finish the review: accepted as a whole, or returned with the entries to mend."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    _permit_deciding(user, filing)
    try:
        status = services.complete_review(filing=filing, by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", filing.pk)
    word = "已全部采纳" if status == Status.ACCEPTED else "已退回，请改正后重新报送"
    messages.success(request, f"{filing}审核完成，{word}。")
    return redirect("filings:queue")


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Return entries of an accepted filing before its period closes."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    _permit_deciding(user, filing)
    form = ReopenForm(request.POST, filing=filing)
    if not form.is_valid():
        return _desk(request, filing, at, reopen_form=form)
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
        return _desk(request, filing, at, substitute_form=form)
    named = form.cleaned_data["user"]
    try:
        services.name_substitute(
            filing=filing, user=named, reason=form.cleaned_data["reason"], by=user, at=at
        )
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", filing.pk)
    messages.success(request, f"已指定{named}代审{filing}。")
    return redirect("filings:review", pk=filing.pk)

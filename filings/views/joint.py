"""Joint work: taking over what others contributed, drafting a summary, countersigning, and what the office sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permits import reader
from accounts.roles import Role
from filings.errors import Refused
from filings.forms.entry import EntryForm, VersionForm
from filings.forms.joint import ConfirmForm, DraftForm, WordForm
from filings.models import Entry, Filing, Period
from filings.queries import joint as queries
from filings.queries.beside import draft_of, progress_of_action
from filings.services import joint as services
from filings.services.entries import save_entry
from filings.terms import EntryKind
from filings.views.common import STATUS_OF, load_entry, load_filing, number, permit, person
from filings.views.filer import not_saved

# On the desk


@require_POST
def take_words(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed with a cooperating department's words after it."""
    user, at = person(request), timezone.now()
    entry, filing = _writing(user, pk)
    form = _typed(request, entry)
    values, unparsed = form.outcome()
    try:
        services.take_over(
            entry=entry,
            source_id=number(request.POST.get("source")),
            values=values,
            unparsed=unparsed,
            version=VersionForm(request.POST).seen(),
            by=user,
            at=at,
        )
    except Refused as refused:
        return not_saved(request, filing, form, refused, at)
    messages.success(request, "已取用配合情况，请改写成本任务的进展后保存。")
    return redirect(_desk_url(entry))


@require_POST
def draft_summary(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed with a draft from the tasks' entries, after it or in its place."""
    user, at = person(request), timezone.now()
    entry, filing = _writing(user, pk)
    form = _typed(request, entry)
    values, unparsed = form.outcome()
    try:
        text = _with_draft(entry, str(values.get("text") or ""), DraftForm(request.POST), at)
        save_entry(
            entry=entry,
            values={**values, "text": text},
            unparsed=unparsed,
            version=VersionForm(request.POST).seen(),
            by=user,
            at=at,
        )
    except Refused as refused:
        return not_saved(request, filing, form, refused, at)
    messages.success(request, "已由本行动各任务填报草拟小结，请核对改写后保存。")
    return redirect(_desk_url(entry))


def _with_draft(entry: Entry, typed: str, form: DraftForm, at: datetime) -> str:
    if entry.kind != EntryKind.SUMMARY:
        raise Refused("content", "只有专项行动小结可以由各任务填报草拟。")
    form.full_clean()
    drafted = draft_of(entry, progress_of_action(entry), at)
    how = form.cleaned_data.get("how", "")
    return services.with_draft(typed, drafted, how, is_sure=bool(form.cleaned_data.get("sure")))


def _writing(user: User, pk: int) -> tuple[Entry, Filing]:
    entry = load_entry(user, pk)
    filing = load_filing(user, entry.filing_id)
    permit(filing, user, Role.FILER)
    return entry, filing


def _typed(request: HttpRequest, entry: Entry) -> EntryForm:
    """The inputs as they were sent along; what was not sent stays as it is stored."""
    stored: dict[str, Any] = EntryForm.of(entry).typed()
    sent = {name: str(request.POST.get(name, "")) for name in request.POST}
    return EntryForm({**stored, **sent}, entry=entry)


def _desk_url(entry: Entry) -> str:
    return f"{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}#f-text"


# Countersigning


@require_safe
def countersigning(request: HttpRequest) -> HttpResponse:
    """What waits for the word of a person's departments."""
    return _page(request)


def _page(
    request: HttpRequest, *, refused: WordForm | None = None, pk: int = 0, status: int = 200
) -> HttpResponse:
    """The page; a word that could not be accepted stands where it was typed."""
    desks = queries.desks(reader(request), timezone.now())
    typed = {"pk": pk, "department": refused["department"].value(), "form": refused} if refused else None
    context = {"desks": desks, "waiting": sum(len(desk.waiting) for desk in desks), "typed": typed}
    return render(request, "filings/countersign.html", context, status=status)


@require_POST
def countersign(request: HttpRequest, pk: int) -> HttpResponse:
    """One department's word on one lead's entry."""
    user, at = person(request), timezone.now()
    entry = _asked(user, pk)
    form = WordForm(request.POST)
    if not form.is_valid():
        _say_gone(request, form)
        return _page(request, refused=form, pk=pk, status=422)
    data = form.cleaned_data
    try:
        signature = services.countersign(
            entry=entry,
            department=data["department"],
            consent=data["consent"],
            text=data["text"],
            version_no=data["version"],
            by=user,
            at=at,
        )
    except Refused as refused:
        if refused.axis == "permission":
            raise PermissionDenied(refused.sentence) from refused
        messages.error(request, refused.sentence)
        return _page(request, refused=form, pk=pk, status=STATUS_OF[refused.axis])
    messages.success(request, f"{entry.number} {entry.title}：已会签“{signature.get_consent_display()}”。")
    return redirect("filings:countersign")


def _say_gone(request: HttpRequest, form: WordForm) -> None:
    """Errors of the hidden fields, which stand beside no input."""
    for name in ("department", "version"):
        for sentence in form.errors.get(name, [])[:1]:
            messages.error(request, str(sentence))


def _asked(user: User, pk: int) -> Entry:
    """A lead's progress entry that one of the person's departments is asked about, or that the person may see; else 404."""
    entry = get_object_or_404(
        Entry.objects.for_page().select_related("filing__period__plan__office"),
        pk=pk,
        kind=EntryKind.PROGRESS,
    )
    own = user.departments_as(Role.FILER, Role.APPROVER)
    is_asked = any(services.is_asked(entry, department) for department in own)
    if not is_asked and not Entry.objects.visible_to(user).filter(pk=pk).exists():
        raise Http404("没有这一项。")
    if not is_asked:
        raise PermissionDenied("由配合单位的填报人或签发人会签，您可以查看。")
    return entry


@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Agree to several entries at once."""
    user, at = reader(request), timezone.now()
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        messages.error(request, "所选任务已有变动，请刷新页面后重选。")
        return _page(request, status=422)
    try:
        count = services.confirm_many(
            seen=form.seen(), department=form.cleaned_data["department"], by=user, at=at
        )
    except Refused as refused:
        if refused.axis == "permission":
            raise PermissionDenied(refused.sentence) from refused
        messages.error(request, f"没有会签：{refused.sentence}")
        return _page(request, status=STATUS_OF[refused.axis])
    messages.success(request, f"已对 {count} 项会签“同意”。")
    return redirect("filings:countersign")


@require_safe
def countersigned(request: HttpRequest) -> HttpResponse:
    """What the departments said of a period's entries, for the office and leaders; contested and missing ones first."""
    user, at = person(request), timezone.now()
    if not user.reads_all:
        raise PermissionDenied("会签情况由方案牵头办公室和领导查看。")
    periods = list(
        Period.objects.visible_to(user).opened().exclude(countersign_by=None).select_related("plan__office")
    )
    period = _chosen(periods, request.GET)
    show = request.GET.get("show", "")
    found = queries.overview(period, show=show, at=at) if period else None
    context = {"periods": periods, "found": found, "show": show if show in queries.STATES else "", "now": at}
    return render(request, "filings/countersigned.html", context)


def _chosen(periods: list[Period], asked: Mapping[str, str]) -> Period | None:
    """The period asked for by its code, of the plan asked for, else the newest one."""
    plan, code = asked.get("plan", ""), asked.get("period", "")
    of_plan = [period for period in periods if period.plan.code == plan] if plan else periods
    return next((p for p in of_plan if p.code == code), next(iter(of_plan or periods), None))

"""The filer's pages and verbs: what is owed, the filing desk, saving, submitting, taking back; and earlier quarters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permits import reader
from accounts.roles import Role
from filings.errors import AlreadyMoved, Incomplete, Refused
from filings.forms.entry import EntryForm, SubmitForm, VersionForm, copied_over
from filings.models import Entry, Filing
from filings.queries import desk as desk_page
from filings.queries import mine as lists
from filings.queries.threads import threads, told
from filings.queries.workbook import received as received_workbooks
from filings.rules import WRITABLE
from filings.services.access import window_of
from filings.services.entries import begin, previous_entries
from filings.services.entries import save_entry as save
from filings.services.moves import recall as take_back
from filings.services.moves import submit as hand_on
from filings.services.remarks import side_of
from filings.views.common import (
    STATUS_OF,
    load_entry,
    load_filing,
    number,
    permit,
    person,
    refused_json,
    refused_redirect,
    wants_json,
)
from filings.views.parts import refreshed
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local
from targets.asked import chosen_code

PER_PAGE = 20


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the departments of a filer owe."""
    home = lists.home(
        reader(request),
        department=number(request.GET.get("department")),
        plan=chosen_code(request),
        period=request.GET.get("period", ""),
        at=timezone.now(),
    )
    received = received_workbooks(home.sheet.filing) if home.sheet else []
    context = {"home": home, "sheet": home.sheet, "received": received, **told(person(request))}
    return render(request, "filings/mine.html", context)


@require_safe
def past(request: HttpRequest) -> HttpResponse:
    """Own departments' filings of earlier quarters."""
    page = Paginator(lists.earlier(reader(request)), PER_PAGE).get_page(request.GET.get("page"))
    lines = lists.lines_of(page.object_list, timezone.now())
    return render(request, "filings/past.html", {"page": page, "lines": lines})


@require_safe
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The filing desk at one entry: ?entry=ID, else where to go on; ?check=1 marks what is missing."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit(filing, user, Role.FILER)
    if filing.begun_at is None and filing.status in WRITABLE and window_of(filing, at).is_open:
        begin(filing=filing, at=at)  # a stamp, the same however often the page is opened
    return _desk(
        request, filing, at, entry_id=number(request.GET.get("entry")), is_check="check" in request.GET
    )


@require_POST
def save_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a draft of one entry; a script gets the refreshed parts of the page, a person the desk."""
    user, at = person(request), timezone.now()
    entry = load_entry(user, pk)
    filing = load_filing(user, entry.filing_id)
    if not wants_json(request):  # to a script the service's own refusal is said
        permit(filing, user, Role.FILER)
    form = EntryForm(_typed(request, entry), entry=entry)
    values, unparsed = form.outcome()
    try:
        saved = save(
            entry=entry,
            values=values,
            unparsed=unparsed,
            version=VersionForm(request.POST).seen(),
            by=user,
            at=at,
        )
    except Refused as refused:
        return not_saved(request, filing, form, refused, at)
    if wants_json(request):
        return _saved_json(request, filing, form, saved, at)
    return _saved_redirect(request, filing, saved)


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Filer → approver. What is missing is shown at its fields."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit(filing, user, Role.FILER)
    form = SubmitForm(request.POST)
    if not form.is_valid():
        return _desk(request, filing, at, submit_form=form, is_check=True, status=422)
    try:
        hand_on(filing=filing, checked_by=form.cleaned_data["checked_by"], by=user, at=at)
    except Incomplete as refused:
        messages.error(request, refused.sentence)
        entry_id = next(iter(refused.problems))
        return _desk(request, filing, at, entry_id=entry_id, submit_form=form, is_check=True, status=422)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:edit", pk)
    messages.success(request, f"{filing}已提交签发。签发前需要修改的，可以撤回。")
    return redirect("filings:mine")


@require_POST
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    """The filer takes the filing back before it is signed."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit(filing, user, Role.FILER)
    try:
        take_back(filing=filing, by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:edit", pk)
    messages.success(request, f"{filing}已撤回，可以继续修改。")
    return redirect("filings:edit", pk=pk)


def _desk(
    request: HttpRequest,
    filing: Filing,
    at: datetime,
    *,
    entry_id: int | None = None,
    form: EntryForm | None = None,
    submit_form: SubmitForm | None = None,
    is_check: bool = False,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Render the desk; `form` and `submit_form` carry what was typed and refused."""
    desk = desk_page.desk(filing, entry_id=entry_id, form=form, is_check=is_check, at=at)
    if desk is None:
        raise Http404("这份报送没有这一项。")
    submit_form = submit_form or SubmitForm(initial={"checked_by": desk.usual_checker})
    thread = threads(filing, [desk.entry], side_of(filing, person(request)))[desk.entry.pk]
    context = {"desk": desk, "sheet": desk.sheet, "submit_form": submit_form, "thread": thread, **more}
    return render(request, "filings/edit.html", context, status=status)


def _saved_redirect(request: HttpRequest, filing: Filing, saved: Entry) -> HttpResponse:
    messages.success(request, f"{zh.quoted(saved.title)}已保存 {_clock(saved)}")
    goes_on = number(request.POST.get("then"))
    entry_id = goes_on if goes_on is not None else saved.pk
    return redirect(_entry_url(filing.pk, entry_id))


def _saved_json(
    request: HttpRequest, filing: Filing, form: EntryForm, saved: Entry, at: datetime
) -> JsonResponse:
    """The new version, the parts of the page that depend on what was saved, and inputs that were filled in.

    `set` holds the fields that took somebody else's words, or that were left empty and that the system filled.
    """
    answer = refreshed(request, filing, saved, at)
    typed, values = form.typed(), answer.pop("values")
    taken = _taken(request)
    filled = {
        name: text for name, text in values.items() if name in taken or (text and not typed[name].strip())
    }
    return JsonResponse(
        {"ok": True, "version": saved.version, "saved_at": _clock(saved), "set": filled, **answer}
    )


def _typed(request: HttpRequest, entry: Entry) -> dict[str, str]:
    """What stands in the inputs, with what a button asked for: last quarter's words, or a colleague's."""
    data = {name: str(request.POST.get(name, "")) for name in request.POST}
    taken = _taken(request)
    if taken:
        stored = EntryForm.of(entry).typed()
        data |= {name: stored[name] for name in taken if name in stored}
    wanted = request.POST.get("copy", "")
    if wanted:
        before = previous_entries([entry], entry.filing.period).get(entry.pk)
        data |= copied_over(data, before, wanted)
    return data


def _taken(request: HttpRequest) -> set[str]:
    """Fields for which the writer chose what somebody else saved."""
    return {
        key.removeprefix("take_")
        for key, choice in request.POST.items()
        if key.startswith("take_") and choice == "theirs"
    }


def not_saved(
    request: HttpRequest, filing: Filing, form: EntryForm, refused: Refused, at: datetime
) -> HttpResponse:
    """Say why, and lose nothing: a script keeps its page, a person gets the desk with what was typed."""
    theirs = _theirs(form, request.POST.get("touched")) if isinstance(refused, AlreadyMoved) else None
    if wants_json(request):
        answer = refused_json(refused)
        if theirs is None:
            return answer
        panel = render_to_string(
            "filings/_conflict.html", {"theirs": theirs, "sentence": refused.sentence}, request
        )
        said = {"ok": False, "axis": refused.axis, "sentence": refused.sentence}
        return JsonResponse({**said, "version": theirs["version"], "panel": panel}, status=answer.status_code)
    if theirs is None:
        messages.error(request, f"未保存：{refused.sentence}您填写的内容仍在本页。")
    return _desk(
        request,
        filing,
        at,
        entry_id=form.entry.pk,
        form=form,
        status=STATUS_OF[refused.axis],
        theirs=theirs,
        unsaved=refused.sentence,
    )


def _theirs(form: EntryForm, touched: str | None) -> dict[str, Any]:
    """What somebody else saved meanwhile: version, address, and the fields that differ from what stands here.

    `touched` names, by comma, the fields changed on this page; a script knows them. What was not touched is
    proposed as the other one saved it.
    """
    entry = Entry.objects.for_page().get(pk=form.entry.pk)
    stored = EntryForm.of(entry)
    ours = form.typed()
    fields = [
        Differing(
            name=name,
            label=str(stored[name].label),
            theirs=_shown(entry, name, text),
            ours=_shown(entry, name, ours[name]),
            is_touched=touched is None or name in touched.split(","),
        )
        for name, text in stored.typed().items()
        if text.strip() != ours[name].strip()
    ]
    return {"version": entry.version, "fields": fields, "url": _entry_url(entry.filing_id, entry.pk)}


@dataclass(frozen=True)
class Differing:
    """One field that two people wrote differently."""

    name: str
    label: str
    theirs: str
    ours: str
    is_touched: bool


def _shown(entry: Entry, name: str, text: str) -> str:
    """What stands in an input, a choice by its word."""
    choices = dict(getattr(EntryForm.of(entry).fields[name], "choices", []))
    return str(choices.get(text, text)) if text else ""


def _entry_url(filing_id: int, entry_id: int) -> str:
    return f"{reverse('filings:edit', args=[filing_id])}?entry={entry_id}"


def _clock(entry: Entry) -> str:
    return f"{local(entry.edited_at):%H:%M}" if entry.edited_at else ""

"""The vintages of one reading side by side, and the office's form for a later one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permits import reader
from filings.errors import Refused
from filings.forms.vintage import VintageForm
from filings.models import Entry
from filings.services import vintages as services
from filings.services.access import can_review
from filings.terms import EntryKind, VintageKind


@require_safe
def vintages(request: HttpRequest, pk: int) -> HttpResponse:
    """The filed value and every later one with its document, who and when; which of them counts."""
    entry = _entry(request, pk)
    form = VintageForm(entry=entry) if can_review(entry.filing, reader(request)) else None
    return _page(request, entry, form)


@require_POST
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a later value. What was typed stays on the page when it is refused."""
    user, entry = reader(request), _entry(request, pk)
    if not can_review(entry.filing, user):
        raise PermissionDenied(f"核定值由{entry.filing.period.plan.office}登记，本单位的须由他人登记。")
    form = VintageForm(request.POST, entry=entry)
    if not form.is_valid():
        return _page(request, entry, form, status=422)
    data = form.cleaned_data
    try:
        made = services.record_vintage(
            entry=entry,
            kind=VintageKind(data["kind"]),
            values=form.values(),
            doc_no=data["doc_no"],
            doc_on=data["doc_on"],
            note=data["note"],
            by=user,
            at=timezone.now(),
        )
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, entry, form, status=422)
    messages.success(request, f"已登记{made.label}，{entry.filing.period}的数字随即重新汇总。")
    return redirect("filings:vintages", pk=entry.pk)


def _entry(request: HttpRequest, pk: int) -> Entry:
    found = Entry.objects.visible_to(reader(request)).filter(kind=EntryKind.READING).for_page()
    related = found.select_related("filing__period__plan__office", "filing__signed_by", "decided_by")
    return get_object_or_404(related, pk=pk)


def _page(request: HttpRequest, entry: Entry, form: VintageForm | None, *, status: int = 200) -> HttpResponse:
    rows = list(entry.vintages.select_related("by"))
    context = {
        "entry": entry,
        "indicator": entry.indicator,
        "plan": entry.filing.period.plan,
        "rows": rows,
        "in_force": services.in_force(rows),
        "form": form,
    }
    return render(request, "filings/vintages.html", context, status=status)

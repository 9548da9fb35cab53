"""The thread on an entry: its own page, and the verb that adds to it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from filings.errors import Refused
from filings.forms.office import RemarkForm
from filings.models import Entry, Filing
from filings.queries.threads import threads
from filings.services.remarks import say, side_of
from filings.views.common import STATUS_OF, load_entry, load_filing, person


@require_safe
def thread(request: HttpRequest, pk: int) -> HttpResponse:
    """What was said about one entry, for whoever may see it."""
    user = person(request)
    entry = load_entry(user, pk)
    return _page(request, load_filing(user, entry.filing_id), entry)


def _page(
    request: HttpRequest, filing: Filing, entry: Entry, form: RemarkForm | None = None, status: int = 200
) -> HttpResponse:
    found = threads(filing, [entry], side_of(filing, person(request)))[entry.pk]
    context = {"filing": filing, "entry": entry, "thread": found, "remark_form": form or RemarkForm()}
    return render(request, "filings/thread.html", context, status=status)


@require_POST
def remark(request: HttpRequest, pk: int) -> HttpResponse:
    """Add one message; what cannot be accepted is shown on the thread's page as it was typed."""
    user, at = person(request), timezone.now()
    entry = load_entry(user, pk)
    filing = load_filing(user, entry.filing_id)
    if side_of(filing, user) is None:
        raise PermissionDenied("往来意见由填报单位和审核人填写，您可以查看。")
    form = RemarkForm(request.POST)
    if not form.is_valid():
        return _page(request, filing, entry, form, status=422)
    try:
        say(entry=entry, text=form.cleaned_data["text"], by=user, at=at)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, load_filing(user, filing.pk), entry, form, status=STATUS_OF[refused.axis])
    messages.success(request, "意见已发出，对方在往来意见中可以看到。")
    return redirect(_back(form.cleaned_data["back"], filing, entry))


def _back(page: str, filing: Filing, entry: Entry) -> str:
    """Where the message was written."""
    if page in ("review", "edit"):
        return f"{reverse(f'filings:{page}', args=[filing.pk])}?entry={entry.pk}#thread"
    if page == "detail":
        return f"{reverse('filings:detail', args=[filing.pk])}#entry-{entry.pk}"
    return reverse("filings:thread", args=[entry.pk])

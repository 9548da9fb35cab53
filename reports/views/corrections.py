"""Correcting an accepted entry of a closed quarter: what was, what should be, and why; makes the next version."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permits import reader
from filings.errors import Refused
from filings.forms.entry import EntryForm
from filings.models import Entry
from filings.services.access import can_review
from filings.terms import Decision
from reports.forms import ReasonForm
from reports.services import correct as correct_entry


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Form and verb of one correction. What was typed stays on the page when it is refused."""
    user = reader(request)
    found = Entry.objects.visible_to(user).for_page().select_related("filing__period__plan__office")
    entry = get_object_or_404(found, pk=pk)
    if not can_review(entry.filing, user):
        raise PermissionDenied(f"更正由{entry.filing.period.plan.office}办理，本单位的更正须由他人办理。")
    if entry.decision != Decision.ACCEPTED or entry.filing.period.closed_at is None:
        raise Http404("只有关账后的已采纳填报项可以更正。")
    form = EntryForm(request.POST.dict(), entry=entry) if request.method == "POST" else EntryForm.of(entry)
    reason = ReasonForm(request.POST or None)
    refusal = ""
    if request.method == "POST" and form.is_valid() and reason.is_valid():
        try:
            made = correct_entry(
                entry=entry,
                values=form.outcome()[0],
                reason=reason.cleaned_data["reason"],
                by=user,
                at=timezone.now(),
            )
        except Refused as refused:
            refusal = refused.sentence
        else:
            messages.success(request, f"已更正，并发布{made}。原版本仍可查看。")
            return redirect("reports:publication", pk=made.pk)
    context = {
        "entry": entry,
        "form": form,
        "reason": reason,
        "refusal": refusal,
        "plan": entry.filing.period.plan,
    }
    return render(request, "reports/correct.html", context, status=422 if request.method == "POST" else 200)

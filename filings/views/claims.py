"""Claiming a filing for review, giving it back, and taking it over."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from filings.errors import Refused
from filings.forms.office import ReasonForm
from filings.services import claims
from filings.views.common import STATUS_OF, load_filing, person, refused_redirect
from filings.views.review import permit_deciding, show_desk, to_queue


@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a waiting filing for review."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit_deciding(user, filing)
    try:
        claims.claim(filing=filing, by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", pk)
    messages.success(request, f"您已认领{filing}的审核。")
    return redirect("filings:review", pk=pk)


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a claimed filing back to the queue."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit_deciding(user, filing)
    try:
        claims.release(filing=filing, by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:review", pk)
    messages.success(request, f"{filing}已放回待审，其他审核人可以认领。")
    return to_queue(request)


@require_POST
def take_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a filing over from another reviewer."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit_deciding(user, filing)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show_desk(request, filing, at, take_form=form, status=422)
    data = form.cleaned_data
    try:
        claims.take_over(filing=filing, reason=data["reason"], seen=data["holder"], by=user, at=at)
    except Refused as refused:
        typed = request.POST.copy()
        filing = load_filing(user, pk)
        typed["take-holder"] = str(filing.claimed_by_id or "")
        form = ReasonForm(typed)
        form.add_error("reason" if refused.axis == "content" else None, refused.sentence)
        return show_desk(request, filing, at, take_form=form, status=STATUS_OF[refused.axis])
    messages.success(request, f"您已接手{filing}的审核。")
    return redirect("filings:review", pk=pk)

"""Closing a quarter, its published versions, and corrections."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permits import reader
from accounts.roles import Role
from filings.errors import Refused
from filings.models import Period
from reports.editions import Edition
from reports.forms import ReasonForm
from reports.models import Publication
from reports.queries import ledes
from reports.queries.publications import changes, headline, period_rows, versions_of
from reports.services import publish as publish_period
from reports.views.common import look


@require_safe
def publications(request: HttpRequest) -> HttpResponse:
    """Every quarter with its versions; the office closes and republishes here."""
    seen = look(request)
    rows = period_rows(seen.plan)
    published = [row for row in rows if row.versions]
    context = seen.context(request) | {
        "rows": rows,
        "published": published,
        "lede": ledes.publications(rows),
        "is_office": seen.user.holds(Role.OFFICE),
        "now": timezone.now(),
        "known": None,  # every version with its day stands here
        "keeps_known": False,
    }
    return render(request, "reports/publications.html", context)


@require_safe
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: what it is, what it changed, where its figures and its bulletin are."""
    found = Publication.objects.visible_to(reader(request)).select_related("period__plan__office", "by")
    version = get_object_or_404(found, pk=pk)
    edition, versions = Edition(version.period, version, version.at), versions_of(version.period)
    context = {
        "publication": version,
        "plan": version.period.plan,
        "headline": headline(version),
        "changes": changes(version),
        "versions": versions,
        "newer": versions[0] if versions[0].version > version.version else None,
        "edition_query": edition.query,
        "data_as_of": edition.as_of_words,
    }
    return render(request, "reports/publication.html", context)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a quarter with version 1, or publish a further version with its reason."""
    user = reader(request)
    period = get_object_or_404(Period.objects.visible_to(user).select_related("plan__office"), pk=pk)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied(f"发布由{period.plan.office}办理。")
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        made = publish_period(period=period, reason=reason, by=user, at=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("reports:publications")
    messages.success(request, f"{made}已发布，数字已冻结，可以起草季度通报。")
    return redirect("reports:publication", pk=made.pk)

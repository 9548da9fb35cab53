"""Files to take away: tables as .xlsx and the quarterly bulletin as .docx."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permits import reader
from filings.models import Period
from harbor_plan.lib.download import DOCX, XLSX, attachment
from reports.bulletin import bulletin_file
from reports.exports import responsibility_file, state_file
from reports.forms import ResponsibilityFilter
from reports.models import Publication
from reports.views.common import known_day, look


@require_safe
def responsibilities(request: HttpRequest) -> HttpResponse:
    """The responsibility table with the page's own filter and edition."""
    seen = look(request)
    chosen = ResponsibilityFilter(request.GET, user=seen.user).chosen()
    file = responsibility_file(
        plan=seen.plan, edition=seen.edition, chosen=chosen, by=seen.user, at=timezone.now()
    )
    return attachment(file.content, file.name, XLSX)


@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """How a quarter's filing stands; people of a department get their own rows."""
    user = reader(request)
    period = get_object_or_404(Period.objects.visible_to(user).select_related("plan__office"), pk=pk)
    file = state_file(period=period, by=user, at=timezone.now(), known=known_day(request))
    return attachment(file.content, file.name, XLSX)


@require_safe
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft of the quarterly bulletin on one publication, for the office and leaders."""
    user = reader(request)
    found = Publication.objects.visible_to(user).select_related("period__plan__office")
    publication = get_object_or_404(found, pk=pk)
    if not user.reads_all:
        raise PermissionDenied(f"季度通报由{publication.period.plan.office}起草，领导可以查看。")
    file = bulletin_file(publication=publication, by=user, at=timezone.now())
    return attachment(file.content, file.name, DOCX)

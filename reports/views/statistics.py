"""Pages about filing itself: how complete and punctual it is, and what it costs those who file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permits import reader
from accounts.roles import Role
from filings.models import Period
from reports.editions import end_of_day
from reports.queries import burden as burden_meter
from reports.queries import completeness as counted
from reports.views.common import known_day
from targets.asked import plan_asked

#: Ways to look at completeness, in the order of the page.
BY = {"department": "按单位", "task": "按任务", "action": "按行动", "quarter": "按季度"}


@require_safe
def completeness(request: HttpRequest) -> HttpResponse:
    """Expected, filed, on time, returned and accepted: ?by=department, task, action or quarter; ?period=2020Q4.

    With ?known=2020-11-05 as it stood at the end of that day.
    """
    user = reader(request)
    if not user.reads_all:
        raise PermissionDenied("完整率和时效由牵头办公室和领导查看；本单位的情况见“责任单位”页。")
    known = known_day(request)
    before = end_of_day(known) if known else None
    periods = _periods(request, before)
    by = request.GET.get("by", "department")
    if by not in BY:
        raise Http404("没有这种统计。")
    period, at = _chosen(request, periods, before), before or timezone.now()
    context: dict[str, Any] = {
        "by": by,
        "ways": BY.items(),
        "periods": periods,
        "period": period,
        "now": timezone.now(),
        "known": known,
        "keeps_known": True,
    }
    if period:
        context |= {"report": getattr(counted, f"by_{by}")(period, at, before), "is_due": at > period.due_at}
    return render(request, "reports/completeness.html", context)


@require_safe
def burden(request: HttpRequest) -> HttpResponse:
    """What one quarter's filing asked of each department, and what each field is used for. The office only."""
    user = reader(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied("填报负担由牵头办公室查看。")
    periods = _periods(request)
    period = _chosen(request, periods)
    context: dict[str, Any] = {
        "periods": periods,
        "period": period,
        "now": timezone.now(),
        "uses": burden_meter.uses(),
    }
    if period:
        context["report"] = burden_meter.burden(period)
    return render(request, "reports/burden.html", context)


def _periods(request: HttpRequest, before: datetime | None = None) -> list[Period]:
    plan = plan_asked(request)
    return list(counted.choices(plan, before)) if plan else []


def _chosen(request: HttpRequest, periods: list[Period], before: datetime | None = None) -> Period | None:
    """The quarter asked for, else the newest; 404 for one that is not there, None while there is none at all.

    Of the past, one that was opened only later gives way to the newest of the day.
    """
    code = request.GET.get("period", "")
    if not code:
        return periods[0] if periods else None
    found = next((period for period in periods if period.code == code), None)
    if found is None and before and any(period.code == code for period in _periods(request)):
        return periods[0] if periods else None
    if found is None:
        raise Http404("没有这个季度。")
    return found

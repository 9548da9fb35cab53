"""The office's desk, and reminding from it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from filings.errors import Refused
from filings.models import Period
from filings.queries import waiting as waiting_queries
from filings.views.common import person
from reports.queries.trend import trend
from supervision import queries, services
from supervision.forms.desk import DeskFilter, RemindForm
from supervision.models import Notice
from targets.asked import asked_plan

#: Waiting filings shown on the desk; the queue has them all.
WAITING_SHOWN = 8


def _need_reader(user: User) -> None:
    if not user.reads_all:
        raise PermissionDenied("工作台供方案牵头办公室使用。")


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Who has filed what for a period, who waits for review, who was reminded."""
    user, at = person(request), timezone.now()
    plan = asked_plan(request)
    _need_reader(user)
    opened = list(Period.objects.visible_to(user).filter(plan=plan).opened())
    if not opened:
        return render(request, "supervision/desk_empty.html", {"plan": plan})
    period = _period(opened, request.GET.get("period", ""))
    period.plan = plan
    matrix = queries.matrix(period, at=at)
    form = DeskFilter(request.GET, matrix=matrix)
    waiting = waiting_queries.queue(
        waiting_queries.waiting_filings(user).filter(period=period), user=user, at=at
    )
    context = {
        "period": period,
        "periods": opened,
        "matrix": matrix,
        "totals": matrix.totals,
        "form": form,
        "shown": form.shown(),
        "trend": trend(period, opened, at=at),
        "waiting": waiting[:WAITING_SHOWN],
        "waiting_count": len(waiting),
        "slow_count": sum(row.is_slow for row in waiting),
        "notices": queries.recent_notices(period, user=user),
        "may_remind": user.holds(Role.OFFICE) and period.closed_at is None,
        "now": at,
    }
    return render(request, "supervision/desk.html", context)


def _period(opened: list[Period], code: str) -> Period:
    """The period asked for, 404 when it is none of these; the newest one when none is asked for."""
    if not code:
        return opened[0]
    period = next((period for period in opened if period.code == code), None)
    if period is None:
        raise Http404("没有这个填报期，或尚未开放。")
    return period


@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Remind one department, all that the page listed as missing, or whoever owes something of one task."""
    user, at = person(request), timezone.now()
    periods = Period.objects.visible_to(user).select_related("plan__office")
    pk = request.POST.get("period", "")
    period = get_object_or_404(periods, pk=pk if pk.isdecimal() and len(pk) < 19 else None)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied(f"催办由{period.plan.office}发出。")
    form = RemindForm(request.POST, plan=period.plan)
    if not form.is_valid():
        messages.error(request, form.sentence)
        return redirect(_desk_url(period))
    try:
        sent = services.remind(period=period, **form.chosen(), by=user, at=at)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"已向{_names(sent)}发出催办。")
    return redirect(_desk_url(period))


def _desk_url(period: Period) -> str:
    return f"{reverse('supervision:desk')}?plan={period.plan.code}&period={period.code}"


def _names(notices: list[Notice]) -> str:
    """Up to three departments by name, more by number."""
    names = "、".join(notice.department.name for notice in notices[:3])
    return names if len(notices) <= 3 else f"{names}等 {len(notices)} 家"

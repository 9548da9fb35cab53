"""The office's list of periods: setting one up, opening it, giving a department more time."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

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
from filings.forms.office import ExtensionForm, PeriodForm, QuarterForm
from filings.models import Period
from filings.queries import waiting as queries
from filings.services import windows
from filings.views.common import STATUS_OF, person
from targets.models import Plan


def _office(request: HttpRequest) -> User:
    """The office runs the periods; others get 403."""
    user = person(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied("填报期由方案牵头办公室管理。")
    return user


def _plan(request: HttpRequest) -> Plan:
    """The plan asked for by its code, else the newest one; 404 when there is none to see."""
    plans = Plan.objects.visible_to(request.user).select_related("office").order_by("-starts_on", "code")
    code = request.GET.get("plan")
    plan = (plans.filter(code=code) if code else plans).first()
    if plan is None:
        raise Http404("没有这个方案。")
    return plan


def _period(request: HttpRequest, pk: int) -> Period:
    periods = Period.objects.visible_to(request.user).select_related("plan__office")
    return get_object_or_404(periods, pk=pk)


def _url(period: Period) -> str:
    return f"{reverse('filings:periods')}?plan={period.plan.code}&period={period.code}"


@require_safe
def periods(request: HttpRequest) -> HttpResponse:
    """Every period of a plan; one of them with its extensions."""
    plan = _plan(request)
    user = _office(request)
    return _page(request, user, plan, timezone.now(), code=request.GET.get("period", ""))


def _page(
    request: HttpRequest,
    user: User,
    plan: Plan,
    at: datetime,
    *,
    code: str,
    period_form: PeriodForm | None = None,
    extension_form: ExtensionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with a form that could not be accepted shown as it was typed."""
    rows = queries.period_rows(plan, user=user, at=at)
    opened = [row for row in rows if row.period.opened_at]
    chosen = next((row for row in rows if row.period.code == code), next(iter(opened), None))
    quarter_form = QuarterForm(request.GET if "year" in request.GET else None, plan=plan)
    quarter = quarter_form.chosen() or queries.next_quarter(plan, rows)
    if quarter and not quarter_form.is_bound:
        quarter_form = QuarterForm(plan=plan, initial={"year": quarter.year, "quarter": quarter.number})
    if period_form is None and quarter:
        period_form = PeriodForm.proposed(quarter, plan=plan, at=at)
    if extension_form is None and chosen and chosen.period.opened_at:
        extension_form = ExtensionForm(period=chosen.period)
    context = {
        "plan": plan,
        "plans": Plan.objects.visible_to(user).order_by("-starts_on", "code"),
        "rows": rows,
        "chosen": chosen,
        "extensions": queries.extensions_recorded(chosen.period) if chosen else [],
        "counts": (counts := Counter(row.state for row in rows)),
        "writable": counts["open"] + counts["due"],
        "quarter_form": quarter_form,
        "period_form": period_form,
        "extension_form": extension_form,
        "now": at,
    }
    return render(request, "filings/periods.html", context, status=status)


@require_POST
def create_period(request: HttpRequest) -> HttpResponse:
    """Set up a quarter's window."""
    plan = _plan(request)
    user, at = _office(request), timezone.now()
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _page(request, user, plan, at, code="", period_form=form)
    try:
        period = windows.create_period(plan=plan, **form.values(), by=user, at=at)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, user, plan, at, code="", period_form=form, status=STATUS_OF[refused.axis])
    messages.success(request, f"已建立{period}的填报期。")
    return redirect(_url(period))


@require_POST
def open_period(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a period now, before its time."""
    period = _period(request, pk)
    user, at = _office(request), timezone.now()
    try:
        windows.open_now(period=period, by=user, at=at)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{period}已开放填报。")
    return redirect(_url(period))


@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one department more time, before or after the deadline."""
    period = _period(request, pk)
    user, at = _office(request), timezone.now()
    form = ExtensionForm(request.POST, period=period)
    if not form.is_valid():
        return _page(request, user, period.plan, at, code=period.code, extension_form=form)
    data = form.cleaned_data
    try:
        extension = windows.extend(
            period=period,
            department=data["department"],
            until=form.until(),
            reason=data["reason"],
            approver=data["approver"],
            by=user,
            at=at,
        )
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(
            request,
            user,
            period.plan,
            at,
            code=period.code,
            extension_form=form,
            status=STATUS_OF[refused.axis],
        )
    messages.success(request, f"已登记{extension.department}延期。")
    return redirect(_url(period))

"""The office's list of periods: setting one up, opening and changing it, extensions and exemptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from filings.errors import Refused
from filings.forms.windows import (
    DatesForm,
    ExemptionForm,
    ExtensionForm,
    PeriodForm,
    QuarterForm,
    WithdrawForm,
)
from filings.models import Exemption, Period
from filings.queries import waiting as queries
from filings.queries import windows as window_queries
from filings.services import exemptions, schedule, windows
from filings.views.common import STATUS_OF, person
from targets.asked import asked_plan
from targets.models import Plan


def _office(request: HttpRequest) -> User:
    """The office runs the periods; others get 403."""
    user = person(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied("填报期由方案牵头办公室管理。")
    return user


def _period(request: HttpRequest, pk: int) -> Period:
    periods = Period.objects.visible_to(request.user).select_related("plan__office")
    return get_object_or_404(periods, pk=pk)


def _url(period: Period) -> str:
    return f"{reverse('filings:periods')}?plan={period.plan.code}&period={period.code}"


@require_safe
def periods(request: HttpRequest) -> HttpResponse:
    """Every period of a plan; one of them with its extensions, exemptions and changed dates."""
    plan = asked_plan(request)
    user = _office(request)
    return _page(request, user, plan, timezone.now(), code=request.GET.get("period", ""))


def _page(
    request: HttpRequest,
    user: User,
    plan: Plan,
    at: datetime,
    *,
    code: str,
    status: int = 200,
    **refused: forms.Form,
) -> HttpResponse:
    """The page; `refused` are forms that could not be accepted, by their name there, shown as they were typed."""
    rows = queries.period_rows(plan, user=user, at=at)
    opened = [row for row in rows if row.period.opened_at]
    chosen = next((row for row in rows if row.period.code == code), next(iter(opened), None))
    quarter_form = QuarterForm(request.GET if "year" in request.GET else None, plan=plan)
    quarter = quarter_form.chosen() or queries.next_quarter(plan, rows)
    if quarter and not quarter_form.is_bound:
        quarter_form = QuarterForm(plan=plan, initial={"year": quarter.year, "quarter": quarter.number})
    context = {
        "plan": plan,
        "plans": Plan.objects.visible_to(user).order_by("-starts_on", "code"),
        "rows": rows,
        "chosen": chosen,
        "counts": (counts := Counter(row.state for row in rows)),
        "writable": counts["open"] + counts["due"],
        "quarter_form": quarter_form,
        "period_form": PeriodForm.proposed(quarter, plan=plan, at=at) if quarter else None,
        **(_about(chosen.period) if chosen else {}),
        "now": at,
        **refused,
    }
    return render(request, "filings/periods.html", context, status=status)


def _about(period: Period) -> dict[str, Any]:
    """What stands beside the chosen period, and the forms it can take."""
    is_open = period.opened_at is not None
    return {
        "extensions": queries.extensions_recorded(period),
        "exemptions": window_queries.exemptions_recorded(period),
        "changes": window_queries.date_changes(period),
        "extension_form": ExtensionForm(period=period) if is_open else None,
        "exemption_form": ExemptionForm(period=period) if is_open and not period.closed_at else None,
        "dates_form": DatesForm.of(period) if not period.closed_at else None,
    }


@require_POST
def create_period(request: HttpRequest) -> HttpResponse:
    """Set up a quarter's window."""
    plan = asked_plan(request)
    user, at = _office(request), timezone.now()
    form = PeriodForm(request.POST)
    if not form.is_valid():
        return _page(request, user, plan, at, code="", period_form=form, status=422)
    data = form.cleaned_data
    try:
        period, window = schedule.set_up(
            plan=plan, year=data["year"], quarter=data["quarter"], window=form.window(), by=user, at=at
        )
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, user, plan, at, code="", period_form=form, status=STATUS_OF[refused.axis])
    messages.success(request, f"已建立{period}的填报期。{_moved(window.notes)}")
    return redirect(_url(period))


def _moved(notes: Iterable[str]) -> str:
    return "".join(f"{note}。" for note in notes)


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
def change_dates(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the window of a period that is not closed."""
    period = _period(request, pk)
    user, at = _office(request), timezone.now()
    form = DatesForm(request.POST)
    if not form.is_valid():
        return _page(request, user, period.plan, at, code=period.code, dates_form=form, status=422)
    try:
        notes = schedule.change_dates(
            period=period, window=form.window(), reason=form.cleaned_data["reason"], by=user, at=at
        )
    except Refused as refused:
        return _refused(request, user, period, at, form, "dates_form", refused)
    messages.success(request, f"已改动{period}的时限。{_moved(notes)}")
    return redirect(_url(period))


@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one department more time, before or after the deadline."""
    period = _period(request, pk)
    user, at = _office(request), timezone.now()
    form = ExtensionForm(request.POST, period=period)
    if not form.is_valid():
        return _page(request, user, period.plan, at, code=period.code, extension_form=form, status=422)
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
        return _refused(request, user, period, at, form, "extension_form", refused)
    messages.success(request, f"已登记{extension.department}延期。")
    return redirect(_url(period))


@require_POST
def exempt(request: HttpRequest, pk: int) -> HttpResponse:
    """A department owes nothing in this period."""
    period = _period(request, pk)
    user, at = _office(request), timezone.now()
    form = ExemptionForm(request.POST, period=period)
    if not form.is_valid():
        return _page(request, user, period.plan, at, code=period.code, exemption_form=form, status=422)
    try:
        exemption = exemptions.exempt(period=period, **form.cleaned_data, by=user, at=at)
    except Refused as refused:
        return _refused(request, user, period, at, form, "exemption_form", refused)
    messages.success(request, f"已登记{exemption.department}免报，不再催报，也不计入应报。")
    return redirect(_url(period))


@require_POST
def withdraw_exemption(request: HttpRequest, pk: int) -> HttpResponse:
    """The department owes its filing again."""
    periods = Period.objects.visible_to(request.user)
    found = Exemption.objects.filter(period__in=periods).select_related("department", "period__plan__office")
    exemption = get_object_or_404(found, pk=pk)
    user, at = _office(request), timezone.now()
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请写明撤销免报的理由，最多 300 字。")
        return redirect(_url(exemption.period))
    try:
        exemptions.withdraw_exemption(exemption=exemption, reason=form.cleaned_data["reason"], by=user, at=at)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"已撤销{exemption.department}的免报，该单位恢复应报。")
    return redirect(_url(exemption.period))


def _refused(
    request: HttpRequest,
    user: User,
    period: Period,
    at: datetime,
    form: forms.Form,
    name: str,
    refused: Refused,
) -> HttpResponse:
    """The page with the form as it was typed and the sentence on top of it."""
    form.add_error(None, refused.sentence)
    return _page(
        request, user, period.plan, at, code=period.code, status=STATUS_OF[refused.axis], **{name: form}
    )

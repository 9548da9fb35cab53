"""The years, one year's ranking, one department's sheet, and the verbs of the office."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from assessment import queries, services
from assessment.forms import AdjustForm
from assessment.models import Line, Result, Scheme
from filings.errors import Refused
from targets.asked import asked_plan
from targets.models import Plan


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every year of the plan, and how far its assessment is."""
    user = _person(request)
    plan = _plan(request, user)
    context = {"plan": plan, "years": queries.years(plan, user), "sees_all": user.reads_all}
    return render(request, "assessment/overview.html", context)


@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    """One year: the ranking within each class, and who is not ranked."""
    user = _person(request)
    scheme = _scheme(request, user, year)
    return render(
        request, "assessment/year.html", {"page": queries.year_page(scheme, user, at=timezone.now())}
    )


@require_safe
def sheet(request: HttpRequest, year: int, department: int) -> HttpResponse:
    """One department's sheet; `?line=ID` or `?line=all` shows where the points come from."""
    user = _person(request)
    scheme = _scheme(request, user, year)
    results = Result.objects.visible_to(user).for_page()
    result = get_object_or_404(results, scheme=scheme, department=department)
    return _sheet(request, result, user, request.GET.get("line", ""))


@require_POST
def compute(request: HttpRequest, year: int) -> HttpResponse:
    """Score the year from the figures as they are now."""
    user = _person(request)
    scheme = _scheme(request, user, year)
    _permit_office(scheme, user)
    try:
        scheme = services.compute(scheme=scheme, by=user, at=timezone.now())
    except Refused as refused:
        messages.error(request, f"没有计算：{refused.sentence}")
    else:
        messages.success(request, f"已计算{scheme.year}年度得分，数据为{queries.basis_words(scheme)}。")
    return redirect(_address(scheme))


@require_POST
def finalise(request: HttpRequest, year: int) -> HttpResponse:
    """Freeze the year."""
    user = _person(request)
    scheme = _scheme(request, user, year)
    _permit_office(scheme, user)
    try:
        scheme = services.finalise(scheme=scheme, by=user, at=timezone.now())
    except Refused as refused:
        messages.error(request, f"没有审定：{refused.sentence}")
    else:
        messages.success(request, f"{scheme.year}年度考核已审定，结果不再变动。")
    return redirect(_address(scheme))


@require_POST
def adjust(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the points of one line, with a reason. What was typed comes back with the reason of a refusal."""
    user = _person(request)
    lines = Line.objects.visible_to(user).select_related(
        "result__scheme__plan__office", "result__department", "result__unit_class"
    )
    line = get_object_or_404(lines, pk=pk)
    _permit_adjuster(line.result, user)
    form, status = AdjustForm(request.POST, line=line), 422
    if form.is_valid():
        try:
            services.adjust(line=line, **form.cleaned_data, by=user, at=timezone.now())
        except Refused as refused:
            messages.error(request, f"没有保存：{refused.sentence}")
            line.refresh_from_db()
            form, status = form.seen_again(line), 422 if refused.axis == "content" else 409
        else:
            messages.success(request, f"“{line.name}”的得分已调整，合计和名次已更新。")
            return redirect(f"{_address(line.result.scheme, line.result)}&line={line.pk}#line-{line.pk}")
    result = Result.objects.for_page().get(pk=line.result_id)
    return _sheet(request, result, user, str(line.pk), form, status=status)


def _person(request: HttpRequest) -> User:
    """Whoever is signed in; every page asks for sign-in."""
    return cast(User, request.user)


def _plan(request: HttpRequest, user: User) -> Plan:
    """The plan an address names, or the newest one. 404 for whoever has no part in any."""
    return asked_plan(request)


def _scheme(request: HttpRequest, user: User, year: int) -> Scheme:
    schemes = Scheme.objects.visible_to(user).select_related("plan__office", "finalised_by")
    return get_object_or_404(schemes, plan=_plan(request, user), year=year)


def _address(scheme: Scheme, result: Result | None = None) -> str:
    """The page of a year, or of a department in it, with the plan named."""
    if result is None:
        path = reverse("assessment:year", args=[scheme.year])
    else:
        path = reverse("assessment:sheet", args=[scheme.year, result.department_id])
    return f"{path}?{urlencode({'plan': scheme.plan.code})}"


def _permit_office(scheme: Scheme, user: User) -> None:
    """403 for a reader who is not of the office."""
    try:
        services.need_office(scheme, user)
    except Refused as refused:
        raise PermissionDenied(refused.sentence) from refused


def _permit_adjuster(result: Result, user: User) -> None:
    """403 for a reader who may not adjust this sheet."""
    try:
        services.need_adjuster(result, result.scheme, user)
    except Refused as refused:
        raise PermissionDenied(refused.sentence) from refused


def _sheet(
    request: HttpRequest,
    result: Result,
    user: User,
    open_line: str,
    form: AdjustForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a sheet; `form` carries what the office typed for the open line and was refused."""
    page = queries.sheet_page(result, user, open_line=open_line)
    if not page.no_touch and open_line != "all":
        for row in page.open_rows:
            row.form = form if form and str(row.line.pk) == open_line else AdjustForm(line=row.line)
    return render(request, "assessment/sheet.html", {"page": page}, status=status)

"""Reorganisations: the list, the form to prepare one, its preview, who takes what, and the step itself."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.permits import reader
from accounts.roles import Role
from departments.models import Succession
from harbor_plan.lib.moments import local_day
from harbor_plan.lib.refusals import STATUS_OF, Refused
from reports import reorganisation as services
from reports.reorganisation.forms import ChoicesForm, SuccessionForm
from reports.reorganisation.operation import Outcome
from reports.reorganisation.passing import things


def _office(request: HttpRequest) -> User:
    user = reader(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied("机构变动由方案牵头办公室办理。")
    return user


def _known(user: User) -> QuerySet[Succession]:
    found = Succession.objects.visible_to(user).select_related("prepared_by", "applied_by")
    return found.prefetch_related("units__department")


@require_safe
def reorganisations(request: HttpRequest) -> HttpResponse:
    """Every operation, those to be applied first, and the form to prepare another."""
    return _list(request, _office(request), None)


def _list(request: HttpRequest, user: User, form: SuccessionForm | None, status: int = 200) -> HttpResponse:
    rows = list(_known(user).order_by(F("applied_at").desc(nulls_first=True), "effective_on", "pk"))
    context = {
        "rows": rows,
        "waiting": sum(not row.is_applied for row in rows),
        "form": form or SuccessionForm(today=local_day(timezone.now())),
    }
    return render(request, "reports/reorganisations.html", context, status=status)


@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    """Keep an operation, and show what it would do."""
    user, at = _office(request), timezone.now()
    form = SuccessionForm(request.POST, today=local_day(at))
    if not form.is_valid():
        return _list(request, user, form, status=422)
    try:
        made = services.prepare(draft=form.draft(), by=user, at=at)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _list(request, user, form, status=STATUS_OF[refused.axis])
    messages.success(request, f"已登记“{made}”，请核对下面的变动后办理。")
    return redirect("reports:reorganisation", pk=made.pk)


@require_safe
def reorganisation(request: HttpRequest, pk: int) -> HttpResponse:
    """One operation: what it would do, or did."""
    user = _office(request)
    return _page(request, user, get_object_or_404(_known(user), pk=pk))


def _page(
    request: HttpRequest, user: User, found: Succession, form: ChoicesForm | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, object] = {"succession": found}
    if found.is_applied:
        rows = found.handovers.select_related("before", "after")
        context["outcome"] = Outcome(list(rows))
        return render(request, "reports/reorganisation.html", context, status=status)
    context["form"] = form or _choices(found)
    try:
        context["outcome"] = services.preview(succession=found, by=user, at=timezone.now())
    except Refused as refused:
        context["refusal"] = refused.sentence
    return render(request, "reports/reorganisation.html", context, status=status)


def _choices(found: Succession, data: dict[str, str] | None = None) -> ChoicesForm | None:
    if not found.is_divided:
        return None
    open_things = [
        thing
        for unit in found.before
        if unit.department
        for thing in things(unit.department, found.effective_on)
    ]
    return ChoicesForm(data, succession=found, things=open_things)


@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep who takes what."""
    user = _office(request)
    found = get_object_or_404(_known(user), pk=pk)
    form = None if found.is_applied else _choices(found, request.POST.dict())
    if form is not None and not form.is_valid():
        return _page(request, user, found, form, status=422)
    try:
        chosen = form.chosen() if form else {}
        services.choose(succession=found, choices=chosen, by=user, at=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "已保存承接安排，请核对下面的变动。")
    return redirect("reports:reorganisation", pk=pk)


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Carry the operation out as it was previewed."""
    user = _office(request)
    found = get_object_or_404(_known(user), pk=pk)
    try:
        done = services.apply(succession=found, seen=request.POST.get("seen", ""), by=user, at=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"已办理“{found}”，变动 {len(done.handovers)} 项。")
    return redirect("reports:reorganisation", pk=pk)


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an operation that was not applied."""
    user = _office(request)
    found = get_object_or_404(_known(user), pk=pk)
    name = str(found)
    try:
        services.withdraw(succession=found, by=user, at=timezone.now())
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("reports:reorganisation", pk=pk)
    messages.success(request, f"已删除“{name}”的登记。")
    return redirect("reports:reorganisations")

"""Naming the members of a group: what would change, then one step."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from departments.models import Department, Kind
from filings.errors import Refused
from filings.forms.members import MembersForm
from filings.services import members as services
from filings.views.common import STATUS_OF, person
from tasks.models import Responsibility


def _office(request: HttpRequest) -> User:
    user = person(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied("成员单位由方案牵头办公室明确。")
    return user


@require_safe
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """The form; with ?members=…&on=… also what naming them would change."""
    _office(request)
    found = get_object_or_404(Department, pk=pk, kind=Kind.GROUP)
    if "on" not in request.GET:
        return _page(request, found, MembersForm())
    form = MembersForm(request.GET)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        naming = services.preview(found, **form.values())
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, found, form, status=STATUS_OF[refused.axis])
    return _page(request, found, form, naming=naming)


def _page(
    request: HttpRequest,
    found: Department,
    form: MembersForm,
    *,
    naming: services.Naming | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = Responsibility.objects.filter(department=found).select_related("task__action")
    context = {"group": found, "rows": rows, "form": form, "naming": naming}
    return render(request, "filings/group.html", context, status=status)


@require_POST
def name_members(request: HttpRequest, pk: int) -> HttpResponse:
    """End the group's rows and begin its members'."""
    user, at = _office(request), timezone.now()
    found = get_object_or_404(Department, pk=pk, kind=Kind.GROUP)
    form = MembersForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        naming = services.name_members(group=found, **form.values(), by=user, at=at)
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, found, form, status=STATUS_OF[refused.axis])
    messages.success(
        request, f"已明确{found}的成员单位：{len(naming.ends)} 条责任结束，{len(naming.begins)} 条责任生效。"
    )
    return redirect("filings:group", pk=pk)

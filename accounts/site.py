"""The administration's front: who comes in, and what is seen first."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from accounts.roles import ADMINISTERS

#: Sections in the order of a reader of the plan; others follow.
SECTIONS = ("targets", "actions", "tasks", "filings", "departments", "accounts", "supervision", "audit")


class Administration(AdminSite):
    """Open to whoever holds a role that administers something: entry follows from the role, no mark beside it drifts.

    A superuser, made on the server's command line only, may come in too: somebody has to make the first accounts.
    """

    site_title = "系统管理"
    site_header = "基础数据与账号"
    index_title = "基础数据与账号"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not isinstance(user, User) or not user.is_active:
            return False
        return user.is_superuser or any(user.holds(role) for role in ADMINISTERS)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """People sign in at one place; who is signed in and has no business here is told so."""
        if self.has_permission(request):
            return redirect("admin:index")
        raise PermissionDenied("基础数据由牵头办公室维护，账号由系统管理员维护；您的角色没有这些权限。")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The sections this person may see, in our order."""
        found = super().get_app_list(request, app_label)
        order = {label: place for place, label in enumerate(SECTIONS)}
        return sorted(found, key=lambda section: order.get(section["app_label"], len(order)))

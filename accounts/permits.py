"""What every page of the plan's business asks first: whether whoever is signed in has a part in it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


def reader(request: HttpRequest) -> User:
    """The signed-in person, if they have a part in the plan; otherwise the page is refused."""
    user = request.user
    if not isinstance(user, User) or not user.reads_plan:
        raise PermissionDenied("系统管理员不参与业务，不能查看方案数据。")
    return user

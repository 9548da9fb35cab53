"""Permissions of the administration follow from roles: a table in code, no rows that drift."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from accounts.models import User
from accounts.roles import ADMINISTERS


class RoleBackend(BaseBackend):
    """Answers `has_perm` from the person's roles; signs nobody in."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether a role of this active person administers the permission's app."""
        return self.has_module_perms(user_obj, perm.partition(".")[0])

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether a role of this active person administers this app at all."""
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return False
        return any(app_label in apps and user_obj.holds(role) for role, apps in ADMINISTERS.items())

"""Changing one's own password."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from accounts.forms import PasswordForm
from accounts.models import User
from audit.services import record


class ChangePassword(PasswordChangeView):
    """Django's view with our form; the event is written with the change."""

    form_class = PasswordForm

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        user = cast(User, self.request.user)
        record(verb="account.password_own", subject=user, by=user, at=timezone.now())
        return super().form_valid(form)

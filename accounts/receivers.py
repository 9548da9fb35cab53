"""Sign-in, failed sign-in and sign-out become events: when, the name tried, and from which address."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.services import record

#: A name longer than this is cut: nobody's is, and a stranger may type anything.
LONGEST_NAME = 150


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    _record("account.sign_in", user, request, user.username, by=user)


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    """Nothing to say when nobody was signed in."""
    if user is not None:
        _record("account.sign_out", user, request, user.username, by=user)


@receiver(user_login_failed)
def sign_in_failed(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Nobody acts: the name tried need not be the person's, nor exist. A name without an account has number 0."""
    name = str(credentials.get("username", ""))[:LONGEST_NAME]
    person = User.objects.filter(username=name).first() or User(pk=0, username=name)
    _record("account.sign_in_failed", person, request, name, by=None)


def _record(verb: str, person: User, request: HttpRequest | None, name: str, *, by: User | None) -> None:
    now = timezone.now()  # noqa: TID251 - a signal of the framework brings no moment
    address = request.META.get("REMOTE_ADDR", "") if request else ""
    record(verb=verb, subject=person, by=by, at=now, after={"账号": name, "来源地址": address})

"""The one way to record an event."""

from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model

from audit.models import Event


class Actor(Protocol):
    """Whoever acts: a user, or None for the system itself."""

    pk: Any

    def get_full_name(self) -> str: ...


def record(
    *,
    verb: str,
    subject: Model,
    by: Actor | None,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
) -> Event:
    """Write one event in the caller's transaction, so that it exists exactly when the change does."""
    return Event.objects.create(
        at=at,
        actor_id=by.pk if by else None,
        actor_name=by.get_full_name() if by else "系统",
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:300],
        before=before or {},
        after=after or {},
        note=note,
    )

"""Background work of supervision: envelopes that make one call each."""

from celery import shared_task
from django.utils import timezone

from supervision.services import mark_overdue, tell_extensions


@shared_task(name="supervision.jobs.overdue")
def overdue() -> None:
    """Mark whoever is overdue and tell departments of their extensions. Safe to repeat."""
    at = timezone.now()
    mark_overdue(at=at)
    tell_extensions(at=at)

"""Background work on figures: envelopes that fetch by id and make one call. Every job may run twice."""

from celery import shared_task
from django.utils import timezone

from reports.services import refresh_from, repair


@shared_task(name="reports.jobs.refresh_period")
def refresh_period(*, period_id: int) -> None:
    """Refresh a period's summaries and the later ones that read them."""
    refresh_from(period_id=period_id, at=timezone.now())


@shared_task(name="reports.jobs.repair")
def repair_all() -> None:
    """Compare all summaries with a fresh roll-up and mend what differs."""
    repair(at=timezone.now())

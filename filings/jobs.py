"""Background work on periods: envelopes that make one call each."""

from celery import shared_task
from django.utils import timezone

from filings.models import Period
from filings.services.schedule import schedule_next
from filings.services.windows import open_period


@shared_task(name="filings.jobs.tick")
def tick() -> None:
    """Set up the running quarter of every plan in force, and open the periods whose time has come. Safe to repeat."""
    at = timezone.now()
    schedule_next(at=at)
    for period in Period.objects.to_open(at):
        open_period(period=period, by=None, at=at)

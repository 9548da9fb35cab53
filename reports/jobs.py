"""Background work on figures: envelopes that fetch by id and make one call. Every job may run twice."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from filings.models import Period
from reports.services import refresh_from, repair

#: A refresh that has not begun after so many seconds is taken for lost, and the next change queues another.
WAITING_LONGEST = 60


def mark_waiting(period_id: int) -> bool:
    """Note that a period's refresh waits in the queue; False when one waits already. True without an answer."""
    try:
        return cache.add(_key(period_id), True, WAITING_LONGEST)
    except RedisError:
        return True


def unmark_waiting(*period_ids: int) -> None:
    """Note that they wait no longer: what changes from now on needs another."""
    try:
        cache.delete_many([_key(period_id) for period_id in period_ids])
    except RedisError:
        return  # the mark ends by itself


def _key(period_id: int) -> str:
    return f"reports.refresh_waiting.{period_id}"


@shared_task(name="reports.jobs.refresh_period")
def refresh_period(*, period_id: int) -> None:
    """Refresh a period's summaries and the later ones that read them."""
    unmark_waiting(period_id)
    refresh_from(period_id=period_id, at=timezone.now())


@shared_task(name="reports.jobs.repair")
def repair_all() -> None:
    """Compare all summaries with a fresh roll-up and mend what differs, whatever was thought to be queued."""
    unmark_waiting(*Period.objects.exclude(opened_at=None).values_list("pk", flat=True))
    repair(at=timezone.now())


@worker_ready.connect(dispatch_uid="reports.repair")
def repair_at_start(**_: Any) -> None:
    """A worker begins with a repair: what an earlier one had taken when it was killed is in no queue any more."""
    repair_all.delay()

"""What the reports do when a filing was decided or an annual plan approved: queue refreshes. A queue that is down loses nothing."""

import logging
from typing import Any

from django.dispatch import receiver
from kombu.exceptions import OperationalError

from filings.models import Period
from filings.signals import filing_decided
from tasks.signals import plan_approved

logger = logging.getLogger(__name__)


@receiver(filing_decided, dispatch_uid="reports.refresh")
def queue_refresh(*, period_id: int, **_: Any) -> None:
    """Queue the refresh of a period's summaries, unless one is waiting that has yet to read them.

    The periodic repair makes good a queue that does not answer.
    """
    from reports.jobs import mark_waiting, refresh_period, unmark_waiting

    if not mark_waiting(period_id):
        return
    try:
        refresh_period.delay(period_id=period_id)
    except OperationalError:
        unmark_waiting(period_id)
        logger.exception("no refresh queued for period %s; the periodic repair will catch up", period_id)


@receiver(plan_approved, dispatch_uid="reports.refresh_year")
def queue_year(*, plan_id: int, year: int, **_: Any) -> None:
    """Queue the refresh of a year's quarters that are not closed: their time progress follows the version in force.

    A refresh is followed through the later quarters, so the first open one is enough.
    """
    open_quarters = Period.objects.filter(plan=plan_id, year=year, closed_at=None).exclude(opened_at=None)
    first = open_quarters.order_by("quarter").first()
    if first:
        queue_refresh(period_id=first.pk)

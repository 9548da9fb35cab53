"""What the reports do when a filing was decided: queue one refresh. A queue that is down loses nothing."""

import logging
from typing import Any

from django.dispatch import receiver
from kombu.exceptions import OperationalError

from filings.signals import filing_decided

logger = logging.getLogger(__name__)


@receiver(filing_decided, dispatch_uid="reports.refresh")
def queue_refresh(*, period_id: int, **_: Any) -> None:
    """Queue the refresh of a period's summaries; the periodic repair makes good a queue that does not answer."""
    from reports.jobs import refresh_period

    try:
        refresh_period.delay(period_id=period_id)
    except OperationalError:
        logger.exception("no refresh queued for period %s; the periodic repair will catch up", period_id)

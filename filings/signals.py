"""The one event that crosses upward.

Sent on commit with `period_id` whenever something that figures read has changed in a period: a filing was sent
to the office, an entry was decided or corrected, a review completed or reopened, an extension recorded. A lost
message is harmless: a periodic job compares and repairs.
"""

from django.db import transaction
from django.dispatch import Signal

filing_decided = Signal()


def announce(period_id: int) -> None:
    """Send `filing_decided` once the current transaction is committed."""
    transaction.on_commit(lambda: filing_decided.send(sender=None, period_id=period_id))

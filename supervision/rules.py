"""When people are told, and when sending is tried again. Pure: values in, values out, no clock and no queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from filings.calendar import Reminder, may_send, reminder_due

#: After a return, its authors are told; after a signing, the reviewers (domain rules, 时限). Approvers like authors.
RETURNED_AFTER = timedelta(hours=24)
UNSIGNED_AFTER = timedelta(hours=24)
UNREVIEWED_AFTER = timedelta(hours=48)

#: Nobody's telephone rings at night: digests go out from this time of the day on. Notices are in the system at once.
DAY_BEGINS = time(8)

#: A refused message is tried again after these times, then given up.
RETRY_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))

#: A message that somebody began to send so long ago was left by a worker that died: no attempt takes longer.
LEFT_AFTER = timedelta(minutes=45)

_LAST_POINT = timedelta(days=30)
_FIRST_POINT = timedelta(days=5)


def point_reached(due_on: date, on: date) -> Reminder | None:
    """The last day of the schedule that has come for something due on `due_on`: also when nobody was there that day."""
    day = min(on, due_on + _LAST_POINT)
    while day >= due_on - _FIRST_POINT:
        if (point := reminder_due(due_on, day)) is not None:
            return point
        day -= timedelta(days=1)
    return None


@dataclass(frozen=True)
class Untold:
    """One notice a person has not been told of: when it was noted, and its point of the schedule, if it has one."""

    noted_on: date
    point: Reminder | None = None


def may_tell(untold: Iterable[Untold], last_on: date | None, deadline_on: date | None, today: date) -> bool:
    """Whether a digest goes out now, given the day of the last one and of the last one that told of a deadline.

    Never two a day. A deadline's reminder goes out on its day or not at all: when the last one is less than five days
    old it is left to the next point; on the day something is due a digest always goes out. What waits for somebody
    (a return, a signature, a review, an answer) has hours of its own (domain rules, 时限) and is not held back.
    """
    if last_on is not None and last_on >= today:
        return False
    return any(_goes_out(each, deadline_on, today) for each in untold)


def _goes_out(each: Untold, deadline_on: date | None, today: date) -> bool:
    if each.point is None:
        return True
    if each.point == Reminder.DUE_TODAY and each.noted_on != today:
        return False
    return may_send(each.point, deadline_on, each.noted_on)


def next_attempt(attempts: int, at: datetime) -> datetime | None:
    """When a message refused for the `attempts`-th time is tried again; None when it is given up."""
    return at + RETRY_AFTER[attempts - 1] if attempts <= len(RETRY_AFTER) else None

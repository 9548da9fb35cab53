"""The usual window of a quarter, and setting it up when its time comes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from filings.models import Period
from filings.services.windows import create_period
from harbor_plan.lib.moments import end_of, local_day, start_of
from targets.models import Plan

#: Days around a quarter's last day: entry opens before it, is due and closes after it. The office may change each.
OPENS_BEFORE = 10
DUE_AFTER = 10
CLOSES_AFTER = 20


def usual_window(last_day: date) -> tuple[datetime, datetime, datetime]:
    """Opens (start of day), due and closes (end of day) for the quarter that ends on `last_day`."""
    opens = start_of(last_day - timedelta(days=OPENS_BEFORE))
    return (
        opens,
        end_of(last_day + timedelta(days=DUE_AFTER)),
        end_of(last_day + timedelta(days=CLOSES_AFTER)),
    )


def late_entry_window(today: date) -> tuple[datetime, datetime, datetime]:
    """A window of the usual length that begins today, for a past quarter filed now (补录)."""
    due, closes = today + timedelta(days=DUE_AFTER), today + timedelta(days=CLOSES_AFTER)
    return start_of(today), end_of(due), end_of(closes)


@transaction.atomic
def schedule_next(*, at: datetime) -> list[Period]:
    """Create the running quarter's period of each plan in force today, unless it is there. Returns the new ones."""
    today = local_day(at)
    quarter = (today.month + 2) // 3
    created = []
    for plan in Plan.objects.filter(starts_on__lte=today, ends_on__gte=today):
        if not Period.objects.filter(plan=plan, year=today.year, quarter=quarter).exists():
            opens_at, due_at, closes_at = usual_window(Period(year=today.year, quarter=quarter).last_day)
            created.append(
                create_period(
                    plan=plan,
                    year=today.year,
                    quarter=quarter,
                    opens_at=opens_at,
                    due_at=due_at,
                    closes_at=closes_at,
                    is_late_entry=False,
                    by=None,
                    at=at,
                )
            )
    return created

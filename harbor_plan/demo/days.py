"""Working days and moments of the district's clock, for invented histories."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_current_timezone

DAY = timedelta(days=1)
SATURDAY = 5


def is_working(day: date) -> bool:
    """Monday to Friday without the week of the National Day; other holidays are not modelled."""
    return day.weekday() < SATURDAY and not (day.month == 10 and day.day <= 7)


def on_or_before(day: date) -> date:
    """The day itself when people work on it, else the last working day before."""
    while not is_working(day):
        day -= DAY
    return day


def working_days_after(day: date, count: int) -> date:
    """`count` working days later (earlier when negative); 0 gives the same day or the working day before it."""
    day = on_or_before(day)
    step = DAY if count > 0 else -DAY
    for _ in range(abs(count)):
        day += step
        while not is_working(day):
            day += step
    return day


def moment(day: date, clock: str, minutes: int = 0) -> datetime:
    """`clock` (09:05) of a local day, so many minutes later."""
    return datetime.combine(day, time.fromisoformat(clock), get_current_timezone()) + timedelta(
        minutes=minutes
    )

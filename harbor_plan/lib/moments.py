"""Local time of a given moment. No clock is read here: the moment always comes from the caller."""

from datetime import date, datetime, time

from django.utils.timezone import get_current_timezone


def local(at: datetime) -> datetime:
    """The same moment on the district's clock."""
    return at.astimezone(get_current_timezone())


def local_day(at: datetime) -> date:
    """The calendar day of a moment on the district's clock."""
    return local(at).date()


def start_of(day: date) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, time.min, get_current_timezone())


def end_of(day: date) -> datetime:
    """The last second of a local day."""
    return datetime.combine(day, time(23, 59, 59), get_current_timezone())

"""Windows, timeliness, shifted deadlines and reminders."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filings.calendar import (
    Reminder,
    Window,
    WindowState,
    effective_due,
    is_working_day,
    may_send,
    quarter_first_day,
    quarter_last_day,
    reminder_due,
    shifted_due,
    timeliness,
    window,
)
from filings.terms import Timeliness

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(month, day, hour=12, minute=0, second=0):
    return datetime(2021, month, day, hour, minute, second, tzinfo=SHANGHAI)


OPENS, DUE, CLOSES = at(1, 1, 0), at(1, 11, 23, 59, 59), at(1, 20, 23, 59, 59)
SECOND = timedelta(seconds=1)
NOT_OPEN, OPEN, EXTENDED, CLOSED, _EXEMPT = WindowState


def state(moment, **more):
    return window(opens_at=OPENS, due_at=DUE, closes_at=CLOSES, at=moment, **more).state


@pytest.mark.parametrize(
    ("quarter", "first", "last"),
    [
        (1, date(2020, 1, 1), date(2020, 3, 31)),
        (2, date(2020, 4, 1), date(2020, 6, 30)),
        (3, date(2020, 7, 1), date(2020, 9, 30)),
        (4, date(2020, 10, 1), date(2020, 12, 31)),
    ],
)
def test_days_of_a_quarter(quarter, first, last):
    assert (quarter_first_day(2020, quarter), quarter_last_day(2020, quarter)) == (first, last)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (OPENS - SECOND, NOT_OPEN),
        (OPENS, OPEN),
        (DUE, OPEN),
        (DUE + SECOND, OPEN),  # past the deadline one can still file, late
        (CLOSES, OPEN),
        (CLOSES + SECOND, CLOSED),
    ],
)
def test_plain_window(moment, expected):
    assert state(moment) == expected


@pytest.mark.parametrize(
    ("until", "moment", "expected"),
    [
        (at(1, 15), OPENS - SECOND, NOT_OPEN),
        (at(1, 15), DUE, EXTENDED),
        (at(1, 15), at(1, 15), EXTENDED),
        (at(1, 15), at(1, 15) + SECOND, OPEN),  # until the common closing
        (at(1, 15), CLOSES + SECOND, CLOSED),
        (at(2, 1), CLOSES + SECOND, EXTENDED),  # granted beyond the closing, also afterwards
        (at(2, 1), at(2, 1) + SECOND, CLOSED),
        (DUE, DUE, OPEN),  # no later than the deadline extends nothing
    ],
)
def test_extension(until, moment, expected):
    assert state(moment, extended_until=until) == expected


def test_an_extension_says_until_when_by_whom_and_why():
    found = window(
        opens_at=OPENS,
        due_at=DUE,
        closes_at=CLOSES,
        at=at(1, 12),
        extended_until=at(1, 14),
        extended_by="分管领导",
        extended_why="机构调整",
    )
    assert found == Window(EXTENDED, CLOSES, at(1, 14), False, "分管领导", "机构调整")
    assert found.is_open


def test_a_window_without_extension_names_nobody():
    found = window(opens_at=OPENS, due_at=DUE, closes_at=CLOSES, at=at(1, 5), extended_by="分管领导")
    assert found == Window(OPEN, CLOSES, DUE)


def test_a_quarter_closed_early_stays_closed():
    early = window(opens_at=OPENS, due_at=DUE, closes_at=at(1, 8), at=at(1, 9))
    assert (early.state, early.until, early.is_open) == (CLOSED, at(1, 8), False)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (CLOSES, (OPEN, False)),
        (CLOSES + SECOND, (OPEN, True)),
        (at(6, 1), (OPEN, True)),
        (at(6, 1) + SECOND, (CLOSED, False)),
    ],
)
def test_late_entry_opens_a_past_quarter_again(moment, expected):
    found = window(opens_at=OPENS, due_at=DUE, closes_at=CLOSES, at=moment, late_entry_until=at(6, 1))
    assert (found.state, found.is_late_entry and found.is_open) == expected
    assert found.due_at == DUE


def test_moments_of_other_zones_are_the_same_moments():
    utc = CLOSES.astimezone(ZoneInfo("UTC"))
    assert state(utc) == OPEN
    assert state(utc + SECOND) == CLOSED


# Timeliness

ISSUED = date(2017, 5, 19)


def judged(submitted, now=None, **more):
    values = {"last_day": date(2020, 12, 31), "issued_on": ISSUED, "is_late_entry": False} | more
    return timeliness(first_submitted_at=submitted, due_at=DUE, at=now or at(3, 1), **values)


@pytest.mark.parametrize(
    ("submitted", "now", "expected"),
    [
        (None, DUE, Timeliness.NOT_DUE),
        (None, DUE + SECOND, Timeliness.MISSING),
        (DUE, at(3, 1), Timeliness.ON_TIME),
        (DUE + SECOND, at(3, 1), Timeliness.LATE),
        (at(1, 5), at(1, 5), Timeliness.ON_TIME),
    ],
)
def test_timeliness_by_the_first_submission(submitted, now, expected):
    assert judged(submitted, now) == expected


@pytest.mark.parametrize(
    ("submitted", "now", "expected"),
    [
        (None, at(1, 14), Timeliness.NOT_DUE),
        (None, at(1, 14) + SECOND, Timeliness.MISSING),
        (at(1, 14), at(3, 1), Timeliness.ON_TIME),
        (at(1, 14) + SECOND, at(3, 1), Timeliness.LATE),
    ],
)
def test_an_extension_moves_the_deadline(submitted, now, expected):
    assert judged(submitted, now, extended_until=at(1, 14)) == expected


@pytest.mark.parametrize("submitted", [None, at(1, 5), at(2, 5)])
def test_a_late_entry_period_has_no_timeliness(submitted):
    assert judged(submitted, is_late_entry=True) == Timeliness.NONE


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        (date(2016, 3, 31), Timeliness.NONE),
        (date(2017, 3, 31), Timeliness.NONE),
        (date(2017, 5, 18), Timeliness.NONE),
        (date(2017, 5, 19), Timeliness.MISSING),
        (date(2017, 6, 30), Timeliness.MISSING),
    ],
)
def test_quarters_before_the_plan_was_issued_have_none(last_day, expected):
    assert judged(None, last_day=last_day) == expected


def test_the_effective_deadline_is_never_earlier():
    assert [effective_due(DUE, until) for until in (None, at(1, 1), at(1, 15))] == [DUE, DUE, at(1, 15)]


# Working days: the Spring Festival of 2021 and its make-up days

HOLIDAYS = {date(2021, 2, day) for day in range(11, 18)}
MAKE_UP = {date(2021, 2, 7), date(2021, 2, 20)}


@pytest.mark.parametrize(
    ("day", "shifted"),
    [
        (date(2021, 1, 11), date(2021, 1, 11)),  # a Monday
        (date(2021, 1, 9), date(2021, 1, 11)),  # a Saturday
        (date(2021, 2, 6), date(2021, 2, 7)),  # the Sunday after is worked
        (date(2021, 2, 7), date(2021, 2, 7)),
        (date(2021, 2, 11), date(2021, 2, 18)),
        (date(2021, 2, 17), date(2021, 2, 18)),
        (date(2021, 2, 20), date(2021, 2, 20)),  # a worked Saturday
        (date(2021, 2, 21), date(2021, 2, 22)),
    ],
)
def test_a_deadline_moves_to_the_next_working_day(day, shifted):
    assert shifted_due(day, HOLIDAYS, MAKE_UP) == shifted


def test_a_make_up_day_wins_over_a_holiday():
    assert is_working_day(date(2021, 2, 11), HOLIDAYS, {date(2021, 2, 11)})


dates = st.dates(date(2016, 1, 1), date(2021, 12, 31))


@given(day=dates, holidays=st.sets(dates, max_size=20), make_up=st.sets(dates, max_size=20))
def test_a_shifted_deadline_is_the_first_working_day_not_before(day, holidays, make_up):
    shifted = shifted_due(day, holidays, make_up)
    assert shifted >= day
    assert is_working_day(shifted, holidays, make_up)
    skipped = [day + timedelta(days=n) for n in range((shifted - day).days)]
    assert not any(is_working_day(one, holidays, make_up) for one in skipped)


# Reminders


@pytest.mark.parametrize(
    ("day", "reminder"),
    [
        (5, None),
        (6, Reminder.FIVE_BEFORE),
        (7, None),
        (10, Reminder.ONE_BEFORE),
        (11, Reminder.DUE_TODAY),
        (12, Reminder.OVERDUE_1),
        (13, None),
        (18, Reminder.OVERDUE_7),
    ],
)
def test_which_reminder_falls_on_a_day(day, reminder):
    assert reminder_due(date(2021, 1, 11), date(2021, 1, day)) == reminder


def test_the_last_reminder_comes_after_thirty_days():
    assert reminder_due(date(2021, 1, 11), date(2021, 2, 10)) == Reminder.OVERDUE_30
    assert reminder_due(date(2021, 1, 11), date(2021, 2, 11)) is None


@pytest.mark.parametrize(
    ("reminder", "last", "expected"),
    [
        (Reminder.ONE_BEFORE, None, True),
        (Reminder.ONE_BEFORE, date(2021, 1, 6), False),  # four days ago
        (Reminder.ONE_BEFORE, date(2021, 1, 5), True),
        (Reminder.DUE_TODAY, date(2021, 1, 9), True),  # always on the day itself
        (Reminder.OVERDUE_1, date(2021, 1, 9), False),
    ],
)
def test_one_person_gets_no_two_reminders_within_five_days(reminder, last, expected):
    assert may_send(reminder, last, date(2021, 1, 10)) == expected

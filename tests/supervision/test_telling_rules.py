"""When somebody is told: the schedule and the days between two digests, as tables."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filings.calendar import Reminder as R
from supervision.rules import RETRY_AFTER, Untold, may_tell, next_attempt, point_reached

DUE = date(2021, 1, 15)


def day(offset: int) -> date:
    return DUE + timedelta(days=offset)


@pytest.mark.parametrize(
    ("offset", "point"),
    [
        (-60, None), (-6, None), (-5, R.FIVE_BEFORE), (-4, R.FIVE_BEFORE), (-2, R.FIVE_BEFORE), (-1, R.ONE_BEFORE),
        (0, R.DUE_TODAY), (1, R.OVERDUE_1), (6, R.OVERDUE_1), (7, R.OVERDUE_7), (29, R.OVERDUE_7),
        (30, R.OVERDUE_30), (31, R.OVERDUE_30), (400, R.OVERDUE_30),
    ],
)  # fmt: skip
def test_the_point_reached_is_the_last_one_that_came(offset, point):
    assert point_reached(DUE, day(offset)) == point


@pytest.mark.parametrize(
    ("noted", "point", "last", "today", "goes"),  # last: of a deadline
    [
        (-5, R.FIVE_BEFORE, None, -5, True),
        (-5, R.FIVE_BEFORE, -9, -5, False),  # four days after the last one
        (-5, R.FIVE_BEFORE, -10, -5, True),
        (-1, R.ONE_BEFORE, -5, -1, False),
        (0, R.DUE_TODAY, -1, 0, True),  # the day itself, whatever came before
        (0, R.DUE_TODAY, 0, 0, False),  # but once
        (0, R.DUE_TODAY, None, 1, False),  # “today” is said on no other day
        (1, R.OVERDUE_1, 0, 1, False),
        (1, R.OVERDUE_1, 0, 5, False),  # and it is left to the next point, not made up later
        (7, R.OVERDUE_7, 0, 7, True),
        (7, R.OVERDUE_7, 0, 9, True),  # nobody was there on the day: made up
        (30, R.OVERDUE_30, 7, 30, True),
        (0, None, None, 0, True),
        (0, None, -1, 0, True),  # what waits for somebody has hours of its own
        (0, None, 0, 0, False),  # but nobody gets two letters a day
    ],
)
def test_when_a_digest_goes_out(noted, point, last, today, goes):
    last_on = None if last is None else day(last)
    assert may_tell([Untold(day(noted), point)], last_on, last_on, day(today)) is goes


def test_a_letter_about_what_waits_does_not_hold_back_a_deadline():
    untold = [Untold(day(-1), R.ONE_BEFORE)]
    assert may_tell(untold, day(-2), None, day(-1))
    assert not may_tell(untold, day(-2), day(-5), day(-1))
    assert not may_tell(untold, day(-1), None, day(-1))


def test_nothing_untold_no_digest():
    assert not may_tell([], None, None, DUE)


def days_told(absent: set[int] = frozenset()) -> list[int]:
    """The days, counted from the deadline, on which a silent filer gets a digest; nobody is there on absent days."""
    told: list[int] = []
    noted: dict[R, date] = {}
    sent: set[R] = set()
    for offset in range(-10, 60):
        point = point_reached(DUE, day(offset))
        if offset in absent or point is None:
            continue
        noted.setdefault(point, day(offset))
        untold = [] if point in sent else [Untold(noted[point], point)]
        last_on = day(told[-1]) if told else None
        if may_tell(untold, last_on, last_on, day(offset)):
            told.append(offset)
            sent.add(point)
    return told


def test_a_silent_filer_is_told_five_days_before_on_the_day_and_seven_and_thirty_after():
    assert days_told() == [-5, 0, 7, 30]


def test_days_nobody_was_there_are_made_up():
    assert days_told({-5, -4}) == [-3, 0, 7, 30]
    assert days_told({0}) == [-5, 1, 7, 30]
    assert days_told({7, 8}) == [-5, 0, 9, 30]


@given(st.sets(st.integers(-10, 59)))
def test_two_digests_never_lie_closer_than_five_days_but_for_the_day_itself(absent):
    told = days_told(absent)
    assert all(later - earlier >= 5 or later == 0 for earlier, later in pairwise(told))


def test_refused_messages_are_tried_again_with_growing_pauses_and_then_given_up():
    at = datetime(2021, 1, 15, 8, tzinfo=UTC)
    assert [next_attempt(n, at) for n in range(1, 6)] == [*(at + pause for pause in RETRY_AFTER), None]
    assert list(RETRY_AFTER) == sorted(RETRY_AFTER)

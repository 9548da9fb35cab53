"""Draws are the same for ever, and days are days people work on."""

from datetime import UTC, date, datetime

import pytest

from harbor_plan.demo import chance
from harbor_plan.demo.days import is_working, moment, on_or_before, working_days_after


def test_the_same_key_gives_the_same_number_on_every_machine() -> None:
    assert [chance.number(100, "late", n) for n in range(6)] == [13, 83, 22, 64, 99, 30]


def test_a_chance_is_certain_at_a_hundred_and_impossible_at_none() -> None:
    assert all(chance.happens(100, n) for n in range(50))
    assert not any(chance.happens(0, n) for n in range(50))


def test_a_chance_of_thirty_comes_about_thirty_times_in_a_hundred() -> None:
    assert 250 < sum(chance.happens(30, "thirty", n) for n in range(1000)) < 350


def test_shares_are_kept() -> None:
    drawn = [chance.pick_by_share((("often", 9), ("never", 0), ("rare", 1)), n) for n in range(1000)]
    assert 860 < drawn.count("often") < 940
    assert drawn.count("never") == 0


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2020, 9, 30), True),
        (date(2020, 10, 1), False),
        (date(2020, 10, 7), False),
        (date(2020, 10, 8), True),
        (date(2020, 10, 10), False),
        (date(2020, 10, 12), True),
    ],
)
def test_nobody_works_on_weekends_and_in_the_first_week_of_october(day: date, works: bool) -> None:
    assert is_working(day) is works


def test_working_days_are_counted_over_weekends() -> None:
    assert on_or_before(date(2020, 10, 11)) == date(2020, 10, 9)
    assert working_days_after(date(2020, 10, 9), 1) == date(2020, 10, 12)
    assert working_days_after(date(2020, 10, 12), -3) == date(2020, 9, 30)
    assert working_days_after(date(2020, 10, 9), 0) == date(2020, 10, 9)


def test_a_moment_is_on_the_districts_clock() -> None:
    assert moment(date(2020, 10, 9), "09:05", 6) == datetime(2020, 10, 9, 1, 11, tzinfo=UTC)

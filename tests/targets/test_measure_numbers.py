"""Rounding and writing numbers; quarters and their days."""

from datetime import date

import pytest

from targets.measure import Quarter, rounded, shown, with_unit
from targets.measure.numbers import plain, shortened, shown_beside
from targets.terms import Rounding
from tests.targets.measure_help import D


@pytest.mark.parametrize(
    ("value", "places", "half_up", "half_even"),
    [
        # GB/T 8170-2008, 3.2: a lone 5 goes to the even digit; everything else as usual.
        ("0.5", 0, "1", "0"),
        ("1.5", 0, "2", "2"),
        ("2.5", 0, "3", "2"),
        ("2.51", 0, "3", "3"),
        ("1.050", 1, "1.1", "1.0"),
        ("0.35", 1, "0.4", "0.4"),
        ("0.25", 1, "0.3", "0.2"),
        ("-2.5", 0, "-3", "-2"),
        ("38.4", 0, "38", "38"),
        ("38.5", 0, "39", "38"),
        ("12", 2, "12.00", "12.00"),
    ],
)
def test_rounding_modes(value, places, half_up, half_even):
    assert str(rounded(D(value), places, Rounding.HALF_UP)) == half_up
    assert str(rounded(D(value), places, Rounding.HALF_EVEN)) == half_even


def test_rounding_never_overflows():
    assert rounded(D("9" * 30), 20) == D("9" * 30)


@pytest.mark.parametrize(
    ("value", "places", "words"),
    [("38.41", 1, "38.4"), ("-0.04", 1, "0.0"), ("-3.25", 1, "−3.3"), ("0", 2, "0.00"), ("1E+3", 0, "1000")],
)
def test_shown(value, places, words):
    assert shown(D(value), places) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("38.0000", "38"),
        ("21.3000", "21.3"),
        ("100", "100"),
        ("0.0000", "0"),
        ("-0", "0"),
        ("-1.50", "−1.5"),
        ("1E+2", "100"),
    ],
)
def test_plain_drops_only_what_the_column_added(value, words):
    assert plain(D(value)) == words


@pytest.mark.parametrize(
    ("value", "limit", "words"),
    [
        ("38.41", "38", "38.4"),
        ("38.04", "38", "38.04"),  # one decimal would read 38.0, as if it met ≤38
        ("37.96", "38", "37.96"),
        ("38", "38", "38.0"),
        ("21.34", "21.33", "21.34"),  # one decimal would fall below a limit that is met
    ],
)
def test_a_value_never_reads_as_on_the_other_side_of_its_limit(value, limit, words):
    assert shown_beside(D(value), D(limit), 1) == words


def test_units_follow_with_a_space_but_percent_does_not():
    assert with_unit("38.4", "微克/立方米") == "38.4 微克/立方米"
    assert with_unit("83", "%") == "83%"
    assert with_unit("2", "") == "2"


def test_long_text_is_cut():
    assert shortened("甲" * 61) == "甲" * 59 + "…"
    assert shortened("甲" * 60) == "甲" * 60


@pytest.mark.parametrize(
    ("quarter", "first", "last", "days", "days_of_year"),
    [
        (Quarter(2020, 1), date(2020, 1, 1), date(2020, 3, 31), 91, 91),  # leap year
        (Quarter(2019, 1), date(2019, 1, 1), date(2019, 3, 31), 90, 90),
        (Quarter(2020, 2), date(2020, 4, 1), date(2020, 6, 30), 91, 182),
        (Quarter(2020, 3), date(2020, 7, 1), date(2020, 9, 30), 92, 274),
        (Quarter(2020, 4), date(2020, 10, 1), date(2020, 12, 31), 92, 366),
    ],
)
def test_days_of_a_quarter(quarter, first, last, days, days_of_year):
    assert (quarter.first_day, quarter.last_day, quarter.days, quarter.days_of_year) == (
        first,
        last,
        days,
        days_of_year,
    )
    assert Quarter.of(first) == Quarter.of(last) == quarter


def test_quarters_shift_and_run_across_years():
    assert Quarter(2020, 1).shifted(-1) == Quarter(2019, 4)
    assert Quarter(2020, 1).shifted(-4) == Quarter(2019, 1)
    assert Quarter(2019, 4).shifted(5) == Quarter(2021, 1)
    assert Quarter(2019, 4).until(Quarter(2020, 1)) == [Quarter(2019, 4), Quarter(2020, 1)]
    assert Quarter(2020, 1).until(Quarter(2019, 4)) == []
    assert str(Quarter(2020, 3)) == "2020年三季度"

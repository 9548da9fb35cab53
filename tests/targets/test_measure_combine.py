"""From quarter values to the value a target is judged on: every accumulation by every way to combine."""

import pytest

from targets.measure import IndicatorRule, Quarter, Reading, ReadingState, combine
from targets.terms import Accumulation, Asked, Combine, Span
from tests.targets.measure_help import D, parts, q, readings

POINT, PERIOD, YEAR, PLAN = Accumulation
LAST, SUM, MEAN, PARTS = Combine
CALENDAR, ROLLING = Span

#: Two years of quarter values; days: 2019 90, 91, 92, 92; 2020 91, 91, 92, 92.
SERIES = readings(
    y2019q1="10",
    y2019q2="20",
    y2019q3="30",
    y2019q4="40",
    y2020q1="11",
    y2020q2="21",
    y2020q3="31",
    y2020q4="41",
)


@pytest.mark.parametrize(
    ("accumulation", "how", "span", "at", "value", "owed"),
    [
        (POINT, LAST, CALENDAR, "2020Q3", "31", 1),
        (POINT, LAST, ROLLING, "2020Q3", "31", 1),
        (POINT, SUM, CALENDAR, "2020Q3", "63", 3),
        (POINT, MEAN, CALENDAR, "2020Q1", "11", 1),
        (PERIOD, LAST, CALENDAR, "2020Q2", "21", 1),
        (PERIOD, SUM, CALENDAR, "2020Q1", "11", 1),
        (PERIOD, SUM, CALENDAR, "2020Q4", "104", 4),  # 11 + 21 + 31 + 41
        (PERIOD, SUM, ROLLING, "2020Q2", "102", 4),  # 30 + 40 + 11 + 21
        (PERIOD, MEAN, CALENDAR, "2020Q2", "16", 2),  # (11 × 91 + 21 × 91) ÷ 182
        (PERIOD, MEAN, ROLLING, "2019Q4", D(9160) / 365, 4),  # 900 + 1820 + 2760 + 3680
        (YEAR, LAST, CALENDAR, "2020Q3", "31", 1),
        (YEAR, SUM, CALENDAR, "2020Q3", "31", 1),  # entered as the year so far: never added up again
        (YEAR, MEAN, CALENDAR, "2020Q3", "31", 1),
        (YEAR, LAST, ROLLING, "2020Q3", "31", 1),
        (YEAR, SUM, ROLLING, "2020Q3", "41", 3),  # 31 + (40 − 30)
        (YEAR, SUM, ROLLING, "2020Q4", "41", 1),  # the four quarters are the year
        # Means of the year so far: (31 × 274 + 40 × 365 − 30 × 273) ÷ (274 + 365 − 273) = 14904 ÷ 366
        (YEAR, MEAN, ROLLING, "2020Q3", D(14904) / 366, 3),
        (PLAN, LAST, CALENDAR, "2020Q3", "31", 1),
        (PLAN, SUM, CALENDAR, "2020Q3", "31", 1),  # cumulative since the plan began: never added up
        (PLAN, MEAN, ROLLING, "2020Q3", "31", 1),
    ],
)
def test_values(accumulation, how, span, at, value, owed):
    result = combine(IndicatorRule(accumulation=accumulation, combine=how, span=span), SERIES, q(at))
    assert (result.value, result.reported, result.owed) == (D(value), owed, owed)
    assert (result.state, result.reason, result.missing) == (ReadingState.VALUE, "", ())


RATES = [
    parts("2019Q2", "5", "100"),
    parts("2019Q3", "10", "100"),
    parts("2019Q4", "40", "100"),
    parts("2020Q1", "90", "100"),
    parts("2020Q2", "10", "900"),
    parts("2020Q3", "0", "0"),
]


@pytest.mark.parametrize(
    ("accumulation", "span", "at", "value"),
    [
        (PERIOD, CALENDAR, "2020Q1", "90"),
        (PERIOD, CALENDAR, "2020Q2", "10"),  # 100 ÷ 1000, where the mean of 90 % and 1.1 % would say 45.6 %
        (PERIOD, CALENDAR, "2020Q3", "10"),  # nothing measured adds nothing, on both sides
        (PERIOD, ROLLING, "2020Q1", "36.25"),  # (5 + 10 + 40 + 90) ÷ 400
        (YEAR, CALENDAR, "2020Q1", "90"),
        (YEAR, ROLLING, "2020Q2", "5"),  # (10 + 40 − 5) ÷ (900 + 100 − 100) = 45 ÷ 900
        (PLAN, CALENDAR, "2020Q1", "90"),
    ],
)
def test_rates_are_summed_by_parts(accumulation, span, at, value):
    rule = IndicatorRule(unit="%", accumulation=accumulation, combine=PARTS, span=span)
    assert combine(rule, RATES, q(at)).value == D(value)


def test_a_rate_takes_the_factor_of_its_unit():
    one = [parts("2020Q1", "1", "8")]
    values = [
        combine(IndicatorRule(unit=u, combine=PARTS), one, q("2020Q1")).value for u in ("%", "‰", "人/户")
    ]
    assert values == [D("12.5"), D(125), D("0.125")]


def test_a_zero_denominator_is_said_and_not_divided_by():
    single = combine(IndicatorRule(unit="%"), [parts("2020Q1", "0", "0")], q("2020Q1"))
    assert (single.value, single.state) == (None, ReadingState.NO_DATA)
    assert single.reason == "2020年一季度分母为零，比率无法计算"
    rule = IndicatorRule(unit="%", combine=PARTS, accumulation=PERIOD)
    both = combine(rule, [parts("2020Q1", "0", "0"), parts("2020Q2", "0", "0")], q("2020Q2"))
    assert (both.value, both.reason) == (None, "分母合计为零，比率无法计算")


def test_a_rate_without_its_parts_cannot_be_added():
    rule = IndicatorRule(unit="%", combine=PARTS, accumulation=PERIOD)
    mixed = [*readings(y2020q1="90"), parts("2020Q2", "1", "2")]
    assert combine(rule, mixed, q("2020Q1")).value == D(90)
    result = combine(rule, mixed, q("2020Q2"))
    assert (result.value, result.partial, result.reported, result.owed) == (None, D(50), 1, 2)
    assert result.missing == (Quarter(2020, 1),)


def test_parts_win_over_an_entered_rate():
    rule = IndicatorRule(unit="%", combine=PARTS)
    both = Reading(q("2020Q1"), value=D(99), numerator=D(1), denominator=D(2))
    assert combine(rule, [both], q("2020Q1")).value == D(50)


@pytest.mark.parametrize("how", [SUM, MEAN])
def test_a_missing_quarter_leaves_no_value_but_n_of_m(how):
    rule = IndicatorRule(accumulation=PERIOD, combine=how)
    gap = readings(y2020q1="10", y2020q2=None, y2020q3="10")
    result = combine(rule, gap, q("2020Q3"))
    assert (result.value, result.reported, result.owed) == (None, 2, 3)
    assert result.partial == (D(20) if how == SUM else D(10))
    assert result.reason == "应有3个季度数据，已有2个，缺2020年二季度，不作判断"


def test_no_partial_figure_where_something_is_taken_away():
    rule = IndicatorRule(accumulation=YEAR, combine=SUM, span=ROLLING)
    result = combine(rule, readings(y2019q3="30", y2020q3="31"), q("2020Q3"))
    assert (result.value, result.partial, result.reported, result.owed) == (None, None, 2, 3)


@pytest.mark.parametrize(
    ("reading", "state", "reason"),
    [
        (None, ReadingState.NOT_FILED, "2020年三季度未填报"),
        (Reading(q("2020Q3"), ReadingState.NOT_FILED), ReadingState.NOT_FILED, "2020年三季度未填报"),
        (Reading(q("2020Q3"), ReadingState.NOT_DUE), ReadingState.NOT_DUE, "2020年三季度未到报送时间"),
        (Reading(q("2020Q3"), ReadingState.NO_DATA), ReadingState.NO_DATA, "2020年三季度无数据"),
        (
            Reading(q("2020Q3"), ReadingState.NO_DATA, reason="监测设备检修"),
            ReadingState.NO_DATA,
            "2020年三季度无数据：监测设备检修",
        ),
        (Reading(q("2020Q3")), ReadingState.NO_DATA, "2020年三季度缺分子或分母"),
    ],
)
def test_states_of_a_value_stay_apart(reading, state, reason):
    result = combine(IndicatorRule(), [reading] if reading else [], q("2020Q3"))
    assert (result.value, result.partial, result.state, result.reason) == (None, None, state, reason)
    assert (result.reported, result.owed) == (0, 1)


def test_zero_is_a_value():
    result = combine(IndicatorRule(), readings(y2020q3="0"), q("2020Q3"))
    assert (result.value, result.state, result.reported) == (D(0), ReadingState.VALUE, 1)


@pytest.mark.parametrize("how", list(Combine))
@pytest.mark.parametrize("accumulation", list(Accumulation))
def test_a_yearly_indicator_stands_by_its_latest_fourth_quarter(accumulation, how):
    rule = IndicatorRule(accumulation=accumulation, combine=how, asked=Asked.YEARLY)
    result = combine(rule, readings(y2018q4="7", y2019q4="8"), q("2019Q2"))
    assert (result.value, result.quarter, result.reported, result.owed) == (D(7), q("2018Q4"), 1, 1)
    assert combine(rule, readings(y2018q4="7", y2019q4="8"), q("2019Q4")).value == D(8)


def test_a_yearly_indicator_before_its_first_reading():
    rule = IndicatorRule(asked=Asked.YEARLY)
    early = combine(rule, [], q("2017Q2"))
    assert (early.state, early.reason) == (
        ReadingState.NOT_DUE,
        "每年四季度报送，本年未到报送时间，2016年四季度无数据",
    )
    assert combine(rule, [], q("2017Q4")).reason == "2017年四季度未填报"


@pytest.mark.parametrize(
    ("rule", "formula"),
    [
        (IndicatorRule(accumulation=PERIOD, combine=SUM, decimals=0), "11 + 21 = 32"),
        (
            IndicatorRule(accumulation=PERIOD, combine=MEAN, decimals=1),
            "（11 × 91 天 + 21 × 91 天）÷ 182 天 = 16.00",
        ),
        (IndicatorRule(accumulation=YEAR, combine=SUM, span=ROLLING, decimals=0), "40 + 21 − 20 = 41"),
        (IndicatorRule(), ""),
    ],
)
def test_the_combination_is_written_out(rule, formula):
    assert combine(rule, SERIES, q("2020Q2")).formula == formula


def test_the_rolling_mean_of_the_example_page():
    """PM2.5 of the mock-up: 46.8, 49.2, 33.1, 24.6 by days is 38.41."""
    rule = IndicatorRule(unit="微克/立方米", decimals=1, accumulation=PERIOD, combine=MEAN, span=ROLLING)
    series = readings(y2019q4="46.8", y2020q1="49.2", y2020q2="33.1", y2020q3="24.6")
    result = combine(rule, series, q("2020Q3"))
    assert result.value == D("14058.1") / 366  # 4305.6 + 4477.2 + 3012.1 + 2263.2
    assert result.formula == "（46.8 × 92 天 + 49.2 × 91 天 + 33.1 × 91 天 + 24.6 × 92 天）÷ 366 天 = 38.41"


def test_parts_are_written_out():
    rule = IndicatorRule(unit="%", decimals=1, combine=PARTS, accumulation=PERIOD)
    result = combine(rule, [parts("2020Q1", "120", "150"), parts("2020Q2", "130", "160")], q("2020Q2"))
    assert result.formula == "（120 + 130）÷（150 + 160）× 100 = 80.65"

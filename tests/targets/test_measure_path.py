"""Which requirement is in force, and what should have been reached by a quarter's last day."""

from datetime import date

import pytest

from targets.measure import (
    Baseline,
    Expected,
    IndicatorRule,
    NotComputable,
    PlanValue,
    Shape,
    expected_at,
    in_force,
)
from targets.terms import Accumulation, Asked, Combine, ExpectedBy, Span, TargetState
from tests.targets.measure_help import END, GREENWAY, LEVEL, D, need, q, stretch

FIRST, LAST = date(2017, 12, 31), END
EARLY, LATE = need("≥", "23", FIRST), need("≥", "32", LAST)


@pytest.mark.parametrize(
    ("at", "chosen"),
    [
        ("2016Q1", (EARLY,)),
        ("2017Q3", (EARLY,)),
        ("2017Q4", (EARLY,)),  # its own quarter still belongs to it
        ("2018Q1", (LATE,)),
        ("2020Q4", (LATE,)),
        ("2021Q1", (LATE,)),  # the last one stays
    ],
)
def test_the_earliest_not_yet_past_is_in_force(at, chosen):
    assert in_force([LATE, EARLY], q(at)) == chosen


def test_two_of_one_quarter_are_in_force_together():
    both = [need("≥", "80"), stretch("≥", "90", date(2020, 11, 30))]
    assert in_force(both, q("2020Q1")) == tuple(both)


def test_an_inapplicable_requirement_is_never_in_force():
    off = need("≥", "1", FIRST, condition="上游来水", condition_holds=False)
    assert in_force([off, LATE], q("2016Q1")) == (LATE,)
    assert in_force([off], q("2016Q1")) == ()
    assert in_force([], q("2016Q1")) == ()


PLANNED = [PlanValue(date(2018, 12, 31), D(26)), PlanValue(date(2019, 12, 31), D(29))]


@pytest.mark.parametrize(
    ("at", "value", "label"),
    [
        ("2018Q3", "23", "2017年12月31日目标"),  # the last milestone due
        ("2018Q4", "26", "2018年度计划值"),
        ("2019Q1", "26", "2018年度计划值"),
        ("2020Q3", "29", "2019年度计划值"),
    ],
)
def test_the_newest_plan_value_or_milestone(at, value, label):
    result = expected_at(GREENWAY, LATE, q(at), requirements=[EARLY, LATE], plan_values=PLANNED)
    assert isinstance(result, Expected)
    assert (result.value, result.label) == (D(value), label)
    assert (result.bounds.lower, result.bounds.upper) == (D(value), None)


def test_a_milestone_is_newer_than_an_older_plan_value():
    result = expected_at(
        GREENWAY, LATE, q("2018Q1"), requirements=[EARLY], plan_values=[PlanValue(date(2016, 12, 31), D(15))]
    )
    assert isinstance(result, Expected)
    assert result.value == D(23)


def test_on_one_day_the_plan_value_stands():
    result = expected_at(
        GREENWAY, LATE, q("2017Q4"), requirements=[EARLY], plan_values=[PlanValue(FIRST, D(24))]
    )
    assert isinstance(result, Expected)
    assert result.value == D(24)


def test_nothing_is_expected_that_nobody_planned():
    assert expected_at(LEVEL, LATE, q("2018Q1")) == NotComputable("未到期，未定年度计划值")
    later = [PlanValue(date(2018, 6, 30), D(5))]
    assert expected_at(LEVEL, LATE, q("2018Q1"), plan_values=later) == NotComputable("未到期，未定年度计划值")


@pytest.mark.parametrize(
    "earlier",
    [
        need("≥", None, FIRST, state=TargetState.PENDING),
        need("≥", "5", FIRST, condition="上游来水"),
        need("≥", "5", FIRST, condition="上游来水", condition_holds=False),
    ],
)
def test_an_unsettled_milestone_expects_nothing(earlier):
    assert isinstance(expected_at(LEVEL, LATE, q("2018Q1"), requirements=[earlier]), NotComputable)


def test_a_plan_value_includes_its_number_even_under_a_strict_target():
    result = expected_at(
        LEVEL, need(">", "80"), q("2018Q4"), plan_values=[PlanValue(date(2018, 12, 31), D(70))]
    )
    assert isinstance(result, Expected)
    assert result.bounds.contain(D(70))
    assert not result.bounds.contain(D("69.9"))


def test_a_plan_value_follows_the_comparator():
    planned = [PlanValue(date(2018, 12, 31), D(45), low=D(200), high=D(600))]
    at_most = expected_at(LEVEL, need("≤", "38"), q("2018Q4"), plan_values=planned)
    around = expected_at(LEVEL, need("around", "40", tolerance=D(1)), q("2018Q4"), plan_values=planned)
    between = expected_at(LEVEL, need("range", low=D(300), high=D(500)), q("2018Q4"), plan_values=planned)
    found = [(r.bounds.lower, r.bounds.upper) for r in (at_most, around, between) if isinstance(r, Expected)]
    assert found == [(None, D(45)), (D(44), D(46)), (D(200), D(600))]


def test_a_range_needs_a_planned_range():
    planned = [PlanValue(date(2018, 12, 31), D(45))]
    assert isinstance(
        expected_at(LEVEL, need("range", low=D(3), high=D(5)), q("2018Q4"), plan_values=planned),
        NotComputable,
    )


@pytest.mark.parametrize(
    ("rule", "shape", "grows"),
    [
        (IndicatorRule(), Shape.LEVEL, False),
        (IndicatorRule(accumulation=Accumulation.THIS_PERIOD), Shape.LEVEL, False),
        (IndicatorRule(accumulation=Accumulation.THIS_PERIOD, combine=Combine.SUM), Shape.YEAR, True),
        (IndicatorRule(accumulation=Accumulation.THIS_PERIOD, combine=Combine.MEAN), Shape.YEAR, False),
        (IndicatorRule(combine=Combine.PARTS, unit="%"), Shape.YEAR, False),
        (IndicatorRule(combine=Combine.SUM, span=Span.ROLLING), Shape.LEVEL, False),
        (IndicatorRule(accumulation=Accumulation.YEAR_TO_DATE), Shape.YEAR, True),
        (IndicatorRule(accumulation=Accumulation.YEAR_TO_DATE, unit="%"), Shape.YEAR, False),
        (IndicatorRule(accumulation=Accumulation.YEAR_TO_DATE, asked=Asked.YEARLY), Shape.LEVEL, False),
        (
            IndicatorRule(accumulation=Accumulation.YEAR_TO_DATE, combine=Combine.SUM, span=Span.ROLLING),
            Shape.LEVEL,
            False,
        ),
        (IndicatorRule(accumulation=Accumulation.YEAR_TO_DATE, span=Span.ROLLING), Shape.YEAR, True),
        (GREENWAY, Shape.PLAN, True),
    ],
)
def test_how_the_judged_value_grows(rule, shape, grows):
    assert (rule.shape, rule.grows) == (shape, grows)


YEARLY_SUM = IndicatorRule(unit="亿元", accumulation=Accumulation.YEAR_TO_DATE)


@pytest.mark.parametrize(
    ("comparator", "on", "at", "comparable"),
    [
        # A total of the year so far: only the same year, or year end with year end.
        ("≥", date(2019, 12, 31), "2020Q3", False),
        ("≥", date(2019, 12, 31), "2020Q4", True),
        ("≥", date(2020, 6, 30), "2020Q3", True),
        # A cap on such a total: only the same quarter, or year end with year end.
        ("≤", date(2020, 6, 30), "2020Q3", False),
        ("≤", date(2020, 9, 30), "2020Q3", True),
        ("≤", date(2019, 12, 31), "2020Q4", True),
        ("range", date(2020, 6, 30), "2020Q3", False),
    ],
)
def test_totals_of_a_year_compare_only_with_the_same_build_up(comparator, on, at, comparable):
    requirement = need(comparator, "55", low=D(50), high=D(60))
    planned = [PlanValue(on, D(20), low=D(10), high=D(30))]
    assert (
        isinstance(expected_at(YEARLY_SUM, requirement, q(at), plan_values=planned), Expected) == comparable
    )


def test_a_total_of_the_year_says_what_is_missing():
    planned = [PlanValue(date(2019, 12, 31), D(50))]
    result = expected_at(YEARLY_SUM, need("≥", "55"), q("2020Q3"), plan_values=planned)
    assert result == NotComputable("未到期，未定本季计划值，年内累计数不能与全年值比较")


@pytest.mark.parametrize(("comparator", "comparable"), [("≥", True), ("≤", False), ("around", False)])
def test_a_cap_on_a_plan_total_binds_in_its_own_quarter_only(comparator, comparable):
    planned = [PlanValue(date(2019, 12, 31), D(20))]
    requirement = need(comparator, "80", tolerance=D(5))
    assert (
        isinstance(expected_at(GREENWAY, requirement, q("2020Q1"), plan_values=planned), Expected)
        == comparable
    )
    assert isinstance(expected_at(GREENWAY, requirement, q("2019Q4"), plan_values=planned), Expected)


LINE = IndicatorRule(unit="微克/立方米", expected_by=ExpectedBy.BY_DAY)
BASE = Baseline(date(2015, 12, 31), D(50))


def test_a_straight_line_from_the_baseline_only_where_told():
    """2015-12-31 to 2020-12-31 is 1827 days, to 2017-06-30 547: 29.94 % of the way from 50 to 35."""
    result = expected_at(LINE, need("≤", "35"), q("2017Q2"), baseline=BASE)
    assert isinstance(result, Expected)
    assert (result.value, result.label) == (50 + D(-15) * 547 / 1827, "按日直线推算计划值")
    assert isinstance(expected_at(LEVEL, need("≤", "35"), q("2017Q2"), baseline=BASE), NotComputable)


def test_a_straight_line_runs_between_the_nearest_known_points():
    planned = [PlanValue(date(2017, 12, 31), D(45)), PlanValue(date(2018, 12, 31), D(41))]
    middle = expected_at(LINE, need("≤", "35"), q("2018Q2"), plan_values=planned, baseline=BASE)
    on_point = expected_at(LINE, need("≤", "35"), q("2018Q4"), plan_values=planned, baseline=BASE)
    assert isinstance(middle, Expected)
    assert isinstance(on_point, Expected)
    assert middle.value == 45 + D(-4) * 181 / 365
    assert (on_point.value, on_point.label) == (D(41), "2018年度计划值")


def test_a_straight_line_needs_both_ends():
    assert isinstance(expected_at(LINE, need("≤", "35"), q("2017Q2")), NotComputable)
    assert isinstance(
        expected_at(LINE, need("range", low=D(1), high=D(2)), q("2017Q2"), baseline=BASE), NotComputable
    )

"""One requirement against one value: met or not, gap, progress, completion rate."""

import pytest

from targets.measure import (
    Bounds,
    Gap,
    IndicatorRule,
    NotComputable,
    Progress,
    attainment,
    bounds_of,
    completion_rate,
    gap,
    progress,
)
from targets.terms import Attainment, Comparison, Kind, Rounding, TargetState
from tests.targets.measure_help import LEVEL, D, need

MET, NOT_MET = Attainment.MET, Attainment.NOT_MET


def test_a_tolerance_of_zero_is_set():
    assert attainment(need("around", "40", tolerance=D(0)), D(40), LEVEL) == MET


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        (need("≥", None, state=TargetState.PENDING), "目标值待下达"),
        (need("≥", "5", state=TargetState.PENDING), "目标值待下达"),
        (need("≥", None), "目标值未录入"),
        (need("around", "40"), "容差未定"),
        (need("range", low=D(3)), "区间上下限未定"),
        (need("range", high=D(3)), "区间上下限未定"),
        (need("≤", "0", condition="上游来水稳定改善"), "前提条件“上游来水稳定改善”是否成立待认定"),
    ],
)
def test_what_is_not_settled_is_no_target_and_says_why(requirement, reason):
    assert attainment(requirement, D(1), LEVEL) == Attainment.NO_TARGET
    assert bounds_of(requirement, LEVEL) == NotComputable(reason)
    assert gap(requirement, D(1), LEVEL) == NotComputable(reason)


@pytest.mark.parametrize("state", [TargetState.ASSIGNED, TargetState.PROVISIONAL, TargetState.REVISED])
def test_every_other_state_binds(state):
    assert attainment(need("≥", "5", state=state), D(5), LEVEL) == MET


@pytest.mark.parametrize(
    ("condition", "holds", "outcome"),
    [
        ("", None, MET),
        ("", False, MET),  # no condition, nothing to decide
        ("上游来水", None, Attainment.NO_TARGET),
        ("上游来水", True, MET),
        ("上游来水", False, Attainment.NOT_APPLICABLE),
    ],
)
def test_conditions(condition, holds, outcome):
    assert attainment(need("≥", "5", condition=condition, condition_holds=holds), D(5), LEVEL) == outcome


def test_no_data_is_never_a_value():
    assert attainment(need("≤", "0"), None, LEVEL) == Attainment.NO_DATA
    assert attainment(need("≤", None, state=TargetState.PENDING), None, LEVEL) == Attainment.NO_TARGET


@pytest.mark.parametrize(
    ("actual", "exact", "half_up", "half_even"),
    [
        ("38.4", NOT_MET, MET, MET),  # the two methods of GB/T 8170 disagree
        ("38.5", NOT_MET, NOT_MET, MET),  # 38.5 rounds to 39, or to the even 38
        ("38.6", NOT_MET, NOT_MET, NOT_MET),
        ("38", MET, MET, MET),
    ],
)
def test_exact_and_rounded_comparison(actual, exact, half_up, half_even):
    requirement = need("≤", "38")
    rules = [
        IndicatorRule(decimals=0),
        IndicatorRule(decimals=0, comparison=Comparison.ROUNDED),
        IndicatorRule(decimals=0, comparison=Comparison.ROUNDED, rounding=Rounding.HALF_EVEN),
    ]
    assert [attainment(requirement, D(actual), rule) for rule in rules] == [exact, half_up, half_even]


def test_rounded_comparison_uses_the_places_of_the_limit_where_known():
    rule = IndicatorRule(decimals=1, comparison=Comparison.ROUNDED)
    assert attainment(need("≤", "38"), D("38.4"), rule) == NOT_MET
    assert attainment(need("≤", "38", decimals=0), D("38.4"), rule) == MET
    assert attainment(need("≥", "21.30", decimals=2), D("21.296"), rule) == MET
    assert attainment(need("≥", "21.30", decimals=2), D("21.294"), rule) == NOT_MET


@pytest.mark.parametrize(
    ("comparator", "before", "now", "outcome"),
    [
        (">", "76.7", "90.1", MET),  # 持续提高
        (">", "76.7", "76.7", NOT_MET),
        (">", "76.7", "70", NOT_MET),
        ("≥", "76.7", "76.7", MET),  # 稳中有升
        ("≤", "5", "5", MET),
        ("<", "5", "4", MET),
        ("=", "5", "5", MET),
    ],
)
def test_a_trend_compares_with_the_same_value_a_year_before(comparator, before, now, outcome):
    rule = IndicatorRule(kind=Kind.TREND)
    assert attainment(need(comparator, "1"), D(now), rule, D(before)) == outcome


def test_a_trend_without_last_year_has_no_data():
    rule = IndicatorRule(kind=Kind.TREND)
    assert attainment(need(">", "0"), D(5), rule) == Attainment.NO_DATA
    assert bounds_of(need(">", "0"), rule) == NotComputable("缺上年同期值，无法比较趋势")
    assert attainment(need("range", low=D(1), high=D(2)), D(5), rule, D(5)) == Attainment.NO_TARGET
    assert attainment(need("around", None, tolerance=D(1)), D(5), rule, D(6)) == MET


def test_a_deliverable_without_a_value_asks_for_done():
    rule = IndicatorRule(kind=Kind.DELIVERABLE)
    assert [attainment(need("≥", None), D(n), rule) for n in (0, 1)] == [NOT_MET, MET]


@pytest.mark.parametrize(
    ("baseline", "target", "actual", "percent"),
    [
        ("12", "0", "3", "75"),  # a target of zero is nothing special
        ("12", "0", "0", "100"),
        ("50", "35", "40", "66.7"),
        ("50", "35", "33", "113.3"),
        ("50", "35", "55", "-33.3"),  # worse than the baseline
        ("50", "35", "50", "0.0"),
        ("0", "55", "44.6", "81.1"),
        ("56", "38", "38.41", "97.7"),
        ("-10", "10", "0", "50.0"),
    ],
)
def test_progress(baseline, target, actual, percent):
    result = progress(D(baseline), D(target), D(actual))
    assert isinstance(result, Progress)
    assert round(result.percent, 1) == D(percent)
    assert result.is_worse_than_baseline == (D(percent) < 0)


@pytest.mark.parametrize(
    ("baseline", "target", "actual", "reason"),
    [
        (None, "5", "3", "没有基期值"),
        ("5", None, "3", "没有单一的目标值"),
        ("5", "7", None, "没有实际值"),
        ("5", "5", "5", "基期值等于目标值"),
        ("5", "5", "3", "基期值等于目标值"),
        (None, None, None, "没有基期值"),
    ],
)
def test_progress_that_cannot_be_computed_is_neither_0_nor_100(baseline, target, actual, reason):
    numbers = [None if text is None else D(text) for text in (baseline, target, actual)]
    assert progress(*numbers) == NotComputable(reason)


@pytest.mark.parametrize(
    ("requirement", "unit", "actual", "amount", "gap_unit"),
    [
        (need("≤", "38"), "微克/立方米", "38.41", "0.41", "微克/立方米"),
        (need("≥", "83"), "%", "81.2", "1.8", "个百分点"),
        (need("≥", "83"), "%", "90", "0", "个百分点"),
        (need("≤", "2"), "‰", "3", "1", "个千分点"),
        (need("≥", "32"), "公里", "30.6", "1.4", "公里"),
        (need("range", low=D(300), high=D(500)), "米", "620", "120", "米"),
        (need("range", low=D(300), high=D(500)), "米", "250", "50", "米"),
        (need("around", "40", tolerance=D(1)), "%", "38.4", "0.6", "个百分点"),
        (
            need(">", "80"),
            "%",
            "80",
            "0",
            "个百分点",
        ),  # exactly the excluded number: nothing lacks, yet not met
        (need("=", "5"), "个", "7", "2", "个"),
    ],
)
def test_gap(requirement, unit, actual, amount, gap_unit):
    assert gap(requirement, D(actual), IndicatorRule(unit=unit)) == Gap(D(amount), gap_unit)


def test_gap_without_a_value_or_a_binding_requirement():
    assert gap(need("≥", "5"), None, LEVEL) == NotComputable("没有实际值")
    off = need("≥", "5", condition="上游来水", condition_holds=False)
    assert gap(off, D(1), LEVEL) == NotComputable("前提条件不成立，不适用")


@pytest.mark.parametrize(
    ("bounds", "actual", "rate"),
    [
        (Bounds(lower=D(55)), "44.6", D("44.6") / 55),
        (Bounds(lower=D(55)), "55", D(1)),
        (Bounds(lower=D(55)), "60", D(1)),  # over-fulfilment adds nothing
        (Bounds(lower=D(55)), "-3", D(0)),
        (Bounds(upper=D(38)), "28", D(1)),
        (Bounds(upper=D(38)), "38", D(1)),
        (Bounds(upper=D(38)), "57", D("0.5")),
        (Bounds(upper=D(38)), "76", D(0)),
        (Bounds(upper=D(38)), "100", D(0)),
        (Bounds(lower=D(0)), "0", D(1)),  # zero targets: met or not, never a division
        (Bounds(lower=D(0)), "-1", D(0)),
        (Bounds(upper=D(0)), "0", D(1)),
        (Bounds(upper=D(0)), "1", D(0)),
        (Bounds(upper=D(-10)), "-8", D("0.8")),  # a decline of 8 where 10 were asked
        (Bounds(upper=D(-10)), "-12", D(1)),
        (Bounds(upper=D(-10)), "2", D(0)),
        (Bounds(lower=D(-5)), "-6", D("0.8")),
        (Bounds(D(300), D(500)), "400", D(1)),
        (Bounds(D(300), D(500)), "150", D("0.5")),
        (Bounds(D(300), D(500)), "750", D("0.5")),
        (Bounds(D(5), D(5)), "4", D("0.8")),
    ],
)
def test_completion_rate_for_scoring(bounds, actual, rate):
    assert completion_rate(bounds, D(actual)) == rate


def test_completion_rate_without_numbers():
    assert completion_rate(NotComputable("目标值待下达"), D(1)) == NotComputable("目标值待下达")
    assert completion_rate(Bounds(lower=D(1)), None) == NotComputable("没有实际值")

"""What holds for every combination of valid data."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from targets.measure import (
    SEVERITY,
    Baseline,
    Bounds,
    Combined,
    IndicatorRule,
    NotComputable,
    PlanValue,
    Quarter,
    Reading,
    ReadingState,
    Requirement,
    Thresholds,
    Verdict,
    combine,
    completion_rate,
    judge,
    progress,
)
from targets.terms import (
    Accumulation,
    Asked,
    Attainment,
    Combine,
    Comparator,
    Comparison,
    ExpectedBy,
    Kind,
    Rounding,
    Span,
    Standing,
    Strength,
    TargetState,
)
from tests.targets.measure_help import D

numbers = st.decimals(min_value=-10_000, max_value=10_000, places=4)
large = st.decimals(min_value=-(10**13), max_value=10**13, places=4)
quarters = st.builds(Quarter, st.integers(2016, 2021), st.integers(1, 4))
days = st.dates(date(2016, 1, 1), date(2021, 12, 31))
maybe = st.one_of(st.none(), large)

rules = st.builds(
    IndicatorRule,
    unit=st.sampled_from(["", "%", "‰", "公里"]),
    decimals=st.integers(0, 4),
    kind=st.sampled_from(Kind),
    accumulation=st.sampled_from(Accumulation),
    combine=st.sampled_from(Combine),
    span=st.sampled_from(Span),
    asked=st.sampled_from(Asked),
    holds=st.booleans(),
    rounding=st.sampled_from(Rounding),
    comparison=st.sampled_from(Comparison),
    expected_by=st.sampled_from(ExpectedBy),
    levels=st.sampled_from([(), ("未启动", "推进中", "基本达到", "达到")]),
)
requirements = st.builds(
    Requirement,
    due_on=days,
    comparator=st.sampled_from(Comparator),
    value=maybe,
    low=maybe,
    high=maybe,
    tolerance=st.one_of(st.none(), st.decimals(min_value=0, max_value=100, places=4)),
    strength=st.sampled_from(Strength),
    state=st.sampled_from(TargetState),
    condition=st.sampled_from(["", "上游来水稳定改善"]),
    condition_holds=st.sampled_from([None, True, False]),
    decimals=st.one_of(st.none(), st.integers(0, 4)),
)
readings = st.builds(
    Reading,
    quarter=quarters,
    state=st.sampled_from(ReadingState),
    value=maybe,
    numerator=maybe,
    denominator=maybe,
    reason=st.sampled_from(["", "设备检修"]),
)
plan_values = st.builds(PlanValue, on=days, value=maybe, low=maybe, high=maybe)
baselines = st.one_of(st.none(), st.builds(Baseline, on=days, value=large))
percents = st.decimals(min_value=0, max_value=100, places=2)
thresholds = st.builds(Thresholds, behind_above=percents, late_above=percents)


def finite(number: object) -> bool:
    return number is None or (isinstance(number, Decimal) and number.is_finite())


def check_combined(value: Combined) -> None:
    assert finite(value.value)
    assert finite(value.partial)
    assert 0 <= value.reported <= value.owed
    assert (value.value is None) == (value.state != ReadingState.VALUE)
    assert (value.reason == "") == (value.state == ReadingState.VALUE)
    if value.missing:
        assert value.value is None


@settings(max_examples=400, deadline=None)
@given(
    rule=rules,
    wanted=st.lists(requirements, max_size=4),
    known=st.lists(readings, max_size=14),
    at=quarters,
    planned=st.lists(plan_values, max_size=3),
    baseline=baselines,
    limits=thresholds,
)
def test_judging_answers_for_every_combination(rule, wanted, known, at, planned, baseline, limits):
    verdict = judge(rule, wanted, known, at, plan_values=planned, baseline=baseline, thresholds=limits)
    assert isinstance(verdict, Verdict)
    check_combined(verdict.actual)
    assert verdict.reason
    assert len(verdict.reason) <= 500
    assert 0 <= verdict.met <= verdict.due <= len(wanted)
    for judged in verdict.judged:
        assert finite(judged.shortfall)
        if judged.actual.value is None and not judged.failed:
            assert judged.standing == Standing.UNKNOWN
        if judged.requirement.strength == Strength.STRETCH:
            assert judged.standing != Standing.LATE
        if judged.attainment in (Attainment.NO_TARGET, Attainment.NOT_APPLICABLE, Attainment.NO_DATA):
            assert judged.standing == Standing.UNKNOWN
        if judged.standing == Standing.DONE:
            assert judged.attainment == Attainment.MET


@settings(max_examples=400, deadline=None)
@given(rule=rules, known=st.lists(readings, max_size=14), at=quarters)
def test_combining_answers_for_every_combination(rule, known, at):
    check_combined(combine(rule, known, at))


@given(
    rule=rules, wanted=st.lists(requirements, max_size=4), known=st.lists(readings, max_size=14), at=quarters
)
@settings(deadline=None)
def test_quarters_to_come_change_nothing(rule, wanted, known, at):
    past = [reading for reading in known if reading.quarter <= at]
    assert judge(rule, wanted, known, at) == judge(rule, wanted, past, at)


plain_rules = st.builds(
    IndicatorRule,
    decimals=st.integers(0, 4),
    comparison=st.sampled_from(Comparison),
    rounding=st.sampled_from(Rounding),
)
AT = Quarter(2020, 2)


def standing_of(rule, comparator, limit, planned, actual, due, limits=Thresholds()):  # noqa: B008
    verdict = judge(
        rule,
        [Requirement(due, comparator, value=limit)],
        [Reading(AT, value=actual)],
        AT,
        plan_values=[PlanValue(date(2019, 12, 31), planned)],
        thresholds=limits,
    )
    return verdict.standing


@settings(deadline=None)
@given(
    rule=plain_rules,
    comparator=st.sampled_from([Comparator.AT_LEAST, Comparator.MORE_THAN]),
    limit=numbers,
    planned=numbers,
    one=numbers,
    other=numbers,
    due=st.sampled_from([date(2019, 12, 31), date(2020, 6, 30), date(2020, 12, 31)]),
    limits=thresholds,
)
def test_more_is_never_worse_where_more_is_asked(rule, comparator, limit, planned, one, other, due, limits):
    low, high = sorted([one, other])
    worse = SEVERITY[standing_of(rule, comparator, limit, planned, low, due, limits)]
    better = SEVERITY[standing_of(rule, comparator, limit, planned, high, due, limits)]
    assert better <= worse


MIRROR = {
    Comparator.AT_LEAST: Comparator.AT_MOST,
    Comparator.MORE_THAN: Comparator.LESS_THAN,
    Comparator.EQUAL: Comparator.EQUAL,
}


@settings(deadline=None)
@given(
    rule=plain_rules,
    comparator=st.sampled_from(list(MIRROR)),
    limit=numbers,
    planned=numbers,
    actual=numbers,
    due=st.sampled_from([date(2019, 12, 31), date(2020, 6, 30), date(2020, 12, 31)]),
)
def test_the_mirrored_direction_has_the_same_light(rule, comparator, limit, planned, actual, due):
    straight = standing_of(rule, comparator, limit, planned, actual, due)
    assert straight == standing_of(rule, MIRROR[comparator], -limit, -planned, -actual, due)


@given(limits=thresholds, shortfall=st.decimals(min_value=-200, max_value=200, places=6))
def test_thresholds_leave_no_gap(limits, shortfall):
    light = limits.light(shortfall)
    assert light in (Standing.ON_TRACK, Standing.BEHIND, Standing.LATE)
    if limits.behind_above <= limits.late_above:
        more = limits.light(shortfall + D("0.000001"))
        assert SEVERITY[more] >= SEVERITY[light]


@settings(deadline=None)
@given(
    holds=st.booleans(),
    values=st.lists(st.one_of(st.none(), numbers), min_size=4, max_size=12),
    place=st.integers(0, 11),
    limit=numbers,
)
def test_meeting_in_one_more_quarter_never_worsens(holds, values, place, limit):
    """Replacing one quarter's value or gap by one that meets the requirement."""
    assume(place < len(values))
    rule = IndicatorRule(holds=holds)
    first = Quarter(2018, 1)
    at = first.shifted(len(values) - 1)

    def severity(series):
        known = [
            Reading(first.shifted(n), ReadingState.NOT_FILED if v is None else ReadingState.VALUE, value=v)
            for n, v in enumerate(series)
        ]
        wanted = [Requirement(date(2018, 12, 31), value=limit), Requirement(at.last_day, value=limit)]
        return SEVERITY[judge(rule, wanted, known, at).standing]

    better = [limit if n == place else value for n, value in enumerate(values)]
    assert severity(better) <= severity(values)


@given(baseline=numbers, target=numbers, actual=numbers)
def test_progress_is_0_at_the_baseline_100_at_the_target_and_blind_to_direction(baseline, target, actual):
    assume(baseline != target)
    assert progress(baseline, target, baseline).percent == 0
    assert progress(baseline, target, target).percent == 100
    assert progress(baseline, target, actual) == progress(-baseline, -target, -actual)


@given(baseline=numbers, actual=numbers)
def test_progress_without_a_way_to_go(baseline, actual):
    assert isinstance(progress(baseline, baseline, actual), NotComputable)


bounds = st.builds(
    Bounds, st.one_of(st.none(), numbers), st.one_of(st.none(), numbers), st.booleans(), st.booleans()
)


@given(limit=bounds, actual=numbers)
def test_a_completion_rate_lies_between_0_and_1_and_is_full_when_met(limit, actual):
    rate = completion_rate(limit, actual)
    assert isinstance(rate, Decimal)
    assert 0 <= rate <= 1
    if limit.contain(actual):
        assert rate == 1


@given(limit=numbers, one=numbers, other=numbers)
def test_a_completion_rate_grows_with_the_actual(limit, one, other):
    low, high = sorted([one, other])
    at_least = Bounds(lower=limit)
    assert completion_rate(at_least, low) <= completion_rate(at_least, high)
    at_most = Bounds(upper=limit)
    assert completion_rate(at_most, low) >= completion_rate(at_most, high)


@given(
    values=st.lists(numbers, min_size=4, max_size=4),
    number=st.integers(1, 4),
    how=st.sampled_from([Combine.SUM, Combine.MEAN]),
)
def test_a_rolling_value_at_the_years_end_is_the_calendar_years(values, number, how):
    known = [Reading(Quarter(2019, n + 1), value=v) for n, v in enumerate(values)]
    rule = IndicatorRule(accumulation=Accumulation.THIS_PERIOD, combine=how)
    rolling = replace(rule, span=Span.ROLLING)
    assert combine(rule, known, Quarter(2019, 4)).value == combine(rolling, known, Quarter(2019, 4)).value


@given(values=st.lists(numbers, min_size=8, max_size=8))
def test_year_to_date_and_this_period_give_the_same_rolling_sum(values):
    """The same facts entered either way."""
    each = [Reading(Quarter(2019, 1).shifted(n), value=v) for n, v in enumerate(values)]
    so_far = [
        Reading(reading.quarter, value=sum(values[n - n % 4 : n + 1], D(0))) for n, reading in enumerate(each)
    ]
    by_period = IndicatorRule(accumulation=Accumulation.THIS_PERIOD, combine=Combine.SUM, span=Span.ROLLING)
    by_year = replace(by_period, accumulation=Accumulation.YEAR_TO_DATE)
    for at in (Quarter(2019, 4), Quarter(2020, 1), Quarter(2020, 3), Quarter(2020, 4)):
        assert combine(by_period, each, at).value == combine(by_year, so_far, at).value

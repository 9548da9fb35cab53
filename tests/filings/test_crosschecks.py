"""The arithmetic of cross-checks: a table of truths for every kind, its words, and what holds for all numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filings.crosschecks import Limits, Side, Verdict, advice, agree, judge, jump, part_of, rising, sentence
from filings.terms import RuleKind, Severity
from targets.measure import Quarter
from targets.terms import Accumulation

HOLDS, FOUND, UNCHECKED = Verdict.HOLDS, Verdict.FOUND, Verdict.UNCHECKED
POINT, YEAR, PLAN = Accumulation.POINT_IN_TIME, Accumulation.YEAR_TO_DATE, Accumulation.PLAN_TO_DATE
HERE = Quarter(2020, 2)
D = Decimal


def number(text: str) -> Decimal | None:
    return None if text == "-" else D(text)


def limits(kind: RuleKind, allowed: str = "0", factor: str = "3") -> Limits:
    """`5%` is a percent, `5` is in the unit."""
    return Limits(kind, D(allowed.removesuffix("%")), allowed.endswith("%"), D(factor))


def history(*values: str, until: Quarter = HERE) -> dict[Quarter, Decimal]:
    """Values up to a quarter, oldest first; `-` is a quarter without one."""
    quarters = (until.shifted(no - len(values) + 1) for no in range(len(values)))
    return {quarter: D(value) for quarter, value in zip(quarters, values, strict=True) if value != "-"}


PARTS = [
    # part, whole, allowed, verdict, by
    ("9", "10", "0", HOLDS, "-1"),
    ("10", "10", "0", HOLDS, "0"),
    ("10.0001", "10", "0", FOUND, "0.0001"),
    ("0", "0", "0", HOLDS, "0"),
    ("1", "0", "0", FOUND, "1"),
    ("-1", "-2", "0", FOUND, "1"),
    ("12", "10", "2", HOLDS, "2"),
    ("12.1", "10", "2", FOUND, "2.1"),
    ("100", "95", "5%", HOLDS, "5"),
    ("100", "94.9", "5%", FOUND, "5.1"),
]


@pytest.mark.parametrize(("part", "whole", "allowed", "verdict", "by"), PARTS)
def test_a_part_is_no_more_than_its_whole(part, whole, allowed, verdict, by):
    outcome = part_of(D(part), D(whole), limits(RuleKind.PART, allowed))
    assert (outcome.verdict, outcome.by) == (verdict, D(by))


PAIRS = [
    ("10", "10", "0", HOLDS),
    ("10", "9.9999", "0", FOUND),
    ("-3", "3", "6", HOLDS),
    ("-3", "3", "5.9", FOUND),
    ("100", "98", "2%", HOLDS),
    ("100", "97.9", "2%", FOUND),
    ("97.9", "100", "2%", FOUND),
    ("0", "0", "0%", HOLDS),
    ("0", "1", "99%", FOUND),
    ("0", "1", "100%", HOLDS),
]


@pytest.mark.parametrize(("one", "other", "allowed", "verdict"), PAIRS)
def test_two_values_for_one_fact_agree(one, other, allowed, verdict):
    assert agree(D(one), D(other), limits(RuleKind.AGREE, allowed)).verdict == verdict


SERIES = [
    # values up to 2020Q2, what they span, allowed, verdict, the earlier quarter
    (("3", "5"), YEAR, "0", HOLDS, Quarter(2020, 1)),
    (("5", "5"), YEAR, "0", HOLDS, Quarter(2020, 1)),
    (("5", "3"), YEAR, "0", FOUND, Quarter(2020, 1)),
    (("5", "3"), YEAR, "2", HOLDS, Quarter(2020, 1)),
    (("5", "3"), YEAR, "39%", FOUND, Quarter(2020, 1)),
    (("5", "3"), YEAR, "40%", HOLDS, Quarter(2020, 1)),
    (("9", "-", "3"), YEAR, "0", UNCHECKED, None),
    (("9", "-", "3"), PLAN, "0", FOUND, Quarter(2019, 4)),
    (("9", "-", "-", "3"), POINT, "0", FOUND, Quarter(2019, 3)),
    (("3",), PLAN, "0", UNCHECKED, None),
    (("3", "-"), PLAN, "0", UNCHECKED, None),
    (("9", *"-" * 12, "3"), PLAN, "0", UNCHECKED, None),
]


@pytest.mark.parametrize(("values", "span", "allowed", "verdict", "since"), SERIES)
def test_a_cumulative_value_does_not_fall_within_its_span(values, span, allowed, verdict, since):
    outcome = rising(history(*values), HERE, span, limits(RuleKind.RISING, allowed))
    assert (outcome.verdict, outcome.since) == (verdict, since)


JUMPS = [
    # values up to 2020Q2, what they span, floor, factor, verdict, allowed
    (("10", "11", "12", "13", "14", "16.4"), POINT, "0", "3", HOLDS, "4.4478"),
    (("10", "11", "12", "13", "14", "16.4479"), POINT, "0", "3", FOUND, "4.4478"),
    (("10", "11", "12", "13", "14", "7.5521"), POINT, "0", "3", FOUND, "4.4478"),
    (("10", "11", "12", "13", "14", "16.4479"), POINT, "5", "3", HOLDS, "5"),
    (("10", "11", "12", "13", "14", "16"), POINT, "0", "2", FOUND, "2.9652"),
    (("5", "5", "5", "5", "5"), POINT, "0", "3", HOLDS, "0"),
    (("5", "5", "5", "9", "5.01"), POINT, "0", "3", FOUND, "0"),
    (("5", "5", "5", "9", "5.01"), POINT, "0.01", "3", HOLDS, "0.01"),
    (("5", "5", "5", "99"), POINT, "0", "3", UNCHECKED, "0"),
    (("5", "5", "5", "-", "99"), POINT, "0", "3", UNCHECKED, "0"),
    (("5", "5", "5", "5", "-"), POINT, "0", "3", UNCHECKED, "0"),
    # cumulative: what is new of each quarter, 2 each
    (("2", "4", "6", "8", "10", "12"), PLAN, "0", "3", HOLDS, "0"),
    (("2", "4", "6", "8", "10", "13"), PLAN, "0", "3", FOUND, "0"),
    (("4", "6", "8", "2", "4"), YEAR, "0", "3", UNCHECKED, "0"),
    (("2", "4", "6", "8", "2", "4"), YEAR, "0", "3", HOLDS, "0"),
    (("2", "4", "6", "8", "2", "5"), YEAR, "0", "3", FOUND, "0"),
    (("2", "4", "6", "8", "-", "4"), YEAR, "0", "3", UNCHECKED, "0"),
]


@pytest.mark.parametrize(("values", "span", "floor", "factor", "verdict", "allowed"), JUMPS)
def test_a_jump_is_judged_by_the_median_and_mad_of_the_history(values, span, floor, factor, verdict, allowed):
    outcome = jump(history(*values), HERE, span, limits(RuleKind.JUMP, floor, factor))
    assert (outcome.verdict, outcome.allowed) == (verdict, D(allowed))


def test_quarters_beyond_the_window_say_nothing():
    values = history("1000", "1000", "1000", "1000", *["5"] * 12, "5")
    assert jump(values, HERE, POINT, limits(RuleKind.JUMP)).points == 12


@pytest.mark.parametrize(
    ("kind", "one", "other", "why"),
    [
        (RuleKind.PART, "-", "1", "部分没有数值"),
        (RuleKind.PART, "1", "-", "总体没有数值"),
        (RuleKind.AGREE, "-", "1", "第一项没有数值"),
        (RuleKind.AGREE, "1", "-", "第二项没有数值"),
        (RuleKind.RISING, "-", "-", "本季没有数值"),
        (RuleKind.RISING, "1", "-", "本年此前没有数值"),
        (RuleKind.JUMP, "-", "-", "本季没有数值"),
        (RuleKind.JUMP, "1", "-", "上季没有数值，算不出本季新增"),
    ],
)
def test_what_is_missing_is_no_finding_and_says_why(kind, one, other, why):
    first, second = ({HERE: value} if (value := number(text)) is not None else {} for text in (one, other))
    outcome = judge(limits(kind), HERE, first, second, YEAR)
    assert (outcome.verdict, outcome.why) == (UNCHECKED, why)


GREENWAY, ROADS = Side("绿道", "公里", "建设局"), Side("道路", "公里", "交通局")
WORDS = [
    (
        limits(RuleKind.PART),
        history("12"),
        history("10"),
        "2020年二季度“绿道”为 12 公里（建设局），“道路”为 10 公里（交通局），部分大于总体，多 2 公里。",
    ),
    (
        limits(RuleKind.AGREE, "5%"),
        history("12"),
        history("10"),
        "2020年二季度“绿道”为 12 公里（建设局），“道路”为 10 公里（交通局），两者应一致，相差 2 公里，超过允许的较大数的 5%，即 0.6 公里。",
    ),
    (
        limits(RuleKind.RISING, "1"),
        history("12", "10"),
        {},
        "“绿道”累计值由2020年一季度的 12 公里 降为2020年二季度的 10 公里（建设局），减少 2 公里，超过允许的 1 公里。",
    ),
    (
        limits(RuleKind.JUMP),
        history("2", "4", "6", "8", "10", "13"),
        {},
        "2020年二季度“绿道”新增 3 公里（建设局），近 4 期中位数为 2 公里，相差 1 公里，超过允许的 0 公里，历史值过半相同。",
    ),
    (limits(RuleKind.PART), history("9"), history("10"), ""),
]


@pytest.mark.parametrize(("allowed", "values", "other", "said"), WORDS)
def test_a_finding_says_both_values_their_units_the_quarter_and_the_difference(allowed, values, other, said):
    assert sentence(allowed, HERE, GREENWAY, ROADS, judge(allowed, HERE, values, other, PLAN)) == said


def test_a_difference_of_shares_is_in_points():
    one, other = Side("甲", "%"), Side("乙", "%")
    outcome = agree(D(80), D(75), limits(RuleKind.AGREE))
    assert sentence(limits(RuleKind.AGREE), HERE, one, other, outcome).endswith("相差 5 个百分点。")


@pytest.mark.parametrize(
    ("severity", "is_of_two", "said"),
    [
        (Severity.INFO, True, ""),
        (Severity.WARNING, True, "请核对，或在提醒说明中写明原因。"),
        (Severity.ERROR, True, "改正后才能提交；认为对方的数有误的，请联系推进办退回对方更正。"),
        (Severity.ERROR, False, "改正后才能提交；情况属实的，请联系推进办调整勾稽规则。"),
    ],
)
def test_what_to_do_follows_the_severity(severity, is_of_two, said):
    assert advice(severity, office="推进办", is_of_two=is_of_two) == said


numbers = st.decimals("-1000000", "1000000", places=4)
sizes = st.decimals("0", "1000", places=4)


@given(numbers, numbers, sizes, st.booleans())
def test_agreement_is_symmetric(one, other, tolerance, is_percent):
    allowed = Limits(RuleKind.AGREE, tolerance, is_percent)
    assert agree(one, other, allowed).verdict == agree(other, one, allowed).verdict


@given(st.sampled_from([part_of, agree]), numbers, numbers, sizes, sizes, st.booleans())
def test_more_tolerance_never_finds_more(check, one, other, less, more, is_percent):
    strict, mild = (Limits(RuleKind.AGREE, size, is_percent) for size in sorted((less, more)))
    if check(one, other, strict).verdict == HOLDS:
        assert check(one, other, mild).verdict == HOLDS


@given(st.lists(numbers, min_size=1, max_size=16), numbers, sizes)
def test_a_jump_does_not_depend_on_where_zero_lies(values, shift, floor):
    allowed = Limits(RuleKind.JUMP, floor)
    series = dict(zip((HERE.shifted(-n) for n in range(len(values))), values, strict=True))
    moved = {quarter: value + shift for quarter, value in series.items()}
    assert jump(series, HERE, POINT, allowed).verdict == jump(moved, HERE, POINT, allowed).verdict


@given(
    st.sampled_from(RuleKind),
    st.dictionaries(st.integers(-20, 0).map(HERE.shifted), numbers),
    st.dictionaries(st.integers(-20, 0).map(HERE.shifted), numbers),
    st.sampled_from(Accumulation),
    sizes,
    st.booleans(),
)
def test_every_check_answers_whatever_is_missing(kind, values, other, accumulation, tolerance, is_percent):
    allowed = Limits(kind, tolerance, is_percent)
    outcome = judge(allowed, HERE, values, other, accumulation)
    said = sentence(allowed, HERE, GREENWAY, ROADS, outcome)
    assert bool(said) == (outcome.verdict == FOUND)
    assert bool(outcome.why) == (outcome.verdict == UNCHECKED)

"""What is left to bring, and where it is heading: words, and what holds for every combination of valid data."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.measure import (
    Forecast,
    NotComputable,
    Quarter,
    Reading,
    Required,
    Requirement,
    forecast,
    required,
)
from targets.measure.forecast import theil_sen
from targets.terms import Comparator
from tests.targets.measure_help import END, GREENWAY, LEVEL, D, q
from tests.targets.test_golden import readings_of, requirement_of, rule_of
from tests.targets.test_measure_properties import finite, quarters, readings, requirements, rules


@pytest.mark.parametrize(
    ("rule", "asks", "given_", "at", "words"),
    [
        ("公里 d1 plan", "≥32", "2019Q4=23", "2019Q4", "还有 4 个季度，尚需 9 公里，平均每季至少 2.3 公里"),
        ("公里 d1 plan", "≥32", "2019Q4=33", "2019Q4", "已经达到，余下各季不减少即可"),
        ("吨 d1 plan", "≤100", "2019Q4=110", "2019Q4", "还有 4 个季度，已超出 10 吨，已不可能达到"),
        (
            "天 d0 period sum days", "≥300", "2020Q1: 60 55", "2020Q2",
            "余下 2 个季度，尚需 185 天，平均每季至少 93 天，已不可能达到，余下最多只能增加 184 天",
        ),
        (
            "% d1 period parts days", "≥82", "2020Q1: 80/91 70/91", "2020Q2",
            "余下 2 个季度 184 天，至少 151 天达标，最多还能有 33 天不达标",
        ),
        (
            "% d1 period parts days", "≥82", "2020Q1: 40/91 40/91", "2020Q2",
            "余下 2 个季度 184 天，需要 221 天达标，已不可能达到",
        ),
        (
            "% d1 period parts", "≥95", "2019Q4=90/100", "2019Q4",
            "期限所在的 4 个季度合计须不低于 95.00%",
        ),
        (
            "% d1 period parts", ">95", "2020Q1: 90/100 90/100", "2020Q2",
            "余下 2 个季度合计须高于 100.00%，已不可能达到（各季分母按已有各季的平均数推算）",
        ),
        (
            "微克/立方米 d1 period mean", "≤38", "2020Q1: 45 35", "2020Q2",
            "余下 2 个季度平均须不高于 36.02 微克/立方米",
        ),
    ],
)  # fmt: skip
def test_what_is_left_in_words(rule, asks, given_, at, words):
    found = required(rule_of(rule), requirement_of(asks), readings_of(given_), q(at))
    assert isinstance(found, Required)
    assert found.words == words


def test_a_forecast_in_words():
    found = forecast(LEVEL, Requirement(END, value=D(90)), readings_of("2019Q1: 80 81 82 83"), q("2019Q4"))
    assert isinstance(found, Forecast)
    assert found.words == "2020年四季度约 87.0%（87.0—87.0），预计达不到；按 4 期数据的走势推算，不影响亮灯"


@settings(max_examples=300, deadline=None)
@given(
    rule=rules, wanted=requirements, known=st.lists(readings, max_size=14), at=quarters, days=st.booleans()
)
def test_what_is_left_answers_for_every_combination(rule, wanted, known, at, days):
    found = required(replace(rule, counts_days=days), wanted, known, at)
    if isinstance(found, NotComputable):
        assert found.reason
        return
    assert finite(found.least)
    assert finite(found.most)
    assert found.quarters > 0
    assert found.words


@settings(max_examples=300, deadline=None)
@given(rule=rules, wanted=requirements, known=st.lists(readings, max_size=20), at=quarters)
def test_a_forecast_answers_for_every_combination(rule, wanted, known, at):
    found = forecast(rule, wanted, known, at)
    if isinstance(found, NotComputable):
        assert found.reason
        return
    assert found.low <= found.value <= found.high
    assert found.points >= 4
    assert found.words


numbers = st.decimals(min_value=-1000, max_value=1000, places=2)


@given(values=st.lists(numbers, min_size=4, max_size=8), shift=numbers)
def test_a_trend_moves_with_its_points_and_turns_with_them(values, shift):
    points = list(enumerate(values))
    middle, low, high = theil_sen(points, 12)
    moved = theil_sen([(x, y + shift) for x, y in points], 12)
    assert [round(x - shift, 12) for x in moved] == [round(x, 12) for x in (middle, low, high)]
    assert theil_sen([(x, -y) for x, y in points], 12) == (-middle, -high, -low)


@given(
    total=st.decimals(min_value=0, max_value=100, places=2),
    more=st.decimals(min_value=0, max_value=50, places=2),
)
def test_the_more_is_there_the_less_is_left(total: Decimal, more: Decimal):
    at, need = Quarter(2020, 1), Requirement(END, Comparator.AT_LEAST, value=D(100))
    first = required(GREENWAY, need, [Reading(at, value=total)], at)
    second = required(GREENWAY, need, [Reading(at, value=total + more)], at)
    assert second.least <= first.least

"""The predicates as truth tables."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assessment.rules import (
    ClassOutline,
    is_stale,
    param_problems,
    scheme_problems,
    why_not_adjust,
    why_not_compute,
    why_not_finalise,
    why_not_touch,
)

NONE: list[str] = []
BOUNDS = [Decimal(90), Decimal(0)]


def outline(name="甲类", *, ranked=True, members=1, weights=("60", "40"), sources=("tasks", "quality")):
    criteria = {
        no: (f"第{no}项", Decimal(weight), source, {})
        for no, (weight, source) in enumerate(zip(weights, sources, strict=True), 1)
    }
    return ClassOutline(name, ranked, members, criteria)


def quarter(number: int, publication: int | None) -> dict[str, int | None]:
    return {"quarter": number, "publication": publication}


WHOLE = [quarter(number, number) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("classes", "bounds", "said"),
    [
        ([outline()], BOUNDS, NONE),
        ([outline(), outline("企业", ranked=False, weights=(), sources=())], BOUNDS, NONE),
        ([outline(weights=("60", "39.99"))], BOUNDS, ["“甲类”各项分值合计 99.99，应为 100。"]),
        ([outline(members=0)], BOUNDS, ["“甲类”没有单位。"]),
        ([outline(weights=(), sources=())], BOUNDS, ["“甲类”没有考核项。"]),
        (
            [outline(sources=("quality", "quality"))],
            BOUNDS,
            ["“甲类”有两项都用“报送时效与退回”计分，同一数字不能计两次。"],
        ),
        ([outline(), outline("企业", ranked=False)], BOUNDS, ["“企业”不计分排名，不应有考核项。"]),
        ([outline(ranked=False, weights=(), sources=())], BOUNDS, ["没有计分排名的单位分类。"]),
        ([outline()], [Decimal(90)], ["等次没有从 0 分起，低分没有等次。"]),
    ],
)
def test_what_keeps_a_scheme_from_being_computed(classes, bounds, said):
    assert scheme_problems(classes, bounds) == said


@pytest.mark.parametrize(
    ("source", "params", "said"),
    [
        ("quality", {"late": "1.5"}, NONE),
        ("quality", {"early": "4"}, ["没有参数 early，可用的参数：on_time、late、missing、per_return。"]),
        ("milestones", {"minimum": "0"}, ["没有参数 minimum，可用的参数：无。"]),
        ("tasks", {"minimum": "六成"}, ["参数 minimum 的值“六成”应为不小于 0 的数。"]),
        ("tasks", {"minimum": "-1"}, ["参数 minimum 的值“-1”应为不小于 0 的数。"]),
        ("tasks", {"minimum": "NaN"}, ["参数 minimum 的值“NaN”应为不小于 0 的数。"]),
        ("tasks", {"minimum": "60"}, ["参数 minimum 是缺报按分值记的份额，应在 0 和 1 之间。"]),
    ],
)
def test_parameters(source, params, said):
    assert param_problems(source, params) == said


@pytest.mark.parametrize(
    ("computed", "now", "stale"),
    [
        (WHOLE, WHOLE, False),
        (WHOLE[:3], WHOLE, True),
        (WHOLE, [*WHOLE[:3], quarter(4, 9)], True),
        ([quarter(1, 1), quarter(2, None)], [quarter(1, 1)], False),
    ],
)
def test_results_are_stale_when_figures_were_published_since(computed, now, stale):
    assert is_stale(computed, now) is stale


@pytest.mark.parametrize(
    ("status", "problems", "sources", "said"),
    [
        ("draft", NONE, WHOLE[:1], ""),
        ("running", NONE, WHOLE, ""),
        ("finalised", NONE, WHOLE, "本年度考核已审定，结果不再变动。"),
        ("draft", ["甲。", "乙。"], WHOLE, "考核方案不完整：甲。"),
        ("draft", NONE, [], "本年度还没有已截止的季度，没有可用的数据。"),
    ],
)
def test_computing(status, problems, sources, said):
    assert why_not_compute(status, problems, sources) == said


@pytest.mark.parametrize(
    ("status", "computed", "now", "complete", "said"),
    [
        ("running", WHOLE, WHOLE, True, ""),
        ("draft", [], WHOLE, True, "还没有评分，先计算得分。"),
        ("finalised", WHOLE, WHOLE, True, "本年度考核已审定。"),
        ("running", WHOLE[:3], WHOLE[:3], True, "第4季度尚未发布，四个季度都发布后才能审定。"),
        ("running", WHOLE[:3], WHOLE, True, "评分后又发布了新版本，先重新计算得分。"),
        ("running", WHOLE, WHOLE, False, "考核单位有变动，先重新计算得分。"),
    ],
)
def test_finalising(status, computed, now, complete, said):
    assert why_not_finalise(status, computed, now, has_all_results=complete) == said


@pytest.mark.parametrize(
    ("is_office", "own", "said"),
    [
        (True, {2}, ""),
        (True, {1, 2}, "您在本单位任职，不能调整本单位的得分，请由其他人员办理。"),
        (False, {2}, "核定得分由某办办理，您可以查看。"),
        (False, {1}, "核定得分由某办办理，您可以查看。"),
    ],
)
def test_who_adjusts(is_office, own, said):
    assert why_not_touch(office="某办", department=1, is_office=is_office, own_departments=own) == said


@pytest.mark.parametrize(
    ("status", "counts", "said"),
    [
        ("running", True, ""),
        ("finalised", True, "本年度考核已审定，结果不再变动。"),
        ("running", False, "本项不计入分母，没有可调整的得分。"),
    ],
)
def test_when_a_line_is_adjusted(status, counts, said):
    assert why_not_adjust(status, counts=counts) == said

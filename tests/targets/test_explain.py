"""The steps of an explanation: the numbers put in, the rule, the result; and that there is one for every case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from targets.measure import (
    Baseline,
    IndicatorRule,
    PlanValue,
    Quarter,
    Reading,
    ReadingState,
    Requirement,
    Thresholds,
    explain,
    judge,
)
from targets.terms import (
    Accumulation,
    Combine,
    Comparator,
    Comparison,
    Kind,
    Rounding,
    Span,
    Strength,
    TargetState,
)
from tests.targets import test_measure_properties as properties

Q3 = Quarter(2020, 3)
END = date(2020, 12, 31)
PM = IndicatorRule(unit="微克/立方米", decimals=1)


def steps(rule, requirements, readings, quarter=Q3, *, baseline=None, thresholds=None, plan_values=()):
    verdict = judge(
        rule, requirements, readings, quarter,
        plan_values=plan_values, baseline=baseline, thresholds=thresholds,
    )  # fmt: skip
    found = explain(rule, readings, quarter, verdict, baseline=baseline, thresholds=thresholds)
    return [(step.label, step.words) for step in found]


def at_most(value="35", **changes):
    return replace(Requirement(END, Comparator.AT_MOST, Decimal(value), strength=Strength.BINDING), **changes)


def read(value, quarter=Q3, **changes):
    return Reading(quarter, value=Decimal(value), **changes)


def test_a_value_behind_its_plan_on_the_way_from_its_baseline():
    found = steps(
        PM, [at_most()], [read("40")],
        baseline=Baseline(date(2015, 12, 31), Decimal(50)),
        plan_values=[PlanValue(Q3.last_day, Decimal(38))],
    )  # fmt: skip
    assert found == [
        ("采用数据", "2020年三季度 40.0 微克/立方米"),
        ("考察值", "取2020年三季度数，40.0 微克/立方米"),
        ("要求", "到2020年12月31日≤35 微克/立方米，约束性"),
        ("应达", "2020年三季度计划值 38.0 微克/立方米"),
        ("落后", "2 ÷ 38 × 100 = 5.26%"),
        ("与要求的差距", "5.0 微克/立方米"),
        ("完成进展", "（40 − 50）÷（35 − 50）× 100 = 66.7%"),
        ("亮灯规则", "落后不超过应达值的 0% 为正常，超过 0%、不超过 10% 为滞后，超过 10% 为严重滞后"),
        (
            "亮灯",
            "滞后：2020年三季度计划值 38.0 微克/立方米，2020年三季度实际 40.0 微克/立方米，差 2.0 微克/立方米，"
            "落后 5.3%，不超过 10%",
        ),
    ]


def test_worse_than_the_baseline_is_said():
    found = dict(steps(PM, [at_most()], [read("55")], baseline=Baseline(date(2015, 12, 31), Decimal(50))))
    assert found["完成进展"] == "（55 − 50）÷（35 − 50）× 100 = −33.3%，比基期还差"


def test_a_due_target_is_compared_exactly_or_rounded():
    fourth = Quarter(2020, 4)
    exact = dict(steps(PM, [at_most("38")], [read("38.4", fourth)], fourth))
    assert exact["比较"] == "全数值比较：38.4 与 38，不符合"
    rule = replace(PM, comparison=Comparison.ROUNDED, rounding=Rounding.HALF_EVEN)
    rounded = dict(steps(rule, [at_most("38", decimals=0)], [read("38.5", fourth)], fourth))
    assert rounded["比较"] == "修约值比较（四舍六入五成双，0 位小数）：38 与 38，符合"


def test_a_mean_over_four_quarters_names_every_quarter_and_what_it_is_of():
    rule = replace(PM, accumulation=Accumulation.THIS_PERIOD, combine=Combine.MEAN, span=Span.ROLLING)
    quarters = Quarter(2019, 4).until(Q3)
    readings = [read(value, quarter) for value, quarter in zip((40, 30, 20, 10), quarters, strict=True)]
    readings[1] = replace(readings[1], vintage="核定（1号）")
    found = dict(steps(rule, [at_most()], readings))
    assert found["采用数据"] == (
        "2019年四季度 40.0 微克/立方米；2020年一季度 30.0 微克/立方米（核定（1号））；2020年二季度 20.0 微克/立方米；"
        "2020年三季度 10.0 微克/立方米"
    )
    assert found["考察值"] == (
        "（40 × 92 天 + 30 × 91 天 + 20 × 91 天 + 10 × 92 天）÷ 366 天 = 25.00，即 25.0 微克/立方米"
    )


def test_a_lack_is_named_by_its_quarter():
    rule = replace(PM, accumulation=Accumulation.THIS_PERIOD, combine=Combine.SUM)
    readings = [
        read("3", Quarter(2020, 1)),
        Reading(Quarter(2020, 2), ReadingState.NO_DATA, reason="设备检修"),
        read("4"),
    ]
    found = dict(steps(rule, [at_most()], readings))
    assert found["采用数据"] == (
        "2020年一季度 3.0 微克/立方米；2020年二季度无数据：设备检修；2020年三季度 4.0 微克/立方米"
    )
    assert found["考察值"].startswith("没有：应有3个季度数据，已有2个，缺2020年二季度")
    assert found["与要求的差距"] == "无法计算：没有实际值"


def test_a_rate_shows_its_parts_and_what_rounding_hid():
    rule = IndicatorRule(unit="%", decimals=1, combine=Combine.PARTS, accumulation=Accumulation.YEAR_TO_DATE)
    reading = Reading(Q3, numerator=Decimal(2), denominator=Decimal(3))
    found = dict(steps(rule, [Requirement(END, Comparator.AT_LEAST, Decimal(60))], [reading]))
    assert found["采用数据"] == "2020年三季度 2 ÷ 3 = 66.7%（未修约 66.66667…）"


def test_a_pending_target_and_an_undecided_condition_are_said():
    pending = Requirement(END, value=None, state=TargetState.PENDING)
    assert (
        dict(steps(PM, [pending], [read("40")]))["要求"]
        == "到2020年12月31日≥未定 微克/立方米，预期性，待下达"
    )
    found = dict(steps(PM, [at_most(condition="上游来水稳定改善")], [read("40")]))
    assert found["要求"] == "到2020年12月31日≤35 微克/立方米，约束性，前提条件待认定"
    assert found["与要求的差距"] == "无法计算：前提条件“上游来水稳定改善”是否成立待认定"


def test_without_a_target_there_is_a_value_and_a_light():
    assert steps(PM, [], [read("40")]) == [
        ("采用数据", "2020年三季度 40.0 微克/立方米"),
        ("考察值", "取2020年三季度数，40.0 微克/立方米"),
        ("亮灯", "无法判断：没有目标值"),
    ]


def test_levels_and_deliverables_are_named():
    graded = IndicatorRule(kind=Kind.GRADED, decimals=0, levels=("未启动", "推进中", "达到"))
    requirement = Requirement(END, Comparator.AT_LEAST, Decimal(2))
    assert dict(steps(graded, [requirement], [read("1")]))["采用数据"] == "2020年三季度 “推进中”"
    done = IndicatorRule(kind=Kind.DELIVERABLE, decimals=0)
    assert dict(steps(done, [Requirement(END)], [read("1")]))["采用数据"] == "2020年三季度 已完成"


def test_changed_thresholds_are_the_ones_named():
    rule = Thresholds(Decimal(5), Decimal(20))
    found = dict(
        steps(
            PM, [at_most()], [read("40")], thresholds=rule, plan_values=[PlanValue(Q3.last_day, Decimal(38))]
        )
    )
    assert (
        found["亮灯规则"] == "落后不超过应达值的 5% 为正常，超过 5%、不超过 20% 为滞后，超过 20% 为严重滞后"
    )


@settings(max_examples=300, deadline=None)
@given(
    rule=properties.rules,
    wanted=st.lists(properties.requirements, max_size=3),
    known=st.lists(properties.readings, max_size=10),
    at=properties.quarters,
    planned=st.lists(properties.plan_values, max_size=3),
    baseline=properties.baselines,
    limits=properties.thresholds,
)
def test_every_verdict_is_explained(rule, wanted, known, at, planned, baseline, limits):
    """From the data to the light, without an exception, and with words in every step."""
    found = steps(rule, wanted, known, at, baseline=baseline, thresholds=limits, plan_values=planned)
    assert (found[0][0], found[-1][0]) == ("采用数据", "亮灯")
    assert all(label and words for label, words in found)

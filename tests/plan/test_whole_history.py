"""The issued plan over all its twenty quarters with every quarter filed: no exception, and no grey without its reason."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from filings.terms import MilestoneState
from reports.rollup import GoalInput, IndicatorInput, MilestoneInput, PeriodInput, roll_up
from targets.arithmetic import (
    baseline_of,
    plan_values_of,
    requirements_of,
    rule_of,
    thresholds_of,
)
from targets.measure import Quarter, Reading, outlook, outlook_words
from targets.models import Indicator, Plan
from targets.terms import Attainment, Kind, Standing, Strength
from tasks.models import Milestone
from tasks.plan_files import PlanDocument
from tasks.plan_store import load_plan

pytestmark = pytest.mark.django_db

QUARTERS = Quarter(2016, 1).until(Quarter(2020, 4))
#: Every way an indicator of this plan may be grey while everything is filed.
GREY = (
    "目标值待下达",
    "容差未定",
    "是否成立待认定",
    "未到期，未定年度计划值",
    "未到期，未定本季计划值",
    "累计数还会增加，到期再判断",
    "缺上年同期值",
    "每年四季度报送，本年未到报送时间",
    "年内累计数，每年四季度判断",
    "应有4个季度数据，已有",
)


def history(indicator: Indicator) -> list[Reading]:
    """A reading for every quarter asked: rising numbers, parts within their whole, levels within their names."""
    rule, found = rule_of(indicator), []
    for n, quarter in enumerate(QUARTERS):
        if rule.asked_at(quarter) != quarter:
            continue
        if indicator.in_parts:
            found.append(Reading(quarter, numerator=Decimal(60 + n), denominator=Decimal(90)))
        elif rule.kind == Kind.DELIVERABLE:
            found.append(Reading(quarter, value=Decimal(n >= 15)))
        elif rule.kind == Kind.GRADED:
            found.append(Reading(quarter, value=Decimal(min(n // 5, len(rule.levels) - 1))))
        else:
            found.append(Reading(quarter, value=Decimal(10 + 4 * n)))
    return found


@pytest.fixture
def inputs(document: PlanDocument) -> list[PeriodInput]:
    """The plan as loaded, with its synthetic history, at the end of every quarter."""
    load_plan(document=document, by=None, at=datetime(2021, 1, 5, tzinfo=UTC))
    plan = Plan.objects.get(code=document.plan.code)
    indicators = tuple(
        IndicatorInput(
            key=indicator.code,
            rule=rule_of(indicator),
            requirements=requirements_of(indicator, date(2020, 12, 31)),
            readings=tuple(history(indicator)),
            plan_values=plan_values_of(indicator),
            baseline=baseline_of(indicator, date(2020, 12, 31)),
        )
        for indicator in Indicator.objects.filter(plan=plan).prefetch_related("targets", "plan_values")
    )
    stones = list(Milestone.objects.filter(task__action__plan=plan))
    return [
        PeriodInput(
            plan_key=plan.code,
            quarter=quarter,
            plan_years=tuple(plan.years),
            thresholds=thresholds_of(plan, quarter.last_day),
            indicators=indicators,
            milestones=tuple(
                MilestoneInput(
                    key=str(stone.pk),
                    task_key="",
                    due_on=stone.due_on,
                    strength=Strength(stone.strength),
                    state=MilestoneState.DONE
                    if stone.due_on <= quarter.last_day
                    else MilestoneState.UNDER_WAY,
                )
                for stone in stones
            ),
            goals=(GoalInput("all", tuple(indicator.key for indicator in indicators)),),
        )
        for quarter in QUARTERS
    ]


def test_every_indicator_target_and_milestone_over_twenty_quarters(inputs):
    evaluated: Counter[str] = Counter()
    for period in inputs:
        for figure in roll_up(period):
            evaluated[figure.subject] += 1
            if figure.subject == "milestone" and figure.standing == Standing.UNKNOWN:
                assert "未到节点" in figure.reason
            if figure.subject != "indicator":
                continue
            assert figure.verdict is not None
            evaluated["target"] += len(figure.verdict.judged)
            for judged in figure.verdict.judged:
                assert judged.reason
                if judged.standing == Standing.UNKNOWN:
                    assert any(words in judged.reason for words in GREY), (figure.key, judged.reason)
            if figure.standing == Standing.UNKNOWN:
                assert any(words in figure.reason for words in GREY), (figure.key, figure.reason)
            assert all(step.words for step in figure.steps)
        for row in period.indicators:
            said = outlook_words(outlook(row.rule, row.requirements, row.readings, period.quarter), row.rule)
            assert all(said.values())
    assert (evaluated["indicator"], evaluated["milestone"]) == (20 * 109, 20 * 26)
    assert evaluated["target"] >= 20 * 109


def test_at_the_plans_end_only_what_was_never_settled_is_grey(inputs):
    """All is filed and all is due: what is left grey has no target to be judged by, and says whose word is missing."""
    grey = {
        figure.key: figure
        for figure in roll_up(inputs[-1])
        if figure.subject == "indicator" and figure.standing == Standing.UNKNOWN
    }
    assert {f.verdict.attainment for f in grey.values() if f.verdict} == {Attainment.NO_TARGET}
    unsettled = ("目标值待下达", "容差未定", "是否成立待认定")
    counted = Counter(next(word for word in unsettled if word in f.reason) for f in grey.values())
    assert counted == {"目标值待下达": 12, "容差未定": 4, "是否成立待认定": 2}

"""Indicators, goals, departments and the plan: verdicts and counts."""

from __future__ import annotations

from collections.abc import Sequence

from filings.terms import Timeliness
from reports.rollup.shapes import (
    DepartmentInput,
    Figure,
    FilingCounts,
    GoalInput,
    IndicatorInput,
    Lights,
    PeriodInput,
    lights_of,
    sum_of,
)
from reports.rollup.steps import goal_steps
from targets.measure import SEVERITY, explain, judge, outlook
from targets.terms import Standing


def indicator_figure(indicator: IndicatorInput, period: PeriodInput) -> Figure:
    """The verdict of `judge` at the period's last day."""
    verdict = judge(
        indicator.rule,
        indicator.requirements,
        indicator.readings,
        period.quarter,
        plan_values=indicator.plan_values,
        baseline=indicator.baseline,
        thresholds=period.thresholds,
    )
    return Figure(
        "indicator",
        indicator.key,
        standing=verdict.standing,
        reason=verdict.reason,
        expected=verdict.expected.value if verdict.expected else None,
        value=verdict.actual.value,
        verdict=verdict,
        steps=explain(
            indicator.rule,
            indicator.readings,
            period.quarter,
            verdict,
            baseline=indicator.baseline,
            thresholds=period.thresholds,
        ),
        reported=indicator.reported,
        outlook=outlook(indicator.rule, indicator.requirements, indicator.readings, period.quarter),
        owed=indicator.owed,
        met=verdict.met,
        due=verdict.due,
        indicators=Lights.of([verdict.standing]),
    )


def goal_figure(goal: GoalInput, indicators: Sequence[Figure]) -> Figure:
    """Targets met of those due, counts of lights, and the worst light that is not grey; grey only when all are."""
    lights = lights_of(indicators)
    met, due = sum(i.met for i in indicators), sum(i.due for i in indicators)
    reached = f"到期目标{due}项，达标{met}项" if due else "没有到期目标"
    standing = worst_lit([i.standing for i in indicators if i.standing])
    return Figure(
        "goal",
        goal.key,
        standing=standing,
        reason=f"{reached}；指标{lights.words()}" if indicators else "没有指标",
        steps=goal_steps(indicators, lights, standing),
        reported=sum(i.reported for i in indicators),
        owed=sum(i.owed for i in indicators),
        met=met,
        due=due,
        indicators=lights,
    )


def worst_lit(standings: Sequence[Standing]) -> Standing:
    """The worst light that is not grey; unknown when all are, and for nothing at all."""
    lit = [standing for standing in standings if standing != Standing.UNKNOWN]
    return max(lit, key=lambda standing: SEVERITY[standing], default=Standing.UNKNOWN)


def department_figure(
    department: DepartmentInput, tasks: Sequence[Figure], indicators: Sequence[Figure]
) -> Figure:
    """Counts only: timeliness, returns, completeness, and the lights of what it leads and measures."""
    return Figure(
        "department",
        department.key,
        reason=_filed(department),
        reported=department.reported,
        owed=department.owed,
        met=sum(i.met for i in indicators),
        due=sum(i.due for i in indicators),
        tasks=lights_of(tasks),
        indicators=lights_of(indicators),
        milestones=sum_of(t.milestones for t in tasks),
        timeliness=department.timeliness,
        filings=FilingCounts.of([department.timeliness]),
        returns=department.returns,
    )


def _filed(department: DepartmentInput) -> str:
    """What a department filed, in words; one that is exempt owes nothing."""
    if department.timeliness == Timeliness.EXEMPT:
        return "本季免报"
    return (
        f"应报{department.owed}项，已采纳{department.reported}项，"
        f"{department.timeliness.label}，退回{department.returns}次"
    )


def plan_figure(
    period: PeriodInput,
    tasks: Sequence[Figure],
    milestones: Sequence[Figure],
    indicators: Sequence[Figure],
    departments: Sequence[Figure],
) -> Figure:
    """Counts over the whole plan, also of indicators that belong to no goal. No light of its own."""
    reported, owed = sum(d.reported for d in departments), sum(d.owed for d in departments)
    filings = FilingCounts.of([d.timeliness for d in departments if d.timeliness])
    return Figure(
        "plan",
        period.plan_key,
        reason=f"应报{owed}项，已采纳{reported}项；按时{filings.on_time}家，迟报{filings.late}家，未报{filings.missing}家",
        reported=reported,
        owed=owed,
        met=sum(i.met for i in indicators),
        due=sum(i.due for i in indicators),
        tasks=lights_of(tasks),
        indicators=lights_of(indicators),
        milestones=lights_of(milestones),
        filings=filings,
        returns=sum(d.returns for d in departments),
    )

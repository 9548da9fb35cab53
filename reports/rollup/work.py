"""Milestones, tasks and actions: what was done of the year's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from filings.terms import MilestoneState
from reports.rollup.shapes import (
    ActionInput,
    Figure,
    Lights,
    MilestoneInput,
    PeriodInput,
    TaskInput,
    lights_of,
    sum_of,
)
from reports.rollup.steps import action_steps, milestone_steps, task_steps
from targets.measure import Quarter, Thresholds, day_words, plain, shown
from targets.terms import Standing, Strength

_QUARTER_SHARE = Decimal(25)


def milestone_figure(milestone: MilestoneInput, quarter: Quarter) -> Figure:
    """Done is blue; due and not done red (a stretch one yellow); not due, cancelled or never reported grey."""
    last_day = quarter.last_day
    is_done = milestone.state == MilestoneState.DONE and (
        milestone.done_on is None or milestone.done_on <= last_day
    )
    is_due = milestone.due_on <= last_day and milestone.state != MilestoneState.CANCELLED
    standing, reason = _milestone_light(milestone, is_done=is_done, is_due=is_due)
    return Figure(
        "milestone",
        milestone.key,
        standing=standing,
        reason=reason,
        steps=milestone_steps(milestone, (standing, reason)),
        met=int(is_due and is_done),
        due=int(is_due),
        milestones=Lights.of([standing]),
    )


def _milestone_light(milestone: MilestoneInput, *, is_done: bool, is_due: bool) -> tuple[Standing, str]:
    due = day_words(milestone.due_on)
    if is_done:
        return Standing.DONE, _done_words(milestone)
    if milestone.state == MilestoneState.CANCELLED:
        return Standing.UNKNOWN, "已取消"
    if milestone.state is None:
        return Standing.UNKNOWN, f"{due}到期，未填报" if is_due else f"{due}到期，未到节点，未填报"
    begun = milestone.state != MilestoneState.NOT_BEGUN
    state = (MilestoneState.UNDER_WAY if begun else MilestoneState.NOT_BEGUN).label
    if not is_due:
        return Standing.UNKNOWN, f"{due}到期，未到节点，{state}"
    if milestone.strength == Strength.STRETCH:
        return Standing.BEHIND, f"{due}到期，{state}，未完成；争取性节点，最多记滞后"
    return Standing.LATE, f"{due}到期，{state}，未完成"


def _done_words(milestone: MilestoneInput) -> str:
    if milestone.done_on is None:
        return "已完成"
    days = (milestone.done_on - milestone.due_on).days
    late = f"，比期限晚{days}天" if days > 0 else ""
    return f"{day_words(milestone.done_on)}完成{late}"


def task_figure(task: TaskInput, milestones: Sequence[Figure], period: PeriodInput) -> Figure:
    """The lead's accepted percent against what the year should have brought by now.

    Expected is the annual plan's share for the quarter, else quarter ÷ 4. Two yellow pace lights in consecutive
    quarters make red. Milestones and plan completion stand beside and change no light.
    """
    expected = task.share if task.share is not None else _QUARTER_SHARE * period.quarter.number
    pace, reason = _pace(task, expected, period.thresholds)
    standing = pace
    if pace == Standing.BEHIND and task.previous_pace == Standing.BEHIND:
        standing, reason = Standing.LATE, f"{reason}；上一季度也滞后，连续两季，记严重滞后"
    plan_completion, missing_years = _plan_completion(task, period)
    return Figure(
        "task",
        task.key,
        standing=standing,
        pace=pace,
        reason=reason,
        steps=task_steps(
            task,
            period,
            expected=expected,
            pace=pace,
            light=(standing, reason),
            plan_completion=plan_completion,
        ),
        completion=task.percent,
        expected=expected,
        plan_completion=plan_completion,
        missing_years=missing_years,
        without=task.without if task.percent is None else "",
        reported=task.reported,
        owed=task.owed,
        met=sum(m.met for m in milestones),
        due=sum(m.due for m in milestones),
        tasks=Lights.of([standing]),
        milestones=lights_of(milestones),
    )


def _pace(task: TaskInput, expected: Decimal, thresholds: Thresholds) -> tuple[Standing, str]:
    """The light of this quarter alone, with its reason."""
    if task.percent is None:
        return Standing.UNKNOWN, task.missing
    source = "时间进度" if task.share is None else "年度计划应达"
    words = f"本年完成 {plain(task.percent)}%，{source} {plain(expected)}%"
    light, behind = _points_behind(expected - task.percent, thresholds)
    return light, f"{words}，{behind}"


def _points_behind(shortfall: Decimal, thresholds: Thresholds) -> tuple[Standing, str]:
    """A light by percentage points behind, with the words that explain it."""
    light = thresholds.light(shortfall)
    if shortfall <= 0:
        return light, "不低于应达"
    points = f"落后 {_points(shortfall)} 个百分点"
    limit = {
        Standing.ON_TRACK: f"不超过 {plain(thresholds.behind_above)}，视为正常",
        Standing.BEHIND: f"不超过 {plain(thresholds.late_above)}",
        Standing.LATE: f"超过 {plain(thresholds.late_above)}",
    }[light]
    return light, f"{points}，{limit}"


def _points(value: Decimal) -> str:
    """At one decimal; as it is where that would round a difference away."""
    return shown(value, 1) if value >= Decimal("0.1") else plain(value.normalize())


def _plan_completion(task: TaskInput, period: PeriodInput) -> tuple[Decimal | None, tuple[int, ...]]:
    """The sum of the years' last percents over the number of plan years, and the begun years never filed."""
    filed = task.year_percents or {}
    begun = [year for year in period.plan_years if year <= period.quarter.year]
    known = [filed[year] for year in begun if year in filed]
    missing = tuple(year for year in begun if year not in filed)
    if not known:
        return None, missing
    return sum(known, Decimal(0)) / len(period.plan_years), missing


def action_figure(action: ActionInput, tasks: Sequence[Figure], thresholds: Thresholds) -> Figure:
    """The mean over its tasks that have a value against the mean expected value of the same tasks."""
    lights = lights_of(tasks)
    figure = Figure(
        "action",
        action.key,
        reported=len([t for t in tasks if t.completion is not None]),
        owed=len(tasks),
        met=sum(t.met for t in tasks),
        due=sum(t.due for t in tasks),
        tasks=lights,
        milestones=sum_of(t.milestones for t in tasks),
        plan_completion=_mean([t.plan_completion for t in tasks if t.plan_completion is not None]),
        missing_years=tuple(sorted({year for t in tasks for year in t.missing_years})),
    )
    pairs = [(t.completion, t.expected) for t in tasks if t.completion is not None and t.expected is not None]
    if not pairs:
        figure = replace(figure, standing=Standing.UNKNOWN, reason=f"{len(tasks)}项任务均无数据")
        return replace(figure, steps=action_steps(tasks, thresholds, figure))
    completion = sum((done for done, _ in pairs), Decimal(0))
    expected = sum((share for _, share in pairs), Decimal(0))
    # One division of the sums, so that a shortfall of exactly ten points stays exactly ten.
    light, behind = _points_behind((expected - completion) / len(pairs), thresholds)
    reason = (
        f"{figure.owed}项任务中{figure.reported}项有数据，平均完成 {shown(completion / len(pairs), 1)}%，"
        f"平均应达 {shown(expected / len(pairs), 1)}%，{behind}；任务滞后{lights.behind}项、严重滞后{lights.late}项"
    )
    figure = replace(
        figure,
        standing=light,
        reason=reason,
        completion=completion / len(pairs),
        expected=expected / len(pairs),
    )
    return replace(figure, steps=action_steps(tasks, thresholds, figure))


def _mean(values: Sequence[Decimal]) -> Decimal | None:
    return sum(values, Decimal(0)) / len(values) if values else None

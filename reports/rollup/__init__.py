"""The roll-up of one period (design: the arithmetic, roll-up). Pure: what was accepted in, figure rows out.

Percents are 0 to 100 of the year's work; lights compare them in percentage points with `Thresholds`. A task or an
action is never blue by its percent: blue is a due target met or a milestone done. Grey is never counted as green.
The same input gives the same rows, whatever was computed before: a refresh is a rebuild.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reports.rollup.overview import (
    department_figure,
    goal_figure,
    indicator_figure,
    plan_figure,
    worst_lit,
)
from reports.rollup.shapes import (
    ActionInput,
    DepartmentInput,
    Figure,
    FilingCounts,
    GoalInput,
    IndicatorInput,
    Lights,
    MilestoneInput,
    PeriodInput,
    Subject,
    TaskInput,
)
from reports.rollup.work import action_figure, milestone_figure, task_figure

__all__ = [
    "ActionInput",
    "DepartmentInput",
    "Figure",
    "FilingCounts",
    "GoalInput",
    "IndicatorInput",
    "Lights",
    "MilestoneInput",
    "PeriodInput",
    "Subject",
    "TaskInput",
    "action_figure",
    "department_figure",
    "goal_figure",
    "indicator_figure",
    "milestone_figure",
    "plan_figure",
    "roll_up",
    "task_figure",
    "worst_lit",
]


def roll_up(period: PeriodInput) -> tuple[Figure, ...]:
    """All figures of a period: plan, goals, indicators, actions, tasks, milestones, departments, in input order."""
    milestones = {m.key: milestone_figure(m, period.quarter) for m in period.milestones}
    of_task: dict[str, list[Figure]] = {task.key: [] for task in period.tasks}
    for milestone in period.milestones:
        of_task.setdefault(milestone.task_key, []).append(milestones[milestone.key])
    tasks = {t.key: task_figure(t, of_task[t.key], period) for t in period.tasks}
    indicators = {i.key: indicator_figure(i, period) for i in period.indicators}
    actions = [action_figure(a, _pick(tasks, a.task_keys), period.thresholds) for a in period.actions]
    goals = [goal_figure(g, _pick(indicators, g.indicator_keys)) for g in period.goals]
    departments = [
        department_figure(d, _pick(tasks, d.task_keys), _pick(indicators, d.indicator_keys))
        for d in period.departments
    ]
    plan = plan_figure(
        period, list(tasks.values()), list(milestones.values()), list(indicators.values()), departments
    )
    return (plan, *goals, *indicators.values(), *actions, *tasks.values(), *milestones.values(), *departments)


def _pick(figures: Mapping[str, Figure], keys: Iterable[str]) -> list[Figure]:
    """The figures of these keys, in their order; a key without a figure (retired, other plan) is left out."""
    return [figures[key] for key in keys if key in figures]

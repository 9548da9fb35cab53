"""Reads for the pages of goals, actions, tasks, milestones and departments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from actions.models import SpecialAction
from departments.models import Department
from filings.models import Entry
from filings.terms import EntryKind
from reports.charts import progress_of_year
from reports.editions import Edition, recent, series
from reports.models import Figure, Subject
from reports.queries.cockpit import QUARTERS
from targets.models import GoalCategory, Indicator, Plan, Target
from tasks.models import Milestone, Responsibility, Role, Task


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator with its figure and its dated targets."""

    indicator: Indicator
    figure: Figure | None
    targets: list[Target]


@dataclass(frozen=True)
class TaskRow:
    """A task with its figure, its lead and how many units cooperate."""

    task: Task
    figure: Figure | None
    departments: list[Responsibility] = field(default_factory=list)

    @property
    def lead(self) -> Responsibility | None:
        return next((r for r in self.departments if r.role == Role.LEAD), None)


def indicator_rows(indicators: Any, edition: Edition | None) -> list[IndicatorRow]:
    """Two queries: the indicators, their targets (the edition's figures are read once for the page)."""
    figures = edition.figures[Subject.INDICATOR] if edition else {}
    found = indicators.select_related("goal", "data_department").prefetch_related("targets")
    return [IndicatorRow(i, figures.get(i.pk), list(i.targets.all())) for i in found]


def task_rows(tasks: Any, edition: Edition | None) -> list[TaskRow]:
    """Three queries: tasks, their responsibility rows in force at the cut-off, the departments."""
    figures = edition.figures[Subject.TASK] if edition else {}
    found = list(tasks.select_related("action"))
    rows = Responsibility.objects.filter(task__in=[task.pk for task in found])
    if edition:
        rows = rows.in_force(edition.cut_off)
    by_task: dict[int, list[Responsibility]] = {}
    for row in rows.select_related("department").order_by("order"):
        by_task.setdefault(row.task_id, []).append(row)
    return [TaskRow(task, figures.get(task.pk), by_task.get(task.pk, [])) for task in found]


@dataclass(frozen=True)
class ActionPage:
    action: SpecialAction
    figure: Figure | None
    tasks: list[TaskRow]
    history: list[tuple[Edition, Figure | None]]
    summaries: list[Entry]


def action_page(action: SpecialAction, edition: Edition | None) -> ActionPage:
    """One action: its tasks, its lights over the last quarters, its leads' accepted summaries of the period."""
    quarters = recent(edition, QUARTERS) if edition else []
    found = series(quarters, Subject.ACTION, [action.pk]).get(action.pk, {})
    summaries: list[Entry] = []
    if edition:
        entries = Entry.objects.accepted().filter(action=action, filing__period=edition.period)
        summaries = list(entries.select_related("filing__department", "filing__period").order_by("position"))
    return ActionPage(
        action=action,
        figure=edition.of(Subject.ACTION, action.pk) if edition else None,
        tasks=task_rows(Task.objects.filter(action=action), edition),
        history=[(quarter, found.get(quarter.period.pk)) for quarter in quarters],
        summaries=summaries,
    )


@dataclass(frozen=True)
class TaskPage:
    task: Task
    figure: Figure | None
    responsibilities: list[tuple[Responsibility, Entry | None]]
    milestones: list[tuple[Milestone, Figure | None]]
    indicators: list[IndicatorRow]
    history: list[tuple[Edition, Figure | None]]
    chart: dict[str, Any] | None


def task_page(task: Task, edition: Edition | None) -> TaskPage:
    """One task: who answers for it and what they filed, its milestones, its indicators, its last quarters."""
    quarters = recent(edition, QUARTERS) if edition else []
    found = series(quarters, Subject.TASK, [task.pk]).get(task.pk, {})
    history = [(quarter, found.get(quarter.period.pk)) for quarter in quarters]
    milestones = edition.figures[Subject.MILESTONE] if edition else {}
    return TaskPage(
        task=task,
        figure=edition.of(Subject.TASK, task.pk) if edition else None,
        responsibilities=_with_entries(task, edition),
        milestones=[(m, milestones.get(m.pk)) for m in task.milestones.all()],
        indicators=indicator_rows(task.indicators.all(), edition),
        history=history,
        chart=_progress_chart(history),
    )


def _with_entries(task: Task, edition: Edition | None) -> list[tuple[Responsibility, Entry | None]]:
    """The rows in force at the cut-off with the accepted entry of the period, if any."""
    rows = task.responsibilities.select_related("department__convenor").order_by("order")
    if edition is None:
        return [(row, None) for row in rows]
    entries = Entry.objects.accepted().filter(responsibility__task=task, filing__period=edition.period)
    by_row = {entry.responsibility_id: entry for entry in entries.select_related("filing__department")}
    return [(row, by_row.get(row.pk)) for row in rows.in_force(edition.cut_off)]


def _progress_chart(history: list[tuple[Edition, Figure | None]]) -> dict[str, Any] | None:
    if not any(figure and figure.completion is not None for _, figure in history):
        return None
    return progress_of_year(
        [f"{edition.period.year}年{edition.period.quarter}季" for edition, _ in history],
        [figure.completion if figure else None for _, figure in history],
        [figure.expected if figure else None for _, figure in history],
    )


@dataclass(frozen=True)
class MilestoneRow:
    milestone: Milestone
    figure: Figure | None
    entry: Entry | None


def milestone_rows(plan: Plan, edition: Edition | None) -> list[MilestoneRow]:
    """Every milestone in order of date, with its standing and the latest accepted word on it. Two queries."""
    figures = edition.figures[Subject.MILESTONE] if edition else {}
    milestones = Milestone.objects.filter(task__action__plan=plan).select_related("task__action")
    entries: dict[int, Entry] = {}
    if edition:
        accepted = Entry.objects.accepted().filter(kind=EntryKind.MILESTONE, filing__period=edition.period)
        entries = {e.milestone_id: e for e in accepted.select_related("filing__department") if e.milestone_id}
    ordered = milestones.order_by("due_on", "task__action__no", "task__no", "no")
    return [MilestoneRow(m, figures.get(m.pk), entries.get(m.pk)) for m in ordered]


@dataclass(frozen=True)
class GoalPage:
    goal: GoalCategory
    figure: Figure | None
    indicators: list[IndicatorRow]
    history: list[tuple[Edition, Figure | None]]


def goal_page(goal: GoalCategory, edition: Edition | None) -> GoalPage:
    """One goal category: its indicators, and its lights over the last quarters."""
    quarters = recent(edition, QUARTERS) if edition else []
    found = series(quarters, Subject.GOAL, [goal.pk]).get(goal.pk, {})
    return GoalPage(
        goal=goal,
        figure=edition.of(Subject.GOAL, goal.pk) if edition else None,
        indicators=indicator_rows(Indicator.objects.filter(goal=goal), edition),
        history=[(quarter, found.get(quarter.period.pk)) for quarter in quarters],
    )


@dataclass(frozen=True)
class DepartmentPage:
    department: Department
    figure: Figure | None
    led: list[TaskRow]
    cooperating: list[TaskRow]
    actions: list[tuple[SpecialAction, Figure | None]]
    indicators: list[IndicatorRow]
    history: list[tuple[Edition, Figure | None]]


def department_page(department: Department, plan: Plan, edition: Edition | None) -> DepartmentPage:
    """What one department answers for and how it has filed in the last quarters."""
    quarters = recent(edition, QUARTERS) if edition else []
    found = series(quarters, Subject.DEPARTMENT, [department.pk]).get(department.pk, {})
    tasks = Task.objects.filter(action__plan=plan)
    concerned = task_rows(tasks.filter(responsibilities__department=department).distinct(), edition)
    figures = edition.figures[Subject.ACTION] if edition else {}
    led = [row for row in concerned if row.lead and row.lead.department_id == department.pk]
    return DepartmentPage(
        department=department,
        figure=edition.of(Subject.DEPARTMENT, department.pk) if edition else None,
        led=led,
        cooperating=[row for row in concerned if row not in led],
        actions=[(a, figures.get(a.pk)) for a in department.actions_led.filter(plan=plan)],
        indicators=indicator_rows(department.indicators_owed.filter(plan=plan), edition),
        history=[(quarter, found.get(quarter.period.pk)) for quarter in quarters],
    )

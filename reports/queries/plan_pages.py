"""Reads for the pages of goals, actions, tasks, milestones and departments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from actions.models import SpecialAction
from departments.models import Department
from filings.models import Entry, Filing, Period
from filings.queries.known import entries_before, filings_before
from filings.terms import Decision, EntryKind
from reports.charts import progress_of_year
from reports.editions import QUARTERS, Edition, end_of_day, recent, series
from reports.models import Figure, Subject
from targets.life import current_targets, targets_in_force
from targets.models import GoalCategory, Indicator, IndicatorQuerySet, Plan, Target
from targets.retiring import RetiringQuerySet
from targets.terms import Standing
from tasks.models import Milestone, Responsibility, Role, Task

#: A subject's figures over the last quarters, oldest first; None where it had none.
History = list[tuple[Edition, Figure | None]]


def history_of(edition: Edition | None, subject: Subject, pk: int) -> History:
    """The last quarters of one subject, ending with this edition. Four queries, however long the plan has run."""
    quarters = recent(edition, QUARTERS) if edition else []
    found = series(quarters, subject, [pk]).get(pk, {})
    return [(quarter, found.get(quarter.period.pk)) for quarter in quarters]


def state_of(entry: Entry | None) -> str:
    """Where an entry stands, as a key of the state tag. Needs its filing at hand."""
    if entry is None or entry.filing.first_submitted_at is None:
        return "todo"
    return {Decision.ACCEPTED: "accepted", Decision.RETURNED: "back"}.get(Decision(entry.decision), "sent")


def with_filings(entries: QuerySet[Entry], edition: Edition) -> list[Entry]:
    """Entries with their filings, as they stand or as they stood at the edition's day. One query, or three."""
    found = list(entries.select_related("filing__department", "filing__period"))
    return entries_before(found, end_of_day(edition.known)) if edition.known else found


# Rows that several pages show


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator with its figure and its dated targets."""

    indicator: Indicator
    figure: Figure | None
    targets: list[Target]

    @property
    def standing(self) -> str:
        """Its light; grey while it has no figure."""
        return self.figure.standing if self.figure else Standing.UNKNOWN

    @property
    def words(self) -> str:
        """What a search looks in."""
        return f"{self.indicator.code} {self.indicator.name} {self.indicator.data_department or ''}"


@dataclass(frozen=True)
class TaskRow:
    """A task with its figure, its lead and the other units that answer for it."""

    task: Task
    figure: Figure | None
    departments: list[Responsibility] = field(default_factory=list)

    @property
    def lead(self) -> Responsibility | None:
        return next((r for r in self.departments if r.role == Role.LEAD), None)

    def role_of(self, department: Department) -> str:
        """The department's own part in the task; empty when it only files for a group it convenes."""
        return next((r.role for r in self.departments if r.department_id == department.pk), "")


def used_on(edition: Edition | None) -> date:
    """The day on which a list of the plan is read: rows retired by then are no longer in it."""
    return edition.cut_off if edition else date.max


def indicator_rows(indicators: IndicatorQuerySet, edition: Edition | None) -> list[IndicatorRow]:
    """Two queries: the indicators, their targets (the edition's figures are read once for the page)."""
    figures = edition.figures[Subject.INDICATOR] if edition else {}
    used = indicators.in_use(used_on(edition))
    found = used.select_related("goal", "data_department").prefetch_related("targets")
    return [IndicatorRow(i, figures.get(i.pk), _targets(i, edition)) for i in found]


def _targets(indicator: Indicator, edition: Edition | None) -> list[Target]:
    """Its requirements as the edition's period knows them; before any figures the newest."""
    rows = indicator.targets.all()
    return list(
        targets_in_force(rows, edition.cut_off, edition.known_at) if edition else current_targets(rows)
    )


def task_rows(tasks: RetiringQuerySet[Task], edition: Edition | None) -> list[TaskRow]:
    """Two queries: the tasks, their responsibility rows in force at the cut-off."""
    figures = edition.figures[Subject.TASK] if edition else {}
    found = list(tasks.in_use(used_on(edition)).select_related("action"))
    rows = Responsibility.objects.filter(task__in=[task.pk for task in found])
    if edition:
        rows = rows.in_force(edition.cut_off)
    by_task: dict[int, list[Responsibility]] = {}
    for row in rows.select_related("department").order_by("order"):
        by_task.setdefault(row.task_id, []).append(row)
    return [TaskRow(task, figures.get(task.pk), by_task.get(task.pk, [])) for task in found]


# Goals


@dataclass(frozen=True)
class GoalPage:
    goal: GoalCategory
    figure: Figure | None
    indicators: list[IndicatorRow]
    history: History


def goal_page(goal: GoalCategory, edition: Edition | None) -> GoalPage:
    """One goal category: its indicators, and its lights over the last quarters."""
    return GoalPage(
        goal=goal,
        figure=edition.of(Subject.GOAL, goal.pk) if edition else None,
        indicators=indicator_rows(Indicator.objects.filter(goal=goal), edition),
        history=history_of(edition, Subject.GOAL, goal.pk),
    )


# Actions and tasks


@dataclass(frozen=True)
class EntryRow:
    """What one department owes for a quarter, and where that stands."""

    entry: Entry

    @property
    def state(self) -> str:
        return state_of(self.entry)


@dataclass(frozen=True)
class ActionPage:
    action: SpecialAction
    figure: Figure | None
    tasks: list[TaskRow]
    summaries: list[EntryRow]
    history: History


def action_page(action: SpecialAction, edition: Edition | None) -> ActionPage:
    """One action: its tasks, its lights over the last quarters, its leads' summaries of the period."""
    summaries: list[EntryRow] = []
    if edition:
        entries = Entry.objects.filter(action=action, filing__period=edition.period)
        summaries = [EntryRow(entry) for entry in with_filings(entries.order_by("position", "id"), edition)]
    return ActionPage(
        action=action,
        figure=edition.of(Subject.ACTION, action.pk) if edition else None,
        tasks=task_rows(Task.objects.filter(action=action), edition),
        summaries=summaries,
        history=history_of(edition, Subject.ACTION, action.pk),
    )


@dataclass(frozen=True)
class UnitRow:
    """One row of the responsibility table with what its department filed; no entry where nothing was owed."""

    responsibility: Responsibility
    entry: Entry | None

    @property
    def state(self) -> str:
        return state_of(self.entry) if self.entry else ""


@dataclass(frozen=True)
class TaskPage:
    task: Task
    figure: Figure | None
    units: list[UnitRow]
    milestones: list[MilestoneRow]
    indicators: list[IndicatorRow]
    history: History
    chart: dict[str, Any] | None

    @property
    def title(self) -> str:
        return f"{self.task.number} {self.task.title}"

    @property
    def lead(self) -> UnitRow | None:
        return next((row for row in self.units if row.responsibility.role == Role.LEAD), None)


def task_page(task: Task, edition: Edition | None) -> TaskPage:
    """One task: who answers for it and what they filed, its milestones, its indicators, its last quarters."""
    history = history_of(edition, Subject.TASK, task.pk)
    return TaskPage(
        task=task,
        figure=edition.of(Subject.TASK, task.pk) if edition else None,
        units=_units(task, edition),
        milestones=milestone_rows(Milestone.objects.filter(task=task), edition),
        indicators=indicator_rows(task.indicators.all(), edition),
        history=history,
        chart=_progress_chart(history),
    )


def _units(task: Task, edition: Edition | None) -> list[UnitRow]:
    """The rows in force at the cut-off with their entries of the period. Two queries."""
    rows = task.responsibilities.select_related("department__convenor").order_by("order")
    if edition is None:
        return [UnitRow(row, None) for row in rows]
    entries = Entry.objects.filter(responsibility__task=task, filing__period=edition.period)
    by_row = {entry.responsibility_id: entry for entry in with_filings(entries, edition)}
    return [UnitRow(row, by_row.get(row.pk)) for row in rows.in_force(edition.cut_off)]


def _progress_chart(history: History) -> dict[str, Any] | None:
    if not any(figure and figure.completion is not None for _, figure in history):
        return None
    return progress_of_year(
        [edition.period for edition, _ in history],
        [figure.completion if figure else None for _, figure in history],
        [figure.expected if figure else None for _, figure in history],
    )


# Milestones


@dataclass(frozen=True)
class MilestoneRow:
    """A milestone with its standing and the last accepted word on it up to the edition's period."""

    milestone: Milestone
    figure: Figure | None
    entry: Entry | None

    @property
    def standing(self) -> str:
        """Its light; grey while it has no figure."""
        return self.figure.standing if self.figure else Standing.UNKNOWN


def milestone_rows(milestones: RetiringQuerySet[Milestone], edition: Edition | None) -> list[MilestoneRow]:
    """Milestones in order of date. Two queries."""
    figures = edition.figures[Subject.MILESTONE] if edition else {}
    used = milestones.in_use(used_on(edition))
    found = used.select_related("task__action").order_by("due_on", "task__action__no", "task__no", "no")
    latest: dict[int | None, Entry] = {}
    if edition:
        asked = Entry.objects if edition.known else Entry.objects.accepted()
        until = asked.filter(
            kind=EntryKind.MILESTONE,
            milestone__in=found,
            filing__period__in=Period.objects.until(edition.period),
        )
        ordered = with_filings(until.order_by("filing__period__year", "filing__period__quarter"), edition)
        latest = {e.milestone_id: e for e in ordered if e.decision == Decision.ACCEPTED}
    return [MilestoneRow(m, figures.get(m.pk), latest.get(m.pk)) for m in found]


def milestones_of(plan: Plan) -> RetiringQuerySet[Milestone]:
    """Every milestone of a plan."""
    return Milestone.objects.filter(task__action__plan=plan)


# Departments


@dataclass(frozen=True)
class DepartmentPage:
    department: Department
    figure: Figure | None
    filing: Filing | None
    led: list[TaskRow]
    cooperating: list[TaskRow]
    convened: list[TaskRow]
    actions: list[tuple[SpecialAction, Figure | None]]
    indicators: list[IndicatorRow]
    history: History

    @property
    def proposed(self) -> int:
        """Indicators that the office has not confirmed to be this department's."""
        return sum(row.indicator.data_department_is_proposed for row in self.indicators)


def department_page(department: Department, plan: Plan, edition: Edition | None) -> DepartmentPage:
    """What one department answers for and how it has filed in the last quarters."""
    answers_for = Responsibility.objects.filter(Q(department=department) | Q(department__convenor=department))
    if edition:
        answers_for = answers_for.in_force(edition.cut_off)
    tasks = Task.objects.filter(action__plan=plan, pk__in=answers_for.values("task_id"))
    rows = task_rows(tasks, edition)
    figures = edition.figures[Subject.ACTION] if edition else {}
    filings = list(
        Filing.objects.filter(
            department=department, period=edition.period if edition else None
        ).select_related("department", "period")
    )
    if edition and edition.known:
        filings = filings_before(filings, end_of_day(edition.known))
    return DepartmentPage(
        department=department,
        figure=edition.of(Subject.DEPARTMENT, department.pk) if edition else None,
        filing=next(iter(filings), None),
        led=[row for row in rows if row.role_of(department) == Role.LEAD],
        cooperating=[row for row in rows if row.role_of(department) == Role.COOPERATING],
        convened=[row for row in rows if not row.role_of(department)],
        actions=[(a, figures.get(a.pk)) for a in department.actions_led.filter(plan=plan)],
        indicators=indicator_rows(department.indicators_owed.filter(plan=plan), edition),
        history=history_of(edition, Subject.DEPARTMENT, department.pk),
    )

"""What one period is rolled up from: rows of the database in, plain input of the roll-up out.

At most seventeen queries, whatever the number of departments or tasks. Only accepted entries count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from departments.lineage import later_handovers
from departments.models import Duty
from filings.models import Entry, EntryVersion, Filing, Period
from filings.services.access import extensions_of, timeliness_of
from filings.services.items import in_force_for
from filings.services.readings import ASKED, ASKED_CLOSED, readings_until, source_words
from filings.terms import Decision, EntryKind, MilestoneState
from reports.models import Subject, Summary
from reports.rollup import (
    ActionInput,
    DepartmentInput,
    GoalInput,
    IndicatorInput,
    MilestoneInput,
    PeriodInput,
    TaskInput,
)
from targets.arithmetic import baseline_of, plan_values_of, requirements_of, rule_of, thresholds_of
from targets.measure import Quarter
from targets.models import GoalCategory, Indicator
from targets.terms import Standing, Strength
from tasks.models import Milestone, Responsibility, Role, Task
from tasks.progress import expected


@dataclass
class Gathered:
    """The roll-up's input, with the rows it came from for naming the figures.

    `entries` are this period's; `versions` are their newest ones by entry id, without content.
    """

    period: Period
    input: PeriodInput
    goals: dict[int, GoalCategory]
    indicators: dict[int, Indicator]
    tasks: dict[int, Task]
    milestones: dict[int, Milestone]
    filings: dict[int, Filing]
    entries: list[Entry] = field(default_factory=list)
    versions: dict[int, EntryVersion] = field(default_factory=dict)


def gather(period: Period, at: datetime) -> Gathered:
    """Read everything one period's figures depend on, as known at `at`."""
    plan, on = period.plan, period.last_day
    goals = {goal.pk: goal for goal in GoalCategory.objects.filter(plan=plan).in_use(on)}
    found = (
        Indicator.objects.filter(plan=plan)
        .in_use(on)
        .prefetch_related(*(ASKED_CLOSED if period.closed_at else ASKED))
    )
    indicators = {indicator.pk: indicator for indicator in found}
    in_use = Task.objects.filter(action__plan=plan).in_use(on).select_related("action")
    tasks = {task.pk: task for task in in_use}
    milestones = {
        m.pk: m
        for m in Milestone.objects.filter(task__in=list(tasks)).in_use(on).select_related("task__action")
    }
    filings = {f.department_id: f for f in Filing.objects.filter(period=period).select_related("department")}
    entries = list(
        Entry.objects.filter(filing__period=period).select_related("filing__department", "responsibility")
    )
    versions = EntryVersion.objects.filter(entry__filing__period=period).defer("content").newest()
    owed = [entry for entry in entries if entry.filing.exemption_id is None]
    leads = _leads(period, tasks)
    return Gathered(
        period=period,
        input=PeriodInput(
            plan_key=str(plan.pk),
            quarter=Quarter(period.year, period.quarter),
            plan_years=tuple(plan.years),
            thresholds=thresholds_of(plan, period.last_day, period.closed_at),
            tasks=tuple(_tasks(period, tasks.values(), entries, versions)),
            milestones=tuple(_milestones(period, milestones.values())),
            indicators=tuple(_indicators(period, indicators.values(), owed)),
            actions=tuple(_actions(tasks.values())),
            goals=tuple(_goals(goals.values(), indicators.values())),
            departments=tuple(_departments(period, filings, owed, leads, indicators.values(), at)),
        ),
        goals=goals,
        indicators=indicators,
        tasks=tasks,
        milestones=milestones,
        filings=filings,
        entries=entries,
        versions=versions,
    )


def _leads(period: Period, tasks: dict[int, Task]) -> dict[int, list[int]]:
    """Task ids by the department that files for their lead, on the period's last day."""
    rows = Responsibility.objects.filter(task__in=list(tasks), role=Role.LEAD).in_force(period.last_day)
    led: dict[int, list[int]] = defaultdict(list)
    for row in rows.select_related("department__convenor"):
        if filer := row.department.filer:
            led[filer.pk].append(row.task_id)
    return led


def _tasks(
    period: Period, tasks: Iterable[Task], entries: list[Entry], versions: dict[int, EntryVersion]
) -> Iterable[TaskInput]:
    by_task: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.responsibility:
            by_task[entry.responsibility.task_id].append(entry)
    pace = _previous_pace(period)
    years = _year_percents(period)
    planned = in_force_for(period)
    for task in tasks:
        lead = next((e for e in by_task[task.pk] if e.kind == EntryKind.PROGRESS), None)
        owed = [entry for entry in by_task[task.pk] if entry.filing.exemption_id is None]
        counts = lead is not None and lead.decision == Decision.ACCEPTED
        yield TaskInput(
            key=str(task.pk),
            percent=lead.percent if lead and counts else None,
            **_missing(lead),
            source=_source(lead, versions) if lead else "",
            previous_pace=pace.get(task.pk),
            reported=sum(e.decision == Decision.ACCEPTED for e in owed),
            owed=len(owed),
            year_percents=years.get(task.pk),
            share=expected(planned.get(task.pk, ()), period.quarter),
        )


def _source(lead: Entry, versions: dict[int, EntryVersion]) -> str:
    version = versions.get(lead.pk)
    no, correction = (version.no, version.correction_reason) if version else (None, None)
    return source_words(lead.filing.department.name, no, correction)


def _missing(lead: Entry | None) -> dict[str, str]:
    """Why a task has no percent, in one word and in a sentence."""
    if lead is None:
        return {"without": "本季不报", "missing": "本季没有牵头单位应报"}
    if lead.filing.exemption_id:
        return {"without": "免报", "missing": "牵头单位本季免报"}
    if lead.decision == Decision.RETURNED:
        return {"without": "退回待改", "missing": "牵头单位填报被退回，尚未改正"}
    if lead.filing.first_submitted_at:
        return {"without": "待审", "missing": "牵头单位已报，待审核采纳"}
    return {"without": "未填报", "missing": "牵头单位未填报"}


def _previous_pace(period: Period) -> dict[int, Standing]:
    """Each task's pace light one quarter earlier, which decides whether yellow turns red."""
    before = Quarter(period.year, period.quarter).shifted(-1)
    rows = Summary.objects.filter(
        period__plan=period.plan_id,
        period__year=before.year,
        period__quarter=before.number,
        subject=Subject.TASK,
    ).exclude(pace_light="")
    return {row.subject_id: Standing(row.pace_light) for row in rows}


def _year_percents(period: Period) -> dict[int, dict[int, Decimal]]:
    """The last accepted percent of each year up to this period, by task and year."""
    rows = (
        Entry.objects.accepted()
        .filter(
            kind=EntryKind.PROGRESS, filing__period__in=Period.objects.until(period), percent__isnull=False
        )
        .order_by("filing__period__year", "filing__period__quarter")
        .values_list("responsibility__task_id", "filing__period__year", "percent")
    )
    years: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for task, year, percent in rows:
        if task is not None and percent is not None:
            years[task][year] = percent
    return years


def _milestones(period: Period, milestones: Iterable[Milestone]) -> Iterable[MilestoneInput]:
    rows = (
        Entry.objects.accepted()
        .filter(kind=EntryKind.MILESTONE, filing__period__in=Period.objects.until(period))
        .order_by("filing__period__year", "filing__period__quarter")
        .values_list("milestone_id", "milestone_state", "done_on")
    )
    latest: dict[int | None, tuple[str, date | None]] = {pk: (state, done_on) for pk, state, done_on in rows}
    for milestone in milestones:
        state, done_on = latest.get(milestone.pk, ("", None))
        yield MilestoneInput(
            key=str(milestone.pk),
            task_key=str(milestone.task_id),
            due_on=milestone.due_on,
            strength=Strength(milestone.strength),
            state=MilestoneState(state) if state else None,
            done_on=done_on,
        )


def _indicators(
    period: Period, indicators: Iterable[Indicator], entries: list[Entry]
) -> Iterable[IndicatorInput]:
    readings = readings_until(period)
    asked = {entry.indicator_id: entry for entry in entries if entry.kind == EntryKind.READING}
    for indicator in indicators:
        entry = asked.get(indicator.pk)
        yield IndicatorInput(
            key=str(indicator.pk),
            rule=rule_of(indicator),
            requirements=requirements_of(indicator, period.last_day),
            readings=tuple(readings.get(indicator.pk, ())),
            plan_values=plan_values_of(indicator, period.closed_at),
            baseline=baseline_of(indicator, period.last_day),
            reported=int(entry is not None and entry.decision == Decision.ACCEPTED),
            owed=int(entry is not None),
        )


def _actions(tasks: Iterable[Task]) -> Iterable[ActionInput]:
    by_action: dict[int, list[str]] = defaultdict(list)
    for task in tasks:
        by_action[task.action_id].append(str(task.pk))
    return (ActionInput(str(action), tuple(keys)) for action, keys in by_action.items())


def _goals(goals: Iterable[GoalCategory], indicators: Iterable[Indicator]) -> Iterable[GoalInput]:
    by_goal: dict[int | None, list[str]] = defaultdict(list)
    for indicator in indicators:
        by_goal[indicator.goal_id].append(str(indicator.pk))
    return (GoalInput(str(goal.pk), tuple(by_goal[goal.pk])) for goal in goals)


def _departments(
    period: Period,
    filings: dict[int, Filing],
    entries: list[Entry],
    leads: dict[int, list[int]],
    indicators: Iterable[Indicator],
    at: datetime,
) -> Iterable[DepartmentInput]:
    by_filing: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_filing[entry.filing_id].append(entry)
    measured: dict[int | None, list[str]] = defaultdict(list)
    passed_on = later_handovers(Duty.READING, period.last_day)
    for indicator in indicators:
        handovers = passed_on.get(indicator.pk)
        owner = handovers[-1].before_id if handovers else indicator.data_department_id
        measured[owner].append(str(indicator.pk))
    extensions = extensions_of(period)
    for department, filing in filings.items():
        owed = by_filing[filing.pk]
        filing.period = period
        yield DepartmentInput(
            key=str(department),
            timeliness=timeliness_of(filing, extensions.get(department), at),
            returns=filing.returns,
            reported=sum(e.decision == Decision.ACCEPTED for e in owed),
            owed=len(owed),
            task_keys=tuple(str(pk) for pk in leads.get(department, ())),
            indicator_keys=tuple(measured[department]),
        )

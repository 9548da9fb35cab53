"""What a year is scored from: the published figures of its quarters, and who answers for what.

A quarter counts by its latest publication. A quarter that is past its due date and not published yet counts by its
summaries, and what rests on it is provisional (暂计); a quarter still open for filing says nothing.

After a reorganisation each unit is scored for its own quarters: what it filed under its name counts for it, and the
tasks and indicators of the year count for whoever holds them at its last quarter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q

from departments.lineage import later_handovers
from departments.models import Duty
from filings.models import Period
from reports.models import Figure, Publication, PublishedFigure, Subject, Summary
from targets.models import Indicator, Plan, Target
from tasks.models import Milestone, Responsibility, Role, Task

#: Read at the year's last quarter only; of departments every quarter is read.
_AT_THE_END = (Subject.INDICATOR, Subject.TASK, Subject.MILESTONE)


@dataclass(frozen=True)
class QuarterFigures:
    """The figures of one quarter by subject and subject id; without a publication they are not final."""

    period: Period
    publication: Publication | None
    figures: Mapping[tuple[str, int], Figure]

    def of(self, subject: Subject, pk: int) -> Figure | None:
        """One subject's figure; None when it was not part of the plan then."""
        return self.figures.get((subject, pk))

    def source(self) -> dict[str, Any]:
        """As the scheme stores what it was computed from (`Scheme.sources`)."""
        return {
            "quarter": self.period.quarter,
            "period": self.period.pk,
            "publication": self.publication.pk if self.publication else None,
            "version": self.publication.version if self.publication else None,
        }

    def reference(self, subject: Subject, pk: int) -> dict[str, Any]:
        """Where a figure stands and which filing it came from, for the links of a sheet."""
        version = f"version={self.publication.version}" if self.publication else "live=1"
        edition = f"第{self.publication.version}版" if self.publication else "尚未发布"
        figure = self.of(subject, pk)
        return self.source() | {
            "label": f"{self.period}{edition}",
            "query": f"period={self.period.code}&{version}",
            "subject": str(subject),
            "subject_id": pk,
            "figure": figure.pk if figure else None,
            "filing": figure.detail.get("filing") if figure else None,
            "submission": figure.detail.get("version") if figure else None,
        }


@dataclass(frozen=True)
class YearFacts:
    """One year of a plan: its quarters with figures, oldest first, and by department id what it answers for."""

    year: int
    quarters: tuple[QuarterFigures, ...]
    indicators: Mapping[int, list[Indicator]]
    tasks: Mapping[int, list[Task]]
    milestones: Mapping[int, list[Milestone]]

    @property
    def last(self) -> QuarterFigures:
        """The quarter whose standing is the year's so far. Raises IndexError when no quarter has figures."""
        return self.quarters[-1]

    @property
    def last_day(self) -> date:
        return self.last.period.last_day

    @property
    def is_whole_year(self) -> bool:
        """Whether the fourth quarter is among them."""
        return self.last.period.quarter == 4

    def sources(self) -> list[dict[str, Any]]:
        return [quarter.source() for quarter in self.quarters]


def load_year(*, plan: Plan, year: int, at: datetime) -> YearFacts:
    """Everything the scores of a year read; at most ten queries whatever the number of departments."""
    quarters = _quarters(plan, year, at)
    if not quarters:
        return YearFacts(year, (), {}, {}, {})
    last_day = quarters[-1].period.last_day
    tasks = _led(plan, last_day)
    return YearFacts(
        year=year,
        quarters=quarters,
        indicators=_measured(plan, last_day),
        tasks=tasks,
        milestones=_dated(tasks, year, last_day),
    )


def current_sources(*, plan: Plan, year: int, at: datetime) -> list[dict[str, Any]]:
    """What a computation at this moment would read, to compare with `Scheme.sources`. Two queries."""
    return [QuarterFigures(period, latest, {}).source() for period, latest in _usable(plan, year, at)]


def _usable(plan: Plan, year: int, at: datetime) -> list[tuple[Period, Publication | None]]:
    """The year's quarters that say something, with their latest publication if there is one, oldest first."""
    periods = list(Period.objects.filter(plan=plan, year=year).exclude(opened_at=None).order_by("quarter"))
    latest = {p.period_id: p for p in Publication.objects.filter(period__in=periods).order_by("version")}
    pairs = [(period, latest.get(period.pk)) for period in periods]
    return [(period, publication) for period, publication in pairs if publication or period.due_at < at]


def _quarters(plan: Plan, year: int, at: datetime) -> tuple[QuarterFigures, ...]:
    usable = _usable(plan, year, at)
    if not usable:
        return ()
    last = usable[-1][0].pk
    published: dict[int, dict[tuple[str, int], Figure]] = defaultdict(dict)
    frozen = PublishedFigure.objects.filter(
        Q(subject=Subject.DEPARTMENT) | Q(subject__in=_AT_THE_END, publication__period=last),
        publication__in=[publication for _, publication in usable if publication],
    ).select_related("publication")
    for figure in frozen:
        published[figure.publication.period_id][figure.subject, figure.subject_id] = figure
    current = Summary.objects.filter(
        Q(subject=Subject.DEPARTMENT) | Q(subject__in=_AT_THE_END, period=last),
        period__in=[period for period, publication in usable if not publication],
    )
    for summary in current:
        published[summary.period_id][summary.subject, summary.subject_id] = summary
    return tuple(
        QuarterFigures(period, publication, published[period.pk])
        for period, publication in usable
        if publication or published[period.pk]
    )


def _measured(plan: Plan, on: date) -> dict[int, list[Indicator]]:
    """Indicators by the id of the department that answers for them on that day, with their targets."""
    found: dict[int, list[Indicator]] = defaultdict(list)
    passed_on = later_handovers(Duty.READING, on)
    answered = Indicator.objects.filter(plan=plan, data_department__isnull=False).in_use(on)
    indicators = answered.prefetch_related(Prefetch("targets", Target.objects.in_use(on)))
    for indicator in indicators:
        handovers = passed_on.get(indicator.pk)
        owner = handovers[-1].before_id if handovers else indicator.data_department_id
        if owner is not None:
            found[owner].append(indicator)
    return found


def _led(plan: Plan, on: date) -> dict[int, list[Task]]:
    """Tasks by the id of the department that leads them on that day."""
    found: dict[int, list[Task]] = defaultdict(list)
    rows = Responsibility.objects.in_force(on).filter(role=Role.LEAD, task__action__plan=plan)
    for row in rows.select_related("task__action"):
        found[row.department_id].append(row.task)
    return found


def _dated(tasks: Mapping[int, list[Task]], year: int, last_day: date) -> dict[int, list[Milestone]]:
    """Milestones due in the year so far, by the id of the department that leads their task."""
    lead = {task.pk: department for department, led in tasks.items() for task in led}
    found: dict[int, list[Milestone]] = defaultdict(list)
    for milestone in Milestone.objects.filter(task__in=lead, due_on__year=year, due_on__lte=last_day).in_use(
        last_day
    ):
        found[lead[milestone.task_id]].append(milestone)
    return found

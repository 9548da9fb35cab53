"""A small plan with people, and its quarters filed, accepted and published through the real services.

scene = Scene.make(size=3)                    # 3 departments, each with a task, an indicator, a milestone
period = scene.quarter(2020, 3)               # opened, filed and accepted by everybody, published
period = scene.opened(2020, 4)                # only opened; moments of a quarter lie around its last day
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from actions.models import SpecialAction
from departments.models import Department
from filings.models import Entry, Filing, Period
from filings.terms import EntryKind, ValueState
from reports.models import FIGURE_FIELDS, Figure, Publication, Subject, Summary
from reports.services import correct, publish
from targets.models import GoalCategory, Indicator, Plan, PlanValue
from tasks.models import Milestone, Task
from tests import factories


def filing_time(period: Period) -> datetime:
    """Three days after a quarter's last day, when its departments file; the window lies around it."""
    return timezone.make_aware(datetime.combine(period.last_day + timedelta(days=3), time(9)))


def closing_time(period: Period) -> datetime:
    """When the office closes the quarter: a day after the reports were due."""
    return period.due_at + timedelta(days=1)


@dataclass
class Scene:
    """Rows by their place: department 0 leads task 0, measures indicator 0 and so on."""

    plan: Plan
    goal: GoalCategory
    action: SpecialAction
    departments: list[Department]
    tasks: list[Task]
    indicators: list[Indicator]
    milestones: list[Milestone]
    filers: dict[int, User]
    approvers: dict[int, User]
    reviewer: User
    leader: User

    @classmethod
    def make(cls, size: int = 1) -> Scene:
        """Department n leads task n, the next one cooperates; the first leads the action."""
        plan = factories.make_plan()
        goal = factories.make_goal(plan)
        departments = [factories.make_department() for _ in range(size)]
        helper = factories.make_department()
        action = factories.make_action(plan, leads=departments[:1])
        tasks = [factories.make_task(action, lead=d, cooperating=[helper]) for d in departments]
        indicators = [factories.make_indicator(plan, data_department=d, goal=goal) for d in departments]
        for indicator, task in zip(indicators, tasks, strict=True):
            factories.make_target(indicator)
            PlanValue.objects.create(indicator=indicator, on=date(2020, 12, 31), value=Decimal(100))
            task.indicators.add(indicator)
        milestones = [factories.make_milestone(task) for task in tasks]
        everyone = [*departments, helper]
        return cls(
            plan=plan,
            goal=goal,
            action=action,
            departments=everyone,
            tasks=tasks,
            indicators=indicators,
            milestones=milestones,
            filers={d.pk: factories.make_filer(d) for d in everyone},
            approvers={d.pk: factories.make_approver(d) for d in everyone},
            reviewer=factories.make_reviewer(),
            leader=factories.make_leader(),
        )

    def opened(self, year: int, quarter: int) -> Period:
        """A quarter whose obligations are written, and nothing filed."""
        at = filing_time(Period(year=year, quarter=quarter))
        return factories.open_quarter(self.plan, year, quarter, at=at)

    def filing(self, period: Period, department: Department) -> Filing:
        return factories.filing_of(period, department)

    def entry(self, period: Period, **subject: Any) -> Entry:
        """One obligation of a period by its subject."""
        return Entry.objects.for_page().get(filing__period=period, **subject)

    def progress(self, period: Period, task: Task) -> Entry:
        """The lead's entry of a task."""
        return self.entry(period, kind=EntryKind.PROGRESS, responsibility__task=task)

    def write(self, entry: Entry, **values: Any) -> Entry:
        """Save one entry, complete but for `values`."""
        filer = self.filers[entry.filing.department_id]
        return factories.fill_entry(entry, by=filer, at=filing_time(entry.filing.period), **values)

    def report(self, period: Period, task: Task, percent: str) -> Entry:
        """Save the lead's percent of a task with all that a late one must explain."""
        return self.write(
            self.progress(period, task),
            percent=Decimal(percent),
            problems="用地指标未落实",
            cause="审批周期长",
            next_steps="倒排工期",
            next_on=period.last_day + timedelta(days=60),
            explanation="已与主管部门核实",
        )

    def read(self, period: Period, indicator: Indicator, value: str | None) -> Entry:
        """Save a reading; None is “no data” with a reason."""
        entry = self.entry(period, indicator=indicator)
        if value is None:
            return self.write(entry, value_state=ValueState.NO_DATA, value=None, text="监测设备检修")
        return self.write(entry, value=Decimal(value), explanation="已与台账核对")

    def send(self, period: Period, department: Department) -> Filing:
        """Fill in what is missing, submit and sign."""
        return factories.file(
            self.filing(period, department),
            by=self.filers[department.pk],
            signed_by=self.approvers[department.pk],
            at=filing_time(period),
        )

    def accept(self, filing: Filing) -> Filing:
        return factories.accept(filing, by=self.reviewer, at=filing_time(filing.period) + timedelta(hours=1))

    def filed(self, year: int, quarter: int, *, percents: Mapping[int, str] | None = None) -> Period:
        """A quarter that everybody filed and the office accepted; `percents` by the task's place."""
        period = self.opened(year, quarter)
        for place, percent in (percents or {}).items():
            self.report(period, self.tasks[place], percent)
        for department in self.departments:
            self.accept(self.send(period, department))
        return period

    def publish(self, period: Period, *, reason: str = "") -> Publication:
        return publish(period=period, reason=reason, by=self.reviewer, at=closing_time(period))

    def correct(self, period: Period, entry: Entry | None = None, **values: Any) -> Publication:
        """Correct an accepted entry of a closed quarter, by default the first lead's percent, five points up; makes the next version."""
        return correct(
            entry=entry or self.progress(period, self.tasks[0]),
            values=values or {"percent": min(Decimal(25 * period.quarter + 5), Decimal(100))},
            reason="核实后更正",
            by=self.reviewer,
            at=closing_time(period) + timedelta(days=1),
        )

    def quarter(self, year: int, quarter: int, *, percents: Mapping[int, str] | None = None) -> Publication:
        """A quarter from its opening to its publication."""
        return self.publish(self.filed(year, quarter, percents=percents))


def figures(rows: Iterable[Figure]) -> dict[tuple[str, int], dict[str, Any]]:
    """Every frozen column of every row, by subject, whatever their keys."""
    return {
        (row.subject, row.subject_id): {name: getattr(row, name) for name in FIGURE_FIELDS} for row in rows
    }


def summary(period: Period, subject: Subject, pk: int) -> Summary:
    """One subject's summary as it stands."""
    return Summary.objects.get(period=period, subject=subject, subject_id=pk)

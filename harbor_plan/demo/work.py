"""The annual work plans of the demonstration: compiled, submitted, approved and changed through the real services."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from accounts.models import User
from actions.models import SpecialAction
from departments.models import Department
from filings.services.items import roll_over
from harbor_plan.demo.days import moment
from harbor_plan.demo.people import Cast
from harbor_plan.demo.tables import DemoDataError, Row, Tables
from targets.models import Plan
from tasks.models import AnnualPlan, Task
from tasks.services import annual
from tasks.services.access import submission
from tasks.services.items import ItemValues, add_item, propose_item, take_in

#: Minutes between two items typed one after the other.
PER_ITEM = 6


@dataclass
class YearsOfWork:
    """Brings annual plans to where they stood on a day; each line of the tables is lived through once."""

    plan: Plan
    tables: Tables
    cast: Cast
    departments: dict[str, Department]
    done: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        actions = SpecialAction.objects.filter(plan=self.plan).prefetch_related("lead_rows__department")
        self.actions = {str(action.no): action for action in actions}
        tasks = Task.objects.filter(action__plan=self.plan).select_related("action")
        self.tasks = {task.number: task for task in tasks}

    def until(self, day: date | None, *, since: int) -> None:
        """Everything begun by that day, or all of it; years before `since` are left out."""
        for row in self.tables.annual_plans:
            is_due = day is None or row.day("begun_on") <= day
            if is_due and row.line not in self.done and row.number("year") >= since:
                self.done.add(row.line)
                self._live(row)

    def _live(self, row: Row) -> None:
        action = row.one_of("action_no", self.actions)
        year, begun_on = row.number("year"), row.day("begun_on")
        filer = self._filer(action, row)
        clock = _clock(moment(begun_on, "09:10"))
        plan = AnnualPlan.objects.filter(action=action, year=year).first()
        if plan and plan.version:
            annual.change_plan(plan=plan, reason=row.text("reason"), by=filer, at=next(clock))
        elif plan is None:
            plan = self._begin(action, year, row, by=filer, at=next(clock))
        self._write(plan, begun_on, by=filer, clock=lambda: next(clock))
        self._decide(plan, row, by=filer)

    def _begin(self, action: SpecialAction, year: int, row: Row, *, by: User, at: datetime) -> AnnualPlan:
        """A new plan, with what last year left unfinished where the table says so."""
        before = AnnualPlan.objects.filter(action=action, year=year - 1).first()
        if row.text("roll_over") == "是" and before:
            following, _ = roll_over(plan=before, by=by, at=at)
            if following.year == year:
                return following
        return annual.create_plan(action=action, year=year, by=by, at=at)

    def _filer(self, action: SpecialAction, row: Row) -> User:
        leads = list(action.lead_rows.all())
        if not leads:
            raise row.error("action_no", "这一行动没有牵头单位。")
        return self.cast.filers[leads[0].department_id]

    def _write(self, plan: AnnualPlan, begun_on: date, *, by: User, clock: Callable[[], datetime]) -> None:
        """The items of the table that belong to this plan and this beginning."""
        for row in self.tables.work_items:
            if row.number("year") != plan.year or row.day("begun_on") != begun_on:
                continue
            task = row.one_of("task_no", self.tasks)
            if task.action_id != plan.action_id:
                continue
            values, state = self._values(row, task), row.text("state")
            if state == "included":
                add_item(plan=plan, values=values, by=by, at=clock())
                continue
            proposer = self.cast.filers[values.department.pk]
            item = propose_item(plan=plan, values=values, by=proposer, at=clock())
            if state == "taken_in":
                take_in(item=item, version=item.version, by=by, at=clock())

    def _values(self, row: Row, task: Task) -> ItemValues:
        first, second, third, fourth = (Decimal(row.number(f"q{no}")) for no in (1, 2, 3, 4))
        return ItemValues(
            task=task,
            department=row.one_of("department", self.departments),
            measure=row.text("measure"),
            weight=Decimal(row.number("weight")),
            due_on=row.day("due_on"),
            shares=(first, second, third, fourth),
        )

    def _decide(self, plan: AnnualPlan, row: Row, *, by: User) -> None:
        """Submitted and approved on the days of the table, as far as it goes."""
        if not row.text("submitted_on"):
            return
        annual.submit_plan(plan=plan, by=by, at=moment(row.day("submitted_on"), "15:30"))
        if not row.text("approved_on"):
            return
        plan.refresh_from_db()
        leads = {lead.department_id for lead in plan.action.lead_rows.all()}
        able = [person for person in self.cast.office if not self.cast.own[person.pk] & leads]
        if not able:
            raise DemoDataError(f"{plan}没有可以审定的人，请核对 people.csv。")
        annual.approve_plan(
            plan=plan, seen=submission(plan), by=able[0], at=moment(row.day("approved_on"), "10:20")
        )


def _clock(at: datetime) -> Iterator[datetime]:
    """One moment after the other, some minutes apart."""
    while True:
        yield at
        at += timedelta(minutes=PER_ITEM)

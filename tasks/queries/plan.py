"""One action's year: its items by task, what is proposed, its versions with what changed, and what the reader may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from tasks.models import (
    AnnualPlan,
    AnnualPlanStatus,
    AnnualPlanVersion,
    ItemState,
    Responsibility,
    Role,
    Task,
    WorkItem,
)
from tasks.progress import PlannedItem, expected
from tasks.queries.plans import state_of
from tasks.rules import WRITABLE
from tasks.services.access import approvers, can_decide, cooperating_rows, is_lead, submission
from tasks.services.versions import Changed, content_of, differences, planned

QUARTERS = (1, 2, 3, 4)
#: With nothing before it, everything of a content is new.
_NOTHING: dict[str, Any] = {"items": []}


@dataclass(frozen=True)
class Line:
    """One item of the page. `item` is None for a line of a frozen version; `carried` says from which year."""

    planned: PlannedItem
    item: WorkItem | None
    carried: int | None = None

    @property
    def is_partial(self) -> bool:
        """Planned to be less than done at the year's end."""
        return self.planned.share(4) < 100


@dataclass(frozen=True)
class Group:
    """The items of one task, with what they make of its time progress at each quarter's end."""

    task: Task
    lead: str
    lines: list[Line]

    @property
    def expected(self) -> list[Decimal | None]:
        return [expected([line.planned for line in self.lines], quarter) for quarter in QUARTERS]

    @property
    def weight(self) -> Decimal:
        return sum((line.planned.weight for line in self.lines), Decimal(0))


@dataclass(frozen=True)
class Version:
    """One approved version with what changed since the one before."""

    version: AnnualPlanVersion
    changes: list[Changed]
    items: int
    is_in_force: bool


@dataclass(frozen=True)
class May:
    """What the reader can do with the plan now."""

    edit: bool
    propose: bool
    submit: bool
    recall: bool
    decide: bool
    change: bool
    abandon: bool
    roll_over: bool


@dataclass(frozen=True)
class PlanPage:
    """The page. `groups` are the working copy; `pending` is what it changes against the version in force."""

    plan: AnnualPlan
    groups: list[Group]
    without: list[Task]
    proposals: list[WorkItem]
    declined: list[WorkItem]
    versions: list[Version]
    pending: list[Changed]
    may: May
    is_lead: bool
    why_not: str
    seen: str

    @property
    def state(self) -> tuple[str, str]:
        return state_of(self.plan)

    @property
    def in_force(self) -> AnnualPlanVersion | None:
        return self.versions[0].version if self.versions else None

    @property
    def items(self) -> int:
        return sum(len(group.lines) for group in self.groups)

    @property
    def tasks(self) -> int:
        return len(self.groups) + len(self.without)

    @property
    def steps_left(self) -> str:
        """Why the plan cannot be submitted yet; empty if it can."""
        if not self.items:
            return "还没有工作项"
        if self.proposals:
            return f"{len(self.proposals)} 条提出的工作项待处理"
        return "与现行版本没有差别" if self.versions and not self.pending else ""

    @property
    def is_last_year(self) -> bool:
        return self.plan.year == self.plan.action.plan.years[-1]


def plan_page(plan: AnnualPlan, *, reader: User) -> PlanPage:
    """Everything about one plan for one reader; the queries do not grow with items or versions."""
    found = WorkItem.objects.filter(annual_plan=plan).select_related(
        "task__action", "department", "proposed_by", "edited_by", "rolled_from__annual_plan"
    )
    items = list(found.order_by("task__no", "order", "id"))
    included = [item for item in items if item.state == ItemState.INCLUDED]
    versions = _versions(plan)
    tasks = list(Task.objects.filter(action=plan.action).select_related("action").order_by("no"))
    in_use = set(Task.objects.filter(action=plan.action).in_use(date(plan.year, 12, 31)))
    groups = _groups(tasks, included, _leads(plan))
    with_items = {group.task.pk for group in groups}
    lead, decides = is_lead(plan, reader), can_decide(plan, reader)
    latest = versions[0].version.content if versions else None
    return PlanPage(
        plan=plan,
        groups=groups,
        without=[task for task in tasks if task.pk not in with_items and task in in_use],
        proposals=[item for item in items if item.state == ItemState.PROPOSED],
        declined=[item for item in items if item.state == ItemState.DROPPED and item.note],
        versions=versions,
        pending=differences(latest, content_of(plan, included)) if latest else [],
        may=_may(plan, reader, lead=lead, decides=decides),
        is_lead=lead,
        why_not=_why_not(plan, reader, decides=decides),
        seen=submission(plan),
    )


def _groups(tasks: list[Task], included: list[WorkItem], leads: Mapping[int, str]) -> list[Group]:
    lines: dict[int, list[Line]] = {}
    for item in included:
        source = item.rolled_from
        line = Line(_planned(item), item, source.annual_plan.year if source else None)
        lines.setdefault(item.task_id, []).append(line)
    return [Group(task, leads.get(task.pk, ""), lines[task.pk]) for task in tasks if task.pk in lines]


def _planned(item: WorkItem) -> PlannedItem:
    return PlannedItem(item.pk, item.measure, item.weight, item.shares, item.department.name, item.due_on)


def _leads(plan: AnnualPlan) -> dict[int, str]:
    rows = Responsibility.objects.filter(task__action=plan.action, role=Role.LEAD)
    year_end = date(plan.year, 12, 31)
    return {row.task_id: str(row.department) for row in rows.in_force(year_end).select_related("department")}


def _versions(plan: AnnualPlan) -> list[Version]:
    """Newest first."""
    rows = list(AnnualPlanVersion.objects.filter(annual_plan=plan).select_related("by").order_by("no"))
    contents = [_NOTHING, *(row.content for row in rows)]
    found = [
        Version(
            version=row,
            changes=differences(before, row.content) if row.no > 1 else [],
            items=len(row.content["items"]),
            is_in_force=row is rows[-1],
        )
        for before, row in zip(contents, rows, strict=False)
    ]
    return found[::-1]


def _may(plan: AnnualPlan, reader: User, *, lead: bool, decides: bool) -> May:
    status = AnnualPlanStatus(plan.status)
    writable = status in WRITABLE
    return May(
        edit=lead and writable,
        propose=not lead and writable and bool(cooperating_rows(plan, reader)),
        submit=lead and writable,
        recall=lead and status == AnnualPlanStatus.SUBMITTED,
        decide=decides and status == AnnualPlanStatus.SUBMITTED,
        change=lead and status == AnnualPlanStatus.APPROVED,
        abandon=lead and writable and plan.version > 0,
        roll_over=lead and plan.version > 0 and plan.year < plan.action.plan.years[-1],
    )


def _why_not(plan: AnnualPlan, reader: User, *, decides: bool) -> str:
    """Why somebody who decides other plans does not decide this one; empty for everybody else."""
    if decides or not reader.reads_all or plan.status != AnnualPlanStatus.SUBMITTED:
        return ""
    office = plan.action.plan.office
    if approvers(plan):
        return (
            f"本计划由{office}的其他审定人审定：本单位编制的、本人经手的须回避。"
            if reader.own_department_ids
            else ""
        )
    return f"{office}没有可以审定本计划的人（本单位编制的须回避），由领导审定。"


def version_groups(plan: AnnualPlan, version: AnnualPlanVersion) -> list[Group]:
    """The items of a frozen version by task, in the version's own words."""
    tasks = {task.pk: task for task in Task.objects.filter(action=plan.action).select_related("action")}
    lines: dict[int, list[Line]] = {}
    for row in version.content["items"]:
        lines.setdefault(row["task"], []).append(Line(planned(row), None))
    return [Group(tasks[pk], "", found) for pk, found in lines.items()]

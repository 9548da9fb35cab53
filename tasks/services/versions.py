"""Versions of an annual work plan: what an approval freezes, what is in force, and what changed between two.

The content of a version is JSON: `programme` ({id, no, title} or None) and `items`, each with id, task (its id),
number, title, department_id, department, measure, weight, due_on, shares (four), rolled_from (an item's id or None);
numbers and days are text, names are those of the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from harbor_plan.lib import zh
from tasks.models import AnnualPlan, AnnualPlanVersion, ItemState, WorkItem
from tasks.progress import PlannedItem

Content = Mapping[str, Any]

#: The fields of an item that people compare, with their words.
COMPARED = {
    "number": "任务",
    "department": "责任单位",
    "measure": "工作措施",
    "weight": "权重",
    "due_on": "完成时限",
    "shares": "各季末应达",
}


def included(plan: AnnualPlan) -> list[WorkItem]:
    """The items that are part of the plan as it is worked on, in its order."""
    items = WorkItem.objects.filter(annual_plan=plan, state=ItemState.INCLUDED)
    return list(items.select_related("task__action", "department").order_by("task__no", "order", "id"))


def content_of(plan: AnnualPlan, items: Iterable[WorkItem]) -> dict[str, Any]:
    """What approving the plan now would freeze."""
    programme = plan.programme
    return {
        "programme": {"id": programme.pk, "no": programme.no, "title": programme.title}
        if programme
        else None,
        "items": [_item(item) for item in items],
    }


def _item(item: WorkItem) -> dict[str, Any]:
    return {
        "id": item.pk,
        "task": item.task_id,
        "number": item.task.number,
        "title": item.task.title,
        "department_id": item.department_id,
        "department": item.department.name,
        "measure": item.measure,
        "weight": _text(item.weight),
        "due_on": item.due_on.isoformat(),
        "shares": [_text(share) for share in item.shares],
        "rolled_from": item.rolled_from_id,
    }


def _text(number: Decimal) -> str:
    return f"{zh.plain(number):f}"


# What is in force


def in_force(plan_id: int, year: int, until: datetime | None = None) -> list[AnnualPlanVersion]:
    """The version in force of every action of a plan that has one: the latest approved by `until`, if given. One query."""
    versions = AnnualPlanVersion.objects.filter(annual_plan__action__plan=plan_id, annual_plan__year=year)
    if until is not None:
        versions = versions.filter(at__lte=until)
    latest = {version.annual_plan_id: version for version in versions.order_by("annual_plan", "no")}
    return list(latest.values())


def items_in_force(
    plan_id: int, year: int, until: datetime | None = None
) -> dict[int, tuple[PlannedItem, ...]]:
    """The work items in force by task id; tasks without any are absent. One query."""
    by_task: dict[int, list[PlannedItem]] = defaultdict(list)
    for version in in_force(plan_id, year, until):
        for row in version.content["items"]:
            by_task[row["task"]].append(planned(row))
    return {task: tuple(items) for task, items in by_task.items()}


def planned(row: Content) -> PlannedItem:
    """An item of a version as the arithmetic takes it."""
    return PlannedItem(
        id=row["id"],
        measure=row["measure"],
        weight=Decimal(row["weight"]),
        shares=tuple(Decimal(share) for share in row["shares"]),
        department=row["department"],
        due_on=date.fromisoformat(row["due_on"]),
    )


# What changed


@dataclass(frozen=True)
class Changed:
    """One item that was added, dropped or changed; `fields` are (label, before, after) of what changed in it."""

    kind: str
    number: str
    measure: str
    fields: tuple[tuple[str, str, str], ...] = ()

    @property
    def label(self) -> str:
        return {"added": "新增", "dropped": "取消", "changed": "修改"}[self.kind]


def differences(before: Content, after: Content) -> list[Changed]:
    """What changed from one content to another, in the order of the later one, what was dropped last."""
    old = {row["id"]: row for row in before["items"]}
    new = {row["id"]: row for row in after["items"]}
    found = []
    for pk, row in new.items():
        if pk not in old:
            found.append(Changed("added", row["number"], row["measure"]))
        elif fields := _fields(old[pk], row):
            found.append(Changed("changed", row["number"], row["measure"], fields))
    gone = (row for pk, row in old.items() if pk not in new)
    return [*found, *(Changed("dropped", row["number"], row["measure"]) for row in gone)]


def _fields(old: Content, new: Content) -> tuple[tuple[str, str, str], ...]:
    words = ((label, _said(old, name), _said(new, name)) for name, label in COMPARED.items())
    return tuple((label, before, after) for label, before, after in words if before != after)


def _said(row: Content, name: str) -> str:
    if name == "due_on":
        return zh.day(date.fromisoformat(row["due_on"]))
    if name == "shares":
        return "、".join(f"{share}%" for share in row["shares"])
    return str(row[name])

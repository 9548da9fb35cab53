"""Passing a department's part in the plan to its successors from a day on: its rows end, theirs begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, ProtectedError, Q

from departments.models import Department
from harbor_plan.lib.refusals import Refused
from tasks.models import AnnualPlan, Responsibility, Role, WorkItem


@dataclass(frozen=True)
class Passed:
    """What became of one row. `now` is the row that holds instead, or nothing where the duty ended."""

    row: Responsibility
    now: Responsibility | None
    had_already: bool = False


def rows_from(department: Department, plan_id: int, on: date) -> list[Responsibility]:
    """The department's rows of a plan that are in force on that day or begin later, in the order of the plan."""
    rows = Responsibility.objects.filter(department=department, task__action__plan=plan_id)
    rows = rows.filter(Q(valid_to=None) | Q(valid_to__gt=on)).select_related("task__action", "department")
    return list(rows.order_by("task__action__no", "task__no", "valid_from"))


def pass_on(row: Responsibility, *, to: Department | None, on: date) -> Passed:
    """End one row on a day and let another unit hold it from then on; a task keeps one row of a unit, and its lead.

    A row that only begins later changes hands as it is. Raises Refused (content) where a task would lose its lead.
    """
    if to is None:
        if row.role == Role.LEAD:
            raise Refused(
                "content", f"任务 {row.task.number} 由{row.department}牵头，须有单位承接，不能没有牵头单位。"
            )
        _end(row, on)
        return Passed(row, None)
    held = _held(row, to, on)
    if held is None:
        return Passed(row, _begun(row, to, on))
    _end(row, on)
    if row.role != Role.LEAD or held.role == Role.LEAD:
        return Passed(row, held, had_already=True)
    return Passed(row, _leading(held, row, on), had_already=True)


def _held(row: Responsibility, to: Department, on: date) -> Responsibility | None:
    """The successor's own row of the task on that day."""
    rows = Responsibility.objects.filter(task=row.task_id, department=to).select_related(
        "task__action", "department"
    )
    return rows.in_force(max(on, row.valid_from or on)).first()


def _end(row: Responsibility, on: date) -> None:
    """End a row; one that has not begun by then is taken back."""
    if row.valid_from and row.valid_from >= on:
        try:
            row.delete()
        except ProtectedError:
            sentence = f"{row}自 {row.valid_from:%Y-%m-%d} 起生效并已有填报，机构变动的生效日期须在此之后。"
            raise Refused("content", sentence) from None
        return
    row.valid_to = on
    row.save(update_fields=["valid_to"])


def _begun(row: Responsibility, to: Department, on: date) -> Responsibility:
    """The same duty under the successor: the old row ends first, since a task has one lead at a time."""
    since, until = max(on, row.valid_from or on), row.valid_to
    new = Responsibility(
        task=row.task,
        department=to,
        role=row.role,
        order=row.order,
        valid_from=since,
        valid_to=until,
        note=row.note,
    )
    _end(row, on)
    new.save()
    return new


def _leading(held: Responsibility, row: Responsibility, on: date) -> Responsibility:
    """The successor's row where it cooperated gives way to one that leads."""
    if held.valid_from == on:
        held.role, held.order = Role.LEAD, row.order
        held.save(update_fields=["role", "order"])
        return held
    until = held.valid_to
    _end(held, on)
    return Responsibility.objects.create(
        task=row.task,
        department=held.department,
        role=Role.LEAD,
        order=row.order,
        valid_from=on,
        valid_to=until,
        note=row.note or held.note,
    )


def items_from(department: Department, plan_id: int, on: date) -> list[WorkItem]:
    """The department's work items of a plan in the years that run on that day or later."""
    items = WorkItem.objects.filter(
        Q(department=department) | Q(proposed_by=department),
        annual_plan__action__plan=plan_id,
        annual_plan__year__gte=on.year,
    )
    return list(
        items.select_related("annual_plan__action", "task__action").order_by("annual_plan", "order", "id")
    )


def pass_item(item: WorkItem, *, before: Department, to: Department) -> None:
    """Let a successor answer for a work item. Versions approved so far keep the name of their time.

    The annual plan is held, so nobody approves or edits it meanwhile; an edit begun before is refused as out of date.
    """
    AnnualPlan.objects.select_for_update().only("pk").get(pk=item.annual_plan_id)
    items = WorkItem.objects.filter(pk=item.pk)
    items.filter(proposed_by=before).update(proposed_by=to)
    items.filter(department=before).update(department=to, version=F("version") + 1)

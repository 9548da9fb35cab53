"""Naming the members of a group (群体项): its rows of the responsibility table end, and its members' begin.

Until then the group's convenor files for it. What was owed before stays as it was; the periods that end on the day
or later ask the members. A period that is open already keeps the obligations it was opened with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from departments.models import Department, Kind
from filings.errors import Refused
from filings.models import Period
from filings.services.windows import need_office
from tasks.models import Responsibility, Role


@dataclass(frozen=True)
class Naming:
    """What naming would do: the group's rows that end, and the rows that begin (unsaved)."""

    ends: list[Responsibility]
    begins: list[Responsibility]


def preview(group: Department, *, members: Sequence[Department], lead: Department | None, on: date) -> Naming:
    """The rows that would end and begin on a day. Where the group leads, `lead` leads and the others cooperate.

    Raises Refused (content) without members, for a member that owes nothing, is a group or has a row of the task
    already, without one lead where the group leads, and (status) when the group has no row in force.
    """
    if group.kind != Kind.GROUP:
        raise Refused("content", f"{group}不是群体项，不需要明确成员单位。")
    if not members:
        raise Refused("content", "请至少选择一个成员单位。")
    for member in members:
        if member.kind == Kind.GROUP or not member.owes:
            raise Refused("content", f"{member}是群体项或不承担报送，不能作为成员单位。")
    ends = list(
        Responsibility.objects.filter(department=group)
        .in_force(on)
        .select_related("task__action", "department")
        .order_by("task__action__no", "task__no")
    )
    if not ends:
        raise Refused("status", f"{group}在 {on:%Y-%m-%d} 没有生效的责任，成员单位已经明确或责任已经结束。")
    if any(row.role == Role.LEAD for row in ends) and lead not in members:
        raise Refused("content", f"{group}是任务的牵头单位，请在成员单位中指定由谁牵头。")
    if late := next((row for row in ends if row.valid_from and row.valid_from >= on), None):
        raise Refused(
            "content",
            f"{group}的责任（任务 {late.task.number}）自 {late.valid_from:%Y-%m-%d} 起生效，请改为此后的日期。",
        )
    return Naming(ends, [begun for row in ends for begun in _begins(row, members, lead, on)])


def _begins(
    row: Responsibility, members: Sequence[Department], lead: Department | None, on: date
) -> list[Responsibility]:
    """The members' rows in place of one of the group's, the lead first."""
    held = Responsibility.objects.filter(task=row.task_id, department__in=members).in_force(on)
    taken = {other.department_id for other in held}
    ordered = sorted(members, key=lambda member: member != lead)
    if row.role == Role.LEAD and lead is not None and lead.pk in taken:
        raise Refused("content", f"{lead}在任务 {row.task.number} 中已有责任，请先在责任分解中调整。")
    return [
        Responsibility(
            task=row.task,
            department=member,
            role=Role.LEAD if row.role == Role.LEAD and member == lead else Role.COOPERATING,
            order=row.order + place,
            valid_from=on,
            note=f"{row.department}的成员单位"[:500],
        )
        for place, member in enumerate(ordered)
        if member.pk not in taken
    ]


@transaction.atomic
def name_members(
    *,
    group: Department,
    members: Sequence[Department],
    lead: Department | None,
    on: date,
    by: User,
    at: datetime,
) -> Naming:
    """End the group's rows and begin its members' on a day, in one step. The office only; audited.

    Raises what `preview` raises, and Refused (window) for a day in a quarter whose obligations are written already.
    """
    need_office(by, "成员单位由牵头办公室明确。")
    Department.objects.select_for_update().get(pk=group.pk)
    naming = preview(group, members=members, lead=lead, on=on)
    if opened := _opened_after(naming, on):
        raise Refused(
            "window",
            f"{opened}的应报事项已按原责任生成，不能改变；请从 {opened.last_day:%Y-%m-%d} 之后的日期起生效。",
        )
    for row in naming.ends:
        Responsibility.objects.filter(pk=row.pk).update(valid_to=on)
        row.valid_to = on
    for row in naming.begins:
        row.save()
    record(
        verb="group.members",
        subject=group,
        by=by,
        at=at,
        before={"任务": "、".join(row.task.number for row in naming.ends)},
        after={
            "成员单位": "、".join(member.name for member in members),
            "牵头": str(lead or ""),
            "生效日期": on.isoformat(),
        },
    )
    return naming


def _opened_after(naming: Naming, on: date) -> Period | None:
    """The newest opened period of these tasks' plan that ends on the day or later."""
    plan = naming.ends[0].task.action.plan_id
    return next((p for p in Period.objects.opened().filter(plan=plan) if p.last_day >= on), None)

"""The lines of an annual work plan: added, edited and dropped by the action's lead, proposed by cooperating departments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from audit.services import record
from departments.models import Department
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from tasks.models import AnnualPlan, ItemState, Task, WorkItem
from tasks.services.access import (
    cooperating_rows,
    lead_departments,
    locked,
    need_lead,
    need_writable,
    responsibilities,
)
from tasks.services.versions import included

#: Columns a person writes.
WRITTEN = ("task", "department", "measure", "weight", "due_on", "share_1", "share_2", "share_3", "share_4")
LONGEST = 300
HEAVIEST = Decimal("9999.99")


@dataclass(frozen=True)
class ItemValues:
    """What a person writes of an item. `shares` are cumulative percents expected by each quarter's end."""

    task: Task
    department: Department
    measure: str
    weight: Decimal
    due_on: date
    shares: tuple[Decimal, Decimal, Decimal, Decimal]

    def columns(self) -> dict[str, Any]:
        """The same by column."""
        numbered = {f"share_{no}": share for no, share in enumerate(self.shares, 1)}
        return {
            "task": self.task,
            "department": self.department,
            "measure": self.measure.strip(),
            "weight": self.weight,
            "due_on": self.due_on,
        } | numbered


@transaction.atomic
def add_item(*, plan: AnnualPlan, values: ItemValues, by: User, at: datetime) -> WorkItem:
    """The lead adds a line. Refused (permission, status, content) while the plan is not being compiled."""
    plan = locked(plan)
    need_lead(plan, by)
    need_writable(plan)
    _check(plan, values)
    item = _create(plan, values, ItemState.INCLUDED, by=by, at=at)
    _record(plan, "add_item", item, by=by, at=at)
    return item


@transaction.atomic
def propose_item(*, plan: AnnualPlan, values: ItemValues, by: User, at: datetime) -> WorkItem:
    """A department proposes a line of its own for a task it has a part in; the lead takes it in or declines it."""
    plan = locked(plan)
    row = next((r for r in cooperating_rows(plan, by) if r.task_id == values.task.pk), None)
    if row is None:
        raise Refused("permission", "只能为本单位牵头或配合的任务提出工作项，请重新选择任务。")
    if values.department.pk not in {r.department_id for r in cooperating_rows(plan, by)}:
        raise Refused("permission", "提出的工作项由本单位负责，责任单位请选择本单位。")
    need_writable(plan)
    _check(plan, values)
    item = _create(plan, values, ItemState.PROPOSED, proposed_by=row.department, by=by, at=at)
    _record(plan, "propose", item, by=by, at=at)
    return item


@transaction.atomic
def edit_item(*, item: WorkItem, values: ItemValues, version: int, by: User, at: datetime) -> WorkItem:
    """Change a line. `version` is the one the writer saw; AlreadyMoved says who saved in between.

    The lead edits every line; the department that proposed one may edit it until it was taken in.
    """
    plan = locked(item.annual_plan)
    item = WorkItem.objects.select_related("edited_by", "task").get(pk=item.pk)
    is_own_proposal = item.state == ItemState.PROPOSED and _proposed_by(plan, item, by)
    if not is_own_proposal:
        need_lead(plan, by)
    need_writable(plan)
    if item.state == ItemState.DROPPED:
        raise Refused("status", f"{zh.quoted(item.measure)}已取消，不能再改。")
    if item.version != version:
        raise AlreadyMoved(_who_saved(item))
    if is_own_proposal and values.department.pk != item.department_id:
        raise Refused("permission", "提出的工作项由本单位负责，责任单位请选择本单位。")
    _check(plan, values, but=item)
    before = _written(item)
    for name, value in values.columns().items():
        setattr(item, name, value)
    if _written(item) == before:
        return item
    item.version, item.edited_by, item.edited_at = version + 1, by, at
    item.save(update_fields=[*WRITTEN, "version", "edited_by", "edited_at"])
    _record(plan, "edit_item", item, by=by, at=at, before=before)
    return item


@transaction.atomic
def drop_item(*, item: WorkItem, reason: str, version: int, by: User, at: datetime) -> None:
    """Take a line out; it is kept as dropped. A line that was once approved needs a reason."""
    plan = locked(item.annual_plan)
    item = WorkItem.objects.select_related("edited_by").get(pk=item.pk)
    if not (item.state == ItemState.PROPOSED and _proposed_by(plan, item, by)):
        need_lead(plan, by)
    need_writable(plan)
    _need_state(item, ItemState.INCLUDED, ItemState.PROPOSED)
    if item.version != version:
        raise AlreadyMoved(_who_saved(item))
    reason = reason.strip()
    if plan.version and not reason:
        raise Refused("content", "本计划已经审定过，取消工作项须写明理由。")
    _settle(item, ItemState.DROPPED, reason, by=by, at=at)
    _record(plan, "drop_item", item, by=by, at=at, note=reason)


@transaction.atomic
def take_in(*, item: WorkItem, version: int, by: User, at: datetime) -> None:
    """The lead makes a proposed line part of the plan, as it stood on screen."""
    plan, item = _proposal(item, by)
    if item.version != version:
        raise AlreadyMoved(_who_saved(item))
    _settle(item, ItemState.INCLUDED, "", by=by, at=at)
    _record(plan, "take_in", item, by=by, at=at)


@transaction.atomic
def decline(*, item: WorkItem, reason: str, by: User, at: datetime) -> None:
    """The lead does not take a proposed line in; the reason is kept for the department that proposed it."""
    plan, item = _proposal(item, by)
    reason = reason.strip()
    if not reason:
        raise Refused("content", "请写明不予纳入的理由，提出单位可以看到。")
    _settle(item, ItemState.DROPPED, reason, by=by, at=at)
    _record(plan, "decline", item, by=by, at=at, note=reason)


def _proposal(item: WorkItem, by: User) -> tuple[AnnualPlan, WorkItem]:
    """The plan, locked, and a proposal of it that still waits for its lead."""
    plan = locked(item.annual_plan)
    need_lead(plan, by)
    need_writable(plan)
    item = WorkItem.objects.select_related("edited_by").get(pk=item.pk)
    _need_state(item, ItemState.PROPOSED)
    return plan, item


def _need_state(item: WorkItem, *wanted: ItemState) -> None:
    if item.state in wanted:
        return
    who = f"{item.edited_by}已于 {local(item.edited_at):%m-%d %H:%M} 办理，" if item.edited_at else ""
    raise AlreadyMoved(
        f"{who}{zh.quoted(item.measure)}目前为“{ItemState(item.state).label}”。请刷新页面查看。"
    )


def _who_saved(item: WorkItem) -> str:
    when = f"于 {local(item.edited_at):%m-%d %H:%M} " if item.edited_at else ""
    return f"{zh.quoted(item.measure)}已由{item.edited_by or '他人'}{when}修改，您的内容还没有保存，请核对现在的内容后再办。"


def _proposed_by(plan: AnnualPlan, item: WorkItem, person: User) -> bool:
    return item.proposed_by_id in {row.department_id for row in cooperating_rows(plan, person)}


def _settle(item: WorkItem, state: ItemState, note: str, *, by: User, at: datetime) -> None:
    item.state, item.note = state, note[:LONGEST]
    item.version, item.edited_by, item.edited_at = item.version + 1, by, at
    item.save(update_fields=["state", "note", "version", "edited_by", "edited_at"])


def _create(
    plan: AnnualPlan,
    values: ItemValues,
    state: ItemState,
    *,
    proposed_by: Department | None = None,
    by: User,
    at: datetime,
) -> WorkItem:
    last = WorkItem.objects.filter(annual_plan=plan).aggregate(last=Max("order"))["last"] or 0
    return WorkItem.objects.create(
        annual_plan=plan,
        order=last + 1,
        state=state,
        proposed_by=proposed_by,
        edited_by=by,
        edited_at=at,
        **values.columns(),
    )


def _check(plan: AnnualPlan, values: ItemValues, but: WorkItem | None = None) -> None:
    """Refuse (content) a line that does not belong to this plan, year and table, or whose numbers cannot be."""
    if values.task.action_id != plan.action_id:
        raise Refused("content", f"任务 {values.task} 不属于“{plan.action}”，请重新选择。")
    if values.department.pk not in allowed_departments(plan, values.task):
        raise Refused(
            "content",
            f"{values.department}不是任务 {values.task} 的责任单位，请选择该任务的牵头、配合单位或本行动的牵头单位。",
        )
    if not values.measure.strip():
        raise Refused("content", "请填写工作措施。")
    if len(values.measure.strip()) > LONGEST:
        raise Refused(
            "content", f"工作措施最多 {LONGEST} 字，现有 {len(values.measure.strip())} 字，请压缩。"
        )
    if not 0 < values.weight <= HEAVIEST:
        raise Refused("content", f"权重须大于 0、不超过 {HEAVIEST}。")
    if values.due_on.year != plan.year:
        raise Refused("content", f"完成时限须在 {plan.year} 年内；跨年的工作按年度分列，未完成的到年底结转。")
    _check_shares(values.shares)
    same = [
        item
        for item in included(plan)
        if item.measure == values.measure.strip()
        and item.task_id == values.task.pk
        and item.department_id == values.department.pk
        and (but is None or item.pk != but.pk)
    ]
    if same:
        raise Refused("content", f"{zh.quoted(same[0].measure)}已列入本任务，责任单位相同，不必重复添加。")


def _check_shares(shares: tuple[Decimal, ...]) -> None:
    if any(not 0 <= share <= 100 for share in shares):
        raise Refused("content", "各季末应达的比例须在 0 至 100 之间。")
    for quarter, (before, after) in enumerate(pairwise(shares), 2):
        if after < before:
            raise Refused(
                "content",
                f"各季末应达为累计数，不能下降：{zh.numeral(quarter)}季度 {zh.plain(after)}% 低于上一季度 {zh.plain(before)}%。",
            )


def allowed_departments(plan: AnnualPlan, task: Task) -> set[int]:
    """Departments that may answer for an item of a task: those of its rows in the table, and the action's leads."""
    rows = responsibilities(plan.action, plan.year).filter(task=task)
    return {row.department_id for row in rows} | lead_departments(plan.action)


def _written(item: WorkItem) -> dict[str, str]:
    """What people wrote, for the record and for comparing."""
    shown: dict[str, str] = {"task": item.task.number, "department": str(item.department)}
    for name in WRITTEN[2:]:
        value = getattr(item, name)
        shown[name] = f"{zh.plain(value):f}" if isinstance(value, Decimal) else str(value)
    return shown


def _record(
    plan: AnnualPlan,
    verb: str,
    item: WorkItem,
    *,
    by: User,
    at: datetime,
    before: dict[str, Any] | None = None,
    note: str = "",
) -> None:
    """Every act on a line is an event of its plan."""
    after = {"item": item.pk, "measure": item.measure} | (_written(item) if verb in _SHOWN else {})
    record(verb=f"annual_plan.{verb}", subject=plan, by=by, at=at, before=before, after=after, note=note)


#: Verbs whose event holds the whole line.
_SHOWN = frozenset({"add_item", "propose", "edit_item"})

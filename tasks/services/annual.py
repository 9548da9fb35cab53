"""The year of an action: compiled, submitted, approved in versions, changed with a reason, rolled over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from actions.models import SpecialAction
from audit.services import record
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from tasks.models import AnnualPlan, AnnualPlanVersion, ItemState, WorkItem
from tasks.progress import EVEN
from tasks.rules import STEPS
from tasks.services.access import (
    last_step,
    locked,
    need_approver,
    need_compiler,
    need_lead,
    need_seen,
    need_status,
    need_writable,
)
from tasks.services.versions import Content, content_of, differences, included
from tasks.signals import announce


@transaction.atomic
def create_plan(*, action: SpecialAction, year: int, by: User, at: datetime) -> AnnualPlan:
    """A lead of the action begins the plan of a year, a draft without items; the newest programme is referred to.

    Raises Refused (permission, content, status) for others, a year outside the plan, a second plan of the year.
    """
    need_compiler(action, by)
    SpecialAction.objects.select_for_update().only("pk").get(pk=action.pk)  # two clicks begin one plan
    years = action.plan.years
    if year not in years:
        raise Refused(
            "content",
            f"{year}年不在{action.plan.short_name}的期限内（{years[0]}—{years[-1]}年），请核对年度。",
        )
    if AnnualPlan.objects.filter(action=action, year=year).exists():
        raise Refused("status", f"{action} {year}年度实施计划已经开始编制，请直接打开。")
    plan = AnnualPlan.objects.create(action=action, year=year, programme=action.programmes.last())
    record(verb="annual_plan.create", subject=plan, by=by, at=at)
    return plan


def _move(plan: AnnualPlan, verb: str, *, by: User, at: datetime, note: str = "", **changes: Any) -> None:
    """Take a plan one step of the table by a conditional update, with an audit event; also writes `changes`."""
    need_status(plan, verb)
    seen, to = plan.status, STEPS[verb].to
    moved = AnnualPlan.objects.filter(pk=plan.pk, status=seen).update(status=to, **changes)
    if not moved:
        raise AlreadyMoved(f"{last_step(plan)}{plan}的状态刚刚变动，请刷新页面后再办。")
    plan.status = to
    for name, value in changes.items():
        setattr(plan, name, value)
    record(
        verb=f"annual_plan.{verb}",
        subject=plan,
        by=by,
        at=at,
        before={"status": seen},
        after={"status": to},
        note=note,
    )


@transaction.atomic
def submit_plan(*, plan: AnnualPlan, by: User, at: datetime) -> None:
    """Lead → office. Refused without items, with proposals undecided, or without a difference to what is in force."""
    plan = locked(plan)
    need_lead(plan, by)
    need_status(plan, "submit")
    items = included(plan)
    if not items:
        raise Refused("content", "还没有工作项，请先添加工作项再报审。")
    waiting = WorkItem.objects.filter(annual_plan=plan, state=ItemState.PROPOSED).count()
    if waiting:
        raise Refused(
            "content", f"还有 {waiting} 条提出的工作项没有处理，请逐条纳入或写明不予纳入的理由后再报审。"
        )
    plan.programme = plan.action.programmes.last()
    content = content_of(plan, items)
    if plan.version and not changes_of(plan, content):
        raise Refused(
            "content", f"内容与已审定的第 {plan.version} 版没有差别，不必报审；不再调整的，请办理“放弃调整”。"
        )
    _move(
        plan,
        "submit",
        by=by,
        at=at,
        programme=plan.programme,
        submitted_by=by,
        submitted_at=at,
        return_note="",
    )


def changes_of(plan: AnnualPlan, content: Content) -> bool:
    """Whether approving this content would change anything."""
    latest = plan.versions.order_by("no").last()
    if latest is None:
        return True
    return bool(differences(latest.content, content)) or latest.content["programme"] != content["programme"]


@transaction.atomic
def recall_plan(*, plan: AnnualPlan, by: User, at: datetime) -> None:
    """The lead takes the plan back before it is decided."""
    plan = locked(plan)
    need_lead(plan, by)
    _move(plan, "recall", by=by, at=at)


@transaction.atomic
def approve_plan(*, plan: AnnualPlan, seen: str, by: User, at: datetime) -> AnnualPlanVersion:
    """The office approves what it had on screen: the next version, in force from now on; figures are told.

    `seen` is `access.submission` of that screen. Raises Refused (permission, status) and AlreadyMoved.
    """
    plan = locked(plan)
    need_approver(plan, by)
    need_status(plan, "approve")
    need_seen(plan, seen)
    version = AnnualPlanVersion.objects.create(
        annual_plan=plan,
        no=plan.version + 1,
        content=content_of(plan, included(plan)),
        reason=plan.reason,
        by=by,
        at=at,
    )
    _move(plan, "approve", by=by, at=at, version=version.no, reason="")
    announce(plan.action.plan_id, plan.year)
    return version


@transaction.atomic
def return_plan(*, plan: AnnualPlan, seen: str, note: str, by: User, at: datetime) -> None:
    """The office gives the plan back to its lead, with what is to be mended."""
    plan = locked(plan)
    need_approver(plan, by)
    need_status(plan, "return")
    need_seen(plan, seen)
    note = note.strip()
    if not note:
        raise Refused("content", "请写明退回意见，编制单位才知道改什么。")
    _move(plan, "return", by=by, at=at, note=note, return_note=note)


@transaction.atomic
def change_plan(*, plan: AnnualPlan, reason: str, by: User, at: datetime) -> None:
    """The lead begins to change an approved plan; the version in force stays so until the next one is approved."""
    plan = locked(plan)
    need_lead(plan, by)
    need_status(plan, "change")
    reason = reason.strip()
    if not reason:
        raise Refused("content", "请写明调整理由。")
    _move(plan, "change", by=by, at=at, note=reason, reason=reason)


@transaction.atomic
def abandon_change(*, plan: AnnualPlan, by: User, at: datetime) -> None:
    """The lead gives a change up: items are again as in the version in force, proposals and additions dropped."""
    plan = locked(plan)
    need_lead(plan, by)
    if not plan.version:
        raise Refused("status", f"{plan}还没有审定过，没有可以恢复的版本。")
    need_status(plan, "abandon")
    content = plan.versions.get(no=plan.version).content
    _restore(plan, content, by=by, at=at)
    programme = content["programme"]
    _move(
        plan,
        "abandon",
        by=by,
        at=at,
        reason="",
        return_note="",
        programme_id=programme["id"] if programme else None,
    )


def _restore(plan: AnnualPlan, content: Content, *, by: User, at: datetime) -> None:
    rows = {row["id"]: row for row in content["items"]}
    for item in WorkItem.objects.filter(annual_plan=plan):
        row = rows.get(item.pk)
        if row is None and item.state == ItemState.DROPPED:
            continue
        item.version, item.edited_by, item.edited_at = item.version + 1, by, at
        if row is None:
            item.state, item.note = ItemState.DROPPED, "随放弃调整一并取消"
        else:
            item.state, item.note = ItemState.INCLUDED, ""
            item.task_id, item.department_id = row["task"], row["department_id"]
            item.measure, item.weight = row["measure"], Decimal(row["weight"])
            item.due_on = date.fromisoformat(row["due_on"])
            item.share_1, item.share_2, item.share_3, item.share_4 = map(Decimal, row["shares"])
        item.save()


# The next year


@transaction.atomic
def roll_over(
    *, plan: AnnualPlan, unfinished: Iterable[int], by: User, at: datetime
) -> tuple[AnnualPlan, int]:
    """Carry unfinished items (ids) into the plan of the next year, which is begun if need be; returns it and how many
    were carried; with nothing to carry, the plan of the next year if there is one, else the plan itself.

    A carried item keeps task, department, measure and weight; its time limit is the year's end and its shares are even
    steps, for the lead to edit. Idempotent: what was carried once is not carried again. Refused (status) when the
    next year's plan is with the office or approved and there is something to carry.
    """
    action = plan.action
    SpecialAction.objects.select_for_update().only("pk").get(pk=action.pk)
    plan = locked(plan)
    need_lead(plan, by)
    if not plan.version:
        raise Refused("status", f"{plan}还没有审定，不能结转。")
    year = plan.year + 1
    if year not in action.plan.years:
        raise Refused("content", f"{plan.year}年是{action.plan.short_name}的最后一年，不再结转。")
    items = WorkItem.objects.filter(annual_plan=plan, pk__in=list(unfinished), state=ItemState.INCLUDED)
    fresh = list(items.filter(rolled_to=None).order_by("task__no", "order", "id"))
    following = AnnualPlan.objects.filter(action=action, year=year).first()
    if not fresh:
        return following or plan, 0
    following = locked(following or create_plan(action=action, year=year, by=by, at=at))
    need_writable(following)
    last = WorkItem.objects.filter(annual_plan=following).aggregate(last=Max("order"))["last"] or 0
    WorkItem.objects.bulk_create(
        _carried(item, following, last + no, by=by, at=at) for no, item in enumerate(fresh, 1)
    )
    record(
        verb="annual_plan.roll_over",
        subject=following,
        by=by,
        at=at,
        after={"from": plan.pk, "items": [item.pk for item in fresh]},
    )
    return following, len(fresh)


def _carried(item: WorkItem, plan: AnnualPlan, order: int, *, by: User, at: datetime) -> WorkItem:
    return WorkItem(
        annual_plan=plan,
        task_id=item.task_id,
        department_id=item.department_id,
        order=order,
        measure=item.measure,
        weight=item.weight,
        due_on=date(plan.year, 12, 31),
        share_1=EVEN[0],
        share_2=EVEN[1],
        share_3=EVEN[2],
        share_4=EVEN[3],
        rolled_from=item,
        edited_by=by,
        edited_at=at,
    )

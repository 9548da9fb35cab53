"""Supervision orders (督办单): issuing, escalating, signing for, reporting, checking, closing, looking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import AlreadyMoved, Refused
from filings.services.evidence import rows_and_files, stored
from harbor_plan.lib import zh
from harbor_plan.lib.files import Inspected
from harbor_plan.lib.moments import local, local_day
from supervision.models import Dismissal, Notice, OrderMove, OrderProof, OrderRule, SupervisionOrder
from supervision.order_proposals import Proposal, propose
from supervision.order_rules import STEPS, VERB_LABELS, is_worse, may_look_back, may_take
from supervision.services.digests import tell_now
from supervision.terms import Level, NoticeKind, OrderStatus
from targets.models import Plan
from tasks.models import Task

#: Steps that the department is told of at once.
TOLD = frozenset({"issue", "escalate", "send_back", "close", "reopen", "withdraw"})


def rule_of(plan: Plan) -> OrderRule:
    """The plan's rule, or the defaults, unsaved."""
    return OrderRule.objects.filter(plan=plan).first() or OrderRule(plan=plan)


# Issuing


@transaction.atomic
def issue(
    *, plan: Plan, task: Task, level: str, demand: str, rectify_by: date, by: User, at: datetime
) -> SupervisionOrder:
    """Confirm a proposed order: a new one with its number, or the open one of the task escalated. The office only.

    Raises Refused (permission, status, content) when the figures do not propose this any more, without a demand, or
    with a date that has passed. The rows of all plans are locked, as plans may share a mark: numbers follow one
    another, and two clicks issue one order.
    """
    if not by.holds(Role.OFFICE):
        raise Refused("permission", f"督办单由{plan.office}下达。")
    list(Plan.objects.select_for_update().only("pk").order_by("pk"))
    proposal = _still_proposed(plan, task, level, at)
    _need_words(demand, "请写明办理要求。")
    _need_future(rectify_by, at)
    if proposal.order is not None:
        return _escalate(proposal, demand, rectify_by, by=by, at=at)
    mark, year = rule_of(plan).marked, local(at).year
    last = SupervisionOrder.objects.filter(mark=mark, year=year).aggregate(last=Max("no"))["last"]
    order = SupervisionOrder.objects.create(
        plan=plan,
        mark=mark,
        year=year,
        no=(last or 0) + 1,
        task=task,
        department=proposal.department,
        period=proposal.period,
        level=proposal.level,
        reason=proposal.reason[:500],
        demand=demand.strip(),
        rectify_by=rectify_by,
        issued_by=by,
        issued_at=at,
    )
    _note(order, "issue", "", order.reason, by=by, at=at)
    return order


def _still_proposed(plan: Plan, task: Task, level: str, at: datetime) -> Proposal:
    found = next((p for p in propose(plan, rule_of(plan), local_day(at)) if p.task == task), None)
    if found is None or found.level != level:
        now = f"目前按规则应为{found.level.label}" if found else "目前按规则无须督办"
        raise Refused("status", f"任务 {task} 的情况已有变化，{now}。请刷新页面后再办。")
    return found


def _escalate(
    proposal: Proposal, demand: str, rectify_by: date, *, by: User, at: datetime
) -> SupervisionOrder:
    order = proposal.order
    assert order is not None
    _move(
        order,
        "escalate",
        by=by,
        at=at,
        note=f"由{order.get_level_display()}升级为{proposal.level.label}：{proposal.reason}",
        level=proposal.level,
        period=proposal.period,
        reason=proposal.reason[:500],
        demand=demand.strip(),
        rectify_by=rectify_by,
        **_EMPTY_ROUND,
    )
    return order


#: A round begins anew: who signed, reported and checked before stands in the moves.
_UNCHECKED: dict[str, object] = {"check_note": "", "checked_by": None, "checked_at": None}
_EMPTY_ROUND = _UNCHECKED | {
    "signed_by": None,
    "signed_at": None,
    "feedback": "",
    "reported_by": None,
    "reported_at": None,
}


@transaction.atomic
def dismiss(*, plan: Plan, task: Task, level: str, reason: str, by: User, at: datetime) -> Dismissal:
    """Decide against a proposed order; it is proposed again only on newer figures or at a higher level."""
    if not by.holds(Role.OFFICE):
        raise Refused("permission", f"是否督办由{plan.office}决定。")
    Plan.objects.select_for_update().only("pk").get(pk=plan.pk)
    proposal = _still_proposed(plan, task, level, at)
    _need_words(reason, "请写明不予督办的理由。")
    dismissal = Dismissal.objects.create(
        task=task, period=proposal.period, level=level, reason=reason.strip(), by=by, at=at
    )
    record(verb="order.dismiss", subject=dismissal, by=by, at=at, note=dismissal.reason)
    return dismissal


# The department


@transaction.atomic
def sign(*, order: SupervisionOrder, by: User, at: datetime) -> None:
    """The department signs for the order."""
    _need(order, "sign", by)
    _move(order, "sign", by=by, at=at, signed_by=by, signed_at=at)


def report(
    *, order: SupervisionOrder, feedback: str, proofs: Sequence[Inspected] = (), by: User, at: datetime
) -> None:
    """The department says what it has done, with the files that prove it; the same file twice is kept once.

    The office's word on an earlier feedback stands in the moves; on the order it would read like one on this.
    """
    with rows_and_files() as written:
        _need(order, "report", by)
        _need_words(feedback, "请写明整改措施和结果。")
        if len(proofs) > settings.EVIDENCE_PER_ENTRY:
            raise Refused("content", f"一次反馈最多附 {settings.EVIDENCE_PER_ENTRY} 个文件。")
        text = feedback.strip()
        said = {"feedback": text, "reported_by": by, "reported_at": at}
        step = _move(order, "report", by=by, at=at, note=text, **_UNCHECKED | said)
        for file in {file.sha256: file for file in proofs}.values():
            evidence, _ = stored(order.department_id, file, written, by=by, at=at)
            OrderProof.objects.create(move=step, evidence=evidence)
            after = {"name": evidence.name, "sha256": evidence.sha256, "size": evidence.size}
            record(verb="order.attach", subject=order, by=by, at=at, after=after)


# The office


@transaction.atomic
def accept(*, order: SupervisionOrder, note: str, by: User, at: datetime) -> None:
    """The check found the matter put right; closing is somebody else's step."""
    _need(order, "accept", by)
    _need_words(note, "请写明核查情况。")
    text = note.strip()
    _move(order, "accept", by=by, at=at, note=text, check_note=text, checked_by=by, checked_at=at)


@transaction.atomic
def send_back(*, order: SupervisionOrder, note: str, rectify_by: date, by: User, at: datetime) -> None:
    """The check found it not put right: the department works on, until a new date."""
    _need(order, "send_back", by)
    _need_words(note, "请写明退回原因，单位才知道还要做什么。")
    _need_future(rectify_by, at)
    text = note.strip()
    _move(
        order,
        "send_back",
        by=by,
        at=at,
        note=text,
        check_note=text,
        checked_by=by,
        checked_at=at,
        rectify_by=rectify_by,
    )


@transaction.atomic
def close(*, order: SupervisionOrder, approver: str, note: str = "", by: User, at: datetime) -> None:
    """Strike the order off (销号), with who approved it. A leader approves in person."""
    _need(order, "close", by)
    _need_words(approver, "请写明销号批准人。")
    text = f"批准人 {approver.strip()}{f'：{note.strip()}' if note.strip() else ''}"
    _move(order, "close", by=by, at=at, note=text, approver=approver.strip(), closed_by=by, closed_at=at)


@transaction.atomic
def reopen(*, order: SupervisionOrder, note: str, rectify_by: date, by: User, at: datetime) -> None:
    """Take a closed order up again (回头看), within the days of the rule and with a reason.

    Refused while another order of the task is open: there is one at a time.
    """
    _need(order, "reopen", by)
    Plan.objects.select_for_update().only("pk").get(pk=order.plan_id)
    if SupervisionOrder.objects.still_open().filter(task=order.task_id).exists():
        raise Refused("status", f"任务 {order.task} 已另有在办的督办单，一事一单，不能重复督办。")
    days = rule_of(order.plan).look_back_days
    assert order.closed_at is not None
    if not may_look_back(local_day(order.closed_at), days, local_day(at)):
        raise Refused(
            "window",
            f"{order}已于 {zh.day(local_day(order.closed_at))}销号，超过 {days} 天的回头看期限；问题反弹的，请按规则另行下达。",
        )
    _need_words(note, "请写明重新督办的理由。")
    _need_future(rectify_by, at)
    _move(
        order,
        "reopen",
        by=by,
        at=at,
        note=note.strip(),
        rectify_by=rectify_by,
        approver="",
        closed_by=None,
        closed_at=None,
        **_EMPTY_ROUND,
    )


@transaction.atomic
def withdraw(*, order: SupervisionOrder, note: str, by: User, at: datetime) -> None:
    """Take back an order that should not have been issued, with a reason; its number is not used again."""
    _need(order, "withdraw", by)
    _need_words(note, "请写明撤销理由。")
    _move(order, "withdraw", by=by, at=at, note=note.strip())


@transaction.atomic
def save_rule(*, rule: OrderRule, by: User, at: datetime) -> None:
    """Set the thresholds of a plan. The office only."""
    if not by.holds(Role.OFFICE):
        raise Refused("permission", f"督办规则由{rule.plan.office}设定。")
    names = [f.name for f in OrderRule._meta.concrete_fields if f.name not in ("id", "plan")]
    old = rule_of(rule.plan)
    before = {name: getattr(old, name) for name in names}
    rule.save()
    after = {name: getattr(rule, name) for name in names}
    record(verb="order.rule", subject=rule, by=by, at=at, before=before, after=after)


# What all steps share


def can_take(order: SupervisionOrder, verb: str, person: User) -> bool:
    """Whether this person may take this step, wherever the order stands."""
    return may_take(
        STEPS[verb].actor,
        own_departments=person.own_department_ids,
        files_for=person.departments_as(Role.FILER, Role.APPROVER),
        department=order.department_id,
        is_office=person.holds(Role.OFFICE),
        is_leader=person.holds(Role.LEADER),
        has_checked=order.checked_by_id == person.pk,
    )


def why_not(order: SupervisionOrder, verb: str) -> str:
    """Who takes this step instead."""
    office = order.plan.office
    return {
        "department": f"由{order.department}的填报人或签发人{STEPS[verb].label}，您可以查看。",
        "office": f"由{office}办理，您可以查看。",
        "checker": f"由{office}核查；本单位的督办单须由他人核查。",
        "closer": f"由{office}的另一人或领导销号：核查人不办理销号，本单位的督办单须由他人办理。",
    }[STEPS[verb].actor]


def _need(order: SupervisionOrder, verb: str, by: User) -> None:
    """Refuse whoever may not take the step, and a step the table does not have from here."""
    if not can_take(order, verb, by):
        raise Refused("permission", why_not(order, verb))
    if order.status not in STEPS[verb].sources:
        now = OrderStatus(order.status).label
        raise Refused("status", f"{order}目前为“{now}”，不能{STEPS[verb].label}。请刷新页面查看最新状态。")


def _need_words(text: str, sentence: str) -> None:
    if not text.strip():
        raise Refused("content", sentence)


def _need_future(day: date, at: datetime) -> None:
    if day <= local_day(at):
        raise Refused("content", "整改期限须晚于今天。")


def _move(
    order: SupervisionOrder, verb: str, *, by: User, at: datetime, note: str = "", **changes: object
) -> OrderMove:
    """Take an order one step of the table: conditional update, history row, audit event, and a notice.

    Raises AlreadyMoved, naming who was faster, when its status is no longer the one the caller saw.
    """
    step = STEPS[verb]
    seen = order.status
    level = changes.get("level")
    if level is not None and not is_worse(str(level), order.level):
        raise Refused("status", f"{order}已是{order.get_level_display()}，不必升级。")
    moved = SupervisionOrder.objects.filter(pk=order.pk, status=seen, level=order.level)
    if not moved.update(status=step.to, **changes):
        raise AlreadyMoved(_who_moved(order))
    order.status = step.to
    for name, value in changes.items():
        setattr(order, name, value)
    return _note(order, verb, seen, note, by=by, at=at)


def _note(order: SupervisionOrder, verb: str, seen: str, note: str, *, by: User, at: datetime) -> OrderMove:
    """Keep the step, and tell the department where it is meant for it."""
    step = OrderMove.objects.create(
        order=order,
        verb=verb,
        from_status=seen,
        to_status=order.status,
        level=order.level,
        rectify_by=order.rectify_by,
        note=note,
        by=by,
        at=at,
    )
    record(
        verb=f"order.{verb}",
        subject=order,
        by=by,
        at=at,
        before={"status": seen} if seen else {},
        after={"status": order.status, "level": order.level},
        note=note,
    )
    if verb in TOLD:
        notice = Notice.objects.create(
            department=order.department,
            period=order.period,
            kind=NoticeKind.ORDER,
            order=order,
            key=f"order:{step.pk}",
            text=_told(order, verb)[:500],
            by=by,
            at=at,
        )
        tell_now([notice], at=at)
    return step


def _told(order: SupervisionOrder, verb: str) -> str:
    head = f"{order}（{Level(order.level).label}，任务 {order.task}）{VERB_LABELS[verb]}"
    if verb in ("close", "withdraw"):
        return f"{head}。"
    do = "请签收" if order.status == OrderStatus.ISSUED else "请继续整改并反馈"
    return f"{head}，{do}，整改期限 {zh.day(order.rectify_by)}。"


def _who_moved(order: SupervisionOrder) -> str:
    last = order.moves.select_related("by").last()
    if last is None:
        return f"{order}的状态刚刚变动，请刷新页面后再办。"
    return f"{last.by}已于 {local(last.at):%m-%d %H:%M} 对{order}办理“{VERB_LABELS[last.verb]}”，请刷新页面后再办。"

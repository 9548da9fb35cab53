"""The life of a target: pending → provisional → assigned → revised, its condition decided, its tolerance set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import TextChoices

from accounts.models import User
from audit.services import record
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from targets.life import lives
from targets.models import Indicator, Target
from targets.services.grounds import Grounds, check_begin, keep_paper, need_office
from targets.terms import Comparator, TargetState


class Step(TextChoices):
    """What the office does with a target."""

    ASSIGN = "assign", "登记下达"
    PROVISIONAL = "provisional", "暂定"
    REVISE = "revise", "调整"
    CONDITION = "condition", "认定条件"
    TOLERANCE = "tolerance", "设定容差"


#: Steps that bring a new value: the states they start from, and the one they lead to.
_VALUED = {
    Step.ASSIGN: ({TargetState.PENDING, TargetState.PROVISIONAL}, TargetState.ASSIGNED),
    Step.PROVISIONAL: ({TargetState.PENDING, TargetState.PROVISIONAL}, TargetState.PROVISIONAL),
    Step.REVISE: ({TargetState.ASSIGNED, TargetState.REVISED}, TargetState.REVISED),
}
_NUMBERS = ("value", "low", "high")


@dataclass(frozen=True)
class TargetChange:
    """One step with what it brings; numbers are in the indicator's unit, what the step does not set stays None.

    A value may come with another comparator: the document that assigns it says whether it is a floor or a cap.
    """

    step: Step
    effective_from: date
    comparator: Comparator | None = None
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    tolerance: Decimal | None = None
    holds: bool | None = None
    decided_by: str = ""


def steps_of(target: Target) -> tuple[Step, ...]:
    """What can be done with the newest row of a requirement, in the order of its life."""
    steps = [step for step, (states, _) in _VALUED.items() if target.state in states]
    if target.condition:
        steps.append(Step.CONDITION)
    if target.comparator == Comparator.AROUND and target.state != TargetState.PENDING:
        steps.append(Step.TOLERANCE)
    return tuple(steps)


def successor(target: Target, change: TargetChange) -> Target:
    """The row that would follow, unsaved and without its grounds.

    Raises Refused: status for a step its state does not allow; content for values that do not fit.
    """
    if change.step not in steps_of(target):
        raise Refused("status", f"现为“{target.get_state_display()}”，不能办理“{change.step.label}”。")
    check_begin(target.indicator.plan, change.effective_from, target.effective_from)
    row = Target(supersedes=target, effective_from=change.effective_from)
    for name in _KEPT:
        setattr(row, name, getattr(target, name))
    if change.step in _VALUED:
        row.state = _VALUED[change.step][1]
        row.comparator = change.comparator or target.comparator
        _set_numbers(row, change)
        if change.step == Step.REVISE and _asked(row) == _asked(target):
            raise Refused("content", "调整后的目标值与现在相同，请核对。")
    elif change.step == Step.CONDITION:
        if change.holds is None or not change.decided_by.strip():
            raise Refused("content", "请选择条件是否成立，并写明由谁认定。")
        row.condition_holds, row.condition_decided_by = change.holds, change.decided_by.strip()
    else:
        if change.tolerance is None or change.tolerance < 0:
            raise Refused("content", "请填写容差，不能小于 0。")
        row.tolerance = change.tolerance
    return row


#: What a successor takes over before its step changes something.
_KEPT = (
    "indicator", "due_on", "comparator", *_NUMBERS, "tolerance", "strength", "state", "condition", "condition_holds",
    "condition_decided_by", "doc_no", "doc_on", "paper", "clause", "note",
)  # fmt: skip


def _asked(target: Target) -> tuple[str | Decimal | None, ...]:
    return tuple(getattr(target, name) for name in ("comparator", *_NUMBERS))


def _set_numbers(row: Target, change: TargetChange) -> None:
    """The numbers the comparator asks for, as the database holds them. Raises Refused (content)."""
    if row.comparator == Comparator.RANGE:
        if change.low is None or change.high is None or change.low > change.high:
            raise Refused("content", "请填写下限和上限，上限不低于下限。")
        row.value, row.low, row.high = None, change.low, change.high
        return
    if change.value is None:
        raise Refused("content", "请填写目标值。")
    levels = len(row.indicator.levels)
    if levels and not (change.value % 1 == 0 and 0 <= change.value < levels):
        raise Refused("content", f"本指标按等级填报，目标值应为 0 至 {levels - 1} 的级数。")
    row.value, row.low, row.high = change.value, None, None


@transaction.atomic
def record_target(
    *, target: Target, change: TargetChange, grounds: Grounds, by: User, at: datetime
) -> Target:
    """Add the row that takes the target's place from a quarter on; the old one stays and is in force before.

    Raises Refused: permission for anybody but the office; race for a target that was followed by another meanwhile;
    status and content as `successor` does; content for missing grounds.
    """
    plan = target.indicator.plan
    need_office(plan, by)
    Indicator.objects.select_for_update(no_key=True).only("pk").get(pk=target.indicator_id)
    newest = next(
        life[-1] for life in lives(Target.objects.filter(indicator=target.indicator_id)) if target in life
    )
    if newest != target:
        who = f"，{newest.by}已办理" if newest.by else ""
        raise AlreadyMoved(f"这一目标值刚有变更{who}，请刷新后再办理。")
    row = successor(target, change)
    is_assigned = change.step == Step.ASSIGN
    grounds.check(at, needs_document=is_assigned, needs_reason=not is_assigned)
    row.reason, row.by, row.at = grounds.reason.strip(), by, at
    if change.step in _VALUED or grounds.doc_no.strip():
        row.doc_no, row.doc_on, row.paper = grounds.doc_no.strip(), grounds.doc_on, None
    row.paper = keep_paper(plan, grounds, by, at) or row.paper
    row.save()
    record(
        verb=f"target.{change.step}",
        subject=row,
        by=by,
        at=at,
        before=_said(target),
        after=_said(row) | {"自此季度起": row.effective_from.isoformat() if row.effective_from else ""},
        note=row.reason,
    )
    return row


def _said(target: Target) -> dict[str, Any]:
    """A row as the audit keeps it."""
    numbers = {name: str(getattr(target, name)) for name in (*_NUMBERS, "tolerance")}
    said = {
        "state": target.state,
        "comparator": target.comparator,
        "doc_no": target.doc_no,
        "condition_decided_by": target.condition_decided_by,
    }
    holds = {"condition_holds": target.condition_holds} if target.condition else {}
    return {key: value for key, value in (said | numbers).items() if value not in ("", "None")} | holds

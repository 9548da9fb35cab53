"""How the office reviews a plan's filings: one level, or two where a light changed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import AlreadyMoved, Refused
from filings.models import ReviewRule
from targets.models import Plan


@transaction.atomic
def set_second_level(*, plan: Plan, on: bool, seen: bool, reason: str, by: User, at: datetime) -> ReviewRule:
    """Switch the second level on or off, with a reason. The office only.

    It holds for acceptances from now on: what was accepted stays accepted, and what a first reviewer passed still
    waits for a second one. `seen` is the state on screen; if it is another by now, AlreadyMoved says who changed it.
    """
    if not by.holds(Role.OFFICE):
        raise Refused("permission", f"审核规则由{plan.office}设定。")
    if not reason.strip():
        raise Refused("content", "请写明修改审核规则的理由。")
    Plan.objects.select_for_update().only("pk").get(pk=plan.pk)  # two first changes do not write two rows
    rule = ReviewRule.objects.select_related("changed_by").filter(plan=plan).first()
    before = rule.second_level if rule else False
    if before != seen:
        who = f"{rule.changed_by}刚刚" if rule else "有人刚刚"
        raise AlreadyMoved(f"{who}修改过审核规则，请核对现在的规则后再办。")
    if before == on:
        raise Refused("status", f"复审已经{'开启' if on else '关闭'}，没有改动。")
    rule, _ = ReviewRule.objects.update_or_create(
        plan=plan, defaults={"second_level": on, "changed_by": by, "changed_at": at}
    )
    record(
        verb="review_rule.change",
        subject=rule,
        by=by,
        at=at,
        before={"second_level": before},
        after={"second_level": on},
        note=reason.strip(),
    )
    return rule

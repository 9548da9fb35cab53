"""The thresholds of a plan's lights, changed from a quarter on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.services import record
from harbor_plan.lib.refusals import Refused
from targets.life import threshold_change
from targets.measure import Thresholds, plain
from targets.models import Plan, ThresholdChange
from targets.services.grounds import check_begin, need_office

LARGEST = Decimal(100)


def check_thresholds(plan: Plan, rule: Thresholds, effective_from: date) -> None:
    """Raises Refused (content) for limits that are no limits, change nothing, or begin before the last change."""
    if not 0 <= rule.behind_above <= rule.late_above <= LARGEST:
        raise Refused("content", "红灯界限不能小于黄灯界限，两者应在 0 至 100 之间。")
    check_begin(plan, effective_from, last.effective_from if (last := _last(plan)) else None)
    now = threshold_change(plan, effective_from) or plan
    if (now.behind_above, now.late_above) == (rule.behind_above, rule.late_above):
        raise Refused("content", "与该季度现行的阈值相同，没有变化。")


def _last(plan: Plan) -> ThresholdChange | None:
    return plan.threshold_changes.last()


@transaction.atomic
def record_thresholds(
    *, plan: Plan, rule: Thresholds, effective_from: date, reason: str, by: User, at: datetime
) -> ThresholdChange:
    """Add the thresholds in force from a quarter on. Raises Refused: permission, content."""
    need_office(plan, by)
    Plan.objects.select_for_update(no_key=True).only("pk").get(pk=plan.pk)
    check_thresholds(plan, rule, effective_from)
    if not reason.strip():
        raise Refused("content", "请写明理由。")
    before = threshold_change(plan, effective_from) or plan
    change = ThresholdChange.objects.create(
        plan=plan,
        effective_from=effective_from,
        behind_above=rule.behind_above,
        late_above=rule.late_above,
        reason=reason.strip(),
        at=at,
        by=by,
    )
    record(
        verb="thresholds.change",
        subject=change,
        by=by,
        at=at,
        before={"黄灯": plain(before.behind_above), "红灯": plain(before.late_above)},
        after={
            "黄灯": plain(rule.behind_above),
            "红灯": plain(rule.late_above),
            "自此季度起": effective_from.isoformat(),
        },
        note=change.reason,
    )
    return change

"""The baseline of an indicator: provisional → assigned → revised; old values are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from audit.services import record
from harbor_plan.lib.refusals import Refused
from targets.models import BaselineChange, Indicator
from targets.services.grounds import Grounds, check_begin, keep_paper, need_office
from targets.terms import TargetState

#: Years a baseline may be of.
FIRST_YEAR = 1949


@dataclass(frozen=True)
class BaselineValues:
    """A baseline from a quarter on, in the indicator's unit; `state` provisional, assigned or revised."""

    effective_from: date
    value: Decimal
    year: int
    source: str
    state: TargetState

    def check(self, indicator: Indicator) -> None:
        """Raises Refused (content) for a year after the plan, no source, or a begin before the last change."""
        plan = indicator.plan
        if not FIRST_YEAR <= self.year <= plan.ends_on.year:
            raise Refused("content", f"基期年份应在 {FIRST_YEAR} 至 {plan.ends_on.year} 之间。")
        if not self.source.strip():
            raise Refused("content", "请写明基期数据的来源。")
        last = indicator.baseline_changes.last()
        check_begin(plan, self.effective_from, last.effective_from if last else None)
        has_one = bool(last) or indicator.baseline is not None
        if self.state == TargetState.REVISED and not has_one:
            raise Refused("content", "还没有基期值，请登记为暂定或已明确。")
        is_settled = last.state in (TargetState.ASSIGNED, TargetState.REVISED) if last else has_one
        if self.state != TargetState.REVISED and is_settled:
            raise Refused("content", "已有明确的基期值，再变更请登记为已调整。")


@transaction.atomic
def record_baseline(
    *, indicator: Indicator, values: BaselineValues, grounds: Grounds, by: User, at: datetime
) -> BaselineChange:
    """Add the baseline in force from a quarter on. An assigned one needs a document, the others a reason.

    Raises Refused: permission, content.
    """
    need_office(indicator.plan, by)
    Indicator.objects.select_for_update(no_key=True).only("pk").get(pk=indicator.pk)
    values.check(indicator)
    is_assigned = values.state == TargetState.ASSIGNED
    grounds.check(at, needs_document=is_assigned, needs_reason=not is_assigned)
    last = indicator.baseline_changes.last()
    before = last.value if last else indicator.baseline
    change = BaselineChange.objects.create(
        indicator=indicator,
        effective_from=values.effective_from,
        value=values.value,
        year=values.year,
        source=values.source.strip(),
        state=values.state,
        doc_no=grounds.doc_no.strip(),
        doc_on=grounds.doc_on,
        paper=keep_paper(indicator.plan, grounds, by, at),
        reason=grounds.reason.strip(),
        at=at,
        by=by,
    )
    record(
        verb="baseline.change",
        subject=change,
        by=by,
        at=at,
        before={} if before is None else {"value": str(before)},
        after={"value": str(values.value), "year": values.year, "state": values.state},
        note=change.reason,
    )
    return change

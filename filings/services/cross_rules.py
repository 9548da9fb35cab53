"""The verbs of cross-check rules: add, change from a quarter on, retire. A rule is ended, never rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.services import record
from filings.crosschecks import PAIRED
from filings.errors import AlreadyMoved, Refused
from filings.models import CrossRule
from filings.services.crosschecks import need_setter
from filings.terms import RuleKind, Severity
from harbor_plan.lib.zh import plain
from targets.measure import Quarter
from targets.models import Indicator, Plan
from targets.services.grounds import check_begin
from targets.terms import Accumulation


@dataclass(frozen=True)
class RuleValues:
    """A rule as typed. `other` only of the kinds that compare two, `factor` only of a jump."""

    kind: RuleKind
    indicator: Indicator
    other: Indicator | None
    tolerance: Decimal
    is_percent: bool
    factor: Decimal
    severity: Severity
    effective_from: date

    def row(self, plan: Plan) -> CrossRule:
        """The same as a row that is not stored."""
        return CrossRule(
            plan=plan,
            kind=self.kind,
            indicator=self.indicator,
            other=self.other,
            tolerance=self.tolerance,
            is_percent=self.is_percent,
            factor=self.factor,
            severity=self.severity,
            effective_from=self.effective_from,
        )


def check_rule(plan: Plan, values: RuleValues, replaced: CrossRule | None = None) -> None:
    """Raises Refused (content) for a rule that cannot be: of other plans, of levels, of unlike values, twice."""
    _check_sides(plan, values)
    _check_limits(values)
    check_begin(plan, values.effective_from, replaced.effective_from if replaced else None)
    same = CrossRule.objects.filter(
        kind=values.kind, indicator=values.indicator, other=values.other, effective_until=None
    )
    if replaced:
        same = same.exclude(pk=replaced.pk)
    if same.exists():
        raise Refused("content", "已有同一指标、同一方式的规则，请修改原来的规则。")


def _check_sides(plan: Plan, values: RuleValues) -> None:
    one, other = values.indicator, values.other
    for indicator in (one, other):
        if indicator and (indicator.plan_id != plan.pk or indicator.retired_on is not None):
            raise Refused("content", f"“{indicator}”不是本方案现行的指标，请另选。")
        if indicator and indicator.levels:
            raise Refused("content", f"“{indicator}”按等级填报，没有可以核对的数值，请另选。")
    if (other is not None) != (values.kind in PAIRED):
        raise Refused("content", "比较两项的方式须选对照指标，其他方式不选。")
    if other:
        _check_pair(one, other)


def _check_pair(one: Indicator, other: Indicator) -> None:
    if other == one:
        raise Refused("content", "对照指标不能是同一项指标，请另选。")
    if other.unit != one.unit:
        raise Refused(
            "content", f"两项指标的单位不同（{one.unit or '无单位'}、{other.unit or '无单位'}），不能比较。"
        )
    if other.accumulation != one.accumulation:
        raise Refused(
            "content",
            "两项指标的填报口径不同"
            f"（{one.get_accumulation_display()}、{other.get_accumulation_display()}），不能比较。",
        )


def _check_limits(values: RuleValues) -> None:
    if values.kind == RuleKind.RISING and values.indicator.accumulation == Accumulation.THIS_PERIOD:
        raise Refused("content", "本期值各季分别计数，不能按累计值核对，请另选指标或核对方式。")
    if values.tolerance < 0 or (values.kind == RuleKind.JUMP) != (values.factor > 0):
        raise Refused("content", "容差不能小于 0，突变的倍数须大于 0。")
    if values.kind == RuleKind.JUMP and values.is_percent:
        raise Refused("content", "突变允许的差按指标的单位填，不按百分比。")


@transaction.atomic
def add_rule(*, plan: Plan, values: RuleValues, reason: str, by: User, at: datetime) -> CrossRule:
    """A new rule from a quarter on. Raises Refused: permission, content."""
    need_setter(plan, by)
    Plan.objects.select_for_update(no_key=True).only("pk").get(pk=plan.pk)
    check_rule(plan, values)
    rule = _create(plan, values, reason, by, at)
    record(verb="cross_rule.add", subject=rule, by=by, at=at, after=facts(rule), note=rule.reason)
    return rule


@transaction.atomic
def change_rule(*, rule: CrossRule, values: RuleValues, reason: str, by: User, at: datetime) -> CrossRule:
    """End a rule from a quarter on and put another in its place. Raises Refused: permission, status, content."""
    rule = _hold(rule, by)
    check_rule(rule.plan, values, replaced=rule)
    before = facts(rule)
    now = facts(values.row(rule.plan))
    if before | {"自此季度起": ""} == now | {"自此季度起": ""}:
        raise Refused("content", "与现行的规则相同，没有变化。")
    _end(rule, values.effective_from, reason, by, at)
    fresh = _create(rule.plan, values, reason, by, at, replaces=rule)
    record(verb="cross_rule.change", subject=fresh, by=by, at=at, before=before, after=now, note=fresh.reason)
    return fresh


@transaction.atomic
def retire_rule(*, rule: CrossRule, until: date, reason: str, by: User, at: datetime) -> None:
    """A rule that no longer holds from a quarter on. Raises Refused: permission, status, content."""
    rule = _hold(rule, by)
    check_begin(rule.plan, until, rule.effective_from)
    _end(rule, until, reason, by, at)
    record(
        verb="cross_rule.retire",
        subject=rule,
        by=by,
        at=at,
        after={"自此季度停用": str(Quarter.of(until))},
        note=rule.end_reason,
    )


def facts(rule: CrossRule) -> dict[str, Any]:
    """A rule as the record keeps it."""
    return {
        "核对方式": rule.get_kind_display(),
        "指标": str(rule.indicator),
        "对照指标": str(rule.other or ""),
        "容差": f"{plain(rule.tolerance):f}{'%' if rule.is_percent else ''}",
        "倍数": f"{plain(rule.factor):f}",
        "级别": rule.get_severity_display(),
        "自此季度起": str(Quarter.of(rule.effective_from)),
    }


def _hold(rule: CrossRule, by: User) -> CrossRule:
    need_setter(rule.plan, by)
    held = CrossRule.objects.select_for_update(of=("self",)).select_related(
        "plan__office", "indicator", "other"
    )
    rule = held.get(pk=rule.pk)
    if rule.effective_until is not None:
        raise AlreadyMoved("这条规则已被修改或停用，请刷新页面后再办。")
    return rule


def _end(rule: CrossRule, until: date, reason: str, by: User, at: datetime) -> None:
    _need_reason(reason)
    rule.effective_until, rule.end_reason = until, reason.strip()
    rule.ended_by, rule.ended_at = by, at
    rule.save(update_fields=["effective_until", "end_reason", "ended_by", "ended_at"])


def _create(
    plan: Plan, values: RuleValues, reason: str, by: User, at: datetime, replaces: CrossRule | None = None
) -> CrossRule:
    _need_reason(reason)
    rule = values.row(plan)
    rule.reason, rule.by, rule.at, rule.replaces = reason.strip(), by, at, replaces
    rule.save()
    return rule


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused("content", "请写明理由。")

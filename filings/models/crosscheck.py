"""Rules for cross-checks between values (勾稽关系), and what the office settled about what they found.

A rule is never rewritten: a change ends it from a quarter on and adds another in its place, so that an earlier quarter
keeps the rule it was checked by. What a rule finds is worked out anew each time and stored nowhere.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from filings.crosschecks import PAIRED, Limits
from filings.models.period import Period
from filings.terms import RuleKind, Severity
from harbor_plan.lib.visibility import PlanDataQuerySet
from targets.models import Indicator, Plan


class CrossRuleQuerySet(PlanDataQuerySet["CrossRule"]):
    """Named questions about rules."""

    def in_force(self, day: date) -> CrossRuleQuerySet:
        """Those that hold for the quarter this day lies in."""
        return self.filter(effective_from__lte=day).filter(
            Q(effective_until=None) | Q(effective_until__gt=day)
        )

    def about(self, indicators: Collection[int]) -> CrossRuleQuerySet:
        """Those that look at one of these indicators, on either side."""
        return self.filter(Q(indicator__in=indicators) | Q(other__in=indicators))

    def with_sides(self) -> CrossRuleQuerySet:
        """With the indicators, who files them, and the plan's office."""
        return self.select_related(
            "plan__office", "indicator__data_department", "other__data_department", "by"
        ).order_by("indicator__order", "indicator_id", "id")


class CrossRule(models.Model):
    """One cross-check from a quarter on, until another: [`effective_from`, `effective_until`), first days of quarters.

    `tolerance` is in the indicator's unit or, where `is_percent`, per cent of the larger value; of a jump it is the
    difference that is always allowed. `factor` counts scaled MADs of a jump and is 0 for the other kinds.
    """

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="cross_rules")
    kind = models.CharField("核对方式", max_length=8, choices=RuleKind.choices)
    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", on_delete=models.PROTECT, related_name="cross_rules"
    )
    other = models.ForeignKey(
        Indicator, verbose_name="对照指标", null=True, on_delete=models.PROTECT, related_name="+"
    )
    tolerance = models.DecimalField("容差", max_digits=18, decimal_places=4, default=0)
    is_percent = models.BooleanField("容差按百分比", default=False)
    factor = models.DecimalField("倍数", max_digits=6, decimal_places=2, default=0)
    severity = models.CharField("级别", max_length=8, choices=Severity.choices)
    effective_from = models.DateField("自此季度起", help_text="季度的第一天")
    effective_until = models.DateField("自此季度停用", null=True, help_text="季度的第一天，该季度起不再核对")
    replaces = models.OneToOneField(
        "self", verbose_name="取代", null=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    reason = models.CharField("理由", max_length=300)
    at = models.DateTimeField("设定时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="设定人", on_delete=models.PROTECT, related_name="+"
    )
    end_reason = models.CharField("停用理由", max_length=300, blank=True)
    ended_at = models.DateTimeField("停用办理时间", null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="停用人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: CrossRuleQuerySet = CrossRuleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "勾稽规则"
        verbose_name_plural = "勾稽规则"
        ordering = ["plan_id", "id"]
        constraints = [
            models.CheckConstraint(name="cross_rule_kind_known", condition=Q(kind__in=RuleKind.values)),
            models.CheckConstraint(
                name="cross_rule_severity_known", condition=Q(severity__in=Severity.values)
            ),
            models.CheckConstraint(
                name="cross_rule_other_where_needed",
                condition=Q(kind__in=PAIRED, other__isnull=False) | (~Q(kind__in=PAIRED) & Q(other=None)),
            ),
            models.CheckConstraint(
                name="cross_rule_of_two_different", condition=Q(other=None) | ~Q(other=F("indicator"))
            ),
            models.CheckConstraint(name="cross_rule_tolerance_positive", condition=Q(tolerance__gte=0)),
            models.CheckConstraint(
                name="cross_rule_factor_where_needed",
                condition=Q(kind=RuleKind.JUMP, factor__gt=0, is_percent=False)
                | (~Q(kind=RuleKind.JUMP) & Q(factor=0)),
            ),
            models.CheckConstraint(
                name="cross_rule_in_order",
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
            ),
            models.CheckConstraint(name="cross_rule_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="cross_rule_end_says_why",
                condition=Q(effective_until=None, ended_at=None, ended_by=None, end_reason="")
                | (
                    Q(effective_until__isnull=False, ended_at__isnull=False, ended_by__isnull=False)
                    & ~Q(end_reason="")
                ),
            ),
            models.UniqueConstraint(
                name="cross_rule_of_one_once",
                fields=["kind", "indicator"],
                condition=Q(effective_until=None, other=None),
            ),
            models.UniqueConstraint(
                name="cross_rule_of_two_once",
                fields=["kind", "indicator", "other"],
                condition=Q(effective_until=None, other__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        names = f"{self.indicator.name} 与 {self.other.name}" if self.other else self.indicator.name
        return f"{self.get_kind_display()}：{names}"

    @property
    def limits(self) -> Limits:
        """What it allows, as the arithmetic takes it."""
        return Limits(RuleKind(self.kind), self.tolerance, self.is_percent, self.factor)


class CrossClosingQuerySet(models.QuerySet["CrossClosing"]):
    """Named questions about what was settled."""

    def of(self, period: Period) -> CrossClosingQuerySet:
        """What was settled about one quarter, oldest first."""
        return self.filter(period=period).select_related("by").order_by("id")


class CrossClosing(models.Model):
    """That a finding needs nothing more: an explanation accepted, or a note of the office. Rows are only added.

    It holds while the two values are what they were; another value opens the finding again.
    """

    rule = models.ForeignKey(
        CrossRule, verbose_name="规则", on_delete=models.PROTECT, related_name="closings"
    )
    period = models.ForeignKey(Period, verbose_name="填报期", on_delete=models.PROTECT, related_name="+")
    value = models.DecimalField("数值", max_digits=24, decimal_places=6)
    beside = models.DecimalField("对照数值", max_digits=24, decimal_places=6)
    note = models.TextField("处理意见")
    is_accepted = models.BooleanField("随采纳了结", default=False)
    at = models.DateTimeField("了结时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="了结人", on_delete=models.PROTECT, related_name="+"
    )

    objects: CrossClosingQuerySet = CrossClosingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "勾稽处理"
        verbose_name_plural = "勾稽处理"
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="cross_closing_says_why", condition=~Q(note=""))]
        indexes = [models.Index(fields=["period", "rule"], name="cross_closing_of_period")]

    def __str__(self) -> str:
        return f"{self.period} {self.rule}"

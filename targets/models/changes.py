"""What changes about a plan while it runs: rows that are only added, each dated, with who recorded it and why.

`effective_from` is the first day of the quarter from which a row is in force; `at` is when it was recorded. So what
was in force on a day, as known at a moment, can always be read back (`targets.life`). What the plan itself came with
stands in `Plan`, `Indicator` and `Target`, is in force from the beginning and was always known.
"""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from harbor_plan.lib.visibility import PlanDataQuerySet
from targets.models.plan import Indicator, Plan
from targets.terms import ProposalState, TargetState


def stored_name(paper: Paper, filename: str) -> str:
    """Where the document lies: nothing a person typed becomes part of a path."""
    return f"papers/{paper.at:%Y}/{uuid4().hex}"


class Paper(models.Model):
    """A document on file (下达文件): what a target, a baseline or its revision rests on. Never changed."""

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="papers")
    file = models.FileField("附件", upload_to=stored_name, max_length=200)
    name = models.CharField("文件名", max_length=255)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64)
    at = models.DateTimeField("登记时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects: PlanDataQuerySet[Paper] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "依据文件"
        verbose_name_plural = "依据文件"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class ThresholdChange(models.Model):
    """The thresholds of a plan's lights from a quarter on. Before the first change those of the plan hold."""

    plan = models.ForeignKey(
        Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="threshold_changes"
    )
    effective_from = models.DateField("自此季度起", help_text="季度的第一天")
    behind_above = models.DecimalField("黄灯：落后超过（百分点）", max_digits=5, decimal_places=2)
    late_above = models.DecimalField("红灯：落后超过（百分点）", max_digits=5, decimal_places=2)
    reason = models.CharField("理由", max_length=300)
    at = models.DateTimeField("登记时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "亮灯阈值"
        verbose_name_plural = "亮灯阈值"
        ordering = ["effective_from", "at", "id"]
        constraints = [
            models.CheckConstraint(
                name="threshold_change_in_order",
                condition=Q(behind_above__gte=0) & Q(late_above__gte=F("behind_above")),
            ),
            models.CheckConstraint(name="threshold_change_says_why", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.plan} {self.effective_from} 起的亮灯阈值"


class BaselineChange(models.Model):
    """The baseline of an indicator from a quarter on. Before the first change that of the indicator holds."""

    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", on_delete=models.PROTECT, related_name="baseline_changes"
    )
    effective_from = models.DateField("自此季度起", help_text="季度的第一天")
    value = models.DecimalField("基期值", max_digits=18, decimal_places=4)
    year = models.PositiveSmallIntegerField("基期年份")
    source = models.CharField("基期来源", max_length=200)
    state = models.CharField("状态", max_length=12, choices=TargetState.choices)
    doc_no = models.CharField("文号", max_length=100, blank=True)
    doc_on = models.DateField("文件日期", null=True, blank=True)
    paper = models.ForeignKey(
        Paper, verbose_name="附件", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("理由", max_length=300, blank=True)
    at = models.DateTimeField("登记时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "基期值"
        verbose_name_plural = "基期值"
        ordering = ["effective_from", "at", "id"]
        constraints = [
            models.CheckConstraint(name="baseline_change_has_value", condition=~Q(state=TargetState.PENDING)),
            models.CheckConstraint(
                name="baseline_revision_says_why", condition=~Q(state=TargetState.REVISED) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.effective_from} 起的基期值"


class PlanValueProposal(models.Model):
    """A yearly or quarterly plan value as the data department entered it.

    Only what the office confirmed becomes a `PlanValue` and counts; `replaced` is the value it took the place of.
    """

    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", on_delete=models.PROTECT, related_name="plan_value_proposals"
    )
    on = models.DateField("日期")
    value = models.DecimalField("计划值", max_digits=18, decimal_places=4)
    source = models.CharField("依据", max_length=200)
    state = models.CharField(
        "状态", max_length=10, choices=ProposalState.choices, default=ProposalState.PROPOSED
    )
    at = models.DateTimeField("填报时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填报人", on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("办理时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField("办理意见", max_length=300, blank=True)
    replaced = models.DecimalField("原计划值", max_digits=18, decimal_places=4, null=True)

    objects: PlanDataQuerySet[PlanValueProposal] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "年度分解"
        verbose_name_plural = "年度分解"
        ordering = ["indicator_id", "on", "at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="plan_value_proposed_once",
                fields=["indicator", "on"],
                condition=Q(state=ProposalState.PROPOSED),
            ),
            models.CheckConstraint(
                name="plan_value_decision_has_moment",
                condition=Q(state=ProposalState.PROPOSED, decided_at=None)
                | (~Q(state=ProposalState.PROPOSED) & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="plan_value_return_says_why",
                condition=~Q(state=ProposalState.RETURNED) | ~Q(note=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.on} 计划值"

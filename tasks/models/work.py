"""Annual work plans (年度实施计划): the year's work items of a special action, compiled by its lead, in versions."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from actions.models import Programme, SpecialAction
from departments.models import Department
from harbor_plan.lib.visibility import PlanDataQuerySet
from tasks.models.table import Task


class AnnualPlanStatus(models.TextChoices):
    """Where the plan of a year stands. After the first approval a change makes it a draft of the next version."""

    DRAFT = "draft", "编制中"
    SUBMITTED = "submitted", "待审定"
    RETURNED = "returned", "已退回"
    APPROVED = "approved", "已审定"


class ItemState(models.TextChoices):
    """Whether an item is part of the plan. A cooperating department proposes; the lead takes it in or not."""

    PROPOSED = "proposed", "待纳入"
    INCLUDED = "included", "已纳入"
    DROPPED = "dropped", "已取消"


class AnnualPlan(models.Model):
    """The year of one action. What is in force is the latest approved version; the items are what is worked on.

    `version` counts approved versions; 0 before the first. `reason` says why an approved plan is being changed.
    """

    action = models.ForeignKey(
        SpecialAction, verbose_name="专项行动", on_delete=models.PROTECT, related_name="annual_plans"
    )
    year = models.PositiveSmallIntegerField("年度")
    programme = models.ForeignKey(
        Programme,
        verbose_name="实施方案",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="annual_plans",
    )
    status = models.CharField(
        "状态", max_length=10, choices=AnnualPlanStatus.choices, default=AnnualPlanStatus.DRAFT
    )
    version = models.PositiveSmallIntegerField("已审定版本", default=0)
    reason = models.CharField("调整理由", max_length=300, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="报审人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField("报审时间", null=True)
    return_note = models.CharField("退回意见", max_length=500, blank=True)

    objects: PlanDataQuerySet[AnnualPlan] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "年度实施计划"
        verbose_name_plural = "年度实施计划"
        ordering = ["action__no", "year"]
        constraints = [
            models.UniqueConstraint(name="annual_plan_once", fields=["action", "year"]),
            models.CheckConstraint(
                name="annual_plan_status_known", condition=Q(status__in=AnnualPlanStatus.values)
            ),
            models.CheckConstraint(
                name="annual_plan_approved_has_version",
                condition=~Q(status=AnnualPlanStatus.APPROVED) | Q(version__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.year}年度实施计划"


class WorkItem(models.Model):
    """One line of a year's plan. `share_1` … `share_4` are percent of the item expected by each quarter's end.

    `version` counts saves and guards against two people; `note` says why it was dropped or a proposal declined.
    """

    annual_plan = models.ForeignKey(
        AnnualPlan, verbose_name="年度实施计划", on_delete=models.PROTECT, related_name="items"
    )
    task = models.ForeignKey(Task, verbose_name="任务", on_delete=models.PROTECT, related_name="work_items")
    department = models.ForeignKey(
        Department, verbose_name="责任单位", on_delete=models.PROTECT, related_name="work_items"
    )
    order = models.PositiveSmallIntegerField("次序", default=0)
    measure = models.CharField("工作措施", max_length=300)
    weight = models.DecimalField("权重", max_digits=6, decimal_places=2, default=Decimal(1))
    due_on = models.DateField("完成时限")
    share_1 = models.DecimalField("一季度末应达", max_digits=5, decimal_places=2)
    share_2 = models.DecimalField("二季度末应达", max_digits=5, decimal_places=2)
    share_3 = models.DecimalField("三季度末应达", max_digits=5, decimal_places=2)
    share_4 = models.DecimalField("四季度末应达", max_digits=5, decimal_places=2)
    state = models.CharField("状态", max_length=10, choices=ItemState.choices, default=ItemState.INCLUDED)
    proposed_by = models.ForeignKey(
        Department,
        verbose_name="提出单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    rolled_from = models.OneToOneField(
        "self",
        verbose_name="结转自",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rolled_to",
    )
    note = models.CharField("取消或不予纳入的理由", max_length=300, blank=True)
    version = models.PositiveIntegerField("保存次数", default=1)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    edited_at = models.DateTimeField("修改时间", null=True)

    objects: PlanDataQuerySet[WorkItem] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "年度工作项"
        verbose_name_plural = "年度工作项"
        ordering = ["annual_plan_id", "task__no", "order", "id"]
        constraints = [
            models.CheckConstraint(name="work_item_weight_positive", condition=Q(weight__gt=0)),
            models.CheckConstraint(
                name="work_item_shares_grow",
                condition=Q(
                    share_1__gte=0,
                    share_2__gte=F("share_1"),
                    share_3__gte=F("share_2"),
                    share_4__gte=F("share_3"),
                    share_4__lte=100,
                ),
            ),
            models.CheckConstraint(name="work_item_state_known", condition=Q(state__in=ItemState.values)),
        ]

    def __str__(self) -> str:
        return self.measure

    @property
    def shares(self) -> tuple[Decimal, Decimal, Decimal, Decimal]:
        """Percent of the item expected by the end of each quarter."""
        return self.share_1, self.share_2, self.share_3, self.share_4


class AnnualPlanVersion(models.Model):
    """A year's plan as it was approved: what is in force from then on. Never changed."""

    annual_plan = models.ForeignKey(
        AnnualPlan, verbose_name="年度实施计划", on_delete=models.PROTECT, related_name="versions"
    )
    no = models.PositiveSmallIntegerField("版本")
    content = models.JSONField("内容")
    reason = models.CharField("调整理由", max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="审定人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("审定时间")

    class Meta:
        verbose_name = "年度实施计划版本"
        verbose_name_plural = "年度实施计划版本"
        ordering = ["annual_plan_id", "no"]
        constraints = [
            models.UniqueConstraint(name="annual_plan_version_once", fields=["annual_plan", "no"]),
            models.CheckConstraint(name="annual_plan_change_says_why", condition=Q(no=1) | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.annual_plan} 第{self.no}版"

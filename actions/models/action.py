"""The special actions (专项行动) and the departments that lead them."""

from __future__ import annotations

from django.db import models

from departments.models import Department
from targets.models import Plan
from targets.retiring import Retirable, RetiringQuerySet


class SpecialAction(Retirable):
    """A line of work with one or more lead departments. Leads come from the annex's second column only."""

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="actions")
    no = models.PositiveSmallIntegerField("序号")
    name = models.CharField("名称", max_length=60)
    clause = models.CharField("条款", max_length=40)
    note = models.CharField("校注", max_length=500, blank=True)
    leads = models.ManyToManyField(Department, through="ActionLead", related_name="actions_led")

    objects: RetiringQuerySet[SpecialAction] = RetiringQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "专项行动"
        verbose_name_plural = "专项行动"
        ordering = ["plan_id", "no"]
        constraints = [
            models.UniqueConstraint(
                name="action_no_once",
                violation_error_message="本方案已有同一序号的专项行动。",
                fields=["plan", "no"],
            )
        ]

    def __str__(self) -> str:
        return self.name


class ActionLead(models.Model):
    """One lead department of an action, in the document's order. Each lead files its own summary."""

    action = models.ForeignKey(
        SpecialAction, verbose_name="专项行动", on_delete=models.PROTECT, related_name="lead_rows"
    )
    department = models.ForeignKey(
        Department, verbose_name="牵头单位", on_delete=models.PROTECT, related_name="action_lead_rows"
    )
    order = models.PositiveSmallIntegerField("顺序")

    class Meta:
        verbose_name = "行动牵头单位"
        verbose_name_plural = "行动牵头单位"
        ordering = ["action_id", "order"]
        constraints = [
            models.UniqueConstraint(
                name="action_lead_once",
                violation_error_message="该单位已是本行动的牵头单位。",
                fields=["action", "department"],
            ),
            models.UniqueConstraint(
                name="action_lead_order_once",
                violation_error_message="本行动已有同一顺序的牵头单位。",
                fields=["action", "order"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.department}"

"""Supervision orders (督办单): one open order per task, with every step kept."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from departments.models import Department
from filings.models import EvidenceFile, Period
from supervision.terms import OPEN, Level, OrderStatus
from targets.models import Plan
from tasks.models import Task


def _person(label: str) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=label, null=True, on_delete=models.PROTECT, related_name="+"
    )


class OrderRule(models.Model):
    """When an order is proposed and how much time it gives; without a row, these defaults."""

    plan = models.OneToOneField(
        Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="order_rule"
    )
    mark = models.CharField(
        "文号代字", max_length=20, blank=True, help_text="如 811；不填则取方案代码的第一段"
    )
    blue_days = models.PositiveSmallIntegerField(
        "蓝色：节点期限前几天",
        default=30,
        help_text="节点尚未完成、距期限不超过这些天，提议蓝色督办；0 为不提议",
    )
    yellow_returns = models.PositiveSmallIntegerField(
        "黄色：本季退回次数", default=2, help_text="牵头填报项被审核退回达到这些次，提议黄色督办；0 为不提议"
    )
    red_quarters = models.PositiveSmallIntegerField(
        "红色：连续滞后季数", default=2, help_text="连续这些季滞后，提议红色督办；0 为不计"
    )
    blue_time = models.PositiveSmallIntegerField("蓝色整改天数", default=30)
    yellow_time = models.PositiveSmallIntegerField("黄色整改天数", default=30)
    red_time = models.PositiveSmallIntegerField("红色整改天数", default=15)
    look_back_days = models.PositiveSmallIntegerField(
        "回头看天数", default=90, help_text="销号后这些天内发现问题反弹的，可以重新督办"
    )

    class Meta:
        verbose_name = "督办规则"
        verbose_name_plural = "督办规则"

    def __str__(self) -> str:
        return f"{self.plan}督办规则"

    @property
    def marked(self) -> str:
        """The mark of the plan's order numbers."""
        return self.mark or self.plan.code.partition("-")[0]

    def days_for(self, level: str) -> int:
        """Days an order of this level gives for putting things right."""
        days = {Level.BLUE: self.blue_time, Level.YELLOW: self.yellow_time, Level.RED: self.red_time}
        return days[Level(level)]


class SupervisionOrderQuerySet(models.QuerySet["SupervisionOrder"]):
    """Named questions about orders."""

    def visible_to(self, user: Any) -> Self:
        """The department's own people; the office and leaders see all."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.reads_all:
            return self
        return self.filter(department_id__in=user.departments_as(Role.FILER, Role.APPROVER))

    def still_open(self) -> Self:
        """Issued and neither closed nor withdrawn."""
        return self.filter(status__in=OPEN)

    def for_page(self) -> Self:
        """With everything a row or a page names."""
        return self.select_related("plan__office", "task__action", "department", "period", "issued_by")


class SupervisionOrder(models.Model):
    """One order to the department that leads a task. One open order per task (一事一单).

    The columns of signing, feedback, check and closing hold the latest round; `OrderMove` keeps every round.
    """

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="orders")
    mark = models.CharField("文号代字", max_length=20)
    year = models.PositiveSmallIntegerField("年份")
    no = models.PositiveSmallIntegerField("序号")
    task = models.ForeignKey(Task, verbose_name="任务", on_delete=models.PROTECT, related_name="orders")
    department = models.ForeignKey(
        Department, verbose_name="督办单位", on_delete=models.PROTECT, related_name="orders"
    )
    period = models.ForeignKey(
        Period, verbose_name="依据的填报期", on_delete=models.PROTECT, related_name="orders"
    )
    level = models.CharField("级别", max_length=8, choices=Level.choices)
    status = models.CharField("状态", max_length=12, choices=OrderStatus.choices, default=OrderStatus.ISSUED)
    reason = models.CharField("督办事由", max_length=500)
    demand = models.CharField("办理要求", max_length=1000)
    rectify_by = models.DateField("整改期限")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="下达人", on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField("下达时间")
    signed_by = _person("签收人")
    signed_at = models.DateTimeField("签收时间", null=True)
    feedback = models.TextField("整改反馈", blank=True)
    reported_by = _person("反馈人")
    reported_at = models.DateTimeField("反馈时间", null=True)
    check_note = models.TextField("核查意见", blank=True)
    checked_by = _person("核查人")
    checked_at = models.DateTimeField("核查时间", null=True)
    approver = models.CharField("销号批准人", max_length=100, blank=True)
    closed_by = _person("销号经办人")
    closed_at = models.DateTimeField("销号时间", null=True)

    objects = SupervisionOrderQuerySet.as_manager()

    class Meta:
        verbose_name = "督办单"
        verbose_name_plural = "督办单"
        ordering = ["-year", "-no"]
        constraints = [
            models.UniqueConstraint(name="order_number_once", fields=["mark", "year", "no"]),
            models.UniqueConstraint(
                name="order_one_open_per_task", fields=["task"], condition=Q(status__in=sorted(OPEN))
            ),
            models.CheckConstraint(name="order_level_known", condition=Q(level__in=Level.values)),
            models.CheckConstraint(name="order_status_known", condition=Q(status__in=OrderStatus.values)),
            models.CheckConstraint(name="order_says_why_and_what", condition=~Q(reason="") & ~Q(demand="")),
            models.CheckConstraint(
                name="order_closed_with_approver",
                condition=Q(status=OrderStatus.CLOSED, closed_at__isnull=False) & ~Q(approver="")
                | ~Q(status=OrderStatus.CLOSED) & Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}督办单"

    @property
    def number(self) -> str:
        """As on paper: mark, year in hexagonal brackets, sequence without leading zeros (GB/T 9704-2012, 7.2.5)."""
        return f"{self.mark}督〔{self.year}〕{self.no}号"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def proofs(self) -> list[EvidenceFile]:
        """The files that came with the feedback of this round."""
        last = self.moves.filter(verb="report").last() if self.reported_at else None
        return [proof.evidence for proof in last.proofs.select_related("evidence")] if last else []

    def is_late(self, today: date) -> bool:
        """Whether the department's time for putting things right has passed without a feedback."""
        return self.status in (OrderStatus.ISSUED, OrderStatus.WORKING) and today > self.rectify_by


class OrderMove(models.Model):
    """One step of an order: from, verb, to, level, until when, who, when, and what was said. Appended, never changed."""

    order = models.ForeignKey(
        SupervisionOrder, verbose_name="督办单", on_delete=models.PROTECT, related_name="moves"
    )
    verb = models.CharField("动作", max_length=12)
    from_status = models.CharField("原状态", max_length=12, blank=True)
    to_status = models.CharField("现状态", max_length=12)
    level = models.CharField("级别", max_length=8, choices=Level.choices)
    rectify_by = models.DateField("整改期限")
    note = models.TextField("意见", blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经手人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "督办经过"
        verbose_name_plural = "督办经过"
        ordering = ["order_id", "id"]
        constraints = [models.CheckConstraint(name="order_move_has_verb", condition=~Q(verb=""))]

    def __str__(self) -> str:
        return f"{self.order} {self.verb}"


class OrderProof(models.Model):
    """One file that came with a feedback (佐证), kept with the round it belongs to."""

    move = models.ForeignKey(
        OrderMove, verbose_name="督办经过", on_delete=models.PROTECT, related_name="proofs"
    )
    evidence = models.ForeignKey(
        EvidenceFile, verbose_name="佐证材料", on_delete=models.PROTECT, related_name="order_proofs"
    )

    class Meta:
        verbose_name = "整改佐证"
        verbose_name_plural = "整改佐证"
        ordering = ["move_id", "id"]
        constraints = [models.UniqueConstraint(name="order_proof_once", fields=["move", "evidence"])]

    def __str__(self) -> str:
        return f"{self.move} {self.evidence}"


class Dismissal(models.Model):
    """The office decided against a proposed order, with a reason: it is not proposed again on the same figures."""

    task = models.ForeignKey(
        Task, verbose_name="任务", on_delete=models.PROTECT, related_name="order_dismissals"
    )
    period = models.ForeignKey(
        Period, verbose_name="依据的填报期", on_delete=models.PROTECT, related_name="order_dismissals"
    )
    level = models.CharField("级别", max_length=8, choices=Level.choices)
    reason = models.CharField("理由", max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经手人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "不予督办"
        verbose_name_plural = "不予督办"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="dismissal_once", fields=["task", "period", "level"]),
            models.CheckConstraint(name="dismissal_says_why", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.period} {self.get_level_display()}"

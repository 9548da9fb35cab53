"""Tasks (主要任务), the responsibility table (责任分解) and dated milestones (节点)."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from actions.models import SpecialAction
from departments.models import Department
from harbor_plan.lib.visibility import PlanDataQuerySet
from targets.models import Indicator
from targets.retiring import Retirable, RetiringQuerySet
from targets.terms import Strength


class Role(models.TextChoices):
    """Part a department has in a task. The first-named unit of a row of the annex leads."""

    LEAD = "lead", "牵头"
    COOPERATING = "cooperating", "配合"


class Task(Retirable):
    """What departments answer for. Matched by number; body and annex print the title differently in places."""

    action = models.ForeignKey(
        SpecialAction, verbose_name="专项行动", on_delete=models.PROTECT, related_name="tasks"
    )
    no = models.PositiveSmallIntegerField("序号")
    title = models.CharField("正文标题", max_length=120)
    annex_title = models.CharField("附件标题", max_length=120)
    clause = models.CharField("条款", max_length=40)
    note = models.CharField("校注", max_length=500, blank=True)
    indicators = models.ManyToManyField(Indicator, verbose_name="指标", blank=True, related_name="tasks")

    objects: RetiringQuerySet[Task] = RetiringQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "任务"
        verbose_name_plural = "任务"
        ordering = ["action__no", "no"]
        constraints = [
            models.UniqueConstraint(
                name="task_no_once",
                violation_error_message="本行动已有同一序号的任务。",
                fields=["action", "no"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """The number people use, e.g. 4.3. Needs the action at hand (select_related)."""
        return f"{self.action.no}.{self.no}"


class ResponsibilityQuerySet(PlanDataQuerySet["Responsibility"]):
    """Named questions about the responsibility table."""

    def in_force(self, on: date) -> ResponsibilityQuerySet:
        """Rows valid on that day; an open end means from the beginning or until further notice."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_to=None) | Q(valid_to__gt=on))

    def overlapping(self, row: Responsibility) -> ResponsibilityQuerySet:
        """Other rows of its task that are in force on a day on which it is; a row ends before its `valid_to`."""
        others = self.filter(task=row.task_id).exclude(pk=row.pk)
        if row.valid_to:
            others = others.filter(Q(valid_from=None) | Q(valid_from__lt=row.valid_to))
        if row.valid_from:
            others = others.filter(Q(valid_to=None) | Q(valid_to__gt=row.valid_from))
        return others


class Responsibility(models.Model):
    """One row of the table: task × department × role, dated from `valid_from` to before `valid_to`."""

    task = models.ForeignKey(
        Task, verbose_name="任务", on_delete=models.PROTECT, related_name="responsibilities"
    )
    department = models.ForeignKey(
        Department, verbose_name="责任单位", on_delete=models.PROTECT, related_name="responsibilities"
    )
    role = models.CharField("角色", max_length=12, choices=Role.choices)
    order = models.PositiveSmallIntegerField("附件顺序")
    valid_from = models.DateField("生效日期", null=True, blank=True)
    valid_to = models.DateField("失效日期", null=True, blank=True)
    note = models.CharField("校注", max_length=500, blank=True)

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name = "责任分解"
        verbose_name_plural = "责任分解"
        ordering = ["task__action__no", "task__no", "order"]
        constraints = [
            models.UniqueConstraint(
                name="responsibility_once",
                violation_error_message="该单位在本任务中已有同一生效日期的责任。",
                fields=["task", "department", "valid_from"],
            ),
            models.UniqueConstraint(
                name="responsibility_once_from_start",
                violation_error_message="该单位在本任务中已有责任；调整分工时，给原来的一行填失效日期，新的一行填生效日期。",
                fields=["task", "department"],
                condition=Q(valid_from__isnull=True),
            ),
            models.UniqueConstraint(
                name="task_one_lead",
                violation_error_message="本任务已有牵头单位；请先把原牵头单位改为配合，或填失效日期。",
                fields=["task"],
                condition=Q(role=Role.LEAD, valid_to__isnull=True),
            ),
            models.CheckConstraint(
                name="responsibility_dates_in_order",
                violation_error_message="失效日期应晚于生效日期。",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_from__lt=F("valid_to")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task.number} {self.department} {self.get_role_display()}"

    def clean(self) -> None:
        """Nobody is named twice for one day, nor two leads; what the constraints see is left to them."""
        if not self.task_id or not self.department_id:
            return
        others = Responsibility.objects.overlapping(self).select_related("department")
        same = others.filter(department=self.department_id).exclude(valid_from=self.valid_from)
        if same.exists():
            raise ValidationError({"valid_from": "同一任务的责任单位与另一行的有效期重叠；请改日期"})
        leads = others.filter(role=Role.LEAD).exclude(department=self.department_id)
        if self.valid_to is None:
            leads = leads.exclude(valid_to=None)
        lead = leads.first() if self.role == Role.LEAD else None
        if lead:
            reason = (
                f"任务{self.task.number}已有牵头单位（{lead.department}）；"
                "同一时间只能有一个牵头单位，请改为配合，或改生效、失效日期"
            )
            raise ValidationError({"role": reason})


class Milestone(Retirable):
    """A dated deliverable of a task that is done or not; its state is filed by the task's lead."""

    task = models.ForeignKey(Task, verbose_name="任务", on_delete=models.PROTECT, related_name="milestones")
    no = models.PositiveSmallIntegerField("序号")
    name = models.CharField("名称", max_length=200)
    due_on = models.DateField("期限", help_text="含当日")
    strength = models.CharField("约束强度", max_length=10, choices=Strength.choices)
    condition = models.CharField("前提条件", max_length=300, blank=True)
    clause = models.CharField("条款", max_length=40)
    note = models.CharField("校注", max_length=500, blank=True)

    objects: RetiringQuerySet[Milestone] = RetiringQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "节点"
        verbose_name_plural = "节点"
        ordering = ["task__action__no", "task__no", "no"]
        constraints = [
            models.UniqueConstraint(
                name="milestone_no_once",
                violation_error_message="本任务已有同一序号的节点。",
                fields=["task", "no"],
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.task_id:
            self.task.action.plan.check_day("due_on", self.due_on)

"""Figures being built (summaries, rebuildable) and figures people have seen (publications, frozen).

Both have the same columns, so that a page reads either and freezing is a copy.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from filings.models import Period
from filings.terms import Timeliness
from harbor_plan.lib.visibility import PlanDataQuerySet
from targets.terms import Attainment, Standing


class Subject(models.TextChoices):
    """What a figure is about."""

    PLAN = "plan", "方案"
    GOAL = "goal", "目标类别"
    INDICATOR = "indicator", "指标"
    ACTION = "action", "专项行动"
    TASK = "task", "任务"
    MILESTONE = "milestone", "节点"
    DEPARTMENT = "department", "责任单位"


class Figure(models.Model):
    """One subject's figures at a period's last day.

    `pace_light` is the light before two yellow quarters in a row turn red; the next quarter reads it.
    `completion` and `expected` are percent of the year's work; `plan_completion` is percent of the plan's years.
    `reported` of `owed` counts accepted entries; `lights` counts the lights beneath, by standing.
    `detail` holds what explains the figure, decimals as strings; `detail["asked"]` is the requirement it was judged by.
    """

    subject = models.CharField("对象", max_length=12, choices=Subject.choices)
    subject_id = models.PositiveBigIntegerField("对象编号")
    number = models.CharField("编号", max_length=40, blank=True)
    name = models.CharField("当时名称", max_length=200)
    position = models.PositiveIntegerField("次序", default=0)
    standing = models.CharField("亮灯", max_length=10, choices=Standing.choices, blank=True)
    pace_light = models.CharField("进度灯", max_length=10, choices=Standing.choices, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)
    attainment = models.CharField("达标情况", max_length=16, choices=Attainment.choices, blank=True)
    value = models.DecimalField("数值", max_digits=18, decimal_places=4, null=True)
    completion = models.DecimalField("完成比例", max_digits=7, decimal_places=2, null=True)
    expected = models.DecimalField("应达", max_digits=18, decimal_places=4, null=True)
    plan_completion = models.DecimalField("五年完成比例", max_digits=7, decimal_places=2, null=True)
    reported = models.PositiveIntegerField("已报", default=0)
    owed = models.PositiveIntegerField("应报", default=0)
    met = models.PositiveIntegerField("达标数", default=0)
    due = models.PositiveIntegerField("到期数", default=0)
    timeliness = models.CharField("时效", max_length=8, choices=Timeliness.choices, blank=True)
    returns = models.PositiveIntegerField("退回次数", default=0)
    lights = models.JSONField("下级亮灯", default=dict)
    detail = models.JSONField("说明", default=dict)

    class Meta:
        abstract = True
        ordering = ["subject", "position", "subject_id"]

    def __str__(self) -> str:
        return f"{self.name} {self.get_standing_display()}"


#: The columns freezing copies.
FIGURE_FIELDS = tuple(field.name for field in Figure._meta.local_fields)


class Summary(Figure):
    """Rebuildable: replaced by a refresh of its period under the row lock of its `Board`.

    `known_from` is when the figure came to say what it says; what it said before is a `PastFigure`.
    """

    period = models.ForeignKey(
        Period, verbose_name="填报期", on_delete=models.CASCADE, related_name="summaries"
    )
    known_from = models.DateTimeField("自何时起")

    objects: PlanDataQuerySet[Summary] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Figure.Meta):
        verbose_name = "汇总"
        verbose_name_plural = "汇总"
        constraints = [
            models.UniqueConstraint(name="summary_once", fields=["period", "subject", "subject_id"]),
        ]


class PastFigure(Figure):
    """What a summary said from `known_from` to before `known_until`. Never changed: triggers of the database refuse.

    With the summaries that are left, they answer what was known at any moment.
    """

    period = models.ForeignKey(
        Period, verbose_name="填报期", on_delete=models.PROTECT, related_name="past_figures"
    )
    known_from = models.DateTimeField("自何时起")
    known_until = models.DateTimeField("至何时止")

    class Meta(Figure.Meta):
        verbose_name = "过去的汇总"
        verbose_name_plural = "过去的汇总"
        indexes = [models.Index(fields=["period", "known_until"])]
        constraints = [
            models.UniqueConstraint(
                name="past_figure_once", fields=["period", "subject", "subject_id", "known_from"]
            ),
            models.CheckConstraint(
                name="past_figure_in_order", condition=Q(known_from__lt=models.F("known_until"))
            ),
        ]


class Board(models.Model):
    """One per period: the lock of its summaries, and as of when they hold."""

    period = models.OneToOneField(
        Period, verbose_name="填报期", on_delete=models.CASCADE, related_name="board"
    )
    as_of = models.DateTimeField("数据截至")

    class Meta:
        verbose_name = "汇总时点"
        verbose_name_plural = "汇总时点"

    def __str__(self) -> str:
        return f"{self.period}"


class Publication(models.Model):
    """A frozen version of a period's figures. Version 1 closes the quarter; a correction makes the next."""

    period = models.ForeignKey(
        Period, verbose_name="填报期", on_delete=models.PROTECT, related_name="publications"
    )
    version = models.PositiveSmallIntegerField("版本")
    at = models.DateTimeField("发布时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发布人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("更正理由", max_length=300, blank=True)
    rule = models.JSONField("口径", default=dict, help_text="发布时的亮灯阈值")

    objects: PlanDataQuerySet[Publication] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "发布版"
        verbose_name_plural = "发布版"
        ordering = ["period_id", "version"]
        constraints = [
            models.UniqueConstraint(name="publication_once", fields=["period", "version"]),
            models.CheckConstraint(
                name="publication_correction_says_why", condition=Q(version=1) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period}第{self.version}版"


class PublishedFigure(Figure):
    """A figure as it was published. Never changed: triggers of the database refuse (`reports.freezing`)."""

    publication = models.ForeignKey(
        Publication, verbose_name="发布版", on_delete=models.PROTECT, related_name="figures"
    )

    class Meta(Figure.Meta):
        verbose_name = "已发布数字"
        verbose_name_plural = "已发布数字"
        constraints = [
            models.UniqueConstraint(
                name="published_figure_once", fields=["publication", "subject", "subject_id"]
            ),
        ]

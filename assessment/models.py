"""The yearly assessment: a scheme as data, and what each department scored by it.

Everything below a finalised scheme is frozen: services refuse, and triggers of the database refuse behind them
(`assessment.freezing`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.roles import Role
from assessment.terms import IN_DENOMINATOR, PARAMS, LineState, SchemeStatus, Source
from departments.models import Department
from harbor_plan.lib.visibility import PlanDataQuerySet
from targets.models import Plan

ZERO = Decimal("0.00")


class Scheme(models.Model):
    """How one year of one plan is assessed. The classes, members, criteria and grades below it are data.

    `sources` says which figures the results were computed from, oldest quarter first:
    {"quarter", "period", "publication", "version", "at"}; publication and version are null for figures that were
    not published yet, and then the results are provisional (暂计).
    """

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="schemes")
    year = models.PositiveSmallIntegerField("年度")
    name = models.CharField("名称", max_length=100)
    basis = models.CharField("依据", max_length=300, blank=True)
    is_proposed = models.BooleanField("建议稿，待审定", default=True)
    note = models.CharField("说明", max_length=500, blank=True)
    status = models.CharField("状态", max_length=10, choices=SchemeStatus.choices, default=SchemeStatus.DRAFT)
    sources = models.JSONField("数据来源", default=list, blank=True)
    computed_at = models.DateTimeField("评分时间", null=True, editable=False)
    computed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="评分人", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    finalised_at = models.DateTimeField("审定时间", null=True, editable=False)
    finalised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="审定人", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip

    objects: PlanDataQuerySet[Scheme] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "考核方案"
        verbose_name_plural = "考核方案"
        ordering = ["plan_id", "-year"]
        constraints = [
            models.UniqueConstraint(name="scheme_once_a_year", fields=["plan", "year"]),
            models.CheckConstraint(
                name="scheme_status_fits_times",
                condition=Q(status=SchemeStatus.DRAFT, computed_at=None, finalised_at=None)
                | Q(status=SchemeStatus.RUNNING, computed_at__isnull=False, finalised_at=None)
                | Q(
                    status=SchemeStatus.FINALISED,
                    computed_at__isnull=False,
                    finalised_at__isnull=False,
                    finalised_by__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_final(self) -> bool:
        return self.status == SchemeStatus.FINALISED

    @property
    def is_provisional(self) -> bool:
        """Whether the results rest on less than four published quarters."""
        return len([s for s in self.sources if s["publication"]]) < 4


class Grade(models.Model):
    """One grade (等次): totals from `at_least` up to the next grade. One bound each, so no total falls between."""

    scheme = models.ForeignKey(
        Scheme, verbose_name="考核方案", on_delete=models.CASCADE, related_name="grades"
    )
    name = models.CharField("等次", max_length=20)
    at_least = models.DecimalField("不低于", max_digits=6, decimal_places=2)

    class Meta:
        verbose_name = "等次"
        verbose_name_plural = "等次"
        ordering = ["scheme_id", "-at_least"]
        constraints = [
            models.UniqueConstraint(name="grade_name_once", fields=["scheme", "name"]),
            models.UniqueConstraint(name="grade_bound_once", fields=["scheme", "at_least"]),
        ]

    def __str__(self) -> str:
        return self.name


class UnitClass(models.Model):
    """Departments judged by the same criteria. A class that is not ranked is listed and not scored."""

    scheme = models.ForeignKey(
        Scheme, verbose_name="考核方案", on_delete=models.CASCADE, related_name="classes"
    )
    no = models.PositiveSmallIntegerField("序号")
    name = models.CharField("名称", max_length=60)
    is_ranked = models.BooleanField("计分排名", default=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "单位分类"
        verbose_name_plural = "单位分类"
        ordering = ["scheme_id", "no"]
        constraints = [
            models.UniqueConstraint(name="unit_class_no_once", fields=["scheme", "no"]),
            models.UniqueConstraint(name="unit_class_name_once", fields=["scheme", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """Which class a department is in this year: at most one."""

    scheme = models.ForeignKey(
        Scheme, verbose_name="考核方案", on_delete=models.CASCADE, related_name="members"
    )
    unit_class = models.ForeignKey(
        UnitClass, verbose_name="分类", on_delete=models.CASCADE, related_name="members"
    )
    department = models.ForeignKey(
        Department, verbose_name="单位", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "考核单位"
        verbose_name_plural = "考核单位"
        ordering = ["scheme_id", "department__order", "department_id"]
        constraints = [models.UniqueConstraint(name="member_in_one_class", fields=["scheme", "department"])]

    def __str__(self) -> str:
        return f"{self.department} {self.unit_class}"


class Criterion(models.Model):
    """One yardstick of a class: what it reads, how much it weighs, and the rule's parameters."""

    unit_class = models.ForeignKey(
        UnitClass, verbose_name="分类", on_delete=models.CASCADE, related_name="criteria"
    )
    no = models.PositiveSmallIntegerField("序号")
    name = models.CharField("名称", max_length=60)
    weight = models.DecimalField("分值", max_digits=5, decimal_places=2)
    source = models.CharField("数据来源", max_length=12, choices=Source.choices)
    params = models.JSONField("参数", default=dict, blank=True)
    clause = models.CharField("条款", max_length=100, blank=True)

    class Meta:
        verbose_name = "考核项"
        verbose_name_plural = "考核项"
        ordering = ["unit_class_id", "no"]
        constraints = [
            models.UniqueConstraint(name="criterion_no_once", fields=["unit_class", "no"]),
            models.CheckConstraint(name="criterion_weighs", condition=Q(weight__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name

    def param(self, name: str) -> Decimal:
        """One of the rule's parameters, the scheme's own or the usual one."""
        return Decimal(self.params.get(name, PARAMS[self.source][name]))


class ResultQuerySet(models.QuerySet["Result"]):
    """Named questions about results."""

    def visible_to(self, user: Any) -> Self:
        """The office and leaders see every department's result; a department's people their own."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.reads_all:
            return self
        return self.filter(department__in=user.departments_as(Role.FILER, Role.APPROVER))

    def for_page(self) -> Self:
        """With the scheme, class and department a page names."""
        return self.select_related("scheme__plan__office", "unit_class", "department")


class Result(models.Model):
    """What one department scored: `total` is the exact sum of its lines, empty when no line counts.

    `system_total` is what the figures alone give, before the office's adjustments. `rank` and `grade` follow from
    the totals of the class.
    """

    scheme = models.ForeignKey(
        Scheme, verbose_name="考核方案", on_delete=models.PROTECT, related_name="results"
    )
    unit_class = models.ForeignKey(
        UnitClass, verbose_name="分类", on_delete=models.PROTECT, related_name="results"
    )
    department = models.ForeignKey(
        Department, verbose_name="单位", on_delete=models.PROTECT, related_name="results"
    )
    department_name = models.CharField("当时名称", max_length=60)
    total = models.DecimalField("核定得分", max_digits=6, decimal_places=2, null=True)
    system_total = models.DecimalField("系统评分", max_digits=6, decimal_places=2, null=True)
    rank = models.PositiveSmallIntegerField("名次", null=True)
    grade = models.CharField("等次", max_length=20, blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        verbose_name = "考核结果"
        verbose_name_plural = "考核结果"
        ordering = ["unit_class__no", "rank", "department__order"]
        constraints = [models.UniqueConstraint(name="result_once", fields=["scheme", "department"])]

    def __str__(self) -> str:
        return f"{self.department_name} {self.scheme.year}年度考核"


class LineQuerySet(models.QuerySet["Line"]):
    """Named questions about lines."""

    def visible_to(self, user: Any) -> Self:
        """Lines of the results this person may see."""
        return self.filter(result__in=Result.objects.visible_to(user).values("pk"))


class Line(models.Model):
    """One line of a sheet with its points, and everything that explains them.

    `system_points` come from the figures, `points` count; they differ after an adjustment only. A line outside the
    denominator has no points and says why in `reason`. `explanation` holds what the sheet shows, decimals as
    strings: see `assessment.lines.Explanation`.
    """

    result = models.ForeignKey(
        Result, verbose_name="考核结果", on_delete=models.PROTECT, related_name="lines"
    )
    criterion = models.ForeignKey(
        Criterion, verbose_name="考核项", on_delete=models.PROTECT, related_name="lines"
    )
    key = models.CharField("标识", max_length=60)
    position = models.PositiveIntegerField("次序")
    number = models.CharField("编号", max_length=20)
    name = models.CharField("名称", max_length=200)
    state = models.CharField("状态", max_length=16, choices=LineState.choices)
    reason = models.CharField("理由", max_length=500, blank=True)
    maximum = models.DecimalField("分值", max_digits=6, decimal_places=2, default=ZERO)
    system_points = models.DecimalField("系统评分", max_digits=6, decimal_places=2, default=ZERO)
    points = models.DecimalField("核定得分", max_digits=6, decimal_places=2, default=ZERO)
    explanation = models.JSONField("这一分怎么来的", default=dict)

    objects = LineQuerySet.as_manager()

    class Meta:
        verbose_name = "得分项"
        verbose_name_plural = "得分项"
        ordering = ["result_id", "position"]
        constraints = [
            models.UniqueConstraint(name="line_once", fields=["result", "key"]),
            models.CheckConstraint(
                name="line_points_within",
                condition=Q(
                    system_points__gte=0,
                    points__gte=0,
                    system_points__lte=F("maximum"),
                    points__lte=F("maximum"),
                ),
            ),
            models.CheckConstraint(
                name="line_outside_has_no_points",
                condition=Q(state__in=sorted(IN_DENOMINATOR)) | Q(maximum=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def counts(self) -> bool:
        """Whether it is in the denominator."""
        return self.state in IN_DENOMINATOR


class Adjustment(models.Model):
    """One change of a line's points by the office, kept for ever; the line's points are those of the last one.

    `by` is empty when the system cut the points because a new computation lowered the line's maximum.
    """

    line = models.ForeignKey(
        Line, verbose_name="得分项", on_delete=models.PROTECT, related_name="adjustments"
    )
    before = models.DecimalField("原得分", max_digits=6, decimal_places=2)
    after = models.DecimalField("调整后", max_digits=6, decimal_places=2)
    reason = models.CharField("理由", max_length=300)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="调整人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "分数调整"
        verbose_name_plural = "分数调整"
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="adjustment_says_why", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.line} {self.before} → {self.after}"

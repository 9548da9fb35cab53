"""The plan, its goal categories, its indicators and their dated targets.

Everything here is data of one issued document. Each record carries the clause it comes from and, where the
text is doubtful, an editor's note; nothing is repaired on the issuing authority's behalf.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models import F, Q

from departments.models import Department
from harbor_plan.lib.visibility import PlanDataQuerySet
from targets.retiring import Retirable, RetiringQuerySet
from targets.terms import (
    Accumulation,
    Asked,
    Combine,
    Comparator,
    Comparison,
    ExpectedBy,
    Kind,
    Rounding,
    Span,
    Strength,
    TargetState,
    outside_plan,
)


class Plan(models.Model):
    """One issued action plan with the thresholds its lights are judged by (percentage points behind schedule)."""

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=60)
    doc_no = models.CharField("文号", max_length=60, blank=True)
    issued_on = models.DateField("印发日期")
    starts_on = models.DateField("起始日期")
    ends_on = models.DateField("终止日期")
    office = models.ForeignKey(
        Department, verbose_name="牵头办公室", on_delete=models.PROTECT, related_name="plans_run"
    )
    behind_above = models.DecimalField(
        "黄灯：落后超过（百分点）", max_digits=5, decimal_places=2, default=Decimal(0)
    )
    late_above = models.DecimalField(
        "红灯：落后超过（百分点）", max_digits=5, decimal_places=2, default=Decimal(10)
    )
    has_demo_data = models.BooleanField("含演示数据", default=False, editable=False)
    note = models.CharField("校注", max_length=500, blank=True)

    objects: PlanDataQuerySet[Plan] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "方案"
        verbose_name_plural = "方案"
        ordering = ["-starts_on", "code"]
        constraints = [
            models.CheckConstraint(
                name="plan_dates_in_order",
                violation_error_message="终止日期应晚于起始日期。",
                condition=Q(starts_on__lt=F("ends_on")),
            ),
            models.CheckConstraint(
                name="plan_thresholds_in_order",
                violation_error_message="红灯界限不能小于黄灯界限，两者都不能小于 0。",
                condition=Q(behind_above__gte=0) & Q(late_above__gte=F("behind_above")),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def years(self) -> range:
        """The calendar years the plan runs through."""
        return range(self.starts_on.year, self.ends_on.year + 1)

    def check_day(self, field: str, day: date | None) -> None:
        """Raises ValidationError for the field when nothing can fall due that day."""
        if day is not None and (reason := outside_plan(day, self.starts_on, self.ends_on)):
            raise ValidationError({field: reason})


class GoalCategory(Retirable):
    """One of the plan's kinds of goal (目标类别)."""

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="goals")
    no = models.PositiveSmallIntegerField("序号")
    name = models.CharField("名称", max_length=60)
    clause = models.CharField("条款", max_length=40)
    note = models.CharField("校注", max_length=500, blank=True)

    objects: RetiringQuerySet[GoalCategory] = RetiringQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "目标类别"
        verbose_name_plural = "目标类别"
        ordering = ["plan_id", "no"]
        constraints = [
            models.UniqueConstraint(
                name="goal_no_once",
                violation_error_message="本方案已有同一序号的目标类别。",
                fields=["plan", "no"],
            )
        ]

    def __str__(self) -> str:
        return self.name


class IndicatorQuerySet(RetiringQuerySet["Indicator"]):
    """Named questions about indicators."""

    def asked_in(self, quarter: int) -> IndicatorQuerySet:
        """Indicators whose reading is owed in this quarter of the year: yearly ones in the fourth."""
        return self if quarter == 4 else self.filter(asked=Asked.QUARTERLY)


class Indicator(Retirable):
    """Something measured or judged, with a unit and a rule (design: the arithmetic)."""

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="indicators")
    goal = models.ForeignKey(
        GoalCategory,
        verbose_name="目标类别",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="indicators",
        help_text="只在专项行动中提出的指标没有目标类别",
    )
    code = models.CharField("代码", max_length=40)
    name = models.CharField("名称", max_length=120)
    order = models.PositiveIntegerField("排序", default=0)
    unit = models.CharField("单位", max_length=30, blank=True)
    decimals = models.PositiveSmallIntegerField("小数位", default=2)
    kind = models.CharField("性质", max_length=20, choices=Kind.choices)
    accumulation = models.CharField("填报口径", max_length=20, choices=Accumulation.choices)
    combine = models.CharField("合成方法", max_length=10, choices=Combine.choices, default=Combine.LAST)
    span = models.CharField("考察跨度", max_length=30, choices=Span.choices, default=Span.CALENDAR_YEAR)
    asked = models.CharField("填报频次", max_length=10, choices=Asked.choices, default=Asked.QUARTERLY)
    holds = models.BooleanField(
        "保持类", default=False, help_text="每个应填期都要达标，一期不达标即当年不达标"
    )
    numerator_name = models.CharField("分子", max_length=100, blank=True)
    denominator_name = models.CharField("分母", max_length=100, blank=True)
    levels = models.JSONField(
        "等级名称", default=list, blank=True, help_text="定性分级、交付成果填报的等级，由低到高，从 0 起"
    )
    rounding = models.CharField("修约方法", max_length=10, choices=Rounding.choices, default=Rounding.HALF_UP)
    comparison = models.CharField(
        "比较方法", max_length=10, choices=Comparison.choices, default=Comparison.EXACT
    )
    expected_by = models.CharField(
        "应达值",
        max_length=12,
        choices=ExpectedBy.choices,
        default=ExpectedBy.MILESTONE,
        help_text="有年度、季度计划值的先按计划值；没有的按这里的选择",
    )
    baseline = models.DecimalField("基期值", max_digits=18, decimal_places=4, null=True, blank=True)
    baseline_year = models.PositiveSmallIntegerField("基期年份", null=True, blank=True)
    baseline_source = models.CharField("基期来源", max_length=200, blank=True)
    data_department = models.ForeignKey(
        Department,
        verbose_name="数据单位",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="indicators_owed",
    )
    data_department_is_proposed = models.BooleanField("数据单位待确认", default=True)
    clauses = models.JSONField("条款", default=list, help_text="出处列表，合并的同一事项可有多处")
    note = models.CharField("校注", max_length=1000, blank=True)

    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = "指标"
        verbose_name_plural = "指标"
        ordering = ["plan_id", "order", "id"]
        constraints = [
            models.UniqueConstraint(
                name="indicator_code_once",
                violation_error_message="本方案已有同一代码的指标。",
                fields=["plan", "code"],
            ),
            models.CheckConstraint(
                name="indicator_parts_named",
                violation_error_message="按分子分母合成的指标，须写明分子和分母各是什么。",
                condition=~Q(combine=Combine.PARTS) | (~Q(numerator_name="") & ~Q(denominator_name="")),
            ),
            models.CheckConstraint(
                name="indicator_decimals_sane",
                violation_error_message="小数位最多 4 位。",
                condition=Q(decimals__lte=4),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def level_name(self, value: Decimal | None) -> str:
        """What a value is called where the plan describes levels; empty where it is a plain number or out of them."""
        if value is None or not self.levels or value % 1 or not 0 <= value < len(self.levels):
            return ""
        return str(self.levels[int(value)])

    @property
    def in_parts(self) -> bool:
        """Whether a reading is entered as numerator and denominator (rates are summed by parts, never averaged)."""
        return self.combine == Combine.PARTS


class Target(Retirable):
    """One dated requirement on an indicator. Two milestones of one quantity are two targets, never added.

    What becomes of a requirement (assigned, revised, its condition decided) is a row of its own that `supersedes` the
    one before and is in force from the quarter beginning on `effective_from`; see `targets.life`. What the plan came
    with is in force from the beginning, was always known, and has neither `effective_from` nor `at`.
    """

    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", on_delete=models.PROTECT, related_name="targets"
    )
    due_on = models.DateField("期限", help_text="含当日")
    comparator = models.CharField("比较", max_length=10, choices=Comparator.choices)
    value = models.DecimalField("目标值", max_digits=18, decimal_places=4, null=True, blank=True)
    low = models.DecimalField("下限", max_digits=18, decimal_places=4, null=True, blank=True)
    high = models.DecimalField("上限", max_digits=18, decimal_places=4, null=True, blank=True)
    tolerance = models.DecimalField(
        "容差",
        max_digits=18,
        decimal_places=4,
        null=True,
        blank=True,
        help_text="“左右”“稳定在”的允许偏差，由牵头办公室设定",
    )
    strength = models.CharField("约束强度", max_length=10, choices=Strength.choices)
    state = models.CharField("状态", max_length=12, choices=TargetState.choices)
    condition = models.CharField("前提条件", max_length=300, blank=True)
    condition_holds = models.BooleanField("条件是否成立", null=True, blank=True)
    condition_decided_by = models.CharField("条件认定人", max_length=100, blank=True)
    doc_no = models.CharField("下达文号", max_length=100, blank=True)
    doc_on = models.DateField("下达日期", null=True, blank=True)
    reason = models.CharField("调整理由", max_length=300, blank=True)
    clause = models.CharField("条款", max_length=40)
    note = models.CharField("校注", max_length=500, blank=True)
    supersedes = models.OneToOneField(
        "self",
        verbose_name="取代",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="superseded_by",
    )
    effective_from = models.DateField("自此季度起", null=True, blank=True, editable=False)
    paper = models.ForeignKey(
        "targets.Paper",
        verbose_name="下达文件",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField("登记时间", null=True, blank=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记人",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects: RetiringQuerySet[Target] = RetiringQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "目标值"
        verbose_name_plural = "目标值"
        ordering = ["indicator_id", "due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                name="target_once_a_date",
                violation_error_message="该指标已有同一期限、条款和状态的目标值。",
                fields=["indicator", "due_on", "clause", "state"],
                condition=Q(at=None),
            ),
            models.CheckConstraint(
                name="target_change_is_dated",
                condition=Q(at=None, effective_from=None) | Q(at__isnull=False, effective_from__isnull=False),
            ),
            models.CheckConstraint(
                name="target_value_fits_comparator",
                violation_error_message="目标值与比较方式不符：区间只填下限和上限，上限不低于下限；其余只填目标值；待下达的都留空。",
                condition=Q(state=TargetState.PENDING, value=None, low=None, high=None)
                | (
                    ~Q(state=TargetState.PENDING)
                    & (
                        Q(comparator=Comparator.RANGE, value=None, low__isnull=False, high__gte=F("low"))
                        | (~Q(comparator=Comparator.RANGE) & Q(value__isnull=False, low=None, high=None))
                    )
                ),
            ),
            models.CheckConstraint(
                name="target_tolerance_not_negative",
                violation_error_message="容差不能小于 0。",
                condition=Q(tolerance=None) | Q(tolerance__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.due_on}"

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """No form has `at`, and not every form `state`; without them the constraints would not be checked."""
        super().validate_constraints(set(exclude or ()) - {"at", "state"})

    def clean(self) -> None:
        if self.indicator_id:
            self.indicator.plan.check_day("due_on", self.due_on)


class PlanValue(models.Model):
    """What an indicator should have reached by a date (年度分解): the explicit expected value."""

    indicator = models.ForeignKey(
        Indicator, verbose_name="指标", on_delete=models.PROTECT, related_name="plan_values"
    )
    on = models.DateField("日期")
    value = models.DecimalField("计划值", max_digits=18, decimal_places=4)
    source = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = "计划值"
        verbose_name_plural = "计划值"
        ordering = ["indicator_id", "on"]
        constraints = [
            models.UniqueConstraint(
                name="plan_value_once_a_date",
                violation_error_message="该指标在这一天已有计划值。",
                fields=["indicator", "on"],
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.on}"

    def clean(self) -> None:
        """The indicator may be new itself, and not know its plan yet."""
        try:
            plan = self.indicator.plan
        except ObjectDoesNotExist:
            return
        plan.check_day("on", self.on)

"""The plan, its goals, indicators and targets in the administration."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.admin import AuditedAdmin, GlanceBelow, RowsBelow, in_words
from audit.exchange import ExchangeAdmin
from harbor_plan.lib.listing_field import ListingField
from targets.models import GoalCategory, Indicator, Plan, PlanValue, Target
from targets.resources import IndicatorResource, TargetResource


@admin.register(Plan)
class PlanAdmin(AuditedAdmin):
    """The plan's own data and the thresholds its lights began with."""

    list_display = (
        "name",
        "code",
        "issued_on",
        "starts_on",
        "ends_on",
        "office",
        "behind_above",
        "late_above",
    )
    list_select_related = ("office",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "code",
                    "name",
                    "short_name",
                    "doc_no",
                    "issued_on",
                    "starts_on",
                    "ends_on",
                    "office",
                )
            },
        ),
        (
            "亮灯阈值",
            {
                "fields": ("behind_above", "late_above"),
                "description": "这里是方案开始时的阈值；以后的变更在“管理”下的“亮灯阈值”中预览后修改。",
            },
        ),
        ("校注", {"fields": ("note",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> tuple[str, ...]:
        """Once the plan is there, other thresholds are a change with a preview and a reason."""
        return ("behind_above", "late_above") if obj else ()


@admin.register(GoalCategory)
class GoalCategoryAdmin(AuditedAdmin):
    list_display = ("name", "no", "plan", "clause")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("name", "clause")


class IndicatorForm(forms.ModelForm):
    """An indicator with its lists as lines of text."""

    levels = ListingField(
        most=30,
        required=False,
        label="等级名称",
        help_text="定性分级、交付成果填报的等级，由低到高，从 0 起，用分号隔开",
    )
    clauses = ListingField(most=40, label="条款", help_text="出处，多处用分号隔开")

    class Meta:
        model = Indicator
        fields = "__all__"  # noqa: DJ007 - the fieldsets of the administration say which


class TargetsBelow(GlanceBelow):
    model = Target
    fields = readonly_fields = ("due_on", "comparator", "value", "low", "high", "strength", "state", "clause")
    named_by = ("indicator",)


class PlanValuesBelow(RowsBelow):
    """The values an indicator should have reached by a date."""

    model = PlanValue
    extra = 1
    named_by = ("indicator",)


@admin.register(Indicator)
class IndicatorAdmin(ExchangeAdmin):
    """A proposed data department is confirmed by clearing its mark (filter 数据单位待确认)."""

    form = IndicatorForm
    resource_classes = [IndicatorResource]
    inlines = [TargetsBelow, PlanValuesBelow]
    list_display = (
        "code",
        "name",
        "unit",
        "kind",
        "asked",
        in_words("holds", "保持类", "是"),
        "goal",
        "data_department",
        in_words("data_department_is_proposed", "数据单位待确认", "待确认"),
    )
    list_display_links = ("code", "name")
    list_filter = ("plan", "data_department_is_proposed", "goal", "kind", "asked", "holds", "data_department")
    list_select_related = ("plan", "goal", "data_department")
    list_per_page = 50
    search_fields = ("code", "name", "note")
    fieldsets = (
        (None, {"fields": ("plan", "goal", "code", "name", "order", "unit", "decimals", "clauses")}),
        (
            "填报与合成",
            {
                "fields": (
                    "kind", "levels", "accumulation", "asked", "combine", "numerator_name", "denominator_name", "span",
                    "holds", "data_department", "data_department_is_proposed",
                )
            },
        ),
        (
            "判定",
            {
                "fields": (
                    "comparison", "rounding", "expected_by", "baseline", "baseline_year", "baseline_source",
                )
            },
        ),
        ("校注", {"fields": ("note",)}),
    )  # fmt: skip


#: What the steps in a target's life change.
_STEPS = ("tolerance", "state", "doc_no", "doc_on", "reason", "condition_holds", "condition_decided_by")


@admin.register(Target)
class TargetAdmin(ExchangeAdmin):
    """Dated requirements. An assigned or revised value is a row of its own; the earlier one is kept."""

    resource_classes = [TargetResource]
    list_display = (
        "code", "indicator", "due_on", "comparator", "value", "low", "high", "unit", "strength", "state", "clause",
    )  # fmt: skip
    list_display_links = ("code", "indicator")
    list_filter = ("state", "strength", "due_on", "condition_holds", "indicator__plan", "indicator__goal")
    list_select_related = ("indicator__plan",)
    list_per_page = 50
    search_fields = ("indicator__code", "indicator__name", "clause", "note")
    ordering = ("indicator__plan", "indicator__order", "due_on", "id")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "indicator",
                    "due_on",
                    "comparator",
                    "value",
                    "low",
                    "high",
                    "tolerance",
                    "strength",
                ),
                "description": "这里只改录入的差错，汇总数字在下一次核对时（半小时内）重算。下达、暂定、调整、认定条件、设定容差在“管理”下的“待办目标”中预览后办理；办理过的在这里只能查看。",
            },
        ),
        ("状态与依据", {"fields": ("state", "doc_no", "doc_on", "reason")}),
        ("前提条件", {"fields": ("condition", "condition_holds", "condition_decided_by")}),
        ("出处", {"fields": ("clause", "note")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Target | None = None) -> tuple[str, ...]:
        """Once the target is there, a step in its life is a change with a preview, and keeps the row before it."""
        return _STEPS if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Target | None = None) -> bool:
        """What was recorded while the plan runs is kept as it is."""
        return super().has_change_permission(request, obj) and (obj is None or obj.at is None)

    def has_delete_permission(self, request: HttpRequest, obj: Target | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.at is None)

    def get_export_queryset(self, *args: Any, **kwargs: Any) -> QuerySet[Target]:
        """The targets the plan came with, as the import knows them."""
        found: QuerySet[Target] = super().get_export_queryset(*args, **kwargs)
        return found.filter(at=None)

    @admin.display(description="代码", ordering="indicator__code")
    def code(self, target: Target) -> str:
        return target.indicator.code

    @admin.display(description="单位")
    def unit(self, target: Target) -> str:
        return target.indicator.unit

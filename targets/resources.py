"""Indicators and targets as tables that go out and come back.

An indicator is known by its plan and code; a target by its indicator, due date, clause and state, because an
assigned or revised value is a row of its own and the earlier one is kept.
"""

from django.db.models import QuerySet
from import_export.fields import Field

from departments.resources import by_name
from harbor_plan.lib.exchange import Listing, Reference, TableResource, Text, reference
from targets.models import GoalCategory, Indicator, Plan, Target

PLAN = "方案"


def plan_by_code() -> Reference:
    """The column that names the plan by its code."""
    return Reference(
        "方案", Plan.objects.all, lambda plan: plan.code, name=lambda plan: plan.code, required=True
    )


def indicator_by_code(*, required: bool = True) -> Reference:
    """A column that names an indicator by its code within the plan of the row."""
    return Reference(
        "指标",
        lambda: Indicator.objects.select_related("plan"),
        lambda indicator: (indicator.plan.code, indicator.code),
        name=lambda indicator: indicator.code,
        scope=PLAN,
        required=required,
    )


def _goal_by_no() -> Reference:
    return Reference(
        "目标类别",
        lambda: GoalCategory.objects.select_related("plan"),
        lambda goal: (goal.plan.code, str(goal.no)),
        name=lambda goal: str(goal.no),
        scope=PLAN,
    )


class IndicatorResource(TableResource):
    plan = reference("plan", PLAN, plan_by_code())
    goal = reference("goal", "目标类别序号", _goal_by_no())
    data_department = reference("data_department", "数据单位", by_name("责任单位"))
    levels = Field("levels", "等级名称", Listing(30))
    clauses = Field("clauses", "条款", Listing(40, required=True))

    class Meta(TableResource.Meta):
        model = Indicator
        import_id_fields = ("plan", "code")
        fields = (
            "plan", "goal", "code", "name", "order", "unit", "decimals", "kind", "accumulation", "combine", "span",
            "asked", "holds", "numerator_name", "denominator_name", "levels", "rounding", "comparison",
            "expected_by", "baseline", "baseline_year", "baseline_source", "data_department",
            "data_department_is_proposed", "clauses", "note",
        )  # fmt: skip


class TargetResource(TableResource):
    plan = Field("indicator__plan__code", PLAN, Text(40, required=True), readonly=True)
    indicator = reference("indicator", "指标代码", indicator_by_code())
    indicator_name = Field("indicator__name", "指标名称", Text(120), readonly=True)

    def get_queryset(self) -> QuerySet[Target]:
        """The targets the plan came with; what was recorded since is no table that comes back."""
        return Target.objects.filter(at=None)

    class Meta(TableResource.Meta):
        model = Target
        import_id_fields = ("plan", "indicator", "due_on", "clause", "state")
        fields = (
            "plan", "indicator", "indicator_name", "due_on", "comparator", "value", "low", "high", "tolerance",
            "strength", "state", "condition", "condition_holds", "condition_decided_by", "doc_no", "doc_on", "reason",
            "clause", "note",
        )  # fmt: skip

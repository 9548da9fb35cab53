"""Tasks, the responsibility table and milestones in the administration."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

import actions.admin  # noqa: F401 - registers the tables that are put under one roof below
import targets.admin  # noqa: F401
from actions.models import SpecialAction
from audit.admin import AuditedAdmin, GlanceBelow
from audit.exchange import ExchangeAdmin
from targets.models import GoalCategory, Indicator, Plan, Target
from tasks.models import Milestone, Responsibility, Role, Task
from tasks.resources import ResponsibilityResource, TaskResource
from tasks.revised_admin import revise


class NumberedTasks(admin.ModelAdmin):
    """The choice of a task shows its number, which stands with its action."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "task":
            kwargs["queryset"] = Task.objects.select_related("action")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class LeadFilter(admin.SimpleListFilter):
    """Tasks by the department that leads them."""

    title = "牵头单位"
    parameter_name = "lead"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        rows = Responsibility.objects.filter(role=Role.LEAD).order_by("department__order")
        pairs = rows.values_list("department_id", "department__name").distinct()
        return [(str(pk), name) for pk, name in dict(pairs).items()]

    def queryset(self, request: Any, queryset: QuerySet[Task]) -> QuerySet[Task]:
        value = self.value()
        if not value or not value.isdecimal():
            return queryset
        led = Responsibility.objects.filter(role=Role.LEAD, department_id=int(value))
        return queryset.filter(pk__in=led.values("task_id"))


class ResponsibilitiesBelow(GlanceBelow):
    model = Responsibility
    fields = readonly_fields = ("order", "department", "role", "valid_from", "valid_to", "note")
    named_by = ("department", "task__action")
    ordering = ("order",)


class MilestonesBelow(GlanceBelow):
    model = Milestone
    fields = readonly_fields = ("no", "name", "due_on", "strength", "clause")


@admin.register(Task)
class TaskAdmin(ExchangeAdmin):
    resource_classes = [TaskResource]
    inlines = [ResponsibilitiesBelow, MilestonesBelow]
    list_display = ("number", "title", "lead", "indicator_codes", "clause")
    list_display_links = ("number", "title")
    list_filter = ("action__plan", "action", LeadFilter)
    list_select_related = ("action__plan",)
    list_per_page = 50
    search_fields = ("title", "annex_title", "clause", "note")
    ordering = ("action__plan", "action__no", "no")
    filter_horizontal = ("indicators",)
    fieldsets = (
        (None, {"fields": ("action", "no", "title", "annex_title", "clause", "note")}),
        ("载明的指标", {"fields": ("indicators",)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        leads = Responsibility.objects.filter(role=Role.LEAD, valid_to=None).select_related("department")
        indicators = Indicator.objects.select_related("plan").order_by("order")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("responsibilities", leads, to_attr="leads_now"), Prefetch("indicators", indicators)
            )
        )

    @admin.display(description="编号", ordering="action__no")
    def number(self, task: Task) -> str:
        return task.number

    @admin.display(description="牵头单位")
    def lead(self, task: Any) -> str:
        return "、".join(row.department.name for row in task.leads_now)

    @admin.display(description="指标")
    def indicator_codes(self, task: Task) -> str:
        return "、".join(indicator.code for indicator in task.indicators.all())


@admin.register(Responsibility)
class ResponsibilityAdmin(NumberedTasks, ExchangeAdmin):
    """The table as the annex prints it. A change of who answers ends the old row by a date and begins a new one."""

    resource_classes = [ResponsibilityResource]
    list_display = ("number", "title", "department", "role", "order", "valid_from", "valid_to", "note")
    list_display_links = ("number", "title")
    list_filter = ("task__action__plan", "role", "task__action", "department")
    list_select_related = ("task__action__plan", "department")
    list_per_page = 50
    search_fields = ("task__title", "task__annex_title", "department__name", "note")
    ordering = ("task__action__plan", "task__action__no", "task__no", "order")
    fields = ("task", "department", "role", "order", "valid_from", "valid_to", "note")

    @admin.display(description="编号", ordering="task__action__no")
    def number(self, row: Responsibility) -> str:
        return row.task.number

    @admin.display(description="任务")
    def title(self, row: Responsibility) -> str:
        return row.task.title


@admin.register(Milestone)
class MilestoneAdmin(NumberedTasks, AuditedAdmin):
    list_display = ("number", "no", "name", "due_on", "strength", "clause")
    list_display_links = ("number", "name")
    list_filter = ("task__action__plan", "due_on", "strength", "task__action")
    list_select_related = ("task__action",)
    list_per_page = 50
    search_fields = ("name", "clause", "note")
    fields = ("task", "no", "name", "due_on", "strength", "condition", "clause", "note")

    @admin.display(description="任务编号", ordering="task__action__no")
    def number(self, milestone: Milestone) -> str:
        return milestone.task.number


revise(Plan, "plan", "code")
revise(GoalCategory, "goals", "plan", "no")
revise(Indicator, "indicators", "plan", "code")
revise(Target, "targets", "indicator")
revise(SpecialAction, "actions", "plan", "no")
revise(Task, "tasks", "action", "no")
revise(Responsibility, "responsibilities")
revise(Milestone, "milestones", "task", "no")

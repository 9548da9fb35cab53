"""Tasks and the responsibility table as tables that go out and come back; a task is known by its plan and number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from import_export.fields import Field

from actions.models import SpecialAction
from departments.resources import by_name
from harbor_plan.lib.cells import BadCell
from harbor_plan.lib.exchange import Reference, References, TableResource, Text, reference
from targets.models import Indicator
from targets.resources import PLAN, indicator_by_code
from tasks.models import Responsibility, Task

NUMBER = re.compile(r"([1-9][0-9]{0,2})\.([1-9][0-9]{0,2})")


class NumberField(Field):
    """The number people use, e.g. 4.3: which action, and which of its tasks."""

    def __init__(self, title: str) -> None:
        super().__init__("no", title, Text(10, required=True))
        self.actions = Reference(
            "专项行动",
            lambda: SpecialAction.objects.select_related("plan"),
            lambda action: (action.plan.code, str(action.no)),
            scope=PLAN,
        )

    def parts(self, row: Mapping[str, str]) -> tuple[Any, int]:
        """The action and the task's place in it. Raises ValueError."""
        text = self.clean(row)
        match = NUMBER.fullmatch(text)
        if not match:
            raise BadCell(f"“{text}”不是任务编号；请写成 4.3 的形式，单元格设为文本")
        return self.actions.clean(match[1], row), int(match[2])

    def save(self, instance: Any, row: Mapping[str, str], is_m2m: bool = False, **kwargs: Any) -> None:
        instance.action, instance.no = self.parts(row)

    def get_value(self, instance: Any) -> str | None:
        return instance.number if instance.action_id and instance.no else None


class TaskResource(TableResource):
    plan = Field("action__plan__code", PLAN, Text(40, required=True), readonly=True)
    number = NumberField("编号")
    indicators = Field("indicators", "指标代码", References(Indicator, indicator_by_code()))

    class Meta(TableResource.Meta):
        model = Task
        import_id_fields = ("plan", "number")
        fields = ("plan", "number", "title", "annex_title", "clause", "note", "indicators")

    def get_instance(self, instance_loader: Any, row: Mapping[str, str]) -> Task | None:
        """The task with this number; none where the number cannot be read, which is said when the columns are."""
        try:
            action, no = self.fields["number"].parts(row)
        except ValueError:
            return None
        return Task.objects.filter(action=action, no=no).select_related("action__plan").first()

    def validate_instance(
        self, instance: Task, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """A number that cannot be read leaves the task without its action, too; that is said once."""
        errors = dict(import_validation_errors or {})
        if "no" in errors:
            errors.setdefault("action", [])
        super().validate_instance(instance, errors, validate_unique)


class ResponsibilityResource(TableResource):
    plan = Field("task__action__plan__code", PLAN, Text(40, required=True), readonly=True)
    task = reference(
        "task",
        "任务编号",
        Reference(
            "任务",
            lambda: Task.objects.select_related("action__plan"),
            lambda task: (task.action.plan.code, task.number),
            name=lambda task: task.number,
            scope=PLAN,
            required=True,
        ),
    )
    task_title = Field("task__title", "任务", Text(120), readonly=True)
    department = reference("department", "责任单位", by_name("责任单位", required=True))

    class Meta(TableResource.Meta):
        model = Responsibility
        import_id_fields = ("plan", "task", "department", "valid_from")
        fields = (
            "plan", "task", "task_title", "department", "role", "order", "valid_from", "valid_to", "note",
        )  # fmt: skip

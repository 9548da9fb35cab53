"""Input of the supervision pages: the desk's filter and whom to remind."""

from __future__ import annotations

from typing import Any

from django import forms

from departments.models import Department
from departments.models import Kind as DepartmentKind
from supervision.matrix import Matrix, Shown, select
from targets.models import Plan
from tasks.models import Task


class DeskFilter(forms.Form):
    """Which part of the matrix to show. Anything unknown shows all."""

    SHOWS = (("", "全部"), ("missing", "未报"), ("returned", "被退回"), ("waiting", "待审"))

    show = forms.ChoiceField(required=False, choices=SHOWS)
    kind = forms.ChoiceField(label="单位类别", required=False)
    action = forms.TypedChoiceField(label="专项行动", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, matrix: Matrix) -> None:
        super().__init__(data)
        self.matrix = matrix
        kinds = {row.filing.department.kind for row in matrix.rows}
        self._choose(
            "kind", [("", "全部"), *(choice for choice in DepartmentKind.choices if choice[0] in kinds)]
        )
        bands = [(band.no, f"{band.numeral}、{band.name}") for band in matrix.bands]
        self._choose("action", [("", "全部"), *bands])

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.widget.attrs["data-autosubmit"] = True

    def shown(self) -> Shown:
        """The rows and columns that are wanted."""
        data = self.cleaned_data if self.is_valid() else {}
        return select(
            self.matrix, group=data.get("show", ""), kind=data.get("kind", ""), action=data.get("action")
        )


class RemindForm(forms.Form):
    """Whom to remind: the department of one row, all that the page listed as missing, or whoever owes for one task."""

    department = forms.ModelMultipleChoiceField(
        queryset=Department.objects.all(),
        required=False,
        error_messages={
            "invalid_choice": "所选单位不存在，请刷新页面后重选。",
            "invalid_pk_value": "所选单位不存在，请刷新页面后重选。",
        },
    )
    task = forms.ModelChoiceField(
        queryset=Task.objects.none(),
        required=False,
        error_messages={"invalid_choice": "所选任务不存在，请刷新页面后重选。"},
    )

    def __init__(self, data: Any, *, plan: Plan) -> None:
        super().__init__(data)
        field = self.fields["task"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Task.objects.filter(action__plan=plan).select_related("action")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if not self.errors and not data.get("department") and not data.get("task"):
            raise forms.ValidationError("没有选定要催办的单位。")
        return data

    def chosen(self) -> dict[str, Any]:
        """What the service is asked for: departments (None is all) and task."""
        data = self.cleaned_data
        return {"departments": data["department"] or None, "task": data["task"]}

    @property
    def sentence(self) -> str:
        """Why it cannot be accepted."""
        return str(next(iter(self.errors.values()))[0])

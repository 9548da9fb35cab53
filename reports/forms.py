"""Input of the pages of figures: filters and the words a correction needs."""

from __future__ import annotations

from typing import Any

from django import forms

from departments.models import Department
from reports.queries.responsibilities import Filter
from targets.terms import Standing
from tasks.models import Role


class ResponsibilityFilter(forms.Form):
    """The filter above the responsibility table; lives in the address, so that a view can be sent to a colleague."""

    department = forms.ModelChoiceField(
        Department.objects.none(), required=False, label="单位", empty_label="全部单位"
    )
    role = forms.ChoiceField(choices=[("", "牵头和配合"), *Role.choices], required=False, label="角色")
    standing = forms.ChoiceField(choices=[("", "全部亮灯"), *Standing.choices], required=False, label="亮灯")
    text = forms.CharField(required=False, label="任务", max_length=60)
    on = forms.DateField(required=False, label="生效日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["text"].widget.attrs["placeholder"] = "编号或文字"

    def chosen(self) -> Filter:
        """The filter as typed; a part that is no valid value does not filter and is marked beside its field."""
        self.full_clean()
        data = getattr(self, "cleaned_data", {})
        department = data.get("department")
        return Filter(
            department=department.pk if department else None,
            role=data.get("role") or "",
            standing=data.get("standing") or "",
            text=(data.get("text") or "").strip(),
            on=data.get("on"),
        )


class ReasonForm(forms.Form):
    """Why a further version is published."""

    reason = forms.CharField(
        label="更正理由",
        max_length=300,
        error_messages={"required": "请写明更正理由，通报和历史记录都会引用。"},
    )

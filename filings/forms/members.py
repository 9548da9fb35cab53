"""Input of naming a group's members: which units, who leads where the group leads, from which day."""

from __future__ import annotations

from typing import Any

from django import forms

from departments.models import Department, Kind
from filings.forms.windows import day_field


class MembersForm(forms.Form):
    """Members of one group; `lead` is asked only where the group leads a task."""

    members = forms.ModelMultipleChoiceField(
        label="成员单位",
        queryset=Department.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请至少选择一个成员单位。",
            "invalid_choice": "所选单位不能作为成员单位，请重新选择。",
            "invalid_pk_value": "所选单位不存在，请刷新页面后重选。",
        },
    )
    lead = forms.ModelChoiceField(
        label="由谁牵头",
        queryset=Department.objects.none(),
        required=False,
        empty_label="请选择",
        error_messages={"invalid_choice": "所选单位不能牵头，请重新选择。"},
    )
    on = day_field("生效")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = (
            Department.objects.filter(owes=True, valid_to=None)
            .exclude(kind=Kind.GROUP)
            .order_by("order", "id")
        )
        for name in ("members", "lead"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = units

    def values(self) -> dict[str, Any]:
        """What `preview` takes."""
        data = self.cleaned_data
        return {"members": list(data["members"]), "lead": data["lead"], "on": data["on"]}

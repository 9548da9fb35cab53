"""Input of reorganisations: an operation to prepare, and who takes what of a divided unit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from departments.models import Department, Kind, Succession, SuccessionKind
from filings.forms.windows import day_field
from harbor_plan.lib.fields import LineField, WordsField
from reports.reorganisation.passing import Thing
from reports.reorganisation.preparing import NAME_LONGEST, Draft, NewUnit

_UNKNOWN = {
    "invalid_choice": "所选单位不在列表中，请重新选择。",
    "invalid_pk_value": "所选单位不存在，请刷新页面后重选。",
}


class SuccessionForm(forms.Form):
    """One operation. New units are named one a line; all of them are of one kind."""

    kind = forms.ChoiceField(label="类型", choices=SuccessionKind.choices)
    effective_on = day_field("生效")
    before = forms.ModelMultipleChoiceField(
        label="原单位",
        queryset=Department.objects.none(),
        widget=forms.SelectMultiple(attrs={"size": 6}),
        error_messages={"required": "请选择原单位。"} | _UNKNOWN,
    )
    known = forms.ModelMultipleChoiceField(
        label="承接单位：已有的",
        queryset=Department.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        error_messages=_UNKNOWN,
    )
    new = WordsField(label="承接单位：新设的", rows=2, longest=10 * NAME_LONGEST)
    new_kind = forms.ChoiceField(label="新设单位的性质", choices=Kind.choices, initial=Kind.BUREAU)
    document = LineField(label="依据文件", max_length=200, required=False)
    reason = LineField(
        label="说明", max_length=300, error_messages={"required": "请写明这次变动依据什么、为什么。"}
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Department.objects.valid_on(today).exclude(kind=Kind.GROUP).order_by("order", "id")
        for name in ("before", "known"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            field.queryset = units

    def draft(self) -> Draft:
        """The operation as it was typed."""
        data = self.cleaned_data
        names = [line.strip() for line in data["new"].split("\n") if line.strip()]
        return Draft(
            kind=data["kind"],
            effective_on=data["effective_on"],
            before=tuple(data["before"]),
            known=tuple(data["known"]),
            new=tuple(NewUnit(name, data["new_kind"]) for name in names),
            document=data["document"] or "",
            reason=data["reason"],
        )


class ChoicesForm(forms.Form):
    """Who takes each thing of a unit that is split or abolished. What may end offers nobody as well."""

    def __init__(self, *args: Any, succession: Succession, things: Iterable[Thing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(unit.name, unit.name) for unit in succession.after]
        may_end = succession.kind == SuccessionKind.ABOLITION
        for thing in things:
            nobody = "不再承担" if may_end and not thing.must else "请选择"
            self.fields[thing.key] = forms.ChoiceField(
                label=thing.label,
                choices=[("", nobody), *names],
                required=False,
                initial=succession.choices.get(thing.key, ""),
                error_messages={"invalid_choice": "所选单位不是承接单位，请重新选择。"},
            )

    def chosen(self) -> dict[str, str]:
        """By the key of the thing, who takes it; what nobody was chosen for is left out."""
        return {key: name for key, name in self.cleaned_data.items() if name}

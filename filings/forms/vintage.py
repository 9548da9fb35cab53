"""A later value of a reading, with the document it comes from."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from filings.forms.entry import DayField, LineField, NumberField, WordsField, value_field
from filings.labels import label
from filings.models import Entry
from filings.terms import VintageKind


class VintageForm(forms.Form):
    """Kind, value or parts, document and remark."""

    kind = forms.ChoiceField(
        label="数据版次",
        choices=VintageKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择数据版次。", "invalid_choice": "没有这个选项，请重新选择。"},
    )
    doc_no = LineField(
        label="文号",
        max_length=100,
        error_messages={"required": "请填写核定或反馈的文号。", "max_length": "文号最多 100 字。"},
    )
    doc_on = DayField(label="文件日期")
    note = WordsField(label="说明", rows=2, longest=300)

    def __init__(self, *args: Any, entry: Entry, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"label_suffix": ""}))
        in_parts = bool(entry.indicator and entry.indicator.in_parts)
        numbers: dict[str, forms.Field] = (
            {"numerator": NumberField(), "denominator": NumberField()}
            if in_parts
            else {"value": value_field(entry)}
        )
        for name, field in numbers.items():
            field.label = label(entry, name)
        self.numbers = tuple(numbers)
        self.fields = {"kind": self.fields["kind"], **numbers, **self.fields}
        self.fields["doc_on"].required = True
        self.fields["doc_on"].error_messages["required"] = "请填写文件日期。"

    def values(self) -> dict[str, Decimal | None]:
        """What was typed as numbers, by column."""
        return {name: self.cleaned_data.get(name) for name in self.numbers}

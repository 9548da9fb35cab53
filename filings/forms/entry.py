"""Input to values. What cannot be read is handed on as it was typed, with a sentence that says what is wrong.

A draft keeps everything: `EntryForm.outcome()` gives typed values for what could be read and the raw text of what
could not, and `EntryForm.of(entry)` shows a stored entry again with both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from filings.forms.items import item_fields, rename_percent, stored_items
from filings.labels import label, unit
from filings.models import Entry
from filings.models.entry import WORDS
from filings.services.items import PREFIX
from filings.services.moves import Note
from filings.terms import EntryKind, MilestoneState, Pace, ReturnCode, ValueState
from harbor_plan.lib.fields import (
    LONGEST,
    YEARS,
    DayField,
    LineField,
    NumberField,
    WordsField,
    number_text,
    read_date,
    read_number,
    without_controls,
)
from targets.terms import Standing

__all__ = [
    "LONGEST",
    "NOTE_LONGEST",
    "RATINGS",
    "YEARS",
    "DayField",
    "EntryForm",
    "LineField",
    "NumberField",
    "SendBackForm",
    "SubmitForm",
    "VersionForm",
    "WordsField",
    "copied_over",
    "field_names",
    "number_text",
    "read_date",
    "read_number",
    "value_field",
    "without_controls",
]

NOTE_LONGEST = 1000

#: A self-rating is one of four; 无法判断 is for the system to say.
RATINGS = [choice for choice in Standing.choices if choice[0] != Standing.UNKNOWN]


def _choice(choices: Iterable[tuple[Any, Any]], widget: type[forms.Widget]) -> forms.ChoiceField:
    empty = [("", "请选择")] if widget is forms.Select else []
    message = {"invalid_choice": "没有这个选项，请重新选择。"}
    return forms.TypedChoiceField(
        required=False, choices=[*empty, *choices], widget=widget, error_messages=message
    )


def value_field(entry: Entry) -> forms.Field:
    """A number, or one of the levels that the plan describes for this indicator."""
    levels = entry.indicator.levels if entry.indicator else []
    if not levels:
        return NumberField(unit=unit(entry, "value"))
    return forms.TypedChoiceField(
        required=False,
        choices=[("", "请选择"), *((str(no), name) for no, name in enumerate(levels))],
        coerce=Decimal,
        empty_value=None,
        error_messages={"invalid_choice": "没有这个等级，请重新选择。"},
    )


def _field(entry: Entry, name: str) -> forms.Field:
    """The input of one column."""
    makers: dict[str, Any] = {
        "percent": lambda: NumberField(unit="%", low=0, high=100, places=2),
        "percent_reason": lambda: WordsField(rows=1, longest=300),
        "nothing_reason": lambda: WordsField(rows=1, longest=300),
        "self_light": lambda: _choice(RATINGS, forms.RadioSelect),
        "pace": lambda: _choice(Pace.choices, forms.Select),
        "text": lambda: WordsField(rows=3 if entry.kind == EntryKind.READING else 5),
        "next_on": DayField,
        "done_on": DayField,
        "milestone_state": lambda: _choice(MilestoneState.choices, forms.RadioSelect),
        "value_state": lambda: _choice(ValueState.choices, forms.RadioSelect),
        "value": lambda: value_field(entry),
        "numerator": NumberField,
        "denominator": NumberField,
    }
    field: forms.Field = makers.get(name, WordsField)()
    field.label = label(entry, name)
    field.widget.attrs["aria-describedby"] = f"notes-{name}"
    return field


def field_names(entry: Entry) -> list[str]:
    """The inputs of an entry in the order of the form: a rate asks for its parts, any other reading for its value."""
    in_parts = bool(entry.indicator and entry.indicator.in_parts)
    left_out = {"value"} if in_parts else {"numerator", "denominator"}
    return [name for name in entry.fields if name not in left_out]


class EntryForm(forms.Form):
    """What one entry says. Its errors are about text that cannot be read; what is missing is judged by the checks."""

    def __init__(self, data: Mapping[str, Any], *, entry: Entry) -> None:
        readable = {key: without_controls(data.get(key, "")) for key in data}
        super().__init__(readable, label_suffix="")
        self.entry = entry
        self.fields = {name: _field(entry, name) for name in field_names(entry)} | item_fields(entry)
        rename_percent(entry, self.fields)

    @classmethod
    def of(cls, entry: Entry) -> EntryForm:
        """The form as the entry stands, text that could not be read included."""
        stored = {name: _shown(getattr(entry, name)) for name in field_names(entry)}
        return cls(stored | stored_items(entry) | entry.unparsed, entry=entry)

    def clean(self) -> dict[str, Any]:
        """A number typed without a choice means 有数据; a number beside 本期无数据 contradicts it."""
        values = self.cleaned_data
        if self.entry.kind != EntryKind.READING:
            return values
        typed = [name for name in ("value", "numerator", "denominator") if self.data.get(name, "").strip()]
        if values.get("value_state") == ValueState.NO_DATA:
            for name in typed:
                if name not in self.errors:
                    self.add_error(name, "已选“本期无数据”，这里不能有数；确有数据的请改选“有数据”。")
        elif typed and values.get("value_state") == "":
            values["value_state"] = ValueState.VALUE.value
        return values

    def outcome(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Typed values by column (an unreadable one is empty), and the raw text of what could not be read."""
        unread = {name: str(self.data.get(name, "")) for name in self.errors if name in self.fields}
        empty = {name: getattr(self.fields[name], "empty_value", None) for name in unread}
        values = {**self.cleaned_data, **empty}
        absent = [name for name in values if name.startswith(PREFIX) and name not in self.data]
        for name in absent:  # a page from before the annual plan was approved says nothing of its items
            del values[name]
        return values, unread

    def typed(self) -> dict[str, str]:
        """What stands in the inputs, by field."""
        return {name: str(self.data.get(name, "")) for name in self.fields}


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    return value.isoformat() if isinstance(value, date) else value or ""


def copied_over(typed: Mapping[str, str], before: Entry | None, wanted: str) -> dict[str, str]:
    """Last quarter's running text for the field `wanted`, or for every empty one ("all"), if it was sent.

    A field that has words already gets last quarter's after them; nothing typed is lost.
    """
    if before is None or before.filing.first_submitted_at is None:
        return {}
    copies = {}
    for name in typed:
        words = getattr(before, name) if name in WORDS and name in before.fields else ""
        own = typed[name].strip()
        if words and (wanted == name or (wanted == "all" and not own)):
            copies[name] = f"{own}\n{words}" if own else words
    return copies


class VersionForm(forms.Form):
    """The version of an entry that the writer had on screen; without a readable one it counts as an old one."""

    version = forms.IntegerField(min_value=0, required=False)

    def seen(self) -> int:
        """The version, or −1, which no entry has."""
        version = self.cleaned_data.get("version") if self.is_valid() else None
        return -1 if version is None else int(version)


class SubmitForm(forms.Form):
    """Who in the department has checked the filing before it goes to the approver."""

    checked_by = LineField(
        label="单位审核人",
        max_length=60,
        error_messages={"required": "请填写单位审核人姓名后再提交。", "max_length": "姓名最多 60 字。"},
    )


class SendBackForm(forms.Form):
    """Several entries of one filing to send back, each with code and note; an entry left blank is not meant.

    The inputs stand in the entries and belong to the form element `html_id`.
    """

    html_id = "send-back"

    def __init__(self, data: Mapping[str, Any] | None = None, *, entries: Iterable[Entry]) -> None:
        super().__init__(data)
        self.entries = list(entries)
        for entry in self.entries:
            self.fields[f"code_{entry.pk}"] = _choice(ReturnCode.choices, forms.Select)
            self.fields[f"note_{entry.pk}"] = WordsField(longest=NOTE_LONGEST)
        for field in self.fields.values():
            field.widget.attrs["form"] = self.html_id

    def clean(self) -> dict[str, Any]:
        """Each entry that has one of code and note needs the other."""
        for entry in self.entries:
            code, note = self.cleaned_data.get(f"code_{entry.pk}"), self.cleaned_data.get(f"note_{entry.pk}")
            if code and note == "":
                self.add_error(f"note_{entry.pk}", "请写明意见，填报人才知道改什么。")
            if note and code == "":
                self.add_error(f"code_{entry.pk}", "请选择退回原因。")
        return self.cleaned_data

    def notes(self) -> dict[int, Note]:
        """Code and note by entry id, of the entries that are meant."""
        return {
            entry.pk: (self.cleaned_data[f"code_{entry.pk}"], self.cleaned_data[f"note_{entry.pk}"])
            for entry in self.entries
            if self.cleaned_data.get(f"code_{entry.pk}")
        }

    def of(self, entry: Entry) -> tuple[forms.BoundField, forms.BoundField] | None:
        """The two inputs of one entry, if it can be sent back."""
        if f"code_{entry.pk}" not in self.fields:
            return None
        return self[f"code_{entry.pk}"], self[f"note_{entry.pk}"]

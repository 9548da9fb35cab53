"""Input to values. What cannot be read is handed on as it was typed, with a sentence that says what is wrong.

A draft keeps everything: `EntryForm.outcome()` gives typed values for what could be read and the raw text of what
could not, and `EntryForm.of(entry)` shows a stored entry again with both.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from filings.labels import label, plain, unit
from filings.models import Entry
from filings.services.moves import Note
from filings.terms import EntryKind, MilestoneState, Pace, ReturnCode, ValueState
from targets.measure.numbers import shortened
from targets.terms import Standing

#: Longest text of one field, in characters.
LONGEST = 5000
NOTE_LONGEST = 1000
PLACES = 4
DIGITS = 14  # before the point; the column holds 18 with the four places
YEARS = range(2000, 2100)

#: A self-rating is one of four; 无法判断 is for the system to say.
RATINGS = [choice for choice in Standing.choices if choice[0] != Standing.UNKNOWN]

_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
#: Marks that input methods write for ASCII ones and that NFKC leaves alone.
_MARKS = str.maketrans({"。": ".", "−": "-", "–": "-", "—": "-", "、": ","})
#: Characters that no page shows and no document may hold; pasting from a word processor brings some along.
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)]) | {9: "\t", 10: "\n", 11: "\n", 13: "\r"}
#: What is quoted back of a text that could not be read.
QUOTED = 20


def without_controls(text: str) -> str:
    """The text without control characters; a manual line break of a word processor becomes an ordinary one."""
    return text.translate(_CONTROLS)


def read_number(text: str, unit: str = "") -> Decimal:
    """A number as people type it: full-width digits, grouping commas, and the unit (or %) after it are understood.

    "８５％" with unit "%" is 85, "1,234.5" is 1234.5. Raises ValueError with a sentence for the person.
    """
    typed = unicodedata.normalize("NFKC", text).translate(_MARKS).replace(" ", "")
    wanted = unicodedata.normalize("NFKC", unit).replace(" ", "")
    number = typed.removesuffix(wanted) if wanted else typed
    if number.endswith("%"):
        unit = unit or "个数"
        raise ValueError(f"“{shortened(text, QUOTED)}”带了百分号，本项单位是{unit}，请核对后只填数。")
    if not _NUMBER.fullmatch(number):
        raise ValueError(f"“{shortened(text, QUOTED)}”不是数。请只填数字，例如 85 或 85.5。")
    return Decimal(number.replace(",", ""))


def read_date(text: str) -> date:
    """A day as people type it: 2021-03-20, 2021/3/20, 2021.3.20 or 2021年3月20日. Raises ValueError with a sentence."""
    typed = unicodedata.normalize("NFKC", text).translate(_MARKS).replace(" ", "")
    match = _DATE.fullmatch(typed)
    if not match:
        raise ValueError(f"“{shortened(text, QUOTED)}”不是日期。请按年-月-日填写，例如 2021-03-20。")
    year, month, day = (int(part) for part in match.groups())
    if year not in YEARS:
        raise ValueError(f"“{text}”的年份不对，请核对。")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"“{text}”没有这一天，请核对月和日。") from None


def number_text(value: Decimal | None) -> str:
    """A stored number as a field shows it, without trailing zeros."""
    return "" if value is None else f"{plain(value):f}"


class NumberField(forms.Field):
    """A decimal with the bounds of its column; `low` and `high` include themselves."""

    empty_value = None

    def __init__(
        self,
        *,
        unit: str = "",
        low: int | None = None,
        high: int | None = None,
        places: int = PLACES,
        **kwargs: Any,
    ) -> None:
        self.unit, self.low, self.high, self.places = unit, low, high, places
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            number = read_number(text, self.unit)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
        if self.low is not None and self.high is not None and not self.low <= number <= self.high:
            raise forms.ValidationError(
                f"须在 {self.low} 至 {self.high} 之间，填的是 {shortened(text, QUOTED)}，请改正。"
            )
        if abs(number) >= Decimal(10) ** DIGITS:
            raise forms.ValidationError("数太大，请核对单位后重填。")
        if plain(number) != round(number, self.places):
            raise forms.ValidationError(f"最多填 {self.places} 位小数，请四舍五入后填写。")
        return plain(number)


class DayField(forms.Field):
    """A calendar day typed as text, so that a wrong one can be shown again."""

    empty_value = None

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> date | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            return read_date(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class WordsField(forms.CharField):
    """Text of any number of lines, kept as typed but for blank edges and line ends."""

    def __init__(self, *, rows: int = 2, longest: int = LONGEST, **kwargs: Any) -> None:
        self.longest = longest
        widget = forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput()
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        text = without_controls(str(super().to_python(value) or "")).replace("\r\n", "\n")
        if len(text) > self.longest:
            raise forms.ValidationError(f"最多 {self.longest} 字，现有 {len(text)} 字，请压缩。")
        return text


class LineField(forms.CharField):
    """One line of text, a name or a reason."""

    default_error_messages = {"max_length": "最多 %(limit_value)d 字，现有 %(show_value)d 字，请压缩。"}

    def to_python(self, value: Any) -> str | None:
        return super().to_python(without_controls(value) if value else value)


def _choice(choices: Iterable[tuple[Any, Any]], widget: type[forms.Widget]) -> forms.ChoiceField:
    empty = [("", "请选择")] if widget is forms.Select else []
    message = {"invalid_choice": "没有这个选项，请重新选择。"}
    return forms.TypedChoiceField(
        required=False, choices=[*empty, *choices], widget=widget, error_messages=message
    )


def _value(entry: Entry) -> forms.Field:
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
        "self_light": lambda: _choice(RATINGS, forms.RadioSelect),
        "pace": lambda: _choice(Pace.choices, forms.Select),
        "text": lambda: WordsField(rows=3 if entry.kind == EntryKind.READING else 5),
        "next_on": DayField,
        "done_on": DayField,
        "milestone_state": lambda: _choice(MilestoneState.choices, forms.RadioSelect),
        "value_state": lambda: _choice(ValueState.choices, forms.RadioSelect),
        "value": lambda: _value(entry),
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
        self.fields = {name: _field(entry, name) for name in field_names(entry)}

    @classmethod
    def of(cls, entry: Entry) -> EntryForm:
        """The form as the entry stands, text that could not be read included."""
        stored = {name: _shown(getattr(entry, name)) for name in field_names(entry)}
        return cls(stored | entry.unparsed, entry=entry)

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
        return {**self.cleaned_data, **empty}, unread

    def typed(self) -> dict[str, str]:
        """What stands in the inputs, by field."""
        return {name: str(self.data.get(name, "")) for name in self.fields}


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    return value.isoformat() if isinstance(value, date) else value or ""


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

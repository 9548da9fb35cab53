"""How one field of an entry stands in a cell, and what a cell says for a field. Pure, but for the forms it asks.

A field is text here, as in the inputs of the form ("85", "2020-12-08", "on_track"): what is stored, what was
downloaded and what was typed are compared as such, and the form reads all of them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django import forms
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils.datetime import from_excel

from filings.forms.entry import EntryForm
from filings.services.items import asked
from harbor_plan.lib import formulas
from harbor_plan.lib.fields import DayField, NumberField, WordsField, number_text
from harbor_plan.lib.zh import shortened

#: Spreadsheets keep fifteen digits of a number; longer ones are kept as text.
DIGITS = 15
#: Serial numbers of the days from 2000 to 2099.
SERIALS = range(36526, 73051)
QUOTED = 20

Value = str | Decimal | date | None


class Shape(Enum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    PERCENT = "percent"
    DAY = "day"
    CHOICE = "choice"


#: The number format of its cells.
FORMATS = {
    Shape.TEXT: "@",
    Shape.NUMBER: "General",
    Shape.PERCENT: "0.00%",
    Shape.DAY: "yyyy-mm-dd",
    Shape.CHOICE: "@",
}


@dataclass(frozen=True)
class Spec:
    """One field of one entry: its shape, the choices (key and label) of a choice, how long a text may be.

    `is_bounded` percents lie between 0 and 100; `is_override` says that work items give the percent unless it is typed.
    """

    shape: Shape
    choices: tuple[tuple[str, str], ...] = ()
    longest: int = 0
    is_bounded: bool = False
    is_override: bool = False

    @property
    def format(self) -> str:
        """The number format of its cells."""
        return FORMATS[self.shape]


class BadCell(ValueError):
    """What is wrong with a cell and what to do about it, in Chinese."""


@dataclass(frozen=True)
class Raw:
    """A cell as the file has it: value, openpyxl's data type (n, s, d, b, e, f), and number format."""

    value: Any
    type: str = "n"
    format: str = "General"

    @property
    def is_blank(self) -> bool:
        return self.value is None or (isinstance(self.value, str) and not self.value.strip())


BLANK = Raw(None)


def specs(form: EntryForm) -> dict[str, Spec]:
    """The fields that can be written on an entry, in the order of its form."""
    return {name: _spec(form, name) for name in form.fields}


def _spec(form: EntryForm, name: str) -> Spec:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        choices = ((str(key), str(said)) for key, said in _flat(field) if key != "")
        return Spec(Shape.CHOICE, tuple(choices))
    if isinstance(field, NumberField):
        is_share = field.unit == "%"
        is_bounded = is_share and field.high is not None
        is_override = name == "percent" and bool(asked(form.entry))
        return Spec(
            Shape.PERCENT if is_share else Shape.NUMBER, is_bounded=is_bounded, is_override=is_override
        )
    if isinstance(field, DayField):
        return Spec(Shape.DAY)
    return Spec(Shape.TEXT, longest=field.longest if isinstance(field, WordsField) else 0)


def _flat(field: forms.ChoiceField) -> list[tuple[Any, Any]]:
    choices: Any = field.choices
    return list(choices)


def canonical(form: EntryForm) -> dict[str, str]:
    """What a form would store, as the form would show it again: 85.00 and ８５％ are 85; unreadable text stays."""
    values, unread = form.outcome()
    return {name: unread.get(name, _shown(values.get(name))) for name in form.fields}


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return number_text(value)
    return value.isoformat() if isinstance(value, date) else str(value or "")


def said(text: str, spec: Spec) -> str:
    """A field's text as people read it: the label of a choice, a percent with its sign."""
    if spec.shape == Shape.CHOICE:
        return dict(spec.choices).get(text, text)
    return f"{text}%" if spec.shape == Shape.PERCENT and _decimal(text) is not None else text


# Into a cell


def to_cell(text: str, spec: Spec) -> Value:
    """A field's text as the value of its cell; what is no number or day stays text, as it was typed."""
    if text == "":
        return None
    if spec.shape == Shape.CHOICE:
        return kept(dict(spec.choices).get(text, text))
    if spec.shape in (Shape.NUMBER, Shape.PERCENT):
        number = _decimal(text)
        if number is None or len(number.normalize().as_tuple().digits) > DIGITS:
            return kept(text)
        return number / 100 if spec.shape == Shape.PERCENT else number
    if spec.shape == Shape.DAY:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return kept(text)
    return kept(text)


def kept(text: str) -> str:
    """Text as a cell keeps it: no control characters, no formula, and no `_x000A_` that would be taken for a character."""
    clean = ILLEGAL_CHARACTERS_RE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return formulas.escape(re.sub(r"_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", clean))


def decoded(text: str) -> str:
    """The text of a cell with `_x000D_` and the like as the characters they stand for (ISO/IEC 29500-1, 22.9.2.19)."""
    plain = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
    plain = plain.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in plain if not "\ud800" <= char <= "\udfff")


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


# Out of a cell


def typed(raw: Raw, spec: Spec, downloaded: str) -> str:
    """What a cell says for a field; a cell that stands as it was written says exactly what was downloaded.

    Raises BadCell for what no field can hold: formulas, error values, truth values, a choice that is none.
    """
    written = to_cell(downloaded, spec)
    if raw.type == "s" and isinstance(written, str) and decoded(str(raw.value)) == decoded(written):
        return downloaded
    if raw.is_blank:
        return ""
    _need_plain(raw)
    return _READERS[spec.shape](raw, spec)


def _need_plain(raw: Raw) -> None:
    if raw.type == "f":
        raise BadCell("这一格是公式，系统不执行公式；请改填算出的结果，或在文字前去掉等号。")
    if raw.type == "e":
        raise BadCell(f"这一格是错误值 {raw.value}，请改填正确的内容。")
    if raw.type == "b":
        word = "TRUE" if raw.value else "FALSE"
        raise BadCell(f"这一格是逻辑值 {word}，不能采用，请按该栏要求填写。")


def _text(raw: Raw, spec: Spec) -> str:
    return _as_text(raw)


def _number(raw: Raw, spec: Spec) -> str:
    if isinstance(raw.value, (datetime, date, time, timedelta)):
        raise BadCell("这一格是日期或时间，本栏要填数；请把单元格格式改为“常规”后重填。")
    return _as_text(raw)


def _percent(raw: Raw, spec: Spec) -> str:
    """A share in a cell with a percent format is that percent; a bare number up to 1 could be either."""
    if not isinstance(raw.value, (str, int, float, Decimal)):
        return _number(raw, spec)
    text = _as_text(raw)
    bare = _decimal(unicodedata.normalize("NFKC", text).strip())
    if bare is not None and 0 < abs(bare) <= 1:
        raise BadCell(
            f"“{shortened(text, QUOTED)}”看不出是 {number_text(bare)}% 还是 {number_text(bare * 100)}%，"
            "请带上百分号填写，例如 85%。"
        )
    return text


def _day(raw: Raw, spec: Spec) -> str:
    """A day; a serial number of this century is the day it stands for."""
    value = raw.value
    if isinstance(value, (time, timedelta)):
        raise BadCell("这一格是时间，不是日期。请按年-月-日填写，例如 2021-03-20。")
    if isinstance(value, (int, float)) and int(value) in SERIALS:
        value = from_excel(int(value))
    return value.date().isoformat() if isinstance(value, datetime) else _as_text(Raw(value, raw.type))


def _choice(raw: Raw, spec: Spec) -> str:
    text = _as_text(raw)
    wanted = _folded(text)
    for key, name in spec.choices:
        if wanted in (_folded(name), key):
            return key
    names = "、".join(name for _, name in spec.choices)
    raise BadCell(f"“{shortened(text, QUOTED)}”不是可选项，请从下拉列表中选择：{names}。")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "").strip()


def _as_text(raw: Raw) -> str:
    """A cell as its reader would type it; numbers with the fifteen digits that spreadsheets keep."""
    value = raw.value
    if isinstance(value, str):
        return formulas.unescape(decoded(value)).strip()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, (int, float, Decimal)):
        number = Decimal(format(value, f".{DIGITS}g")) if isinstance(value, float) else Decimal(value)
        if "%" in raw.format:
            return f"{number_text(number * 100)}%"
        return number_text(number)
    return str(value)


_READERS = {
    Shape.TEXT: _text,
    Shape.NUMBER: _number,
    Shape.PERCENT: _percent,
    Shape.DAY: _day,
    Shape.CHOICE: _choice,
}

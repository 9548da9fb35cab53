"""Form fields that read what people type: numbers, days and texts as they come from Chinese keyboards and papers.

What cannot be read is refused with a sentence that quotes it and says what to do.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from harbor_plan.lib.zh import plain, shortened

#: Longest text of one field, in characters.
LONGEST = 5000
PLACES = 4
DIGITS = 14  # before the point; the column holds 18 with the four places
YEARS = range(2000, 2100)

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


class _FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once, `most` of them; gives a list. An empty file is left to whoever reads it."""

    def __init__(self, *, accept: str, most: int, **options: Any) -> None:
        widget = _FilesInput(attrs={"accept": accept})
        super().__init__(allow_empty_file=True, widget=widget, **options)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        chosen = list(data) if isinstance(data, (list, tuple)) else [data]
        files = [super(FilesField, self).clean(file, initial) for file in chosen or [None]]
        if len(files) > self.most:
            raise forms.ValidationError(f"一次最多 {self.most} 个文件，选了 {len(files)} 个，请分次上传。")
        return [file for file in files if file]

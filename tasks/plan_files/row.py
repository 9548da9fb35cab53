"""One row while it is being read: asks for values by column and gathers problems instead of stopping."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from harbor_plan.lib import cells
from tasks.plan_files.document import Problem
from tasks.plan_files.raw import RawRow

Value = TypeVar("Value")

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SLUG = re.compile(r"[A-Za-z0-9_-]+")
TASK_NO = re.compile(r"[1-9][0-9]{0,2}\.[1-9][0-9]{0,2}")
SMALL = 32767
_NEVER = datetime.min.replace(tzinfo=UTC)
LONG = 1000  # all parts of a list together


class Row:
    """Reads the cells of one row. A value that cannot be read is noted and replaced by an empty one,
    so that the rest of the row and the other rows are still looked at."""

    def __init__(self, raw: RawRow, problems: list[Problem]) -> None:
        self.raw = raw
        self.problems = problems

    def refuse(self, column: str, message: str) -> None:
        """Note a problem in this row."""
        self.problems.append(self.raw.problem(column, message))

    def _read(self, column: str, read: Callable[[str], Value], empty: Value, *, required: bool) -> Value:
        cell = self.raw.cells[column]
        if column in self.raw.refused:
            return empty
        if cell == "":
            if required:
                self.refuse(column, "没有填写；这一格必填")
            return empty
        try:
            return read(cell)
        except cells.BadCell as bad:
            self.refuse(column, str(bad))
            return empty

    def text(self, column: str, most: int) -> str:
        """Text in one line, e.g. a name."""
        return self._read(column, lambda cell: _line(cell, most), "", required=True)

    def optional_text(self, column: str, most: int) -> str:
        return self._read(column, lambda cell: _line(cell, most), "", required=False)

    def note(self, most: int) -> str:
        """The editor's note; the only column that may run over several lines."""
        return self._read("note", lambda cell: cells.text(cell, most), "", required=False)

    def _shaped(self, column: str, most: int, shape: re.Pattern[str], message: str) -> str:
        value = self.text(column, most)
        if value and not shape.fullmatch(value):
            self.refuse(column, f"“{value}”{message}")
            return ""
        return value

    def slug(self, column: str) -> str:
        """A plan's code, which stands in addresses."""
        return self._shaped(column, 40, SLUG, "只能由字母、数字、下划线和连字符组成；请改正")

    def code(self, column: str) -> str:
        """An indicator's code."""
        return self._shaped(column, 40, CODE, "只能由字母、数字、点、下划线和连字符组成；请改正")

    def task_no(self, column: str) -> str:
        """A task's number, e.g. 4.3."""
        return self._shaped(column, 10, TASK_NO, "不是任务编号；请写成 4.3 的形式")

    def number(self, column: str) -> Decimal:
        return self._read(column, cells.number, Decimal(0), required=True)

    def optional_number(self, column: str) -> Decimal | None:
        return self._read(column, cells.number, None, required=False)

    def whole(self, column: str, least: int = 1, most: int = SMALL) -> int:
        return self._read(column, lambda cell: cells.whole(cell, least, most), 0, required=True)

    def optional_whole(self, column: str, least: int = 1, most: int = SMALL) -> int | None:
        return self._read(column, lambda cell: cells.whole(cell, least, most), None, required=False)

    def day(self, column: str) -> date:
        return self._read(column, cells.day, date.min, required=True)

    def optional_day(self, column: str) -> date | None:
        return self._read(column, cells.day, None, required=False)

    def moment(self, column: str) -> datetime:
        return self._read(column, cells.moment, _NEVER, required=True)

    def optional_moment(self, column: str) -> datetime | None:
        return self._read(column, cells.moment, None, required=False)

    def yes_no(self, column: str) -> bool:
        return self._read(column, cells.yes_no, False, required=True)

    def optional_yes_no(self, column: str) -> bool | None:
        return self._read(column, cells.yes_no, None, required=False)

    def one_of(self, column: str, keys: Iterable[str]) -> str:
        return self._read(column, lambda cell: cells.one_of(cell, keys), "", required=True)

    def listing(self, column: str, most: int) -> tuple[str, ...]:
        """Parts of at most `most` characters each."""
        nothing: tuple[str, ...] = ()
        parts = self._read(column, lambda cell: cells.listing(_line(cell, LONG)), nothing, required=False)
        for part in parts:
            if len(part) > most:
                self.refuse(column, f"“{part[:10]}……”超过{most}个字；各项之间用分号隔开")
        if len(set(parts)) < len(parts):
            self.refuse(column, "同一项写了两次；请删去重复的一项")
        return parts


def _line(cell: str, most: int) -> str:
    """Text without line breaks and tabs, which would tear the tables and messages it stands in."""
    if "\n" in cell or "\t" in cell:
        raise cells.BadCell("这一格不能换行，也不能有制表符；请写成一行")
    return cells.text(cell, most)

"""What a column of an exchanged table holds: a value out as people read it, the text of a cell back into a value.

`clean` gives the value or raises ValueError with what is wrong and what to do, in Chinese.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from import_export.widgets import ManyToManyWidget, Widget

from harbor_plan.lib import cells, formulas

Row = Mapping[str, str]


class Column(Widget):
    """A cell with text in it, or an empty one."""

    empty: Any = None

    def __init__(self, *, required: bool = False) -> None:
        super().__init__()
        self.required = required

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> Any:
        """The cell's value; an empty cell is the empty value, or refused where there must be one."""
        text = "" if value is None else str(value)
        if text.strip():
            return self.read(text, row or {})
        if self.required:
            raise cells.BadCell("没有填写；这一格必填")
        return self.empty

    def read(self, text: str, row: Row) -> Any:
        """A filled cell's value."""
        raise NotImplementedError

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """The value as it goes out: text, or a number or day of its own type."""
        return "" if value is None else value


class Text(Column):
    """Text of at most `most` characters that no spreadsheet would run as a formula."""

    empty = ""

    def __init__(self, most: int, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.most = most

    def read(self, text: str, row: Row) -> str:
        return cells.text(plain(text), self.most)


def plain(text: str) -> str:
    """The text of a cell without the apostrophe an export puts before what looks like a formula; a formula is refused."""
    if formulas.is_formula(text):
        raise cells.BadCell(
            f"“{text}”以“{text[0]}”开头，表格软件会当成公式；请改写，确为文字的在最前面加一个半角单引号"
        )
    return formulas.unescape(text)


class Number(Column):
    """A decimal with at most four places."""

    def read(self, text: str, row: Row) -> Decimal:
        return cells.number(text.strip())

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        """Without trailing zeros: the database keeps four places of every number."""
        return Decimal(format(value.normalize(), "f")) if isinstance(value, Decimal) else ""


class Whole(Column):
    """A whole number from 0."""

    MOST = 32_767

    def read(self, text: str, row: Row) -> int:
        return cells.whole(text.strip(), 0, self.MOST)


class Day(Column):
    """A date."""

    def read(self, text: str, row: Row) -> date:
        return cells.day(text.strip())


class YesNo(Column):
    """是 or 否; nothing where it is not decided."""

    def read(self, text: str, row: Row) -> bool:
        return cells.yes_no(text.strip())

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else cells.YES if value else cells.NO


class Choice(Column):
    """One of the labels people know; the stored key is taken too."""

    empty = ""

    def __init__(self, choices: Iterable[tuple[Any, Any]], *, required: bool = False) -> None:
        super().__init__(required=required)
        self.labels = {str(key): str(label) for key, label in choices if key not in ("", None)}
        self.keys = {label: key for key, label in self.labels.items()}

    def read(self, text: str, row: Row) -> str:
        word = formulas.unescape(text.strip())
        if word in self.labels:
            return word
        return self.keys[cells.one_of(word, self.keys)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(str(value), "" if value is None else str(value))


class Listing(Column):
    """Several short texts in one cell, divided by semicolons of either width."""

    def __init__(self, most: int, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.most = most

    @property
    def empty(self) -> list[str]:
        return []

    def read(self, text: str, row: Row) -> list[str]:
        return [cells.text(part, self.most) for part in parts(text)]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "；".join(value or [])


def parts(text: str) -> tuple[str, ...]:
    """The parts of a cell, each once."""
    found = cells.listing(plain(text))
    if len(set(found)) < len(found):
        raise cells.BadCell("同一项写了两次；请删去重复的一项")
    return found


class Reference(Column):
    """A row of another table by the name people know it by.

    `scope` is the heading of the column that says within what the name holds (the plan, where codes are the plan's
    own); `rows` and `key` give the rows and each one's name, with the scope before it where there is one. The rows
    are read once for each file.
    """

    def __init__(
        self,
        what: str,
        rows: Callable[[], Iterable[models.Model]],
        key: Callable[[Any], Hashable],
        *,
        name: Callable[[Any], str] = str,
        scope: str = "",
        required: bool = False,
    ) -> None:
        super().__init__(required=required)
        self.what, self.rows, self.key, self.name, self.scope = what, rows, key, name, scope
        self._known: dict[Hashable, models.Model] | None = None

    def read(self, text: str, row: Row) -> models.Model:
        word = plain(text).strip()
        wanted = (row.get(self.scope, ""), word) if self.scope else word
        if self._known is None:
            self._known = {self.key(each): each for each in self.rows()}
        if wanted not in self._known:
            raise cells.BadCell(f"没有{self.what}“{word}”；请改正，或先在系统中建立")
        return self._known[wanted]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "" if value is None else self.name(value)


class References(ManyToManyWidget):
    """Several rows of another table in one cell, divided by semicolons. See `Reference`."""

    def __init__(self, model: type[models.Model], one: Reference) -> None:
        super().__init__(model)
        self.one = one

    def clean(self, value: Any, row: Row | None = None, **kwargs: Any) -> list[models.Model]:
        text = "" if value is None else str(value)
        return [self.one.read(part, row or {}) for part in parts(text)] if text.strip() else []

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "；".join(self.one.name(each) for each in value.all()) if value is not None else ""

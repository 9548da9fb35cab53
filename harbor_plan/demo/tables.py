"""The tables of fixtures/demo as typed values. A bad cell is refused by file, row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from targets.measure.quarters import Quarter

T = TypeVar("T")

#: How a cell of the readings says that a quarter has no data; the reason follows.
NO_DATA = "无数据："
#: A refusal names the values a cell may have when there are no more of them than this.
FEW = 12
YES_NO = {"是": True, "否": False}


class DemoDataError(Exception):
    """A cell of the demonstration tables that makes no sense; the message names file, row and column."""


@dataclass(frozen=True)
class Row:
    """One line of a table; `line` counts as a text editor does, the heading being 1."""

    file: str
    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """The cell without surrounding blanks, possibly empty."""
        if column not in self.cells:
            raise DemoDataError(f"{self.file} 缺少列 {column}。")
        return self.cells[column].strip()

    def error(self, column: str, sentence: str) -> DemoDataError:
        """The refusal of one cell."""
        return DemoDataError(f"{self.file} 第 {self.line} 行 {column} 列“{self.cells[column]}”：{sentence}")

    def parsed(self, column: str, parse: Callable[[str], T], sentence: str) -> T:
        """The cell turned into a value; whatever the parser refuses is refused with `sentence`."""
        try:
            return parse(self.text(column))
        except (ValueError, KeyError, InvalidOperation) as error:
            raise self.error(column, sentence) from error

    def number(self, column: str) -> int:
        return self.parsed(column, int, "应为整数。")

    def day(self, column: str) -> date:
        return self.parsed(column, date.fromisoformat, "应为日期，如 2017-06-30。")

    def day_or_none(self, column: str) -> date | None:
        return self.day(column) if self.text(column) else None

    def quarter(self, column: str) -> Quarter:
        return self.parsed(column, quarter, "应为季度，如 2017Q2。")

    def quarters(self, column: str) -> frozenset[Quarter]:
        """Several quarters with blanks between."""
        return self.parsed(
            column, lambda text: frozenset(quarter(word) for word in text.split()), "应为季度，如 2017Q2。"
        )

    def one_of(self, column: str, values: Mapping[str, T]) -> T:
        """The value the cell is the key of."""
        few = len(values) <= FEW
        return self.parsed(
            column, values.__getitem__, f"应为{'、'.join(values)}之一。" if few else "没有这个名称或代码。"
        )


def quarter(text: str) -> Quarter:
    """2017Q2 as a value. Raises ValueError."""
    year, _, number = text.partition("Q")
    if not year.isdecimal() or number not in ("1", "2", "3", "4"):
        raise ValueError(text)
    return Quarter(int(year), int(number))


def rows(folder: Path, file: str) -> Iterator[Row]:
    """The lines of one table; UTF-8 with or without a mark. Raises DemoDataError."""
    try:
        text = (folder / file).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DemoDataError(f"打不开 {folder / file}（{error.strerror}），请核对演示数据目录。") from None
    except UnicodeDecodeError:
        raise DemoDataError(f"{file} 不是 UTF-8 编码的文本，请另存为“CSV UTF-8（逗号分隔）”。") from None
    for line, cells in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2):
        if None in cells or None in cells.values():
            raise DemoDataError(f"{file} 第 {line} 行的列数与标题行不同。")
        yield Row(file, line, cells)


# What the tables say


@dataclass(frozen=True)
class Dates:
    """The window of one quarter; None for the quarter that is open for entry from the first load on."""

    opens_on: date
    due_on: date
    closes_on: date
    published_on: date


@dataclass(frozen=True)
class Habits:
    """How a department reports: chances in per cent, and the quarters with a course of their own."""

    late: int
    returned: int
    sent_back: int
    checked_by: str
    courses: Mapping[Quarter, str]


@dataclass(frozen=True)
class Work:
    """What a task is about in a few words, and its pace in the years that are not left to the shares."""

    phrase: str
    paces: Mapping[int, str]


@dataclass(frozen=True)
class MilestoneCourse:
    """When a milestone was begun and done, and what was going on meanwhile."""

    begun_on: date
    done_on: date | None
    work: str


@dataclass(frozen=True)
class Cell:
    """One quarter's reading: a value, its parts, or the reason why there is no data."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True)
class Settings:
    """What demo.csv holds; `featured` are the accounts listed first, days count from the day of the first load."""

    plan: str
    password: str
    featured: tuple[str, ...]
    source: str
    opens_days_before: int
    due_days_after: int
    closes_days_after: int
    countersign_days_after: int
    countersigned_since: Quarter


@dataclass(frozen=True)
class Tables:
    """All tables at once. Rows that name departments or people are kept as rows, for refusals with their place."""

    settings: Settings
    people: tuple[Row, ...]
    quarters: Mapping[Quarter, Dates | None]
    late_entry: frozenset[Quarter]
    habits: Mapping[str, Habits]
    works: Mapping[str, Work]
    paces: Mapping[str, tuple[int, int, int, int]]
    shares: tuple[tuple[str, int], ...]
    milestones: Mapping[tuple[str, int], MilestoneCourse]
    readings: Mapping[tuple[str, Quarter], Cell]
    plan_values: tuple[tuple[Row, Quarter, Decimal], ...]
    extensions: tuple[Row, ...]
    countersigned: tuple[Row, ...]
    corrections: tuple[Row, ...]
    open_quarter: tuple[Row, ...]
    cross_rules: tuple[Row, ...]
    orders: tuple[Row, ...]
    assessments: tuple[Row, ...]
    adjustments: tuple[Row, ...]
    annual_plans: tuple[Row, ...]
    work_items: tuple[Row, ...]
    texts: Mapping[tuple[str, str], tuple[str, ...]] = field(repr=False)


def read_tables(folder: Path) -> Tables:
    """Read every table of the folder. Raises DemoDataError for the first bad cell."""
    paces = {row.text("name"): row for row in rows(folder, "paces.csv")}
    quarters = list(rows(folder, "quarters.csv"))
    return Tables(
        settings=_settings(folder),
        people=tuple(rows(folder, "people.csv")),
        quarters={row.quarter("quarter"): _dates(row) for row in quarters},
        late_entry=frozenset(row.quarter("quarter") for row in quarters if row.one_of("late_entry", YES_NO)),
        habits={row.text("department"): _habits(row) for row in rows(folder, "departments.csv")},
        works={row.text("task_no"): _work(row, paces) for row in rows(folder, "tasks.csv")},
        paces={name: _pace(row) for name, row in paces.items()},
        shares=tuple((name, row.number("share")) for name, row in paces.items()),
        milestones=dict(map(_milestone, rows(folder, "milestones.csv"))),
        readings={
            (row.text("indicator"), at): cell(row, column)
            for row in rows(folder, "readings.csv")
            for column, at in _filled_quarters(row)
        },
        plan_values=tuple(
            (row, at, row.parsed(column, Decimal, "应为数值。"))
            for row in rows(folder, "plan_values.csv")
            for column, at in _filled_quarters(row)
        ),
        extensions=tuple(rows(folder, "extensions.csv")),
        countersigned=tuple(rows(folder, "countersigned.csv")),
        corrections=tuple(rows(folder, "corrections.csv")),
        open_quarter=tuple(rows(folder, "open_quarter.csv")),
        cross_rules=tuple(rows(folder, "cross_rules.csv")),
        orders=tuple(rows(folder, "orders.csv")),
        assessments=tuple(rows(folder, "assessments.csv")),
        adjustments=tuple(rows(folder, "adjustments.csv")),
        annual_plans=tuple(rows(folder, "annual_plans.csv")),
        work_items=tuple(rows(folder, "work_items.csv")),
        texts=_texts(folder),
    )


def _settings(folder: Path) -> Settings:
    found = {row.text("key"): row for row in rows(folder, "demo.csv")}
    if missing := [one.name for one in fields(Settings) if one.name not in found]:
        raise DemoDataError(f"demo.csv 缺少 {'、'.join(missing)}。")
    return Settings(
        plan=found["plan"].text("value"),
        password=found["password"].text("value"),
        featured=tuple(found["featured"].text("value").split()),
        source=found["source"].text("value"),
        opens_days_before=found["opens_days_before"].number("value"),
        due_days_after=found["due_days_after"].number("value"),
        closes_days_after=found["closes_days_after"].number("value"),
        countersign_days_after=found["countersign_days_after"].number("value"),
        countersigned_since=found["countersigned_since"].quarter("value"),
    )


def _dates(row: Row) -> Dates | None:
    if not row.text("opens_on"):
        return None
    return Dates(row.day("opens_on"), row.day("due_on"), row.day("closes_on"), row.day("published_on"))


#: The columns of departments.csv that list quarters with a course of their own.
COURSES = ("missing", "drafted", "unsigned", "unmended", "reopened")


def _habits(row: Row) -> Habits:
    courses = {at: course for course in COURSES for at in row.quarters(course)}
    late, returned, sent_back = (row.number(column) for column in ("late", "returned", "sent_back"))
    return Habits(late, returned, sent_back, row.text("checked_by"), courses)


def _work(row: Row, paces: Mapping[str, Row]) -> Work:
    years = [column for column in row.cells if column.isdigit() and row.text(column)]
    names = {name: name for name in paces}
    return Work(row.text("work"), {int(year): row.one_of(year, names) for year in years})


def _pace(row: Row) -> tuple[int, int, int, int]:
    return row.number("q1"), row.number("q2"), row.number("q3"), row.number("q4")


def _milestone(row: Row) -> tuple[tuple[str, int], MilestoneCourse]:
    course = MilestoneCourse(row.day("begun_on"), row.day_or_none("done_on"), row.text("work"))
    return (row.text("task_no"), row.number("no")), course


def _filled_quarters(row: Row) -> list[tuple[str, Quarter]]:
    columns = [column for column in row.cells if column not in ("indicator", "name") and row.text(column)]
    try:
        return [(column, quarter(column)) for column in columns]
    except ValueError as error:
        raise DemoDataError(f"{row.file} 的列名“{error}”应为季度，如 2017Q2。") from None


def cell(row: Row, column: str) -> Cell:
    """A reading as the tables write it."""
    text = row.text(column)
    if text.startswith(NO_DATA):
        return Cell(reason=text.removeprefix(NO_DATA))
    if "/" in text:
        sentence = "应为 分子/分母。"
        return Cell(
            numerator=row.parsed(column, lambda cell: Decimal(cell.split("/")[0]), sentence),
            denominator=row.parsed(column, lambda cell: Decimal(cell.split("/")[1]), sentence),
        )
    return Cell(value=row.parsed(column, Decimal, f"应为数值、分子/分母或“{NO_DATA}原因”。"))


def _texts(folder: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in rows(folder, "texts.csv"):
        key = (row.text("kind"), row.text("case"))
        found[key] = (*found.get(key, ()), row.text("text"))
    return found

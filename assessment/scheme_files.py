"""A year's scheme read from a folder of tables that a person can read and correct.

scheme.csv    year, name, basis, proposed (是/否), note: one row a year; the other tables hold for every year
classes.csv   no, name, ranked (是/否), kinds, members, note: departments by kind, or by name; a name wins
criteria.csv  class_no, no, name, weight, source, params (binding=3;minimum=0), clause
grades.csv    name, at_least

Everything wrong is told by file, row and column. Nothing here touches the database: see `assessment.scheme_store`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from assessment.rules import FULL, ClassOutline, scheme_problems
from assessment.terms import Source
from departments.models import Kind
from tasks.plan_files import Problem, cells

Value = TypeVar("Value")

TABLES = {
    "scheme": ("year", "name", "basis", "proposed", "note"),
    "classes": ("no", "name", "ranked", "kinds", "members", "note"),
    "criteria": ("class_no", "no", "name", "weight", "source", "params", "clause"),
    "grades": ("name", "at_least"),
}
ENCODING = "请在表格软件中另存为“CSV UTF-8（逗号分隔）”"


class SchemeRefused(Exception):
    """The scheme's files cannot be taken. Holds every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class YearRow:
    line: int
    year: int
    name: str
    basis: str
    proposed: bool
    note: str


@dataclass(frozen=True)
class ClassRow:
    line: int
    no: int
    name: str
    ranked: bool
    kinds: tuple[str, ...]
    members: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class CriterionRow:
    line: int
    class_no: int
    no: int
    name: str
    weight: Decimal
    source: str
    params: dict[str, str]
    clause: str


@dataclass(frozen=True)
class GradeRow:
    line: int
    name: str
    at_least: Decimal


@dataclass(frozen=True)
class SchemeDraft:
    """What the files say: the years they are for, and one set of classes, criteria and grades."""

    years: tuple[YearRow, ...]
    classes: tuple[ClassRow, ...]
    criteria: tuple[CriterionRow, ...]
    grades: tuple[GradeRow, ...]


class _Row:
    """Reads the cells of one row; what cannot be read is noted and replaced by an empty value."""

    def __init__(self, file: str, no: int, row: dict[str, str], problems: list[Problem]) -> None:
        self.file, self.no, self.row, self.problems = file, no, row, problems

    def refuse(self, column: str, message: str) -> None:
        self.problems.append(Problem(self.file, self.no, column, message))

    def read(self, column: str, reader: Callable[[str], Value], empty: Value) -> Value:
        try:
            return reader(self.row[column])
        except cells.BadCell as bad:
            self.refuse(column, str(bad))
            return empty

    def text(self, column: str, most: int, *, required: bool = True) -> str:
        if required and not self.row[column]:
            self.refuse(column, "没有填写；这一格必填")
        return self.read(column, lambda cell: cells.text(cell, most), "")

    def whole(self, column: str, least: int, most: int) -> int:
        return self.read(column, lambda cell: cells.whole(cell, least, most), 0)

    def number(self, column: str) -> Decimal:
        return self.read(column, _points, Decimal(0))

    def yes_no(self, column: str) -> bool:
        return self.read(column, cells.yes_no, False)

    def one_of(self, column: str, keys: Iterable[str]) -> str:
        return self.read(column, lambda cell: cells.one_of(cell, keys), "")

    def listing(self, column: str) -> tuple[str, ...]:
        return cells.listing(self.row[column])


def _points(cell: str) -> Decimal:
    value = cells.number(cell)
    if not 0 <= value <= FULL or value != round(value, 2):
        raise cells.BadCell(f"“{cell}”应在 0 和 100 之间，最多两位小数")
    return value


def read_scheme(folder: Path) -> SchemeDraft:
    """The scheme of a folder. Raises SchemeRefused with every problem found; departments are checked when stored."""
    problems: list[Problem] = []
    draft = SchemeDraft(
        years=tuple(_year(row) for row in _rows(folder, "scheme", problems)),
        classes=tuple(_class(row) for row in _rows(folder, "classes", problems)),
        criteria=tuple(_criterion(row) for row in _rows(folder, "criteria", problems)),
        grades=tuple(_grade(row) for row in _rows(folder, "grades", problems)),
    )
    if not problems:
        problems += _disagreements(draft)
    if problems:
        raise SchemeRefused(problems)
    return draft


def _rows(folder: Path, table: str, problems: list[Problem]) -> Iterable[_Row]:
    """The rows of one table, numbered as a spreadsheet shows them; blank lines are skipped."""
    file = f"{table}.csv"
    try:
        text = (folder / file).read_bytes().decode("utf-8-sig")
    except OSError:
        problems.append(Problem(file, None, "", "找不到或打不开这个文件"))
        return
    except UnicodeDecodeError:
        problems.append(Problem(file, None, "", f"不是 UTF-8 编码的文本；{ENCODING}"))
        return
    header, *lines = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    if tuple(header) != TABLES[table]:
        problems.append(Problem(file, 1, "", f"表头应为 {','.join(TABLES[table])}"))
        return
    for no, line in enumerate(lines, start=2):
        if not any(line):
            continue
        if len(line) != len(header):
            problems.append(
                Problem(
                    file, no, "", f"有{len(line)}格，表头有{len(header)}格；文字中的英文逗号要用双引号括起"
                )
            )
            continue
        yield _Row(file, no, {name: cell.strip() for name, cell in zip(header, line, strict=True)}, problems)


def _year(row: _Row) -> YearRow:
    return YearRow(
        line=row.no,
        year=row.whole("year", 2000, 2100),
        name=row.text("name", 100),
        basis=row.text("basis", 300, required=False),
        proposed=row.yes_no("proposed"),
        note=row.text("note", 500, required=False),
    )


def _class(row: _Row) -> ClassRow:
    kinds = row.listing("kinds")
    for kind in kinds:
        if kind not in Kind.values:
            row.refuse("kinds", f"没有单位性质“{kind}”；可选：{'、'.join(Kind.values)}")
    return ClassRow(
        line=row.no,
        no=row.whole("no", 1, 99),
        name=row.text("name", 60),
        ranked=row.yes_no("ranked"),
        kinds=kinds,
        members=row.listing("members"),
        note=row.text("note", 300, required=False),
    )


def _criterion(row: _Row) -> CriterionRow:
    return CriterionRow(
        line=row.no,
        class_no=row.whole("class_no", 1, 99),
        no=row.whole("no", 1, 99),
        name=row.text("name", 60),
        weight=row.number("weight"),
        source=row.one_of("source", Source.values),
        params=row.read("params", _params, {}),
        clause=row.text("clause", 100, required=False),
    )


def _params(cell: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in cells.listing(cell)]
    if any(not name or not mark or not value for name, mark, value in pairs):
        raise cells.BadCell(f"“{cell}”应写成 名=值 的形式，几个之间用分号隔开")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _grade(row: _Row) -> GradeRow:
    return GradeRow(line=row.no, name=row.text("name", 20), at_least=row.number("at_least"))


def _disagreements(draft: SchemeDraft) -> list[Problem]:
    """What does not fit between the rows."""
    problems = _twice("scheme.csv", "year", [(row.line, row.year) for row in draft.years])
    problems += _twice("classes.csv", "no", [(row.line, row.no) for row in draft.classes])
    problems += _twice(
        "classes.csv", "kinds", [(row.line, kind) for row in draft.classes for kind in row.kinds]
    )
    problems += _twice(
        "classes.csv", "members", [(row.line, name) for row in draft.classes for name in row.members]
    )
    problems += _twice(
        "criteria.csv", "no", [(row.line, f"{row.class_no}-{row.no}") for row in draft.criteria]
    )
    problems += _twice("grades.csv", "at_least", [(row.line, row.at_least) for row in draft.grades])
    numbers = {row.no for row in draft.classes}
    problems += [
        Problem(
            "criteria.csv", row.line, "class_no", f"没有单位分类 {row.class_no}，考核项“{row.name}”无处可归"
        )
        for row in draft.criteria
        if row.class_no not in numbers
    ]
    if not problems:
        outlines = [_outline(row, draft.criteria) for row in draft.classes]
        bounds = [row.at_least for row in draft.grades]
        problems += [Problem("criteria.csv", None, "", words) for words in scheme_problems(outlines, bounds)]
    return problems


def _twice(file: str, column: str, cells_: Iterable[tuple[int, object]]) -> list[Problem]:
    """Values that stand in a column a second time, with the line of the first."""
    first: dict[str, int] = {}
    problems = []
    for line, value in cells_:
        if str(value) in first:
            problems.append(Problem(file, line, column, f"“{value}”与第{first[str(value)]}行重复"))
        first.setdefault(str(value), line)
    return problems


def _outline(row: ClassRow, criteria: Iterable[CriterionRow]) -> ClassOutline:
    """Before the departments are known: a class that names a kind or a member is taken to have members."""
    own = {c.no: (c.name, c.weight, c.source, c.params) for c in criteria if c.class_no == row.no}
    return ClassOutline(row.name, row.ranked, len(row.kinds) + len(row.members), own)

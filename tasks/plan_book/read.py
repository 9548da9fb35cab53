"""Reads a plan's workbook into the same rows, and with the same checks, as the plan's files."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from django.core import signing
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from harbor_plan.lib import formulas
from harbor_plan.lib.archives import BadFile
from harbor_plan.lib.cells import NO, YES
from harbor_plan.lib.workbooks import examined
from tasks.plan_book.layout import FIRST_ROW, HEAD_ROW, SEAL, Column, columns_of, in_words, template
from tasks.plan_book.write import SALT
from tasks.plan_files.document import PlanDocument, PlanRefused, Problem
from tasks.plan_files.raw import RawPlan, RawRow
from tasks.plan_files.read import document_of
from tasks.plan_files.tables import TABLES, TITLES

MOST_ROWS = 5000
_TABLE_OF = {title: table for table, title in TITLES.items()}


@dataclass(frozen=True)
class Wrong:
    """One problem of a workbook: sheet, row and column as its reader sees them; "" and None for the whole."""

    sheet: str
    row: int | None
    column: str
    message: str


class BookRefused(Exception):
    """The workbook describes no plan. Holds every problem."""

    def __init__(self, wrongs: Iterable[Wrong]) -> None:
        self.wrongs = tuple(wrongs)
        super().__init__(f"发现{len(self.wrongs)}处问题")


def document_in(name: str, content: bytes) -> PlanDocument:
    """The plan in a workbook. Raises BadFile for what is none of ours, BookRefused with every problem in its cells."""
    examined(name, content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that are not read do not concern anybody
            book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
            raw = _raw(name, book)
    except (
        zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError,
        AttributeError, OverflowError, SyntaxError,
    ) as error:  # fmt: skip
        if isinstance(error, BadFile):
            raise
        raise BadFile(
            f"“{name}”打不开：内部结构不完整。请用表格软件打开后另存为“Excel 工作簿（.xlsx）”再上传。"
        ) from error
    try:
        return document_of(raw)
    except PlanRefused as refused:
        raise BookRefused(wrongs_of(refused.problems)) from refused


def wrongs_of(problems: Iterable[Problem]) -> list[Wrong]:
    """Problems in the words of the workbook."""
    return [_wrong(problem) for problem in problems]


def _wrong(problem: Problem) -> Wrong:
    table = _TABLE_OF.get(problem.file, problem.file)
    column = problem.column.split("（")[0]
    return Wrong(
        TITLES.get(table, problem.file),
        problem.row,
        TABLES.get(table, {}).get(column, column),
        in_words(table, problem.message),
    )


def _raw(name: str, book: Any) -> RawPlan:
    pages = {page.title.strip(): page for page in book.worksheets}
    _check_seal(name, pages.get(SEAL))
    raw = RawPlan()
    for table, title in TITLES.items():
        if title in pages:
            _read_sheet(raw, table, pages[title])
        else:
            _refuse(raw, table, "缺少这张工作表；请不要删除或改名，可重新下载后填写")
    if not raw.rows["plan"] and "plan" not in raw.broken:
        message = "没有方案这一行；请填写方案的代码、名称和起止日期"
        raw.problems.append(Problem(TITLES["plan"], FIRST_ROW, "", message))
    return raw


def _check_seal(name: str, page: Any) -> None:
    """Refuse what this installation has not made, and what it made by another template."""
    cells = [str(row[0]) for row in page.iter_rows(max_row=1, max_col=1, values_only=True)] if page else []
    try:
        found = signing.loads("".join(cells), salt=SALT)
    except signing.BadSignature:
        raise BadFile(
            f"“{name}”不是本系统的方案工作簿。请下载方案工作簿或空白工作簿，填写后再上传。"
        ) from None
    if found["template"] != template():
        raise BadFile(f"“{name}”用的是旧版工作簿，栏目已有变化。请重新下载，把内容填入新的工作簿再上传。")


def _refuse(raw: RawPlan, table: str, message: str, row: int | None = None) -> None:
    raw.broken.add(table)
    raw.problems.append(Problem(TITLES[table], row, "", message))


def _read_sheet(raw: RawPlan, table: str, page: Any) -> None:
    columns = columns_of(table)
    lines = page.iter_rows(max_row=FIRST_ROW + MOST_ROWS, max_col=60, values_only=True)
    for no, values in enumerate(lines, 1):
        cells = [_text(value) for value in values]
        if no == HEAD_ROW:
            wanted = [column.label for column in columns]
            if [cell for cell in cells if cell] != wanted:
                _refuse(raw, table, f"第1行的栏目被改动；应依次为：{'、'.join(wanted)}", HEAD_ROW)
                return
        elif no >= FIRST_ROW and any(cells):
            _add_row(raw, table, no, columns, cells)
    if no > FIRST_ROW + MOST_ROWS - 1:
        _refuse(raw, table, f"超过{MOST_ROWS}行；请删去下方的空白行和多余的行")


def _add_row(raw: RawPlan, table: str, no: int, columns: tuple[Column, ...], cells: list[str]) -> None:
    cells += [""] * (len(columns) - len(cells))
    stored = {column.name: column.stored(cell) for column, cell in zip(columns, cells, strict=False)}
    row = RawRow(table, TITLES[table], no, stored)
    raw.rows[table].append(row)
    if any(cells[len(columns) :]):
        raw.problems.append(row.problem("", "表头右边还有内容，系统不读取；请移到对应的栏目中或删去"))
    for column in columns:
        cell = stored[column.name]
        if cell.startswith("=") and len(cell) > 1:
            raw.problems.append(row.refuse(column.name, "这一格是公式；请改为数值或文字"))


def _text(value: Any) -> str:
    """A cell as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    return formulas.unescape(str(value)).strip().replace("\r\n", "\n")

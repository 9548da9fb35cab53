"""Writes the workbook of a plan, or the blank one for a new plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Final

from django.core import signing
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from harbor_plan.lib import formulas
from tasks.plan_book.layout import (
    FIRST_ROW,
    GUIDE,
    HEAD_ROW,
    LISTS,
    NOTE_ROW,
    SEAL,
    Column,
    Shape,
    columns_of,
    template,
)
from tasks.plan_files.diff import rows_of, text
from tasks.plan_files.document import PlanDocument
from tasks.plan_files.tables import TABLES, TITLES

SALT: Final = "tasks.plan_book"
#: Rows beyond the written ones that are ready to be filled in.
SPARE = 200

GUIDE_LINES: Final = (
    "每张表是方案的一部分，一行一项；第1行是栏目，第2行是说明，从第3行起填写。",
    "各表按编号、代码和名称互相对应：责任分解、节点写任务编号，目标值、计划值写指标代码，单位写“责任单位”表中的名称。",
    "编号和代码一经载入不能改作他用；删去的一行，填报过的自下一季度起停用（过去的填报和数字保留），没有填报过的删除，编号都不再使用。",
    "带下拉列表的栏目请从列表中选择；日期写成 2021-03-20，数字不带单位和百分号，一格多项用分号隔开。",
    "不要改动工作表名、第1行和第2行，不要合并单元格；行的先后即责任单位、指标的排列顺序。",
    "修订现有方案时代码保持不变；新方案另取一个代码，上传后先列出差异，写明理由、确认后才载入。",
)

_THIN = Side(style="thin", color="8A8F98")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_BODY, _HEAD = Font(name="宋体", size=10), Font(name="黑体", size=10)
_QUIET = Font(name="宋体", size=9, color="5B616B")
_GREY, _YELLOW = PatternFill("solid", start_color="EDEFF2"), PatternFill("solid", start_color="FFF4D6")


def plan_workbook(document: PlanDocument | None) -> bytes:
    """The plan, or without one the blank workbook for a new plan."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _guide(book.create_sheet(GUIDE), document)
    lists: dict[tuple[str, ...], str] = {}
    for table in TABLES:
        records = rows_of(document, table) if document else []
        _sheet(book.create_sheet(TITLES[table]), table, records, lists)
    _write_lists(book, lists)
    _seal(book.create_sheet(SEAL))
    book.active = 0
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _put(page: Worksheet, row: int, column: int, value: str | Decimal | date | None, form: str = "@") -> Cell:
    cell = page.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = formulas.escape(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.number_format = form
    return cell


def _guide(page: Worksheet, document: PlanDocument | None) -> None:
    page.column_dimensions["A"].width = 110
    title = f"{document.plan.name}（方案工作簿）" if document else "新方案（空白工作簿）"
    _put(page, 1, 1, title).font = Font(name="黑体", size=16)
    for row, line in enumerate(GUIDE_LINES, 2):
        cell = _put(page, row, 1, line)
        cell.font, cell.alignment = Font(name="宋体", size=11), Alignment(wrap_text=True, vertical="center")
        page.row_dimensions[row].height = 36
    page.protection.sheet = True


def _sheet(page: Worksheet, table: str, records: Sequence[object], lists: dict[tuple[str, ...], str]) -> None:
    columns = columns_of(table)
    for number, column in enumerate(columns, 1):
        head = _put(page, HEAD_ROW, number, column.label)
        head.font, head.fill, head.border = _HEAD, _YELLOW, _BOX
        head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        note = _put(page, NOTE_ROW, number, column.note or None)
        note.font, note.fill, note.border = _QUIET, _GREY, _BOX
        note.alignment = Alignment(vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(number)].width = _width(column)
        _add_rule(page, number, column, FIRST_ROW + len(records) + SPARE, lists)
    page.row_dimensions[NOTE_ROW].height = 40
    for row in range(FIRST_ROW, FIRST_ROW + len(records) + SPARE):
        record = records[row - FIRST_ROW] if row - FIRST_ROW < len(records) else None
        for number, column in enumerate(columns, 1):
            value, form = _value(column, "" if record is None else text(getattr(record, column.name)))
            cell = _put(page, row, number, value, form)
            cell.protection = Protection(locked=False)
            if record is not None:
                cell.font, cell.border = _BODY, _BOX
                cell.alignment = Alignment(vertical="center", wrap_text=True)
    page.freeze_panes = f"B{FIRST_ROW}"
    page.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = False
    page.protection.insertRows = page.protection.deleteRows = page.protection.sort = False


def _width(column: Column) -> float:
    if column.shape in (Shape.DAY, Shape.NUMBER, Shape.CHOICE):
        return 14.0
    return 40.0 if column.name in ("name", "title", "annex_title", "note") else 20.0


def _value(column: Column, stored: str) -> tuple[str | Decimal | date | None, str]:
    """What a cell holds of a text, and its number format."""
    if column.shape == Shape.DAY:
        return (date.fromisoformat(stored) if stored else None), "yyyy-mm-dd"
    if column.shape == Shape.NUMBER:
        return (Decimal(stored) if stored else None), "General"
    return column.shown(stored) or None, "@"


def _add_rule(
    page: Worksheet, number: int, column: Column, last: int, lists: dict[tuple[str, ...], str]
) -> None:
    """The drop-down of a column with choices."""
    if not column.choices:
        return
    name = lists.setdefault(tuple(column.choices.values()), f"choices_{len(lists) + 1}")
    rule = DataValidation(type="list", formula1=name, allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "请核对", "请从下拉列表中选择。"
    page.add_data_validation(rule)
    letter = get_column_letter(number)
    rule.add(f"{letter}{FIRST_ROW}:{letter}{last}")


def _write_lists(book: Workbook, lists: dict[tuple[str, ...], str]) -> None:
    page = book.create_sheet(LISTS)
    page.sheet_state = "veryHidden"
    for number, (choices, name) in enumerate(lists.items(), 1):
        for row, choice in enumerate(choices, 1):
            _put(page, row, number, choice)
        letter = get_column_letter(number)
        where = f"{quote_sheetname(LISTS)}!${letter}$1:${letter}${len(choices)}"
        book.defined_names[name] = DefinedName(name, attr_text=where)


def _seal(page: Worksheet) -> None:
    """The signed version of the template: a workbook of another make or of an outgrown one is recognised."""
    page.sheet_state = "veryHidden"
    _put(page, 1, 1, signing.dumps({"template": template()}, salt=SALT))
    page.protection.sheet = True

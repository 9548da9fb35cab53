"""Writes what is wrong into the workbook that came back: red cells with a comment, and a sentence at the row's end."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from filings.workbook.layout import ALL, ERRORS_SHEET, Use
from filings.workbook.read import Found
from filings.workbook.write import LOCKED_FILL, OPEN_FILL, kept

AUTHOR = "系统校验"
_RED = "FFD2CC"
ERROR_FILL = PatternFill("solid", start_color=_RED)
_SAID = Font(name="宋体", size=10, color="B42318")
_HEAD = Font(name="黑体", size=10)


@dataclass(frozen=True)
class Wrong:
    """What is wrong in one row: sentences by field name, each with the field's label; and about the row as a whole."""

    cells: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    row: Sequence[str] = ()

    @property
    def said(self) -> str:
        """Everything in one text."""
        return "\n".join([*self.row, *(f"{label}：{sentence}" for label, sentence in self.cells.values())])


#: What is wrong by the ids of entry and work item; none for the entry's own row.
Wrongs = Mapping[tuple[int, int | None], Wrong]


def marked(content: bytes, found: Found, wrong: Wrongs) -> bytes:
    """The workbook with `wrong`, by the ids of entry and work item, written into its cells; the marks of an earlier return are taken off."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is not carried over concerns no cell of ours
        book = load_workbook(BytesIO(content), keep_links=False)
    for title, columns in found.columns.items():
        page = book[next(name for name in book.sheetnames if name.strip() == title)]
        for row in found.rows:
            if row.sheet == title:
                _clear(page, columns, row.row)
                _mark(page, columns, row.row, wrong.get((row.key, row.item), Wrong()))
    _list(book, found, wrong)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _fields(columns: Mapping[str, int]) -> dict[str, int]:
    written = {column.name for sheet in ALL for column in sheet.columns if column.use == Use.FIELD}
    return {name: number for name, number in columns.items() if name in written}


def _clear(page: Worksheet, columns: Mapping[str, int], row: int) -> None:
    for number in _fields(columns).values():
        cell = page.cell(row, number)
        if not isinstance(cell, Cell):  # inside a merged range
            continue
        if str(cell.fill.start_color.rgb).endswith(_RED):
            cell.fill = LOCKED_FILL if cell.protection.locked else OPEN_FILL
        if cell.comment is not None and cell.comment.author == AUTHOR:
            cell.comment = None


def _mark(page: Worksheet, columns: Mapping[str, int], row: int, wrong: Wrong) -> None:
    for name, (_, sentence) in wrong.cells.items():
        cell = page.cell(row, columns[name])
        if isinstance(cell, Cell):
            cell.fill = ERROR_FILL
            cell.comment = Comment(sentence, AUTHOR, height=90, width=260)
    if "errors" in columns:
        said = page.cell(row, columns["errors"])
        if isinstance(said, Cell):
            said.value = kept(wrong.said) or None
            said.font = _SAID
            said.alignment = Alignment(vertical="center", wrap_text=True)
            if wrong.said:
                lines = sum(-(-2 * len(line) // 28) for line in wrong.said.split("\n"))
                height = page.row_dimensions[row].height or 15.0
                page.row_dimensions[row].height = min(max(height, 14.5 * lines + 6), 400.0)


def _list(book: Workbook, found: Found, wrong: Wrongs) -> None:
    """A sheet in front that lists everything; gone when nothing is wrong."""
    if ERRORS_SHEET in book.sheetnames:
        book.remove(book[ERRORS_SHEET])
    lines = [("", "", "", sentence) for sentence in found.problems]
    for row in found.rows:
        here = wrong.get((row.key, row.item), Wrong())
        lines += [(row.sheet, str(row.row), "", sentence) for sentence in here.row]
        lines += [(row.sheet, str(row.row), label, sentence) for label, sentence in here.cells.values()]
    if not lines:
        return
    page = book.create_sheet(ERRORS_SHEET, 0)
    for number, (title, width) in enumerate((("工作表", 18), ("行", 6), ("栏目", 18), ("问题与改法", 90)), 1):
        cell = page.cell(1, number, title)
        cell.font = _HEAD
        page.column_dimensions["ABCD"[number - 1]].width = width
    for line_no, line in enumerate(lines, 2):
        for number, text in enumerate(line, 1):
            cell = page.cell(line_no, number, kept(text) or None)
            cell.font = Font(name="宋体", size=10)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
    page.freeze_panes = "A2"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for other in book.worksheets:
        other.sheet_view.tabSelected = False
    book.active = 0

"""Writes what is wrong into a plan's workbook: red cells with a comment, and a sheet in front that lists everything."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from io import BytesIO

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from harbor_plan.lib import formulas
from tasks.plan_book.layout import ERRORS, FIRST_ROW, HEAD_ROW
from tasks.plan_book.read import Wrong
from tasks.plan_files.tables import TITLES

AUTHOR = "系统校验"
_RED = "FFD2CC"
_ERROR = PatternFill("solid", start_color=_RED)


def marked(content: bytes, wrongs: Sequence[Wrong]) -> bytes:
    """The workbook with every problem in its cell; the marks of an earlier return are taken off."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is not carried over concerns no cell of ours
        book = load_workbook(BytesIO(content), keep_links=False)
    for page in book.worksheets:
        if page.title.strip() in TITLES.values():
            _clear(page)
    for wrong in wrongs:
        for page in book.worksheets:
            if page.title.strip() == wrong.sheet:
                _mark(page, wrong)
    _list(book, wrongs)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _clear(page: Worksheet) -> None:
    for row in page.iter_rows(min_row=HEAD_ROW):
        for cell in row:
            if not isinstance(cell, Cell) or cell.comment is None or cell.comment.author != AUTHOR:
                continue
            cell.comment = None
            cell.fill = PatternFill()


def _mark(page: Worksheet, wrong: Wrong) -> None:
    """The cell of the column, or the first of the row where the row as a whole is meant."""
    row = wrong.row or FIRST_ROW
    heads = {str(cell.value): cell.column for cell in page[HEAD_ROW] if isinstance(cell, Cell)}
    cell = page.cell(row, heads.get(wrong.column, 1))
    if not isinstance(cell, Cell):  # inside a merged range
        return
    said = f"{cell.comment.text}\n{wrong.message}" if cell.comment else wrong.message
    cell.fill = _ERROR
    cell.comment = Comment(said, AUTHOR, height=110, width=280)


def _list(book: Workbook, wrongs: Sequence[Wrong]) -> None:
    if ERRORS in book.sheetnames:
        book.remove(book[ERRORS])
    page = book.create_sheet(ERRORS, 0)
    lines = [("工作表", "行", "栏目", "问题与改法")]
    lines += [(w.sheet, str(w.row or ""), w.column, w.message) for w in wrongs]
    for number, line in enumerate(lines, 1):
        for column, text in enumerate(line, 1):
            cell = page.cell(number, column, formulas.escape(text) or None)
            cell.font = Font(name="黑体" if number == 1 else "宋体", size=10)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
    for letter, width in zip("ABCD", (18, 6, 18, 90), strict=True):
        page.column_dimensions[letter].width = width
    page.freeze_panes = "A2"
    for other in book.worksheets:
        other.sheet_view.tabSelected = False
    book.active = 0

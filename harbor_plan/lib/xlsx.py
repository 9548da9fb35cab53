"""Tables as .xlsx files: forms as offices print them, and plain tables that come back through an import.

A form has the usual parts of an official one: a large title over the whole width, a second row with the unit on the
left and the date on the right, a heading that stays in sight and is printed on every page, A4 across, page numbers
in the footer, and a last row for the people who answer for it. Numbers are numbers, percentages too; codes and
numbers of tasks are text. Text that looks like a formula is escaped (`harbor_plan.lib.formulas`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from harbor_plan.lib import formulas
from harbor_plan.lib.moments import local

Value = str | int | Decimal | date | datetime | None

#: The people who answer for a form, below its table.
TAIL = "单位负责人：　　　　　　　　审核人：　　　　　　　　填表人：　　　　　　　　联系电话："
TITLE_ROW, UNIT_ROW, HEAD_ROW = 1, 2, 3
#: What one text cell can hold.
LONGEST = 32_767


class Kind(Enum):
    """What a column holds: its number format and how it is aligned."""

    TEXT = ("@", "left")
    CODE = ("@", "center")
    NUMBER = ("General", "right")
    PERCENT = ("0.0%", "right")
    DAY = ("yyyy-mm-dd", "center")
    MOMENT = ("yyyy-mm-dd hh:mm", "center")

    @property
    def format(self) -> str:
        return self.value[0]

    @property
    def align(self) -> str:
        return self.value[1]


@dataclass(frozen=True)
class Column:
    """One column; `width` counts half-width characters. PERCENT takes 0 to 100 and stores the share."""

    title: str
    width: float
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Merge:
    """One column's cells that are printed as one, from row `first` to row `last` of the rows (0 is the first)."""

    column: int
    first: int
    last: int


@dataclass(frozen=True)
class Form:
    """One sheet. `left` and `right` make the second row; `notes` stand below the table, above the tail."""

    sheet: str
    title: str
    left: str
    right: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    merges: Sequence[Merge] = ()
    notes: Sequence[str] = ()


def form_workbook(forms: Sequence[Form]) -> bytes:
    """A workbook with one sheet for each form."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for form in forms:
        _write_form(book.create_sheet(form.sheet), form)
    return _bytes(book)


def table_workbook(sheet: str, head: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    """A workbook with one bare table, its heading in the first row and nothing merged: what an import takes back."""
    book = Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for column, title in enumerate(head, 1):
        _put(page, 1, column, title, Kind.TEXT).font = Font(bold=True)
        page.column_dimensions[get_column_letter(column)].width = 16
    for number, row in enumerate(rows, 2):
        for column, value in enumerate(row, 1):
            _put(page, number, column, value, _kind_of(value))
    page.freeze_panes = "A2"
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _kind_of(value: Value) -> Kind:
    if isinstance(value, (int, Decimal)):
        return Kind.NUMBER
    if isinstance(value, datetime):
        return Kind.MOMENT
    return Kind.DAY if isinstance(value, date) else Kind.TEXT


# Cells


def _put(page: Worksheet, row: int, column: int, value: Value, kind: Kind) -> Cell:
    """Write one value as its kind; text stays text whatever it begins with."""
    cell = page.cell(row, column)
    assert isinstance(cell, Cell)
    cell.number_format = kind.format
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.value = formulas.escape(text)[:LONGEST]
    elif isinstance(value, datetime):
        cell.value = local(value).replace(tzinfo=None)
    elif kind == Kind.PERCENT and isinstance(value, (int, Decimal)):
        cell.value = Decimal(value) / 100
    elif value is not None:
        cell.value = value
    return cell


# The parts of a form

_THIN = Side(style="thin")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_BODY, _HEAD, _TITLE = (
    Font(name="宋体", size=10),
    Font(name="黑体", size=10),
    Font(name="方正小标宋简体", size=20),
)


def _write_form(page: Worksheet, form: Form) -> None:
    width = len(form.columns)
    _write_title(page, form, width)
    for number, column in enumerate(form.columns, 1):
        cell = _put(page, HEAD_ROW, number, column.title, Kind.TEXT)
        cell.font, cell.border = _HEAD, _BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(number)].width = column.width
    for offset, row in enumerate(form.rows):
        for number, (column, value) in enumerate(zip(form.columns, row, strict=True), 1):
            cell = _put(page, HEAD_ROW + 1 + offset, number, value, column.kind)
            cell.font, cell.border = _BODY, _BOX
            cell.alignment = Alignment(horizontal=column.kind.align, vertical="center", wrap_text=True)
    for merge in form.merges:
        first = HEAD_ROW + 1
        page.merge_cells(
            start_row=first + merge.first,
            end_row=first + merge.last,
            start_column=merge.column + 1,
            end_column=merge.column + 1,
        )
    for below, line in enumerate([*form.notes, TAIL], HEAD_ROW + 1 + len(form.rows)):
        _write_line(page, below, line, width)
    _set_page(page)


def _write_title(page: Worksheet, form: Form, width: int) -> None:
    title = _put(page, TITLE_ROW, 1, form.title, Kind.TEXT)
    title.font = _TITLE
    title.alignment = Alignment(horizontal="center", vertical="center")
    page.merge_cells(start_row=TITLE_ROW, end_row=TITLE_ROW, start_column=1, end_column=width)
    page.row_dimensions[TITLE_ROW].height = 36
    middle = (width + 1) // 2
    for start, end, text, side in ((1, middle, form.left, "left"), (middle + 1, width, form.right, "right")):
        cell = _put(page, UNIT_ROW, start, text, Kind.TEXT)
        cell.font = _BODY
        cell.alignment = Alignment(horizontal=side, vertical="center")
        page.merge_cells(start_row=UNIT_ROW, end_row=UNIT_ROW, start_column=start, end_column=end)


def _write_line(page: Worksheet, row: int, text: str, width: int) -> None:
    """One line of running text below the table, over its whole width."""
    cell = _put(page, row, 1, text, Kind.TEXT)
    cell.font = _BODY
    cell.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
    page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
    page.row_dimensions[row].height = 24


def _set_page(page: Worksheet) -> None:
    """A4 across, as wide as the sheet, headings on every page, page numbers below."""
    page.freeze_panes = f"A{HEAD_ROW + 1}"
    page.print_title_rows = f"{TITLE_ROW}:{HEAD_ROW}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = int(page.PAPERSIZE_A4)
    page.page_setup.fitToWidth = 1
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.5
    assert page.oddFooter is not None  # an empty footer counts as false
    page.oddFooter.center.text = "第 &P 页，共 &N 页"

"""Writes a filing's workbook: one sheet for each kind of entry, how to fill it in, and the seal out of sight.

What is locked is grey and protected without a password, which keeps hands off by accident only; what was changed
nevertheless is noticed when the workbook comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from filings.terms import EntryKind
from filings.workbook.fields import Shape, Spec, decoded, kept, to_cell
from filings.workbook.layout import (
    ALL,
    FIRST_ROW,
    GUIDE,
    HEAD_ROW,
    LISTS,
    SEAL,
    TAIL_START,
    TITLE_ROW,
    UNIT_ROW,
    Column,
    Sheet,
    Use,
)
from filings.workbook.seal import Seal, SealedRow, digest, pieces

TAIL = f"{TAIL_START}　　　　　　　　审核人：　　　　　　　　填表人：　　　　　　　　联系电话："
ROW_KEY = "项"

_LINE, _LEAST, _MOST = 14.5, 48.0, 400.0

_THIN = Side(style="thin", color="8A8F98")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_BODY, _HEAD = Font(name="宋体", size=10), Font(name="黑体", size=10)
_TITLE, _QUIET = Font(name="方正小标宋简体", size=20), Font(name="宋体", size=10, color="5B616B")
LOCKED_FILL = PatternFill("solid", start_color="EDEFF2")
HEAD_FILL = PatternFill("solid", start_color="DCE3EC")
FIELD_HEAD_FILL = PatternFill("solid", start_color="FFF4D6")
OPEN_FILL = PatternFill()


@dataclass(frozen=True)
class Line:
    """One entry, or one work item of an entry: its key, its locked texts by column, its fields as text, and those of them that can be written."""

    key: int
    sheet: Sheet
    kind: EntryKind
    version: int
    locked: Mapping[str, str]
    texts: Mapping[str, str]
    specs: Mapping[str, Spec]
    is_open: bool
    item: int | None = None

    @property
    def code(self) -> str:
        """What stands in the key's column: 项12, and 项12-3 for a work item of it."""
        return f"{ROW_KEY}{self.key}" if self.item is None else f"{ROW_KEY}{self.key}-{self.item}"

    def cells(self) -> list[str]:
        """The locked texts in the order of the columns, as they are digested."""
        names = (column.name for column in self.sheet.columns if column.use in LOCKED)
        texts = (self.locked.get(name, "") for name in names)
        return [decoded(kept(text)).strip() for text in texts]


#: What a digest guards: what the row is about, and last quarter.
LOCKED = (Use.ABOUT, Use.BEFORE)


@dataclass(frozen=True)
class Book:
    """What a workbook says: whose filing it is of, when it was made, the lines of instruction, and the entries."""

    department: str
    period: str
    plan: str
    filing: int
    at: str
    template: int
    is_demo: bool
    guide: Sequence[str]
    lines: Sequence[Line] = field(default_factory=list)

    def seal(self) -> Seal:
        """What is signed."""
        items: dict[int, dict[str, str]] = {}
        for line in self.lines:
            if line.item is not None:
                items.setdefault(line.key, {})[str(line.item)] = digest(line.cells())
        rows = {
            line.key: SealedRow(
                line.kind.value, line.version, dict(line.texts), digest(line.cells()), items.get(line.key, {})
            )
            for line in self.lines
            if line.item is None
        }
        return Seal(self.template, self.filing, self.department, self.period, self.plan, self.at, rows)


def workbook(book: Book) -> bytes:
    """The file."""
    made = Workbook()
    made.remove(made.worksheets[0])
    lists = _Lists(made)
    for sheet in ALL:
        lines = [line for line in book.lines if line.sheet == sheet]
        if lines:
            _write_sheet(made.create_sheet(sheet.title), sheet, lines, book, lists)
    _write_guide(made.create_sheet(GUIDE), book)
    lists.write()
    _write_seal(made.create_sheet(SEAL), book)
    made.active = 0
    file = BytesIO()
    made.save(file)
    return file.getvalue()


class _Lists:
    """The choices of drop-downs, in a hidden sheet under names: a name also works where a list is long or has commas."""

    def __init__(self, made: Workbook) -> None:
        self.made = made
        self.names: dict[tuple[str, ...], str] = {}

    def name(self, choices: tuple[str, ...]) -> str:
        """The name of a list of labels."""
        return self.names.setdefault(choices, f"choices_{len(self.names) + 1}")

    def write(self) -> None:
        """One column for each list."""
        page = self.made.create_sheet(LISTS)
        page.sheet_state = "veryHidden"
        for number, (choices, name) in enumerate(self.names.items(), 1):
            for row, choice in enumerate(choices, 1):
                _put(page, row, number, kept(choice), "@")
            letter = get_column_letter(number)
            where = f"{quote_sheetname(LISTS)}!${letter}$1:${letter}${len(choices)}"
            self.made.defined_names[name] = DefinedName(name, attr_text=where)
        page.protection.sheet = True


def _put(page: Worksheet, row: int, column: int, value: str | Decimal | date | None, form: str) -> Cell:
    cell = page.cell(row, column)
    assert isinstance(cell, Cell)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.number_format = form
    return cell


# One sheet


def _write_sheet(page: Worksheet, sheet: Sheet, lines: Sequence[Line], book: Book, lists: _Lists) -> None:
    _write_top(page, sheet, book)
    for number, column in enumerate(sheet.columns, 1):
        cell = _put(page, HEAD_ROW, number, column.heading, "@")
        cell.font, cell.border = _HEAD, _BOX
        cell.fill = FIELD_HEAD_FILL if column.use == Use.FIELD else HEAD_FILL
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.column_dimensions[get_column_letter(number)].width = column.width
    page.row_dimensions[HEAD_ROW].height = 32
    for row, line in enumerate(lines, FIRST_ROW):
        _write_line(page, sheet, row, line)
        page.row_dimensions[row].height = _height(sheet, line)
    _add_checks(page, sheet, lines, lists)
    tail = _put(page, FIRST_ROW + len(lines), 2, TAIL, "@")
    tail.font = _BODY
    tail.alignment = Alignment(vertical="center")
    page.row_dimensions[FIRST_ROW + len(lines)].height = 28
    _set_page(page, sheet, FIRST_ROW + len(lines))


def _first_page(sheet: Sheet) -> list[int]:
    """The numbers of the visible columns of the first printed page."""
    last = sheet.index(sheet.fold) - 1 if sheet.fold else sheet.index("errors") - 1
    return list(range(2, last + 1))


def _write_top(page: Worksheet, sheet: Sheet, book: Book) -> None:
    """Title and second row. The title is centred across cells, so that nothing need be merged."""
    across = _first_page(sheet)
    for number in across:
        _put(page, TITLE_ROW, number, None, "@").alignment = Alignment(
            horizontal="centerContinuous", vertical="center"
        )
    title = page.cell(TITLE_ROW, across[0])
    title.font = _TITLE
    title.value = kept(f"{book.plan}{book.period}{sheet.title}{'（演示数据）' if book.is_demo else ''}")
    page.row_dimensions[TITLE_ROW].height = 36
    left = _put(page, UNIT_ROW, across[0], kept(f"填报单位（盖章）：{book.department}"), "@")
    left.font, left.alignment = _BODY, Alignment(vertical="center")
    right = _put(page, UNIT_ROW, across[-1], "填报日期：　　　　年　　月　　日", "@")
    right.font, right.alignment = _BODY, Alignment(horizontal="right", vertical="center")
    page.row_dimensions[UNIT_ROW].height = 22


def _write_line(page: Worksheet, sheet: Sheet, row: int, line: Line) -> None:
    for number, column in enumerate(sheet.columns, 1):
        is_open = line.is_open and column.name in line.specs
        cell = _write_cell(page, row, number, column, line)
        cell.font = _BODY if is_open or column.use == Use.ABOUT else _QUIET
        cell.border = _BOX
        cell.fill = OPEN_FILL if is_open else LOCKED_FILL
        cell.protection = Protection(locked=not is_open)
        cell.alignment = Alignment(horizontal=_align(column, line), vertical="center", wrap_text=True)


def _write_cell(page: Worksheet, row: int, number: int, column: Column, line: Line) -> Cell:
    if column.use == Use.KEY:
        return _put(page, row, number, line.code, "@")
    spec = line.specs.get(column.name)
    if column.use == Use.FIELD and spec:
        return _put(page, row, number, to_cell(line.texts[column.name], spec), spec.format)
    return _put(page, row, number, kept(line.locked.get(column.name, "")) or None, "@")


_CENTRED = frozenset({"number", "unit", "expected", "due", "before_percent", "before_self_light"})


def _align(column: Column, line: Line) -> str:
    spec = line.specs.get(column.name)
    if spec is not None:
        if spec.shape in (Shape.NUMBER, Shape.PERCENT):
            return "right"
        return "left" if spec.shape == Shape.TEXT else "center"
    return "center" if column.name in _CENTRED or column.name.startswith("before_milestone") else "left"


def _height(sheet: Sheet, line: Line) -> float:
    """High enough to read every text of the row, within what a row can have."""
    most = 1
    for column in sheet.columns:
        text = line.locked.get(column.name) or line.texts.get(column.name, "")
        most = max(most, sum(-(-_width(part) // int(column.width - 1)) or 1 for part in text.split("\n")))
    return min(max(_LEAST, most * _LINE + 6), _MOST)


def _width(text: str) -> int:
    """Half-width characters of a line."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


# What a cell accepts


def _add_checks(page: Worksheet, sheet: Sheet, lines: Sequence[Line], lists: _Lists) -> None:
    """Drop-downs and bounds on the cells that can be written, each with its sentence."""
    for column in sheet.fields:
        letter = get_column_letter(sheet.index(column.name))
        rules: dict[Spec, DataValidation] = {}
        for row, line in enumerate(lines, FIRST_ROW):
            spec = line.specs.get(column.name)
            if spec is None or not line.is_open:
                continue
            if spec not in rules:
                rules[spec] = _rule(spec, column, lists)
                page.add_data_validation(rules[spec])
            rules[spec].add(f"{letter}{row}")


def _rule(spec: Spec, column: Column, lists: _Lists) -> DataValidation:
    rule = DataValidation(allow_blank=True, showErrorMessage=True, showInputMessage=True)
    rule.errorTitle, rule.promptTitle = "请核对", column.heading[:32]
    if spec.shape == Shape.CHOICE:
        rule.type, rule.formula1 = "list", lists.name(tuple(label for _, label in spec.choices))
        rule.error = rule.prompt = "请从下拉列表中选择。"
    elif spec.shape == Shape.PERCENT:
        low, high = ("0", "1") if spec.is_bounded else ("-1000000", "1000000")
        rule.type, rule.operator, rule.formula1, rule.formula2 = "decimal", "between", low, high
        rule.prompt = (
            "由“工作项进度”表算出，不必填；确需改用其他比例的才填，并写明比例说明。"
            if spec.is_override
            else "填百分数，例如 85%。"
        )
        rule.error = "请填 0% 至 100% 之间的百分数，例如 85%。" if low == "0" else "请填百分数，例如 85%。"
    elif spec.shape == Shape.NUMBER:
        rule.type, rule.operator = "decimal", "between"
        rule.formula1, rule.formula2 = "-99999999999999", "99999999999999"
        rule.prompt, rule.error = "只填数字，不带单位。", "请只填数字，不带单位，例如 85 或 85.5。"
    elif spec.shape == Shape.DAY:
        rule.type, rule.operator = "date", "between"
        rule.formula1, rule.formula2 = "36526", "73050"
        rule.prompt = "按年-月-日填写，例如 2021-03-20。"
        rule.error = "请填日期，例如 2021-03-20。"
    else:
        rule.type, rule.operator, rule.formula1 = "textLength", "lessThanOrEqual", str(spec.longest)
        rule.error = f"最多 {spec.longest} 字，请压缩。"
        rule.showInputMessage, rule.promptTitle = False, None
    return rule


# The page, the guide, the seal


def _set_page(page: Worksheet, sheet: Sheet, last: int) -> None:
    """A4 across; headings on every page, and number and title on the second page of a wide sheet."""
    page.column_dimensions["A"].hidden = True
    beside = "D" if sheet.columns[1].name == "number" else "C"
    page.freeze_panes = f"{beside}{FIRST_ROW}"
    page.sheet_view.zoomScale = 90
    page.sheet_view.showGridLines = False
    page.print_title_rows = f"{TITLE_ROW}:{HEAD_ROW}"
    end = get_column_letter(sheet.index("state"))
    page.print_area = f"B{TITLE_ROW}:{end}{last}"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = int(page.PAPERSIZE_A4)
    page.print_options.horizontalCentered = True
    margins = page.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom = 0.6, 0.7
    if sheet.fold:
        page.print_title_cols = "B:C"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 2 if sheet.fold else 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    assert page.oddFooter is not None  # an empty footer counts as false
    page.oddFooter.left.text = sheet.title
    page.oddFooter.center.text = "第 &P 页，共 &N 页"
    _protect(page)


def _protect(page: Worksheet) -> None:
    """Locked cells cannot be typed in; widths, heights and selecting stay free. There is no password."""
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = False


def _write_guide(page: Worksheet, book: Book) -> None:
    page.column_dimensions["A"].width = 110
    title = _put(page, 1, 1, GUIDE, "@")
    title.font, title.alignment = _TITLE, Alignment(horizontal="center", vertical="center")
    page.row_dimensions[1].height = 36
    for row, text in enumerate(book.guide, 2):
        cell = _put(page, row, 1, kept(text), "@")
        cell.font = Font(name="宋体", size=11)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        page.row_dimensions[row].height = 18.0 * (-(-_width(text) // 100) or 1) + 4
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = int(page.PAPERSIZE_A4)
    assert page.oddFooter is not None
    page.oddFooter.center.text = "第 &P 页，共 &N 页"
    _protect(page)


def _write_seal(page: Worksheet, book: Book) -> None:
    page.sheet_state = "veryHidden"
    for row, piece in enumerate(pieces(book.seal()), 1):
        _put(page, row, 1, piece, "@")
    page.protection.sheet = True

"""Reads a workbook that came back. What cannot be a workbook of ours is refused before it is parsed (`safety`).

Rows are found by their key and columns by their heading, so that moved rows and columns do no harm. Nothing is
judged here but the shape of the sheets: cells are handed on as they are.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from filings.terms import EntryKind
from filings.workbook.fields import BLANK, Raw, decoded
from filings.workbook.layout import (
    ALL,
    ERRORS_SHEET,
    GUIDE,
    HEAD_WITHIN,
    ITEMS,
    LISTS,
    SEAL,
    SHEETS,
    TAIL_START,
    TEMPLATE,
    Sheet,
)
from filings.workbook.seal import BadSeal, OtherTemplate, Seal, digest, opened
from filings.workbook.write import LOCKED, ROW_KEY
from harbor_plan.lib.archives import BadFile
from harbor_plan.lib.workbooks import examined
from harbor_plan.lib.zh import shortened

#: Rows and columns that are read of a sheet.
MOST_ROWS, MOST_COLUMNS = 60_000, 100
#: So many blank rows between others are worth a word.
MANY_BLANK = 100
_MERGED = re.compile(rb'<(?:[a-z]+:)?mergeCell\s[^>]*?ref="([A-Z]+[0-9]+:[A-Z]+[0-9]+)"')
_PIECES = 500


@dataclass(frozen=True)
class ReadRow:
    """One row with a key, of an entry or of one of its work items: where it stands, its cells by column name, and which of them are merged with others."""

    key: int
    item: int | None
    sheet: str
    row: int
    cells: Mapping[str, Raw]
    merged: frozenset[str]
    locked: str

    def cell(self, name: str) -> Raw:
        return self.cells.get(name, BLANK)


@dataclass(frozen=True)
class Found:
    """What a workbook has: its seal, its rows, what is wrong with its sheets, and what was passed over.

    `columns` says in which column of which sheet each name stands. `problems` are sentences about rows and sheets that
    cannot be read; `notes` about what is not read and does no harm.
    """

    seal: Seal
    rows: list[ReadRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    columns: dict[str, dict[str, int]] = field(default_factory=dict)


def read(name: str, content: bytes) -> Found:
    """The workbook in a file. Raises BadFile with a sentence for whatever is not one of ours."""
    examined(name, content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that are not read do not concern anybody
            book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
            return _read(name, book, content)
    except (
        zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError,
        AttributeError, OverflowError, SyntaxError,
    ) as error:  # fmt: skip
        if isinstance(error, BadFile):
            raise
        raise BadFile(
            f"“{name}”打不开：内部结构不完整。请用表格软件打开后另存为“Excel 工作簿（.xlsx）”再上传。"
        ) from error


def _read(name: str, book: Any, content: bytes) -> Found:
    found = Found(_seal(name, book))
    expected = [sheet for sheet in ALL if sheet.title in _sheets_of(found.seal)]
    titles = {_title(page.title): page for page in book.worksheets}
    for sheet in expected:
        page = titles.get(sheet.title)
        if page is None:
            found.problems.append(
                f"缺少“{sheet.title}”工作表，其中各项没有读取。请不要删除或改名，可重新下载后填写。"
            )
            continue
        _read_sheet(found, sheet, page, _merged(content, page))
    known = {sheet.title for sheet in ALL} | {GUIDE, SEAL, LISTS, ERRORS_SHEET}
    for title in titles:
        if title not in known:
            found.notes.append(f"多出的工作表“{shortened(title, 20)}”没有读取。")
    _check_keys(found)
    return found


def _title(title: str) -> str:
    return str(title).strip()


def _sheets_of(seal: Seal) -> set[str]:
    """The sheets that were made: those of the kinds that have rows."""
    titles = {SHEETS[EntryKind(row.kind)].title for row in seal.rows.values()}
    return titles | {ITEMS.title} if any(row.items for row in seal.rows.values()) else titles


def _seal(name: str, book: Any) -> Seal:
    if SEAL not in book.sheetnames:
        raise BadFile(f"“{name}”不是本系统下载的填报工作簿，或校验信息已被删除。请重新下载后填写。")
    cells = book[SEAL].iter_rows(max_row=_PIECES, max_col=1, values_only=True)
    try:
        return opened((str(row[0]) for row in cells if row and row[0]), template=TEMPLATE)
    except BadSeal:
        raise BadFile(
            f"“{name}”的校验信息不对：不是本系统下载的工作簿，或校验信息被改动。请重新下载后填写。"
        ) from None
    except OtherTemplate as other:
        raise BadFile(
            f"“{name}”用的是第 {other.args[0]} 版模板，现行为第 {TEMPLATE} 版。请重新下载，把填写的内容抄入后上传。"
        ) from None


def _merged(content: bytes, page: Any) -> list[tuple[int, int, int, int]]:
    """The merged ranges of a sheet as (first column, first row, last column, last row)."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        part = archive.read(page._worksheet_path)  # the only way from a sheet to its part
    return [range_boundaries(ref.decode()) for ref in _MERGED.findall(part)]  # type: ignore[misc]


def _read_sheet(found: Found, sheet: Sheet, page: Any, merged: Sequence[tuple[int, int, int, int]]) -> None:
    rows = _rows(page)
    columns = _columns(found, sheet, rows)
    if columns is None:
        return
    found.columns[sheet.title] = columns
    by_number = {number: name for name, number in columns.items()}
    blank = 0
    for number, cells in rows:
        raws = {by_number[no]: raw for no, raw in cells.items() if no in by_number and not raw.is_blank}
        if not raws:
            blank += 1
            continue
        key = _key(raws.get("key", BLANK))
        if key is None:
            _note_keyless(found, sheet, number, raws)
            continue
        touched = {
            name
            for name, no in columns.items()
            if any(a <= no <= c and b <= number <= d for a, b, c, d in merged)
        }
        found.rows.append(ReadRow(*key, sheet.title, number, raws, frozenset(touched), _locked(sheet, raws)))
    if blank > MANY_BLANK:
        found.notes.append(f"“{sheet.title}”中有 {blank} 个空行，已略过。")


def _rows(page: Any) -> Iterator[tuple[int, dict[int, Raw]]]:
    """Row number and cells by column number; cells without a value are left out."""
    rows = page.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
    for number, row in enumerate(rows, 1):
        yield (
            number,
            {
                cell.column: Raw(cell.value, cell.data_type, cell.number_format or "General")
                for cell in row
                if cell.value is not None
            },
        )


def _columns(found: Found, sheet: Sheet, rows: Iterator[tuple[int, dict[int, Raw]]]) -> dict[str, int] | None:
    """Where each column stands, by its heading; None when the heading cannot be used, which is said."""
    head: dict[int, str] = {}
    for number, cells in rows:
        said = {no: _words(raw) for no, raw in cells.items()}
        if sheet.columns[0].heading in said.values():
            head = said
            break
        if number >= HEAD_WITHIN:
            break
    wanted = {column.heading: column.name for column in sheet.columns}
    needed = [column.heading for column in (sheet.columns[0], *sheet.fields)]
    listed = list(head.values())
    missing = [said for said in needed if said not in listed]
    doubled = [said for said in needed if listed.count(said) > 1]
    if missing or doubled:
        words = [f"缺少“{said}”列" for said in missing] + [f"“{said}”列重复" for said in doubled]
        if not head:
            words = ["找不到表头（含“行码”的一行）"]
        found.problems.append(
            f"“{sheet.title}”{'，'.join(words)}，本表没有读取。请不要改动表头，可重新下载后填写。"
        )
        return None
    extra = [said for said in listed if said and said not in wanted]
    if extra:
        found.notes.append(
            f"“{sheet.title}”中多出的列“{'”“'.join(shortened(said, 20) for said in extra)}”没有读取。"
        )
    return {wanted[said]: no for no, said in head.items() if said in wanted}


def _words(raw: Raw) -> str:
    return decoded(raw.value).strip() if isinstance(raw.value, str) else str(raw.value)


def _key(raw: Raw) -> tuple[int, int | None] | None:
    """The ids of the entry and of its work item, if it is one."""
    match = re.fullmatch(rf"{ROW_KEY}([0-9]{{1,14}})(?:-([0-9]{{1,14}}))?", _words(raw))
    if match is None:
        return None
    return int(match[1]), int(match[2]) if match[2] else None


def _note_keyless(found: Found, sheet: Sheet, number: int, raws: Mapping[str, Raw]) -> None:
    """A row without a key that says something is an inserted one, unless it is the tail of the form."""
    if any(_words(raw).startswith(TAIL_START) for raw in raws.values()):
        return
    found.problems.append(
        f"“{sheet.title}”第 {number} 行没有行码，看不出是哪一项，没有读取。请不要插入行，把内容填到原有的行里。"
    )


def _locked(sheet: Sheet, raws: Mapping[str, Raw]) -> str:
    """The digest of the row's locked cells, as it was sealed."""
    names: Iterable[str] = (column.name for column in sheet.columns if column.use in LOCKED)
    return digest(_plain(raws.get(name, BLANK)) for name in names)


def _plain(raw: Raw) -> str:
    return "" if raw.value is None else _stripped(str(raw.value))


def _stripped(text: str) -> str:
    return decoded(text).strip()


def _check_keys(found: Found) -> None:
    """Each row once, in its own sheet; what is doubled is not read at all, what is missing stays as it is."""
    places: dict[tuple[int, int | None], list[ReadRow]] = {}
    for row in found.rows:
        places.setdefault((row.key, row.item), []).append(row)
    owed = _owed(found.seal)
    for key, rows in places.items():
        where = f"“{rows[0].sheet}”第 {'、'.join(str(row.row) for row in rows)} 行"
        if key not in owed:
            said = f"{where}的行码不是本工作簿的，没有读取。请不要从其他工作簿复制整行。"
        elif len(rows) > 1:
            said = f"{where}是同一项（行码重复），都没有读取。请只留一行。"
        elif owed[key] != rows[0].sheet:
            said = f"{where}是“{owed[key]}”的内容，没有读取。请放回原来的工作表。"
        else:
            continue
        found.problems.append(said)
        found.rows[:] = [row for row in found.rows if (row.key, row.item) != key]
    for title in found.columns:
        gone = [key for key, sheet in owed.items() if sheet == title and key not in places]
        if gone:
            found.notes.append(f"“{title}”少了 {len(gone)} 行，这些项保持系统中的内容。")


def _owed(seal: Seal) -> dict[tuple[int, int | None], str]:
    """The sheet of every row that was made, by the ids in its key."""
    owed: dict[tuple[int, int | None], str] = {}
    for key, row in seal.rows.items():
        owed[key, None] = SHEETS[EntryKind(row.kind)].title
        owed |= {(key, int(item)): ITEMS.title for item in row.items}
    return owed

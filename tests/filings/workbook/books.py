"""Workbooks in tests: taking one from a filing, typing into it as people do, and sending it back."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import User
from filings.models import Entry, Filing, WorkbookUpload
from filings.queries.workbook import Preview, RowSeen, preview
from filings.services.workbook import filing_workbook, keep_upload
from filings.terms import EntryKind
from filings.views.common import load_filing
from filings.workbook.layout import FIRST_ROW, HEAD_ROW, SHEETS
from tests.filings.scene import Scene

NAME = "牵头局2020年第2季度填报.xlsx"


def taken(scene: Scene, filing: Filing | None = None, by: User | None = None) -> bytes:
    """The workbook as the filer downloads it."""
    by = by or scene.filer
    filing = load_filing(by, (filing or scene.filing).pk)
    return filing_workbook(filing=filing, by=by, at=scene.at).content


def opened(content: bytes) -> Workbook:
    """The workbook as openpyxl has it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_workbook(io.BytesIO(content))


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def edited(content: bytes, change: Callable[[Workbook], None]) -> bytes:
    """The workbook after somebody did something to it."""
    book = opened(content)
    change(book)
    return saved(book)


def row_of(page: Worksheet, entry: Entry) -> int:
    """The row of an entry."""
    for row in range(FIRST_ROW, page.max_row + 1):
        if page.cell(row, 1).value == f"项{entry.pk}":
            return row
    raise AssertionError(f"no row of {entry}")


def column_of(kind: str, name: str) -> int:
    """The column of a field, from 1."""
    return SHEETS[EntryKind(kind)].index(name)


def page_of(book: Workbook, entry: Entry) -> Worksheet:
    """The sheet of an entry."""
    return book[EntryKind(entry.kind).label]


def cell_of(book: Workbook, entry: Entry, name: str) -> Any:
    """The cell of one field."""
    page = page_of(book, entry)
    return page.cell(row_of(page, entry), column_of(entry.kind, name))


def with_values(
    content: bytes, entry: Entry, formats: Mapping[str, str] | None = None, **values: Any
) -> bytes:
    """The workbook with values put into an entry's cells as they are, number formats too where given."""

    def put(book: Workbook) -> None:
        for name, value in values.items():
            cell = cell_of(book, entry, name)
            cell.value = value
            if formats and name in formats:
                cell.number_format = formats[name]

    return edited(content, put)


def repacked(
    content: bytes, change: Callable[[dict[str, bytes]], None], compression: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """The file after something was done to its parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def sheet_part(content: bytes, kind: str) -> str:
    """The part of a sheet in the file of ours."""
    titles = opened(content).sheetnames
    return f"xl/worksheets/sheet{titles.index(EntryKind(kind).label) + 1}.xml"


def kept(scene: Scene, content: bytes, *, name: str = NAME, by: User | None = None) -> WorkbookUpload:
    """The workbook taken in by the service."""
    by = by or scene.filer
    filing = load_filing(by, scene.filing.pk)
    return keep_upload(filing=filing, name=name, content=content, by=by, at=scene.at)


def seen(scene: Scene, content: bytes) -> Preview:
    """What the workbook would change."""
    return looked_at(scene, kept(scene, content))


def looked_at(scene: Scene, upload: WorkbookUpload) -> Preview:
    """What an upload would change, as things stand."""
    return preview(upload, load_filing(scene.filer, scene.filing.pk), "", scene.at)


def row_seen(page: Preview, entry: Entry) -> RowSeen:
    """One entry of a preview."""
    return next(row for row in page.rows if row.entry.pk == entry.pk)


def ways(row: RowSeen) -> dict[str, tuple[str, str, str, str]]:
    """The fields of a row that differ: downloaded, now, typed, and who changed them."""
    return {f.name: (f.downloaded, f.now, f.typed, f.change.value) for f in row.shown}


def problems(row: RowSeen) -> dict[str, str]:
    """What is wrong with the fields of a row."""
    return {f.name: f.problem for f in row.fields if f.problem}


def stored(filing: Filing) -> list[tuple[Any, ...]]:
    """Everything people can write in a filing, to compare before and after."""
    rows: Iterable[Entry] = Entry.objects.filter(filing=filing).order_by("pk")
    return [(row.pk, row.version, row.unparsed, *(getattr(row, name) for name in row.fields)) for row in rows]


__all__ = ["HEAD_ROW"]

"""The two kinds of files a table travels in. Every cell is read as text; the columns make values of it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import tablib
from import_export.formats.base_formats import Format
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from harbor_plan.lib import formulas
from harbor_plan.lib.cells import NO, YES
from harbor_plan.lib.download import CSV, XLSX
from harbor_plan.lib.xlsx import table_workbook

MOST_BYTES = 5 * 1024 * 1024
#: Unpacked, a workbook is bigger; beyond this it is no table of ours.
MOST_UNPACKED = 60 * 1024 * 1024
MOST_ROWS = 5000


class Unreadable(Exception):
    """A file that cannot be read at all: why and what to do, in Chinese."""


class _TableFile(Format):
    """What both kinds share: bytes in, bytes out."""

    extension = ""
    content_type = ""

    def __init__(self, encoding: str | None = None) -> None:
        """The library offers an encoding; ours is known from the file itself."""

    def get_title(self) -> str:
        return f".{self.extension}"

    def get_extension(self) -> str:
        return self.extension

    def get_content_type(self) -> str:
        return self.content_type

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True


class Xlsx(_TableFile):
    """The first sheet of an .xlsx workbook."""

    extension = "xlsx"
    content_type = XLSX

    def get_title(self) -> str:
        return "Excel 工作簿（.xlsx）"

    def create_dataset(self, in_stream: bytes | None) -> tablib.Dataset:
        """The table in the workbook. A formula is read as its text, so that its column refuses it."""
        content = _kept(in_stream)
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                    raise Unreadable("工作簿展开后过大；请只保留要导入的一张表")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
            lines = [[_text(value) for value in row] for row in _rows(book.worksheets[0].values)]
        except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, SyntaxError):
            raise Unreadable(
                "不是可以打开的 .xlsx 工作簿；请在表格软件中另存为“Excel 工作簿（.xlsx）”"
            ) from None
        return _dataset(lines)

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        """One sheet with the table; numbers are numbers, the rest is text."""
        return table_workbook(dataset.title or "导出", dataset.headers or [], list(dataset))


class Csv(_TableFile):
    """A text file with commas. UTF-8, or GB 18030 as older spreadsheets write it."""

    extension = "csv"
    content_type = CSV

    def get_title(self) -> str:
        return "文本表格（.csv）"

    def create_dataset(self, in_stream: bytes | None) -> tablib.Dataset:
        """The table in the file."""
        text = _decoded(_kept(in_stream))
        if "\0" in text:
            raise Unreadable("含有二进制内容，不是文本表格；请在表格软件中另存为“CSV UTF-8（逗号分隔）”")
        try:
            lines = [
                [cell.strip(" ") for cell in line]
                for line in _rows(csv.reader(io.StringIO(text, newline="")))
            ]
        except csv.Error:
            raise Unreadable("引号不成对或一格过长，无法分列；请检查英文双引号") from None
        return _dataset(lines)

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        """UTF-8 with a mark, so that spreadsheets see it; text that looks like a formula is escaped."""
        file = io.StringIO(newline="")
        writer = csv.writer(file)
        for row in [dataset.headers or [], *dataset]:
            writer.writerow([_escaped(value) for value in row])
        return file.getvalue().encode("utf-8-sig")


FORMATS = [Xlsx, Csv]


# Reading


def _kept(content: bytes | None) -> bytes:
    """The uploaded bytes; what was kept for the confirmation is dropped after a day."""
    if content is None:
        raise Unreadable("上传的文件已经过期；请重新选择文件导入")
    return content


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文字编码无法识别；请在表格软件中另存为“CSV UTF-8（逗号分隔）”")


def _rows(rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """The rows as they come, refusing a file with more than a table of ours can have."""
    for number, row in enumerate(rows):
        if number > MOST_ROWS:
            raise Unreadable(f"超过{MOST_ROWS}行；请核对是否选错了文件")
        yield row


def _text(value: Any) -> str:
    """A cell of a workbook as it would be typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        value = value.date()
    return value.isoformat() if isinstance(value, date) else str(value).strip(" ")


def _dataset(lines: list[list[str]]) -> tablib.Dataset:
    """Heading and rows, without blank ones at the end and blank columns on the right."""
    while lines and not any(lines[-1]):
        lines.pop()
    if not lines:
        raise Unreadable("文件是空的；请选择有表头和内容的表格")
    head, *rows = lines
    while head and not head[-1]:
        head = head[:-1]
    width = len(head)
    for number, row in enumerate(rows, 2):
        if any(row[width:]):
            raise Unreadable(
                f"第{number}行的内容多于表头的{width}列；请核对是否少了引号或多了一列，改正后重新导入"
            )
    return tablib.Dataset(*((row + [""] * width)[:width] for row in rows), headers=head)


def _escaped(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None:
        return ""
    return formulas.escape(value) if isinstance(value, str) else str(value)

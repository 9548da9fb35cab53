"""What a workbook must not have, found before anything parses it: entities, links outward, embedded objects, bulk.

The archive itself (size, bombs, nesting, macros, passwords, signature) is asked by `harbor_plan.lib.files`.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from harbor_plan.lib.archives import BadFile
from harbor_plan.lib.files import inspect
from harbor_plan.lib.zh import shortened

MOST_BYTES = 10 * 1024 * 1024
MOST_CELLS = 200_000
#: A filing's texts are far from this; one part beyond it would fill the memory when parsed.
MOST_STRINGS = 20 * 1024 * 1024
MOST_PART = 60 * 1024 * 1024

_CHUNK = 256 * 1024
_CELL = re.compile(rb"<(?:[a-z]+:)?c[ />]")
_OTHER_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["'])""", re.IGNORECASE)
_EMBEDDED = ("xl/embeddings/", "xl/activeX/", "xl/ctrlProps/")


def examined(name: str, content: bytes) -> None:
    """Refuse a file that is no plain workbook. Raises BadFile with a sentence for the person."""
    inspect(name, content, largest=MOST_BYTES, kinds=("xlsx",))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        members = archive.namelist()
        _need_parts(name, members)
        _check_types(name, archive)
        cells = 0
        for member in members:
            if member.endswith((".xml", ".rels", ".vml")):
                cells += _check_part(name, archive, member)
    if cells > MOST_CELLS:
        raise BadFile(
            f"“{name}”有 {cells // 10_000} 万个单元格，最多读 {MOST_CELLS // 10_000} 万个。"
            "多半是表格下方或右侧的空白格带了格式，请选中这些空白行、列删除后再上传。"
        )


def _need_parts(name: str, members: list[str]) -> None:
    if "xl/workbook.xml" not in members or "[Content_Types].xml" not in members:
        raise BadFile(
            f"“{name}”缺少工作簿的基本内容，打不开。请用系统下载的工作簿填写，另存为 xlsx 后再上传。"
        )
    if any(member.startswith("xl/externalLinks/") for member in members):
        raise BadFile(
            f"“{name}”引用了其他工作簿，系统不读取外部链接。请在“数据”中断开链接，改为数值后再上传。"
        )
    if any(member.startswith(_EMBEDDED) for member in members):
        raise BadFile(f"“{name}”内嵌了其他文件或控件，请删去后再上传；佐证材料请在填报页面上传。")


def _check_types(name: str, archive: zipfile.ZipFile) -> None:
    types = archive.read("[Content_Types].xml")
    if b"macroEnabled" in types:
        raise BadFile(f"“{name}”是启用宏的工作簿，请另存为不含宏的 xlsx 后再上传。")
    if b"spreadsheetml.sheet.main+xml" not in types:
        raise BadFile(f"“{name}”不是普通的 Excel 工作簿，请另存为“Excel 工作簿（.xlsx）”后再上传。")


def _check_part(name: str, archive: zipfile.ZipFile, member: str) -> int:
    """Refuse declarations of entities, other encodings and parts too large; the number of cells in a sheet."""
    size = archive.getinfo(member).file_size
    if member.startswith("xl/sharedStrings") and size > MOST_STRINGS:
        raise BadFile(
            f"“{name}”的文字超过 {MOST_STRINGS // 1024 // 1024} MB，请删去与填报无关的内容后再上传。"
        )
    if size > MOST_PART:
        raise BadFile(f"“{name}”中的“{shortened(member, 40)}”过大，请删去与填报无关的内容后再上传。")
    cells, tail = 0, b""
    with archive.open(member) as part:
        while chunk := part.read(_CHUNK):
            window = tail + chunk
            if not tail and _is_strange(window):
                raise BadFile(f"“{name}”的内部编码异常，请用表格软件打开后另存为 xlsx 再上传。")
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise BadFile(f"“{name}”的内部结构异常（含实体声明），不予接收。请用系统下载的工作簿填写。")
            if member.startswith("xl/worksheets/"):
                cells += len(_CELL.findall(window)) - len(_CELL.findall(tail))
            tail = window[-64:]
    return cells


def _is_strange(beginning: bytes) -> bool:
    """Any other encoding than UTF-8 could hide a declaration from a search for it."""
    plain = beginning.removeprefix(b"\xef\xbb\xbf")
    return plain.lstrip()[:1] != b"<" or bool(_OTHER_ENCODING.search(plain[:200])) or b"\0" in plain[:200]

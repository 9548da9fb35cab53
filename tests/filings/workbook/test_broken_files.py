"""Files that are no workbook of this filing: each is refused with its sentence, and nothing is kept or written."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing

from filings.errors import Refused
from filings.models import WorkbookUpload
from filings.workbook import seal
from filings.workbook.layout import SEAL
from harbor_plan.lib import workbooks as safety
from tests import factories as f
from tests.filings.scene import Scene
from tests.filings.workbook import books as b

N = b.NAME
REDO = "请重新下载后填写。"
Made = tuple[str, bytes]
Case = tuple[Callable[[Scene], Made], str]


def parts(change: Callable[[dict[str, bytes]], Any]) -> Callable[[Scene], Made]:
    """Our workbook with something done to the parts of the file."""

    def made(scene: Scene) -> Made:
        return N, b.repacked(b.taken(scene), lambda found: change(found) and None)

    return made


def book(change: Callable[[Any], Any]) -> Callable[[Scene], Made]:
    """Our workbook with something done to it as a spreadsheet program would."""
    return lambda scene: (N, b.edited(b.taken(scene), lambda made: change(made) and None))


def raw(content: bytes, name: str = N) -> Callable[[Scene], Made]:
    return lambda scene: (name, content)


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def as_csv() -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["编号", "进展情况"], ["1.1", "完成"]])
    return text.getvalue().encode("utf-8-sig")


def ole(stream: str = "Workbook") -> bytes:
    """The beginning of a compound file with one stream's name in it."""
    return bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 504 + stream.encode("utf-16-le") + b"\0" * 1024


def truncated(scene: Scene) -> Made:
    content = b.taken(scene)
    return N, content[: len(content) // 2]


def with_flags(scene: Scene) -> Made:
    """Every member marked as encrypted, as an archive with a password has it."""
    content = bytearray(b.taken(scene))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 4)
    return N, bytes(content)


def bomb(found: dict[str, bytes]) -> None:
    found["xl/media/image1.png"] = b"\0" * (70 * 1024 * 1024)


def many_cells(found: dict[str, bytes]) -> None:
    """Two million styled cells without a value."""
    rows = b"".join(
        b'<row r="%d">%s</row>' % (n, b"".join(b'<c r="%c%d" s="1"/>' % (65 + c, n) for c in range(20)))
        for n in range(1_000, 101_000)
    )
    found["xl/worksheets/sheet1.xml"] = found["xl/worksheets/sheet1.xml"].replace(
        b"</sheetData>", rows + b"</sheetData>"
    )


def huge_strings(found: dict[str, bytes]) -> None:
    """Twenty-one megabytes of texts that do not compress to nothing."""
    texts = b"".join(b"<si><t>%032x</t></si>" % (n * 0x9E3779B97F4A7C15 % 2**120) for n in range(460_000))
    found["xl/sharedStrings.xml"] = b"<sst>%s</sst>" % texts


def entities(found: dict[str, bytes]) -> None:
    found["xl/workbook.xml"] = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>' + found["xl/workbook.xml"].split(b"?>")[-1]
    )


def other_encoding(found: dict[str, bytes]) -> None:
    text = found["xl/workbook.xml"].decode()
    found["xl/workbook.xml"] = ('<?xml version="1.0" encoding="utf-16"?>' + text.split("?>")[-1]).encode(
        "utf-16"
    )


def resealed(**changes: Any) -> Callable[[Scene], Made]:
    """A workbook whose seal is genuine but says something else."""

    def made(scene: Scene) -> Made:
        content = b.taken(scene)

        def change(found: Any) -> None:
            page = found[SEAL]
            text = "".join(str(row[0].value).removeprefix("#") for row in page.iter_rows() if row[0].value)
            said = signing.loads(text, salt=seal._SALT) | changes
            page.delete_rows(1, page.max_row)
            page.cell(1, 1).value = "#" + signing.dumps(said, salt=seal._SALT, compress=True)

        return N, b.edited(content, change)

    return made


def foreign(scene: Scene) -> Made:
    """A workbook of another installation: signed with another key."""
    content = b.taken(scene)

    def change(found: Any) -> None:
        page = found[SEAL]
        page.delete_rows(1, page.max_row)
        page.cell(1, 1).value = "#" + signing.dumps({"template": 1}, key="another key", salt=seal._SALT)

    return N, b.edited(content, change)


def another_departments(scene: Scene) -> Made:
    return N, b.taken(scene, f.filing_of(scene.period, scene.helper), scene.stranger)


def another_periods(scene: Scene) -> Made:
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    return N, b.taken(scene, f.filing_of(later, scene.lead))


def another_plans(scene: Scene) -> Made:
    plan = f.make_plan("plan-other", office=scene.plan.office)
    f.make_task(f.make_action(plan), lead=scene.lead)
    period = f.open_quarter(plan, 2020, 2, at=scene.at)
    return N, b.taken(scene, f.filing_of(period, scene.lead))


def too_large(scene: Scene) -> Made:
    return N, b"PK\x03\x04" + b"\0" * safety.MOST_BYTES


def of_words(scene: Scene) -> Made:
    return N, zipped(**{"word/document.xml": b"<a/>", "[Content_Types].xml": b"<a/>"})


UNLIKE = "请用原程序打开后另存为 xlsx 再上传。"
CASES: dict[str, Case] = {
    "empty file": (raw(b""), f"“{N}”是空文件，请核对后重新选择。"),
    "too large": (too_large, f"“{N}”超过 10 MB，请压缩图片、拆分文件后再上传。"),
    "not a zip": (raw("编号,进展".encode("gbk")), f"“{N}”的内容不是 xlsx 文件，{UNLIKE}"),
    "csv renamed": (raw(as_csv()), f"“{N}”的内容不是 xlsx 文件，{UNLIKE}"),
    "csv": (raw(as_csv(), "填报.csv"), "不能上传“填报.csv”：可上传的类型：xlsx。"),
    "pdf renamed": (raw(b"%PDF-1.7 "), f"“{N}”的内容不是 xlsx 文件，内容像是 pdf 文件，{UNLIKE}"),
    "old xls": (raw(ole(), "填报.xls"), "不能上传“填报.xls”：可上传的类型：xlsx。"),
    "old xls renamed": (raw(ole()), f"“{N}”的内容不是 xlsx 文件，内容像是 doc 文件，{UNLIKE}"),
    "password to open": (raw(ole("EncryptedPackage")), f"“{N}”设有打开密码，请取消密码后再上传。"),
    "zip with a password": (with_flags, f"“{N}”设有密码，无法检查，请取消密码后再上传。"),
    "truncated": (truncated, f"“{N}”已损坏，打不开，请重新生成后再上传。"),
    "document renamed": (of_words, f"“{N}”的内容不是 xlsx 文件，{UNLIKE}"),
    "macro file by name": (
        lambda scene: ("填报.xlsm", b.taken(scene)),
        "不能上传“填报.xlsm”：含宏的文件不能上传，请另存为不含宏的格式。",
    ),
    "macros inside": (
        parts(lambda found: found.update({"xl/vbaProject.bin": b"\0"})),
        f"“{N}”含有宏，请另存为不含宏的文件后再上传。",
    ),
    "macro file by its types": (
        parts(
            lambda found: found.update(
                {
                    "[Content_Types].xml": found["[Content_Types].xml"].replace(
                        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
                    )
                }
            )
        ),
        f"“{N}”是启用宏的工作簿，请另存为不含宏的 xlsx 后再上传。",
    ),
    "wrong content type": (
        parts(
            lambda found: found.update(
                {
                    "[Content_Types].xml": found["[Content_Types].xml"].replace(
                        b"spreadsheetml.sheet.main", b"spreadsheetml.template.main"
                    )
                }
            )
        ),
        f"“{N}”不是普通的 Excel 工作簿，请另存为“Excel 工作簿（.xlsx）”后再上传。",
    ),
    "zip bomb": (
        parts(bomb),
        f"“{N}”解开后有 70 MB，与其大小不相称，不予接收，请拆分或重新生成后再上传。",
    ),
    "nested zip": (
        parts(lambda found: found.update({"xl/more.zip": zipped(a=b"a")})),
        f"“{N}”里还有压缩包“more.zip”，请解开后再上传。",
    ),
    "too many members": (
        parts(lambda found: found.clear() or found.update({f"xl/x{n}": b"" for n in range(2001)})),
        f"“{N}”里有 2001 个文件，最多 2000 个，请拆分后再上传。",
    ),
    "path out of the archive": (
        parts(lambda found: found.update({"../x.xml": b"<a/>"})),
        f"“{N}”里有路径异常的文件，不予接收，请重新压缩后再上传。",
    ),
    "two million styled cells": (
        parts(many_cells),
        f"“{N}”有 200 万个单元格，最多读 20 万个。"
        "多半是表格下方或右侧的空白格带了格式，请选中这些空白行、列删除后再上传。",
    ),
    "huge string table": (
        parts(huge_strings),
        f"“{N}”的文字超过 20 MB，请删去与填报无关的内容后再上传。",
    ),
    "entities": (
        parts(entities),
        f"“{N}”的内部结构异常（含实体声明），不予接收。请用系统下载的工作簿填写。",
    ),
    "another encoding": (
        parts(other_encoding),
        f"“{N}”的内部编码异常，请用表格软件打开后另存为 xlsx 再上传。",
    ),
    "external link": (
        parts(lambda found: found.update({"xl/externalLinks/externalLink1.xml": b"<a/>"})),
        f"“{N}”引用了其他工作簿，系统不读取外部链接。请在“数据”中断开链接，改为数值后再上传。",
    ),
    "embedded object": (
        parts(lambda found: found.update({"xl/embeddings/oleObject1.bin": b"\0"})),
        f"“{N}”内嵌了其他文件或控件，请删去后再上传；佐证材料请在填报页面上传。",
    ),
    "no workbook part": (
        parts(lambda found: found.pop("xl/workbook.xml")),
        f"“{N}”缺少工作簿的基本内容，打不开。请用系统下载的工作簿填写，另存为 xlsx 后再上传。",
    ),
    "broken part": (
        parts(lambda found: found.update({"xl/workbook.xml": b"<workbook>"})),
        f"“{N}”打不开：内部结构不完整。请用表格软件打开后另存为“Excel 工作簿（.xlsx）”再上传。",
    ),
    "any other workbook": (
        lambda scene: (N, b.saved(b.Workbook())),
        f"“{N}”不是本系统下载的填报工作簿，或校验信息已被删除。{REDO}",
    ),
    "hidden sheet removed": (
        book(lambda made: made.remove(made[SEAL])),
        f"“{N}”不是本系统下载的填报工作簿，或校验信息已被删除。{REDO}",
    ),
    "broken signature": (
        book(lambda made: setattr(made[SEAL]["A1"], "value", str(made[SEAL]["A1"].value)[:-3] + "abc")),
        f"“{N}”的校验信息不对：不是本系统下载的工作簿，或校验信息被改动。{REDO}",
    ),
    "empty signature": (
        book(lambda made: made[SEAL].delete_rows(1, 9)),
        f"“{N}”的校验信息不对：不是本系统下载的工作簿，或校验信息被改动。{REDO}",
    ),
    "foreign signature": (
        foreign,
        f"“{N}”的校验信息不对：不是本系统下载的工作簿，或校验信息被改动。{REDO}",
    ),
    "another template": (
        resealed(template=0),
        f"“{N}”用的是第 0 版模板，现行为第 1 版。请重新下载，把填写的内容抄入后上传。",
    ),
    "another department's": (
        another_departments,
        f"“{N}”是配合局 2020年第2季度报送的工作簿，不能用于牵头局 2020年第2季度报送。"
        "请上传本单位本季度下载的工作簿。",
    ),
    "another period's": (
        another_periods,
        f"“{N}”是牵头局 2020年第3季度报送的工作簿，不能用于牵头局 2020年第2季度报送。"
        "请上传本单位本季度下载的工作簿。",
    ),
    "another plan's": (
        another_plans,
        f"“{N}”是“plan-other”的牵头局 2020年第2季度报送的工作簿，不能用于牵头局 2020年第2季度报送。"
        "请上传本方案下载的工作簿。",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_is_refused_with_its_sentence_and_nothing_is_kept(scene: Scene, case: str) -> None:
    make, sentence = CASES[case]
    name, content = make(scene)
    before = b.stored(scene.filing)
    with pytest.raises(Refused) as refused:
        b.kept(scene, content, name=name)
    assert refused.value.sentence == sentence
    assert refused.value.axis == "content"
    assert WorkbookUpload.objects.count() == 0
    assert b.stored(scene.filing) == before

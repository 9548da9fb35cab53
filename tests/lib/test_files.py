"""Uploaded files: what is taken, and the sentence each bad one gets. Every case is made of real bytes."""

import hashlib
import io
import struct
import zipfile
import zlib

import pytest
from docx import Document
from openpyxl import Workbook

from harbor_plan.lib.files import KINDS, LARGEST, BadFile, inspect, readable_size

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
JPEG = bytes.fromhex("FFD8FFE000104A46494600010100000100010000FFD9")
GIF = bytes.fromhex("47494638396101000100800000000000FFFFFF2C00000000010001000002024401003B")
OLE = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504)
RAR = b"Rar!\x1a\x07\x01\x00" + bytes(40)
SEVEN = b"7z\xbc\xaf\x27\x1c" + bytes(40)


def png() -> bytes:
    """One red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\xff\0\0")) + chunk(b"IEND", b"")


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx() -> bytes:
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


def xlsx() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def locked(content: bytes) -> bytes:
    """The same zip with the flag of encryption on its first member, in both its headers."""
    changed = bytearray(content)
    changed[6] |= 1
    at = content.index(b"PK\x01\x02")
    changed[at + 8] |= 1
    return bytes(changed)


PPTX = zipped({"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"})
OFD = zipped({"OFD.xml": b"<ofd/>", "Doc_0/Document.xml": b"<d/>"})
MACRO_DOCX = zipped({"word/document.xml": b"<w/>", "word/vbaProject.bin": OLE})
BOMB = zipped({"0.txt": bytes(60 * 1024 * 1024)})


def named(value: object) -> str | None:
    """Bytes are no name for a test: they are many, and a zip's differ from one process to the next."""
    return "bytes" if isinstance(value, bytes) else None


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("现场检查记录.pdf", PDF, "application/pdf"),
        ("照片.JPG", JPEG, "image/jpeg"),
        ("照片.jpeg", JPEG, "image/jpeg"),
        ("截图.png", png(), "image/png"),
        ("动图.gif", GIF, "image/gif"),
        ("旧文.doc", OLE, "application/msword"),
        ("旧表.xls", OLE, "application/vnd.ms-excel"),
        ("旧片.ppt", OLE, "application/vnd.ms-powerpoint"),
        ("文.docx", docx(), KINDS["docx"]),
        ("表.xlsx", xlsx(), KINDS["xlsx"]),
        ("片.pptx", PPTX, KINDS["pptx"]),
        ("文.wps", OLE, "application/wps-office.wps"),
        ("文.wps", docx(), "application/wps-office.wps"),
        ("表.et", OLE, "application/wps-office.et"),
        ("公文.ofd", OFD, "application/ofd"),
        ("说明.txt", "进度说明\r\n第二行".encode(), "text/plain; charset=utf-8"),
        ("说明.txt", "进度说明".encode("gb18030"), "text/plain; charset=utf-8"),
        ("材料.zip", zipped({"照片/1.jpg": JPEG, "表.xlsx": xlsx()}), "application/zip"),
    ],
    ids=named,
)
def test_a_file_that_is_what_its_name_says_is_taken(name, data, media_type):
    taken = inspect(name, data)
    assert (taken.name, taken.suffix) == (name, name.rpartition(".")[2].lower())
    assert (taken.media_type, taken.size, taken.data) == (media_type, len(data), data)
    assert taken.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("空.pdf", b"", "“空.pdf”是空文件，请核对后重新选择。"),
        ("大.pdf", PDF + bytes(LARGEST), "“大.pdf”超过 20 MB，请压缩图片、拆分文件后再上传。"),
        (
            "程序.exe",
            b"MZ\x90",
            "不能上传“程序.exe”：可上传的类型：pdf、jpg、jpeg、png、gif、doc、xls、ppt、docx、xlsx、pptx、wps、et、ofd、txt、zip。",
        ),
        ("表.xlsm", xlsx(), "不能上传“表.xlsm”：含宏的文件不能上传，请另存为不含宏的格式。"),
        ("材料.rar", RAR, "不能上传“材料.rar”：系统不能检查这种压缩包的内容，请解压后逐个上传，或改为 zip。"),
        ("材料.7z", SEVEN, "不能上传“材料.7z”：系统不能检查这种压缩包的内容，请解压后逐个上传，或改为 zip。"),
        ("图.webp", b"RIFF", "不能上传“图.webp”：请将图片另存为 jpg 或 png。"),
        ("页.svg", b"<svg/>", "不能上传“页.svg”：网页文件不能上传，请打印或另存为 pdf。"),
        ("通知", PDF, "“通知”没有扩展名，看不出类型，请补上后再上传。"),
        ("通知.", PDF, "“通知.”没有扩展名，看不出类型，请补上后再上传。"),
        (
            "通知.exe.pdf",
            PDF,
            "“通知.exe.pdf”带有两个扩展名，像是伪装的程序，请核对来源；确为材料的，请改名后再上传。",
        ),
        ("../密码.pdf", PDF, "文件名“../密码.pdf”中有路径或系统不允许的符号，请改名后再上传。"),
        ("C:\\材料.pdf", PDF, "文件名“C:\\材料.pdf”中有路径或系统不允许的符号，请改名后再上传。"),
        (".pdf", PDF, "文件名“.pdf”中有路径或系统不允许的符号，请改名后再上传。"),
        ("材料\0.pdf", PDF, "文件名中有看不见的控制字符，请改名后再上传。"),
        ("材料\u202efdp.exe.pdf", PDF, "文件名中有看不见的控制字符，请改名后再上传。"),
        (" 材料.pdf", PDF, "文件名为空或以空格开头、结尾，请改名后再上传。"),
        (
            "长" * 120 + ".pdf",
            PDF,
            f"文件名最多 120 字，“{'长' * 20}…”有 124 字，请改短后再上传。",
        ),
        (
            "图.png",
            PDF,
            "“图.png”的内容不是 png 文件，内容像是 pdf 文件，请用原程序打开后另存为 png 再上传。",
        ),
        ("文.pdf", b"hello", "“文.pdf”的内容不是 pdf 文件，请用原程序打开后另存为 pdf 再上传。"),
        ("文.pdf", b"MZ\x90" + PDF, "“文.pdf”的内容不是 pdf 文件，请用原程序打开后另存为 pdf 再上传。"),
        ("说明.txt", b"\x7fELF\x02\x01\x01\x00", "“说明.txt”不是文本文件，请核对后重新选择。"),
        ("文.docx", xlsx(), "“文.docx”的内容不是 docx 文件，请用原程序打开后另存为 docx 再上传。"),
        ("公文.ofd", docx(), "“公文.ofd”的内容不是 ofd 文件，请用原程序打开后另存为 ofd 再上传。"),
        ("文.docx", MACRO_DOCX, "“文.docx”含有宏，请另存为不含宏的文件后再上传。"),
        (
            "旧表.xls",
            OLE + "_VBA_PROJECT_CUR".encode("utf-16-le"),
            "“旧表.xls”含有宏，请另存为不含宏的文件后再上传。",
        ),
        (
            "密.docx",
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "“密.docx”设有打开密码，请取消密码后再上传。",
        ),
        (
            "密.doc",
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "“密.doc”设有打开密码，请取消密码后再上传。",
        ),
        ("空.zip", zipped({}), "“空.zip”里没有文件，请核对后重新选择。"),
        ("断.zip", zipped({"1.txt": b"1" * 100})[:-30], "“断.zip”已损坏，打不开，请重新生成后再上传。"),
        ("密.zip", locked(zipped({"1.txt": b"1"})), "“密.zip”设有密码，无法检查，请取消密码后再上传。"),
        (
            "炸.zip",
            BOMB,
            "“炸.zip”解开后有 60 MB，与其大小不相称，不予接收，请拆分或重新生成后再上传。",
        ),
        (
            "炸.xlsx",
            zipped({"xl/workbook.xml": bytes(60 * 1024 * 1024)}),
            "“炸.xlsx”解开后有 60 MB，与其大小不相称，不予接收，请拆分或重新生成后再上传。",
        ),
        (
            "多.zip",
            zipped({f"{n}.txt": b"1" for n in range(2001)}),
            "“多.zip”里有 2001 个文件，最多 2000 个，请拆分后再上传。",
        ),
        (
            "套.zip",
            zipped({"内/里.zip": zipped({"1.txt": b"1"})}),
            "“套.zip”里还有压缩包“里.zip”，请解开后再上传。",
        ),
        (
            "套.zip",
            zipped({"里.pdf": zipped({"1.txt": b"1"})}),
            "“套.zip”里还有压缩包“里.pdf”，请解开后再上传。",
        ),
        ("套.zip", zipped({"里.jpg": RAR}), "“套.zip”里还有压缩包“里.jpg”，请解开后再上传。"),
        (
            "程.zip",
            zipped({"安装.exe": b"MZ"}),
            "“程.zip”里有程序或含宏的文件“安装.exe”，不予接收，请去掉后再上传。",
        ),
        (
            "路.zip",
            zipped({"../../etc/passwd": b"x"}),
            "“路.zip”里有路径异常的文件，不予接收，请重新压缩后再上传。",
        ),
    ],
    ids=named,
)
def test_a_bad_file_is_refused_with_a_sentence(name, data, sentence):
    with pytest.raises(BadFile) as refused:
        inspect(name, data)
    assert str(refused.value) == sentence


def test_a_member_that_holds_more_than_it_declares_is_read_no_further():
    honest = zipped({"1.txt": b"1" * 1_000_000})
    at = honest.index(b"PK\x01\x02")
    lying = honest[: at + 24] + struct.pack("<I", 10) + honest[at + 28 :]
    with pytest.raises(BadFile, match=r"^“1\.zip”已损坏，打不开，请重新生成后再上传。$"):
        inspect("1.zip", lying)


def test_an_open_file_is_read_only_as_far_as_the_limit():
    source = io.BytesIO(PDF + bytes(5000))
    with pytest.raises(BadFile, match="超过 1 KB"):
        inspect("大.pdf", source, largest=1024)
    assert source.tell() == 1025


def test_a_caller_may_ask_for_fewer_kinds():
    with pytest.raises(BadFile) as refused:
        inspect("图.png", png(), kinds={"pdf", "docx"})
    assert str(refused.value) == "不能上传“图.png”：可上传的类型：pdf、docx。"


def test_decomposed_names_are_composed():
    assert inspect("Cafe\u0301.pdf", PDF).name == "Café.pdf"


def test_sizes_are_read_as_people_write_them():
    sizes = (1, 1023, 1024, 655_360, 1024 * 1024, 1_258_291, LARGEST)
    assert [readable_size(size) for size in sizes] == [
        "1 KB",
        "1 KB",
        "1 KB",
        "640 KB",
        "1 MB",
        "1.2 MB",
        "20 MB",
    ]

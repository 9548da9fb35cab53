"""What a zip file holds, looked into without unpacking it: bombs, nested archives, passwords and bad names."""

from __future__ import annotations

import io
import zipfile
import zlib

#: Most members, most bytes unpacked, and most bytes unpacked for one byte packed once it is worth asking.
MOST_MEMBERS = 2000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 100
RATIO_FROM = 10 * 1024 * 1024

#: The parts in which office documents keep macros.
MACRO_PARTS = frozenset({"vbaProject.bin", "vbaData.xml"})

_ARCHIVES = frozenset(
    ["zip", "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "cab", "iso", "arj", "lzh", "zst"]
)
_MACRO_DOCUMENTS = frozenset(["docm", "xlsm", "pptm"])

#: Endings of programmes, refused in an archive and before a harmless ending (通知.exe.pdf).
PROGRAMMES = frozenset(
    [
        "exe",
        "com",
        "bat",
        "cmd",
        "scr",
        "pif",
        "msi",
        "msp",
        "dll",
        "sys",
        "cpl",
        "jar",
        "js",
        "jse",
        "vbs",
        "vbe",
        "wsf",
        "wsh",
        "ps1",
        "sh",
        "hta",
        "lnk",
        "reg",
        "apk",
        "app",
    ]
)
_ARCHIVE_BEGINNINGS = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")
_CHUNK = 64 * 1024

#: Names of the members that are files.
Members = list[str]


class BadFile(ValueError):
    """Why a file cannot be kept and what to do about it, in Chinese."""


def look_into(name: str, content: bytes, *, is_document: bool) -> Members:
    """The names of the members, after one pass over them that reads no more than they declare.

    A document (docx …) may embed other documents and is spared the questions about what an archive may carry.
    Raises BadFile.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [info for info in archive.infolist() if not info.is_dir()]
            _check_directory(name, files, len(content))
            for info in files:
                _check_member(name, archive, info, is_document=is_document)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, BadFile):
            raise
        raise BadFile(f"“{name}”已损坏，打不开，请重新生成后再上传。") from error
    return [info.filename for info in files]


def _check_directory(name: str, files: list[zipfile.ZipInfo], packed: int) -> None:
    """What the directory declares, before a byte is unpacked."""
    if not files:
        raise BadFile(f"“{name}”里没有文件，请核对后重新选择。")
    if len(files) > MOST_MEMBERS:
        raise BadFile(f"“{name}”里有 {len(files)} 个文件，最多 {MOST_MEMBERS} 个，请拆分后再上传。")
    if any(info.flag_bits & 0x1 for info in files):
        raise BadFile(f"“{name}”设有密码，无法检查，请取消密码后再上传。")
    unpacked = sum(info.file_size for info in files)
    if unpacked > MOST_UNPACKED or (unpacked > RATIO_FROM and unpacked > packed * MOST_RATIO):
        raise BadFile(
            f"“{name}”解开后有 {unpacked // 1024 // 1024} MB，与其大小不相称，不予接收，请拆分或重新生成后再上传。"
        )


def _check_member(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, *, is_document: bool) -> None:
    inside = info.filename
    if inside.startswith(("/", "\\")) or ".." in inside.replace("\\", "/").split("/") or inside[1:2] == ":":
        raise BadFile(f"“{name}”里有路径异常的文件，不予接收，请重新压缩后再上传。")
    suffix = inside.rpartition(".")[2].lower()
    base = inside.rpartition("/")[2]
    if suffix in _ARCHIVES:
        raise BadFile(f"“{name}”里还有压缩包“{base}”，请解开后再上传。")
    if not is_document and (suffix in PROGRAMMES | _MACRO_DOCUMENTS or base in MACRO_PARTS):
        raise BadFile(f"“{name}”里有程序或含宏的文件“{base}”，不予接收，请去掉后再上传。")
    with archive.open(info) as member:
        beginning = member.read(_CHUNK)
        while member.read(_CHUNK):
            pass
    if beginning.startswith(_ARCHIVE_BEGINNINGS) or (
        beginning.startswith(b"PK\x03\x04") and not _may_be_zip(suffix, is_document=is_document)
    ):
        raise BadFile(f"“{name}”里还有压缩包“{base}”，请解开后再上传。")


def _may_be_zip(suffix: str, *, is_document: bool) -> bool:
    """Documents that are zip files themselves; an office document also embeds them as .bin."""
    return suffix in {"docx", "xlsx", "pptx", "wps", "et", "ofd"} or (is_document and suffix == "bin")

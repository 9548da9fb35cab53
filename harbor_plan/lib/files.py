"""Whether an uploaded file is what its name says, and harmless as far as can be seen. Pure: a name and bytes in.

Nothing is unpacked to disk and nothing is decoded: signatures, and for zip-based files the directory and one
bounded pass over the members. What cannot be looked into (rar, 7z, an encrypted archive) is refused.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import IO

from harbor_plan.lib.archives import MACRO_PARTS, PROGRAMMES, BadFile, Members, look_into

__all__ = ["IMAGES", "KINDS", "LARGEST", "SHOWN", "BadFile", "Inspected", "inspect", "readable_size"]

#: Bytes of one file, where the caller sets no other limit.
LARGEST = 20 * 1024 * 1024
#: Characters of a file name, its ending included.
LONGEST_NAME = 120

#: Pictures, and everything a browser may show instead of saving: its signature has been checked.
IMAGES = frozenset({"jpg", "jpeg", "png", "gif"})
SHOWN = IMAGES | {"pdf"}

#: Ending → media type, of all that may be uploaded.
KINDS: dict[str, str] = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "wps": "application/wps-office.wps",
    "et": "application/wps-office.et",
    "ofd": "application/ofd",
    "txt": "text/plain; charset=utf-8",
    "zip": "application/zip",
}

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"

#: How a file of that ending may begin. Text has no signature.
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),
    "jpg": (b"\xff\xd8\xff",),
    "jpeg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "gif": (b"GIF87a", b"GIF89a"),
    "doc": (_OLE,),
    "xls": (_OLE,),
    "ppt": (_OLE,),
    "docx": (_ZIP,),
    "xlsx": (_ZIP,),
    "pptx": (_ZIP,),
    "wps": (_OLE, _ZIP),
    "et": (_OLE, _ZIP),
    "ofd": (_ZIP,),
    "zip": (_ZIP, _EMPTY_ZIP),
}

#: The member that makes a zip a document of that kind.
_PARTS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/", "ofd": "OFD.xml"}

#: Endings refused with a hint of their own.
_HINTS = {
    **dict.fromkeys(
        ("docm", "xlsm", "pptm", "dotm", "xltm", "xlsb"), "含宏的文件不能上传，请另存为不含宏的格式"
    ),
    **dict.fromkeys(
        ("rar", "7z", "tar", "gz", "tgz", "bz2", "xz"),
        "系统不能检查这种压缩包的内容，请解压后逐个上传，或改为 zip",
    ),
    **dict.fromkeys(("bmp", "tif", "tiff", "webp", "heic"), "请将图片另存为 jpg 或 png"),
    **dict.fromkeys(("htm", "html", "mht", "svg", "xml"), "网页文件不能上传，请打印或另存为 pdf"),
}

_VBA = "_VBA_PROJECT".encode("utf-16-le")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept: its name, ending (lower case, no dot), media type, size in bytes and SHA-256."""

    name: str
    suffix: str
    media_type: str
    size: int
    sha256: str
    data: bytes


def inspect(
    name: str, data: bytes | IO[bytes], *, largest: int = LARGEST, kinds: Collection[str] = tuple(KINDS)
) -> Inspected:
    """The file as it may be kept, its name in NFC. `kinds` are the endings asked for. Raises BadFile with a sentence for a person.

    Of an open file at most `largest` + 1 bytes are read. Macros and passwords in the old binary formats are found
    by the names of their streams, as far as these stand in the file.
    """
    name = unicodedata.normalize("NFC", name)
    suffix = _suffix(name, kinds)
    content = data if isinstance(data, bytes) else data.read(largest + 1)
    if not content:
        raise BadFile(f"“{name}”是空文件，请核对后重新选择。")
    if len(content) > largest:
        raise BadFile(f"“{name}”超过 {readable_size(largest)}，请压缩图片、拆分文件后再上传。")
    _need_signature(name, suffix, content)
    if content.startswith(_OLE):
        _check_ole(name, content)
    elif content.startswith((_ZIP, _EMPTY_ZIP)):
        _check_parts(name, suffix, look_into(name, content, is_document=suffix != "zip"))
    return Inspected(name, suffix, KINDS[suffix], len(content), hashlib.sha256(content).hexdigest(), content)


def readable_size(size: int) -> str:
    """Bytes as a person reads them: 640 KB, 1.2 MB; never 0 KB."""
    if size < 1024 * 1024:
        return f"{max(1, round(size / 1024))} KB"
    text = f"{size / 1024 / 1024:.1f}"
    return f"{text.removesuffix('.0')} MB"


def _suffix(name: str, kinds: Collection[str]) -> str:
    """The ending of a name that may be kept."""
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in name):
        raise BadFile("文件名中有看不见的控制字符，请改名后再上传。")
    if not name.strip() or name != name.strip():
        raise BadFile("文件名为空或以空格开头、结尾，请改名后再上传。")
    if len(name) > LONGEST_NAME:
        raise BadFile(f"文件名最多 {LONGEST_NAME} 字，“{name[:20]}…”有 {len(name)} 字，请改短后再上传。")
    if re.search(r'[/\\:*?"<>|]', name) or name.startswith("."):
        raise BadFile(f"文件名“{name}”中有路径或系统不允许的符号，请改名后再上传。")
    stem, dot, last = name.rpartition(".")
    suffix = last.lower()
    if not dot or not last:
        raise BadFile(f"“{name}”没有扩展名，看不出类型，请补上后再上传。")
    if suffix not in kinds:
        hint = _HINTS.get(suffix, f"可上传的类型：{'、'.join(kind for kind in KINDS if kind in kinds)}")
        raise BadFile(f"不能上传“{name}”：{hint}。")
    hidden = {part.strip().lower() for part in stem.split(".")[1:]} & PROGRAMMES
    if hidden:
        raise BadFile(f"“{name}”带有两个扩展名，像是伪装的程序，请核对来源；确为材料的，请改名后再上传。")
    return suffix


def _need_signature(name: str, suffix: str, content: bytes) -> None:
    if suffix == "txt":
        _need_text(name, content)
        return
    if content.startswith(_BEGINNINGS[suffix]):
        return
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise BadFile(f"“{name}”设有打开密码，请取消密码后再上传。")
    really = next((kind for kind, starts in _BEGINNINGS.items() if content.startswith(starts)), "")
    seems = f"，内容像是 {really} 文件" if really else ""
    raise BadFile(f"“{name}”的内容不是 {suffix} 文件{seems}，请用原程序打开后另存为 {suffix} 再上传。")


def _need_text(name: str, content: bytes) -> None:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(coding)
        except UnicodeDecodeError:
            continue
        if not any(unicodedata.category(char) == "Cc" and char not in "\r\n\t\f" for char in text):
            return
    raise BadFile(f"“{name}”不是文本文件，请核对后重新选择。")


def _check_ole(name: str, content: bytes) -> None:
    if _ENCRYPTED in content:
        raise BadFile(f"“{name}”设有打开密码，请取消密码后再上传。")
    if _VBA in content:
        raise BadFile(f"“{name}”含有宏，请另存为不含宏的文件后再上传。")


def _check_parts(name: str, suffix: str, members: Members) -> None:
    """A document has the part its kind is made of, and no macros."""
    if suffix != "zip" and any(member.rpartition("/")[2] in MACRO_PARTS for member in members):
        raise BadFile(f"“{name}”含有宏，请另存为不含宏的文件后再上传。")
    part = _PARTS.get(suffix)
    if part and not any(member.startswith(part) for member in members):
        raise BadFile(f"“{name}”的内容不是 {suffix} 文件，请用原程序打开后另存为 {suffix} 再上传。")

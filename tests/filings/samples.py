"""Small real files to attach."""

import io
import struct
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile

from harbor_plan.lib.files import Inspected, inspect


def pdf(words: str = "1") -> bytes:
    """A one-page PDF; other words make other bytes."""
    out = io.BytesIO(b"")
    out.write(b"%PDF-1.4\n")
    places = []
    for body in (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    ):
        places.append(out.tell())
        out.write(b"%d 0 obj%sendobj\n" % (len(places), body))
    start = out.tell()
    out.write(b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in places))
    out.write(b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue() + b"% " + words.encode() + b"\n"


def png(colour: bytes = b"\xff\x00\x00") -> bytes:
    """A picture of 8 × 8 pixels in one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    rows = (b"\0" + colour * 8) * 8
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def file(name: str = "检查记录.pdf", words: str = "1") -> Inspected:
    """A file as the service takes it."""
    return inspect(name, pdf(words))


def upload(name: str = "检查记录.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, pdf() if data is None else data)

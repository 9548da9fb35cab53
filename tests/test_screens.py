"""The pictures of the README: all there, small, and packed without changing what they show."""

import re
import struct
import zlib

from scripts import screens, small_png
from tests.services import ROOT

RED, INK, PAPER = (178, 24, 24), (20, 30, 30), (251, 250, 246)


def png(width: int, height: int, data: bytes) -> bytes:
    """A picture of 24 bits a pixel from filtered rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")
    return small_png.SIGNATURE + b"".join(small_png.chunk(kind, content) for kind, content in chunks)


def test_every_filter_of_a_row_is_understood() -> None:
    """Each row is red, ink, ink; the filters say so by differences."""
    step = bytes((b - a) & 255 for a, b in zip(RED, INK, strict=True))
    half = bytes((value - value // 2) & 255 for value in RED)
    average = bytes((i - (left + i) // 2) & 255 for i, left in zip(INK, RED, strict=True))
    rows = [
        b"\0" + bytes(RED + INK + INK),
        b"\1" + bytes(RED) + step + bytes(3),
        b"\2" + bytes(9),
        b"\3" + half + average + bytes(3),
        b"\4" + bytes(3) + bytes(3) + bytes(3),
    ]
    assert small_png.read(png(3, 5, b"".join(rows))) == (3, 5, [RED, INK, INK] * 5)


def test_a_packed_picture_has_the_same_colours() -> None:
    row = b"\0" + bytes(PAPER * 3 + RED)
    packed = small_png.shrink(png(4, 2, row * 2))
    chunks = dict(small_png.chunks_of(packed))
    assert struct.unpack(">IIBBBBB", chunks[b"IHDR"]) == (4, 2, 8, 3, 0, 0, 0)
    assert chunks[b"PLTE"] == bytes(PAPER + RED)
    assert zlib.decompress(chunks[b"IDAT"]) == bytes([0, 0, 0, 0, 1]) * 2


def test_a_rare_accent_is_kept_beside_many_greys() -> None:
    greys = [(level, level, level) for level in range(256)]
    counted = small_png.Counter(dict.fromkeys(greys, 1000) | {RED: 1})
    kept = small_png.palette_of(counted)
    assert RED in kept
    assert len(kept) < 80


def test_the_readme_shows_pictures_that_are_there_and_small() -> None:
    named = re.findall(r"\((docs/screens/[a-z-]+\.png)\)", (ROOT / "README.md").read_text())
    assert len(named) > 5
    taken = {"login"} | {name for _, _, pictures in screens.PICTURES for name, _ in pictures}
    assert {path.stem for path in screens.SCREENS.glob("*.png")} == taken
    assert {name.removeprefix("docs/screens/").removesuffix(".png") for name in named} <= taken
    assert [path.name for path in screens.SCREENS.glob("*.png") if path.stat().st_size > 250_000] == []

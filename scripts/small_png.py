"""Screenshots made small: a PNG of 24 or 32 bits a pixel written again with at most 256 colours.

A page has few colours of its own; the rest are the edges of letters, which take the nearest colour kept.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PALETTE = 256
APART = 50  # squared distance of two colours that both are kept
Colour = tuple[int, int, int]


def shrink(png: bytes) -> bytes:
    """The same picture with a palette. Takes what browsers write: 8 bits a channel, not interlaced, opaque."""
    width, height, pixels = read(png)
    counted = Counter(pixels)
    kept = palette_of(counted)
    index = {colour: kept.index(nearest(colour, kept)) for colour in counted}
    rows = (bytes(index[p] for p in pixels[row * width : (row + 1) * width]) for row in range(height))
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = bytes(channel for colour in kept for channel in colour)
    chunks = (b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b"")
    return SIGNATURE + b"".join(chunk(kind, content) for kind, content in chunks)


def palette_of(counted: Counter[Colour]) -> list[Colour]:
    """The most frequent colours that a reader can tell apart; a rare accent is not crowded out by shades of grey."""
    kept: list[Colour] = []
    for colour, _ in counted.most_common():
        if len(kept) < PALETTE and all(distance(colour, other) > APART for other in kept):
            kept.append(colour)
    return kept


def distance(one: Colour, other: Colour) -> int:
    """The square of the distance of two colours."""
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def nearest(colour: Colour, kept: list[Colour]) -> Colour:
    """The kept colour with the smallest distance."""
    return min(kept, key=lambda other: distance(colour, other))


def chunk(kind: bytes, content: bytes) -> bytes:
    """One piece of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def read(png: bytes) -> tuple[int, int, list[Colour]]:
    """Width, height and pixels row by row."""
    pieces = list(chunks_of(png))
    width, height, depth, colours, *_, interlaced = struct.unpack(">IIBBBBB", pieces[0][1])
    channels = {2: 3, 6: 4}[colours]
    if depth != 8 or interlaced:
        raise ValueError("Only plain pictures with 8 bits a channel are read.")
    data = zlib.decompress(b"".join(content for kind, content in pieces if kind == b"IDAT"))
    stride = width * channels
    pixels: list[Colour] = []
    above = bytearray(stride)
    for start in range(0, height * (stride + 1), stride + 1):
        row = bytearray(data[start + 1 : start + 1 + stride])
        unfilter(data[start], row, above, channels)
        pixels += zip(row[0::channels], row[1::channels], row[2::channels], strict=True)
        above = row
    return width, height, pixels


def chunks_of(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of every piece."""
    at = len(SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def unfilter(kind: int, row: bytearray, above: bytearray, step: int) -> None:
    """Undo one row's filter in place (PNG specification, section 9)."""
    for i in range(len(row)):
        left = row[i - step] if i >= step else 0
        up = above[i]
        if kind == 1:
            row[i] = (row[i] + left) & 255
        elif kind == 2:
            row[i] = (row[i] + up) & 255
        elif kind == 3:
            row[i] = (row[i] + (left + up) // 2) & 255
        elif kind == 4:
            row[i] = (row[i] + paeth(left, up, above[i - step] if i >= step else 0)) & 255


def paeth(left: int, up: int, corner: int) -> int:
    """Whichever neighbour is nearest to left + up - corner."""
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))

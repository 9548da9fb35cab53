"""What a workbook carries out of sight so that it is known again: signed with the installation's key.

A changed, copied-together or foreign workbook is noticed. The signature is long, so it lies in pieces in a hidden sheet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from django.core import signing

_SALT = "filings.workbook"
#: Characters of one piece; a cell holds 32 767.
_PIECE = 20_000
_MARK = "#"


class BadSeal(ValueError):
    """The workbook's signature is missing, damaged or not ours."""


class OtherTemplate(ValueError):
    """The workbook was made by another template than the one in use; its number stands in `args`."""


@dataclass(frozen=True)
class SealedRow:
    """One entry as it was downloaded: its kind, its version, its fields as text, a digest of its
    locked cells, and those of its work items by id."""

    kind: str
    version: int
    texts: Mapping[str, str]
    locked: str
    items: Mapping[str, str]


@dataclass(frozen=True)
class Seal:
    """Which filing a workbook is of, by which template, when it was made, and its rows by entry id."""

    template: int
    filing: int
    department: str
    period: str
    plan: str
    at: str
    rows: Mapping[int, SealedRow]


def pieces(seal: Seal) -> list[str]:
    """The signed seal, cut into texts that cells can hold."""
    text = signing.dumps(asdict(seal), salt=_SALT, compress=True)
    ends = [*range(0, len(text), _PIECE), len(text)]
    return [f"{_MARK}{text[start:end]}" for start, end in pairwise(ends)]


def opened(cells: Iterable[str], *, template: int) -> Seal:
    """The seal from its pieces, in order. Raises BadSeal, and OtherTemplate for a genuine one of another layout."""
    text = "".join(cell.removeprefix(_MARK) for cell in cells if cell.startswith(_MARK))
    try:
        found: dict[str, Any] = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        raise BadSeal from error
    if found["template"] != template:
        raise OtherTemplate(found["template"])
    return _seal(found)


def _seal(found: dict[str, Any]) -> Seal:
    rows = {int(key): SealedRow(**row) for key, row in found["rows"].items()}
    return Seal(**(found | {"rows": rows}))


def digest(cells: Iterable[str]) -> str:
    """A short digest of a row's locked cells."""
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:16]

"""Three ways to look at one field: as it was downloaded, as it stands now, and as it was typed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Change(StrEnum):
    """Who changed something since the download: nobody, the workbook, the system, or both to different ends."""

    NONE = "none"
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


class Side(StrEnum):
    """Whose words hold where both changed: the workbook's or the system's."""

    MINE = "mine"
    THEIRS = "theirs"


def change(downloaded: str, now: str, typed: str) -> Change:
    """What happened to one field. Both having come to the same is no change."""
    if typed == now:
        return Change.NONE
    if typed == downloaded:
        return Change.THEIRS
    return Change.MINE if now == downloaded else Change.BOTH


def row_change(changes: Iterable[Change]) -> Change:
    """The change of a row: a conflict if any field is one, else the workbook's, else the system's."""
    found = set(changes)
    order = (Change.BOTH, Change.MINE, Change.THEIRS)
    return next((kind for kind in order if kind in found), Change.NONE)


def merged(
    downloaded: Mapping[str, str], now: Mapping[str, str], typed: Mapping[str, str], side: Side
) -> dict[str, str]:
    """What a row becomes: the workbook's changes over what stands now; `side` decides where both changed."""
    result = dict(now)
    for name, text in typed.items():
        kind = change(downloaded.get(name, ""), now.get(name, ""), text)
        if kind == Change.MINE or (kind == Change.BOTH and side == Side.MINE):
            result[name] = text
    return result

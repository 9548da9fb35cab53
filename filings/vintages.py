"""Which of several values of one reading counts. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from filings.models import Vintage
from filings.terms import VintageKind

#: What counts before what; the filed value comes first.
RANK = {kind: rank for rank, kind in enumerate(VintageKind)}


def in_force(vintages: Iterable[Vintage]) -> Vintage | None:
    """The one that counts among one reading's: the highest kind, then the newest; None when there is none."""
    return max(vintages, key=lambda v: (RANK[VintageKind(v.kind)], v.pk), default=None)


def by_entry(vintages: Iterable[Vintage]) -> dict[int, list[Vintage]]:
    """Vintages of several readings, oldest first, by entry id."""
    found: dict[int, list[Vintage]] = {}
    for vintage in vintages:
        found.setdefault(vintage.entry_id, []).append(vintage)
    return found

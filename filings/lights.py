"""The light one entry shows by itself, and whether it changed since the quarter before. Pure.

This is the light of the entry, from what its department filed, not the one of the roll-up:

* A progress entry: the year's percent against its time progress, by the plan's thresholds. The roll-up's "two yellow
  quarters in a row are red" is left out, since it says nothing new about the entry. Without a percent: none.
* A milestone: done; late when it was due by the quarter's last day and is neither done nor cancelled; else unknown.
* Other entries have none here. A reading changes its indicator's light, which follows from targets and earlier
  quarters: `filings.services.readings` judges it as the roll-up will.

A light changed when the quarter before had one too and it was another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from filings.terms import EntryKind, MilestoneState
from targets.measure import Thresholds
from targets.terms import Standing

#: The kinds of entries that have a light of their own.
LIT = frozenset({EntryKind.PROGRESS, EntryKind.MILESTONE})


@dataclass(frozen=True)
class LightChange:
    """An entry's light one quarter earlier and now; they differ."""

    before: Standing
    now: Standing

    @property
    def words(self) -> str:
        """正常→滞后."""
        return f"{self.before.label}→{self.now.label}"


def light_of(
    kind: str,
    content: Mapping[str, Any],
    *,
    expected: Decimal | None,
    due_on: date | None,
    last_day: date,
    thresholds: Thresholds,
) -> Standing | None:
    """The light of one entry; None where it has none. `content` holds values or the texts of a kept version."""
    if kind == EntryKind.PROGRESS:
        percent = content.get("percent")
        if percent in (None, "") or expected is None:
            return None
        return thresholds.light(expected - Decimal(percent))
    if kind == EntryKind.MILESTONE:
        state = content.get("milestone_state")
        if not state:
            return None
        if state == MilestoneState.DONE:
            return Standing.DONE
        is_open = state != MilestoneState.CANCELLED
        return Standing.LATE if is_open and due_on and due_on <= last_day else Standing.UNKNOWN
    return None


def change(before: Standing | None, now: Standing | None) -> LightChange | None:
    """What became of a light; None when it stayed, or when there is nothing to compare."""
    if before is None or now is None or before == now:
        return None
    return LightChange(before, now)

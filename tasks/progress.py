"""A year's work in numbers: how far a task is and how far it should be, from its work items. Pure.

Percents are 0 to 100 with at most two places. Both results are weighted means, rounded half up to two places (the
column of an entry's percent): rounded the same way, items that keep exactly to their shares never look behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

PLACES = Decimal("0.01")

#: Percent of an item expected by each quarter's end when nobody says otherwise.
EVEN = (Decimal(25), Decimal(50), Decimal(75), Decimal(100))


@dataclass(frozen=True)
class PlannedItem:
    """One work item as approved. `shares` are percent of it expected by the end of each quarter, never falling."""

    id: int
    measure: str
    weight: Decimal
    shares: tuple[Decimal, ...]
    department: str = ""
    due_on: date | None = None

    def share(self, quarter: int) -> Decimal:
        """Percent expected by the end of a quarter, 1 to 4."""
        return self.shares[quarter - 1]


def completion(items: Iterable[PlannedItem], done: Mapping[int, Decimal]) -> Decimal | None:
    """Percent of the year's work: the mean of the items' percents by weight. `done` is percent by item id.

    None without items, or while one of them has no percent.
    """
    items = list(items)
    if any(item.id not in done for item in items):
        return None
    return _mean([(item.weight, done[item.id]) for item in items])


def expected(items: Iterable[PlannedItem], quarter: int) -> Decimal | None:
    """Percent of the year's work due by the end of a quarter (时间进度); None without items."""
    return _mean([(item.weight, item.share(quarter)) for item in items])


def _mean(pairs: list[tuple[Decimal, Decimal]]) -> Decimal | None:
    total = sum((weight for weight, _ in pairs), Decimal(0))
    if not total:
        return None
    summed = sum((weight * percent for weight, percent in pairs), Decimal(0))
    return (summed / total).quantize(PLACES, ROUND_HALF_UP)

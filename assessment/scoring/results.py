"""From scores to grades and ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from harbor_plan.lib.ranking import competition_ranks


@dataclass(frozen=True)
class Grade:
    """A grade from `at_least` points on, up to the next better one. The lowest has no bound, so nothing falls between."""

    name: str
    at_least: Decimal | None = None


#: The usual grades (domain rules, 等次); a scheme may bring its own.
GRADES = (
    Grade("优秀", Decimal(90)),
    Grade("良好", Decimal(80)),
    Grade("合格", Decimal(60)),
    Grade("不合格"),
)


def grade_of(total: Decimal | None, grades: Sequence[Grade] = GRADES) -> Grade | None:
    """The best grade whose bound the score reaches, in whatever order they are given; None without a score."""
    if total is None:
        return None
    bounded = [g for g in grades if g.at_least is not None and total >= g.at_least]
    open_ended = [g for g in grades if g.at_least is None]
    return max(bounded, key=lambda g: g.at_least or Decimal(0), default=open_ended[0] if open_ended else None)


def ranked(totals: Mapping[str, Decimal | None]) -> dict[str, int]:
    """Competition ranks (1, 2, 2, 4) by key, best first; whoever has no score has no rank."""
    return competition_ranks(totals)

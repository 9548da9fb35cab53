"""The calendar quarter as a value: ordered, with its days. The plan's periods are rows; this is only arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

_NAMES = {1: "一", 2: "二", 3: "三", 4: "四"}


@dataclass(frozen=True, order=True)
class Quarter:
    """One calendar quarter; `number` is 1 to 4. Quarters sort by time."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """The quarter a day lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        """The day the standing of this quarter is judged at."""
        return self.shifted(1).first_day - timedelta(days=1)

    @property
    def days(self) -> int:
        """Calendar days of the quarter (90 to 92), the weight of its mean."""
        return (self.last_day - self.first_day).days + 1

    @property
    def days_of_year(self) -> int:
        """Calendar days from the first of January to the quarter's last day."""
        return (self.last_day - date(self.year, 1, 1)).days + 1

    def shifted(self, quarters: int) -> Self:
        """The quarter so many quarters later (earlier when negative)."""
        index = 4 * self.year + self.number - 1 + quarters
        return type(self)(index // 4, index % 4 + 1)

    def distance(self, later: Quarter) -> int:
        """How many quarters later `later` is (negative when earlier)."""
        return 4 * (later.year - self.year) + later.number - self.number

    def until(self, last: Quarter) -> list[Quarter]:
        """This quarter and every later one up to `last`; empty when `last` is earlier."""
        return [self.shifted(n) for n in range(self.distance(last) + 1)]

    def __str__(self) -> str:
        return f"{self.year}年{_NAMES[self.number]}季度"

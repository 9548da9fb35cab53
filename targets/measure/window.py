"""The quarters a requirement will be judged over at its due date: what they have brought, and which are left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from targets.measure.combining import amount, named
from targets.measure.inputs import IndicatorRule, NotComputable, Reading, ReadingState
from targets.measure.quarters import Quarter
from targets.terms import Accumulation, Asked, Combine, Span

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Window:
    """What the quarters judged at the due date have brought so far, and those to come.

    `total` is the sum of their values (a mean's: value × days), `bottom` the sum of a rate's denominators, None
    where there are none; `days` the calendar days behind `total`, `known` the number of those quarters.
    """

    total: Decimal
    bottom: Decimal | None
    days: int
    known: int
    left: tuple[Quarter, ...]

    @property
    def words(self) -> str:
        """The quarters left, as a sentence begins: those of a window that has not begun are called by its date."""
        return f"余下 {len(self.left)} 个季度" if self.known else f"期限所在的 {len(self.left)} 个季度"

    @property
    def days_left(self) -> int:
        return sum(quarter.days for quarter in self.left)


def window_of(
    rule: IndicatorRule, readings: Mapping[Quarter, Reading], quarter: Quarter, due: Quarter
) -> Window | NotComputable:
    """The window that ends at `due`, with everything up to `quarter` added up; a hole in it is not skipped."""
    first = due.shifted(-3) if rule.span == Span.ROLLING else Quarter(due.year, 1)
    past = [q for q in first.until(due) if q <= quarter]
    left = tuple(q for q in first.until(due) if q > quarter)
    if rule.accumulation == Accumulation.YEAR_TO_DATE:
        found = _of_year_to_date(rule, readings, past)
    else:
        found = _of_periods(rule, readings, past)
    if isinstance(found, NotComputable):
        return found
    total, bottom = found
    return Window(
        total,
        bottom if rule.combine == Combine.PARTS else None,
        sum(q.days for q in past),
        len(past),
        left,
    )


def builds_up(rule: IndicatorRule) -> bool:
    """Whether the value at the due date is made of several quarters, so that there is something left to pace."""
    if rule.asked == Asked.YEARLY or rule.accumulation == Accumulation.PLAN_TO_DATE:
        return rule.accumulation == Accumulation.PLAN_TO_DATE
    return rule.accumulation == Accumulation.YEAR_TO_DATE or rule.combine != Combine.LAST


def _of_periods(
    rule: IndicatorRule, readings: Mapping[Quarter, Reading], past: list[Quarter]
) -> tuple[Decimal, Decimal] | NotComputable:
    """Each quarter's own value added up."""
    top = bottom = _ZERO
    holes = []
    for quarter in past:
        parts = _parts(rule, readings.get(quarter), quarter.days)
        if parts is None:
            holes.append(quarter)
            continue
        top, bottom = top + parts[0], bottom + parts[1]
    return NotComputable(f"缺{named(holes)}数据，无法推算") if holes else (top, bottom)


def _of_year_to_date(
    rule: IndicatorRule, readings: Mapping[Quarter, Reading], past: list[Quarter]
) -> tuple[Decimal, Decimal] | NotComputable:
    """Of each year touched, what its last quarter says less what had been there before the first."""
    top = bottom = _ZERO
    for year in sorted({quarter.year for quarter in past}):
        of_year = [quarter for quarter in past if quarter.year == year]
        last, before = of_year[-1], of_year[0].shifted(-1)
        signed = [(last, 1)] if before.year < year else [(last, 1), (before, -1)]
        for quarter, sign in signed:
            parts = _parts(rule, readings.get(quarter), quarter.days_of_year)
            if parts is None:
                return NotComputable(f"缺{named([quarter])}数据，无法推算")
            top, bottom = top + sign * parts[0], bottom + sign * parts[1]
    return top, bottom


def _parts(rule: IndicatorRule, reading: Reading | None, days: int) -> tuple[Decimal, Decimal] | None:
    """What one reading adds: numerator and denominator, or its value (times its days for a mean)."""
    if reading is None or reading.state != ReadingState.VALUE:
        return None
    if rule.combine == Combine.PARTS:
        if reading.numerator is None or reading.denominator is None:
            return None
        return reading.numerator, reading.denominator
    value = amount(reading, rule)
    if isinstance(value, NotComputable):
        return None
    return (value * days if rule.combine == Combine.MEAN else value), _ZERO

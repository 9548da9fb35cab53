"""The straight line between two known points, by days or by quarters, for whoever chose it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from targets.measure.inputs import Baseline, IndicatorRule, PlanValue, Requirement, Shape
from targets.measure.quarters import Quarter
from targets.terms import Comparator, ExpectedBy

#: A known number and its day.
Known = tuple[date, Decimal]


@dataclass(frozen=True)
class Line:
    """Two known points and the value between them on a quarter's last day. `passed` of `whole` in `unit` (天, 季)."""

    start: Known
    end: Known
    passed: int
    whole: int
    unit: str

    @property
    def value(self) -> Decimal:
        return self.start[1] + (self.end[1] - self.start[1]) * self.passed / self.whole


def line(
    rule: IndicatorRule,
    requirement: Requirement,
    quarter: Quarter,
    plan_values: Sequence[PlanValue],
    baseline: Baseline | None,
    latest: Known | None,
) -> Line | None:
    """From the last known point (or the baseline, or zero at New Year) to the next one; None without both ends.

    By days 2017-06-30 is 181/365 of its year; by quarters 2/4 (domain rules, 序时进度).
    """
    if requirement.comparator == Comparator.RANGE:
        return None
    start = _start(rule, quarter, baseline, latest)
    ends = [(value.on, value.value) for value in plan_values] + [(requirement.due_on, requirement.value)]
    yearly = rule.grows and rule.shape == Shape.YEAR
    coming = [
        (on, value)
        for on, value in ends
        if value is not None and on > quarter.last_day and (not yearly or on.year == quarter.year)
    ]
    if start is None or not coming:
        return None
    end = min(coming)
    if rule.expected_by == ExpectedBy.BY_QUARTER:
        first = Quarter.of(start[0])
        return Line(start, end, first.distance(quarter), first.distance(Quarter.of(end[0])), "季")
    return Line(start, end, (quarter.last_day - start[0]).days, (end[0] - start[0]).days, "天")


def _start(
    rule: IndicatorRule, quarter: Quarter, baseline: Baseline | None, latest: Known | None
) -> Known | None:
    """Where the line begins: the newest known number on or before the quarter's last day."""
    starts = [latest] if latest else []
    if rule.grows and rule.shape == Shape.YEAR:
        starts.append((date(quarter.year - 1, 12, 31), Decimal(0)))
    elif baseline and baseline.on <= quarter.last_day:
        starts.append((baseline.on, baseline.value))
    return max(starts, key=lambda start: start[0], default=None)

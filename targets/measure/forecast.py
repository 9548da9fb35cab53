"""Where an indicator is heading at its due date: a robust straight trend with its range.

The line is that of Theil and Sen: its slope is the median of the slopes between all pairs of points, and it runs
through the medians of both coordinates (Conover's intercept). The range is Sen's 90 % confidence interval of the
slope, from Kendall's variance n(n − 1)(2n + 5)/18. Sources: P. K. Sen, Estimates of the Regression Coefficient
Based on Kendall's Tau, JASA 63 (1968), 1379–1389; W. J. Conover, Practical Nonparametric Statistics, 3rd ed. 1999,
section 5.5. One wild quarter moves a median hardly at all, and nothing is assumed about how values scatter.

Four points are the least for which three can disagree with one. Values that build up within a year, and values of
a period that stands for itself, are compared with the same quarter of other years only: a third quarter's total
says nothing about a fourth's. A forecast never changes a light.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from targets.measure.attainment import bounds_of, meets
from targets.measure.combining import by_quarter, combined
from targets.measure.inputs import RATE_UNITS, IndicatorRule, NotComputable, Reading, Requirement, Shape
from targets.measure.numbers import shown, with_unit
from targets.measure.quarters import Quarter
from targets.terms import Accumulation, Asked, Combine, Kind, Span

LEAST_POINTS = 4
_Z_90 = Decimal("1.645")

#: A value at a place in time: quarters counted from the first point, or years for the same quarter of each.
Point = tuple[int, Decimal]


@dataclass(frozen=True)
class Forecast:
    """The value expected at the due date if it goes on as so far, from `low` to `high`, unrounded, in the unit.

    `points` are the values it was drawn through. `is_met` says whether the middle meets the requirement;
    `is_critical` (临界) that the two ends of the range do not agree about it.
    """

    value: Decimal
    low: Decimal
    high: Decimal
    points: int
    is_same_quarter: bool
    is_met: bool
    is_critical: bool
    words: str


def forecast(
    rule: IndicatorRule, requirement: Requirement, readings: Iterable[Reading], quarter: Quarter
) -> Forecast | NotComputable:
    """The trend up to `quarter` drawn on to the requirement's due date, or why none is drawn."""
    if not requirement.is_applicable:
        return NotComputable("前提条件不成立，不适用")
    if rule.kind != Kind.QUANTITATIVE:
        return NotComputable(f"{rule.kind.label}指标不作预测")
    bounds = bounds_of(requirement, rule)
    if isinstance(bounds, NotComputable):
        return bounds
    due = rule.asked_at(requirement.due_quarter)
    if due <= quarter:
        return NotComputable("期限已到，不作预测")
    known = by_quarter(readings)
    seasonal = is_seasonal(rule)
    step = 4 if seasonal or rule.asked == Asked.YEARLY else 1
    points = _points(rule, known, quarter, due, step)
    if len(points) < LEAST_POINTS:
        which = f"各年{str(due)[5:]}" if step == 4 else "各季"
        return NotComputable(f"{which}有数据的只有 {len(points)} 期，不足 {LEAST_POINTS} 期，不作预测")
    middle, *ends = (_within(rule, points, value) for value in theil_sen(points, 0))
    low, high = min(middle, *ends), max(middle, *ends)
    outcomes = [meets(value, bounds, rule, requirement.decimals) for value in (low, middle, high)]
    is_critical = len(set(outcomes)) > 1
    return Forecast(
        middle,
        low,
        high,
        len(points),
        seasonal,
        outcomes[1],
        is_critical,
        _words(rule, due, (low, middle, high), len(points), seasonal, outcomes[1], is_critical),
    )


def is_seasonal(rule: IndicatorRule) -> bool:
    """Whether a quarter's value may only be compared with the same quarter of other years."""
    if rule.asked == Asked.YEARLY or rule.accumulation == Accumulation.PLAN_TO_DATE:
        return False
    rolls = rule.span == Span.ROLLING and rule.combine != Combine.LAST
    return not rolls and (rule.shape == Shape.YEAR or rule.accumulation == Accumulation.THIS_PERIOD)


def _points(
    rule: IndicatorRule, known: dict[Quarter, Reading], quarter: Quarter, due: Quarter, step: int
) -> list[Point]:
    """The values up to `quarter`, every `step` quarters back from the due one; x is 0 at the due date."""
    points = []
    for at in sorted(q for q in known if q <= quarter and q.distance(due) % step == 0):
        value = combined(rule, known, at)
        if value.value is not None and value.quarter == at:
            points.append((-at.distance(due) // step, value.value))
    return points


def theil_sen(points: Sequence[Point], at: int) -> tuple[Decimal, Decimal, Decimal]:
    """The line's value at `at`, and at the two ends of the slope's interval. At least two points, each x once."""
    slopes = sorted(
        (later[1] - sooner[1]) / (later[0] - sooner[0])
        for n, sooner in enumerate(points)
        for later in points[n + 1 :]
    )
    x = median([Decimal(point[0]) for point in points])
    y = median([point[1] for point in points])
    low, high = _interval(slopes, len(points))
    way = at - x
    return y + median(slopes) * way, y + low * way, y + high * way


def median(values: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the two; of at least one."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _interval(slopes: Sequence[Decimal], points: int) -> tuple[Decimal, Decimal]:
    """Sen's 90 % interval: the slopes at ranks (N − C)/2 and (N + C)/2 + 1, outwards and never beyond the ends."""
    spread = _Z_90 * (Decimal(points * (points - 1) * (2 * points + 5)) / 18).sqrt()
    count = len(slopes)
    first = int(((count - spread) / 2).to_integral_value(ROUND_FLOOR))
    last = int(((count + spread) / 2 + 1).to_integral_value(ROUND_CEILING))
    return slopes[max(1, first) - 1], slopes[min(count, last) - 1]


def _within(rule: IndicatorRule, points: Sequence[Point], value: Decimal) -> Decimal:
    """No forecast leaves what the value can be: a rate by parts its whole, a growing total what it has reached."""
    if rule.combine == Combine.PARTS and rule.unit in RATE_UNITS:
        value = min(value, max(rule.rate_factor, *(point[1] for point in points)))
    if rule.shape == Shape.PLAN:
        value = max(value, points[-1][1])
    return max(Decimal(0), value) if all(point[1] >= 0 for point in points) else value


def _words(
    rule: IndicatorRule,
    due: Quarter,
    ends: tuple[Decimal, Decimal, Decimal],
    points: int,
    seasonal: bool,
    is_met: bool,
    is_critical: bool,
) -> str:
    low, middle, high = (shown(value, rule.decimals, rule.rounding) for value in ends)
    basis = f"按各年{str(due)[5:]} {points} 期数据" if seasonal else f"按 {points} 期数据"
    outlook = "临界" if is_critical else "预计可以达到" if is_met else "预计达不到"
    return f"{due}约 {with_unit(middle, rule.unit)}（{low}—{high}），{outlook}；{basis}的走势推算，不影响亮灯"

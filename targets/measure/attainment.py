"""One requirement against one value: bounds, met or not, gap, progress, completion rate.

Direction comes from the comparator and is never guessed from values.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from targets.measure.inputs import RATE_UNITS, IndicatorRule, NotComputable, Requirement
from targets.measure.numbers import rounded, shortened
from targets.terms import Attainment, Comparator, Comparison, Kind, TargetState

_ONE = Decimal(1)
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Bounds:
    """What a requirement allows: from `lower` to `upper`, None being unbounded; an open bound excludes its number."""

    lower: Decimal | None = None
    upper: Decimal | None = None
    lower_is_open: bool = False
    upper_is_open: bool = False

    def contain(self, value: Decimal) -> bool:
        return self._reaches(value) and self._stays_below(value)

    def _reaches(self, value: Decimal) -> bool:
        if self.lower is None:
            return True
        return value > self.lower if self.lower_is_open else value >= self.lower

    def _stays_below(self, value: Decimal) -> bool:
        if self.upper is None:
            return True
        return value < self.upper if self.upper_is_open else value <= self.upper

    def nearest(self, value: Decimal) -> Decimal | None:
        """The bound that `value` misses or, when it is inside, the one it is closest to."""
        if self.lower is None or self.upper is None:
            return self.lower if self.upper is None else self.upper
        return self.lower if abs(value - self.lower) <= abs(value - self.upper) else self.upper

    def distance(self, value: Decimal) -> Decimal:
        """How far outside `value` lies; 0 inside and on a bound."""
        if self.lower is not None and value < self.lower:
            return self.lower - value
        if self.upper is not None and value > self.upper:
            return value - self.upper
        return Decimal(0)

    def closed(self) -> Bounds:
        """The same bounds with their numbers included."""
        return Bounds(self.lower, self.upper)


def unsettled(requirement: Requirement, rule: IndicatorRule) -> str:
    """Why it is not settled what the requirement asks (pending, undecided, not entered); empty when it is."""
    if requirement.state == TargetState.PENDING:
        return "目标值待下达"
    if requirement.condition and requirement.condition_holds is None:
        return f"前提条件“{shortened(requirement.condition)}”是否成立待认定"
    if requirement.comparator == Comparator.AROUND and requirement.tolerance is None:
        return "容差未定"
    if requirement.comparator == Comparator.RANGE:
        if rule.kind == Kind.TREND:
            return "趋势要求须写明方向，不能用区间"
        return "区间上下限未定" if requirement.low is None or requirement.high is None else ""
    has_limit = requirement.value is not None or rule.kind in (Kind.TREND, Kind.DELIVERABLE)
    return "" if has_limit else "目标值未录入"


def bounds_of(
    requirement: Requirement, rule: IndicatorRule, year_before: Decimal | None = None
) -> Bounds | NotComputable:
    """What the requirement allows, or why that cannot be said.

    A trend's limit is `year_before`, the same value a year earlier. A deliverable without a value asks for 1 (done).
    """
    if reason := unsettled(requirement, rule):
        return NotComputable(reason)
    limit = requirement.value
    if rule.kind == Kind.TREND:
        limit = year_before
    elif rule.kind == Kind.DELIVERABLE and limit is None:
        limit = _ONE
    if requirement.comparator == Comparator.RANGE:
        return Bounds(requirement.low, requirement.high)
    if limit is None:
        return NotComputable("缺上年同期值，无法比较趋势")
    return bounds_around(requirement.comparator, limit, requirement.tolerance or Decimal(0))


def bounds_around(comparator: Comparator, limit: Decimal, tolerance: Decimal) -> Bounds:
    """What a comparator other than RANGE allows around one limit. 超过 excludes the number, 以上 and 以下 include it."""
    return {
        Comparator.AT_LEAST: Bounds(lower=limit),
        Comparator.MORE_THAN: Bounds(lower=limit, lower_is_open=True),
        Comparator.AT_MOST: Bounds(upper=limit),
        Comparator.LESS_THAN: Bounds(upper=limit, upper_is_open=True),
        Comparator.EQUAL: Bounds(limit, limit),
        Comparator.AROUND: Bounds(limit - tolerance, limit + tolerance),
    }[comparator]


def meets(actual: Decimal, bounds: Bounds, rule: IndicatorRule, places: int | None = None) -> bool:
    """Whether the value lies within the bounds, unrounded (全数值比较) or both rounded first (修约值比较).

    `places` are the limit's own as written (GB/T 8170-2008, 4.3.3); None takes the indicator's.
    """
    if rule.comparison == Comparison.EXACT:
        return bounds.contain(actual)
    digits = rule.decimals if places is None else places

    def at(value: Decimal) -> Decimal:
        return rounded(value, digits, rule.rounding)

    return Bounds(
        None if bounds.lower is None else at(bounds.lower),
        None if bounds.upper is None else at(bounds.upper),
        bounds.lower_is_open,
        bounds.upper_is_open,
    ).contain(at(actual))


def attainment(
    requirement: Requirement, actual: Decimal | None, rule: IndicatorRule, year_before: Decimal | None = None
) -> Attainment:
    """Is the requirement met by this value, whether or not it is due; never a ratio.

    NO_TARGET covers everything not settled: pending, no value, tolerance not set, condition undecided. A trend
    without last year's value has NO_DATA.
    """
    if not requirement.is_applicable:
        return Attainment.NOT_APPLICABLE
    if unsettled(requirement, rule):
        return Attainment.NO_TARGET
    bounds = bounds_of(requirement, rule, year_before)
    if actual is None or isinstance(bounds, NotComputable):
        return Attainment.NO_DATA
    return Attainment.MET if meets(actual, bounds, rule, requirement.decimals) else Attainment.NOT_MET


@dataclass(frozen=True)
class Gap:
    """How far a value is from being allowed: never negative, in `unit` (a rate's in 个百分点)."""

    amount: Decimal
    unit: str


def gap(
    requirement: Requirement, actual: Decimal | None, rule: IndicatorRule, year_before: Decimal | None = None
) -> Gap | NotComputable:
    """The distance to the requirement; 0 when met, and when a strict limit (超过) is exactly reached."""
    if not requirement.is_applicable:
        return NotComputable("前提条件不成立，不适用")
    if actual is None:
        return NotComputable("没有实际值")
    bounds = bounds_of(requirement, rule, year_before)
    if isinstance(bounds, NotComputable):
        return bounds
    return Gap(bounds.distance(actual), gap_unit(rule))


def gap_unit(rule: IndicatorRule) -> str:
    """The unit of a difference: 个百分点 for %, else the indicator's own."""
    return RATE_UNITS[rule.unit][1] if rule.unit in RATE_UNITS else rule.unit


@dataclass(frozen=True)
class Progress:
    """How much of the way from baseline to target is done, in percent, unbounded: over 100 is beyond the target."""

    percent: Decimal

    @property
    def is_worse_than_baseline(self) -> bool:
        return self.percent < 0


def progress(
    baseline: Decimal | None, target: Decimal | None, actual: Decimal | None
) -> Progress | NotComputable:
    """(actual − baseline) ÷ (target − baseline) × 100; 12 → 0 at 3 is 75 %. Direction needs no rule of its own."""
    if baseline is None:
        return NotComputable("没有基期值")
    if target is None:
        return NotComputable("没有单一的目标值")
    if actual is None:
        return NotComputable("没有实际值")
    if target == baseline:
        return NotComputable("基期值等于目标值")
    return Progress((actual - baseline) / (target - baseline) * _HUNDRED)


def completion_rate(bounds: Bounds | NotComputable, actual: Decimal | None) -> Decimal | NotComputable:
    """How much of a requirement is reached, for scoring only: 0 to 1 (domain rules, 打分公式).

    At least: actual ÷ target. At most: 2 − actual ÷ target. A range, around or equal: the lower of the two sides.
    A zero target is never divided by: met is 1, not met 0. A negative target mirrors the two formulas. Whether a
    requirement is met is said by `attainment`; a strict limit exactly reached has rate 1 and is not met.
    """
    if isinstance(bounds, NotComputable):
        return bounds
    if actual is None:
        return NotComputable("没有实际值")
    rates = []
    if bounds.lower is not None:
        rates.append(_rate_at_least(actual, bounds.lower))
    if bounds.upper is not None:
        rates.append(_rate_at_least(-actual, -bounds.upper))
    return min([_ONE, *rates])


def _rate_at_least(actual: Decimal, target: Decimal) -> Decimal:
    """Rate of an at-least limit; an at-most limit is the mirrored case (−actual at least −limit)."""
    if target == 0:
        return _ONE if actual >= 0 else Decimal(0)
    rate = actual / target if target > 0 else 2 - actual / target
    return max(Decimal(0), min(_ONE, rate))

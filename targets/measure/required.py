"""What the periods that are left must bring, and whether the requirement can still be met.

| the value at the due date is             | what is left                                                        |
|------------------------------------------|---------------------------------------------------------------------|
| a total of the plan or of the year       | limit − total so far, over the quarters left                        |
| a sum of quarters (year, rolling four)   | limit − those known, over those to come                             |
| a number of days                         | as a sum; a quarter brings at most its calendar days                |
| a mean weighted by days                  | (limit × all days − Σ value × days) ÷ days left                     |
| a rate whose denominator counts days     | whole days that must be good, and how many bad ones are allowed     |
| any other rate by parts                  | the rate of the quarters left at the mean denominator so far        |
| a level, a trend, a grade, a deliverable | nothing to pace, and says so                                        |

Totals, means and rates whose values so far are not negative do not turn negative; a rate by parts in % or ‰ stays
within its whole. Nothing else limits what is possible, so no more is ever called impossible.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from targets.measure.attainment import Bounds, bounds_of, gap_unit, meets
from targets.measure.combining import by_quarter, combined
from targets.measure.inputs import RATE_UNITS, IndicatorRule, NotComputable, Reading, Requirement, Shape
from targets.measure.numbers import plain, shown, with_unit
from targets.measure.quarters import Quarter
from targets.measure.window import Window, builds_up, window_of
from targets.terms import Accumulation, Combine, Kind

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Required:
    """What each quarter left must at least (`least`) and may at most (`most`) bring; None is unbounded.

    In the indicator's unit: an amount a quarter, or the level or rate of the quarters left together; days for a
    rate of days, as a total of the days left. `is_possible` is None when nothing known decides it.
    """

    quarters: int
    least: Decimal | None
    most: Decimal | None
    is_possible: bool | None
    words: str


@dataclass(frozen=True)
class _Room:
    """What the quarters left can bring, from `floor` to `ceiling` in the same measure as the demand on them."""

    floor: Decimal | None
    ceiling: Decimal | None


def required(
    rule: IndicatorRule, requirement: Requirement, readings: Iterable[Reading], quarter: Quarter
) -> Required | NotComputable:
    """What is left to bring after `quarter` so that `requirement` is met when due; the reason where there is none."""
    if why_not := _nothing_to_pace(rule, requirement, quarter):
        return NotComputable(why_not)
    bounds = bounds_of(requirement, rule)
    if isinstance(bounds, NotComputable):
        return bounds
    known = by_quarter(readings)
    due = requirement.due_quarter
    if rule.shape == Shape.PLAN:
        value = combined(rule, known, quarter)
        if value.value is None:
            return NotComputable(value.reason)
        left = tuple(quarter.shifted(1).until(due))
        return _amounts(rule, requirement, bounds, value.value, left, f"还有 {len(left)} 个季度")
    window = window_of(rule, known, quarter, due)
    if isinstance(window, NotComputable):
        return window
    if rule.combine == Combine.MEAN:
        return _mean(rule, bounds, window)
    if rule.combine == Combine.PARTS:
        return _days(rule, bounds, window) if rule.counts_days else _rate(rule, bounds, window)
    return _amounts(rule, requirement, bounds, window.total, window.left, window.words)


def _nothing_to_pace(rule: IndicatorRule, requirement: Requirement, quarter: Quarter) -> str:
    """Why nothing is left to bring; empty when something is."""
    if not requirement.is_applicable:
        return "前提条件不成立，不适用"
    if rule.kind != Kind.QUANTITATIVE:
        return f"{rule.kind.label}指标没有可以分摊的余量"
    if not builds_up(rule):
        return "各期数值各自独立，没有可以分摊的余量"
    return "期限已到，没有剩余时间" if requirement.due_quarter <= quarter else ""


def _amounts(
    rule: IndicatorRule,
    requirement: Requirement,
    bounds: Bounds,
    total: Decimal,
    left: tuple[Quarter, ...],
    who: str,
) -> Required:
    """A total that adds up: limit less what is there, shared by the quarters left."""
    room = _Room(_ZERO if total >= 0 else None, _most_of(rule, total, left))
    rest = _rest(bounds, total)
    is_possible = _fits(rest, room)
    each = Bounds(
        None if rest.lower is None else rest.lower / len(left),
        None if rest.upper is None else rest.upper / len(left),
    )
    if is_possible is not False and meets(total, bounds, rule, requirement.decimals) and rest.upper is None:
        return Required(len(left), _ZERO, None, True, "已经达到，余下各季不减少即可")
    return Required(
        len(left), each.lower, each.upper, is_possible, _words(rule, who, each, rest, room, is_possible)
    )


def _rest(bounds: Bounds, total: Decimal) -> Bounds:
    """The bounds on what is still to come; a demand that is met already is zero, not negative."""
    lower = None if bounds.lower is None else max(_ZERO, bounds.lower - total)
    upper = None if bounds.upper is None else bounds.upper - total
    return Bounds(lower, upper, bounds.lower_is_open, bounds.upper_is_open)


def _most_of(rule: IndicatorRule, total: Decimal, left: tuple[Quarter, ...]) -> Decimal | None:
    """The most the quarters left can add: their calendar days, or what a rate to date lacks of its whole."""
    if rule.counts_days and rule.combine != Combine.PARTS:
        return Decimal(sum(quarter.days for quarter in left))
    if rule.combine == Combine.PARTS and rule.unit in RATE_UNITS:
        return rule.rate_factor - total
    return None


def _fits(need: Bounds, room: _Room) -> bool | None:
    """Whether something the quarters left can bring meets the need; None when nothing is known to limit it."""
    most: bool | None = True
    least: bool | None = True
    if need.lower is not None:
        end, limit = room.ceiling, need.lower
        most = None if end is None else _reaches(end, limit, is_open=need.lower_is_open)
    if need.upper is not None:
        end, limit = room.floor, need.upper
        least = None if end is None else _reaches(-end, -limit, is_open=need.upper_is_open)
    if most is False or least is False:
        return False
    return True if most and least else None


def _reaches(end: Decimal, limit: Decimal, *, is_open: bool) -> bool:
    return end > limit if is_open else end >= limit


def _mean(rule: IndicatorRule, bounds: Bounds, window: Window) -> Required:
    """The mean the days left must have, so that all days together have the limit."""
    days = window.days + window.days_left

    def needed(limit: Decimal | None) -> Decimal | None:
        return None if limit is None else (limit * days - window.total) / window.days_left

    need = Bounds(needed(bounds.lower), needed(bounds.upper), bounds.lower_is_open, bounds.upper_is_open)
    room = _Room(_ZERO if window.known and window.total >= 0 else None, None)
    is_possible = _fits(need, room)
    words = _level_words(rule, window, need, "平均", is_possible)
    return Required(len(window.left), need.lower, need.upper, is_possible, words)


def _rate(rule: IndicatorRule, bounds: Bounds, window: Window) -> Required | NotComputable:
    """The rate the quarters left must have if each has the mean denominator of those known."""
    bottom = window.bottom or _ZERO
    if not window.known:
        need, coming = bounds, _ZERO
    elif bottom <= 0:
        return NotComputable("已有各季分母合计为零，无法推算")
    else:
        coming = bottom / window.known * len(window.left)

        def needed(limit: Decimal | None) -> Decimal | None:
            if limit is None:
                return None
            return (limit * (bottom + coming) - window.total * rule.rate_factor) / coming

        need = Bounds(needed(bounds.lower), needed(bounds.upper), bounds.lower_is_open, bounds.upper_is_open)
    whole = rule.rate_factor if rule.unit in RATE_UNITS else None
    is_possible = _fits(need, _Room(_ZERO if window.total >= 0 else None, whole))
    words = _level_words(rule, window, need, "合计", is_possible)
    note = "（各季分母按已有各季的平均数推算）" if coming else ""
    return Required(len(window.left), need.lower, need.upper, is_possible, words + note)


def _days(rule: IndicatorRule, bounds: Bounds, window: Window) -> Required:
    """Whole days that must be good of those left, and how many may be bad; every day left is taken to count."""
    days = window.days_left
    whole = (window.bottom or _ZERO) + days
    least = _whole_days(bounds.lower, window, whole, rule, is_open=bounds.lower_is_open, up=True)
    most = _whole_days(bounds.upper, window, whole, rule, is_open=bounds.upper_is_open, up=False)
    low = None if least is None else max(_ZERO, least)
    is_possible = (low is None or low <= days) and (most is None or most >= 0)
    is_possible = is_possible and (low is None or most is None or low <= most)
    parts = []
    if low is not None and is_possible:
        parts.append(f"至少 {plain(low)} 天达标，最多还能有 {plain(days - low)} 天不达标")
    if most is not None and is_possible:
        parts.append(f"最多 {plain(min(most, Decimal(days)))} 天")
    if not is_possible:
        needs = f"需要 {plain(low)} 天达标" if low is not None else "已经超出"
        parts.append(f"{needs}，已不可能达到")
    return Required(len(window.left), low, most, is_possible, f"{window.words} {days} 天，{'，'.join(parts)}")


def _whole_days(
    limit: Decimal | None, window: Window, whole: Decimal, rule: IndicatorRule, *, is_open: bool, up: bool
) -> Decimal | None:
    """The good days still needed (up) or allowed, in whole days; an open bound excludes the number itself."""
    if limit is None:
        return None
    exact = limit * whole / rule.rate_factor - window.total
    days = exact.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    if is_open and days == exact:
        days += 1 if up else -1
    return days


def _words(
    rule: IndicatorRule,
    who: str,
    each: Bounds,
    rest: Bounds,
    room: _Room,
    is_possible: bool | None,
) -> str:
    """`还有 3 个季度，尚需 9 公里，平均每季至少 3.0 公里`."""
    unit = gap_unit(rule) if rule.accumulation == Accumulation.PLAN_TO_DATE else rule.unit
    parts = [who]
    if rest.lower is not None and each.lower is not None:
        amount = with_unit(plain(rest.lower), unit)
        parts.append(f"尚需 {amount}，平均每季至少 {with_unit(shown(each.lower, rule.decimals), unit)}")
    if rest.upper is not None and each.upper is not None:
        if rest.upper >= 0:
            amount = with_unit(plain(rest.upper), unit)
            parts.append(
                f"最多再增加 {amount}，平均每季至多 {with_unit(shown(each.upper, rule.decimals), unit)}"
            )
        else:
            parts.append(f"已超出 {with_unit(plain(-rest.upper), unit)}")
    if is_possible is False:
        most = room.ceiling
        top = f"，余下最多只能增加 {with_unit(plain(most), unit)}" if rest.lower and most is not None else ""
        parts.append(f"已不可能达到{top}")
    return "，".join(parts)


def _level_words(
    rule: IndicatorRule, window: Window, need: Bounds, how: str, is_possible: bool | None
) -> str:
    """`余下 2 个季度合计不低于 92.5%`."""
    parts = []
    if need.lower is not None:
        more = "高于" if need.lower_is_open else "不低于"
        parts.append(f"{more} {with_unit(shown(need.lower, rule.decimals + 1), rule.unit)}")
    if need.upper is not None:
        less = "低于" if need.upper_is_open else "不高于"
        parts.append(f"{less} {with_unit(shown(need.upper, rule.decimals + 1), rule.unit)}")
    ending = "，已不可能达到" if is_possible is False else ""
    return f"{window.words}{how}须{'、'.join(parts)}{ending}"

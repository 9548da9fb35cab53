"""What should have been reached by a day, and which requirement is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from targets.measure.attainment import Bounds, bounds_around, bounds_of
from targets.measure.inputs import Baseline, IndicatorRule, NotComputable, PlanValue, Requirement, Shape
from targets.measure.line import Line, line
from targets.measure.quarters import Quarter
from targets.measure.words import day_words
from targets.terms import Comparator, ExpectedBy, Strength

#: A plan value is a level to reach, so it includes its number even where the final target does not (超过).
_INCLUSIVE = {Comparator.MORE_THAN: Comparator.AT_LEAST, Comparator.LESS_THAN: Comparator.AT_MOST}
_UNCAPPED = (Comparator.AT_LEAST, Comparator.MORE_THAN)


@dataclass(frozen=True)
class Expected:
    """What should have been reached on a day, as bounds; `label` says where it comes from.

    `value` is its single number, None for a range; `line` the two points it was drawn between, if it was drawn.
    A stretch milestone expects no more than stretch: at worst behind.
    """

    on: date
    label: str
    bounds: Bounds
    value: Decimal | None
    is_stretch: bool = False
    line: Line | None = None


def is_capped(requirement: Requirement) -> bool:
    """Whether the requirement limits from above: then an earlier cap says nothing about a later, larger total."""
    return requirement.comparator not in _UNCAPPED


def in_force(requirements: Sequence[Requirement], quarter: Quarter) -> tuple[Requirement, ...]:
    """The applicable requirements of the earliest due quarter not yet past, else of the last one.

    Several can share a due quarter (a binding and a stretch one). Overdue ones that are not met stay beside them;
    whether they are met is for `judge` to say.
    """
    applicable = [requirement for requirement in requirements if requirement.is_applicable]
    if not applicable:
        return ()
    coming = [r.due_quarter for r in applicable if r.due_quarter >= quarter]
    chosen = min(coming) if coming else max(r.due_quarter for r in applicable)
    return tuple(r for r in applicable if r.due_quarter == chosen)


def expected_at(
    rule: IndicatorRule,
    requirement: Requirement,
    quarter: Quarter,
    *,
    requirements: Sequence[Requirement] = (),
    plan_values: Sequence[PlanValue] = (),
    baseline: Baseline | None = None,
) -> Expected | NotComputable:
    """What should have been reached at a quarter's last day on the way to `requirement`.

    The newest of: an explicit plan value dated on or before that day, and a milestone (an earlier requirement) due
    by then; on one day the plan value. A straight line to the next known point, by quarters or by days, only where
    the rule says so, and never where that day has a point of its own.
    Totals that grow compare only with points of the same build-up: within a year with the same year (and year end
    with year end), a cap with the same quarter only.
    """
    points = _points(rule, requirement, quarter, requirements, plan_values)
    latest = points[-1] if points else None
    if rule.expected_by != ExpectedBy.MILESTONE and not (latest and latest.on == quarter.last_day):
        known = (latest.on, latest.value) if latest and latest.value is not None else None
        if found := line(rule, requirement, quarter, plan_values, baseline, known):
            return Expected(
                quarter.last_day,
                f"{rule.expected_by.label}计划值",
                _level(requirement, found.value),
                found.value,
                line=found,
            )
    if latest:
        return latest
    if rule.grows and rule.shape == Shape.YEAR and quarter.number < 4:
        return NotComputable("未到期，未定本季计划值，年内累计数不能与全年值比较")
    return NotComputable("未到期，未定年度计划值")


def _points(
    rule: IndicatorRule,
    requirement: Requirement,
    quarter: Quarter,
    requirements: Sequence[Requirement],
    plan_values: Sequence[PlanValue],
) -> list[Expected]:
    """Milestones and plan values up to the quarter's last day, oldest first, the plan value last on one day."""
    milestones = [
        Expected(r.due_on, f"{day_words(r.due_on)}目标", bounds, r.value, r.strength == Strength.STRETCH)
        for r in requirements
        if r.due_on < requirement.due_on
        and r.is_applicable
        and isinstance(bounds := bounds_of(r, rule), Bounds)
    ]
    planned = [point for value in plan_values if (point := _plan_point(value, requirement))]
    points = [p for p in (*milestones, *planned) if p.on <= quarter.last_day]
    return sorted((p for p in points if _is_comparable(rule, requirement, p.on, quarter)), key=lambda p: p.on)


def _plan_point(value: PlanValue, requirement: Requirement) -> Expected | None:
    """A plan value read in the requirement's direction; None when it lacks the number that direction needs."""
    label = (
        f"{value.on.year}年度计划值"
        if (value.on.month, value.on.day) == (12, 31)
        else f"{Quarter.of(value.on)}计划值"
    )
    if requirement.comparator == Comparator.RANGE:
        if value.low is None or value.high is None:
            return None
        return Expected(value.on, label, Bounds(value.low, value.high), None)
    if value.value is None:
        return None
    return Expected(value.on, label, _level(requirement, value.value), value.value)


def _level(requirement: Requirement, value: Decimal) -> Bounds:
    comparator = _INCLUSIVE.get(requirement.comparator, requirement.comparator)
    return bounds_around(comparator, value, requirement.tolerance or Decimal(0))


def _is_comparable(rule: IndicatorRule, requirement: Requirement, on: date, quarter: Quarter) -> bool:
    """Whether a point's number and the value at `quarter` have built up over the same stretch."""
    if not rule.grows:
        return True
    point = Quarter.of(on)
    if rule.shape == Shape.PLAN:
        return point == quarter or not is_capped(requirement)
    both_year_ends = point.number == quarter.number == 4
    same_stretch = point == quarter if is_capped(requirement) else point.year == quarter.year
    return same_stretch or both_year_ends

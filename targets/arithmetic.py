"""Rows of a plan as the arithmetic (`targets.measure`) takes them."""

from __future__ import annotations

from datetime import date

from targets.measure import Baseline, IndicatorRule, PlanValue, Requirement, Thresholds
from targets.models import Indicator, Plan, Target
from targets.terms import (
    Accumulation,
    Asked,
    Combine,
    Comparator,
    Comparison,
    Kind,
    Rounding,
    Span,
    Strength,
    TargetState,
)


def thresholds_of(plan: Plan) -> Thresholds:
    """The plan's thresholds as the arithmetic takes them."""
    return Thresholds(behind_above=plan.behind_above, late_above=plan.late_above)


def rule_of(indicator: Indicator) -> IndicatorRule:
    """How the indicator is measured, as the arithmetic takes it."""
    return IndicatorRule(
        unit=indicator.unit,
        decimals=indicator.decimals,
        kind=Kind(indicator.kind),
        accumulation=Accumulation(indicator.accumulation),
        combine=Combine(indicator.combine),
        span=Span(indicator.span),
        asked=Asked(indicator.asked),
        holds=indicator.holds,
        rounding=Rounding(indicator.rounding),
        comparison=Comparison(indicator.comparison),
        straight_line=indicator.straight_line,
        levels=tuple(indicator.levels),
    )


def requirement_of(target: Target) -> Requirement:
    """A dated target, as the arithmetic takes it."""
    return Requirement(
        due_on=target.due_on,
        comparator=Comparator(target.comparator),
        value=target.value,
        low=target.low,
        high=target.high,
        tolerance=target.tolerance,
        strength=Strength(target.strength),
        state=TargetState(target.state),
        condition=target.condition,
        condition_holds=target.condition_holds,
        key=str(target.pk),
    )


def baseline_of(indicator: Indicator) -> Baseline | None:
    """The baseline on the last day of its year, if the indicator has one."""
    if indicator.baseline is None or indicator.baseline_year is None:
        return None
    return Baseline(on=date(indicator.baseline_year, 12, 31), value=indicator.baseline)


def requirements_of(indicator: Indicator) -> tuple[Requirement, ...]:
    """All dated targets of an indicator. Whoever asks for many prefetches "targets"."""
    return tuple(requirement_of(target) for target in indicator.targets.all())


def plan_values_of(indicator: Indicator) -> tuple[PlanValue, ...]:
    """Its yearly and quarterly plan values. Whoever asks for many prefetches "plan_values"."""
    return tuple(PlanValue(on=row.on, value=row.value) for row in indicator.plan_values.all())

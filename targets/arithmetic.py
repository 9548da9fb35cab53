"""Rows of a plan as the arithmetic (`targets.measure`) takes them."""

from __future__ import annotations

from datetime import date, datetime

from targets.life import baseline_row, plan_values_known, targets_in_force, threshold_change
from targets.measure import Baseline, IndicatorRule, PlanValue, Requirement, Thresholds
from targets.models import Indicator, Plan, Target
from targets.terms import (
    Accumulation,
    Asked,
    Combine,
    Comparator,
    Comparison,
    ExpectedBy,
    Kind,
    Rounding,
    Span,
    Strength,
    TargetState,
)

#: Units that count calendar days.
DAY_UNITS = ("天", "日")


def thresholds_of(plan: Plan, on: date, known_at: datetime | None = None) -> Thresholds:
    """The thresholds in force on a day, as known at a moment. One query, unless "threshold_changes" is prefetched.

    Whoever judges a period asks for its last day, as known when it was closed: a closed quarter keeps its rule.
    """
    row = threshold_change(plan, on, known_at) or plan
    return Thresholds(behind_above=row.behind_above, late_above=row.late_above)


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
        expected_by=ExpectedBy(indicator.expected_by),
        levels=tuple(indicator.levels),
        counts_days=_counts_days(indicator),
    )


def _counts_days(indicator: Indicator) -> bool:
    """Whether the value, or a rate's denominator, is a number of calendar days: said by its unit or its name."""
    return indicator.unit in DAY_UNITS or (
        indicator.in_parts and indicator.denominator_name.endswith(("天数", "日数"))
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


def baseline_of(indicator: Indicator, on: date, known_at: datetime | None = None) -> Baseline | None:
    """The baseline in force on a day, dated the last day of its year. Many: prefetch "baseline_changes"."""
    row = baseline_row(indicator, on, known_at)
    return Baseline(on=date(row.year, 12, 31), value=row.value) if row else None


def requirements_of(
    indicator: Indicator, on: date, known_at: datetime | None = None
) -> tuple[Requirement, ...]:
    """The dated targets of an indicator as they are in force on a day. Whoever asks for many prefetches "targets"."""
    in_force = targets_in_force(indicator.targets.all(), on, known_at)
    return tuple(requirement_of(target) for target in in_force)


def plan_values_of(indicator: Indicator, known_at: datetime | None = None) -> tuple[PlanValue, ...]:
    """Its yearly and quarterly plan values as they counted at a moment: for a period, when it was closed.

    Whoever asks for many prefetches "plan_values" and "plan_value_proposals".
    """
    return tuple(PlanValue(on=row.on, value=row.value) for row in plan_values_known(indicator, known_at))

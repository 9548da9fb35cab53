"""One indicator at one quarter with everything known about it, and one requirement judged on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from targets.measure.attainment import Bounds, attainment, bounds_of
from targets.measure.combining import Combined, combined
from targets.measure.inputs import (
    Baseline,
    IndicatorRule,
    PlanValue,
    Reading,
    Requirement,
    Thresholds,
)
from targets.measure.path import Expected
from targets.measure.quarters import Quarter
from targets.terms import Attainment, Kind, Standing, Strength


@dataclass(frozen=True)
class Judged:
    """One requirement judged at a quarter.

    `actual` is the value it was judged on, which for an overdue requirement may be of an earlier quarter.
    `shortfall` is percent of the expected value, None when not compared or not expressible. `failed` are the
    quarters in which a 保持类 requirement was not met.
    """

    requirement: Requirement
    attainment: Attainment
    standing: Standing
    reason: str
    actual: Combined
    expected: Expected | None = None
    shortfall: Decimal | None = None
    failed: tuple[Quarter, ...] = ()

    @property
    def counts_as_due(self) -> bool:
        """Whether it belongs to the m of “n of m met”: due, applicable and settled."""
        return self.attainment in (Attainment.MET, Attainment.NOT_MET, Attainment.NO_DATA)


@dataclass(frozen=True)
class Case:
    """One indicator at one quarter, with everything known about it."""

    rule: IndicatorRule
    requirements: tuple[Requirement, ...]
    readings: Mapping[Quarter, Reading]
    quarter: Quarter
    plan_values: tuple[PlanValue, ...]
    baseline: Baseline | None
    thresholds: Thresholds
    in_force: tuple[Requirement, ...]

    def value_at(self, quarter: Quarter) -> Combined:
        return combined(self.rule, self.readings, quarter)

    def year_before(self, quarter: Quarter) -> Decimal | None:
        """The same value a year earlier; only a trend asks."""
        return self.value_at(quarter.shifted(-4)).value if self.rule.kind == Kind.TREND else None

    def attainment_at(self, requirement: Requirement, quarter: Quarter) -> Attainment:
        return attainment(requirement, self.value_at(quarter).value, self.rule, self.year_before(quarter))

    def bounds_at(self, requirement: Requirement, quarter: Quarter) -> Bounds:
        """The bounds where they are settled; unbounded otherwise, for wording only."""
        bounds = bounds_of(requirement, self.rule, self.year_before(quarter))
        return bounds if isinstance(bounds, Bounds) else Bounds()

    def is_due(self, requirement: Requirement) -> bool:
        return requirement.due_on <= self.quarter.last_day

    def no_value_reason(self, quarter: Quarter) -> str:
        """Why a requirement has no data at a quarter: the value itself, or the year before for a trend."""
        is_present = self.rule.asked_at(self.quarter) == quarter
        value = self.value_at(self.quarter if is_present else quarter)
        return value.reason or f"缺上年同期值（{quarter.shifted(-4)}），无法比较趋势"


def capped(judged: Judged) -> Judged:
    """A stretch requirement (力争, 争取, 努力, 计划), or a stretch milestone on the way, is at worst behind."""
    is_stretch = judged.requirement.strength == Strength.STRETCH or (
        judged.expected is not None and judged.expected.is_stretch
    )
    if judged.standing != Standing.LATE or not is_stretch:
        return judged
    return replace(judged, standing=Standing.BEHIND, reason=f"{judged.reason}；争取性要求，最多记滞后")

"""A published indicator figure turned into a score: against its target when due, else against the year's plan value.

The value, whether the target is met, the expected value, the light and the requirement are the publication's; the
target row adds its clause. The rules are those of `assessment.scoring`.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessment.scoring import Missing, NotApplicable, Outcome, Pending, Rated, ratio_high, ratio_low
from assessment.scoring.rules import all_or_nothing
from assessment.terms import LineState
from reports.models import Figure
from targets.arithmetic import requirement_of, rule_of
from targets.measure import (
    NotComputable,
    bounds_of,
    completion_rate,
    limit_words,
    plain,
    rounded,
    shown,
)
from targets.models import Indicator, Target
from targets.terms import Asked, Attainment, Comparator, Kind, Rounding, Standing, Strength

_UPWARD = (Comparator.AT_LEAST, Comparator.MORE_THAN)
_DOWNWARD = (Comparator.AT_MOST, Comparator.LESS_THAN)
_HARDEST_FIRST = (Strength.BINDING, Strength.EXPECTED, Strength.STRETCH)


@dataclass(frozen=True)
class Judged:
    """What an indicator brings to a score. `outside` is the state of its line when the outcome is Pending."""

    outcome: Outcome
    outside: LineState = LineState.PENDING


def target_of(targets: Sequence[Target], figure: Figure | None, last_day: date) -> Target | None:
    """The target a year is judged by: the one that decided the published light, as it was then.

    Without one the latest due by the year's last day, else the next to come; the hardest of one day.
    """
    decided = figure.detail.get("target") if figure else None
    for target in targets:
        if figure and target.pk == decided:
            return _as_published(target, figure)
    due = [target for target in targets if target.due_on <= last_day]
    coming = [target for target in targets if target.due_on > last_day]
    if not due and not coming:
        return None
    day = max(t.due_on for t in due) if due else min(t.due_on for t in coming)
    same_day = [target for target in targets if target.due_on == day]
    return min(same_day, key=lambda t: _HARDEST_FIRST.index(Strength(t.strength)))


def _as_published(target: Target, figure: Figure) -> Target:
    """The target with the limits of the publication: a later revision changes no published year."""
    asked = figure.detail.get("asked")
    if not asked:
        return target
    was = copy(target)
    was.comparator, was.strength = asked["comparator"], figure.detail["strength"]
    for name in ("value", "low", "high", "tolerance"):
        setattr(was, name, Decimal(asked[name]) if name in asked else None)
    return was


@dataclass(frozen=True)
class DataRules:
    """How missing data counts: `minimum` is the share it scores.

    `excuses_no_data`: a reading filed as 无数据 whose reason the office accepted is taken as 经认定不适用.
    """

    is_whole_year: bool
    minimum: Decimal
    excuses_no_data: bool


def judge_figure(
    indicator: Indicator, target: Target | None, figure: Figure | None, rules: DataRules
) -> Judged:
    """The outcome of one indicator."""
    if figure is None:
        return Judged(NotApplicable("发布时尚未列入方案"))
    if figure.attainment == Attainment.NOT_APPLICABLE:
        return Judged(NotApplicable(figure.reason))
    if target is None or figure.attainment == Attainment.NO_TARGET:
        return Judged(Pending(figure.reason or "没有目标值"))
    if indicator.asked == Asked.YEARLY and not rules.is_whole_year:
        return Judged(Pending("每年四季度报送，本季未到期"), LineState.NOT_DUE)
    if figure.attainment == Attainment.MET:
        return Judged(all_or_nothing("达标给分", is_met=True, inputs=(("结论", figure.reason),)))
    if figure.value is None or figure.attainment == Attainment.NO_DATA:
        return _without_data(indicator, figure, rules)
    if indicator.holds or indicator.kind in (Kind.TREND, Kind.DELIVERABLE):
        return _by_light(figure)
    return _by_value(indicator, target, figure, figure.value)


def _without_data(indicator: Indicator, figure: Figure, rules: DataRules) -> Judged:
    """Missing, unless the office accepted that there is none, or a trend has no year before to compare with."""
    if figure.value is None and figure.reported and rules.excuses_no_data:
        return Judged(NotApplicable(f"{figure.reason}（无数据的说明已采纳）"))
    if figure.value is not None and indicator.kind == Kind.TREND:
        return Judged(NotApplicable(figure.reason))
    return Judged(Missing(figure.reason or "没有数据", rules.minimum))


def _by_light(figure: Figure) -> Judged:
    """Met or not is all that counts: blue and green earn the points, yellow and red none; grey is not asked yet."""
    if figure.standing == Standing.UNKNOWN:
        return Judged(Pending(figure.reason), LineState.NOT_DUE)
    is_met = figure.standing in (Standing.DONE, Standing.ON_TRACK)
    return Judged(all_or_nothing("达标给分", is_met=is_met, inputs=(("结论", figure.reason),)))


def _by_value(indicator: Indicator, target: Target, figure: Figure, actual: Decimal) -> Judged:
    """By ratio or control; a range by the lower of its two sides. Not due and not planned for: not asked this year."""
    is_due = figure.attainment != Attainment.NOT_DUE
    limit = target.value if is_due else figure.expected
    if not is_due and limit is None:
        return Judged(Pending("未到期，未定年度计划值"), LineState.NOT_DUE)
    if target.comparator in _UPWARD and limit is not None:
        return Judged(ratio_high(actual, limit))
    if target.comparator in _DOWNWARD and limit is not None:
        return Judged(ratio_low(actual, limit))
    return _by_range(indicator, target, actual)


def _by_range(indicator: Indicator, target: Target, actual: Decimal) -> Judged:
    rule, requirement = rule_of(indicator), requirement_of(target)
    rate = completion_rate(bounds_of(requirement, rule), actual)
    if isinstance(rate, NotComputable):
        return Judged(Pending(rate.reason))
    inputs = (("实际", plain(actual)), ("要求", limit_words(requirement, rule)))
    return Judged(Rated("区间，按较低一侧", rate, Decimal(1), plain(rounded(rate, 4)), inputs))


def actual_words(indicator: Indicator, target: Target | None, figure: Figure | None) -> str:
    """Actual over what was asked, as the sheet shows it: `30.6/32`; empty when there is no value."""
    if figure is None or figure.value is None:
        return ""
    actual = shown(figure.value, indicator.decimals, Rounding(indicator.rounding))
    planned = figure.attainment == Attainment.NOT_DUE
    limit = figure.expected if planned else target.value if target else None
    if limit is None or indicator.kind in (Kind.TREND, Kind.DELIVERABLE):
        return actual
    return f"{actual}/{plain(limit)}"

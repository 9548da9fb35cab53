"""What lies ahead of an indicator: the requirement that comes next, what is left to bring for it, and the trend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from targets.measure.forecast import Forecast, forecast
from targets.measure.inputs import IndicatorRule, NotComputable, Reading, Requirement
from targets.measure.path import in_force
from targets.measure.quarters import Quarter
from targets.measure.required import Required, required
from targets.measure.words import day_words, limit_words
from targets.terms import Strength


@dataclass(frozen=True)
class Outlook:
    """For the requirement that comes next; a light is never changed by it."""

    requirement: Requirement
    required: Required | NotComputable
    forecast: Forecast | NotComputable


def outlook(
    rule: IndicatorRule, requirements: Sequence[Requirement], readings: Sequence[Reading], quarter: Quarter
) -> Outlook | None:
    """The next requirement that is due after `quarter`, the binding one of two; None when none is to come."""
    coming = [r for r in in_force(requirements, quarter.shifted(1)) if r.due_quarter > quarter]
    if not coming:
        return None
    first = min(coming, key=lambda r: r.strength == Strength.STRETCH)
    return Outlook(first, required(rule, first, readings, quarter), forecast(rule, first, readings, quarter))


def outlook_words(found: Outlook | None, rule: IndicatorRule) -> dict[str, str]:
    """What is asked, what is left to bring and the trend, in words; where there is none it says 无法计算 and why."""
    if found is None:
        return {}
    asked = f"{day_words(found.requirement.due_on)}{limit_words(found.requirement, rule)}"
    return {
        "ahead": asked,
        "required": _said(found.required),
        "forecast": _said(found.forecast),
    }


def _said(found: Required | Forecast | NotComputable) -> str:
    return f"无法计算：{found.reason}" if isinstance(found, NotComputable) else found.words

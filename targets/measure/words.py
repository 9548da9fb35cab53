"""Requirements and values in the words of a reason. Numbers as shown, dates as in official writing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from targets.measure.attainment import Bounds, gap_unit
from targets.measure.inputs import IndicatorRule, Requirement
from targets.measure.numbers import plain, rounded, shown, shown_beside, with_unit
from targets.terms import Comparator, Comparison, Kind, TargetState

_DONE = Decimal(1)
_TREND_WORDS = {
    Comparator.AT_LEAST: "不低于上年同期",
    Comparator.MORE_THAN: "高于上年同期",
    Comparator.AT_MOST: "不高于上年同期",
    Comparator.LESS_THAN: "低于上年同期",
    Comparator.EQUAL: "与上年同期相同",
    Comparator.AROUND: "与上年同期基本持平",
    Comparator.RANGE: "与上年同期比较",
}


def day_words(day: date) -> str:
    """`2020年12月31日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def limit_words(requirement: Requirement, rule: IndicatorRule) -> str:
    """What a requirement asks, without its date: `≥23 公里`, `300—500 米`, `40%左右（±1 个百分点）`."""
    words = _limit(requirement, rule)
    return f"{words}（暂定）" if requirement.state == TargetState.PROVISIONAL else words


def _limit(requirement: Requirement, rule: IndicatorRule) -> str:
    if rule.kind == Kind.TREND:
        return _TREND_WORDS[requirement.comparator]
    if rule.kind == Kind.DELIVERABLE and requirement.value in (None, _DONE):
        return "完成"
    if requirement.comparator == Comparator.RANGE:
        low, high = (_number(number, requirement) for number in (requirement.low, requirement.high))
        return with_unit(f"{low}—{high}", rule.unit)
    if level := level_words(requirement.value, rule):
        return _level_limit(requirement, level, rule)
    limit = with_unit(_number(requirement.value, requirement), rule.unit)
    if requirement.comparator != Comparator.AROUND:
        return f"{requirement.comparator.value}{limit}"
    if requirement.tolerance is None:
        return f"{limit}左右"
    return f"{limit}左右（±{with_unit(plain(requirement.tolerance), gap_unit(rule))}）"


def level_words(value: Decimal | None, rule: IndicatorRule) -> str:
    """The name of a graded indicator's level, in quotes; empty where the levels have no name for the number."""
    if rule.kind != Kind.GRADED or value is None or value % 1 or not 0 <= value < len(rule.levels):
        return ""
    return f"“{rule.levels[int(value)]}”"


def _level_limit(requirement: Requirement, level: str, rule: IndicatorRule) -> str:
    if requirement.comparator != Comparator.AT_LEAST:
        return f"{requirement.comparator.label}{level}"
    is_top = requirement.value == len(rule.levels) - 1
    return f"为{level}" if is_top else f"为{level}以上"


def _number(value: Decimal | None, requirement: Requirement) -> str:
    """The limit as written: with its own places where they are known."""
    if value is None:
        return "未定"
    return plain(value) if requirement.decimals is None else shown(value, requirement.decimals)


def actual_words(value: Decimal, bounds: Bounds, rule: IndicatorRule, places: int | None = None) -> str:
    """A value beside its limit: never rounded to the other side; under rounded comparison as it was compared."""
    if rule.kind == Kind.DELIVERABLE and value in (Decimal(0), _DONE):
        return "已完成" if value else "未完成"
    if level := level_words(value, rule):
        return level
    digits = rule.decimals if places is None else places
    if rule.comparison == Comparison.ROUNDED:
        exact = with_unit(plain(value), rule.unit)
        return f"{exact}，修约为 {with_unit(shown(value, digits, rule.rounding), rule.unit)}"
    limit = bounds.nearest(value)
    if limit is None:
        return with_unit(shown(value, rule.decimals, rule.rounding), rule.unit)
    return with_unit(shown_beside(value, limit, rule.decimals, rule.rounding), rule.unit)


def gap_words(distance: Decimal, rule: IndicatorRule) -> str:
    """A distance with the unit of differences; with more places when it would read as zero."""
    return with_unit(_small(distance, rule.decimals), gap_unit(rule))


def percent_words(percent: Decimal) -> str:
    """`3.8%`; with more places when it would read as zero."""
    return f"{_small(percent, 1)}%"


def _small(value: Decimal, places: int) -> str:
    for more in range(places, places + 6):
        if rounded(value, more):
            return shown(value, more)
    return plain(value)

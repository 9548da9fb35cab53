"""A requirement that is not due yet: compared with what should have been reached by now."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from targets.measure.attainment import bounds_of, meets
from targets.measure.case import Case, Judged, capped
from targets.measure.combining import Combined
from targets.measure.inputs import IndicatorRule, NotComputable, Requirement
from targets.measure.numbers import plain, shown, spaced, with_unit
from targets.measure.path import Expected, expected_at, is_capped
from targets.measure.quarters import Quarter
from targets.measure.words import actual_words, day_words, gap_words, level_words, limit_words, percent_words
from targets.terms import Attainment, Kind, Standing

_HUNDRED = Decimal(100)


def judge_coming(case: Case, requirement: Requirement) -> Judged:
    """Compared with what should have been reached by now; nothing is expected that nobody planned."""
    actual = case.value_at(case.quarter)
    outcome = case.attainment_at(requirement, actual.quarter)
    if actual.value is None or outcome == Attainment.NO_DATA:
        return Judged(
            requirement, Attainment.NO_DATA, Standing.UNKNOWN, case.no_value_reason(actual.quarter), actual
        )
    is_met = outcome == Attainment.MET
    limit = limit_words(requirement, case.rule)
    number = actual_words(
        actual.value, case.bounds_at(requirement, actual.quarter), case.rule, requirement.decimals
    )
    if case.rule.kind == Kind.DELIVERABLE and is_met:
        reason = f"要求到{day_words(requirement.due_on)}{limit}，{actual.quarter}已完成"
        return Judged(requirement, Attainment.MET, Standing.DONE, reason, actual)
    expected = _expected(case, requirement, actual.quarter)
    if isinstance(expected, Expected):
        return _compared(case, requirement, actual, actual.value, expected)
    if is_met and not (case.rule.grows and is_capped(requirement)):
        reason = f"{actual.quarter}实际{spaced(number)}，未到期，已达到{day_words(requirement.due_on)}的要求（{limit}）"
        return Judged(requirement, Attainment.NOT_DUE, Standing.ON_TRACK, reason, actual)
    reason = expected.reason
    if is_met:
        reason = f"{actual.quarter}实际{spaced(number)}，在要求（{limit}）之内，累计数还会增加，到期再判断"
    return Judged(requirement, Attainment.NOT_DUE, Standing.UNKNOWN, reason, actual)


def _expected(case: Case, requirement: Requirement, quarter: Quarter) -> Expected | NotComputable:
    """The year before for a trend, else the path to the requirement."""
    if case.rule.kind == Kind.TREND:
        before = case.year_before(quarter)
        bounds = bounds_of(requirement, case.rule, before)
        if isinstance(bounds, NotComputable):
            return bounds
        return Expected(quarter.last_day, "上年同期值", bounds, before)
    return expected_at(
        case.rule,
        requirement,
        quarter,
        requirements=case.requirements,
        plan_values=case.plan_values,
        baseline=case.baseline,
    )


def _compared(
    case: Case, requirement: Requirement, actual: Combined, number: Decimal, expected: Expected
) -> Judged:
    """On track when it meets the expected value; else by the shortfall in percent of it."""
    rule = case.rule
    planned = level_words(expected.value, rule) or with_unit(_expected_words(expected, rule), rule.unit)
    is_trend = rule.kind == Kind.TREND
    basis = f"要求{limit_words(requirement, rule)}，上年同期" if is_trend else expected.label
    value = actual_words(number, expected.bounds, rule)
    words = f"{basis}{spaced(planned)}，{actual.quarter}实际{spaced(value)}"
    if meets(number, expected.bounds, rule):
        ending = "符合要求" if is_trend else "达到计划"
        judged = Judged(requirement, Attainment.NOT_DUE, Standing.ON_TRACK, f"{words}，{ending}", actual)
        return replace(judged, expected=expected, shortfall=Decimal(0))
    distance = expected.bounds.distance(number)
    limit = expected.bounds.nearest(number)
    shortfall = distance / abs(limit) * _HUNDRED if limit else None
    standing, ending = _behind(case, distance, shortfall)
    judged = Judged(requirement, Attainment.NOT_DUE, standing, f"{words}，{ending}", actual)
    return capped(replace(judged, expected=expected, shortfall=shortfall))


def _behind(case: Case, distance: Decimal, shortfall: Decimal | None) -> tuple[Standing, str]:
    """The light of a value that misses its expected value, with the words for it."""
    rule, thresholds = case.rule, case.thresholds
    if distance == 0:
        return Standing.BEHIND, "与界限持平，要求不含本数"
    missing = f"差 {gap_words(distance, rule)}"
    if rule.kind == Kind.GRADED:
        return (Standing.BEHIND if distance <= 1 else Standing.LATE), missing
    if shortfall is None:
        return Standing.LATE, f"{missing}，计划为零，落后不能按比例计，记严重滞后"
    light = thresholds.light(shortfall)
    limit = {
        Standing.ON_TRACK: f"不超过 {plain(thresholds.behind_above)}%，视为正常",
        Standing.BEHIND: f"不超过 {plain(thresholds.late_above)}%",
        Standing.LATE: f"超过 {plain(thresholds.late_above)}%",
    }[light]
    return light, f"{missing}，落后 {percent_words(shortfall)}，{limit}"


def _expected_words(expected: Expected, rule: IndicatorRule) -> str:
    bounds = expected.bounds
    if expected.value is None and bounds.lower is not None and bounds.upper is not None:
        return f"{plain(bounds.lower)}—{plain(bounds.upper)}"
    value = expected.value if expected.value is not None else bounds.nearest(Decimal(0)) or Decimal(0)
    return shown(value, rule.decimals, rule.rounding)

"""A requirement that is due: done, late, or without a value since."""

from __future__ import annotations

from decimal import Decimal

from targets.measure.case import Case, Judged, capped
from targets.measure.inputs import Requirement, Shape
from targets.measure.numbers import shown, spaced, with_unit
from targets.measure.path import is_capped
from targets.measure.quarters import Quarter
from targets.measure.words import actual_words, day_words, gap_words, limit_words
from targets.terms import Asked, Attainment, Kind, Standing


def judge_due(case: Case, requirement: Requirement) -> Judged:
    """Done when met, late when not; unknown when no quarter since the due date had a value."""
    checked = _check_quarters(case, requirement)
    outcomes = [(quarter, case.attainment_at(requirement, quarter)) for quarter in checked]
    valued = [(quarter, outcome) for quarter, outcome in outcomes if outcome != Attainment.NO_DATA]
    met = [quarter for quarter, outcome in valued if outcome == Attainment.MET]
    if requirement not in case.in_force and met:
        return _due_verdict(case, requirement, met[0], Attainment.MET)
    if valued and (valued[-1] == outcomes[-1] or valued[-1][1] == Attainment.NOT_MET):
        return _due_verdict(case, requirement, *valued[-1])
    last = checked[-1]
    due = f"要求到{day_words(requirement.due_on)}{limit_words(requirement, case.rule)}"
    reason = f"{due}，已到期，{case.no_value_reason(last)}"
    return Judged(requirement, Attainment.NO_DATA, Standing.UNKNOWN, reason, case.value_at(last))


def _check_quarters(case: Case, requirement: Requirement) -> list[Quarter]:
    """The quarters from the due one on whose value can meet the requirement, oldest first; never empty."""
    rule = case.rule
    first, last = rule.asked_at(requirement.due_quarter), rule.asked_at(case.quarter)
    if rule.shape == Shape.PLAN and is_capped(requirement):
        return [first]
    only_year_ends = rule.asked == Asked.YEARLY or rule.shape == Shape.YEAR
    return [q for q in first.until(last) if q == first or not only_year_ends or q.number == 4]


def _due_verdict(case: Case, requirement: Requirement, quarter: Quarter, outcome: Attainment) -> Judged:
    """Words for a due requirement judged on the value at `quarter`."""
    value = case.value_at(quarter)
    bounds = case.bounds_at(requirement, quarter)
    number = value.value if value.value is not None else Decimal(0)
    due = f"要求到{day_words(requirement.due_on)}{limit_words(requirement, case.rule)}"
    is_late = quarter > requirement.due_quarter
    actual = actual_words(number, bounds, case.rule, requirement.decimals)
    words = f"{due}，{quarter}实际{spaced(actual)}"
    if case.rule.kind == Kind.TREND:
        words += f"，上年同期{spaced(_year_before_words(case, quarter))}"
    if outcome == Attainment.MET:
        ending = "，逾期后已达标" if is_late and requirement not in case.in_force else "，已达标"
        return Judged(requirement, outcome, Standing.DONE, words + ending, value)
    distance = bounds.distance(number)
    missing = (
        f"，差 {gap_words(distance, case.rule)}" if distance and case.rule.kind != Kind.DELIVERABLE else ""
    )
    words += f"{missing}，到期未达标"
    newest = case.rule.asked_at(case.quarter)
    if quarter < newest and newest in _check_quarters(case, requirement):
        words += f"；{case.no_value_reason(newest)}，按最近一次数据"
    return capped(Judged(requirement, outcome, Standing.LATE, words, value))


def _year_before_words(case: Case, quarter: Quarter) -> str:
    before = case.year_before(quarter)
    if before is None:
        return "无数据"
    return with_unit(shown(before, case.rule.decimals, case.rule.rounding), case.rule.unit)

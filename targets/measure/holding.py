"""保持类: a requirement that every quarter asked must meet."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from targets.measure.case import Case, Judged, capped
from targets.measure.combining import named
from targets.measure.inputs import ReadingState, Requirement, Shape
from targets.measure.numbers import spaced
from targets.measure.path import is_capped
from targets.measure.quarters import Quarter
from targets.measure.words import actual_words, limit_words
from targets.terms import Asked, Attainment, Kind, Standing


def judge_holding(case: Case, requirement: Requirement) -> Judged:
    """Met in every quarter asked; one failure fails its year, and the verdict when due names the failed years.

    Before it is due, a failure of the present year is late and an earlier one is only named.
    """
    last = _last_quarter(case, requirement)
    outcomes = {q: case.attainment_at(requirement, q) for q in _holding_quarters(case, requirement, last)}
    failed = tuple(q for q, outcome in outcomes.items() if outcome == Attainment.NOT_MET)
    holes = [q for q, outcome in outcomes.items() if outcome == Attainment.NO_DATA]
    is_due = case.is_due(requirement)
    if failed and (is_due or failed[-1].year == last.year):
        return _broken(case, requirement, last, failed)
    value = case.value_at(last)
    limit = f"要求保持{limit_words(requirement, case.rule)}"
    if last not in outcomes or last in holes:
        why = case.no_value_reason(last) if last in outcomes else "年内累计数，每年四季度判断"
        unknown = Judged(requirement, Attainment.NO_DATA, Standing.UNKNOWN, f"{limit}，{why}", value)
        return replace(unknown, failed=failed)
    words = f"{limit}，{last}实际{_number(case, requirement, last)}"
    if not is_due:
        notes = f"；{named(failed)}曾未达标" if failed else ""
        notes += f"；缺{named(holes)}" if holes else ""
        kept = Judged(requirement, Attainment.NOT_DUE, Standing.ON_TRACK, f"{words}，达标{notes}", value)
        return replace(kept, failed=failed)
    if holes:
        reason = f"{words}，缺{named(holes)}，不能认定各期都保持"
        return Judged(requirement, Attainment.NO_DATA, Standing.UNKNOWN, reason, value)
    return Judged(requirement, Attainment.MET, Standing.DONE, f"{words}，应填各期均达标", value)


def _broken(case: Case, requirement: Requirement, last: Quarter, failed: tuple[Quarter, ...]) -> Judged:
    """Not held: red (a stretch one yellow), naming the years and the quarters."""
    years = "、".join(f"{year}年" for year in sorted({quarter.year for quarter in failed}))
    newest = failed[-1]
    reason = (
        f"要求保持{limit_words(requirement, case.rule)}，{years}未保持：{named(failed)}未达标，"
        f"{newest}实际{_number(case, requirement, newest)}"
    )
    judged = Judged(requirement, Attainment.NOT_MET, Standing.LATE, reason, case.value_at(last))
    return capped(replace(judged, failed=failed))


def _number(case: Case, requirement: Requirement, quarter: Quarter) -> str:
    value = case.value_at(quarter).value
    bounds = case.bounds_at(requirement, quarter)
    words = actual_words(Decimal(0) if value is None else value, bounds, case.rule, requirement.decimals)
    return spaced(words)


def _last_quarter(case: Case, requirement: Requirement) -> Quarter:
    """The newest quarter it is checked at: now, or its own due quarter where a later requirement takes over."""
    last = case.rule.asked_at(case.quarter)
    return last if _is_last(case, requirement) else min(last, case.rule.asked_at(requirement.due_quarter))


def _is_last(case: Case, requirement: Requirement) -> bool:
    """Whether no later requirement takes over, so that it goes on being in force after its due date."""
    return not any(r.is_applicable and r.due_quarter > requirement.due_quarter for r in case.requirements)


def _holding_quarters(case: Case, requirement: Requirement, last: Quarter) -> list[Quarter]:
    """The quarters asked while the requirement is in force: after the one before it, up to `last`, oldest first.

    A total that must be reached within a year is checked at the year's end. A trend's first year, which has
    nothing to compare with, is not checked. The quarter judged is always among them where it can be checked.
    """
    rule = case.rule
    earlier = [
        r.due_quarter
        for r in case.requirements
        if r.is_applicable and r.due_quarter < requirement.due_quarter
    ]
    asked = {q for q, reading in case.readings.items() if reading.state != ReadingState.NOT_DUE} | {last}
    only_year_ends = rule.asked == Asked.YEARLY or (
        rule.shape == Shape.YEAR and rule.grows and not is_capped(requirement)
    )
    return sorted(
        q
        for q in asked
        if q <= last
        and (not earlier or q > max(earlier))
        and (not only_year_ends or q.number == 4)
        and (rule.kind != Kind.TREND or q == last or q.shifted(-4) in case.readings)
    )

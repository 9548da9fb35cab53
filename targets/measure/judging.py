"""The light of an indicator at a quarter's last day, with its reason (design: standing).

Which requirements decide: those in force (the earliest not yet past) and every overdue one that is not met. The
worst of their lights is the indicator's: late, behind, unknown, on track, done.

* Due means due on or before the quarter's last day. Due and met is done; due and not met is late. A requirement
  found not met stays late until a value meets it: a quarter without data turns no red light grey, and no light green.
* A requirement that a later one has replaced is met once it has been met, when due or since. The one in force is
  judged on the present value. Totals of a calendar year are compared at the year's end, caps on a growing total
  in their own quarter.
* Not due yet: compared with the expected value. Behind is the shortfall in percent of the expected value, read
  from `Thresholds`. Where an expected value is zero, any shortfall is late (nothing is divided by zero). Without
  an expected value the light is unknown, unless the value meets the requirement already.
* A graded indicator one level short of its plan is behind, more is late. A deliverable that is done is done at once.
* 保持类: every quarter asked must meet the requirement; one failure fails its year.
* A stretch requirement is at worst behind, also when overdue.
* A trend compares with the same value a year before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from targets.measure.attainment import Gap, Progress, gap, progress, unsettled
from targets.measure.case import Case, Judged
from targets.measure.combining import Combined, by_quarter
from targets.measure.coming import judge_coming
from targets.measure.due import judge_due
from targets.measure.holding import judge_holding
from targets.measure.inputs import (
    Baseline,
    IndicatorRule,
    NotComputable,
    PlanValue,
    Reading,
    Requirement,
    Thresholds,
)
from targets.measure.numbers import shortened
from targets.measure.path import Expected, in_force
from targets.measure.quarters import Quarter
from targets.measure.words import day_words
from targets.terms import Attainment, Kind, Standing

_OPEN = (Attainment.NO_TARGET, Attainment.NOT_APPLICABLE)
#: From best to worst. Unknown outranks green: what is not known is never counted as well.
SEVERITY = {
    Standing.DONE: 0,
    Standing.ON_TRACK: 1,
    Standing.UNKNOWN: 2,
    Standing.BEHIND: 3,
    Standing.LATE: 4,
}


@dataclass(frozen=True)
class Verdict:
    """An indicator judged at a quarter's last day.

    `requirement` is the one that decides the light, with its attainment, expected value and gap. `actual` is the
    quarter's own value. `judged` holds every requirement that is due or in force, oldest first. `due` and `met`
    count requirements due by that day; pending, unsettled and inapplicable ones are in `unsettled` instead.
    """

    standing: Standing
    attainment: Attainment
    reason: str
    actual: Combined
    requirement: Requirement | None = None
    expected: Expected | None = None
    gap: Gap | NotComputable = field(default_factory=lambda: NotComputable("没有目标值"))
    progress: Progress | NotComputable = field(default_factory=lambda: NotComputable("没有目标值"))
    judged: tuple[Judged, ...] = ()
    due: int = 0
    met: int = 0
    unsettled: int = 0


def judge(
    rule: IndicatorRule,
    requirements: Iterable[Requirement],
    readings: Iterable[Reading],
    quarter: Quarter,
    *,
    plan_values: Iterable[PlanValue] = (),
    baseline: Baseline | None = None,
    thresholds: Thresholds | None = None,
) -> Verdict:
    """Judge an indicator at a quarter's last day by the rules of this module. Never raises on valid data.

    `readings` are all that were asked so far; quarters after `quarter` are not looked at. For a 保持类 indicator
    each quarter that has a Reading was asked, so one that was never filed belongs in the list as NOT_FILED.
    """
    wanted = tuple(sorted(requirements, key=lambda r: r.due_on))
    case = Case(
        rule=rule,
        requirements=wanted,
        readings=by_quarter(readings),
        quarter=quarter,
        plan_values=tuple(plan_values),
        baseline=baseline,
        thresholds=thresholds or Thresholds(),
        in_force=in_force(wanted, quarter) or wanted,
    )
    actual = case.value_at(quarter)
    judged = tuple(_judge_one(case, r) for r in wanted if case.is_due(r) or r in case.in_force)
    if not judged:
        return Verdict(Standing.UNKNOWN, Attainment.NO_TARGET, "没有目标值", actual)
    return _verdict(case, judged, actual)


def _verdict(case: Case, judged: tuple[Judged, ...], actual: Combined) -> Verdict:
    """The worst of the requirements that decide; those not settled only when nothing else does."""
    concerned = [
        j
        for j in judged
        if j.requirement in case.in_force or j.attainment in (Attainment.NOT_MET, Attainment.NO_DATA)
    ]
    settled = [j for j in concerned if j.attainment not in _OPEN]
    chosen = max(settled or concerned, key=lambda j: (SEVERITY[j.standing], j.requirement in case.in_force))
    open_ones = [j for j in judged if j.attainment in _OPEN]
    others = len([j for j in open_ones if j is not chosen])
    reason = f"{chosen.reason}；另有{others}项要求未定或不适用" if others else chosen.reason
    due = [j for j in judged if case.is_due(j.requirement) and j.counts_as_due]
    requirement = chosen.requirement
    target = requirement.value if case.rule.kind == Kind.QUANTITATIVE else None
    return Verdict(
        standing=chosen.standing,
        attainment=chosen.attainment,
        reason=reason,
        actual=actual,
        requirement=requirement,
        expected=chosen.expected,
        gap=gap(requirement, chosen.actual.value, case.rule, case.year_before(chosen.actual.quarter)),
        progress=progress(case.baseline.value if case.baseline else None, target, actual.value),
        judged=judged,
        due=len(due),
        met=len([j for j in due if j.attainment == Attainment.MET]),
        unsettled=len(open_ones),
    )


def _judge_one(case: Case, requirement: Requirement) -> Judged:
    now = case.value_at(case.quarter)
    if not requirement.is_applicable:
        reason = f"前提条件“{shortened(requirement.condition)}”不成立，不适用"
        return Judged(requirement, Attainment.NOT_APPLICABLE, Standing.UNKNOWN, reason, now)
    if reason := unsettled(requirement, case.rule):
        words = f"{day_words(requirement.due_on)}的要求：{reason}"
        return Judged(requirement, Attainment.NO_TARGET, Standing.UNKNOWN, words, now)
    if case.rule.holds:
        return judge_holding(case, requirement)
    if case.is_due(requirement):
        return judge_due(case, requirement)
    return judge_coming(case, requirement)

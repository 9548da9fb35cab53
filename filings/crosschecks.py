"""Cross-checks between values (勾稽关系). Pure: numbers in, an outcome and its sentence out.

Every check is total: a value that is missing makes it UNCHECKED with the reason, never FOUND and never an error.
Jumps are judged by the median and the scaled MAD (Hampel: 1.4826 · MAD estimates a standard deviation).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import Enum
from statistics import median

from filings.terms import RuleKind, Severity
from targets.measure import Quarter
from targets.measure.numbers import plain, rounded, with_unit
from targets.terms import Accumulation

#: Makes the median absolute deviation of normal values their standard deviation.
SCALE = Decimal("1.4826")
#: A jump is judged by values of so many earlier quarters at most, and not by fewer values than LEAST.
WINDOW, LEAST = 12, 4
#: Kinds that compare two indicators; the rest look at one.
PAIRED = (RuleKind.PART, RuleKind.AGREE)
_WIDE = Context(prec=60)
_CUMULATIVE = (Accumulation.YEAR_TO_DATE, Accumulation.PLAN_TO_DATE)

#: The values of one indicator by quarter; a quarter without a value is left out.
Values = Mapping[Quarter, Decimal]


class Verdict(Enum):
    """Whether a check holds. UNCHECKED: a value it needs is not there."""

    HOLDS = "holds"
    FOUND = "found"
    UNCHECKED = "unchecked"


@dataclass(frozen=True)
class Limits:
    """What a rule allows. `tolerance` is in the unit, or per cent of the larger value; `factor` counts scaled MADs.

    Of a jump `tolerance` is the difference that is always allowed, whatever the MAD says.
    """

    kind: RuleKind
    tolerance: Decimal = Decimal(0)
    is_percent: bool = False
    factor: Decimal = Decimal(3)


@dataclass(frozen=True)
class Outcome:
    """One check of one quarter. `value` was compared with `beside`; they lie `by` apart where `allowed` is allowed.

    `value` is what is new of the quarter where a jump of a cumulative value is judged (`is_increment`). `since` is the
    quarter of the earlier value, `points` counts the history, `why` says what an unchecked one lacks.
    """

    verdict: Verdict
    value: Decimal = Decimal(0)
    beside: Decimal = Decimal(0)
    by: Decimal = Decimal(0)
    allowed: Decimal = Decimal(0)
    since: Quarter | None = None
    points: int = 0
    is_increment: bool = False
    is_flat: bool = False
    why: str = ""


def _unchecked(why: str) -> Outcome:
    return Outcome(Verdict.UNCHECKED, why=why)


def _verdict(excess: Decimal, allowed: Decimal) -> Verdict:
    return Verdict.FOUND if excess > allowed else Verdict.HOLDS


def part_of(part: Decimal | None, whole: Decimal | None, limits: Limits) -> Outcome:
    """The part may exceed the whole by the tolerance and no more."""
    if part is None or whole is None:
        return _unchecked("部分没有数值" if part is None else "总体没有数值")
    with localcontext(_WIDE):
        allowed = _allowed(part, whole, limits)
        return Outcome(_verdict(part - whole, allowed), part, whole, part - whole, allowed)


def agree(one: Decimal | None, other: Decimal | None, limits: Limits) -> Outcome:
    """Two values for one fact lie no further apart than the tolerance; which comes first does not matter."""
    if one is None or other is None:
        return _unchecked("第一项没有数值" if one is None else "第二项没有数值")
    with localcontext(_WIDE):
        allowed = _allowed(one, other, limits)
        return Outcome(_verdict(abs(one - other), allowed), one, other, abs(one - other), allowed)


def _allowed(one: Decimal, other: Decimal, limits: Limits) -> Decimal:
    return limits.tolerance * max(abs(one), abs(other)) / 100 if limits.is_percent else limits.tolerance


def rising(values: Values, here: Quarter, accumulation: str, limits: Limits) -> Outcome:
    """A cumulative value has not fallen below the last one known of its year (year to date) or of its plan.

    Quarters without a value in between are passed over, none further back than WINDOW.
    """
    now = values.get(here)
    if now is None:
        return _unchecked("本季没有数值")
    same_year = accumulation == Accumulation.YEAR_TO_DATE
    far = here.number - 1 if same_year else WINDOW
    since = next((q for n in range(1, far + 1) if (q := here.shifted(-n)) in values), None)
    if since is None:
        return _unchecked("本年此前没有数值" if same_year else "此前没有数值")
    with localcontext(_WIDE):
        before = values[since]
        allowed = _allowed(now, before, limits)
        return Outcome(_verdict(before - now, allowed), now, before, before - now, allowed, since)


def amount_of(values: Values, quarter: Quarter, accumulation: str) -> Decimal | None:
    """What a jump compares: the value itself, or of a cumulative one what is new; None where it cannot be told."""
    now = values.get(quarter)
    if now is None or accumulation not in _CUMULATIVE:
        return now
    if accumulation == Accumulation.YEAR_TO_DATE and quarter.number == 1:
        return now
    before = values.get(quarter.shifted(-1))
    return None if before is None else now - before


def jump(values: Values, here: Quarter, accumulation: str, limits: Limits) -> Outcome:
    """The value lies no further from the median of its history than `factor` scaled MADs, or than the tolerance.

    A history of which more than half says the same has MAD 0: then the tolerance alone decides. With fewer than LEAST
    earlier values nothing is said.
    """
    with localcontext(_WIDE):
        now = amount_of(values, here, accumulation)
        if now is None:
            return _unchecked("本季没有数值" if here not in values else "上季没有数值，算不出本季新增")
        quarters = (here.shifted(-n) for n in range(1, WINDOW + 1))
        history = [x for q in quarters if (x := amount_of(values, q, accumulation)) is not None]
        if len(history) < LEAST:
            return _unchecked(f"历史数据只有 {len(history)} 期，不足 {LEAST} 期")
        middle = Decimal(median(history))
        mad = Decimal(median(abs(x - middle) for x in history))
        allowed = max(limits.factor * SCALE * mad, limits.tolerance)
        by = abs(now - middle)
        return Outcome(
            _verdict(by, allowed),
            now,
            middle,
            by,
            allowed,
            points=len(history),
            is_increment=accumulation in _CUMULATIVE,
            is_flat=mad == 0,
        )


def judge(limits: Limits, here: Quarter, values: Values, other: Values, accumulation: str) -> Outcome:
    """The check of a rule at a quarter: `values` of its indicator, `other` of the second one where there is one."""
    if limits.kind == RuleKind.PART:
        return part_of(values.get(here), other.get(here), limits)
    if limits.kind == RuleKind.AGREE:
        return agree(values.get(here), other.get(here), limits)
    check = rising if limits.kind == RuleKind.RISING else jump
    return check(values, here, accumulation, limits)


# In words


@dataclass(frozen=True)
class Side:
    """An indicator as a sentence names it, with the department that files it (empty when nobody does)."""

    name: str
    unit: str
    department: str = ""

    def says(self, value: Decimal) -> str:
        """The value with its unit and whose it is: 12 公里（环保局）."""
        return f"{self.number(value)}{f'（{self.department}）' if self.department else ''}"

    def number(self, value: Decimal) -> str:
        return with_unit(plain(value), self.unit)

    def distance(self, value: Decimal) -> str:
        """A difference; of two shares it is in points."""
        unit = "个百分点" if self.unit == "%" else self.unit
        return with_unit(plain(rounded(value, 4)), unit)


def sentence(limits: Limits, here: Quarter, one: Side, other: Side | None, outcome: Outcome) -> str:
    """What was found: both values with their units, the quarter and the difference. Empty unless something was."""
    if outcome.verdict != Verdict.FOUND:
        return ""
    value, beside, by = outcome.value, outcome.beside, one.distance(outcome.by)
    if limits.kind in PAIRED and other:
        pair = f"{here}“{one.name}”为 {one.says(value)}"
        second = f"“{other.name}”为 {other.says(beside)}"
        if limits.kind == RuleKind.PART:
            return f"{pair}，{second}，部分大于总体，多 {by}{_over(limits, one, outcome)}。"
        return f"{pair}，{second}，两者应一致，相差 {by}{_over(limits, one, outcome)}。"
    if limits.kind == RuleKind.RISING:
        fell = f"由{outcome.since}的 {one.number(beside)} 降为{here}的 {one.says(value)}"
        return f"“{one.name}”累计值{fell}，减少 {by}{_over(limits, one, outcome)}。"
    what = "新增" if outcome.is_increment else "为"
    flat = "，历史值过半相同" if outcome.is_flat else ""
    return (
        f"{here}“{one.name}”{what} {one.says(value)}，近 {outcome.points} 期中位数为 {one.number(beside)}，"
        f"相差 {by}，超过允许的 {one.distance(outcome.allowed)}{flat}。"
    )


def _over(limits: Limits, one: Side, outcome: Outcome) -> str:
    if limits.tolerance == 0:
        return ""
    share = f"较大数的 {plain(limits.tolerance)}%，即 " if limits.is_percent else ""
    return f"，超过允许的{share or ' '}{one.distance(outcome.allowed)}"


def advice(severity: str, *, office: str, is_of_two: bool) -> str:
    """What whoever files the value is to do about a finding: nothing, explain it, or correct it."""
    if severity == Severity.INFO:
        return ""
    if severity == Severity.WARNING:
        return "请核对，或在提醒说明中写明原因。"
    if is_of_two:
        return f"改正后才能提交；认为对方的数有误的，请联系{office}退回对方更正。"
    return f"改正后才能提交；情况属实的，请联系{office}调整勾稽规则。"

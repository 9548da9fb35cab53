"""From quarter values to the value a target is judged on, with n of m (design: the arithmetic).

| entered as       | last         | sum                        | mean                        | parts                     |
|------------------|--------------|----------------------------|-----------------------------|---------------------------|
| point in time,   | this quarter | the span's quarters added  | weighted by their days      | Σ numerators ÷ Σ          |
| this period      |              |                            |                             | denominators              |
| year to date     | this quarter | calendar year: this quarter as entered. Rolling: this year so far + last year −         |
|                  |              | last year up to the same quarter                                                        |
| plan to date     | this quarter as entered, whatever else is set                                                          |

Span is the calendar year up to the quarter, or four rolling quarters. An indicator asked once a year stands by its
latest fourth quarter. A quarter of the span without a value leaves no value to judge: adding up what is there
would count the missing as zero, and the mean of three quarters is not the year's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from targets.measure.inputs import IndicatorRule, NotComputable, Reading, ReadingState
from targets.measure.numbers import plain, shortened, shown
from targets.measure.quarters import Quarter
from targets.terms import Accumulation, Asked, Combine, Span

_MOST_NAMED = 6


@dataclass(frozen=True)
class Combined:
    """The value a target is judged on at a quarter, unrounded, in the indicator's unit.

    `quarter` is the last one it covers. `value` is None unless all `owed` quarters of the span have one;
    `partial` is then the figure over the `reported` ones, for display with n/m, where that means anything.
    `state` and `reason` say why there is no value; `formula` shows how a combined value came about.
    """

    quarter: Quarter
    value: Decimal | None
    partial: Decimal | None
    reported: int
    owed: int
    missing: tuple[Quarter, ...]
    state: ReadingState
    reason: str = ""
    formula: str = ""


@dataclass(frozen=True)
class _Term:
    """One quarter's part in a combination: added or taken away, with its weight."""

    quarter: Quarter
    sign: int
    weight: int


def by_quarter(readings: Iterable[Reading]) -> dict[Quarter, Reading]:
    """Readings by their quarter; of two for one quarter the later in order stands."""
    return {reading.quarter: reading for reading in readings}


def named(quarters: Sequence[Quarter]) -> str:
    """`2019年一季度、2019年二季度`, shortened when there are many."""
    text = "、".join(str(quarter) for quarter in quarters[:_MOST_NAMED])
    return text if len(quarters) <= _MOST_NAMED else f"{text}等{len(quarters)}个季度"


def amount(reading: Reading, rule: IndicatorRule) -> Decimal | NotComputable:
    """The number of one reading in the indicator's unit: as entered, or numerator ÷ denominator."""
    if reading.state != ReadingState.VALUE:
        return NotComputable(_lack(reading))
    if reading.value is not None and rule.combine != Combine.PARTS:
        return reading.value
    if reading.numerator is None or reading.denominator is None:
        return reading.value if reading.value is not None else NotComputable(f"{reading.quarter}缺分子或分母")
    if reading.denominator == 0:
        return NotComputable(f"{reading.quarter}分母为零，比率无法计算")
    return reading.numerator / reading.denominator * rule.rate_factor


def combine(rule: IndicatorRule, readings: Iterable[Reading], quarter: Quarter) -> Combined:
    """The value at a quarter's last day by the indicator's rule; see the module's table. Never raises."""
    return combined(rule, by_quarter(readings), quarter)


def combined(rule: IndicatorRule, readings: Mapping[Quarter, Reading], quarter: Quarter) -> Combined:
    """As `combine`, over readings already laid out by quarter."""
    terms = _terms(rule, rule.asked_at(quarter))
    there = [term for term in terms if _has(readings.get(term.quarter), rule, single=len(terms) == 1)]
    missing = tuple(term.quarter for term in terms if term not in there)
    at = terms[-1].quarter
    if missing:
        state, reason = _why_not(rule, readings, terms, missing, quarter)
        figure = _figure(rule, readings, there) if there and all(t.sign > 0 for t in there) else None
        partial = figure if isinstance(figure, Decimal) else None
        return Combined(at, None, partial, len(there), len(terms), missing, state, reason)
    figure = _figure(rule, readings, terms)
    if isinstance(figure, NotComputable):
        return Combined(at, None, None, len(there), len(terms), (), ReadingState.NO_DATA, figure.reason)
    formula = _formula(rule, readings, terms, figure) if len(terms) > 1 else ""
    return Combined(at, figure, figure, len(there), len(terms), (), ReadingState.VALUE, formula=formula)


def quarters_of(rule: IndicatorRule, quarter: Quarter) -> tuple[Quarter, ...]:
    """The quarters whose readings make the value at a quarter's last day, oldest first; the last is its own."""
    return tuple(sorted(term.quarter for term in _terms(rule, rule.asked_at(quarter))))


def _terms(rule: IndicatorRule, at: Quarter) -> list[_Term]:
    """The quarters that make the value at `at`, oldest first; `at` is the last."""
    to_date = rule.accumulation in (Accumulation.YEAR_TO_DATE, Accumulation.PLAN_TO_DATE)
    rolling = rule.span == Span.ROLLING
    stands_alone = (
        rule.asked == Asked.YEARLY
        or rule.combine == Combine.LAST
        or rule.accumulation == Accumulation.PLAN_TO_DATE
        or (to_date and (not rolling or at.number == 4))
    )
    if stands_alone:
        return [_Term(at, 1, 1)]
    by_days = rule.combine == Combine.MEAN
    if to_date:
        signs = {at.shifted(-4): -1, Quarter(at.year - 1, 4): 1, at: 1}
        return [_Term(q, sign, q.days_of_year if by_days else 1) for q, sign in signs.items()]
    first = at.shifted(-3) if rolling else Quarter(at.year, 1)
    return [_Term(q, 1, q.days if by_days else 1) for q in first.until(at)]


def _has(reading: Reading | None, rule: IndicatorRule, *, single: bool) -> bool:
    """Whether a quarter can take part: parts are added before dividing, so a zero denominator may still be added."""
    if reading is None or reading.state != ReadingState.VALUE:
        return False
    if rule.combine == Combine.PARTS and not single:
        return reading.numerator is not None and reading.denominator is not None
    return isinstance(amount(reading, rule), Decimal)


def _figure(
    rule: IndicatorRule, readings: Mapping[Quarter, Reading], terms: Sequence[_Term]
) -> Decimal | NotComputable:
    """Combine terms that all have a value."""
    if len(terms) == 1:
        return amount(readings[terms[0].quarter], rule)
    if rule.combine == Combine.PARTS:
        top, bottom = _parts(readings, terms)
        return top / bottom * rule.rate_factor if bottom else NotComputable("分母合计为零，比率无法计算")
    total = Decimal(0)
    for term in terms:
        value = amount(readings[term.quarter], rule)
        if isinstance(value, NotComputable):
            return value
        total += term.sign * term.weight * value
    return total / _days(terms) if rule.combine == Combine.MEAN else total


def _parts(readings: Mapping[Quarter, Reading], terms: Sequence[_Term]) -> tuple[Decimal, Decimal]:
    """Numerators and denominators, each added up."""
    zero = Decimal(0)
    top = sum((t.sign * (readings[t.quarter].numerator or zero) for t in terms), zero)
    bottom = sum((t.sign * (readings[t.quarter].denominator or zero) for t in terms), zero)
    return top, bottom


def _days(terms: Sequence[_Term]) -> int:
    return sum(term.sign * term.weight for term in terms)


def _why_not(
    rule: IndicatorRule,
    readings: Mapping[Quarter, Reading],
    terms: Sequence[_Term],
    missing: Sequence[Quarter],
    quarter: Quarter,
) -> tuple[ReadingState, str]:
    """Why there is no value: this quarter's own lack first, then the gaps before it."""
    at = terms[-1].quarter
    if at not in missing:
        have = len(terms) - len(missing)
        return (
            ReadingState.NOT_FILED,
            f"应有{len(terms)}个季度数据，已有{have}个，缺{named(missing)}，不作判断",
        )
    reading = readings.get(at)
    if reading is None:
        if at != quarter:
            return ReadingState.NOT_DUE, f"每年四季度报送，本年未到报送时间，{at}无数据"
        return ReadingState.NOT_FILED, f"{at}未填报"
    if reading.state != ReadingState.VALUE:
        return ReadingState(reading.state), _lack(reading)
    figure = amount(reading, rule)
    return ReadingState.NO_DATA, figure.reason if isinstance(figure, NotComputable) else f"{at}缺分子或分母"


def _lack(reading: Reading) -> str:
    """`2020年三季度无数据：设备检修`."""
    if reading.state == ReadingState.NO_DATA:
        why = f"：{shortened(reading.reason)}" if reading.reason else ""
        return f"{reading.quarter}无数据{why}"
    if reading.state == ReadingState.NOT_DUE:
        return f"{reading.quarter}未到报送时间"
    return f"{reading.quarter}未填报"


def _formula(
    rule: IndicatorRule, readings: Mapping[Quarter, Reading], terms: Sequence[_Term], figure: Decimal
) -> str:
    """The combination in words with its numbers: `（46.8 × 92 天 + …）÷ 366 天 = 38.41`."""
    result = shown(figure, rule.decimals + 1, rule.rounding)
    if rule.combine == Combine.PARTS:
        tops = _chain(terms, [plain(readings[t.quarter].numerator or Decimal(0)) for t in terms])
        bottoms = _chain(terms, [plain(readings[t.quarter].denominator or Decimal(0)) for t in terms])
        times = f"× {plain(rule.rate_factor)}" if rule.rate_factor != 1 else ""
        return f"（{tops}）÷（{bottoms}）{times} = {result}"
    values = [plain(value) for t in terms if isinstance(value := amount(readings[t.quarter], rule), Decimal)]
    if rule.combine == Combine.MEAN:
        weighted = [f"{value} × {term.weight} 天" for value, term in zip(values, terms, strict=True)]
        return f"（{_chain(terms, weighted)}）÷ {_days(terms)} 天 = {result}"
    return f"{_chain(terms, values)} = {plain(figure)}"


def _chain(terms: Sequence[_Term], parts: Sequence[str]) -> str:
    """`a + b − c`, the parts that are taken away last."""
    order = sorted(zip(terms, parts, strict=True), key=lambda pair: -pair[0].sign)
    text = order[0][1]
    for term, part in order[1:]:
        text += f" {'+' if term.sign > 0 else '−'} {part}"
    return text

"""The golden table: one row a case with the figure worked out by hand and one line why (golden.csv).

what: met, gap, progress, rate, value, expected, light, required, forecast, round.
rule: the unit and words: d1 (places), trend, graded, deliverable, period, ytd, plan, sum, mean, parts, rolling,
  yearly, holds, days, rounded, even, by_quarter, by_day; without words a level with two places.
asks: `≥23@2017-12-31 stretch; ≥32`, due 2020-12-31 unless said; `3~5` is a range, `~40 tol1` around; pending,
  provisional, revised, binding, cond+ cond- cond?, dec0. The last one is asked about.
given: one number, or `2019Q1: 3 4 -; 2020Q3=46/92`; `-` is not filed, `x` no data.
beside: `plan 2019-12-31=100; base 2015-12-31=50; before 40; limits 5/20`.
expected: numbers at four places, `? reason` where there is none; light: standing and attainment; required:
  least..most and whether it is possible; forecast: value, low, high, outlook.
"""

import csv
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from targets.measure import (
    Baseline,
    IndicatorRule,
    NotComputable,
    PlanValue,
    Reading,
    ReadingState,
    Requirement,
    Thresholds,
    attainment,
    bounds_of,
    combine,
    completion_rate,
    expected_at,
    forecast,
    gap,
    judge,
    progress,
    required,
    rounded,
)
from targets.terms import (
    Accumulation,
    Asked,
    Combine,
    Comparator,
    Comparison,
    ExpectedBy,
    Kind,
    Rounding,
    Span,
    Strength,
    TargetState,
)
from tests.targets.measure_help import END, D, q

ROWS = list(csv.DictReader((Path(__file__).parent / "golden.csv").read_text(encoding="utf-8").splitlines()))
WORDS = {
    "trend": {"kind": Kind.TREND},
    "graded": {"kind": Kind.GRADED, "levels": ("未启动", "推进中", "基本达到", "达到")},
    "deliverable": {"kind": Kind.DELIVERABLE},
    "period": {"accumulation": Accumulation.THIS_PERIOD},
    "ytd": {"accumulation": Accumulation.YEAR_TO_DATE},
    "plan": {"accumulation": Accumulation.PLAN_TO_DATE},
    "sum": {"combine": Combine.SUM},
    "mean": {"combine": Combine.MEAN},
    "parts": {"combine": Combine.PARTS},
    "rolling": {"span": Span.ROLLING},
    "yearly": {"asked": Asked.YEARLY},
    "holds": {"holds": True},
    "days": {"counts_days": True},
    "rounded": {"comparison": Comparison.ROUNDED},
    "even": {"rounding": Rounding.HALF_EVEN},
    "by_quarter": {"expected_by": ExpectedBy.BY_QUARTER},
    "by_day": {"expected_by": ExpectedBy.BY_DAY},
}
ASKS = re.compile(r"(?P<low>-?[\d.]+)?(?P<comparator>[≥>≤<=~])(?P<value>-?[\d.]+)?(?:@(?P<due>[\d-]+))?$")
CONDITIONS = {"cond+": True, "cond-": False, "cond?": None}


def rule_of(text: str) -> IndicatorRule:
    found: dict[str, object] = {}
    for word in text.split():
        if re.fullmatch(r"d\d", word):
            found["decimals"] = int(word[1])
        else:
            found |= WORDS.get(word, {"unit": word})
    return IndicatorRule(**found)  # type: ignore[arg-type]


def requirement_of(text: str) -> Requirement:
    head, *words = text.split()
    match = ASKS.match(head)
    assert match, text
    value = D(match["value"]) if match["value"] else None
    more: dict[str, object] = {"value": value}
    comparator = match["comparator"]
    if match["low"]:
        more = {"low": D(match["low"]), "high": value}
    for word in words:
        if word in CONDITIONS:
            more |= {"condition": "上游来水稳定改善", "condition_holds": CONDITIONS[word]}
        elif word.startswith("tol"):
            more["tolerance"] = D(word[3:])
        elif word.startswith("dec"):
            more["decimals"] = int(word[3:])
        elif word in TargetState.values:
            more["state"] = TargetState(word)
        else:
            more["strength"] = Strength(word)
    named = "range" if match["low"] else "around" if comparator == "~" else comparator
    due = date.fromisoformat(match["due"]) if match["due"] else END
    return Requirement(due, Comparator(named), **more)  # type: ignore[arg-type]


def reading_of(quarter: str, shift: int, text: str) -> Reading:
    at = q(quarter).shifted(shift)
    if text in ("-", "x"):
        return Reading(at, ReadingState.NOT_FILED if text == "-" else ReadingState.NO_DATA)
    if "/" in text:
        top, bottom = text.split("/")
        return Reading(at, numerator=D(top), denominator=D(bottom))
    return Reading(at, value=D(text))


def readings_of(text: str) -> list[Reading]:
    found = []
    for part in filter(None, text.split("; ")):
        quarter, numbers = re.split(r": |=", part, maxsplit=1)
        found += [reading_of(quarter, n, number) for n, number in enumerate(numbers.split())]
    return found


class Beside:
    """What stands beside the case: plan values, baseline, the value a year before, thresholds."""

    def __init__(self, text: str) -> None:
        self.plan: list[PlanValue] = []
        self.base: Baseline | None = None
        self.before: Decimal | None = None
        self.limits = Thresholds()
        for part in filter(None, text.split("; ")):
            word, value = part.split(" ")
            if word == "before":
                self.before = D(value)
            elif word == "limits":
                self.limits = Thresholds(*(D(number) for number in value.split("/")))
            else:
                day, number = value.split("=")
                on = date.fromisoformat(day)
                if word == "plan":
                    self.plan.append(PlanValue(on, D(number)))
                else:
                    self.base = Baseline(on, D(number))


def number(value: Decimal | None) -> str:
    """At four places without the zeros that fill them up."""
    return "" if value is None else f"{rounded(value, 4).normalize() + 0:f}"


def answer(row: dict[str, str]) -> str:
    rule, beside = rule_of(row["rule"]), Beside(row["beside"])
    asks = [requirement_of(text) for text in filter(None, row["asks"].split("; "))]
    found = ANSWERS[row["what"]](rule, asks, row["given"], row["at"], beside)
    return f"? {found.reason}" if isinstance(found, NotComputable) else found


def actual(given: str) -> Decimal | None:
    return None if given == "-" else D(given)


def _met(rule, asks, given, at, beside):
    return attainment(asks[-1], actual(given), rule, beside.before).value


def _gap(rule, asks, given, at, beside):
    found = gap(asks[-1], actual(given), rule, beside.before)
    return found if isinstance(found, NotComputable) else f"{number(found.amount)}{found.unit}"


def _progress(rule, asks, given, at, beside):
    found = progress(beside.base.value if beside.base else None, asks[-1].value, actual(given))
    return found if isinstance(found, NotComputable) else number(found.percent)


def _rate(rule, asks, given, at, beside):
    found = completion_rate(bounds_of(asks[-1], rule, beside.before), actual(given))
    return found if isinstance(found, NotComputable) else number(found)


def _value(rule, asks, given, at, beside):
    found = combine(rule, readings_of(given), q(at))
    return number(found.value) if found.value is not None else f"? {found.reason}"


def _expected(rule, asks, given, at, beside):
    found = expected_at(
        rule, asks[-1], q(at), requirements=asks, plan_values=beside.plan, baseline=beside.base
    )
    return found if isinstance(found, NotComputable) else number(found.value)


def _light(rule, asks, given, at, beside):
    found = judge(
        rule,
        asks,
        readings_of(given),
        q(at),
        plan_values=beside.plan,
        baseline=beside.base,
        thresholds=beside.limits,
    )
    assert found.reason
    return f"{found.standing.value} {found.attainment.value}"


def _required(rule, asks, given, at, beside):
    found = required(rule, asks[-1], readings_of(given), q(at))
    if isinstance(found, NotComputable):
        return found
    possible = {True: "yes", False: "no", None: "?"}[found.is_possible]
    return f"{number(found.least)}..{number(found.most)} {possible}"


def _forecast(rule, asks, given, at, beside):
    found = forecast(rule, asks[-1], readings_of(given), q(at))
    if isinstance(found, NotComputable):
        return found
    outlook = "critical" if found.is_critical else "met" if found.is_met else "not"
    return f"{number(found.value)} {number(found.low)} {number(found.high)} {outlook}"


def _round(rule, asks, given, at, beside):
    return number(rounded(D(given), rule.decimals, rule.rounding))


ANSWERS = {
    "met": _met,
    "gap": _gap,
    "progress": _progress,
    "rate": _rate,
    "value": _value,
    "expected": _expected,
    "light": _light,
    "required": _required,
    "forecast": _forecast,
    "round": _round,
}


@pytest.mark.parametrize(
    "row", ROWS, ids=[f"{n}-{row['what']}-{row['why']}" for n, row in enumerate(ROWS, 2)]
)
def test_golden(row):
    assert answer(row) == row["expected"]


def test_every_row_is_a_case_of_its_own():
    cases = [tuple(value for name, value in row.items() if name not in ("expected", "why")) for row in ROWS]
    assert len(set(cases)) == len(cases) >= 150
    assert all(row["why"] for row in ROWS)

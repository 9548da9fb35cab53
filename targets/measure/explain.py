"""How a verdict came about, step by step, with the numbers put in: what was read, combined, asked, compared, and lit.

The steps are words only, so that they can be stored with a figure: a published figure keeps the explanation it was
made with, whatever rule holds later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from targets.measure.attainment import Gap, bounds_of
from targets.measure.case import Judged
from targets.measure.combining import amount, by_quarter, combined, quarters_of
from targets.measure.inputs import Baseline, IndicatorRule, NotComputable, Reading, Requirement, Thresholds
from targets.measure.judging import Verdict
from targets.measure.line import Line
from targets.measure.numbers import plain, rounded, shown, with_unit
from targets.measure.quarters import Quarter
from targets.measure.words import day_words, gap_words, level_words, limit_words
from targets.terms import Attainment, Comparison, Kind, Rounding, TargetState

_WHY_STATE = {TargetState.PROVISIONAL: "暂定", TargetState.REVISED: "已调整", TargetState.PENDING: "待下达"}


#: The step that says where the numbers are from; the others say what was done with them.
SOURCE = "出处"


@dataclass(frozen=True)
class Step:
    """One step: what it is about, and what was done with which numbers."""

    label: str
    words: str


def explain(
    rule: IndicatorRule,
    readings: Iterable[Reading],
    quarter: Quarter,
    verdict: Verdict,
    *,
    baseline: Baseline | None = None,
    thresholds: Thresholds | None = None,
) -> tuple[Step, ...]:
    """The steps from the readings to the light of a verdict that `judge` gave for the same input. Never raises."""
    by = by_quarter(readings)
    decisive = next((j for j in verdict.judged if j.requirement is verdict.requirement), None)
    steps = [_read(rule, by, quarter), *_sources(rule, by, quarter), _combined(rule, verdict)]
    if verdict.requirement is not None:
        steps.append(_asked(rule, verdict.requirement))
        steps += _compared(rule, by, verdict, decisive)
        steps += _distance(rule, verdict)
        steps += _progress(rule, verdict, baseline)
    if decisive and decisive.expected and decisive.shortfall:
        steps.append(Step("亮灯规则", threshold_words(thresholds or Thresholds(), "%", "应达值的")))
    steps.append(Step("亮灯", f"{verdict.standing.label}：{verdict.reason}"))
    return tuple(steps)


def threshold_words(thresholds: Thresholds, unit: str, of: str = "") -> str:
    """The limits between the lights, without a gap: 落后不超过 0% 为正常，超过 0%、不超过 10% 为滞后，超过 10% 为严重滞后."""
    green, red = plain(thresholds.behind_above), plain(thresholds.late_above)
    return f"落后不超过{of} {green}{unit} 为正常，超过 {green}{unit}、不超过 {red}{unit} 为滞后，超过 {red}{unit} 为严重滞后"


def number_words(value: Decimal, rule: IndicatorRule) -> str:
    """A number as read with its unit, and in full where rounding hid some of it: 38.4 微克/立方米（38.4107…）."""
    if level := level_words(value, rule):
        return level
    if rule.kind == Kind.DELIVERABLE and value in (0, 1):
        return "已完成" if value else "未完成"
    read = with_unit(shown(value, rule.decimals, rule.rounding), rule.unit)
    if rounded(value, rule.decimals, rule.rounding) == value:
        return read
    full = plain(rounded(value, rule.decimals + 4))
    return f"{read}（未修约 {full}{'…' if rounded(value, rule.decimals + 4) != value else ''}）"


def _read(rule: IndicatorRule, readings: Mapping[Quarter, Reading], quarter: Quarter) -> Step:
    """Every quarter that takes part, with its number and vintage, or with what it lacks."""
    parts = []
    for each in quarters_of(rule, quarter):
        reading = readings.get(each)
        found = amount(reading, rule) if reading else NotComputable(f"{each}未填报")
        if isinstance(found, NotComputable):
            parts.append(found.reason)
            continue
        said = number_words(found, rule)
        if reading and reading.denominator is not None and reading.numerator is not None:
            said = f"{plain(reading.numerator)} ÷ {plain(reading.denominator)} = {said}"
        vintage = f"（{reading.vintage}）" if reading and reading.vintage else ""
        parts.append(f"{each} {said}{vintage}")
    return Step("采用数据", "；".join(parts))


def _sources(rule: IndicatorRule, readings: Mapping[Quarter, Reading], quarter: Quarter) -> list[Step]:
    """Of every quarter that takes part, whose filing its number is of; nothing where that is not known."""
    used = [(each, readings[each].source) for each in quarters_of(rule, quarter) if each in readings]
    words = "；".join(f"{each} {source}" for each, source in used if source)
    return [Step(SOURCE, words)] if words else []


def _combined(rule: IndicatorRule, verdict: Verdict) -> Step:
    """The value that is judged: taken as it is, computed, or not there and why."""
    actual = verdict.actual
    if actual.value is None:
        return Step("考察值", f"没有：{actual.reason}（{actual.reported}/{actual.owed} 季有数）")
    value = number_words(actual.value, rule)
    return Step(
        "考察值", f"{actual.formula}，即 {value}" if actual.formula else f"取{actual.quarter}数，{value}"
    )


def _asked(rule: IndicatorRule, requirement: Requirement) -> Step:
    state = _WHY_STATE.get(TargetState(requirement.state), "")
    words = [
        f"到{day_words(requirement.due_on)}{limit_words(requirement, rule)}",
        requirement.strength.label,
        *([state] if state and state not in limit_words(requirement, rule) else []),
    ]
    if requirement.condition:
        holds = {True: "成立", False: "不成立", None: "待认定"}[requirement.condition_holds]
        words.append(f"前提条件{holds}")
    return Step("要求", "，".join(words))


def _compared(
    rule: IndicatorRule, readings: Mapping[Quarter, Reading], verdict: Verdict, judged: Judged | None
) -> Iterable[Step]:
    """What the value was held against: the expected value while it is not due, else the requirement itself."""
    if judged is None or judged.actual.value is None:
        return
    value = judged.actual.value
    if judged.expected is not None:
        expected = judged.expected
        limit = expected.bounds.nearest(value)
        words = f"{expected.label}" + (f" {number_words(limit, rule)}" if limit is not None else "")
        yield Step("应达", f"{words}：{_line_words(expected.line)}" if expected.line else words)
        if judged.shortfall and limit:
            behind = expected.bounds.distance(value)
            yield Step("落后", f"{plain(behind)} ÷ {plain(abs(limit))} × 100 = {shown(judged.shortfall, 2)}%")
        return
    bounds = bounds_of(judged.requirement, rule, _year_before(rule, readings, judged.actual.quarter))
    if isinstance(bounds, NotComputable) or judged.attainment not in (Attainment.MET, Attainment.NOT_MET):
        return
    limit = bounds.nearest(value)
    if limit is None or rule.kind == Kind.DELIVERABLE:
        return
    outcome = "符合" if judged.attainment == Attainment.MET else "不符合"
    if rule.comparison == Comparison.ROUNDED:
        places = rule.decimals if judged.requirement.decimals is None else judged.requirement.decimals
        mode = Rounding(rule.rounding).label
        words = f"修约值比较（{mode}，{places} 位小数）：{shown(value, places, rule.rounding)} 与 {plain(limit)}，{outcome}"
    else:
        words = f"全数值比较：{plain(rounded(value, rule.decimals + 4))} 与 {plain(limit)}，{outcome}"
    yield Step("比较", words)


def _line_words(line: Line) -> str:
    """`2015年12月31日 50 +（35 − 50）× 6/20 季`."""
    (since, start), (_, end) = line.start, line.end
    return f"{day_words(since)} {plain(start)} +（{plain(end)} − {plain(start)}）× {line.passed}/{line.whole} {line.unit}"


def _year_before(
    rule: IndicatorRule, readings: Mapping[Quarter, Reading], quarter: Quarter
) -> Decimal | None:
    return combined(rule, readings, quarter.shifted(-4)).value if rule.kind == Kind.TREND else None


def _distance(rule: IndicatorRule, verdict: Verdict) -> Iterable[Step]:
    if rule.kind == Kind.DELIVERABLE:
        return
    if isinstance(verdict.gap, Gap):
        yield Step("与要求的差距", gap_words(verdict.gap.amount, rule) if verdict.gap.amount else "没有差距")
    else:
        yield Step("与要求的差距", f"无法计算：{verdict.gap.reason}")


def _progress(rule: IndicatorRule, verdict: Verdict, baseline: Baseline | None) -> Iterable[Step]:
    """(actual − baseline) ÷ (target − baseline) with the numbers, or why there is none."""
    if rule.kind != Kind.QUANTITATIVE or verdict.requirement is None:
        return
    found, target, actual = verdict.progress, verdict.requirement.value, verdict.actual.value
    if isinstance(found, NotComputable):
        yield Step("完成进展", f"无法计算：{found.reason}")
        return
    if baseline is None or target is None or actual is None:
        return
    start = plain(baseline.value)
    worse = "，比基期还差" if found.is_worse_than_baseline else ""
    yield Step(
        "完成进展",
        f"（{plain(rounded(actual, rule.decimals + 4))} − {start}）÷（{plain(target)} − {start}）× 100 = "
        f"{shown(found.percent, 1)}%{worse}",
    )

"""Small predicates of the assessment. Each “why not” gives a sentence for the person, empty when nothing is in the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from assessment.terms import PARAMS, SchemeStatus, Source
from targets.measure import plain

FULL = Decimal(100)


@dataclass(frozen=True)
class ClassOutline:
    """What a check needs of a class: its members and, by criterion number, (name, weight, source, params)."""

    name: str
    is_ranked: bool
    members: int
    criteria: Mapping[int, tuple[str, Decimal, str, Mapping[str, str]]]


def scheme_problems(classes: Sequence[ClassOutline], bounds: Sequence[Decimal]) -> list[str]:
    """What keeps a scheme from being computed; each sentence names the class or criterion.

    `bounds` are where the grades begin; one must begin at 0, so that every total has a grade.
    """
    problems = [problem for outline in classes for problem in _class_problems(outline)]
    if not any(outline.is_ranked for outline in classes):
        problems.append("没有计分排名的单位分类。")
    if Decimal(0) not in bounds:
        problems.append("等次没有从 0 分起，低分没有等次。")
    return problems


def _class_problems(outline: ClassOutline) -> list[str]:
    if not outline.is_ranked:
        return [f"“{outline.name}”不计分排名，不应有考核项。"] if outline.criteria else []
    problems = [] if outline.members else [f"“{outline.name}”没有单位。"]
    if not outline.criteria:
        return [*problems, f"“{outline.name}”没有考核项。"]
    total = sum((weight for _, weight, _, _ in outline.criteria.values()), Decimal(0))
    if total != FULL:
        problems.append(f"“{outline.name}”各项分值合计 {plain(total)}，应为 100。")
    sources = [source for _, _, source, _ in outline.criteria.values()]
    problems += [
        f"“{outline.name}”有两项都用“{Source(source).label}”计分，同一数字不能计两次。"
        for source in sorted(set(sources))
        if sources.count(source) > 1
    ]
    for name, _, source, params in outline.criteria.values():
        problems += [f"“{outline.name}”的“{name}”：{problem}" for problem in param_problems(source, params)]
    return problems


def param_problems(source: str, params: Mapping[str, str]) -> list[str]:
    """Parameters the source does not know, or that are no number of 0 or more."""
    known = PARAMS[source]
    wrong = [
        f"没有参数 {name}，可用的参数：{'、'.join(known) or '无'}。" for name in params if name not in known
    ]
    wrong += [
        f"参数 {name} 的值“{value}”应为不小于 0 的数。"
        for name, value in params.items()
        if name in known and not is_amount(value)
    ]
    if is_amount(params.get("minimum", "0")) and Decimal(params.get("minimum", "0")) > 1:
        wrong.append("参数 minimum 是缺报按分值记的份额，应在 0 和 1 之间。")
    return wrong


def is_amount(value: str) -> bool:
    """Whether the text is a finite number of 0 or more."""
    try:
        number = Decimal(value)
    except (InvalidOperation, TypeError):
        return False
    return number.is_finite() and number >= 0


def published_of(sources: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """By quarter, the id of the publication the figures came from; quarters not published are left out."""
    return {source["quarter"]: source["publication"] for source in sources if source["publication"]}


def is_stale(computed: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> bool:
    """Whether figures were published since that the results do not rest on."""
    return published_of(computed) != published_of(now)


def why_not_compute(status: str, problems: Sequence[str], sources: Sequence[Mapping[str, Any]]) -> str:
    """Why the scores cannot be computed now."""
    if status == SchemeStatus.FINALISED:
        return "本年度考核已审定，结果不再变动。"
    if problems:
        return f"考核方案不完整：{problems[0]}"
    if not sources:
        return "本年度还没有已截止的季度，没有可用的数据。"
    return ""


def why_not_finalise(
    status: str,
    computed: Sequence[Mapping[str, Any]],
    now: Sequence[Mapping[str, Any]],
    *,
    has_all_results: bool,
) -> str:
    """Why the year cannot be finalised now: it rests on four published quarters, in their latest version."""
    if status == SchemeStatus.FINALISED:
        return "本年度考核已审定。"
    if status == SchemeStatus.DRAFT:
        return "还没有评分，先计算得分。"
    missing = [quarter for quarter in (1, 2, 3, 4) if quarter not in published_of(now)]
    if missing:
        return f"第{'、'.join(str(quarter) for quarter in missing)}季度尚未发布，四个季度都发布后才能审定。"
    if is_stale(computed, now):
        return "评分后又发布了新版本，先重新计算得分。"
    if not has_all_results:
        return "考核单位有变动，先重新计算得分。"
    return ""


def why_not_touch(*, office: str, department: int, is_office: bool, own_departments: Collection[int]) -> str:
    """Why this person adjusts nothing on a sheet: nobody in the office touches their own department's."""
    if not is_office:
        return f"核定得分由{office}办理，您可以查看。"
    if department in own_departments:
        return "您在本单位任职，不能调整本单位的得分，请由其他人员办理。"
    return ""


def why_not_adjust(status: str, *, counts: bool) -> str:
    """Why nobody can adjust this line now."""
    if status == SchemeStatus.FINALISED:
        return "本年度考核已审定，结果不再变动。"
    return "" if counts else "本项不计入分母，没有可调整的得分。"

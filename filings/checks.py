"""What an entry must say before it can be signed, and what deserves an explanation. Pure.

`check` takes the typed values of one entry and what the system knows around it, and returns the problems.
A warning (design section 6) disappears once `explanation` is written; the rest block submission.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from filings import item_checks
from filings.errors import Problem
from filings.terms import EntryKind, MilestoneState, Pace, RuleKind, ValueState
from targets.measure.numbers import plain
from targets.terms import Accumulation, Standing
from tasks.progress import PlannedItem

#: A reading that differs from last quarter's by more than this share is asked about.
JUMP = Decimal("0.5")
#: A percent that rises by so many points in one quarter asks for evidence.
LEAP = Decimal(50)

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Around:
    """What is known beside the entry.

    `last_day` is the period's, `begins_on` the plan's first; `expected` is percent of the year's work due by the
    last day; `files` counts the evidence attached (None: nobody looked); `previous` holds the values of the same obligation one quarter earlier (empty if there is none) and
    `same_year` whether that was this year. `items` are the work items asked (none without an annual plan), `done`
    and `done_before` their percents by id, filed now and last quarter. `crossed` is what the office's cross-checks
    found, `set_kinds` the kinds it set for this reading alone: those stand in place of the built-in warnings.
    """

    last_day: date
    expected: Decimal | None = None
    previous: Values | None = None
    same_year: bool = False
    in_parts: bool = False
    is_share: bool = False
    accumulation: str = ""
    due_on: date | None = None
    begins_on: date | None = None
    files: int | None = None
    items: tuple[PlannedItem, ...] = ()
    done: Mapping[int, Decimal] = field(default_factory=dict)
    done_before: Mapping[int, Decimal] = field(default_factory=dict)
    crossed: tuple[Problem, ...] = ()
    set_kinds: Collection[str] = ()


def check(kind: str, values: Values, around: Around) -> list[Problem]:
    """Every problem of one entry, blocking ones first in the order of the form."""
    found = list(_MISSING[EntryKind(kind)](values, around))
    found += [problem for problem in around.crossed if not problem.is_warning]
    warnings = list(_warnings(EntryKind(kind), values, around))
    warnings += [problem for problem in around.crossed if problem.is_warning]
    if not values.get("explanation"):
        found += warnings
    return found


def _blank(values: Values, field: str, sentence: str) -> Iterator[Problem]:
    if values.get(field) in (None, ""):
        yield Problem(field, sentence)


def _progress(values: Values, around: Around) -> Iterator[Problem]:
    if around.items:
        yield from item_checks.missing(
            around.items, around.done, values.get("percent"), values.get("percent_reason") or ""
        )
    else:
        yield from _blank(values, "percent", "请填写本年完成比例，0 至 100 之间的数。")
    nothing = bool(values.get("nothing_reason"))
    if not nothing:
        yield from _blank(values, "self_light", "请选择自评亮灯。")
        yield from _blank(values, "pace", "请选择进展状态。")
        yield from _blank(values, "text", "请填写本季进展情况；本季无工作的，改填理由。")
    yield from _contradiction(values, "进展情况")
    percent = values.get("percent")
    behind = percent is not None and around.expected is not None and percent < around.expected
    if behind or values.get("self_light") in (Standing.BEHIND, Standing.LATE):
        yield from _blank(values, "problems", "完成比例低于序时或自评滞后，须写明存在问题。")
        if not nothing:  # the reason is the cause
            yield from _blank(values, "cause", "完成比例低于序时或自评滞后，须写明原因。")
        yield from _blank(values, "next_steps", "完成比例低于序时或自评滞后，须写明下一步计划。")
        yield from _blank(values, "next_on", "请填写下一步计划的时限。")
    elif not nothing and values.get("pace") in (
        Pace.DELAYED,
        Pace.STALLED,
        Pace.CHANGE_ASKED,
        Pace.END_ASKED,
    ):
        yield from _blank(values, "cause", "拖延、停顿、申请变更或终止的，须说明原因。")


def _contradiction(values: Values, name: str) -> Iterator[Problem]:
    """Nothing done, and what was done: one of the two."""
    if values.get("nothing_reason") and values.get("text"):
        yield Problem("nothing_reason", f"{name}与“本季无工作”矛盾，只能填一栏，请删去其中一栏。")


def _contribution(values: Values, around: Around) -> Iterator[Problem]:
    if not values.get("nothing_reason"):
        yield from _blank(values, "text", "请填写本单位配合情况；本季无工作的，改填理由。")
    yield from _contradiction(values, "配合情况")


def _summary(values: Values, around: Around) -> Iterator[Problem]:
    if not values.get("nothing_reason"):
        yield from _blank(values, "text", "请填写专项行动本季小结；本季无工作的，改填理由。")
    yield from _contradiction(values, "行动小结")


def _milestone(values: Values, around: Around) -> Iterator[Problem]:
    state = values.get("milestone_state")
    if not state:
        yield Problem("milestone_state", "请选择节点状态。")
    elif state == MilestoneState.DONE:
        yield from _blank(values, "done_on", "已完成的节点须填写完成日期。")
        done_on = values.get("done_on")
        if done_on and done_on > around.last_day:
            yield Problem(
                "done_on", f"完成日期不能晚于本季末（{around.last_day:%Y-%m-%d}），之后完成的在下季填报。"
            )
    elif state == MilestoneState.CANCELLED:
        yield from _blank(values, "text", "取消节点须说明理由和依据。")
    elif around.due_on and around.due_on <= around.last_day:
        yield from _blank(values, "text", "节点已到期未完成，须说明原因和预计完成时间。")


def _reading(values: Values, around: Around) -> Iterator[Problem]:
    state = values.get("value_state")
    if not state:
        yield Problem("value_state", "请选择“有数据”并填写数值，或选择“本期无数据”并说明原因。")
    elif state == ValueState.NO_DATA:
        yield from _blank(values, "text", "本期无数据的，须说明原因和预计取得时间。")
    elif around.in_parts:
        yield from _blank(values, "numerator", "请填写分子。")
        yield from _blank(values, "denominator", "请填写分母。")
        denominator = values.get("denominator")
        if denominator is not None and denominator <= 0:
            yield Problem("denominator", "分母必须大于 0。")
        elif denominator is not None and values.get("numerator") is not None and values.get("value") is None:
            yield Problem("denominator", "分子与分母相除得数过大，请核对。")
    else:
        yield from _blank(values, "value", "请填写数值；确为零的填 0。")


_MISSING = {
    EntryKind.PROGRESS: _progress,
    EntryKind.CONTRIBUTION: _contribution,
    EntryKind.SUMMARY: _summary,
    EntryKind.MILESTONE: _milestone,
    EntryKind.READING: _reading,
}


def _warnings(kind: EntryKind, values: Values, around: Around) -> Iterator[Problem]:
    previous = around.previous or {}
    for name in ("text", "next_steps"):
        text = (values.get(name) or "").strip()
        if text and text == (previous.get(name) or "").strip():
            yield Problem(name, "文字与上季完全相同，请更新，或在提醒说明中写明理由。", is_warning=True)
    if kind == EntryKind.PROGRESS:
        yield from _odd_percent(values, previous, around)
    if kind == EntryKind.MILESTONE and values.get("milestone_state") == MilestoneState.DONE:
        yield from _unproved(around, "milestone_state", "节点报已完成")
    done_on = values.get("done_on") if values.get("milestone_state") == MilestoneState.DONE else None
    if done_on and around.begins_on and done_on < around.begins_on:
        yield Problem(
            "done_on",
            f"完成日期早于方案起始日（{around.begins_on:%Y-%m-%d}），请核对，或在提醒说明中写明原因。",
            is_warning=True,
        )
    if kind == EntryKind.READING and values.get("value_state") == ValueState.VALUE:
        yield from _odd_reading(values, previous, around)


def _unproved(around: Around, field: str, claim: str) -> Iterator[Problem]:
    """A claim of completion asks for proof."""
    if around.files == 0:
        yield Problem(
            field, f"{claim}，但没有佐证材料，请上传佐证，或在提醒说明中写明原因。", is_warning=True
        )


def _odd_percent(values: Values, previous: Values, around: Around) -> Iterator[Problem]:
    """The year's percent against last quarter's of the same year, and against what proves it."""
    yield from item_checks.odd(around.items, around.done, around.done_before)
    now, before = values.get("percent"), previous.get("percent") if around.same_year else None
    if around.same_year:
        yield from _fell("percent", values, previous, "本年完成比例")
    if values.get("self_light") == Standing.DONE:
        yield from _unproved(around, "self_light", "自评已完成")
    elif now is not None and before is not None and now - before >= LEAP:
        yield from _unproved(around, "percent", f"本年完成比例较上季提高 {plain(now - before)} 个百分点")
    unchanged = before if around.same_year else Decimal(0)
    if values.get("nothing_reason") and now is not None and unchanged is not None and now > unchanged:
        yield Problem(
            "percent",
            "已填“本季无工作”，完成比例却高于上季，请核对，或在提醒说明中写明原因。",
            is_warning=True,
        )


def _fell(field: str, values: Values, previous: Values, name: str) -> Iterator[Problem]:
    now, before = values.get(field), previous.get(field)
    if now is not None and before is not None and now < before:
        yield Problem(
            field,
            f"{name}由上季 {plain(before)} 降为 {plain(now)}，请核对，或在提醒说明中写明原因。",
            is_warning=True,
        )


def _odd_reading(values: Values, previous: Values, around: Around) -> Iterator[Problem]:
    numerator, denominator = values.get("numerator"), values.get("denominator")
    is_share = around.in_parts and around.is_share
    if is_share and numerator is not None and numerator < 0:
        yield Problem("numerator", "分子为负数，请核对，或在提醒说明中写明原因。", is_warning=True)
    if is_share and numerator is not None and denominator is not None and numerator > denominator > 0:
        yield Problem(
            "numerator", "分子大于分母，比率超过 100%，请核对，或在提醒说明中写明原因。", is_warning=True
        )
    now, before = values.get("value"), previous.get("value")
    if around.is_share and not around.in_parts and now is not None and not 0 <= now <= 100:
        yield Problem("value", "百分率不在 0 至 100 之间，请核对，或在提醒说明中写明原因。", is_warning=True)
    grows = around.accumulation == Accumulation.PLAN_TO_DATE or (
        around.accumulation == Accumulation.YEAR_TO_DATE and around.same_year
    )
    if grows:
        if RuleKind.RISING not in around.set_kinds:
            yield from _fell("value", values, previous, "累计值")
    elif (
        RuleKind.JUMP not in around.set_kinds
        and around.accumulation != Accumulation.YEAR_TO_DATE
        and now is not None
        and before
        and abs(now - before) > abs(before) * JUMP
    ):
        yield Problem(
            "value",
            f"与上季 {plain(before)} 相比变动超过五成，请核对，或在提醒说明中写明原因。",
            is_warning=True,
        )

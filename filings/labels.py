"""What people read: the name of each field by kind of entry, and a written value as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from filings.models import Entry
from filings.terms import EntryKind, MilestoneState, Pace, ValueState
from harbor_plan.lib import zh
from harbor_plan.lib.zh import plain as plain
from targets.measure.numbers import rounded
from targets.terms import Rounding, Standing

_COMMON = {
    "percent": "本年完成比例",
    "percent_reason": "比例说明",
    "self_light": "自评亮灯",
    "pace": "进展状态",
    "nothing_reason": "本季无工作的理由",
    "problems": "存在问题",
    "cause": "原因",
    "coordination": "需协调事项",
    "next_steps": "下一步计划",
    "next_on": "下一步计划时限",
    "milestone_state": "节点状态",
    "done_on": "完成日期",
    "value_state": "数据状态",
    "value": "数值",
    "numerator": "分子",
    "denominator": "分母",
    "explanation": "提醒说明",
    "evidence": "佐证材料",
}

#: The long text has the name of what the kind of entry asks for.
_TEXTS = {
    EntryKind.PROGRESS: "进展情况",
    EntryKind.CONTRIBUTION: "配合情况",
    EntryKind.SUMMARY: "行动小结",
    EntryKind.MILESTONE: "情况说明",
    EntryKind.READING: "数据说明",
}

_CHOICES: Mapping[str, Mapping[str, str]] = {
    "self_light": {str(key): str(label) for key, label in Standing.choices},
    "pace": {str(key): str(label) for key, label in Pace.choices},
    "milestone_state": {str(key): str(label) for key, label in MilestoneState.choices},
    "value_state": {str(key): str(label) for key, label in ValueState.choices},
}

_NUMBERS = frozenset({"percent", "value", "numerator", "denominator"})
_DATES = frozenset({"next_on", "done_on"})


def label(entry: Entry, name: str) -> str:
    """What a field is called on this entry: numerator and denominator as the indicator names them."""
    if name == "items" or name.startswith("item_"):
        return "工作项完成比例"
    if name == "text":
        return _TEXTS[EntryKind(entry.kind)]
    if entry.indicator and entry.indicator.in_parts:
        if name == "numerator":
            return f"分子：{entry.indicator.numerator_name}"
        if name == "denominator":
            return f"分母：{entry.indicator.denominator_name}"
        if name == "value":
            return "比率（由分子、分母算出）"
    return _COMMON[name]


def unit(entry: Entry, name: str) -> str:
    """The unit of a field's number; parts of a rate are counted, so they have none."""
    if name == "percent":
        return "%"
    return entry.indicator.unit if name == "value" and entry.indicator else ""


def written(entry: Entry, name: str, value: Any) -> str:
    """A field's value as people read it; empty when nothing was written. Takes columns and the texts of versions."""
    if value is None or value == "":
        return ""
    if name == "evidence":
        return "、".join(file["name"] for file in value)
    if name == "items":
        return "\n".join(f"{row['measure']} {row['percent']}%" for row in value)
    if name in _CHOICES:
        return _CHOICES[name].get(str(value), str(value))
    if name in _DATES:
        return zh.day(value if isinstance(value, date) else date.fromisoformat(value))
    if name == "value" and entry.indicator and (level := entry.indicator.level_name(Decimal(value))):
        return level
    if name in _NUMBERS:
        return f"{zh.number(_shown(entry, name, Decimal(value)))}{_spaced(unit(entry, name))}"
    return str(value)


def _shown(entry: Entry, name: str, value: Decimal) -> Decimal:
    """A number as it was typed; a rate, which nobody typed, to the indicator's places."""
    if name == "value" and entry.indicator and entry.indicator.in_parts:
        value = rounded(value, entry.indicator.decimals, Rounding(entry.indicator.rounding))
    return plain(value)


def _spaced(name: str) -> str:
    return f" {name}" if name and name != "%" else name

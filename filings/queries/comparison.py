"""One entry beside what it was before: last quarter, or the submission before; and its light beside the measured one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from filings.differences import Difference, compare, listed, replaced
from filings.labels import label, written
from filings.models import Entry, EntryVersion, Filing
from filings.services.items import due_percent
from filings.services.routine import is_optimistic
from filings.terms import Decision, EntryKind
from harbor_plan.lib import zh
from targets.arithmetic import thresholds_of

#: Fields people write in sentences: compared word by word. The others are compared as a whole.
SENTENCES = frozenset(
    {
        "text",
        "nothing_reason",
        "problems",
        "cause",
        "coordination",
        "next_steps",
        "percent_reason",
        "explanation",
    }
)
#: A text copied by at least this share, in per cent, is said to be so.
MUCH_COPIED = 50


@dataclass(frozen=True)
class Field:
    """One field on both sides. `note` says by how much a number changed or a text was copied."""

    name: str
    label: str
    difference: Difference
    note: str = ""
    is_copied: bool = False


@dataclass(frozen=True)
class Comparison:
    """An entry beside an earlier content (`old`); `key` is quarter or sent, the heads say what each side is."""

    key: str
    old_head: str
    new_head: str
    old: Mapping[str, Any]
    fields: tuple[Field, ...]

    @property
    def old_side(self) -> str:
        """The old side in a word, for a phone."""
        return "上季" if self.key == "quarter" else "上次"

    @property
    def new_side(self) -> str:
        return "本季" if self.key == "quarter" else "本次"


@dataclass(frozen=True)
class Lights:
    """The self-rated light beside the earlier one and the one measured from percent and time progress."""

    before: str
    rated: str
    measured: str
    sentence: str
    is_optimistic: bool


def versions(entries: Iterable[Entry]) -> dict[int, list[EntryVersion]]:
    """What was sent or corrected, oldest first, by entry id. One query."""
    found: dict[int, list[EntryVersion]] = {}
    for version in EntryVersion.objects.filter(entry__in=list(entries)).order_by("no"):
        found.setdefault(version.entry_id, []).append(version)
    return found


def against_quarter(
    entry: Entry, previous: Entry | None, versions: Sequence[EntryVersion], now: Mapping[str, Any]
) -> Comparison:
    """Beside last quarter's content as it was sent, with what was copied; a quarter never sent is an empty side."""
    period = entry.filing.period
    new_head = f"{zh.quarter(period.year, period.quarter, 'short')}（本次报送）"
    if previous is None:
        return Comparison("quarter", "上季没有同一填报项", new_head, {}, _fields(entry, {}, now))
    name = zh.quarter(previous.filing.period.year, previous.filing.period.quarter, "short")
    if not versions:
        return Comparison("quarter", f"{name}未报", new_head, {}, _fields(entry, {}, now))
    word = "已采纳" if previous.decision == Decision.ACCEPTED else "已报，未采纳"
    old_head = f"{name}（{word}，第 {versions[-1].no} 版）"
    old = versions[-1].content
    return Comparison("quarter", old_head, new_head, old, _fields(entry, old, now))


def against_sent(entry: Entry, sent: Sequence[EntryVersion], now: Mapping[str, Any]) -> Comparison | None:
    """Beside what was sent the time before; None for a first or an unchanged submission."""
    if len(sent) < 2:
        return None
    last, before = sent[-1], sent[-2]
    new_word = "更正" if last.correction_reason else "本次报送"
    old_head, new_head = f"上次报送（第 {before.no} 版）", f"{new_word}（第 {last.no} 版）"
    return Comparison(
        "sent", old_head, new_head, before.content, _fields(entry, before.content, now, is_own=True)
    )


def _fields(
    entry: Entry, old: Mapping[str, Any], new: Mapping[str, Any], *, is_own: bool = False
) -> tuple[Field, ...]:
    """The fields that say something on either side; lights stand by themselves.

    `is_own` compares two versions of one entry: then what stayed is not copied, and explanations count too.
    Otherwise they stand with the warnings.
    """
    left_out = {"self_light"} if is_own else {"self_light", "explanation"}
    names = [name for name in entry.fields if name not in left_out and (_says(old, name) or _says(new, name))]
    fields = [_field(entry, name, old, new, is_own) for name in names]
    return (*fields, *_lists(old, new))


#: What a kept version holds besides the columns: lists of short values, by key, with their names.
LISTS = {"evidence": "佐证材料", "items": "工作项进度"}


def _lists(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[Field]:
    """Files and work items, compared line by line."""
    for key, name in LISTS.items():
        before, after = _lines(key, old, new), _lines(key, new, old)
        if not before and not after:
            continue
        added, gone = len(set(after) - set(before)), len(set(before) - set(after))
        parts = [f"新增 {added}" if added else "", f"减少 {gone}" if gone else ""]
        unit = "份" if key == "evidence" else "项"
        note = "，".join(f"{part} {unit}" for part in parts if part)
        yield Field(key, name, listed(before, after), note)


def _lines(key: str, values: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """One line for each value; files of one name but other bytes are told apart by their digest."""
    found = values.get(key) or ()
    if key == "evidence":
        digests = {(file["name"], file["sha256"]) for file in other.get(key) or ()}
        names = {name for name, _ in digests}
        return [
            f"{f['name']}（摘要 {f['sha256'][:8]}）"
            if f["name"] in names and (f["name"], f["sha256"]) not in digests
            else str(f["name"])
            for f in found
        ]
    return [f"{item['measure']} {item['percent']}%" for item in found]


def _says(values: Mapping[str, Any], name: str) -> bool:
    return values.get(name) not in (None, "")


def _field(entry: Entry, name: str, old: Mapping[str, Any], new: Mapping[str, Any], is_own: bool) -> Field:
    before, after = written(entry, name, old.get(name)), written(entry, name, new.get(name))
    if name not in SENTENCES:
        return Field(name, label(entry, name), replaced(before, after), _change(entry, name, old, new))
    difference = compare(before, after)
    if is_own:
        return Field(name, label(entry, name), difference.without_copies())
    is_copied = difference.copied >= MUCH_COPIED
    note = f"雷同 {difference.copied}%" if is_copied else ""
    return Field(name, label(entry, name), difference, note, is_copied)


def _change(entry: Entry, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """By how much a number changed, in words; empty for everything that is no number on both sides."""
    if name not in ("percent", "value", "numerator", "denominator") or not (
        _says(old, name) and _says(new, name)
    ):
        return ""
    change = Decimal(new[name]) - Decimal(old[name])
    unit = entry.indicator.unit if name == "value" and entry.indicator else ""
    is_rate = name == "percent" or unit == "%"
    return f"变动 {zh.number(change, signed=True)} {'个百分点' if is_rate else unit}".strip()


def lights(entry: Entry, filing: Filing, old: Mapping[str, Any], now: Mapping[str, Any]) -> Lights | None:
    """For a progress entry with a percent: self-rated and measured light (design: roll-up of a task)."""
    expected = due_percent(entry, filing.period)
    if entry.kind != EntryKind.PROGRESS or expected is None or not _says(now, "percent"):
        return None
    percent, period = Decimal(now["percent"]), filing.period
    shortfall = expected - percent
    measured = thresholds_of(period.plan, period.last_day, period.closed_at).light(shortfall)
    if shortfall > 0:
        how = f"落后 {zh.number(shortfall)} 个百分点"
    else:
        how = f"超前 {zh.number(-shortfall)} 个百分点" if shortfall < 0 else "与序时一致"
    sentence = f"本年完成 {zh.number(percent)}%，序时进度 {zh.number(expected)}%，{how}"
    rated = now.get("self_light") or ""
    optimistic = is_optimistic(rated, percent, measured)
    return Lights(old.get("self_light") or "", rated, measured, sentence, optimistic)

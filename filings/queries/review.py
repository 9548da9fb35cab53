"""What the review desk shows: the entries of one filing with their decisions, and one of them beside what it was before.

The office judges what was sent: the newest kept version, never a draft that the department is still mending.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from accounts.models import User
from filings.calendar import Window
from filings.checks import check
from filings.differences import Difference, compare, replaced
from filings.errors import Problem
from filings.labels import label, written
from filings.models import Entry, EntryVersion, Filing, Move
from filings.queries.waiting import Panel, panels
from filings.rules import VERB_LABELS
from filings.services.access import latest_extension, timeliness_of, window_of
from filings.services.entries import around, content, previous_entries
from filings.terms import Decision, EntryKind, Status, Timeliness
from harbor_plan.lib import zh
from targets.measure import Thresholds
from targets.terms import Standing

#: Fields people write in sentences: compared word by word. The others are compared as a whole.
SENTENCES = frozenset(
    {"text", "problems", "cause", "coordination", "next_steps", "percent_reason", "explanation"}
)
#: A text copied by at least this share, in per cent, is said to be so.
MUCH_COPIED = 50
#: From best to worst; a self-rating before the measured light is called optimistic.
_BEST_FIRST = (Standing.DONE, Standing.ON_TRACK, Standing.BEHIND, Standing.LATE)


# The list of entries


@dataclass(frozen=True)
class Group:
    """The entries of one kind, in the order of the plan."""

    label: str
    entries: tuple[Entry, ...]

    @property
    def decided(self) -> int:
        return sum(entry.decision != Decision.OPEN for entry in self.entries)


def _groups(entries: Iterable[Entry]) -> list[Group]:
    by_kind: dict[EntryKind, list[Entry]] = {kind: [] for kind in EntryKind}
    for entry in entries:
        by_kind[EntryKind(entry.kind)].append(entry)
    return [Group(kind.label, tuple(found)) for kind, found in by_kind.items() if found]


# One entry beside what it was before


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


@dataclass(frozen=True)
class Step:
    """One line of the history."""

    move: Move

    @property
    def label(self) -> str:
        return VERB_LABELS.get(self.move.verb, self.move.verb)


@dataclass(frozen=True)
class Chosen:
    """Everything the desk shows of one entry.

    `comparison` is one of `choices`; `last_return` is the return the department answered by this submission.
    """

    entry: Entry
    comparison: Comparison
    choices: tuple[str, ...]
    lights: Lights | None
    warnings: tuple[Problem, ...]
    contributions: tuple[Entry, ...]
    history: tuple[Step, ...]

    @property
    def contributions_sent(self) -> int:
        return sum(entry.filing.first_submitted_at is not None for entry in self.contributions)

    @property
    def last_return(self) -> str:
        """Why it was returned the last time, while it waits again; empty otherwise."""
        entry = self.entry
        if entry.decision != Decision.OPEN or not entry.return_note:
            return ""
        return f"{entry.get_return_code_display()}：{entry.return_note}"


@dataclass(frozen=True)
class Desk:
    """The review desk of one filing. `chosen` is None when the filing was never sent."""

    filing: Filing
    groups: list[Group]
    entries: list[Entry]
    panel: Panel
    timeliness: Timeliness
    window: Window
    chosen: Chosen | None

    @property
    def decided(self) -> int:
        return sum(entry.decision != Decision.OPEN for entry in self.entries)

    @property
    def left(self) -> int:
        return len(self.entries) - self.decided

    @property
    def returned(self) -> int:
        return sum(entry.decision == Decision.RETURNED for entry in self.entries)

    @property
    def explained(self) -> int:
        """Undecided entries whose warnings the department explained: worth a look before accepting the rest."""
        return sum(entry.decision == Decision.OPEN and bool(entry.explanation) for entry in self.entries)

    @property
    def in_review(self) -> bool:
        return self.filing.status == Status.SUBMITTED

    @property
    def may_decide(self) -> bool:
        """Whether the person who looks can decide entries now."""
        return self.panel.may and self.in_review

    @property
    def may_reopen(self) -> bool:
        return (
            self.panel.may and self.filing.status == Status.ACCEPTED and self.filing.period.closed_at is None
        )

    @property
    def next_open(self) -> Entry | None:
        """The next undecided entry after the chosen one, from the top again at the end."""
        return next_open(self.entries, self.chosen.entry if self.chosen else None)


def next_open(entries: Sequence[Entry], after: Entry | None) -> Entry | None:
    """The first undecided entry after that one in the order of the plan, from the top again at the end."""
    start = next((n for n, entry in enumerate(entries, 1) if entry == after), 0)
    turned = [*entries[start:], *entries[:start]]
    return next((entry for entry in turned if entry.decision == Decision.OPEN and entry != after), None)


def desk(filing: Filing, *, user: User, entry_id: int | None, against: str, at: datetime) -> Desk:
    """The review desk; the filing comes with department, period and plan.

    Without `entry_id`, or with one of another filing, the first undecided entry is shown, else the first.
    `against` chooses the comparison: quarter or sent; anything else lets the entry decide.
    """
    found = Entry.objects.filter(filing=filing).for_page().select_related("decided_by", "edited_by")
    entries = list(found)
    for entry in entries:
        entry.filing = filing
    chosen = next((entry for entry in entries if entry.pk == entry_id), None)
    chosen = chosen or next_open(entries, None) or next(iter(entries), None)
    was_sent = filing.first_submitted_at is not None
    return Desk(
        filing=filing,
        groups=_groups(entries),
        entries=entries,
        panel=panels([filing], user)[filing.pk],
        timeliness=timeliness_of(filing, latest_extension(filing.period, filing.department_id), at),
        window=window_of(filing, at),
        chosen=_chosen(chosen, filing, against) if chosen and was_sent else None,
    )


def _chosen(entry: Entry, filing: Filing, against: str) -> Chosen:
    previous = previous_entries([entry], filing.period).get(entry.pk)
    versions = _versions([entry, previous] if previous else [entry])
    sent, earlier = versions.get(entry.pk, []), versions.get(previous.pk, []) if previous else []
    now = sent[-1].content if sent else content(entry)
    quarter = _against_quarter(entry, previous, earlier, now)
    resent = _against_sent(entry, sent, now)
    by_default = resent if resent and entry.decision == Decision.OPEN else quarter
    wanted = {"quarter": quarter, "sent": resent}.get(against) or by_default
    is_as_sent = content(entry) == now
    return Chosen(
        entry=entry,
        comparison=wanted,
        choices=tuple(comparison.key for comparison in (quarter, resent) if comparison),
        lights=_lights(entry, filing, wanted.old, now),
        warnings=tuple(_warnings(entry, filing, previous)) if is_as_sent else (),
        contributions=_contributions(entry, filing),
        history=_history(entry, filing),
    )


def _versions(entries: Iterable[Entry]) -> dict[int, list[EntryVersion]]:
    found: dict[int, list[EntryVersion]] = {}
    for version in EntryVersion.objects.filter(entry__in=list(entries)).order_by("no"):
        found.setdefault(version.entry_id, []).append(version)
    return found


def _against_quarter(
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


def _against_sent(entry: Entry, sent: Sequence[EntryVersion], now: Mapping[str, Any]) -> Comparison | None:
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
    return tuple(_field(entry, name, old, new, is_own) for name in names)


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


def _lights(entry: Entry, filing: Filing, old: Mapping[str, Any], now: Mapping[str, Any]) -> Lights | None:
    """For a progress entry with a percent: self-rated and measured light (design: roll-up of a task)."""
    expected = around(entry, filing.period, None).expected
    if entry.kind != EntryKind.PROGRESS or expected is None or not _says(now, "percent"):
        return None
    percent, plan = Decimal(now["percent"]), filing.period.plan
    shortfall = expected - percent
    measured = Thresholds(plan.behind_above, plan.late_above).light(shortfall)
    if shortfall > 0:
        how = f"落后 {zh.number(shortfall)} 个百分点"
    else:
        how = f"超前 {zh.number(-shortfall)} 个百分点" if shortfall < 0 else "与序时一致"
    sentence = f"本年完成 {zh.number(percent)}%，序时进度 {zh.number(expected)}%，{how}"
    rated = now.get("self_light") or ""
    optimistic = rated in _BEST_FIRST and _BEST_FIRST.index(Standing(rated)) < _BEST_FIRST.index(measured)
    is_done = rated == Standing.DONE and percent >= 100
    return Lights(old.get("self_light") or "", rated, measured, sentence, optimistic and not is_done)


def _warnings(entry: Entry, filing: Filing, previous: Entry | None) -> list[Problem]:
    """What the checks warned of, whether explained or not."""
    values = {name: getattr(entry, name) for name in entry.fields} | {"explanation": ""}
    found = check(entry.kind, values, around(entry, filing.period, previous))
    return [problem for problem in found if problem.is_warning]


def _contributions(entry: Entry, filing: Filing) -> tuple[Entry, ...]:
    """What the cooperating departments filed on the same task this quarter, for a lead's entry.

    Words that are being mended read as they were sent last.
    """
    if entry.kind != EntryKind.PROGRESS or entry.responsibility is None:
        return ()
    found = Entry.objects.filter(
        kind=EntryKind.CONTRIBUTION,
        filing__period=filing.period_id,
        responsibility__task=entry.responsibility.task_id,
    )
    entries = tuple(found.select_related("filing__department").order_by("responsibility__order", "id"))
    mended = [other for other in entries if _is_being_mended(other)]
    versions = _versions(mended) if mended else {}
    for other in mended:
        other.text = versions[other.pk][-1].content["text"]
    return entries


def _is_being_mended(entry: Entry) -> bool:
    """Sent once, and lying with its department again."""
    filing = entry.filing
    with_office = filing.status in (Status.SUBMITTED, Status.ACCEPTED) or entry.decision == Decision.ACCEPTED
    return filing.first_submitted_at is not None and not with_office


def _history(entry: Entry, filing: Filing) -> tuple[Step, ...]:
    """Steps of the filing and decisions on this entry, newest first."""
    moves = filing.moves.filter(Q(entry=None) | Q(entry=entry)).select_related("by").order_by("-id")
    return tuple(Step(move) for move in moves)

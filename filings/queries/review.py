"""What the review desk shows: the entries of one filing with their decisions, and one of them beside what it was before.

The office judges what was sent: the newest kept version, never a draft that the department is still mending.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, prefetch_related_objects

from accounts.models import User
from filings.calendar import Window
from filings.checks import check
from filings.errors import Problem
from filings.lights import LightChange
from filings.models import Entry, Filing, Move
from filings.models.entry import FILES
from filings.queries.beside import Other, contributions
from filings.queries.comparison import (
    Comparison,
    Lights,
    against_quarter,
    against_sent,
    lights,
    versions,
)
from filings.queries.joint import Countersigned, countersigned
from filings.queries.threads import Thread, threads, waiting_answers
from filings.queries.waiting import Panel, panels
from filings.rules import VERB_LABELS, Side
from filings.services.access import latest_extension, timeliness_of, window_of
from filings.services.claims import may_be_taken_over
from filings.services.crosschecks import Finding, attach, found_on, is_asked_here
from filings.services.entries import around, content
from filings.services.lights import earlier_entries, has_second_level, light_changes
from filings.services.review import waiting_decision
from filings.services.routine import oddities
from filings.terms import Decision, EntryKind, Severity, Status, Timeliness

# The list of entries


@dataclass(frozen=True)
class Group:
    """The entries of one kind, in the order of the plan; `waiting` is what an entry is that still has to be decided."""

    label: str
    entries: tuple[Entry, ...]
    waiting: Decision

    @property
    def decided(self) -> int:
        return sum(entry.decision != self.waiting for entry in self.entries)


def _groups(entries: Iterable[Entry], waiting: Decision) -> list[Group]:
    by_kind: dict[EntryKind, list[Entry]] = {kind: [] for kind in EntryKind}
    for entry in entries:
        by_kind[EntryKind(entry.kind)].append(entry)
    return [Group(kind.label, tuple(found), waiting) for kind, found in by_kind.items() if found]


# One entry


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

    `comparison` is one of `choices`; `last_return` is the return the department answered by this submission;
    `change` is the light that differs from last quarter's; `crossed` what cross-checks found beside the warnings.
    """

    entry: Entry
    comparison: Comparison
    choices: tuple[str, ...]
    lights: Lights | None
    warnings: tuple[Problem, ...]
    contributions: tuple[Other, ...]
    history: tuple[Step, ...]
    thread: Thread
    change: LightChange | None
    crossed: tuple[Finding, ...] = ()

    @property
    def contributions_sent(self) -> int:
        return sum(other.is_there for other in self.contributions)

    @property
    def last_return(self) -> str:
        """Why it was returned the last time, while it waits again; empty otherwise."""
        entry = self.entry
        if entry.decision != Decision.OPEN or not entry.return_note:
            return ""
        return f"{entry.get_return_code_display()}：{entry.return_note}"


@dataclass(frozen=True)
class OpenLine:
    """One entry that still has to be decided, with what a reviewer looks at before ticking it."""

    entry: Entry
    change: LightChange | None
    odd: tuple[str, ...]


@dataclass(frozen=True)
class Desk:
    """The review desk of one filing. `chosen` is None when the filing was never sent.

    `changes` are the lights that differ from last quarter's, `odd` what speaks against accepting an entry without a
    closer look, `asked` the entries whose thread waits for the office; all by entry id. `person` looks, at `at`.
    """

    filing: Filing
    groups: list[Group]
    entries: list[Entry]
    panel: Panel
    timeliness: Timeliness
    window: Window
    chosen: Chosen | None
    changes: Mapping[int, LightChange]
    odd: Mapping[int, tuple[str, ...]]
    asked: Collection[int]
    has_second_level: bool
    is_free_to_take: bool
    person: User
    signed: Countersigned | None = None

    @property
    def is_second(self) -> bool:
        """Whether a first reviewer has passed it on, and a second one decides now."""
        return self.in_review and self.filing.passed_on_by_id is not None

    @property
    def waiting(self) -> Decision:
        """What an entry is that still has to be decided now."""
        return waiting_decision(self.filing)

    @property
    def holder(self) -> User | None:
        """Who else reviews it now."""
        claimed = self.filing.claimed_by
        return claimed if claimed and claimed.pk != self.person.pk and self.in_review else None

    @property
    def is_mine(self) -> bool:
        """Whether the person who looks has claimed it."""
        return self.in_review and self.filing.claimed_by_id == self.person.pk

    @property
    def open_lines(self) -> list[OpenLine]:
        """The entries that still have to be decided, for ticking several of them."""
        return [
            OpenLine(entry, self.changes.get(entry.pk), self.odd.get(entry.pk, ()))
            for entry in self.entries
            if entry.decision == self.waiting
        ]

    @property
    def will_pass(self) -> int:
        """How many of the waiting entries would need a second reviewer once accepted."""
        if self.is_second or not self.has_second_level:
            return 0
        return sum(line.change is not None for line in self.open_lines)

    @property
    def decided(self) -> int:
        return sum(entry.decision != self.waiting for entry in self.entries)

    @property
    def passed(self) -> int:
        """Entries that a first reviewer accepted and that wait for a second one."""
        return sum(entry.decision == Decision.PASSED for entry in self.entries)

    @property
    def left(self) -> int:
        return len(self.entries) - self.decided

    @property
    def returned(self) -> int:
        return sum(entry.decision == Decision.RETURNED for entry in self.entries)

    @property
    def explained(self) -> int:
        """Undecided entries whose warnings the department explained: worth a look before accepting the rest."""
        return sum(entry.decision == self.waiting and bool(entry.explanation) for entry in self.entries)

    @property
    def in_review(self) -> bool:
        return self.filing.status == Status.SUBMITTED

    @property
    def may_decide(self) -> bool:
        """Whether the person who looks can decide entries now; a filing somebody else has claimed is taken over first."""
        return self.panel.may and self.in_review and self.holder is None

    @property
    def may_take_over(self) -> bool:
        return self.panel.may and self.holder is not None

    @property
    def may_reopen(self) -> bool:
        return (
            self.panel.may and self.filing.status == Status.ACCEPTED and self.filing.period.closed_at is None
        )

    @property
    def next_open(self) -> Entry | None:
        """The next undecided entry after the chosen one, from the top again at the end."""
        return next_open(self.entries, self.chosen.entry if self.chosen else None, self.waiting)


def next_open(
    entries: Sequence[Entry], after: Entry | None, waiting: Decision = Decision.OPEN
) -> Entry | None:
    """The first undecided entry after that one in the order of the plan, from the top again at the end."""
    start = next((n for n, entry in enumerate(entries, 1) if entry == after), 0)
    turned = [*entries[start:], *entries[:start]]
    return next((entry for entry in turned if entry.decision == waiting and entry != after), None)


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
    waiting = waiting_decision(filing)
    chosen = chosen or next_open(entries, None, waiting) or next(iter(entries), None)
    was_sent = filing.first_submitted_at is not None
    prefetch_related_objects(entries, *FILES)
    prefetch_related_objects([filing.period.plan], "threshold_changes")
    if was_sent:
        attach(entries)
    earlier = earlier_entries(entries) if was_sent else {}
    changes = light_changes(entries, earlier) if was_sent else {}
    panel = panels([filing], user)[filing.pk]
    return Desk(
        filing=filing,
        groups=_groups(entries, waiting),
        entries=entries,
        panel=panel,
        timeliness=timeliness_of(filing, latest_extension(filing.period, filing.department_id), at),
        window=window_of(filing, at),
        chosen=_chosen(chosen, earlier.get(chosen.pk), filing, against, panel, changes.get(chosen.pk))
        if chosen and was_sent
        else None,
        changes=changes,
        odd=oddities(entries, earlier, changes) if was_sent else {},
        asked=frozenset(waiting_answers([filing], Side.OFFICE)),
        has_second_level=has_second_level(filing.period.plan_id),
        is_free_to_take=may_be_taken_over(filing, at),
        person=user,
        signed=countersigned([chosen], at).get(chosen.pk) if chosen and was_sent else None,
    )


def _chosen(
    entry: Entry,
    previous: Entry | None,
    filing: Filing,
    against: str,
    panel: Panel,
    change: LightChange | None,
) -> Chosen:
    kept = versions([entry, previous] if previous else [entry])
    sent, earlier = kept.get(entry.pk, []), kept.get(previous.pk, []) if previous else []
    now = sent[-1].content if sent else content(entry)
    quarter = against_quarter(entry, previous, earlier, now)
    resent = against_sent(entry, sent, now)
    by_default = resent if resent and entry.decision == waiting_decision(filing) else quarter
    wanted = {"quarter": quarter, "sent": resent}.get(against) or by_default
    is_as_sent = content(entry) == now
    return Chosen(
        entry=entry,
        comparison=wanted,
        choices=tuple(comparison.key for comparison in (quarter, resent) if comparison),
        lights=lights(entry, filing, wanted.old, now),
        warnings=tuple(_warnings(entry, filing, previous)) if is_as_sent else (),
        contributions=tuple(contributions(entry)) if entry.kind == EntryKind.PROGRESS else (),
        history=_history(entry, filing),
        thread=threads(filing, [entry], panel.side)[entry.pk],
        change=change,
        crossed=tuple(
            each
            for each in found_on(entry)
            if each.rule.severity != Severity.WARNING or not is_asked_here(each, entry)
        ),
    )


def _warnings(entry: Entry, filing: Filing, previous: Entry | None) -> list[Problem]:
    """What the checks warned of, whether explained or not."""
    values = {name: getattr(entry, name) for name in entry.fields} | {"explanation": ""}
    found = check(entry.kind, values, around(entry, filing.period, previous))
    return [problem for problem in found if problem.is_warning]


def _history(entry: Entry, filing: Filing) -> tuple[Step, ...]:
    """Steps of the filing and decisions on this entry, newest first."""
    moves = filing.moves.filter(Q(entry=None) | Q(entry=entry)).select_related("by").order_by("-id")
    return tuple(Step(move) for move in moves)

"""A filing as whoever may see it reads it: what was written, what was sent when, what was decided and by whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import BoundField

from accounts.models import User
from filings.differences import Difference, compare, replaced
from filings.forms.entry import SendBackForm
from filings.labels import label, written
from filings.models import Attachment, Entry, EntryVersion, Filing, Move, Substitute
from filings.queries.checklist import Condition, checklist
from filings.queries.joint import Countersigned, countersigned
from filings.queries.rows import Row, Sheet, sheet_of
from filings.queries.threads import Thread, threads
from filings.rules import VERB_LABELS
from filings.services.entries import content
from filings.services.remarks import side_of
from filings.terms import Decision, Status
from targets.terms import Standing

_WORDS = frozenset(
    {"text", "problems", "cause", "coordination", "next_steps", "explanation", "percent_reason"}
)
_SHORT = frozenset({"percent", "self_light", "milestone_state", "value"})
#: With the office or through: what stands in the entries is what was sent.
_SENT = frozenset({Status.SUBMITTED, Status.ACCEPTED})


@dataclass(frozen=True)
class Said:
    """One field as it reads, with last quarter's where it is short; `light` is a standing shown as its light."""

    label: str
    text: str
    before: str
    light: str = ""


@dataclass(frozen=True)
class Changed:
    """One field that differs between two versions."""

    label: str
    difference: Difference


@dataclass(frozen=True)
class Version:
    """One version as it was sent, or corrected, with what changed since the one before."""

    no: int
    by: User
    at: datetime
    correction_reason: str
    changes: list[Changed]


@dataclass(frozen=True)
class Shown:
    """One entry as this reader sees it. `said` is None when the reader may not read it yet."""

    row: Row
    said: list[Said] | None
    versions: list[Version]
    files: list[Attachment]
    send_back: tuple[BoundField, BoundField] | None
    signed: Countersigned | None = None
    thread: Thread | None = None

    @property
    def entry(self) -> Entry:
        return self.row.entry

    @property
    def is_notable(self) -> bool:
        """Worth a look before signing: behind by its own rating."""
        return self.entry.self_light in (Standing.BEHIND, Standing.LATE)

    @property
    def corrections(self) -> list[Version]:
        return [version for version in self.versions if version.correction_reason]


@dataclass(frozen=True)
class Passage:
    """One line of the history: a step, or one person's acceptances in a row, newest first."""

    label: str
    moves: list[Move]

    @property
    def move(self) -> Move:
        """The newest; the one that counts when there is only one."""
        return self.moves[0]

    def goes_on_with(self, earlier: Move) -> bool:
        """Whether an earlier move belongs to the same line: acceptances without a word, by the same person."""
        return earlier.verb == "accept_entry" == self.move.verb and earlier.by_id == self.move.by_id


@dataclass(frozen=True)
class Detail:
    """The page. `is_own` readers belong to the department and see its drafts; others see what was sent."""

    sheet: Sheet
    groups: list[tuple[str, list[Shown]]]
    moves: list[Move]
    substitute: Substitute | None
    is_own: bool

    @property
    def filing(self) -> Filing:
        return self.sheet.filing

    @property
    def is_hidden(self) -> bool:
        """Nothing has been sent yet and the reader is of another department."""
        return not self.is_own and self.filing.first_submitted_at is None

    @property
    def notable(self) -> list[Shown]:
        """What the approver should look at first."""
        return [item for _, items in self.groups for item in items if item.is_notable]

    @property
    def conditions(self) -> list[Condition]:
        """What the approver should know before signing: the same list the filer had before submitting."""
        return list(checklist(self.sheet))

    @property
    def history(self) -> list[Passage]:
        """Every step and decision, newest first; the same decision on entries one after the other is one passage."""
        passages: list[Passage] = []
        for move in reversed(self.moves):
            if passages and passages[-1].goes_on_with(move):
                passages[-1].moves.append(move)
            else:
                passages.append(Passage(VERB_LABELS.get(move.verb, move.verb), [move]))
        return passages


def detail(filing: Filing, *, reader: User, form: SendBackForm | None, at: datetime) -> Detail:
    """Everything about one filing, for one reader; the queries do not grow with entries or history.

    `form` holds the inputs for sending entries back, while the filing waits for this reader's signature.
    """
    sheet = sheet_of(filing, at)
    moves = list(Move.objects.filter(filing=filing).select_related("by"))
    entries = {row.entry.pk: row.entry for row in sheet.rows}
    for move in moves:
        if move.entry_id is not None:
            move.entry = entries[move.entry_id]
    versions = _versions([row.entry for row in sheet.rows])
    is_own = filing.department_id in reader.own_department_ids
    signed = countersigned([row.entry for row in sheet.rows], at)
    talked = threads(filing, [row.entry for row in sheet.rows], side_of(filing, reader))
    shown = {
        row.entry.pk: Shown(
            row=row,
            said=_said(
                row,
                _readable(filing, row.entry, versions[row.entry.pk], is_own=is_own),
                row.entry.unparsed if is_own else {},
            ),
            versions=_compared(row.entry, versions[row.entry.pk]),
            files=row.entry.files if is_own else row.entry.sent_files,
            send_back=form.of(row.entry) if form else None,
            signed=signed.get(row.entry.pk),
            thread=talked[row.entry.pk],
        )
        for row in sheet.rows
    }
    return Detail(
        sheet=sheet,
        groups=[(group.kind.label, [shown[row.entry.pk] for row in group.rows]) for group in sheet.groups],
        moves=moves,
        substitute=Substitute.objects.filter(filing=filing).select_related("user", "named_by").first(),
        is_own=is_own,
    )


def _versions(entries: Iterable[Entry]) -> Mapping[int, list[EntryVersion]]:
    kept: dict[int, list[EntryVersion]] = defaultdict(list)
    for version in EntryVersion.objects.filter(entry__in=list(entries)).select_related("by").order_by("no"):
        kept[version.entry_id].append(version)
    return kept


def _readable(
    filing: Filing, entry: Entry, versions: list[EntryVersion], *, is_own: bool
) -> Mapping[str, Any] | None:
    """What this reader may read of an entry: the draft is the department's own, others read what was sent last."""
    if is_own or filing.status in _SENT or entry.decision == Decision.ACCEPTED:
        return content(entry)
    return versions[-1].content if versions else None


def _said(row: Row, values: Mapping[str, Any] | None, unread: Mapping[str, str]) -> list[Said] | None:
    """Every field with something in it; `unread` is text of the draft that is no value yet."""
    if values is None:
        return None
    entry, said = row.entry, []
    for name in ("items", *entry.fields):
        text = unread.get(name) or written(entry, name, values.get(name))
        light = str(values[name]) if name == "self_light" and name not in unread else ""
        if text:
            said.append(Said(label(entry, name), text, _before(row, name), light))
    return said


def _before(row: Row, name: str) -> str:
    """What the same field said last quarter, if that was sent; long texts are compared in the office's review."""
    previous = row.sent_before
    return written(previous, name, getattr(previous, name)) if previous and name in _SHORT else ""


def _compared(entry: Entry, versions: list[EntryVersion]) -> list[Version]:
    """Each version with its changes against the one before, newest first."""
    pairs = zip([None, *versions], versions, strict=False)
    compared = [
        Version(
            no=version.no,
            by=version.by,
            at=version.at,
            correction_reason=version.correction_reason,
            changes=_changes(entry, before.content, version.content) if before else [],
        )
        for before, version in pairs
    ]
    return compared[::-1]


def _changes(entry: Entry, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Changed]:
    changes = []
    for name in ("items", *entry.fields, "evidence"):
        old, new = written(entry, name, before.get(name)), written(entry, name, after.get(name))
        if old != new:
            how = compare if name in _WORDS else replaced
            changes.append(Changed(label(entry, name), how(old, new)))
    return changes

"""One filing lived through in memory, step by step as the services of filings would take it.

The services write a row at a time for people who press buttons; thousands of invented steps are written in bulk
instead. Every step here checks the same table of moves and leaves the same columns and history rows; a test takes
one filing through both and compares. Audit events are not invented: the load itself is the one event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from filings.checks import check
from filings.models import Entry, EntryVersion, Extension, Filing, ItemProgress, Move, Period
from filings.rules import STEPS, is_open_entry, outcome
from filings.services import items
from filings.services.entries import around, content, write
from filings.terms import Decision, ReturnCode, Status

Values = Mapping[str, Any]
Explain = Callable[[Entry], str]
#: A return: its code and its note.
Note = tuple[ReturnCode, str]


class Story:
    """A filing, its entries, and the history rows so far, none of them saved.

    `previous` gives the entry of the same obligation one quarter earlier, by position of the entry in the filing.
    """

    def __init__(self, filing: Filing, entries: list[Entry], previous: list[Entry | None]) -> None:
        self.filing = filing
        self.entries = entries
        self.previous = dict(zip(map(id, entries), previous, strict=True))
        self.moves: list[Move] = []
        self.versions: list[EntryVersion] = []
        self._sent: dict[int, tuple[int, dict[str, Any]]] = {}
        for entry in entries:
            entry.filing = filing

    def open(self, *, at: datetime) -> None:
        """The system writes the obligations down."""
        self.moves.append(Move(filing=self.filing, verb="open", to_status=self.filing.status, at=at))

    def write(self, entry: Entry, values: Values, explain: Explain, *, by: User, at: datetime) -> None:
        """Save an entry; when the checks warn of something, it is explained."""
        assert is_open_entry(Status(self.filing.status), Decision(entry.decision))
        write(entry, {**values, "explanation": ""}, {})
        items.put(entry, values, was_own=False)
        if any(problem.is_warning for problem in self._problems(entry)):
            entry.explanation = explain(entry)
        entry.is_complete = not self._problems(entry)
        entry.version += 1
        entry.edited_by, entry.edited_at = by, at
        self.filing.filled_by = by
        self.filing.begun_at = self.filing.begun_at or at

    def _problems(self, entry: Entry) -> list[Any]:
        values = {name: getattr(entry, name) for name in entry.fields}
        return check(entry.kind, values, around(entry, self.filing.period, self.previous[id(entry)]))

    def submit(self, *, checked_by: str = "", by: User, at: datetime) -> None:
        """Filer to approver."""
        lacking = [entry for entry in self.undecided() if not entry.is_complete]
        assert not lacking, f"{self.filing}: {[str(entry) for entry in lacking]}"
        self._move("submit", by=by, at=at)
        self.filing.filled_by = by
        self.filing.checked_by, self.filing.checked_at = checked_by, at if checked_by else None
        for entry in self.entries:
            if entry.decision in (Decision.RETURNED, Decision.SENT_BACK):
                entry.decision = Decision.OPEN

    def sign(self, *, by: User, at: datetime) -> None:
        """Approver to office; what changed is kept as a version."""
        self._move("sign", by=by, at=at)
        self.filing.signed_by = by
        self.filing.submitted_at = at
        self.filing.first_submitted_at = self.filing.first_submitted_at or at
        self.filing.submissions += 1
        for entry in self.undecided():
            self._keep(entry, by=by, at=at)

    def send_back(self, entry: Entry, note: Note, *, by: User, at: datetime) -> None:
        """Approver to filer, with one entry to mend."""
        self._move("send_back", by=by, at=at)
        self._decide(entry, Decision.SENT_BACK, "send_back_entry", note, by=by, at=at)

    def accept(self, entry: Entry, *, by: User, at: datetime) -> None:
        """The office accepts one entry."""
        self._decide(entry, Decision.ACCEPTED, "accept_entry", ("", ""), by=by, at=at)

    def give_back(self, entry: Entry, note: Note, *, by: User, at: datetime) -> None:
        """The office returns one entry."""
        self._decide(entry, Decision.RETURNED, "return_entry", note, by=by, at=at)

    def finish_review(self, *, by: User, at: datetime) -> None:
        """All accepted: accepted; any returned: returned."""
        to = outcome([Decision(entry.decision) for entry in self.entries])
        assert to is not None, f"{self.filing} has undecided entries"
        self._move("accept" if to == Status.ACCEPTED else "return", by=by, at=at)
        self.filing.returns += to == Status.RETURNED

    def reopen(self, entry: Entry, note: Note, *, by: User, at: datetime) -> None:
        """The office takes an acceptance back."""
        code, words = note
        self._move("reopen", by=by, at=at, code=code, note=words)
        self.filing.returns += 1
        self._decide(entry, Decision.RETURNED, "return_entry", note, by=by, at=at)

    def extend(self, extension: Extension, words: str) -> None:
        """More time was recorded."""
        by, at = extension.recorded_by, extension.recorded_at
        self.moves.append(Move(filing=self.filing, verb="extend", by=by, at=at, note=words))

    def undecided(self) -> list[Entry]:
        """Entries that are not accepted."""
        return [entry for entry in self.entries if entry.decision != Decision.ACCEPTED]

    def _move(self, verb: str, *, by: User, at: datetime, code: str = "", note: str = "") -> None:
        step = STEPS[verb]
        assert self.filing.status in step.sources, f"{self.filing}: {verb} from {self.filing.status}"
        self.moves.append(
            Move(
                filing=self.filing, verb=verb, from_status=self.filing.status, to_status=step.to,
                by=by, at=at, code=code, note=note,
            )
        )  # fmt: skip
        self.filing.status = step.to

    def _decide(
        self, entry: Entry, decision: Decision, verb: str, note: tuple[str, str], *, by: User, at: datetime
    ) -> None:
        code, words = note
        self.moves.append(
            Move(
                filing=self.filing, entry=entry, verb=verb, from_status=entry.decision, to_status=decision,
                by=by, at=at, code=code, note=words,
            )
        )  # fmt: skip
        entry.decision, entry.return_code, entry.return_note = decision, code, words
        entry.decided_by, entry.decided_at = by, at

    def _keep(self, entry: Entry, *, by: User, at: datetime) -> None:
        no, before = self._sent.get(id(entry), (0, {}))
        now = content(entry)
        if now != before:
            self._sent[id(entry)] = (no + 1, now)
            self.versions.append(EntryVersion(entry=entry, no=no + 1, content=now, by=by, at=at))


def save(period: Period, stories: list[Story]) -> None:
    """Write the filings of a period with their entries and history, a few statements for all of them."""
    Filing.objects.bulk_create([story.filing for story in stories])
    entries = [entry for story in stories for entry in story.entries]
    Entry.objects.bulk_create(entries)
    ItemProgress.objects.bulk_create(
        [row for entry in entries for row in entry.__dict__.get("item_rows", ())]
    )
    Move.objects.bulk_create([move for story in stories for move in story.moves])
    EntryVersion.objects.bulk_create([version for story in stories for version in story.versions])

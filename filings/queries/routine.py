"""The list of routine entries: everything that this person may accept without a closer look."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.models import User
from filings.labels import label, written
from filings.models import Entry, Filing
from filings.queries.waiting import panels, waiting_filings
from filings.services.lights import light
from filings.services.readings import rules_of
from filings.services.routine import oddities
from filings.terms import Decision
from targets.terms import Standing


@dataclass(frozen=True)
class Routine:
    """One routine entry with what it says in a line."""

    entry: Entry
    light: Standing | None

    @property
    def said(self) -> str:
        """The one number or state of the entry, with its label; a text is enough by its beginning."""
        entry = self.entry
        for name in ("percent", "value", "milestone_state", "text"):
            if name in entry.fields and (text := written(entry, name, getattr(entry, name))):
                return f"{label(entry, name)} {text}" if name != "text" else text
        return ""


@dataclass(frozen=True)
class Routines:
    """Routine entries by filing; `undecided` counts everything that waits in the filings this person may review."""

    by_filing: list[tuple[Filing, list[Routine]]]
    undecided: int

    @property
    def count(self) -> int:
        return sum(len(rows) for _, rows in self.by_filing)


def routine_entries(user: User) -> Routines:
    """Undecided routine entries of the waiting filings this person may review and nobody else has claimed."""
    waiting = [
        f for f in waiting_filings(user) if f.passed_on_by_id is None and f.claimed_by_id in (None, user.pk)
    ]
    may = panels(waiting, user)
    filings = {filing.pk: filing for filing in waiting if may[filing.pk].may}
    found = Entry.objects.filter(filing__in=filings, decision=Decision.OPEN).for_page()
    entries = list(found)
    odd = oddities(entries)
    rules = rules_of(entries)
    rows: dict[int, list[Routine]] = {pk: [] for pk in filings}
    for entry in entries:
        if not odd[entry.pk]:
            values = {name: getattr(entry, name) for name in entry.fields}
            rows[entry.filing_id].append(Routine(entry, light(entry, values, rules)))
    return Routines([(filings[pk], of) for pk, of in rows.items() if of], len(entries))

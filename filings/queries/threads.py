"""The threads on entries: what was said, whose turn it is, and whether the person who looks may answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from accounts.roles import Role
from filings.models import Entry, Filing, Remark
from filings.rules import Side, takes_remarks
from filings.services.remarks import closed_sentence
from filings.terms import Decision, Status

#: The filings whose entries are talked about.
_TALKED = (Status.SUBMITTED, Status.RETURNED)


@dataclass(frozen=True)
class Thread:
    """One entry's thread as one person sees it, oldest remark first.

    `side` is the side the person speaks for, None for readers; `closed` says why nobody may add anything now.
    """

    entry: Entry
    remarks: tuple[Remark, ...]
    side: Side | None
    closed: str

    @property
    def may_speak(self) -> bool:
        return self.side is not None and not self.closed

    @property
    def awaits(self) -> Side | None:
        """Whose answer is awaited: the side that did not speak last. None for an empty or a finished thread."""
        if not self.remarks or self.closed:
            return None
        return Side.DEPARTMENT if self.remarks[-1].is_office else Side.OFFICE

    @property
    def is_my_turn(self) -> bool:
        """Whether the person who looks is asked to answer."""
        return self.side is not None and self.awaits == self.side


def threads(filing: Filing, entries: Iterable[Entry], side: Side | None) -> dict[int, Thread]:
    """The thread of each entry of one filing, by entry id, for whoever speaks for that side. One query."""
    entries = list(entries)
    said: dict[int, list[Remark]] = {entry.pk: [] for entry in entries}
    for remark in Remark.objects.filter(entry__in=entries).select_related("by").order_by("id"):
        said[remark.entry_id].append(remark)
    return {entry.pk: Thread(entry, tuple(said[entry.pk]), side, _closed(filing, entry)) for entry in entries}


def _closed(filing: Filing, entry: Entry) -> str:
    is_open = takes_remarks(Status(filing.status), Decision(entry.decision))
    return "" if is_open else closed_sentence(filing, entry)


def _awaiting(side: Side) -> QuerySet[Entry]:
    """Entries whose thread waits for that side: it did not speak last, and the entry can still be talked about."""
    last = Remark.objects.filter(entry=OuterRef("pk")).order_by("-id").values("is_office")[:1]
    talked = Entry.objects.filter(filing__status__in=_TALKED).exclude(decision=Decision.ACCEPTED)
    awaiting = talked.annotate(last_is_office=Subquery(last)).filter(last_is_office=side == Side.DEPARTMENT)
    return awaiting.order_by("filing_id", "position", "id")


def waiting_answers(filings: Iterable[Filing], side: Side) -> dict[int, int]:
    """Entries of these filings whose thread waits for that side, as entry id → filing id. One query."""
    return dict(_awaiting(side).filter(filing__in=list(filings)).values_list("pk", "filing_id"))


def told(person: User) -> dict[str, list[Any]]:
    """What stands on the homes of filers and approvers: `asked`, and the filings a leader named them to review now."""
    named = Filing.objects.filter(substitute__user=person, status=Status.SUBMITTED)
    return {
        "asked": asked_of(person),
        "substituting": list(named.select_related("period", "department").order_by("submitted_at", "id")),
    }


def asked_of(person: User) -> list[Entry]:
    """Entries on which the office waits for an answer of the departments this person files or signs for."""
    own = person.departments_as(Role.FILER, Role.APPROVER)
    filings = Filing.objects.visible_to(person).filter(department__in=own)
    found = Entry.objects.filter(
        pk__in=_awaiting(Side.DEPARTMENT).values("pk"), filing__in=filings.values("pk")
    )
    return list(found.for_page())

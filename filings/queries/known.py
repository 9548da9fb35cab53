"""Filings and entries as they stood at a moment of the past, read back from the history that is kept of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Field, OuterRef, Q, Subquery

from filings.models import Entry, EntryVersion, Filing, Move
from filings.terms import Decision, Status

#: Decisions on entries that end when the filing is submitted again.
_MENDED = (Decision.RETURNED, Decision.SENT_BACK)


def filings_before(filings: Iterable[Filing], before: datetime) -> list[Filing]:
    """These filings, not to be saved, with status and times as they stood just before a moment. One query."""
    found = {filing.pk: filing for filing in filings}
    moves = Move.objects.filter(filing__in=found, entry=None, at__lt=before).order_by("id")
    _take_back(found, list(moves), before)
    return list(found.values())


def entries_before(entries: Iterable[Entry], before: datetime) -> list[Entry]:
    """These entries, not to be saved, as they stood just before a moment: as they had been sent, and decided.

    What was never sent by then is empty; a draft is nobody's knowledge yet. Their filings come along as by
    `filings_before`. Two queries; the filings must be at hand.
    """
    found = {entry.pk: entry for entry in entries}
    filings: dict[int, Filing] = {}
    for entry in found.values():
        entry.filing = filings.setdefault(entry.filing_id, entry.filing)
    asked = Q(entry__in=found) | Q(entry=None, filing__in=filings)
    moves = list(Move.objects.filter(asked, at__lt=before).order_by("id"))
    _take_back(filings, [move for move in moves if move.entry_id is None], before)
    for entry in found.values():
        entry.decision, entry.decided_at = Decision.OPEN, None
    for move in moves:
        if move.entry_id is not None and move.to_status:  # a correction decides nothing
            found[move.entry_id].decision = Decision(move.to_status)
            found[move.entry_id].decided_at = move.at
        elif move.entry_id is None and move.verb == "submit":
            _mended(entry for entry in found.values() if entry.filing_id == move.filing_id)
    contents = EntryVersion.objects.filter(entry__in=found, at__lt=before).order_by("no")
    latest: dict[int, dict[str, Any]] = dict(contents.values_list("entry_id", "content"))
    for entry in found.values():
        _write(entry, latest.get(entry.pk, {}))
    return list(found.values())


def decision_before(before: datetime) -> Subquery:
    """For a query of entries: the last decision on each before a moment; None while there was none."""
    decided = Move.objects.filter(entry=OuterRef("pk"), at__lt=before).exclude(to_status="")
    return Subquery(decided.order_by("-id").values("to_status")[:1])


def _take_back(filings: dict[int, Filing], moves: list[Move], before: datetime) -> None:
    exempt: dict[int, bool] = {}
    for filing in filings.values():
        filing.status, filing.submissions, filing.returns = Status.DRAFT, 0, 0
        filing.first_submitted_at = _if_before(filing.first_submitted_at, before)
        filing.begun_at = _if_before(filing.begun_at, before)
    for move in moves:
        filing = filings[move.filing_id]
        if move.verb in ("exempt", "withdraw_exemption"):
            exempt[filing.pk] = move.verb == "exempt"
        if move.to_status:
            filing.status = Status(move.to_status)
        filing.submissions += move.verb == "sign"
        filing.returns += move.to_status == Status.RETURNED
    for filing in filings.values():
        filing.exemption_id = (filing.exemption_id or 0) if exempt.get(filing.pk) else None


def _if_before(at: datetime | None, before: datetime) -> datetime | None:
    return at if at and at < before else None


def _mended(entries: Iterable[Entry]) -> None:
    for entry in entries:
        if entry.decision in _MENDED:
            entry.decision, entry.decided_at = Decision.OPEN, None


def _write(entry: Entry, content: dict[str, Any]) -> None:
    """Put what was sent into the entry's fields; what is not in it is empty."""
    for name in entry.fields:
        column: Field[Any, Any] = Entry._meta.get_field(name)  # type: ignore[assignment]
        empty = None if column.null else ""
        setattr(entry, name, column.to_python(content[name]) if content.get(name) else empty)

"""The verbs of the department: submit, recall, sign, send back. One function moves a filing's status."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import AlreadyMoved, Incomplete, Refused
from filings.models import Entry, Filing, Move
from filings.rules import STEPS, VERB_LABELS
from filings.services.access import need_role, need_status, need_window
from filings.services.entries import keep_versions, problems_of
from filings.signals import announce
from filings.terms import Decision, ReturnCode
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local

#: A return as typed: its code and its note.
Note = tuple[str, str]


def move(
    filing: Filing, verb: str, *, by: User, at: datetime, note: str = "", code: str = "", **changes: object
) -> None:
    """Take a filing one step of the table, with a conditional update, a history row and an audit event.

    Also writes `changes` to the filing. Raises AlreadyMoved, naming who was faster, when its status is no longer
    the one the caller saw.
    """
    step = STEPS[verb]
    seen = filing.status
    moved = Filing.objects.filter(pk=filing.pk, status=seen).update(status=step.to, **changes)
    if not moved:
        raise AlreadyMoved(_who_moved(filing))
    Move.objects.create(
        filing=filing, verb=verb, from_status=seen, to_status=step.to, by=by, at=at, note=note, code=code
    )
    record(
        verb=f"filing.{verb}",
        subject=filing,
        by=by,
        at=at,
        before={"status": seen},
        after={"status": step.to},
        note=note,
    )
    filing.status = step.to
    for name, value in changes.items():
        setattr(filing, name, value)


def _who_moved(filing: Filing) -> str:
    last = filing.moves.filter(entry=None, verb__in=STEPS).select_related("by").last()
    if last is None:
        return f"{filing}的状态刚刚变动，请刷新页面后再办。"
    verb = VERB_LABELS[last.verb]
    return f"{last.by or '系统'}已于 {local(last.at):%m-%d %H:%M} 对{filing}办理“{verb}”，请刷新页面后再办。"


def _hold(filing: Filing) -> Filing:
    """The row as it is now, locked: nobody saves, exempts, decides or publishes it meanwhile."""
    return Filing.objects.select_for_update().get(pk=filing.pk)


@transaction.atomic
def submit(*, filing: Filing, checked_by: str = "", by: User, at: datetime) -> None:
    """Filer → approver. Refused outside the window, or with the list of what is missing.

    Returned and sent-back entries become open again; `checked_by` is the bureau's inner 审核, a name and a time.
    """
    need_role(filing, by, Role.FILER)
    _hold(filing)
    need_status(filing, "submit")
    need_window(filing, at)
    entries = Entry.objects.filter(filing=filing).exclude(decision=Decision.ACCEPTED).for_page()
    lacking = {pk: problems for pk, problems in problems_of(entries).items() if problems}
    if lacking:
        raise Incomplete(lacking)
    entries.filter(is_complete=False).update(
        is_complete=True
    )  # what they were compared with may have changed
    name = checked_by.strip()
    move(filing, "submit", by=by, at=at, filled_by=by, checked_by=name, checked_at=at if name else None)
    Entry.objects.filter(filing=filing, decision__in=[Decision.RETURNED, Decision.SENT_BACK]).update(
        decision=Decision.OPEN
    )


@transaction.atomic
def recall(*, filing: Filing, by: User, at: datetime) -> None:
    """The filer takes the filing back before it is signed, while there is time to mend it."""
    need_role(filing, by, Role.FILER)
    _hold(filing)
    need_status(filing, "recall")
    need_window(filing, at)
    move(filing, "recall", by=by, at=at)


@transaction.atomic
def sign(*, filing: Filing, by: User, at: datetime) -> None:
    """Approver → office. The first signing fixes timeliness for ever; every signing keeps versions of what changed."""
    need_role(filing, by, Role.APPROVER)
    need_status(filing, "sign")
    now = _hold(filing)  # the caller may have read it before an earlier signing
    need_window(filing, at)
    move(
        filing,
        "sign",
        by=by,
        at=at,
        signed_by=by,
        submitted_at=at,
        first_submitted_at=now.first_submitted_at or at,
        submissions=now.submissions + 1,
    )
    keep_versions(Entry.objects.filter(filing=filing).exclude(decision=Decision.ACCEPTED), by=by, at=at)
    announce(filing.period_id)


@transaction.atomic
def send_back(*, filing: Filing, notes: Mapping[int, Note], by: User, at: datetime) -> None:
    """Approver → filer, with the entries to mend: code and note by entry id. At least one, each with a note."""
    need_role(filing, by, Role.APPROVER)
    _hold(filing)
    need_status(filing, "send_back")
    need_window(filing, at)
    need_notes(notes)
    if (
        accepted := Entry.objects.filter(filing=filing, pk__in=notes, decision=Decision.ACCEPTED)
        .for_page()
        .first()
    ):
        raise Refused("status", f"{zh.quoted(accepted.title)}已被采纳，不能再退回修改。")
    move(filing, "send_back", by=by, at=at)
    mark_entries(filing, notes, Decision.SENT_BACK, "send_back_entry", by=by, at=at)


def need_notes(notes: Mapping[int, Note]) -> None:
    """Refuse a return without an entry, a known code or words."""
    if not notes:
        raise Refused("content", "请选择要退回的填报项，并写明退回原因和意见。")
    for code, note in notes.values():
        if code not in ReturnCode.values or not note.strip():
            raise Refused("content", "每个退回项都要选择原因代码并写明意见，填报人才知道改什么。")


def mark_entries(
    filing: Filing, notes: Mapping[int, Note], decision: Decision, verb: str, *, by: User, at: datetime
) -> None:
    """Write the same kind of return on several entries of one filing, each with its own code, note and history row."""
    entries = Entry.objects.filter(filing=filing, pk__in=notes)
    if entries.count() != len(notes):
        raise Refused("content", "所选填报项不属于这份报送，请刷新页面后重选。")
    for entry in entries:
        code, note = notes[entry.pk]
        Entry.objects.filter(pk=entry.pk).update(
            decision=decision, return_code=code, return_note=note.strip(), decided_by=by, decided_at=at
        )
        Move.objects.create(
            filing=filing,
            entry=entry,
            verb=verb,
            from_status=entry.decision,
            to_status=decision,
            by=by,
            at=at,
            code=code,
            note=note.strip(),
        )

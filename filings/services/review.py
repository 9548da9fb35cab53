"""The verbs of the office: decide an entry, complete a review, reopen, name a substitute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import AlreadyMoved, Refused
from filings.models import Entry, Filing, Move, Period, Substitute
from filings.rules import VERB_LABELS, outcome
from filings.services.access import hands_in, need_reviewer, need_status, reviewers, wrong_status
from filings.services.moves import Note, mark_entries, move, need_notes
from filings.signals import announce
from filings.terms import Decision, Status
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local


@transaction.atomic
def decide_entry(
    *,
    entry: Entry,
    decision: Decision,
    seen: Decision,
    code: str = "",
    note: str = "",
    by: User,
    at: datetime,
) -> None:
    """Accept one entry, which counts at once, or return it with a coded reason and a note.

    `seen` is the decision the reviewer had on screen; if it is another by now, AlreadyMoved says who decided.
    A decision may be changed until the review is completed.
    """
    filing = _in_review(entry.filing_id, by)
    if decision not in (Decision.ACCEPTED, Decision.RETURNED):
        raise Refused("content", "请选择采纳或退回。")
    if decision == Decision.RETURNED:
        need_notes({entry.pk: (code, note)})
    code, note = (code, note.strip()) if decision == Decision.RETURNED else ("", "")
    _write_decision(filing, entry, decision, seen=seen, code=code, note=note, by=by, at=at)
    announce(filing.period_id)


def _in_review(filing_id: int, by: User) -> Filing:
    """The filing, locked, when this person may decide it and it is in review; else Refused."""
    locked = Filing.objects.select_for_update(of=("self",)).select_related("period", "department")
    filing = locked.get(pk=filing_id)
    need_reviewer(filing, by)
    if filing.status != Status.SUBMITTED:
        raise wrong_status(filing, "不在审核中")
    return filing


def _write_decision(
    filing: Filing,
    entry: Entry,
    decision: Decision,
    *,
    seen: Decision,
    code: str = "",
    note: str = "",
    by: User,
    at: datetime,
) -> None:
    """Write one decision by a conditional update, with its history row and audit event, or raise AlreadyMoved."""
    decided = Entry.objects.filter(pk=entry.pk, decision=seen).update(
        decision=decision, return_code=code, return_note=note, decided_by=by, decided_at=at
    )
    if not decided:
        raise AlreadyMoved(_who_decided(entry))
    Move.objects.create(
        filing=filing,
        entry=entry,
        verb="accept_entry" if decision == Decision.ACCEPTED else "return_entry",
        from_status=seen,
        to_status=decision,
        by=by,
        at=at,
        code=code,
        note=note,
    )
    record(
        verb=f"entry.{decision}",
        subject=entry,
        by=by,
        at=at,
        before={"decision": seen},
        after={"decision": decision, "code": code},
        note=note,
    )


def _who_decided(entry: Entry) -> str:
    last = Move.objects.filter(entry=entry).select_related("by").last()
    if last is None:
        return f"{zh.quoted(entry.title)}刚刚有变动，请刷新页面后再办。"
    return f"{last.by}已于 {local(last.at):%m-%d %H:%M} 对{zh.quoted(entry.title)}办理“{VERB_LABELS[last.verb]}”，请刷新页面后再办。"


@transaction.atomic
def accept_rest(*, filing: Filing, by: User, at: datetime) -> int:
    """Accept every entry still undecided, all or none; returns how many. One refresh of the figures for all."""
    filing = _in_review(filing.pk, by)
    entries = list(Entry.objects.filter(filing=filing, decision=Decision.OPEN).for_page())
    for entry in entries:
        _write_decision(filing, entry, Decision.ACCEPTED, seen=Decision.OPEN, by=by, at=at)
    if entries:
        announce(filing.period_id)
    return len(entries)


def _lock(filing: Filing) -> None:
    """Let nobody else decide or move this filing until the end of the transaction; the status seen stays as it is."""
    Filing.objects.select_for_update().only("pk").get(pk=filing.pk)


@transaction.atomic
def complete_review(*, filing: Filing, by: User, at: datetime) -> Status:
    """Finish a review: all accepted → accepted, any returned → returned. Refused while entries are undecided."""
    need_reviewer(filing, by)
    need_status(filing, "accept")
    _lock(filing)
    decisions = [Decision(d) for d in Entry.objects.filter(filing=filing).values_list("decision", flat=True)]
    to = outcome(decisions)
    if to is None:
        left = decisions.count(Decision.OPEN)
        raise Refused("status", f"还有 {left} 项未审，逐项采纳或退回后才能完成审核。")
    if to == Status.ACCEPTED:
        move(filing, "accept", by=by, at=at)
    else:
        move(filing, "return", by=by, at=at, returns=filing.returns + 1)
    announce(filing.period_id)
    return to


@transaction.atomic
def reopen(*, filing: Filing, notes: Mapping[int, Note], by: User, at: datetime) -> None:
    """Return entries of an accepted filing, before its period closes; afterwards a change is a correction."""
    need_reviewer(filing, by)
    need_status(filing, "reopen")
    _lock(filing)
    if Period.objects.filter(pk=filing.period_id).exclude(closed_at=None).exists():  # perhaps just now
        raise Refused("window", f"{filing.period}已关账，不能再退回；请用“更正”，更正后发布新版本。")
    need_notes(notes)
    code, note = next(iter(notes.values()))
    move(filing, "reopen", by=by, at=at, note=note, code=code, returns=filing.returns + 1)
    mark_entries(filing, notes, Decision.RETURNED, "return_entry", by=by, at=at)
    announce(filing.period_id)


@transaction.atomic
def name_substitute(*, filing: Filing, user: User, reason: str, by: User, at: datetime) -> Substitute:
    """A leader names who decides a filing that no reviewer may decide; the reason is kept."""
    if not by.holds(Role.LEADER):
        raise Refused("permission", "代审人由领导指定。")
    if filing.status == Status.ACCEPTED:
        raise Refused("status", f"{filing}已全部采纳，无须指定代审。")
    if reviewers(filing):
        raise Refused("status", f"{filing}仍有可审核的人员，无须指定代审。")
    if not reason.strip():
        raise Refused("content", "请写明指定代审的理由。")
    if filing.department_id in user.own_department_ids:
        raise Refused("permission", f"{user}属于{filing.department}，不能代审本单位的报送。")
    if not user.is_active or user.pk in hands_in(filing):
        raise Refused("permission", f"{user}填报或签发过{filing}，或账号已停用，不能代审。请另选一人。")
    substitute, _ = Substitute.objects.update_or_create(
        filing=filing, defaults={"user": user, "named_by": by, "reason": reason.strip(), "at": at}
    )
    Move.objects.create(filing=filing, verb="substitute", by=by, at=at, note=f"{user}：{reason.strip()}")
    record(verb="filing.substitute", subject=substitute, by=by, at=at, note=reason.strip())
    return substitute

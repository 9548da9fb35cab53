"""The verbs of the office: decide entries, complete a review at one or two levels, reopen, name a substitute.

With the second level switched on (`ReviewRule`), accepting an entry whose light changed since last quarter
(`filings.lights`) only passes it: it does not count. Completing such a review passes the filing on; it stays
submitted. At the second level somebody who passed nothing of it confirms each passed entry, which counts from then
on, or returns it; what the first level returned stays returned. Only then the filing moves. So whatever counts with
a changed light was accepted by two people, each of whom might have reviewed it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import AlreadyMoved, Refused
from filings.models import Entry, Filing, Move, Period, Substitute
from filings.rules import VERB_LABELS, accepted_as, outcome
from filings.services import crosschecks
from filings.services.access import (
    excluded_each,
    need_reviewer,
    need_status,
    reviewers,
)
from filings.services.claims import UNCLAIMED, locked_for_review, need_unclaimed, take
from filings.services.lights import needing_second
from filings.services.moves import Note, mark_entries, move, need_notes
from filings.signals import announce
from filings.terms import Decision, Status
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local

#: Empty columns of a filing that no first reviewer has passed on.
_FIRST_LEVEL: dict[str, Any] = {"passed_on_by": None, "passed_on_at": None}
#: Verbs of the history that decide an entry.
DECIDING = ("accept_entry", "pass_entry", "confirm_entry", "return_entry")


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
    """Accept one entry, which counts at once unless it needs a second reviewer, or return it with code and note.

    `seen` is the decision the reviewer had on screen; if it is another by now, AlreadyMoved says who decided; also
    when somebody else has claimed the filing. A decision may be changed until the review is completed.
    """
    filing = _claimed(entry.filing_id, by, at)
    _need_choice(decision)
    if decision == Decision.RETURNED:
        need_notes({entry.pk: (code, note)})
    code, note = (code, note.strip()) if decision == Decision.RETURNED else ("", "")
    entry = Entry.objects.for_page().get(pk=entry.pk)
    stored = decision if decision == Decision.RETURNED else _accepted(filing, [entry])[entry.pk]
    write_decision(filing, entry, stored, seen=seen, code=code, note=note, by=by, at=at)
    announce(filing.period_id)


def _need_choice(decision: Decision) -> None:
    if decision not in (Decision.ACCEPTED, Decision.RETURNED):
        raise Refused("content", "请选择采纳或退回。")


def _claimed(filing_id: int, by: User, at: datetime) -> Filing:
    """The filing, locked and claimed by this person, who may decide it now; else Refused."""
    filing = locked_for_review(filing_id, by)
    need_unclaimed(filing, by)
    take(filing, by, at)
    return filing


def _accepted(filing: Filing, entries: Collection[Entry]) -> dict[int, Decision]:
    """What accepting these entries of a locked filing makes of each, by id.

    Refused at the second level for an entry that the first one returned.
    """
    is_second = filing.passed_on_by_id is not None
    if is_second:
        for entry in entries:
            if entry.decision == Decision.RETURNED:
                _need_not_returned_before(filing, entry)
    needed = set() if is_second else needing_second(entries)
    return {e.pk: accepted_as(is_second_level=is_second, needs_second=e.pk in needed) for e in entries}


def _need_not_returned_before(filing: Filing, entry: Entry) -> None:
    passed_on = Move.objects.filter(filing=filing, verb="pass_on").last()
    decided = Move.objects.filter(entry=entry, verb__in=DECIDING)
    first = decided.filter(pk__lt=passed_on.pk).last() if passed_on else None
    if first is not None and first.verb == "return_entry":
        raise Refused("status", f"{zh.quoted(entry.title)}由{first.by}初审退回，复审不改为采纳，改正后再审。")


def write_decision(
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
    """Write one decision by a conditional update, with its history row and audit event, or raise AlreadyMoved.

    Accepting an explained reading settles what the cross-checks warned of.
    """
    decided = Entry.objects.filter(pk=entry.pk, decision=seen).update(
        decision=decision, return_code=code, return_note=note, decided_by=by, decided_at=at
    )
    if not decided:
        raise AlreadyMoved(_who_decided(entry))
    is_second = filing.passed_on_by_id is not None
    Move.objects.create(
        filing=filing,
        entry=entry,
        verb=_verb(decision, is_second=is_second),
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
    if decision == Decision.ACCEPTED:
        crosschecks.settle(entry=entry, by=by, at=at)


def _verb(decision: Decision, *, is_second: bool) -> str:
    if decision == Decision.ACCEPTED:
        return "confirm_entry" if is_second else "accept_entry"
    return {Decision.PASSED: "pass_entry", Decision.RETURNED: "return_entry"}[decision]


def _who_decided(entry: Entry) -> str:
    last = Move.objects.filter(entry=entry).select_related("by").last()
    if last is None:
        return f"{zh.quoted(entry.title)}刚刚有变动，请刷新页面后再办。"
    return f"{last.by}已于 {local(last.at):%m-%d %H:%M} 对{zh.quoted(entry.title)}办理“{VERB_LABELS[last.verb]}”，请刷新页面后再办。"


def waiting_decision(filing: Filing) -> Decision:
    """What an entry is that still waits at the level of this filing: undecided, or passed by a first reviewer."""
    return Decision.PASSED if filing.passed_on_by_id is not None else Decision.OPEN


@transaction.atomic
def accept_rest(*, filing: Filing, by: User, at: datetime) -> int:
    """Accept every entry that still waits at this level, all or none; returns how many. One refresh of the figures."""
    filing = _claimed(filing.pk, by, at)
    seen = waiting_decision(filing)
    entries = list(Entry.objects.filter(filing=filing, decision=seen).for_page())
    stored = _accepted(filing, entries)
    for entry in entries:
        write_decision(filing, entry, stored[entry.pk], seen=seen, by=by, at=at)
    if entries:
        announce(filing.period_id)
    return len(entries)


@dataclass
class Outcome:
    """What became of several entries: those decided, and those refused with the sentence why."""

    done: list[Entry] = field(default_factory=list)
    refused: list[tuple[Entry, str]] = field(default_factory=list)


@transaction.atomic
def decide_many(
    *,
    filing: Filing,
    entries: Collection[int],
    decision: Decision,
    code: str = "",
    note: str = "",
    by: User,
    at: datetime,
) -> Outcome:
    """Accept, or return with one code and note, several waiting entries of one filing; each has its own history row.

    An entry that no longer waits is passed over and named in the outcome; the others are decided. Refused as a whole
    when the person may not decide now, for a return without code and note, and for ids of another filing.
    """
    filing = _claimed(filing.pk, by, at)
    _need_choice(decision)
    if not entries:
        raise Refused("content", "请勾选填报项。")
    if decision == Decision.RETURNED:
        need_notes(dict.fromkeys(entries, (code, note)))
    code, note = (code, note.strip()) if decision == Decision.RETURNED else ("", "")
    found = list(Entry.objects.filter(filing=filing, pk__in=entries).for_page().select_related("decided_by"))
    if len(found) != len(set(entries)):
        raise Refused("content", "所选填报项不属于这份报送，请刷新页面后重选。")
    seen, result = waiting_decision(filing), Outcome()
    waiting = [entry for entry in found if entry.decision == seen]
    stored = _accepted(filing, waiting) if decision == Decision.ACCEPTED else {}
    for entry in found:
        if entry.decision != seen:
            result.refused.append((entry, no_longer(entry)))
            continue
        kept = stored.get(entry.pk, decision)
        write_decision(filing, entry, kept, seen=seen, code=code, note=note, by=by, at=at)
        result.done.append(entry)
    if result.done:
        announce(filing.period_id)
    return result


def no_longer(entry: Entry) -> str:
    """Why an entry does not wait any more: who decided it, and how."""
    who = f"{entry.decided_by}已办理，" if entry.decided_by else ""
    return f"{who}目前为“{Decision(entry.decision).label}”"


def _locked(filing: Filing) -> Filing:
    """The row as it is now; nobody else decides or moves it until the end of the transaction."""
    return Filing.objects.select_for_update().get(pk=filing.pk)


@transaction.atomic
def complete_review(*, filing: Filing, by: User, at: datetime) -> Status:
    """Finish a review at its level; the new status is returned, submitted when a second reviewer comes next.

    Entries passed by a first reviewer: passed on. Else all accepted → accepted, any returned → returned. Refused
    while entries are undecided or wait for the second reviewer; AlreadyMoved when another reviewer has claimed it.
    """
    need_reviewer(filing, by)
    need_status(filing, "accept")
    now = _locked(filing)
    if now.status == Status.SUBMITTED:
        need_reviewer(now, by)  # the level may have changed since the page was read
        need_unclaimed(now, by)
    decisions = [Decision(d) for d in Entry.objects.filter(filing=filing).values_list("decision", flat=True)]
    if left := decisions.count(Decision.OPEN):
        raise Refused("status", f"还有 {left} 项未审，逐项采纳或退回后才能完成审核。")
    passed = decisions.count(Decision.PASSED)
    if passed and now.passed_on_by_id is not None:
        raise Refused("status", f"还有 {passed} 项待复审，逐项采纳或退回后才能完成审核。")
    if passed:
        move(filing, "pass_on", by=by, at=at, passed_on_by=by, passed_on_at=at, **UNCLAIMED)
        return Status.SUBMITTED
    to = outcome(decisions)
    if to == Status.ACCEPTED:
        move(filing, "accept", by=by, at=at, **UNCLAIMED, **_FIRST_LEVEL)
    else:
        move(filing, "return", by=by, at=at, returns=now.returns + 1, **UNCLAIMED, **_FIRST_LEVEL)
    announce(filing.period_id)
    return to or Status.RETURNED


@transaction.atomic
def reopen(*, filing: Filing, notes: Mapping[int, Note], by: User, at: datetime) -> None:
    """Return entries of an accepted filing, before its period closes; afterwards a change is a correction."""
    need_reviewer(filing, by)
    need_status(filing, "reopen")
    now = _locked(filing)
    if Period.objects.filter(pk=filing.period_id).exclude(closed_at=None).exists():  # perhaps just now
        raise Refused("window", f"{filing.period}已关账，不能再退回；请用“更正”，更正后发布新版本。")
    need_notes(notes)
    code, note = next(iter(notes.values()))
    returns = now.returns + 1
    move(filing, "reopen", by=by, at=at, note=note, code=code, returns=returns, **UNCLAIMED, **_FIRST_LEVEL)
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
    if not user.is_active or user.pk in excluded_each([filing])[filing.pk]:
        raise Refused("permission", f"{user}填报、签发或初审过{filing}，或账号已停用，不能代审。请另选一人。")
    substitute, _ = Substitute.objects.update_or_create(
        filing=filing, defaults={"user": user, "named_by": by, "reason": reason.strip(), "at": at}
    )
    Move.objects.create(filing=filing, verb="substitute", by=by, at=at, note=f"{user}：{reason.strip()}")
    record(verb="filing.substitute", subject=substitute, by=by, at=at, note=reason.strip())
    return substitute

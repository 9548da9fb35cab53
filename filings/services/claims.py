"""Claiming a filing for review, so that two reviewers do not do one twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.services import record
from filings.errors import AlreadyMoved, Refused
from filings.models import Filing, Move
from filings.rules import may_take_over
from filings.services.access import can_review, need_reviewer, wrong_status
from filings.terms import Status
from harbor_plan.lib.moments import local

#: Empty columns of a filing that nobody reviews now.
UNCLAIMED: dict[str, Any] = {"claimed_by": None, "claimed_at": None}


def locked_for_review(filing_id: int, by: User) -> Filing:
    """The filing, locked, when this person may decide it at its level and it is in review; else Refused.

    The holder is read after the lock: a join of the locking query may pair the new row with the old holder.
    """
    locked = Filing.objects.select_for_update(of=("self",)).select_related("period__plan", "department")
    filing = locked.get(pk=filing_id)
    need_reviewer(filing, by)
    if filing.status != Status.SUBMITTED:
        raise wrong_status(filing, "不在审核中")
    return filing


def need_unclaimed(filing: Filing, by: User) -> None:
    """Refuse when somebody else reviews this filing now, naming who and what to do."""
    if filing.claimed_by_id in (None, by.pk):
        return
    raise AlreadyMoved(
        f"{_holder(filing)}正在审核{filing}，为免重复审核，请另选一份；确需由您审核的，请先“接手审核”。"
    )


def _holder(filing: Filing) -> str:
    at = f"（{local(filing.claimed_at):%m-%d %H:%M} 认领或办理）" if filing.claimed_at else ""
    return f"{filing.claimed_by}{at}"


def take(filing: Filing, by: User, at: datetime) -> None:
    """Note that this person works on a locked filing now; deciding claims without asking."""
    Filing.objects.filter(pk=filing.pk).update(claimed_by=by, claimed_at=at)
    filing.claimed_by, filing.claimed_at = by, at


@transaction.atomic
def claim(*, filing: Filing, by: User, at: datetime) -> None:
    """Take a waiting filing for review. Raises AlreadyMoved, naming who, when another has it; again is no error."""
    filing = locked_for_review(filing.pk, by)
    need_unclaimed(filing, by)
    if filing.claimed_by_id == by.pk:
        return
    take(filing, by, at)
    _record(filing, "claim", by=by, at=at, before="", after=str(by))


@transaction.atomic
def release(*, filing: Filing, by: User, at: datetime) -> None:
    """Give a claimed filing back to the queue. Only whoever holds it."""
    filing = locked_for_review(filing.pk, by)
    if filing.claimed_by_id != by.pk:
        holder = f"由{_holder(filing)}认领" if filing.claimed_by_id else "没有人认领"
        raise Refused("status", f"{filing}{holder}，不由您放回。")
    Filing.objects.filter(pk=filing.pk).update(**UNCLAIMED)
    _record(filing, "release", by=by, at=at, before=str(by), after="")


@transaction.atomic
def take_over(*, filing: Filing, reason: str, seen: int | None, by: User, at: datetime) -> None:
    """Take a filing over from another reviewer: with a reason, or after it stood idle (`rules.may_take_over`).

    `seen` is the id of the holder on screen; if it is another by now, AlreadyMoved says who. A filing that was given
    back meanwhile is simply claimed.
    """
    filing = locked_for_review(filing.pk, by)
    holder, reason = filing.claimed_by, reason.strip()
    if holder is None or holder == by:
        if holder is None:
            take(filing, by, at)
            _record(filing, "claim", by=by, at=at, before="", after=str(by))
        return
    if seen != holder.pk:
        need_unclaimed(filing, by)
    if not may_be_taken_over(filing, at) and not reason:
        raise Refused("content", f"{_holder(filing)}正在审核，请写明接手的理由。")
    take(filing, by, at)
    _record(filing, "take_over", by=by, at=at, before=str(holder), after=str(by), note=reason)


def may_be_taken_over(filing: Filing, at: datetime) -> bool:
    """Whether a claimed filing may be taken over without a reason."""
    holder = filing.claimed_by
    if holder is None or filing.claimed_at is None:
        return True
    return may_take_over(
        idle_for=at - filing.claimed_at,
        holder_may_review=holder.is_active and can_review(filing, holder),
        has_reason=False,
    )


def _record(
    filing: Filing, verb: str, *, by: User, at: datetime, before: str, after: str, note: str = ""
) -> None:
    said = note or (f"原由{before}审核" if verb == "take_over" else "")
    Move.objects.create(
        filing=filing, verb=verb, from_status=filing.status, to_status=filing.status, by=by, at=at, note=said
    )
    record(
        verb=f"filing.{verb}",
        subject=filing,
        by=by,
        at=at,
        before={"claimed_by": before},
        after={"claimed_by": after},
        note=note,
    )

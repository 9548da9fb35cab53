"""The thread on an entry: what the office asks and the department answers. Appended, never changed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import Refused
from filings.models import Entry, Filing, Remark, Substitute
from filings.rules import Side, speaks_for, takes_remarks
from filings.services.access import hands_in, reviewers
from filings.terms import Decision, Status
from harbor_plan.lib import zh

#: Characters of one remark.
LONGEST = 1000


def side_of(filing: Filing, person: User) -> Side | None:
    """For which side this person may write about the entries of a filing; None when they may only read."""
    return speaks_for(
        department=filing.department_id,
        departments_to_file=person.departments_as(Role.FILER, Role.APPROVER),
        own_departments=person.own_department_ids,
        hands_in_it=hands_in(filing),
        person=person.pk,
        is_office=person.holds(Role.OFFICE),
        is_leader=person.holds(Role.LEADER),
        is_substitute=Substitute.objects.filter(filing=filing, user=person).exists(),
        reviewers_left=len(reviewers(filing)),
    )


def need_side(filing: Filing, by: User) -> Side:
    """The side this person speaks for, or Refused."""
    side = side_of(filing, by)
    if side is None:
        raise Refused(
            "permission", f"{zh.quoted(str(filing))}的往来意见由{filing.department}和审核人填写，您可以查看。"
        )
    return side


@transaction.atomic
def say(*, entry: Entry, text: str, by: User, at: datetime) -> Remark:
    """Add one message to the thread on an entry.

    Refused when this person speaks for neither side, when the entry is neither with the office nor returned by it, or
    is accepted, and when the text is empty or longer than LONGEST.
    """
    locked = Filing.objects.select_for_update(of=("self",)).select_related("period__plan", "department")
    filing = locked.get(pk=entry.filing_id)
    side = need_side(filing, by)
    entry = Entry.objects.for_page().get(pk=entry.pk)
    if not takes_remarks(Status(filing.status), Decision(entry.decision)):
        raise Refused("status", closed_sentence(filing, entry))
    text = text.strip()
    if not text:
        raise Refused("content", "请写明意见。")
    if len(text) > LONGEST:
        raise Refused("content", f"最多 {LONGEST} 字，现有 {len(text)} 字，请压缩。")
    remark = Remark.objects.create(entry=entry, text=text, is_office=side == Side.OFFICE, by=by, at=at)
    record(verb="entry.remark", subject=entry, by=by, at=at, after={"side": side}, note=text)
    return remark


def closed_sentence(filing: Filing, entry: Entry) -> str:
    """Why nothing can be added to a thread now."""
    if entry.decision == Decision.ACCEPTED:
        return f"{zh.quoted(entry.title)}已采纳，往来意见到此为止。"
    return f"{filing}目前为“{Status(filing.status).label}”，报送待审或被退回期间才能填写往来意见。"

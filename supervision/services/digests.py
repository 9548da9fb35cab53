"""Who is told what: notices gathered into one digest per person and per group robot.

A notice is in the system at once. A digest carries it outside: by schedule, one a day and with days between two
reminders of deadlines (`supervision.rules.may_tell`), or at once when somebody of the office sends it by a click.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q

from accounts.models import Membership, User
from accounts.roles import Role
from departments.models import Lineage
from filings.calendar import Reminder
from filings.models import Filing, Substitute
from filings.services.access import hands_in_each, reviewers_each
from harbor_plan.lib.moments import local_day
from supervision import messages
from supervision.models import Channel, Digest, DigestLine, Notice
from supervision.rules import Untold, may_tell
from supervision.services.deliveries import queue, send_soon
from supervision.terms import NoticeKind

#: Whom a digest is for: a person or a robot.
Recipient = User | Channel
Pairs = dict[Recipient, list[Notice]]


def recipient_key(recipient: Recipient) -> str:
    """A name of the recipient that no other has."""
    return f"{recipient._meta.model_name}:{recipient.pk}"


# Who


def recipients_of(notices: Sequence[Notice]) -> Pairs:
    """Everybody whom any of these notices concerns, with theirs, in the order given. A fixed number of queries."""
    found: Pairs = defaultdict(list)
    people = _people(notices)
    for notice in notices:
        for person in people(notice):
            found[person].append(notice)
    for channel in Channel.objects.filter(is_active=True).prefetch_related("departments").order_by("pk"):
        departments = {department.pk for department in channel.departments.all()}
        mine = [n for n in notices if not departments or n.department_id in departments]
        if mine:
            found[channel] = mine
    return dict(found)


class _people:
    """Answers who is meant by a notice; everything it needs to know is read once."""

    def __init__(self, notices: Sequence[Notice]) -> None:
        members = Membership.objects.filter(user__is_active=True, role__in=[Role.FILER, Role.APPROVER])
        concerned = {n.department_id for n in notices}
        successors = Lineage.objects.filter(earlier__in=concerned).values("later")
        members = members.filter(Q(department__in=concerned) | Q(department__in=successors)).select_related(
            "user"
        )
        self.members: dict[tuple[int | None, str], list[User]] = defaultdict(list)
        places = members.order_by("user_id").annotate(earlier=F("department__earlier_rows__earlier"))
        for member in places:
            for unit in (member.department_id, member.earlier):
                if unit in concerned and member.user not in self.members[unit, member.role]:
                    self.members[unit, member.role].append(member.user)
        returned = [n.filing for n in notices if n.kind == NoticeKind.RETURNED and n.filing]
        self.authors = hands_in_each(returned)
        self.reviewers = _reviewers([n.filing for n in notices if n.audience == Role.OFFICE and n.filing])

    def __call__(self, notice: Notice) -> Collection[User]:
        filers = self.members[notice.department_id, Role.FILER]
        if notice.audience == Role.OFFICE:
            return self.reviewers.get(notice.filing_id or 0, [])
        if notice.kind == NoticeKind.RETURNED:
            authors = self.authors.get(notice.filing_id or 0, set())
            return [person for person in filers if person.pk in authors] or filers
        approvers = self.members[notice.department_id, Role.APPROVER]
        if notice.audience == Role.APPROVER:
            return approvers
        return {person.pk: person for person in [*filers, *approvers]}.values()


def _reviewers(filings: Sequence[Filing]) -> dict[int, list[User]]:
    """Who may decide each filing: reviewers of the office, else the substitute a leader named, else the leaders."""
    if not filings:
        return {}
    able = reviewers_each(filings)
    named = dict(Substitute.objects.filter(filing__in=filings).values_list("filing_id", "user_id"))
    leaders = set(
        Membership.objects.filter(role=Role.LEADER, user__is_active=True).values_list("user_id", flat=True)
    )
    ids = {f.pk: able[f.pk] or ({named[f.pk]} if f.pk in named else leaders) for f in filings}
    users = User.objects.filter(is_active=True).in_bulk(set().union(*ids.values()))
    return {pk: [users[p] for p in sorted(people) if p in users] for pk, people in ids.items()}


# What and when


def tell_by_schedule(notices: Sequence[Notice], *, at: datetime) -> list[Digest]:
    """Digests of those of these notices (all that hold now) that their recipients have not been told, if it is time.

    The caller holds the lock that keeps a second run out; the database holds one digest a day besides.
    """
    today = local_day(at)
    pairs = recipients_of(notices)
    told = set(DigestLine.objects.filter(notice__in=notices).values_list("recipient", "notice_id"))
    last = _last_days(pairs)
    digests = []
    for recipient, theirs in pairs.items():
        key = recipient_key(recipient)
        untold = [notice for notice in theirs if (key, notice.pk) not in told]
        last_on, deadline_on = last.get(key, (None, None))
        if may_tell(map(_as_untold, untold), last_on, deadline_on, today):
            digests.append(_write(recipient, untold, at=at, is_immediate=False))
    return digests


def _as_untold(notice: Notice) -> Untold:
    point = Reminder(notice.point) if notice.point else None
    return Untold(notice.on or local_day(notice.at), point)


def _last_days(recipients: Iterable[Recipient]) -> dict[str, tuple[date, date | None]]:
    """The days of each recipient's last scheduled digest, and of the last one that told of a deadline."""
    users = [r for r in recipients if isinstance(r, User)]
    deadlines = DigestLine.objects.filter(digest=OuterRef("pk")).exclude(notice__point="")
    rows = (
        Digest.objects.scheduled()
        .filter(Q(user__in=users) | Q(channel__isnull=False))
        .annotate(tells_deadline=Exists(deadlines))
        .order_by()
        .values_list("user_id", "channel_id")
        .annotate(last=Max("on"), deadline=Max("on", filter=Q(tells_deadline=True)))
    )
    return {
        f"user:{user}" if user else f"channel:{channel}": (last, deadline)
        for user, channel, last, deadline in rows
    }


@transaction.atomic
def tell_now(notices: Sequence[Notice], *, at: datetime) -> list[Digest]:
    """Tell everybody whom these new notices concern at once, whatever they were told before. Sent after commit."""
    digests = [
        _write(recipient, theirs, at=at, is_immediate=True)
        for recipient, theirs in recipients_of(notices).items()
    ]
    send_soon(digests)
    return digests


def _write(recipient: Recipient, notices: Sequence[Notice], *, at: datetime, is_immediate: bool) -> Digest:
    """One digest with its lines, and its delivery where there is a way to deliver it."""
    message = messages.compose(notices)
    digest = Digest.objects.create(
        user=recipient if isinstance(recipient, User) else None,
        channel=recipient if isinstance(recipient, Channel) else None,
        on=local_day(at),
        at=at,
        is_immediate=is_immediate,
        subject=message.subject,
        text=message.text,
    )
    key = recipient_key(recipient)
    DigestLine.objects.bulk_create(DigestLine(digest=digest, notice=n, recipient=key) for n in notices)
    queue(digest, at=at)
    return digest

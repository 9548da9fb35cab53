"""What the schedule has to say now: deadlines, returns, missing signatures and reviews (domain rules, 时限).

What waits for a countersignature, an answer, or by an order's date is found in `supervision.services.pending`.

Every run finds the same facts again; each is noted once, because its key is the same whenever it is found. What is
exempt, closed, or no longer so is not told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q

from accounts.roles import Role
from filings.calendar import effective_due
from filings.models import Entry, Filing, Move, Period
from filings.services.access import latest_extensions
from filings.terms import Decision, Status
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local, local_day
from supervision.models import Digest, Notice, SupervisionOrder
from supervision.rules import DAY_BEGINS, RETURNED_AFTER, UNREVIEWED_AFTER, UNSIGNED_AFTER, point_reached
from supervision.services.digests import tell_by_schedule
from supervision.services.pending import (
    answers,
    countersigning,
    days_left,
    filing_notice,
    order_dates,
)
from supervision.terms import NoticeKind

#: The steps after which a filing waits for somebody, by the status it waits in.
_WAITS_SINCE = {
    Status.RETURNED: ("return", "reopen"),
    Status.AWAITING_SIGNOFF: ("submit",),
    Status.SUBMITTED: ("sign", "pass_on"),
}


@transaction.atomic
def tell(*, at: datetime) -> list[Digest]:
    """Note what the schedule says now and, from the morning on, tell it. Idempotent; two runs at once queue up.

    The rows of the open periods, and of those open orders rest on, are locked in their order: a reminder by a click
    waits as well.
    """
    is_open = Q(closed_at=None, opened_at__isnull=False)
    has_orders = Q(pk__in=SupervisionOrder.objects.still_open().values("period"))
    locked = Period.objects.select_for_update(of=("self",)).filter(is_open | has_orders)
    rows = list(locked.select_related("plan__office").order_by("pk"))
    periods = [period for period in rows if period.opened_at and not period.closed_at]
    notices = _noted(facts(periods, at=at))
    if local(at).time() < DAY_BEGINS:
        return []
    return tell_by_schedule(notices, at=at)


def _noted(found: Sequence[Notice]) -> list[Notice]:
    """These facts as they were noted first, writing those that are new."""
    keys = [notice.key for notice in found]
    known = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
    Notice.objects.bulk_create(notice for notice in found if notice.key not in known)
    rows = Notice.objects.filter(key__in=keys).select_related(
        "department", "period__plan", "filing__period", "filing__department"
    )
    return list(rows.order_by("period_id", "department__order", "id"))


def facts(periods: Sequence[Period], *, at: datetime) -> list[Notice]:
    """Everything that is so now, as unsaved notices. The periods come with their plans."""
    by_id = {period.pk: period for period in periods}
    filings = list(Filing.objects.owing().filter(period__in=by_id).select_related("department"))
    for filing in filings:
        filing.period = by_id[filing.period_id]
    return [
        *_deadlines(periods, filings, at),
        *_waiting(filings, at),
        *countersigning(periods, filings, at),
        *answers(filings, at),
        *order_dates(at),
    ]


def _deadlines(periods: Sequence[Period], filings: Iterable[Filing], at: datetime) -> list[Notice]:
    """The last point of the schedule that every filing without a first submission has reached."""
    timed = {p.pk for p in periods if not p.is_late_entry and p.last_day >= p.plan.issued_on}
    silent = [f for f in filings if f.first_submitted_at is None and f.period_id in timed]
    extensions = latest_extensions(periods)
    left = Counter(
        Entry.objects.filter(filing__in=silent)
        .exclude(decision=Decision.ACCEPTED)
        .values_list("filing_id", flat=True)
    )
    found = []
    for filing in silent:
        extension = extensions.get((filing.period_id, filing.department_id))
        due = effective_due(filing.period.due_at, extension.until if extension else None)
        due_on = local_day(due)
        point = point_reached(due_on, local_day(at))
        if point is not None:
            notice = filing_notice(
                filing, NoticeKind.DUE, f"due:{filing.pk}:{point}:{due_on:%Y%m%d}", at, point=point
            )
            notice.text = _deadline_text(filing, left[filing.pk], due, at)
            found.append(notice)
    return found


def _deadline_text(filing: Filing, count: int, due: datetime, at: datetime) -> str:
    today = local_day(at)
    left = "今天截止，现已逾期" if at > due and local_day(due) == today else days_left(local_day(due), today)
    awaits = filing.status == Status.AWAITING_SIGNOFF
    what = f"{count} 项已填齐，尚未签发" if awaits else f"尚有 {count} 项未报"
    do = "请签发" if awaits else "请填报并签发"
    if at > filing.period.closes_at and at > due:
        do = f"填报期已关闭，请联系{filing.period.plan.office}登记延期"
    return f"{filing.period}报送截止时间 {zh.moment(local(due))}，{left}；{what}，{do}。"


def _waiting(filings: Iterable[Filing], at: datetime) -> list[Notice]:
    """Filings that have waited too long: returned ones, unsigned ones, unreviewed ones."""
    waiting = {f.pk: f for f in filings if f.status in _WAITS_SINCE}
    verbs = {verb for names in _WAITS_SINCE.values() for verb in names}
    newest = (
        Move.objects.filter(filing__in=waiting, entry=None, verb__in=verbs)
        .order_by()
        .values("filing_id")
        .annotate(newest=Max("pk"))
    )
    moves = Move.objects.filter(pk__in=[row["newest"] for row in newest])
    found = []
    for move in moves:
        filing = waiting[move.filing_id]
        if move.verb not in _WAITS_SINCE[Status(filing.status)]:
            continue
        if filing.status == Status.RETURNED and at - move.at >= RETURNED_AFTER:
            found.append(_returned(filing, move, at))
        elif filing.status == Status.AWAITING_SIGNOFF and at - move.at >= UNSIGNED_AFTER:
            found.append(_unsigned(filing, move, at))
        elif filing.status == Status.SUBMITTED and at - move.at >= UNREVIEWED_AFTER:
            found.append(_unreviewed(filing, move, at))
    return found


def _returned(filing: Filing, move: Move, at: datetime) -> Notice:
    notice = filing_notice(filing, NoticeKind.RETURNED, f"returned:{move.pk}", at, audience=Role.FILER)
    notice.text = (
        f"{filing.period}报送已于 {zh.moment(local(move.at))} 被退回，尚未重新报送，请按退回意见改正。"
    )
    return notice


def _unsigned(filing: Filing, move: Move, at: datetime) -> Notice:
    notice = filing_notice(filing, NoticeKind.UNSIGNED, f"unsigned:{move.pk}", at, audience=Role.APPROVER)
    notice.text = f"{filing.period}报送已于 {zh.moment(local(move.at))} 提交签发，请审阅后签发或退回填报人。"
    return notice


def _unreviewed(filing: Filing, move: Move, at: datetime) -> Notice:
    key = f"unreviewed:{move.pk}"
    notice = filing_notice(filing, NoticeKind.UNREVIEWED, key, at, audience=Role.OFFICE)
    notice.department = filing.period.plan.office
    hours = int(UNREVIEWED_AFTER.total_seconds() // 3600)
    when = zh.moment(local(move.at))
    if move.verb == "pass_on":
        notice.text = f"{filing}已于 {when} 完成初审，超过 {hours} 小时未复审，请复审。"
    else:
        notice.text = f"{filing}已于 {when} 报来，超过 {hours} 小时未审，请审核。"
    return notice

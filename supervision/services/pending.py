"""What else waits with a date or for an answer: countersignatures, threads, and what an order demands. Unsaved notices."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from django.db.models import Max

from accounts.roles import Role
from filings.models import Filing, Period, Remark
from filings.queries.joint import waiting_for
from filings.queries.threads import waiting_answers
from filings.rules import Side
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local, local_day
from supervision.models import Notice, SupervisionOrder
from supervision.rules import RETURNED_AFTER, UNREVIEWED_AFTER, point_reached
from supervision.terms import NoticeKind, OrderStatus


def filing_notice(
    filing: Filing, kind: NoticeKind, key: str, at: datetime, *, audience: str = "", point: str = ""
) -> Notice:
    """An unsaved notice about a filing, to its department; its text is the caller's."""
    return Notice(
        department=filing.department,
        period=filing.period,
        filing=filing,
        kind=kind,
        audience=audience,
        key=key,
        point=point,
        on=local_day(at) if point else None,
        by=None,
        at=at,
    )


def days_left(until: date, today: date) -> str:
    """How far a day is away, in words; the day itself is 今天截止."""
    days = (until - today).days
    if days < 0:
        return f"已逾期 {-days} 天"
    return ("今天截止", "明天截止")[days] if days < 2 else f"还有 {days} 天"


def countersigning(periods: Iterable[Period], filings: Iterable[Filing], at: datetime) -> list[Notice]:
    """Departments whose word a lead waits for, by the days before the last one. Missing ones are not told afterwards."""
    found = []
    for period in periods:
        until = period.countersign_by
        if until is None or at > until or not (point := point_reached(local_day(until), local_day(at))):
            continue
        owing = {f.pk: f for f in filings if f.period_id == period.pk}
        rows = waiting_for({f.department_id for f in owing.values()}, at).filter(filing__in=owing).order_by()
        asked = Counter(pk for pk, _ in rows.values_list("filing_id", "responsibility__task").distinct())
        for pk, count in asked.items():
            key = f"countersign:{pk}:{point}:{local_day(until):%Y%m%d}"
            notice = filing_notice(owing[pk], NoticeKind.COUNTERSIGN, key, at, point=point)
            notice.text = (
                f"{period}有 {count} 项牵头单位的报送等待会签，会签截止时间 "
                f"{zh.moment(local(until))}，{days_left(local_day(until), local_day(at))}，请会签。"
            )
            found.append(notice)
    return found


def answers(filings: Sequence[Filing], at: datetime) -> list[Notice]:
    """Threads that wait too long: for the department as long as after a return, for the office as after a sending."""
    return [
        *_answers(filings, Side.DEPARTMENT, RETURNED_AFTER, at),
        *_answers(filings, Side.OFFICE, UNREVIEWED_AFTER, at),
    ]


def _answers(filings: Sequence[Filing], side: Side, after: timedelta, at: datetime) -> list[Notice]:
    waiting = waiting_answers(filings, side)
    last = Remark.objects.filter(entry__in=waiting, at__lte=at).order_by().values("entry_id")
    ripe: dict[int, list[int]] = defaultdict(list)
    for row in last.annotate(newest=Max("pk"), said_at=Max("at")):
        if at - row["said_at"] >= after:
            ripe[waiting[row["entry_id"]]].append(row["newest"])
    found = []
    for filing in filings:
        if not (newest := ripe.get(filing.pk)):
            continue
        hours = int(after.total_seconds() // 3600)
        audience = Role.OFFICE if side == Side.OFFICE else ""
        key = f"answer:{side.name.lower()}:{max(newest)}"
        notice = filing_notice(filing, NoticeKind.ANSWER, key, at, audience=audience)
        if side == Side.OFFICE:
            notice.department = filing.period.plan.office
            notice.text = f"{filing}有 {len(newest)} 项的往来意见超过 {hours} 小时未答复，请答复。"
        else:
            notice.text = f"{filing.period}报送有 {len(newest)} 项的审核询问超过 {hours} 小时未答复，请答复。"
        found.append(notice)
    return found


def order_dates(at: datetime) -> list[Notice]:
    """Open orders without a feedback whose time for putting things right ends soon, today, or has passed."""
    today = local_day(at)
    orders = SupervisionOrder.objects.filter(status__in=(OrderStatus.ISSUED, OrderStatus.WORKING)).for_page()
    found = []
    for order in orders:
        point = point_reached(order.rectify_by, today)
        if point is None:
            continue
        awaited = "签收并反馈" if order.status == OrderStatus.ISSUED else "反馈"
        text = (
            f"{order}（任务 {order.task}）整改期限 {zh.day(order.rectify_by)}，"
            f"{days_left(order.rectify_by, today)}；尚未{awaited}，请尽快办理。"
        )
        found.append(
            Notice(
                department=order.department,
                period=order.period,
                order=order,
                kind=NoticeKind.ORDER,
                key=f"order-due:{order.pk}:{point}:{order.rectify_by:%Y%m%d}",
                point=point,
                on=today,
                text=text[:500],
                at=at,
            )
        )
    return found

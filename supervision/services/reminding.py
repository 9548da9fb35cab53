"""Reminding departments (催办), marking the overdue, telling of extensions and exemptions, signing for a notice (签收)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from departments.models import Department
from filings.calendar import REMINDER_GAP, effective_due
from filings.errors import AlreadyMoved, Refused
from filings.models import Entry, Exemption, Extension, Filing, Period
from filings.services.access import extensions_of, latest_extensions
from filings.terms import Decision, Status
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local, local_day, start_of
from supervision.models import Notice
from supervision.services.digests import tell_now
from supervision.terms import NoticeKind
from tasks.models import Task

#: The filing lies with the department: there is something to remind of.
WITH_DEPARTMENT = frozenset({Status.DRAFT, Status.AWAITING_SIGNOFF, Status.RETURNED})


@transaction.atomic
def remind(
    *,
    period: Period,
    departments: Collection[Department] | None = None,
    task: Task | None = None,
    by: User,
    at: datetime,
) -> list[Notice]:
    """Send one reminder to each of these departments whose filing still lies with it. The office only.

    With a task, those whose entries of that task are not accepted yet; without departments, all of them. Departments
    that sent their filing meanwhile, are exempt, or were reminded earlier the same day, are passed over; the notices
    written are returned. Each goes out at once, by mail and by robot where configured. Raises Refused (permission),
    or Refused (status) when nobody is left to remind. The period's row is locked, so two clicks never remind twice.
    """
    if not by.holds(Role.OFFICE):
        raise Refused("permission", f"催办由{period.plan.office}发出。")
    period = Period.objects.select_for_update(of=("self",)).select_related("plan__office").get(pk=period.pk)
    if period.opened_at is None or period.closed_at:
        raise Refused("window", f"{period}{'已关账' if period.closed_at else '尚未开放'}，不能催办。")
    filings = Filing.objects.owing().filter(period=period, status__in=WITH_DEPARTMENT)
    if departments is not None:
        filings = filings.filter(department__in=departments)
    if task is not None:
        lacking = _of_task(task).exclude(decision=Decision.ACCEPTED)
        filings = filings.filter(pk__in=lacking.values("filing_id"))
    filings = filings.select_related("department")
    today = Notice.objects.filter(period=period, kind=NoticeKind.REMINDER, at__gte=start_of(local_day(at)))
    reminded = set(today.values_list("department_id", flat=True))
    waiting = [filing for filing in filings if filing.department_id not in reminded]
    if not waiting:
        raise Refused("status", _nobody_left(filings, reminded))
    texts = _reminder_texts(period, waiting, at, task)
    notices = [
        Notice(
            department=f.department,
            period=period,
            kind=NoticeKind.REMINDER,
            filing=f,
            text=texts[f.pk],
            by=by,
            at=at,
        )
        for f in waiting
    ]
    Notice.objects.bulk_create(notices)
    names = "、".join(filing.department.name for filing in waiting)
    about = {"task": str(task)} if task else {}
    record(verb="period.remind", subject=period, by=by, at=at, after={"departments": names, **about})
    tell_now(notices, at=at)
    return notices


def _of_task(task: Task) -> QuerySet[Entry]:
    """Entries about one task: of everybody who answers for it, and its milestones."""
    return Entry.objects.filter(Q(responsibility__task=task) | Q(milestone__task=task))


def _nobody_left(filings: Iterable[Filing], reminded: set[int]) -> str:
    again = [filing.department.name for filing in filings if filing.department_id in reminded]
    if again:
        return f"{'、'.join(again)}今天已经催办过，不重复发送。"
    return "所选单位都已报送，无须催办。请刷新页面查看最新状态。"


def _reminder_texts(
    period: Period, filings: Sequence[Filing], at: datetime, task: Task | None
) -> dict[int, str]:
    """What each filing's department is told, by filing id: what is missing, and until when."""
    extensions = extensions_of(period)
    entries = _of_task(task) if task else Entry.objects.all()
    entries = entries.filter(filing__in=filings).exclude(decision=Decision.ACCEPTED)
    left = Counter(entries.values_list("filing_id", flat=True))
    texts = {}
    for filing in filings:
        extension = extensions.get(filing.department_id)
        due = effective_due(period.due_at, extension.until if extension else None)
        texts[filing.pk] = _reminder_text(filing, period, left[filing.pk], due, at, task)
    return texts


def _reminder_text(
    filing: Filing, period: Period, count: int, due: datetime, at: datetime, task: Task | None
) -> str:
    if task:
        what = f"{period}任务 {task} 尚有 {count} 项未完成报送"
    elif filing.first_submitted_at:
        what = f"{period}报送有 {count} 项须改正后重新报送"
    elif filing.status == Status.AWAITING_SIGNOFF:
        what = f"{period}报送（{count} 项）已填齐，尚未签发"
    else:
        what = f"{period}尚有 {count} 项未报"
    when = zh.moment(local(due))
    until = f"报送截止时间 {when} 已过" if at > due else f"报送截止时间为 {when}"
    return f"{what}，{until}，请尽快办理。"


@transaction.atomic
def mark_overdue(*, at: datetime) -> int:
    """Write one overdue mark for each filing whose deadline, with its extension, passed without a first submission.

    Looks at every open period that counts timeliness. Idempotent: the database holds one mark per department and
    period. Returns how many marks are new.
    """
    periods = Period.objects.opened().filter(closed_at=None, is_late_entry=False, due_at__lt=at)
    timed = [period for period in periods.select_related("plan") if period.last_day >= period.plan.issued_on]
    extensions = latest_extensions(timed)
    marked = set(
        Notice.objects.filter(period__in=timed, kind=NoticeKind.OVERDUE).values_list(
            "period_id", "department_id"
        )
    )
    fresh = []
    for filing in Filing.objects.filter(period__in=timed).unsubmitted().select_related("period"):
        key = (filing.period_id, filing.department_id)
        extension = extensions.get(key)
        due = effective_due(filing.period.due_at, extension.until if extension else None)
        if key not in marked and at > due:
            text = f"{filing.period}报送截止时间 {zh.moment(local(due))} 已过，尚未报送，请立即填报并签发。"
            fresh.append(
                Notice(
                    department_id=key[1],
                    period=filing.period,
                    kind=NoticeKind.OVERDUE,
                    text=text,
                    by=None,
                    at=at,
                )
            )
    Notice.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


@transaction.atomic
def tell_extensions(*, at: datetime) -> int:
    """Write one notice for each extension that has none yet, dated like it, and send it. Returns how many are new.

    Those recorded while the quarter was open are not told once it is closed; one recorded after that is.

    Extensions are recorded one layer below and know nothing of notices; the periodic job brings the two together.
    """
    recorded = Extension.objects.filter(Q(period__closed_at=None) | Q(recorded_at__gt=F("period__closed_at")))
    periods = list(Period.objects.select_for_update().filter(pk__in=recorded.values("period_id")))
    notices = Notice.objects.filter(period__in=periods, kind=NoticeKind.EXTENSION)
    told = set(notices.values_list("period_id", "department_id", "at"))
    fresh = [
        Notice(
            department=extension.department,
            period=extension.period,
            kind=NoticeKind.EXTENSION,
            text=f"{extension.period}报送延期至 {zh.moment(local(extension.until))}，"
            f"{extension.approver}批准，理由：{extension.reason.rstrip('。')}。",
            by=extension.recorded_by,
            at=extension.recorded_at,
        )
        for extension in recorded.select_related("period__plan", "department", "recorded_by")
        if (extension.period_id, extension.department_id, extension.recorded_at) not in told
    ]
    Notice.objects.bulk_create(fresh)
    _tell_news(fresh, at)
    return len(fresh)


@transaction.atomic
def tell_exemptions(*, at: datetime) -> int:
    """Write one notice for each exemption, and one for its withdrawal, and send it. Returns how many are new.

    As with extensions, what was recorded while the quarter was open is not told once it is closed.
    """
    recorded = Exemption.objects.filter(Q(period__closed_at=None) | Q(recorded_at__gt=F("period__closed_at")))
    list(Period.objects.select_for_update().filter(pk__in=recorded.values("period_id")).order_by("pk"))
    found = []
    for exemption in recorded.select_related("period__plan", "department", "recorded_by", "withdrawn_by"):
        found.append(_exemption_notice(exemption))
        if exemption.withdrawn_at:
            found.append(_withdrawal_notice(exemption, exemption.withdrawn_at))
    known = set(Notice.objects.filter(key__in=[n.key for n in found]).values_list("key", flat=True))
    fresh = [notice for notice in found if notice.key not in known]
    Notice.objects.bulk_create(fresh)
    _tell_news(fresh, at)
    return len(fresh)


def _exemption_notice(exemption: Exemption) -> Notice:
    return Notice(
        department=exemption.department,
        period=exemption.period,
        kind=NoticeKind.EXEMPTION,
        key=f"exempt:{exemption.pk}",
        text=f"{exemption.period}报送已免报，{exemption.approver}批准，理由：{exemption.reason.rstrip('。')}。",
        by=exemption.recorded_by,
        at=exemption.recorded_at,
    )


def _withdrawal_notice(exemption: Exemption, at: datetime) -> Notice:
    return Notice(
        department=exemption.department,
        period=exemption.period,
        kind=NoticeKind.EXEMPTION,
        key=f"exempt-end:{exemption.pk}",
        text=f"{exemption.period}的免报已撤销，请按填报期的时限报送。",
        by=exemption.withdrawn_by,
        at=at,
    )


def _tell_news(notices: Sequence[Notice], at: datetime) -> None:
    """Send what the office decided lately; what is found days later (a restart, old data) stays in the system only."""
    tell_now([notice for notice in notices if at - notice.at < REMINDER_GAP], at=at)


@transaction.atomic
def read_notice(*, notice: Notice, by: User, at: datetime) -> None:
    """Somebody of the department signs for a notice. Raises Refused (permission) or AlreadyMoved, naming who signed."""
    if notice.department_id not in by.departments_as(Role.FILER, Role.APPROVER):
        raise Refused("permission", f"由{notice.department}的填报人或签发人签收，您可以查看。")
    if not notice.needs_signature:
        raise Refused("status", "这条提醒不需要签收。")
    signed = Notice.objects.filter(pk=notice.pk, read_at=None).update(read_by=by, read_at=at)
    if not signed:
        notice.refresh_from_db()
        raise AlreadyMoved(
            f"{notice.read_by}已于 {zh.moment(local(notice.read_at or at))} 签收，不必重复签收。"
        )
    record(verb="notice.read", subject=notice, by=by, at=at)

"""Periods and their windows: creating, opening, extending, closing."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from actions.leads import leads_on
from actions.models import SpecialAction
from audit.services import record
from departments.lineage import holder_on, later_handovers
from departments.models import Department, Duty
from filings.errors import Refused
from filings.models import Entry, Extension, Filing, Move, Period
from filings.rules import UNDECIDED
from filings.signals import announce
from filings.terms import EntryKind, MilestoneState
from harbor_plan.lib.moments import local
from targets.models import Indicator, Plan
from tasks.models import Milestone, Responsibility
from tasks.models import Role as TaskRole


@transaction.atomic
def create_period(
    *,
    plan: Plan,
    year: int,
    quarter: int,
    opens_at: datetime,
    due_at: datetime,
    closes_at: datetime,
    countersign_by: datetime | None = None,
    is_late_entry: bool,
    by: User | None,
    at: datetime,
) -> Period:
    """Set up a quarter's window; `by` is the office, or None for the system. Nothing is countersigned without its date.

    The moments are taken as they are; `schedule.set_up` moves them off days without work first.

    Raises Refused (permission, status, content) for anybody else, a second period of the same quarter, a year
    outside the plan, dates out of order or past, or a quarter before the plan was issued that is not late entry
    (补录). The plan's row is locked, so two clicks never set up one quarter twice.
    """
    need_office(by, f"填报期由{plan.office}建立。")
    Plan.objects.select_for_update().only("pk").get(pk=plan.pk)
    if year not in plan.years:
        raise Refused(
            "content",
            f"{year}年不在{plan.short_name}的期限内（{plan.years[0]}—{plan.years[-1]}年），请核对年份。",
        )
    if Period.objects.filter(plan=plan, year=year, quarter=quarter).exists():
        raise Refused("status", f"{year}年第{quarter}季度的填报期已经建立；需要更多时间的单位，请登记延期。")
    need_order(opens_at, due_at, countersign_by, closes_at)
    if due_at <= at:
        raise Refused("content", "报送截止时间已过，建立后无人能够按时报送，请改为以后的日期。")
    period = Period(
        plan=plan,
        year=year,
        quarter=quarter,
        opens_at=opens_at,
        due_at=due_at,
        closes_at=closes_at,
        countersign_by=countersign_by,
        is_late_entry=is_late_entry,
    )
    if period.last_day < plan.issued_on and not is_late_entry:
        raise Refused("content", f"方案于 {plan.issued_on:%Y-%m-%d} 印发，{period}在此之前，只能作为补录。")
    period.save()
    record(verb="period.create", subject=period, by=by, at=at)
    return period


def need_order(
    opens_at: datetime, due_at: datetime, countersign_by: datetime | None, closes_at: datetime
) -> None:
    """Refuse a window whose moments do not follow one another: opens, due, countersigned, closes."""
    if not opens_at < due_at <= closes_at:
        raise Refused("content", "开放、截止、关闭三个时间须依次先后，请核对。")
    if countersign_by is not None and not due_at <= countersign_by <= closes_at:
        raise Refused("content", "会签截止不能早于报送截止，也不能晚于关闭时间，请核对。")


def need_office(by: User | None, sentence: str) -> None:
    """Refuse everybody but the office; the system itself (None) may."""
    if by is not None and not by.holds(Role.OFFICE):
        raise Refused("permission", sentence)


@transaction.atomic
def open_now(*, period: Period, by: User, at: datetime) -> None:
    """The office opens a period before its time: the window begins at this moment, the obligations are written.

    Raises Refused when it is open already, or when its window has passed.
    """
    need_office(by, f"填报期由{period.plan.office}开放。")
    period = Period.objects.select_for_update().get(pk=period.pk)
    if period.opened_at:
        raise Refused("status", f"{period}已于 {local(period.opened_at):%Y-%m-%d %H:%M} 开放，不必重复开放。")
    if at >= period.due_at:
        raise Refused(
            "window", f"{period}的报送截止时间（{local(period.due_at):%Y-%m-%d %H:%M}）已过，不能再开放。"
        )
    if at < period.opens_at:
        planned, period.opens_at = period.opens_at, at
        period.save(update_fields=["opens_at"])
        record(
            verb="period.open_early",
            subject=period,
            by=by,
            at=at,
            before={"opens_at": planned.isoformat()},
            after={"opens_at": at.isoformat()},
        )
    open_period(period=period, by=by, at=at)


@transaction.atomic
def open_period(*, period: Period, by: User | None, at: datetime) -> bool:
    """Write down what every department owes for this quarter: a filing each, an entry for each obligation.

    Idempotent; returns whether it opened now. The obligations are those in force on the period's last day.
    """
    period = Period.objects.select_for_update().get(pk=period.pk)
    if period.opened_at:
        return False
    owed = obligations(period)
    filings = Filing.objects.bulk_create([Filing(period=period, department_id=d) for d in owed])
    Entry.objects.bulk_create(
        entry for filing in filings for entry in _place(filing, owed[filing.department_id])
    )
    Move.objects.bulk_create([Move(filing=f, verb="open", to_status=f.status, by=by, at=at) for f in filings])
    period.opened_at = at
    period.save(update_fields=["opened_at"])
    record(verb="period.open", subject=period, by=by, at=at, after={"filings": len(filings)})
    announce(period.pk)
    return True


def _place(filing: Filing, entries: list[Entry]) -> list[Entry]:
    for entry in entries:
        entry.filing = filing
    return entries


def obligations(period: Period) -> dict[int, list[Entry]]:
    """Unsaved entries by the id of the department that files them (design decision 5).

    A group's rows go to its convenor; a unit the office has not confirmed owes nothing; a proposed data
    department owes its readings; milestones are asked until an accepted entry says done or cancelled. Who led an
    action or owed a reading before a reorganisation owes it for the quarters before (补录).
    """
    owed: dict[int, list[Entry]] = defaultdict(list)
    rows = Responsibility.objects.filter(task__action__plan=period.plan_id).in_force(period.last_day)
    for row in rows.select_related("task__action", "department__convenor").order_by(
        "task__action__no", "task__no"
    ):
        _owe(owed, row.department, _responsibility_entry(row))
    leads = leads_on(period.plan_id, period.last_day)
    used = SpecialAction.objects.filter(pk__in=leads).in_use(period.last_day)
    for action in used.order_by("no"):
        for department in leads[action.pk]:
            entry = Entry(kind=EntryKind.SUMMARY, action=action, position=30_000 + action.no)
            _owe(owed, department, entry)
    lead_rows = {row.task_id: row for row in rows if row.role == TaskRole.LEAD}
    for milestone in open_milestones(period).select_related("task__action"):
        if row_of := lead_rows.get(milestone.task_id):
            position = 40_000 + 1000 * milestone.task.action.no + 20 * milestone.task.no + milestone.no
            entry = Entry(kind=EntryKind.MILESTONE, milestone=milestone, position=position)
            _owe(owed, row_of.department, entry)
    indicators = (
        Indicator.objects.filter(plan=period.plan_id).in_use(period.last_day).asked_in(period.quarter)
    )
    passed_on = later_handovers(Duty.READING, period.last_day)
    for indicator in indicators.exclude(data_department=None).select_related("data_department__convenor"):
        entry = Entry(kind=EntryKind.READING, indicator=indicator, position=60_000 + indicator.order)
        _owe(owed, holder_on(indicator.data_department, passed_on.get(indicator.pk, ())), entry)
    return dict(owed)


def _owe(owed: dict[int, list[Entry]], department: Department | None, entry: Entry) -> None:
    filer = department.filer if department else None
    if filer:
        owed[filer.pk].append(entry)


def _responsibility_entry(row: Responsibility) -> Entry:
    leads = row.role == TaskRole.LEAD
    return Entry(
        kind=EntryKind.PROGRESS if leads else EntryKind.CONTRIBUTION,
        responsibility=row,
        position=(0 if leads else 10_000) + 100 * row.task.action.no + row.task.no,
    )


def open_milestones(period: Period):  # type: ignore[no-untyped-def]
    """Milestones of the plan that no accepted entry of an earlier period closed."""
    closed = Entry.objects.accepted().filter(
        kind=EntryKind.MILESTONE,
        milestone_state__in=[MilestoneState.DONE, MilestoneState.CANCELLED],
        filing__period__in=Period.objects.until(period).exclude(pk=period.pk).values("pk"),
    )
    milestones = Milestone.objects.filter(task__action__plan=period.plan_id).in_use(period.last_day)
    return milestones.exclude(pk__in=closed.values("milestone_id"))


@transaction.atomic
def extend(
    *,
    period: Period,
    department: Department,
    until: datetime,
    reason: str,
    approver: str,
    by: User,
    at: datetime,
) -> Extension:
    """Give one department more time, before or after the deadline. Needs the office, a reason and an approver.

    Refused also for the moment that is in force already, and for less time than would leave a filing on time that
    was sent within the extension in force; the latest one recorded holds.
    """
    need_office(by, f"延期由{period.plan.office}登记。")
    if not reason.strip() or not approver.strip():
        raise Refused("content", "请写明延期理由和批准人。")
    if until <= period.due_at:
        raise Refused("content", f"延至时间须晚于原截止时间（{local(period.due_at):%Y-%m-%d %H:%M}）。")
    filings = Filing.objects.select_for_update()  # two clicks record one extension
    filing = filings.filter(period=period, department=department).first()
    if filing is None:
        raise Refused("content", f"{department}本季没有应报事项，无须延期。")
    if filing.exemption_id:
        raise Refused("status", f"{department}在{period}免报，无须延期；确需填报的，请先撤销免报。")
    last = Extension.objects.filter(period=period, department=department).last()
    if last and last.until == until:
        raise Refused("status", f"{department}已延至 {local(until):%Y-%m-%d %H:%M}，不必重复登记。")
    if last and filing.first_submitted_at and until < filing.first_submitted_at <= last.until:
        raise Refused(
            "status",
            f"{department}已于 {local(filing.first_submitted_at):%Y-%m-%d %H:%M} 在延期内报送，"
            "延期不能再提前到报送之前，时效不因此改变。",
        )
    extension = Extension.objects.create(
        period=period,
        department=department,
        until=until,
        reason=reason,
        approver=approver,
        recorded_by=by,
        recorded_at=at,
    )
    note = f"延至 {local(until):%Y-%m-%d %H:%M}，批准人 {approver}：{reason}"
    Move.objects.create(filing=filing, verb="extend", by=by, at=at, note=note)
    record(verb="period.extend", subject=extension, by=by, at=at, note=note)
    announce(period.pk)
    return extension


@transaction.atomic
def mark_closed(*, period: Period, by: User | None, at: datetime) -> Period:
    """Close the quarter: from now on a change is a correction. Called by the publication of version 1 only."""
    closed = Period.objects.filter(pk=period.pk, closed_at=None).exclude(opened_at=None).update(closed_at=at)
    if not closed:
        raise Refused("status", f"{period}尚未开放或已经关账，不能重复关账。")
    record(verb="period.close", subject=period, by=by, at=at)
    period.closed_at = at
    return period


def undecided(period: Period) -> int:
    """How many entries of sent filings wait for a decision: what closing would leave out."""
    return Entry.objects.filter(
        filing__period=period, filing__first_submitted_at__isnull=False, decision__in=UNDECIDED
    ).count()

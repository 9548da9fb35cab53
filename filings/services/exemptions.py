"""Exempting a department from a period (免报), and taking that back. Both leave a trace."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from departments.models import Department
from filings.errors import AlreadyMoved, Refused
from filings.models import Exemption, Filing, Move, Period
from filings.services.windows import need_office
from filings.signals import announce
from harbor_plan.lib.moments import local


@transaction.atomic
def exempt(
    *, period: Period, department: Department, reason: str, approver: str, by: User, at: datetime
) -> Exemption:
    """One department owes nothing in this period: it is not asked, not reminded, not overdue and not counted.

    What it owed stays on record. Raises Refused (permission, window after closing, content, status when it was sent
    already or is exempt).
    """
    need_office(by, f"免报由{period.plan.office}登记。")
    if not reason.strip() or not approver.strip():
        raise Refused("content", "请写明免报理由和批准人。")
    _need_not_closed(period)
    filing = _locked(period, department)
    if filing.first_submitted_at:
        raise Refused(
            "status",
            f"{department}已于 {local(filing.first_submitted_at):%Y-%m-%d %H:%M} 报送{period}，不能再登记免报。",
        )
    if filing.exemption:
        raise AlreadyMoved(f"{filing.exemption.recorded_by}已为{department}登记免报，不必重复登记。")
    exemption = Exemption.objects.create(
        period=period,
        department=department,
        reason=reason.strip(),
        approver=approver.strip(),
        recorded_by=by,
        recorded_at=at,
    )
    Filing.objects.filter(pk=filing.pk).update(exemption=exemption)
    note = f"批准人 {exemption.approver}：{exemption.reason}"
    Move.objects.create(filing=filing, verb="exempt", by=by, at=at, note=note)
    record(verb="period.exempt", subject=exemption, by=by, at=at, note=note)
    announce(period.pk)
    return exemption


@transaction.atomic
def withdraw_exemption(*, exemption: Exemption, reason: str, by: User, at: datetime) -> None:
    """The department owes its filing again, with the deadline it had. Needs the office and a reason."""
    period, department = exemption.period, exemption.department
    need_office(by, f"免报由{period.plan.office}撤销。")
    if not reason.strip():
        raise Refused("content", "请写明撤销免报的理由。")
    _need_not_closed(period)
    filing = _locked(period, department)
    withdrawn = Exemption.objects.filter(pk=exemption.pk, withdrawn_at=None).update(
        withdrawn_by=by, withdrawn_at=at
    )
    if not withdrawn:
        raise AlreadyMoved(f"{department}的这次免报已经撤销，请刷新页面查看。")
    Filing.objects.filter(pk=filing.pk).update(exemption=None)
    Move.objects.create(filing=filing, verb="withdraw_exemption", by=by, at=at, note=reason.strip())
    record(verb="period.withdraw_exemption", subject=exemption, by=by, at=at, note=reason.strip())
    announce(period.pk)


def _need_not_closed(period: Period) -> None:
    """A closed quarter's figures stand as they were published. The period's row is locked against closing it now."""
    if Period.objects.select_for_update().get(pk=period.pk).closed_at:
        raise Refused("window", f"{period}已关账，应报单位不能再变动。")


def _locked(period: Period, department: Department) -> Filing:
    """The department's filing, which nobody signs meanwhile."""
    owed = Filing.objects.select_for_update(of=("self",)).select_related("exemption__recorded_by")
    filing = owed.filter(period=period, department=department).first()
    if filing is None:
        raise Refused("content", f"{department}在{period}没有应报事项，无须免报。")
    return filing

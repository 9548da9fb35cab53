"""Overdue marks and notices of extensions: the periodic job."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from filings.services.windows import extend
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local
from supervision.jobs import overdue
from supervision.models import Notice, NoticeKind
from supervision.services import mark_overdue, tell_extensions
from tests.factories import (
    close_quarter,
    file,
    filing_of,
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_plan,
    make_reviewer,
    make_task,
    open_quarter,
)


@pytest.fixture
def plan(db):
    return make_plan()


@pytest.fixture
def departments(plan):
    units = [make_department(name) for name in ("甲局", "乙局")]
    for unit in units:
        make_task(make_action(plan), lead=unit)
    return units


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def period(plan, departments, now):
    return open_quarter(plan, at=now - timedelta(days=9), due_at=now, closes_at=now + timedelta(days=9))


def marked():
    return list(
        Notice.objects.filter(kind=NoticeKind.OVERDUE)
        .values_list("department__name", flat=True)
        .order_by("department")
    )


def test_whoever_has_not_filed_by_the_deadline_is_marked_once(departments, period, now):
    file(
        filing_of(period, departments[1]),
        by=make_filer(departments[1]),
        signed_by=make_approver(departments[1]),
        at=now,
    )
    assert mark_overdue(at=now) == 0  # the deadline includes its own moment
    at = now + timedelta(seconds=1)
    assert mark_overdue(at=at) == 1
    assert mark_overdue(at=at + timedelta(days=1)) == 0
    notice = Notice.objects.get()
    assert (notice.department, notice.period, notice.by, notice.at) == (departments[0], period, None, at)
    assert notice.text == (
        f"2020年第4季度报送截止时间 {zh.moment(local(now))} 已过，尚未报送，请立即填报并签发。"
    )


def test_an_extension_postpones_the_mark(departments, period, now):
    reviewer = make_reviewer()
    until = now + timedelta(days=2)
    extend(
        period=period,
        department=departments[0],
        until=until,
        reason="交接",
        approver="某",
        by=reviewer,
        at=now,
    )
    mark_overdue(at=now + timedelta(days=1))
    assert marked() == ["乙局"]
    mark_overdue(at=until)
    assert marked() == ["乙局"]
    mark_overdue(at=until + timedelta(seconds=1))
    assert marked() == ["甲局", "乙局"]


def test_late_entry_closed_and_early_periods_are_not_marked(plan, departments, now):
    past = {
        "at": now - timedelta(days=9),
        "due_at": now - timedelta(days=2),
        "closes_at": now - timedelta(days=1),
    }
    open_quarter(plan, 2020, 1, **past, is_late_entry=True)
    close_quarter(open_quarter(plan, 2020, 2, **past))
    old = make_plan(issued_on=date(2021, 1, 1))
    make_task(make_action(old), lead=departments[0])
    period = open_quarter(old, 2020, 3, **past, is_late_entry=True)
    period.is_late_entry = (
        False  # a quarter that ended before the plan was issued counts no timeliness either
    )
    period.save()
    assert mark_overdue(at=now) == 0
    assert marked() == []


def test_the_database_holds_one_mark_per_department_and_period(departments, period, now):
    mark_overdue(at=now + timedelta(days=1))
    with pytest.raises(IntegrityError):
        Notice.objects.create(
            department=departments[0], period=period, kind=NoticeKind.OVERDUE, text="再记一次", at=now
        )


def test_an_extension_is_told_once(departments, period, now):
    reviewer = make_reviewer(name="顾明远")
    until = now + timedelta(days=2)
    extend(
        period=period, department=departments[0], until=until, reason="机构划转交接", approver="分管领导",
        by=reviewer, at=now,
    )  # fmt: skip
    assert tell_extensions(at=now + timedelta(minutes=5)) == 1
    assert tell_extensions(at=now + timedelta(minutes=15)) == 0
    notice = Notice.objects.get()
    assert (notice.kind, notice.department, notice.by, notice.at) == (
        "extension",
        departments[0],
        reviewer,
        now,
    )
    assert notice.text == (
        f"2020年第4季度报送延期至 {zh.moment(local(until))}，分管领导批准，理由：机构划转交接。"
    )
    extend(
        period=period, department=departments[0], until=until + timedelta(days=1), reason="再延", approver="某",
        by=reviewer, at=now + timedelta(hours=1),
    )  # fmt: skip
    assert tell_extensions(at=now + timedelta(hours=2)) == 1


def test_an_extension_after_the_quarter_closed_is_told_too(departments, period, now):
    reviewer, until = make_reviewer(), now + timedelta(days=5)
    for days, department in enumerate(departments):
        extend(
            period=period, department=department, until=until, reason="交接", approver="某", by=reviewer,
            at=now + timedelta(days=2 * days),
        )  # fmt: skip
        if not days:
            close_quarter(period, at=now + timedelta(days=1))
    assert tell_extensions(at=now + timedelta(days=3)) == 1
    assert Notice.objects.get().department == departments[1]


def test_the_longest_reason_fits(departments, period, now):
    extend(
        period=period, department=departments[0], until=now + timedelta(days=2), reason="理" * 300, approver="某" * 100,
        by=make_reviewer(), at=now,
    )  # fmt: skip
    tell_extensions(at=now)
    assert Notice.objects.get().text.endswith("理" * 300 + "。")


def test_the_job_does_both_and_can_run_twice(departments, period):
    extend(
        period=period, department=departments[0], until=timezone.now() + timedelta(days=2), reason="交接", approver="某",
        by=make_reviewer(), at=timezone.now(),
    )  # fmt: skip
    overdue()
    overdue()
    assert sorted(Notice.objects.values_list("kind", "department__name")) == [
        ("extension", "甲局"),
        ("overdue", "乙局"),
    ]


def test_more_departments_take_no_more_queries(plan, departments, period, now):
    with CaptureQueriesContext(connection) as two:
        assert mark_overdue(at=now + timedelta(days=1)) == 2
    for _ in range(3):
        make_task(make_action(plan), lead=make_department())
    open_quarter(plan, 2020, 3, at=now - timedelta(days=9), due_at=now, closes_at=now + timedelta(days=9))
    with CaptureQueriesContext(connection) as five:
        assert mark_overdue(at=now + timedelta(days=1)) == 5
    assert len(five) == len(two)

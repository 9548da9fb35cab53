"""What is told by schedule: deadlines, returns, missing signatures and reviews; to whom, in one digest, and when not."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from filings.services.exemptions import exempt
from filings.services.moves import submit
from filings.services.review import complete_review, decide_entry
from filings.services.windows import extend
from filings.terms import Decision
from harbor_plan.lib.moments import end_of, start_of
from supervision.models import Digest, Notice
from supervision.services.schedule import tell
from tests.factories import (
    close_quarter,
    file,
    filing_of,
    fill,
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_leader,
    make_plan,
    make_reviewer,
    make_task,
    make_user,
    open_quarter,
)

DUE = date(2021, 1, 15)


def nine(offset: int) -> datetime:
    """Nine o'clock, so many days after the deadline's day."""
    return start_of(DUE + timedelta(days=offset)) + timedelta(hours=9)


@pytest.fixture
def plan(db):
    return make_plan("811")


@pytest.fixture
def departments(plan):
    units = [make_department(name) for name in ("甲局", "乙局")]
    for unit in units:
        make_task(make_action(plan), lead=unit)
    return units


@pytest.fixture
def period(plan, departments):
    return open_quarter(
        plan, opens_at=nine(-20), due_at=end_of(DUE), closes_at=end_of(DUE + timedelta(days=20)), at=nine(-20)
    )


def told(user):
    """What a person was told: days after the deadline, and the text."""
    return [(d.on - DUE).days for d in Digest.objects.filter(user=user).order_by("on")]


def every_day(first=-10, last=40, skip=()):
    for offset in range(first, last + 1):
        if offset not in skip:
            tell(at=nine(offset))


# Deadlines


def test_a_silent_department_is_told_by_the_schedule_and_everything_stands_in_the_system(departments, period):
    filer, approver = make_filer(departments[0]), make_approver(departments[0])
    every_day()
    assert told(filer) == told(approver) == [-5, 0, 7, 30]
    notices = Notice.objects.filter(department=departments[0]).order_by("id")
    assert [(n.kind, n.point, (n.on - DUE).days) for n in notices] == [
        ("due", "five_before", -5),
        ("due", "one_before", -1),
        ("due", "due_today", 0),
        ("due", "overdue_1", 1),
        ("due", "overdue_7", 7),
        ("due", "overdue_30", 30),
    ]
    assert [n.text for n in notices] == [
        "2020年第4季度报送截止时间 2021年1月15日 23:59，还有 5 天；尚有 1 项未报，请填报并签发。",
        "2020年第4季度报送截止时间 2021年1月15日 23:59，明天截止；尚有 1 项未报，请填报并签发。",
        "2020年第4季度报送截止时间 2021年1月15日 23:59，今天截止；尚有 1 项未报，请填报并签发。",
        "2020年第4季度报送截止时间 2021年1月15日 23:59，已逾期 1 天；尚有 1 项未报，请填报并签发。",
        "2020年第4季度报送截止时间 2021年1月15日 23:59，已逾期 7 天；尚有 1 项未报，请填报并签发。",
        f"2020年第4季度报送截止时间 2021年1月15日 23:59，已逾期 30 天；尚有 1 项未报，填报期已关闭，请联系{period.plan.office}登记延期。",
    ]
    assert not any(n.needs_signature for n in notices)


def test_the_job_run_twice_tells_once(departments, period):
    filer = make_filer(departments[0])
    for _ in range(3):
        tell(at=nine(-5))
        tell(at=nine(-5) + timedelta(hours=3))
    assert told(filer) == [-5]
    assert Notice.objects.count() == 2


def test_one_digest_for_a_person_of_several_departments(departments, period):
    person = make_user(roles=[(Role.FILER, d) for d in departments] + [(Role.APPROVER, departments[0])])
    (digest,) = tell(at=nine(-5))
    assert digest.user == person
    assert digest.subject == "811：到期提醒 2 条"
    assert digest.text.splitlines() == [
        "【到期提醒】",
        "· 甲局：2020年第4季度报送截止时间 2021年1月15日 23:59，还有 5 天；尚有 1 项未报，请填报并签发。",
        "· 乙局：2020年第4季度报送截止时间 2021年1月15日 23:59，还有 5 天；尚有 1 项未报，请填报并签发。",
        "",
        "请登录系统办理。",
    ]
    assert digest.lines.count() == 2


def test_whoever_has_filed_is_left_alone(departments, period):
    filer, approver = make_filer(departments[0]), make_approver(departments[0])
    tell(at=nine(-5))
    file(filing_of(period, departments[0]), by=filer, signed_by=approver, at=nine(-3))
    every_day(-2)
    assert told(filer) == told(approver) == [-5]


def test_an_extension_moves_the_days(departments, period):
    filer, other = make_filer(departments[0]), make_filer(departments[1])
    extend(
        period=period, department=departments[0], until=end_of(DUE + timedelta(days=10)), reason="交接", approver="某",
        by=make_reviewer(), at=nine(-8),
    )  # fmt: skip
    every_day()
    assert told(filer) == [5, 10, 17, 40]
    assert told(other) == [-5, 0, 7, 30]
    assert "还有 5 天" in Digest.objects.filter(user=filer).order_by("on")[0].text


def test_an_extension_after_the_deadline_starts_the_days_anew(departments, period):
    filer = make_filer(departments[0])
    every_day(last=8)
    extend(
        period=period, department=departments[0], until=end_of(DUE + timedelta(days=12)), reason="交接", approver="某",
        by=make_reviewer(), at=nine(8),
    )  # fmt: skip
    every_day(first=9)
    assert told(filer) == [-5, 0, 7, 12, 19]


def test_exempt_departments_and_closed_periods_are_never_told(plan, departments, period):
    filer, other = make_filer(departments[0]), make_filer(departments[1])
    exempt(
        period=period,
        department=departments[0],
        reason="撤并",
        approver="某",
        by=make_reviewer(),
        at=nine(-9),
    )
    every_day(last=3)
    close_quarter(period, at=nine(3))
    every_day(first=4)
    assert told(filer) == []
    assert told(other) == [-5, 0]


def test_late_entry_has_no_deadlines(plan, departments):
    filer = make_filer(departments[0])
    open_quarter(
        plan, 2020, 3, opens_at=nine(-20), due_at=end_of(DUE), closes_at=end_of(DUE), at=nine(-20), is_late_entry=True
    )  # fmt: skip
    every_day()
    assert told(filer) == []


def test_nobody_is_told_at_night_but_the_notice_is_there(departments, period):
    filer = make_filer(departments[0])
    night = start_of(DUE - timedelta(days=5))
    tell(at=night + timedelta(hours=7, minutes=59))
    assert told(filer) == []
    assert Notice.objects.filter(department=departments[0]).count() == 1
    tell(at=night + timedelta(hours=8))
    assert told(filer) == [-5]


def test_whoever_left_is_not_told(departments, period):
    filer = make_filer(departments[0], is_active=False)
    every_day()
    assert told(filer) == []


# Waiting


def returned(period, department, filer, approver, at):
    """A filing sent and returned at a moment."""
    filing = file(filing_of(period, department), by=filer, signed_by=approver, at=at - timedelta(hours=1))
    reviewer = make_reviewer(period.plan.office)
    for entry in filing.entries.all():
        decide_entry(
            entry=entry, decision=Decision.RETURNED, code="R01", note="太空", by=reviewer, at=at, seen=""
        )
    complete_review(filing=filing, by=reviewer, at=at)
    return filing


def test_a_return_is_told_to_its_authors_after_a_day(departments, period):
    author, colleague = make_filer(departments[0]), make_filer(departments[0])
    approver = make_approver(departments[0])
    returned(period, departments[0], author, approver, nine(-18))
    tell(at=nine(-17) - timedelta(minutes=1))
    assert told(author) == []
    tell(at=nine(-17))
    assert told(author) == [-17]
    assert told(colleague) == told(approver) == []
    (notice,) = Notice.objects.filter(kind="returned")
    assert notice.text == (
        "2020年第4季度报送已于 2020年12月28日 09:00 被退回，尚未重新报送，请按退回意见改正。"
    )
    every_day(-16, -1)
    assert told(author) == [-17]  # said once; its deadline is met


def test_when_the_authors_left_every_filer_is_told(departments, period):
    author, colleague = make_filer(departments[0]), make_filer(departments[0])
    returned(period, departments[0], author, make_approver(departments[0]), nine(-18))
    author.is_active = False
    author.save()
    tell(at=nine(-17))
    assert told(colleague) == [-17]


def test_a_letter_about_a_return_does_not_hold_back_a_deadline(plan, departments, period):
    person = make_user(roles=[(Role.FILER, d) for d in departments])
    returned(period, departments[0], person, make_approver(departments[0]), nine(-7))
    every_day(-6, 4)
    assert told(person) == [-6, -5, 0]
    texts = list(Digest.objects.filter(user=person).order_by("on").values_list("text", flat=True))
    assert "【退回待改】" in texts[0]
    assert "【退回待改】" not in texts[1]
    assert "乙局" in texts[1]


def test_a_return_is_told_within_its_day_though_a_deadline_was_told_before(departments, period):
    person = make_user(roles=[(Role.FILER, d) for d in departments])
    approver = make_approver(departments[0])
    tell(at=nine(-5))
    returned(period, departments[0], person, approver, nine(-4))
    tell(at=nine(-3))
    assert told(person) == [-5, -3]
    text = Digest.objects.filter(user=person).latest("on").text
    assert "【退回待改】" in text
    assert "【到期提醒】" not in text


def test_what_is_no_longer_so_is_not_told(departments, period):
    filer, approver = make_filer(departments[0]), make_approver(departments[0])
    filing = returned(period, departments[0], filer, approver, nine(-18))
    filing.refresh_from_db()
    file(filing, by=filer, signed_by=approver, at=nine(-18) + timedelta(hours=5))
    tell(at=nine(-17))
    assert told(filer) == []


def test_a_missing_signature_is_told_to_the_approvers(departments, period):
    filer, approver = make_filer(departments[0]), make_approver(departments[0])
    filing = filing_of(period, departments[0])
    fill(filing, by=filer, at=nine(-15))
    submit(filing=filing, by=filer, at=nine(-15))
    tell(at=nine(-14) - timedelta(minutes=1))
    assert told(approver) == []
    tell(at=nine(-14))
    assert (told(approver), told(filer)) == ([-14], [])
    assert "已于 2020年12月31日 09:00 提交签发" in Digest.objects.get(user=approver).text
    tell(at=nine(-5))
    assert "1 项已填齐，尚未签发，请签发。" in Digest.objects.filter(user=filer).latest("on").text


def test_a_missing_review_is_told_to_those_who_may_review(plan, departments, period):
    filer, approver = make_filer(departments[0]), make_approver(departments[0])
    reviewer, own = (
        make_reviewer(plan.office),
        make_user(roles=[(Role.OFFICE, plan.office), (Role.FILER, departments[0])]),
    )
    leader = make_leader()
    file(filing_of(period, departments[0]), by=filer, signed_by=approver, at=nine(-10))
    tell(at=nine(-8) - timedelta(minutes=1))
    assert told(reviewer) == []
    tell(at=nine(-8))
    assert told(reviewer) == [-8]
    assert told(own) == told(leader) == told(filer) == []
    assert (
        "甲局 2020年第4季度报送已于 2021年1月5日 09:00 报来，超过 48 小时未审"
        in Digest.objects.get(user=reviewer).text
    )


def test_without_a_reviewer_the_leaders_are_told(plan, departments, period):
    filer, approver, leader = make_filer(departments[0]), make_approver(departments[0]), make_leader()
    file(filing_of(period, departments[0]), by=filer, signed_by=approver, at=nine(-10))
    tell(at=nine(-8))
    assert told(leader) == [-8]


def test_people_of_the_department_do_not_read_what_reviewers_are_told(plan, departments, period):
    filer, approver = make_filer(departments[0]), make_approver(departments[0])
    of_office = make_filer(plan.office)
    reviewer = make_reviewer(plan.office)
    file(filing_of(period, departments[0]), by=filer, signed_by=approver, at=nine(-10))
    tell(at=nine(-8))
    (notice,) = Notice.objects.filter(kind="unreviewed")
    assert notice.department == plan.office
    seen = {
        p: Notice.objects.visible_to(p).filter(pk=notice.pk).exists() for p in (filer, of_office, reviewer)
    }
    assert seen == {filer: False, of_office: False, reviewer: True}


# What the database holds


def test_the_database_holds_one_notice_per_key_and_one_scheduled_digest_a_day(departments, period):
    filer = make_filer(departments[0])
    (digest,) = tell(at=nine(-5))
    notice = Notice.objects.get(department=departments[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(
            department=departments[1], period=period, kind="due", key=notice.key, text="x", at=nine(-5)
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.create(user=filer, on=digest.on, at=nine(-5), subject="x", text="x")
    Digest.objects.create(user=filer, on=digest.on, at=nine(-5), subject="x", text="x", is_immediate=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.create(on=digest.on, at=nine(-5), subject="x", text="x")


def test_more_departments_take_no_more_queries_but_the_rows_they_write(plan, departments, period):
    for unit in departments:
        make_filer(unit)
    every_day(last=-5)
    with CaptureQueriesContext(connection) as two:
        tell(at=nine(-4))
    more = make_plan("other")
    for _ in range(3):
        unit = make_department()
        make_task(make_action(more), lead=unit)
        make_filer(unit)
    open_quarter(more, opens_at=nine(-20), due_at=end_of(DUE), closes_at=end_of(DUE), at=nine(-20))
    tell(at=nine(-4))
    with CaptureQueriesContext(connection) as five:
        tell(at=nine(-4))
    assert len(five) == len(two)

"""Reminding departments (催办), one by one or all that are missing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from filings.errors import Refused
from filings.services.moves import submit
from filings.services.review import complete_review, decide_entry
from filings.services.windows import extend
from filings.terms import Decision
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local, start_of
from supervision.models import Notice, NoticeKind
from supervision.services import remind
from tasks.models import Task
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
    make_sysadmin,
    make_task,
    open_quarter,
)

URL = reverse("supervision:remind")


@pytest.fixture
def plan(db):
    return make_plan("811")


@pytest.fixture
def departments(plan):
    """Three units with two tasks each: one they lead, one they help with."""
    units = [make_department(name) for name in ("甲局", "乙局", "丙局")]
    for unit, other in zip(units, [*units[1:], units[0]], strict=True):
        make_task(make_action(plan), lead=unit, cooperating=[other])
    return units


@pytest.fixture
def now():
    """Noon, so that hours before and after lie on the same day."""
    return start_of(local(timezone.now()).date()) + timedelta(hours=12)


@pytest.fixture
def period(plan, departments, now):
    return open_quarter(plan, at=now - timedelta(days=5), due_at=now + timedelta(days=2))


@pytest.fixture
def reviewer(plan):
    return make_reviewer(plan.office, name="顾明远")


def send(period, department, at):
    return file(
        filing_of(period, department), by=make_filer(department), signed_by=make_approver(department), at=at
    )


def said(response):
    return [str(message) for message in response.context["messages"]]


def test_one_department_is_reminded_with_what_is_missing_and_until_when(
    client, departments, period, reviewer
):
    client.force_login(reviewer)
    response = client.post(URL, {"period": period.pk, "department": departments[0].pk}, follow=True)
    assert said(response) == ["已向甲局发出催办。"]
    notice = Notice.objects.get()
    assert (notice.department, notice.period, notice.kind, notice.by) == (
        departments[0], period, NoticeKind.REMINDER, reviewer,
    )  # fmt: skip
    due = zh.moment(local(period.due_at))
    assert notice.text == f"2020年第4季度尚有 2 项未报，报送截止时间为 {due}，请尽快办理。"
    assert response.request["QUERY_STRING"] == "plan=811&period=2020Q4"
    event = Event.objects.get(verb="period.remind")
    assert event.after == {"departments": "甲局"}


def test_all_missing_are_reminded_and_those_who_filed_meanwhile_are_passed_over(
    client, departments, period, reviewer, now
):
    a, b, c = departments
    send(period, b, now)
    client.force_login(reviewer)
    response = client.post(URL, {"period": period.pk, "department": [d.pk for d in departments]}, follow=True)
    assert said(response) == ["已向甲局、丙局发出催办。"]
    assert sorted(Notice.objects.values_list("department", flat=True)) == sorted([a.pk, c.pk])


def test_the_same_day_nobody_is_reminded_twice(departments, period, reviewer, now):
    a, b, _ = departments
    remind(period=period, departments=[a], by=reviewer, at=now - timedelta(hours=11))
    assert [n.department for n in remind(period=period, departments=[a, b], by=reviewer, at=now)] == [b]
    with pytest.raises(Refused) as refused:
        remind(period=period, departments=[a, b], by=reviewer, at=now + timedelta(hours=11))
    assert refused.value.sentence == "甲局、乙局今天已经催办过，不重复发送。"
    assert [
        n.department for n in remind(period=period, departments=[a], by=reviewer, at=now + timedelta(days=1))
    ] == [a]
    assert Notice.objects.count() == 3


def test_the_sentence_follows_the_state_of_the_filing(departments, period, reviewer, now):
    a, b, c = departments
    filing = filing_of(period, a)
    fill(filing, by=(filer := make_filer(a)), at=now)
    submit(filing=filing, checked_by="", by=filer, at=now)
    returned = send(period, b, now)
    first, second = returned.entries.order_by("position")
    decide_entry(
        entry=first,
        decision=Decision.RETURNED,
        seen=Decision.OPEN,
        code="R01",
        note="改",
        by=reviewer,
        at=now,
    )
    decide_entry(entry=second, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=reviewer, at=now)
    returned.refresh_from_db()
    complete_review(filing=returned, by=reviewer, at=now)
    extended = now + timedelta(days=5)
    extend(period=period, department=c, until=extended, reason="交接", approver="某", by=reviewer, at=now)
    later = now + timedelta(days=3)
    texts = {
        n.department: n.text for n in remind(period=period, departments=departments, by=reviewer, at=later)
    }
    due, until = zh.moment(local(period.due_at)), zh.moment(local(extended))
    assert texts == {
        a: f"2020年第4季度报送（2 项）已填齐，尚未签发，报送截止时间 {due} 已过，请尽快办理。",
        b: f"2020年第4季度报送有 1 项须改正后重新报送，报送截止时间 {due} 已过，请尽快办理。",
        c: f"2020年第4季度尚有 2 项未报，报送截止时间为 {until}，请尽快办理。",
    }


def test_nobody_left_is_said(client, departments, period, reviewer, now):
    send(period, departments[0], now)
    client.force_login(reviewer)
    response = client.post(URL, {"period": period.pk, "department": departments[0].pk}, follow=True)
    assert said(response) == ["所选单位都已报送，无须催办。请刷新页面查看最新状态。"]
    assert not Notice.objects.exists()


def test_a_closed_period_is_not_reminded(client, departments, period, reviewer):
    close_quarter(period)
    client.force_login(reviewer)
    response = client.post(URL, {"period": period.pk, "department": departments[0].pk}, follow=True)
    assert said(response) == ["2020年第4季度已关账，不能催办。"]
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("department", "sentence"),
    [
        ("", "没有选定要催办的单位。"),
        ("999999", "所选单位不存在，请刷新页面后重选。"),
        ("x", "所选单位不存在，请刷新页面后重选。"),
    ],
)
def test_a_department_must_be_chosen(client, period, reviewer, department, sentence):
    client.force_login(reviewer)
    data = {"period": period.pk} | ({"department": department} if department else {})
    assert said(client.post(URL, data, follow=True)) == [sentence]
    assert not Notice.objects.exists()


def test_the_office_reminds_readers_get_403_and_strangers_404(client, departments, period, reviewer):
    data = {"period": period.pk, "department": departments[0].pk}
    for person in (make_leader(), make_filer(departments[0])):
        client.force_login(person)
        assert client.post(URL, data).status_code == 403
    client.force_login(make_sysadmin())
    assert client.post(URL, data).status_code == 404
    client.force_login(reviewer)
    assert client.get(URL).status_code == 405
    for nonsense in ("", "x", "999999", "9" * 40):
        assert client.post(URL, data | {"period": nonsense}).status_code == 404
    assert not Notice.objects.exists()


def test_a_colleague_reminds_too(client, plan, departments, period):
    client.force_login(make_reviewer(plan.office))
    assert client.post(URL, {"period": period.pk, "department": departments[0].pk}).status_code == 302
    assert Notice.objects.count() == 1


# One task


def test_one_click_under_a_task_reminds_whoever_owes_something_of_it(client, plan, departments):
    period, task = (
        open_quarter(plan),
        Task.objects.get(responsibilities__department=departments[0], no=1, action__no=1),
    )
    others = {r.department for r in task.responsibilities.all()}
    client.force_login(make_reviewer(plan.office))
    page = client.get(reverse("supervision:desk")).content.decode()
    assert f'name="task" value="{task.pk}"' in page
    client.post(URL, {"period": period.pk, "task": task.pk})
    assert {notice.department for notice in Notice.objects.all()} == others
    assert len(others) == 2
    assert all(f"任务 {task} 尚有 1 项未完成报送" in notice.text for notice in Notice.objects.all())


def test_a_task_of_another_plan_and_nothing_at_all_are_refused(client, plan, departments):
    period, strange = open_quarter(plan), make_task(make_action(make_plan("other")))
    client.force_login(make_reviewer(plan.office))
    for data, sentence in (
        ({"task": strange.pk}, "所选任务不存在，请刷新页面后重选。"),
        ({}, "没有选定要催办的单位。"),
    ):
        response = client.post(URL, {"period": period.pk} | data, follow=True)
        assert [str(message) for message in response.context["messages"]] == [sentence]
    assert Notice.objects.count() == 0

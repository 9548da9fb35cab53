"""More time for one department, before or after the deadline."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from filings.errors import Refused
from filings.models import Extension, Move
from filings.services.access import latest_extension, timeliness_of, window_of
from filings.services.windows import extend
from filings.terms import Timeliness
from harbor_plan.lib.moments import end_of, local_day
from reports.models import Summary
from tests.factories import (
    file,
    filing_of,
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_leader,
    make_plan,
    make_reviewer,
    make_task,
    open_quarter,
)


@pytest.fixture
def plan(db):
    return make_plan()


@pytest.fixture
def department(plan):
    department = make_department("甲局")
    make_task(make_action(plan), lead=department)
    return department


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def period(plan, department, now):
    """Due and closed."""
    return open_quarter(
        plan, at=now - timedelta(days=30), due_at=now - timedelta(days=8), closes_at=now - timedelta(days=3)
    )


@pytest.fixture
def reviewer(plan):
    return make_reviewer(plan.office, name="顾明远")


def post(client, period, unit, day, **changes):
    data = {
        "department": unit.pk,
        "until_on": day.isoformat(),
        "reason": "机构划转交接",
        "approver": "分管领导",
    }
    return client.post(reverse("filings:extend", args=[period.pk]), data | changes, follow=True)


def test_after_the_deadline_an_extension_opens_the_window_again(client, department, period, reviewer, now):
    filing = filing_of(period, department)
    assert not window_of(filing, now).is_open
    client.force_login(reviewer)
    day = local_day(now) + timedelta(days=2)
    response = post(client, period, department, day)
    assert [str(message) for message in response.context["messages"]] == ["已登记甲局延期。"]
    extension = Extension.objects.get()
    assert (extension.until, extension.reason, extension.approver, extension.recorded_by) == (
        end_of(day), "机构划转交接", "分管领导", reviewer,
    )  # fmt: skip
    assert window_of(filing, now).is_open
    assert window_of(filing, now).due_at == end_of(day)
    move = Move.objects.get(filing=filing, verb="extend")
    assert (move.by, "批准人 分管领导：机构划转交接" in move.note) == (reviewer, True)
    assert response.context["extensions"].get() == extension


def test_what_is_sent_within_the_extension_is_on_time_also_in_the_figures(
    client, department, period, reviewer, now, django_capture_on_commit_callbacks
):
    filing = filing_of(period, department)
    assert timeliness_of(filing, None, now) == Timeliness.MISSING
    client.force_login(reviewer)
    with django_capture_on_commit_callbacks(execute=True):
        post(client, period, department, local_day(now) + timedelta(days=2))
        filing = file(filing, by=make_filer(department), signed_by=make_approver(department))
    assert timeliness_of(filing, latest_extension(period, department.pk), now) == Timeliness.ON_TIME
    figure = Summary.objects.get(period=period, subject="department", subject_id=department.pk)
    assert figure.timeliness == Timeliness.ON_TIME


def test_an_extension_after_a_late_filing_makes_it_on_time(plan, department, reviewer, now):
    period = open_quarter(
        plan, at=now - timedelta(days=20), due_at=now - timedelta(days=5), closes_at=now + timedelta(days=5)
    )
    filing = file(
        filing_of(period, department), by=make_filer(department), signed_by=make_approver(department)
    )
    assert timeliness_of(filing, None, now) == Timeliness.LATE
    extend(
        period=period, department=department, until=now + timedelta(days=1), reason="系统故障", approver="分管领导",
        by=reviewer, at=now,
    )  # fmt: skip
    assert timeliness_of(filing, latest_extension(period, department.pk), now) == Timeliness.ON_TIME


def test_the_latest_recorded_extension_holds(department, period, reviewer, now):
    for days in (4, 2):
        extend(
            period=period, department=department, until=now + timedelta(days=days), reason="交接", approver="某",
            by=reviewer, at=now,
        )  # fmt: skip
    assert window_of(filing_of(period, department), now).due_at == now + timedelta(days=2)


def test_other_departments_get_no_more_time(client, plan, period, department, reviewer, now):
    client.force_login(reviewer)
    post(client, period, department, local_day(now) + timedelta(days=2))
    other = make_department()
    make_task(make_action(plan), lead=other)
    third = open_quarter(
        plan,
        2020,
        3,
        at=now - timedelta(days=30),
        due_at=now - timedelta(days=8),
        closes_at=now - timedelta(days=3),
    )
    assert not window_of(filing_of(third, department), now).is_open
    assert not window_of(filing_of(third, other), now).is_open


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"reason": ""}, {"reason": ["请写明延期理由。"]}),
        ({"reason": "   "}, {"reason": ["请写明延期理由。"]}),
        ({"approver": ""}, {"approver": ["请填写批准人。"]}),
        ({"department": ""}, {"department": ["请选择单位。"]}),
        ({"until_on": "后天"}, {"until_on": ["延至日期无法识别，请按 2021-01-10 的样式填写。"]}),
    ],
)
def test_reason_approver_department_and_day_are_needed(
    client, department, period, reviewer, now, changes, errors
):
    client.force_login(reviewer)
    response = post(client, period, department, local_day(now) + timedelta(days=2), **changes)
    assert response.context["extension_form"].errors == errors
    assert "分管领导" in response.content.decode() or "approver" in changes
    assert not Extension.objects.exists()


def test_a_day_before_the_deadline_is_refused_with_the_deadline(client, department, period, reviewer, now):
    client.force_login(reviewer)
    response = post(client, period, department, local_day(now) - timedelta(days=12))
    assert response.status_code == 422
    assert "延至时间须晚于原截止时间" in response.context["extension_form"].non_field_errors()[0]
    assert not Extension.objects.exists()


def test_a_department_that_owes_nothing_is_not_offered(client, period, reviewer, now):
    idle = make_department("闲局")
    client.force_login(reviewer)
    response = post(client, period, idle, local_day(now) + timedelta(days=2))
    assert list(response.context["extension_form"].errors) == ["department"]
    with pytest.raises(Refused) as refused:
        extend(period=period, department=idle, until=now, reason="交接", approver="某", by=reviewer, at=now)
    assert refused.value.sentence == "闲局本季没有应报事项，无须延期。"


@pytest.mark.parametrize("make", [make_leader, lambda: make_filer(make_department())])
def test_only_the_office_records_an_extension(department, period, now, make):
    with pytest.raises(Refused) as refused:
        extend(
            period=period, department=department, until=now, reason="交接", approver="某", by=make(), at=now
        )
    assert refused.value.axis == "permission"
    assert not Extension.objects.exists()


def test_the_same_extension_is_not_recorded_twice(client, department, period, reviewer, now):
    client.force_login(reviewer)
    day = local_day(now) + timedelta(days=2)
    post(client, period, department, day)
    response = post(client, period, department, day)
    assert response.status_code == 409
    assert response.context["extension_form"].non_field_errors() == [
        f"甲局已延至 {day:%Y-%m-%d} 23:59，不必重复登记。"
    ]
    assert Extension.objects.count() == Move.objects.filter(verb="extend").count() == 1
    post(client, period, department, day + timedelta(days=1))
    assert Extension.objects.count() == 2


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_year_out_of_this_century_is_refused(client, department, period, reviewer, now, day):
    client.force_login(reviewer)
    response = post(client, period, department, local_day(now), until_on=day)
    assert response.context["extension_form"].errors == {"until_on": ["延至日期的年份不对，请核对。"]}
    assert not Extension.objects.exists()


def test_less_time_never_makes_late_what_was_sent_in_time(department, period, reviewer, now):
    def give(days):
        extend(
            period=period, department=department, until=period.due_at + timedelta(days=days), reason="台风",
            approver="高为民", by=reviewer, at=now,
        )  # fmt: skip

    give(8)
    file(
        filing_of(period, department), by=make_filer(department), signed_by=make_approver(department),
        at=period.due_at + timedelta(days=3),
    )  # fmt: skip
    with pytest.raises(Refused, match="在延期内报送，延期不能再提前到报送之前"):
        give(2)
    give(4)
    assert Extension.objects.filter(department=department).count() == 2

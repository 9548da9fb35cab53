"""What departments are told, and signing for it (签收)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from supervision.models import Notice, NoticeKind
from tests.factories import (
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

URL = reverse("supervision:notices")


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
def notices(plan, departments):
    """One reminder to each."""
    period = open_quarter(plan)
    reviewer = make_reviewer(plan.office, name="顾明远")
    return [
        Notice.objects.create(
            department=unit,
            period=period,
            kind=NoticeKind.REMINDER,
            text=f"请{unit}尽快填报。",
            by=reviewer,
            at=timezone.now(),
        )
        for unit in departments
    ]


def sign_url(notice):
    return reverse("supervision:read_notice", args=[notice.pk])


def test_a_department_reads_its_own_notices_only(client, departments, notices):
    client.force_login(make_filer(departments[0]))
    response = client.get(URL)
    assert list(response.context["page"]) == [notices[0]]
    assert response.context["unread"] == 1
    page = response.content.decode()
    assert "请甲局尽快填报。" in page
    assert "请乙局尽快填报。" not in page


@pytest.mark.parametrize("make", [make_filer, make_approver])
def test_signing_for_a_notice(client, departments, notices, make):
    person = make(departments[0], name="莫晓菁")
    client.force_login(person)
    response = client.post(sign_url(notices[0]), follow=True)
    assert [str(message) for message in response.context["messages"]] == ["已签收。"]
    notice = Notice.objects.get(pk=notices[0].pk)
    assert notice.read_by == person
    assert timezone.now() - notice.read_at < timedelta(minutes=1)
    assert Event.objects.get(verb="notice.read").actor_name == "莫晓菁"
    assert response.context["unread"] == 0
    assert sign_url(notices[0]) not in response.content.decode()


def test_a_colleague_who_comes_second_is_told_who_signed(client, departments, notices):
    first = make_filer(departments[0], name="莫晓菁")
    client.force_login(first)
    client.post(sign_url(notices[0]))
    second = Client()
    second.force_login(make_approver(departments[0]))
    response = second.post(sign_url(notices[0]), follow=True)
    assert "莫晓菁已于" in str(next(iter(response.context["messages"])))
    assert Notice.objects.get(pk=notices[0].pk).read_by == first


def test_the_office_and_leaders_read_all_and_sign_for_none(client, plan, notices):
    for person in (make_reviewer(plan.office), make_leader()):
        client.force_login(person)
        response = client.get(URL)
        assert set(response.context["page"]) == set(notices)
        assert sign_url(notices[0]) not in response.content.decode()
        assert client.post(sign_url(notices[0])).status_code == 403
    assert not Notice.objects.exclude(read_at=None).exists()


def test_strangers_find_nothing(client, departments, notices):
    client.force_login(make_filer(departments[1]))
    assert client.post(sign_url(notices[0])).status_code == 404
    client.force_login(make_sysadmin())
    assert client.post(sign_url(notices[0])).status_code == 404
    assert client.get(URL).status_code == 404
    assert not Notice.objects.exclude(read_at=None).exists()


def test_wrong_methods(client, departments, notices):
    client.force_login(make_filer(departments[0]))
    assert client.get(sign_url(notices[0])).status_code == 405
    assert client.post(URL).status_code == 405


def test_without_notices_the_page_says_so(client, departments):
    client.force_login(make_filer(departments[0]))
    assert "没有提醒。" in client.get(URL).content.decode()


def test_three_notices_take_as_many_queries_as_one(client, plan, departments, notices):
    client.force_login(make_filer(departments[0]))
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(URL).context["page"]) == 1
    for _ in range(2):
        Notice.objects.create(
            department=departments[0],
            period=notices[0].period,
            kind=NoticeKind.REMINDER,
            text="再催",
            at=timezone.now(),
        )
    with CaptureQueriesContext(connection) as three:
        assert len(client.get(URL).context["page"]) == 3
    assert len(three) == len(one)

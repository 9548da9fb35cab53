"""The queue of filings that wait for review."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from filings.services.claims import claim
from filings.services.review import accept_rest, name_substitute
from filings.services.windows import extend
from filings.terms import Timeliness
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
    make_sysadmin,
    make_task,
    make_user,
    open_quarter,
)

URL = reverse("filings:queue")


@pytest.fixture
def plan(db):
    return make_plan()


@pytest.fixture
def departments(plan):
    """Three units with a task each."""
    action = make_action(plan)
    units = [make_department(name) for name in ("甲局", "乙局", "丙局")]
    for unit in units:
        make_task(action, lead=unit)
    return units


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def period(plan, departments, now):
    """Due a day ago."""
    return open_quarter(plan, at=now - timedelta(days=5), due_at=now - timedelta(days=1))


def send(period, department, at):
    return file(
        filing_of(period, department), by=make_filer(department), signed_by=make_approver(department), at=at
    )


def test_the_longest_waiting_comes_first_with_late_and_slow_ones_marked(
    client, plan, departments, period, now
):
    a, b, _ = departments
    send(period, b, now - timedelta(hours=3))
    send(period, a, now - timedelta(hours=49))
    client.force_login(make_reviewer(plan.office, name="顾明远"))
    response = client.get(URL)
    rows = response.context["shown"]
    assert [(r.filing.department, r.is_slow, r.timeliness, r.waited_for) for r in rows] == [
        (a, True, Timeliness.ON_TIME, (49, "小时")),
        (b, False, Timeliness.LATE, (3, "小时")),
    ]
    assert [(r.entries, r.decided, r.explained) for r in rows] == [(1, 0, 0), (1, 0, 0)]
    assert [r.panel.names for r in rows] == ["顾明远", "顾明远"]
    assert response.context["counts"] == {"slow": 1, "late": 1, "mine": 2, "second": 0, "asked": 0}
    page = response.content.decode()
    assert "丙局" not in page
    assert '<b class="l-late">迟报</b>' in page
    assert '<b class="l-late">49</b>' in page


def test_days_instead_of_hours_after_a_hundred(client, plan, departments, period, now):
    send(period, departments[0], now - timedelta(days=5))
    client.force_login(make_reviewer(plan.office))
    assert [r.waited_for for r in client.get(URL).context["rows"]] == [(5, "天")]


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("", ["甲局", "乙局", "丙局"]),
        ("mine", ["甲局", "乙局"]),
        ("slow", ["甲局"]),
        ("late", ["丙局"]),
        ("nonsense", ["甲局", "乙局", "丙局"]),
    ],
)
def test_the_filter(client, plan, departments, period, now, show, names):
    a, b, c = departments
    send(period, a, now - timedelta(hours=50))
    send(period, b, now - timedelta(hours=30))
    send(period, c, now - timedelta(hours=2))
    client.force_login(make_user(roles=[(Role.OFFICE, plan.office), (Role.FILER, c)]))
    response = client.get(URL, {"show": show})
    assert [row.filing.department.name for row in response.context["shown"]] == names
    assert len(response.context["rows"]) == 3


@pytest.fixture
def three(plan, departments, period, now):
    """甲局 sent 50 hours ago and on time, with more time than 乙局; 乙局 three days late; 丙局 half a day late."""
    a, b, c = departments
    send(period, a, now - timedelta(hours=50))
    extend(
        period=period,
        department=a,
        until=now + timedelta(days=3),
        reason="补材料",
        approver="主任",
        by=make_reviewer(plan.office),
        at=now,
    )
    send(period, b, now - timedelta(hours=2))
    return send(period, c, now - timedelta(hours=12))


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ["甲局", "丙局", "乙局"]),
        ("due", ["丙局", "乙局", "甲局"]),
        ("late", ["乙局", "丙局", "甲局"]),
        ("nonsense", ["甲局", "丙局", "乙局"]),
    ],
)
def test_the_order_is_in_the_address(client, plan, three, sort, names):
    client.force_login(make_reviewer(plan.office))
    response = client.get(URL, {"sort": sort})
    assert [row.filing.department.name for row in response.context["shown"]] == names


def test_the_other_filters(client, plan, departments, three):
    a, b, c = departments
    me, colleague = make_reviewer(plan.office), make_reviewer(plan.office, name="宋怀瑾")
    claim(filing=three, by=colleague, at=timezone.now())
    client.force_login(me)

    def shown(**query):
        return {row.filing.department for row in client.get(URL, query).context["shown"]}

    assert shown(claimed="free") == {a, b}
    assert shown(claimed="others") == {c}
    assert shown(claimed="mine") == set()
    assert shown(department=b.pk) == {b}
    assert shown(department=b.pk, claimed="others") == set()
    assert shown(department="x", claimed="nonsense") == {a, b, c}
    assert shown(action=a.responsibilities.get().task.action_id) == {a, b, c}
    assert shown(show="second") == shown(show="again") == shown(show="asked") == set()


def test_the_queue_comes_back_as_it_was_left(client, plan, departments, three):
    reviewer = make_reviewer(plan.office)
    client.force_login(reviewer)
    client.get(URL, {"sort": "late", "claimed": "free"})
    accept_rest(filing=three, by=reviewer, at=timezone.now())
    response = client.post(reverse("filings:complete", args=[three.pk]))
    assert response.url == f"{URL}?sort=late&claimed=free"


def test_own_department_is_listed_and_said_why_not(client, plan, departments, period, now):
    send(period, departments[0], now)
    client.force_login(make_user(roles=[(Role.OFFICE, plan.office), (Role.FILER, departments[0])]))
    response = client.get(URL)
    assert [row.panel.may for row in response.context["shown"]] == [False]
    assert "本单位的报送须由他人审核" in response.content.decode()


def test_an_empty_queue_says_so(client, plan):
    client.force_login(make_reviewer(plan.office))
    assert "没有待审的报送。" in client.get(URL).content.decode()


def test_a_leader_reads_it(client, plan, departments, period, now):
    send(period, departments[0], now)
    client.force_login(make_leader())
    assert [row.filing.department for row in client.get(URL).context["shown"]] == [departments[0]]


def test_a_substitute_sees_only_the_filings_named(client, plan, departments, now):
    make_task(make_action(plan), lead=plan.office)
    period = open_quarter(plan)
    own = send(period, plan.office, now)
    send(period, departments[0], now)
    other = send(period, departments[1], now)
    substitute = make_filer(other.department)
    name_substitute(filing=own, user=substitute, reason="牵头办公室自报", by=make_leader(), at=now)
    client.force_login(substitute)
    rows = client.get(URL).context["shown"]
    assert [(row.filing.pk, row.panel.may) for row in rows] == [(own.pk, True)]


@pytest.mark.parametrize("make", [make_filer, make_approver])
def test_a_department_is_refused(client, departments, make):
    client.force_login(make(departments[0]))
    assert client.get(URL).status_code == 403


def test_a_system_administrator_is_refused(client, plan):
    client.force_login(make_sysadmin())
    assert client.get(URL).status_code == 403


def test_posting_is_refused(client, plan):
    client.force_login(make_reviewer(plan.office))
    assert client.post(URL).status_code == 405


def test_three_rows_take_as_many_queries_as_one(client, plan, departments, period, now):
    client.force_login(make_reviewer(plan.office))
    a, b, c = departments
    send(period, a, now)
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(URL).context["rows"]) == 1
    send(period, b, now)
    send(period, c, now)
    with CaptureQueriesContext(connection) as three:
        assert len(client.get(URL).context["rows"]) == 3
    assert len(three) == len(one)

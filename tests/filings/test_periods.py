"""The office's list of periods: setting one up, opening it early, the page."""

from datetime import date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import get_current_timezone

from audit.models import Event
from filings.errors import Refused
from filings.models import Entry, Filing, Period
from filings.queries.waiting import next_quarter, period_rows, period_state
from filings.services.schedule import late_entry_window, usual_window
from filings.services.windows import create_period
from targets.measure import Quarter
from tests.factories import (
    accept,
    close_quarter,
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
    open_quarter,
)

URL = reverse("filings:periods")
CREATE = reverse("filings:create_period")


def local(year, month, day, hour=0, minute=0, second=0):
    return datetime(year, month, day, hour, minute, second, tzinfo=get_current_timezone())


@pytest.fixture
def plan(db):
    return make_plan("811")


@pytest.fixture
def department(plan):
    department = make_department("甲局")
    make_task(make_action(plan), lead=department)
    return department


@pytest.fixture
def reviewer(plan):
    return make_reviewer(plan.office)


def dates(**changes):
    return {
        "year": 2020,
        "quarter": 4,
        "opens_on": "2090-12-21",
        "due_on": "2091-01-10",
        "closes_on": "2091-01-20",
    } | changes


# The page


def test_the_page_counts_filings_and_entries_of_every_period(client, plan, department, reviewer):
    third = open_quarter(plan, 2020, 3)
    filer, approver = make_filer(department), make_approver(department)
    accept(file(filing_of(third, department), by=filer, signed_by=approver), by=reviewer)
    close_quarter(third)
    fourth = open_quarter(plan, 2020, 4)
    file(filing_of(fourth, department), by=filer, signed_by=approver)
    client.force_login(reviewer)
    response = client.get(URL)
    rows = response.context["rows"]
    assert [(row.period, row.state, row.sent, row.owed, row.accepted) for row in rows] == [
        (fourth, "open", 1, 1, 0),
        (third, "published", 1, 1, 1),
    ]
    assert [(row.entries_accepted, row.entries) for row in rows] == [(0, 1), (1, 1)]
    assert response.context["chosen"].period == fourth
    assert client.get(URL, {"period": "2020Q3"}).context["chosen"].period == third


@pytest.mark.parametrize(
    ("hours", "state"),
    [(-1, "planned"), (0, "open"), (10, "open"), (11, "due"), (20, "due"), (21, "closed")],
)
def test_where_a_period_stands(hours, state):
    at = local(2021, 1, 1)
    period = Period(
        opens_at=at, due_at=at + timedelta(hours=10), closes_at=at + timedelta(hours=20), opened_at=at
    )
    assert period_state(period, at + timedelta(hours=hours)) == state
    period.closed_at = at
    assert period_state(period, at + timedelta(hours=hours)) == "published"
    period.closed_at = period.opened_at = None
    assert period_state(period, at + timedelta(hours=hours)) == "planned"


def test_the_next_quarter_is_proposed_with_its_usual_window(client, plan, reviewer, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: local(2020, 6, 1, 9))
    open_quarter(plan, 2020, 1, at=local(2020, 4, 1))
    client.force_login(reviewer)
    form = client.get(URL).context["period_form"]
    assert form.initial == {
        "year": 2020,
        "quarter": 2,
        "opens_on": date(2020, 6, 20),
        "due_on": date(2020, 7, 10),
        "countersign_on": date(2020, 7, 15),
        "closes_on": date(2020, 7, 20),
        "is_late_entry": False,
    }


def test_a_past_quarter_is_proposed_as_late_entry_from_today(client, plan, reviewer, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: local(2020, 6, 1, 9))
    client.force_login(reviewer)
    form = client.get(URL, {"year": "2016", "quarter": "3"}).context["period_form"]
    assert form.initial == {
        "year": 2016,
        "quarter": 3,
        "opens_on": date(2020, 6, 1),
        "due_on": date(2020, 6, 11),
        "countersign_on": None,
        "closes_on": date(2020, 6, 21),
        "is_late_entry": True,
    }
    assert (
        "请选择方案期限内的年份和季度" in client.get(URL, {"year": "2031", "quarter": "3"}).content.decode()
    )


def test_after_the_plans_last_quarter_none_is_proposed(plan):
    assert next_quarter(plan, []) == Quarter(2016, 1)
    open_quarter(plan, 2020, 4)
    reader = make_leader()
    assert next_quarter(plan, period_rows(plan, user=reader, at=timezone.now())) is None
    open_quarter(plan, 2016, 1, is_late_entry=True)
    assert next_quarter(plan, period_rows(plan, user=reader, at=timezone.now())) is None


def test_usual_and_late_windows_are_whole_local_days():
    assert usual_window(date(2020, 12, 31)) == (
        local(2020, 12, 21),
        local(2021, 1, 10, 23, 59, 59),
        local(2021, 1, 20, 23, 59, 59),
    )
    assert late_entry_window(date(2021, 3, 1)) == (
        local(2021, 3, 1),
        local(2021, 3, 11, 23, 59, 59),
        local(2021, 3, 21, 23, 59, 59),
    )


def test_another_plan_is_shown_by_its_code(client, plan, reviewer):
    other = make_plan("812")
    period = open_quarter(other)
    client.force_login(reviewer)
    assert [row.period for row in client.get(URL, {"plan": "812"}).context["rows"]] == [period]
    assert client.get(URL, {"plan": "811"}).context["rows"] == []
    assert client.get(URL, {"plan": "nothing"}).status_code == 404


def test_three_periods_take_as_many_queries_as_one(client, plan, department, reviewer):
    client.force_login(reviewer)
    open_quarter(plan, 2020, 4)
    with CaptureQueriesContext(connection) as one:
        assert len(client.get(URL).context["rows"]) == 1
    open_quarter(plan, 2020, 3)
    open_quarter(plan, 2020, 2)
    with CaptureQueriesContext(connection) as three:
        assert len(client.get(URL).context["rows"]) == 3
    assert len(three) == len(one)


def test_only_the_office_manages_periods(client, plan, department, reviewer):
    period = open_quarter(plan)
    urls = [
        CREATE,
        reverse("filings:open_period", args=[period.pk]),
        reverse("filings:extend", args=[period.pk]),
    ]
    for person in (make_leader(), make_filer(department)):
        client.force_login(person)
        assert client.get(URL).status_code == 403
        assert [client.post(url, dates()).status_code for url in urls] == [403, 403, 403]
    client.force_login(make_sysadmin())
    assert client.get(URL).status_code == 404
    assert [client.post(url, dates()).status_code for url in urls] == [404, 404, 404]
    client.force_login(reviewer)
    assert client.post(URL).status_code == 405
    assert [client.get(url).status_code for url in urls] == [405, 405, 405]
    assert Period.objects.count() == 1


# Setting one up


def test_a_period_is_set_up_in_whole_local_days(client, plan, reviewer):
    client.force_login(reviewer)
    response = client.post(CREATE, dates(), follow=True)
    period = Period.objects.get()
    assert (period.year, period.quarter, period.is_late_entry, period.opened_at) == (2020, 4, False, None)
    assert (period.opens_at, period.due_at, period.closes_at) == (
        local(2090, 12, 21),
        local(2091, 1, 10, 23, 59, 59),
        local(2091, 1, 20, 23, 59, 59),
    )
    assert [str(message) for message in response.context["messages"]] == ["已建立2020年第4季度的填报期。"]
    event = Event.objects.get(verb="period.create")
    assert (event.actor_name, event.subject_label) == (str(reviewer), "2020年第4季度")


def test_a_quarter_before_the_plan_was_issued_is_late_entry_only(client, plan, reviewer):
    client.force_login(reviewer)
    response = client.post(CREATE, dates(year=2017, quarter=1))
    assert response.status_code == 422
    assert response.context["period_form"].non_field_errors() == [
        "方案于 2017-05-19 印发，2017年第1季度在此之前，只能作为补录。"
    ]
    assert "2090-12-21" in response.content.decode()
    assert client.post(CREATE, dates(year=2017, quarter=1, is_late_entry="on")).status_code == 302
    assert Period.objects.get().is_late_entry


@pytest.mark.parametrize(
    ("changes", "status", "field", "sentence"),
    [
        ({"year": 2021}, 422, None, "2021年不在811的期限内（2016—2020年），请核对年份。"),
        ({"due_on": "2090-12-01"}, 422, None, "开放、截止、关闭三个时间须依次先后，请核对。"),
        ({"closes_on": "2091-01-09"}, 422, None, "开放、截止、关闭三个时间须依次先后，请核对。"),
        ({"quarter": 3}, 409, None, "2020年第3季度的填报期已经建立；需要更多时间的单位，请登记延期。"),
        ({"opens_on": ""}, 422, "opens_on", "请填写开放日期。"),
        ({"opens_on": "0001-01-01"}, 422, "opens_on", "开放日期的年份不对，请核对。"),
        ({"closes_on": "9999-12-31"}, 422, "closes_on", "关闭日期的年份不对，请核对。"),
        (
            {"opens_on": "2020-12-21", "due_on": "2021-01-10"},
            422,
            None,
            "报送截止时间已过，建立后无人能够按时报送，请改为以后的日期。",
        ),
        ({"due_on": "2091-02-30"}, 422, "due_on", "报送截止日期无法识别，请按 2021-01-10 的样式填写。"),
    ],
)
def test_a_wrong_window_is_refused_and_kept_on_the_page(
    client, plan, reviewer, changes, status, field, sentence
):
    open_quarter(plan, 2020, 3)
    client.force_login(reviewer)
    response = client.post(CREATE, dates(**changes))
    assert response.status_code == status
    assert response.context["period_form"].errors == {field or "__all__": [sentence]}
    assert str(changes.get("due_on", "2091-01-10")) in response.content.decode()
    assert Period.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_set_up_one_quarter_at_once_the_second_is_told():
    plan = make_plan("811")
    reviewer, at = make_reviewer(plan.office), timezone.now()
    ready = Barrier(2)
    results = []

    def create():
        try:
            ready.wait(timeout=30)
            opens, due, closes = late_entry_window(at.date())
            create_period(
                plan=plan, year=2020, quarter=4, opens_at=opens, due_at=due, closes_at=closes, is_late_entry=False,
                by=reviewer, at=at,
            )  # fmt: skip
            results.append("created")
        except Refused as refused:
            results.append(refused.sentence)
        finally:
            connection.close()

    threads = [Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(results) == [
        "2020年第4季度的填报期已经建立；需要更多时间的单位，请登记延期。",
        "created",
    ]


# Opening early


def test_opening_now_begins_the_window_and_writes_the_obligations(client, plan, department, reviewer):
    at = timezone.now()
    planned = at + timedelta(days=5)
    period = Period.objects.create(
        plan=plan, year=2020, quarter=4, opens_at=planned, due_at=at + timedelta(days=9),
        closes_at=at + timedelta(days=20),
    )  # fmt: skip
    client.force_login(reviewer)
    response = client.post(reverse("filings:open_period", args=[period.pk]), follow=True)
    assert [str(message) for message in response.context["messages"]] == ["2020年第4季度已开放填报。"]
    period.refresh_from_db()
    assert at <= period.opens_at == period.opened_at <= timezone.now()
    assert [filing.department for filing in Filing.objects.all()] == [department]
    assert Entry.objects.get().kind == "progress"
    event = Event.objects.get(verb="period.open_early")
    assert event.before == {"opens_at": planned.isoformat()}
    again = client.post(reverse("filings:open_period", args=[period.pk]), follow=True)
    assert "不必重复开放" in str(next(iter(again.context["messages"])))
    assert Filing.objects.count() == 1


def test_a_period_whose_deadline_has_passed_is_not_opened(client, plan, department, reviewer):
    at = timezone.now()
    period = Period.objects.create(
        plan=plan,
        year=2020,
        quarter=4,
        opens_at=at - timedelta(days=9),
        due_at=at - timedelta(days=1),
        closes_at=at,
    )
    client.force_login(reviewer)
    response = client.post(reverse("filings:open_period", args=[period.pk]), follow=True)
    assert "已过，不能再开放。" in str(next(iter(response.context["messages"])))
    assert not Filing.objects.exists()

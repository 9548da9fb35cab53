"""The quarter dimension of the desk: how each department filed in the last quarters."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from filings.models import Filing
from filings.services.exemptions import exempt
from filings.services.windows import extend
from filings.terms import Timeliness
from reports.editions import QUARTERS
from reports.queries.trend import trend
from tests.factories import (
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

URL = reverse("supervision:desk")


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def plan(db):
    return make_plan()


@pytest.fixture
def units(plan):
    units = [make_department(name) for name in ("甲局", "乙局", "丙局")]
    action = make_action(plan)
    for unit in units:
        make_task(action, lead=unit)
    return units


def send(period, unit, at):
    return file(filing_of(period, unit), by=make_filer(unit), signed_by=make_approver(unit), at=at)


def quarter(plan, number, now, due=-1):
    return open_quarter(
        plan,
        2020,
        number,
        at=now - timedelta(days=30),
        due_at=now + timedelta(days=due),
        closes_at=now + timedelta(days=9),
    )


def opened(plan):
    return list(plan.periods.opened())


def test_each_department_has_a_mark_for_each_quarter(plan, units, now):
    a, b, c = units
    third, fourth = quarter(plan, 3, now), quarter(plan, 4, now, due=5)
    send(third, a, now - timedelta(days=3))
    send(third, b, now - timedelta(minutes=1))
    send(fourth, a, now)
    extend(
        period=third,
        department=c,
        until=now + timedelta(days=2),
        reason="补材料",
        approver="主任",
        by=make_reviewer(plan.office),
        at=now,
    )
    Filing.objects.filter(period=third, department=a).update(returns=2)
    fourth.plan = plan
    found = trend(fourth, opened(plan), at=now)
    assert [(head.period, head.owed, head.sent, head.on_time, head.is_chosen) for head in found.heads] == [
        (third, 3, 2, 1, False),
        (fourth, 3, 1, 1, True),
    ]
    assert [(line.department, [(x.timeliness, x.late_days) for x in line.cells]) for line in found.lines] == [
        (a, [(Timeliness.ON_TIME, 0), (Timeliness.ON_TIME, 0)]),
        (b, [(Timeliness.LATE, 1), (Timeliness.NOT_DUE, 0)]),
        (c, [(Timeliness.NOT_DUE, 0), (Timeliness.NOT_DUE, 0)]),
    ]
    assert [(line.on_time, line.timed, line.returns) for line in found.lines] == [
        (2, 2, 2),
        (0, 1, 0),
        (0, 0, 0),
    ]
    assert found.lines[0].cells[0].title == "甲局 2020年第3季度 按时，退回 2 次"
    assert found.lines[1].cells[0].title == "乙局 2020年第3季度 迟报 1 天"


def test_overdue_and_exempt_filings_and_quarters_without_timeliness(plan, units, now):
    a, b, c = units
    early = open_quarter(plan, 2016, 4)
    send(early, a, now)
    late = quarter(plan, 1, now)
    exempt(
        period=late, department=c, reason="机构调整", approver="主任", by=make_reviewer(plan.office), at=now
    )
    late.plan = plan
    found = trend(late, opened(plan), at=now)
    words = {line.department: [cell.word for cell in line.cells] for line in found.lines}
    assert words == {
        a: ["已报（不计时效）", "未报"],
        b: ["未报（不计时效）", "未报"],
        c: ["未报（不计时效）", "免报"],
    }
    assert [(head.owed, head.sent) for head in found.heads] == [(3, 1), (2, 0)]
    assert {cell.symbol for line in found.lines for cell in line.cells[1:]} == {"s-over", "s-exempt"}


def test_later_quarters_and_very_old_ones_are_left_out(plan, units, now):
    for year in (2018, 2019, 2020):
        for number in (1, 2, 3, 4):
            open_quarter(plan, year, number)
    chosen = plan.periods.get(year=2020, quarter=3)
    chosen.plan = plan
    codes = [head.period.code for head in trend(chosen, opened(plan), at=now).heads]
    assert (len(codes), codes[0], codes[-1]) == (QUARTERS, "2018Q4", "2020Q3")


def test_the_desk_links_each_quarter_and_keeps_the_filter(client, plan, units, now):
    quarter(plan, 3, now)
    quarter(plan, 4, now, due=5)
    client.force_login(make_reviewer(plan.office))
    response = client.get(URL, {"show": "missing"})
    page = response.content.decode()
    assert "近 2 季报送" in page
    assert "?show=missing&amp;period=2020Q3" in page
    assert client.get(URL, {"period": "2020Q3"}).context["trend"].heads[-1].period.code == "2020Q3"


def test_departments_and_quarters_add_no_queries(plan, units, now, django_assert_num_queries):
    last = quarter(plan, 4, now)
    last.plan = plan
    with django_assert_num_queries(3):
        trend(last, [last], at=now)
    for number in (1, 2, 3):
        quarter(plan, number, now)
    periods = opened(plan)
    with django_assert_num_queries(3):
        trend(last, periods, at=now)

"""The office's desk: the missing-filing matrix of a period."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from departments.models import Kind
from filings.services.moves import sign, submit
from filings.services.review import complete_review, decide_entry
from filings.services.windows import extend
from filings.terms import Decision
from supervision.matrix import select
from supervision.queries import matrix
from tests.factories import (
    accept,
    file,
    filing_of,
    fill,
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_indicator,
    make_leader,
    make_milestone,
    make_plan,
    make_reviewer,
    make_sysadmin,
    make_task,
    open_quarter,
)

URL = reverse("supervision:desk")


class Scene:
    """Two actions, three tasks, four units: a leads 1.1 and the first action, b leads 1.2, c leads 2.1, d helps."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.plan = make_plan("811")
        self.a, self.b, self.c, self.d = (make_department(f"{name}局") for name in "甲乙丙丁")
        first = make_action(self.plan, leads=[self.a], name="“五水共治”行动")
        second = make_action(self.plan, name="大气行动")
        self.t11 = make_task(first, lead=self.a, cooperating=[self.b, self.d])
        self.t12 = make_task(first, lead=self.b, cooperating=[self.a])
        self.t21 = make_task(second, lead=self.c, cooperating=[self.a])
        make_milestone(self.t11)
        make_milestone(self.t11)
        make_indicator(self.plan, data_department=self.d)
        self.reviewer = make_reviewer(self.plan.office)

    def open(self, *, due: int = 5, **window):
        """The fourth quarter, opened ten days ago and due in `due` days."""
        at = self.now - timedelta(days=10)
        return open_quarter(
            self.plan,
            at=at,
            due_at=self.now + timedelta(days=due),
            closes_at=self.now + timedelta(days=20),
            **window,
        )

    def send(self, period, department, at=None):
        return file(
            filing_of(period, department),
            by=make_filer(department),
            signed_by=make_approver(department),
            at=at,
        )


@pytest.fixture
def scene(db):
    return Scene()


def states(found, department):
    """The keys of a department's marks, in the order of the columns, with whether it leads."""
    row = next(row for row in found.rows if row.filing.department == department)
    return [(mark.key, mark.is_lead) if mark else None for mark in row.marks]


def test_cells_show_who_leads_who_helps_and_who_is_not_concerned(scene):
    found = matrix(scene.open(), at=scene.now)
    assert [(band.no, band.short, band.tasks) for band in found.bands] == [(1, "五水共治", 2), (2, "大气", 1)]
    assert [(column.task, column.is_first) for column in found.columns] == [
        (scene.t11, True),
        (scene.t12, False),
        (scene.t21, True),
    ]
    assert states(found, scene.a) == [("todo", True), ("todo", False), ("todo", False)]
    assert states(found, scene.b) == [("todo", False), ("todo", True), None]
    assert states(found, scene.c) == [None, None, ("todo", True)]
    assert states(found, scene.d) == [("todo", False), None, None]
    a, d = found.rows[0], found.rows[3]
    assert (a.summary.owed, a.milestones.owed, a.readings) == (1, 2, None)
    assert (d.summary, d.milestones, d.readings.owed) == (None, None, 1)
    assert a.marks[0].title == f"甲局 {scene.t11} 牵头 未填"
    assert d.readings.mark.title.startswith("丁局 指标数据 指标")
    assert (a.sent, a.owed) == (0, 6)


def test_every_step_of_a_filing_has_its_mark(scene):
    period = scene.open()
    filer, approver = make_filer(scene.c), make_approver(scene.c)
    filing = filing_of(period, scene.c)

    def state():
        return states(matrix(period, at=scene.now), scene.c)[2][0]

    assert state() == "todo"
    fill(filing, by=filer)
    assert state() == "draft"
    submit(filing=filing, checked_by="", by=filer, at=scene.now)
    assert state() == "sign"
    filing.refresh_from_db()
    sign(filing=filing, by=approver, at=scene.now)
    assert state() == "sent"
    entry = filing.entries.get()
    decide_entry(
        entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="改", by=scene.reviewer,
        at=scene.now,
    )  # fmt: skip
    assert state() == "back"
    filing.refresh_from_db()
    complete_review(filing=filing, by=scene.reviewer, at=scene.now)
    assert state() == "back"
    filing.refresh_from_db()
    submit(filing=filing, checked_by="", by=filer, at=scene.now)
    assert state() == "sign"
    filing.refresh_from_db()
    sign(filing=filing, by=approver, at=scene.now)
    filing.refresh_from_db()
    accept(filing, by=scene.reviewer)
    assert state() == "accepted"


def test_what_is_not_filled_when_the_deadline_has_passed_is_overdue(scene):
    period = scene.open(due=-1)
    fill(filing_of(period, scene.b), by=make_filer(scene.b), at=scene.now)
    found = matrix(period, at=scene.now)
    assert states(found, scene.b) == [("draft", False), ("draft", True), None]
    assert states(found, scene.c) == [None, None, ("over", True)]
    assert [row.is_overdue for row in found.rows] == [True] * 4
    assert found.totals.overdue == 4


def test_an_extended_department_is_not_overdue(scene):
    period = scene.open(due=-1)
    extend(
        period=period, department=scene.c, until=scene.now + timedelta(days=2), reason="交接", approver="某",
        by=scene.reviewer, at=scene.now,
    )  # fmt: skip
    found = matrix(period, at=scene.now)
    assert states(found, scene.c) == [None, None, ("todo", True)]
    assert found.totals.overdue == 3


def test_late_entry_is_never_overdue(scene):
    found = matrix(scene.open(due=-1, is_late_entry=True), at=scene.now)
    assert found.totals.overdue == 0
    assert states(found, scene.c) == [None, None, ("todo", True)]


def test_rows_stand_in_groups_and_totals_add_up(scene):
    period = scene.open(due=-1)
    accept(scene.send(period, scene.b, scene.now - timedelta(days=2)), by=scene.reviewer, at=scene.now)
    scene.send(period, scene.a, scene.now)
    found = matrix(period, at=scene.now)
    shown = select(found)
    assert [(g.key, [row.filing.department.name for row in g.rows]) for g in shown.groups] == [
        ("missing", ["丙局", "丁局"]),
        ("waiting", ["甲局"]),
        ("accepted", ["乙局"]),
    ]
    totals = found.totals
    assert (totals.units, totals.sent, totals.on_time, totals.late, totals.missing) == (4, 2, 1, 1, 2)
    assert (totals.entries_sent, totals.entries, totals.entries_accepted) == (8, 11, 2)
    assert shown.foot.tasks == (1, 0, 1)
    assert (shown.foot.summary, shown.foot.milestones, shown.foot.readings) == (0, 0, 1)
    assert (shown.foot.sent, shown.foot.owed) == (8, 11)
    assert {key: count for key, count in found.legend.items() if count} == {
        "over": 3,
        "sent": 6,
        "accepted": 2,
    }


def test_the_filter_keeps_group_kind_and_action(client, scene):
    scene.d.kind = Kind.TOWN
    scene.d.save()
    period = scene.open()
    scene.send(period, scene.a)
    client.force_login(scene.reviewer)

    def names(**query):
        shown = client.get(URL, query).context["shown"]
        return [row.filing.department.name for row in shown.rows], [str(c.task.number) for c in shown.columns]

    everything = ["1.1", "1.2", "2.1"]
    assert names() == (["乙局", "丙局", "丁局", "甲局"], everything)
    assert names(show="missing") == (["乙局", "丙局", "丁局"], everything)
    assert names(show="waiting") == (["甲局"], everything)
    assert names(show="returned") == ([], everything)
    assert names(kind="town") == (["丁局"], everything)
    assert names(action="2") == (["丙局", "甲局"], ["2.1"])
    assert names(show="missing", action="1") == (["乙局", "丁局"], ["1.1", "1.2"])
    assert names(show="nonsense", action="x") == (["乙局", "丙局", "丁局", "甲局"], everything)


def test_the_page_says_the_totals_and_offers_to_remind_the_missing(client, scene):
    period = scene.open(due=-1)
    scene.send(period, scene.a, scene.now - timedelta(days=3))
    client.force_login(scene.reviewer)
    response = client.get(URL)
    page = response.content.decode()
    assert "应报 <b>4</b> 家，已报 <b>1</b> 家（按时 1 家，迟报 0 家）" in page
    assert '<b class="l-late">未报 3 家</b>' in page
    assert "填报项已报 <b>6/11</b> 项，已采纳 <b>0/11</b> 项。" in page
    assert "催办未报的 3 家" in page
    assert reverse("reports:state_xlsx", args=[period.pk]) in page
    assert f'title="丙局 {scene.t21} 牵头 逾期未报"' in page
    assert response.context["slow_count"] == 1


def test_another_period_is_shown_by_its_code(client, scene):
    fourth = scene.open()
    third = open_quarter(scene.plan, 2020, 3)
    client.force_login(scene.reviewer)
    assert client.get(URL).context["period"] == fourth
    assert client.get(URL, {"period": "2020Q3"}).context["period"] == third
    assert client.get(URL, {"period": "2019Q1"}).status_code == 404
    assert client.get(URL, {"plan": "nothing"}).status_code == 404


def test_before_the_first_period_the_desk_says_so(client, scene):
    client.force_login(scene.reviewer)
    assert "开放填报期后，这里列出各单位的报送情况。" in client.get(URL).content.decode()


def test_a_leader_reads_the_desk_and_cannot_remind(client, scene):
    scene.open()
    client.force_login(make_leader())
    response = client.get(URL)
    assert response.status_code == 200
    assert "催办未报的" not in response.content.decode()


def test_departments_are_refused_and_a_system_administrator_finds_nothing(client, scene):
    scene.open()
    client.force_login(make_filer(scene.a))
    assert client.get(URL).status_code == 403
    client.force_login(make_sysadmin())
    assert client.get(URL).status_code == 404
    client.force_login(scene.reviewer)
    assert client.post(URL).status_code == 405


def test_departments_tasks_and_history_add_no_queries(client, scene):
    client.force_login(scene.reviewer)
    period = scene.open()
    scene.send(period, scene.a)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for _ in range(3):
        unit = make_department()
        make_task(make_action(scene.plan), lead=unit, cooperating=[scene.b])
    for quarter in (1, 2, 3):
        older = open_quarter(scene.plan, 2019, quarter)
        accept(scene.send(older, scene.a), by=scene.reviewer)
    newest = open_quarter(scene.plan, 2020, 3)
    scene.send(newest, scene.a)
    scene.send(newest, scene.b)
    scene.send(newest, scene.c)
    with CaptureQueriesContext(connection) as many:
        response = client.get(URL, {"period": "2020Q3"})
    assert (len(response.context["matrix"].rows), len(response.context["matrix"].columns)) == (7, 6)
    assert len(response.context["waiting"]) == 3
    assert len(many) == len(few)

"""Statistics of returns: what finished reviews decided, by reason, department, reviewer and quarter."""

from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from audit.models import Event
from filings.queries.returns import Decided, decided, returns
from filings.services.review import accept_rest, complete_review, decide_entry, reopen
from filings.terms import Decision, ReturnCode
from tests.factories import (
    entry_of,
    file,
    filing_of,
    make_approver,
    make_filer,
    make_leader,
    make_reviewer,
    make_sysadmin,
)
from tests.filings.review_scene import Scene, progress_of

URL = reverse("filings:returns")


def move(verb, entry=None, code="", by=1):
    return (7, 4, 3, entry, verb, code, by)


@pytest.mark.parametrize(
    ("moves", "codes"),
    [
        ([move("accept_entry", 1), move("accept", by=1)], [""]),
        ([move("return_entry", 1, "R02"), move("return")], ["R02"]),
        ([move("return_entry", 1, "R02")], []),
        ([move("return_entry", 1, "R02"), move("accept_entry", 1), move("accept")], [""]),
        ([move("return_entry", 1, "R02"), move("return_entry", 1, "R03"), move("return")], ["R03"]),
        (
            [
                move("return_entry", 1, "R02"),
                move("return"),
                move("sign"),
                move("accept_entry", 1),
                move("accept"),
            ],
            ["R02", ""],
        ),
        (
            [move("accept_entry", 1), move("accept"), move("reopen"), move("return_entry", 1, "R05")],
            ["", "R05"],
        ),
        (
            [
                move("accept_entry", 1),
                move("accept"),
                move("reopen"),
                move("return_entry", 1, "R05"),
                move("sign"),
                move("accept_entry", 1),
                move("accept"),
            ],
            ["", "R05", ""],
        ),
        ([move("pass_entry", 1), move("confirm_entry", 1), move("accept")], [""]),
    ],
)
def test_what_finished_reviews_decided(moves, codes):
    assert decided(moves) == [Decided(4, 3, 1, code) for code in codes]


def test_a_confirmed_entry_counts_for_whoever_confirmed_it():
    assert decided([move("pass_entry", 1, by=1), move("confirm_entry", 1, by=2), move("accept", by=2)]) == [
        Decided(4, 3, 2, "")
    ]


@pytest.fixture
def scene(db):
    return Scene()


def give_back(filing, entry, code, by):
    at = timezone.now()
    decide_entry(
        entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code=code, note="请核实", by=by, at=at
    )
    accept_rest(filing=filing, by=by, at=at)
    complete_review(filing=filing, by=by, at=at)
    filing.refresh_from_db()
    return filing


@pytest.fixture
def two_quarters(scene):
    """Third quarter: 甲局 returned R02 once, then accepted and one reopened R05. Fourth: 乙局 returned R03."""
    third = scene.send(scene.open(3))
    entry = progress_of(third)
    third = give_back(third, entry, "R02", scene.reviewer)
    again = scene.resend(third, entry)
    accept_rest(filing=again, by=scene.reviewer, at=timezone.now())
    complete_review(filing=again, by=scene.reviewer, at=timezone.now())
    again.refresh_from_db()
    reopen(filing=again, notes={entry.pk: ("R05", "口径")}, by=scene.reviewer, at=timezone.now())
    fourth = filing_of(scene.open(4).period, scene.helper)
    fourth = file(fourth, by=make_filer(scene.helper), signed_by=make_approver(scene.helper))
    give_back(
        fourth, entry_of(fourth, kind="progress"), "R03", make_reviewer(scene.plan.office, name="宋怀瑾")
    )


def table(found, key):
    of = next(t for t in found.tables if t.key == key)
    return {line.label: (line.decided, line.returned, dict(line.codes)) for line in of.lines}


def test_returns_by_quarter_department_and_reviewer(scene, two_quarters):
    found = returns(scene.plan, user=scene.reviewer)
    assert (found.total.decided, found.total.returned, dict(found.total.codes)) == (
        7,
        3,
        {"R02": 1, "R05": 1, "R03": 1},
    )
    first = (5, 2, {"R02": 1, "R05": 1})
    second = (2, 1, {"R03": 1})
    assert table(found, "quarter") == {"2020年第4季度": second, "2020年第3季度": first}
    assert table(found, "department") == {"甲局": first, "乙局": second}
    assert table(found, "reviewer") == {"宋怀瑾": second, "顾明远": first}


def test_one_quarter_alone(client, scene, two_quarters):
    client.force_login(scene.reviewer)
    found = client.get(URL, {"period": "2020Q4"}).context["returns"]
    assert table(found, "department") == {"乙局": (2, 1, {"R03": 1})}
    assert client.get(URL, {"period": "2019Q1"}).status_code == 404


def test_the_page_says_the_totals(client, scene, two_quarters):
    client.force_login(make_leader())
    page = client.get(URL).content.decode()
    assert "已办结审核 <b>7</b> 项次，退回 <b>3</b> 项次，退回率 <b>42.9%</b>" in page


def test_an_empty_page_says_so(client, scene):
    client.force_login(scene.reviewer)
    assert "还没有办结的审核。" in client.get(URL).content.decode()


def test_the_workbook_has_the_same_figures_and_is_on_record(client, scene, two_quarters):
    client.force_login(scene.reviewer)
    response = client.get(URL + "?export=xlsx")
    book = load_workbook(BytesIO(response.content))
    assert book.sheetnames == ["按填报期", "按单位", "按审核人"]
    rows = [[cell.value for cell in row] for row in book["按单位"].iter_rows(min_row=3, max_row=6)]
    assert rows[0] == ["单位", "已审", "退回", "退回率", *ReturnCode.labels]
    assert rows[1][:3] == ["甲局", 5, 2]
    assert rows[1][3] == pytest.approx(0.4)
    assert rows[1][4:] == [0, 1, 0, 0, 1, 0, 0]
    assert rows[2][:3] == ["乙局", 2, 1]
    assert rows[3][:3] == ["合计", 7, 3]
    assert Event.objects.get(verb="table.export").after["页面"] == "退回情况统计"


@pytest.mark.parametrize("query", ["", "?export=xlsx"])
def test_departments_do_not_read_it(client, scene, two_quarters, query):
    for person, status in (
        (scene.filer, 403),
        (scene.approver, 403),
        (make_leader(), 200),
        (scene.reviewer, 200),
        (make_sysadmin(), 404),
    ):
        client.force_login(person)
        assert client.get(URL + query).status_code == status


def test_more_quarters_take_no_more_queries(client, scene):
    client.force_login(scene.reviewer)
    give_back(filing := scene.send(scene.open(1)), progress_of(filing), "R02", scene.reviewer)
    client.get(URL)
    with CaptureQueriesContext(connection) as one:
        client.get(URL)
    for quarter in (2, 3):
        give_back(filing := scene.send(scene.open(quarter)), progress_of(filing), "R02", scene.reviewer)
    with CaptureQueriesContext(connection) as three:
        client.get(URL)
    assert len(three) == len(one)

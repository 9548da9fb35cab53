"""Finalising: when it can be done, and that nothing changes afterwards, whoever tries."""

from __future__ import annotations

import sqlite3
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from assessment import freezing
from assessment.models import Adjustment, Criterion, Grade, Line, Member, Result, Scheme, UnitClass
from assessment.services import adjust, compute, finalise
from audit.models import Event
from filings.errors import Refused
from reports.models import Publication
from tests.assessment.helps import AT, filed, line_of, make_scheme, publish, publish_year, simple_year
from tests.factories import make_department, make_filer, make_leader, make_plan, make_reviewer, make_sysadmin

pytestmark = pytest.mark.django_db


def url(name: str) -> str:
    return reverse(f"assessment:{name}", args=[2019])


def test_it_works(client):
    scheme, departments = simple_year(2)
    person = make_reviewer()
    client.force_login(person)
    response = client.post(url("finalise"), follow=True)
    assert "2019年度考核已审定，结果不再变动。" in response.content.decode()
    scheme.refresh_from_db()
    assert (scheme.status, scheme.finalised_by, scheme.is_proposed) == ("finalised", person, False)
    event = Event.objects.get(verb="assessment.finalise")
    assert event.after == {"results": {d.name: "100.00" for d in departments}}


def test_computing_works_from_the_page(client):
    plan, unit = make_plan(), make_department()
    make_scheme(plan, members=[unit])
    filed(publish_year(plan), unit)
    client.force_login(make_reviewer())
    response = client.post(url("compute"), follow=True)
    assert "已计算2019年度得分，数据为第1、2、3、4季度发布版。" in response.content.decode()
    assert Result.objects.get().total == Decimal(100)


@pytest.mark.parametrize("verb", ["compute", "finalise"])
def test_only_the_office_may(client, verb):
    scheme, departments = simple_year()
    for reader in (make_leader(), make_filer(departments[0])):
        client.force_login(reader)
        assert client.post(url(verb)).status_code == 403
    client.force_login(make_sysadmin())
    assert client.post(url(verb)).status_code == 404
    client.force_login(make_reviewer())
    assert client.get(url(verb)).status_code == 405
    scheme.refresh_from_db()
    assert scheme.status == "running"


def refusal(scheme: Scheme) -> str:
    with pytest.raises(Refused) as refused:
        finalise(scheme=scheme, by=make_reviewer(), at=AT)
    return refused.value.sentence


def test_all_four_quarters_must_be_published():
    plan, unit = make_plan(), make_department()
    scheme = make_scheme(plan, members=[unit])
    filed(publish_year(plan, 2019, (1, 3)), unit)
    assert refusal(scheme) == "还没有评分，先计算得分。"
    compute(scheme=scheme, by=None, at=AT)
    assert refusal(scheme) == "第2、4季度尚未发布，四个季度都发布后才能审定。"


def test_a_correction_asks_for_a_new_computation():
    scheme, _ = simple_year()
    publish(Publication.objects.first().period, version=2)
    assert refusal(scheme) == "评分后又发布了新版本，先重新计算得分。"


def test_a_department_moved_between_classes_asks_for_a_new_computation():
    scheme, departments = simple_year(2)
    Member.objects.filter(department=departments[0]).delete()
    assert refusal(scheme) == "考核单位有变动，先重新计算得分。"


def test_the_page_says_why_not(client):
    plan, unit = make_plan(), make_department()
    scheme = make_scheme(plan, members=[unit])
    filed(publish_year(plan, 2019, (1, 3)), unit)
    compute(scheme=scheme, by=None, at=AT)
    client.force_login(make_reviewer())
    page = client.get(url("year")).content.decode()
    assert "不能审定：第2、4季度尚未发布，四个季度都发布后才能审定。" in page
    response = client.post(url("finalise"), follow=True)
    assert "没有审定：第2、4季度尚未发布" in response.content.decode()


@pytest.fixture
def final():
    scheme, departments = simple_year(2)
    line = line_of(scheme, departments[0], "quality:4")
    adjust(line=line, points=Decimal(40), seen=line.points, reason="核实", by=make_reviewer(), at=AT)
    return finalise(scheme=scheme, by=make_reviewer(), at=AT)


def test_the_services_refuse_every_change(final):
    person = make_reviewer()
    with pytest.raises(Refused, match="本年度考核已审定，结果不再变动。"):
        compute(scheme=final, by=person, at=AT)
    with pytest.raises(Refused, match="本年度考核已审定。"):
        finalise(scheme=final, by=person, at=AT)
    line = Line.objects.filter(points=50).first()
    with pytest.raises(Refused, match="本年度考核已审定，结果不再变动。"):
        adjust(line=line, points=Decimal(1), seen=line.points, reason="再改", by=person, at=AT)


CHANGES = [
    (Scheme, {"name": "别的"}),
    (Scheme, {"status": "running", "finalised_at": None, "finalised_by": None}),
    (Grade, {"at_least": Decimal("95")}),
    (UnitClass, {"name": "别的"}),
    (Member, {"unit_class": None}),
    (Criterion, {"weight": Decimal("41")}),
    (Result, {"total": Decimal("1")}),
    (Line, {"points": Decimal("1")}),
    (Adjustment, {"reason": "别的"}),
]


@pytest.mark.parametrize(
    ("model", "change"), CHANGES, ids=lambda x: "-".join(x) if isinstance(x, dict) else x.__name__
)
def test_the_database_refuses_every_update(final, model, change):
    row = model.objects.first()
    if "unit_class" in change:
        change = {"unit_class": UnitClass.objects.exclude(pk=row.unit_class_id).first()}
    before = model.objects.filter(pk=row.pk).values().get()
    with pytest.raises(IntegrityError, match=freezing.MESSAGE), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**change)
    assert model.objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", [Adjustment, Line, Result, Member, Criterion, Grade, UnitClass, Scheme])
def test_the_database_refuses_every_delete(final, model):
    rows = model.objects.all()
    count = rows.count()
    with pytest.raises(IntegrityError, match=freezing.MESSAGE), transaction.atomic():
        rows._raw_delete(rows.db)
    assert model.objects.count() == count


@pytest.mark.parametrize("model", [Adjustment, Line, Result, Member, Criterion, Grade, UnitClass])
def test_the_database_refuses_every_new_row(final, model):
    row = model.objects.first()
    row.pk = None
    for name, value in {"key": "new", "no": 77, "name": "新", "at_least": Decimal(70)}.items():
        if hasattr(row, name):
            setattr(row, name, value)
    if hasattr(row, "department_id"):
        row.department = make_department()
    with pytest.raises(IntegrityError, match=freezing.MESSAGE), transaction.atomic():
        row.save(force_insert=True)


def test_a_row_cannot_be_moved_into_a_final_year(final):
    other = make_scheme(final.plan, 2020, members=[make_department()])
    with pytest.raises(IntegrityError, match=freezing.MESSAGE), transaction.atomic():
        Grade.objects.filter(scheme=other, name="优秀").update(scheme=final, name="新", at_least=Decimal(95))


def test_other_years_stay_open(final):
    other = make_scheme(final.plan, 2020, members=[make_department()])
    Grade.objects.filter(scheme=other, name="优秀").update(at_least=Decimal(95))
    other.delete()
    assert Scheme.objects.get() == final


def test_the_triggers_hold_on_sqlite_too():
    """The statements laid there, on tables with the columns they read."""
    database = sqlite3.connect(":memory:")
    columns = {
        "scheme": "id, status, name",
        "grade": "id, scheme_id",
        "unitclass": "id, scheme_id",
        "member": "id, scheme_id",
        "criterion": "id, unit_class_id",
        "result": "id, scheme_id",
        "line": "id, result_id, points",
        "adjustment": "id, line_id",
    }
    for table, names in columns.items():
        database.execute(f"CREATE TABLE assessment_{table} ({names})")
    for statement in freezing.statements("sqlite"):
        database.execute(statement)
    for scheme in (1, 2):
        database.execute("INSERT INTO assessment_scheme VALUES (?, 'running', '')", [scheme])
        database.execute("INSERT INTO assessment_result VALUES (?, ?)", [scheme, scheme])
        database.execute("INSERT INTO assessment_line VALUES (?, ?, 5)", [scheme, scheme])
        database.execute("INSERT INTO assessment_adjustment VALUES (?, ?)", [scheme, scheme])
    database.execute("UPDATE assessment_scheme SET status = 'finalised' WHERE id = 1")
    for statement in (
        "UPDATE assessment_scheme SET name = 'x' WHERE id = 1",
        "DELETE FROM assessment_scheme WHERE id = 1",
        "UPDATE assessment_line SET points = 6 WHERE id = 1",
        "UPDATE assessment_line SET result_id = 1 WHERE id = 2",
        "DELETE FROM assessment_adjustment WHERE id = 1",
        "INSERT INTO assessment_grade VALUES (1, 1)",
    ):
        with pytest.raises(sqlite3.IntegrityError, match=freezing.MESSAGE):
            database.execute(statement)
    database.execute("UPDATE assessment_line SET points = 6 WHERE id = 2")
    database.execute("INSERT INTO assessment_grade VALUES (1, 2)")
    assert database.execute("SELECT points FROM assessment_line ORDER BY id").fetchall() == [(5,), (6,)]
    database.close()

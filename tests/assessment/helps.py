"""Rows the assessment's tests share: schemes, and quarters published with figures written by hand."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import Model

from assessment.models import Criterion, Grade, Line, Member, Result, Scheme, UnitClass
from assessment.services import compute
from departments.models import Department
from filings.models import Period
from filings.terms import Timeliness
from reports.models import Publication, PublishedFigure, Subject, Summary
from targets.models import Plan
from tests.factories import make_department, make_plan

#: After every window of 2019, before those of 2020's fourth quarter.
AT = datetime(2020, 11, 20, 9, 0, tzinfo=UTC)

#: (name, weight, source, params) of the class most tests use.
CRITERIA: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("目标指标完成", "40", "indicators", {"binding": "3", "expected": "2", "stretch": "1"}),
    ("牵头任务推进", "30", "tasks", {}),
    ("节点按期完成", "10", "milestones", {}),
    ("报送质量", "10", "quality", {"per_return": "0.5"}),
    ("填报采纳", "10", "completeness", {}),
)
GRADES = (("优秀", "90"), ("良好", "80"), ("合格", "60"), ("不合格", "0"))

_numbers = count(1)


def make_scheme(
    plan: Plan,
    year: int = 2019,
    *,
    members: Iterable[Department] = (),
    criteria: Iterable[tuple[str, str, str, dict[str, str]]] = CRITERIA,
    unranked: Iterable[Department] = (),
) -> Scheme:
    """A scheme with one ranked class, and one that is only listed."""
    scheme = Scheme.objects.create(plan=plan, year=year, name=f"{year}年度考核方案", basis="四(二)")
    for name, at_least in GRADES:
        Grade.objects.create(scheme=scheme, name=name, at_least=Decimal(at_least))
    add_class(scheme, "甲类", members, criteria)
    listed = UnitClass.objects.create(scheme=scheme, no=99, name="企业", is_ranked=False)
    for department in unranked:
        Member.objects.create(scheme=scheme, unit_class=listed, department=department)
    return scheme


def add_class(
    scheme: Scheme,
    name: str,
    members: Iterable[Department],
    criteria: Iterable[tuple[str, str, str, dict[str, str]]] = CRITERIA,
) -> UnitClass:
    """One more ranked class."""
    unit_class = UnitClass.objects.create(scheme=scheme, no=scheme.classes.count() + 1, name=name)
    for no, (title, weight, source, params) in enumerate(criteria, 1):
        Criterion.objects.create(
            unit_class=unit_class, no=no, name=title, weight=Decimal(weight), source=source, params=params
        )
    for department in members:
        Member.objects.create(scheme=scheme, unit_class=unit_class, department=department)
    return unit_class


def make_period(plan: Plan, year: int, quarter: int, *, closed: bool = True) -> Period:
    """A quarter whose obligations were written and whose window follows its end."""
    start = datetime(year, 3 * quarter, 21, tzinfo=UTC)
    return Period.objects.create(
        plan=plan,
        year=year,
        quarter=quarter,
        opens_at=start,
        due_at=start + timedelta(days=20),
        closes_at=start + timedelta(days=30),
        opened_at=start,
        closed_at=start + timedelta(days=31) if closed else None,
    )


def publish(period: Period, *, version: int = 1) -> Publication:
    """An empty publication of a quarter."""
    at = period.closes_at + timedelta(days=version)
    return Publication.objects.create(
        period=period, version=version, at=at, reason="更正" if version > 1 else ""
    )


def publish_year(plan: Plan, year: int = 2019, quarters: Iterable[int] = (1, 2, 3, 4)) -> list[Publication]:
    """Empty publications of a year's quarters."""
    return [publish(make_period(plan, year, quarter)) for quarter in quarters]


def figure(
    where: Publication | Period, subject: Subject, of: Model, **fields: Any
) -> PublishedFigure | Summary:
    """One figure of a publication, or of a period's summaries."""
    values = {"subject": subject, "subject_id": of.pk, "name": str(of), **fields}
    if isinstance(where, Publication):
        return PublishedFigure.objects.create(publication=where, **values)
    return Summary.objects.create(period=where, known_from=where.opens_at, **values)


def republish(last: Publication, of: tuple[str, int], **changed: Any) -> Publication:
    """The quarter's next version: the same figures, but for one subject's."""
    made = publish(last.period, version=last.version + 1)
    for row in PublishedFigure.objects.filter(publication=last):
        row.pk, row.publication = None, made
        for name, value in changed.items() if (row.subject, row.subject_id) == of else ():
            setattr(row, name, value)
        row.save(force_insert=True)
    return made


def filed(
    where: Iterable[Publication | Period],
    department: Department,
    *,
    timeliness: str = "on_time",
    returns: int = 0,
    accepted: int = 10,
    owed: int = 10,
) -> None:
    """A department's own figures, the same in every quarter given."""
    for each in where:
        figure(
            each,
            Subject.DEPARTMENT,
            department,
            timeliness=Timeliness(timeliness),
            returns=returns,
            reported=accepted,
            owed=owed,
        )


def simple_year(members: int = 1, *, year: int = 2019) -> tuple[Scheme, list[Department]]:
    """A year in which so many departments filed everything in time; it is computed."""
    plan = make_plan()
    departments = [make_department() for _ in range(members)]
    scheme = make_scheme(plan, year, members=departments)
    publications = publish_year(plan, year)
    for department in departments:
        filed(publications, department)
    return compute(scheme=scheme, by=None, at=AT), departments


def result_of(scheme: Scheme, department: Department) -> Result:
    return Result.objects.get(scheme=scheme, department=department)


def line_of(scheme: Scheme, department: Department, key: str) -> Line:
    """A line by its key, e.g. `quality:4`."""
    return Line.objects.get(result__scheme=scheme, result__department=department, key=key)

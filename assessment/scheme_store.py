"""A scheme from its files into the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction

from accounts.models import User
from assessment.models import Criterion, Grade, Member, Scheme, UnitClass
from assessment.scheme_files import ClassRow, SchemeDraft, SchemeRefused, YearRow, read_scheme
from assessment.terms import SchemeStatus
from audit.services import record
from departments.models import Department
from targets.models import Plan
from tasks.plan_files import Problem


@transaction.atomic
def load_scheme(*, plan: Plan, folder: Path, year: int, by: User | None, at: datetime) -> Scheme:
    """The scheme of one year from the files of a folder. Call it as often as you like.

    A draft is replaced by what the files say; a scheme that has been computed or finalised is returned as it is.
    Raises SchemeRefused, also when the files hold no such year or a member is no department.
    """
    draft = read_scheme(folder)
    wanted = next((row for row in draft.years if row.year == year), None)
    if wanted is None:
        raise SchemeRefused([Problem("scheme.csv", None, "year", f"没有{year}年度这一行")])
    return create_scheme(plan=plan, row=wanted, draft=draft, by=by, at=at)


@transaction.atomic
def create_scheme(*, plan: Plan, row: YearRow, draft: SchemeDraft, by: User | None, at: datetime) -> Scheme:
    """Store one year of a scheme; see `load_scheme`."""
    scheme = Scheme.objects.select_for_update().filter(plan=plan, year=row.year).first()
    if scheme and scheme.status != SchemeStatus.DRAFT:
        return scheme
    scheme = scheme or Scheme(plan=plan, year=row.year)
    scheme.name, scheme.basis, scheme.is_proposed, scheme.note = row.name, row.basis, row.proposed, row.note
    scheme.save()
    scheme.members.all().delete()
    scheme.classes.all().delete()
    scheme.grades.all().delete()
    classes = {c.no: _store_class(scheme, c) for c in draft.classes}
    Member.objects.bulk_create(_members(scheme, draft.classes, classes))
    Criterion.objects.bulk_create(
        Criterion(
            unit_class=classes[c.class_no], no=c.no, name=c.name, weight=c.weight, source=c.source, params=c.params,
            clause=c.clause,
        )
        for c in draft.criteria
    )  # fmt: skip
    Grade.objects.bulk_create(Grade(scheme=scheme, name=g.name, at_least=g.at_least) for g in draft.grades)
    record(verb="assessment.load", subject=scheme, by=by, at=at, after={"classes": len(classes)})
    return scheme


def _store_class(scheme: Scheme, row: ClassRow) -> UnitClass:
    return UnitClass.objects.create(
        scheme=scheme, no=row.no, name=row.name, is_ranked=row.ranked, note=row.note
    )


def _members(scheme: Scheme, rows: Sequence[ClassRow], classes: dict[int, UnitClass]) -> list[Member]:
    """Which department is in which class: by name first, then by kind."""
    by_name = {name: classes[row.no] for row in rows for name in row.members}
    lines = {name: row.line for row in rows for name in row.members}
    by_kind = {kind: classes[row.no] for row in rows for kind in row.kinds}
    departments = {department.name: department for department in Department.objects.all()}
    unknown = [
        Problem("classes.csv", lines[name], "members", f"没有责任单位“{name}”；请改正")
        for name in by_name
        if name not in departments
    ]
    if unknown:
        raise SchemeRefused(unknown)
    placed = [(d, by_name.get(name) or by_kind.get(d.kind)) for name, d in departments.items()]
    return [Member(scheme=scheme, unit_class=c, department=d) for d, c in placed if c is not None]

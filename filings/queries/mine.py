"""Lists of a person's own filings: what is owed this quarter, what waits for a signature, earlier quarters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from accounts.models import User
from accounts.roles import Role
from departments.models import Department
from filings.models import Filing
from filings.models.filing import FilingQuerySet
from filings.queries.rows import Line, Sheet, line_of, sheet_of
from filings.services.access import latest_extensions
from filings.terms import Decision, Status
from targets.models import Plan

#: How many earlier filings stand beside the current one, and how many others on the approver's page.
RECENT = 4
OTHERS = 8


@dataclass(frozen=True)
class Home:
    """The filer's home. `sheet` is None when the person owes nothing at all.

    `lines` are the filings of the department and plan shown, newest first; `recent` the ones before the one shown;
    `unfinished` other quarters that can still be filed.
    """

    sheet: Sheet | None
    departments: list[Department]
    plans: list[Plan]
    lines: list[Line]
    recent: list[Line]
    unfinished: list[Line]


def home(
    user: User, *, department: int | None = None, plan: str = "", period: str = "", at: datetime
) -> Home:
    """What a filer owes. `department`, `plan` (its code) and `period` (2020Q4) choose, else the newest quarter.

    Without a choice it is of the first department with work to do. Something unknown, or of others, counts as no
    choice. The queries do not grow with entries or history.
    """
    lines = lines_of(own_filings(user, Role.FILER), at)
    newest = {line.filing.department: line for line in reversed(lines)}
    departments = sorted(newest, key=lambda d: (d.order, d.pk))
    by_work = sorted(departments, key=lambda d: not newest[d].is_workable)
    chosen = next((d for d in departments if d.pk == department), next(iter(by_work), None))
    lines = [line for line in lines if line.filing.department == chosen]
    plans = list(dict.fromkeys(line.filing.period.plan for line in lines))
    shown = next((p for p in plans if p.code == plan), next(iter(plans), None))
    lines = [line for line in lines if line.filing.period.plan == shown]
    line = next((x for x in lines if x.filing.period.code == period), next(iter(lines), None))
    if line is None:
        return Home(None, departments, plans, [], [], [])
    last_day = line.filing.period.last_day
    return Home(
        sheet=sheet_of(line.filing, at),
        departments=departments,
        plans=plans,
        lines=lines,
        recent=[x for x in lines if x.filing.period.last_day < last_day][:RECENT],
        unfinished=[x for x in lines if x is not line and x.is_workable],
    )


@dataclass(frozen=True)
class Signing:
    """The approver's home: what waits for a signature, longest first, and the newest others."""

    waiting: list[Line]
    others: list[Line]


def signing(user: User, *, at: datetime) -> Signing:
    """Filings of the departments a person signs for."""
    filings = own_filings(user, Role.APPROVER).annotate(
        total=Count("entries", distinct=True), asked_at=Max("moves__at", filter=Q(moves__verb="submit"))
    )
    waiting = filings.filter(status=Status.AWAITING_SIGNOFF).order_by("asked_at", "id")
    others = filings.exclude(status=Status.AWAITING_SIGNOFF)[:OTHERS]
    lines = lines_of([*waiting, *others], at)
    return Signing(
        waiting=[line for line in lines if line.filing.status == Status.AWAITING_SIGNOFF],
        others=[line for line in lines if line.filing.status != Status.AWAITING_SIGNOFF],
    )


def earlier(user: User) -> FilingQuerySet:
    """Own filings of every quarter before the newest opened one, with `total` entries and how many `accepted`."""
    filings = own_filings(user, Role.FILER, Role.APPROVER)
    newest = filings.first()
    if newest is None:
        return filings
    year, quarter = newest.period.year, newest.period.quarter
    return filings.filter(
        Q(period__year__lt=year) | Q(period__year=year, period__quarter__lt=quarter)
    ).annotate(
        total=Count("entries"), accepted=Count("entries", filter=Q(entries__decision=Decision.ACCEPTED))
    )


def own_filings(user: User, *roles: Role) -> FilingQuerySet:
    """Filings of the departments for which the person holds one of these roles, newest quarter first."""
    filings = Filing.objects.visible_to(user).filter(department__in=user.departments_as(*roles))
    related = ("period__plan__office", "department", "filled_by", "signed_by", "exemption")
    return filings.select_related(*related).order_by(
        "-period__year", "-period__quarter", "department__order", "id"
    )


def lines_of(filings: Iterable[Filing], at: datetime) -> list[Line]:
    """Filings with their timeliness and windows; one query for all their extensions."""
    filings = list(filings)
    extensions = latest_extensions({filing.period for filing in filings})
    return [
        line_of(filing, extensions.get((filing.period_id, filing.department_id)), at) for filing in filings
    ]

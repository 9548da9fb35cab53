"""Loading the demonstration: once, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from audit.services import record
from departments.models import Department
from filings.models import Entry, Filing, Period
from harbor_plan.demo.content import Writer, read_facts
from harbor_plan.demo.cross_rules import set_cross_rules
from harbor_plan.demo.days import moment
from harbor_plan.demo.figures import close_quarter
from harbor_plan.demo.history import History
from harbor_plan.demo.orders import supervise
from harbor_plan.demo.people import Cast, create_people
from harbor_plan.demo.tables import DemoDataError, Tables, read_tables
from harbor_plan.demo.work import YearsOfWork
from harbor_plan.demo.yearly import assess
from harbor_plan.lib.moments import local_day, start_of
from reports.services import refresh_period
from supervision.services import remind, tell_extensions
from targets.measure.quarters import Quarter
from targets.models import Indicator, Plan, PlanValue


@dataclass(frozen=True)
class Loaded:
    """What one load wrote."""

    periods: int
    filings: int
    entries: int


def load(folder: Path, *, at: datetime, first: Quarter | None = None) -> Loaded | None:
    """Write the demonstration of `folder` into the loaded plan; None when it is there already.

    `at` is the moment of the first load: the window of the open quarter lies around it. `first` leaves out the
    quarters before it. Raises DemoDataError for a bad table, a missing plan, or a system that people have already
    filed in; then nothing is written.
    """
    tables = read_tables(folder)
    with transaction.atomic():
        plan = Plan.objects.select_for_update().filter(code=tables.settings.plan).first()
        if plan is None:
            raise DemoDataError(f"没有方案 {tables.settings.plan}，请先执行 load_plan。")
        if plan.has_demo_data:
            return None
        if Period.objects.filter(plan=plan).exists():
            raise DemoDataError("系统中已有填报期，演示数据只能载入空的系统。")
        return _load(plan, tables, folder, at, first)


def _load(plan: Plan, tables: Tables, folder: Path, at: datetime, first: Quarter | None) -> Loaded:
    plan.has_demo_data = True
    plan.save(update_fields=["has_demo_data"])
    departments = {department.pk: department for department in Department.objects.all()}
    by_name = {department.name: department for department in departments.values()}
    cast = create_people(tables, by_name, joined_at=start_of(plan.issued_on))
    _check_everybody_acts(tables, cast, departments)
    _create_plan_values(plan, tables)
    history = History(plan, tables, Writer(tables, read_facts(plan)), cast, departments)
    work = YearsOfWork(plan, tables, cast, by_name)
    for quarter, dates in tables.quarters.items():
        if first and quarter < first:
            continue
        work.until(dates.opens_on if dates else None, since=(first or quarter).year)
        if dates is None:
            _open(history, quarter, at)
        else:
            period = history.close(quarter, dates)
            close_quarter(period, tables, by=cast.office[0], at=moment(dates.published_on, "16:00"))
    set_cross_rules(plan, tables, by=cast.office[0], at=at)
    supervise(plan, tables, cast, today=local_day(at))
    assess(plan, tables, folder.parent, by=cast.office[0])
    entries = Entry.objects.filter(filing__period__plan=plan)
    loaded = Loaded(
        periods=Period.objects.filter(plan=plan).count(),
        filings=Filing.objects.filter(period__plan=plan).count(),
        entries=entries.count(),
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # the database knows by itself only later what has become of its tables
    record(verb="demo.load", subject=plan, by=None, at=at, after=vars(loaded), note="载入演示数据")
    return loaded


def _open(history: History, quarter: Quarter, at: datetime) -> None:
    """The quarter open for entry, who was reminded, and its figures so far."""
    period = history.open(quarter, local_day(at))
    by_name = {department.name: department for department in history.departments.values()}
    for row in history.tables.open_quarter:
        if row.text("state") == "reminded":
            day = local_day(at) - timedelta(row.number("days_ago"))
            department = row.one_of("department", by_name)
            remind(
                period=period, departments=[department], by=history.cast.office[0], at=moment(day, "16:30")
            )
    tell_extensions(at=at)
    refresh_period(period=period, at=at)


def _check_everybody_acts(tables: Tables, cast: Cast, departments: dict[int, Department]) -> None:
    """Refuse tables without habits, a filer or an approver for a unit that files."""
    for department in departments.values():
        if department.filer == department:
            if department.name not in tables.habits:
                raise DemoDataError(f"departments.csv 中没有{department}。")
            if department.pk not in cast.filers or department.pk not in cast.approvers:
                raise DemoDataError(f"people.csv 中{department}没有填报人或签发人。")


def _create_plan_values(plan: Plan, tables: Tables) -> None:
    """Yearly and quarterly plan values, beside whatever the plan itself has."""
    indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(plan=plan)}
    taken = set(PlanValue.objects.filter(indicator__plan=plan).values_list("indicator_id", "on"))
    values = [
        PlanValue(
            indicator=row.one_of("indicator", indicators),
            on=quarter.last_day,
            value=value,
            source=tables.settings.source,
        )
        for row, quarter, value in tables.plan_values
    ]
    PlanValue.objects.bulk_create(value for value in values if (value.indicator_id, value.on) not in taken)

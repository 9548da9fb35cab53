"""The yearly assessment of the demonstration, through the real services: one year finalised, the next one running."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from accounts.models import User
from assessment.models import Line, Scheme
from assessment.scheme_files import SchemeRefused
from assessment.scheme_store import load_scheme
from assessment.services import adjust, compute, finalise
from filings.models import Period
from harbor_plan.demo.days import moment
from harbor_plan.demo.tables import DemoDataError, Row, Tables
from targets.models import Plan


def assess(plan: Plan, tables: Tables, folder: Path, *, by: User) -> None:
    """Score the years of assessments.csv, adjust what the table says, finalise those with a day for it.

    Years that were not loaded from their first quarter on are passed over.
    """
    for row in tables.assessments:
        year, at = row.number("year"), moment(row.day("computed_on"), "10:00")
        if not Period.objects.filter(plan=plan, year=year, quarter=1).exists():
            continue
        try:
            scheme = load_scheme(plan=plan, folder=folder / row.text("scheme"), year=year, by=by, at=at)
        except SchemeRefused as refused:
            raise DemoDataError(str(refused)) from refused
        scheme = compute(scheme=scheme, by=by, at=at)
        for change in tables.adjustments:
            if change.number("year") == year:
                _adjust(scheme, change, by=by)
        finalised_on = row.day_or_none("finalised_on")
        if finalised_on:
            finalise(scheme=scheme, by=by, at=moment(finalised_on, "16:00"))


def _adjust(scheme: Scheme, row: Row, *, by: User) -> None:
    """Move the points of one line by the table's difference."""
    lines = Line.objects.filter(
        result__scheme=scheme,
        result__department_name=row.text("department"),
        criterion__name=row.text("criterion"),
    )
    line = lines.order_by("position").first()
    if line is None:
        raise row.error("criterion", f"{scheme}中没有这一项。")
    points = line.points + row.parsed("change", Decimal, "应为数值。")
    on = moment(row.day("on"), "11:00")
    adjust(line=line, points=points, seen=line.points, reason=row.text("reason"), by=by, at=on)

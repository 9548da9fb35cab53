"""Publications: every quarter with its versions, and what one version changed against the one before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from filings.models import Filing, Period
from filings.terms import Decision
from reports.models import FIGURE_FIELDS, Figure, Publication, PublishedFigure, Subject
from targets.models import Plan

#: What a reader is told about a changed figure, in this order.
_SHOWN = (
    "standing",
    "value",
    "completion",
    "expected",
    "plan_completion",
    "reported",
    "owed",
    "met",
    "due",
    "timeliness",
    "returns",
)

_LABELS = {field.name: str(field.verbose_name) for field in Figure._meta.local_fields}


@dataclass(frozen=True)
class PeriodRow:
    """One opened quarter: its versions, newest first, and what closing it now would leave out."""

    period: Period
    versions: list[Publication]
    departments: int
    sent: int
    undecided: int


@dataclass(frozen=True)
class Change:
    """One figure that differs between two versions: columns as (name, then, now)."""

    figure: Figure
    columns: list[tuple[str, str, str]]


def period_rows(plan: Plan) -> list[PeriodRow]:
    """Three queries, newest quarter first."""
    periods = Period.objects.filter(plan=plan).opened()
    versions: dict[int, list[Publication]] = {}
    for publication in (
        Publication.objects.filter(period__plan=plan).select_related("by", "period").order_by("-version")
    ):
        versions.setdefault(publication.period_id, []).append(publication)
    counts = {
        row["period"]: row
        for row in Filing.objects.filter(period__plan=plan, period__closed_at=None)
        .values("period")
        .annotate(
            departments=Count("id", distinct=True),
            sent=Count("id", filter=Q(first_submitted_at__isnull=False), distinct=True),
            undecided=Count(
                "entries", filter=Q(first_submitted_at__isnull=False, entries__decision=Decision.OPEN)
            ),
        )
        .order_by()
    }
    empty: dict[str, int] = {"departments": 0, "sent": 0, "undecided": 0}
    return [
        PeriodRow(
            period=period,
            versions=versions.get(period.pk, []),
            departments=counts.get(period.pk, empty)["departments"],
            sent=counts.get(period.pk, empty)["sent"],
            undecided=counts.get(period.pk, empty)["undecided"],
        )
        for period in periods
    ]


def changes(publication: Publication) -> list[Change]:
    """What this version says otherwise than the one before; empty for version 1. Three queries."""
    if publication.version == 1:
        return []
    before = PublishedFigure.objects.filter(
        publication__period=publication.period_id, publication__version=publication.version - 1
    )
    then = {(f.subject, f.subject_id): f for f in before}
    found = []
    for now in publication.figures.all():
        earlier = then.get((now.subject, now.subject_id))
        columns = _columns(earlier, now)
        if columns:
            found.append(Change(now, columns))
    return found


def _columns(then: Figure | None, now: Figure) -> list[tuple[str, str, str]]:
    if then is None:
        return [("本版新增", "—", now.name)]
    return [
        (_LABELS[name], _words(then, name), _words(now, name))
        for name in _SHOWN
        if name in FIGURE_FIELDS and getattr(then, name) != getattr(now, name)
    ]


def _words(figure: Figure, name: str) -> str:
    display = getattr(figure, f"get_{name}_display", None)
    value: Any = display() if display else getattr(figure, name)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "—" if value in (None, "") else str(value)


def headline(publication: Publication) -> Figure | None:
    """The plan's own row of a publication."""
    return publication.figures.filter(subject=Subject.PLAN).first()

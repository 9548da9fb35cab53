"""Publications: every quarter with its versions, and what one version changed against the one before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from filings.models import Filing, Period
from filings.rules import UNDECIDED
from filings.terms import Decision, Status
from reports.models import Board, Figure, Publication, PublishedFigure, Subject
from reports.words import value_words
from targets.measure import plain, with_unit
from targets.models import Indicator, Plan
from targets.terms import Standing

#: What a reader is told about a changed figure, in this order.
_SHOWN = (
    "standing",
    "attainment",
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
    "lights",
)
_PERCENTS = ("completion", "plan_completion", "expected")
#: Subjects with other subjects' lights beneath them; a task's or an indicator's are its own.
_WITH_LIGHTS = (Subject.PLAN, Subject.GOAL, Subject.ACTION, Subject.DEPARTMENT)
_LABELS = {field.name: str(field.verbose_name) for field in Figure._meta.local_fields}


@dataclass(frozen=True)
class Pending:
    """One department's filing in a quarter that is not closed: how many of its entries count, and wait."""

    filing: Filing
    owed: int
    accepted: int
    waiting: int

    @property
    def department(self) -> str:
        return self.filing.department.name

    @property
    def is_missing(self) -> bool:
        return self.filing.first_submitted_at is None


@dataclass(frozen=True)
class PeriodRow:
    """One opened quarter: its versions, newest first, and while it is open what closing it now would leave out.

    `has_changed` says that its figures moved after the last version.
    """

    period: Period
    versions: list[Publication]
    pending: list[Pending]
    has_changed: bool = False

    @property
    def latest(self) -> Publication | None:
        return self.versions[0] if self.versions else None

    @property
    def earlier(self) -> list[Publication]:
        return self.versions[1:]

    @property
    def next_version(self) -> int:
        return self.latest.version + 1 if self.latest else 1

    @property
    def departments(self) -> int:
        return len(self.pending)

    @property
    def sent(self) -> int:
        return sum(not each.is_missing for each in self.pending)

    @property
    def owed(self) -> int:
        return sum(each.owed for each in self.pending)

    @property
    def accepted(self) -> int:
        return sum(each.accepted for each in self.pending)

    @property
    def missing(self) -> list[str]:
        """Who has not reported."""
        return [each.department for each in self.pending if each.is_missing]

    @property
    def returned(self) -> list[str]:
        """Who has entries to mend."""
        return [each.department for each in self.pending if each.filing.status == Status.RETURNED]

    @property
    def undecided(self) -> list[Pending]:
        """Filings with entries that wait for a decision."""
        return [each for each in self.pending if each.waiting]

    @property
    def undecided_count(self) -> int:
        return sum(each.waiting for each in self.pending)


def period_rows(plan: Plan) -> list[PeriodRow]:
    """Four queries, newest quarter first."""
    versions: dict[int, list[Publication]] = {}
    for publication in (
        Publication.objects.filter(period__plan=plan).select_related("by", "period").order_by("-version")
    ):
        versions.setdefault(publication.period_id, []).append(publication)
    as_of = dict(Board.objects.filter(period__plan=plan).values_list("period_id", "as_of"))
    pending = _pending(plan)
    rows = []
    for period in Period.objects.filter(plan=plan).opened():
        published = versions.get(period.pk, [])
        moved = bool(published) and period.pk in as_of and as_of[period.pk] > published[0].at
        rows.append(PeriodRow(period, published, pending.get(period.pk, []), moved))
    return rows


def _pending(plan: Plan) -> dict[int, list[Pending]]:
    """The filings of the quarters that are not closed, by period. One query."""
    filings = (
        Filing.objects.owing()
        .filter(period__plan=plan, period__closed_at=None)
        .select_related("department")
        .annotate(
            owed=Count("entries"),
            accepted=Count("entries", filter=Q(entries__decision=Decision.ACCEPTED)),
            undecided=Count("entries", filter=Q(entries__decision__in=UNDECIDED)),
        )
        .order_by("department__order")
    )
    found: dict[int, list[Pending]] = {}
    for filing in filings:
        waiting = filing.undecided if filing.status == Status.SUBMITTED else 0
        found.setdefault(filing.period_id, []).append(Pending(filing, filing.owed, filing.accepted, waiting))
    return found


# One version against the one before


@dataclass(frozen=True)
class Change:
    """One figure that differs between two versions: columns as (name, then, now)."""

    figure: Figure
    columns: list[tuple[str, str, str]]


def changes(publication: Publication) -> list[Change]:
    """What this version says otherwise than the one before; empty for version 1. Three queries."""
    if publication.version == 1:
        return []
    before = PublishedFigure.objects.filter(
        publication__period=publication.period_id, publication__version=publication.version - 1
    )
    said = ("本版新增", "本版不再列入")
    return differences(before, publication.figures.all(), publication.period.plan, said)


def differences(
    then: Iterable[Figure], now: Iterable[Figure], plan: Plan, said: tuple[str, str] = ("新增", "不再列入")
) -> list[Change]:
    """What figures of one quarter say otherwise than they did; `said` of what is new and of what is gone. One query."""
    before = {(f.subject, f.subject_id): f for f in then}
    indicators = {indicator.pk: indicator for indicator in plan.indicators.all()}
    found = []
    for figure in now:
        indicator = indicators.get(figure.subject_id) if figure.subject == Subject.INDICATOR else None
        was = before.pop((figure.subject, figure.subject_id), None)
        columns = _columns(was, figure, indicator) if was else [(said[0], "—", figure.name)]
        if columns:
            found.append(Change(figure, columns))
    return found + [Change(gone, [(said[1], gone.name, "—")]) for gone in before.values()]


def _columns(then: Figure, now: Figure, indicator: Indicator | None) -> list[tuple[str, str, str]]:
    return [
        (_LABELS[name], *_pair(then, now, name, indicator))
        for name in _SHOWN
        if getattr(then, name) != getattr(now, name) and (name != "lights" or now.subject in _WITH_LIGHTS)
    ]


def _pair(then: Figure, now: Figure, name: str, indicator: Indicator | None) -> tuple[str, str]:
    """Then and now as a reader meets them; two numbers are written with the places that tell them apart."""
    before, after = getattr(then, name), getattr(now, name)
    if indicator and name in ("value", "expected"):
        words = value_words(indicator, before, after), value_words(indicator, after, before)
        return with_unit(*words[0]), with_unit(*words[1])
    return _words(then, name), _words(now, name)


def _words(figure: Figure, name: str) -> str:
    display = getattr(figure, f"get_{name}_display", None)
    value: Any = display() if display else getattr(figure, name)
    if isinstance(value, dict):
        lights = [f"{Standing(key).label}{value[key]}项" for key in Standing.values if value.get(key)]
        return "、".join(lights) or "—"
    if isinstance(value, Decimal):
        return f"{plain(value)}%" if name in _PERCENTS else plain(value)
    return "—" if value in (None, "") else str(value)


def headline(publication: Publication) -> Figure | None:
    """The plan's own row of a publication."""
    return publication.figures.filter(subject=Subject.PLAN).first()


def versions_of(period: Period) -> list[Publication]:
    """A quarter's versions, newest first."""
    return list(Publication.objects.filter(period=period).select_related("by", "period").order_by("-version"))

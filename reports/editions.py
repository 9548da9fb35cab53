"""Which figures a page shows: a frozen publication or the live summaries of a period.

Every page of figures takes `?period=2020Q3` with `version=2` or `live=1`; without them it shows the newest
publication. The choice is one value, so that a page, its links and its exports speak of the same figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from urllib.parse import urlencode

from django.db.models import QuerySet

from filings.models import Period
from harbor_plan.lib import zh
from reports.models import Board, Figure, Publication, PublishedFigure, Subject, Summary
from targets.models import Plan

#: Quarters in heat maps and histories, the edition's own included.
QUARTERS = 8


@dataclass(frozen=True)
class Edition:
    """The figures of one period: published (`publication`) or as they stand now."""

    period: Period
    publication: Publication | None = None
    as_of: datetime | None = None

    @property
    def is_live(self) -> bool:
        return self.publication is None

    @property
    def label(self) -> str:
        """2020年第3季度第2版, or 2020年第4季度实时数."""
        return f"{self.period}第{self.publication.version}版" if self.publication else f"{self.period}实时数"

    @property
    def as_of_words(self) -> str:
        """For the foot of a page: 2020年9月30日（2020年第3季度第2版）."""
        return f"{zh.day(self.cut_off)}（{self.label}）"

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The parts of an address that choose these figures. The plan is among them, so that a link that is kept
        still opens the same figures when another plan has become the newest."""
        choice = ("version", str(self.publication.version)) if self.publication else ("live", "1")
        return ("plan", self.period.plan.code), ("period", self.period.code), choice

    @property
    def query(self) -> str:
        """`fields` as they stand in an address."""
        return urlencode(self.fields)

    def replaces(self, other: Edition) -> bool:
        """Whether this is a later version of the same quarter."""
        mine, theirs = self.publication, other.publication
        return bool(mine and theirs and self.period == other.period and mine.version > theirs.version)

    @property
    def cut_off(self) -> date:
        """The day the standing is judged at."""
        return self.period.last_day

    def rows(self) -> QuerySet[Summary] | QuerySet[PublishedFigure]:
        """All figures of the edition."""
        if self.publication:
            return PublishedFigure.objects.filter(publication=self.publication)
        return Summary.objects.filter(period=self.period)

    @cached_property
    def figures(self) -> dict[Subject, dict[int, Figure]]:
        """Figures by subject and subject id, in their order. One query, whatever the plan's history."""
        found: dict[Subject, dict[int, Figure]] = {subject: {} for subject in Subject}
        for figure in self.rows():
            found[Subject(figure.subject)][figure.subject_id] = figure
        return found

    def of(self, subject: Subject, pk: int) -> Figure | None:
        """One subject's figure; None when it was not part of the plan then."""
        return self.figures[subject].get(pk)


def choose(plan: Plan, params: Mapping[str, str]) -> Edition | None:
    """The edition an address asks for; None when there is no such one, or none at all yet.

    A period without a version means its latest version, or its live figures while it has none.
    """
    code, version = params.get("period", ""), params.get("version", "")
    if not code:
        if version:
            return None
        return live(plan) if params.get("live") else newest(plan)
    period = _period(plan, code)
    if period is None:
        return None
    if params.get("live") or not (version or period.closed_at):
        return _live(period)
    publications = Publication.objects.filter(period=period).select_related("period__plan")
    if version:
        publications = publications.filter(version=int(version) if re.fullmatch(r"\d{1,4}", version) else 0)
    chosen = publications.last()
    return Edition(chosen.period, chosen, chosen.at) if chosen else None


def _period(plan: Plan, code: str) -> Period | None:
    """The opened period of a code like 2020Q3."""
    match = re.fullmatch(r"(\d{4})Q([1-4])", code)
    if match is None:
        return None
    opened = Period.objects.filter(plan=plan, year=match[1], quarter=match[2]).opened()
    return opened.select_related("plan").first()


def newest(plan: Plan) -> Edition | None:
    """The last version of the latest published quarter, or the live figures of a plan that has published none."""
    publication = (
        Publication.objects.filter(period__plan=plan)
        .select_related("period__plan")
        .order_by("-period__year", "-period__quarter", "-version")
        .first()
    )
    return Edition(publication.period, publication, publication.at) if publication else live(plan)


def live(plan: Plan) -> Edition | None:
    """The running quarter as it stands now."""
    period = Period.objects.filter(plan=plan).opened().select_related("plan").first()
    return _live(period) if period else None


def _live(period: Period) -> Edition:
    board = Board.objects.filter(period=period).first()
    return Edition(period, None, board.as_of if board else None)


def recent(edition: Edition, count: int) -> list[Edition]:
    """Up to `count` editions ending with this one, oldest first: earlier quarters by their latest publication."""
    earlier = Period.objects.until(edition.period).exclude(pk=edition.period.pk)
    publications = Publication.objects.filter(period__in=earlier).select_related("period__plan")
    latest: dict[int, Publication] = {}
    for publication in publications.order_by("-period__year", "-period__quarter", "-version"):
        latest.setdefault(publication.period_id, publication)
    found = [Edition(p.period, p, p.at) for p in islice(latest.values(), count - 1)]
    return [*reversed(found), edition]


def series(
    editions: list[Edition], subject: Subject, ids: list[int] | None = None
) -> dict[int, dict[int, Figure]]:
    """Figures of several editions at once: by subject id, then by period id. At most two queries."""
    published = [e.publication.pk for e in editions if e.publication]
    current = [e.period.pk for e in editions if e.is_live]
    found: dict[int, dict[int, Figure]] = {}
    frozen = PublishedFigure.objects.filter(publication__in=published, subject=subject).select_related(
        "publication"
    )
    now = Summary.objects.filter(period__in=current, subject=subject)
    if ids is not None:
        frozen, now = frozen.filter(subject_id__in=ids), now.filter(subject_id__in=ids)
    for figure in frozen:
        found.setdefault(figure.subject_id, {})[figure.publication.period_id] = figure
    for summary in now if current else ():
        found.setdefault(summary.subject_id, {})[summary.period_id] = summary
    return found


def choices(plan: Plan) -> list[Edition]:
    """What the period switch offers: every published quarter's latest version and the running quarter, newest first.

    One row per quarter of the plan, at most twenty for five years.
    """
    latest: dict[int, Publication] = {}
    for publication in Publication.objects.filter(period__plan=plan).select_related("period__plan"):
        latest[publication.period_id] = publication
    editions = [Edition(p.period, p, p.at) for p in latest.values()]
    editions += [
        Edition(p) for p in Period.objects.filter(plan=plan, closed_at=None).opened().select_related("plan")
    ]
    return sorted(editions, key=lambda edition: edition.cut_off, reverse=True)

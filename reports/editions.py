"""Which figures a page shows: a frozen publication or the live summaries of a period.

Every page of figures takes `?period=2020Q3` with `version=2` or `live=1`; without them it shows the newest
publication. With `known=2020-11-05` it shows what was known at the end of that day: what had been published by then,
and of a quarter that was not closed yet the figures as they stood. The choice is one value, so that a page, its links
and its exports speak of the same figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain, islice
from urllib.parse import urlencode

from django.db.models import Max, Q, QuerySet

from filings.models import Period
from harbor_plan.lib import zh
from harbor_plan.lib.moments import start_of
from reports.models import Board, Figure, PastFigure, Publication, PublishedFigure, Subject, Summary
from targets.models import Plan

#: Quarters in heat maps and histories, the edition's own included.
QUARTERS = 8


def end_of_day(known: date) -> datetime:
    """What happened before this moment was known at the end of that day."""
    return start_of(known + timedelta(days=1))


def known_figures(periods: list[int], known: date | None) -> tuple[QuerySet[Summary], QuerySet[PastFigure]]:
    """Unpublished figures of these periods: as they stand now, or as they stood at the end of a day."""
    now, past = Summary.objects.filter(period__in=periods), PastFigure.objects.filter(period__in=periods)
    if known is None:
        return now, past.none()
    end = end_of_day(known)
    return now.filter(known_from__lt=end), past.filter(known_from__lt=end, known_until__gte=end)


@dataclass(frozen=True)
class Edition:
    """The figures of one period: published (`publication`) or as they stand, now or at the end of the day `known`."""

    period: Period
    publication: Publication | None = None
    as_of: datetime | None = None
    known: date | None = None

    @property
    def is_live(self) -> bool:
        return self.publication is None

    @property
    def label(self) -> str:
        """2020年第3季度第2版, or 2020年第4季度实时数."""
        if self.publication:
            return f"{self.period}第{self.publication.version}版"
        return f"{self.period}{'当日数' if self.known else '实时数'}"

    @property
    def as_of_words(self) -> str:
        """For the foot of a page: 2020年9月30日（2020年第3季度第2版）, and the day it was known at."""
        back = f"，{zh.day(self.known)}日终所知" if self.known else ""
        return f"{zh.day(self.cut_off)}（{self.label}{back}）"

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The parts of an address that choose these figures. The plan is among them, so that a link that is kept
        still opens the same figures when another plan has become the newest."""
        choice = ("version", str(self.publication.version)) if self.publication else ("live", "1")
        known = (("known", self.known.isoformat()),) if self.known else ()
        return ("plan", self.period.plan.code), ("period", self.period.code), choice, *known

    @property
    def query(self) -> str:
        """`fields` as they stand in an address."""
        return urlencode(self.fields)

    def replaces(self, other: Edition) -> bool:
        """Whether this is a later version of the same quarter."""
        mine, theirs = self.publication, other.publication
        return bool(mine and theirs and self.period == other.period and mine.version > theirs.version)

    @property
    def known_at(self) -> datetime | None:
        """The last moment of which what the figures rest on was known; None for what is known now."""
        if self.publication:
            return self.publication.at
        return end_of_day(self.known) - timedelta(microseconds=1) if self.known else None

    @property
    def cut_off(self) -> date:
        """The day the standing is judged at."""
        return self.period.last_day

    def rows(self) -> list[Figure]:
        """All figures of the edition, in their order."""
        if self.publication:
            return list(PublishedFigure.objects.filter(publication=self.publication))
        rows = chain(*known_figures([self.period.pk], self.known))
        return sorted(rows, key=lambda figure: (figure.subject, figure.position, figure.subject_id))

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


def choose(plan: Plan, params: Mapping[str, str], known: date | None = None) -> Edition | None:
    """The edition an address asks for; None when there is no such one, or none at all yet.

    A period without a version means its latest version, or its live figures while it has none. With `known` only
    what there was at the end of that day.
    """
    code, version = params.get("period", ""), params.get("version", "")
    if not code:
        if version:
            return None
        return live(plan, known) if params.get("live") else newest(plan, known)
    match = re.fullmatch(r"(\d{4})Q([1-4])", code)
    period = _opened(plan, known).filter(year=match[1], quarter=match[2]).first() if match else None
    if period is None:
        return None
    if params.get("live"):
        return _live(period, known)
    publications = _published(plan, known).filter(period=period)
    if version:
        publications = publications.filter(version=int(version) if re.fullmatch(r"\d{1,4}", version) else 0)
    chosen = publications.last()
    if chosen:
        return _edition(chosen, known)
    return None if version else _live(period, known)


def _opened(plan: Plan, known: date | None) -> QuerySet[Period]:
    """The plan's periods with obligations, newest first."""
    opened = Period.objects.filter(plan=plan).opened().select_related("plan")
    return opened.filter(opened_at__lt=end_of_day(known)) if known else opened


def _published(plan: Plan, known: date | None) -> QuerySet[Publication]:
    """The plan's publications, oldest version first within a period."""
    published = Publication.objects.filter(period__plan=plan).select_related("period__plan")
    return published.filter(at__lt=end_of_day(known)) if known else published


def _edition(publication: Publication, known: date | None) -> Edition:
    return Edition(publication.period, publication, publication.at, known)


def newest(plan: Plan, known: date | None = None) -> Edition | None:
    """The last version of the latest published quarter, or the live figures of a plan that has published none."""
    publication = _published(plan, known).order_by("-period__year", "-period__quarter", "-version").first()
    return _edition(publication, known) if publication else live(plan, known)


def live(plan: Plan, known: date | None = None) -> Edition | None:
    """The running quarter as it stands, now or at the end of a day."""
    period = _opened(plan, known).first()
    return _live(period, known) if period else None


def _live(period: Period, known: date | None) -> Edition:
    if known is None:
        board = Board.objects.filter(period=period).first()
        return Edition(period, None, board.as_of if board else None)
    begun = [rows.aggregate(at=Max("known_from"))["at"] for rows in known_figures([period.pk], known)]
    return Edition(period, None, max((at for at in begun if at), default=None), known)


def recent(edition: Edition, count: int) -> list[Edition]:
    """Up to `count` editions ending with this one, oldest first: earlier quarters by their latest publication."""
    earlier = Period.objects.until(edition.period).exclude(pk=edition.period.pk)
    publications = _published(edition.period.plan, edition.known).filter(period__in=earlier)
    latest: dict[int, Publication] = {}
    for publication in publications.order_by("-period__year", "-period__quarter", "-version"):
        latest.setdefault(publication.period_id, publication)
    found = [_edition(publication, edition.known) for publication in islice(latest.values(), count - 1)]
    return [*reversed(found), edition]


def series(
    editions: list[Edition], subject: Subject, ids: list[int] | None = None
) -> dict[int, dict[int, Figure]]:
    """Figures of several editions at once: by subject id, then by period id. At most three queries.

    All of them are as known at the end of one day, or now.
    """
    published = [e.publication.pk for e in editions if e.publication]
    current = [e.period.pk for e in editions if e.is_live]
    frozen = PublishedFigure.objects.filter(publication__in=published).select_related("publication")
    asked = Q(subject=subject) if ids is None else Q(subject=subject, subject_id__in=ids)
    found: dict[int, dict[int, Figure]] = {}
    for figure in frozen.filter(asked):
        found.setdefault(figure.subject_id, {})[figure.publication.period_id] = figure
    if current:
        now, past = known_figures(current, editions[-1].known)
        for row in chain[Summary | PastFigure](now.filter(asked), past.filter(asked)):
            found.setdefault(row.subject_id, {})[row.period_id] = row
    return found


def choices(plan: Plan, known: date | None = None) -> list[Edition]:
    """What the period switch offers: every published quarter's latest version and the running quarter, newest first.

    One row per quarter of the plan, at most twenty for five years.
    """
    latest = {publication.period_id: publication for publication in _published(plan, known)}
    editions = [_edition(publication, known) for publication in latest.values()]
    editions += [Edition(period, known=known) for period in _opened(plan, known) if period.pk not in latest]
    return sorted(editions, key=lambda edition: edition.cut_off, reverse=True)

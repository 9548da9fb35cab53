"""Completeness and timeliness, counted from the obligations that were written when a period opened.

So a silent department is counted, and "n of m" has the same m whoever has filed. Exempt filings are left out. With
`before` everything is counted as it stood just before that moment; `at` is then that moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from actions.models import SpecialAction
from departments.models import RANKED_KINDS
from filings.models import Entry, Filing, Period
from filings.queries.joint import Word, countersigned
from filings.queries.known import decision_before, filings_before
from filings.services.access import latest_extensions, timeliness_of
from filings.terms import Decision, EntryKind, Timeliness
from harbor_plan.lib.moments import local_day
from harbor_plan.lib.ranking import competition_ranks
from reports.editions import QUARTERS
from reports.queries.trend import Cell, Head, trend
from targets.models import Plan
from tasks.models import Responsibility, Task

#: Better first: what decides a rank between equal shares of accepted entries.
_PUNCTUALITY: Mapping[Timeliness | None, int] = {
    Timeliness.ON_TIME: 2,
    Timeliness.NOT_DUE: 1,
    Timeliness.NONE: 1,
    Timeliness.LATE: 1,
}


@dataclass(frozen=True)
class Counts:
    """Entries owed, and of these: sent to the office at least once, first sent in time, accepted.

    `returns` counts returns by the office, an entry returned twice counting twice. `asked` counts countersignatures
    that leads' entries ask for, `countersigned` those given on the words sent last, whatever they say.
    """

    owed: int = 0
    filed: int = 0
    on_time: int = 0
    returns: int = 0
    accepted: int = 0
    asked: int = 0
    countersigned: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def share(self) -> Decimal | None:
        """Accepted of what is owed, in percent; None when nothing is owed."""
        return Decimal(100 * self.accepted) / self.owed if self.owed else None


@dataclass(frozen=True)
class Line:
    """One subject's counts. A department also has its timeliness, its last quarters and, if it is ranked, a place."""

    name: str
    url: str
    counts: Counts
    number: str = ""
    rank: int | None = None
    timeliness: Timeliness | None = None
    history: tuple[Cell | None, ...] = ()

    @property
    def is_late(self) -> bool:
        return self.timeliness in (Timeliness.LATE, Timeliness.MISSING)


@dataclass(frozen=True)
class QuarterLine:
    """One quarter over all departments."""

    head: Head
    counts: Counts

    @property
    def punctual_share(self) -> Decimal | None:
        """Departments that were on time, in percent; None for a quarter without timeliness."""
        head = self.head
        return Decimal(100 * head.on_time) / head.owed if head.owed and self.has_timeliness else None

    @property
    def has_timeliness(self) -> bool:
        period = self.head.period
        return not period.is_late_entry and period.last_day >= period.plan.issued_on


@dataclass(frozen=True)
class ByDepartment:
    """Every department that owed something: the district's own with a place each, the others apart."""

    ranked: list[Line]
    apart: list[Line]
    total: Counts


def by_department(period: Period, at: datetime, before: datetime | None = None) -> ByDepartment:
    """Who has filed and countersigned what, and how that was in the last quarters. A fixed number of queries."""
    filings = _filings([period], before)
    counts = _counts("filing_id", Entry.objects.all(), filings, at, before)
    asked = _sums((word.department.pk, _count(word)) for _, word in _words(period, at, before))
    found = {
        line.department.pk: line for line in trend(period, last_periods(period), at=at, before=before).lines
    }
    history = {pk: line.cells for pk, line in found.items()}
    lines = {
        filing.pk: Line(
            name=found[filing.department_id].name,
            url=_live_url("reports:department", filing.department_id, period, before),
            counts=counts[filing.pk] + asked[filing.department_id],
            timeliness=_latest(history[filing.department_id]).timeliness,
            history=history[filing.department_id],
        )
        for filing in filings
    }
    own = [filing for filing in filings if filing.department.kind in RANKED_KINDS]
    ranks = competition_ranks({f.pk: _merit(lines[f.pk]) for f in own})
    placed = sorted(own, key=lambda filing: ranks[filing.pk])
    return ByDepartment(
        ranked=[replace(lines[filing.pk], rank=ranks[filing.pk]) for filing in placed],
        apart=[lines[filing.pk] for filing in filings if filing.department.kind not in RANKED_KINDS],
        total=_sum(line.counts for line in lines.values()),
    )


def _latest(cells: Sequence[Cell | None]) -> Cell:
    """The chosen quarter's cell: there is one for whoever owes."""
    cell = cells[-1]
    assert cell is not None
    return cell


def _merit(line: Line) -> tuple[Decimal, int, int]:
    """What a place is given by: the share accepted, then being on time, then few returns."""
    return line.counts.share or Decimal(0), _PUNCTUALITY.get(line.timeliness, 0), -line.counts.returns


def by_task(period: Period, at: datetime, before: datetime | None = None) -> list[Line]:
    """What is owed for each task by all its departments, milestones included."""
    column = Coalesce("responsibility__task_id", "milestone__task_id")
    found = _by_subject(period, at, before, column, lambda responsibility: responsibility.task_id)
    tasks = Task.objects.filter(action__plan=period.plan_id).select_related("action")
    return [
        Line(task.title, _live_url("reports:task", task.pk, period, before), found[task.pk], task.number)
        for task in tasks.order_by("action__no", "no")
        if task.pk in found
    ]


def by_action(period: Period, at: datetime, before: datetime | None = None) -> list[Line]:
    """What is owed for each special action: its tasks, their milestones, and the summaries of its leads."""
    column = Coalesce("action_id", "responsibility__task__action_id", "milestone__task__action_id")
    found = _by_subject(period, at, before, column, lambda responsibility: responsibility.task.action_id)
    actions = SpecialAction.objects.filter(plan=period.plan_id).order_by("no")
    return [
        Line(
            action.name,
            _live_url("reports:action", action.pk, period, before),
            found[action.pk],
            str(action.no),
        )
        for action in actions
        if action.pk in found
    ]


def _live_url(name: str, pk: int, period: Period, before: datetime | None) -> str:
    known = f"&known={local_day(before - timedelta(days=1))}" if before else ""
    return f"{reverse(name, args=[pk])}?period={period.code}&live=1{known}"


def _by_subject(
    period: Period,
    at: datetime,
    before: datetime | None,
    column: Coalesce,
    subject_of: Callable[[Responsibility], int],
) -> Mapping[int, Counts]:
    """Counts by subject: `column` names it for each entry, `subject_of` for a countersigned one."""
    entries = Entry.objects.annotate(subject_pk=column).exclude(subject_pk=None)
    counts = _counts("subject_pk", entries, _filings([period], before), at, before)
    asked = _sums(
        (subject_of(entry.responsibility), _count(word))
        for entry, word in _words(period, at, before)
        if entry.responsibility
    )
    return {pk: own + asked[pk] for pk, own in counts.items()}


def by_quarter(period: Period, at: datetime, before: datetime | None = None) -> list[QuarterLine]:
    """The last quarters up to this one, newest first."""
    periods = last_periods(period)
    filings = _filings(periods, before)
    counts = _counts("filing__period_id", Entry.objects.all(), filings, at, before)
    return [
        QuarterLine(
            head, counts[head.period.pk] + _sum(_count(word) for _, word in _words(head.period, at, before))
        )
        for head in reversed(trend(period, periods, at=at, before=before).heads)
    ]


def last_periods(period: Period) -> list[Period]:
    """Up to eight opened quarters ending with this one, newest first."""
    return list(Period.objects.until(period).opened().select_related("plan")[:QUARTERS])


def choices(plan: Plan, before: datetime | None = None) -> QuerySet[Period]:
    """The quarters that can be looked at, now or just before a moment, newest first."""
    opened = Period.objects.filter(plan=plan).opened().select_related("plan__office")
    return opened.filter(opened_at__lt=before) if before else opened


def _filings(periods: Sequence[Period], before: datetime | None) -> list[Filing]:
    """What is owed in these periods, with its department and its period at hand. One query, of the past two."""
    known = {period.pk: period for period in periods}
    asked = Filing.objects if before else Filing.objects.owing()
    found = asked.filter(period__in=known).select_related("department")
    filings = list(found.order_by("department__order", "department_id"))
    if before:
        filings = [f for f in filings_before(filings, before) if f.exemption_id is None]
    for filing in filings:
        filing.period = known[filing.period_id]
    return filings


def _counts(
    key: str, entries: QuerySet[Entry], filings: Sequence[Filing], at: datetime, before: datetime | None
) -> Mapping[int, Counts]:
    """Counts of the filings' entries by `key`, a column; each filing's timeliness goes with them. Two queries."""
    extensions = latest_extensions({filing.period_id: filing.period for filing in filings}.values(), before)
    found: dict[int, Counts] = defaultdict(Counts)
    by_id = {filing.pk: filing for filing in filings}
    owed = entries.filter(filing__in=by_id).order_by()
    returned = Q(moves__verb="return_entry")
    accepted_then = Q(decision=Decision.ACCEPTED)
    if before:
        owed = owed.annotate(decision_then=decision_before(before))
        returned &= Q(moves__at__lt=before)
        accepted_then = Q(decision_then=Decision.ACCEPTED)
    for subject, pk, count, accepted, returns in owed.values_list(key, "filing_id").annotate(
        count=Count("id", distinct=True),
        accepted=Count("id", distinct=True, filter=accepted_then),
        returns=Count("moves", distinct=True, filter=returned),
    ):
        filing = by_id[pk]
        extension = extensions.get((filing.period_id, filing.department_id))
        found[subject] += Counts(
            owed=count,
            filed=count if filing.first_submitted_at else 0,
            on_time=count if timeliness_of(filing, extension, at) == Timeliness.ON_TIME else 0,
            returns=returns,
            accepted=accepted,
        )
    return found


def _words(period: Period, at: datetime, before: datetime | None = None) -> list[tuple[Entry, Word]]:
    """What each department asked says of each lead's entry. None in a period without countersigning."""
    if period.countersign_by is None:
        return []
    led = Entry.objects.filter(filing__period=period, kind=EntryKind.PROGRESS)
    if before is None:
        led = led.filter(filing__exemption=None)
    found = countersigned(led.for_page(), at, before)
    return [(said.entry, word) for said in found.values() for word in said.words if word.state != "not_asked"]


def _count(word: Word) -> Counts:
    return Counts(asked=1, countersigned=int(word.is_current))


def _sums(counts: Iterable[tuple[int, Counts]]) -> Mapping[int, Counts]:
    """Counts added up by their key."""
    found: dict[int, Counts] = defaultdict(Counts)
    for key, own in counts:
        found[key] += own
    return found


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())

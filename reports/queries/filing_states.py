"""How the running quarter's filing stands now, department by department: what no edition of the figures tells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from filings.models import Entry, Filing, Period
from filings.models.entry import filled
from filings.queries.known import entries_before
from filings.services.access import extensions_of, timeliness_of
from filings.terms import Decision, Status, Timeliness

#: Keys of the state tag, the furthest from done first.
STATES = (
    "over",
    "todo",
    Status.RETURNED,
    Status.DRAFT,
    Status.AWAITING_SIGNOFF,
    Status.SUBMITTED,
    Status.ACCEPTED,
    "exempt",
)


@dataclass(frozen=True)
class DepartmentState:
    """Where one department's filing stands in the running quarter."""

    filing: Filing
    owed: int
    complete: int
    accepted: int
    timeliness: Timeliness

    @property
    def is_exempt(self) -> bool:
        """Nothing is asked of it; it is not counted among those that owe."""
        return self.filing.exemption_id is not None

    @property
    def state(self) -> str:
        """The key of the state tag: exempt and overdue beat the workflow's own word."""
        if self.is_exempt:
            return "exempt"
        if self.filing.first_submitted_at is None:
            if self.timeliness == Timeliness.MISSING:
                return "over"
            if self.complete == 0 and self.filing.status == Status.DRAFT:
                return "todo"
        return self.filing.status


@dataclass(frozen=True)
class FilingStates:
    """A quarter's filing: every department's state, in the order of the departments."""

    period: Period
    departments: list[DepartmentState]

    @property
    def counts(self) -> Mapping[str, int]:
        """How many departments stand where; states nobody is in are left out."""
        found = Counter(str(department.state) for department in self.departments)
        return {str(key): found[str(key)] for key in STATES if found[str(key)]}

    @property
    def sent(self) -> int:
        """Departments that have reported to the office, whatever became of it."""
        return sum(d.filing.first_submitted_at is not None for d in self.departments)

    @property
    def owing(self) -> list[DepartmentState]:
        """Departments that owe a filing: all but the exempt ones."""
        return [d for d in self.departments if not d.is_exempt]

    @property
    def accepted(self) -> int:
        return sum(d.accepted for d in self.owing)

    @property
    def owed(self) -> int:
        return sum(d.owed for d in self.owing)

    @property
    def unsent(self) -> list[DepartmentState]:
        """Departments that have not reported yet."""
        return [d for d in self.owing if d.filing.first_submitted_at is None]


def filing_states_before(period: Period, before: datetime) -> FilingStates:
    """Every department's state in a period as it stood just before a moment. Five queries.

    Of a draft nobody knows afterwards how far it was: nothing of it counts as filled in.
    """
    owed: dict[int, list[Entry]] = defaultdict(list)
    asked = Entry.objects.filter(filing__period=period).select_related("filing__department")
    for entry in entries_before(asked.order_by("filing__department__order"), before):
        owed[entry.filing_id].append(entry)
    extensions = extensions_of(period, before)
    states = []
    for entries in owed.values():
        filing = entries[0].filing
        filing.period = period
        states.append(
            DepartmentState(
                filing=filing,
                owed=len(entries),
                complete=len(entries) if filing.first_submitted_at else 0,
                accepted=sum(entry.decision == Decision.ACCEPTED for entry in entries),
                timeliness=timeliness_of(filing, extensions.get(filing.department_id), before),
            )
        )
    return FilingStates(period, states)


def filing_states(period: Period, at: datetime) -> FilingStates:
    """Every department's state in a period. Two queries."""
    extensions = extensions_of(period)
    filings = (
        Filing.objects.filter(period=period)
        .select_related("department", "period__plan")
        .annotate(
            owed=Count("entries"),
            complete=Count("entries", filter=filled("entries__")),
            accepted=Count("entries", filter=Q(entries__decision=Decision.ACCEPTED)),
        )
        .order_by("department__order")
    )
    return FilingStates(
        period,
        [
            DepartmentState(
                filing=filing,
                owed=filing.owed,
                complete=filing.complete,
                accepted=filing.accepted,
                timeliness=timeliness_of(filing, extensions.get(filing.department_id), at),
            )
            for filing in filings
        ],
    )

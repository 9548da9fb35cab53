"""Statistics of the office's returns: by coded reason, department, reviewer and quarter, out of everything decided.

Counted is what a finished review decided: the last decision on each entry before its filing was accepted or returned,
and each entry returned by reopening. What a reviewer changed again before finishing counts once, as it ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from departments.models import Department
from filings.models import Filing, Move, Period
from filings.services.review import DECIDING
from filings.terms import ReturnCode
from targets.models import Plan

_FINISHING = ("accept", "return")
_VERBS = (*DECIDING, *_FINISHING, "reopen", "sign")


@dataclass(frozen=True)
class Decided:
    """One decision of a finished review; `code` is empty for an acceptance."""

    period: int
    department: int
    reviewer: int | None
    code: str


@dataclass
class Line:
    """One row of a table: decisions and, by code, returns."""

    label: str
    decided: int = 0
    codes: Counter[str] = field(default_factory=Counter)

    @property
    def returned(self) -> int:
        return self.codes.total()

    @property
    def by_code(self) -> list[int]:
        """Returns by code, in the order of the codes."""
        return [self.codes[code] for code in ReturnCode.values]

    @property
    def labelled(self) -> list[tuple[str, int]]:
        """The same with the words of each code."""
        return list(zip(ReturnCode.labels, self.by_code, strict=True))

    @property
    def share(self) -> Decimal | None:
        """Returns in per cent of the decisions; None where nothing was decided."""
        return Decimal(100 * self.returned) / self.decided if self.decided else None

    def add(self, one: Decided) -> None:
        """Count one decision."""
        self.decided += 1
        if one.code:
            self.codes[one.code] += 1


@dataclass(frozen=True)
class Table:
    """One way to group the decisions: its key, what a row is, and the rows that have something."""

    key: str
    head: str
    lines: list[Line]


@dataclass(frozen=True)
class Returns:
    """The statistics of one plan, or of one of its quarters."""

    plan: Plan
    period: Period | None
    total: Line
    tables: list[Table]


def decided(moves: Iterable[tuple[Any, ...]]) -> list[Decided]:
    """What finished reviews decided. Pure.

    `moves` in the order of the history: filing id, period id, department id, entry id, verb, code and person.
    """
    found: list[Decided] = []
    pending: dict[int, dict[int, Decided]] = {}
    reopened: set[int] = set()
    for filing, period, department, entry, verb, code, person in moves:
        if verb in DECIDING:
            one = Decided(period, department, person, code if verb == "return_entry" else "")
            if filing in reopened:
                found.append(one)
            else:
                pending.setdefault(filing, {})[entry] = one
        elif verb == "reopen":
            reopened.add(filing)
        else:
            reopened.discard(filing)
            if verb in _FINISHING:
                found += pending.pop(filing, {}).values()
    return found


def returns(plan: Plan, *, user: User, period: Period | None = None) -> Returns:
    """Returns of a plan's filings that this person may see, or of one quarter. Five queries."""
    filings = Filing.objects.visible_to(user).filter(period__plan=plan)
    moves = Move.objects.filter(filing__in=filings.values("id"), verb__in=_VERBS)
    if period is not None:
        moves = moves.filter(filing__period=period)
    rows = decided(
        moves.order_by("id").values_list(
            "filing_id", "filing__period_id", "filing__department_id", "entry_id", "verb", "code", "by_id"
        )
    )
    total = Line("合计")
    for one in rows:
        total.add(one)
    departments = Department.objects.filter(pk__in={one.department for one in rows})
    people = User.objects.filter(pk__in={one.reviewer for one in rows if one.reviewer}).order_by("name", "id")
    quarters = Period.objects.filter(pk__in={one.period for one in rows}).order_by("-year", "-quarter")
    return Returns(
        plan,
        period,
        total,
        [
            _table("quarter", "填报期", quarters, rows, lambda one: one.period),
            _table(
                "department", "单位", departments.order_by("order", "id"), rows, lambda one: one.department
            ),
            _table("reviewer", "审核人", people, rows, lambda one: one.reviewer),
        ],
    )


def _table(
    key: str,
    head: str,
    subjects: QuerySet[Any],
    rows: Sequence[Decided],
    of: Callable[[Decided], Hashable],
) -> Table:
    lines: dict[Hashable, Line] = {subject.pk: Line(str(subject)) for subject in subjects}
    for one in rows:
        if of(one) in lines:
            lines[of(one)].add(one)
    return Table(key, head, list(lines.values()))

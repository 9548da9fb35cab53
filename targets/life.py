"""Which rows of a requirement, of the thresholds and of a baseline are in force on a day, as known at a moment.

No queries of their own beyond the rows asked for, and no clock. A requirement is known by its indicator, due date and
clause; its rows, oldest first, are its life. A row is in force from its `effective_from` on (from the beginning
without one) until a later row begins. `known_at` leaves out what was recorded later; None knows everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol, TypeVar

from targets.models import BaselineChange, Indicator, Plan, PlanValue, Target, ThresholdChange
from targets.terms import ProposalState, TargetState

#: How a plan's own rows of one requirement follow one another: what came with the plan has no moment.
_STEPS = (TargetState.PENDING, TargetState.PROVISIONAL, TargetState.ASSIGNED, TargetState.REVISED)


class Dated(Protocol):
    """A row that is in force from a quarter on."""

    @property
    def effective_from(self) -> date | None: ...

    @property
    def at(self) -> datetime | None: ...


Row = TypeVar("Row", bound=Dated)


def lives(targets: Iterable[Target]) -> list[list[Target]]:
    """The rows of one indicator by requirement, each oldest first; requirements by due date, then as loaded."""
    groups: dict[tuple[date, str], list[Target]] = defaultdict(list)
    for target in targets:
        groups[target.due_on, target.clause].append(target)
    rows = [sorted(group, key=_place) for group in groups.values()]
    return sorted(rows, key=lambda life: (life[0].due_on, _number(life[0])))


def _place(target: Target) -> tuple[float, int, float]:
    """What came with the plan first; then in the order of recording. A row that is only proposed is the last."""
    came_with_plan = float("-inf") if target.pk else float("inf")
    recorded = target.at.timestamp() if target.at else came_with_plan
    return recorded, _STEPS.index(TargetState(target.state)), _number(target)


def _number(target: Target) -> float:
    return target.pk or float("inf")


def targets_in_force(
    targets: Iterable[Target], day: date, known_at: datetime | None = None
) -> tuple[Target, ...]:
    """One row of each requirement of an indicator: the one in force that day; none of one that is retired by then."""
    chosen = (in_force(life, day, known_at) for life in lives(targets) if not _retired(life, day))
    return tuple(target for target in chosen if target is not None)


def current_targets(targets: Iterable[Target]) -> tuple[Target, ...]:
    """The newest row of each requirement of an indicator, whenever it comes into force."""
    return tuple(life[-1] for life in lives(targets) if not _retired(life, date.max))


def _retired(life: Sequence[Target], day: date) -> bool:
    return any(row.retired_on is not None and row.retired_on <= day for row in life)


def in_force(rows: Sequence[Row], day: date, known_at: datetime | None = None) -> Row | None:
    """The last of the rows, oldest first, that is in force that day and was known."""
    fitting = [row for row in rows if _begun(row, day) and _known(row, known_at)]
    return fitting[-1] if fitting else None


def _begun(row: Dated, day: date) -> bool:
    return row.effective_from is None or row.effective_from <= day


def _known(row: Dated, known_at: datetime | None) -> bool:
    return known_at is None or row.at is None or row.at <= known_at


def threshold_change(plan: Plan, day: date, known_at: datetime | None = None) -> ThresholdChange | None:
    """The change in force that day; None while the plan's own thresholds hold. One query, unless prefetched."""
    return in_force(list(plan.threshold_changes.all()), day, known_at)


def baseline_row(indicator: Indicator, day: date, known_at: datetime | None = None) -> BaselineChange | None:
    """The baseline in force that day, the plan's own as an unsaved row; None without one. One query, unless prefetched."""
    changes = list(indicator.baseline_changes.all())
    return in_force(changes, day, known_at) or first_baseline(indicator)


def plan_values_known(indicator: Indicator, known_at: datetime | None = None) -> list[PlanValue]:
    """The plan values that counted at a moment, by date; those since confirmed are taken back, and not stored so.

    One query, and one more for a moment.
    """
    values = {row.on: row for row in indicator.plan_values.all()}
    if known_at is None:
        return list(values.values())
    later = [
        row
        for row in indicator.plan_value_proposals.all()
        if row.state == ProposalState.CONFIRMED and row.decided_at and row.decided_at > known_at
    ]
    for row in sorted(later, key=lambda row: (row.decided_at, row.pk), reverse=True):
        values.pop(row.on, None)
        if row.replaced is not None:
            values[row.on] = PlanValue(indicator=indicator, on=row.on, value=row.replaced)
    return sorted(values.values(), key=lambda value: value.on)


def first_baseline(indicator: Indicator) -> BaselineChange | None:
    """The baseline the plan came with, as a row that is not stored."""
    if indicator.baseline is None or indicator.baseline_year is None:
        return None
    return BaselineChange(
        indicator=indicator,
        value=indicator.baseline,
        year=indicator.baseline_year,
        source=indicator.baseline_source,
        state=TargetState.ASSIGNED,
    )

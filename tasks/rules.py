"""The table of moves of an annual work plan, and the small predicates around it. Pure: no queries, no clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from tasks.models import AnnualPlanStatus as Status


@dataclass(frozen=True)
class Step:
    """One row of the table: a verb, its word, and from which statuses it leads where."""

    verb: str
    label: str
    sources: frozenset[Status]
    to: Status


def _step(verb: str, label: str, sources: Collection[Status], to: Status) -> Step:
    return Step(verb, label, frozenset(sources), to)


#: There is no other path. After the first approval `change` begins the next version; the last one stays in force.
STEPS: dict[str, Step] = {
    step.verb: step
    for step in (
        _step("submit", "报审", {Status.DRAFT, Status.RETURNED}, Status.SUBMITTED),
        _step("recall", "撤回", {Status.SUBMITTED}, Status.DRAFT),
        _step("approve", "审定", {Status.SUBMITTED}, Status.APPROVED),
        _step("return", "退回", {Status.SUBMITTED}, Status.RETURNED),
        _step("change", "调整", {Status.APPROVED}, Status.DRAFT),
        _step("abandon", "放弃调整", {Status.DRAFT, Status.RETURNED}, Status.APPROVED),
    )
}

#: Items are written only in these.
WRITABLE = frozenset({Status.DRAFT, Status.RETURNED})


def may_decide(
    *,
    own_departments: Collection[int],
    lead_departments: Collection[int],
    person: int,
    hands_in_it: Collection[int],
    is_office: bool,
    is_leader: bool,
    approvers_left: int,
) -> bool:
    """Whether this person may approve or return a plan (design decision 3.4, as for filings).

    Nobody decides what their own department compiled or what they had a hand in. When no approver of the office is
    left, a leader decides.
    """
    if person in hands_in_it or set(own_departments) & set(lead_departments):
        return False
    return is_office or (is_leader and approvers_left == 0)

"""The table of moves and the small predicates of filing and review. Pure: no queries, no clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from filings.terms import Decision, Status


@dataclass(frozen=True)
class Step:
    """One row of the table of moves: who may take a filing from which statuses to which."""

    verb: str
    label: str
    sources: frozenset[Status]
    to: Status
    actor: str


def _step(verb: str, label: str, sources: Collection[Status], to: Status, actor: str) -> Step:
    return Step(verb, label, frozenset(sources), to, actor)


#: Design decision 3: status is one column plus this table; there is no other path.
STEPS: dict[str, Step] = {
    step.verb: step
    for step in (
        _step("submit", "提交签发", {Status.DRAFT, Status.RETURNED}, Status.AWAITING_SIGNOFF, "filer"),
        _step("recall", "撤回修改", {Status.AWAITING_SIGNOFF}, Status.DRAFT, "filer"),
        _step("send_back", "签发退回", {Status.AWAITING_SIGNOFF}, Status.DRAFT, "approver"),
        _step("sign", "签发报送", {Status.AWAITING_SIGNOFF}, Status.SUBMITTED, "approver"),
        _step("accept", "审核采纳", {Status.SUBMITTED}, Status.ACCEPTED, "reviewer"),
        _step("return", "审核退回", {Status.SUBMITTED}, Status.RETURNED, "reviewer"),
        _step("pass_on", "转复审", {Status.SUBMITTED}, Status.SUBMITTED, "reviewer"),
        _step("reopen", "重新退回", {Status.ACCEPTED}, Status.RETURNED, "reviewer"),
    )
}

#: Steps and decisions as the history names them.
VERB_LABELS: dict[str, str] = {step.verb: step.label for step in STEPS.values()} | {
    "open": "建立应报事项",
    "accept_entry": "采纳本项",
    "pass_entry": "初审通过本项",
    "confirm_entry": "复审采纳本项",
    "return_entry": "退回本项",
    "send_back_entry": "签发退回本项",
    "correct": "更正",
    "extend": "延期",
    "exempt": "免报",
    "withdraw_exemption": "撤销免报",
    "substitute": "指定代审",
    "claim": "认领审核",
    "release": "放回待审",
    "take_over": "接手审核",
    "reorganise": "机构变动",
}

#: Decisions that leave a review unfinished.
UNDECIDED = frozenset({Decision.OPEN, Decision.PASSED})

#: A claimed filing that its reviewer left alone for so long may be taken over without a reason.
IDLE = timedelta(hours=24)

#: A filer writes only in these.
WRITABLE = frozenset({Status.DRAFT, Status.RETURNED})


def is_open_entry(status: Status, decision: Decision) -> bool:
    """Whether an entry can be written: the filing is with the filer and this entry is not accepted already."""
    return status in WRITABLE and decision != Decision.ACCEPTED


def may_decide(
    *,
    own_departments: Collection[int],
    department: int,
    hands_in_it: Collection[int],
    person: int,
    is_office: bool,
    is_leader: bool,
    is_substitute: bool,
    reviewers_left: int,
) -> bool:
    """Whether this person may decide that filing (design decision 3.4).

    Nobody reviews their own department's filing, and nobody accepts what they filed or signed (`hands_in_it`).
    When no office reviewer is left, a leader decides, or the substitute whom a leader named.
    """
    if person in hands_in_it or department in own_departments:
        return False
    return is_office or (reviewers_left == 0 and (is_leader or is_substitute))


def outcome(decisions: Collection[Decision]) -> Status | None:
    """Where a finished review takes the filing; None while an entry is undecided or waits for a second reviewer."""
    if any(decision in UNDECIDED for decision in decisions):
        return None
    return Status.ACCEPTED if all(d == Decision.ACCEPTED for d in decisions) else Status.RETURNED


def accepted_as(*, is_second_level: bool, needs_second: bool) -> Decision:
    """What an acceptance is kept as: the first of two levels only passes an entry, which then does not count yet."""
    return Decision.PASSED if needs_second and not is_second_level else Decision.ACCEPTED


def may_take_over(*, idle_for: timedelta, holder_may_review: bool, has_reason: bool) -> bool:
    """Whether another reviewer may take a claimed filing over: it stood idle, its holder cannot go on, or a reason."""
    return has_reason or not holder_may_review or idle_for >= IDLE


class Side(StrEnum):
    """Which side of the thread on an entry a person speaks for."""

    DEPARTMENT = "department"
    OFFICE = "office"


def speaks_for(
    *,
    department: int,
    departments_to_file: Collection[int],
    own_departments: Collection[int],
    hands_in_it: Collection[int],
    person: int,
    is_office: bool,
    is_leader: bool,
    is_substitute: bool,
    reviewers_left: int,
) -> Side | None:
    """For which side a person may write in the threads of one filing; None: they may only read.

    The filing's own filers and approvers (`departments_to_file` has its department) speak for the department. For the
    office speaks whoever may decide the filing at one of its levels (`may_decide`).
    """
    if department in departments_to_file:
        return Side.DEPARTMENT
    decides = may_decide(
        own_departments=own_departments,
        department=department,
        hands_in_it=hands_in_it,
        person=person,
        is_office=is_office,
        is_leader=is_leader,
        is_substitute=is_substitute,
        reviewers_left=reviewers_left,
    )
    return Side.OFFICE if decides else None


def takes_remarks(status: Status, decision: Decision) -> bool:
    """Whether an entry can be talked about: with the office or returned by it, and not accepted yet."""
    return status in (Status.SUBMITTED, Status.RETURNED) and decision != Decision.ACCEPTED

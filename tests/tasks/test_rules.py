"""The table of moves, and who may decide, as truth tables."""

import pytest

from tasks.models import AnnualPlanStatus as Status
from tasks.rules import STEPS, WRITABLE, may_decide

MOVES = """
submit   draft submitted | returned submitted
recall   submitted draft
approve  submitted approved
return   submitted returned
change   approved draft
abandon  draft approved | returned approved
"""


def test_the_table_of_moves_is_this() -> None:
    table = {}
    for line in MOVES.strip().splitlines():
        verb, pairs = line.split(maxsplit=1)
        table[verb] = {tuple(pair.split()) for pair in pairs.split("|")}
    found = {verb: {(source.value, step.to.value) for source in step.sources} for verb, step in STEPS.items()}
    assert found == table
    assert {Status.DRAFT, Status.RETURNED} == WRITABLE


@pytest.mark.parametrize(
    ("own", "hands", "office", "leader", "left", "may"),
    [
        ({7}, set(), True, False, 1, True),
        ({7}, set(), True, False, 0, True),
        ({1}, set(), True, False, 1, False),  # of a lead department
        ({2}, set(), True, False, 1, False),  # of the other lead
        ({7}, {9}, True, False, 1, False),  # submitted it
        ({7}, set(), False, False, 0, False),
        (set(), set(), False, True, 1, False),  # the office can
        (set(), set(), False, True, 0, True),
        (set(), {9}, False, True, 0, False),
        ({1}, set(), False, True, 0, False),
    ],
)
def test_who_may_decide(
    own: set[int], hands: set[int], office: bool, leader: bool, left: int, may: bool
) -> None:
    decided = may_decide(
        own_departments=own,
        lead_departments={1, 2},
        person=9,
        hands_in_it=hands,
        is_office=office,
        is_leader=leader,
        approvers_left=left,
    )
    assert decided is may

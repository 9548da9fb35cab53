"""When an order is proposed, who may take which step, and that there is no path outside the table."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.order_rules import (
    STEPS,
    VERB_LABELS,
    Case,
    DueMilestone,
    Thresholds,
    is_worse,
    judge,
    may_look_back,
    may_take,
    quarters_behind,
)
from supervision.terms import OPEN, Level, OrderStatus
from targets.terms import Standing as S

TODAY = date(2021, 1, 15)
RULE = Thresholds(blue_days=30, yellow_returns=2, red_quarters=2)
NONE = Thresholds(blue_days=0, yellow_returns=0, red_quarters=0)


def milestone(days=10, standing=S.UNKNOWN):
    return DueMilestone("竣工", TODAY + timedelta(days=days), standing)


# The rule


@pytest.mark.parametrize(
    ("case", "rule", "level", "words"),
    [
        (Case([]), RULE, None, ""),
        (Case([S.ON_TRACK]), RULE, None, ""),
        (Case([S.DONE]), RULE, None, ""),
        (Case([S.UNKNOWN, S.LATE]), RULE, None, ""),
        (Case([S.BEHIND], "落后 5 点"), RULE, Level.YELLOW, "任务滞后（落后 5 点）"),
        (Case([S.LATE], "落后 15 点"), RULE, Level.RED, "任务严重滞后（落后 15 点）"),
        (Case([S.BEHIND, S.BEHIND], "落后"), RULE, Level.RED, "任务连续 2 个季度滞后（落后）"),
        (Case([S.BEHIND, S.LATE], "落后"), RULE, Level.RED, "任务连续 2 个季度滞后（落后）"),
        (Case([S.BEHIND, S.ON_TRACK, S.BEHIND], "落后"), RULE, Level.YELLOW, "任务滞后（落后）"),
        (Case([S.BEHIND] * 4, "落后"), NONE, Level.YELLOW, "任务滞后（落后）"),
        (Case([S.BEHIND] * 2, "落后"), Thresholds(0, 0, 3), Level.YELLOW, "任务滞后（落后）"),
        (Case([S.BEHIND] * 3, "落后"), Thresholds(0, 0, 3), Level.RED, "任务连续 3 个季度滞后（落后）"),
        (Case([S.ON_TRACK], milestones=[milestone(-1, S.LATE)]), RULE, Level.RED, "节点“竣工”逾期未完成"),
        (Case([S.ON_TRACK], milestones=[milestone(-1, S.BEHIND)]), RULE, Level.YELLOW, "节点“竣工”已过期限未完成"),
        (Case([S.ON_TRACK], returns=1), RULE, None, ""),
        (Case([S.ON_TRACK], returns=2), RULE, Level.YELLOW, "本季牵头填报项被审核退回 2 次，报送质量差"),
        (Case([S.ON_TRACK], returns=9), NONE, None, ""),
        (Case([S.ON_TRACK], milestones=[milestone(0)]), RULE, Level.BLUE, "节点“竣工”将于 2021-01-15 到期，尚未完成"),
        (Case([S.ON_TRACK], milestones=[milestone(30)]), RULE, Level.BLUE, "节点“竣工”将于 2021-02-14 到期，尚未完成"),
        (Case([S.ON_TRACK], milestones=[milestone(31)]), RULE, None, ""),
        (Case([S.ON_TRACK], milestones=[milestone(-1)]), RULE, None, ""),
        (Case([S.ON_TRACK], milestones=[milestone(0)]), NONE, None, ""),
        (
            Case([S.LATE], "落后", milestones=[milestone(-1, S.LATE), milestone(5)], returns=3),
            RULE,
            Level.RED,
            "任务严重滞后（落后）；节点“竣工”逾期未完成",
        ),
    ],
)  # fmt: skip
def test_the_level_a_case_asks_for(case, rule, level, words):
    verdict = judge(case, rule, TODAY)
    assert (verdict.level, verdict.words) == (level, words) if level else verdict is None


def test_how_long_a_task_has_been_behind():
    assert quarters_behind([]) == 0
    assert quarters_behind([S.BEHIND, S.LATE, S.UNKNOWN, S.LATE]) == 2
    assert quarters_behind([S.DONE, S.LATE]) == 0


def test_levels_in_their_order():
    worse = {(a, b) for a, b in product(Level, Level) if is_worse(a, b)}
    assert worse == {(Level.YELLOW, Level.BLUE), (Level.RED, Level.BLUE), (Level.RED, Level.YELLOW)}


standings = st.lists(st.sampled_from(list(S)), max_size=8)
milestones = st.lists(
    st.builds(milestone, st.integers(-60, 60), st.sampled_from([S.UNKNOWN, S.BEHIND, S.LATE])), max_size=3
)
rules = st.builds(Thresholds, st.integers(0, 60), st.integers(0, 5), st.integers(0, 8))


@given(standings, milestones, st.integers(0, 6), rules)
def test_a_verdict_always_has_its_ground_and_a_task_on_track_without_anything_has_none(
    lights, due, returns, rule
):
    verdict = judge(Case(lights, "理由", due, returns), rule, TODAY)
    if verdict is None:
        assert not lights or lights[0] not in (S.BEHIND, S.LATE)
    else:
        assert verdict.grounds
        assert all(verdict.grounds)


@given(standings, milestones, st.integers(0, 6), rules)
def test_more_trouble_never_asks_for_a_milder_level(lights, due, returns, rule):
    before = judge(Case(lights, "", due, returns), rule, TODAY)
    worse = judge(Case(lights, "", [*due, milestone(-1, S.LATE)], returns + 1), rule, TODAY)
    assert worse is not None
    assert before is None or not is_worse(before.level, worse.level)


# The table

ISSUED, WORKING, REPORTED = OrderStatus.ISSUED, OrderStatus.WORKING, OrderStatus.REPORTED
CHECKED, CLOSED, WITHDRAWN = OrderStatus.CHECKED, OrderStatus.CLOSED, OrderStatus.WITHDRAWN


def test_the_table_of_moves():
    assert {verb: (set(step.sources), step.to, step.actor) for verb, step in STEPS.items()} == {
        "sign": ({ISSUED}, WORKING, "department"),
        "report": ({WORKING}, REPORTED, "department"),
        "accept": ({REPORTED}, CHECKED, "checker"),
        "send_back": ({REPORTED}, WORKING, "checker"),
        "close": ({CHECKED}, CLOSED, "closer"),
        "escalate": ({ISSUED, WORKING}, ISSUED, "office"),
        "reopen": ({CLOSED}, ISSUED, "office"),
        "withdraw": ({ISSUED, WORKING}, WITHDRAWN, "office"),
    }
    assert set(VERB_LABELS) == {"issue", *STEPS}
    assert set(OrderStatus) - {CLOSED, WITHDRAWN} == OPEN


OWN, OTHER = 1, 2


@pytest.mark.parametrize(
    ("actor", "own", "files", "is_office", "is_leader", "has_checked", "may"),
    [
        ("department", {OWN}, {OWN}, False, False, False, True),
        ("department", {OTHER}, {OTHER}, False, False, False, False),
        (
            "department",
            {OWN},
            set(),
            True,
            False,
            False,
            False,
        ),  # of the department, but neither fills in nor signs
        ("department", set(), set(), False, True, False, False),
        ("office", {OTHER}, set(), True, False, False, True),
        ("office", {OWN}, {OWN}, True, False, False, True),
        ("office", {OWN}, {OWN}, False, False, False, False),
        ("office", set(), set(), False, True, False, False),
        ("checker", {OTHER}, set(), True, False, False, True),
        ("checker", {OWN, OTHER}, {OWN}, True, False, False, False),
        ("checker", set(), set(), False, True, False, False),
        ("closer", {OTHER}, set(), True, False, False, True),
        ("closer", {OTHER}, set(), True, False, True, False),
        ("closer", {OWN, OTHER}, {OWN}, True, False, False, False),
        ("closer", set(), set(), False, True, False, True),
        ("closer", {OTHER}, set(), True, True, True, False),
        ("closer", {OTHER}, {OTHER}, False, False, False, False),
    ],
)
def test_who_may_take_which_step(actor, own, files, is_office, is_leader, has_checked, may):
    assert (
        may_take(
            actor,
            own_departments=own,
            files_for=files,
            department=OWN,
            is_office=is_office,
            is_leader=is_leader,
            has_checked=has_checked,
        )
        is may
    )


def test_looking_back_includes_the_last_day():
    closed = date(2021, 1, 1)
    assert may_look_back(closed, 90, date(2021, 4, 1))
    assert not may_look_back(closed, 90, date(2021, 4, 2))
    assert may_look_back(closed, 0, closed)

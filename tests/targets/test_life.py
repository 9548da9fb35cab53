"""Which row of a requirement is in force on a day, as known at a moment: the newest that had begun and was recorded."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from targets.life import current_targets, in_force, lives, targets_in_force
from targets.measure import Quarter
from targets.models import Plan, Target, ThresholdChange

DUE = date(2020, 12, 31)
START = datetime(2018, 1, 1, tzinfo=UTC)


def row(
    pk: int, state: str, since: Quarter | None = None, day: int | None = None, **fields: object
) -> Target:
    """A row of one requirement, not stored; `day` counts from START."""
    at = None if day is None else START + timedelta(days=day)
    values = {"due_on": DUE, "clause": "二", "effective_from": since.first_day if since else None} | fields
    return Target(pk=pk, state=state, at=at, **values)


PENDING = row(1, "pending")
ASSIGNED = row(2, "assigned", Quarter(2018, 3), 200)
REVISED = row(3, "revised", Quarter(2019, 2), 400)
LIFE = [REVISED, PENDING, ASSIGNED]


def test_each_quarter_is_judged_by_the_row_that_had_begun_by_its_last_day():
    found = [targets_in_force(LIFE, Quarter(year, 2).last_day) for year in (2018, 2019)]
    assert found == [(PENDING,), (REVISED,)]
    assert targets_in_force(LIFE, Quarter(2018, 3).last_day) == (ASSIGNED,)
    assert targets_in_force(LIFE, Quarter(2019, 1).last_day) == (ASSIGNED,)


def test_what_was_recorded_later_was_not_known():
    day = Quarter(2020, 4).last_day
    known = [targets_in_force(LIFE, day, START + timedelta(days=days)) for days in (0, 200, 399, 400)]
    assert known == [(PENDING,), (ASSIGNED,), (ASSIGNED,), (REVISED,)]


def test_requirements_of_another_day_or_clause_have_lives_of_their_own():
    early, other = row(4, "assigned", due_on=date(2018, 12, 31)), row(5, "assigned", clause="三")
    assert lives([*LIFE, other, early]) == [[early], [PENDING, ASSIGNED, REVISED], [other]]
    assert current_targets([*LIFE, other, early]) == (early, REVISED, other)


def test_rows_that_came_with_the_plan_follow_one_another_by_state():
    revised, provisional = row(1, "revised"), row(2, "provisional")
    assert lives([revised, provisional]) == [[provisional, revised]]


def test_a_row_that_is_only_proposed_follows_everything_recorded():
    proposed = Target(state="assigned", due_on=DUE, clause="二", effective_from=date(2018, 7, 1))
    assert lives([*LIFE, proposed]) == [[PENDING, ASSIGNED, REVISED, proposed]]


quarters = st.builds(Quarter, st.integers(2016, 2020), st.integers(1, 4))
changes = st.lists(st.tuples(quarters, st.integers(0, 1000)), max_size=6).map(
    lambda pairs: [
        ThresholdChange(
            plan=Plan(),
            effective_from=quarter.first_day,
            late_above=Decimal(n),
            at=START + timedelta(days=day),
        )
        for n, (quarter, day) in enumerate(
            zip(sorted(q for q, _ in pairs), sorted(d for _, d in pairs), strict=True)
        )
    ]
)


@given(changes, quarters)
def test_the_thresholds_of_a_quarter_are_those_of_the_last_change_begun_by_its_last_day(rows, quarter):
    begun = [change for change in rows if Quarter.of(change.effective_from) <= quarter]
    assert in_force(rows, quarter.last_day) == (begun[-1] if begun else None)


@given(changes, quarters, st.integers(0, 1000))
def test_a_change_recorded_after_a_moment_changes_nothing_known_then(rows, quarter, day):
    moment = START + timedelta(days=day)
    known = [change for change in rows if change.at <= moment]
    assert in_force(rows, quarter.last_day, moment) == in_force(known, quarter.last_day)

"""Whatever is filed, accepted, returned and reopened, in any order: the refreshes leave what a rebuild gives."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from filings.errors import Refused
from filings.models import Entry, Filing, Period
from filings.services.review import complete_review, decide_entry, reopen
from filings.terms import Decision, EntryKind
from reports.models import FIGURE_FIELDS, Subject, Summary
from reports.services import rebuild_period, refresh_from
from tests.reports.scene import Scene, closing_time, filing_time

NOTE = ("R05", "口径不符")


def send(scene: Scene, period: Period, place: int, percent: str) -> None:
    """The department reports its task's percent and signs."""
    scene.report(period, scene.tasks[place], percent)
    scene.read(period, scene.indicators[place], percent)
    scene.send(period, scene.departments[place])


def accept(scene: Scene, period: Period, place: int, percent: str) -> None:
    """The office accepts everything that waits."""
    scene.accept(scene.filing(period, scene.departments[place]))


def give_back(scene: Scene, period: Period, place: int, percent: str) -> None:
    """The office returns the task's entry and accepts the rest."""
    filing, at = scene.filing(period, scene.departments[place]), decided_at(period)
    for entry in Entry.objects.filter(filing=filing, decision=Decision.OPEN):
        is_task = entry.kind == EntryKind.PROGRESS
        decision, code, note = (Decision.RETURNED, *NOTE) if is_task else (Decision.ACCEPTED, "", "")
        decide_entry(
            entry=entry, decision=decision, seen=Decision.OPEN, code=code, note=note, by=scene.reviewer, at=at
        )
    complete_review(filing=filing, by=scene.reviewer, at=at)


def open_again(scene: Scene, period: Period, place: int, percent: str) -> None:
    """The office takes an accepted percent back."""
    filing: Filing = scene.filing(period, scene.departments[place])
    entry = scene.progress(period, scene.tasks[place])
    reopen(filing=filing, notes={entry.pk: NOTE}, by=scene.reviewer, at=decided_at(period))


def decided_at(period: Period):
    return filing_time(period) + timedelta(hours=1)


def carry_through(scene: Scene, period: Period, place: int, percent: str) -> None:
    """Reported and accepted in one go, the everyday case."""
    send(scene, period, place, percent)
    accept(scene, period, place, percent)


VERBS = [carry_through, send, accept, give_back, open_again]
steps = st.tuples(
    st.sampled_from(VERBS),
    st.integers(0, 1),  # which quarter
    st.integers(0, 1),  # which department
    st.sampled_from(["0", "20", "45", "50", "100"]),
)
Step = tuple[Callable[[Scene, Period, int, str], None], int, int, str]

YELLOW_TWICE_THEN_TAKEN_BACK: list[Step] = [
    (send, 0, 0, "20"), (accept, 0, 0, ""), (send, 1, 0, "45"), (accept, 1, 0, ""), (open_again, 0, 0, ""),
]  # fmt: skip


def rows(period: Period) -> dict[tuple[str, int], dict[str, object]]:
    """All summaries of a period, whatever their keys."""
    return {
        (row.subject, row.subject_id): {name: getattr(row, name) for name in FIGURE_FIELDS}
        for row in Summary.objects.filter(period=period)
    }


@pytest.fixture
def scene(db):
    return Scene.make(size=2)


@given(taken=st.lists(steps, max_size=5))
@example(taken=YELLOW_TWICE_THEN_TAKEN_BACK)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_refreshes_leave_what_a_rebuild_gives(scene, taken):
    with transaction.atomic():
        periods = [scene.opened(2020, 1), scene.opened(2020, 2)]
        at = closing_time(periods[1])
        refresh_from(period_id=periods[0].pk, at=at)
        for verb, quarter, place, percent in taken:
            with suppress(Refused), transaction.atomic():
                verb(scene, periods[quarter], place, percent)
            refresh_from(period_id=periods[quarter].pk, at=at)
        refreshed = [rows(period) for period in periods]
        for period in periods:
            rebuild_period(period=period, at=at)
        assert [rows(period) for period in periods] == refreshed
        transaction.set_rollback(True)


def test_the_steps_do_what_they_say(scene):
    first, second = scene.opened(2020, 1), scene.opened(2020, 2)
    lights = []
    for verb, quarter, place, percent in YELLOW_TWICE_THEN_TAKEN_BACK:
        verb(scene, (first, second)[quarter], place, percent)
        refresh_from(period_id=(first, second)[quarter].pk, at=closing_time(second))
        task = Summary.objects.filter(subject=Subject.TASK, subject_id=scene.tasks[0].pk)
        lights.append([row.standing for row in task.order_by("period__quarter")])
    assert lights == [
        ["unknown", "unknown"],
        ["behind", "unknown"],
        ["behind", "unknown"],
        ["behind", "late"],
        ["unknown", "behind"],
    ]

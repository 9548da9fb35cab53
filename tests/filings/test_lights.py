"""The light of an entry by itself, and what became of it since last quarter: pure, then on what was sent."""

from datetime import date
from decimal import Decimal

import pytest

from filings.lights import LightChange, change, light_of
from filings.services.lights import light_changes
from filings.terms import MilestoneState
from targets.measure import Thresholds
from targets.terms import Standing
from tests.factories import entry_of, fill_entry, make_milestone
from tests.filings.review_scene import BEHIND, Scene, progress_of

TEN = Thresholds(Decimal(0), Decimal(10))


@pytest.mark.parametrize(
    ("percent", "expected", "light"),
    [
        ("75", 75, Standing.ON_TRACK),
        ("80", 75, Standing.ON_TRACK),
        ("74.99", 75, Standing.BEHIND),
        ("65", 75, Standing.BEHIND),
        ("64.99", 75, Standing.LATE),
        ("0", 75, Standing.LATE),
        (None, 75, None),
        ("", 75, None),
        ("50", None, None),
    ],
)
def test_the_light_of_a_percent(percent, expected, light):
    expected = None if expected is None else Decimal(expected)
    found = light_of(
        "progress",
        {"percent": percent},
        expected=expected,
        due_on=None,
        last_day=date(2020, 9, 30),
        thresholds=TEN,
    )
    assert found == light


@pytest.mark.parametrize(
    ("state", "due_on", "light"),
    [
        (MilestoneState.DONE, date(2020, 9, 30), Standing.DONE),
        (MilestoneState.DONE, date(2020, 12, 31), Standing.DONE),
        (MilestoneState.UNDER_WAY, date(2020, 9, 30), Standing.LATE),
        (MilestoneState.NOT_BEGUN, date(2020, 9, 29), Standing.LATE),
        (MilestoneState.UNDER_WAY, date(2020, 10, 1), Standing.UNKNOWN),
        (MilestoneState.CANCELLED, date(2020, 9, 30), Standing.UNKNOWN),
        ("", date(2020, 9, 30), None),
    ],
)
def test_the_light_of_a_milestone(state, due_on, light):
    found = light_of(
        "milestone",
        {"milestone_state": state},
        expected=None,
        due_on=due_on,
        last_day=date(2020, 9, 30),
        thresholds=TEN,
    )
    assert found == light


@pytest.mark.parametrize("kind", ["contribution", "summary", "reading"])
def test_other_entries_have_no_light(kind):
    found = light_of(
        kind,
        {"text": "x", "value": "3"},
        expected=Decimal(50),
        due_on=None,
        last_day=date(2020, 9, 30),
        thresholds=TEN,
    )
    assert found is None


@pytest.mark.parametrize(
    ("before", "now", "is_changed"),
    [
        (Standing.ON_TRACK, Standing.BEHIND, True),
        (Standing.LATE, Standing.ON_TRACK, True),
        (Standing.UNKNOWN, Standing.DONE, True),
        (Standing.BEHIND, Standing.BEHIND, False),
        (None, Standing.LATE, False),
        (Standing.LATE, None, False),
        (None, None, False),
    ],
)
def test_a_light_changes_only_from_one_to_another(before, now, is_changed):
    assert change(before, now) == (LightChange(before, now) if is_changed else None)


def test_the_words_of_a_change():
    assert LightChange(Standing.ON_TRACK, Standing.BEHIND).words == "正常→滞后"


@pytest.fixture
def scene(db):
    scene = Scene()
    make_milestone(scene.task, due_on=date(2020, 12, 31))
    return scene


def test_changes_are_read_from_what_was_sent(scene):
    before = scene.send(scene.open(3))
    filing = scene.open(4)
    fill_entry(progress_of(filing), by=scene.filer, percent=Decimal(91), **BEHIND)
    filing = scene.send(filing)
    progress, milestone = progress_of(filing), entry_of(filing, kind="milestone")
    entries = list(filing.entries.for_page())
    assert light_changes(entries) == {
        progress.pk: LightChange(Standing.ON_TRACK, Standing.BEHIND),
        milestone.pk: LightChange(Standing.UNKNOWN, Standing.LATE),
    }
    # a draft that is being mended is not what was sent
    before.entries.filter(kind="progress").update(percent=Decimal(10))
    assert light_changes(entries)[progress.pk].before == Standing.ON_TRACK


def test_a_quarter_that_was_not_sent_has_no_light_to_compare(scene):
    scene.open(3)
    filing = scene.open(4)
    fill_entry(progress_of(filing), by=scene.filer, percent=Decimal(91), **BEHIND)
    assert light_changes(scene.send(filing).entries.for_page()) == {}


def test_the_first_quarter_of_a_year_is_compared_with_the_last_of_the_year_before(scene):
    filing = scene.open_of(2019, 4)
    fill_entry(progress_of(filing), by=scene.filer, percent=Decimal(80), **BEHIND)
    scene.send(filing)
    following = scene.send(scene.open(1))
    changes = light_changes(following.entries.for_page())
    assert changes[progress_of(following).pk] == LightChange(Standing.LATE, Standing.ON_TRACK)


def test_many_quarters_and_entries_take_few_queries(scene, django_assert_max_num_queries):
    filings = [scene.send(scene.open(quarter)) for quarter in (1, 2, 3, 4)]
    entries = [entry for filing in filings for entry in filing.entries.for_page()]
    with django_assert_max_num_queries(11):  # one for each quarter and for each before, and three
        light_changes(entries)

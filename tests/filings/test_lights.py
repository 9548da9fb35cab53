"""The light of an entry by itself, and what became of it since last quarter: pure, then on what was sent."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from filings.lights import LightChange, change, light_of
from filings.models import Period
from filings.services.lights import light_changes
from filings.services.readings import reading_changes
from filings.services.review import decide_entry
from filings.services.routine import oddities
from filings.terms import Decision, MilestoneState
from reports.models import Subject, Summary
from reports.services import refresh_period
from targets.measure import Quarter, Thresholds
from targets.models import PlanValue
from targets.terms import Standing
from tests.factories import accept, entry_of, fill_entry, make_indicator, make_milestone, make_target
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
def test_other_entries_have_no_light_of_their_own(kind):
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
    with django_assert_max_num_queries(12):  # one for each quarter and for each before, and four
        light_changes(entries)


# Readings


@pytest.fixture
def measured(scene):
    """The department measures a length: 100 wanted by the end of 2020, 25 more each quarter."""
    indicator = make_indicator(scene.plan, data_department=scene.department, baseline=0, baseline_year=2019)
    make_target(indicator, "100")
    for quarter, value in ((Quarter(2020, n), 25 * n) for n in (1, 2, 3)):
        PlanValue.objects.create(indicator=indicator, on=quarter.last_day, value=value)
    return indicator


def read(scene, quarter, value, indicator, **values):
    """A quarter sent with this reading."""
    filing = scene.open(quarter)
    fill_entry(
        entry_of(filing, indicator=indicator),
        by=scene.filer,
        **{"value": Decimal(value), "explanation": "已核对"} | values,
    )
    return scene.send(filing)


def changed_reading(filing, indicator):
    return light_changes(filing.entries.for_page()).get(entry_of(filing, indicator=indicator).pk)


@pytest.mark.parametrize(
    ("second", "third", "words"),
    [
        (50, 75, None),
        (50, 74, "正常→滞后"),
        (50, 10, "正常→严重滞后"),
        (20, 75, "严重滞后→正常"),
    ],
)
def test_a_reading_is_judged_as_the_roll_up_will(scene, measured, second, third, words):
    accept(read(scene, 2, second, measured), by=scene.reviewer)
    filing = read(scene, 3, third, measured)
    found = changed_reading(filing, measured)
    assert (found and found.words) == words
    accept(filing, by=scene.reviewer)
    for quarter in (2, 3):
        refresh_period(period=Period.objects.get(plan=scene.plan, quarter=quarter), at=timezone.now())
    lights = [
        Summary.objects.get(
            period__quarter=q, period__plan=scene.plan, subject=Subject.INDICATOR, subject_id=measured.pk
        ).get_standing_display()
        for q in (2, 3)
    ]
    assert lights == (words.split("→") if words else ["正常", "正常"])


def test_a_reading_without_an_accepted_one_before_has_nothing_to_compare(scene, measured):
    read(scene, 2, 50, measured)
    assert changed_reading(read(scene, 3, 10, measured), measured) is None


def test_a_reading_that_changes_the_light_needs_a_second_reviewer_and_is_not_routine(scene, measured):
    scene.second_level()
    accept(read(scene, 2, 50, measured), by=scene.reviewer)
    filing = read(scene, 3, 10, measured)
    entry = entry_of(filing, indicator=measured)
    decide_entry(
        entry=entry, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=scene.reviewer, at=timezone.now()
    )
    entry.refresh_from_db()
    assert entry.decision == Decision.PASSED
    assert "亮灯变化（正常→严重滞后）" in oddities([entry_of(filing, indicator=measured)])[entry.pk]


def test_many_readings_take_as_many_queries_as_one(scene, measured, django_assert_num_queries):
    accept(read(scene, 2, 50, measured), by=scene.reviewer)
    more = [make_indicator(scene.plan, data_department=scene.department) for _ in range(3)]
    for indicator in more:
        make_target(indicator)
    entries = list(read(scene, 3, 10, measured).entries.filter(kind="reading").for_page())
    assert len(entries) == 4
    one, rest = entries[:1], entries[1:]
    with django_assert_num_queries(6):
        reading_changes(one)
    with django_assert_num_queries(6):
        reading_changes(rest)

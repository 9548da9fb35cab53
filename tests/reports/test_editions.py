"""Which figures a page shows: what an address asks for, and what it does not find."""

from datetime import date

import pytest

from reports.editions import QUARTERS, Edition, choices, choose, live, newest, recent, series
from reports.models import Subject
from reports.services import refresh_period
from targets.asked import latest_plan
from tests.factories import make_filer, make_plan, make_sysadmin
from tests.reports.scene import Scene, filing_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return Scene.make()


def labels(editions):
    return [edition.label for edition in editions]


def test_without_an_address_the_newest_publication_is_shown(scene):
    scene.quarter(2020, 1)
    scene.quarter(2020, 2)
    scene.opened(2020, 3)
    assert choose(scene.plan, {}).label == "2020年第2季度第1版"


def test_a_plan_without_publications_shows_the_running_quarter(scene):
    scene.opened(2020, 1)
    assert choose(scene.plan, {}).label == "2020年第1季度实时数"


def test_a_plan_without_periods_has_no_figures(scene):
    assert choose(scene.plan, {}) is None
    assert newest(scene.plan) is None
    assert live(scene.plan) is None
    assert choices(scene.plan) == []


def test_a_period_alone_means_its_latest_version(scene):
    period = scene.filed(2020, 1)
    scene.publish(period)
    scene.correct(period)
    assert choose(scene.plan, {"period": "2020Q1"}).label == "2020年第1季度第2版"
    assert choose(scene.plan, {"period": "2020Q1", "version": "1"}).label == "2020年第1季度第1版"


def test_an_open_period_alone_means_its_live_figures(scene):
    scene.quarter(2020, 1)
    scene.opened(2020, 2)
    edition = choose(scene.plan, {"period": "2020Q2"})
    assert (edition.is_live, edition.label) == (True, "2020年第2季度实时数")


def test_live_figures_of_a_closed_period_can_be_asked_for(scene):
    scene.quarter(2020, 1)
    assert choose(scene.plan, {"period": "2020Q1", "live": "1"}).is_live
    assert choose(scene.plan, {"live": "1"}).label == "2020年第1季度实时数"


@pytest.mark.parametrize(
    "params",
    [
        {"period": "2019Q4"},
        {"period": "2020Q5"},
        {"period": "2020"},
        {"period": "二〇二〇"},
        {"period": "2020Q1", "version": "2"},
        {"period": "2020Q1", "version": "x"},
        {"period": "2020Q1", "version": "99999999999"},
        {"version": "1"},
    ],
)
def test_what_does_not_exist_is_not_found(scene, params):
    scene.quarter(2020, 1)
    assert choose(scene.plan, params) is None


def test_a_period_that_is_not_open_yet_has_no_figures(scene):
    period = scene.opened(2020, 1)
    type(period).objects.filter(pk=period.pk).update(opened_at=None)
    assert choose(scene.plan, {"period": "2020Q1"}) is None


def test_another_plans_period_is_not_found(scene):
    scene.quarter(2020, 1)
    assert choose(make_plan(), {"period": "2020Q1"}) is None


def test_the_query_of_an_edition_finds_it_again(scene):
    publication = scene.quarter(2020, 1)
    edition = newest(scene.plan)
    assert edition.query == f"plan={scene.plan.code}&period=2020Q1&version=1"
    assert choose(scene.plan, dict(edition.fields)).publication == publication
    assert Edition(publication.period).query == f"plan={scene.plan.code}&period=2020Q1&live=1"


def test_figures_are_read_once_and_found_by_subject(scene, django_assert_num_queries):
    scene.quarter(2020, 1)
    edition = newest(scene.plan)
    with django_assert_num_queries(1):
        assert edition.of(Subject.TASK, scene.tasks[0].pk).name == scene.tasks[0].title
        assert edition.of(Subject.TASK, scene.tasks[0].pk + 1000) is None
        assert len(edition.figures[Subject.DEPARTMENT]) == 2


def test_live_figures_say_as_of_when(scene):
    period = scene.opened(2020, 1)
    assert live(scene.plan).as_of is None
    at = filing_time(period)
    refresh_period(period=period, at=at)
    assert live(scene.plan).as_of == at


def test_recent_are_the_last_published_quarters_oldest_first(scene):
    for quarter in (1, 2, 3):
        scene.quarter(2020, quarter)
    scene.opened(2020, 4)
    assert labels(recent(live(scene.plan), 3)) == [
        "2020年第2季度第1版",
        "2020年第3季度第1版",
        "2020年第4季度实时数",
    ]
    assert labels(recent(newest(scene.plan), QUARTERS)) == [f"2020年第{q}季度第1版" for q in (1, 2, 3)]


def test_recent_ends_with_the_version_asked_for_and_takes_the_latest_before_it(scene):
    first = scene.filed(2020, 1)
    scene.publish(first)
    scene.correct(first)
    scene.quarter(2020, 2)
    assert labels(recent(newest(scene.plan), 2)) == ["2020年第1季度第2版", "2020年第2季度第1版"]
    assert labels(recent(choose(scene.plan, {"period": "2020Q1", "version": "1"}), 2)) == [
        "2020年第1季度第1版"
    ]


def test_series_reads_published_and_live_quarters_in_two_queries(scene, django_assert_num_queries):
    scene.quarter(2020, 1, percents={0: "10"})
    period = scene.filed(2020, 2, percents={0: "40"})
    refresh_period(period=period, at=filing_time(period))
    quarters = recent(live(scene.plan), 8)
    with django_assert_num_queries(2):
        found = series(quarters, Subject.TASK, [scene.tasks[0].pk])
    figures = found[scene.tasks[0].pk]
    assert [figures[q.period.pk].completion for q in quarters] == [10, 40]
    assert series(quarters, Subject.TASK, []) == {}


def test_the_switch_offers_latest_versions_and_open_quarters_newest_first(scene):
    first = scene.filed(2020, 1)
    scene.publish(first)
    scene.correct(first)
    scene.quarter(2020, 2)
    scene.opened(2020, 3)
    assert labels(choices(scene.plan)) == ["2020年第3季度实时数", "2020年第2季度第1版", "2020年第1季度第2版"]


def test_a_later_version_replaces_an_earlier_one_of_the_same_quarter_only(scene):
    first = scene.filed(2020, 1)
    scene.publish(first)
    scene.correct(first)
    scene.quarter(2020, 2)
    second_quarter, latest = choices(scene.plan)
    old = choose(scene.plan, {"period": "2020Q1", "version": "1"})
    assert latest.replaces(old)
    assert not second_quarter.replaces(old)
    assert not old.replaces(latest)


def test_the_newest_plan_is_shown_unless_another_is_asked_for(scene):
    next_plan = make_plan("next", starts_on=date(2021, 1, 1), ends_on=date(2025, 12, 31))
    reader = make_filer(scene.departments[0])
    assert latest_plan(reader) == next_plan
    assert latest_plan(reader, scene.plan.code) == scene.plan
    assert latest_plan(reader, "nothing") is None
    assert latest_plan(make_sysadmin()) is None

"""Annual plans in the figures: time progress follows the version in force, a rebuild and a refresh agree."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from reports.models import Subject, Summary
from reports.services import rebuild_period, refresh_from, refresh_period, repair
from tasks.models import AnnualPlan
from tasks.services.access import submission
from tasks.services.annual import approve_plan, change_plan, create_plan, submit_plan
from tasks.services.items import ItemValues, add_item
from tests.reports.scene import Scene, figures, filing_time, summary

pytestmark = pytest.mark.django_db

STEEP = (D(10), D(20), D(30), D(100))


@pytest.fixture
def scene() -> Scene:
    return Scene.make(size=2)


def approve(scene: Scene, plan: AnnualPlan, at: Any) -> None:
    filer = scene.filers[scene.departments[0].pk]
    submit_plan(plan=plan, by=filer, at=at)
    plan = AnnualPlan.objects.get(pk=plan.pk)
    approve_plan(plan=plan, seen=submission(plan), by=scene.reviewer, at=at)


def add(
    scene: Scene, plan: AnnualPlan, at: Any, measure: str = "整治", shares: tuple[D, ...] = STEEP
) -> None:
    values = ItemValues(
        scene.tasks[0],
        scene.departments[0],
        measure,
        D(1),
        date(plan.year, 12, 31),
        shares,  # type: ignore[arg-type]
    )
    add_item(plan=plan, values=values, by=scene.filers[scene.departments[0].pk], at=at)


def planned(scene: Scene, year: int, at: Any) -> AnnualPlan:
    """The year of the action with one steep item for the first task."""
    filer = scene.filers[scene.departments[0].pk]
    plan = create_plan(action=scene.action, year=year, by=filer, at=at)
    add(scene, plan, at)
    approve(scene, plan, at)
    return AnnualPlan.objects.get(pk=plan.pk)


def changed(scene: Scene, plan: AnnualPlan, at: Any) -> None:
    """A second item of the same weight, due at once."""
    filer = scene.filers[scene.departments[0].pk]
    change_plan(plan=plan, reason="上级任务调整", by=filer, at=at)
    plan = AnnualPlan.objects.get(pk=plan.pk)
    add(scene, plan, at, "提前完成", (D(100), D(100), D(100), D(100)))
    approve(scene, plan, at)


def test_a_task_is_judged_against_its_items_and_the_others_against_the_calendar(scene: Scene) -> None:
    period = scene.filed(2020, 2, percents={0: "40", 1: "40"})
    planned(scene, 2020, filing_time(period))
    refresh_period(period=period, at=filing_time(period))
    with_plan, without = (summary(period, Subject.TASK, task.pk) for task in scene.tasks)
    assert (with_plan.completion, with_plan.expected, with_plan.standing) == (D(40), D(20), "on_track")
    assert with_plan.reason == "本年完成 40%，年度计划应达 20%，不低于应达"
    assert (without.expected, without.standing) == (D(50), "behind")
    action = summary(period, Subject.ACTION, scene.action.pk)
    assert (action.completion, action.expected) == (D(40), D(35))


def test_an_approval_refreshes_the_open_quarters_of_its_year_only(
    scene: Scene, django_capture_on_commit_callbacks: Any
) -> None:
    before, first, second = (scene.opened(*at) for at in ((2019, 4), (2020, 1), (2020, 2)))
    for period in (before, first, second):
        refresh_period(period=period, at=filing_time(period))
    with django_capture_on_commit_callbacks(execute=True):
        planned(scene, 2020, filing_time(second))
    expected = [summary(p, Subject.TASK, scene.tasks[0].pk).expected for p in (before, first, second)]
    assert expected == [D(100), D(10), D(20)]


def test_a_closed_quarter_keeps_the_version_it_was_published_with(scene: Scene) -> None:
    plan = planned(scene, 2020, filing_time(scene.opened(2019, 4)))
    period = scene.opened(2020, 1)
    publication = scene.publish(period)
    period.refresh_from_db()
    changed(scene, plan, publication.at + timedelta(days=1))
    later = scene.opened(2020, 2)
    refresh_from(period_id=period.pk, at=publication.at + timedelta(days=2))
    rebuild_period(period=period, at=publication.at + timedelta(days=2))
    assert summary(period, Subject.TASK, scene.tasks[0].pk).expected == D(10)
    assert summary(later, Subject.TASK, scene.tasks[0].pk).expected == D(60)


def test_refreshes_give_what_a_rebuild_gives(scene: Scene) -> None:
    periods = [scene.opened(2020, quarter) for quarter in (1, 2, 3)]
    for period in periods:
        refresh_period(period=period, at=filing_time(period))
    at = filing_time(periods[-1])
    plan = planned(scene, 2020, at)
    refresh_from(period_id=periods[0].pk, at=at)
    changed(scene, plan, at)
    refresh_from(period_id=periods[0].pk, at=at)
    refreshed = [figures(Summary.objects.filter(period=period)) for period in periods]
    for period in periods:
        rebuild_period(period=period, at=at)
    assert [figures(Summary.objects.filter(period=period)) for period in periods] == refreshed
    assert repair(at=at) == []


def test_a_lost_message_is_made_good(scene: Scene) -> None:
    period = scene.opened(2020, 1)
    refresh_period(period=period, at=filing_time(period))
    planned(scene, 2020, filing_time(period))
    assert repair(at=filing_time(period)) == [period.pk]
    assert summary(period, Subject.TASK, scene.tasks[0].pk).expected == D(10)

"""Building figures: idempotent, safe at once, the same as from scratch."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError

from filings.models import Entry
from reports import jobs
from reports.models import Board, Subject, Summary
from reports.receivers import queue_refresh
from reports.services import rebuild_period, refresh_from, refresh_period, repair
from targets.terms import Standing
from tests.factories import make_target
from tests.reports.scene import Scene, figures, filing_time, summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return Scene.make(size=2)


# Queued


@pytest.fixture
def queued(monkeypatch):
    """The periods whose refresh was queued, in order; nothing runs."""
    periods = []
    monkeypatch.setattr(jobs.refresh_period, "delay", lambda *, period_id: periods.append(period_id))
    return periods


def test_what_changes_before_a_refresh_begins_shares_it(queued):
    for period_id in (1, 1, 2, 1):
        queue_refresh(period_id=period_id)
    assert queued == [1, 2]


def test_what_changes_after_a_refresh_began_queues_another(scene, queued):
    period = scene.opened(2020, 1)
    queue_refresh(period_id=period.pk)
    jobs.refresh_period(period_id=period.pk)
    queue_refresh(period_id=period.pk)
    assert queued == [period.pk, period.pk]


def test_a_queue_that_does_not_answer_is_asked_again(monkeypatch, queued):
    def refuse(*, period_id):
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(jobs.refresh_period, "delay", refuse)
        queue_refresh(period_id=1)
    queue_refresh(period_id=1)
    assert queued == [1]


def test_without_the_cache_every_change_queues_its_own(monkeypatch, queued):
    def refuse(*_):
        raise RedisConnectionError

    monkeypatch.setattr(cache, "add", refuse)
    monkeypatch.setattr(cache, "delete", refuse)
    queue_refresh(period_id=1)
    queue_refresh(period_id=1)
    assert queued == [1, 1]


# Refresh


def test_a_refresh_writes_one_row_for_each_subject(scene):
    period = scene.filed(2020, 1)
    assert refresh_period(period=period, at=filing_time(period))
    counts = {s: Summary.objects.filter(period=period, subject=s).count() for s in Subject}
    assert counts == {
        Subject.PLAN: 1,
        Subject.GOAL: 1,
        Subject.INDICATOR: 2,
        Subject.ACTION: 1,
        Subject.TASK: 2,
        Subject.MILESTONE: 2,
        Subject.DEPARTMENT: 3,
    }


def test_only_accepted_entries_count(scene):
    period = scene.opened(2020, 1)
    scene.report(period, scene.tasks[0], "20")
    scene.report(period, scene.tasks[1], "20")
    scene.accept(scene.send(period, scene.departments[0]))
    scene.send(period, scene.departments[1])
    refresh_period(period=period, at=filing_time(period))
    accepted = summary(period, Subject.TASK, scene.tasks[0].pk)
    waiting = summary(period, Subject.TASK, scene.tasks[1].pk)
    assert (accepted.completion, accepted.standing, accepted.reported, accepted.owed) == (20, "behind", 1, 2)
    assert accepted.reason == "本年完成 20%，时间进度 25%，落后 5.0 个百分点，不超过 10"
    assert (waiting.completion, waiting.standing, waiting.reason) == (
        None,
        "unknown",
        "牵头单位已报，待审核采纳",
    )


def test_a_figure_names_the_entry_it_came_from(scene):
    period = scene.filed(2020, 1)
    refresh_period(period=period, at=filing_time(period))
    entry = scene.entry(period, indicator=scene.indicators[0])
    figure = summary(period, Subject.INDICATOR, scene.indicators[0].pk)
    assert figure.value == 80
    assert (figure.detail["entry"], figure.detail["filing"], figure.detail["version"]) == (
        entry.pk,
        entry.filing_id,
        1,
    )
    assert (figure.detail["requirement"], figure.detail["gap"]) == ("≥100 千米", "20.00 千米")
    assert figure.detail["asked"] == {"comparator": "≥", "value": "100.0000"}
    assert figure.detail["progress"] == "无法计算：没有基期值"


def test_a_met_requirement_leaves_no_gap(scene):
    period = scene.opened(2020, 4)
    scene.read(period, scene.indicators[0], "120")
    for department in scene.departments:
        scene.accept(scene.send(period, department))
    refresh_period(period=period, at=filing_time(period))
    figure = summary(period, Subject.INDICATOR, scene.indicators[0].pk)
    assert (figure.standing, figure.met, figure.due) == ("done", 1, 1)
    assert figure.detail["gap"] == "没有差距"


def test_a_gap_too_small_for_the_indicators_places_does_not_read_as_none(scene):
    indicator = scene.indicators[0]
    indicator.decimals = 0
    indicator.save()
    period = scene.opened(2020, 4)
    scene.read(period, indicator, "99.7")
    for department in scene.departments:
        scene.accept(scene.send(period, department))
    refresh_period(period=period, at=filing_time(period))
    assert summary(period, Subject.INDICATOR, indicator.pk).detail["gap"] == "0.3 千米"


def test_a_target_not_assigned_yet_is_said_to_be_so(scene):
    indicator = scene.indicators[0]
    indicator.targets.all().delete()
    target = make_target(indicator, "1")
    type(target).objects.filter(pk=target.pk).update(state="pending", value=None)
    period = scene.filed(2020, 1)
    refresh_period(period=period, at=filing_time(period))
    figure = summary(period, Subject.INDICATOR, indicator.pk)
    assert (figure.standing, figure.attainment) == ("unknown", "no_target")
    assert figure.detail["requirement"] == "待下达"


def test_running_it_again_changes_nothing(scene):
    period = scene.filed(2020, 1)
    at = filing_time(period)
    assert refresh_period(period=period, at=at)
    before = list(Summary.objects.order_by("pk").values())
    assert not refresh_period(period=period, at=at + timedelta(hours=2))
    assert list(Summary.objects.order_by("pk").values()) == before
    assert Board.objects.get(period=period).as_of == at


def test_a_refresh_writes_only_what_differs_and_drops_what_is_gone(scene):
    period = scene.opened(2020, 1)
    refresh_period(period=period, at=filing_time(period))
    keys = dict(Summary.objects.values_list("subject_id", "pk").filter(subject=Subject.TASK))
    Summary.objects.create(
        period=period, subject=Subject.TASK, subject_id=999_999, name="旧任务", known_from=filing_time(period)
    )
    scene.accept(scene.send(period, scene.departments[0]))
    assert refresh_period(period=period, at=filing_time(period) + timedelta(days=1))
    assert dict(Summary.objects.values_list("subject_id", "pk").filter(subject=Subject.TASK)) == keys
    assert Board.objects.get(period=period).as_of == filing_time(period) + timedelta(days=1)


def test_two_yellow_quarters_in_a_row_turn_red_and_a_change_is_followed_into_later_quarters(scene):
    task = scene.tasks[0]
    first = scene.filed(2020, 1, percents={0: "20"})
    second = scene.filed(2020, 2, percents={0: "45"})
    at = filing_time(second)
    assert refresh_from(period_id=first.pk, at=at) == [first.pk, second.pk]
    assert summary(first, Subject.TASK, task.pk).standing == Standing.BEHIND
    assert summary(second, Subject.TASK, task.pk).standing == Standing.LATE
    assert summary(second, Subject.TASK, task.pk).pace_light == Standing.BEHIND
    Entry.objects.filter(pk=scene.progress(first, task).pk).update(percent=Decimal(25))
    assert refresh_from(period_id=first.pk, at=at) == [first.pk, second.pk]
    assert summary(second, Subject.TASK, task.pk).standing == Standing.BEHIND


def test_a_refresh_leaves_earlier_quarters_alone(scene):
    first, second = scene.filed(2020, 1), scene.filed(2020, 2)
    assert refresh_from(period_id=second.pk, at=filing_time(second)) == [second.pk]
    assert not Summary.objects.filter(period=first).exists()


def test_a_rebuild_gives_the_same_rows(scene):
    period = scene.filed(2020, 1, percents={0: "10"})
    refresh_period(period=period, at=filing_time(period))
    incremental = figures(Summary.objects.filter(period=period))
    rebuild_period(period=period, at=filing_time(period))
    assert figures(Summary.objects.filter(period=period)) == incremental


def test_a_repair_mends_what_a_lost_message_left(scene):
    first, second = scene.filed(2020, 1), scene.filed(2020, 2)
    at = filing_time(second)
    assert repair(at=at) == [first.pk, second.pk]
    assert repair(at=at) == []
    Summary.objects.filter(period=second, subject=Subject.TASK).update(completion=Decimal(1))
    assert repair(at=at) == [second.pk]
    assert summary(second, Subject.TASK, scene.tasks[0].pk).completion == 50


def test_the_cost_of_a_refresh_does_not_grow_with_tasks_or_departments(scene):
    def cost(scene):
        period = scene.filed(2020, 1)
        refresh_period(period=period, at=filing_time(period))
        Summary.objects.filter(period=period, subject=Subject.TASK).update(completion=Decimal(1))
        with CaptureQueriesContext(connection) as queries:
            refresh_period(period=period, at=filing_time(period))
        return len(queries)

    assert cost(scene) == cost(Scene.make(size=4))


@pytest.mark.django_db(transaction=True)
def test_two_refreshes_at_once_leave_one_consistent_set():
    scene = Scene.make(size=2)
    period = scene.filed(2020, 1)
    Summary.objects.all().delete()
    Board.objects.all().delete()
    ready, problems = threading.Barrier(3), []

    def refresh():
        try:
            ready.wait(10)
            refresh_period(period=period, at=filing_time(period))
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=refresh) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
    together = figures(Summary.objects.filter(period=period))
    rebuild_period(period=period, at=filing_time(period))
    assert figures(Summary.objects.filter(period=period)) == together
    assert Summary.objects.filter(period=period).count() == len(together)


def test_acceptance_queues_a_refresh_that_runs_after_commit(scene, django_capture_on_commit_callbacks):
    period = scene.opened(2020, 1)
    filing = scene.send(period, scene.departments[0])
    assert not Summary.objects.filter(period=period).exists()
    with django_capture_on_commit_callbacks(execute=True):
        scene.accept(filing)
    assert summary(period, Subject.TASK, scene.tasks[0].pk).completion == 25
    assert summary(period, Subject.TASK, scene.tasks[1].pk).reason == "牵头单位未填报"

"""Jobs: their names, the schedule, the timer of the embedded default and a real worker."""

import ast
import re
from pathlib import Path

import pytest
from celery import shared_task
from django.conf import settings as django_settings

from harbor_plan import timer
from harbor_plan.celery import app, find_jobs
from tests import services
from tests.conftest import Worker

ROOT = services.ROOT


@shared_task(name="tests.jobs.fail")
def fail() -> None:
    """A job that always fails."""
    raise ValueError("This job fails.")


def names_of_jobs(file: Path) -> list[str | None]:
    """The explicit names of the jobs written in one file; None for a job without one."""
    calls = [
        decorator
        for function in ast.parse(file.read_text()).body
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if "shared_task" in ast.dump(decorator)
    ]
    return [
        next((k.value.value for k in getattr(call, "keywords", []) if k.arg == "name"), None)
        for call in calls
    ]


def test_every_job_has_a_name_of_its_own_and_is_registered():
    """A job that Celery does not know would be queued and never run."""
    written = [
        (file.parent.name, name) for file in sorted(ROOT.glob("*/jobs.py")) for name in names_of_jobs(file)
    ]
    assert written
    assert [name for app_, name in written if not name or not name.startswith(f"{app_}.jobs.")] == []
    find_jobs()
    registered = sorted(name for name in app.tasks if not name.startswith(("celery.", "tests.")))
    assert registered == sorted(name for _, name in written)


def test_everything_on_the_schedule_is_a_job():
    find_jobs()
    scheduled = {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled == {
        "filings.jobs.tick",
        "supervision.jobs.overdue",
        "supervision.jobs.notify",
        "reports.jobs.repair",
    }
    assert scheduled <= set(app.tasks)


@pytest.fixture
def _jobs_as_embedded():
    """Jobs in process as in the embedded default, where a failing one does not raise."""
    app.conf.task_eager_propagates = False
    yield
    app.conf.task_eager_propagates = True


@pytest.mark.usefixtures("_jobs_as_embedded")
def test_without_redis_a_failing_job_is_logged_and_breaks_nothing(caplog):
    assert fail.delay().state == "FAILURE"
    assert [record.message.split("[")[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "Task tests.jobs.fail"
    ]


@pytest.mark.usefixtures("_jobs_as_embedded")
def test_the_timer_runs_every_job_even_when_one_fails(monkeypatch, settings, caplog):
    ran = []
    monkeypatch.setattr(timer, "close_old_connections", lambda: None)
    monkeypatch.setitem(app.tasks, "tests.jobs.second", FakeJob(ran))
    settings.CELERY_BEAT_SCHEDULE = {
        "one": {"task": "tests.jobs.fail"},
        "two": {"task": "tests.jobs.unknown"},
        "three": {"task": "tests.jobs.second"},
    }
    timer.run_periodic_jobs()
    assert ran == ["tests.jobs.second"]
    assert "The periodic job tests.jobs.unknown failed." in caplog.messages


class FakeJob:
    """Notes that it ran."""

    def __init__(self, ran: list[str]) -> None:
        self.ran = ran

    def apply(self) -> None:
        self.ran.append("tests.jobs.second")


def test_there_is_never_a_second_timer(monkeypatch, tmp_path, caplog):
    rounds = []
    started = timer.threading.Event()
    monkeypatch.setattr(timer, "run_periodic_jobs", lambda: (rounds.append("round"), started.set()))
    first = timer.Timer(tmp_path / "lock", seconds=3600)
    first.start()
    assert started.wait(10)
    second = timer.Timer(tmp_path / "lock", seconds=3600)
    second.start()
    second.join(10)
    assert not second.is_alive()
    assert rounds == ["round"]
    assert caplog.messages == ["Another process over the same data runs the periodic jobs."]
    first.stop()
    assert not first.is_alive()


@pytest.mark.worker
def test_a_real_worker_takes_a_job_from_redis_and_survives_a_failing_one(worker: Worker):
    app.send_task("tests.jobs.unknown_to_the_worker")
    app.send_task("reports.jobs.repair")
    worker.settle()
    assert "Received unregistered task of type 'tests.jobs.unknown_to_the_worker'" in worker.output()
    assert re.search(r"Task reports\.jobs\.repair\[[0-9a-f-]+\] succeeded", worker.output())

"""Processes that die in the middle of their work: nothing is half written, and the figures come right by themselves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import redis
from django.db import connection

from audit.models import Event
from filings.models import Entry, EntryVersion, Filing, Move, Period
from filings.terms import EntryKind, Status
from reports.models import Subject, Summary
from tests import services
from tests.conftest import Worker, start_worker
from tests.crowd.conftest import Prepared, Site, environment
from tests.crowd.crowd import (
    assemble,
    everybody_works,
    everything_is_stored,
    figures_equal_a_rebuild,
)
from tests.crowd.department import Department, Script, at_once
from tests.crowd.faults import children, kill, somebody_waits, until_gone
from tests.crowd.office import NOTE

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("crowd")]

#: Locks that stop a refresh of the figures, a signing and a save, the last two after they have written something.
REFRESHING = ("reports_board", "EXCLUSIVE")
SIGNING = ("filings_entryversion", "SHARE")
SAVING = ("filings_itemprogress", "SHARE")


def small(crowd: list[Department]) -> list[Department]:
    """Departments that owe little and are quick."""
    return [department for department in crowd if len(department.entries) <= 3]


@dataclass
class Jobs:
    """The queue and whichever worker runs it now. `lost` are jobs that killed workers had taken."""

    broker: redis.Redis
    running: services.Running
    var: Path
    lost: set[bytes] = field(default_factory=set)

    def kill(self, act: Callable[[], object] = lambda: None) -> None:
        """Kill the worker with all its processes while a refresh that it runs waits; `act` may have queued that."""
        with somebody_waits(*REFRESHING, act) as (held, _):
            kill(self.running.process.pid, *children(self.running))
        until_gone(held)
        self.lost = set(self.broker.hkeys("unacked"))
        assert self.lost

    def start(self) -> None:
        """Another worker, which finds what still queues. To be called by the main thread, with which it ends."""
        self.running = start_worker(environment(self.var))

    def drain(self) -> None:
        """Wait until nothing is queued or running; what a killed worker had taken stays where it is."""
        services.wait_until(self._is_idle, self.running, "The job queue (it did not run empty)")

    def _is_idle(self) -> bool:
        return not self.broker.llen("celery") and set(self.broker.hkeys("unacked")) <= self.lost


def test_a_worker_is_killed_while_departments_file(
    prepared: Prepared, crowd_data: Period, worker: Worker, start_site: Callable[..., Site]
) -> None:
    """The next worker does what queues, and its first repair makes good what the killed one had taken."""
    site, jobs = start_site(), Jobs(worker.broker, worker.running, prepared.var)
    crowd, office, _ = assemble(crowd_data, site)
    few = small(crowd)[:6]

    def kill_it_in_the_middle() -> None:
        office.settled.get(timeout=services.PATIENCE)
        jobs.kill()
        connection.close()

    try:
        everybody_works(few, office, kill_it_in_the_middle)
        jobs.start()
        jobs.drain()
        before = returns(few[0])
        jobs.kill(lambda: reopen(few[0]))
        assert returns(few[0]) == before  # nobody has counted it
        jobs.start()
        jobs.drain()
    finally:
        jobs.running.stop()
    assert returns(few[0]) == before + 1
    figures_equal_a_rebuild(crowd_data)
    assert site.errors() == []


def reopen(department: Department) -> None:
    """The office returns an entry of an accepted filing."""
    filing = department.filing
    reviewer = next(r for r in department.office.reviewers if r.department != filing.department_id)
    fields = {"entries": str(department.entries[0]), "code": "R02", "note": NOTE}
    answer = reviewer.visitor.post(f"/filings/{filing.pk}/reopen/", reviewer.visitor.with_token(fields))
    assert answer.status == 302, answer


def returns(department: Department) -> int:
    """How often a department's filing was returned, as the figures have it."""
    filing = department.filing
    summaries = Summary.objects.filter(period=filing.period, subject=Subject.DEPARTMENT)
    return summaries.get(subject_id=filing.department_id).returns


def test_a_web_process_is_killed_while_somebody_signs(
    crowd_data: Period, start_site: Callable[..., Site]
) -> None:
    """Of what it had written so far nothing is left; signing again does it once."""
    site = start_site(processes=1)
    crowd, _, _ = assemble(crowd_data, site)
    department = next(department for department in small(crowd) if not department.script.two_windows)
    department.fill()
    department.submit()
    filing, approver = department.filing, department.approver
    approver.get(f"/filings/{filing.pk}/")
    path, token = f"/filings/{filing.pk}/sign/", approver.with_token({})
    with ThreadPoolExecutor(1) as pool:
        with somebody_waits(*SIGNING, lambda: pool.submit(approver.post, path, token)) as (held, signing):
            kill(*children(site.running))
            assert isinstance(signing.exception(timeout=services.PATIENCE), ConnectionError)
        until_gone(held)
    assert signed(filing) == (Status.AWAITING_SIGNOFF, 0, False, 0, 0, 0)
    department.press(approver, "sign", "/filings/signing/")
    assert signed(filing) == (Status.SUBMITTED, 1, True, 1, 1, len(department.entries))
    assert site.errors() == []


def signed(filing: Filing) -> tuple[str, int, bool, int, int, int]:
    """Status, submissions and whether it has a first time; moves, events and versions of signing."""
    now = Filing.objects.get(pk=filing.pk)
    return (
        now.status,
        now.submissions,
        now.first_submitted_at is not None,
        Move.objects.filter(filing=filing, verb="sign").count(),
        Event.objects.filter(verb="filing.sign", subject_id=str(filing.pk)).count(),
        EntryVersion.objects.filter(entry__filing=filing).count(),
    )


def test_web_processes_are_killed_while_departments_type(
    crowd_data: Period, start_site: Callable[..., Site]
) -> None:
    """The desk's script tries again with the version it had: every entry is stored whole, and once."""
    site = start_site()
    crowd, _, _ = assemble(crowd_data, site)
    leads = [department for department in crowd if owes_progress(department)]
    for department in leads:
        department.script = replace(Script.of(0), two_windows=False, extended=False, evidence=False)
        department.clerk.tries_again = True

    def kill_twice() -> None:
        for _ in range(2):
            with somebody_waits(*SAVING, lambda: None) as (held, _):
                kill(*children(site.running))
            until_gone(held)
        connection.close()

    at_once(kill_twice, *(department.fill for department in leads))
    assert sum(department.clerk.broken for department in leads) >= 2
    assert site.errors() == []
    everything_is_stored(leads)


def owes_progress(department: Department) -> bool:
    """Whether one of the entries still to type is a task's progress."""
    return Entry.objects.filter(pk__in=department.left, kind=EntryKind.PROGRESS).exists()

"""Publishing while others accept and correct: whole versions, no deadlock."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from harbor_plan.lib.refusals import Refused
from reports.jobs import refresh_period as refresh_job
from reports.models import Publication, Subject, Summary
from reports.services import gather, publish, rebuild_period, refresh, refresh_from, repair
from tasks.models import AnnualPlanVersion
from tasks.services.access import submission
from tests import factories as f
from tests.reports.scene import Scene, closing_time, figures, filing_time
from tests.tasks.scene import Work
from tests.threads import at_once, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def test_refreshes_jobs_and_acceptances_at_once_end_in_the_rebuilds_rows():
    scene = Scene.make(size=4)
    first, second = scene.filed(2020, 1, percents={0: "20"}), scene.opened(2020, 2)
    filings = [scene.send(second, department) for department in scene.departments]
    at = filing_time(second)
    results = at_once(
        lambda: [refresh_from(period_id=first.pk, at=at) for _ in range(3)],
        lambda: [refresh_job(period_id=second.pk) for _ in range(3)],
        lambda: [scene.accept(filing) for filing in filings[::2]],
        lambda: [scene.accept(filing) for filing in filings[1::2]],
    )
    assert results == ["done"] * 4
    together = figures(Summary.objects.filter(period=second))
    rebuild_period(period=second, at=at)
    assert figures(Summary.objects.filter(period=second)) == together
    assert repair(at=at) == []


def test_no_decision_falls_between_two_figures_of_a_version(monkeypatch):
    scene = Scene.make(size=2)
    period = scene.opened(2020, 1)
    filings = [scene.send(period, department) for department in scene.departments]
    reading, leads = threading.Event(), gather._leads

    def slow_leads(*arguments):
        """Between the query of the entries and those of what they add up to."""
        monkeypatch.setattr(gather, "_leads", leads)
        reading.set()
        until_somebody_waits()
        return leads(*arguments)

    def accept():
        reading.wait(10)
        scene.accept(filings[0])

    monkeypatch.setattr(gather, "_leads", slow_leads)
    results = at_once(lambda: publish(period=period, by=scene.reviewer, at=closing_time(period)), accept)
    assert results == ["done", "done"]
    frozen = Publication.objects.get().figures
    task = frozen.get(subject=Subject.TASK, subject_id=scene.tasks[0].pk)
    department = frozen.get(subject=Subject.DEPARTMENT, subject_id=scene.departments[0].pk)
    assert (task.completion, task.plan_completion, department.reported) == (None, None, 0)
    now = Summary.objects.get(period=period, subject=Subject.TASK, subject_id=task.subject_id)
    assert (now.completion, now.plan_completion) == (25, 5)


def test_an_annual_plan_is_approved_after_the_quarter_that_is_being_closed(monkeypatch):
    work = Work()
    plan = work.begin()
    work.add(plan)
    plan = work.submit(plan)
    period = f.open_quarter(work.plan, 2020, 2, at=timezone.now())
    closing, reading, leads, closed = closing_time(period), threading.Event(), gather._leads, []

    def slow_leads(*arguments):
        monkeypatch.setattr(gather, "_leads", leads)
        reading.set()
        until_somebody_waits()
        closed.append(timezone.now())
        return leads(*arguments)

    def approve():
        reading.wait(10)
        client = Client()
        client.force_login(work.office)
        client.post(reverse("tasks:approve", args=[plan.pk]), {"seen": submission(plan)})

    monkeypatch.setattr(gather, "_leads", slow_leads)
    assert at_once(lambda: publish(period=period, by=work.office, at=closing), approve) == ["done", "done"]
    assert AnnualPlanVersion.objects.get().at > closed[0]


def test_a_correction_and_a_publication_at_once_do_not_block_each_other_for_ever(monkeypatch):
    scene = Scene.make(size=2)
    period = scene.filed(2020, 1)
    scene.publish(period)
    holding, lock = threading.Event(), refresh._lock

    def slow_lock(*arguments):
        board = lock(*arguments)
        monkeypatch.setattr(refresh, "_lock", lock)
        holding.set()
        until_somebody_waits()
        return board

    def publish_again():
        holding.wait(10)
        at = closing_time(period) + timedelta(days=2)
        with pytest.raises(Refused, match="没有变化，无须发布新版本"):
            publish(period=period, reason="再核", by=scene.reviewer, at=at)

    monkeypatch.setattr(refresh, "_lock", slow_lock)
    results = at_once(lambda: scene.correct(period, percent=Decimal(40)), publish_again)
    assert results == ["done", "done"]
    assert [p.version for p in Publication.objects.order_by("version")] == [1, 2]

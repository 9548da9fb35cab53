"""All departments file at once, over HTTP, against PostgreSQL with real workers: nothing lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from filings.models import Period
from reports.models import Subject, Summary
from tests.conftest import Worker
from tests.crowd.conftest import Site
from tests.crowd.crowd import (
    assemble,
    complaints,
    deadlocks,
    every_step_was_taken_once,
    everybody_works,
    everything_is_decided,
    everything_is_stored,
    figures_equal_a_rebuild,
)

pytestmark = [pytest.mark.worker, pytest.mark.xdist_group("crowd")]


def test_thirty_departments_at_once(
    crowd_data: Period, worker: Worker, start_site: Callable[..., Site]
) -> None:
    site = start_site(processes=2)
    crowd, office, reader = assemble(crowd_data, site)
    everybody_works(crowd, office, reader.run)
    worker.settle()
    site.running.stop()
    worker.running.stop()
    assert site.errors() == []
    assert complaints(site.running.output()) == []
    assert complaints(worker.output()) == []
    assert deadlocks() == 0
    everything_is_stored(crowd)
    everything_is_decided()
    every_step_was_taken_once(crowd, office)
    figures_equal_a_rebuild(crowd_data)
    whole = Summary.objects.get(period=crowd_data, subject=Subject.PLAN)
    assert whole.reported == whole.owed == sum(len(department.entries) for department in crowd)

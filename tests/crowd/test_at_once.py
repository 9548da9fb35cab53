"""All departments file at once, over HTTP, against PostgreSQL with real workers: nothing lost, nothing doubled."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from filings.models import Period
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
    began = time.monotonic()
    crowd, office, reader = assemble(crowd_data, site)
    everybody_works(crowd, office, reader.run)
    print(f"filed in {time.monotonic() - began:.1f} s, {len(site.answers)} answers")
    from collections import defaultdict
    from tests.crowd.visitor import TIMES
    c = defaultdict(list)
    for k, v in TIMES:
        c[k].append(v)
    for k, v in sorted(c.items(), key=lambda kv: -sum(kv[1])):
        print(f"{k:60} {len(v):5} {sum(v):8.1f} {sum(v)/len(v):.2f}")
    import os, pathlib
    print("self", os.times())
    for pid in pathlib.Path(f"/proc/{site.running.process.pid}/task/{site.running.process.pid}/children").read_text().split():
        print("web", pathlib.Path(f"/proc/{pid}/stat").read_text().split()[13:15])
    for pid in pathlib.Path(f"/proc/{worker.running.process.pid}/task/{worker.running.process.pid}/children").read_text().split():
        print("worker", pathlib.Path(f"/proc/{pid}/stat").read_text().split()[13:15])
    worker.settle()
    print(f"drained after {time.monotonic() - began:.1f} s")
    site.running.stop()
    worker.running.stop()
    assert site.errors() == []
    assert complaints(site.running.output()) == []
    assert complaints(worker.output()) == []
    assert deadlocks() == 0
    everything_is_stored(crowd)
    everything_is_decided(crowd_data)
    every_step_was_taken_once(crowd, office)
    figures_equal_a_rebuild(crowd_data)

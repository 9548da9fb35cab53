"""A step decided on a page from before an earlier round: it counts, but rewrites nothing of what came between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from filings.models import Filing
from filings.services.moves import sign, submit
from filings.services.review import accept_rest, complete_review, decide_entry
from filings.terms import Decision
from tests import factories as f
from tests.filings.scene import Scene

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def return_progress(scene: Scene) -> None:
    """The office returns one entry and accepts the others, short of completing."""
    fields = {"decision": Decision.RETURNED, "seen": Decision.OPEN, "code": "R01", "note": "写实"}
    decide_entry(entry=scene.progress, **fields, by=scene.reviewer, at=scene.at + HOUR)
    accept_rest(filing=scene.filing, by=scene.reviewer, at=scene.at + HOUR)


def mend(scene: Scene, days: int) -> None:
    """The returned entry is written again, and submitted."""
    at = scene.at + timedelta(days=days)
    f.fill_entry(scene.progress, by=scene.filer, at=at)
    submit(filing=scene.filing, by=scene.filer, at=at)


def test_signing_by_an_old_page_leaves_the_first_time_and_counts_on() -> None:
    scene = Scene()
    submit(filing=scene.fill(), by=scene.filer, at=scene.at)
    old = scene.filing
    sign(filing=scene.filing, by=scene.approver, at=scene.at)
    return_progress(scene)
    complete_review(filing=scene.filing, by=scene.reviewer, at=scene.at + HOUR)
    mend(scene, 2)
    sign(filing=old, by=scene.approver, at=scene.at + timedelta(days=2))
    now = scene.filing
    assert (now.first_submitted_at, now.submissions) == (scene.at, 2)


def test_returning_by_an_old_page_counts_on() -> None:
    scene = Scene()
    old: Filing = scene.send()
    return_progress(scene)
    complete_review(filing=scene.filing, by=scene.reviewer, at=scene.at + HOUR)
    mend(scene, 2)
    sign(filing=scene.filing, by=scene.approver, at=scene.at + timedelta(days=2))
    return_progress(scene)
    complete_review(filing=old, by=scene.reviewer, at=scene.at + timedelta(days=3))
    assert scene.filing.returns == 2

"""Two reviewers at one filing in the same moment, on PostgreSQL: one of them acts, the other is told."""

from collections.abc import Callable
from threading import Event

import pytest
from django.db import transaction
from django.utils import timezone

from filings.models import Entry, Filing, Move
from filings.services.claims import claim, release, take_over
from filings.services.moves import sign, submit
from filings.services.review import accept_rest, complete_review, decide_entry
from filings.services.routine import accept_routine
from filings.services.windows import mark_closed
from filings.terms import Decision, Status
from tests import factories as f
from tests.filings.scene import Scene
from tests.threads import at_once, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def decides(scene: Scene, decision: Decision) -> Callable[[], object]:
    """One reviewer's decision on the progress entry, seen undecided."""
    entry, reviewer = scene.progress, f.make_reviewer(scene.plan.office)
    return lambda: decide_entry(
        entry=entry,
        decision=decision,
        seen=Decision.OPEN,
        code="R01",
        note="写实",
        by=reviewer,
        at=timezone.now(),
    )


def completes(scene: Scene) -> Callable[[], object]:
    """One reviewer's end of the review, of the filing as it is now."""
    filing, reviewer = scene.filing, f.make_reviewer(scene.plan.office)
    return lambda: complete_review(filing=filing, by=reviewer, at=timezone.now())


def test_one_entry_is_decided_once() -> None:
    scene = Scene()
    scene.send()
    results = at_once(decides(scene, Decision.ACCEPTED), decides(scene, Decision.RETURNED))
    assert results == ["done", "race"]
    move = Move.objects.get(entry=scene.progress)
    assert scene.progress.decision == move.to_status


def test_the_rest_is_accepted_once() -> None:
    scene = Scene()
    filing = scene.send()
    first, second = f.make_reviewer(scene.plan.office), f.make_reviewer(scene.plan.office)
    results = at_once(
        lambda: accept_rest(filing=filing, by=first, at=timezone.now()),
        lambda: accept_rest(filing=filing, by=second, at=timezone.now()),
    )
    assert results == ["done", "race"]  # the second is told who claimed it by deciding
    accepted = Entry.objects.filter(filing=filing, decision=Decision.ACCEPTED)
    assert Move.objects.filter(verb="accept_entry").count() == accepted.count() == 5


def test_a_review_is_completed_once() -> None:
    scene = Scene()
    filing = scene.send()
    accept_rest(filing=filing, by=scene.reviewer, at=timezone.now())
    release(filing=filing, by=scene.reviewer, at=timezone.now())
    assert at_once(completes(scene), completes(scene)) == ["done", "race"]
    assert Move.objects.filter(verb="accept").count() == 1


def test_a_decision_and_the_end_of_the_review_exclude_each_other() -> None:
    scene = Scene()
    filing = scene.send()
    accept_rest(filing=filing, by=scene.reviewer, at=timezone.now())
    release(filing=filing, by=scene.reviewer, at=timezone.now())
    reviewer, entry = f.make_reviewer(scene.plan.office), scene.progress
    results = at_once(
        completes(scene),
        lambda: decide_entry(
            entry=entry, decision=Decision.RETURNED, seen=Decision.ACCEPTED, code="R01", note="写实", by=reviewer,
            at=timezone.now(),
        ),
    )  # fmt: skip
    filing = Filing.objects.get(pk=filing.pk)
    if results == ["done", "status"]:  # the review had ended before
        assert (filing.status, scene.progress.decision) == (Status.ACCEPTED, Decision.ACCEPTED)
    else:  # the return counted, and whoever returned has claimed the filing
        assert results == ["done", "race"]
        assert (filing.status, filing.returns, filing.claimed_by) == (Status.SUBMITTED, 0, reviewer)
        assert scene.progress.decision == Decision.RETURNED


def test_a_filing_is_claimed_once() -> None:
    scene = Scene()
    filing = scene.send()
    people = [f.make_reviewer(scene.plan.office) for _ in range(3)]
    results = at_once(*(lambda by=by: claim(filing=filing, by=by, at=timezone.now()) for by in people))
    assert results == ["done", "race", "race"]
    assert Move.objects.filter(verb="claim").count() == 1


def test_a_claim_is_taken_over_once() -> None:
    scene = Scene()
    filing = scene.send()
    claim(filing=filing, by=scene.reviewer, at=timezone.now())
    people = [f.make_reviewer(scene.plan.office) for _ in range(2)]
    results = at_once(
        *(
            lambda by=by: take_over(
                filing=filing, reason="休假", seen=scene.reviewer.pk, by=by, at=timezone.now()
            )
            for by in people
        )
    )
    assert results == ["done", "race"]
    assert Move.objects.filter(verb="take_over").count() == 1


def at_second_level(scene: Scene) -> Filing:
    """A filing with one entry passed by the scene's reviewer, passed on."""
    filing = scene.send()
    accept_rest(filing=filing, by=scene.reviewer, at=timezone.now())
    Entry.objects.filter(pk=scene.progress.pk).update(decision=Decision.PASSED)
    complete_review(filing=filing, by=scene.reviewer, at=timezone.now())
    return scene.filing


def test_a_review_is_passed_on_once() -> None:
    scene = Scene()
    filing = scene.send()
    accept_rest(filing=filing, by=scene.reviewer, at=timezone.now())
    Entry.objects.filter(pk=scene.progress.pk).update(decision=Decision.PASSED)
    release(filing=filing, by=scene.reviewer, at=timezone.now())
    assert at_once(completes(scene), completes(scene)) == ["done", "status"]
    filing = Filing.objects.get(pk=filing.pk)
    assert (filing.status, Move.objects.filter(verb="pass_on").count()) == (Status.SUBMITTED, 1)
    assert scene.progress.decision == Decision.PASSED


def test_the_second_level_is_done_by_one_and_never_by_the_first() -> None:
    scene = Scene()
    filing = at_second_level(scene)
    others = [f.make_reviewer(scene.plan.office) for _ in range(2)]
    entry = scene.progress
    results = at_once(
        *(
            lambda by=by: decide_entry(
                entry=entry, decision=Decision.ACCEPTED, seen=Decision.PASSED, by=by, at=timezone.now()
            )
            for by in (scene.reviewer, *others)
        )
    )
    assert results == ["done", "permission", "race"]
    assert scene.progress.decided_by in others
    assert Move.objects.filter(verb="confirm_entry").count() == 1
    assert filing.passed_on_by == scene.reviewer


def test_routine_entries_are_accepted_once() -> None:
    scene = Scene()
    scene.send()
    contribution = scene.entry("summary").pk
    people = [f.make_reviewer(scene.plan.office) for _ in range(2)]
    at_once(
        *(lambda by=by: accept_routine(entries=[contribution], by=by, at=timezone.now()) for by in people)
    )
    assert Move.objects.filter(entry=contribution, verb="accept_entry").count() == 1


@pytest.mark.parametrize("verb", ["save", "submit", "sign"])
def test_what_waited_for_the_quarter_to_be_closed_finds_it_closed(verb: str) -> None:
    scene = Scene()
    scene.fill()
    if verb == "sign":
        submit(filing=scene.filing, by=scene.filer, at=timezone.now())
    filing, entry, holding = scene.filing, scene.progress, Event()
    before = filing.status

    def closes() -> None:
        with transaction.atomic():
            Filing.objects.select_for_update().get(pk=filing.pk)
            mark_closed(period=scene.period, by=None, at=timezone.now())
            holding.set()
            until_somebody_waits()

    def acts() -> None:
        assert filing.period.closed_at is None  # as its page was read
        assert holding.wait(30)
        match verb:
            case "save":
                f.fill_entry(entry, by=scene.filer)
            case "submit":
                submit(filing=filing, by=scene.filer, at=timezone.now())
            case "sign":
                sign(filing=filing, by=scene.approver, at=timezone.now())

    assert at_once(closes, acts) == ["done", "window"]
    assert (scene.filing.status, scene.progress.version) == (before, entry.version)

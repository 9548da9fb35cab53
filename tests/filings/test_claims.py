"""Claiming a filing for review: two reviewers do not do one twice."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from filings.errors import AlreadyMoved, Refused
from filings.models import Filing, Move
from filings.rules import IDLE, may_take_over
from filings.services.claims import claim, release, take_over
from filings.services.review import accept_rest, complete_review, decide_entry, decide_many
from filings.terms import Decision, Status
from harbor_plan.lib.moments import local
from tests.factories import accept, make_filer, make_leader, make_reviewer
from tests.filings.review_scene import Scene, decide, progress_of, review_url


@pytest.fixture
def scene(db):
    return Scene()


@pytest.fixture
def sent(scene):
    return scene.send()


@pytest.fixture
def colleague(scene):
    return make_reviewer(scene.plan.office, name="宋怀瑾")


@pytest.fixture
def now():
    return timezone.now()


def fresh(filing):
    return Filing.objects.get(pk=filing.pk)


@pytest.mark.parametrize(
    ("idle_for", "holder_may_review", "has_reason", "may"),
    [
        (timedelta(0), True, False, False),
        (IDLE - timedelta(seconds=1), True, False, False),
        (IDLE, True, False, True),
        (timedelta(0), False, False, True),
        (timedelta(0), True, True, True),
    ],
)
def test_when_a_claimed_filing_may_be_taken_over(idle_for, holder_may_review, has_reason, may):
    found = may_take_over(idle_for=idle_for, holder_may_review=holder_may_review, has_reason=has_reason)
    assert found is may


def test_a_claim_is_shown_recorded_and_given_back(client, scene, sent, colleague):
    client.force_login(scene.reviewer)
    response = client.post(reverse("filings:claim", args=[sent.pk]), follow=True)
    assert [str(m) for m in response.context["messages"]] == [f"您已认领{sent}的审核。"]
    assert fresh(sent).claimed_by == scene.reviewer
    assert Move.objects.get(filing=sent, verb="claim").by == scene.reviewer
    event = Event.objects.get(verb="filing.claim")
    assert (event.before, event.after) == ({"claimed_by": ""}, {"claimed_by": "顾明远"})
    client.force_login(colleague)
    row = client.get(reverse("filings:queue")).context["shown"][0]
    assert (row.filing.claimed_by, row.is_mine, row.is_free) == (scene.reviewer, False, False)
    page = client.get(review_url(sent)).content.decode()
    assert "正在审核这份报送" in page
    assert "采纳本项" not in page
    client.force_login(scene.reviewer)
    client.post(reverse("filings:release", args=[sent.pk]))
    assert (fresh(sent).claimed_by, fresh(sent).claimed_at) == (None, None)
    assert Move.objects.filter(filing=sent, verb="release").count() == 1


def test_claiming_again_is_no_error_and_no_second_record(scene, sent, now):
    claim(filing=sent, by=scene.reviewer, at=now)
    claim(filing=sent, by=scene.reviewer, at=now)
    assert Move.objects.filter(verb="claim").count() == 1


def test_deciding_claims(scene, sent, colleague, now):
    decide_entry(
        entry=progress_of(sent), decision=Decision.ACCEPTED, seen=Decision.OPEN, by=scene.reviewer, at=now
    )
    assert (fresh(sent).claimed_by, fresh(sent).claimed_at) == (scene.reviewer, now)
    with pytest.raises(AlreadyMoved):
        claim(filing=sent, by=colleague, at=now)


def test_every_verb_of_another_is_refused_and_names_who(scene, sent, colleague, now):
    claim(filing=sent, by=scene.reviewer, at=now)
    entry = progress_of(sent)
    acts = [
        lambda: claim(filing=sent, by=colleague, at=now),
        lambda: decide_entry(
            entry=entry, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=colleague, at=now
        ),
        lambda: decide_many(
            filing=sent, entries=[entry.pk], decision=Decision.ACCEPTED, by=colleague, at=now
        ),
        lambda: accept_rest(filing=sent, by=colleague, at=now),
        lambda: complete_review(filing=sent, by=colleague, at=now),
    ]
    for act in acts:
        with pytest.raises(AlreadyMoved) as refused:
            act()
        assert refused.value.sentence == (
            f"顾明远（{local(now):%m-%d %H:%M} 认领或办理）正在审核{sent}，"
            "为免重复审核，请另选一份；确需由您审核的，请先“接手审核”。"
        )
    assert not sent.entries.exclude(decision=Decision.OPEN).exists()


def test_the_note_of_a_refused_decision_is_kept_and_taking_over_is_offered(client, scene, sent, colleague):
    claim(filing=sent, by=scene.reviewer, at=timezone.now())
    client.force_login(colleague)
    response = decide(client, progress_of(sent), "returned", code="R02", note="我打了很久的字")
    assert response.status_code == 409
    page = response.content.decode()
    assert "我打了很久的字</textarea>" in page
    assert reverse("filings:take_review", args=[sent.pk]) in page


def test_taking_over_needs_a_reason_until_it_stood_idle(client, scene, sent, colleague):
    claim(filing=sent, by=scene.reviewer, at=timezone.now())
    client.force_login(colleague)
    url = reverse("filings:take_review", args=[sent.pk])
    response = client.post(url, {"take-holder": scene.reviewer.pk, "take-reason": " "})
    assert response.status_code == 422
    assert "正在审核，请写明接手的理由。" in response.content.decode()
    assert fresh(sent).claimed_by == scene.reviewer
    response = client.post(url, {"take-holder": scene.reviewer.pk, "take-reason": "顾明远休假"}, follow=True)
    assert [str(m) for m in response.context["messages"]] == [f"您已接手{sent}的审核。"]
    assert fresh(sent).claimed_by == colleague
    move = Move.objects.get(verb="take_over")
    assert (move.by, move.note) == (colleague, "顾明远休假")
    event = Event.objects.get(verb="filing.take_over")
    assert (event.before, event.after, event.note) == (
        {"claimed_by": "顾明远"},
        {"claimed_by": "宋怀瑾"},
        "顾明远休假",
    )


def test_an_idle_claim_and_one_of_somebody_gone_are_taken_over_without_a_reason(scene, sent, colleague, now):
    claim(filing=sent, by=scene.reviewer, at=now - IDLE)
    take_over(filing=sent, reason="", seen=scene.reviewer.pk, by=colleague, at=now)
    assert fresh(sent).claimed_by == colleague
    assert Move.objects.get(verb="take_over").note == "原由顾明远审核"
    colleague.memberships.all().delete()
    take_over(filing=sent, reason="", seen=colleague.pk, by=scene.reviewer, at=now)
    assert fresh(sent).claimed_by == scene.reviewer


def test_taking_over_from_somebody_else_than_seen_says_who_has_it_now(scene, sent, colleague, now):
    third = make_reviewer(scene.plan.office)
    claim(filing=sent, by=scene.reviewer, at=now)
    take_over(filing=sent, reason="休假", seen=scene.reviewer.pk, by=colleague, at=now)
    with pytest.raises(AlreadyMoved) as refused:
        take_over(filing=sent, reason="休假", seen=scene.reviewer.pk, by=third, at=now)
    assert refused.value.sentence.startswith("宋怀瑾（")
    assert fresh(sent).claimed_by == colleague


def test_what_was_given_back_meanwhile_is_claimed(scene, sent, colleague, now):
    take_over(filing=sent, reason="", seen=scene.reviewer.pk, by=colleague, at=now)
    assert fresh(sent).claimed_by == colleague
    assert list(Move.objects.filter(filing=sent, entry=None).values_list("verb", flat=True))[-1] == "claim"


def test_only_the_holder_gives_it_back(scene, sent, colleague, now):
    with pytest.raises(Refused) as refused:
        release(filing=sent, by=colleague, at=now)
    assert refused.value.sentence == f"{sent}没有人认领，不由您放回。"
    claim(filing=sent, by=scene.reviewer, at=now)
    with pytest.raises(Refused) as refused:
        release(filing=sent, by=colleague, at=now)
    assert refused.value.axis == "status"
    assert fresh(sent).claimed_by == scene.reviewer


def test_the_end_of_a_review_frees_it(scene, sent, now):
    accept(sent, by=scene.reviewer, at=now)
    assert (fresh(sent).status, fresh(sent).claimed_by) == (Status.ACCEPTED, None)
    with pytest.raises(Refused) as refused:
        claim(filing=sent, by=scene.reviewer, at=now)
    assert refused.value.axis == "status"


def test_who_may_not_review_may_not_claim(scene, sent, now):
    for person in (scene.filer, scene.approver, make_leader(), make_filer(scene.helper)):
        with pytest.raises(Refused) as refused:
            claim(filing=sent, by=person, at=now)
        assert refused.value.axis == "permission"
    assert fresh(sent).claimed_by is None


def test_a_claim_has_a_person_and_a_time(sent):
    with pytest.raises(IntegrityError), transaction.atomic():
        Filing.objects.filter(pk=sent.pk).update(claimed_at=timezone.now())


@pytest.mark.parametrize("name", ["claim", "release", "take_review", "decide_many"])
def test_verbs_are_posted_by_those_who_may(client, scene, sent, name):
    url = reverse(f"filings:{name}", args=[sent.pk])
    client.force_login(scene.reviewer)
    assert client.get(url).status_code == 405
    client.force_login(scene.approver)
    assert client.post(url).status_code == 403
    client.force_login(make_filer(scene.helper))
    assert client.post(url).status_code == 404
    assert fresh(sent).claimed_by is None

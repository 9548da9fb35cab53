"""The second level: an entry whose light changed counts once two different reviewers accepted it."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from audit.models import Event
from filings.errors import AlreadyMoved, Refused
from filings.models import Entry, Move, ReviewRule
from filings.queries.waiting import panels
from filings.rules import accepted_as, outcome
from filings.services.access import can_review, reviewers
from filings.services.claims import release
from filings.services.review import (
    accept_rest,
    complete_review,
    decide_entry,
    decide_many,
    name_substitute,
    reopen,
)
from filings.services.review_rule import set_second_level
from filings.services.windows import undecided
from filings.terms import Decision, Status
from reports.models import Summary
from tests.factories import entry_of, make_filer, make_leader, make_reviewer, make_user
from tests.filings.review_scene import Scene, decide, progress_of, review_url

A, P, R, O = Decision.ACCEPTED, Decision.PASSED, Decision.RETURNED, Decision.OPEN  # noqa: E741


@pytest.fixture
def scene(db):
    return Scene()


@pytest.fixture
def second(scene):
    return make_reviewer(scene.plan.office, name="宋怀瑾")


@pytest.fixture
def changed(scene, second):
    """Second level on; the fourth quarter sent with one changed light."""
    scene.second_level()
    return scene.changed()


def pass_on(filing, by):
    accept_rest(filing=filing, by=by, at=timezone.now())
    complete_review(filing=filing, by=by, at=timezone.now())
    filing.refresh_from_db()
    return filing


def choose(entry, decision, by, seen=O):
    decide_entry(
        entry=entry, decision=decision, seen=seen, code="R02", note="请核实", by=by, at=timezone.now()
    )
    entry.refresh_from_db()


# Rules


@pytest.mark.parametrize(
    ("is_second_level", "needs_second", "kept"),
    [(False, False, A), (False, True, P), (True, False, A), (True, True, A)],
)
def test_what_an_acceptance_is_kept_as(is_second_level, needs_second, kept):
    assert accepted_as(is_second_level=is_second_level, needs_second=needs_second) == kept


@pytest.mark.parametrize(
    ("decisions", "to"),
    [
        ([A, A], Status.ACCEPTED),
        ([A, R], Status.RETURNED),
        ([A, O], None),
        ([A, P], None),
        ([R, P], None),
        ([P], None),
    ],
)
def test_a_passed_entry_leaves_the_review_unfinished(decisions, to):
    assert outcome(decisions) is to


def test_a_passed_entry_says_who_passed_it(scene):
    entry = progress_of(scene.send())
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(decision=P)


# The way of a filing


def test_without_the_rule_a_changed_light_is_accepted_by_one(scene):
    filing = scene.changed()
    pass_on(filing, scene.reviewer)
    assert filing.status == Status.ACCEPTED
    assert set(filing.entries.values_list("decision", flat=True)) == {A}


def test_only_the_changed_light_is_passed_and_it_does_not_count_yet(
    scene, changed, second, django_capture_on_commit_callbacks
):
    entry = progress_of(changed)
    with django_capture_on_commit_callbacks(execute=True):
        assert accept_rest(filing=changed, by=scene.reviewer, at=timezone.now()) == 3
    assert dict(changed.entries.values_list("kind", "decision")) == {
        "progress": P,
        "contribution": A,
        "summary": A,
    }
    assert Move.objects.get(entry=entry).verb == "pass_entry"
    figure = Summary.objects.get(period=changed.period, subject="task", subject_id=scene.task.pk)
    assert figure.reported == 0
    assert undecided(changed.period) == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert complete_review(filing=changed, by=scene.reviewer, at=timezone.now()) == Status.SUBMITTED
    changed.refresh_from_db()
    assert (changed.status, changed.passed_on_by, changed.claimed_by) == (
        Status.SUBMITTED,
        scene.reviewer,
        None,
    )
    step = Move.objects.get(filing=changed, verb="pass_on")
    assert (step.from_status, step.to_status, step.by) == ("submitted", "submitted", scene.reviewer)
    entry.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        choose(entry, A, second, seen=P)
    assert (entry.decision, entry.decided_by) == (A, second)
    assert Move.objects.filter(entry=entry).last().verb == "confirm_entry"
    assert complete_review(filing=changed, by=second, at=timezone.now()) == Status.ACCEPTED
    changed.refresh_from_db()
    assert (changed.status, changed.passed_on_by, changed.passed_on_at) == (Status.ACCEPTED, None, None)
    figure = Summary.objects.get(period=changed.period, subject="task", subject_id=scene.task.pk)
    assert figure.reported == 1


def test_nobody_does_both_levels(scene, changed, second):
    pass_on(changed, scene.reviewer)
    assert not can_review(changed, scene.reviewer)
    assert can_review(changed, second)
    assert reviewers(changed) == {second.pk}
    panel = panels([changed], scene.reviewer)[changed.pk]
    assert (panel.may, panel.why_not) == (False, "您已办理初审，复审须由他人办理")
    for act in (
        lambda: choose(progress_of(changed), A, scene.reviewer, seen=P),
        lambda: accept_rest(filing=changed, by=scene.reviewer, at=timezone.now()),
        lambda: complete_review(filing=changed, by=scene.reviewer, at=timezone.now()),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.axis == "permission"
        assert refused.value.sentence == f"您已办理{changed}的初审，复审须由另一人办理。"
    assert progress_of(changed).decision == P


def test_who_passed_an_entry_before_another_took_over_does_not_confirm_it(scene, changed, second):
    third = make_reviewer(scene.plan.office)
    choose(progress_of(changed), A, scene.reviewer)
    changed.refresh_from_db()
    release(filing=changed, by=scene.reviewer, at=timezone.now())
    pass_on(changed, second)
    assert reviewers(changed) == {third.pk}


@pytest.mark.parametrize("who", ["filer", "approver", "both", "stranger"])
def test_the_exclusions_of_the_first_level_hold_at_the_second(scene, changed, who):
    people = {
        "filer": scene.filer,
        "approver": scene.approver,
        "both": make_user(roles=[(Role.OFFICE, scene.plan.office), (Role.FILER, scene.department)]),
        "stranger": make_filer(scene.helper),
    }
    pass_on(changed, scene.reviewer)
    with pytest.raises(Refused) as refused:
        choose(progress_of(changed), A, people[who], seen=P)
    assert refused.value.axis == "permission"


def test_without_a_second_reviewer_a_leader_confirms(scene, changed, second):
    leader = make_leader()
    pass_on(changed, scene.reviewer)
    assert not can_review(changed, leader)
    second.is_active = False
    second.save()
    assert reviewers(changed) == set()
    assert can_review(changed, leader)
    choose(progress_of(changed), A, leader, seen=P)
    assert complete_review(filing=changed, by=leader, at=timezone.now()) == Status.ACCEPTED


def test_a_leader_names_a_substitute_for_the_second_level_but_never_the_first_reviewer(
    scene, changed, second
):
    pass_on(changed, scene.reviewer)
    second.memberships.all().delete()
    leader, named = make_leader(), make_filer(scene.helper)
    with pytest.raises(Refused) as refused:
        name_substitute(filing=changed, user=scene.reviewer, reason="代审", by=leader, at=timezone.now())
    assert refused.value.axis == "permission"
    name_substitute(filing=changed, user=named, reason="无第二名审核人", by=leader, at=timezone.now())
    choose(progress_of(changed), A, named, seen=P)
    assert progress_of(changed).decision == A


def test_the_second_reviewer_returns_and_the_next_round_begins_at_the_first_level(scene, changed, second):
    pass_on(changed, scene.reviewer)
    entry = progress_of(changed)
    choose(entry, R, second, seen=P)
    assert complete_review(filing=changed, by=second, at=timezone.now()) == Status.RETURNED
    changed.refresh_from_db()
    assert (changed.status, changed.returns, changed.passed_on_by) == (Status.RETURNED, 1, None)
    again = scene.resend(
        changed, entry, percent=92, problems="征地", cause="审批", next_steps="赶工", next_on="2021-01-31"
    )
    assert can_review(again, scene.reviewer)
    pass_on(again, second)  # who confirmed last time may be first now
    assert reviewers(again) == {scene.reviewer.pk}


def test_what_the_first_level_returned_stays_returned(scene, changed, second):
    contribution = entry_of(changed, kind="contribution")
    choose(contribution, R, scene.reviewer)
    pass_on(changed, scene.reviewer)
    with pytest.raises(Refused) as refused:
        choose(contribution, A, second, seen=R)
    assert "由顾明远初审退回，复审不改为采纳" in refused.value.sentence
    choose(progress_of(changed), A, second, seen=P)
    assert complete_review(filing=changed, by=second, at=timezone.now()) == Status.RETURNED
    assert progress_of(changed).decision == A


def test_the_second_reviewer_may_change_their_mind(scene, changed, second):
    pass_on(changed, scene.reviewer)
    entry = progress_of(changed)
    choose(entry, R, second, seen=P)
    choose(entry, A, second, seen=R)
    assert (entry.decision, entry.decided_by) == (A, second)


def test_the_second_level_ends_when_nothing_is_left(scene, changed, second):
    pass_on(changed, scene.reviewer)
    with pytest.raises(Refused) as refused:
        complete_review(filing=changed, by=second, at=timezone.now())
    assert refused.value.sentence == "还有 1 项待复审，逐项采纳或退回后才能完成审核。"


def test_a_page_from_before_the_first_level_ended_does_not_skip_the_second(scene, changed, second):
    stale = type(changed).objects.get(pk=changed.pk)
    pass_on(changed, scene.reviewer)
    for by in (scene.reviewer, second):
        with pytest.raises(Refused):
            complete_review(filing=stale, by=by, at=timezone.now())
    assert Move.objects.filter(filing=changed, verb__in=["pass_on", "accept"]).count() == 1


def test_reopening_an_accepted_filing_is_open_to_the_first_reviewer(scene, changed, second):
    pass_on(changed, scene.reviewer)
    pass_on(changed, second)
    assert changed.status == Status.ACCEPTED
    reopen(
        filing=changed,
        notes={progress_of(changed).pk: ("R02", "核查未验收")},
        by=scene.reviewer,
        at=timezone.now(),
    )
    changed.refresh_from_db()
    assert (changed.status, changed.passed_on_by) == (Status.RETURNED, None)


def test_ticked_changed_lights_are_passed_too(scene, changed):
    result = decide_many(
        filing=changed,
        entries=list(changed.entries.values_list("pk", flat=True)),
        decision=A,
        by=scene.reviewer,
        at=timezone.now(),
    )
    assert len(result.done) == 3
    assert progress_of(changed).decision == P


# Switching


def test_the_office_switches_it_on_with_a_reason_on_record(client, scene):
    url = reverse("filings:change_rule")
    client.force_login(scene.reviewer)
    response = client.post(url, {"seen": "False", "second_level": "1", "reason": ""})
    assert response.status_code == 422
    assert response.context["form"].errors == {"reason": ["请写明修改审核规则的理由。"]}
    assert not ReviewRule.objects.exists()
    response = client.post(url, {"seen": "False", "second_level": "1", "reason": "核实亮灯变化"}, follow=True)
    assert "亮灯变化的填报项<b>须由第二人复审</b>" in response.content.decode()
    rule = ReviewRule.objects.get()
    assert (rule.second_level, rule.changed_by) == (True, scene.reviewer)
    event = Event.objects.get(verb="review_rule.change")
    assert (event.before, event.after, event.note) == (
        {"second_level": False},
        {"second_level": True},
        "核实亮灯变化",
    )
    assert client.post(url, {"seen": "False", "second_level": "1", "reason": "再来"}).status_code == 409
    assert Event.objects.filter(verb="review_rule.change").count() == 1


def test_only_the_office_switches_it(scene):
    for person in (scene.filer, scene.approver, make_leader()):
        with pytest.raises(Refused) as refused:
            set_second_level(plan=scene.plan, on=True, seen=False, reason="x", by=person, at=timezone.now())
        assert refused.value.axis == "permission"
    assert not ReviewRule.objects.exists()


def test_two_who_switch_at_once_do_not_undo_each_other(scene):
    scene.second_level()
    with pytest.raises(AlreadyMoved) as refused:
        scene.second_level()
    assert refused.value.sentence == "顾明远刚刚修改过审核规则，请核对现在的规则后再办。"


def test_switched_off_what_was_passed_still_waits_for_a_second_reviewer(scene, changed, second):
    accept_rest(filing=changed, by=scene.reviewer, at=timezone.now())
    scene.second_level(on=False)
    assert complete_review(filing=changed, by=scene.reviewer, at=timezone.now()) == Status.SUBMITTED


# The desk


def test_the_desk_says_what_the_second_reviewer_does(client, scene, changed, second):
    client.force_login(scene.reviewer)
    page = client.get(review_url(changed)).content.decode()
    assert "采纳后须由另一人复审，才计入汇总。" in page
    decide(client, progress_of(changed), "accepted")
    client.post(reverse("filings:accept_rest", args=[changed.pk]))
    assert "完成初审（1 项转复审）" in client.get(review_url(changed)).content.decode()
    response = client.post(reverse("filings:complete", args=[changed.pk]), follow=True)
    assert [str(m) for m in response.context["messages"]] == [
        f"{changed}初审完成，亮灯有变化的填报项转另一人复审，复审采纳后计入汇总。"
    ]
    assert decide(client, progress_of(changed), "accepted", seen="passed").status_code == 403
    client.force_login(second)
    rows = client.get(reverse("filings:queue"), {"show": "second"}).context["shown"]
    assert [(row.filing, row.is_second, row.undecided) for row in rows] == [(changed, True, 1)]
    desk = client.get(review_url(changed)).context["desk"]
    assert (desk.is_second, desk.left, desk.chosen.entry) == (True, 1, progress_of(changed))
    assert "复审采纳本项" in client.get(review_url(changed)).content.decode()
    assert decide(client, progress_of(changed), "accepted", seen="passed").status_code == 302
    client.post(reverse("filings:complete", args=[changed.pk]))
    changed.refresh_from_db()
    assert changed.status == Status.ACCEPTED

"""Who may decide a filing (design decision 3.4), as a truth table and on real rows."""

import pytest

from accounts.models import Membership
from accounts.roles import Role
from filings.errors import Refused
from filings.models import Move, Substitute
from filings.queries.waiting import panels
from filings.rules import may_decide
from filings.services.access import can_review, reviewers, reviewers_each
from filings.services.review import accept_rest, complete_review, decide_entry, name_substitute
from filings.terms import Decision, Status
from tests.factories import (
    file,
    filing_of,
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_leader,
    make_plan,
    make_reviewer,
    make_sysadmin,
    make_task,
    make_user,
    open_quarter,
)

NOBODY: dict = {
    "own_departments": {9},
    "department": 1,
    "hands_in_it": set(),
    "person": 7,
    "is_office": False,
    "is_leader": False,
    "is_substitute": False,
    "reviewers_left": 1,
}


@pytest.mark.parametrize(
    ("facts", "may"),
    [
        ({}, False),
        ({"is_office": True}, True),
        ({"is_office": True, "own_departments": {1, 9}}, False),
        ({"is_office": True, "hands_in_it": {7}}, False),
        ({"is_office": True, "hands_in_it": {8}}, True),
        ({"is_leader": True}, False),
        ({"is_leader": True, "reviewers_left": 0}, True),
        ({"is_leader": True, "reviewers_left": 0, "own_departments": {1}}, False),
        ({"is_leader": True, "reviewers_left": 0, "hands_in_it": {7}}, False),
        ({"is_substitute": True}, False),
        ({"is_substitute": True, "reviewers_left": 0}, True),
        ({"is_substitute": True, "reviewers_left": 0, "own_departments": {1}}, False),
        ({"is_substitute": True, "reviewers_left": 0, "hands_in_it": {7}}, False),
        ({"reviewers_left": 0}, False),
    ],
)
def test_who_may_decide(facts, may):
    assert may_decide(**(NOBODY | facts)) is may


@pytest.fixture
def plan(db):
    return make_plan()


@pytest.fixture
def sent(plan):
    """A sent filing of an ordinary department, which leads one task."""
    department = make_department("甲局")
    make_task(make_action(plan), lead=department)
    period = open_quarter(plan)
    return file(filing_of(period, department), by=make_filer(department), signed_by=make_approver(department))


@pytest.fixture
def own(plan):
    """A sent filing of the office itself."""
    make_task(make_action(plan), lead=plan.office)
    period = open_quarter(plan)
    return file(
        filing_of(period, plan.office), by=make_filer(plan.office), signed_by=make_approver(plan.office)
    )


def test_the_office_reviews_a_department_and_others_do_not(plan, sent, django_user_model):
    reviewer = make_reviewer(plan.office)
    assert can_review(sent, reviewer)
    assert reviewers(sent) == {reviewer.pk}
    for person in (
        make_leader(),
        make_sysadmin(),
        make_filer(make_department()),
        make_approver(sent.department),
    ):
        assert not can_review(sent, person)
        with pytest.raises(Refused) as refused:
            accept_rest(filing=sent, by=person, at=sent.submitted_at)
        assert refused.value.axis == "permission"
    assert not sent.entries.exclude(decision=Decision.OPEN).exists()


def test_a_reviewer_who_belongs_to_the_department_too_is_excluded(plan, sent):
    both = make_user(roles=[(Role.OFFICE, plan.office), (Role.FILER, sent.department)])
    free = make_reviewer(plan.office)
    assert not can_review(sent, both)
    assert reviewers(sent) == {free.pk}
    panel = panels([sent], both)[sent.pk]
    assert (panel.may, panel.why_not) == (False, "本单位的报送须由他人审核")
    assert panel.names == str(free)


def test_who_filed_or_signed_is_excluded_also_after_changing_department(plan):
    department = make_department()
    make_task(make_action(plan), lead=department)
    filing = filing_of(open_quarter(plan), department)
    filer, approver = make_filer(department), make_approver(department)
    filing = file(filing, by=filer, signed_by=approver)
    for person in (filer, approver):
        Membership.objects.filter(user=person).delete()
        Membership.objects.create(user=person, department=plan.office, role=Role.OFFICE)
        person = type(person).objects.get(pk=person.pk)
        assert not can_review(filing, person)
        assert panels([filing], person)[filing.pk].why_not == "本人填报或签发的报送须由他人审核"
    assert reviewers(filing) == set()


def test_a_deactivated_reviewer_does_not_count(plan, sent):
    make_reviewer(plan.office, is_active=False)
    assert reviewers(sent) == set()
    assert can_review(sent, make_leader())


def test_the_offices_own_filing_is_decided_by_a_leader(plan, own):
    reviewer, leader = make_reviewer(plan.office), make_leader()
    assert reviewers(own) == set()
    assert not can_review(own, reviewer)
    assert can_review(own, leader)
    accept_rest(filing=own, by=leader, at=own.submitted_at)
    assert complete_review(filing=own, by=leader, at=own.submitted_at) == Status.ACCEPTED


def test_a_leader_names_a_substitute_who_then_decides(plan, own):
    make_reviewer(plan.office)
    leader, substitute = make_leader(), make_filer(make_department())
    at = own.submitted_at
    assert not can_review(own, substitute)
    name_substitute(filing=own, user=substitute, reason="牵头办公室自报", by=leader, at=at)
    assert can_review(own, substitute)
    entry = own.entries.get()
    decide_entry(entry=entry, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=substitute, at=at)
    entry.refresh_from_db()
    assert (entry.decision, entry.decided_by) == (Decision.ACCEPTED, substitute)
    named = Substitute.objects.get(filing=own)
    assert (named.user, named.named_by, named.reason, named.at) == (substitute, leader, "牵头办公室自报", at)
    move = Move.objects.get(filing=own, verb="substitute")
    assert (move.by, move.note) == (leader, f"{substitute}：牵头办公室自报")


def test_a_substitute_is_not_named_while_a_reviewer_is_left(plan, sent):
    make_reviewer(plan.office)
    with pytest.raises(Refused) as refused:
        name_substitute(
            filing=sent,
            user=make_filer(make_department()),
            reason="忙",
            by=make_leader(),
            at=sent.submitted_at,
        )
    assert refused.value.axis == "status"
    assert not Substitute.objects.exists()


def test_a_substitute_is_not_named_once_all_is_accepted(own):
    leader = make_leader()
    accept_rest(filing=own, by=leader, at=own.submitted_at)
    complete_review(filing=own, by=leader, at=own.submitted_at)
    with pytest.raises(Refused) as refused:
        name_substitute(
            filing=own, user=make_filer(make_department()), reason="忙", by=leader, at=own.submitted_at
        )
    assert refused.value.sentence == f"{own}已全部采纳，无须指定代审。"
    assert not Substitute.objects.exists()


@pytest.mark.parametrize("who", ["colleague", "filer", "approver", "inactive"])
def test_nobody_with_a_part_in_the_filing_becomes_its_substitute(plan, own, who):
    people = {
        "colleague": make_approver(plan.office),
        "filer": own.filled_by,
        "approver": own.signed_by,
        "inactive": make_filer(make_department(), is_active=False),
    }
    with pytest.raises(Refused) as refused:
        name_substitute(filing=own, user=people[who], reason="代审", by=make_leader(), at=own.submitted_at)
    assert refused.value.axis == "permission"
    assert not Substitute.objects.exists()


def test_only_a_leader_names_a_substitute_and_says_why(plan, own):
    other = make_filer(make_department())
    with pytest.raises(Refused) as refused:
        name_substitute(
            filing=own, user=other, reason="代审", by=make_reviewer(plan.office), at=own.submitted_at
        )
    assert refused.value.axis == "permission"
    with pytest.raises(Refused) as refused:
        name_substitute(filing=own, user=other, reason="  ", by=make_leader(), at=own.submitted_at)
    assert refused.value.axis == "content"


def test_many_filings_take_as_many_queries_as_one(plan, sent, django_assert_num_queries):
    make_reviewer(plan.office)
    with django_assert_num_queries(3):
        reviewers_each([sent])
    with django_assert_num_queries(3):
        reviewers_each([sent, sent, sent])

"""The thread on an entry: who may speak, when, and whose answer is awaited."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from audit.models import Event
from filings.errors import Refused
from filings.models import Remark
from filings.queries.threads import asked_of, threads, waiting_answers
from filings.rules import Side, speaks_for, takes_remarks
from filings.services.remarks import LONGEST, say, side_of
from filings.services.review import accept_rest, complete_review, decide_entry
from filings.terms import Decision, Status
from tests.factories import (
    accept,
    entry_of,
    make_approver,
    make_filer,
    make_leader,
    make_reviewer,
    make_sysadmin,
    make_user,
)
from tests.filings.review_scene import Scene, progress_of, review_url

NOBODY: dict = {
    "department": 1,
    "departments_to_file": set(),
    "own_departments": {9},
    "hands_in_it": set(),
    "person": 7,
    "is_office": False,
    "is_leader": False,
    "is_substitute": False,
    "reviewers_left": 1,
}
FILES = {"departments_to_file": {1}, "own_departments": {1}}


@pytest.mark.parametrize(
    ("facts", "side"),
    [
        ({}, None),
        (FILES, Side.DEPARTMENT),
        (FILES | {"hands_in_it": {7}}, Side.DEPARTMENT),
        ({"departments_to_file": {2}, "own_departments": {2}}, None),
        ({"is_office": True}, Side.OFFICE),
        ({"is_office": True, "own_departments": {1}}, None),
        (FILES | {"is_office": True}, Side.DEPARTMENT),
        ({"is_office": True, "hands_in_it": {7}}, None),
        ({"is_leader": True}, None),
        ({"is_leader": True, "reviewers_left": 0}, Side.OFFICE),
        ({"is_substitute": True}, None),
        ({"is_substitute": True, "reviewers_left": 0}, Side.OFFICE),
        (FILES | {"is_substitute": True, "reviewers_left": 0}, Side.DEPARTMENT),
        ({"reviewers_left": 0}, None),
    ],
)
def test_for_which_side_one_speaks(facts, side):
    assert speaks_for(**(NOBODY | facts)) is side


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("decision", list(Decision))
def test_when_an_entry_is_talked_about(status, decision):
    expected = status in ("submitted", "returned") and decision != "accepted"
    assert takes_remarks(status, decision) is expected


@pytest.fixture
def scene(db):
    return Scene()


@pytest.fixture
def sent(scene):
    return scene.send()


def speak(entry, by, text="请说明"):
    return say(entry=entry, text=text, by=by, at=timezone.now())


def post(client, entry, text, back=""):
    return client.post(reverse("filings:remark", args=[entry.pk]), {"remark-text": text, "remark-back": back})


def test_office_and_department_talk_and_each_sees_whose_turn_it_is(client, scene, sent):
    entry = progress_of(sent)
    client.force_login(scene.reviewer)
    response = post(client, entry, "验收单合计是多少？", "review")
    assert response.url == f"{review_url(sent, entry)}#thread"
    assert [e.pk for e in asked_of(scene.filer)] == [entry.pk]
    assert asked_of(scene.reviewer) == []
    client.force_login(scene.filer)
    page = client.get(reverse("filings:thread", args=[entry.pk]))
    assert page.context["thread"].is_my_turn
    assert "验收单合计是多少？" in page.content.decode()
    post(client, entry, "合计30.6公里", "detail")
    assert asked_of(scene.filer) == []
    assert waiting_answers([sent], Side.OFFICE) == {entry.pk: sent.pk}
    client.force_login(scene.reviewer)
    row = client.get(reverse("filings:queue"), {"show": "asked"}).context["shown"][0]
    assert (row.filing, row.asked) == (sent, 1)
    desk = client.get(review_url(sent, entry)).context["desk"]
    assert [(r.text, r.is_office, r.by) for r in desk.chosen.thread.remarks] == [
        ("验收单合计是多少？", True, scene.reviewer),
        ("合计30.6公里", False, scene.filer),
    ]
    assert desk.asked == {entry.pk}
    events = Event.objects.filter(verb="entry.remark").order_by("id").values_list("note", flat=True)
    assert list(events) == ["验收单合计是多少？", "合计30.6公里"]


def test_the_approver_answers_too_while_the_filing_is_returned(scene, sent):
    entry = progress_of(sent)
    decide_entry(
        entry=entry,
        decision=Decision.RETURNED,
        seen=Decision.OPEN,
        code="R02",
        note="请核实",
        by=scene.reviewer,
        at=timezone.now(),
    )
    accept_rest(filing=sent, by=scene.reviewer, at=timezone.now())
    complete_review(filing=sent, by=scene.reviewer, at=timezone.now())
    assert speak(entry, scene.approver, "下周补").is_office is False
    assert speak(entry, scene.reviewer, "可以").is_office is True
    with pytest.raises(Refused) as refused:
        speak(entry_of(sent, kind="summary"), scene.approver)
    assert refused.value.axis == "status"
    assert "已采纳，往来意见到此为止。" in refused.value.sentence


def test_nothing_is_said_before_sending_nor_after_accepting(scene):
    filing = scene.open()
    with pytest.raises(Refused) as refused:
        speak(progress_of(filing), scene.filer)
    assert "报送待审或被退回期间才能填写往来意见" in refused.value.sentence
    filing = accept(scene.send(filing), by=scene.reviewer)
    with pytest.raises(Refused):
        speak(progress_of(filing), scene.reviewer)
    assert not Remark.objects.exists()


def test_who_speaks_and_who_does_not(client, scene, sent):
    entry = progress_of(sent)
    both = make_user(roles=[(Role.OFFICE, scene.plan.office), (Role.FILER, scene.department)])
    assert side_of(sent, both) == Side.DEPARTMENT
    assert side_of(sent, make_reviewer(scene.plan.office)) == Side.OFFICE
    for person, status in (
        (make_leader(), 403),
        (make_filer(scene.helper), 404),
        (make_approver(scene.helper), 404),
        (make_sysadmin(), 404),
    ):
        client.force_login(person)
        assert post(client, entry, "插话").status_code == status
        assert side_of(sent, person) is None
    assert not Remark.objects.exists()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "请写明意见。"),
        ("  \n ", "请写明意见。"),
        ("字" * (LONGEST + 1), f"最多 {LONGEST} 字，现有 {LONGEST + 1} 字，请压缩。"),
    ],
)
def test_empty_and_too_long_texts_are_refused_and_kept(client, scene, sent, text, error):
    client.force_login(scene.reviewer)
    response = post(client, progress_of(sent), text)
    assert response.status_code == 422
    assert response.context["remark_form"].errors == {"text": [error]}
    assert text.strip()[:50] in response.content.decode()
    assert not Remark.objects.exists()
    with pytest.raises(Refused):
        speak(progress_of(sent), scene.reviewer, text)


def test_what_came_too_late_is_shown_as_typed(client, scene, sent):
    entry = progress_of(sent)
    accept(sent, by=scene.reviewer)
    client.force_login(scene.filer)
    response = post(client, entry, "我打了很久的字")
    assert response.status_code == 409
    page = response.content.decode()
    assert "我打了很久的字" in page
    assert "已采纳，往来意见到此为止。" in page


def test_markup_in_a_remark_is_text(client, scene, sent):
    entry = progress_of(sent)
    speak(entry, scene.filer, "<script>alert(1)</script>\n第二行")
    client.force_login(scene.reviewer)
    page = client.get(review_url(sent, entry)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\n第二行" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("back", ["", "https://elsewhere.example/", "//elsewhere.example"])
def test_a_remark_never_leads_elsewhere(client, scene, sent, back):
    client.force_login(scene.reviewer)
    entry = progress_of(sent)
    response = post(client, entry, "请说明", back)
    assert "elsewhere.example" not in response.headers.get("Location", "")
    assert response.status_code == (302 if back == "" else 422)


def test_there_is_no_way_to_change_or_remove_a_remark(client, scene, sent):
    entry = progress_of(sent)
    speak(entry, scene.filer)
    client.force_login(scene.filer)
    for method in ("get", "put", "delete", "patch"):
        assert getattr(client, method)(reverse("filings:remark", args=[entry.pk])).status_code == 405
    assert Remark.objects.count() == 1


def test_threads_of_many_entries_take_one_query(scene, sent, django_assert_num_queries):
    entries = list(sent.entries.for_page())
    for entry in entries:
        speak(entry, scene.filer)
    with django_assert_num_queries(1):
        found = threads(sent, entries, Side.OFFICE)
    assert all(thread.is_my_turn and thread.may_speak for thread in found.values())

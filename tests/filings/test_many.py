"""Deciding several entries at once: ticked ones of one filing, and routine ones of many."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from filings.errors import Refused
from filings.models import Countersignature, Entry, Move, Remark
from filings.services.claims import claim
from filings.services.review import accept_rest, complete_review, decide_entry, decide_many
from filings.services.routine import accept_routine, is_optimistic, oddities
from filings.terms import Consent, Decision
from targets.terms import Standing
from tests.factories import (
    accept,
    entry_of,
    file,
    filing_of,
    fill_entry,
    make_approver,
    make_filer,
    make_leader,
    make_reviewer,
)
from tests.filings.review_scene import BEHIND, Scene, progress_of


@pytest.fixture
def scene(db):
    return Scene()


@pytest.fixture
def sent(scene):
    """The fourth quarter, sent after an ordinary third one: everything routine."""
    accept(scene.send(scene.open(3)), by=scene.reviewer)
    return scene.send(scene.open(4))


def ids(filing):
    return list(filing.entries.order_by("position").values_list("pk", flat=True))


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


# Ticked entries of one filing


def test_ticked_entries_are_accepted_each_with_its_own_row(client, scene, sent):
    client.force_login(scene.reviewer)
    first, second, third = ids(sent)
    response = client.post(
        reverse("filings:decide_many", args=[sent.pk]),
        {"entries": [first, third], "decision": "accepted"},
        follow=True,
    )
    assert messages_of(response) == ["已采纳 2 项。"]
    assert dict(sent.entries.values_list("pk", "decision")) == {
        first: "accepted",
        second: "",
        third: "accepted",
    }
    assert set(Move.objects.filter(filing=sent, verb="accept_entry").values_list("entry", flat=True)) == {
        first,
        third,
    }


def test_ticked_entries_are_returned_with_one_code_and_note(client, scene, sent):
    client.force_login(scene.reviewer)
    first, second, _ = ids(sent)
    url = reverse("filings:decide_many", args=[sent.pk])
    response = client.post(url, {"entries": [first, second], "decision": "returned", "many_note": "请补佐证"})
    assert response.status_code == 422
    assert response.context["many_form"].errors == {"many_code": ["请选择退回原因。"]}
    page = response.content.decode()
    assert "请补佐证</textarea>" in page
    assert f'value="{first}" id="many-{first}" data-routine checked' in page
    client.post(
        url,
        {"entries": [first, second], "decision": "returned", "many_code": "R03", "many_note": "请补佐证"},
    )
    rows = Entry.objects.filter(pk__in=[first, second]).values_list("decision", "return_code", "return_note")
    assert list(rows) == [("returned", "R03", "请补佐证")] * 2
    moves = Move.objects.filter(filing=sent, verb="return_entry").values_list("entry", "code", "note")
    assert sorted(moves) == [(first, "R03", "请补佐证"), (second, "R03", "请补佐证")]


def test_one_that_was_decided_meanwhile_is_named_and_the_others_are_decided(client, scene, sent):
    client.force_login(scene.reviewer)
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
    response = client.post(
        reverse("filings:decide_many", args=[sent.pk]),
        {"entries": ids(sent), "decision": "accepted"},
        follow=True,
    )
    assert messages_of(response) == [
        "已采纳 2 项。",
        f"没有采纳 {entry.number} {entry.title}：顾明远已办理，目前为“审核退回”。",
    ]
    entry.refresh_from_db()
    assert entry.decision == Decision.RETURNED


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"decision": "accepted"}, {"entries": ["请勾选要办理的填报项。"]}),
        ({"entries": "self"}, {"decision": ["请选择采纳或退回。"]}),
        ({"entries": "self", "decision": "passed"}, {"decision": ["请选择采纳或退回。"]}),
        ({"entries": "x", "decision": "accepted"}, {"entries": ["所选填报项不存在，请刷新页面后重选。"]}),
        (
            {"entries": "other", "decision": "accepted"},
            {"entries": ["所选填报项已有变动，请刷新页面后重选。"]},
        ),
    ],
)
def test_what_cannot_be_done_with_ticks_is_said(client, scene, sent, data, error):
    other = entry_of(filing_of(sent.period, scene.helper), kind="progress")
    chosen = {"self": str(ids(sent)[0]), "other": str(other.pk)}
    data = data | {"entries": chosen.get(data["entries"], data["entries"])} if "entries" in data else data
    client.force_login(scene.reviewer)
    response = client.post(reverse("filings:decide_many", args=[sent.pk]), data)
    assert response.status_code == 422
    assert response.context["many_form"].errors == error
    assert not sent.entries.exclude(decision=Decision.OPEN).exists()


def test_entries_of_another_filing_are_refused_by_the_service_too(scene, sent):
    other = entry_of(filing_of(sent.period, scene.helper), kind="progress")
    with pytest.raises(Refused) as refused:
        decide_many(
            filing=sent,
            entries=[*ids(sent), other.pk],
            decision=Decision.ACCEPTED,
            by=scene.reviewer,
            at=timezone.now(),
        )
    assert refused.value.axis == "content"
    assert not sent.entries.exclude(decision=Decision.OPEN).exists()


# What is routine


@pytest.mark.parametrize(
    ("rated", "percent", "measured", "is_optimistic_"),
    [
        ("on_track", 90, Standing.BEHIND, True),
        ("behind", 90, Standing.BEHIND, False),
        ("late", 90, Standing.BEHIND, False),
        ("done", 99, Standing.ON_TRACK, True),
        ("done", 100, Standing.ON_TRACK, False),
        ("", 90, Standing.BEHIND, False),
        ("unknown", 90, Standing.BEHIND, False),
        ("on_track", None, None, False),
    ],
)
def test_a_self_rating_better_than_measured_is_optimistic(rated, percent, measured, is_optimistic_):
    assert is_optimistic(rated, percent, measured) is is_optimistic_


def odd(filing):
    return {entry.kind: said for entry in filing.entries.for_page() for said in [oddities([entry])[entry.pk]]}


def test_an_ordinary_quarter_is_routine(scene, sent):
    assert odd(sent) == {"progress": (), "contribution": (), "summary": ()}


def test_without_a_quarter_before_a_light_cannot_be_compared(scene):
    assert odd(scene.send(scene.open(4))) == {
        "progress": ("上季无可比",),
        "contribution": (),
        "summary": (),
    }


def test_what_is_not_routine_says_why(scene):
    scene.send(scene.open(3))
    filing = scene.open(4)
    fill_entry(
        progress_of(filing),
        by=scene.filer,
        percent=Decimal(91),
        self_light=Standing.DONE,
        explanation="佐证另送",
        **BEHIND,
    )
    fill_entry(entry_of(filing, kind="summary"), by=scene.filer, explanation="请留意")
    filing = scene.send(filing)
    contribution = entry_of(filing, kind="contribution")
    Countersignature.objects.create(
        entry=contribution,
        department=scene.helper,
        consent=Consent.CONTESTED,
        text="有异议",
        version_no=1,
        by=scene.filer,
        at=timezone.now(),
    )
    Remark.objects.create(
        entry=contribution, text="请补", is_office=True, by=scene.reviewer, at=timezone.now()
    )
    assert odd(filing) == {
        "progress": ("1 处提醒", "自评好于测算", "亮灯变化（正常→滞后）"),
        "contribution": ("会签未一致同意", "有往来意见"),
        "summary": ("单位另有说明",),
    }


def test_a_later_yes_settles_a_contested_countersignature(scene, sent):
    entry = progress_of(sent)
    for consent in (Consent.CONTESTED, Consent.CONFIRMED):
        Countersignature.objects.create(
            entry=entry,
            department=scene.helper,
            consent=consent,
            text="意见",
            version_no=1,
            by=scene.filer,
            at=timezone.now(),
        )
    assert odd(sent)["progress"] == ()


def test_what_was_returned_once_is_not_routine(scene, sent):
    decide_entry(
        entry=progress_of(sent),
        decision=Decision.RETURNED,
        seen=Decision.OPEN,
        code="R02",
        note="请核实",
        by=scene.reviewer,
        at=timezone.now(),
    )
    accept_rest(filing=sent, by=scene.reviewer, at=timezone.now())
    complete_review(filing=sent, by=scene.reviewer, at=timezone.now())
    sent.refresh_from_db()
    assert odd(scene.resend(sent, progress_of(sent)))["progress"] == ("曾被退回",)


def test_many_entries_take_as_many_queries_as_one(scene, sent, django_assert_num_queries):
    entries, one = list(sent.entries.for_page()), progress_of(sent)
    with django_assert_num_queries(9):
        oddities([one])
    with django_assert_num_queries(9):
        oddities(entries)


# Routine entries of many filings


@pytest.fixture
def both(scene, sent):
    """The same quarter of two departments; the helper's progress has nothing to compare with."""
    filing = filing_of(sent.period, scene.helper)
    return sent, file(filing, by=make_filer(scene.helper), signed_by=make_approver(scene.helper))


def test_the_list_shows_routine_entries_of_every_filing_one_may_review(client, scene, both):
    sent, other = both
    client.force_login(scene.reviewer)
    routines = client.get(reverse("filings:routine")).context["routines"]
    shown = {filing.pk: {row.entry.kind for row in rows} for filing, rows in routines.by_filing}
    assert shown == {sent.pk: {"progress", "contribution", "summary"}, other.pk: {"contribution"}}
    assert (routines.count, routines.undecided) == (4, 5)
    claim(filing=other, by=make_reviewer(scene.plan.office), at=timezone.now())
    routines = client.get(reverse("filings:routine")).context["routines"]
    assert [filing.pk for filing, _ in routines.by_filing] == [sent.pk]


def test_routine_entries_are_accepted_across_filings_and_what_is_not_is_named(client, scene, both):
    sent, other = both
    client.force_login(scene.reviewer)
    chosen = [*ids(sent), *ids(other)]
    response = client.post(reverse("filings:accept_routine"), {"entries": chosen}, follow=True)
    odd_one = progress_of(other)
    assert messages_of(response) == [
        "已采纳 4 项。",
        f"没有采纳 {odd_one.number} {odd_one.title}：不是常规项：上季无可比，请逐项审核。",
    ]
    assert Entry.objects.filter(pk__in=chosen, decision="accepted").count() == 4
    assert Move.objects.filter(entry__in=chosen, verb="accept_entry").count() == 4
    sent.refresh_from_db()
    assert sent.claimed_by is None


def test_a_claimed_filing_refuses_its_entries_and_leaves_the_others(scene, both):
    sent, other = both
    claim(filing=sent, by=make_reviewer(scene.plan.office, name="宋怀瑾"), at=timezone.now())
    contribution = entry_of(other, kind="contribution")
    result = accept_routine(entries=[*ids(sent), contribution.pk], by=scene.reviewer, at=timezone.now())
    assert [entry.pk for entry in result.done] == [contribution.pk]
    assert {entry.filing_id for entry, _ in result.refused} == {sent.pk}
    assert all("宋怀瑾" in why for _, why in result.refused)


def test_own_departments_and_decided_entries_are_refused(scene, both):
    sent, _ = both
    entry = entry_of(sent, kind="summary")
    result = accept_routine(entries=[entry.pk], by=scene.filer, at=timezone.now())
    assert (result.done, len(result.refused)) == ([], 1)
    accept_routine(entries=[entry.pk], by=scene.reviewer, at=timezone.now())
    again = accept_routine(entries=[entry.pk], by=scene.reviewer, at=timezone.now())
    assert [why for _, why in again.refused] == ["顾明远已办理，目前为“已采纳”"]
    assert Move.objects.filter(entry=entry).count() == 1


def test_nothing_ticked_is_said(client, scene, sent):
    client.force_login(scene.reviewer)
    response = client.post(reverse("filings:accept_routine"), follow=True)
    assert messages_of(response) == ["请勾选要采纳的填报项。"]


def test_who_reads_and_who_does_not(client, scene, sent):
    url = reverse("filings:routine")
    for person, status in ((scene.filer, 403), (scene.approver, 403), (make_leader(), 200)):
        client.force_login(person)
        assert client.get(url).status_code == status
    assert client.get(reverse("filings:accept_routine")).status_code == 405
    client.post(reverse("filings:accept_routine"), {"entries": ids(sent)})  # a leader may not decide these
    assert not sent.entries.exclude(decision=Decision.OPEN).exists()

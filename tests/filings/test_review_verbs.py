"""Deciding entries, completing and reopening a review, naming a substitute."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from filings.errors import AlreadyMoved, Refused
from filings.models import Move, Substitute
from filings.queries.rows import sheet_of
from filings.services.review import complete_review, reopen
from filings.terms import Decision, Status
from harbor_plan.lib.moments import local
from reports.models import Summary
from tests.factories import (
    accept,
    close_quarter,
    entry_of,
    file,
    filing_of,
    fill_entry,
    make_approver,
    make_filer,
    make_leader,
    make_reviewer,
    make_sysadmin,
    make_task,
    make_user,
    open_quarter,
)
from tests.filings.review_scene import Scene, decide, progress_of, review_url


@pytest.fixture
def scene(db):
    return Scene()


@pytest.fixture
def sent(scene):
    return scene.send()


# Deciding


def test_accepting_goes_on_to_the_next_undecided_entry_and_counts_at_once(
    client, scene, sent, django_capture_on_commit_callbacks
):
    client.force_login(scene.reviewer)
    entry, following = progress_of(sent), entry_of(sent, kind="contribution")
    with django_capture_on_commit_callbacks(execute=True):
        response = decide(client, entry, "accepted")
    assert response.status_code == 302
    assert response.url == review_url(sent, following)
    entry.refresh_from_db()
    assert (entry.decision, entry.decided_by, entry.return_code, entry.return_note) == (
        "accepted", scene.reviewer, "", "",
    )  # fmt: skip
    move = Move.objects.get(entry=entry)
    assert (move.verb, move.from_status, move.to_status, move.by) == (
        "accept_entry",
        "",
        "accepted",
        scene.reviewer,
    )
    figure = Summary.objects.get(period=sent.period, subject="task", subject_id=scene.task.pk)
    assert figure.reported == 1
    sent.refresh_from_db()
    assert sent.status == Status.SUBMITTED


def test_the_next_entry_is_sought_from_the_top_again_and_the_last_one_stays(client, scene, sent):
    client.force_login(scene.reviewer)
    progress, contribution, summary = sent.entries.order_by("position")
    assert decide(client, summary, "accepted").url == review_url(sent, progress)
    assert decide(client, progress, "accepted").url == review_url(sent, contribution)
    assert decide(client, contribution, "accepted").url == review_url(sent, contribution)


def test_returning_needs_a_code_and_a_note_and_keeps_what_was_typed(client, scene, sent):
    client.force_login(scene.reviewer)
    entry = progress_of(sent)
    response = decide(client, entry, "returned", note="验收单合计30.6公里")
    assert response.status_code == 422
    assert response.context["form"].errors == {"code": ["请选择退回原因。"]}
    assert "验收单合计30.6公里</textarea>" in response.content.decode()
    response = decide(client, entry, "returned", code="R02", note="   ")
    assert response.context["form"].errors == {"note": ["请写明退回意见，填报人才知道改什么。"]}
    entry.refresh_from_db()
    assert entry.decision == Decision.OPEN
    assert not Move.objects.filter(entry=entry).exists()


def test_returning_keeps_code_and_note(client, scene, sent):
    client.force_login(scene.reviewer)
    entry = progress_of(sent)
    assert decide(client, entry, "returned", code="R02", note="按验收单填报").status_code == 302
    entry.refresh_from_db()
    assert (entry.decision, entry.return_code, entry.return_note) == ("returned", "R02", "按验收单填报")
    form = client.get(review_url(sent, entry)).context["form"]
    assert form.initial == {"seen": "returned", "code": "R02", "note": "按验收单填报"}


def test_a_decision_can_be_changed_until_the_review_is_completed(client, scene, sent):
    client.force_login(scene.reviewer)
    entry = progress_of(sent)
    decide(client, entry, "returned", code="R02", note="按验收单填报")
    decide(client, entry, "accepted", seen="returned")
    entry.refresh_from_db()
    assert (entry.decision, entry.return_code, entry.return_note) == ("accepted", "", "")


def test_neither_accept_nor_return_is_refused(client, scene, sent):
    client.force_login(scene.reviewer)
    for decision in ("", "sent_back", "nonsense"):
        response = decide(client, progress_of(sent), decision)
        assert response.status_code == 422
        assert response.context["form"].errors == {"decision": ["请选择采纳或退回。"]}
    assert not sent.entries.exclude(decision=Decision.OPEN).exists()


def test_whoever_comes_second_is_told_who_was_faster_and_keeps_the_note(client, scene, sent):
    """A page from before one's own decision in another tab."""
    client.force_login(scene.reviewer)
    entry = progress_of(sent)
    decide(client, entry, "accepted")
    response = decide(client, entry, "returned", code="R02", note="我打了很久的字")
    assert response.status_code == 409
    page = response.content.decode()
    assert "顾明远已于" in page
    assert "办理“采纳本项”，请刷新页面后再办。" in page
    assert "我打了很久的字</textarea>" in page
    entry.refresh_from_db()
    assert entry.decision == "accepted"
    assert response.context["form"]["seen"].value() == "accepted"
    again = decide(client, entry, "returned", seen="accepted", code="R02", note="我打了很久的字")
    assert again.status_code == 302
    entry.refresh_from_db()
    assert (entry.decision, entry.decided_by) == ("returned", scene.reviewer)


def test_deciding_a_filing_that_is_not_in_review_is_refused(client, scene, sent):
    accept(sent, by=scene.reviewer)
    client.force_login(scene.reviewer)
    response = decide(client, progress_of(sent), "returned", seen="accepted", code="R02", note="晚了")
    assert response.status_code == 409
    assert "目前为“已采纳”，不在审核中" in response.content.decode()
    assert progress_of(sent).decision == Decision.ACCEPTED


def test_who_may_not_decide_gets_403_and_who_may_not_see_404(client, scene, sent):
    entry = progress_of(sent)
    both = make_user(roles=[(Role.OFFICE, scene.plan.office), (Role.FILER, scene.department)])
    for person in (scene.filer, scene.approver, make_leader(), both):
        client.force_login(person)
        assert decide(client, entry, "accepted").status_code == 403
    for person in (make_filer(scene.helper), make_sysadmin()):
        client.force_login(person)
        assert decide(client, entry, "accepted").status_code == 404
    client.force_login(scene.reviewer)
    assert client.get(reverse("filings:decide", args=[entry.pk])).status_code == 405
    assert not sent.entries.exclude(decision=Decision.OPEN).exists()


def test_a_returned_entry_counts_as_filled_again_once_it_is_mended(client, scene, sent):
    entry = progress_of(sent)
    client.force_login(scene.reviewer)
    decide(client, entry, "returned", code="R02", note="按验收单填报")

    def filled():
        sheet = sheet_of(filing_of(sent.period, scene.department), timezone.now())
        return sheet.done, len(sheet.rows)

    assert filled() == (2, 3)
    client.post(reverse("filings:accept_rest", args=[sent.pk]))
    client.post(reverse("filings:complete", args=[sent.pk]))
    assert filled() == (2, 3)
    fill_entry(entry, by=scene.filer)
    assert filled() == (3, 3)


# Accepting the rest, completing


def test_the_rest_is_accepted_and_what_was_returned_stays(client, scene, sent):
    client.force_login(scene.reviewer)
    decide(client, progress_of(sent), "returned", code="R02", note="按验收单填报")
    response = client.post(reverse("filings:accept_rest", args=[sent.pk]), follow=True)
    assert [str(message) for message in response.context["messages"]] == ["已采纳其余 2 项，请完成审核。"]
    assert sorted(sent.entries.values_list("kind", "decision")) == [
        ("contribution", "accepted"),
        ("progress", "returned"),
        ("summary", "accepted"),
    ]


def test_accepting_the_rest_refreshes_the_figures_once(
    client, scene, sent, django_capture_on_commit_callbacks
):
    client.force_login(scene.reviewer)
    with django_capture_on_commit_callbacks() as callbacks:
        client.post(reverse("filings:accept_rest", args=[sent.pk]))
    assert len(callbacks) == 1
    assert Move.objects.filter(filing=sent, verb="accept_entry").count() == 3


def test_accepting_the_rest_of_a_filing_that_is_not_in_review_is_refused(client, scene, sent):
    at = timezone.now()
    accept(sent, by=scene.reviewer, at=at)
    client.force_login(scene.reviewer)
    response = client.post(reverse("filings:accept_rest", args=[sent.pk]), follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        f"顾明远已于 {local(at):%m-%d %H:%M} 办理“审核采纳”，{sent}目前为“已采纳”，不在审核中。请刷新页面查看最新状态。"
    ]


def test_completing_moves_the_filing(client, scene, sent):
    client.force_login(scene.reviewer)
    url = reverse("filings:complete", args=[sent.pk])
    response = client.post(url, follow=True)
    assert [str(m) for m in response.context["messages"]] == ["还有 3 项未审，逐项采纳或退回后才能完成审核。"]
    client.post(reverse("filings:accept_rest", args=[sent.pk]))
    response = client.post(url)
    assert response.url == reverse("filings:queue")
    sent.refresh_from_db()
    assert (sent.status, sent.returns) == (Status.ACCEPTED, 0)


def test_completing_with_a_return_returns_the_filing(client, scene, sent):
    client.force_login(scene.reviewer)
    decide(client, progress_of(sent), "returned", code="R02", note="按验收单填报")
    client.post(reverse("filings:accept_rest", args=[sent.pk]))
    client.post(reverse("filings:complete", args=[sent.pk]))
    sent.refresh_from_db()
    assert (sent.status, sent.returns) == (Status.RETURNED, 1)


def test_completing_twice_says_who_was_faster_and_where_the_filing_stands(client, scene, sent):
    at = timezone.now()
    accept(sent, by=scene.reviewer, at=at)
    client.force_login(scene.reviewer)
    response = client.post(reverse("filings:complete", args=[sent.pk]), follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        f"顾明远已于 {local(at):%m-%d %H:%M} 办理“审核采纳”，{sent}目前为“已采纳”，不能审核采纳。请刷新页面查看最新状态。"
    ]


def test_whoever_completes_second_is_told_who_was_faster(scene, sent):
    seen = filing_of(sent.period, scene.department)
    accept(sent, by=scene.reviewer)
    with pytest.raises(AlreadyMoved) as refused:
        complete_review(filing=seen, by=make_reviewer(scene.plan.office), at=timezone.now())
    assert refused.value.sentence.startswith("顾明远已于")
    assert "办理“审核采纳”" in refused.value.sentence
    assert Move.objects.filter(filing=sent, verb="accept").count() == 1


# Reopening


def test_an_accepted_filing_is_reopened_before_its_period_closes(client, scene, sent):
    accept(sent, by=scene.reviewer)
    client.force_login(scene.reviewer)
    entry = progress_of(sent)
    url = reverse("filings:reopen", args=[sent.pk])
    assert list(client.get(review_url(sent)).context["reopen_form"].fields["entries"].queryset) == list(
        sent.entries.order_by("position")
    )
    response = client.post(url, {"entries": [entry.pk], "code": "R02", "note": "核查发现未验收"}, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["已退回 1 项，甲局改正后重新报送。"]
    sent.refresh_from_db()
    entry.refresh_from_db()
    assert (sent.status, sent.returns) == (Status.RETURNED, 1)
    assert (entry.decision, entry.return_code, entry.return_note) == ("returned", "R02", "核查发现未验收")
    assert sent.entries.filter(decision=Decision.ACCEPTED).count() == 2


def test_reopening_needs_entries_a_code_and_a_note(client, scene, sent):
    accept(sent, by=scene.reviewer)
    client.force_login(scene.reviewer)
    response = client.post(reverse("filings:reopen", args=[sent.pk]), {"note": "写了的意见"})
    assert response.status_code == 422
    assert response.context["reopen_form"].errors == {
        "entries": ["请勾选要退回的填报项。"],
        "code": ["请选择退回原因。"],
    }
    assert "写了的意见</textarea>" in response.content.decode()
    sent.refresh_from_db()
    assert sent.status == Status.ACCEPTED


def test_after_closing_a_change_is_a_correction(client, scene, sent):
    accept(sent, by=scene.reviewer)
    close_quarter(sent.period)
    client.force_login(scene.reviewer)
    page = client.get(review_url(sent))
    assert page.context["reopen_form"] is None
    assert "改动须作更正并发布新版本" in page.content.decode()
    data = {"entries": [progress_of(sent).pk], "code": "R02", "note": "晚了"}
    response = client.post(reverse("filings:reopen", args=[sent.pk]), data, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "2020年第4季度已关账，不能再退回；请用“更正”，更正后发布新版本。"
    ]
    sent.refresh_from_db()
    assert sent.status == Status.ACCEPTED


def test_a_page_from_before_the_closing_reopens_nothing(scene, sent):
    seen = accept(sent, by=scene.reviewer)
    assert seen.period.closed_at is None
    close_quarter(filing_of(seen.period, scene.department).period)
    notes = {progress_of(seen).pk: ("R02", "晚了")}
    with pytest.raises(Refused) as refused:
        reopen(filing=seen, notes=notes, by=scene.reviewer, at=timezone.now())
    assert refused.value.axis == "window"


# The substitute


def test_a_leader_names_a_substitute_on_the_desk(client, scene):
    make_task(scene.action, lead=scene.plan.office)
    filing = filing_of(open_quarter(scene.plan), scene.plan.office)
    filer, approver = make_filer(scene.plan.office), make_approver(scene.plan.office)
    filing = file(filing, by=filer, signed_by=approver)
    leader, substitute = make_leader(name="沈卫国"), make_approver(scene.helper, name="陈思远")
    client.force_login(leader)
    choices = client.get(review_url(filing)).context["substitute_form"].fields["user"].queryset
    assert substitute in choices
    assert f"陈思远（{scene.helper}）" in client.get(review_url(filing)).content.decode()
    assert not {filer, approver, scene.reviewer} & set(choices)
    url = reverse("filings:substitute", args=[filing.pk])
    response = client.post(url, {"user": substitute.pk, "reason": ""})
    assert response.status_code == 422
    assert response.context["substitute_form"].errors == {"reason": ["请写明指定代审的理由。"]}
    response = client.post(url, {"user": substitute.pk, "reason": "牵头办公室自报"}, follow=True)
    assert [str(message) for message in response.context["messages"]] == [f"已指定陈思远代审{filing}。"]
    assert Substitute.objects.get().user == substitute
    client.force_login(substitute)
    assert client.get(review_url(filing)).context["desk"].may_decide
    assert decide(client, filing.entries.first(), "accepted").status_code == 302


def test_only_a_leader_names_a_substitute(client, scene, sent):
    url = reverse("filings:substitute", args=[sent.pk])
    data = {"user": scene.reviewer.pk, "reason": "代审"}
    for person, status in ((scene.reviewer, 403), (scene.filer, 403), (make_filer(scene.helper), 404)):
        client.force_login(person)
        assert client.post(url, data).status_code == status
    client.force_login(make_leader())
    response = client.post(url, data, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        f"{sent}仍有可审核的人员，无须指定代审。"
    ]
    assert not Substitute.objects.exists()


@pytest.mark.parametrize("name", ["accept_rest", "complete", "reopen", "substitute"])
def test_verbs_are_posted_by_those_who_may(client, scene, sent, name):
    url = reverse(f"filings:{name}", args=[sent.pk])
    client.force_login(scene.reviewer)
    assert client.get(url).status_code == 405
    client.force_login(scene.approver)
    assert client.post(url).status_code == 403
    client.force_login(make_filer(scene.helper))
    assert client.post(url).status_code == 404
    sent.refresh_from_db()
    assert sent.status == Status.SUBMITTED
    assert not sent.entries.exclude(decision=Decision.OPEN).exists()

"""Joint work in its verbs: what others may read, taking over, countersigning, and who is asked."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from audit.models import Event
from filings.errors import AlreadyMoved, Refused
from filings.models import Countersignature, Entry
from filings.queries.beside import beside
from filings.queries.joint import count_waiting, countersigned, desks, overview
from filings.services.entries import correct_entry
from filings.services.exemptions import exempt
from filings.services.joint import confirm_many
from filings.services.moves import send_back, submit
from filings.services.review import accept_rest, complete_review, decide_entry
from filings.services.windows import open_period
from filings.terms import Consent, Decision
from tests import factories as f
from tests.filings.joint_scene import DAY, Joint

pytestmark = pytest.mark.django_db


@pytest.fixture
def joint():
    return Joint()


def states(joint, at=None):
    """Department name and state of each word on the lead's entry."""
    found = countersigned([joint.entry()], at or joint.at)[joint.entry().pk]
    return {str(word.department): word.state for word in found.words}


def others(joint):
    """Name, state word, text and note of what stands beside the lead's entry."""
    return [(o.name, o.state[1], o.words, o.note) for o in beside(joint.entry(), joint.at).others]


def give_back(joint, entry, note="请补充"):
    """The office returns one entry and completes the review."""
    filing = entry.filing
    decide_entry(
        entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code="R04", note=note, by=joint.office, at=joint.at
    )  # fmt: skip
    accept_rest(filing=filing, by=joint.office, at=joint.at)
    complete_review(filing=f.filing_of(joint.period, filing.department), by=joint.office, at=joint.at)


# What the lead reads


def test_a_draft_of_another_department_is_not_read_before_it_is_signed(joint):
    assert others(joint) == [("住建局", "未报", "", ""), ("港务局", "未报", "", "")]
    f.fill_entry(joint.entry(joint.first, "contribution"), by=joint.filers[joint.first], text="已拆除 3 处")
    assert others(joint)[0] == ("住建局", "填报中", "", "草稿不显示")
    submit(filing=f.filing_of(joint.period, joint.first), by=joint.filers[joint.first], at=joint.at)
    assert others(joint)[0] == ("住建局", "待签发", "", "签发报送后可以查看")


def test_sent_words_are_read_and_what_is_being_mended_reads_as_sent_last(joint):
    joint.send(joint.first, text="已拆除 3 处")
    assert others(joint)[0] == ("住建局", "已报", "已拆除 3 处", "")
    give_back(joint, joint.entry(joint.first, "contribution"))
    f.fill_entry(joint.entry(joint.first, "contribution"), by=joint.filers[joint.first], text="改为 5 处")
    assert others(joint)[0] == ("住建局", "已报", "已拆除 3 处", "正在修改，所示为最近一次报送的内容")


def test_accepted_words_say_so(joint):
    joint.send(joint.first, text="已拆除 3 处")
    accept_rest(filing=f.filing_of(joint.period, joint.first), by=joint.office, at=joint.at)
    assert others(joint)[0] == ("住建局", "已采纳", "已拆除 3 处", "")


# Taking over


def take(client, joint, source, **typed):
    entry = joint.entry()
    data = {"version": entry.version, "source": source.pk} | typed
    return client.post(reverse("filings:take_words", args=[entry.pk]), data)


def test_words_are_taken_over_after_what_is_typed_with_the_departments_name(joint, client):
    joint.send(joint.first, text="已拆除 3 处")
    client.force_login(joint.filers[joint.lead])
    response = take(client, joint, joint.entry(joint.first, "contribution"), text="开工两项。", percent="40")
    entry = joint.entry()
    assert response.status_code == 302
    assert response.headers["Location"].endswith(f"/filings/{entry.filing_id}/edit/?entry={entry.pk}#f-text")
    assert (entry.text, entry.percent, entry.version) == ("开工两项。\n【住建局】已拆除 3 处", 40, 1)


def test_taking_over_without_the_other_inputs_keeps_what_is_stored(joint, client):
    joint.send(joint.first, text="已拆除 3 处")
    f.fill_entry(joint.entry(), by=joint.filers[joint.lead], text="开工两项。", percent=40)
    client.force_login(joint.filers[joint.lead])
    take(client, joint, joint.entry(joint.first, "contribution"))
    assert (joint.entry().text, joint.entry().percent) == ("开工两项。\n【住建局】已拆除 3 处", 40)


def test_words_are_taken_over_once(joint, client):
    joint.send(joint.first, text="已拆除 3 处")
    client.force_login(joint.filers[joint.lead])
    source = joint.entry(joint.first, "contribution")
    take(client, joint, source)
    response = take(client, joint, source)
    assert response.status_code == 409
    assert "住建局的配合情况已经取用，不必重复取用。" in response.content.decode()
    assert joint.entry().text == "【住建局】已拆除 3 处"


@pytest.mark.parametrize("step", ["nothing", "draft"])
def test_words_that_were_not_sent_are_not_taken_over(joint, client, step):
    source = joint.entry(joint.first, "contribution")
    if step == "draft":
        f.fill_entry(source, by=joint.filers[joint.first], text="草稿里的秘密")
    client.force_login(joint.filers[joint.lead])
    response = take(client, joint, source, text="我的文字")
    assert response.status_code == 409
    assert "住建局的配合情况尚未报送，报送后才能取用。" in response.content.decode()
    assert "我的文字" in response.content.decode()
    assert "秘密" not in response.content.decode()
    assert joint.entry().text == ""


def test_what_belongs_to_another_task_is_not_taken_over(joint, client):
    joint.send(joint.first)
    client.force_login(joint.filers[joint.lead])
    response = take(client, joint, joint.entry())
    assert response.status_code == 422
    assert "所选配合情况不属于本任务本季" in response.content.decode()


def test_the_longest_text_is_not_exceeded(joint, client):
    joint.send(joint.first, text="配" * 100)
    client.force_login(joint.filers[joint.lead])
    response = take(client, joint, joint.entry(joint.first, "contribution"), text="牵" * 4900)
    assert response.status_code == 422
    assert "取用后共 5006 字，超过 5000 字" in response.content.decode()


def test_a_second_tab_is_told_and_nothing_is_lost(joint, client):
    joint.send(joint.first, text="已拆除 3 处")
    f.fill_entry(joint.entry(), by=joint.filers[joint.lead], text="另一页写的")
    client.force_login(joint.filers[joint.lead])
    source = joint.entry(joint.first, "contribution")
    response = client.post(
        reverse("filings:take_words", args=[joint.entry().pk]),
        {"version": 0, "source": source.pk, "text": "这一页写的"},
    )
    assert response.status_code == 409
    assert joint.entry().text == "另一页写的"
    assert "这一页写的" in response.content.decode()


def test_others_do_not_take_over(joint, client):
    joint.send(joint.first)
    source = joint.entry(joint.first, "contribution")
    for person, code in (
        (joint.filers[joint.second], 404),
        (joint.office, 403),
        (joint.approvers[joint.lead], 403),
    ):
        client.force_login(person)
        assert take(client, joint, source).status_code == code
    assert joint.entry().version == 0


# Countersigning


def test_every_cooperating_department_is_asked_once_the_lead_has_sent(joint):
    assert states(joint) == {}
    assert count_waiting(joint.filers[joint.first], joint.at) == 0
    joint.send()
    assert states(joint) == {"住建局": "waiting", "港务局": "waiting"}
    for department in (joint.first, joint.second):
        assert count_waiting(joint.filers[department], joint.at) == 1
        assert count_waiting(joint.approvers[department], joint.at) == 1
    assert count_waiting(joint.filers[joint.lead], joint.at) == 0
    assert count_waiting(joint.office, joint.at) == 0


def test_the_three_words(joint):
    joint.send()
    joint.sign(joint.first)
    joint.sign(joint.second, Consent.CONTESTED, " 完成比例偏高 ")
    assert states(joint) == {"住建局": "confirmed", "港务局": "contested"}
    words = Countersignature.objects.order_by("id")
    assert [(w.department, w.consent, w.text, w.version_no, w.by) for w in words] == [
        (joint.first, "confirmed", "", 1, joint.filers[joint.first]),
        (joint.second, "contested", "完成比例偏高", 1, joint.filers[joint.second]),
    ]
    event = Event.objects.filter(verb="entry.countersign").first()
    assert event.after == {"单位": "港务局", "会签": "有异议", "版本": 1}
    assert event.note == "完成比例偏高"
    assert count_waiting(joint.filers[joint.first], joint.at) == 0


def test_the_last_word_holds_and_the_earlier_is_kept(joint):
    joint.send()
    joint.sign(joint.first, Consent.CONTESTED, "数不对")
    joint.sign(joint.first, by=joint.approvers[joint.first])
    assert states(joint)["住建局"] == "confirmed"
    assert Countersignature.objects.count() == 2


def test_the_same_word_twice_names_who_gave_it(joint):
    joint.send()
    joint.sign(joint.first)
    with pytest.raises(AlreadyMoved, match=r"住建局填报人已于 .* 对“治理废气”会签“同意”，不必重复会签。"):
        joint.sign(joint.first, by=joint.approvers[joint.first])
    assert Countersignature.objects.count() == 1


def test_other_words_ask_again_and_the_same_words_do_not(joint):
    joint.send(text="完成两处", problems="")
    joint.sign(joint.first)
    joint.sign(joint.second, Consent.CONTESTED, "只有一处")
    give_back(joint, joint.entry())
    f.fill_entry(joint.entry(), by=joint.filers[joint.lead], text="完成一处")
    assert states(joint) == {"住建局": "confirmed", "港务局": "contested"}  # a draft asks nobody
    joint.send()
    assert states(joint) == {"住建局": "waiting", "港务局": "waiting"}
    found = countersigned([joint.entry()], joint.at)[joint.entry().pk]
    assert [str(word.department) for word in found.notable] == ["港务局"]
    with pytest.raises(AlreadyMoved, match="重新报送“治理废气”，内容有改动"):
        joint.sign(joint.second, version_no=1)
    joint.sign(joint.second)
    assert states(joint) == {"住建局": "waiting", "港务局": "confirmed"}
    assert countersigned([joint.entry()], joint.at)[joint.entry().pk].notable == []


@pytest.mark.parametrize("consent", [Consent.AMENDED, Consent.CONTESTED])
def test_an_amendment_says_what_and_an_objection_why(joint, consent):
    joint.send()
    with pytest.raises(Refused, match="请写明") as refused:
        joint.sign(joint.first, consent, "  ")
    assert refused.value.axis == "content"
    with pytest.raises(Refused, match="最多 1000 字，现有 1001 字"):
        joint.sign(joint.first, consent, "长" * 1001)
    assert not Countersignature.objects.exists()


def test_who_is_asked_and_who_is_not(joint):
    """A group's convenor signs for it, an exempt department is not asked, nor one that leads, and each once."""
    group = f.make_department("各成员单位", kind="group", convenor=joint.second)
    led = f.make_department("委派组", kind="group", convenor=joint.lead)
    f.make_responsibility(joint.task, group)
    f.make_responsibility(joint.task, led)
    third = f.make_department("海事处")
    f.make_responsibility(joint.task, third)
    doubtful = f.make_department("存疑单位", owes=False)
    f.make_responsibility(joint.task, doubtful)
    period = f.open_quarter(joint.plan, 2020, 3, at=joint.at)
    period.countersign_by = joint.at + 15 * DAY
    period.save()
    joint.period = period
    exempt(
        period=period,
        department=joint.first,
        reason="机构改革",
        approver="高为民",
        by=joint.office,
        at=joint.at,
    )
    joint.send()
    assert states(joint) == {"港务局": "waiting", "海事处": "waiting"}
    assert [len(desk.waiting) for desk in desks(joint.filers[joint.second], joint.at)] == [1, 0]
    assert count_waiting(joint.filers[joint.second], joint.at) == 1
    for department in (joint.first, joint.lead):
        with pytest.raises(Refused, match="不需要会签") as refused:
            joint.sign(department)
        assert refused.value.axis == "permission"


def test_the_deadline_includes_its_moment_and_then_the_word_is_missing(joint):
    joint.send()
    until = joint.period.countersign_by
    joint.sign(joint.first, at=until)
    with pytest.raises(
        Refused, match=r"会签已于 .* 截止，未会签的记为逾期未会签。仍有意见的，请联系推进办。"
    ) as refused:
        joint.sign(joint.second, at=until + timedelta(seconds=1))
    assert refused.value.axis == "window"
    assert states(joint, until) == {"住建局": "confirmed", "港务局": "waiting"}
    assert states(joint, until + timedelta(seconds=1)) == {"住建局": "confirmed", "港务局": "missing"}
    assert count_waiting(joint.filers[joint.second], until + timedelta(seconds=1)) == 0


def test_what_is_sent_after_the_deadline_is_countersigned_by_nobody(joint):
    late = joint.period.countersign_by + DAY
    joint.send(at=late)
    assert states(joint, late) == {"住建局": "not_asked", "港务局": "not_asked"}


def test_nothing_blocks_the_review(joint):
    joint.send()
    joint.sign(joint.first, Consent.CONTESTED, "不同意")
    assert f.accept(f.filing_of(joint.period, joint.lead), by=joint.office, at=joint.at).status == "accepted"


def test_a_closed_quarter_is_not_countersigned_and_a_correction_asks_nobody(joint):
    joint.send()
    f.accept(f.filing_of(joint.period, joint.lead), by=joint.office, at=joint.at)
    joint.sign(joint.first)
    f.close_quarter(joint.period, at=joint.at)
    with pytest.raises(Refused, match="已关账，不能再会签。"):
        joint.sign(joint.second)
    correct_entry(entry=joint.entry(), values={"text": "更正后"}, reason="笔误", by=joint.office, at=joint.at)
    assert states(joint) == {"住建局": "confirmed", "港务局": "missing"}


def test_without_a_date_nothing_is_countersigned():
    joint = Joint(countersigned=False)
    joint.send()
    assert countersigned([joint.entry()], joint.at) == {}
    assert count_waiting(joint.filers[joint.first], joint.at) == 0
    with pytest.raises(Refused, match="没有设会签时限，不需要会签。") as refused:
        joint.sign(joint.first)
    assert refused.value.axis == "window"


def test_only_what_was_sent_is_countersigned_by_people_of_the_department(joint):
    with pytest.raises(Refused, match="牵头局尚未报送“治理废气”") as refused:
        joint.sign(joint.first, version_no=1)
    assert refused.value.axis == "status"
    joint.send()
    for person in (joint.filers[joint.second], joint.office, joint.filers[joint.lead]):
        with pytest.raises(Refused, match="由住建局的填报人或签发人会签") as refused:
            joint.sign(joint.first, by=person)
        assert refused.value.axis == "permission"


def test_several_are_confirmed_at_once_or_none(joint):
    f.make_task(joint.action, lead=joint.lead, cooperating=[joint.first], title="治理扬尘")
    joint.period = f.open_quarter(joint.plan, 2020, 3, at=joint.at)
    joint.period.countersign_by = joint.at + 15 * DAY
    joint.period.save()
    filing = f.filing_of(joint.period, joint.lead)
    f.file(filing, by=joint.filers[joint.lead], signed_by=joint.approvers[joint.lead], at=joint.at)
    pks = list(Entry.objects.filter(filing=filing, kind="progress").values_list("pk", flat=True))
    assert len(pks) == 2
    by = joint.filers[joint.first]
    with pytest.raises(AlreadyMoved), transaction.atomic():
        confirm_many(seen={pks[0]: 1, pks[1]: 2}, department=joint.first, by=by, at=joint.at)
    assert not Countersignature.objects.exists()
    assert confirm_many(seen=dict.fromkeys(pks, 1), department=joint.first, by=by, at=joint.at) == 2
    assert count_waiting(by, joint.at) == 0
    with pytest.raises(Refused, match="请勾选要同意的任务"):
        confirm_many(seen={}, department=joint.first, by=by, at=joint.at)


def test_the_overview_counts_and_shows_contested_and_missing_first(joint):
    joint.send()
    joint.sign(joint.second, Consent.CONTESTED, "数不对")
    late = joint.period.countersign_by + DAY
    found = overview(joint.period, show="", at=late)
    assert {key: count for key, _, count in found.counts if count} == {"contested": 1, "missing": 1}
    assert [(str(line.word.department), line.word.state) for line in found.lines] == [
        ("港务局", "contested"), ("住建局", "missing"),
    ]  # fmt: skip
    assert overview(joint.period, show="missing", at=late).lines == found.lines[1:]


def test_the_approver_sending_back_changes_nothing_for_the_others(joint):
    """What waits for a signature was not sent."""
    f.fill(f.filing_of(joint.period, joint.lead), by=joint.filers[joint.lead], at=joint.at)
    submit(filing=f.filing_of(joint.period, joint.lead), by=joint.filers[joint.lead], at=joint.at)
    assert states(joint) == {}
    entry = joint.entry()
    send_back(
        filing=f.filing_of(joint.period, joint.lead), notes={entry.pk: ("R01", "再写")},
        by=joint.approvers[joint.lead], at=joint.at,
    )  # fmt: skip
    assert states(joint) == {}
    assert open_period(period=joint.period, by=None, at=joint.at) is False

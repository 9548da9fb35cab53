"""The draft of an action's summary: golden texts, how it joins what is typed, and the button on the desk."""

from datetime import date
from decimal import Decimal as D

import pytest
from django.urls import reverse

from filings.drafting import TaskLine, draft, merged
from filings.errors import Refused
from filings.services.joint import with_draft
from filings.terms import Consent, Pace
from targets.terms import Standing
from tests import factories as f
from tests.filings.joint_scene import Joint

ON_TRACK = TaskLine(
    "1.1", "治理废气", "甲局", standing=Standing.ON_TRACK, percent=D(60), expected=D(50), text="拆除 3 处。\n通过验收。"
)  # fmt: skip
BEHIND = TaskLine(
    "1.2", "治理扬尘", "乙局", standing=Standing.BEHIND, percent=D("37.5"), expected=D(50), text="开工",
    problems="用地未落实。", cause="审批慢；", next_steps="月底前开工", next_on=date(2020, 9, 20),
    contests=(("丙局", "工地只有两处。"),),
)  # fmt: skip
MISSING = TaskLine("1.3", "治理尾气", "丙局", is_sent=False)


def test_the_whole_draft():
    assert draft([ON_TRACK, BEHIND, MISSING]) == (
        "本行动共 3 项任务，牵头单位已报 2 项，自评正常 1 项、滞后 1 项；"
        "2 项有完成比例，平均完成 48.8%，平均序时 50.0%，落后 1.3 个百分点；尚未报送：1.3 治理尾气（丙局）。\n"
        "各任务进展：\n"
        "1.1 治理废气（甲局）：完成 60%（序时 50%），拆除 3 处。 通过验收。\n"
        "1.2 治理扬尘（乙局）：完成 37.5%（序时 50%），开工。\n"
        "滞后任务及措施：\n"
        "1.2 治理扬尘（乙局）：落后序时 12.5 个百分点；存在问题：用地未落实；原因：审批慢；下一步：月底前开工；时限：2020年9月20日。\n"
        "会签异议：\n"
        "1.2 治理扬尘（乙局）：丙局有异议：工地只有两处。"
    )


def test_one_task_on_time_has_no_empty_parts():
    line = TaskLine(
        "4.1", "治水", "甲局", standing=Standing.DONE, percent=D(50), expected=D(50), text="已完成"
    )
    assert draft([line]) == (
        "本行动共 1 项任务，牵头单位已报 1 项，自评已完成 1 项；1 项有完成比例，平均完成 50.0%，平均序时 50.0%，持平。\n"
        "各任务进展：\n4.1 治水（甲局）：完成 50%（序时 50%），已完成。"
    )


def test_behind_by_its_own_rating_only():
    line = TaskLine("4.1", "治水", "甲局", standing=Standing.LATE, percent=D(70), expected=D(50))
    assert draft([line]).splitlines()[-2:] == ["滞后任务及措施：", "4.1 治水（甲局）：自评滞后。"]


def test_without_a_percent_no_mean_is_made_up():
    assert draft([TaskLine("4.1", "治水", "甲局", text="本季无工作：停工")]) == (
        "本行动共 1 项任务，牵头单位已报 1 项。\n各任务进展：\n4.1 治水（甲局）：本季无工作：停工。"
    )


def test_nothing_sent_is_nothing_drafted():
    assert draft([MISSING]) == ""
    assert draft([]) == ""


@pytest.mark.parametrize(
    ("text", "how", "joined"),
    [
        ("", "", "草拟"),
        (" \n", "append", "草拟"),
        ("已写。\n", "append", "已写。\n草拟"),
        ("已写。", "replace", "草拟"),
    ],
)
def test_how_a_draft_joins_what_is_typed(text, how, joined):
    assert merged(text, "草拟", how) == joined


def test_no_other_way_of_joining():
    with pytest.raises(ValueError, match="'' is no way"):
        merged("已写", "草拟", "")


@pytest.mark.parametrize(
    ("text", "how", "is_sure", "sentence"),
    [
        ("已写", "", False, "请选择把草拟内容接在后面，还是替换已填文字。"),
        ("已写", "replace", False, "请先勾选“确认替换”。"),
        ("已写\n草拟", "append", False, "草拟内容已经在小结中，不必重复填入。"),
        ("长" * 4999, "append", False, "填入后共 5002 字，超过 5000 字"),
    ],
)
def test_typed_text_is_never_lost(text, how, is_sure, sentence):
    with pytest.raises(Refused, match=sentence):
        with_draft(text, "草拟", how, is_sure=is_sure)


# The button


@pytest.fixture
def joint(db):
    return Joint()


def post(client, joint, **typed):
    """The office's own summary, for an action of which it leads no task."""
    entry = joint.entry(joint.plan.office, "summary")
    return client.post(reverse("filings:draft_summary", args=[entry.pk]), {"version": entry.version} | typed)


def test_an_office_without_tasks_drafts_from_what_others_sent(joint, client):
    joint.send(
        percent=D(30), self_light=Standing.BEHIND, pace=Pace.DELAYED, text="开工", problems="缺人", cause="编制",
        next_steps="招人", next_on=date(2020, 9, 1),
    )  # fmt: skip
    joint.sign(joint.second, Consent.CONTESTED, "没有开工")
    client.force_login(joint.filers[joint.plan.office])
    assert post(client, joint).status_code == 302
    assert joint.entry(joint.plan.office, "summary").text == (
        "本行动共 1 项任务，牵头单位已报 1 项，自评滞后 1 项；1 项有完成比例，平均完成 30.0%，平均序时 50.0%，落后 20.0 个百分点。\n"
        "各任务进展：\n1.1 治理废气（牵头局）：完成 30%（序时 50%），开工。\n"
        "滞后任务及措施：\n1.1 治理废气（牵头局）：落后序时 20 个百分点；存在问题：缺人；原因：编制；下一步：招人；时限：2020年9月1日。\n"
        "会签异议：\n1.1 治理废气（牵头局）：港务局有异议：没有开工。"
    )


def test_a_typed_summary_is_replaced_only_when_that_is_confirmed(joint, client):
    joint.send()
    client.force_login(joint.filers[joint.plan.office])
    response = post(client, joint, text="我的小结", how="replace")
    assert response.status_code == 422
    assert "我的小结" in response.content.decode()
    assert joint.entry(joint.plan.office, "summary").text == ""
    post(client, joint, text="我的小结", how="append")
    assert joint.entry(joint.plan.office, "summary").text.startswith("我的小结\n本行动共 1 项任务")
    post(client, joint, text="我的小结", how="replace", sure="1")
    assert joint.entry(joint.plan.office, "summary").text.startswith("本行动共 1 项任务")


def test_drafts_of_others_are_not_drafted_from(joint, client):
    f.fill_entry(joint.entry(), by=joint.filers[joint.lead], text="秘密")
    client.force_login(joint.filers[joint.plan.office])
    response = post(client, joint)
    assert response.status_code == 409
    assert "本行动各任务牵头单位都还没有报送" in response.content.decode()
    assert "秘密" not in response.content.decode()

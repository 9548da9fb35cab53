"""Two reviewers at one filing: claimed, an entry returned and talked about, mended, a changed light confirmed by the second."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from filings.models import Entry, Move, Remark
from filings.services.review_rule import set_second_level
from filings.terms import Decision, Status
from tests import factories as f
from tests.filings.scene import Scene
from tests.journeys.desk import confirm, says

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

FILING = "牵头局 2020年第2季度报送"
RETURN = "验收单合计 30.6 公里，请按验收单填报"
QUESTION = "验收单哪天出具的？"
ANSWER = "6月28日出具，<附件>已补"


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The second quarter of 2020, sent with a light that fell since the first; a second reviewer is asked for."""
    scene = Scene()
    before = f.open_quarter(scene.plan, 2020, 1, at=scene.at - timedelta(days=1))
    f.file(f.filing_of(before, scene.lead), by=scene.filer, signed_by=scene.approver)
    f.fill_entry(
        scene.progress,
        by=scene.filer,
        percent=Decimal(45),
        problems="征地",
        cause="审批",
        next_steps="赶工",
        next_on=scene.period.last_day,
    )
    scene.send()
    set_second_level(
        plan=scene.plan, on=True, seen=False, reason="核实亮灯变化", by=scene.reviewer, at=scene.at
    )
    return scene


@pytest.fixture
def second(scene: Scene) -> User:
    return f.make_reviewer(scene.plan.office, name="林晓雯")


def review_of(scene: Scene, entry: Entry | None = None) -> str:
    url = reverse("filings:review", args=[scene.filing.pk])
    return f"{url}?entry={entry.pk}" if entry else url


def test_two_reviewers_and_a_department(scene: Scene, second: User, page_of: Callable[..., Page]) -> None:
    first, other, filer = page_of(scene.reviewer), page_of(second), page_of(scene.filer)
    summary = scene.entry("summary")

    first.goto("/filings/queue/")
    first.get_by_role("row", name="牵头局 2020年第2季度").get_by_role("link", name="审核").click()
    first.get_by_role("button", name="认领").click()
    says(first, f"您已认领{FILING}的审核。", "亮灯变化 1 项，您已认领")

    other.goto("/filings/queue/")
    row = other.get_by_role("row", name="牵头局 2020年第2季度")
    expect(row).to_contain_text("顾明远")
    row.get_by_role("link", name="审核").click()
    says(other, "正在审核这份报送；其他人可以查看，接手后才能审核。")
    expect(other.get_by_role("button", name="采纳本项")).to_have_count(0)

    first.goto(review_of(scene, summary))
    first.locator(".decide").get_by_label("退回原因").select_option(label="R02 数据与佐证不一致")
    first.locator(".decide").get_by_label("退回意见").fill(RETURN)
    first.get_by_role("button", name="退回本项").click()
    first.goto(review_of(scene, summary))
    first.get_by_label("发言").fill(QUESTION)
    first.get_by_role("button", name="发出").click()
    says(first, "意见已发出", QUESTION, "等待填报单位答复")

    filer.goto("/filings/")
    says(filer, "审核方有 1 项往来意见待本单位答复")
    filer.get_by_role("link", name=summary.title).first.click()
    filer.get_by_label("答复").fill(ANSWER)
    filer.get_by_role("button", name="发出").click()
    says(filer, ANSWER, "等待审核方答复")

    first.goto(review_of(scene, summary))
    says(first, ANSWER)
    expect(first.locator("#thread")).to_contain_text("待答复")
    first.goto(review_of(scene, scene.progress))
    says(first, "采纳后须由另一人复审，才计入汇总。")
    confirm(first, "其中 1 项亮灯变化，采纳后须由另一人复审才计入汇总。", "全部无异议的采纳（4 项）")
    says(first, "已采纳其余 4 项，请完成审核。")
    confirm(first, "1 项亮灯有变化，转另一人复审。", "完成初审（1 项转复审）")
    says(first, f"{FILING}初审完成")
    first.goto(review_of(scene))
    says(first, "您不能审核：您已办理初审，复审须由他人办理")

    other.goto(review_of(scene))
    says(other, "复审：顾明远", "1 项亮灯与上季不同")
    other.get_by_role("button", name="复审采纳本项").click()
    confirm(other, "退回 1 项，牵头局改正后重新报送。", "完成复审（退回 1 项）")
    says(other, f"{FILING}审核完成，已退回，请改正后重新报送。")

    assert (scene.filing.status, scene.filing.returns) == (Status.RETURNED, 1)
    assert (scene.progress.decision, scene.progress.decided_by) == (Decision.ACCEPTED, second)
    assert scene.entry("summary").decision == Decision.RETURNED
    verbs = Move.objects.filter(entry=scene.progress).values_list("verb", "by__name")
    assert list(verbs) == [("pass_entry", "顾明远"), ("confirm_entry", "林晓雯")]
    assert list(Remark.objects.values_list("text", "is_office")) == [(QUESTION, True), (ANSWER, False)]

    filer.goto("/filings/")
    says(filer, RETURN)

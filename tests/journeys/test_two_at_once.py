"""Two people at one thing: whoever is second is told who was faster, and nothing they typed is lost."""

import re
from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from filings.models import Move
from filings.services.claims import release
from filings.services.moves import submit
from filings.services.review import accept_rest
from filings.terms import Decision, Status
from tests import factories as f
from tests.filings.scene import Scene
from tests.journeys.desk import confirm, main

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

WHEN = r"\d\d-\d\d \d\d:\d\d"
FILING = "牵头局 2020年第2季度报送"
Pages = tuple[Page, Page]


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The second quarter of 2020, seen by the live server too."""
    return Scene()


@pytest.fixture
def both_open(page_of: Callable[..., Page]) -> Callable[..., Pages]:
    """Opens one address for two people, each in a browser of their own."""

    def open_(address: str, first: User, second: User) -> Pages:
        pages = page_of(first), page_of(second)
        for page in pages:
            page.goto(address)
        return pages

    return open_


def told(page: Page, sentence: str) -> None:
    """The page says what the pattern says."""
    expect(main(page)).to_contain_text(re.compile(sentence))


def test_two_reviewers_decide_one_entry(scene: Scene, both_open: Callable[..., Pages]) -> None:
    scene.send()
    colleague = f.make_reviewer(scene.plan.office, name="林晓雯")
    address = f"{reverse('filings:review', args=[scene.filing.pk])}?entry={scene.progress.pk}"
    first, second = both_open(address, scene.reviewer, colleague)
    first.get_by_role("button", name="采纳本项").click()
    expect(main(first)).to_contain_text("已审 1/5")
    second.locator(".decide").get_by_label("退回原因").select_option(label="R01 内容空洞")
    second.locator(".decide").get_by_label("退回意见").fill("请写明数量")
    second.get_by_role("button", name="退回本项").click()
    told(second, rf"顾明远（{WHEN} 认领或办理）正在审核{FILING}，为免重复审核，请另选一份")
    expect(second.locator(".decide").get_by_label("退回意见")).to_have_value("请写明数量")
    assert (scene.progress.decision, scene.progress.decided_by) == (Decision.ACCEPTED, scene.reviewer)
    second.get_by_label("接手理由").fill("顾明远外出")
    second.get_by_role("button", name="接手审核").click()
    told(second, f"您已接手{FILING}的审核。")
    second.goto(address)
    second.locator(".decide").get_by_label("退回原因").select_option(label="R01 内容空洞")
    second.locator(".decide").get_by_label("退回意见").fill("请写明数量")
    second.get_by_role("button", name="改为退回本项").click()
    told(second, "已审 1/5 项，退回 1 项")
    assert (scene.progress.decision, scene.progress.decided_by) == (Decision.RETURNED, colleague)


def test_two_reviewers_complete_one_review(scene: Scene, both_open: Callable[..., Pages]) -> None:
    scene.send()
    accept_rest(filing=scene.filing, by=scene.reviewer, at=scene.at)
    release(filing=scene.filing, by=scene.reviewer, at=scene.at)
    colleague = f.make_reviewer(scene.plan.office, name="林晓雯")
    first, second = both_open(reverse("filings:review", args=[scene.filing.pk]), scene.reviewer, colleague)
    for page in first, second:
        confirm(page, "全部采纳。完成审核？", "完成审核（全部采纳）")
        page.wait_for_load_state()
    told(first, f"{FILING}审核完成，已全部采纳。")
    told(second, f"顾明远已于 {WHEN} 办理“审核采纳”，{FILING}目前为“已采纳”，不能审核采纳。")
    assert Move.objects.filter(filing=scene.filing, verb="accept").count() == 1


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    """Filled and submitted, waiting for the approver."""
    submit(filing=scene.fill(), checked_by="周立群", by=scene.filer, at=scene.at)
    return scene


def test_two_approvers_sign_one_filing(waiting: Scene, both_open: Callable[..., Pages]) -> None:
    deputy = f.make_approver(waiting.lead, name="陈建国")
    first, second = both_open(reverse("filings:detail", args=[waiting.filing.pk]), waiting.approver, deputy)
    for page in first, second:
        confirm(page, "签发后即报推进办，签发前请确认内容属实。确定签发吗？", "签发报送")
        page.wait_for_load_state()
    told(first, f"{FILING}已签发，报推进办审核。")
    told(second, f"陆建平已于 {WHEN} 办理“签发报送”，{FILING}目前为“已报待审”，不能签发报送。")
    assert (waiting.filing.status, waiting.filing.signed_by) == (Status.SUBMITTED, waiting.approver)
    assert Move.objects.filter(filing=waiting.filing, verb="sign").count() == 1


def test_a_filer_takes_back_what_was_just_signed(waiting: Scene, page_of: Callable[..., Page]) -> None:
    filer, approver = page_of(waiting.filer), page_of(waiting.approver)
    for page in filer, approver:
        page.goto(reverse("filings:detail", args=[waiting.filing.pk]))
    confirm(approver, "签发后即报推进办", "签发报送")
    told(approver, f"{FILING}已签发")
    filer.get_by_role("button", name="撤回修改").click()
    told(filer, f"陆建平已于 {WHEN} 办理“签发报送”，{FILING}目前为“已报待审”，不能撤回修改。")
    assert waiting.filing.status == Status.SUBMITTED

"""A whole quarter in a browser without JavaScript: every step has a button."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from filings.terms import Decision, Status
from tests.filings.scene import Scene
from tests.journeys.desk import says, write

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

ENTRIES = (
    {
        "本年完成比例": "55",
        "自评亮灯": "正常",
        "进展状态": "按计划进行",
        "进展情况": "完成 5 家企业治理。",
    },
    {"行动小结": "各项任务按计划推进。"},
    {"节点状态": "进行中", "情况说明": "主体结构完工。"},
    {"数据状态": "有数据", "数值": "32.5"},
    {"数据状态": "有数据", "分子": "8", "分母": "10"},
)


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The second quarter of 2020, seen by the live server too."""
    return Scene()


@pytest.fixture
def plain(page_of: Callable[..., Page]) -> Callable[..., Page]:
    """Opens a page without JavaScript for a signed-in person."""
    return lambda user: page_of(user, java_script_enabled=False)


def test_a_quarter_is_filed_signed_and_accepted(scene: Scene, plain: Callable[..., Page]) -> None:
    file_it(plain(scene.filer))
    assert scene.filing.status == Status.AWAITING_SIGNOFF
    sign_it(plain(scene.approver))
    assert scene.filing.status == Status.SUBMITTED
    review_it(plain(scene.reviewer), scene)
    assert scene.filing.status == Status.ACCEPTED


def file_it(page: Page) -> None:
    page.goto("/filings/")
    says(page, "本季应报 5 项，已填 0 项，还有 5 项。")
    page.get_by_role("link", name="开始填报").click()
    for values in ENTRIES[:-1]:
        write(page, values)
        page.get_by_role("button", name="保存并到下一项").click()
    page.get_by_label("单位审核人").fill("周立群")
    page.locator("#submit-form").get_by_label("单位审核人").press("Enter")
    says(
        page,
        "还有 1 项未填齐，请逐项补充后再提交。",
        "请选择“有数据”并填写数值，或选择“本期无数据”并说明原因。",
    )
    write(page, ENTRIES[-1])
    page.get_by_role("button", name="保存", exact=True).click()
    says(page, "“达标率”已保存", "5 项均已填齐")
    page.get_by_label("单位审核人").fill("周立群")
    page.get_by_role("button", name="提交签发").click()
    says(page, "牵头局 2020年第2季度报送已提交签发。签发前需要修改的，可以撤回。")


def sign_it(page: Page) -> None:
    page.goto("/filings/signing/")
    page.get_by_role("link", name="查看并签发").click()
    page.get_by_role("button", name="签发报送").click()
    says(page, "牵头局 2020年第2季度报送已签发，报推进办审核。")


def review_it(page: Page, scene: Scene) -> None:
    page.goto(reverse("filings:review", args=[scene.filing.pk]))
    page.get_by_role("button", name="采纳本项").click()
    says(page, "已审 1/5")
    page.get_by_role("button", name="全部无异议的采纳（4 项）").click()
    says(page, "已采纳其余 4 项，请完成审核。")
    page.get_by_role("button", name="完成审核（全部采纳）").click()
    says(page, "牵头局 2020年第2季度报送审核完成，已全部采纳。")
    assert scene.progress.decision == Decision.ACCEPTED

"""The filing desk in a real browser: saved as one types, nothing lost when saving fails, usable by keyboard."""

from collections.abc import Callable
from decimal import Decimal as D

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from filings.services.moves import submit
from filings.terms import Status
from tests import factories as f
from tests.conftest import keys
from tests.filings.scene import Scene

pytestmark = pytest.mark.browser


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The second quarter of 2020, seen by the live server too."""
    return Scene()


@pytest.fixture
def open_desk(scene: Scene, live_server: LiveServer, page: Page) -> Callable[..., Page]:
    """Opens the desk at the progress entry, signed in as the filer."""

    def open_(who: User | None = None, at: Page = page) -> Page:
        client = Client()
        client.force_login(who or scene.filer)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        at.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
        )
        entry = scene.progress
        at.goto(f"{live_server.url}{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}")
        return at

    return open_


def test_what_is_typed_is_saved_and_the_page_follows(scene: Scene, open_desk: Callable[..., Page]) -> None:
    page = open_desk()
    page.get_by_label("本年完成比例").fill("４０％")
    page.get_by_text("滞后", exact=True).first.click()
    page.get_by_label("进展状态").select_option("delayed")
    page.get_by_label("进展情况").fill("完成 5 家")
    expect(page.locator("[data-save-state]")).to_have_text("正在填写…")
    expect(page.locator("[data-save-state]")).to_contain_text("已保存")
    entry = scene.progress
    assert (entry.percent, entry.self_light, entry.pace, entry.text) == (
        D(40),
        "behind",
        "delayed",
        "完成 5 家",
    )
    expect(page.locator("#notes-percent")).to_contain_text("落后 10 个百分点")
    expect(page.locator("#notes-cause")).to_have_text("完成比例低于序时或自评滞后，须写明原因。")
    expect(page.locator("[data-part=list] [aria-current]")).to_contain_text("填报中")
    expect(page.locator("#check")).to_contain_text("本项：完成比例低于序时或自评滞后，须写明存在问题。")


def test_what_cannot_be_read_is_marked_and_kept_over_a_reload(
    scene: Scene, open_desk: Callable[..., Page]
) -> None:
    page = open_desk()
    percent = page.get_by_label("本年完成比例")
    percent.fill("一百二")
    expect(page.locator("#notes-percent")).to_contain_text("“一百二”不是数")
    expect(percent).to_have_attribute("aria-invalid", "true")
    page.reload()
    expect(page.get_by_label("本年完成比例")).to_have_value("一百二")
    page.get_by_label("本年完成比例").fill("120")
    expect(page.locator("#notes-percent")).to_contain_text("须在 0 至 100 之间，填的是 120，请改正。")
    page.get_by_label("本年完成比例").fill("50")
    expect(page.locator("#notes-percent")).to_have_text("本季末序时 50%，持平，系统测算为“正常”")
    assert scene.progress.percent == D(50)


def test_a_broken_connection_loses_nothing_and_mends_itself(
    scene: Scene, open_desk: Callable[..., Page]
) -> None:
    page = open_desk()
    page.context.set_offline(True)
    page.get_by_label("进展情况").fill("断网时写的")
    expect(page.locator("[data-save-state]")).to_have_text("连接中断，内容仍在本页，恢复后自动保存")
    assert scene.progress.version == 0
    page.context.set_offline(False)
    expect(page.locator("[data-save-state]")).to_contain_text("已保存")
    assert scene.progress.text == "断网时写的"


def test_a_save_whose_answer_was_lost_is_nobody_elses(scene: Scene, open_desk: Callable[..., Page]) -> None:
    page = open_desk()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/save/", lose, times=1)
    text = page.get_by_label("进展情况")
    text.fill("存下了却没有回音")
    expect(page.locator("[data-save-state]")).to_have_text("连接中断，内容仍在本页，恢复后自动保存")
    assert scene.progress.version == 1
    text.fill("存下了却没有回音，又写了一句")
    text.press("Control+s")
    expect(page.locator("[data-save-state]")).to_contain_text("已保存")
    expect(page.locator("[data-conflict]")).to_have_text("")
    assert (scene.progress.text, scene.progress.version) == ("存下了却没有回音，又写了一句", 2)


def test_leaving_with_unsaved_words_asks_first(scene: Scene, open_desk: Callable[..., Page]) -> None:
    page = open_desk()
    page.context.set_offline(True)
    page.get_by_label("进展情况").fill("还没存")
    expect(page.locator("[data-save-state]")).to_contain_text("连接中断")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="下一项").click()
    expect(page.get_by_label("进展情况")).to_have_value("还没存")
    page.wait_for_function("document.querySelector('[data-save-state]').textContent.includes('连接中断')")
    assert asked == ["beforeunload"]


def test_two_people_at_one_entry_the_second_sees_both(scene: Scene, open_desk: Callable[..., Page]) -> None:
    page = open_desk()
    f.fill_entry(scene.progress, by=scene.colleague, text="同事写的")
    page.get_by_label("进展情况").fill("我写的")
    panel = page.locator("[data-conflict]")
    expect(panel).to_contain_text("没有保存：内容已被他人更新")
    expect(panel).to_contain_text("同事写的")
    expect(page.get_by_label("进展情况")).to_have_value("我写的")
    assert scene.progress.text == "同事写的"
    panel.get_by_role("button", name="仍按我的内容保存").click()
    expect(page.locator("[data-save-state]")).to_contain_text("已保存")
    expect(panel).to_have_text("")
    assert (scene.progress.text, scene.progress.version) == ("我写的", 2)


def test_a_filing_submitted_meanwhile_keeps_the_words_on_the_page(
    scene: Scene, open_desk: Callable[..., Page]
) -> None:
    scene.fill()
    page = open_desk()
    submit(filing=scene.filing, checked_by="周立群", by=scene.colleague, at=scene.at)
    page.get_by_label("进展情况").fill("晚了一步")
    expect(page.locator("[data-save-state]")).to_contain_text("未保存：牵头局 2020年第2季度报送正在等待签发")
    expect(page.get_by_label("进展情况")).to_have_value("晚了一步")


def test_signing_in_again_elsewhere_lets_the_page_save(scene: Scene, open_desk: Callable[..., Page]) -> None:
    page = open_desk()
    page.context.clear_cookies()
    page.get_by_label("进展情况").fill("会话过期时写的")
    expect(page.locator("[data-save-state]")).to_contain_text("未保存：登录已过期")
    other = page.context.new_page()
    open_desk(at=other)
    page.get_by_label("进展情况").press("Control+s")
    expect(page.locator("[data-save-state]")).to_contain_text("已保存")
    assert scene.progress.text == "会话过期时写的"


def test_the_keyboard_saves_and_goes_on(scene: Scene, open_desk: Callable[..., Page]) -> None:
    page = open_desk()
    page.get_by_label("进展情况").press_sequentially("快")
    keys(page, "Control+s")
    expect(page.locator("[data-save-state]")).to_contain_text("已保存")
    keys(page, "Alt+ArrowDown")
    expect(page.get_by_role("heading", level=2).first).to_have_text("1 净气行动")
    keys(page, "Alt+ArrowUp")
    expect(page.get_by_label("进展情况")).to_have_value("快")


def test_changing_the_entry_saves_first(scene: Scene, open_desk: Callable[..., Page]) -> None:
    page = open_desk()
    page.get_by_label("进展情况").fill("没等保存就走")
    page.locator("[data-part=list]").get_by_text("绿道长度").click()
    expect(page.get_by_role("heading", level=2).first).to_have_text("绿道长度")
    assert scene.progress.text == "没等保存就走"


def test_submitting_saves_first(scene: Scene, open_desk: Callable[..., Page]) -> None:
    scene.fill()
    page = open_desk()
    page.get_by_label("单位审核人").fill("周立群")
    page.get_by_label("进展情况").fill("最后一句")
    page.get_by_role("button", name="提交签发").click()
    expect(page.get_by_role("status").first).to_contain_text("已提交签发")
    assert scene.filing.status == Status.AWAITING_SIGNOFF
    assert scene.progress.text == "最后一句"


def test_a_slow_answer_does_not_hide_what_was_typed_meanwhile(
    scene: Scene, open_desk: Callable[..., Page]
) -> None:
    page = open_desk()
    held: list[Route] = []
    page.route("**/save/", lambda route: held.append(route), times=1)
    text = page.get_by_label("进展情况")
    text.fill("一")
    text.press("Control+s")
    expect(page.locator("[data-save-state]")).to_have_text("正在保存…")
    text.fill("一二")
    held[0].continue_()
    expect(page.locator("[data-save-state]")).to_contain_text("已保存")
    assert (scene.progress.text, scene.progress.version) == ("一二", 2)


def test_on_a_phone_nothing_overflows_and_the_bar_lies_at_the_bottom(
    scene: Scene, open_desk: Callable[..., Page], new_page: Callable[..., Page]
) -> None:
    page = open_desk(at=new_page(viewport={"width": 390, "height": 844}))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.get_by_role("button", name="提交签发").bounding_box()
    assert box is not None
    assert box["y"] > 844 - 80
    page.get_by_label("填报项（").select_option(label=" 绿道长度（未填）")
    expect(page.get_by_role("heading", level=2).first).to_have_text("绿道长度")


def test_without_javascript_a_button_saves(
    scene: Scene, open_desk: Callable[..., Page], new_page: Callable[..., Page]
) -> None:
    page = open_desk(at=new_page(java_script_enabled=False))
    page.get_by_label("本年完成比例").fill("一百")
    page.get_by_label("进展情况").fill("没有脚本")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#notes-percent")).to_contain_text("“一百”不是数")
    expect(page.get_by_label("本年完成比例")).to_have_value("一百")
    expect(page.get_by_label("进展情况")).to_have_value("没有脚本")
    assert scene.progress.unparsed == {"percent": "一百"}

"""Evidence in a real browser: chosen, dropped, refused, stopped, seen, taken off; and two people at one entry."""

import base64
from collections.abc import Callable
from decimal import Decimal as D

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from filings.models import EvidenceFile
from tests import factories as f
from tests.conftest import keys
from tests.filings.samples import pdf, png
from tests.filings.scene import Scene

pytestmark = pytest.mark.browser

DROP = """([box, files]) => {
  const data = new DataTransfer();
  files.forEach(([name, type, bytes]) => {
    const raw = Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0));
    data.items.add(new File([raw], name, { type }));
  });
  ["dragenter", "dragover", "drop"].forEach(name =>
    document.querySelector(box).dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true })));
}"""


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The second quarter of 2020, seen by the live server too."""
    return Scene()


@pytest.fixture
def desk(scene: Scene, live_server: LiveServer, page: Page) -> Page:
    """The desk at the progress entry, signed in as the filer."""
    return opened(scene, live_server, page)


def opened(scene: Scene, live_server: LiveServer, page: Page) -> Page:
    client = Client()
    client.force_login(scene.filer)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    entry = scene.progress
    page.goto(f"{live_server.url}{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}")
    return page


def chosen(name: str, data: bytes, kind: str = "application/pdf") -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": data}


def names(scene: Scene) -> list[str]:
    return [attachment.evidence.name for attachment in scene.progress.files]


def test_several_dropped_files_are_kept_and_a_bad_one_says_why(scene: Scene, desk: Page) -> None:
    files = [
        ("验收.pdf", "application/pdf", pdf()),
        ("伪装.pdf", "application/pdf", png()),
        ("现场.png", "image/png", png()),
    ]
    coded = [[name, kind, base64.b64encode(data).decode()] for name, kind, data in files]
    desk.evaluate(DROP, ["[data-drop]", coded])
    there = desk.locator("[data-part=desk_evidence]")
    expect(there).to_contain_text("现场.png")
    expect(there).to_contain_text("验收.pdf")
    line = desk.locator("[data-upload-list] li")
    expect(line).to_have_count(1)
    expect(line).to_contain_text("未添加：“伪装.pdf”的内容不是 pdf 文件，内容像是 png 文件")
    assert names(scene) == ["验收.pdf", "现场.png"]
    line.get_by_role("button", name="知道了").click()
    expect(line).to_have_count(0)


def test_a_file_that_misses_the_box_does_not_replace_the_page(scene: Scene, desk: Page) -> None:
    before = desk.url
    desk.evaluate(DROP, ["#entry-form", [["一.pdf", "application/pdf", base64.b64encode(pdf()).decode()]]])
    expect(desk.locator("[data-upload-list] li")).to_have_count(0)
    assert desk.url == before


def test_adding_a_file_keeps_what_is_typed_and_the_page_saves_on(scene: Scene, desk: Page) -> None:
    desk.get_by_label("进展情况").fill("边传边写")
    desk.locator("#files").set_input_files([chosen("验收.pdf", pdf())])
    expect(desk.locator("[data-part=desk_evidence]")).to_contain_text("验收.pdf")
    expect(desk.locator("[data-save-state]")).to_contain_text("已保存")
    expect(desk.get_by_label("进展情况")).to_have_value("边传边写")
    assert (scene.progress.text, scene.progress.version, names(scene)) == ("边传边写", 1, ["验收.pdf"])


def test_an_upload_can_be_stopped(scene: Scene, desk: Page) -> None:
    held: list[Route] = []
    desk.route("**/evidence/", lambda route: held.append(route), times=1)
    desk.locator("#files").set_input_files([chosen("大.pdf", pdf("大")), chosen("小.pdf", pdf("小"))])
    lines = desk.locator("[data-upload-list] li")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("正在上传")
    lines.first.get_by_role("button", name="取消").click()
    expect(desk.locator("[data-part=desk_evidence]")).to_contain_text("小.pdf")
    expect(lines).to_have_count(0)
    assert names(scene) == ["小.pdf"]


def test_a_broken_connection_is_said_at_the_file(scene: Scene, desk: Page) -> None:
    desk.context.set_offline(True)
    desk.locator("#files").set_input_files([chosen("验收.pdf", pdf())])
    line = desk.locator("[data-upload-list] li")
    expect(line).to_contain_text("未上传：连接中断，请恢复后再选这个文件")
    desk.context.set_offline(False)
    desk.locator("#files").set_input_files([chosen("验收.pdf", pdf())])
    expect(desk.locator("[data-part=desk_evidence]")).to_contain_text("验收.pdf")


def test_after_signing_in_again_elsewhere_a_file_goes_with_the_new_token(scene: Scene, desk: Page) -> None:
    desk.context.clear_cookies(name="csrftoken")
    desk.locator("#files").set_input_files([chosen("验收.pdf", pdf())])
    expect(desk.locator("[data-part=desk_evidence]")).to_contain_text("验收.pdf")
    expect(desk.locator("[data-upload-list] li")).to_have_count(0)
    assert names(scene) == ["验收.pdf"]


def test_a_picture_is_seen_on_the_desk(scene: Scene, desk: Page) -> None:
    desk.locator("#files").set_input_files([chosen("现场.png", png(), "image/png")])
    desk.get_by_text("预览图片").click()
    picture = desk.locator(".preview img")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 8)


def test_a_pdf_is_offered_to_the_browser_and_other_files_to_the_disk(scene: Scene, desk: Page) -> None:
    desk.locator("#files").set_input_files([chosen("验收.pdf", pdf())])
    link = desk.get_by_role("link", name="预览 验收.pdf（新窗口）")
    expect(link).to_have_attribute("target", "_blank")
    evidence = EvidenceFile.objects.get()
    answer = desk.request.get(
        f"{desk.url.split('/filings')[0]}{reverse('filings:show_evidence', args=[evidence.pk])}"
    )
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["content-disposition"].startswith("inline")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="验收.pdf", exact=True).click()
    assert download.value.suggested_filename == "验收.pdf"


def test_taking_off_saves_what_is_typed_first(scene: Scene, desk: Page) -> None:
    desk.locator("#files").set_input_files([chosen("验收.pdf", pdf())])
    desk.get_by_label("进展情况").fill("先写再移除")
    desk.get_by_role("button", name="移除 验收.pdf").click()
    expect(desk.locator("#main")).to_contain_text("已从本项移除")
    assert (scene.progress.text, names(scene)) == ("先写再移除", [])


def test_without_javascript_a_button_sends_them(
    scene: Scene, live_server: LiveServer, new_page: Callable[..., Page]
) -> None:
    page = opened(scene, live_server, new_page(java_script_enabled=False))
    page.locator("#files").set_input_files([chosen("一.pdf", pdf("1")), chosen("二.png", png(), "image/png")])
    page.get_by_role("button", name="上传", exact=True).click()
    expect(page.locator("[data-part=desk_evidence]")).to_contain_text("二.png")
    assert names(scene) == ["一.pdf", "二.png"]
    page.get_by_role("button", name="移除 一.pdf").click()
    assert names(scene) == ["二.png"]


# Two people, and the state of each field


def test_a_choice_for_each_field(scene: Scene, desk: Page) -> None:
    f.fill_entry(scene.progress, by=scene.colleague, text="同事写的", percent=D(60), problems="同事的问题")
    desk.get_by_label("进展情况").fill("我写的")
    desk.get_by_label("存在问题").fill("我的问题")
    panel = desk.locator("[data-conflict]")
    expect(panel).to_contain_text("周立群")
    expect(panel.get_by_role("group", name="本年完成比例")).to_contain_text("您没有改过这一栏")
    expect(panel.get_by_role("group", name="本年完成比例").get_by_label("用对方的")).to_be_checked()
    expect(panel.get_by_role("group", name="进展情况").get_by_label("用我的")).to_be_checked()
    theirs = panel.get_by_role("group", name="存在问题").get_by_label("用对方的")
    panel.get_by_role("group", name="存在问题").get_by_label("用我的").focus()
    keys(desk, "ArrowDown")
    expect(theirs).to_be_checked()
    panel.get_by_role("button", name="按所选保存").focus()
    keys(desk, "Enter")
    expect(desk.locator("[data-save-state]")).to_contain_text("已保存")
    expect(panel).to_have_text("")
    stored = scene.progress
    assert (stored.percent, stored.text, stored.problems) == (D(60), "我写的", "同事的问题")
    expect(desk.get_by_label("存在问题")).to_have_value("同事的问题")
    expect(desk.get_by_label("本年完成比例")).to_have_value("60")
    desk.get_by_label("进展情况").fill("我又写的")
    expect(desk.locator("[data-field=text] [data-field-state]")).to_have_text("已保存")
    assert (scene.progress.text, scene.progress.version) == ("我又写的", 3)


def test_each_field_says_whether_it_is_saved(scene: Scene, desk: Page) -> None:
    state = desk.locator("[data-field=text] [data-field-state]")
    desk.get_by_label("进展情况").fill("一")
    expect(state).to_have_text("未保存")
    expect(state).to_have_text("已保存")
    expect(desk.locator("[data-field=problems] [data-field-state]")).to_have_text("")
    desk.context.set_offline(True)
    desk.get_by_label("进展情况").fill("一二")
    expect(state).to_have_text("离线，未保存")
    desk.get_by_label("存在问题").fill("断网时")
    desk.context.set_offline(False)
    expect(state).to_have_text("已保存")
    expect(desk.locator("[data-field=problems] [data-field-state]")).to_have_text("已保存")
    assert (scene.progress.text, scene.progress.problems) == ("一二", "断网时")


def test_copying_forward_is_marked_and_unmarked(scene: Scene, live_server: LiveServer, page: Page) -> None:
    f.fill_entry(scene.progress, by=scene.filer, text="上季做的", problems="缺人", cause="没招")
    f.file(scene.filing, by=scene.filer, signed_by=scene.approver, at=scene.at)
    period = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    scene.period = period
    desk = opened(scene, live_server, page)
    desk.get_by_label("进展情况").fill("已写一句")
    desk.get_by_role("button", name="沿用上季全部文字").click()
    expect(desk.get_by_label("存在问题")).to_have_value("缺人")
    expect(desk.get_by_label("进展情况")).to_have_value("已写一句")
    expect(desk.locator("[data-field=problems] [data-copied]")).to_be_visible()
    expect(desk.locator("[data-field=text] [data-copied]")).to_be_hidden()
    assert scene.progress.copied == ["problems", "cause"]
    desk.get_by_label("存在问题").fill("缺人，已招一人")
    expect(desk.locator("[data-field=problems] [data-copied]")).to_be_hidden()
    assert scene.progress.copied == ["cause"]


def test_nothing_to_report_fills_in_the_percent(scene: Scene, live_server: LiveServer, page: Page) -> None:
    f.fill_entry(scene.progress, by=scene.filer, percent=D(80))
    f.file(scene.filing, by=scene.filer, signed_by=scene.approver, at=scene.at)
    scene.period = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    desk = opened(scene, live_server, page)
    desk.get_by_label("本季无工作的理由").fill("汛期停工")
    expect(desk.get_by_label("本年完成比例")).to_have_value("80")
    expect(desk.locator("[data-part=list] [aria-current]")).to_contain_text("已填")

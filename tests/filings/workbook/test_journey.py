"""A filer's way in a real browser and a real office program: down, filled in and saved there, up with errors, then clean."""

from __future__ import annotations

from decimal import Decimal as D
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from filings.models import WorkbookUpload
from tests import factories as f
from tests.filings.scene import Scene
from tests.filings.workbook import books as b
from tests.filings.workbook.office import converted

pytestmark = pytest.mark.browser


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The second quarter of 2020, seen by the live server too."""
    return Scene()


@pytest.fixture
def home(scene: Scene, live_server: LiveServer, page: Page) -> Page:
    """The filer's home page."""
    client = Client()
    client.force_login(scene.filer)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}{reverse('filings:mine')}")
    return page


def fetched(page: Page, link: str, to: Path) -> bytes:
    """What a link downloads."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    download.value.save_as(to / "got.xlsx")
    assert download.value.suggested_filename.endswith(".xlsx")
    return (to / "got.xlsx").read_bytes()


def hand_in(page: Page, content: bytes, folder: Path, name: str) -> None:
    """Choose a file and upload it."""
    (folder / name).write_bytes(content)
    page.get_by_label("工作簿", exact=False).set_input_files(folder / name)
    page.get_by_role("button", name="上传并核对差异").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"核对“{name}”")


def test_down_filled_in_up_with_errors_and_then_clean(scene: Scene, home: Page, tmp_path: Path) -> None:
    page = home
    page.get_by_role("link", name="Excel 填报").click()
    content = fetched(page, "下载填报工作簿（.xlsx）", tmp_path)

    wrong = b.with_values(
        content, scene.progress, percent="九成", self_light="正常", pace="按计划进行", text="完成 5 家"
    )
    wrong = b.with_values(wrong, scene.reading, value=32.5)
    hand_in(page, converted(wrong, tmp_path), tmp_path, "第一稿.xlsx")
    expect(page.locator("#main")).to_contain_text("可写入 1 项；1 项有错误；3 项没有变化")
    expect(page.locator("#main")).to_contain_text("“九成”不是数。请只填数字，例如 85 或 85.5。")
    assert scene.progress.version == scene.reading.version == 0

    returned = fetched(page, "下载标出错误的工作簿", tmp_path)
    book = b.opened(returned)
    assert b.cell_of(book, scene.progress, "percent").comment.text == (
        "“九成”不是数。请只填数字，例如 85 或 85.5。"
    )

    f.fill_entry(scene.reading, by=scene.colleague, at=scene.at, value=D(30))
    clean = converted(b.with_values(returned, scene.progress, {"percent": "0%"}, percent=0.9), tmp_path)
    page.get_by_role("link", name="Excel 填报").click()
    hand_in(page, clean, tmp_path, "第二稿.xlsx")
    expect(page.locator("#main")).to_contain_text("可写入 2 项，其中 1 项与系统现在的内容冲突；3 项没有变化")

    page.get_by_role("button", name="全部写入（2 项）").click()
    expect(page.locator("#main")).to_contain_text(
        "“绿道长度”在下载之后系统中也改过，请选择用工作簿的内容还是保留系统的内容。"
    )
    assert scene.progress.version == 0

    page.get_by_label("保留系统的").check()
    page.get_by_role("button", name="写入选中的项").click()
    expect(page.locator("#main")).to_contain_text(
        "“第二稿.xlsx”已写入 1 项。写入的是草稿，填齐后请提交签发。"
    )
    entry = scene.progress
    assert (entry.percent, entry.self_light, entry.pace, entry.text, entry.is_complete) == (
        D(90), "on_track", "as_planned", "完成 5 家", True
    )  # fmt: skip
    assert scene.reading.value == D(30)
    assert [u.applied_rows for u in WorkbookUpload.objects.order_by("id")] == [0, 1]

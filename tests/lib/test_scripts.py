"""shell.js and charts.js in a real browser, under the project's content security policy."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect

from tests.conftest import keys

pytestmark = pytest.mark.browser

HOST = "http://localhost"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'"
FORM = '<form method="post" action="/sent/" {}><button name="verb" value="submit">提交</button></form>'


class Site:
    """Pages from strings and static files from the tree, served without a server; counts what is posted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.body = ""
        self.posted: list[str] = []
        self.stays = False
        page.route(f"{HOST}/**", self._serve)

    def show(self, body: str) -> None:
        """A page with this body and our two scripts."""
        self.body = (
            '<!doctype html><html lang="zh-CN"><head><title>t</title>'
            '<script src="/static/js/shell.js" defer></script></head><body>' + body + "</body></html>"
        )
        self.page.goto(f"{HOST}/")

    def _serve(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.method == "POST":
            self.posted.append(route.request.post_data or "")
            if self.stays:
                route.fulfill(status=204)  # the browser stays on the page, as while a slow server works
                return
        if path.startswith("/static/"):
            route.fulfill(path=Path(settings.BASE_DIR) / path.lstrip("/"))
        else:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=self.body, content_type="text/html; charset=utf-8", headers=headers)


@pytest.fixture
def site(page: Page) -> Site:
    return Site(page)


def test_a_form_is_sent_once_and_says_why_the_second_press_does_nothing(site):
    site.stays = True
    site.show(FORM.format(""))
    button = site.page.get_by_role("button", name="提交")
    button.click()
    expect(site.page.get_by_role("status")).to_have_text("正在提交，请勿重复点击")
    button.click(force=True)
    button.click(force=True)
    assert site.posted == ["verb=submit"]


def test_a_form_that_may_be_repeated_is_sent_each_time(site):
    site.stays = True
    site.show(FORM.format("data-repeatable"))
    for _ in range(2):
        with site.page.expect_request("**/sent/"):
            site.page.get_by_role("button", name="提交").click()
    assert site.posted == ["verb=submit", "verb=submit"]
    expect(site.page.get_by_role("status")).to_have_count(0)


def test_a_confirmation_can_be_refused_and_given(site):
    site.show(FORM.format('data-confirm="退回后只有本项可改。"'))
    site.page.get_by_role("button", name="提交").click()
    dialog = site.page.get_by_role("dialog")
    expect(dialog).to_contain_text("退回后只有本项可改。")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_have_count(0)
    assert site.posted == []

    site.page.get_by_role("button", name="提交").click()
    with site.page.expect_navigation():
        site.page.get_by_role("dialog").get_by_role("button", name="提交").click()
    assert site.posted == ["verb=submit"]


@pytest.mark.parametrize("kind", ["menu", "nav-group"])
def test_menus_close_on_escape_and_on_a_click_elsewhere(site, kind):
    site.show(f'<details class="{kind}"><summary>某人</summary><a href="#">退出</a></details><p>正文</p>')
    menu = site.page.locator("details")
    summary = site.page.locator("summary")
    summary.click()
    expect(menu).to_have_attribute("open", "")
    keys(site.page, "Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(summary).to_be_focused()
    summary.click()
    site.page.get_by_text("正文").click()
    expect(menu).not_to_have_attribute("open", "")


def test_a_dialog_opens_and_closes(site):
    site.show(
        '<a href="/form/" data-opens="d">退回</a>'
        '<dialog class="dialog" id="d"><p>原因</p><button data-closes>取消</button></dialog>'
    )
    site.page.get_by_role("link", name="退回").click()
    expect(site.page.get_by_role("dialog")).to_be_visible()
    site.page.get_by_role("button", name="取消").click()
    expect(site.page.locator("#d")).to_be_hidden()
    assert site.page.url == f"{HOST}/"


def test_a_page_without_figures_loads_no_plotly(site):
    asked: list[str] = []
    site.page.on("request", lambda request: asked.append(request.url))
    site.body = render_to_string("404.html")
    site.page.goto(f"{HOST}/")
    expect(site.page.locator("html")).to_have_class("js")
    assert [url for url in asked if "plotly" in url] == []


@pytest.fixture
def figures(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """The components page, which has one figure."""

    def open_page(**options: object) -> Page:
        site = Site(new_page(**options))
        site.body = render_to_string("components.html", {"shell": {"user_label": "某人"}})
        site.page.goto(f"{HOST}/")
        return site.page

    return open_page


def test_a_figure_is_drawn_in_the_colours_of_the_tokens_under_the_strict_policy(figures):
    page = figures()
    lines = page.locator("[data-figure] .scatterlayer .js-line")
    expect(lines).to_have_count(3)
    strokes = lines.evaluate_all("lines => lines.map(line => getComputedStyle(line).stroke)")
    assert strokes == ["rgb(185, 125, 8)", "rgb(107, 74, 31)", "rgb(14, 92, 89)"]
    expect(page.locator("[data-figure] .note")).to_have_count(0)
    expect(page.locator(".modebar-btn")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1366])
def test_no_part_is_wider_than_the_window(figures, width):
    page = figures(viewport={"width": width, "height": 844})
    expect(page.locator("[data-figure] .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_scripts_the_figure_points_to_its_table(figures):
    page = figures(java_script_enabled=False)
    expect(page.locator("[data-figure]")).to_have_text("图由脚本绘制；全部数据见本页的表。")
    page.locator("summary", has_text="某人").click()
    expect(page.get_by_role("button", name="退出")).to_be_visible()

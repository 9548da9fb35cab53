"""A cross-check from end to end in a real browser: set, met by a filer, explained, seen at review, and settled."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from filings.services.moves import sign, submit
from tests.factories import filing_of
from tests.filings.crosscheck_scene import CrossScene

pytestmark = pytest.mark.browser

SAID = "2020年二季度“绿道”为 12 公里（建设局），“道路”为 10 公里（交通局），部分大于总体，多 2 公里。"


@pytest.fixture
def scene(transactional_db: None) -> CrossScene:
    return CrossScene()


def test_a_rule_is_set_met_explained_and_settled(
    scene: CrossScene, live_server: LiveServer, page: Page
) -> None:
    period = scene.open()
    scene.send(period, scene.part, "12")
    main = page.locator("#main")

    def go(person: Any, address: str) -> None:
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page.goto(f"{live_server.url}{address}")

    go(scene.reviewer, reverse("filings:crosschecks"))
    page.get_by_role("link", name="勾稽规则").first.click()
    page.get_by_role("link", name="新增规则").first.click()
    page.get_by_label("核对方式").select_option(label="部分不大于总体")
    page.locator("#id_indicator").select_option(value=str(scene.part.pk))
    page.locator("#id_other").select_option(value=str(scene.whole.pk))
    page.get_by_label("生效季度").select_option("2020Q2")
    page.get_by_role("button", name="预览").click()
    expect(main.locator("#preview")).to_contain_text("无法核对：总体没有数值")
    page.get_by_label("理由").first.fill("绿道是道路的一部分")
    page.get_by_role("button", name="保存规则").click()
    expect(main).to_contain_text("绿道 ≤ 道路")

    filer, _ = scene.people[scene.counter]
    filing = filing_of(period, scene.counter)
    go(filer, reverse("filings:edit", args=[filing.pk]))
    page.get_by_text("有数据", exact=True).click()
    page.locator("#id_value").fill("10")
    expect(page.locator("#notes-value")).to_contain_text(SAID)
    expect(page.locator("[data-part=check]")).to_contain_text(SAID)
    page.locator("#id_explanation").fill("道路不含绿道")
    expect(page.locator("[data-part=check]")).to_contain_text("本项 1 处提醒已写说明，审核时可见")
    scene_sent(scene, filing)

    go(scene.reviewer, reverse("filings:crosschecks"))
    expect(main).to_contain_text(SAID)
    expect(main).to_contain_text("交通局：道路不含绿道")
    go(scene.reviewer, reverse("filings:review", args=[filing.pk]))
    expect(main).to_contain_text("单位说明：道路不含绿道")
    page.get_by_role("button", name="采纳本项").click()
    expect(main).to_contain_text("全部已审")
    go(scene.reviewer, reverse("filings:crosschecks"))
    expect(main).to_contain_text("没有待处理的勾稽发现。")
    page.get_by_role("link", name="已了结").click()
    expect(main).to_contain_text("采纳说明")


def scene_sent(scene: CrossScene, filing: Any) -> None:
    """The filing as the department submits and signs it."""
    filer, approver = scene.people[scene.counter]
    filing.refresh_from_db()
    submit(filing=filing, by=filer, at=scene.at)
    filing.refresh_from_db()
    sign(filing=filing, by=approver, at=scene.at)

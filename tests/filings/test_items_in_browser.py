"""Work items in a real browser: typed, saved by themselves, and the percent follows on the page."""

from decimal import Decimal as D

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from filings.services.items import done
from tests.filings import items_scene as plans
from tests.filings.scene import Scene

pytestmark = pytest.mark.browser


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return Scene()


def test_percents_of_items_are_saved_as_one_types_and_the_years_percent_follows(
    scene: Scene, live_server: LiveServer, page: Page
) -> None:
    _, first, second = plans.two_items(scene)
    client = Client()
    client.force_login(scene.filer)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    entry = scene.progress
    page.goto(f"{live_server.url}{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}")

    page.get_by_label("整治企业 42 家").fill("６０％")
    total = page.locator("[data-part=items_total]")
    expect(total).to_contain_text("还有 1 项未填")
    page.get_by_label("监控联网 18 套").fill("120")
    expect(page.locator(f"#notes-item_{second.pk}")).to_contain_text(
        "须在 0 至 100 之间，填的是 120，请改正。"
    )
    page.get_by_label("监控联网 18 套").fill("30")
    expect(total).to_contain_text("(3 × 60% + 1 × 30%) ÷ 4 = 52.5%")
    expect(page.locator("#notes-percent")).to_contain_text("快 10 个百分点")
    expect(page.locator(f"#notes-item_{second.pk}")).to_have_text("")
    assert (scene.progress.percent, done(scene.progress)) == (D("52.50"), {first.pk: D(60), second.pk: D(30)})

    page.locator("#id_percent").fill("55")
    expect(total).to_contain_text("本次改用 55%")
    expect(page.locator("#notes-percent_reason")).to_contain_text("改用 55% 的，须写明理由")
    page.locator("#id_percent_reason").fill("两项工作已提前验收")
    expect(page.locator("#notes-percent_reason")).to_have_text("")
    page.reload()
    expect(page.get_by_label("整治企业 42 家")).to_have_value("60")
    expect(page.locator("#id_percent")).to_have_value("55")
    assert scene.progress.percent == D(55)

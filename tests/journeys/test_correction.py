"""A mistake found after the quarter was closed: corrected by the office, published as the next version."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from filings.models import Filing
from targets.models import Indicator
from tests.journeys.desk import says

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def test_a_correction_makes_version_two_and_version_one_stays(
    demo: None, live_server: Any, signed_in: Callable[..., Page]
) -> None:
    filing = Filing.objects.get(period__year=2020, period__quarter=3, department__name="环保局")
    indicator = reverse("reports:indicator", args=[Indicator.objects.get(code="G2-09").pk])
    leader, office = (signed_in(live_server.url, account) for account in ("ld", "mlb.sh1"))
    leader.goto(indicator)
    says(leader, "2020年三季度实际 83.6%，达到计划", "第1版，2020年10月23日发布")
    office.goto(reverse("filings:detail", args=[filing.pk]))
    title = office.get_by_role("heading", name="空气质量优良天数比率")
    office.locator("article").filter(has=title).get_by_role("link", name="更正").click()
    expect(office.get_by_role("link", name="不更正，返回")).to_have_attribute(
        "href", reverse("filings:detail", args=[filing.pk])
    )
    correct(office, "七十三", "笔误")
    says(office, "“七十三”不是数。请只填数字，例如 85 或 85.5。")
    expect(office.get_by_label("更正理由")).to_have_value("笔误")
    correct(office, "73", "与市级通报核对，优良天数应为 73 天")
    says(office, "已更正，并发布2020年第3季度第2版。原版本仍可查看。")
    says(office, "与上一版的差别1 处", "指标 G2-09 空气质量优良天数比率数值83.6%81.9%")
    leader.reload()
    says(leader, "2020年三季度实际 81.9%，达到计划", "第2版", "73 ÷ 92")
    leader.goto(f"{indicator}?period=2020Q3&version=1")
    says(leader, "2020年三季度实际 83.6%，达到计划", "第1版")


def correct(page: Page, numerator: str, reason: str) -> None:
    """Change the numerator and send the form."""
    page.get_by_label("分子：优良天数").fill(numerator)
    page.get_by_label("更正理由").fill(reason)
    page.get_by_role("button", name="更正并发布新版本").click()

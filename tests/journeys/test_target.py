"""A pending target is assigned while its year runs: what changes is listed first, the dashboard follows, and the day
before is shown as it was known."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from filings.models import Filing
from reports.models import Summary
from targets.models import Indicator
from tests.factories import accept, file
from tests.filings.samples import pdf
from tests.journeys.desk import main, says

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

RUNNING = "?period=2020Q4&live=1"


def test_a_pending_target_is_assigned_and_the_dashboard_follows(
    demo: None, live_server: Any, signed_in: Callable[..., Page]
) -> None:
    indicator = Indicator.objects.get(code="G3-02")
    read_the_year(indicator)
    Summary.objects.update(known_from=timezone.now() - timedelta(days=3))
    own = reverse("reports:indicator", args=[indicator.pk])
    leader, office = (signed_in(live_server.url, account) for account in ("ld", "mlb.sh1"))
    leader.goto(own + RUNNING)
    says(leader, "待下达", "1 项要求待下达、待认定或未定容差，不计入到期数")
    met, due = targets_met(leader)

    office.goto(reverse("reports:targets"))
    row = main(office).locator("#pending tr").filter(has_text=indicator.name)
    row.get_by_role("link", name="登记下达").click()
    office.get_by_label("目标值").fill("180")
    expect(office.get_by_label("生效季度")).to_have_value("2020Q4")
    office.get_by_role("button", name="预览影响").click()
    changed = main(office).locator("#outlook tbody tr").filter(has_text=f"G3-02 {indicator.name}")
    expect(changed).to_contain_text("待下达")
    expect(changed).to_contain_text("严重滞后")
    expect(changed).to_contain_text("要求到2020年12月31日≤180")
    leader.goto(own + RUNNING)
    says(leader, "待下达")  # nothing is saved yet
    office.get_by_label("文号").fill("嘉发改〔2020〕12号")
    office.get_by_label("文件日期").fill("2020-10-20")
    office.get_by_label("附件").set_input_files(
        {"name": "下达通知.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    office.get_by_role("button", name="确认保存").click()
    says(
        office,
        "现行要求 ≤180",
        "自2020年四季度起",
        "嘉发改〔2020〕12号（2020年10月20日）",
        "下达通知.pdf",
        "已被取代",
    )

    leader.goto(own + RUNNING)
    says(leader, "≤180", "严重滞后", "变更 1 次")
    assert targets_met(leader) == (met, due + 1)
    yesterday = timezone.localdate() - timedelta(days=1)
    leader.goto(f"{own}{RUNNING}&known={yesterday}")
    says(leader, "日终所知的数字", "待下达")
    expect(main(leader)).not_to_contain_text("≤180")
    leader.get_by_role("link", name="与现在对照").click()
    says(leader, f"指标 G3-02 {indicator.name}", "无法判断", "严重滞后")
    leader.goto(f"{own}?period=2020Q3")
    says(leader, "待下达")
    expect(main(leader)).not_to_contain_text("≤180")


def read_the_year(indicator: Indicator) -> None:
    """The data department files the running quarter, and the office accepts it."""
    filing = Filing.objects.get(period__year=2020, period__quarter=4, department=indicator.data_department)
    filer, approver = (User.objects.get(username=name) for name in ("jfj.tb", "jfj.qf"))
    accept(file(filing, by=filer, signed_by=approver), by=User.objects.get(username="mlb.sh1"))


def targets_met(page: Page) -> tuple[int, int]:
    """How many targets that are due are met, and of how many, as the first screen says it."""
    page.goto(reverse("reports:cockpit") + RUNNING)
    said = re.search(r"到期目标达标 (\d+)/(\d+) 项", main(page).inner_text())
    assert said
    return int(said[1]), int(said[2])

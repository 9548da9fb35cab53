"""Joint work and a late extension in a real browser: two cooperating departments, one contesting; more time after the end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from filings.models import Countersignature
from filings.services.access import extensions_of, timeliness_of
from filings.terms import Timeliness
from harbor_plan.lib.moments import local
from tests import factories as f
from tests.conftest import keys
from tests.filings.joint_scene import DAY, Joint

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def says(page: Page, *sentences: str) -> None:
    for sentence in sentences:
        expect(page.locator("#main")).to_contain_text(sentence, timeout=30_000)


def test_lead_and_two_cooperating_departments_one_contesting(page_of: Callable[..., Page]) -> None:
    joint = Joint()
    joint.send(joint.first, text="派员两名。")
    entry = joint.entry()

    lead = page_of(joint.filers[joint.lead])
    lead.goto(f"/filings/{entry.filing_id}/edit/?entry={entry.pk}")
    says(lead, "配合单位情况", "已报 1/2", "派员两名。")
    lead.locator("#id_text").fill("拆除锅炉三台。")
    lead.get_by_role("button", name="取用").click()
    expect(lead.locator("#id_text")).to_have_value("拆除锅炉三台。\n【住建局】派员两名。")
    expect(lead.locator("[data-save-state]")).to_contain_text("已保存", timeout=30_000)
    assert joint.entry().text == "拆除锅炉三台。\n【住建局】派员两名。"
    joint.send(text="拆除锅炉三台。\n【住建局】派员两名。")

    first = page_of(joint.filers[joint.first])
    first.goto("/filings/")
    says(first, "等待本单位会签的任务 1 项")
    first.get_by_role("link", name="去会签").click()
    says(first, "1.1 治理废气", "拆除锅炉三台。")
    first.get_by_label("同意", exact=True).check()
    first.get_by_role("button", name="会签", exact=True).click()
    says(first, "已会签“同意”", "现在没有等待会签的任务")

    second = page_of(joint.approvers[joint.second], viewport={"width": 390, "height": 844})
    second.goto("/filings/countersign/")
    second.get_by_label("有异议", exact=True).check()
    second.get_by_role("button", name="会签", exact=True).click()
    says(second, "请写明异议的理由，牵头单位才知道改什么。")
    second.get_by_label("补充内容或异议理由").fill("只有两台。")
    second.get_by_role("button", name="会签", exact=True).click()
    says(second, "已会签“有异议”")

    office = page_of(joint.office)
    office.goto("/filings/countersigned/")
    says(office, "有异议 1 家次", "只有两台。")
    office.get_by_role("link", name="1.1 治理废气").click()
    says(office, "会签：有异议 1 家，同意 1 家", "只有两台。")
    lead.goto(f"/filings/{entry.filing_id}/#entry-{entry.pk}")
    says(lead, "只有两台。")
    words = Countersignature.objects.order_by("id").values_list("department__name", "consent")
    assert list(words) == [("住建局", "confirmed"), ("港务局", "contested")]


def test_an_extension_after_everything_is_over(page_of: Callable[..., Page], live_server: Any) -> None:
    joint = Joint(at=timezone.now() - 30 * DAY, countersigned=False)
    filing = f.filing_of(joint.period, joint.lead)
    filer = page_of(joint.filers[joint.lead])
    filer.goto(f"/filings/{filing.pk}/edit/")
    says(filer, "关闭。确需补报的，请联系推进办登记延期。")

    office = page_of(joint.office)
    office.goto("/filings/periods/?period=2020Q2")
    office.get_by_text("登记延期", exact=True).first.click()
    form = office.locator("#extend")
    form.get_by_label("单位").select_option(label="牵头局")
    form.get_by_label("延至").fill(f"{local(timezone.now() + 2 * DAY):%Y-%m-%d}")
    form.get_by_label("理由").fill("台风")
    form.get_by_label("批准人").fill("高为民")
    form.get_by_role("button", name="登记延期").click()
    says(office, "已登记牵头局延期。")

    filer.goto("/filings/?period=2020Q2")
    says(filer, "已延期至", "台风（批准人 高为民）")
    filer.get_by_role("link", name="开始填报").click()
    filer.locator("#id_text").fill("补报：拆除三台。")
    keys(filer, "Control+s")
    expect(filer.locator("[data-save-state]")).to_contain_text("已保存", timeout=30_000)
    joint.send(at=timezone.now())
    sent = f.filing_of(joint.period, joint.lead)
    extension = extensions_of(sent.period)[joint.lead.pk]
    assert timeliness_of(sent, extension, timezone.now() + timedelta(days=9)) == Timeliness.ON_TIME
    filer.goto(f"/filings/{filing.pk}/")
    says(filer, "首次报送，按时")

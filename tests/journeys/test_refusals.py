"""Wrong input in the browser: a sentence that says what is wrong, what was typed is kept, nothing false is stored."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from filings.models import Entry, EntryVersion
from filings.terms import Status
from harbor_plan.lib.moments import local
from tests import factories as f
from tests.filings.scene import Scene
from tests.journeys.desk import choose_entry, kept, main, says, write

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    """The second quarter of 2020 after a first one, filled but for its progress entry and its readings."""
    scene = Scene()
    f.file(
        f.filing_of(f.open_quarter(scene.plan, 2020, 1, at=scene.at), scene.lead),
        by=scene.filer,
        signed_by=scene.approver,
        at=scene.at,
    )
    for entry in Entry.objects.filter(filing=scene.filing, kind__in=["summary", "milestone"]):
        f.fill_entry(entry, by=scene.filer, at=scene.at)
    return scene


@pytest.fixture
def desk(scene: Scene, page_of: Callable[..., Page]) -> Page:
    """The filing desk, open for the filer."""
    page = page_of(scene.filer)
    page.goto(reverse("filings:edit", args=[scene.filing.pk]))
    return page


def note(page: Page, field: str) -> str:
    """The first remark below a field."""
    return page.locator(f"#notes-{field} .msg").first.inner_text()


def test_wrong_values_are_refused_in_words_and_kept_as_typed(scene: Scene, desk: Page) -> None:
    choose_entry(desk, "治理废气")
    write(desk, {"本年完成比例": "120", "自评亮灯": "滞后", "进展状态": "拖延", "进展情况": "完成 5 家"})
    kept(desk)
    assert note(desk, "percent") == "须在 0 至 100 之间，填的是 120，请改正。"
    assert note(desk, "cause") == "完成比例低于序时或自评滞后，须写明原因。"
    choose_entry(desk, "绿道长度")
    write(desk, {"数据状态": "有数据", "数值": "三十二点五"})
    kept(desk)
    assert note(desk, "value") == "“三十二点五”不是数。请只填数字，例如 85 或 85.5。"
    desk.reload()
    expect(desk.locator("#id_value")).to_have_value("三十二点五")
    choose_entry(desk, "治理废气")
    expect(desk.locator("#id_percent")).to_have_value("120")
    assert note(desk, "percent") == "须在 0 至 100 之间，填的是 120，请改正。"
    expect(desk.get_by_role("button", name="提交签发")).to_be_disabled()
    assert (scene.progress.percent, scene.progress.unparsed) == (None, {"percent": "120"})
    assert (scene.reading.value, scene.reading.unparsed) == (None, {"value": "三十二点五"})


def test_an_odd_value_asks_for_an_explanation_before_it_can_be_sent(scene: Scene, desk: Page) -> None:
    f.fill_entry(scene.progress, by=scene.filer)
    f.fill_entry(scene.entry("reading", indicator=scene.rate), by=scene.filer)
    desk.reload()
    choose_entry(desk, "绿道长度")
    write(desk, {"数据状态": "有数据", "数值": "20", "数据说明": "按新口径测量"})
    kept(desk)
    asked = "与上季 80 相比变动超过五成，请核对，或在提醒说明中写明原因。"
    assert note(desk, "value") == asked
    expect(desk.locator("[data-odd]")).to_contain_text(asked)
    expect(desk.get_by_role("button", name="提交签发")).to_be_disabled()
    write(desk, {"提醒说明": "部分路段改建，暂不计入。"})
    kept(desk)
    desk.get_by_label("单位审核人").fill("周立群")
    desk.get_by_role("button", name="提交签发").click()
    says(desk, "牵头局 2020年第2季度报送已提交签发。签发前需要修改的，可以撤回。")
    assert (scene.reading.value, scene.reading.explanation) == (D(20), "部分路段改建，暂不计入。")


def test_after_the_window_closed_the_page_says_so_and_keeps_the_words(scene: Scene, desk: Page) -> None:
    choose_entry(desk, "治理废气")
    closed_at = timezone.now() - timedelta(minutes=5)
    scene.period.due_at = scene.period.closes_at = closed_at
    scene.period.save()
    write(desk, {"进展情况": "关闭以后写的"})
    sentence = (
        f"2020年第2季度填报已于 {local(closed_at):%Y-%m-%d %H:%M} 关闭。确需补报的，请联系推进办登记延期。"
    )
    expect(desk.locator("[data-save-state]")).to_have_text(f"未保存：{sentence}内容仍在本页")
    expect(desk.locator("#id_text")).to_have_value("关闭以后写的")
    assert (scene.progress.text, scene.progress.version) == ("", 0)
    desk.on("dialog", lambda dialog: dialog.accept())
    desk.reload()
    says(desk, sentence)
    expect(desk.locator("#id_text")).to_be_disabled()
    assert scene.filing.status == Status.DRAFT


def test_somebody_elses_filing_is_not_there_and_a_reader_is_told_why_not(
    scene: Scene, page_of: Callable[..., Page]
) -> None:
    stranger, approver = page_of(scene.stranger), page_of(scene.approver)
    answer = stranger.goto(reverse("filings:edit", args=[scene.filing.pk]))
    assert answer is not None
    assert answer.status == 404
    expect(main(stranger)).not_to_contain_text("牵头局")
    answer = approver.goto(reverse("filings:edit", args=[scene.filing.pk]))
    assert answer is not None
    assert answer.status == 403
    expect(main(approver)).to_contain_text("只有牵头局的填报人可以办理，您可以查看。")
    assert EntryVersion.objects.filter(entry__filing=scene.filing).count() == 0

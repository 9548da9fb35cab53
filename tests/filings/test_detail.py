"""One filing as it reads: content, decisions, versions, the whole history; for whoever may see it."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from filings.models import Filing, Substitute
from filings.queries.detail import Detail
from filings.queries.detail import detail as read
from filings.services.entries import correct_entry, save_entry
from filings.services.moves import send_back, submit
from filings.services.review import accept_rest, complete_review, decide_entry
from filings.services.windows import extend
from filings.terms import Decision
from tests import factories as f
from tests.filings.queries import count
from tests.filings.scene import Scene


def url(scene: Scene) -> str:
    return reverse("filings:detail", args=[scene.filing.pk])


def seen(scene: Scene, who: str) -> Detail:
    """The page as one person sees it."""
    filing = Filing.objects.select_related("period__plan__office", "department").get(pk=scene.filing.pk)
    return read(filing, reader=getattr(scene, who), form=None, at=scene.at)


def said(scene: Scene, who: str, kind: str) -> list[str] | None:
    """The texts of one entry as one person reads it."""
    items = [item for _, items in seen(scene, who).groups for item in items if item.entry.kind == kind]
    return None if items[0].said is None else [x.text for x in items[0].said]


@pytest.fixture
def history(scene: Scene) -> Scene:
    """Sent, one entry returned, mended, sent again and accepted; each step an hour later."""
    hour = timedelta(hours=1)
    start = scene.at
    f.fill_entry(scene.progress, by=scene.filer, at=start, text="完成整治 5 家，累计 33 家。", percent=D(50))
    scene.send()
    decide_entry(
        entry=scene.progress, decision=Decision.RETURNED, seen=Decision.OPEN, code="R05", note="累计数与台账不符",
        by=scene.reviewer, at=start + hour,
    )  # fmt: skip
    accept_rest(filing=scene.filing, by=scene.reviewer, at=start + hour)
    complete_review(filing=scene.filing, by=scene.reviewer, at=start + hour)
    f.fill_entry(
        scene.progress,
        by=scene.colleague,
        at=start + 2 * hour,
        text="完成整治 5 家，累计 34 家。",
        percent=D(52),
    )
    submit(filing=scene.filing, checked_by="周立群", by=scene.filer, at=start + 2 * hour)
    f.sign(filing=scene.filing, by=scene.approver, at=start + 3 * hour)
    f.accept(scene.filing, by=scene.reviewer, at=start + 4 * hour)
    return scene


def test_every_entry_is_shown_with_content_clause_and_decision(history: Scene, client: Client) -> None:
    client.force_login(history.leader)
    response = client.get(url(history))
    assertContains(response, "完成整治 5 家，累计 34 家。")
    assertContains(response, "方案 三（1）1")
    assertContains(response, "顾明远")
    assertContains(response, "80 千米")
    assertContains(response, "52%")
    assertContains(response, "已采纳 <b>5/5</b> 项")


def test_versions_show_what_changed(history: Scene, client: Client) -> None:
    client.force_login(history.filer)
    response = client.get(url(history))
    assertContains(response, "2 个版本，改动了什么")
    assertContains(response, '<del class="d">33</del>')
    assertContains(response, '<ins class="d">34</ins>')
    assertContains(response, '<del class="d">50%</del>')
    assertContains(response, '<ins class="d">52%</ins>')
    page = seen(history, "filer")
    (item,) = page.groups[0][1]
    assert [(v.no, [c.label for c in v.changes]) for v in item.versions] == [
        (2, ["本年完成比例", "进展情况"]),
        (1, []),
    ]


def test_the_history_names_every_step_newest_first(history: Scene, client: Client) -> None:
    page = seen(history, "leader")
    assert [
        (passage.label, str(passage.move.by), [m.entry.title for m in passage.moves if m.entry])
        for passage in page.history
    ] == [
        ("审核采纳", "顾明远", []),
        ("采纳本项", "顾明远", ["治理废气"]),
        ("签发报送", "陆建平", []),
        ("提交签发", "沈晓岚", []),
        ("审核退回", "顾明远", []),
        ("采纳本项", "顾明远", ["达标率", "绿道长度", "建成监测站", "净气行动"]),
        ("退回本项", "顾明远", ["治理废气"]),
        ("签发报送", "陆建平", []),
        ("提交签发", "沈晓岚", []),
        ("建立应报事项", "None", []),
    ]
    client.force_login(history.leader)
    response = client.get(url(history))
    assertContains(response, "R05 口径不符：累计数与台账不符")


def test_timeliness_is_of_the_first_sending(db: None, client: Client) -> None:
    scene = Scene()
    scene.period.due_at = scene.at - timedelta(days=2, hours=1)
    scene.period.save()
    scene.send()
    client.force_login(scene.leader)
    assertContains(client.get(url(scene)), '<b class="l-late">迟 3 天</b>')


def test_an_extension_is_shown_with_who_and_why(history: Scene, client: Client) -> None:
    until = history.period.due_at + timedelta(days=2)
    extend(period=history.period, department=history.lead, until=until, reason="合并台账", approver="王主任", by=history.reviewer, at=history.at)  # fmt: skip
    client.force_login(history.filer)
    response = client.get(url(history))
    assertContains(response, "王主任批准：合并台账")
    assertContains(response, "延期")


def test_a_correction_is_marked_with_its_reason(history: Scene, client: Client) -> None:
    f.close_quarter(history.period)
    correct_entry(
        entry=history.reading, values={"value": D(82)}, reason="市级核定", by=history.reviewer, at=history.at
    )
    client.force_login(history.leader)
    response = client.get(url(history))
    assertContains(response, "已更正")
    assertContains(response, "顾明远 更正为第 2 版：市级核定")
    assertContains(response, '<del class="d">80 千米</del>')
    assertContains(response, '<ins class="d">82 千米</ins>')


# Drafts belong to the department


def test_a_draft_is_read_by_its_own_people_only(scene: Scene, client: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, text="草稿")
    assert said(scene, "approver", "progress") == ["50%", "正常", "按计划进行", "草稿"]
    for who in ("reviewer", "leader"):
        assert said(scene, who, "progress") is None
        client.force_login(getattr(scene, who))
        response = client.get(url(scene))
        assertContains(response, "本季尚未报送，填报内容在签发报送后可以查看。")
        assertNotContains(response, "草稿")


def test_while_it_is_mended_others_read_what_was_sent_last(scene: Scene, client: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, text="报出的")
    scene.send()
    decide_entry(
        entry=scene.progress, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="写实",
        by=scene.reviewer, at=scene.at,
    )  # fmt: skip
    accept_rest(filing=scene.filing, by=scene.reviewer, at=scene.at)
    complete_review(filing=scene.filing, by=scene.reviewer, at=scene.at)
    entry = f.fill_entry(scene.progress, by=scene.filer, text="改了一半")
    save_entry(
        entry=entry, values={"percent": None}, unparsed={"percent": "八成"}, version=entry.version,
        by=scene.filer, at=scene.at,
    )  # fmt: skip
    assert said(scene, "approver", "progress") == ["八成", "正常", "按计划进行", "改了一半"]
    assert said(scene, "leader", "progress") == ["50%", "正常", "按计划进行", "报出的"]
    client.force_login(scene.leader)
    assertContains(client.get(url(scene)), "正在修改，以下为最近一次报送的内容。")


# Who sees it


@pytest.mark.parametrize("who", ["filer", "colleague", "approver", "reviewer", "leader"])
def test_whoever_may_see_it(history: Scene, client: Client, who: str) -> None:
    client.force_login(getattr(history, who))
    assert client.get(url(history)).status_code == 200


def test_a_stranger_gets_404(history: Scene, client: Client) -> None:
    client.force_login(history.stranger)
    assert client.get(url(history)).status_code == 404
    client.force_login(f.make_sysadmin())
    assert client.get(url(history)).status_code == 404


def test_a_named_substitute_sees_it(history: Scene, client: Client) -> None:
    Substitute.objects.create(
        filing=history.filing,
        user=history.stranger,
        named_by=history.leader,
        reason="无其他审核人",
        at=history.at,
    )
    client.force_login(history.stranger)
    assertContains(client.get(url(history)), "外人，高为民指定：无其他审核人")


def test_the_filer_is_led_on_to_the_desk(scene: Scene, client: Client) -> None:
    client.force_login(scene.filer)
    assertContains(client.get(url(scene)), reverse("filings:edit", args=[scene.filing.pk]))
    submit(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    assertContains(client.get(url(scene)), reverse("filings:recall", args=[scene.filing.pk]))
    send_back(
        filing=scene.filing,
        notes={scene.progress.pk: ("R01", "写实")},
        by=scene.approver,
        at=scene.at + timedelta(hours=1),
    )
    assertContains(client.get(url(scene)), "改正退回的 1 项")


def test_it_takes_no_post(history: Scene, client: Client) -> None:
    client.force_login(history.filer)
    assert client.post(url(history)).status_code == 405


def test_queries_do_not_grow_with_entries_or_history(scene: Scene, client: Client) -> None:
    client.force_login(scene.leader)
    scene.send()
    one = count(client, url(scene))
    for _ in range(2):
        f.make_task(scene.action, lead=scene.lead)
        f.make_indicator(scene.plan, data_department=scene.lead)
    period = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    filing = f.file(f.filing_of(period, scene.lead), by=scene.filer, signed_by=scene.approver, at=scene.at)
    for text in ("二稿", "三稿"):
        Filing.objects.filter(pk=filing.pk).update(status="draft")
        f.fill_entry(f.entry_of(filing, kind="summary"), by=scene.filer, at=scene.at, text=text)
        f.file(f.filing_of(period, scene.lead), by=scene.filer, signed_by=scene.approver, at=scene.at)
    assert filing.entries.count() == 9
    assert f.entry_of(filing, kind="summary").versions.count() == 3
    assert count(client, reverse("filings:detail", args=[filing.pk])) == one

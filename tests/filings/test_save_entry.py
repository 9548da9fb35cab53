"""Saving an entry: by a script as one types, by a button without one; nothing typed is ever lost."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from filings.models import Entry
from filings.services.moves import submit
from harbor_plan.lib.moments import local
from tests import factories as f
from tests.filings.scene import Scene

FETCH = {"X-Requested-With": "fetch"}


def url(entry: Entry) -> str:
    return reverse("filings:save_entry", args=[entry.pk])


def at_desk(entry: Entry) -> str:
    return f"{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}"


def typed(**changes: str) -> dict[str, str]:
    """What a browser sends from the form of a progress entry."""
    return {
        "version": "0",
        "percent": "８５％",
        "percent_reason": "",
        "self_light": "on_track",
        "pace": "as_planned",
        "text": "完成 5 家",
        "problems": "",
        "cause": "",
        "coordination": "",
        "next_steps": "",
        "next_on": "",
        "explanation": "",
    } | changes


@pytest.fixture
def filer(scene: Scene, client: Client) -> Client:
    """A browser in which the filer is signed in."""
    client.force_login(scene.filer)
    return client


# With JavaScript


def test_a_script_gets_the_version_the_time_and_the_refreshed_parts(scene: Scene, filer: Client) -> None:
    response = filer.post(url(scene.progress), typed(), headers=FETCH)
    entry = scene.progress
    assert (entry.percent, entry.text, entry.version, entry.is_complete) == (D(85), "完成 5 家", 1, True)
    assert response.status_code == 200
    said = response.json()
    assert set(said) == {"ok", "version", "saved_at", "parts", "fields", "odd", "asks_explanation", "set"}
    assert entry.edited_at is not None
    assert (said["ok"], said["version"], said["saved_at"]) == (True, 1, f"{local(entry.edited_at):%H:%M}")
    assert set(said["parts"]) == {"list", "check", "bar", "submit", "desk_evidence"}
    assert said["set"] == {}
    assert "已填 1/5 项" in said["parts"]["bar"]
    assert "牵头任务进展 1/1" in said["parts"]["list"]
    assert "还有 4 项未填齐" in said["parts"]["check"]
    assert "提交签发" in said["parts"]["submit"]
    assert said["fields"]["percent"]["tone"] == ""
    assert "本季末序时 50%，快 35 个百分点" in said["fields"]["percent"]["html"]
    assert said["asks_explanation"] is False


def test_unread_text_is_saved_and_marked(scene: Scene, filer: Client) -> None:
    said = filer.post(url(scene.progress), typed(percent="八成五", text="写了很久"), headers=FETCH).json()
    assert said["ok"] is True
    assert said["fields"]["percent"]["tone"] == "err"
    assert "“八成五”不是数。请只填数字，例如 85 或 85.5。" in said["fields"]["percent"]["html"]
    entry = scene.progress
    assert (entry.unparsed, entry.percent, entry.text) == ({"percent": "八成五"}, None, "写了很久")


@pytest.mark.parametrize("percent", ["-1", "100.01", "１２０％"])
def test_a_percent_outside_0_to_100_is_refused_and_kept(scene: Scene, filer: Client, percent: str) -> None:
    said = filer.post(url(scene.progress), typed(percent=percent), headers=FETCH).json()
    assert "须在 0 至 100 之间" in said["fields"]["percent"]["html"]
    assert (scene.progress.percent, scene.progress.unparsed) == (None, {"percent": percent})


def test_a_correction_clears_the_unread_text(scene: Scene, filer: Client) -> None:
    filer.post(url(scene.progress), typed(percent="八成五"), headers=FETCH)
    said = filer.post(url(scene.progress), typed(version="1"), headers=FETCH).json()
    assert said["fields"]["percent"]["tone"] == ""
    assert (scene.progress.unparsed, scene.progress.percent) == ({}, D(85))


def test_a_warning_opens_the_explanation(scene: Scene, filer: Client) -> None:
    scene.send()
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    entry = f.entry_of(f.filing_of(later, scene.lead), kind="progress")
    said = filer.post(url(entry), typed(percent="40"), headers=FETCH).json()
    assert said["asks_explanation"] is True
    assert "本年完成比例由上季 50 降为 40" in said["odd"]
    assert said["fields"]["percent"]["tone"] == "warn"
    assert "#f-explanation" in said["parts"]["check"]


@pytest.mark.parametrize("who", ["approver", "reviewer", "leader"])
def test_a_reader_is_refused_in_words(scene: Scene, client: Client, who: str) -> None:
    client.force_login(getattr(scene, who))
    response = client.post(url(scene.progress), typed(), headers=FETCH)
    assert response.status_code == 403
    assert response.json() == {
        "ok": False,
        "axis": "permission",
        "sentence": "只有牵头局的填报人可以办理，您可以查看。",
    }
    assert scene.progress.version == 0


def test_a_closed_window_is_refused_in_words(scene: Scene, filer: Client) -> None:
    scene.period.due_at = scene.at - timedelta(days=2)
    scene.period.closes_at = scene.at - timedelta(days=1)
    scene.period.save()
    response = filer.post(url(scene.progress), typed(), headers=FETCH)
    assert response.status_code == 403
    assert response.json()["axis"] == "window"
    assert response.json()["sentence"].endswith("关闭。确需补报的，请联系推进办登记延期。")


def test_a_filing_on_its_way_is_refused_in_words(scene: Scene, filer: Client) -> None:
    submit(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    response = filer.post(url(scene.progress), typed(version="1"), headers=FETCH)
    assert response.status_code == 409
    assert response.json() == {
        "ok": False,
        "axis": "status",
        "sentence": "牵头局 2020年第2季度报送正在等待签发，需要修改请先撤回。",
    }


def test_the_second_of_two_sees_what_the_first_saved(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.colleague, text="同事写的", percent=D(60))
    response = filer.post(url(scene.progress), typed(text="我写的"), headers=FETCH)
    assert response.status_code == 409
    said = response.json()
    assert (said["ok"], said["axis"], said["version"]) == (False, "race", 1)
    assert said["sentence"].startswith("“治理废气”已由周立群于 ")
    for words in ("本年完成比例", "60", "进展情况", "同事写的", "仍按我的内容保存", at_desk(scene.progress)):
        assert words in said["panel"]
    assert "自评亮灯" not in said["panel"]
    assert scene.progress.text == "同事写的"


def test_what_stands_there_already_may_be_sent_again_with_an_old_version(scene: Scene, filer: Client) -> None:
    """As after a lost answer; what is different is refused as before."""
    sent = typed(percent="85.00", text="我写的")
    assert filer.post(url(scene.progress), sent, headers=FETCH).json()["version"] == 1
    said = filer.post(url(scene.progress), sent, headers=FETCH)
    assert (said.status_code, said.json()["ok"], said.json()["version"]) == (200, True, 1)
    assert filer.post(url(scene.progress), typed(text="另写的"), headers=FETCH).status_code == 409
    assert (scene.progress.text, scene.progress.version) == ("我写的", 1)


def test_signed_out_it_leads_to_sign_in_and_gives_back_what_was_typed(scene: Scene, client: Client) -> None:
    words = "完成5家企业的治理设施改造"
    desk = {"Referer": f"http://testserver{at_desk(scene.progress)}"}
    response = client.post(url(scene.progress), typed(text=words), headers=desk)
    assertContains(response, f">\n{words}</textarea>", status_code=403)
    back = quote(at_desk(scene.progress), safe="")
    assertContains(response, f'href="{reverse("login")}?next={back}"', status_code=403)
    assert scene.progress.version == 0


def test_saving_what_stands_already_changes_nothing(scene: Scene, filer: Client) -> None:
    filer.post(url(scene.progress), typed())
    before = scene.progress
    response = filer.post(url(scene.progress), typed(version="1", percent="85.00"), headers=FETCH)
    assert (response.json()["ok"], response.json()["version"]) == (True, 1)
    assert scene.progress.edited_at == before.edited_at


@pytest.mark.parametrize("number", ["9" * 30, "1" * 6000, "0." + "0" * 40 + "1"])
def test_a_number_no_column_holds_is_kept_as_typed(scene: Scene, filer: Client, number: str) -> None:
    sent = {"version": "0", "value_state": "value", "value": number}
    said = filer.post(url(scene.reading), sent, headers=FETCH).json()
    assert (said["ok"], said["fields"]["value"]["tone"]) == (True, "err")
    assert scene.reading.unparsed == {"value": number}
    assert number[:21] not in said["parts"]["check"]


def test_characters_no_document_can_hold_are_left_out(scene: Scene, filer: Client) -> None:
    filer.post(url(scene.progress), typed(text="一\x00二\x1b三\x0b四\r\n五", percent="8\x005"))
    assert (scene.progress.text, scene.progress.percent) == ("一二三\n四\n五", D(85))


# Without JavaScript


def test_a_button_saves_and_comes_back(scene: Scene, filer: Client) -> None:
    response = filer.post(url(scene.progress), typed(), follow=True)
    assertRedirects(response, at_desk(scene.progress))
    assert scene.progress.edited_at is not None
    assertContains(response, f"“治理废气”已保存 {local(scene.progress.edited_at):%H:%M}")
    assertContains(response, 'value="85"')


def test_another_button_saves_and_goes_on(scene: Scene, filer: Client) -> None:
    after = scene.entry("summary")
    response = filer.post(url(scene.progress), typed(then=str(after.pk)))
    assertRedirects(response, at_desk(after))
    assert scene.progress.version == 1


def test_an_error_is_kept_beside_its_field(scene: Scene, filer: Client) -> None:
    response = filer.post(url(scene.progress), typed(percent="一百二", text="其余照存"), follow=True)
    assertContains(response, 'value="一百二"')
    assertContains(response, "“一百二”不是数。请只填数字，例如 85 或 85.5。")
    assertContains(response, "其余照存")


def test_a_refused_page_keeps_what_was_typed(scene: Scene, filer: Client) -> None:
    submit(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    response = filer.post(url(scene.progress), typed(version="1", text="最后一刻写的"))
    assertContains(
        response,
        "未保存：牵头局 2020年第2季度报送正在等待签发，需要修改请先撤回。您填写的内容仍在本页。",
        status_code=409,
    )
    assertContains(response, "最后一刻写的", status_code=409)
    assertNotContains(response, '<fieldset class="bare" disabled>', status_code=409)


def test_a_conflict_keeps_both_and_can_be_settled(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.colleague, text="同事写的")
    response = filer.post(url(scene.progress), typed(text="我写的"))
    assertContains(response, "没有保存：内容已被他人更新", status_code=409)
    assertContains(response, "同事写的", status_code=409)
    assertContains(response, "我写的", status_code=409)
    assertContains(response, '<input type="hidden" name="version" value="1">', status_code=409, html=True)
    assertContains(response, "仍按我的内容保存", status_code=409)
    filer.post(url(scene.progress), typed(text="我写的", version="1"))
    assert (scene.progress.text, scene.progress.edited_by) == ("我写的", scene.filer)


# Readings


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        ({"value": "0"}, {"value_state": "value", "value": D(0)}),
        ({"value": "1,234.5"}, {"value_state": "value", "value": D("1234.5")}),
        ({"value_state": "no_data", "text": "未公布"}, {"value_state": "no_data", "value": None}),
        ({"value_state": "no_data", "value": "3"}, {"value": None, "unparsed": {"value": "3"}}),
        ({"value": "三千米"}, {"value": None, "unparsed": {"value": "三千米"}}),
    ],
)
def test_a_reading_is_a_value_zero_or_no_data(
    scene: Scene, filer: Client, data: dict[str, str], stored: dict[str, Any]
) -> None:
    assert filer.post(url(scene.reading), {"version": "0"} | data, headers=FETCH).json()["ok"] is True
    assert {name: getattr(scene.reading, name) for name in stored} == stored


def test_a_rate_is_worked_out_and_shown(scene: Scene, filer: Client) -> None:
    entry = scene.entry("reading", indicator=scene.rate)
    said = filer.post(
        url(entry), {"version": "0", "numerator": "7", "denominator": "9"}, headers=FETCH
    ).json()
    assert "算出 77.78%" in said["fields"]["denominator"]["html"]


# Who may


@pytest.mark.parametrize("who", ["approver", "reviewer", "leader"])
def test_a_reader_gets_403(scene: Scene, client: Client, who: str) -> None:
    client.force_login(getattr(scene, who))
    assert client.post(url(scene.progress), typed()).status_code == 403
    assert scene.progress.version == 0


@pytest.mark.parametrize("headers", [{}, FETCH])
def test_a_stranger_gets_404(scene: Scene, client: Client, headers: dict[str, str]) -> None:
    client.force_login(scene.stranger)
    assert client.post(url(scene.progress), typed(), headers=headers).status_code == 404
    assert scene.progress.version == 0


def test_it_takes_only_posts(scene: Scene, filer: Client) -> None:
    assert filer.get(url(scene.progress)).status_code == 405


def test_a_colleague_saves_too(scene: Scene, client: Client) -> None:
    client.force_login(scene.colleague)
    assert client.post(url(scene.progress), typed(), headers=FETCH).json()["ok"] is True
    assert scene.filing.filled_by == scene.colleague


def test_the_tests_own_way_of_filling_leaves_what_saving_one_by_one_leaves(scene: Scene) -> None:
    def rows() -> list[dict[str, Any]]:
        return list(Entry.objects.filter(filing=scene.filing).order_by("pk").values())

    with transaction.atomic():
        for entry in Entry.objects.filter(filing=scene.filing):
            f.fill_entry(entry, by=scene.filer, at=scene.at)
        one_by_one = rows()
        transaction.set_rollback(True)
    assert {row["version"] for row in rows()} == {0}
    f.fill(scene.filing, by=scene.filer, at=scene.at)
    assert rows() == one_by_one

"""What the desk does for the writer: nothing to report, copying forward, last year beside it, choosing between two."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from filings.errors import Problem
from filings.models import Entry, Filing
from filings.queries import desk as desk_page
from filings.services.entries import content, problems_of, save_entry
from filings.services.evidence import attach
from tests import factories as f
from tests.filings.samples import file
from tests.filings.scene import Scene
from tests.filings.test_save_entry import FETCH, typed, url


@pytest.fixture
def filer(scene: Scene, client: Client) -> Client:
    client.force_login(scene.filer)
    return client


@pytest.fixture
def past(db: None) -> Scene:
    """The second quarter of 2019."""
    return Scene(year=2019)


def save(entry: Entry, **values: Any) -> list[Problem]:
    """Save these values as the entry's filer and give what is still wrong."""
    entry = Entry.objects.for_page().get(pk=entry.pk)
    who = entry.filing.department.memberships.filter(role="filer").order_by("pk")[0].user
    saved = save_entry(
        entry=entry, values=values, unparsed={}, version=entry.version, by=who, at=timezone.now()
    )
    return problems_of([saved])[saved.pk]


def later(scene: Scene, year: int = 2020, quarter: int = 3) -> Filing:
    """The same department's filing of a later quarter."""
    return f.filing_of(f.open_quarter(scene.plan, year, quarter, at=scene.at), scene.lead)


# Nothing to report


@pytest.mark.parametrize("kind", ["progress", "summary"])
def test_a_reason_stands_for_the_text(scene: Scene, kind: str) -> None:
    values: dict[str, Any] = {"nothing_reason": "项目待批"}
    if kind == "progress":
        values["percent"] = D(0)
        values |= {"problems": "待批", "next_steps": "催办", "next_on": scene.period.last_day}
    assert save(scene.entry(kind), **values) == []
    assert scene.entry(kind).is_complete
    assert content(scene.entry(kind))["nothing_reason"] == "项目待批"


def test_a_contribution_too(scene: Scene) -> None:
    entry = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    assert [p.field for p in save(entry, nothing_reason="")] == ["text"]
    assert save(entry, nothing_reason="本季无配合事项") == []


def test_a_reason_and_a_text_contradict_each_other(scene: Scene) -> None:
    (problem,) = save(scene.entry("summary"), text="开会一次", nothing_reason="项目待批")
    assert (problem.field, problem.is_warning) == ("nothing_reason", False)
    assert problem.sentence == "行动小结与“本季无工作”矛盾，只能填一栏，请删去其中一栏。"


def test_the_percent_stays_what_it_was_unless_one_is_given(scene: Scene) -> None:
    f.fill_entry(scene.progress, by=scene.filer, percent=D(80))
    scene.send()
    entry = f.entry_of(later(scene), kind="progress")
    assert save(entry, nothing_reason="汛期停工") == []
    assert f.entry_of(entry.filing, kind="progress").percent == D(80)
    (problem,) = save(entry, percent=D(85))
    assert (problem.field, problem.is_warning) == ("percent", True)
    assert problem.sentence == "已填“本季无工作”，完成比例却高于上季，请核对，或在提醒说明中写明原因。"


def test_a_new_year_begins_with_no_percent(past: Scene) -> None:
    last = f.file(later(past, 2019, 4), by=past.filer, signed_by=past.approver, at=past.at)
    assert last.first_submitted_at
    entry = f.entry_of(later(past, 2020, 1), kind="progress")
    assert [p.field for p in save(entry, nothing_reason="尚未开工")] == ["percent"]


def test_behind_schedule_still_needs_its_plan_but_no_second_cause(scene: Scene) -> None:
    fields = [p.field for p in save(scene.progress, percent=D(10), nothing_reason="项目待批")]
    assert fields == ["problems", "next_steps", "next_on"]


def test_a_script_gets_the_percent_that_was_filled_in(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, percent=D(80))
    scene.send()
    entry = f.entry_of(later(scene), kind="progress")
    sent = typed(percent="", self_light="", pace="", text="", nothing_reason="汛期停工")
    assert filer.post(url(entry), sent, headers=FETCH).json()["set"] == {"percent": "80"}


# Claims and leaps


def test_a_leap_of_fifty_points_asks_for_evidence(scene: Scene) -> None:
    f.fill_entry(scene.progress, by=scene.filer, percent=D("49.5"), problems="慢", cause="雨", next_steps="赶工",
                 next_on=scene.period.last_day)  # fmt: skip
    f.file(scene.filing, by=scene.filer, signed_by=scene.approver, at=scene.at)
    entry = f.entry_of(later(scene), kind="progress")
    assert save(entry, percent=D(99), self_light="on_track", pace="as_planned", text="赶上") == []
    (problem,) = save(entry, percent=D("99.5"))
    assert problem.sentence == (
        "本年完成比例较上季提高 50 个百分点，但没有佐证材料，请上传佐证，或在提醒说明中写明原因。"
    )
    attach(entry=entry, file=file(), by=scene.filer, at=scene.at)
    assert f.entry_of(entry.filing, kind="progress").is_complete


def test_a_milestone_done_asks_for_evidence(scene: Scene) -> None:
    entry = scene.entry("milestone")
    (problem,) = save(entry, milestone_state="done", done_on=scene.period.last_day)
    assert problem.sentence == "节点报已完成，但没有佐证材料，请上传佐证，或在提醒说明中写明原因。"
    assert save(entry, explanation="验收文件为密件") == []


# Copied


def test_the_server_decides_what_was_copied(scene: Scene) -> None:
    scene.send()
    before = scene.progress.text
    entry = f.entry_of(later(scene), kind="progress")
    (problem,) = save(entry, percent=D(75), self_light="on_track", pace="as_planned", text=f" {before}\n")
    assert (problem.field, problem.is_warning) == ("text", True)
    assert f.entry_of(entry.filing, kind="progress").copied == ["text"]
    assert save(entry, text=f"{before}又完成一家。") == []
    assert f.entry_of(entry.filing, kind="progress").copied == []


def test_a_button_copies_one_field_and_keeps_what_stands_there(scene: Scene, filer: Client) -> None:
    scene.send()
    entry = f.entry_of(later(scene), kind="progress")
    filer.post(url(entry), typed(text="新写的", copy="text"))
    assert f.entry_of(entry.filing, kind="progress").text == f"新写的\n{scene.progress.text}"


def test_a_button_copies_every_empty_field(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, text="上季做的", problems="缺人", next_steps="招人")
    f.file(scene.filing, by=scene.filer, signed_by=scene.approver, at=scene.at)
    entry = f.entry_of(later(scene), kind="progress")
    filer.post(url(entry), typed(text="新写的", copy="all"))
    stored = f.entry_of(entry.filing, kind="progress")
    assert (stored.text, stored.problems, stored.next_steps) == ("新写的", "缺人", "招人")
    assert stored.copied == ["problems", "next_steps"]
    page = filer.get(f"{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}")
    assertContains(page, '<span class="tag" data-copied>沿用上季</span>', count=2)
    assertContains(page, "1 项有沿用上季未改的文字")
    assertContains(page, "沿用上季全部文字")


def test_nothing_is_copied_of_a_quarter_that_was_never_sent(scene: Scene, filer: Client) -> None:
    scene.fill()
    entry = f.entry_of(later(scene), kind="progress")
    filer.post(url(entry), typed(text="", copy="all"))
    assert f.entry_of(entry.filing, kind="progress").text == ""


# Beside the field


def test_the_same_quarter_of_last_year_stands_beside(past: Scene) -> None:
    f.fill_entry(past.progress, by=past.filer, percent=D(61), text="去年这时候")
    past.send()
    filing = later(past, 2020, 2)
    entry = f.entry_of(filing, kind="progress")
    page = desk_page.desk(filing, entry_id=entry.pk, form=None, is_check=False, at=past.at)
    assert page is not None
    assert page.year_ago == past.progress
    beside = {field.name: (field.before, field.year_ago) for field in page.fields}
    assert (beside["percent"], beside["text"]) == (("", "61%"), ("", "去年这时候"))


def test_last_year_is_left_out_when_it_was_never_sent(past: Scene, client: Client) -> None:
    client.force_login(past.filer)
    past.fill()
    entry = f.entry_of(later(past, 2020, 2), kind="progress")
    page = client.get(f"{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}")
    assertNotContains(page, "上年同期")


# Two at one entry


def test_a_choice_for_each_field_is_kept(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.colleague, text="同事写的", percent=D(60), problems="同事的问题")
    response = filer.post(url(scene.progress), typed(text="我写的"))
    for name in ("percent", "text", "problems"):
        assertContains(response, f'name="take_{name}" value="theirs"', status_code=409)
    assertNotContains(response, 'name="take_self_light"', status_code=409)
    choices = {"take_percent": "theirs", "take_text": "mine", "take_problems": "theirs"}
    filer.post(url(scene.progress), typed(text="我写的", version="1", **choices))
    stored = scene.progress
    assert (stored.percent, stored.text, stored.problems) == (D(60), "我写的", "同事的问题")
    assert stored.edited_by == scene.filer


def test_what_the_page_did_not_touch_is_proposed_as_the_other_saved_it(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.colleague, text="同事写的", percent=D(60))
    panel = filer.post(url(scene.progress), typed(text="我写的", touched="text"), headers=FETCH).json()[
        "panel"
    ]
    radio = (
        '<input class="form-check-input" type="radio" form="entry-form" name="take_{}" value="{}" checked>'
    )
    assert [radio.format(*which) in panel for which in (("text", "mine"), ("percent", "theirs"))] == [
        True,
        True,
    ]
    assert "您没有改过这一栏" in panel


def test_a_third_save_in_between_asks_again(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.colleague, text="同事写的")
    f.fill_entry(scene.progress, by=scene.colleague, text="同事又写的")
    said = filer.post(
        url(scene.progress), typed(text="我写的", version="1", take_percent="theirs"), headers=FETCH
    ).json()
    assert (said["ok"], said["axis"], said["version"]) == (False, "race", 2)
    assert scene.progress.text == "同事又写的"


# The first opening


def test_the_first_opening_is_stamped_once_and_only_for_who_may_write(scene: Scene, client: Client) -> None:
    page = reverse("filings:edit", args=[scene.filing.pk])
    client.force_login(scene.approver)
    client.get(page)
    assert scene.filing.begun_at is None
    client.force_login(scene.filer)
    before = timezone.now()
    client.get(page)
    first = scene.filing.begun_at
    assert first is not None
    assert before <= first <= timezone.now()
    client.force_login(scene.colleague)
    client.get(page)
    assert scene.filing.begun_at == first

"""Work items in the lead's progress entry: asked from the version in force, filed with it, and the percent that follows."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from filings.errors import Incomplete, Refused
from filings.forms.entry import EntryForm
from filings.models import Entry, ItemProgress
from filings.services.entries import around, content, correct_entry, problems_of, save_entry
from filings.services.items import asked, computed, done, in_force_for, is_own_percent, roll_over, unfinished
from filings.services.moves import sign, submit
from tasks.models import WorkItem
from tasks.services.items import drop_item, edit_item
from tests import factories as f
from tests.filings import items_scene as plans
from tests.filings.scene import Scene

FETCH = {"X-Requested-With": "fetch"}


@pytest.fixture
def items(scene: Scene) -> tuple[WorkItem, WorkItem]:
    """Two items in force for the scene's task."""
    _, first, second = plans.two_items(scene)
    return first, second


def save(scene: Scene, entry: Entry, unparsed: dict[str, str] | None = None, **values: Any) -> Entry:
    """Saved by the filer over the newest version; values by column, or by item_ID."""
    return save_entry(
        entry=entry,
        values=values,
        unparsed=unparsed or {},
        version=entry.version,
        by=scene.filer,
        at=scene.at,
    )


def percents(first: WorkItem, second: WorkItem, one: str | None, two: str | None) -> dict[str, Any]:
    return {f"item_{first.pk}": one and D(one), f"item_{second.pk}": two and D(two)}


def sentences(entry: Entry) -> list[tuple[str, str]]:
    return [(p.field, p.sentence) for p in problems_of([entry])[entry.pk]]


# What is asked


def test_without_an_annual_plan_the_percent_is_typed_as_before(scene: Scene) -> None:
    entry = scene.progress
    assert asked(entry) == ()
    assert around(entry, scene.period, None).expected == D(50)
    assert next(iter(EntryForm.of(entry).fields)) == "percent"
    assert EntryForm.of(entry).fields["percent"].label == "本年完成比例"


def test_items_are_asked_of_the_lead_only(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    assert [item.id for item in asked(scene.progress)] == [item.pk for item in items]
    helper = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    assert asked(helper) == asked(scene.entry("summary")) == asked(scene.reading) == ()


def test_time_progress_follows_from_the_items(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    assert around(scene.progress, scene.period, None).expected == D("42.50")


def test_a_change_asks_nothing_before_it_is_approved(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    plan = plans.change(scene, items[0].annual_plan)
    third = plans.add(scene, plan, "走航监测")
    assert len(asked(scene.progress)) == 2
    plans.approve(scene, plan)
    assert [item.id for item in asked(scene.progress)] == [items[0].pk, items[1].pk, third.pk]


def test_a_closed_quarter_keeps_the_version_it_was_closed_with(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    period = f.close_quarter(scene.period, at=scene.at + timedelta(days=1))
    plan = plans.change(scene, items[0].annual_plan)
    plans.add(scene, plan, "走航监测")
    plans.approve(scene, plan, at=scene.at + timedelta(days=2))
    assert [len(rows) for rows in in_force_for(period).values()] == [2]
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at + timedelta(days=3))
    assert [len(rows) for rows in in_force_for(later).values()] == [3]


# What is filed


def test_the_percent_is_computed_from_the_items(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    entry = save(scene, scene.progress, **percents(*items, "50", "20.5"), percent=None)
    assert (entry.percent, done(scene.progress)) == (D("42.63"), {items[0].pk: D(50), items[1].pk: D("20.5")})
    assert not is_own_percent(scene.progress)
    assert content(scene.progress)["items"] == [
        {"id": items[0].pk, "measure": "整治企业 42 家", "percent": "50"},
        {"id": items[1].pk, "measure": "监控联网 18 套", "percent": "20.5"},
    ]


def test_while_one_item_is_missing_there_is_no_percent_and_it_is_named(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    entry = save(scene, scene.progress, **percents(*items, "50", None), percent=None)
    assert entry.percent is None
    assert sentences(scene.progress)[0] == (
        f"item_{items[1].pk}",
        "请填写工作项“监控联网 18 套”的完成比例，0 至 100 之间的数。",
    )
    assert not entry.is_complete


def test_a_saved_item_is_emptied_again(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    save(scene, scene.progress, **percents(*items, "50", "20"), percent=None)
    entry = save(scene, scene.progress, **percents(*items, "50", None), percent=None)
    assert (entry.percent, done(scene.progress)) == (None, {items[0].pk: D(50)})


def test_zero_is_a_percent(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    entry = save(scene, scene.progress, **percents(*items, "0", "0"), percent=None)
    assert entry.percent == D("0.00")
    assert done(scene.progress) == {items[0].pk: D(0), items[1].pk: D(0)}


def test_another_percent_needs_a_reason(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    complete = f.complete_values(scene.progress) | percents(*items, "60", "60")
    entry = save(scene, scene.progress, **complete | {"percent": D(70)})
    assert (entry.percent, is_own_percent(entry), entry.is_complete) == (D(70), True, False)
    assert sentences(scene.progress) == [
        (
            "percent_reason",
            "按工作项算为 60%，改用 70% 的，须写明理由；不改用的，请清空“改用其他比例”。",
        )
    ]
    entry = save(scene, scene.progress, percent_reason="两项工作已提前验收")
    assert (entry.percent, entry.is_complete) == (D(70), True)


def test_a_chosen_percent_stays_when_items_move_and_goes_when_it_is_emptied(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    save(scene, scene.progress, **percents(*items, "60", "60"), percent=D(70), percent_reason="已验收")
    entry = save(scene, scene.progress, **percents(*items, "64", "60"))
    assert entry.percent == D(70)
    entry = save(scene, scene.progress, percent=None)
    assert (entry.percent, is_own_percent(entry)) == (D("63.00"), False)


def test_a_percent_nobody_mentions_follows_the_items(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    save(scene, scene.progress, **percents(*items, "60", "60"), percent=None)
    assert save(scene, scene.progress, **percents(*items, "80", "60")).percent == D("75.00")
    assert save(scene, scene.progress, text="只改文字").percent == D("75.00")


def test_the_percent_of_the_items_itself_is_no_other_percent(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    entry = save(scene, scene.progress, **percents(*items, "60", "60"), percent=D(60))
    assert not is_own_percent(entry)


def test_an_item_that_fell_is_asked_about(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    for entry in Entry.objects.for_page().filter(filing=scene.filing).exclude(kind="progress"):
        f.fill_entry(entry, by=scene.filer, at=scene.at)
    save(
        scene,
        scene.progress,
        **f.complete_values(scene.progress) | percents(*items, "60", "60") | {"percent": None},
    )
    scene.send()
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    entry = f.entry_of(f.filing_of(later, scene.lead), kind="progress")
    complete = f.complete_values(entry) | percents(*items, "90", "55") | {"percent": None}
    save(scene, entry, **complete)
    again = Entry.objects.for_page().get(pk=entry.pk)
    assert sentences(again) == [
        (
            f"item_{items[1].pk}",
            "工作项“监控联网 18 套”由上季 60% 降为 55%，请核对，或在提醒说明中写明原因。",
        )
    ]


def test_where_nothing_was_done_the_items_stand_as_last_quarter(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    complete = f.complete_values(scene.progress) | percents(*items, "60", "60") | {"percent": None}
    save(scene, scene.progress, **complete)
    scene.send()
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    entry = f.entry_of(f.filing_of(later, scene.lead), kind="progress")
    saved = save(scene, entry, nothing_reason="设备检修", percent=None)
    assert (done(saved), saved.percent) == ({items[0].pk: D(60), items[1].pk: D(60)}, D(60))


def test_foreign_items_are_ignored(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    other = f.make_task(scene.action, lead=scene.lead)
    plan = plans.change(scene, items[0].annual_plan)
    stray = plans.add(scene, plan, "另一任务的", task=other)
    save(
        scene,
        scene.progress,
        **percents(*items, "60", "60"),
        **{f"item_{stray.pk}": D(1), "item_999999": D(1)},
    )
    assert set(done(scene.progress)) == {item.pk for item in items}


def test_an_item_that_left_the_plan_leaves_the_entry_with_the_next_save(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    save(scene, scene.progress, **percents(*items, "80", "20"), percent=None)
    plan = plans.change(scene, items[0].annual_plan)
    drop_item(item=items[1], reason="并入", version=1, by=scene.filer, at=scene.at)
    plans.approve(scene, plan)
    entry = save(scene, scene.progress, text="新的情况", percent=None)
    assert (entry.percent, done(scene.progress)) == (D("80.00"), {items[0].pk: D(80)})


def test_changed_weights_make_the_earlier_result_another_percent_that_can_be_emptied(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    save(scene, scene.progress, **percents(*items, "80", "20"), percent=None)
    plan = plans.change(scene, items[0].annual_plan)
    edit_item(
        item=items[1],
        values=plans.values(scene, "监控联网 18 套", weight=D(3)),
        version=1,
        by=scene.filer,
        at=scene.at,
    )
    plans.approve(scene, plan)
    entry = scene.progress
    assert (entry.percent, computed(entry)) == (D("65.00"), D("50.00"))
    assert ("percent_reason" in dict(sentences(entry))) is True
    assert save(scene, entry, percent=None).percent == D("50.00")


# Sending


def test_a_filing_with_an_item_missing_is_not_submitted(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    scene.fill()
    save(scene, scene.progress, **percents(*items, None, None))
    with pytest.raises(Incomplete) as refused:
        submit(filing=scene.filing, by=scene.filer, at=scene.at)
    assert [p.field for p in refused.value.problems[scene.progress.pk]] == [
        f"item_{item.pk}" for item in items
    ]


def test_signing_keeps_the_items_in_the_version_and_again_only_when_they_changed(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    save(
        scene,
        scene.progress,
        **f.complete_values(scene.progress) | percents(*items, "60", "40") | {"percent": None},
    )
    scene.send()
    version = scene.progress.versions.get()
    assert version.content["percent"] == "55"
    assert [row["percent"] for row in version.content["items"]] == ["60", "40"]
    assert version.content == content(scene.progress)


def test_a_correction_after_closing_recomputes(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    save(
        scene,
        scene.progress,
        **f.complete_values(scene.progress) | percents(*items, "60", "40") | {"percent": None},
    )
    f.accept(scene.send(), by=scene.reviewer, at=scene.at)
    f.close_quarter(scene.period, at=scene.at)
    values = {f"item_{items[1].pk}": D(80), "percent": None}
    corrected = correct_entry(
        entry=scene.progress, values=values, reason="漏计", by=scene.reviewer, at=scene.at
    )
    assert corrected.percent == D("65.00")
    assert done(scene.progress) == {items[0].pk: D(60), items[1].pk: D(80)}
    with pytest.raises(Refused, match="改用 90% 的，须写明理由"):
        correct_entry(
            entry=scene.progress, values={"percent": D(90)}, reason="再改", by=scene.reviewer, at=scene.at
        )
    assert scene.progress.percent == D("65.00")


# The next year


def test_what_is_not_accepted_at_a_hundred_goes_over(scene: Scene) -> None:
    plan = plans.create_plan(action=scene.action, year=2019, by=scene.filer, at=scene.at)
    year_end = date(2019, 12, 31)
    whole = plans.add(scene, plan, "做完的", due_on=year_end)
    partly = plans.add(scene, plan, "没做完的", due_on=year_end)
    never = plans.add(scene, plan, "没报过的", due_on=year_end)
    unaccepted = plans.add(scene, plan, "没采纳的", due_on=year_end)
    plan = plans.approve(scene, plan)
    period = f.open_quarter(scene.plan, 2019, 4, at=scene.at)
    entry = f.entry_of(f.filing_of(period, scene.lead), kind="progress")
    ItemProgress.objects.create(entry=entry, item=whole, percent=100)
    ItemProgress.objects.create(entry=entry, item=partly, percent=85)
    Entry.objects.filter(pk=entry.pk).update(
        decision="accepted", is_complete=True, decided_at=scene.at, decided_by=scene.reviewer
    )
    earlier = f.open_quarter(scene.plan, 2019, 3, at=scene.at)
    before = f.entry_of(f.filing_of(earlier, scene.lead), kind="progress")
    ItemProgress.objects.create(entry=before, item=unaccepted, percent=100)
    assert unfinished(plan) == [partly.pk, never.pk, unaccepted.pk]
    following, count = roll_over(plan=plan, by=scene.filer, at=scene.at)
    assert (following.year, count) == (2020, 3)
    assert roll_over(plan=plan, by=scene.filer, at=scene.at) == (following, 0)


# The desk


@pytest.fixture
def filer(scene: Scene, client: Client) -> Client:
    client.force_login(scene.filer)
    return client


def desk_url(scene: Scene) -> str:
    entry = scene.progress
    return f"{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}"


def save_url(scene: Scene) -> str:
    return reverse("filings:save_entry", args=[scene.progress.pk])


def typed(first: WorkItem, second: WorkItem, one: str, two: str, **changes: str) -> dict[str, str]:
    return {"version": "0", f"item_{first.pk}": one, f"item_{second.pk}": two, "percent": ""} | changes


def test_the_desk_shows_every_item_with_its_input(
    scene: Scene, filer: Client, items: tuple[WorkItem, WorkItem]
) -> None:
    response = filer.get(desk_url(scene))
    for item in items:
        assertContains(response, f'name="item_{item.pk}"', count=1)
        assertContains(response, item.measure)
    assertContains(response, "还有 2 项未填，填齐后算出本年完成比例。")
    assertContains(response, "改用其他比例")
    assertContains(response, "本季末应达 42.5%")
    assertContains(response, "本季末序时 42.5%")


def test_without_a_plan_the_desk_has_no_table(scene: Scene, filer: Client) -> None:
    response = filer.get(desk_url(scene))
    assertNotContains(response, "工作项完成情况")
    assertContains(response, "本年完成比例")


def test_a_script_saves_items_and_gets_the_percent(
    scene: Scene, filer: Client, items: tuple[WorkItem, WorkItem]
) -> None:
    said = filer.post(save_url(scene), typed(*items, "５０％", "20.5"), headers=FETCH).json()
    assert (said["ok"], said["version"], scene.progress.percent) == (True, 1, D("42.63"))
    assert "本年完成比例 <b>42.63" in said["parts"]["items_total"]
    assert "(3 × 50% + 1 × 20.5%) ÷ 4 = 42.63%" in said["parts"]["items_total"]
    assert {f"item_{item.pk}" for item in items} <= set(said["fields"])
    assert "快 0.13 个百分点" in said["fields"]["percent"]["html"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("120", "须在 0 至 100 之间，填的是 120，请改正。"),
        ("-1", "须在 0 至 100 之间，填的是 -1，请改正。"),
        ("一半", "“一半”不是数。请只填数字，例如 85 或 85.5。"),
        ("33.333", "最多填 2 位小数，请四舍五入后填写。"),
    ],
)
def test_what_is_no_percent_is_marked_and_kept(
    scene: Scene, filer: Client, items: tuple[WorkItem, WorkItem], text: str, sentence: str
) -> None:
    said = filer.post(save_url(scene), typed(*items, text, "20"), headers=FETCH).json()
    field = said["fields"][f"item_{items[0].pk}"]
    assert (said["ok"], field["tone"], sentence in field["html"]) == (True, "err", True)
    entry = scene.progress
    assert (entry.unparsed, entry.percent) == ({f"item_{items[0].pk}": text}, None)
    assert done(entry) == {items[1].pk: D(20)}
    assertContains(filer.get(desk_url(scene)), f'value="{text}"')
    save(scene, scene.progress, text="别处改的")
    assert scene.progress.unparsed == {f"item_{items[0].pk}": text}


def test_the_computed_percent_does_not_stand_in_the_field_for_another(
    scene: Scene, filer: Client, items: tuple[WorkItem, WorkItem]
) -> None:
    filer.post(save_url(scene), typed(*items, "60", "60"), headers=FETCH)
    assert EntryForm.of(scene.progress).typed()["percent"] == ""
    filer.post(save_url(scene), typed(*items, "60", "60", version="1", percent="70"), headers=FETCH)
    assert EntryForm.of(scene.progress).typed()["percent"] == "70"
    assertContains(filer.get(desk_url(scene)), "本次改用 <b>70")


def test_a_page_from_before_the_approval_loses_no_item(
    scene: Scene, filer: Client, items: tuple[WorkItem, WorkItem]
) -> None:
    save(scene, scene.progress, **percents(*items, "60", "60"), percent=None)
    filer.post(save_url(scene), {"version": "1", "percent": "", "text": "旧页面"}, headers=FETCH)
    assert done(scene.progress) == {items[0].pk: D(60), items[1].pk: D(60)}


def test_two_tabs_do_not_overwrite_items_unseen(
    scene: Scene, filer: Client, items: tuple[WorkItem, WorkItem]
) -> None:
    save(scene, scene.progress, **percents(*items, "60", "60"), percent=None)
    response = filer.post(save_url(scene), typed(*items, "10", "60"), headers=FETCH)
    assert response.status_code == 409
    assert done(scene.progress)[items[0].pk] == D(60)
    assert "整治企业 42 家" in response.json()["panel"]


def test_readers_see_the_items_that_were_sent(
    scene: Scene, client: Client, items: tuple[WorkItem, WorkItem]
) -> None:
    save(
        scene,
        scene.progress,
        **f.complete_values(scene.progress) | percents(*items, "60", "40") | {"percent": None},
    )
    scene.send()
    client.force_login(scene.leader)
    page = client.get(reverse("filings:detail", args=[scene.filing.pk]))
    assertContains(page, "工作项完成比例")
    assertContains(page, "监控联网 18 套 40%")


def test_signing_asks_no_more_queries_for_more_items(
    scene: Scene, items: tuple[WorkItem, WorkItem], django_assert_max_num_queries: Any
) -> None:
    plan = plans.change(scene, items[0].annual_plan)
    more = [plans.add(scene, plan, f"第{no}项") for no in range(10)]
    plans.approve(scene, plan)
    values = {f"item_{item.pk}": D(60) for item in (*items, *more)} | {"percent": None}
    save(scene, scene.progress, **f.complete_values(scene.progress) | values)
    for entry in Entry.objects.for_page().filter(filing=scene.filing, is_complete=False):
        f.fill_entry(entry, by=scene.filer, at=scene.at)
    submit(filing=scene.filing, by=scene.filer, at=scene.at)
    filing = scene.filing
    with django_assert_max_num_queries(30):
        sign(filing=filing, by=scene.approver, at=scene.at)

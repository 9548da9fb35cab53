"""The filing desk: the form of one entry beside last quarter, and what stands in the way of submitting."""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from filings.models import Entry, Filing
from filings.queries.desk import Desk
from filings.queries.desk import desk as build
from filings.services.moves import send_back, submit
from filings.services.review import accept_rest, reopen
from filings.terms import Status
from tests import factories as f
from tests.filings.queries import count
from tests.filings.scene import Scene


def url(scene: Scene, entry: Entry | None = None) -> str:
    """The address of the desk, at an entry."""
    address = reverse("filings:edit", args=[scene.filing.pk])
    return f"{address}?entry={entry.pk}" if entry else address


def desk(scene: Scene, entry: Entry) -> Desk:
    """The desk at one entry, as the view builds it."""
    filing = Filing.objects.select_related("period__plan__office", "department").get(pk=entry.filing_id)
    page = build(filing, entry_id=entry.pk, form=None, is_check=False, at=scene.at)
    assert page is not None
    return page


@pytest.fixture
def filer(scene: Scene, client: Client) -> Client:
    """A browser in which the filer is signed in."""
    client.force_login(scene.filer)
    return client


# The form


@pytest.mark.parametrize(
    ("kind", "labels"),
    [
        (
            "progress",
            [
                "本年完成比例", "比例说明", "自评亮灯", "进展状态", "进展情况", "本季无工作的理由", "存在问题", "原因",
                "需协调事项", "下一步计划", "下一步计划时限",
            ],
        ),
        ("summary", ["行动小结", "本季无工作的理由", "存在问题", "下一步计划"]),
        ("milestone", ["节点状态", "完成日期", "情况说明"]),
    ],
)  # fmt: skip
def test_each_kind_has_its_fields(scene: Scene, filer: Client, kind: str, labels: list[str]) -> None:
    entry = scene.entry(kind)
    assert [field.bound.label for field in desk(scene, entry).fields] == labels
    response = filer.get(url(scene, entry))
    for label in labels:
        assertContains(response, label)


def test_a_contribution_has_its_fields(scene: Scene, client: Client) -> None:
    filing = f.filing_of(scene.period, scene.helper)
    client.force_login(scene.stranger)
    response = client.get(reverse("filings:edit", args=[filing.pk]))
    assertContains(response, "配合情况")
    assertContains(response, "牵头 牵头局")
    assertContains(response, "配合 配合局")


def test_a_reading_asks_for_its_value_in_the_indicators_unit(scene: Scene, filer: Client) -> None:
    f.make_target(scene.indicator, "32")
    response = filer.get(url(scene, scene.reading))
    assertContains(response, "本期无数据")
    assertContains(response, '<span class="unit">千米</span>', html=True)
    assertContains(response, "目标 2020年12月31日 不低于 32")


def test_a_described_level_is_picked_from_a_list(scene: Scene, filer: Client) -> None:
    scene.indicator.levels = ["未启动", "达到"]
    scene.indicator.save()
    f.make_target(scene.indicator, "1")
    response = filer.get(url(scene, f.fill_entry(scene.reading, by=scene.filer, value=D(1))))
    assertContains(response, '<option value="1" selected>达到</option>', html=True)
    assertContains(response, "目标 2020年12月31日 不低于 达到")


def test_a_yearly_reading_says_what_was_filed_last(db: None, client: Client) -> None:
    scene = Scene(year=2018, quarter=4)
    scene.send()
    later = f.open_quarter(scene.plan, 2019, 4, at=scene.at)
    entry = f.entry_of(f.filing_of(later, scene.lead), indicator=scene.indicator)
    assert desk(scene, entry).beside.facts == ["口径 时点值", "单位 千米", "上次 2018年第4季度 80 千米"]


def test_a_rate_asks_for_numerator_and_denominator(scene: Scene, filer: Client) -> None:
    entry = scene.entry("reading", indicator=scene.rate)
    f.fill_entry(entry, by=scene.filer)
    response = filer.get(url(scene, entry))
    assertContains(response, "分子：达标数")
    assertContains(response, "分母：总数")
    assertContains(response, "算出 80%")
    assertNotContains(response, 'name="value"')


def test_lights_are_offered_with_colour_word_and_shape(scene: Scene, filer: Client) -> None:
    response = filer.get(url(scene, scene.progress))
    for key, css, word in (
        ("done", "done", "已完成"),
        ("on_track", "ok", "正常"),
        ("behind", "slow", "滞后"),
        ("late", "late", "严重滞后"),
    ):
        assertContains(response, f'<input type="radio" name="self_light" value="{key}"')
        assertContains(
            response,
            f'<span class="light l-{css}"><svg class="g" aria-hidden="true"><use href="#g-{css}"/></svg>{word}</span>',
        )


def test_every_input_has_a_label_and_names_its_notes(scene: Scene, filer: Client) -> None:
    response = filer.get(url(scene, scene.progress))
    for name in ("percent", "pace", "text", "problems", "next_on"):
        assertContains(response, f'<label class="form-label" for="id_{name}">')
        assertContains(response, f'aria-describedby="notes-{name}"')
        assertContains(response, f'id="notes-{name}"')


def test_last_quarters_words_and_number_stand_beside(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, text="上季完成 6 家\n累计 33 家")
    scene.send()
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    filing = f.filing_of(later, scene.lead)
    response = filer.get(reverse("filings:edit", args=[filing.pk]))
    assertContains(response, "上季（2020年第2季度，未审）")
    assertContains(response, "上季完成 6 家<br>累计 33 家")
    assertContains(response, "50%")


def test_a_quarter_that_was_never_sent_is_not_shown(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, text="没报出去的草稿")
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    response = filer.get(reverse("filings:edit", args=[f.filing_of(later, scene.lead).pk]))
    assertContains(response, "上季（2020年第2季度）未报")
    assertNotContains(response, "没报出去的草稿")


def test_the_percent_is_set_against_the_schedule(scene: Scene) -> None:
    entry = f.fill_entry(scene.progress, by=scene.filer, percent=D("41.7"))
    assert desk(scene, entry).fields[0].notes == ["本季末序时 50%，落后 8.3 个百分点，系统测算为“滞后”"]
    entry = f.fill_entry(entry, by=scene.filer, percent=D("39.9"))
    assert desk(scene, entry).fields[0].notes == ["本季末序时 50%，落后 10.1 个百分点，系统测算为“严重滞后”"]
    entry = f.fill_entry(entry, by=scene.filer, percent=D("55"))
    assert desk(scene, entry).fields[0].notes == ["本季末序时 50%，快 5 个百分点，系统测算为“正常”"]
    entry = f.fill_entry(entry, by=scene.filer, percent=D("50"))
    assert desk(scene, entry).fields[0].notes == ["本季末序时 50%，持平，系统测算为“正常”"]


# What is wrong


def test_unread_text_is_shown_again_with_its_error(scene: Scene, filer: Client) -> None:
    filer.post(
        reverse("filings:save_entry", args=[scene.progress.pk]),
        {"version": "0", "percent": "八成", "next_on": "年后"},
    )
    response = filer.get(url(scene, scene.progress))
    assertContains(response, 'value="八成"')
    assertContains(response, "“八成”不是数。请只填数字，例如 85 或 85.5。")
    assertContains(response, "“年后”不是日期。请按年-月-日填写，例如 2021-03-20。")
    assertContains(response, 'aria-invalid="true"', count=2)


def test_an_untouched_form_shows_nothing_in_red(scene: Scene, filer: Client) -> None:
    response = filer.get(url(scene, scene.progress))
    assertNotContains(response, "is-err")
    assertNotContains(response, "aria-invalid")
    assertContains(response, '<span class="opt">必填，0 至 100</span>', html=True)


def test_what_is_needed_now_is_said_quietly_and_after_a_check_in_red(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, percent=D(20))
    response = filer.get(url(scene, scene.progress))
    assertContains(response, "完成比例低于序时或自评滞后，须写明原因。")
    assertNotContains(response, "is-err")
    assertContains(filer.get(url(scene, scene.progress) + "&check=1"), "is-err", count=4)


def test_a_wrong_value_is_red_at_once(scene: Scene) -> None:
    entry = f.fill_entry(
        scene.entry("milestone"),
        by=scene.filer,
        milestone_state="done",
        done_on=scene.period.last_day + timedelta(days=1),
    )
    done_on = desk(scene, entry).fields[1]
    assert (done_on.tone, done_on.bound.errors) == (
        "err",
        ["完成日期不能晚于本季末（2020-06-30），之后完成的在下季填报。"],
    )


def test_a_warning_asks_for_an_explanation_and_then_stands(scene: Scene, filer: Client) -> None:
    scene.send()
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    filing = f.filing_of(later, scene.lead)
    entry = f.entry_of(filing, kind="reading", indicator=scene.indicator)
    address = f"{reverse('filings:edit', args=[filing.pk])}?entry={entry.pk}"
    assertContains(filer.get(address), 'id="f-explanation" data-explanation hidden')
    entry = f.fill_entry(entry, by=scene.filer, value=D(20))
    response = filer.get(address)
    assertContains(response, "与上季 80 相比变动超过五成，请核对，或在提醒说明中写明原因。")
    assertNotContains(response, "data-explanation hidden")
    assertContains(response, "is-warn")
    f.fill_entry(entry, by=scene.filer, value=D(20), explanation="撤并线路")
    assertContains(filer.get(address), "本项 1 处提醒已写说明，审核时可见")


# Getting there, and the checklist


def test_it_opens_where_work_goes_on(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer)
    f.fill_entry(scene.reading, by=scene.filer, value=None)
    assertContains(filer.get(url(scene)), '<h2 class="fs-5"> 绿道长度</h2>', html=True)


def test_neighbours_and_place_in_the_row(scene: Scene) -> None:
    page = desk(scene, scene.entry("summary"))
    assert (page.number, page.prev and page.prev.entry.kind, page.next and page.next.entry.kind) == (
        2,
        "progress",
        "milestone",
    )
    first = desk(scene, scene.progress)
    assert (first.number, first.prev) == (1, None)
    last = desk(scene, scene.entry("reading", indicator=scene.rate))
    assert (last.number, last.next) == (5, None)


def test_the_checklist_leads_to_every_gap(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, pace="")
    page = desk(scene, scene.progress)
    assert [(c.tone, c.sentence, c.url, len(c.rows)) for c in page.conditions] == [
        ("err", "本项：请选择进展状态。", "#f-pace", 0),
        ("err", "另有 4 项未填齐", "", 4),
        ("warn", "1 项填了完成比例而没有佐证材料", "", 1),
    ]
    assert (page.blocking, page.may_submit) == (2, False)
    response = filer.get(url(scene, scene.progress))
    assertContains(response, "差 2 项条件")
    assertContains(
        response, '<button class="btn btn-primary" type="button" disabled>提交签发</button>', html=True
    )


def test_a_complete_filing_can_be_submitted(scene: Scene, filer: Client) -> None:
    scene.fill()
    page = desk(scene, scene.progress)
    assert [(c.tone, c.sentence) for c in page.conditions] == [
        ("ok", "5 项均已填齐"),
        ("warn", "1 项填了完成比例而没有佐证材料"),
    ]
    assertContains(
        filer.get(url(scene)),
        '<button class="btn btn-primary" form="submit-form">提交签发</button>',
        html=True,
    )


def test_a_department_without_an_approver_is_warned(scene: Scene) -> None:
    scene.approver.is_active = False
    scene.approver.save()
    scene.fill()
    assert [(c.tone, c.sentence) for c in desk(scene, scene.progress).conditions][-1] == (
        "warn",
        "牵头局还没有签发人账号，提交后无人签发，请联系系统管理员",
    )


def test_who_checked_last_time_is_filled_in(scene: Scene, filer: Client) -> None:
    submit(filing=scene.fill(), checked_by="周立群", by=scene.filer, at=scene.at)
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    response = filer.get(reverse("filings:edit", args=[f.filing_of(later, scene.lead).pk]))
    assertContains(response, 'name="checked_by" value="周立群"')


def test_cooperating_departments_words_are_seen_once_sent(scene: Scene, filer: Client) -> None:
    theirs = f.filing_of(scene.period, scene.helper)
    entry = f.entry_of(theirs, kind="contribution")
    f.fill_entry(entry, by=scene.stranger, text="抽检锅炉 11 台")
    response = filer.get(url(scene, scene.progress))
    assertContains(response, "已报 0/1")
    assertNotContains(response, "抽检锅炉")
    f.file(theirs, by=scene.stranger, signed_by=f.make_approver(scene.helper))
    response = filer.get(url(scene, scene.progress))
    assertContains(response, "已报 1/1")
    assertContains(response, "抽检锅炉 11 台")
    accept_rest(filing=theirs, by=scene.reviewer, at=scene.at)
    Filing.objects.filter(pk=theirs.pk).update(status=Status.RETURNED)  # for another entry of theirs
    assertContains(filer.get(url(scene, scene.progress)), "已报 1/1")


def test_a_summary_sees_its_tasks_and_drafts_from_them(scene: Scene, filer: Client) -> None:
    f.fill_entry(scene.progress, by=scene.filer, text="完成 5 家")
    page = desk(scene, scene.entry("summary"))
    assert [(o.name, o.light, o.value, o.words) for o in page.beside.others] == [
        ("1.1 治理废气（牵头局）", "on_track", "50%", "完成 5 家")
    ]
    assert page.beside.draft == (
        "本行动共 1 项任务，牵头单位已报 1 项，自评正常 1 项；"
        "1 项有完成比例，平均完成 50.0%，平均序时 50.0%，持平。\n"
        "各任务进展：\n1.1 治理废气（牵头局）：完成 50%（序时 50%），完成 5 家。"
    )


# Not writable


def test_a_filing_on_its_way_is_locked_and_can_be_taken_back(scene: Scene, filer: Client) -> None:
    submit(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    response = filer.get(url(scene, scene.progress))
    assertContains(response, "正在等待签发，需要修改请先撤回。")
    assertContains(response, '<fieldset class="bare" disabled>')
    assertContains(response, "撤回修改")
    assertNotContains(response, "data-save>")


def test_a_closed_window_locks(scene: Scene, filer: Client) -> None:
    scene.period.due_at = scene.at - timedelta(days=2)
    scene.period.closes_at = scene.at - timedelta(days=1)
    scene.period.save()
    response = filer.get(url(scene, scene.progress))
    assertContains(response, "关闭。确需补报的，请联系推进办登记延期。")
    assertContains(response, '<fieldset class="bare" disabled>')


def test_an_accepted_entry_is_locked_beside_a_returned_one(scene: Scene, filer: Client) -> None:
    f.accept(scene.send(), by=scene.reviewer)
    reopen(
        filing=scene.filing,
        notes={scene.reading.pk: ("R05", "口径按市级")},
        by=scene.reviewer,
        at=scene.at + timedelta(hours=1),
    )
    response = filer.get(url(scene, scene.progress))
    assertContains(response, "本项已采纳，不再修改；确需更正请联系推进办退回本项。")
    assertContains(response, '<fieldset class="bare" disabled>')
    response = filer.get(url(scene))
    assertContains(response, "审核退回：R05 口径不符")
    assertContains(response, "口径按市级")
    assertNotContains(response, '<fieldset class="bare" disabled>')


def test_a_mended_entry_is_no_longer_in_the_way(scene: Scene) -> None:
    submit(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    later = scene.at + timedelta(minutes=5)
    send_back(filing=scene.filing, notes={scene.progress.pk: ("R01", "写实")}, by=scene.approver, at=later)
    assert desk(scene, scene.progress).row.state == ("back", "签发退回")
    f.fill_entry(scene.progress, by=scene.filer, at=later)
    page = desk(scene, scene.progress)
    assert (page.row.state, page.may_submit) == (("sent", "已改正"), True)


# Who may


@pytest.mark.parametrize("who", ["approver", "reviewer", "leader"])
def test_a_reader_gets_403_with_the_reason(scene: Scene, client: Client, who: str) -> None:
    client.force_login(getattr(scene, who))
    response = client.get(url(scene))
    assertContains(response, "只有牵头局的填报人可以办理，您可以查看。", status_code=403)


def test_a_stranger_gets_404(scene: Scene, client: Client) -> None:
    client.force_login(scene.stranger)
    assert client.get(url(scene)).status_code == 404


def test_an_entry_of_another_filing_is_404(scene: Scene, filer: Client) -> None:
    foreign = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    assert filer.get(url(scene, foreign)).status_code == 404
    assert filer.get(url(scene) + "?entry=abc").status_code == 200


def test_it_takes_no_post(scene: Scene, filer: Client) -> None:
    assert filer.post(url(scene)).status_code == 405


def test_queries_do_not_grow_with_entries_or_history(scene: Scene, filer: Client) -> None:
    one = count(filer, url(scene, scene.progress))
    scene.send()
    for quarter in (3, 4):
        for _ in range(2):
            f.make_task(scene.action, lead=scene.lead, cooperating=[scene.helper])
            f.make_responsibility(scene.task, f.make_department())
        period = f.open_quarter(scene.plan, 2020, quarter, at=scene.at)
        filing = f.filing_of(period, scene.lead)
        entry = f.entry_of(filing, kind="progress", responsibility=scene.progress.responsibility)
        f.fill_entry(entry, by=scene.filer)
    assert filing.status == Status.DRAFT
    assert count(filer, f"{reverse('filings:edit', args=[filing.pk])}?entry={entry.pk}") == one

"""Saving an entry, judging it, keeping its versions, correcting it: the services."""

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from pytest_django import DjangoAssertNumQueries

from actions.models import ActionLead
from filings.errors import AlreadyMoved, Refused
from filings.models import Entry, Filing
from filings.services.entries import (
    content,
    correct_entry,
    keep_versions,
    previous_entries,
    problems_of,
    ratio,
    save_entry,
)
from filings.services.review import decide_entry, reopen
from filings.services.windows import extend
from filings.terms import Decision, Status, ValueState
from harbor_plan.lib.moments import local
from tests import factories as f
from tests.filings.scene import Scene


def save(scene: Scene, entry: Entry, **changes: Any) -> Entry:
    """Save as the filer, now, over the version at hand."""
    how: dict[str, Any] = {
        "values": {"text": "新"},
        "unparsed": {},
        "version": entry.version,
        "by": scene.filer,
        "at": scene.at,
    } | changes
    return save_entry(entry=entry, **how)


def refusal(scene: Scene, entry: Entry, **changes: Any) -> Refused:
    """The refusal of a save that must not change anything."""
    before = Entry.objects.filter(pk=entry.pk).values().get()
    with pytest.raises(Refused) as caught:
        save(scene, entry, **changes)
    assert Entry.objects.filter(pk=entry.pk).values().get() == before
    return caught.value


# Saving


def test_a_draft_is_kept_with_who_and_when(scene: Scene) -> None:
    saved = save(scene, scene.progress, values={"percent": D(40), "text": "进行中"})
    entry = scene.progress
    assert (entry.percent, entry.text, entry.version) == (D(40), "进行中", 1)
    assert (entry.edited_by, entry.edited_at) == (scene.filer, scene.at)
    assert not entry.is_complete
    assert saved.version == 1
    assert scene.filing.filled_by == scene.filer


def test_a_complete_entry_is_marked_so(scene: Scene) -> None:
    assert f.fill_entry(scene.progress, by=scene.filer).is_complete
    assert scene.progress.is_complete


def test_unread_text_is_kept_and_blocks(scene: Scene) -> None:
    entry = scene.progress
    saved = save(
        scene, entry, values=f.complete_values(entry) | {"percent": None}, unparsed={"percent": "八成"}
    )
    assert not saved.is_complete
    assert scene.progress.unparsed == {"percent": "八成"}
    assert [(p.field, p.sentence) for p in problems_of([scene.progress])[entry.pk]] == [
        ("percent", "“八成”不能采用，请按该栏的提示改正后保存。")
    ]


def test_only_the_columns_of_its_kind_are_written(scene: Scene) -> None:
    save(
        scene,
        scene.reading,
        values={"value_state": "value", "value": D(3), "percent": D(50), "problems": "x"},
    )
    entry = scene.reading
    assert (entry.value, entry.percent, entry.problems) == (D(3), None, "")


def test_a_rate_is_worked_out_from_its_parts(scene: Scene) -> None:
    entry = scene.entry("reading", indicator=scene.rate)
    values = {"value_state": ValueState.VALUE, "numerator": D(2), "denominator": D(3), "value": D(99)}
    assert save(scene, entry, values=values).value == D("66.6667")


def test_no_data_holds_no_number(scene: Scene) -> None:
    entry = save(scene, scene.reading, values={"value_state": "value", "value": D(3)})
    saved = save(scene, entry, values={"value_state": "no_data", "value": D(3), "text": "市级未公布"})
    assert (saved.value, saved.value_state, saved.is_complete) == (None, "no_data", True)


def test_zero_is_a_number(scene: Scene) -> None:
    saved = save(scene, scene.reading, values={"value_state": "value", "value": D(0)})
    assert (saved.value, saved.is_complete) == (D(0), True)


@pytest.mark.parametrize(
    ("numerator", "denominator", "value"),
    [
        ("8", "10", "80.0000"),
        ("0", "10", "0.0000"),
        ("1", "0", None),
        ("1", "-1", None),
        ("1e13", "0.0001", None),
    ],
)
def test_ratio(scene: Scene, numerator: str, denominator: str, value: str | None) -> None:
    assert ratio(D(numerator), D(denominator), scene.rate) == (D(value) if value else None)
    assert ratio(None, D(1), scene.rate) is None


def test_a_ratio_without_per_cent_is_not_scaled(scene: Scene) -> None:
    scene.rate.unit = "人/车"
    assert ratio(D(9), D(2), scene.rate) == D("4.5000")


# Refusals: permission, status, window, race


@pytest.mark.parametrize("who", ["approver", "reviewer", "leader", "stranger"])
def test_only_a_filer_of_the_department_writes(scene: Scene, who: str) -> None:
    refused = refusal(scene, scene.progress, by=getattr(scene, who))
    assert (refused.axis, refused.sentence) == ("permission", "只有牵头局的填报人可以办理，您可以查看。")


def test_a_colleague_writes_too(scene: Scene) -> None:
    assert save(scene, scene.progress, by=scene.colleague).edited_by == scene.colleague
    assert scene.filing.filled_by == scene.colleague


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (Status.AWAITING_SIGNOFF, "牵头局 2020年第2季度报送正在等待签发，需要修改请先撤回。"),
        (Status.SUBMITTED, "牵头局 2020年第2季度报送已报推进办，退回后方可修改。"),
        (Status.ACCEPTED, "牵头局 2020年第2季度报送已采纳，需要修改请联系推进办。"),
    ],
)
def test_a_filing_that_is_elsewhere_is_closed(scene: Scene, status: Status, sentence: str) -> None:
    scene.send()
    Filing.objects.filter(pk=scene.filing.pk).update(status=status)
    refused = refusal(scene, scene.progress)
    assert (refused.axis, refused.sentence) == ("status", sentence)


def test_an_accepted_entry_stays_closed_while_others_are_mended(scene: Scene) -> None:
    f.accept(scene.send(), by=scene.reviewer)
    reopen(filing=scene.filing, notes={scene.reading.pk: ("R05", "口径")}, by=scene.reviewer, at=scene.at)
    refused = refusal(scene, scene.progress)
    assert (refused.axis, refused.sentence) == (
        "status",
        "“治理废气”已被采纳，不能再改。确需更正请联系推进办退回本项。",
    )
    assert save(scene, scene.reading, values={"value_state": "value", "value": D(81)}).value == D(81)


def test_the_window_opens_and_closes_to_the_second(scene: Scene) -> None:
    entry, period, second = scene.progress, scene.period, timedelta(seconds=1)
    opens, closes = local(period.opens_at), local(period.closes_at)
    early = refusal(scene, entry, at=period.opens_at - second)
    assert (early.axis, early.sentence) == (
        "window",
        f"2020年第2季度填报尚未开放，{opens:%Y-%m-%d %H:%M} 起可以填报。",
    )
    late = refusal(scene, entry, at=period.closes_at + second)
    assert (late.axis, late.sentence) == (
        "window",
        f"2020年第2季度填报已于 {closes:%Y-%m-%d %H:%M} 关闭。确需补报的，请联系推进办登记延期。",
    )
    entry = save(scene, entry, at=period.opens_at)
    assert save(scene, entry, at=period.closes_at, values={"text": "改"}).version == 2


def test_an_extension_opens_the_window_for_its_department_only(scene: Scene) -> None:
    after = scene.period.closes_at + timedelta(days=1)
    until = scene.period.closes_at + timedelta(days=3)
    extend(
        period=scene.period, department=scene.lead, until=until, reason="合并台账", approver="主任",
        by=scene.reviewer, at=after,
    )  # fmt: skip
    assert save(scene, scene.progress, at=after).version == 1
    other = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    assert refusal(scene, other, by=scene.stranger, at=after).axis == "window"


def test_two_tabs_the_second_is_told_who_was_first(scene: Scene) -> None:
    entry = scene.progress
    save(scene, entry, values={"text": "先"}, by=scene.colleague)
    refused = refusal(scene, entry, values={"text": "后"})
    assert isinstance(refused, AlreadyMoved)
    assert (refused.axis, refused.sentence) == (
        "race",
        f"“治理废气”已由周立群于 {local(scene.at):%m-%d %H:%M} 保存过新内容，您的内容还没有保存。",
    )


def test_a_version_nobody_has_seen_is_refused(scene: Scene) -> None:
    refused = refusal(scene, scene.progress, version=5)
    assert (refused.axis, refused.sentence) == ("race", "“治理废气”的页面已过时，请刷新后再填。")


# Judging


def test_last_quarter_is_found_by_subject_whoever_filed_it(scene: Scene) -> None:
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    other = f.make_department()
    scene.indicator.data_department = other
    scene.indicator.save()
    Entry.objects.filter(filing__period=later).delete()
    Entry.objects.create(
        filing=f.filing_of(later, scene.lead), kind="progress", responsibility=scene.progress.responsibility
    )
    moved = Filing.objects.create(period=later, department=other)
    Entry.objects.create(filing=moved, kind="reading", indicator=scene.indicator)
    entries = list(Entry.objects.filter(filing__period=later).for_page())
    found = previous_entries(entries, later)
    assert {found[e.pk].pk for e in entries} == {scene.progress.pk, scene.reading.pk}


def test_the_first_quarter_looks_back_into_the_year_before(db: None) -> None:
    scene = Scene(year=2019, quarter=4)
    later = f.open_quarter(scene.plan, 2020, 1, at=scene.at)
    now = f.entry_of(f.filing_of(later, scene.lead), kind="progress")
    assert previous_entries([now], later) == {now.pk: scene.progress}


def test_each_lead_of_an_action_has_its_own_earlier_summary(scene: Scene) -> None:
    ActionLead.objects.create(action=scene.action, department=scene.helper, order=2)
    third = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    fourth = f.open_quarter(scene.plan, 2020, 4, at=scene.at)
    now = f.entry_of(f.filing_of(fourth, scene.helper), kind="summary")
    assert previous_entries([now], fourth) == {
        now.pk: f.entry_of(f.filing_of(third, scene.helper), kind="summary")
    }


def test_a_quarter_that_was_never_sent_is_no_yardstick(scene: Scene) -> None:
    f.fill_entry(scene.progress, by=scene.filer, percent=D(70))
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    entry = f.entry_of(f.filing_of(later, scene.lead), kind="progress")
    saved = f.fill_entry(entry, by=scene.filer, percent=D(40), self_light="late", problems="慢", cause="钱", next_steps="催", next_on=later.last_day)  # fmt: skip
    assert problems_of([saved])[saved.pk] == []
    scene.send()
    assert [p.field for p in problems_of([saved])[saved.pk]] == ["percent"]


def test_judging_takes_five_queries_however_many_entries(
    scene: Scene, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        f.make_task(scene.action, lead=scene.lead)
    later = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    entries = list(Entry.objects.filter(filing__period=later).for_page())
    with django_assert_num_queries(5):  # readings ask for the office's cross-checks
        problems_of(entries)
    one = list(Entry.objects.filter(pk=entries[0].pk).for_page())
    with django_assert_num_queries(4):
        problems_of(one)
    with django_assert_num_queries(0):
        assert problems_of([]) == {}


# Versions


def test_a_version_is_kept_only_of_what_changed(scene: Scene) -> None:
    scene.send()
    entry = scene.progress
    assert [(v.no, v.content["percent"], v.by) for v in entry.versions.all()] == [(1, "50", scene.approver)]
    keep_versions([entry], by=scene.approver, at=scene.at)
    assert entry.versions.count() == 1
    entry.percent = D("62.50")
    keep_versions([entry], by=scene.approver, at=scene.at)
    assert [v.content["percent"] for v in entry.versions.all()] == ["50", "62.5"]


def test_content_is_plain_text(scene: Scene) -> None:
    entry = scene.entry("milestone")
    entry.milestone_state, entry.done_on = "done", date(2020, 6, 8)
    assert content(entry) == {
        "milestone_state": "done",
        "done_on": "2020-06-08",
        "text": "",
        "explanation": "",
    }


# Correcting after closing


@pytest.fixture
def closed(scene: Scene) -> Scene:
    """Everything accepted, and the quarter closed."""
    f.accept(scene.send(), by=scene.reviewer)
    f.close_quarter(scene.period, at=scene.at)
    return scene


def test_a_correction_keeps_before_after_and_reason(closed: Scene) -> None:
    corrected = correct_entry(
        entry=closed.reading, values={"value": D(82)}, reason="市级核定", by=closed.reviewer, at=closed.at
    )
    assert corrected.value == D(82)
    versions = list(corrected.versions.all())
    assert [(v.content["value"], v.correction_reason) for v in versions] == [("80", ""), ("82", "市级核定")]
    move = corrected.moves.get(verb="correct")
    assert (move.by, move.note) == (closed.reviewer, "市级核定")
    assert closed.reading.decision == Decision.ACCEPTED


def test_a_correction_needs_a_reason_and_a_complete_entry(closed: Scene) -> None:
    for values, reason, sentence in (
        ({"value": D(82)}, " ", "请写明更正理由。"),
        ({"value": None}, "错", "请填写数值；确为零的填 0。"),
    ):
        with pytest.raises(Refused) as refused:
            correct_entry(
                entry=closed.reading, values=values, reason=reason, by=closed.reviewer, at=closed.at
            )
        assert (refused.value.axis, refused.value.sentence) == ("content", sentence)
    assert closed.reading.value == D(80)
    assert closed.reading.versions.count() == 1


def test_before_closing_a_change_is_a_return_and_no_correction(scene: Scene) -> None:
    f.accept(scene.send(), by=scene.reviewer)
    with pytest.raises(Refused) as refused:
        correct_entry(
            entry=scene.reading, values={"value": D(9)}, reason="错", by=scene.reviewer, at=scene.at
        )
    assert refused.value.axis == "status"


# A return must be mended


def test_a_returned_entry_is_not_done_until_it_is_saved_again(scene: Scene) -> None:
    scene.send()
    entry = scene.progress
    later = scene.at + timedelta(minutes=1)
    decide_entry(
        entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="写实",
        by=scene.reviewer, at=later,
    )  # fmt: skip
    Filing.objects.filter(pk=scene.filing.pk).update(status=Status.RETURNED)
    assert [(p.field, p.sentence) for p in problems_of([scene.progress])[entry.pk]] == [
        ("", "退回后还没有修改，请按意见改正；认为无须修改的，在提醒说明中写明理由。")
    ]
    f.fill_entry(entry, by=scene.filer, at=later)
    assert problems_of([scene.progress])[entry.pk] == []


def test_a_returned_entry_saved_as_it_was_is_not_mended(scene: Scene) -> None:
    scene.send()
    later = scene.at + timedelta(minutes=1)
    decide_entry(
        entry=scene.progress, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="写实",
        by=scene.reviewer, at=later,
    )  # fmt: skip
    Filing.objects.filter(pk=scene.filing.pk).update(status=Status.RETURNED)
    same, later = content(scene.progress) | {"percent": D(50)}, later + timedelta(minutes=1)
    assert save(scene, scene.progress, values=same, at=later).version == 1
    assert [problem.field for problem in problems_of([scene.progress])[scene.progress.pk]] == [""]
    explained = same | {"explanation": "数据已与台账核对，无须修改"}
    assert save(scene, scene.progress, values=explained, at=later).version == 2
    assert problems_of([scene.progress])[scene.progress.pk] == []


def test_entries_of_another_filing_do_not_exist_for_a_stranger(scene: Scene) -> None:
    assert scene.progress in Entry.objects.visible_to(scene.filer)
    with pytest.raises(ObjectDoesNotExist):
        Entry.objects.visible_to(scene.stranger).get(pk=scene.progress.pk)

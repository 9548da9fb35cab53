"""Writing rows into the filing: three ways, all or none, as if typed on the page; and every reason that forbids it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import User
from audit.models import Event
from filings.errors import AlreadyMoved, Refused
from filings.models import Entry, WorkbookUpload
from filings.services.moves import submit
from filings.services.windows import extend
from filings.services.workbook import Chosen, apply_upload
from filings.terms import Decision
from filings.workbook.compare import Side
from harbor_plan.lib.moments import local
from tests import factories as f
from tests.filings.scene import Scene
from tests.filings.workbook import books as b


def write(
    scene: Scene, upload: WorkbookUpload, *entries: Entry, by: User | None = None, **sides: Side
) -> WorkbookUpload:
    """Apply rows as the preview offers them."""
    chosen = {entry.pk: Chosen(entry.version, sides.get("side")) for entry in entries}
    return apply_upload(upload=upload, chosen=chosen, by=by or scene.filer, at=scene.at)


def filled(scene: Scene, **values: Any) -> WorkbookUpload:
    """An upload in which the progress entry says something."""
    values = {
        "percent": 0.6,
        "self_light": "正常",
        "pace": "按计划进行",
        "text": "完成 5 家",
    } | values
    return b.kept(scene, b.with_values(b.taken(scene), scene.progress, **values))


def refusal(scene: Scene, upload: WorkbookUpload, *entries: Entry, **more: Any) -> Refused:
    """Why rows cannot be written; nothing must have changed."""
    before = b.stored(scene.filing)
    with pytest.raises(Refused) as refused:
        write(scene, upload, *entries, **more)
    assert b.stored(scene.filing) == before
    upload.refresh_from_db()
    return refused.value


# What works


def test_a_row_is_saved_as_from_its_page(scene: Scene) -> None:
    upload = write(scene, filled(scene), scene.progress)
    entry = scene.progress
    assert (entry.percent, entry.self_light, entry.pace, entry.text) == (
        D(60), "on_track", "as_planned", "完成 5 家"
    )  # fmt: skip
    assert (entry.version, entry.edited_by, entry.edited_at, entry.is_complete) == (
        1, scene.filer, scene.at, True
    )  # fmt: skip
    assert scene.filing.filled_by == scene.filer
    assert (upload.applied_by, upload.applied_at, upload.applied_rows) == (scene.filer, scene.at, 1)


def test_only_the_chosen_rows_are_written(scene: Scene) -> None:
    content = b.with_values(b.taken(scene), scene.progress, text="写")
    content = b.with_values(content, scene.reading, value=3)
    write(scene, b.kept(scene, content), scene.reading)
    assert (scene.progress.version, scene.reading.version, scene.reading.value) == (0, 1, D(3))
    assert scene.reading.value_state == "value"


def test_a_row_may_stay_incomplete_and_says_what_it_lacks(scene: Scene) -> None:
    upload = filled(scene, self_light=None, percent=0.4)
    row = b.row_seen(b.looked_at(scene, upload), scene.progress)
    assert row.hints == [
        "请选择自评亮灯。",
        "完成比例低于序时或自评滞后，须写明存在问题。",
        "完成比例低于序时或自评滞后，须写明原因。",
        "完成比例低于序时或自评滞后，须写明下一步计划。",
        "请填写下一步计划的时限。",
    ]
    write(scene, upload, scene.progress)
    assert (scene.progress.text, scene.progress.is_complete) == ("完成 5 家", False)


def test_emptied_cells_empty_the_fields(scene: Scene) -> None:
    scene.fill()
    content = b.with_values(b.taken(scene), scene.progress, text=None)
    row = b.row_seen(b.seen(scene, content), scene.progress)
    text = scene.progress.text
    assert b.ways(row) == {"text": (text, text, "", "mine")}
    write(scene, b.kept(scene, content), scene.progress)
    assert scene.progress.text == ""


def test_changes_in_other_fields_meanwhile_stay(scene: Scene) -> None:
    """The workbook changed the text, a colleague the problems: both hold."""
    scene.fill()
    content = b.with_values(b.taken(scene), scene.progress, text="表里写的")
    f.fill_entry(
        scene.progress, by=scene.colleague, at=scene.at, text=scene.progress.text, problems="网页写的"
    )
    row = b.row_seen(b.seen(scene, content), scene.progress)
    assert {name: way[3] for name, way in b.ways(row).items()} == {"text": "mine", "problems": "theirs"}
    write(scene, b.kept(scene, content), scene.progress)
    assert (scene.progress.text, scene.progress.problems) == ("表里写的", "网页写的")


@pytest.mark.parametrize(("side", "text"), [(Side.MINE, "表里写的"), (Side.THEIRS, "网页写的")])
def test_where_both_changed_the_person_decides(scene: Scene, side: Side, text: str) -> None:
    scene.fill()
    content = b.with_values(b.taken(scene), scene.progress, text="表里写的", problems="只在表里")
    f.fill_entry(scene.progress, by=scene.colleague, at=scene.at, text="网页写的")
    upload = b.kept(scene, content)
    assert b.row_seen(b.looked_at(scene, upload), scene.progress).is_conflict
    assert refusal(scene, upload, scene.progress).sentence == (
        "“治理废气”在下载之后系统中也改过，请选择用工作簿的内容还是保留系统的内容。"
    )
    write(scene, upload, scene.progress, side=side)
    assert (scene.progress.text, scene.progress.problems) == (text, "只在表里")


def test_the_same_change_on_both_sides_is_none(scene: Scene) -> None:
    scene.fill()
    content = b.with_values(b.taken(scene), scene.progress, text="一样")
    f.fill_entry(scene.progress, by=scene.colleague, at=scene.at, text="一样")
    assert b.row_seen(b.seen(scene, content), scene.progress).is_quiet


def test_unread_text_of_a_draft_comes_back_as_it_was(scene: Scene) -> None:
    f.fill_entry(scene.progress, by=scene.filer, at=scene.at)
    Entry.objects.filter(pk=scene.progress.pk).update(unparsed={"percent": "八成五"}, percent=None)
    content = b.with_values(b.taken(scene), scene.progress, text="另写")
    row = b.row_seen(b.seen(scene, content), scene.progress)
    assert (set(b.ways(row)), b.problems(row)) == ({"text"}, {})
    write(scene, b.kept(scene, content), scene.progress)
    assert (scene.progress.unparsed, scene.progress.text) == ({"percent": "八成五"}, "另写")


def test_it_is_recorded(scene: Scene) -> None:
    write(scene, filled(scene), scene.progress)
    verbs = ["workbook.download", "workbook.upload", "workbook.apply"]
    events = Event.objects.filter(verb__in=verbs).order_by("id")
    assert [(event.verb, event.actor_name) for event in events] == [(verb, "沈晓岚") for verb in verbs]
    assert events[2].after == {"文件": b.NAME, "写入项数": 1, "上传人": "沈晓岚"}


def test_what_the_office_took_in_names_who_handed_it_in_and_who_applied(scene: Scene) -> None:
    upload = filled(scene)
    WorkbookUpload.objects.update(by=scene.reviewer)
    write(scene, upload, scene.progress)
    event = Event.objects.get(verb="workbook.apply")
    assert (event.actor_name, event.after["上传人"]) == ("沈晓岚", "顾明远")
    assert scene.progress.edited_by == scene.filer


# What forbids it


def test_nothing_chosen(scene: Scene) -> None:
    assert refusal(scene, filled(scene)).sentence == "没有选中要写入的项，请先勾选。"


def test_a_wrong_row_forbids_all(scene: Scene) -> None:
    """The reading is fine, but one of the chosen rows is not."""
    content = b.with_values(b.taken(scene), scene.progress, percent="八成五")
    content = b.with_values(content, scene.reading, value=3)
    upload = b.kept(scene, content)
    assert refusal(scene, upload, scene.reading, scene.progress).sentence == (
        "“治理废气”有错误，不能写入，请在工作簿中改正后再上传。"
    )
    assert upload.applied_at is None


def test_a_row_that_is_not_in_the_workbook(scene: Scene) -> None:
    other = f.entry_of(f.filing_of(scene.period, scene.helper), kind="contribution")
    assert refusal(scene, filled(scene), other).sentence == (
        "选中的项不在这份工作簿里，请刷新页面后重新选择。"
    )


def test_the_window_closed_meanwhile(scene: Scene) -> None:
    upload = filled(scene)
    scene.period.closes_at = scene.at - timedelta(hours=1)
    scene.period.due_at = scene.period.closes_at - timedelta(days=1)
    scene.period.save()
    refused = refusal(scene, upload, scene.progress)
    when = f"{local(scene.period.closes_at):%Y-%m-%d %H:%M}"
    assert (refused.axis, refused.sentence) == (
        "window",
        f"2020年第2季度填报已于 {when} 关闭。确需补报的，请联系推进办登记延期。",
    )
    with pytest.raises(Refused, match="关闭"):
        b.kept(scene, b.taken(scene))
    extend(
        period=scene.period, department=scene.lead, until=scene.at + timedelta(days=1), reason="停电",
        approver="王主任", by=scene.reviewer, at=scene.at,
    )  # fmt: skip
    assert write(scene, upload, scene.progress).applied_rows == 1


def test_the_filing_was_submitted_meanwhile(scene: Scene) -> None:
    upload = filled(scene)
    scene.fill()
    submit(filing=scene.filing, checked_by="", by=scene.filer, at=scene.at)
    refused = refusal(scene, upload, scene.progress)
    assert (refused.axis, refused.sentence) == (
        "status",
        "牵头局 2020年第2季度报送正在等待签发，需要修改请先撤回。",
    )
    with pytest.raises(Refused, match="正在等待签发"):
        b.kept(scene, b.taken(scene))


def test_the_entry_was_accepted_meanwhile(scene: Scene) -> None:
    content = b.with_values(b.taken(scene), scene.progress, text="晚了")
    f.fill(scene.filing, by=scene.filer, at=scene.at)
    Entry.objects.filter(pk=scene.progress.pk).update(
        decision=Decision.ACCEPTED, decided_by=scene.reviewer, decided_at=scene.at
    )
    upload = b.kept(scene, content)
    row = b.row_seen(b.looked_at(scene, upload), scene.progress)
    assert row.problems == ["本项已采纳，工作簿里的改动不能写入。确需更正的，请联系推进办退回本项。"]
    assert refusal(scene, upload, scene.progress).sentence == (
        "“治理废气”有错误，不能写入，请在工作簿中改正后再上传。"
    )


def test_the_entry_was_saved_since_it_was_shown(scene: Scene) -> None:
    upload, shown = filled(scene), scene.progress
    f.fill_entry(shown, by=scene.colleague, at=scene.at)
    refused = refusal(scene, upload, shown)
    assert (refused.axis, refused.sentence) == (
        "race",
        "“治理废气”在您预览之后又有人保存过，本次没有写入任何内容。请重新核对差异后再写入。",
    )
    assert isinstance(refused, AlreadyMoved)


def test_a_workbook_is_applied_once(scene: Scene) -> None:
    upload = filled(scene)
    write(scene, upload, scene.progress)
    when = f"{local(scene.at):%m-%d %H:%M}"
    assert refusal(scene, upload, scene.progress).sentence == (
        f"“{b.NAME}”已由沈晓岚于 {when} 写入 1 项，不能再次写入。"
    )


def test_two_uploads_of_one_row_the_second_sees_the_first(scene: Scene) -> None:
    first, second = filled(scene, text="第一份"), filled(scene, text="第二份")
    shown = scene.progress
    write(scene, first, shown)
    assert refusal(scene, second, shown).axis == "race"
    row = b.row_seen(b.looked_at(scene, second), scene.progress)
    assert b.ways(row)["text"] == ("", "第一份", "第二份", "both")


@pytest.mark.parametrize("who", ["approver", "reviewer", "leader", "stranger"])
def test_only_the_departments_filers_write(scene: Scene, who: str) -> None:
    refused = refusal(scene, filled(scene), scene.progress, by=getattr(scene, who))
    assert (refused.axis, refused.sentence) == (
        "permission",
        "只有牵头局的填报人可以办理，您可以查看。",
    )


def test_a_failure_in_the_last_row_undoes_the_first(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service itself refuses while rows are being written: all of them are undone."""
    content = b.with_values(b.taken(scene), scene.progress, text="写")
    content = b.with_values(content, scene.reading, value=3)
    upload, last = b.kept(scene, content), scene.reading
    from filings.workbook import rows

    save = rows.save_entry

    def refuse_last(**given: Any) -> Any:
        if given["entry"].pk == last.pk:
            raise Refused("status", "不行。")
        return save(**given)

    monkeypatch.setattr(rows, "save_entry", refuse_last)
    assert refusal(scene, upload, scene.progress, scene.reading).sentence == "不行。"
    assert upload.applied_at is None


def test_an_exempt_department_writes_nothing(scene: Scene) -> None:
    from filings.services.exemptions import exempt

    upload = filled(scene)
    exempt(
        period=scene.period, department=scene.lead, reason="机构撤并", approver="王主任",
        by=scene.reviewer, at=scene.at,
    )  # fmt: skip
    assert refusal(scene, upload, scene.progress).axis == "window"


def test_a_choice_stands_for_a_version(scene: Scene) -> None:
    """A version that nobody can have seen is an old one."""
    upload = filled(scene)
    with pytest.raises(AlreadyMoved):
        apply_upload(
            upload=upload,
            chosen={scene.progress.pk: replace(Chosen(0), version=-1)},
            by=scene.filer,
            at=scene.at,
        )
    assert scene.progress.version == 0

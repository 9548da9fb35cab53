"""Workbooks that went through a real office program come back as they were, and with what was typed in them."""

from __future__ import annotations

from pathlib import Path

from filings.services.workbook import returned_workbook
from filings.views.common import load_filing
from filings.workbook.compare import Change
from tests import factories as f
from tests.filings.scene import Scene
from tests.filings.workbook import books as b
from tests.filings.workbook.office import converted


def test_saved_again_nothing_has_changed(scene: Scene, tmp_path: Path) -> None:
    scene.fill()
    entry = scene.progress
    entry.text, entry.problems, entry.cause = "=1+1\n第二行", "'=引号", "4.10"
    entry.save()
    page = b.seen(scene, converted(b.taken(scene), tmp_path))
    assert [b.ways(row) for row in page.rows] == [{}] * 5
    assert (page.problems, page.notes) == ([], [])


def test_with_last_quarters_columns_nothing_has_changed(scene: Scene, tmp_path: Path) -> None:
    f.accept(scene.send(), by=scene.reviewer, at=scene.at)
    scene.period = f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    page = b.seen(scene, converted(b.taken(scene), tmp_path))
    assert {row.change for row in page.rows} == {Change.NONE}
    assert (page.problems, page.notes) == ([], [])


def test_what_was_typed_arrives_and_errors_come_back_in_the_cells(scene: Scene, tmp_path: Path) -> None:
    content = b.with_values(
        b.taken(scene),
        scene.progress,
        {"percent": "0%"},
        percent=0.6,
        self_light="正常",
        text="完成 5 家\n在建 2 家",
    )
    content = b.with_values(content, scene.reading, value="约三十")
    upload = b.kept(scene, converted(content, tmp_path))
    page = b.looked_at(scene, upload)
    assert b.ways(b.row_seen(page, scene.progress)) == {
        "percent": ("", "", "60%", "mine"),
        "self_light": ("", "", "正常", "mine"),
        "text": ("", "", "完成 5 家\n在建 2 家", "mine"),
    }
    sentence = "“约三十”不是数。请只填数字，例如 85 或 85.5。"
    assert b.problems(b.row_seen(page, scene.reading)) == {"value": sentence}

    filing = load_filing(scene.filer, scene.filing.pk)
    back = returned_workbook(upload=upload, filing=filing, at=scene.at)
    again = b.opened(converted(back.content, tmp_path))
    cell = b.cell_of(again, scene.reading, "value")
    assert cell.fill.start_color.rgb == "FFFFD2CC"
    assert sentence in cell.comment.text
    assert b.cell_of(again, scene.reading, "errors").value == f"数值：{sentence}"

    mended = b.with_values(converted(back.content, tmp_path), scene.reading, value=30)
    page = b.seen(scene, mended)
    assert (page.problems, page.notes, page.has_errors) == ([], [], False)
    assert [row.entry for row in page.applicable] == [scene.progress, scene.reading]


def test_it_prints_on_a4_across(scene: Scene, tmp_path: Path) -> None:
    """Two pages for the wide sheet of tasks, one for each of the other three, one for the instructions."""
    pdf = converted(b.taken(scene), tmp_path, "pdf")
    assert pdf.count(b"/Type/Page/Parent") == 6
    assert pdf.count(b"/MediaBox[0 0 841.889763779528 595.303937007874]") == 6

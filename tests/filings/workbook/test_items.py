"""Work items in the workbook: a row each in a sheet of their own, and the task's percent follows from them."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from filings.services.workbook import Chosen, apply_upload, returned_workbook
from filings.views.common import load_filing
from filings.workbook.compare import Change
from filings.workbook.layout import ITEMS
from tasks.models import WorkItem
from tests.filings import items_scene as i
from tests.filings.scene import Scene
from tests.filings.workbook import books as b

SHEET = "工作项进度"


@pytest.fixture
def items(scene: Scene) -> tuple[WorkItem, WorkItem]:
    _, first, second = i.two_items(scene)
    return first, second


def cell(book: Any, scene: Scene, item: WorkItem, name: str = "item") -> Any:
    page = book[SHEET]
    code = f"项{scene.progress.pk}-{item.pk}"
    row = next(n for n in range(4, page.max_row + 1) if page.cell(n, 1).value == code)
    return page.cell(row, ITEMS.index(name))


def with_items(scene: Scene, content: bytes, values: dict[WorkItem, Any]) -> bytes:
    def put(book: Any) -> None:
        for item, value in values.items():
            cell(book, scene, item).value = value

    return b.edited(content, put)


def test_each_item_has_its_row(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    book = b.opened(b.taken(scene))
    assert book.sheetnames[:3] == ["牵头任务进展", SHEET, "专项行动小结"]
    names = ("number", "title", "measure", "department", "weight", "due", "expected", "before_item", "item")
    assert [cell(book, scene, items[0], name).value for name in names] == [
        "1.1", "治理废气", "整治企业 42 家", "牵头局", "3", "2020年12月31日", "40%", None, None
    ]  # fmt: skip
    assert cell(book, scene, items[0]).number_format == "0.00%"
    assert not cell(book, scene, items[0]).protection.locked
    assert cell(book, scene, items[0], "measure").protection.locked
    percent = b.cell_of(book, scene.progress, "percent")
    rules = book["牵头任务进展"].data_validations.dataValidation
    assert [rule.prompt for rule in rules if percent.coordinate in rule.sqref] == [
        "由“工作项进度”表算出，不必填；确需改用其他比例的才填，并写明比例说明。"
    ]


def test_untouched_nothing_changes(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    scene.fill()
    page = b.seen(scene, b.taken(scene))
    assert {row.change for row in page.rows} == {Change.NONE}
    assert (page.problems, page.notes) == ([], [])


def test_their_percents_are_written_and_the_tasks_follows(
    scene: Scene, items: tuple[WorkItem, WorkItem]
) -> None:
    content = with_items(scene, b.taken(scene), {items[0]: 0.6, items[1]: "２０％"})
    upload = b.kept(scene, b.with_values(content, scene.progress, text="写"))
    row = b.row_seen(b.looked_at(scene, upload), scene.progress)
    assert {(f.label, f.typed) for f in row.shown} == {
        ("工作项：整治企业 42 家", "60%"), ("工作项：监控联网 18 套", "20%"), ("进展情况", "写")
    }  # fmt: skip
    assert row.hints == ["请选择自评亮灯。", "请选择进展状态。"]
    chosen = {scene.progress.pk: Chosen(scene.progress.version)}
    apply_upload(upload=upload, chosen=chosen, by=scene.filer, at=scene.at)
    entry = scene.progress
    assert {row.item_id: row.percent for row in entry.item_rows} == {items[0].pk: D(60), items[1].pk: D(20)}
    assert (entry.percent, entry.text) == (D(50), "写")
    assert b.row_seen(b.looked_at(scene, upload), entry).is_quiet


def test_a_wrong_percent_is_marked_in_its_row(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    upload = b.kept(scene, with_items(scene, b.taken(scene), {items[0]: 0.2, items[1]: 1.2}))
    row = b.row_seen(b.looked_at(scene, upload), scene.progress)
    sentence = "须在 0 至 100 之间，填的是 120%，请改正。"
    assert b.problems(row) == {f"item_{items[1].pk}": sentence}
    file = returned_workbook(upload=upload, filing=load_filing(scene.filer, scene.filing.pk), at=scene.at)
    book = b.opened(file.content)
    assert cell(book, scene, items[1]).comment.text == sentence
    assert cell(book, scene, items[1], "errors").value == f"工作项：监控联网 18 套：{sentence}"
    assert cell(book, scene, items[0], "errors").value is None
    assert [c.value for c in book["错误清单"][2]] == [SHEET, "5", "工作项：监控联网 18 套", sentence]


def test_a_missing_sheet_or_row_changes_no_item(scene: Scene, items: tuple[WorkItem, WorkItem]) -> None:
    scene.fill()
    gone = b.seen(scene, b.edited(b.taken(scene), lambda book: book.remove(book[SHEET])))
    assert gone.problems == [f"缺少“{SHEET}”工作表，其中各项没有读取。请不要删除或改名，可重新下载后填写。"]
    assert {row.change for row in gone.rows} == {Change.NONE}
    row = b.seen(scene, b.edited(b.taken(scene), lambda book: book[SHEET].delete_rows(4)))
    assert (row.problems, row.notes) == ([], [f"“{SHEET}”少了 1 行，这些项保持系统中的内容。"])
    assert {row.change for row in row.rows} == {Change.NONE}


def test_an_item_approved_after_the_download_is_left_alone(scene: Scene) -> None:
    content = b.taken(scene)
    i.two_items(scene)
    page = b.seen(scene, b.with_values(content, scene.progress, text="写"))
    assert (page.problems, page.notes) == ([], [])
    assert set(b.ways(b.row_seen(page, scene.progress))) == {"text"}

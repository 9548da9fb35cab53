"""The workbook that goes back: red cells with comments, sentences at the end of rows, a list in front."""

from __future__ import annotations

from typing import Any

from filings.models import WorkbookUpload
from filings.services.workbook import File, returned_workbook
from filings.views.common import load_filing
from filings.workbook.layout import FIRST_ROW
from tests.filings.scene import Scene
from tests.filings.workbook import books as b

RED = "FFD2CC"
NOT_A_NUMBER = "“约三十”不是数。请只填数字，例如 85 或 85.5。"
NO_CHOICE = "“很顺利”不是可选项，请从下拉列表中选择：按计划进行、进度超前、拖延、停顿、申请变更、申请终止。"


def back(scene: Scene, upload: WorkbookUpload) -> File:
    return returned_workbook(upload=upload, filing=load_filing(scene.filer, scene.filing.pk), at=scene.at)


def wrong(scene: Scene) -> bytes:
    """Two rows with errors, one without, and a row too many."""
    content = b.with_values(b.taken(scene), scene.reading, value="约三十")
    content = b.with_values(content, scene.progress, pace="很顺利", percent=8.5, text="完成 5 家")

    def more(book: Any) -> None:
        book["专项行动小结"].insert_rows(FIRST_ROW)
        book["专项行动小结"].cell(FIRST_ROW, 5).value = "多出的一行"

    return b.edited(content, more)


def test_errors_stand_in_their_cells(scene: Scene) -> None:
    book = b.opened(back(scene, b.kept(scene, wrong(scene))).content)
    pace = b.cell_of(book, scene.progress, "pace")
    assert (pace.value, str(pace.fill.start_color.rgb)[-6:], pace.comment.text) == ("很顺利", RED, NO_CHOICE)
    assert b.cell_of(book, scene.progress, "text").comment is None
    assert str(b.cell_of(book, scene.progress, "text").fill.start_color.rgb)[-6:] != RED
    assert b.cell_of(book, scene.progress, "errors").value == (
        "本年完成比例：须在 0 至 100 之间，填的是 850%，请改正。\n进展状态：" + NO_CHOICE
    )
    assert b.cell_of(book, scene.entry("summary"), "errors").value is None


def test_everything_is_listed_in_front(scene: Scene) -> None:
    book = b.opened(back(scene, b.kept(scene, wrong(scene))).content)
    page = book.worksheets[0]
    assert page.title == "错误清单"
    rows = [[cell.value for cell in row] for row in page.iter_rows()]
    assert rows == [
        ["工作表", "行", "栏目", "问题与改法"],
        [None, None, None,
         "“专项行动小结”第 4 行没有行码，看不出是哪一项，没有读取。请不要插入行，把内容填到原有的行里。"],
        ["牵头任务进展", "4", "本年完成比例", "须在 0 至 100 之间，填的是 850%，请改正。"],
        ["牵头任务进展", "4", "进展状态", NO_CHOICE],
        ["指标数据", "4", "数值", NOT_A_NUMBER],
    ]  # fmt: skip


def test_what_was_typed_and_the_seal_stay(scene: Scene) -> None:
    """The returned workbook can be corrected and sent back; its marks are not read."""
    file = back(scene, b.kept(scene, wrong(scene)))
    assert file.name == "牵头局2020年第2季度填报（标错）.xlsx"
    mended = b.with_values(file.content, scene.reading, value=30)
    mended = b.with_values(mended, scene.progress, pace="停顿", percent=0.85)
    mended = b.edited(mended, lambda book: book["专项行动小结"].delete_rows(FIRST_ROW))
    page = b.seen(scene, mended)
    assert (page.problems, page.notes, page.has_errors) == ([], [], False)
    assert b.ways(b.row_seen(page, scene.progress)) == {
        "percent": ("", "", "85%", "mine"),
        "pace": ("", "", "停顿", "mine"),
        "text": ("", "", "完成 5 家", "mine"),
    }


def test_old_marks_are_taken_off(scene: Scene) -> None:
    file = back(scene, b.kept(scene, wrong(scene)))
    half = b.with_values(file.content, scene.progress, pace="停顿", percent=0.85)
    again = back(scene, b.kept(scene, half, name=file.name))
    assert again.name == file.name
    book = b.opened(again.content)
    pace = b.cell_of(book, scene.progress, "pace")
    assert (pace.comment, str(pace.fill.start_color.rgb)[-6:] == RED) == (None, False)
    assert b.cell_of(book, scene.progress, "errors").value is None
    assert b.cell_of(book, scene.reading, "value").comment.text == NOT_A_NUMBER


def test_without_errors_nothing_is_marked(scene: Scene) -> None:
    book = b.opened(back(scene, b.kept(scene, b.taken(scene))).content)
    assert book.sheetnames[0] == "牵头任务进展"
    assert [c.comment for page in book for row in page.iter_rows() for c in row if c.comment] == []


def test_merged_cells_are_marked_where_they_begin(scene: Scene) -> None:
    row, first = FIRST_ROW, b.column_of("progress", "text")

    def merge(book: Any) -> None:
        book["牵头任务进展"].merge_cells(start_row=row, end_row=row, start_column=first, end_column=first + 1)

    book = b.opened(back(scene, b.kept(scene, b.edited(b.taken(scene), merge))).content)
    said = "这一格与别的格合并了，请取消合并后分别填写。"
    assert b.cell_of(book, scene.progress, "text").comment.text == said
    assert b.cell_of(book, scene.progress, "errors").value == f"进展情况：{said}\n本季无工作的理由：{said}"

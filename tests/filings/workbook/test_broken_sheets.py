"""Sheets that people took apart: what cannot be read is named, the rest is read, and nothing is written by looking."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import pytest
from openpyxl.utils import get_column_letter

from filings.workbook.compare import Change
from filings.workbook.layout import FIRST_ROW, HEAD_ROW, TITLE_ROW
from tests.filings.scene import Scene
from tests.filings.workbook import books as b

Do = Callable[[Any, Scene], None]
TEXT = b.column_of("progress", "text")
PROGRESS = "牵头任务进展"


def page(book: Any) -> Any:
    return book[PROGRESS]


def rename(book: Any, scene: Scene) -> None:
    page(book).title = "进展"


def without_sheet(book: Any, scene: Scene) -> None:
    book.remove(page(book))


def without_column(book: Any, scene: Scene) -> None:
    page(book).delete_cols(TEXT)


def renamed_column(book: Any, scene: Scene) -> None:
    page(book).cell(HEAD_ROW, TEXT).value = "工作情况"


def doubled_column(book: Any, scene: Scene) -> None:
    page(book).cell(HEAD_ROW, TEXT + 1).value = "进展情况"


def without_head(book: Any, scene: Scene) -> None:
    page(book).delete_rows(HEAD_ROW)


def doubled_row(book: Any, scene: Scene) -> None:
    sheet = page(book)
    sheet.cell(FIRST_ROW + 3, 1).value = sheet.cell(FIRST_ROW, 1).value
    sheet.cell(FIRST_ROW + 3, TEXT).value = "另写一遍"


def inserted_row(book: Any, scene: Scene) -> None:
    page(book).insert_rows(FIRST_ROW)
    page(book).cell(FIRST_ROW, TEXT).value = "多写一行"


def foreign_row(book: Any, scene: Scene) -> None:
    page(book).cell(FIRST_ROW, 1).value = "项999999"


def moved_row(book: Any, scene: Scene) -> None:
    """A summary's row copied over the row of the task."""
    page(book).cell(FIRST_ROW, 1).value = book["专项行动小结"].cell(FIRST_ROW, 1).value
    book["专项行动小结"].cell(FIRST_ROW, 1).value = None
    for column in range(2, 20):
        book["专项行动小结"].cell(FIRST_ROW, column).value = None


KEEP = "请不要删除或改名，可重新下载后填写。"
HEAD = "本表没有读取。请不要改动表头，可重新下载后填写。"
PROBLEMS: dict[str, tuple[Do, list[str]]] = {
    "missing sheet": (without_sheet, [f"缺少“{PROGRESS}”工作表，其中各项没有读取。{KEEP}"]),
    "renamed sheet": (rename, [f"缺少“{PROGRESS}”工作表，其中各项没有读取。{KEEP}"]),
    "missing column": (without_column, [f"“{PROGRESS}”缺少“进展情况”列，{HEAD}"]),
    "renamed column": (renamed_column, [f"“{PROGRESS}”缺少“进展情况”列，{HEAD}"]),
    "doubled column": (
        doubled_column,
        [f"“{PROGRESS}”缺少“本季无工作的理由”列，“进展情况”列重复，{HEAD}"],
    ),
    "no heading": (without_head, [f"“{PROGRESS}”找不到表头（含“行码”的一行），{HEAD}"]),
    "doubled row": (
        doubled_row,
        [f"“{PROGRESS}”第 4、7 行是同一项（行码重复），都没有读取。请只留一行。"],
    ),
    "inserted row": (
        inserted_row,
        [f"“{PROGRESS}”第 4 行没有行码，看不出是哪一项，没有读取。请不要插入行，把内容填到原有的行里。"],
    ),
    "row of another workbook": (
        foreign_row,
        [f"“{PROGRESS}”第 4 行的行码不是本工作簿的，没有读取。请不要从其他工作簿复制整行。"],
    ),
    "row in another sheet": (
        moved_row,
        [f"“{PROGRESS}”第 4 行是“专项行动小结”的内容，没有读取。请放回原来的工作表。"],
    ),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_what_cannot_be_read_is_named_and_the_rest_is_read(scene: Scene, case: str) -> None:
    scene.fill()
    before = b.stored(scene.filing)
    change, sentences = PROBLEMS[case]
    content = b.edited(b.taken(scene), lambda book: change(book, scene))
    content = b.with_values(content, scene.reading, text="照样读到")
    seen = b.seen(scene, content)
    assert seen.problems == sentences
    assert b.ways(b.row_seen(seen, scene.reading)) == {"text": ("", "", "照样读到", "mine")}
    assert b.stored(scene.filing) == before
    assert seen.has_errors


def extra_sheet(book: Any, scene: Scene) -> None:
    book.create_sheet("草稿")["A1"] = "随手记"


def extra_column(book: Any, scene: Scene) -> None:
    sheet = page(book)
    sheet.cell(HEAD_ROW, sheet.max_column + 1).value = "备注"


def deleted_row(book: Any, scene: Scene) -> None:
    page(book).delete_rows(FIRST_ROW)


def touched_title(book: Any, scene: Scene) -> None:
    page(book).cell(FIRST_ROW, 3).value = "治理废气和废水"


def blank_rows(book: Any, scene: Scene) -> None:
    for row in range(100, 50_100):
        page(book).row_dimensions[row].height = 15


def line_above(book: Any, scene: Scene) -> None:
    page(book).insert_rows(1)
    page(book).cell(1, 2).value = "请各科室填写"


def swapped(book: Any, scene: Scene) -> None:
    """Two columns change places, headings and all."""
    sheet = page(book)
    other = b.column_of("progress", "problems")
    for row in range(HEAD_ROW, FIRST_ROW + 1):
        one, two = sheet.cell(row, TEXT), sheet.cell(row, other)
        one.value, two.value = two.value, one.value


def renamed_title(book: Any, scene: Scene) -> None:
    page(book).cell(TITLE_ROW, 2).value = "我局的表"


def names_in_tail(book: Any, scene: Scene) -> None:
    page(book).cell(FIRST_ROW + 1, 2).value = "单位负责人：张三　审核人：李四　填表人：王五　联系电话：8558"


def wider(book: Any, scene: Scene) -> None:
    sheet = page(book)
    sheet.column_dimensions[get_column_letter(TEXT)].width = 90
    sheet.cell(FIRST_ROW, TEXT).font = copy(sheet.cell(HEAD_ROW, TEXT).font)


NOTES: dict[str, tuple[Do, list[str]]] = {
    "extra sheet": (extra_sheet, ["多出的工作表“草稿”没有读取。"]),
    "extra column": (extra_column, [f"“{PROGRESS}”中多出的列“备注”没有读取。"]),
    "deleted row": (deleted_row, [f"“{PROGRESS}”少了 1 行，这些项保持系统中的内容。"]),
    "locked cell changed": (
        touched_title,
        [f"“{PROGRESS}”第 4 行的灰色单元格被改动，系统不采用，以系统内容为准。"],
    ),
    "fifty thousand blank rows": (blank_rows, [f"“{PROGRESS}”中有 50094 个空行，已略过。"]),
    "line above the heading": (line_above, []),
    "swapped columns": (swapped, []),
    "another title": (renamed_title, []),
    "names in the tail": (names_in_tail, []),
    "other looks": (wider, []),
}


@pytest.mark.parametrize("case", NOTES)
def test_what_does_no_harm_is_at_most_mentioned(scene: Scene, case: str) -> None:
    scene.fill()
    change, notes = NOTES[case]
    seen = b.seen(scene, b.edited(b.taken(scene), lambda book: change(book, scene)))
    assert (seen.problems, seen.notes) == ([], notes)
    assert {row.change for row in seen.rows} == {Change.NONE}
    assert not seen.has_errors


def test_fifty_thousand_blank_rows_with_cells_are_passed_over(scene: Scene) -> None:
    """As they come when a whole column was given a format: rows with empty cells, then something far below."""

    def change(found: dict[str, bytes]) -> None:
        part = b.sheet_part(b.taken(scene), "progress")
        rows = b"".join(b'<row r="%d"><c r="B%d" s="1"/></row>' % (n, n) for n in range(100, 50_100))
        found[part] = found[part].replace(b"</sheetData>", rows + b"</sheetData>")

    seen = b.seen(scene, b.repacked(b.taken(scene), change))
    assert (seen.problems, seen.notes) == ([], [f"“{PROGRESS}”中有 50094 个空行，已略过。"])
    assert len(seen.rows) == 5


def test_merged_cells_are_named_and_the_row_is_not_written(scene: Scene) -> None:
    scene.fill()

    def merge(book: Any) -> None:
        letters = get_column_letter(TEXT), get_column_letter(TEXT + 1)
        page(book).merge_cells(f"{letters[0]}{FIRST_ROW}:{letters[1]}{FIRST_ROW}")

    row = b.row_seen(b.seen(scene, b.edited(b.taken(scene), merge)), scene.progress)
    said = "这一格与别的格合并了，请取消合并后分别填写。"
    assert b.problems(row) == {"text": said, "nothing_reason": said}
    assert not row.is_applicable

"""What people type into cells: what is understood, and the sentence for what is not. Nothing is written by looking."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from openpyxl.worksheet.formula import ArrayFormula

from filings.models import Entry
from tests.filings.scene import Scene
from tests.filings.workbook import books as b

FORMULA = "这一格是公式，系统不执行公式；请改填算出的结果，或在文字前去掉等号。"

#: Entry, field, value, number format (or none), and how the preview reads it.
UNDERSTOOD: dict[str, tuple[str, str, Any, str, str]] = {
    "percent as people see it": ("progress", "percent", 0.85, "0.00%", "85%"),
    "percent with places": ("progress", "percent", 0.8525, "0.0%", "85.25%"),
    "percent that binary cannot hold": ("progress", "percent", 0.29, "0%", "29%"),
    "percent as text": ("progress", "percent", "85%", "@", "85%"),
    "percent full-width": ("progress", "percent", "８５％", "@", "85%"),
    "bare number for a percent": ("progress", "percent", 85, "General", "85%"),
    "nought percent": ("progress", "percent", 0, "General", "0%"),
    "all of it": ("progress", "percent", 1, "0%", "100%"),
    "choice by its label": ("progress", "pace", "停顿", "@", "停顿"),
    "choice with spaces": ("progress", "pace", " 停　顿 ", "@", "停顿"),
    "day as a day": ("progress", "next_on", date(2020, 8, 1), "yyyy-mm-dd", "2020-08-01"),
    "day with a time": ("progress", "next_on", datetime(2020, 8, 1, 9, 30), "yyyy-mm-dd", "2020-08-01"),  # noqa: DTZ001
    "day as text": ("progress", "next_on", "2020年8月1日", "@", "2020-08-01"),
    "day with strokes": ("progress", "next_on", "2020/8/1", "@", "2020-08-01"),
    "day as its serial number": ("progress", "next_on", 44044, "General", "2020-08-01"),
    "day as its serial number in text": ("milestone", "done_on", 44044, "0", "2020-08-01"),
    "number with its unit": ("reading", "value", "32千米", "@", "32"),
    "number full-width": ("reading", "value", "３２．５", "@", "32.5"),
    "number with commas": ("reading", "value", "1,234.5", "@", "1234.5"),
    "negative number": ("reading", "value", -3.5, "General", "-3.5"),
    "number with a minus of an input method": ("reading", "value", "－3", "@", "-3"),
    "long number": ("reading", "value", "12345678901234.5678", "@", "12345678901234.5678"),
    "number in a text": ("progress", "text", 4.1, "General", "4.1"),
    "day in a text": ("progress", "text", date(2020, 8, 1), "yyyy-mm-dd", "2020-08-01"),
    "percent in a text": ("progress", "text", 0.5, "0%", "50%"),
    "lines": ("progress", "text", "一\r\n二_x000D_\n三", "@", "一\n二\n三"),
    "control characters": ("progress", "text", "完_x0007_成", "@", "完成"),
    "escaped text": ("progress", "text", "'=不是公式", "@", "=不是公式"),
    "text with a number format": ("progress", "text", "4.10", "General", "4.10"),
}


def entry_of(scene: Scene, kind: str) -> Entry:
    return scene.reading if kind == "reading" else scene.entry(kind)


@pytest.mark.parametrize("case", UNDERSTOOD)
def test_it_is_understood(scene: Scene, case: str) -> None:
    kind, name, value, form, said = UNDERSTOOD[case]
    entry = entry_of(scene, kind)
    content = b.with_values(b.taken(scene), entry, {name: form}, **{name: value})
    row = b.row_seen(b.seen(scene, content), entry)
    assert b.ways(row)[name] == ("", "", said, "mine")
    assert b.problems(row) == {}
    assert row.is_applicable


REFUSED: dict[str, tuple[str, str, Any, str, str]] = {
    "share without a percent sign": (
        "progress", "percent", 0.85, "General",
        "“0.85”看不出是 0.85% 还是 85%，请带上百分号填写，例如 85%。",
    ),
    "share as text": (
        "progress", "percent", "0.85", "@", "“0.85”看不出是 0.85% 还是 85%，请带上百分号填写，例如 85%。"
    ),
    "850 percent": ("progress", "percent", 8.5, "0.00%", "须在 0 至 100 之间，填的是 850%，请改正。"),
    "negative percent": ("progress", "percent", -0.1, "0.00%", "须在 0 至 100 之间，填的是 -10%，请改正。"),
    "percent in words": (
        "progress", "percent", "八成五", "@", "“八成五”不是数。请只填数字，例如 85 或 85.5。"
    ),
    "percent as a day": (
        "progress", "percent", date(2020, 8, 1), "yyyy-mm-dd",
        "这一格是日期或时间，本栏要填数；请把单元格格式改为“常规”后重填。",
    ),
    "too many places": (
        "progress", "percent", "85.123%", "@", "最多填 2 位小数，请四舍五入后填写。"
    ),
    "percent sign on kilometres": (
        "reading", "value", 0.5, "0%", "“50%”带了百分号，本项单位是千米，请核对后只填数。"
    ),
    "another unit": ("reading", "value", "32公里", "@", "“32公里”不是数。请只填数字，例如 85 或 85.5。"),
    "text for a number": ("reading", "value", "约三十", "@", "“约三十”不是数。请只填数字，例如 85 或 85.5。"),
    "number too large": ("reading", "value", 1e15, "General", "数太大，请核对单位后重填。"),
    "number in science": ("reading", "value", "1e5", "@", "“1e5”不是数。请只填数字，例如 85 或 85.5。"),
    "truth for a number": ("reading", "value", True, "General", "这一格是逻辑值 TRUE，不能采用，请按该栏要求填写。"),
    "truth for a text": ("progress", "text", False, "General", "这一格是逻辑值 FALSE，不能采用，请按该栏要求填写。"),
    "error value": ("progress", "text", "#REF!", "General", "这一格是错误值 #REF!，请改填正确的内容。"),
    "error value for a number": ("reading", "value", "#DIV/0!", "General", "这一格是错误值 #DIV/0!，请改填正确的内容。"),
    "formula": ("progress", "text", '=HYPERLINK("http://x","y")', "General", FORMULA),
    "formula for a number": ("reading", "value", "=1+1", "General", FORMULA),
    "array formula": ("reading", "value", ArrayFormula("A1:A2", "=SUM(A1:A2)"), "General", FORMULA),
    "no such choice": (
        "progress", "pace", "很顺利", "@",
        "“很顺利”不是可选项，请从下拉列表中选择：按计划进行、进度超前、拖延、停顿、申请变更、申请终止。",
    ),
    "no such light": (
        "progress", "self_light", "绿灯", "@",
        "“绿灯”不是可选项，请从下拉列表中选择：已完成、正常、滞后、严重滞后。",
    ),
    "no such day": ("progress", "next_on", "2020-06-31", "@", "“2020-06-31”没有这一天，请核对月和日。"),
    "another century": ("progress", "next_on", date(1920, 6, 30), "yyyy-mm-dd", "“1920-06-30”的年份不对，请核对。"),
    "day without dividers": (
        "progress", "next_on", 20200630, "General",
        "“20200630”不是日期。请按年-月-日填写，例如 2021-03-20。",
    ),
    "day in words": ("progress", "next_on", "下月底", "@", "“下月底”不是日期。请按年-月-日填写，例如 2021-03-20。"),
    "time for a day": (
        "progress", "next_on", time(9, 30), "h:mm", "这一格是时间，不是日期。请按年-月-日填写，例如 2021-03-20。"
    ),
    "overlong text": ("progress", "text", "长" * 5001, "@", "最多 5000 字，现有 5001 字，请压缩。"),
    "overlong line": ("progress", "percent_reason", "长" * 301, "@", "最多 300 字，现有 301 字，请压缩。"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_its_cell(scene: Scene, case: str) -> None:
    kind, name, value, form, sentence = REFUSED[case]
    entry = entry_of(scene, kind)
    before = b.stored(scene.filing)
    content = b.with_values(b.taken(scene), entry, {name: form}, **{name: value})
    row = b.row_seen(b.seen(scene, content), entry)
    assert b.problems(row) == {name: sentence}
    assert (row.is_wrong, row.is_applicable) == (True, False)
    assert b.stored(scene.filing) == before


def test_a_number_beside_no_data_contradicts_it(scene: Scene) -> None:
    content = b.with_values(b.taken(scene), scene.reading, value_state="本期无数据", value=3)
    row = b.row_seen(b.seen(scene, content), scene.reading)
    assert b.problems(row) == {"value": "已选“本期无数据”，这里不能有数；确有数据的请改选“有数据”。"}


def test_a_number_alone_means_that_there_is_data(scene: Scene) -> None:
    content = b.with_values(b.taken(scene), scene.reading, value=Decimal("3.5"))
    row = b.row_seen(b.seen(scene, content), scene.reading)
    assert b.ways(row) == {
        "value_state": ("", "", "有数据", "mine"),
        "value": ("", "", "3.5", "mine"),
    }


def test_a_rate_takes_its_parts_and_its_value_is_locked(scene: Scene) -> None:
    rate = scene.entry("reading", indicator=scene.rate)
    content = b.with_values(b.taken(scene), rate, numerator=8, denominator=10, value=0.5)
    row = b.row_seen(b.seen(scene, content), rate)
    assert {name: way[2] for name, way in b.ways(row).items()} == {
        "value_state": "有数据", "numerator": "8", "denominator": "10"
    }  # fmt: skip

"""Forms and plain tables as .xlsx: laid out as offices print them, numbers as numbers, no formula anywhere."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from harbor_plan.lib import formulas
from harbor_plan.lib.xlsx import TAIL, Column, Form, Kind, Merge, form_workbook, table_workbook

COLUMNS = (
    Column("编号", 8, Kind.CODE),
    Column("名称", 30),
    Column("数量", 8, Kind.NUMBER),
    Column("比例", 8, Kind.PERCENT),
    Column("日期", 12, Kind.DAY),
    Column("时间", 18, Kind.MOMENT),
)
ROWS = [
    ["1.10", "甲", 3, Decimal("92.5"), date(2020, 9, 30), datetime(2021, 1, 5, 1, 30, tzinfo=UTC)],
    ["1.10", "乙", Decimal("0.25"), None, None, None],
]


def form(**changes):
    values = {
        "sheet": "表一",
        "title": "大标题",
        "left": "填报单位（盖章）：甲局",
        "right": "填报日期：2021年1月5日　单位：项",
        "columns": COLUMNS,
        "rows": ROWS,
    } | changes
    return Form(**values)


def sheet_of(content, name="表一"):
    return load_workbook(BytesIO(content))[name]


@pytest.fixture(scope="module")
def sheet():
    return sheet_of(form_workbook([form(merges=[Merge(0, 0, 1)], notes=["注1：照录原文"])]))


def merged(sheet):
    return {str(area) for area in sheet.merged_cells.ranges}


def test_the_title_lies_over_the_whole_width(sheet):
    assert sheet["A1"].value == "大标题"
    assert "A1:F1" in merged(sheet)
    assert (sheet["A1"].alignment.horizontal, sheet["A1"].font.sz) == ("center", 20)


def test_the_second_row_has_the_unit_on_the_left_and_the_date_on_the_right(sheet):
    assert (sheet["A2"].value, sheet["A2"].alignment.horizontal) == ("填报单位（盖章）：甲局", "left")
    assert (sheet["D2"].value, sheet["D2"].alignment.horizontal) == (
        "填报日期：2021年1月5日　单位：项",
        "right",
    )
    assert {"A2:C2", "D2:F2"} <= merged(sheet)


def test_the_heading_stays_in_sight_and_on_every_printed_page(sheet):
    assert [cell.value for cell in sheet[3]] == ["编号", "名称", "数量", "比例", "日期", "时间"]
    assert sheet.freeze_panes == "A4"
    assert sheet.print_title_rows == "$1:$3"


def test_it_prints_across_a4_with_page_numbers(sheet):
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter.center.text == "第 &P 页，共 &N 页"


def test_values_keep_their_kind(sheet):
    code, name, number, percent, day, moment = sheet[4]
    assert (code.value, code.data_type, code.number_format) == ("1.10", "s", "@")
    assert name.value == "甲"
    assert (number.value, number.data_type) == (3, "n")
    assert (percent.value, percent.number_format) == (0.925, "0.0%")
    assert (day.value.isoformat(), day.number_format) == ("2020-09-30T00:00:00", "yyyy-mm-dd")
    assert (moment.value.isoformat(), moment.number_format) == ("2021-01-05T09:30:00", "yyyy-mm-dd hh:mm")
    assert [cell.value for cell in sheet[5]][2:] == [0.25, None, None, None]


def test_cells_that_are_one_are_printed_as_one(sheet):
    assert "A4:A5" in merged(sheet)


def test_notes_and_the_people_who_answer_stand_below(sheet):
    assert sheet["A6"].value == "注1：照录原文"
    assert sheet["A7"].value == TAIL
    for part in ("单位负责人：", "审核人：", "填表人：", "联系电话："):
        assert part in TAIL
    assert {"A6:F6", "A7:F7"} <= merged(sheet)


def test_a_form_without_rows_still_has_its_parts():
    sheet = sheet_of(form_workbook([form(rows=[])]))
    assert sheet["A4"].value == TAIL


def test_several_forms_make_several_sheets():
    book = load_workbook(BytesIO(form_workbook([form(), form(sheet="表二")])))
    assert book.sheetnames == ["表一", "表二"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"]
)
def test_text_that_looks_like_a_formula_stays_text(text):
    for content, cell in (
        (form_workbook([form(rows=[["1", text, None, None, None, None]])]), "B4"),
        (form_workbook([form(title=text, left=text)]), "A1"),
        (table_workbook("表一", [text], [[text]]), "A2"),
    ):
        found = sheet_of(content)[cell]
        assert found.data_type == "s"
        assert found.value == f"'{text}"


@pytest.mark.parametrize("text", ["甲", "1=1", "a-b", "'=1", "−5", "—", ""])
def test_other_text_is_left_alone(text):
    assert formulas.escape(text) == text
    assert not formulas.is_formula(text)


@pytest.mark.parametrize("text", ["=1", "+1", "甲", "'自带", "", "'"])
def test_what_was_escaped_comes_back(text):
    assert formulas.unescape(formulas.escape(text)) == text


def test_characters_no_workbook_can_hold_are_left_out():
    content = table_workbook("表一", ["列"], [["a\x07b"], ["x" * 40_000]])
    sheet = sheet_of(content)
    assert sheet["A2"].value == "ab"
    assert len(sheet["A3"].value) == 32_767


def test_a_plain_table_has_its_heading_first_and_nothing_merged():
    sheet = sheet_of(
        table_workbook("表一", ["代码", "值"], [["4.10", Decimal("38.5")], ["x", date(2020, 1, 2)]])
    )
    head, first, second = sheet.values
    assert (head, first, second[0]) == (("代码", "值"), ("4.10", 38.5), "x")
    assert second[1].date() == date(2020, 1, 2)
    assert merged(sheet) == set()
    assert sheet.freeze_panes == "A2"
    assert sheet["A2"].number_format == "@"

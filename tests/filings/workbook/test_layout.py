"""How the workbook is made: sheets, columns, what is locked, what a cell accepts, how it prints."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from filings.models import Entry
from filings.models.entry import FIELDS
from filings.services.evidence import attach
from filings.terms import Decision, EntryKind, ReturnCode
from filings.workbook import seal
from filings.workbook.layout import SEAL, SHEETS, TEMPLATE
from filings.workbook.write import TAIL
from tests import factories as f
from tests.filings.samples import file
from tests.filings.scene import Scene
from tests.filings.workbook import books as b


def heads(book: Any, title: str) -> list[str]:
    return [cell.value for cell in book[title][3]]


def rule_of(book: Any, entry: Entry, name: str) -> Any:
    """The validation on a cell."""
    cell = b.cell_of(book, entry, name)
    rules = [r for r in b.page_of(book, entry).data_validations.dataValidation if cell.coordinate in r.sqref]
    assert len(rules) == 1
    return rules[0]


def options(book: Any, entry: Entry, name: str) -> list[str]:
    """The choices of a cell's drop-down."""
    where = book.defined_names[rule_of(book, entry, name).formula1].attr_text
    title, cells = where.rsplit("!", 1)
    return [row[0].value for row in book[title.strip("'")][cells.replace("$", "")]]


def test_one_sheet_for_each_kind_that_is_owed(scene: Scene) -> None:
    book = b.opened(b.taken(scene))
    assert book.sheetnames == [
        "牵头任务进展", "专项行动小结", "节点状态", "指标数据", "填写说明", "_选项", "_校验"
    ]  # fmt: skip
    assert {page.title: page.sheet_state for page in book if page.sheet_state != "visible"} == {
        "_选项": "veryHidden", "_校验": "veryHidden"
    }  # fmt: skip
    helpers = b.opened(b.taken(scene, f.filing_of(scene.period, scene.helper), scene.stranger))
    assert helpers.sheetnames[:2] == ["配合任务情况", "填写说明"]


def test_last_quarters_columns_stand_beside_what_is_asked(scene: Scene) -> None:
    attach(entry=scene.progress, file=file(), by=scene.filer, at=scene.at)
    book = b.opened(b.taken(scene))
    assert b.cell_of(book, scene.progress, "files").value == file().name
    assert heads(book, "牵头任务进展") == [
        "行码", "编号", "主要任务", "专项行动", "单位", "本季末序时", "上季本年完成比例", "本年完成比例", "比例说明",
        "上季自评亮灯", "自评亮灯", "进展状态", "上季进展情况", "进展情况", "本季无工作的理由", "存在问题", "原因",
        "需协调事项", "上季下一步计划", "下一步计划", "下一步计划时限", "提醒说明",
        "佐证材料（已上传）", "本项状态", "错误说明",
    ]  # fmt: skip
    assert heads(book, "指标数据") == [
        "行码", "指标", "单位", "分子与分母", "数据状态", "上季数值", "数值", "分子", "分母", "上季数据说明", "数据说明",
        "提醒说明", "佐证材料（已上传）", "本项状态", "错误说明",
    ]  # fmt: skip
    for kind, sheet in SHEETS.items():
        assert [column.name for column in sheet.fields] == list(FIELDS[kind])
        said = [column.heading for column in sheet.columns]
        assert len(set(said)) == len(said)


def test_title_department_and_tail(scene: Scene) -> None:
    page = b.opened(b.taken(scene))["牵头任务进展"]
    assert page["B1"].value == f"{scene.plan.short_name}2020年第2季度牵头任务进展"
    assert page["B1"].alignment.horizontal == "centerContinuous"
    assert page["B2"].value == "填报单位（盖章）：牵头局"
    assert page["O2"].value == "填报日期：　　　　年　　月　　日"
    assert page["B5"].value == TAIL
    assert [page.merged_cells.ranges for page in b.opened(b.taken(scene))] == [set()] * 7


def test_demo_data_is_said_in_the_title(scene: Scene) -> None:
    scene.plan.has_demo_data = True
    scene.plan.save()
    assert b.opened(b.taken(scene))["牵头任务进展"]["B1"].value.endswith("牵头任务进展（演示数据）")


def test_it_prints_across_with_headings_and_page_numbers(scene: Scene) -> None:
    for page in b.opened(b.taken(scene)).worksheets[:4]:
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert (page.print_title_rows, page.oddFooter.center.text) == ("$1:$3", "第 &P 页，共 &N 页")
        assert page.freeze_panes in ("D4", "C4")
        assert page.column_dimensions["A"].hidden
        assert page.sheet_properties.pageSetUpPr.fitToPage


def test_values_are_values_and_numbers_of_tasks_are_text(scene: Scene) -> None:
    scene.fill()
    entry, milestone = scene.progress, scene.entry("milestone")
    f.fill_entry(milestone, by=scene.filer, milestone_state="done", done_on=date(2020, 6, 1))
    book = b.opened(b.taken(scene))
    percent = b.cell_of(book, entry, "percent")
    assert (percent.value, percent.number_format) == (0.5, "0.00%")
    assert (b.cell_of(book, entry, "number").value, b.cell_of(book, entry, "number").number_format) == (
        "1.1", "@"
    )  # fmt: skip
    day = b.cell_of(book, milestone, "done_on")
    assert (day.value.date(), day.number_format) == (date(2020, 6, 1), "yyyy-mm-dd")
    assert b.cell_of(book, entry, "self_light").value == "正常"
    assert b.cell_of(book, scene.reading, "value").value == 80


def test_what_is_asked_can_be_typed_and_nothing_else(scene: Scene) -> None:
    book = b.opened(b.taken(scene))
    for entry in (scene.progress, scene.entry("summary"), scene.entry("milestone"), scene.reading):
        page = b.page_of(book, entry)
        assert page.protection.sheet
        assert page.protection.password is None
        asked = {c.name for c in SHEETS[EntryKind(entry.kind)].fields} - {"numerator", "denominator"}
        row = b.row_of(page, entry)
        unlocked = {
            column.name
            for number, column in enumerate(SHEETS[EntryKind(entry.kind)].columns, 1)
            if not page.cell(row, number).protection.locked
        }
        assert unlocked == asked


def test_a_rate_asks_for_its_parts(scene: Scene) -> None:
    rate = scene.entry("reading", indicator=scene.rate)
    book = b.opened(b.taken(scene))
    cells = {name: b.cell_of(book, rate, name) for name in ("value", "numerator", "denominator")}
    assert {name: cell.protection.locked for name, cell in cells.items()} == {
        "value": True, "numerator": False, "denominator": False
    }  # fmt: skip
    assert cells["value"].value == "由分子、分母算出"
    assert b.cell_of(book, rate, "parts").value == "分子：达标数\n分母：总数"
    assert b.cell_of(book, scene.reading, "numerator").value == "不填"


def test_accepted_entries_are_locked_and_returned_ones_say_why(scene: Scene) -> None:
    scene.fill()
    Entry.objects.filter(pk=scene.progress.pk).update(
        decision=Decision.ACCEPTED, decided_by=scene.reviewer, decided_at=scene.at
    )
    Entry.objects.filter(pk=scene.reading.pk).update(
        decision=Decision.RETURNED, return_code=ReturnCode.R05, return_note="按全市口径",
        decided_by=scene.reviewer, decided_at=scene.at, edited_at=None,
    )  # fmt: skip
    book = b.opened(b.taken(scene))
    assert b.cell_of(book, scene.progress, "text").protection.locked
    assert b.cell_of(book, scene.progress, "state").value == "已采纳，不再修改"
    assert not b.cell_of(book, scene.reading, "text").protection.locked
    assert b.cell_of(book, scene.reading, "state").value == "审核退回：R05 口径不符 按全市口径"


def test_drop_downs_offer_what_the_form_offers(scene: Scene) -> None:
    book = b.opened(b.taken(scene))
    assert options(book, scene.progress, "self_light") == ["已完成", "正常", "滞后", "严重滞后"]
    assert options(book, scene.progress, "pace") == [
        "按计划进行", "进度超前", "拖延", "停顿", "申请变更", "申请终止"
    ]  # fmt: skip
    assert options(book, scene.entry("milestone"), "milestone_state") == [
        "未启动",
        "进行中",
        "已完成",
        "已取消",
    ]
    assert options(book, scene.reading, "value_state") == ["有数据", "本期无数据"]


def test_levels_of_an_indicator_are_a_drop_down(scene: Scene) -> None:
    scene.indicator.levels = ["未建立，仅有设想", "已建立"]
    scene.indicator.save()
    content = b.taken(scene)
    assert options(b.opened(content), scene.reading, "value") == ["未建立，仅有设想", "已建立"]
    row = b.row_seen(b.seen(scene, b.with_values(content, scene.reading, value="已建立")), scene.reading)
    assert (row.texts["value"], b.ways(row)["value"]) == ("1", ("", "", "已建立", "mine"))


@pytest.mark.parametrize(
    ("kind", "name", "type_", "bounds", "error"),
    [
        ("progress", "percent", "decimal", ("0", "1"), "请填 0% 至 100% 之间的百分数，例如 85%。"),
        ("progress", "next_on", "date", ("36526", "73050"), "请填日期，例如 2021-03-20。"),
        ("progress", "text", "textLength", ("5000", None), "最多 5000 字，请压缩。"),
        (
            "reading",
            "value",
            "decimal",
            ("-99999999999999", "99999999999999"),
            "请只填数字，不带单位，例如 85 或 85.5。",
        ),
        ("progress", "pace", "list", ("choices_2", None), "请从下拉列表中选择。"),
    ],
)
def test_cells_refuse_in_chinese(
    scene: Scene, kind: str, name: str, type_: str, bounds: tuple[str, str | None], error: str
) -> None:
    entry = scene.reading if kind == "reading" else scene.progress
    rule = rule_of(b.opened(b.taken(scene)), entry, name)
    assert (rule.type, rule.formula1, rule.formula2, rule.error) == (type_, *bounds, error)
    assert rule.showErrorMessage


def test_the_seal_says_whose_it_is_and_what_was_downloaded(scene: Scene) -> None:
    scene.fill()
    page = b.opened(b.taken(scene))[SEAL]
    found = seal.opened((str(row[0].value) for row in page.iter_rows()), template=TEMPLATE)
    assert (found.template, found.filing, found.department, found.period, found.plan) == (
        1, scene.filing.pk, "牵头局", "2020年第2季度", scene.plan.short_name
    )  # fmt: skip
    assert found.at == scene.at.isoformat()
    row = found.rows[scene.progress.pk]
    assert (row.kind, row.version, row.texts["percent"], row.texts["text"]) == (
        "progress", 1, "50", scene.progress.text
    )  # fmt: skip


def test_a_long_seal_is_cut_into_cells(scene: Scene) -> None:
    """Texts that compress badly make a signature longer than a cell."""
    from hashlib import sha512

    entry = scene.progress
    for name in ("text", "problems", "cause", "coordination", "next_steps"):
        setattr(entry, name, "".join(sha512(f"{name}{n}".encode()).hexdigest() for n in range(39)))
    entry.save()
    content = b.taken(scene)
    assert b.opened(content)[SEAL].max_row == 2
    assert b.row_seen(b.seen(scene, content), entry).is_quiet


def test_the_guide_says_whose_it_is_and_how(scene: Scene) -> None:
    lines = [row[0].value for row in b.opened(b.taken(scene))["填写说明"].iter_rows()]
    assert lines[0] == "填写说明"
    assert lines[1].startswith("本工作簿为牵头局2020年第2季度报送，共 5 项，")
    assert lines[-1] == "10. 标“已采纳”的项已锁定；确需更正的，请联系推进办退回该项。"

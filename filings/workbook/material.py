"""From a filing to what its workbook says. No queries: everything is at hand in the filing's sheet of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from filings.forms.entry import EntryForm
from filings.labels import written
from filings.models import Entry
from filings.queries.rows import RETURNS, Row
from filings.queries.rows import Sheet as FilingSheet
from filings.rules import is_open_entry
from filings.services.entries import around
from filings.services.items import asked, done, field_of
from filings.terms import Decision, EntryKind, Status
from filings.workbook.fields import specs
from filings.workbook.layout import ITEM, ITEMS, SHEETS, TEMPLATE, Use
from filings.workbook.write import Book, Line
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local


def book(sheet: FilingSheet, at: datetime) -> Book:
    """The workbook of a filing as it stands."""
    filing = sheet.filing
    return Book(
        department=str(filing.department),
        period=str(filing.period),
        plan=filing.period.plan.short_name,
        filing=filing.pk,
        at=at.isoformat(),
        template=TEMPLATE,
        is_demo=filing.period.plan.has_demo_data,
        guide=list(_guide(sheet, at)),
        lines=[line for row in sheet.rows for line in _lines(row)],
    )


def file_name(sheet: FilingSheet) -> str:
    """What the downloaded file is called."""
    filing = sheet.filing
    return f"{filing.department}{filing.period}填报.xlsx"


def _lines(row: Row) -> Iterator[Line]:
    """The row of an entry, and one for each of its work items."""
    entry = row.entry
    form = EntryForm.of(entry)
    kind = EntryKind(entry.kind)
    own = Line(
        key=entry.pk,
        sheet=SHEETS[kind],
        kind=kind,
        version=entry.version,
        locked=_about(row)
        | _before(row)
        | _not_asked(entry, form)
        | {"files": _files(entry), "state": _state(row)},
        texts=form.typed(),
        specs=specs(form),
        is_open=is_open_entry(Status(row.filing.status), Decision(entry.decision)),
    )
    yield own
    quarter, before = row.filing.period.quarter, done(row.sent_before)
    for item in asked(entry):
        name = field_of(item.id)
        locked = {
            "number": entry.number,
            "title": entry.title,
            "measure": item.measure,
            "department": item.department,
            "weight": zh.number(zh.plain(item.weight)),
            "due": zh.day(item.due_on) if item.due_on else "",
            "expected": f"{zh.number(zh.plain(item.share(quarter)))}%",
            "before_item": f"{zh.number(zh.plain(before[item.id]))}%" if item.id in before else "",
            "state": own.locked["state"],
        }
        texts, wanted = {ITEM: own.texts[name]}, {ITEM: own.specs[name]}
        yield replace(own, sheet=ITEMS, locked=locked, texts=texts, specs=wanted, item=item.id)


def _about(row: Row) -> dict[str, str]:
    entry = row.entry
    indicator, milestone, responsibility = entry.indicator, entry.milestone, entry.responsibility
    task = responsibility.task if responsibility else milestone.task if milestone else None
    expected = around(entry, row.filing.period, row.previous).expected
    parts = ""
    if indicator and indicator.in_parts:
        parts = f"分子：{indicator.numerator_name}\n分母：{indicator.denominator_name}"
    return {
        "number": entry.number,
        "title": entry.title,
        "action": task.action.name if task else "",
        "task": task.title if task else "",
        "unit": indicator.unit if indicator else "%" if entry.kind == EntryKind.PROGRESS else "",
        "expected": f"{zh.number(zh.plain(expected))}%" if expected is not None else "",
        "due": zh.day(milestone.due_on) if milestone else "",
        "parts": parts,
    }


def _before(row: Row) -> dict[str, str]:
    """Last quarter's fields, as far as the sheet has columns for them and it was sent."""
    if row.sent_before is None:
        return {}
    names = [
        column.name.removeprefix("before_")
        for column in SHEETS[EntryKind(row.entry.kind)].columns
        if column.use == Use.BEFORE
    ]
    return {f"before_{name}": written(row.entry, name, getattr(row.sent_before, name)) for name in names}


def _not_asked(entry: Entry, form: EntryForm) -> dict[str, str]:
    """What stands in the columns that this entry does not ask for."""
    words = {name: "不填" for name in entry.fields if name not in form.fields}
    if "value" in words:
        words["value"] = written(entry, "value", entry.value) or "由分子、分母算出"
    return words


def _files(entry: Entry) -> str:
    """The evidence that is there already, by name."""
    return "\n".join(file.evidence.name for file in entry.files)


def _state(row: Row) -> str:
    entry = row.entry
    if entry.decision == Decision.ACCEPTED:
        return "已采纳，不再修改"
    if entry.decision in RETURNS and row.is_returned:
        return f"{row.state[1]}：{entry.get_return_code_display()} {entry.return_note}"
    return row.state[1]


def _guide(sheet: FilingSheet, at: datetime) -> Iterator[str]:
    filing, plan = sheet.filing, sheet.filing.period.plan
    yield f"本工作簿为{filing.department}{filing.period}报送，共 {len(sheet.rows)} 项，{local(at):%Y-%m-%d %H:%M} 从系统下载。"
    yield f"报送截止：{zh.moment(local(sheet.window.due_at))}。"
    yield "1. 只填白色单元格。灰色单元格是系统已有的内容（含上季内容），已锁定，改动了也不采用。"
    yield "2. 一行是一项，请不要插入、删除、合并行列，不要改工作表名和表头；不填的工作表和行留着即可。"
    yield "3. 亮灯、进展状态、节点状态、数据状态等请从下拉列表中选择。"
    yield "4. 比例填百分数，如 85%；数值只填数字，单位见“单位”列；日期填 2021-03-20 的形式。"
    yield "5. 列入年度计划的任务，在“工作项进度”表中填各工作项的比例，“本年完成比例”由其算出，不必填；确需改用其他比例的才填，并写明比例说明。"
    yield "6. 文字每格最多 5000 字；格内换行按 Alt+Enter。不要以等号开头，系统不接受公式。"
    yield "7. 佐证材料请在系统的填报页面上传，工作簿里只列出下载时已上传的文件名。"
    yield "8. 填好后存为 xlsx 格式，在系统“Excel 填报”页面上传；系统先列出与现有内容的差异，确认后才写入。"
    yield "9. 有错误的单元格，可以下载标了错误的工作簿，改好后再上传。写入后仍须在系统中提交签发。"
    yield f"10. 标“已采纳”的项已锁定；确需更正的，请联系{plan.office}退回该项。"

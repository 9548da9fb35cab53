"""The statistics of returns as a workbook: one sheet for each way to group them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from filings.models import Period
from filings.queries.returns import Line, returns
from filings.terms import ReturnCode
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local, local_day
from harbor_plan.lib.xlsx import Column, Form, Kind, Value, form_workbook
from targets.models import Plan


@transaction.atomic
def returns_file(*, plan: Plan, period: Period | None, by: User, at: datetime) -> tuple[str, bytes]:
    """Name and content. Counted is what `queries.returns` counts; the export is on record."""
    found = returns(plan, user=by, period=period)
    title = f"{plan.short_name}{period or ''}退回情况统计"
    demo = "（演示数据）" if plan.has_demo_data else ""
    forms = [
        Form(
            sheet=f"按{table.head}",
            title=f"{title}（按{table.head}）{demo}",
            left=f"填报单位（盖章）：{plan.office}",
            right=f"填报日期：{zh.day(local_day(at))}　单位：项",
            columns=_columns(table.head),
            rows=[*map(_row, table.lines), _row(found.total)],
            notes=[_note(at)],
        )
        for table in found.tables
    ]
    record(verb="returns.export", subject=period or plan, by=by, at=at, after={"退回": found.total.returned})
    return f"{title}.xlsx", form_workbook(forms)


def _columns(head: str) -> list[Column]:
    codes = [Column(label.replace(" ", "\n"), 10, Kind.NUMBER) for label in ReturnCode.labels]
    return [
        Column(head, 24),
        Column("已审", 8, Kind.NUMBER),
        Column("退回", 8, Kind.NUMBER),
        Column("退回率", 9, Kind.PERCENT),
        *codes,
    ]


def _row(line: Line) -> list[Value]:
    return [line.label, line.decided, line.returned, line.share, *line.by_code]


def _note(at: datetime) -> str:
    return f"数据截至 {zh.moment(local(at))}；按已办结的审核计，每次审核每项计一次，含办结后重新退回的；未办结的审核不计。"

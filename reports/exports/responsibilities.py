"""The responsibility table in the annex's own form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from departments.lineage import known_as
from departments.models import Department
from harbor_plan.lib import zh
from harbor_plan.lib.xlsx import Column, Form, Kind, Merge, Value, form_workbook
from reports.editions import Edition
from reports.exports.parts import File, date_words, marked, unit_words
from reports.queries.responsibilities import Filter, Line, Table, table
from reports.words import without_value
from targets.models import Plan
from targets.terms import Standing
from tasks.models import Role


@transaction.atomic
def responsibility_file(
    *, plan: Plan, edition: Edition | None, chosen: Filter, by: User, at: datetime
) -> File:
    """The responsibility table in the annex's own form with the lights of an edition, filtered as the page is."""
    found = table(plan, edition, chosen)
    title = f"{plan.short_name}任务责任分解表"
    said = _filter_words(chosen, by)
    form = Form(
        sheet="责任分解",
        title=marked(title, plan),
        left=unit_words(plan),
        right=date_words(at, "项"),
        columns=_annex_columns(edition),
        rows=[_annex_row(found, block.leads, line) for block in found.blocks for line in block.lines],
        merges=list(_annex_merges(found)),
        notes=[_annex_total(found, said), *_which_day(edition), *_annex_notes(found)],
    )
    record(
        verb="responsibilities.export",
        subject=plan,
        by=by,
        at=at,
        after={"数字": _figures_words(edition), "筛选": said, "任务": found.shown},
    )
    return File(f"{title}.xlsx", form_workbook([form]))


def _annex_columns(edition: Edition | None) -> list[Column]:
    """The annex's four columns, the task's number, and its light with what explains it."""
    label = edition.label if edition else "尚无数据"
    return [
        Column("序号", 6, Kind.CODE),
        Column("专项行动\n（牵头单位）", 20),
        Column("编号", 7, Kind.CODE),
        Column("主要任务", 34),
        Column("责任单位\n（排在第一位的为牵头单位）", 52),
        Column(f"亮灯\n{label}", 16, Kind.CODE),
        Column("本年完成\n比例", 10, Kind.PERCENT),
        Column("应达", 10, Kind.PERCENT),
    ]


def _annex_row(found: Table, leads: Sequence[str], line: Line) -> list[Value]:
    task, figure = line.task, line.figure
    return [
        str(task.action.no),
        f"{task.action.name}\n（{'、'.join(leads)}）",
        task.number,
        task.annex_title + (f"（注{line.note_no}）" if line.note_no else ""),
        "、".join(known_as(row.department, found.former) for row in line.units),
        Standing(figure.standing).label if figure and figure.standing else without_value(figure),
        figure.completion if figure and figure.completion is not None else without_value(figure),
        figure.expected if figure and figure.expected is not None else zh.DASH,
    ]


def _annex_merges(found: Table) -> Iterable[Merge]:
    """The action's number and name stand once beside its tasks."""
    first = 0
    for block in found.blocks:
        last = first + len(block.lines) - 1
        if last > first:
            yield Merge(0, first, last)
            yield Merge(1, first, last)
        first = last + 1


def _annex_total(found: Table, said: str) -> str:
    if not said:
        return f"共{len(found.blocks)}项专项行动，{found.total}项任务。"
    return f"筛选：{said}。全表{found.total}项任务，本表列出{found.shown}项。"


def _figures_words(edition: Edition | None) -> str:
    """For the record: which figures, and of which day where it is not now."""
    if edition is None:
        return ""
    return edition.as_of_words if edition.known else edition.label


def _which_day(edition: Edition | None) -> list[str]:
    """Of which day the lights are, where it is not now."""
    return [f"亮灯截至{edition.as_of_words}。"] if edition and edition.known else []


def _annex_notes(found: Table) -> list[str]:
    return [f"注{line.note_no}：{'；'.join(line.notes)}" for line in found.notes]


def _filter_words(chosen: Filter, user: User) -> str:
    """What was filtered by, in words; empty for the whole table."""
    parts = []
    if chosen.department is not None:
        name = Department.objects.visible_to(user).get(pk=chosen.department).name
        parts.append(f"{name}{Role(chosen.role).label if chosen.role else '牵头或配合'}")
    if chosen.standing:
        parts.append(f"亮灯为{Standing(chosen.standing).label}")
    if chosen.text:
        parts.append(f"任务含“{chosen.text}”")
    if chosen.on:
        parts.append(f"{zh.day(chosen.on)}有效")
    return "，".join(parts)

"""The tables attached to the bulletin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from filings.terms import Timeliness
from harbor_plan.lib import zh
from harbor_plan.lib.docx import TableColumn
from reports.bulletin.known import Known
from reports.bulletin.sections import percent, quarter_words
from reports.models import Figure, Subject
from reports.queries.cockpit import TROUBLED, worst_first
from reports.words import value_sentence, without_value
from targets.terms import Attainment, Standing


@dataclass(frozen=True)
class Annex:
    """One attached table."""

    title: str
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[str]]
    note: str = ""


def annexes(known: Known) -> Iterator[Annex]:
    """The attachments that have anything in them, in the order they are named in the text."""
    found = (_units(known), _behind(known), _indicators(known), _changes(known))
    return (annex for annex in found if annex.rows)


def _units(known: Known) -> Annex:
    """Every unit: timeliness, completeness, returns, and the lights of the tasks it leads."""
    return Annex(
        f"{quarter_words(known)}各单位报送情况",
        (
            TableColumn("序号", 11, "center"),
            TableColumn("单位", 43),
            TableColumn("时效", 16, "center"),
            TableColumn("应报", 13, "right"),
            TableColumn("采纳", 13, "right"),
            TableColumn("采纳率", 18, "right"),
            TableColumn("退回", 12, "right"),
            TableColumn("牵头任务亮灯", 30),
        ),
        [
            [
                str(number),
                unit.name,
                Timeliness(unit.timeliness).label,
                str(unit.owed),
                str(unit.reported),
                percent(unit.reported, unit.owed),
                str(unit.returns),
                _lights(unit.lights),
            ]
            for number, unit in enumerate(known.figures(Subject.DEPARTMENT), 1)
        ],
        f"合计应报{known.total.owed}项，已采纳{known.total.reported}项，退回{known.total.returns}次。",
    )


def _lights(lights: Mapping[str, int]) -> str:
    return "、".join(f"{standing.label}{lights[standing]}" for standing in Standing if lights.get(standing))


def _behind(known: Known) -> Annex:
    """The tasks behind with how far, worst first."""
    return Annex(
        f"{quarter_words(known)}未达序时进度任务清单",
        (
            TableColumn("编号", 13, "center"),
            TableColumn("任务", 54),
            TableColumn("牵头单位", 29),
            TableColumn("本年完成", 17, "right"),
            TableColumn("应达", 14, "right"),
            TableColumn("落后（百分点）", 14, "right"),
            TableColumn("亮灯", 15, "center"),
        ),
        [
            [
                task.number,
                task.name,
                known.task_leads.get(task.subject_id, ""),
                _percent(task.completion),
                _percent(task.expected),
                _gap(task),
                Standing(task.standing).label,
            ]
            for task in worst_first(known.figures(Subject.TASK))
        ],
    )


def _percent(value: object) -> str:
    return f"{zh.number(value, 1)}%" if value is not None else zh.DASH  # type: ignore[arg-type]


def _gap(task: Figure) -> str:
    if task.completion is None or task.expected is None:
        return zh.DASH
    return zh.number(task.expected - task.completion, 1)


def _indicators(known: Known) -> Annex:
    """Indicators whose target is due, and those behind on the way to it."""
    judged = (Attainment.MET, Attainment.NOT_MET)
    shown = [
        figure
        for figure in known.figures(Subject.INDICATOR)
        if figure.attainment in judged or figure.standing in TROUBLED
    ]
    return Annex(
        f"{quarter_words(known)}到期和落后指标清单",
        (
            TableColumn("代码", 17),
            TableColumn("指标", 47),
            TableColumn("要求", 32),
            TableColumn("实际", 27, "right"),
            TableColumn("达标情况", 17, "center"),
            TableColumn("亮灯", 16, "center"),
        ),
        [
            [
                figure.number,
                figure.name,
                figure.detail.get("requirement", zh.DASH),
                _value(known, figure),
                Attainment(figure.attainment).label,
                Standing(figure.standing).label,
            ]
            for figure in shown
        ],
    )


def _value(known: Known, figure: Figure) -> str:
    if figure.value is None:
        return without_value(figure)
    indicator = known.indicators.get(figure.subject_id)
    vintage = figure.detail.get("vintage", "")
    words = value_sentence(indicator, figure.value) if indicator else zh.number(figure.value)
    return f"{words}（{vintage.partition('（')[0]}）" if vintage else words


def _changes(known: Known) -> Annex:
    """What the version before said otherwise."""
    version = known.publication.version
    return Annex(
        f"第{version}版与第{version - 1}版不同的数字",
        (
            TableColumn("对象", 18, "center"),
            TableColumn("名称", 56),
            TableColumn("项目", 26),
            TableColumn("原为", 28, "right"),
            TableColumn("现为", 28, "right"),
        ),
        [
            [change.figure.get_subject_display(), change.figure.name, name, then, now]
            for change in known.changes
            for name, then, now in change.columns
        ],
    )

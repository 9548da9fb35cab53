"""What the first screen says of an edition: are we on track, which goals, actions and tasks are behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

from actions.leads import leads_on
from harbor_plan.lib import zh
from reports.charts import lights_over_time
from reports.editions import QUARTERS, Edition, recent, series
from reports.models import Figure, Subject
from reports.queries.plan_pages import IndicatorRow
from targets.models import Indicator, Plan
from targets.terms import Attainment, Kind, Standing
from tasks.models import Responsibility, Role

#: Red before yellow.
TROUBLED = (Standing.LATE, Standing.BEHIND)

#: Lights nobody need look at.
GOOD = (Standing.DONE, Standing.ON_TRACK)


@dataclass(frozen=True)
class GoalCell:
    """One goal category in the strip: its figure and its indicators' rows."""

    figure: Figure
    indicators: list[IndicatorRow]

    @property
    def short(self) -> str:
        """The name without the word that every goal category ends in."""
        return self.figure.name.removesuffix("目标")

    @property
    def good(self) -> int:
        """Indicators done or on track; grey is neither."""
        return sum(self.figure.lights.get(standing, 0) for standing in GOOD)

    @property
    def remark(self) -> str:
        """What a leader asks next: what is behind, else what cannot be judged."""
        troubled = worst_first(row.figure for row in self.indicators if row.figure)
        if troubled:
            rest = f"等 {len(troubled)} 项" if len(troubled) > 1 else ""
            return f"{'未达标' if troubled[0].attainment == Attainment.NOT_MET else '落后'}：{troubled[0].name}{rest}"
        unknown = self.figure.lights.get(Standing.UNKNOWN, 0)
        if unknown:
            return f"{unknown} 项无法判断"
        return "全部正常" if self.indicators else "没有指标"


@dataclass(frozen=True)
class ActionRow:
    """One special action: its figure, its leads, and its light in the last quarters (None where it had no figure)."""

    figure: Figure
    leads: str
    heat: list[tuple[Edition, Figure | None]]

    @property
    def good(self) -> int:
        """Tasks done or on track; grey is neither."""
        return sum(self.figure.lights.get(standing, 0) for standing in GOOD)

    @property
    def bar_label(self) -> str:
        """The bar read aloud."""
        if self.figure.completion is None:
            return f"{self.figure.name}，完成比例无法计算"
        done, expected = zh.number(self.figure.completion, 1), zh.number(self.figure.expected, 0)
        return f"{self.figure.name}，本年完成{done}%，应达{expected}%"


@dataclass(frozen=True)
class BehindTask:
    """A task at yellow or red with the department that leads it."""

    figure: Figure
    lead: str


@dataclass(frozen=True)
class Cockpit:
    """Everything the page shows of one edition."""

    edition: Edition
    plan: Figure | None
    goals: list[GoalCell]
    actions: list[ActionRow]
    behind_tasks: list[BehindTask]
    troubled: list[IndicatorRow]
    indicators: int
    quarters: list[Edition]
    light_counts: list[dict[str, int]]
    chart: dict[str, Any]

    @property
    def tasks(self) -> dict[str, int]:
        """The tasks' lights of the edition."""
        return self.light_counts[-1]

    @property
    def task_count(self) -> int:
        return sum(self.tasks.values())

    @property
    def years(self) -> list[tuple[int, int]]:
        """The years of the heat map and how many of its quarters each has."""
        return [(year, len(list(group))) for year, group in groupby(q.period.year for q in self.quarters)]

    @property
    def expected(self) -> Decimal | None:
        """The time progress of the actions, where it is the same for all."""
        values = {row.figure.expected for row in self.actions if row.figure.expected is not None}
        return values.pop() if len(values) == 1 else None

    @property
    def trend(self) -> list[tuple[Edition, dict[str, int]]]:
        """The lights' table beside the chart, newest first."""
        return list(zip(self.quarters, self.light_counts, strict=True))[::-1]


def cockpit(plan: Plan, edition: Edition, indicators: list[IndicatorRow]) -> Cockpit:
    """Seven queries: the edition's figures, the earlier quarters, two series, the actions' leads, the tasks' leads."""
    quarters = recent(edition, QUARTERS)
    figures = edition.figures
    heat = series(quarters, Subject.ACTION)
    leads = _action_leads(edition)
    tasks = series(quarters, Subject.TASK)
    counts = [_count(tasks, quarter) for quarter in quarters]
    return Cockpit(
        edition=edition,
        plan=next(iter(figures[Subject.PLAN].values()), None),
        goals=[
            GoalCell(figure, [row for row in indicators if row.indicator.goal_id == pk])
            for pk, figure in figures[Subject.GOAL].items()
        ],
        actions=[
            ActionRow(
                figure=figure,
                leads=leads.get(pk, ""),
                heat=[(quarter, heat.get(pk, {}).get(quarter.period.pk)) for quarter in quarters],
            )
            for pk, figure in figures[Subject.ACTION].items()
        ],
        behind_tasks=_behind(figures[Subject.TASK].values(), edition),
        troubled=troubled_first(indicators),
        indicators=len(indicators),
        quarters=quarters,
        light_counts=counts,
        chart=lights_over_time([q.period for q in quarters], counts),
    )


def worst_first(figures: Iterable[Figure]) -> list[Figure]:
    """The red and yellow ones, red first, then by how far behind."""
    troubled = [figure for figure in figures if figure.standing in TROUBLED]
    return sorted(troubled, key=_trouble)


def troubled_first(rows: Iterable[IndicatorRow]) -> list[IndicatorRow]:
    """Indicators at red or yellow, red first, those past their date before the others."""
    troubled = [row for row in rows if row.figure and row.figure.standing in TROUBLED]
    return sorted(troubled, key=lambda row: _trouble(row.figure) if row.figure else (0, 0, 0, 0))


def _trouble(figure: Figure) -> tuple[int, int, Decimal | int, int]:
    """Red, then past due, then by how far behind (percent only; indicators keep their order), then as in the plan."""
    behind = (
        figure.completion - figure.expected
        if figure.completion is not None and figure.expected is not None
        else Decimal(1000)
    )
    return (
        TROUBLED.index(Standing(figure.standing)),
        int(figure.attainment != Attainment.NOT_MET),
        behind,
        figure.position,
    )


def worst_quantitative(rows: Iterable[IndicatorRow]) -> Indicator | None:
    """The indicator a leader should look at first: the worst one that has a curve, else the first one."""
    drawn = [row for row in rows if row.indicator.kind == Kind.QUANTITATIVE]
    worst = troubled_first(drawn) or [row for row in drawn if row.figure and row.figure.value is not None]
    first = next(iter(worst or drawn), None)
    return first.indicator if first else None


def _action_leads(edition: Edition) -> dict[int, str]:
    """The names of each action's leads at the cut-off, in the document's order. Two queries."""
    leads = leads_on(edition.period.plan_id, edition.cut_off)
    return {action: "、".join(department.name for department in found) for action, found in leads.items()}


def _behind(figures: Iterable[Figure], edition: Edition) -> list[BehindTask]:
    """Tasks at yellow or red with the names of their leads at the cut-off. One query."""
    troubled = worst_first(figures)
    rows = Responsibility.objects.filter(
        role=Role.LEAD, task__in=[figure.subject_id for figure in troubled]
    ).in_force(edition.cut_off)
    leads = dict(rows.values_list("task_id", "department__name"))
    return [BehindTask(figure, leads.get(figure.subject_id, "")) for figure in troubled]


def _count(tasks: dict[int, dict[int, Figure]], edition: Edition) -> dict[str, int]:
    return dict(Counter(by[edition.period.pk].standing for by in tasks.values() if edition.period.pk in by))


# The sentence


def verdict(board: Cockpit) -> str:
    """The first sentence, as an official would read it aloud, with its totals."""
    period = board.edition.period
    quarter = zh.quarter(period.year, period.quarter, "short")  # the line below it says the year
    if not board.task_count:
        return f"{period}还没有可以汇总的数据。"
    tasks = Counter(board.tasks)
    good = tasks[Standing.DONE] + tasks[Standing.ON_TRACK]
    word = "完成或正常" if tasks[Standing.DONE] else "正常"
    parts = [f"截至{quarter}，{board.task_count} 项任务{_joined([f'{good} 项{word}', *_troubles(tasks)])}"]
    if board.plan:
        indicators = Counter(board.plan.detail.get("indicators", {}))
        troubles = _troubles(indicators) or ["全部完成或正常"]
        parts += [f"{sum(indicators.values())} 项指标{_joined(troubles)}"] if indicators else []
        parts += [f"到期目标达标 {board.plan.met}/{board.plan.due} 项"] if board.plan.due else []
    return f"{'；'.join(parts)}。"


def _troubles(counts: Counter[str]) -> list[str]:
    """9 项滞后, 4 项严重滞后, 3 项无法判断: what there is of them."""
    return [f"{counts[s]} 项{s.label}" for s in (*TROUBLED[::-1], Standing.UNKNOWN) if counts[s]]


def _joined(parts: list[str]) -> str:
    """With the space that stands before a number."""
    return (" " if parts[0][0].isdigit() else "") + "、".join(parts)

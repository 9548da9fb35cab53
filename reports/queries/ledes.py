"""The first sentence under a page's title: what an official would read aloud, weighty numbers between asterisks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from harbor_plan.lib import zh
from reports.editions import Edition
from reports.models import Figure, Subject
from reports.queries.plan_pages import IndicatorRow, MilestoneRow, TaskRow
from reports.queries.publications import PeriodRow
from reports.queries.responsibilities import Table
from targets.terms import Standing


def lights_words(counts: Mapping[str, int]) -> str:
    """19 项已完成、54 项正常、6 项滞后: the lights that occur, grey by itself."""
    return "、".join(f"{counts[key]} 项{Standing(key).label}" for key in Standing.values if counts.get(key))


def _plan_due(edition: Edition | None) -> str:
    figure = next(iter(edition.figures[Subject.PLAN].values()), None) if edition else None
    return f"；到期目标 {figure.due} 项，达标 {figure.met} 项" if figure and figure.due else ""


def goals(categories: int, rows: Sequence[IndicatorRow], edition: Edition | None) -> str:
    """Goal categories with the lights of their indicators."""
    within = [row for row in rows if row.indicator.goal_id is not None]
    words = f"**{categories}** 类目标，**{len(within)}** 项指标"
    return (
        f"{words}：{lights_words(Counter(row.standing for row in within))}。"
        if edition and within
        else f"{words}。"
    )


def indicators(rows: Sequence[IndicatorRow], edition: Edition | None) -> str:
    """All indicators with their lights and the targets that are due."""
    words = f"**{len(rows)}** 项指标"
    if not edition or not rows:
        return f"{words}。"
    return f"{words}：{lights_words(Counter(row.standing for row in rows))}{_plan_due(edition)}。"


def actions(count: int, rows: Sequence[TaskRow], edition: Edition | None) -> str:
    """Special actions with the lights of their tasks."""
    words = f"**{count}** 个专项行动，**{len(rows)}** 项任务"
    lights = Counter(row.figure.standing for row in rows if row.figure)
    return f"{words}：{lights_words(lights)}。" if edition and lights else f"{words}。"


def milestones(rows: Sequence[MilestoneRow]) -> str:
    """Milestones: how many are due, and done of these."""
    figures = [row.figure for row in rows if row.figure]
    words = f"**{len(rows)}** 个节点"
    if not figures:
        return f"{words}。"
    due, met = sum(f.due for f in figures), sum(f.met for f in figures)
    early = sum(f.standing == Standing.DONE for f in figures) - met
    reached = f"已到期 **{due}** 个，完成 {met}/{due} 个" if due else "都没有到期"
    return f"{words}，{reached}；提前完成 {early} 个。" if early else f"{words}，{reached}。"


def departments(edition: Edition | None) -> str:
    """How the departments have filed, as the plan's figure says it."""
    figure = next(iter(edition.figures[Subject.PLAN].values()), None) if edition else None
    return f"{figure.reason}。" if figure else ""


def department(figure: Figure | None, edition: Edition | None) -> str:
    """How one department has filed."""
    if figure:
        return f"{figure.reason}。"
    return "本季没有应报事项。" if edition else ""


def responsibilities(table: Table, name: str) -> str:
    """The size of the table; with a department chosen, what it leads and where it cooperates."""
    words = f"**{table.actions}** 个专项行动，**{table.total}** 项任务，**{table.departments}** 家责任单位"
    own = f"；{name}牵头 **{table.led}** 项、配合 **{table.cooperating}** 项" if name else ""
    shown = f"；列出 {table.shown}/{table.total} 项" if table.shown != table.total else ""
    return f"{zh.day(table.on)}有效：{words}{own}{shown}。责任单位照录附件，排在第一位的为牵头单位。"


def publications(rows: Sequence[PeriodRow]) -> str:
    """How many quarters are published, and which are open."""
    published = sum(bool(row.versions) for row in rows)
    running = "、".join(str(row.period) for row in rows if not row.period.closed_at)
    words = f"已发布 **{published}** 个季度"
    return f"{words}；{running}尚未关账。" if running else f"{words}。"


def compared(then: Edition | None, now: Edition | None, changes: int) -> str:
    """What two days are compared in: which editions, and how many figures differ."""
    if now is None:
        return "还没有可以对照的数据。"
    was = then.as_of_words if then else "当时还没有数据"
    return f"**{changes}** 项数字有变化：{was}，{now.as_of_words}。"

"""Plotly figures, built here and drawn by the browser. One visual language; colours are names of tokens.

Each function returns the figure as plain JSON-ready data ({"data": …, "layout": …}). Values are Decimals in and
JSON numbers out; a missing value is None, and the line breaks there: nothing is drawn that was not filed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

import plotly.graph_objects as go

from harbor_plan.lib import zh
from targets.terms import Comparator, Standing

#: Stacking order from the bottom: standing, word, fill, colour of the number on it.
STACK = (
    (Standing.DONE, "已完成", "var(--chart-done)", "var(--on-deep)"),
    (Standing.ON_TRACK, "正常", "var(--chart-ok)", "var(--ink)"),
    (Standing.UNKNOWN, "无法判断", "var(--chart-none)", "var(--ink)"),
    (Standing.BEHIND, "滞后", "var(--chart-slow)", "var(--ink)"),
    (Standing.LATE, "严重滞后", "var(--chart-late)", "var(--on-deep)"),
)

_PLAN_LINE = {"color": "var(--chart-plan)", "width": 1.6, "dash": "6px,4px"}
_PLAN_MARK = {"symbol": "square", "size": 5, "color": "var(--chart-plan)"}


class QuarterLike(Protocol):
    """Anything with a year and a quarter."""

    @property
    def year(self) -> int: ...
    @property
    def quarter(self) -> int: ...


@dataclass(frozen=True)
class Point:
    """One value of a line on a day; None breaks the line."""

    on: date
    value: Decimal | None


@dataclass(frozen=True)
class Goal:
    """A dated requirement to mark: one limit, or a band from `low` to `high`; `words` say what it asks."""

    on: date
    comparator: str
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    words: str = ""

    @property
    def limits(self) -> list[Decimal]:
        """Its heights in the chart."""
        limits = [self.low, self.high] if self.comparator == Comparator.RANGE else [self.value]
        return [limit for limit in limits if limit is not None]


def _plain(figure: go.Figure) -> dict[str, Any]:
    """JSON-ready: no template of plotly's own, the page brings the house's."""
    plain: dict[str, Any] = figure.to_plotly_json()
    plain["layout"].pop("template", None)
    return plain


def _number(value: Decimal | None) -> float | None:
    """The boundary to JSON, which knows no Decimal; only drawing happens beyond it."""
    return None if value is None else float(value)


def _quarters(periods: Sequence[QuarterLike]) -> list[str]:
    """The names on a quarterly axis, in two lines: the quarter over its year."""
    return [f"{zh.quarter(p.year, p.quarter, 'short')}<br>{p.year}年" for p in periods]


def lights_over_time(periods: Sequence[QuarterLike], counts: Sequence[Mapping[str, int]]) -> dict[str, Any]:
    """Stacked columns: how many tasks had which light in each quarter, blue at the bottom and red on top."""
    figure = go.Figure()
    for standing, name, fill, ink in STACK:
        values = [count.get(standing, 0) for count in counts]
        figure.add_bar(
            name=name, x=_quarters(periods), y=values, marker_color=fill, text=[str(v) if v else "" for v in values],
            textposition="inside", insidetextanchor="middle", textfont={"color": ink, "size": 11}, textangle=0,
            hovertemplate="%{y} 项",
        )  # fmt: skip
    figure.update_layout(
        barmode="stack",
        bargap=0.3,
        uniformtext={"mode": "hide", "minsize": 11},
        xaxis={"type": "category", "ticks": "", "showline": False, "tickangle": 0},
        yaxis={"visible": False, "range": [0, max((sum(c.values()) for c in counts), default=1)]},
        margin={"l": 0, "r": 0, "t": 4, "b": 36},
    )
    return _plain(figure)


def indicator_trend(
    actual: Sequence[Point],
    planned: Sequence[Point],
    goals: Sequence[Goal],
    *,
    unit: str,
    decimals: int,
    years: Sequence[date] = (),
    levels: Sequence[str] = (),
) -> dict[str, Any]:
    """Actual values as a solid line with dots, plan values dashed with squares, each dated target as a marked limit.

    `years` are the days the axis names; `levels` name the heights of a graded indicator.
    """
    figure = go.Figure()
    hover = f"%{{y:.{decimals}f}} {unit}".strip()
    if planned:
        figure.add_scatter(
            name="计划值", mode="lines+markers", x=[p.on for p in planned], y=[_number(p.value) for p in planned],
            line=_PLAN_LINE, marker=_PLAN_MARK, hovertemplate=hover,
        )  # fmt: skip
    figure.add_scatter(
        name="实际值", mode="lines+markers", x=[p.on for p in actual], y=[_number(p.value) for p in actual],
        line={"color": "var(--chart-actual)", "width": 2.6}, marker={"size": 7, "color": "var(--chart-actual)"},
        connectgaps=False, hovertemplate=hover,
    )  # fmt: skip
    for goal in goals:
        _mark(figure, goal, hover)
    figure.update_layout(
        xaxis=_days(years, actual), hovermode="x unified", margin={"l": 48, "r": 12, "t": 16, "b": 40}
    )
    if levels:
        figure.update_yaxes(
            tickvals=list(range(len(levels))), ticktext=list(levels), range=[-0.2, len(levels) - 0.8]
        )
    return _plain(figure)


def _days(years: Sequence[date], actual: Sequence[Point]) -> dict[str, Any]:
    """An axis of days that names the ends of the plan's years and shows all of them."""
    axis: dict[str, Any] = {"type": "date", "hoverformat": "%Y年%-m月%-d日"}
    if years:
        margin = timedelta(days=30)
        first = min([years[0], *(point.on for point in actual)])
        axis |= {
            "tickvals": list(years),
            "ticktext": [f"{day.year}<br>年末" for day in years],
            "tickangle": 0,
            "range": [first - margin, years[-1] + margin],
        }
    return axis


def _mark(figure: go.Figure, goal: Goal, hover: str) -> None:
    """A bar at the day it is due, a dotted line at its height, its words at the left edge, where the curve is not yet near."""
    for limit in goal.limits:
        figure.add_scatter(
            name="目标值", mode="markers", x=[goal.on], y=[_number(limit)], hovertemplate=hover,
            marker={"symbol": "line-ew", "size": 26, "line": {"width": 3, "color": "var(--chart-target)"}},
        )  # fmt: skip
        figure.add_hline(y=_number(limit), line={"color": "var(--chart-target)", "width": 1, "dash": "dot"})
    if goal.limits and goal.words:
        figure.add_annotation(
            text=f"{goal.on.year}年 {goal.words}", x=0.01, xref="paper", xanchor="left", y=_number(goal.limits[-1]),
            yanchor="bottom", showarrow=False, font={"color": "var(--chart-target)"},
        )  # fmt: skip


def progress_of_year(
    periods: Sequence[QuarterLike], percents: Sequence[Decimal | None], expected: Sequence[Decimal | None]
) -> dict[str, Any]:
    """A task's percent of the year's work by quarter (columns) against what was expected (dashed line)."""
    figure = go.Figure()
    figure.add_bar(
        name="本年完成", x=_quarters(periods), y=[_number(p) for p in percents], marker_color="var(--chart-actual)",
        hovertemplate="%{y:.1f}%", width=0.5,
    )  # fmt: skip
    figure.add_scatter(
        name="应达", mode="lines+markers", x=_quarters(periods), y=[_number(e) for e in expected],
        line=_PLAN_LINE, marker=_PLAN_MARK, hovertemplate="%{y:.0f}%",
    )  # fmt: skip
    figure.update_layout(
        xaxis={"type": "category", "tickangle": 0}, yaxis={"range": [0, 105], "ticksuffix": "%", "dtick": 25}
    )
    return _plain(figure)

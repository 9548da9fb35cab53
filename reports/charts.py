"""Plotly figures, built here and drawn by the browser. One visual language; colours are names of tokens.

Each function returns the figure as plain JSON-ready data ({"data": …, "layout": …}). Values are Decimals in and
JSON numbers out; a missing value is None, and the line breaks there: nothing is drawn that was not filed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from targets.terms import Comparator, Standing

#: Stacking order from the bottom, with the fills of the standing's chart colours.
STACK = (
    (Standing.DONE, "已完成", "var(--chart-done)"),
    (Standing.ON_TRACK, "正常", "var(--chart-ok)"),
    (Standing.UNKNOWN, "无法判断", "var(--chart-none)"),
    (Standing.BEHIND, "滞后", "var(--chart-slow)"),
    (Standing.LATE, "严重滞后", "var(--chart-late)"),
)


@dataclass(frozen=True)
class Point:
    """One value of a line on a day; None breaks the line."""

    on: date
    value: Decimal | None


@dataclass(frozen=True)
class Goal:
    """A dated requirement to mark: one limit, or a band from `low` to `high`."""

    on: date
    comparator: str
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None


def _plain(figure: go.Figure) -> dict[str, Any]:
    """JSON-ready: no template of plotly's own, the page brings the house's."""
    plain: dict[str, Any] = figure.to_plotly_json()
    plain["layout"].pop("template", None)
    return plain


def _number(value: Decimal | None) -> float | None:
    """The boundary to JSON, which knows no Decimal; only drawing happens beyond it."""
    return None if value is None else float(value)


def lights_over_time(quarters: Sequence[str], counts: Sequence[dict[str, int]]) -> dict[str, Any]:
    """Stacked columns: how many tasks had which light in each quarter, blue at the bottom and red on top."""
    figure = go.Figure()
    for standing, name, colour in STACK:
        values = [count.get(standing, 0) for count in counts]
        figure.add_bar(
            name=name, x=list(quarters), y=values, marker_color=colour, text=[v or "" for v in values],
            textposition="inside", insidetextanchor="middle", hovertemplate="%{y} 项",
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.35, yaxis_visible=False, xaxis_type="category")
    return _plain(figure)


def indicator_trend(
    actual: Sequence[Point], planned: Sequence[Point], goals: Sequence[Goal], *, unit: str, decimals: int
) -> dict[str, Any]:
    """Actual values as a solid line with dots, plan values dashed with squares, each dated target as a marked limit."""
    figure = go.Figure()
    hover = f"%{{y:.{decimals}f}} {unit}"
    if planned:
        figure.add_scatter(
            name="计划值", mode="lines+markers", x=[p.on for p in planned], y=[_number(p.value) for p in planned],
            line={"color": "var(--chart-plan)", "width": 1.6, "dash": "6px,4px"},
            marker={"symbol": "square", "size": 5, "color": "var(--chart-plan)"}, hovertemplate=hover,
        )  # fmt: skip
    figure.add_scatter(
        name="实际值", mode="lines+markers", x=[p.on for p in actual], y=[_number(p.value) for p in actual],
        line={"color": "var(--chart-actual)", "width": 2.6}, marker={"size": 7, "color": "var(--chart-actual)"},
        connectgaps=False, hovertemplate=hover,
    )  # fmt: skip
    for goal in goals:
        _mark(figure, goal, hover)
    figure.update_layout(xaxis={"type": "date", "tickformat": "%Y-%m", "dtick": "M6"}, hovermode="x unified")
    return _plain(figure)


def _mark(figure: go.Figure, goal: Goal, hover: str) -> None:
    limits = [goal.low, goal.high] if goal.comparator == Comparator.RANGE else [goal.value]
    for limit in limits:
        if limit is None:
            continue
        figure.add_scatter(
            name="目标值", mode="markers", x=[goal.on], y=[_number(limit)], hovertemplate=hover,
            marker={"symbol": "line-ew", "size": 26, "line": {"width": 3, "color": "var(--late)"}},
        )  # fmt: skip
        figure.add_hline(y=_number(limit), line={"color": "var(--late)", "width": 1, "dash": "dot"})


def progress_of_year(
    quarters: Sequence[str], percents: Sequence[Decimal | None], expected: Sequence[Decimal | None]
) -> dict[str, Any]:
    """A task's percent of the year's work by quarter (columns) against its time progress (dashed line)."""
    figure = go.Figure()
    figure.add_bar(
        name="完成比例", x=list(quarters), y=[_number(p) for p in percents], marker_color="var(--chart-actual)",
        hovertemplate="%{y:.1f}%", width=0.5,
    )  # fmt: skip
    figure.add_scatter(
        name="时间进度", mode="lines+markers", x=list(quarters), y=[_number(e) for e in expected],
        line={"color": "var(--chart-plan)", "width": 1.6, "dash": "6px,4px"},
        marker={"symbol": "square", "size": 5, "color": "var(--chart-plan)"}, hovertemplate="%{y:.0f}%",
    )  # fmt: skip
    figure.update_layout(yaxis={"range": [0, 105], "ticksuffix": "%"}, xaxis_type="category")
    return _plain(figure)

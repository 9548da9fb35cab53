"""Figures for plotly: what is drawn, where a line breaks, and that they are plain JSON in the house's colours."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from reports.charts import Goal, Point, indicator_trend, lights_over_time, progress_of_year
from targets.terms import Comparator

D = Decimal
YEARS = [date(year, 12, 31) for year in range(2016, 2021)]


@dataclass
class Quarter:
    year: int
    quarter: int


QUARTERS = [Quarter(2019, 4), Quarter(2020, 1)]


def trend(actual, planned=(), goals=(), **options):
    options = {"unit": "公里", "decimals": 1, "years": YEARS} | options
    return indicator_trend(actual, planned, goals, **options)


def traces(figure):
    return {trace["name"]: trace for trace in figure["data"]}


def colours(value):
    """Every colour anywhere in a figure."""
    if isinstance(value, dict):
        own = [text for key, text in value.items() if key.endswith("color") and isinstance(text, str)]
        return own + [colour for each in value.values() for colour in colours(each)]
    if isinstance(value, (list, tuple)):
        return [colour for each in value for colour in colours(each)]
    return []


EXAMPLES = [
    lights_over_time(QUARTERS, [{"on_track": 3, "late": 1}, {"done": 4}]),
    trend(
        [Point(YEARS[3], D("1.5"))],
        [Point(YEARS[4], D(2))],
        [Goal(YEARS[4], Comparator.AT_LEAST, D(2), words="≥2")],
    ),
    progress_of_year(QUARTERS, [D(80), None], [D(100), D(25)]),
]


@pytest.mark.parametrize("figure", EXAMPLES)
def test_a_figure_is_json_without_a_template_of_its_own(figure):
    plain = json.loads(json.dumps(figure, default=str))
    assert set(plain) == {"data", "layout"}
    assert "template" not in plain["layout"]


@pytest.mark.parametrize("figure", EXAMPLES)
def test_every_colour_is_a_token(figure):
    assert colours(figure) != []
    assert [colour for colour in colours(figure) if not colour.startswith("var(--")] == []


def test_lights_are_stacked_blue_at_the_bottom_and_red_on_top():
    figure = lights_over_time(QUARTERS, [{"on_track": 3, "late": 1}, {"done": 4}])
    assert [(trace["name"], list(trace["y"])) for trace in figure["data"]] == [
        ("已完成", [0, 4]),
        ("正常", [3, 0]),
        ("无法判断", [0, 0]),
        ("滞后", [0, 0]),
        ("严重滞后", [1, 0]),
    ]
    assert figure["layout"]["barmode"] == "stack"
    assert figure["layout"]["yaxis"]["range"] == [0, 4]


def test_quarters_are_named_in_their_order_however_the_years_begin():
    figure = lights_over_time(QUARTERS, [{}, {}])
    assert figure["data"][0]["x"] == ["四季度<br>2019年", "一季度<br>2020年"]
    assert figure["layout"]["xaxis"]["type"] == "category"


def test_a_column_carries_its_number_and_nothing_for_zero():
    figure = lights_over_time(QUARTERS, [{"late": 2}, {}])
    assert list(traces(figure)["严重滞后"]["text"]) == ["2", ""]


def test_a_missing_value_breaks_the_line():
    points = [Point(YEARS[1], D("46.5")), Point(YEARS[2], None), Point(YEARS[3], D(0))]
    actual = traces(trend(points))["实际值"]
    assert actual["y"] == [46.5, None, 0.0]
    assert actual["connectgaps"] is False


def test_lines_differ_by_dash_and_mark_as_well_as_by_colour():
    drawn = traces(trend([Point(YEARS[3], D(1))], [Point(YEARS[3], D(2))]))
    assert "dash" not in drawn["实际值"]["line"]
    assert drawn["计划值"]["line"]["dash"] == "6px,4px"
    assert drawn["计划值"]["marker"]["symbol"] == "square"


def test_without_plan_values_no_plan_line_is_drawn():
    assert set(traces(trend([Point(YEARS[3], D(1))]))) == {"实际值"}


def test_a_dated_target_is_a_mark_a_line_and_its_words():
    figure = trend(
        [Point(YEARS[3], D(1))], goals=[Goal(YEARS[4], Comparator.AT_LEAST, D(32), words="≥32 公里")]
    )
    assert (traces(figure)["目标值"]["x"], traces(figure)["目标值"]["y"]) == ([YEARS[4]], [32.0])
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [32.0]
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["2020年 ≥32 公里"]


def test_a_range_has_two_limits_and_one_label():
    goal = Goal(YEARS[4], Comparator.RANGE, None, D(300), D(500), "300—500 米")
    figure = trend([Point(YEARS[3], D(420))], goals=[goal])
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [300.0, 500.0]
    assert [(note["text"], note["y"]) for note in figure["layout"]["annotations"]] == [
        ("2020年 300—500 米", 500.0)
    ]


def test_a_target_without_a_number_is_not_drawn():
    figure = trend([Point(YEARS[3], D(1))], goals=[Goal(YEARS[4], Comparator.AT_MOST, None, words="待下达")])
    assert "shapes" not in figure["layout"]
    assert "annotations" not in figure["layout"]


def test_the_axis_spans_the_plan_and_reaches_back_to_earlier_values():
    figure = trend([Point(date(2016, 3, 31), D(1))])
    axis = figure["layout"]["xaxis"]
    assert axis["ticktext"] == [f"{year}<br>年末" for year in range(2016, 2021)]
    assert axis["range"] == [date(2016, 3, 1), date(2021, 1, 30)]


def test_levels_are_named_on_the_axis():
    axis = trend([Point(YEARS[3], D(1))], levels=["未启动", "推进中", "达到"])["layout"]["yaxis"]
    assert (axis["tickvals"], axis["ticktext"]) == ([0, 1, 2], ["未启动", "推进中", "达到"])


def test_progress_of_the_year_stands_against_what_was_expected():
    figure = progress_of_year(QUARTERS, [D("80.5"), None], [D(100), D(25)])
    assert traces(figure)["本年完成"]["y"] == [80.5, None]
    assert traces(figure)["应达"]["y"] == [100.0, 25.0]

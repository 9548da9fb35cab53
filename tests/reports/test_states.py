"""The five states of a value, as pages and files say them: not due, not filed, no data with its reason, zero, a value."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from filings.terms import ValueState
from reports.models import Subject
from reports.services import refresh_period
from targets.terms import Asked
from tests import factories
from tests.reports.conftest import browser_of
from tests.reports.pages import read
from tests.reports.scene import Scene, filing_time, summary

pytestmark = pytest.mark.django_db

STATES = ("yearly", "silent", "broken", "zero", "value", "waiting")


@pytest.fixture
def scene() -> Scene:
    """The second quarter with an indicator in each state, a task that was not filed and one that waits."""
    scene = Scene.make(size=2)
    first, second = scene.departments[:2]
    made = {
        name: factories.make_indicator(
            scene.plan, name=name, goal=scene.goal, data_department=second if name in ("silent", "waiting") else first,
            **({"asked": Asked.YEARLY} if name == "yearly" else {}),
        )
        for name in STATES
    }  # fmt: skip
    for indicator in made.values():
        factories.make_target(indicator)
    period = scene.opened(2020, 2)
    scene.write(
        scene.entry(period, indicator=made["broken"]),
        value_state=ValueState.NO_DATA, value=None, text="监测设备检修",
    )  # fmt: skip
    scene.write(scene.entry(period, indicator=made["zero"]), value=Decimal(0))
    scene.accept(scene.send(period, first))
    refresh_period(period=period, at=filing_time(period))
    return scene


def test_every_state_has_its_word(scene):
    period = scene.plan.periods.get()
    said = {}
    for indicator in scene.plan.indicators.filter(name__in=STATES):
        figure = summary(period, Subject.INDICATOR, indicator.pk)
        said[indicator.name] = (
            figure.value,
            figure.detail.get("without", ""),
            figure.detail.get("no_value", ""),
        )
    assert said == {
        "yearly": (None, "未到期", "每年四季度报送，本年未到报送时间，2019年四季度无数据"),
        "silent": (None, "未填报", "2020年二季度未填报"),
        "waiting": (None, "未填报", "2020年二季度未填报"),
        "broken": (None, "无数据", "2020年二季度无数据：监测设备检修"),
        "zero": (Decimal(0), "", ""),
        "value": (Decimal(80), "", ""),
    }


def test_the_list_of_indicators_says_it(scene):
    page = read(browser_of(scene.leader), reverse("reports:indicators") + "?live=1")
    for name, word in (("yearly", "未到期"), ("silent", "未填报"), ("broken", "无数据"), ("zero", "0.00")):
        assert f"{name} {word}" in page


def test_files_say_it(scene):
    leader = browser_of(scene.leader)
    book = load_workbook(io.BytesIO(leader.get(reverse("reports:responsibilities_xlsx") + "?live=1").content))
    column = [str(cell.value) for cell in book.worksheets[0]["G"]]
    assert column.count("未填报") == 1
    book = load_workbook(
        io.BytesIO(leader.get(reverse("reports:indicators") + "?live=1&export=xlsx").content)
    )
    cells = [[str(cell.value) for cell in row] for row in book.worksheets[0].iter_rows()]
    words = {row[0]: row[1] for row in cells if row[0] in STATES}
    assert words["yearly"] == "未到期"
    assert words["silent"] == "未填报"
    assert words["broken"] == "无数据"


def test_totals_carry_n_of_m(scene):
    goal = summary(scene.plan.periods.get(), Subject.GOAL, scene.goal.pk)
    assert (goal.reported, goal.owed) == (4, 7)
    action = summary(scene.plan.periods.get(), Subject.ACTION, scene.action.pk)
    assert (action.reported, action.owed) == (1, 2)


def test_the_line_breaks_where_there_is_no_value(scene):
    scene.publish(scene.plan.periods.get())
    scene.opened(2020, 3)
    indicator = scene.plan.indicators.get(name="value")
    leader = browser_of(scene.leader)
    page = leader.get(
        reverse("reports:indicator", args=[indicator.pk]), {"period": "2020Q3", "live": "1"}
    ).context["page"]
    actual = page.chart["data"][0]
    assert (actual["y"], actual["connectgaps"]) == ([80.0, None], False)

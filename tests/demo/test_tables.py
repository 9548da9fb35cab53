"""The shipped tables fit the plan, and a bad cell is refused by file, row and column."""

import itertools
import re
from pathlib import Path

import pytest
from django.conf import settings

from harbor_plan.demo.tables import Cell, DemoDataError, Tables, read_tables, rows
from targets.measure.quarters import Quarter
from targets.terms import Asked, Combine
from tasks.plan_files import PlanDocument
from tests.demo.conftest import SHIPPED

QUARTERS = Quarter(2017, 1).until(Quarter(2020, 4))


def test_every_quarter_of_the_plan_from_its_issue_on_has_its_dates(tables: Tables) -> None:
    assert list(tables.quarters) == QUARTERS
    assert [at for at, dates in tables.quarters.items() if dates is None] == [Quarter(2020, 4)]
    assert tables.late_entry == {Quarter(2017, 1)}


def test_windows_are_in_order_and_follow_each_other(tables: Tables) -> None:
    dates = [dates for dates in tables.quarters.values() if dates]
    for one in dates:
        assert one.opens_on < one.due_on < one.closes_on < one.published_on
    assert all(one.published_on < other.opens_on for one, other in itertools.pairwise(dates))


def test_every_indicator_has_a_reading_in_every_quarter_it_is_asked(
    tables: Tables, document: PlanDocument
) -> None:
    asked = {
        (indicator.code, at)
        for indicator in document.indicators
        for at in QUARTERS
        if indicator.asked == Asked.QUARTERLY or at.number == 4
    }
    assert set(tables.readings) == asked


def test_rates_are_given_by_parts_and_nothing_else_is(tables: Tables, document: PlanDocument) -> None:
    in_parts = {indicator.code for indicator in document.indicators if indicator.combine == Combine.PARTS}
    given = {code for (code, _), cell in tables.readings.items() if cell.denominator is not None}
    assert given == in_parts


@pytest.mark.parametrize("file", ["readings.csv", "plan_values.csv"])
def test_the_names_beside_the_codes_are_the_plans(file: str, document: PlanDocument) -> None:
    names = {indicator.code: indicator.name for indicator in document.indicators}
    assert [row for row in rows(SHIPPED, file) if names[row.text("indicator")] != row.text("name")] == []


def test_every_task_has_its_work_and_every_milestone_its_course(
    tables: Tables, document: PlanDocument
) -> None:
    assert set(tables.works) == {task.no for task in document.tasks}
    assert set(tables.milestones) == {(stone.task_no, stone.no) for stone in document.milestones}


def test_habits_and_accounts_are_those_of_the_units_that_file(tables: Tables, document: PlanDocument) -> None:
    filing = {unit.name for unit in document.departments if unit.owes and not unit.convenor}
    assert len(filing) == 31
    assert set(tables.habits) == filing
    for role in ("filer", "approver"):
        assert {row.text("department") for row in tables.people if row.text("role") == role} == filing


def test_python_names_no_goal_action_task_indicator_or_department(document: PlanDocument) -> None:
    names = {unit.name for unit in document.departments} | {goal.name for goal in document.goals}
    names |= {action.name for action in document.actions} | {task.title for task in document.tasks}
    names |= {task.annex_title for task in document.tasks} | {one.name for one in document.indicators}
    names |= {stone.name for stone in document.milestones}
    codes = {one.code for one in document.indicators} | {document.plan.code}
    package = Path(settings.BASE_DIR) / "harbor_plan"
    files = [*(package / "demo").glob("*.py"), *(package / "management").rglob("*.py")]
    assert len(files) >= 14
    text = "\n".join(file.read_text() for file in files)
    assert [name for name in names if name in text] == []
    assert [code for code in codes if re.search(rf"\b{re.escape(code)}\b", text)] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "refusal"),
    [
        ("quarters.csv", "2017-05-22", "2017-5-x", "quarters.csv 第 2 行 opens_on 列“2017-5-x”：应为日期，如 2017-06-30。"),
        ("departments.csv", "经发局,15", "经发局,十五", "departments.csv 第 2 行 late 列“十五”：应为整数。"),
        ("departments.csv", ",2018Q1,,,,", ",2018Q5,,,,", "departments.csv 第 15 行 missing 列“2018Q5”：应为季度，如 2017Q2。"),
        ("readings.csv", ",7.2,", ",七,", "readings.csv 第 2 行 2017Q1 列“七”：应为数值、分子/分母或“无数据：原因”。"),
        ("readings.csv", "12/30", "12/", "readings.csv 第 15 行 2017Q1 列“12/”：应为 分子/分母。"),
        ("tasks.csv", "dragging", "slow", "tasks.csv 第 3 行 2019 列“slow”：应为steady、ahead、slow_start、summer_dip、autumn_dip、short_of_end、dragging之一。"),
        ("people.csv", "ld,冯志远,leader,", "ld,冯志远,leader", "people.csv 第 2 行的列数与标题行不同。"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_refused_with_its_place(
    folder: Path, file: str, old: str, new: str, refusal: str
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8-sig")
    with pytest.raises(DemoDataError) as refused:
        read_tables(folder)
    assert str(refused.value) == refusal


def test_a_cell_is_a_value_two_parts_or_a_reason(tables: Tables) -> None:
    from decimal import Decimal

    def at(code: str, year: int, number: int) -> Cell:
        return tables.readings[code, Quarter(year, number)]

    assert at("T6.3-04", 2017, 4) == Cell(value=Decimal("23.0"))
    assert at("G2-03", 2017, 1) == Cell(numerator=Decimal(12), denominator=Decimal(30))
    assert at("T4.4-06", 2020, 3) == Cell(reason="辖区暂无邮轮专业化码头，投用后填报")
    assert at("G2-02", 2020, 3) == Cell(value=Decimal(0))

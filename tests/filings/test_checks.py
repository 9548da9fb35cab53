"""What each kind of entry must say, and what is asked about: truth tables."""

from datetime import date
from decimal import Decimal as D

import pytest

from filings.checks import Around, check
from filings.errors import Problem
from filings.terms import EntryKind

LAST_DAY = date(2020, 6, 30)
HALF = Around(last_day=LAST_DAY, expected=D(50))
GOOD = {"percent": D(50), "self_light": "on_track", "pace": "as_planned", "text": "完成"}
BEHIND = GOOD | {"percent": D(49), "problems": "慢", "cause": "缺钱", "next_steps": "催", "next_on": LAST_DAY}


def wrong(kind: EntryKind, values: dict[str, object], around: Around = HALF) -> list[str]:
    """Fields with a problem that blocks."""
    return [problem.field for problem in check(kind, values, around) if not problem.is_warning]


def odd(kind: EntryKind, values: dict[str, object], around: Around) -> list[str]:
    """Fields with a warning."""
    return [problem.field for problem in check(kind, values, around) if problem.is_warning]


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, ["percent", "self_light", "pace", "text"]),
        (GOOD, []),
        (GOOD | {"percent": D(0)}, ["problems", "cause", "next_steps", "next_on"]),
        (GOOD | {"percent": D("49.99")}, ["problems", "cause", "next_steps", "next_on"]),
        (GOOD | {"percent": D(50), "self_light": "behind"}, ["problems", "cause", "next_steps", "next_on"]),
        (GOOD | {"self_light": "late"}, ["problems", "cause", "next_steps", "next_on"]),
        (GOOD | {"self_light": "done"}, []),
        (BEHIND, []),
        (BEHIND | {"cause": ""}, ["cause"]),
        (GOOD | {"pace": "ahead"}, []),
        (GOOD | {"pace": "delayed"}, ["cause"]),
        (GOOD | {"pace": "stalled"}, ["cause"]),
        (GOOD | {"pace": "change_asked"}, ["cause"]),
        (GOOD | {"pace": "end_asked", "cause": "项目取消"}, []),
    ],
)
def test_progress(values: dict[str, object], fields: list[str]) -> None:
    assert wrong(EntryKind.PROGRESS, values) == fields


@pytest.mark.parametrize("kind", [EntryKind.CONTRIBUTION, EntryKind.SUMMARY])
def test_contribution_and_summary_need_their_text(kind: EntryKind) -> None:
    assert wrong(kind, {"text": ""}) == ["text"]
    assert wrong(kind, {"text": "已配合"}) == []


@pytest.mark.parametrize(
    ("values", "due_on", "fields"),
    [
        ({}, None, ["milestone_state"]),
        ({"milestone_state": "not_begun"}, date(2020, 12, 31), []),
        ({"milestone_state": "under_way"}, date(2020, 7, 1), []),
        ({"milestone_state": "under_way"}, LAST_DAY, ["text"]),
        ({"milestone_state": "not_begun", "text": "征地未完成"}, LAST_DAY, []),
        ({"milestone_state": "done"}, LAST_DAY, ["done_on"]),
        ({"milestone_state": "done", "done_on": LAST_DAY}, LAST_DAY, []),
        ({"milestone_state": "done", "done_on": date(2020, 7, 1)}, LAST_DAY, ["done_on"]),
        ({"milestone_state": "cancelled"}, LAST_DAY, ["text"]),
        ({"milestone_state": "cancelled", "text": "上级取消"}, LAST_DAY, []),
    ],
)
def test_milestone(values: dict[str, object], due_on: date | None, fields: list[str]) -> None:
    assert wrong(EntryKind.MILESTONE, values, Around(last_day=LAST_DAY, due_on=due_on)) == fields


@pytest.mark.parametrize(
    ("values", "in_parts", "fields"),
    [
        ({}, False, ["value_state"]),
        ({"value_state": "value"}, False, ["value"]),
        ({"value_state": "value", "value": D(0)}, False, []),
        ({"value_state": "no_data"}, False, ["text"]),
        ({"value_state": "no_data", "text": "市级未公布"}, False, []),
        ({"value_state": "value"}, True, ["numerator", "denominator"]),
        ({"value_state": "value", "numerator": D(0), "denominator": D(9), "value": D(0)}, True, []),
        ({"value_state": "value", "numerator": D(1), "denominator": D(0)}, True, ["denominator"]),
        ({"value_state": "value", "numerator": D(1), "denominator": D(-2)}, True, ["denominator"]),
        (
            {"value_state": "value", "numerator": D(10) ** 13, "denominator": D("0.0001")},
            True,
            ["denominator"],
        ),
    ],
)
def test_reading(values: dict[str, object], in_parts: bool, fields: list[str]) -> None:
    assert wrong(EntryKind.READING, values, Around(last_day=LAST_DAY, in_parts=in_parts)) == fields


def test_a_text_copied_from_last_quarter_is_asked_about() -> None:
    around = Around(last_day=LAST_DAY, previous={"text": "完成 5 家"})
    assert odd(EntryKind.CONTRIBUTION, {"text": " 完成 5 家\n"}, around) == ["text"]
    assert odd(EntryKind.CONTRIBUTION, {"text": "完成 6 家"}, around) == []
    assert odd(EntryKind.CONTRIBUTION, {"text": ""}, Around(last_day=LAST_DAY, previous={"text": ""})) == []


@pytest.mark.parametrize(
    ("now", "before", "same_year", "expected"),
    [
        ("40", "50", True, ["percent"]),
        ("50", "50", True, []),
        ("40", "50", False, []),
        ("40", None, True, []),
    ],
)
def test_a_percent_of_the_year_that_falls(
    now: str, before: str | None, same_year: bool, expected: list[str]
) -> None:
    around = Around(
        last_day=LAST_DAY, previous={"percent": D(before) if before else None}, same_year=same_year
    )
    assert odd(EntryKind.PROGRESS, GOOD | {"percent": D(now)}, around) == expected


@pytest.mark.parametrize(
    ("accumulation", "same_year", "now", "before", "expected"),
    [
        ("plan_to_date", False, "9", "10", ["value"]),
        ("plan_to_date", True, "10", "10", []),
        ("year_to_date", True, "9", "10", ["value"]),
        ("year_to_date", False, "1", "10", []),
        ("point_in_time", True, "15", "10", []),
        ("point_in_time", True, "15.01", "10", ["value"]),
        ("point_in_time", True, "4.99", "10", ["value"]),
        ("this_period", False, "5", "10", []),
        ("this_period", False, "5", "0", []),
    ],
)
def test_a_reading_that_falls_or_jumps(
    accumulation: str, same_year: bool, now: str, before: str, expected: list[str]
) -> None:
    around = Around(
        last_day=LAST_DAY, previous={"value": D(before)}, same_year=same_year, accumulation=accumulation
    )
    assert odd(EntryKind.READING, {"value_state": "value", "value": D(now)}, around) == expected


def test_shares_outside_their_range_are_asked_about() -> None:
    share = Around(last_day=LAST_DAY, is_share=True)
    assert odd(EntryKind.READING, {"value_state": "value", "value": D("100.1")}, share) == ["value"]
    assert odd(EntryKind.READING, {"value_state": "value", "value": D(100)}, share) == []
    parts = Around(last_day=LAST_DAY, is_share=True, in_parts=True)
    values = {"value_state": "value", "numerator": D(11), "denominator": D(10), "value": D(110)}
    assert odd(EntryKind.READING, values, parts) == ["numerator"]
    assert odd(EntryKind.READING, values | {"denominator": D(0), "value": None}, parts) == []
    assert odd(EntryKind.READING, values | {"numerator": D(-1), "value": D(-10)}, parts) == ["numerator"]


@pytest.mark.parametrize(
    ("state", "done_on", "expected"),
    [
        ("done", date(2015, 12, 31), ["done_on"]),
        ("done", date(2016, 1, 1), []),
        ("under_way", date(2015, 12, 31), []),
        ("done", None, []),
    ],
)
def test_a_milestone_done_before_the_plan_began_is_asked_about(
    state: str, done_on: date | None, expected: list[str]
) -> None:
    around = Around(last_day=LAST_DAY, begins_on=date(2016, 1, 1))
    assert odd(EntryKind.MILESTONE, {"milestone_state": state, "done_on": done_on}, around) == expected


def test_an_explanation_answers_every_warning_and_nothing_that_blocks() -> None:
    around = Around(
        last_day=LAST_DAY, expected=D(50), previous={"text": "完成", "percent": D(60)}, same_year=True
    )
    assert odd(EntryKind.PROGRESS, GOOD, around) == ["text", "percent"]
    assert check(EntryKind.PROGRESS, GOOD | {"explanation": "统计口径调整"}, around) == []
    assert wrong(EntryKind.PROGRESS, GOOD | {"explanation": "统计口径调整", "text": ""}, around) == ["text"]


def test_a_warning_names_both_numbers_as_people_write_them() -> None:
    around = Around(last_day=LAST_DAY, previous={"percent": D("60.00")}, same_year=True)
    assert check(EntryKind.PROGRESS, BEHIND | {"percent": D("49.50")}, around) == [
        Problem(
            "percent", "本年完成比例由上季 60 降为 49.5，请核对，或在提醒说明中写明原因。", is_warning=True
        )
    ]

"""From raw rows to records, one builder a table. Lengths are those the database holds."""

from __future__ import annotations

from departments.models import Kind as DepartmentKind
from targets.terms import (
    Accumulation,
    Asked,
    Combine,
    Comparator,
    Comparison,
    ExpectedBy,
    Kind,
    Rounding,
    Span,
    Strength,
    TargetState,
)
from tasks.models.table import Role
from tasks.plan_files.document import (
    ActionLeadRow,
    ActionRow,
    BaselineChangeRow,
    DepartmentRow,
    GoalRow,
    IndicatorRow,
    MilestoneRow,
    PlanRow,
    PlanValueRow,
    ResponsibilityRow,
    TargetRow,
    TaskRow,
    ThresholdChangeRow,
)
from tasks.plan_files.row import Row

CLAUSE, NAME, NOTE = 40, 60, 500
ORDER = 999


def plan(row: Row) -> PlanRow:
    return PlanRow(
        code=row.slug("code"),
        name=row.text("name", 100),
        short_name=row.text("short_name", 60),
        doc_no=row.optional_text("doc_no", 60),
        issued_on=row.day("issued_on"),
        starts_on=row.day("starts_on"),
        ends_on=row.day("ends_on"),
        office=row.text("office", NAME),
        behind_above=row.number("behind_above"),
        late_above=row.number("late_above"),
        note=row.note(NOTE),
    )


def department(row: Row) -> DepartmentRow:
    return DepartmentRow(
        name=row.text("name", NAME),
        kind=row.one_of("kind", DepartmentKind.values),
        flag=row.optional_text("flag", 300),
        owes=row.yes_no("owes"),
        convenor=row.optional_text("convenor", NAME),
        convenor_proposed=row.yes_no("convenor_proposed"),
        note=row.note(NOTE),
    )


def goal(row: Row) -> GoalRow:
    return GoalRow(
        no=row.whole("no"),
        name=row.text("name", NAME),
        clause=row.text("clause", CLAUSE),
        note=row.note(NOTE),
        retired_on=row.optional_day("retired_on"),
    )


def indicator(row: Row) -> IndicatorRow:
    return IndicatorRow(
        code=row.code("code"),
        name=row.text("name", 120),
        unit=row.optional_text("unit", 30),
        kind=row.one_of("kind", Kind.values),
        decimals=row.whole("decimals", least=0, most=4),
        accumulation=row.one_of("accumulation", Accumulation.values),
        combine=row.one_of("combine", Combine.values),
        span=row.one_of("span", Span.values),
        asked=row.one_of("asked", Asked.values),
        holds=row.yes_no("holds"),
        goal_no=row.optional_whole("goal_no"),
        task_nos=row.listing("task_nos", 10),
        numerator=row.optional_text("numerator", 100),
        denominator=row.optional_text("denominator", 100),
        levels=row.listing("levels", 30),
        rounding=row.one_of("rounding", Rounding.values),
        comparison=row.one_of("comparison", Comparison.values),
        expected_by=row.one_of("expected_by", ExpectedBy.values),
        baseline=row.optional_number("baseline"),
        baseline_year=row.optional_whole("baseline_year", least=1949, most=2100),
        baseline_source=row.optional_text("baseline_source", 200),
        data_department=row.optional_text("data_department", NAME),
        data_department_proposed=row.yes_no("data_department_proposed"),
        clauses=row.listing("clauses", CLAUSE),
        note=row.note(1000),
        retired_on=row.optional_day("retired_on"),
    )


def target(row: Row) -> TargetRow:
    return TargetRow(
        indicator=row.code("indicator"),
        due_on=row.day("due_on"),
        comparator=row.one_of("comparator", Comparator.values),
        value=row.optional_number("value"),
        low=row.optional_number("low"),
        high=row.optional_number("high"),
        tolerance=row.optional_number("tolerance"),
        strength=row.one_of("strength", Strength.values),
        state=row.one_of("state", TargetState.values),
        condition=row.optional_text("condition", 300),
        condition_holds=row.optional_yes_no("condition_holds"),
        condition_decided_by=row.optional_text("condition_decided_by", 100),
        doc_no=row.optional_text("doc_no", 100),
        doc_on=row.optional_day("doc_on"),
        reason=row.optional_text("reason", 300),
        clause=row.text("clause", CLAUSE),
        note=row.note(NOTE),
        effective_from=row.optional_day("effective_from"),
        at=row.optional_moment("at"),
        retired_on=row.optional_day("retired_on"),
    )


def plan_value(row: Row) -> PlanValueRow:
    return PlanValueRow(
        indicator=row.code("indicator"),
        on=row.day("on"),
        value=row.number("value"),
        source=row.optional_text("source", 200),
    )


def action(row: Row) -> ActionRow:
    return ActionRow(
        no=row.whole("no"),
        name=row.text("name", NAME),
        clause=row.text("clause", CLAUSE),
        note=row.note(NOTE),
        retired_on=row.optional_day("retired_on"),
    )


def action_lead(row: Row) -> ActionLeadRow:
    return ActionLeadRow(
        action_no=row.whole("action_no"),
        order=row.whole("order", most=ORDER),
        department=row.text("department", NAME),
    )


def task(row: Row) -> TaskRow:
    return TaskRow(
        no=row.task_no("no"),
        title=row.text("title", 120),
        annex_title=row.text("annex_title", 120),
        clause=row.text("clause", CLAUSE),
        note=row.note(NOTE),
        retired_on=row.optional_day("retired_on"),
    )


def responsibility(row: Row) -> ResponsibilityRow:
    return ResponsibilityRow(
        task_no=row.task_no("task_no"),
        order=row.whole("order"),
        department=row.text("department", NAME),
        role=row.one_of("role", Role.values),
        valid_from=row.optional_day("valid_from"),
        valid_to=row.optional_day("valid_to"),
        note=row.note(NOTE),
    )


def milestone(row: Row) -> MilestoneRow:
    return MilestoneRow(
        task_no=row.task_no("task_no"),
        no=row.whole("no"),
        name=row.text("name", 200),
        due_on=row.day("due_on"),
        strength=row.one_of("strength", Strength.values),
        condition=row.optional_text("condition", 300),
        clause=row.text("clause", CLAUSE),
        note=row.note(NOTE),
        retired_on=row.optional_day("retired_on"),
    )


def threshold_change(row: Row) -> ThresholdChangeRow:
    return ThresholdChangeRow(
        effective_from=row.day("effective_from"),
        behind_above=row.number("behind_above"),
        late_above=row.number("late_above"),
        reason=row.text("reason", 300),
        at=row.moment("at"),
    )


def baseline_change(row: Row) -> BaselineChangeRow:
    return BaselineChangeRow(
        indicator=row.code("indicator"),
        effective_from=row.day("effective_from"),
        value=row.number("value"),
        year=row.whole("year", least=1949, most=2100),
        source=row.text("source", 200),
        state=row.one_of("state", [state for state in TargetState.values if state != TargetState.PENDING]),
        doc_no=row.optional_text("doc_no", 100),
        doc_on=row.optional_day("doc_on"),
        reason=row.optional_text("reason", 300),
        at=row.moment("at"),
    )

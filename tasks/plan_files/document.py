"""What a plan's files say, as plain values. One class a table; keys are the plan's own numbers and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class Problem:
    """One thing wrong with the files: where it stands, and what is wrong and what to do, in Chinese.

    `row` is the number a spreadsheet shows beside the line (the header is 1), or in a JSON document the place
    in the list counted from 1; None when the whole file is meant.
    """

    file: str
    row: int | None
    column: str
    message: str

    def __str__(self) -> str:
        where = self.file
        if self.row is not None:
            where += f" 第{self.row}行"
        if self.column:
            where += f" {self.column}列"
        return f"{where}：{self.message}"


class PlanRefused(Exception):
    """The plan cannot be taken. Holds every problem found, in the order of the files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class PlanRow:
    code: str
    name: str
    short_name: str
    doc_no: str
    issued_on: date
    starts_on: date
    ends_on: date
    office: str
    behind_above: Decimal
    late_above: Decimal
    note: str


@dataclass(frozen=True)
class DepartmentRow:
    name: str
    kind: str
    flag: str
    owes: bool
    convenor: str
    convenor_proposed: bool
    note: str


@dataclass(frozen=True)
class GoalRow:
    no: int
    name: str
    clause: str
    note: str
    retired_on: date | None = None


@dataclass(frozen=True)
class IndicatorRow:
    code: str
    name: str
    unit: str
    kind: str
    decimals: int
    accumulation: str
    combine: str
    span: str
    asked: str
    holds: bool
    goal_no: int | None
    task_nos: tuple[str, ...]
    numerator: str
    denominator: str
    levels: tuple[str, ...]
    rounding: str
    comparison: str
    expected_by: str
    baseline: Decimal | None
    baseline_year: int | None
    baseline_source: str
    data_department: str
    data_department_proposed: bool
    clauses: tuple[str, ...]
    note: str
    retired_on: date | None = None


@dataclass(frozen=True)
class TargetRow:
    indicator: str
    due_on: date
    comparator: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    tolerance: Decimal | None
    strength: str
    state: str
    condition: str
    condition_holds: bool | None
    condition_decided_by: str
    doc_no: str
    doc_on: date | None
    reason: str
    clause: str
    note: str
    effective_from: date | None = None
    at: datetime | None = None
    retired_on: date | None = None


@dataclass(frozen=True)
class PlanValueRow:
    indicator: str
    on: date
    value: Decimal
    source: str


@dataclass(frozen=True)
class ActionRow:
    no: int
    name: str
    clause: str
    note: str
    retired_on: date | None = None


@dataclass(frozen=True)
class ActionLeadRow:
    action_no: int
    order: int
    department: str


@dataclass(frozen=True)
class TaskRow:
    no: str
    title: str
    annex_title: str
    clause: str
    note: str
    retired_on: date | None = None

    @property
    def action_no(self) -> int:
        """The action it belongs to: 4 of 4.3."""
        return int(self.no.split(".")[0])

    @property
    def place(self) -> int:
        """Its place in the action: 3 of 4.3."""
        return int(self.no.split(".")[1])


@dataclass(frozen=True)
class ResponsibilityRow:
    task_no: str
    order: int
    department: str
    role: str
    valid_from: date | None
    valid_to: date | None
    note: str


@dataclass(frozen=True)
class MilestoneRow:
    task_no: str
    no: int
    name: str
    due_on: date
    strength: str
    condition: str
    clause: str
    note: str
    retired_on: date | None = None


@dataclass(frozen=True)
class ThresholdChangeRow:
    effective_from: date
    behind_above: Decimal
    late_above: Decimal
    reason: str
    at: datetime


@dataclass(frozen=True)
class BaselineChangeRow:
    indicator: str
    effective_from: date
    value: Decimal
    year: int
    source: str
    state: str
    doc_no: str
    doc_on: date | None
    reason: str
    at: datetime


@dataclass(frozen=True)
class PlanDocument:
    """One whole plan. Departments and indicators stand in the order in which they are listed everywhere."""

    plan: PlanRow
    departments: tuple[DepartmentRow, ...]
    goals: tuple[GoalRow, ...]
    indicators: tuple[IndicatorRow, ...]
    targets: tuple[TargetRow, ...]
    plan_values: tuple[PlanValueRow, ...]
    actions: tuple[ActionRow, ...]
    action_leads: tuple[ActionLeadRow, ...]
    tasks: tuple[TaskRow, ...]
    responsibilities: tuple[ResponsibilityRow, ...]
    milestones: tuple[MilestoneRow, ...]
    threshold_changes: tuple[ThresholdChangeRow, ...] = ()
    baseline_changes: tuple[BaselineChangeRow, ...] = ()

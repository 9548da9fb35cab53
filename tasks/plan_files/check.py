"""What must agree within a table and between tables. Problems are noted at the row they stand in."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Generic, TypeVar

from targets.terms import Combine, Comparator, TargetState, outside_plan
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

Record = TypeVar("Record")


@dataclass(frozen=True)
class Line(Generic[Record]):
    """A record and the row it was read from."""

    row: Row
    record: Record


@dataclass(frozen=True)
class Lines:
    """All lines of a plan by table."""

    plan: list[Line[PlanRow]]
    departments: list[Line[DepartmentRow]]
    goals: list[Line[GoalRow]]
    indicators: list[Line[IndicatorRow]]
    targets: list[Line[TargetRow]]
    plan_values: list[Line[PlanValueRow]]
    actions: list[Line[ActionRow]]
    action_leads: list[Line[ActionLeadRow]]
    tasks: list[Line[TaskRow]]
    responsibilities: list[Line[ResponsibilityRow]]
    milestones: list[Line[MilestoneRow]]
    threshold_changes: list[Line[ThresholdChangeRow]]
    baseline_changes: list[Line[BaselineChangeRow]]


class Known:
    """Names and numbers other rows may refer to. A table that could not be read is not held against them."""

    def __init__(self, what: str, file: str, keys: Iterable[Hashable], *, readable: bool) -> None:
        self.what = what
        self.file = file
        self.keys = set(keys)
        self.readable = readable

    def check(self, row: Row, column: str, key: Hashable) -> None:
        """Refuse a reference to something that does not exist; an empty one was refused before or is allowed."""
        if not key or not self.readable or key in self.keys:
            return
        meant = [known for known in self.keys if _folded(known) == _folded(key)]
        if len(meant) == 1:
            row.refuse(
                column, f"没有{self.what}“{key}”，有“{meant[0]}”，全角半角或空格不同；请改成一样的写法"
            )
        else:
            row.refuse(column, f"没有{self.what}“{key}”；请改正，或先在 {self.file} 中加上")


def _folded(key: Hashable) -> str:
    """A name without what the eye hardly sees: blanks, and the width and case of its characters."""
    return "".join(unicodedata.normalize("NFKC", str(key)).casefold().split())


def check(lines: Lines, broken: Collection[str]) -> None:
    """Note every disagreement. `broken` tables could not be read and are not searched for names."""

    def known(what: str, table: str, keys: Iterable[Hashable]) -> Known:
        return Known(what, table, keys, readable=table not in broken)

    departments = known("责任单位", "departments", (line.record.name for line in lines.departments))
    goals = known("目标类别", "goals", (line.record.no for line in lines.goals))
    indicators = known("指标", "indicators", (line.record.code for line in lines.indicators))
    actions = known("专项行动", "actions", (line.record.no for line in lines.actions))
    tasks = known("任务", "tasks", (line.record.no for line in lines.tasks))

    _check_plan(lines, departments)
    _check_departments(lines, departments, broken)
    _check_indicators(lines, departments, goals, tasks)
    _check_targets(lines, indicators)
    _check_actions(lines, departments, actions, broken)
    _check_tasks(lines, departments, actions, tasks, broken)


def _once(lines: Iterable[Line[Record]], column: str, key: Callable[[Record], Hashable], what: str) -> None:
    """Refuse the second row with the same key, naming the first. Keys with an empty part are left alone."""
    first: dict[Hashable, int] = {}
    for line in lines:
        value = key(line.record)
        parts = value if isinstance(value, tuple) else (value,)
        if "" in parts or 0 in parts:
            continue
        if value in first:
            line.row.refuse(column, f"{what}与第{first[value]}行重复；请删去一行或改正")
        else:
            first[value] = line.row.raw.no


def _check_plan(lines: Lines, departments: Known) -> None:
    for extra in lines.plan[1:]:
        extra.row.refuse("code", "一个文件夹只放一个方案；请删去这一行")
    for line in lines.plan:
        plan = line.record
        departments.check(line.row, "office", plan.office)
        if plan.starts_on >= plan.ends_on:
            line.row.refuse("ends_on", "终止日期应晚于起始日期；请核对")
        elif plan.issued_on > plan.ends_on:
            line.row.refuse("issued_on", f"印发日期晚于终止日期{plan.ends_on}；请核对年份")
        _check_thresholds(line.row, plan.behind_above, plan.late_above)
    for change in lines.threshold_changes:
        _check_thresholds(change.row, change.record.behind_above, change.record.late_above)


def _check_thresholds(row: Row, behind_above: Decimal, late_above: Decimal) -> None:
    if not 0 <= behind_above <= late_above:
        row.refuse("late_above", "红灯界限不能小于黄灯界限，两者都不能小于0；请改正")
    for column, value in (("behind_above", behind_above), ("late_above", late_above)):
        if value > 100 or value != round(value, 2):
            row.refuse(column, "界限是百分点，最大100，最多两位小数；请改正")


def _check_departments(lines: Lines, departments: Known, broken: Collection[str]) -> None:
    _once(lines.departments, "name", lambda department: department.name, "单位名称")
    by_name = {line.record.name: line.record for line in lines.departments}
    for line in lines.departments:
        department = line.record
        departments.check(line.row, "convenor", department.convenor)
        convenor = by_name.get(department.convenor)
        if department.convenor and department.convenor == department.name:
            line.row.refuse("convenor", "召集单位不能是自己；请改为另一单位或留空")
        elif convenor and (convenor.convenor or not convenor.owes):
            line.row.refuse("convenor", f"“{convenor.name}”自己不报送，不能召集；请改为自己报送的单位")
        if department.convenor_proposed and not department.convenor:
            line.row.refuse("convenor_proposed", "没有召集单位，这里应为“否”")
    if not broken:
        _check_used(lines)


def _check_used(lines: Lines) -> None:
    """A plan's departments are those it names, so one that no row names would be lost on the way out."""
    used = {line.record.office for line in lines.plan}
    used |= {line.record.convenor for line in lines.departments}
    used |= {line.record.data_department for line in lines.indicators}
    used |= {line.record.department for line in lines.action_leads}
    used |= {line.record.department for line in lines.responsibilities}
    if used - {line.record.name for line in lines.departments} - {""}:
        return  # a misspelt name elsewhere is the likely reason, and told there
    for line in lines.departments:
        if line.record.name and line.record.name not in used:
            line.row.refuse("name", f"没有任何一行用到“{line.record.name}”；请删去这一行，或写明它承担什么")


def _check_indicators(lines: Lines, departments: Known, goals: Known, tasks: Known) -> None:
    _once(lines.goals, "no", lambda goal: goal.no, "序号")
    _once(lines.indicators, "code", lambda indicator: indicator.code, "指标代码")
    for line in lines.indicators:
        indicator, row = line.record, line.row
        goals.check(row, "goal_no", indicator.goal_no)
        departments.check(row, "data_department", indicator.data_department)
        for no in indicator.task_nos:
            tasks.check(row, "task_nos", no)
        if not indicator.clauses:
            row.refuse("clauses", "没有填写出处；请写明条款，如 二(一)1")
        if indicator.combine == Combine.PARTS and not (indicator.numerator and indicator.denominator):
            row.refuse("numerator", "按分子分母合成的指标要写明分子和分母各是什么")
        if (indicator.baseline is None) != (indicator.baseline_year is None):
            row.refuse("baseline", "基期值和基期年份要么都填，要么都不填")


def _check_targets(lines: Lines, indicators: Known) -> None:
    _once(
        lines.targets,
        "indicator",
        lambda target: (target.indicator, target.due_on, target.clause, target.state, target.at),
        "同一指标、期限、条款和状态的目标值",
    )
    _once(lines.plan_values, "on", lambda value: (value.indicator, value.on), "同一指标同一日期的计划值")
    for value_line in lines.plan_values:
        indicators.check(value_line.row, "indicator", value_line.record.indicator)
        _check_day(lines, value_line.row, "on", value_line.record.on)
    levels = {line.record.code: len(line.record.levels) for line in lines.indicators}
    for line in lines.targets:
        indicators.check(line.row, "indicator", line.record.indicator)
        _check_day(lines, line.row, "due_on", line.record.due_on)
        _check_value(line.row, line.record)
        _check_level(line.row, line.record, levels.get(line.record.indicator, 0))
        if (line.record.at is None) != (line.record.effective_from is None):
            line.row.refuse("effective_from", "生效季度和登记时间要么都填，要么都不填")
    for change in lines.baseline_changes:
        indicators.check(change.row, "indicator", change.record.indicator)
        if change.record.state == TargetState.REVISED and not change.record.reason:
            change.row.refuse("reason", "已调整的基期值要写明理由")


def _check_day(lines: Lines, row: Row, column: str, day: date) -> None:
    """What is required falls due within the plan."""
    if day == date.min or not lines.plan:
        return
    plan = lines.plan[0].record
    if plan.starts_on < plan.ends_on and (reason := outside_plan(day, plan.starts_on, plan.ends_on)):
        row.refuse(column, reason)


def _check_value(row: Row, target: TargetRow) -> None:
    """The numbers a target holds follow from its state and comparator, as the database demands it."""
    written = {column for column in ("value", "low", "high") if row.raw.cells[column]}
    if target.state == TargetState.PENDING:
        allowed, needed = set[str](), set[str]()
        reason = "待下达的目标值还没有数值；请留空，或把状态改为 assigned"
    elif target.comparator == Comparator.RANGE:
        allowed = needed = {"low", "high"}
        reason = "区间用下限和上限表示；请填 low 和 high，value 留空"
    else:
        allowed = needed = {"value"}
        reason = "请填 value，low 和 high 留空；数值未定的，状态写 pending"
    if target.state and target.comparator:
        for column in sorted(((needed - written) | (written - allowed)) - row.raw.refused):
            row.refuse(column, reason)
    if target.low is not None and target.high is not None and target.low > target.high:
        row.refuse("low", f"下限{target.low}大于上限{target.high}；请核对是否填反")
    if target.tolerance is not None and target.tolerance < 0:
        row.refuse("tolerance", "容差不能小于0；请改正")


def _check_level(row: Row, target: TargetRow, levels: int) -> None:
    """Where an indicator is answered by levels, counted from 0, its target is one of them."""
    if levels and target.value is not None and not (target.value % 1 == 0 and 0 <= target.value < levels):
        row.refuse("value", f"这个指标按等级填报，目标值应是0到{levels - 1}之间的级数；请改正")


def _check_actions(lines: Lines, departments: Known, actions: Known, broken: Collection[str]) -> None:
    _once(lines.actions, "no", lambda action: action.no, "序号")
    _once(
        lines.action_leads, "department", lambda lead: (lead.action_no, lead.department), "同一行动的牵头单位"
    )
    _once(lines.action_leads, "order", lambda lead: (lead.action_no, lead.order), "同一行动的顺序")
    for line in lines.action_leads:
        actions.check(line.row, "action_no", line.record.action_no)
        departments.check(line.row, "department", line.record.department)
    led = {line.record.action_no for line in lines.action_leads}
    if "action_leads" not in broken:
        for action in lines.actions:
            if action.record.no and action.record.no not in led and not action.record.retired_on:
                action.row.refuse("no", "没有牵头单位；请在 action_leads 中加上")


def _check_tasks(
    lines: Lines, departments: Known, actions: Known, tasks: Known, broken: Collection[str]
) -> None:
    _once(lines.tasks, "no", lambda task: task.no, "任务编号")
    for line in lines.tasks:
        if line.record.no:
            actions.check(line.row, "no", line.record.action_no)
    _once(lines.milestones, "no", lambda milestone: (milestone.task_no, milestone.no), "同一任务的节点序号")
    for milestone in lines.milestones:
        tasks.check(milestone.row, "task_no", milestone.record.task_no)
        _check_day(lines, milestone.row, "due_on", milestone.record.due_on)
    _check_responsibilities(lines, departments, tasks)
    if "responsibilities" not in broken:
        _check_leads(lines)


def _check_responsibilities(lines: Lines, departments: Known, tasks: Known) -> None:
    _once(
        lines.responsibilities,
        "department",
        lambda row: (row.task_no, row.department, row.valid_from),
        "同一任务的责任单位",
    )
    current = [line for line in lines.responsibilities if line.record.valid_to is None]
    _once(current, "order", lambda row: (row.task_no, row.order), "同一任务的附件顺序")
    for line in lines.responsibilities:
        tasks.check(line.row, "task_no", line.record.task_no)
        departments.check(line.row, "department", line.record.department)
        start, end = line.record.valid_from, line.record.valid_to
        if start and end and start >= end:
            line.row.refuse("valid_to", "失效日期应晚于生效日期；请核对")
    for earlier, later in _overlapping(lines.responsibilities, lambda row: (row.task_no, row.department)):
        if earlier.record.valid_from != later.record.valid_from:
            later.row.refuse(
                "valid_from", f"同一任务的责任单位与第{earlier.row.raw.no}行的有效期重叠；请改日期"
            )


def _overlapping(
    lines: Iterable[Line[ResponsibilityRow]], key: Callable[[ResponsibilityRow], Hashable]
) -> list[tuple[Line[ResponsibilityRow], Line[ResponsibilityRow]]]:
    """Pairs of rows of one key that are in force on a same day. A row ends before its `valid_to`."""
    groups: dict[Hashable, list[Line[ResponsibilityRow]]] = defaultdict(list)
    for line in lines:
        groups[key(line.record)].append(line)

    def begins(line: Line[ResponsibilityRow]) -> date:
        return line.record.valid_from or date.min

    def ends(line: Line[ResponsibilityRow]) -> date:
        return line.record.valid_to or date.max

    return [
        (one, other)
        for group in groups.values()
        for one, other in combinations(group, 2)
        if begins(one) < ends(other) and begins(other) < ends(one)
    ]


def _check_leads(lines: Lines) -> None:
    """Every task has a lead until further notice, and never two at a time."""
    leads = [line for line in lines.responsibilities if line.record.role == Role.LEAD]
    led = {line.record.task_no for line in leads if line.record.valid_to is None}
    for task in lines.tasks:
        if task.record.retired_on and task.record.no in led:
            task.row.refuse(
                "retired_on", f"任务{task.record.no}已停用；请在 responsibilities 中给各责任单位填写失效日期"
            )
        elif task.record.no and task.record.no not in led and not task.record.retired_on:
            task.row.refuse("no", f"任务{task.record.no}没有牵头单位；请在 responsibilities 中标明一个 lead")
    for one, other in _overlapping(leads, lambda row: row.task_no):
        other.row.refuse(
            "role",
            f"任务{other.record.task_no}已有牵头单位（第{one.row.raw.no}行）；"
            "同一时间只能有一个 lead，请改为 cooperating，或改生效、失效日期",
        )

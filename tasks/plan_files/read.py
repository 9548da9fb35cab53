"""From a path to a checked plan document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tasks.plan_files import build, check
from tasks.plan_files.csv_folder import read_folder
from tasks.plan_files.document import PlanDocument, PlanRefused, Problem
from tasks.plan_files.json_document import parse_json, read_json
from tasks.plan_files.raw import RawPlan, why_closed
from tasks.plan_files.row import Row

Record = TypeVar("Record")


def read_plan(path: Path) -> PlanDocument:
    """The plan in a folder of tables or in one JSON document.

    Raises PlanRefused with every problem of every file, in the order of the tables.
    """
    try:
        is_there, is_folder = path.exists(), path.is_dir()
    except OSError as error:
        raise PlanRefused([Problem(str(path), None, "", why_closed(error))]) from None
    if not is_there:
        raise PlanRefused([Problem(str(path), None, "", "没有这个文件夹或文件；请核对路径")])
    if not is_folder and path.suffix.lower() == ".csv":
        message = f"这只是其中一张表；请给出整个文件夹 {path.parent}"
        raise PlanRefused([Problem(path.name, None, "", message)])
    return document_of(read_folder(path) if is_folder else read_json(path))


def from_json(content: bytes) -> PlanDocument:
    """The plan in what `to_json` gave. Raises PlanRefused."""
    return document_of(parse_json("plan.json", content))


def document_of(raw: RawPlan) -> PlanDocument:
    """The checked plan in raw rows. Raises PlanRefused with every problem."""
    problems = list(raw.problems)

    def records(table: str, builder: Callable[[Row], Record]) -> list[check.Line[Record]]:
        lines = []
        for raw_row in raw.rows[table]:
            row = Row(raw_row, problems)
            lines.append(check.Line(row, builder(row)))
        return lines

    lines = check.Lines(
        plan=records("plan", build.plan),
        departments=records("departments", build.department),
        goals=records("goals", build.goal),
        indicators=records("indicators", build.indicator),
        targets=records("targets", build.target),
        plan_values=records("plan_values", build.plan_value),
        actions=records("actions", build.action),
        action_leads=records("action_leads", build.action_lead),
        tasks=records("tasks", build.task),
        responsibilities=records("responsibilities", build.responsibility),
        milestones=records("milestones", build.milestone),
        threshold_changes=records("threshold_changes", build.threshold_change),
        baseline_changes=records("baseline_changes", build.baseline_change),
    )
    check.check(lines, raw.broken)
    if problems:
        raise PlanRefused(problems)
    return PlanDocument(
        plan=lines.plan[0].record,
        departments=_plain(lines.departments),
        goals=_plain(lines.goals),
        indicators=_plain(lines.indicators),
        targets=_plain(lines.targets),
        plan_values=_plain(lines.plan_values),
        actions=_plain(lines.actions),
        action_leads=_plain(lines.action_leads),
        tasks=_plain(lines.tasks),
        responsibilities=_plain(lines.responsibilities),
        milestones=_plain(lines.milestones),
        threshold_changes=_plain(lines.threshold_changes),
        baseline_changes=_plain(lines.baseline_changes),
    )


def _plain(lines: Sequence[check.Line[Record]]) -> tuple[Record, ...]:
    return tuple(line.record for line in lines)

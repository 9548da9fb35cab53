"""The responsibility table in the annex's own form, filtered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from actions.leads import leads_on
from actions.models import SpecialAction
from departments.lineage import formerly, known_as
from reports.editions import Edition
from reports.models import Figure, Subject
from targets.models import Plan
from tasks.models import Responsibility, Role, Task


@dataclass(frozen=True)
class Filter:
    """What the address asks for; empty parts do not filter."""

    department: int | None = None
    role: str = ""
    standing: str = ""
    text: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Line:
    """One task as the annex prints it: its units in order, the lead first."""

    task: Task
    units: list[Responsibility]
    figure: Figure | None
    note_no: int = 0

    @property
    def standing(self) -> str:
        return self.figure.standing if self.figure else ""

    @property
    def notes(self) -> list[str]:
        """The editor's notes on its title and its units (校注)."""
        units = [f"{row.department.name}，{row.note}" for row in self.units if row.note]
        return [note for note in (self.task.note, *units) if note]


@dataclass(frozen=True)
class Block:
    """One action with its leads and the lines that passed the filter."""

    action: SpecialAction
    leads: list[str]
    lines: list[Line]


@dataclass(frozen=True)
class Table:
    """The blocks that passed the filter. `total`, `departments` and `lights` count the whole table.

    It is the table of the day `on`; `former` says by department id what a reader knew the unit as (原…).
    """

    blocks: list[Block]
    actions: int
    total: int
    departments: int
    led: int
    cooperating: int
    lights: dict[str, int]
    on: date
    former: dict[int, str]

    @property
    def lines(self) -> list[Line]:
        return [line for block in self.blocks for line in block.lines]

    @property
    def shown(self) -> int:
        return len(self.lines)

    @property
    def notes(self) -> list[Line]:
        """The lines with editor's notes, as they are numbered."""
        return [line for line in self.lines if line.note_no]


def table(plan: Plan, edition: Edition | None, chosen: Filter) -> Table:
    """Six queries: actions, their leads on the day, tasks, responsibility rows in force, what units were called."""
    on = chosen.on or (edition.cut_off if edition else plan.ends_on)
    actions = list(SpecialAction.objects.filter(plan=plan).in_use(on))
    leads = leads_on(plan.pk, on)
    in_use = Task.objects.filter(action__plan=plan).in_use(on)
    tasks = in_use.select_related("action").order_by("action__no", "no")
    units = _units(plan, on)
    figures = edition.figures[Subject.TASK] if edition else {}
    lines = [Line(task, units.get(task.pk, []), figures.get(task.pk)) for task in tasks]
    mine = [row.role for line in lines for row in line.units if row.department_id == chosen.department]
    shown = _numbered([line for line in lines if _passes(line, chosen)])
    former = formerly(
        [row.department_id for line in lines for row in line.units]
        + [d.pk for held in leads.values() for d in held],
        on,
    )
    return Table(
        blocks=[
            Block(action, [known_as(department, former) for department in leads.get(action.pk, ())], here)
            for action in actions
            if (here := [line for line in shown if line.task.action_id == action.pk])
        ],
        actions=len(actions),
        total=len(lines),
        departments=len({row.department_id for line in lines for row in line.units}),
        on=on,
        former=former,
        led=mine.count(Role.LEAD),
        cooperating=mine.count(Role.COOPERATING),
        lights=dict(Counter(line.standing for line in lines if line.standing)),
    )


def _units(plan: Plan, on: date) -> dict[int, list[Responsibility]]:
    rows = Responsibility.objects.filter(task__action__plan=plan).in_force(on).select_related("department")
    units: dict[int, list[Responsibility]] = {}
    for row in rows.order_by("order"):
        units.setdefault(row.task_id, []).append(row)
    return units


def _numbered(lines: list[Line]) -> list[Line]:
    """The lines with their notes numbered in order."""
    numbers = count(1)
    return [replace(line, note_no=next(numbers)) if line.notes else line for line in lines]


def _passes(line: Line, chosen: Filter) -> bool:
    if chosen.department is not None:
        roles = [row.role for row in line.units if row.department_id == chosen.department]
        if not roles or (chosen.role and chosen.role not in roles):
            return False
    if chosen.standing and line.standing != chosen.standing:
        return False
    words = f"{line.task.number} {line.task.title} {line.task.annex_title}"
    return chosen.text in words

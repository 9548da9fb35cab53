"""The missing-filing matrix as values: departments down, tasks across, each cell with its mark. No queries here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from filings.models import Extension, Filing, Period
from filings.terms import Timeliness
from harbor_plan.lib import zh
from supervision.models import Notice
from supervision.services import WITH_DEPARTMENT
from tasks.models import Task

#: States of one obligation, the worst first: key, CSS ending, symbol, word.
STATES = {
    "over": ("late", "s-over", "逾期未报"),
    "back": ("back", "s-back", "被退回"),
    "todo": ("todo", "s-todo", "未填"),
    "draft": ("draft", "s-draft", "已填未送签"),
    "sign": ("sign", "s-sign", "待签发"),
    "sent": ("sent", "s-sent", "已报待审"),
    "accepted": ("acc", "s-accepted", "已采纳"),
    "exempt": ("exempt", "s-exempt", "免报"),
}
WORST_FIRST = list(STATES)

#: Groups of rows: key as in the filter, and heading.
GROUPS = {
    "missing": "未报",
    "returned": "被退回待改",
    "waiting": "已报待审",
    "accepted": "已采纳",
    "exempt": "免报",
}


@dataclass(frozen=True)
class Mark:
    """The symbol of one cell: the worst state of its obligations, big where the department leads."""

    key: str
    title: str
    is_lead: bool = False

    @property
    def css(self) -> str:
        return STATES[self.key][0]

    @property
    def symbol(self) -> str:
        return STATES[self.key][1]

    @property
    def word(self) -> str:
        return STATES[self.key][2]


@dataclass(frozen=True)
class Share:
    """How many of a department's obligations of one kind were sent."""

    sent: int
    owed: int
    mark: Mark


@dataclass(frozen=True)
class Column:
    """One task; `is_first` begins an action."""

    task: Task
    is_first: bool


@dataclass(frozen=True)
class Band:
    """One special action with its tasks, as the head of the matrix shows it."""

    no: int
    name: str
    tasks: int

    @property
    def short(self) -> str:
        """The name without its quotation marks and without the word every action ends in."""
        return self.name.removesuffix("行动").strip("“”")

    @property
    def numeral(self) -> str:
        return zh.numeral(self.no)


@dataclass(frozen=True)
class Row:
    """One department's quarter. `marks` has a mark, or nothing, for each column."""

    filing: Filing
    group: str
    timeliness: Timeliness
    extension: Extension | None
    marks: tuple[Mark | None, ...]
    summary: Share | None
    milestones: Share | None
    readings: Share | None
    sent: int
    owed: int
    complete: int
    accepted: int
    reminded: Notice | None

    @property
    def is_missing(self) -> bool:
        return self.group == "missing"

    @property
    def is_overdue(self) -> bool:
        return self.timeliness == Timeliness.MISSING

    @property
    def is_exempt(self) -> bool:
        """Nothing is asked of it; it counts in no total."""
        return self.group == "exempt"

    @property
    def may_be_reminded(self) -> bool:
        """The filing lies with the department."""
        return self.filing.status in WITH_DEPARTMENT and not self.is_exempt


@dataclass(frozen=True)
class Totals:
    """The period in numbers, whatever is filtered. Units count filings, entries everything they owe."""

    units: int
    sent: int
    on_time: int
    late: int
    missing: int
    overdue: int
    exempt: int
    entries: int
    entries_sent: int
    entries_accepted: int


@dataclass(frozen=True)
class Foot:
    """The last line: what the rows shown have not sent."""

    tasks: tuple[int, ...]
    summary: int
    milestones: int
    readings: int
    sent: int
    owed: int


@dataclass(frozen=True)
class Matrix:
    """The matrix of one period. `rows` are all of them, in the order of the groups."""

    period: Period
    bands: tuple[Band, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    legend: Mapping[str, int]

    @property
    def totals(self) -> Totals:
        rows = [row for row in self.rows if not row.is_exempt]
        timely = Counter(row.timeliness for row in rows)
        return Totals(
            units=len(rows),
            sent=sum(not row.is_missing for row in rows),
            on_time=timely[Timeliness.ON_TIME],
            late=timely[Timeliness.LATE],
            missing=sum(row.is_missing for row in rows),
            overdue=timely[Timeliness.MISSING],
            exempt=len(self.rows) - len(rows),
            entries=sum(row.owed for row in rows),
            entries_sent=sum(row.sent for row in rows),
            entries_accepted=sum(row.accepted for row in rows),
        )

    @property
    def missing(self) -> list[Row]:
        return [row for row in self.rows if row.is_missing]

    @property
    def states(self) -> list[tuple[Mark, int]]:
        """The legend: every state with the number of obligations in it."""
        return [(Mark(key, ""), self.legend.get(key, 0)) for key in WORST_FIRST]


@dataclass(frozen=True)
class Group:
    """Rows of one heading, over the columns shown."""

    key: str
    label: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]

    @property
    def lines(self) -> list[tuple[Row, list[tuple[Mark | None, Column]]]]:
        """Each row with its cells: the mark, if any, and the column it stands in."""
        return [(row, list(zip(row.marks, self.columns, strict=True))) for row in self.rows]


@dataclass(frozen=True)
class Shown:
    """The part of a matrix that a filter leaves."""

    bands: tuple[Band, ...]
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    foot: Foot

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def foot_cells(self) -> list[tuple[int, Column]]:
        """Unsent obligations under each column."""
        return list(zip(self.foot.tasks, self.columns, strict=True))


def select(found: Matrix, *, group: str = "", kind: str = "", action: int | None = None) -> Shown:
    """The rows of one group and kind of unit, and the columns of one action with the units it concerns."""
    keep = [n for n, column in enumerate(found.columns) if action is None or column.task.action.no == action]
    columns = tuple(found.columns[n] for n in keep)
    rows = []
    for row in found.rows:
        marks = tuple(row.marks[n] for n in keep)
        wanted = (not group or row.group == group) and (not kind or row.filing.department.kind == kind)
        if wanted and (action is None or any(marks)):
            rows.append(replace(row, marks=marks))
    groups = tuple(
        Group(key, label, of_group, columns)
        for key, label in GROUPS.items()
        if (of_group := tuple(row for row in rows if row.group == key))
    )
    return Shown(bands_of(columns), columns, groups, _foot(columns, rows))


def columns_of(tasks: Sequence[Task]) -> tuple[Column, ...]:
    before = [None, *(task.action_id for task in tasks)]
    return tuple(
        Column(task, task.action_id != previous) for task, previous in zip(tasks, before, strict=False)
    )


def bands_of(columns: Iterable[Column]) -> tuple[Band, ...]:
    counts: dict[tuple[int, str], int] = {}
    for column in columns:
        key = (column.task.action.no, column.task.action.name)
        counts[key] = counts.get(key, 0) + 1
    return tuple(Band(no, name, tasks) for (no, name), tasks in counts.items())


def _foot(columns: Sequence[Column], rows: Sequence[Row]) -> Foot:
    missing = [row for row in rows if row.is_missing]

    def unsent(shares: Iterable[Share | None]) -> int:
        return sum(share.owed for share in shares if share)

    return Foot(
        tasks=tuple(sum(row.marks[n] is not None for row in missing) for n in range(len(columns))),
        summary=unsent(row.summary for row in missing),
        milestones=unsent(row.milestones for row in missing),
        readings=unsent(row.readings for row in missing),
        sent=sum(row.sent for row in rows),
        owed=sum(row.owed for row in rows),
    )

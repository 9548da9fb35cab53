"""How each department filed in the last quarters: late by how much, how often returned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from departments.lineage import formerly, known_as
from departments.models import Department
from filings.calendar import effective_due
from filings.models import Extension, Filing, Period
from filings.queries.known import filings_before
from filings.services.access import latest_extensions, timeliness_of
from filings.terms import Timeliness
from reports.editions import QUARTERS

#: What a cell shows by timeliness: CSS ending and symbol, as in the matrix.
_MARKS = {
    Timeliness.ON_TIME: ("acc", "s-accepted"),
    Timeliness.LATE: ("back", "s-sent"),
    Timeliness.MISSING: ("late", "s-over"),
    Timeliness.NOT_DUE: ("todo", "s-todo"),
    Timeliness.EXEMPT: ("exempt", "s-exempt"),
}


@dataclass(frozen=True)
class Cell:
    """One department's filing of one quarter."""

    filing: Filing
    timeliness: Timeliness
    late_days: int

    @property
    def is_exempt(self) -> bool:
        return self.filing.exemption_id is not None

    @property
    def word(self) -> str:
        """On time, late by days, missing, not due; a quarter without timeliness is filed or not."""
        if self.is_exempt:
            return Timeliness.EXEMPT.label
        if self.timeliness == Timeliness.LATE:
            return f"{self.timeliness.label} {self.late_days} 天"
        if self.timeliness == Timeliness.NONE:
            return "已报（不计时效）" if self.filing.first_submitted_at else "未报（不计时效）"
        return self.timeliness.label

    @property
    def title(self) -> str:
        """What the symbol says, with how often it was returned."""
        returned = f"，退回 {self.filing.returns} 次" if self.filing.returns else ""
        return f"{self.filing.department} {self.filing.period} {self.word}{returned}"

    @property
    def _mark(self) -> tuple[str, str]:
        if self.is_exempt:
            return _MARKS[Timeliness.EXEMPT]
        if self.timeliness == Timeliness.NONE:
            return ("acc", "s-accepted") if self.filing.first_submitted_at else ("todo", "s-todo")
        return _MARKS[self.timeliness]

    @property
    def css(self) -> str:
        return self._mark[0]

    @property
    def symbol(self) -> str:
        return self._mark[1]


@dataclass(frozen=True)
class Head:
    """One quarter: how many departments owed a filing, sent it, and sent it on time; exempt ones owe nothing."""

    period: Period
    owed: int
    sent: int
    on_time: int
    is_chosen: bool


@dataclass(frozen=True)
class Line:
    """One department over the quarters; no cell where it owed nothing. After a reorganisation each unit has its own
    line, and `name` says what the later one was called before."""

    department: Department
    cells: tuple[Cell | None, ...]
    name: str = ""

    @property
    def on_time(self) -> int:
        return sum(cell is not None and cell.timeliness == Timeliness.ON_TIME for cell in self.cells)

    @property
    def timed(self) -> int:
        """Quarters in which it could have been on time or not."""
        counted = (Timeliness.ON_TIME, Timeliness.LATE, Timeliness.MISSING)
        return sum(cell is not None and cell.timeliness in counted for cell in self.cells)

    @property
    def returns(self) -> int:
        return sum(cell.filing.returns for cell in self.cells if cell)


@dataclass(frozen=True)
class Trend:
    """The last quarters up to the chosen one, oldest first, and every department that owed a filing in one of them."""

    heads: tuple[Head, ...]
    lines: tuple[Line, ...]


def trend(chosen: Period, opened: Sequence[Period], *, at: datetime, before: datetime | None = None) -> Trend:
    """How every department filed in the last quarters. Three queries, however many departments and quarters.

    `opened` are the plan's opened periods, newest first; `chosen` is one of them and comes with its plan. With
    `before` as it stood just before that moment, by one query more.
    """
    upto = [period for period in opened if period.last_day <= chosen.last_day][:QUARTERS][::-1]
    periods = {period.pk: period for period in upto}
    for period in upto:
        period.plan = chosen.plan
    extensions = latest_extensions(upto, before)
    cells: dict[tuple[int, int], Cell] = {}
    departments: dict[int, Department] = {}
    filings: Sequence[Filing] = list(Filing.objects.filter(period__in=upto).select_related("department"))
    for filing in filings_before(filings, before) if before else filings:
        filing.period = periods[filing.period_id]
        departments[filing.department_id] = filing.department
        extension = extensions.get((filing.period_id, filing.department_id))
        cells[filing.department_id, filing.period_id] = _cell(filing, extension, at)
    former = formerly(departments, chosen.last_day)
    in_order = sorted(departments.values(), key=lambda department: (department.order, department.pk))
    lines = tuple(
        Line(
            department, tuple(cells.get((department.pk, pk)) for pk in periods), known_as(department, former)
        )
        for department in in_order
    )
    heads = tuple(
        _head(period, [line.cells[n] for line in lines], period.pk == chosen.pk)
        for n, period in enumerate(upto)
    )
    return Trend(heads, lines)


def _cell(filing: Filing, extension: Extension | None, at: datetime) -> Cell:
    due = effective_due(filing.period.due_at, extension.until if extension else None)
    late = (filing.first_submitted_at or due) - due
    return Cell(filing, timeliness_of(filing, extension, at), max(-(-late // timedelta(days=1)), 0))


def _head(period: Period, cells: Sequence[Cell | None], is_chosen: bool) -> Head:
    owed = [cell for cell in cells if cell is not None and not cell.is_exempt]
    timely = Counter(cell.timeliness for cell in owed)
    sent = sum(cell.filing.first_submitted_at is not None for cell in owed)
    return Head(period, len(owed), sent, timely[Timeliness.ON_TIME], is_chosen)

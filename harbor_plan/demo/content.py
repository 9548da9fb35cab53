"""What departments write: the values of one entry in one quarter, from the tables and the plan's own facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from filings.models import Entry
from filings.services.items import field_of
from filings.terms import EntryKind, MilestoneState, Pace, ReturnCode, ValueState
from harbor_plan.demo import chance
from harbor_plan.demo.tables import Cell, Tables
from harbor_plan.lib.zh import plain
from targets.measure.inputs import Thresholds
from targets.measure.quarters import Quarter
from targets.models import Indicator, Plan
from targets.terms import Standing
from tasks.models import Responsibility, Role, Task
from tasks.progress import PlannedItem, completion, expected

Values = dict[str, Any]
FULL = Decimal(100)
#: So many percentage points above time progress count as ahead.
AHEAD = Decimal(3)
#: So many below mean that the work stands still.
STALLED = Decimal(20)


@dataclass(frozen=True)
class Facts:
    """What the plan says that texts need, read once: task numbers and lead units, tasks by action."""

    thresholds: Thresholds
    leads: Mapping[int, str]
    numbers: Mapping[int, tuple[str, ...]]


def read_facts(plan: Plan) -> Facts:
    """Two queries."""
    tasks: dict[int, list[str]] = defaultdict(list)
    for task in Task.objects.filter(action__plan=plan).select_related("action").order_by("action__no", "no"):
        tasks[task.action_id].append(task.number)
    rows = Responsibility.objects.filter(task__action__plan=plan, role=Role.LEAD).select_related("department")
    return Facts(
        thresholds=Thresholds(plan.behind_above, plan.late_above),
        leads={row.task_id: row.department.name for row in rows},
        numbers={action: tuple(numbers) for action, numbers in tasks.items()},
    )


class Writer:
    """Writes entries the way their departments would. `planned` are the quarter's work items by task number."""

    def __init__(self, tables: Tables, facts: Facts) -> None:
        self.tables = tables
        self.facts = facts
        self.planned: dict[str, tuple[PlannedItem, ...]] = {}

    def values(self, entry: Entry, at: Quarter) -> Values:
        """Everything people write in this entry, by column."""
        write = {
            EntryKind.PROGRESS: self._progress,
            EntryKind.CONTRIBUTION: self._contribution,
            EntryKind.SUMMARY: self._summary,
            EntryKind.MILESTONE: self._milestone,
            EntryKind.READING: self._reading,
        }[EntryKind(entry.kind)]
        return write(entry, at)

    def explanation(self, entry: Entry) -> str:
        """Why a warning may stand."""
        case = ""
        if entry.kind == EntryKind.READING:
            case = "reading" if entry.value_state == ValueState.VALUE else "no_data"
        elif entry.self_light == Standing.DONE or entry.milestone_state == MilestoneState.DONE:
            case = "evidence"
        return self._text("explanation", case, *_key(entry))

    def first_try(self, entry: Entry, values: Values, at: Quarter) -> tuple[Values, ReturnCode, str]:
        """The weaker version that was returned: its values, the coded reason and the note."""
        key = (at, *_key(entry))
        if entry.kind == EntryKind.READING and values["value_state"] == ValueState.VALUE:
            code = chance.pick((ReturnCode.R02, ReturnCode.R05), "return code", *key)
            return values | _misread(entry, values), code, self._text("return", code, *key)
        code = chance.pick((ReturnCode.R01, ReturnCode.R04), "return code", *key)
        thin = self._text("thin", "", *key, quarter=at)
        return values | {"text": thin}, code, self._text("return", code, *key)

    def note_before_signing(self, entry: Entry, at: Quarter) -> tuple[ReturnCode, str]:
        """What an approver says who sends an entry back."""
        code = chance.pick((ReturnCode.R01, ReturnCode.R04), "sent back code", at, *_key(entry))
        return code, self._text("sent_back", code, at, *_key(entry))

    # By kind

    def _progress(self, entry: Entry, at: Quarter) -> Values:
        assert entry.responsibility is not None
        number = entry.responsibility.task.number
        percent = self.percent(number, at)
        light = self.light(percent, number, at)
        ahead = percent - self.expected(number, at)
        case = "ahead" if light == Standing.ON_TRACK and ahead > AHEAD else light.value
        behind = light in (Standing.BEHIND, Standing.LATE)
        values: Values = {
            "percent": percent,
            "self_light": light,
            "pace": _pace(ahead),
            "text": self._text(
                "progress", case, number, at, quarter=at, year=at.year, work=self._work(number),
                percent=plain(percent), gap=plain(abs(ahead)), n=2 + chance.number(9, "n", number, at),
            ),
        }  # fmt: skip
        values |= {field_of(pk): done for pk, done in self.items(number, at).items()}
        return values | self._trouble(number, at) if behind else values

    def _trouble(self, number: str, at: Quarter) -> Values:
        deadline = at.shifted(1).last_day
        n = 1 + chance.number(4, "coordination", number, at)
        asks = chance.happens(35, "asks for coordination", number, at)
        return {
            "problems": self._text("problems", "", number, at),
            "cause": self._text("cause", "", number, at),
            "coordination": self._text("coordination", "", number, at, n=n) if asks else "",
            "next_steps": self._text("next_steps", "", number, at, deadline=_written(deadline)),
            "next_on": deadline,
        }

    def _contribution(self, entry: Entry, at: Quarter) -> Values:
        row = entry.responsibility
        assert row is not None
        key = (row.task.number, row.department.name, at)
        case = "none" if chance.happens(6, "nothing to do", *key) else ""
        text = self._text(
            "contribution", case, *key, quarter=at, work=self._work(row.task.number),
            lead=self.facts.leads[row.task_id], n=1 + chance.number(8, "n", *key),
        )  # fmt: skip
        return {"text": text}

    def _summary(self, entry: Entry, at: Quarter) -> Values:
        assert entry.action is not None
        numbers = self.facts.numbers[entry.action.pk]
        slow = [n for n in numbers if self.percent(n, at) < self.expected(n, at)]
        n = 1 + chance.number(4, "meetings", entry.action.no, at)
        values: Values = {
            "text": self._text(
                "summary", "behind" if slow else "on_track", entry.action.no, entry.filing.department.name, at,
                quarter=at, count=len(numbers), slow=len(slow), numbers="、".join(slow), n=n,
            ),
        }  # fmt: skip
        if slow:
            values["problems"] = self._text("summary_problems", "", entry.action.no, at)
            deadline = _written(at.shifted(1).last_day)
            values["next_steps"] = self._text("summary_next", "", entry.action.no, at, deadline=deadline)
        return values

    def _milestone(self, entry: Entry, at: Quarter) -> Values:
        milestone = entry.milestone
        assert milestone is not None
        course = self.tables.milestones.get((milestone.task.number, milestone.no))
        key = (milestone.task.number, milestone.no, at)
        if course is None or course.begun_on > at.last_day:
            return {
                "milestone_state": MilestoneState.NOT_BEGUN,
                "text": self._text("milestone", "not_begun", *key),
            }
        if course.done_on and course.done_on <= at.last_day:
            text = self._text("milestone", "done", *key, done=_written(course.done_on))
            return {"milestone_state": MilestoneState.DONE, "done_on": course.done_on, "text": text}
        case = "overdue" if milestone.due_on <= at.last_day else "under_way"
        eta = _written(at.shifted(2).last_day)
        text = self._text("milestone", case, *key, quarter=at, work=course.work, eta=eta)
        return {"milestone_state": MilestoneState.UNDER_WAY, "text": text}

    def _reading(self, entry: Entry, at: Quarter) -> Values:
        indicator = entry.indicator
        assert indicator is not None
        unlisted = Cell(reason=self._text("reading", "unlisted"))
        cell = self.tables.readings.get((indicator.code, at), unlisted)
        if cell.reason:
            return {"value_state": ValueState.NO_DATA, "text": cell.reason}
        text = self._text("reading", "", indicator.code, at, quarter=at)
        return reading(indicator, cell) | {"text": text}

    # Figures

    def percent(self, number: str, at: Quarter) -> Decimal:
        """A task's percent of the year's work: from its work items, else its pace."""
        by_items = completion(self.planned.get(number, ()), self.items(number, at))
        return self._by_pace(number, at) if by_items is None else by_items

    def items(self, number: str, at: Quarter) -> dict[int, Decimal]:
        """Percent of each work item of a task: its share, as far ahead or behind as the task's pace; it never falls."""
        return {
            item.id: self._item(item, no, number, at) for no, item in enumerate(self.planned.get(number, ()))
        }

    def _item(self, item: PlannedItem, no: int, number: str, at: Quarter) -> Decimal:
        reached = Decimal(0)
        for quarter in range(1, at.number + 1):
            then = Quarter(at.year, quarter)
            share, pace = item.share(quarter), self._by_pace(number, then)
            if pace == FULL:
                now = share
            elif not share:
                now = Decimal(0)
            else:
                now = share + pace - _expected(then) - chance.number(3, "item", number, no, then)
            reached = max(reached, min(max(now, Decimal(0)), FULL))
        return reached

    def expected(self, number: str, at: Quarter) -> Decimal:
        """Percent of the year's work due by the quarter's end: from the work items, else even steps."""
        by_items = expected(self.planned.get(number, ()), at.number)
        return _expected(at) if by_items is None else by_items

    def _by_pace(self, number: str, at: Quarter) -> Decimal:
        """A task's pace that year, with a little more when ahead and less when behind."""
        work = self.tables.works.get(number)
        chosen = work.paces.get(at.year, "") if work else ""
        name = chosen or chance.pick_by_share(self.tables.shares, "pace", number, at.year)
        percent = Decimal(self.tables.paces[name][at.number - 1])
        if percent == FULL:
            return percent
        extra = chance.number(3, "extra", number, at)
        return percent - extra if percent < _expected(at) else min(percent + extra, FULL)

    def light(self, percent: Decimal, number: str, at: Quarter) -> Standing:
        """What a department honestly gives itself for its percent."""
        if percent == FULL:
            return Standing.DONE
        return self.facts.thresholds.light(self.expected(number, at) - percent)

    # Words

    def _work(self, number: str) -> str:
        return self.tables.works[number].phrase

    def _text(self, kind: str, case: str, *key: object, **parts: object) -> str:
        """One of the sentences for this kind and case, filled in."""
        return chance.pick(self.tables.texts[kind, case], kind, *key).format(**parts)


def reading(indicator: Indicator, cell: Cell) -> Values:
    """A reading that has data, as the form has it."""
    if indicator.in_parts:
        parts: Values = {"numerator": cell.numerator, "denominator": cell.denominator}
        return {"value_state": ValueState.VALUE} | parts
    return {"value_state": ValueState.VALUE, "value": cell.value}


def _misread(entry: Entry, values: Values) -> Values:
    """A reading slightly off, as it was typed first."""
    assert entry.indicator is not None
    column = "numerator" if entry.indicator.in_parts else "value"
    step = Decimal(1).scaleb(-entry.indicator.decimals) if column == "value" else Decimal(1)
    typed = values[column]
    return {column: typed - step if typed >= step else typed + step}


def _key(entry: Entry) -> tuple[object, ...]:
    """What the entry is about, the same in every database."""
    code = entry.indicator.code if entry.indicator else entry.number
    return entry.kind, code, entry.milestone.no if entry.milestone else 0, entry.filing.department.name


def _expected(at: Quarter) -> Decimal:
    return Decimal(25 * at.number)


def _pace(ahead: Decimal) -> Pace:
    if ahead < -STALLED:
        return Pace.STALLED
    if ahead < 0:
        return Pace.DELAYED
    return Pace.AHEAD if ahead > AHEAD else Pace.AS_PLANNED


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"

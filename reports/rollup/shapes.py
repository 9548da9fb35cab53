"""What the roll-up is given and what it gives: frozen values, percents 0 to 100, numbers unrounded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, Self

from filings.terms import MilestoneState, Timeliness
from targets.measure import (
    Baseline,
    IndicatorRule,
    Outlook,
    PlanValue,
    Quarter,
    Reading,
    Requirement,
    Step,
    Thresholds,
    Verdict,
)
from targets.terms import Standing, Strength

Subject = Literal["plan", "goal", "indicator", "action", "task", "milestone", "department"]


@dataclass(frozen=True)
class Lights:
    """How many subjects show each light."""

    done: int = 0
    on_track: int = 0
    behind: int = 0
    late: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, standings: Iterable[Standing]) -> Self:
        counts = {standing.value: 0 for standing in Standing}
        for standing in standings:
            counts[standing.value] += 1
        return cls(**counts)

    @property
    def total(self) -> int:
        return self.done + self.on_track + self.behind + self.late + self.unknown

    def words(self) -> str:
        """`正常3项、滞后1项`; lights nobody shows are left out."""
        named = [(standing.label, getattr(self, standing.value)) for standing in Standing]
        return "、".join(f"{label}{count}项" for label, count in named if count)


@dataclass(frozen=True)
class FilingCounts:
    """How many departments' filings are on time, late, missing, not due yet, without timeliness, or exempt."""

    on_time: int = 0
    late: int = 0
    missing: int = 0
    not_due: int = 0
    none: int = 0
    exempt: int = 0

    @classmethod
    def of(cls, values: Iterable[Timeliness]) -> Self:
        counts = {value.value: 0 for value in Timeliness}
        for value in values:
            counts[value.value] += 1
        return cls(**counts)


@dataclass(frozen=True)
class TaskInput:
    """A task's period.

    `percent` is the lead's accepted percent of the year's work, None with `missing` saying why, and `without` in one word. `source` says who
    filed it, and in which version. `share` is what the
    annual plan expects by this quarter, None without an annual plan. `previous_pace` is the pace light of the
    quarter before (None before the first). `reported` of `owed` counts the task's accepted entries.
    `year_percents` holds the last accepted percent of each plan year up to this period; a year never filed is absent.
    """

    key: str
    percent: Decimal | None = None
    missing: str = "牵头单位未填报"
    without: str = "未填报"
    source: str = ""
    share: Decimal | None = None
    previous_pace: Standing | None = None
    reported: int = 0
    owed: int = 0
    year_percents: Mapping[int, Decimal] | None = None


@dataclass(frozen=True)
class MilestoneInput:
    """A milestone with its latest accepted state up to the period; None when nothing was ever accepted."""

    key: str
    task_key: str
    due_on: date
    strength: Strength = Strength.EXPECTED
    state: MilestoneState | None = None
    done_on: date | None = None


@dataclass(frozen=True)
class IndicatorInput:
    """An indicator with everything `judge` needs. `reported` of `owed` counts this period's reading (0 or 1)."""

    key: str
    rule: IndicatorRule
    requirements: tuple[Requirement, ...] = ()
    readings: tuple[Reading, ...] = ()
    plan_values: tuple[PlanValue, ...] = ()
    baseline: Baseline | None = None
    reported: int = 0
    owed: int = 0


@dataclass(frozen=True)
class ActionInput:
    """A special action and its tasks."""

    key: str
    task_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoalInput:
    """A goal category and its indicators."""

    key: str
    indicator_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class DepartmentInput:
    """A department's filing and what it answers for: tasks it leads (with their milestones), indicators it measures.

    `reported` of `owed` counts its accepted entries (completeness).
    """

    key: str
    timeliness: Timeliness = Timeliness.NOT_DUE
    returns: int = 0
    reported: int = 0
    owed: int = 0
    task_keys: tuple[str, ...] = ()
    indicator_keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class PeriodInput:
    """Everything one period is rolled up from."""

    plan_key: str
    quarter: Quarter
    plan_years: tuple[int, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)
    tasks: tuple[TaskInput, ...] = ()
    milestones: tuple[MilestoneInput, ...] = ()
    indicators: tuple[IndicatorInput, ...] = ()
    actions: tuple[ActionInput, ...] = ()
    goals: tuple[GoalInput, ...] = ()
    departments: tuple[DepartmentInput, ...] = ()


@dataclass(frozen=True)
class Figure:
    """One row of a period's figures. What does not apply to a subject stays None, empty or 0.

    `standing` is None for departments and the plan, which have counts only. `pace` is a task's light before two
    yellow quarters in a row turn red; the next quarter reads it. `completion` and `expected` are percent of the
    year's work (tasks, actions); an indicator's `expected` and `value` are in its unit. `plan_completion` is
    percent over the plan's years, never lit, with `missing_years` naming the years that were never filed.
    `steps` say how it came about, with the numbers put in.
    `without` is the word for a completion that is not there (未填报, 待审); an indicator's verdict has its own state.

    `reported` of `owed`: accepted entries (task, department, plan), tasks with a value (action), readings
    (indicator, goal). `met` of `due`: targets (indicator, goal, department, plan) or milestones (milestone, task,
    action).
    `tasks`, `indicators`, `milestones` count the lights beneath. All numbers are unrounded.
    """

    subject: Subject
    key: str
    standing: Standing | None = None
    pace: Standing | None = None
    reason: str = ""
    completion: Decimal | None = None
    expected: Decimal | None = None
    plan_completion: Decimal | None = None
    missing_years: tuple[int, ...] = ()
    without: str = ""
    steps: tuple[Step, ...] = ()
    value: Decimal | None = None
    verdict: Verdict | None = None
    outlook: Outlook | None = None
    reported: int = 0
    owed: int = 0
    met: int = 0
    due: int = 0
    tasks: Lights = Lights()
    indicators: Lights = Lights()
    milestones: Lights = Lights()
    timeliness: Timeliness | None = None
    filings: FilingCounts = FilingCounts()
    returns: int = 0


def lights_of(figures: Iterable[Figure]) -> Lights:
    return Lights.of(f.standing for f in figures if f.standing)


def sum_of(lights: Iterable[Lights]) -> Lights:
    """Counts added up."""
    total = Lights()
    for one in lights:
        total = Lights(
            total.done + one.done,
            total.on_track + one.on_track,
            total.behind + one.behind,
            total.late + one.late,
            total.unknown + one.unknown,
        )
    return total

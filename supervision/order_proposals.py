"""Which orders the figures propose now: the rule of `supervision.order_rules` applied to the summaries."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from departments.models import Department
from filings.models import Entry, Move, Period
from filings.terms import EntryKind, MilestoneState
from reports.models import Subject, Summary
from supervision.models import Dismissal, OrderRule, SupervisionOrder
from supervision.order_rules import Case, DueMilestone, Thresholds, is_worse, judge
from supervision.terms import Level, OrderStatus
from targets.models import Plan
from targets.terms import Standing
from tasks.models import Milestone, Responsibility, Role, Task

#: Quarters looked back on; nobody asks for a longer run of yellow lights.
QUARTERS = 8


@dataclass(frozen=True)
class Proposal:
    """An order the rule asks for, on the figures of a period. `order` is the open one of the task, to be escalated."""

    task: Task
    department: Department
    period: Period
    level: Level
    reason: str
    order: SupervisionOrder | None = None


def propose(plan: Plan, rule: OrderRule, today: date) -> list[Proposal]:
    """Everything the rule asks for now, most severe first. A fixed number of queries.

    A task is judged by the newest of the last two opened quarters in which its light is known, so that the work of a
    quarter not yet filed is judged by the one before. Nothing is proposed that an open order already says, that was
    closed, withdrawn or dismissed on the same figures, or for a unit that files nothing.
    """
    periods = list(Period.objects.filter(plan=plan).opened()[:QUARTERS])
    if not periods:
        return []
    figures = _figures(periods)
    milestones = _milestones(plan, today)
    returns = _returns(periods[:2])
    settled = _Settled(plan)
    proposals = []
    for task, department in _leads(plan, today):
        period = _judged_by(task, periods, figures)
        case = _case(task, periods[periods.index(period) :], figures, milestones[task.pk], returns)
        verdict = judge(case, Thresholds(rule.blue_days, rule.yellow_returns, rule.red_quarters), today)
        if verdict and settled.lets_through(task, period, verdict.level):
            order = settled.open.get(task.pk)
            proposals.append(Proposal(task, department, period, verdict.level, verdict.words, order))
    order_of = {level: place for place, level in enumerate((Level.RED, Level.YELLOW, Level.BLUE))}
    return sorted(proposals, key=lambda p: (order_of[p.level], p.task.action.no, p.task.no))


Figures = Mapping[tuple[int, str, int], Summary]


def _figures(periods: Sequence[Period]) -> Figures:
    rows = Summary.objects.filter(period__in=periods, subject__in=[Subject.TASK, Subject.MILESTONE])
    return {(row.period_id, row.subject, row.subject_id): row for row in rows}


def _milestones(plan: Plan, today: date) -> dict[int, list[Milestone]]:
    """Milestones that no accepted entry says are done or cancelled, by task id."""
    ended = Entry.objects.accepted().filter(
        kind=EntryKind.MILESTONE, milestone_state__in=[MilestoneState.DONE, MilestoneState.CANCELLED]
    )
    found: dict[int, list[Milestone]] = defaultdict(list)
    rows = (
        Milestone.objects.filter(task__action__plan=plan)
        .in_use(today)
        .exclude(pk__in=ended.values("milestone_id"))
    )
    for milestone in rows.order_by("due_on", "pk"):
        found[milestone.task_id].append(milestone)
    return found


def _returns(periods: Sequence[Period]) -> Counter[tuple[int, int]]:
    """How often the lead's entry of each task was returned by the office, by period and task id."""
    rows = Move.objects.filter(
        verb="return_entry", filing__period__in=periods, entry__kind=EntryKind.PROGRESS
    )
    return Counter(rows.values_list("filing__period_id", "entry__responsibility__task_id"))


def _leads(plan: Plan, today: date) -> list[tuple[Task, Department]]:
    """Every task with the department that answers for it and files: a group's convenor for the group."""
    rows = Responsibility.objects.filter(task__action__plan=plan, role=Role.LEAD).in_force(today)
    rows = rows.select_related("task__action", "department__convenor")
    found = [(row.task, row.department.filer) for row in rows.order_by("task__action__no", "task__no")]
    return [(task, department) for task, department in found if department is not None]


def _judged_by(task: Task, periods: Sequence[Period], figures: Figures) -> Period:
    for period in periods[:2]:
        figure = figures.get((period.pk, Subject.TASK, task.pk))
        if figure and figure.standing and figure.standing != Standing.UNKNOWN:
            return period
    return periods[0]


def _case(
    task: Task,
    periods: Sequence[Period],
    figures: Figures,
    milestones: Sequence[Milestone],
    returns: Counter[tuple[int, int]],
) -> Case:
    def light(period: Period, subject: str, pk: int) -> Standing:
        figure = figures.get((period.pk, subject, pk))
        return Standing(figure.standing) if figure and figure.standing else Standing.UNKNOWN

    newest = periods[0]
    figure = figures.get((newest.pk, Subject.TASK, task.pk))
    return Case(
        standings=[light(period, Subject.TASK, task.pk) for period in periods],
        reason=f"{newest}：{figure.reason}" if figure else "",
        milestones=[
            DueMilestone(m.name, m.due_on, light(newest, Subject.MILESTONE, m.pk)) for m in milestones
        ],
        returns=returns[newest.pk, task.pk],
    )


class _Settled:
    """What has been decided about the tasks of a plan: open orders, and what was ended or dismissed on which figures."""

    def __init__(self, plan: Plan) -> None:
        orders = list(SupervisionOrder.objects.filter(task__action__plan=plan).for_page())
        self.open = {order.task_id: order for order in orders if order.is_open}
        self.ended: dict[int, list[tuple[Period, str]]] = defaultdict(list)
        for order in orders:
            if not order.is_open:
                self.ended[order.task_id].append((order.period, order.level))
        for each in Dismissal.objects.filter(task__action__plan=plan).select_related("period"):
            self.ended[each.task_id].append((each.period, each.level))

    def lets_through(self, task: Task, period: Period, level: Level) -> bool:
        """Whether this is news: worse than the open order, or on newer figures than what was ended."""
        order = self.open.get(task.pk)
        if order is not None and not (
            is_worse(level, order.level) and order.status in (OrderStatus.ISSUED, OrderStatus.WORKING)
        ):
            return False
        return not any(
            _quarter(ended) >= _quarter(period) and not is_worse(level, before)
            for ended, before in self.ended[task.pk]
        )


def _quarter(period: Period) -> tuple[int, int]:
    return period.year, period.quarter

"""Targets, baselines and plan values as pages show them: what waits for the office, and what became of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from departments.models import Department
from reports.words import requirement_words
from targets.life import current_targets, first_baseline, lives
from targets.models import BaselineChange, Indicator, Plan, PlanValue, PlanValueProposal, Target
from targets.services import Step, steps_of
from targets.terms import Comparator, ProposalState, TargetState

#: Where each step is taken.
ADDRESSES = {
    Step.ASSIGN: "reports:assign_target",
    Step.PROVISIONAL: "reports:provisional_target",
    Step.REVISE: "reports:revise_target",
    Step.CONDITION: "reports:decide_condition",
    Step.TOLERANCE: "reports:set_tolerance",
}


@dataclass(frozen=True)
class TargetItem:
    """The newest row of a requirement, with what it asks and what can be done with it."""

    target: Target
    asks: str
    steps: tuple[Step, ...]

    @property
    def acts(self) -> list[tuple[str, str]]:
        """Label and address of each step."""
        return [(step.label, reverse(ADDRESSES[step], args=[self.target.pk])) for step in self.steps]

    @classmethod
    def of(cls, target: Target, indicator: Indicator) -> TargetItem:
        target.indicator = indicator
        return cls(target, requirement_words(target, indicator), steps_of(target))


@dataclass
class Todo:
    """What is not settled about a plan's requirements. A requirement can stand in several lists."""

    pending: list[TargetItem] = field(default_factory=list)
    provisional: list[TargetItem] = field(default_factory=list)
    undecided: list[TargetItem] = field(default_factory=list)
    unset: list[TargetItem] = field(default_factory=list)
    proposals: list[PlanValueProposal] = field(default_factory=list)
    departments: list[Indicator] = field(default_factory=list)
    targets: int = 0

    @property
    def sections(self) -> list[tuple[str, str, list[TargetItem]]]:
        """Key, heading and rows of the lists of targets."""
        return [
            ("pending", "待下达的目标值", self.pending),
            ("provisional", "暂定的目标值", self.provisional),
            ("undecided", "前提条件待认定", self.undecided),
            ("unset", "容差未定", self.unset),
        ]

    @property
    def by_department(self) -> list[tuple[Department, list[Indicator]]]:
        """Indicators whose data department is only proposed, by that department in its listed order."""
        found: dict[Department, list[Indicator]] = defaultdict(list)
        for indicator in self.departments:
            if indicator.data_department:
                found[indicator.data_department].append(indicator)
        return sorted(found.items(), key=lambda item: item[0].order)

    @property
    def count(self) -> int:
        lists = (self.pending, self.provisional, self.undecided, self.unset, self.proposals, self.departments)
        return sum(len(each) for each in lists)

    @property
    def lede(self) -> str:
        """One sentence with **marked** numbers."""
        told = [(heading, len(rows)) for _, heading, rows in self.sections]
        told += [("计划值待确认", len(self.proposals)), ("数据单位待确认", len(self.departments))]
        parts = [f"{heading} **{count}** 项" for heading, count in told if count]
        if not parts:
            return f"**{self.targets}** 项目标值都已明确，没有待办。"
        return f"共 **{self.targets}** 项目标值，{'，'.join(parts)}。"


def todo(plan: Plan) -> Todo:
    """Three queries, whatever the number of targets."""
    found = Todo()
    for indicator in (
        Indicator.objects.filter(plan=plan).select_related("data_department").prefetch_related("targets")
    ):
        if indicator.data_department and indicator.data_department_is_proposed:
            found.departments.append(indicator)
        for target in current_targets(indicator.targets.all()):
            _sort(TargetItem.of(target, indicator), found)
    found.proposals = list(
        PlanValueProposal.objects.filter(indicator__plan=plan, state=ProposalState.PROPOSED)
        .select_related("indicator__data_department", "by")
        .order_by("indicator__order", "on")
    )
    return found


def _sort(item: TargetItem, found: Todo) -> None:
    target = item.target
    found.targets += 1
    if target.state == TargetState.PENDING:
        found.pending.append(item)
    if target.state == TargetState.PROVISIONAL:
        found.provisional.append(item)
    if target.condition and target.condition_holds is None:
        found.undecided.append(item)
    around = target.comparator == Comparator.AROUND and target.state != TargetState.PENDING
    if around and target.tolerance is None:
        found.unset.append(item)


@dataclass(frozen=True)
class Life:
    """A requirement from its beginning: `rows` newest first, the newest in `item`."""

    item: TargetItem
    rows: list[TargetItem]


def life_of(target: Target) -> Life:
    """The life a row belongs to. One query."""
    related = Target.objects.filter(indicator=target.indicator_id, due_on=target.due_on, clause=target.clause)
    (rows,) = lives(related.select_related("by", "paper"))
    items = [TargetItem.of(row, target.indicator) for row in reversed(rows)]
    return Life(items[0], items)


def baselines_of(indicator: Indicator) -> list[BaselineChange]:
    """Every baseline, newest first; the one the plan came with is the last and not stored. One query."""
    changes = list(indicator.baseline_changes.select_related("by", "paper"))
    first = first_baseline(indicator)
    return [*reversed(changes), *([first] if first else [])]


@dataclass
class PlanValueRow:
    """An indicator with the plan values that count, and those that wait or were returned last."""

    indicator: Indicator
    counting: list[PlanValue]
    waiting: list[PlanValueProposal]
    returned: list[PlanValueProposal]


def plan_value_rows(plan: Plan, user: User) -> list[PlanValueRow]:
    """The indicators of a person's own departments; for who reads all, every indicator. Four queries."""
    indicators = Indicator.objects.filter(plan=plan).select_related("data_department")
    if not user.reads_all:
        mine = user.departments_as(Role.FILER, Role.APPROVER)
        indicators = indicators.filter(data_department__in=mine)
    rows = []
    for indicator in indicators.prefetch_related("plan_values", "plan_value_proposals"):
        by_state: dict[str, list[PlanValueProposal]] = defaultdict(list)
        newest = {proposal.on: proposal for proposal in indicator.plan_value_proposals.all()}
        for proposal in newest.values():
            by_state[proposal.state].append(proposal)
        rows.append(
            PlanValueRow(
                indicator,
                list(indicator.plan_values.all()),
                by_state[ProposalState.PROPOSED],
                by_state[ProposalState.RETURNED],
            )
        )
    return rows

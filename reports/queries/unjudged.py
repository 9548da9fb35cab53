"""What has no light at a period, and why: indicators, dated targets, milestones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from reports.editions import Edition
from reports.queries.plan_pages import IndicatorRow, MilestoneRow, indicator_rows, milestone_rows
from reports.words import requirement_words
from targets.arithmetic import requirement_of, rule_of
from targets.measure import unsettled
from targets.models import Indicator, Plan, Target
from targets.terms import Standing
from tasks.models import Milestone


@dataclass(frozen=True)
class OpenTarget:
    """A dated target that nothing can be judged by, as the edition knew it, in words."""

    target: Target
    asks: str
    why: str


@dataclass(frozen=True)
class Unjudged:
    """Every grey light of an edition with its reason; targets as the edition knew them."""

    indicators: list[IndicatorRow]
    targets: list[OpenTarget]
    milestones: list[MilestoneRow]
    of_indicators: int
    of_targets: int
    of_milestones: int

    @property
    def causes(self) -> Counter[str]:
        """How many indicators are grey for each sort of reason (未到期, 无数据, 无目标值, 不适用)."""
        return Counter(row.figure.get_attainment_display() for row in self.indicators if row.figure)

    @property
    def lede(self) -> str:
        """`110 项指标中 12 项无法判断：无数据 8 项，无目标值 4 项。…`."""
        counted = "，".join(f"{cause} {count} 项" for cause, count in self.causes.most_common())
        return (
            f"{self.of_indicators} 项指标中 {len(self.indicators)} 项无法判断{'：' if counted else ''}{counted}。"
            f"{self.of_targets} 个目标值中 {len(self.targets)} 个未定或不适用；"
            f"{self.of_milestones} 个节点中 {len(self.milestones)} 个无法判断。"
        )


def unjudged(plan: Plan, edition: Edition) -> Unjudged:
    """Four queries beside the edition's own."""
    rows = indicator_rows(Indicator.objects.filter(plan=plan), edition)
    stones = milestone_rows(Milestone.objects.filter(task__action__plan=plan), edition)
    return Unjudged(
        indicators=[row for row in rows if row.standing == Standing.UNKNOWN],
        targets=list(_open_targets(rows)),
        milestones=[row for row in stones if row.standing == Standing.UNKNOWN],
        of_indicators=len(rows),
        of_targets=sum(len(row.targets) for row in rows),
        of_milestones=len(stones),
    )


def _open_targets(rows: Iterable[IndicatorRow]) -> Iterable[OpenTarget]:
    for row in rows:
        rule = rule_of(row.indicator)
        for target in row.targets:
            requirement = requirement_of(target)
            why = unsettled(requirement, rule) if requirement.is_applicable else "前提条件不成立，不适用"
            if why:
                target.indicator = row.indicator
                yield OpenTarget(target, requirement_words(target, row.indicator), why)

"""Guided changes of the plan: what would become of the figures is shown first, then exactly that is done.

A change says from which day it is in force and what it makes of a period's input. The preview rolls the periods up
twice, as they stand and with the change, and writes nothing. Confirming takes the preview's `seen` along: the same is
worked out again, and if the outcome is no longer what was shown, nothing is done and the new outcome is shown.

Quarters that are not closed follow at once. A closed quarter keeps the thresholds and the plan values it was closed
with. Where a target or a baseline reaches back into one, its publication stays as it is, its live figures follow, and
the office may publish the next version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from actions.models import SpecialAction
from filings.models import Period
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from reports.receivers import queue_refresh
from reports.rollup import Figure, IndicatorInput, PeriodInput, roll_up
from reports.services.gather import Gathered, gather
from targets import services
from targets.arithmetic import plan_values_of, requirement_of
from targets.life import targets_in_force
from targets.measure import Baseline, PlanValue, Quarter, Thresholds
from targets.models import BaselineChange, Indicator, Plan, PlanValueProposal, Target, ThresholdChange
from targets.services import BaselineValues, Grounds, TargetChange
from targets.terms import Standing, TargetState

#: Subjects with a light of their own, under the word that stands before their names.
LIT = {"goal": "目标类别", "indicator": "指标", "action": "专项行动", "task": "任务", "milestone": "节点"}


@dataclass(frozen=True)
class Change:
    """A change not yet made. `base` names what it was prepared on; `looks_back`: closed quarters are looked at too."""

    plan: Plan
    since: date
    alter: Callable[[Gathered], PeriodInput]
    base: str
    looks_back: bool = True


@dataclass(frozen=True)
class Moved:
    """One subject whose light, verdict or reason would be another."""

    figure: Figure
    then: Figure
    what: str
    number: str
    name: str

    @property
    def pk(self) -> int:
        return int(self.figure.key)

    @property
    def word(self) -> str:
        """What stands beside the light now, where the light is grey; empty otherwise."""
        return _grey(self.figure)

    @property
    def word_then(self) -> str:
        """What would stand beside it then."""
        return _grey(self.then)

    @property
    def is_lit_otherwise(self) -> bool:
        """Whether the light or the attainment changes, not only the words."""
        return _light(self.figure) != _light(self.then)


@dataclass(frozen=True)
class QuarterOutlook:
    """What a change does to one quarter: `moved` in the order of the roll-up, and the plan's own row then and now."""

    period: Period
    moved: tuple[Moved, ...]
    plan: Figure
    plan_then: Figure

    @property
    def lit_otherwise(self) -> tuple[Moved, ...]:
        return tuple(row for row in self.moved if row.is_lit_otherwise)

    @property
    def reworded(self) -> int:
        """How many keep their light and get another reason."""
        return len(self.moved) - len(self.lit_otherwise)

    @property
    def indicators(self) -> tuple[Moved, ...]:
        """Indicators with the same light and another reason: few, and what a change of a target is about."""
        return tuple(r for r in self.moved if r.figure.subject == "indicator" and not r.is_lit_otherwise)


@dataclass(frozen=True)
class Outlook:
    """The preview of a change. `seen` stands for exactly this outcome."""

    open: tuple[QuarterOutlook, ...]
    closed: tuple[QuarterOutlook, ...]
    seen: str

    @property
    def count(self) -> int:
        """How many lights or verdicts change in quarters that are not closed."""
        return sum(len(quarter.lit_otherwise) for quarter in self.open)


def preview(change: Change, at: datetime) -> Outlook:
    """Roll up every opened quarter from the change's first on, as it stands and with the change. Writes nothing.

    Sixteen queries a quarter, and two.
    """
    periods = Period.objects.filter(plan=change.plan).exclude(opened_at=None).select_related("plan__office")
    asked = [p for p in periods.order_by("year", "quarter") if p.last_day >= change.since]
    actions = {action.pk: action for action in SpecialAction.objects.filter(plan=change.plan)}
    told = hashlib.sha256(change.base.encode())
    found = []
    pace: Mapping[str, Standing | None] = {}
    pace_then: Mapping[str, Standing | None] = {}
    before: Quarter | None = None
    for period in asked:
        if period.closed_at and not change.looks_back:
            before = None
            continue
        known, here = gather(period, at), Quarter(period.year, period.quarter)
        follows = before is not None and here.shifted(-1) == before
        now = roll_up(_with_pace(known.input, pace) if follows else known.input)
        altered = change.alter(known)
        then = roll_up(_with_pace(altered, pace_then) if follows else altered)
        pace, pace_then, before = _paces(now), _paces(then), here
        told.update(f"{period.code}{[_told(a) for a in now]}{[_told(b) for b in then]}".encode())
        found.append(QuarterOutlook(period, tuple(_moved(now, then, known, actions)), now[0], then[0]))
    return Outlook(
        open=tuple(quarter for quarter in found if not quarter.period.closed_at),
        closed=tuple(quarter for quarter in found if quarter.period.closed_at and quarter.moved),
        seen=told.hexdigest(),
    )


def _with_pace(given: PeriodInput, pace: Mapping[str, Standing | None]) -> PeriodInput:
    """The input with the pace lights of the quarter before as they were just rolled up."""
    return replace(
        given, tasks=tuple(replace(task, previous_pace=pace.get(task.key)) for task in given.tasks)
    )


def _paces(figures: Collection[Figure]) -> dict[str, Standing | None]:
    return {figure.key: figure.pace for figure in figures if figure.subject == "task"}


def _light(figure: Figure) -> tuple[object, object]:
    return figure.standing, figure.verdict.attainment if figure.verdict else None


def _grey(figure: Figure) -> str:
    """Why a light is grey, in a word; empty for the other lights and where the reason says it all."""
    if figure.standing != Standing.UNKNOWN or figure.verdict is None:
        return ""
    asked = figure.verdict.requirement
    is_pending = asked is not None and asked.state == TargetState.PENDING
    return str((TargetState.PENDING if is_pending else figure.verdict.attainment).label)


def _told(figure: Figure) -> tuple[object, ...]:
    """What a preview shows of a figure. Timeliness moves with the clock and is none of it."""
    if figure.subject == "department":
        return ()
    return figure.subject, figure.key, *_light(figure), figure.reason, figure.met, figure.due


def _moved(
    now: Collection[Figure], then: Collection[Figure], known: Gathered, actions: Mapping[int, SpecialAction]
) -> list[Moved]:
    return [
        Moved(a, b, LIT[a.subject], *_named(a, known, actions))
        for a, b in zip(now, then, strict=True)
        if a.subject in LIT and (_light(a), a.reason) != (_light(b), b.reason)
    ]


def _named(figure: Figure, known: Gathered, actions: Mapping[int, SpecialAction]) -> tuple[str, str]:
    """Number and name of a subject."""
    pk = int(figure.key)
    match figure.subject:
        case "goal":
            return str(known.goals[pk].no), known.goals[pk].name
        case "indicator":
            return known.indicators[pk].code, known.indicators[pk].name
        case "action":
            return str(actions[pk].no), actions[pk].name
        case "task":
            return known.tasks[pk].number, known.tasks[pk].title
        case _:
            return known.milestones[pk].task.number, known.milestones[pk].name


# What can be changed


def thresholds_change(plan: Plan, rule: Thresholds, since: date) -> Change:
    """Other thresholds from a quarter on, after the last that is closed. Raises Refused (content)."""
    services.check_thresholds(plan, rule, since)
    closed = Period.objects.filter(plan=plan).exclude(closed_at=None).order_by("year", "quarter").last()
    if closed and since <= closed.last_day:
        raise Refused("content", f"{closed}已关账，已发布的数字不变；请从以后的季度起改。")
    last = plan.threshold_changes.last()
    base = f"thresholds {plan.pk} {last.pk if last else 0} {rule} {since}"
    return Change(plan, since, lambda known: replace(known.input, thresholds=rule), base, looks_back=False)


def target_change(target: Target, change: TargetChange) -> Change:
    """One step in the life of a target. Raises Refused: status, content."""
    row = services.successor(target, change)

    def alter(one: IndicatorInput, indicator: Indicator, day: date) -> IndicatorInput:
        rows = targets_in_force([*indicator.targets.all(), row], day)
        return replace(one, requirements=tuple(requirement_of(each) for each in rows))

    base = f"target {target.pk} {change}"
    return _of_indicator(target.indicator, change.effective_from, alter, base)


def baseline_change(indicator: Indicator, values: BaselineValues) -> Change:
    """Another baseline from a quarter on. Raises Refused (content)."""
    values.check(indicator)
    baseline = Baseline(on=date(values.year, 12, 31), value=values.value)

    def alter(one: IndicatorInput, indicator: Indicator, day: date) -> IndicatorInput:
        return replace(one, baseline=baseline) if values.effective_from <= day else one

    last = indicator.baseline_changes.last()
    base = f"baseline {indicator.pk} {last.pk if last else 0} {values}"
    return _of_indicator(indicator, values.effective_from, alter, base)


def plan_values_change(indicator: Indicator, proposals: Collection[PlanValueProposal]) -> Change:
    """The proposed plan values of an indicator would count, in every quarter that is not closed."""
    proposed = {proposal.on: PlanValue(on=proposal.on, value=proposal.value) for proposal in proposals}

    def alter(one: IndicatorInput, indicator: Indicator, day: date) -> IndicatorInput:
        kept = [value for value in plan_values_of(indicator) if value.on not in proposed]
        values = sorted((*kept, *proposed.values()), key=lambda value: value.on)
        return replace(one, plan_values=tuple(values))

    base = f"plan values {indicator.pk} {sorted(proposal.pk for proposal in proposals)}"
    return replace(_of_indicator(indicator, indicator.plan.starts_on, alter, base), looks_back=False)


def _of_indicator(
    indicator: Indicator,
    since: date,
    alter: Callable[[IndicatorInput, Indicator, date], IndicatorInput],
    base: str,
) -> Change:
    """A change of one indicator's input; `alter` gets the indicator as it was gathered and the period's last day."""

    def altered(known: Gathered) -> PeriodInput:
        own = known.indicators[indicator.pk]
        return replace(
            known.input,
            indicators=tuple(
                alter(one, own, known.period.last_day) if one.key == str(indicator.pk) else one
                for one in known.input.indicators
            ),
        )

    return Change(indicator.plan, since, altered, base)


# Confirming


@transaction.atomic
def change_thresholds(
    *, plan: Plan, rule: Thresholds, since: date, reason: str, seen: str, by: User, at: datetime
) -> ThresholdChange:
    """Change the thresholds as previewed; the quarters that are not closed follow.

    Raises Refused: permission, content, and race when something changed since the preview.
    """
    change = thresholds_change(_held(plan), rule, since)
    _need_same(change, seen, at)
    row = services.record_thresholds(plan=plan, rule=rule, effective_from=since, reason=reason, by=by, at=at)
    _follow(change)
    return row


@transaction.atomic
def change_target(
    *, target: Target, step: TargetChange, grounds: Grounds, seen: str, by: User, at: datetime
) -> Target:
    """Take a step in a target's life as previewed. Raises Refused: permission, status, content, race."""
    _held(target.indicator.plan)
    change = target_change(target, step)
    _need_same(change, seen, at)
    row = services.record_target(target=target, change=step, grounds=grounds, by=by, at=at)
    _follow(change)
    return row


@transaction.atomic
def change_baseline(
    *, indicator: Indicator, values: BaselineValues, grounds: Grounds, seen: str, by: User, at: datetime
) -> BaselineChange:
    """Change a baseline as previewed. Raises Refused: permission, content, race."""
    _held(indicator.plan)
    change = baseline_change(indicator, values)
    _need_same(change, seen, at)
    row = services.record_baseline(indicator=indicator, values=values, grounds=grounds, by=by, at=at)
    _follow(change)
    return row


@transaction.atomic
def confirm_plan_values(
    *, indicator: Indicator, proposals: Collection[PlanValueProposal], seen: str, by: User, at: datetime
) -> None:
    """Let the proposed plan values of an indicator count as previewed. Raises Refused: permission, race."""
    _held(indicator.plan)
    change = plan_values_change(indicator, proposals)
    _need_same(change, seen, at)
    services.confirm_plan_values(proposals=proposals, by=by, at=at)
    _follow(change)


def _held(plan: Plan) -> Plan:
    """The plan, its changes made one after the other."""
    return Plan.objects.select_for_update(of=("self",), no_key=True).select_related("office").get(pk=plan.pk)


def _need_same(change: Change, seen: str, at: datetime) -> None:
    if preview(change, at).seen != seen:
        raise AlreadyMoved("预览之后数据有变化，没有保存；下面是按现在的数据重新推算的，请核对后再确认。")


def _follow(change: Change) -> None:
    """Queue the refresh of the first quarter that reads the change; it is followed through the later ones."""
    periods = Period.objects.filter(plan=change.plan).exclude(opened_at=None).order_by("year", "quarter")
    if not change.looks_back:
        periods = periods.filter(closed_at=None)
    first = next((period.pk for period in periods if period.last_day >= change.since), None)
    if first is not None:
        transaction.on_commit(lambda: queue_refresh(period_id=first))

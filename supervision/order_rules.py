"""When an order is proposed, and the table of its moves. Pure: no queries, no clock."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from supervision.terms import LEVELS, OPEN, Level, OrderStatus
from targets.terms import Standing

BEHIND_OR_WORSE = frozenset({Standing.BEHIND, Standing.LATE})


# The rule


@dataclass(frozen=True)
class Thresholds:
    """The numbers of the rule; they are data (`OrderRule`). Zero switches a condition off."""

    blue_days: int
    yellow_returns: int
    red_quarters: int


@dataclass(frozen=True)
class DueMilestone:
    """A milestone that is neither done nor cancelled: its name, its day, and its light in the figures."""

    name: str
    due_on: date
    standing: Standing


@dataclass(frozen=True)
class Case:
    """What the figures say of one task. `standings` are its lights, newest first, without gaps in the quarters."""

    standings: Sequence[Standing]
    reason: str = ""
    milestones: Sequence[DueMilestone] = ()
    returns: int = 0


@dataclass(frozen=True)
class Verdict:
    """The level a case asks for, with every ground of that level in words."""

    level: Level
    grounds: tuple[str, ...]

    @property
    def words(self) -> str:
        return "；".join(self.grounds)


def judge(case: Case, rule: Thresholds, today: date) -> Verdict | None:
    """The level this case asks for, if any.

    red: the task is late, a milestone is overdue, or the task has been behind for so many quarters in a row;
    yellow: the task is behind, a stretch milestone has passed undone, or the lead's entry was returned so many times;
    blue: a milestone that is not done falls due within so many days.
    """
    for level, grounds in (
        (Level.RED, _red(case, rule)),
        (Level.YELLOW, _yellow(case, rule)),
        (Level.BLUE, _blue(case, rule, today)),
    ):
        if grounds:
            return Verdict(level, tuple(grounds))
    return None


def _red(case: Case, rule: Thresholds) -> list[str]:
    newest = case.standings[0] if case.standings else Standing.UNKNOWN
    grounds = [f"任务严重滞后（{case.reason}）"] if newest == Standing.LATE else []
    run = quarters_behind(case.standings)
    if newest != Standing.LATE and rule.red_quarters and run >= rule.red_quarters:
        grounds.append(f"任务连续 {run} 个季度滞后（{case.reason}）")
    return grounds + [f"节点“{m.name}”逾期未完成" for m in case.milestones if m.standing == Standing.LATE]


def _yellow(case: Case, rule: Thresholds) -> list[str]:
    newest = case.standings[0] if case.standings else Standing.UNKNOWN
    grounds = [f"任务滞后（{case.reason}）"] if newest == Standing.BEHIND else []
    grounds += [f"节点“{m.name}”已过期限未完成" for m in case.milestones if m.standing == Standing.BEHIND]
    if rule.yellow_returns and case.returns >= rule.yellow_returns:
        grounds.append(f"本季牵头填报项被审核退回 {case.returns} 次，报送质量差")
    return grounds


def _blue(case: Case, rule: Thresholds, today: date) -> list[str]:
    if not rule.blue_days:
        return []
    until = today + timedelta(days=rule.blue_days)
    return [
        f"节点“{m.name}”将于 {m.due_on:%Y-%m-%d} 到期，尚未完成"
        for m in case.milestones
        if m.standing not in BEHIND_OR_WORSE and today <= m.due_on <= until
    ]


def quarters_behind(standings: Sequence[Standing]) -> int:
    """How many quarters in a row, ending with the newest, were behind or late."""
    run = 0
    for standing in standings:
        if standing not in BEHIND_OR_WORSE:
            break
        run += 1
    return run


def is_worse(level: str, than: str) -> bool:
    """Whether a level is more severe than another."""
    return LEVELS.index(Level(level)) > LEVELS.index(Level(than))


# The moves


@dataclass(frozen=True)
class Step:
    """One row of the table of moves: who may take an order from which statuses to which."""

    verb: str
    label: str
    sources: frozenset[OrderStatus]
    to: OrderStatus
    actor: str


def _step(verb: str, label: str, sources: Collection[OrderStatus], to: OrderStatus, actor: str) -> Step:
    return Step(verb, label, frozenset(sources), to, actor)


_ISSUED, _WORKING, _REPORTED = OrderStatus.ISSUED, OrderStatus.WORKING, OrderStatus.REPORTED
_CHECKED, _CLOSED, _WITHDRAWN = OrderStatus.CHECKED, OrderStatus.CLOSED, OrderStatus.WITHDRAWN

#: Status is one column plus this table; there is no other path. An order begins at “待签收”.
STEPS: dict[str, Step] = {
    step.verb: step
    for step in (
        _step("sign", "签收", {_ISSUED}, _WORKING, "department"),
        _step("report", "反馈整改情况", {_WORKING}, _REPORTED, "department"),
        _step("accept", "核查通过", {_REPORTED}, _CHECKED, "checker"),
        _step("send_back", "核查退回", {_REPORTED}, _WORKING, "checker"),
        _step("close", "销号", {_CHECKED}, _CLOSED, "closer"),
        _step("escalate", "升级", {_ISSUED, _WORKING}, _ISSUED, "office"),
        _step("reopen", "回头看重启", {_CLOSED}, _ISSUED, "office"),
        _step("withdraw", "撤销", {_ISSUED, _WORKING}, _WITHDRAWN, "office"),
    )
}

VERB_LABELS: dict[str, str] = {"issue": "下达"} | {step.verb: step.label for step in STEPS.values()}

assert all(status in OPEN for step in STEPS.values() for status in step.sources - {_CLOSED})


def may_take(
    actor: str,
    *,
    own_departments: Collection[int],
    files_for: Collection[int],
    department: int,
    is_office: bool,
    is_leader: bool,
    has_checked: bool,
) -> bool:
    """Whether a person may take a step of this actor.

    Nobody checks or closes their own department's order, and whoever checked it does not close it: a colleague of
    the office or a leader does. `files_for` are the departments the person fills in or signs for.
    """
    if actor == "department":
        return department in files_for
    if actor == "office":
        return is_office
    if department in own_departments:
        return False
    if actor == "checker":
        return is_office
    return (is_office or is_leader) and not has_checked


def may_look_back(closed_on: date, days: int, today: date) -> bool:
    """Whether a closed order may still be taken up again (回头看): within so many days, the last one included."""
    return today <= closed_on + timedelta(days=days)

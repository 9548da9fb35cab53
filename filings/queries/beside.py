"""What stands beside an entry while it is written: who else works on the subject, what is asked, what others filed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from filings.labels import plain, written
from filings.models import Entry, Period
from filings.terms import Decision, EntryKind, Status
from harbor_plan.lib import zh
from targets.models import Indicator, Target
from targets.terms import Comparator, Kind, TargetState
from tasks.models import Responsibility, Task
from tasks.models import Role as TaskRole

#: Others' words are read once their filing has been signed and sent, and stay readable once accepted.
_SENT = frozenset({Status.SUBMITTED, Status.ACCEPTED})


@dataclass(frozen=True)
class Other:
    """Another entry on the same subject. `words` is empty until its department has sent it, or is our own."""

    name: str
    is_there: bool
    light: str
    value: str
    words: str


@dataclass(frozen=True)
class Beside:
    """`facts` are short texts for the line under the title; `others` entries of a task or of an action's tasks."""

    facts: list[str] = field(default_factory=list)
    heading: str = ""
    others: list[Other] = field(default_factory=list)
    draft: str = ""

    @property
    def there(self) -> int:
        return sum(other.is_there for other in self.others)


def beside(entry: Entry) -> Beside:
    """At most two queries, by the kind of the entry."""
    if entry.kind == EntryKind.PROGRESS and entry.responsibility:
        task = entry.responsibility.task
        return Beside(_task_facts(entry, task), "配合单位情况", _contributions(entry, task))
    if entry.kind == EntryKind.CONTRIBUTION and entry.responsibility:
        return Beside(_task_facts(entry, entry.responsibility.task))
    if entry.kind == EntryKind.SUMMARY and entry.action:
        others = _progress_of_action(entry)
        return Beside([], "本行动各任务牵头单位填报", others, _draft(others))
    if entry.kind == EntryKind.MILESTONE and entry.milestone:
        milestone = entry.milestone
        facts = [str(milestone.task), f"期限 {zh.day(milestone.due_on)}", milestone.get_strength_display()]
        return Beside([*facts, *([f"条件：{milestone.condition}"] if milestone.condition else [])])
    return Beside(_indicator_facts(entry, entry.indicator) if entry.indicator else [])


def _task_facts(entry: Entry, task: Task) -> list[str]:
    rows = Responsibility.objects.filter(task=task).in_force(entry.filing.period.last_day)
    names: dict[str, list[str]] = {TaskRole.LEAD: [], TaskRole.COOPERATING: []}
    for row in rows.select_related("department").order_by("order"):
        names[row.role].append(str(row.department))
    parts = [f"{TaskRole(role).label} {'、'.join(of_role)}" for role, of_role in names.items() if of_role]
    return [f"行动{zh.numeral(task.action.no)} {task.action}", *parts]


def _contributions(entry: Entry, task: Task) -> list[Other]:
    entries = Entry.objects.filter(
        kind=EntryKind.CONTRIBUTION, responsibility__task=task, filing__period=entry.filing.period_id
    )
    ordered = entries.select_related("filing", "responsibility__department").order_by("responsibility__order")
    return [_other(x, str(x.responsibility.department), entry) for x in ordered if x.responsibility]


def _progress_of_action(entry: Entry) -> list[Other]:
    entries = Entry.objects.filter(
        kind=EntryKind.PROGRESS,
        responsibility__task__action=entry.action_id,
        filing__period=entry.filing.period_id,
    ).select_related("filing", "responsibility__task__action", "responsibility__department")
    ordered = entries.order_by("responsibility__task__no")
    return [
        _other(x, f"{x.responsibility.task}（{x.responsibility.department}）", entry)
        for x in ordered
        if x.responsibility
    ]


def _other(entry: Entry, name: str, beside: Entry) -> Other:
    is_own = entry.filing.department_id == beside.filing.department_id
    is_sent = entry.filing.status in _SENT or entry.decision == Decision.ACCEPTED
    is_there = is_sent or (is_own and entry.is_complete)
    if not is_there:
        return Other(name, False, "", "", "")
    return Other(name, True, entry.self_light, written(entry, "percent", entry.percent), entry.text)


def _draft(others: list[Other]) -> str:
    """The tasks' words one under the other, as a first draft of the summary."""
    return "\n".join(f"{other.name}：{other.words}" for other in others if other.words)


def _indicator_facts(entry: Entry, indicator: Indicator) -> list[str]:
    """What is asked, and what was filed last, whenever that was: yearly readings have no last quarter."""
    facts = [f"口径 {indicator.get_accumulation_display()}"]
    if indicator.unit:
        facts.append(f"单位 {indicator.unit}")
    period = entry.filing.period
    last = (
        Entry.objects.filter(indicator=indicator, filing__first_submitted_at__isnull=False)
        .filter(filing__period__in=Period.objects.until(period).exclude(pk=period.pk))
        .select_related("indicator", "filing__period")
        .order_by("filing__period__year", "filing__period__quarter")
        .last()
    )
    if last:
        facts.append(f"上次 {last.filing.period} {written(last, 'value', last.value) or '无数据'}")
    return [*facts, *(_target_words(target, indicator) for target in indicator.targets.all())]


def _target_words(target: Target, indicator: Indicator) -> str:
    """A requirement in a few words: 目标 2020年12月31日 不低于 55。"""
    return f"目标 {zh.day(target.due_on)} {_limit(target, indicator)}"


def _limit(target: Target, indicator: Indicator) -> str:
    if target.state == TargetState.PENDING:
        return target.get_state_display()
    if indicator.kind == Kind.TREND:
        return f"{target.get_comparator_display()}上年同期"
    if target.comparator == Comparator.RANGE:
        return f"{_number(target.low)} 至 {_number(target.high)}"
    if target.comparator == Comparator.AROUND:
        return f"{_number(target.value)} 左右"
    return f"{target.get_comparator_display()} {indicator.level_name(target.value) or _number(target.value)}"


def _number(value: Decimal | None) -> str:
    return zh.number(plain(value)) if value is not None else zh.DASH

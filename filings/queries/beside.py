"""What stands beside an entry while it is written: who else works on the subject, what is asked, what others filed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from filings.drafting import TaskLine, draft
from filings.labels import plain, written
from filings.models import Entry, Period
from filings.queries.joint import Countersigned, countersigned
from filings.services import items
from filings.services.joint import SENT, Words, contributions_to, marked, said, sent_words
from filings.terms import Consent, Decision, EntryKind, Status
from harbor_plan.lib import zh
from targets.life import targets_in_force
from targets.models import Indicator, Target
from targets.terms import Comparator, Kind, TargetState
from tasks.models import Responsibility, Task
from tasks.models import Role as TaskRole


@dataclass(frozen=True)
class Other:
    """Another entry on the same subject. `words` is empty until its department has sent it, or is our own.

    `state` is the key and the word of where it stands; `note` says what is special about the words shown; `taken` is
    the block that taking the words over puts into the lead's text, `is_taken` whether it stands there already.
    """

    pk: int
    name: str
    state: tuple[str, str]
    is_there: bool
    light: str = ""
    value: str = ""
    words: str = ""
    note: str = ""
    taken: str = ""
    is_taken: bool = False


@dataclass(frozen=True)
class Beside:
    """`facts` are short texts for the line under the title; `others` entries of a task or of an action's tasks.

    `draft` is a first draft of a summary; `signed` what cooperating departments say of a lead's own entry.
    """

    facts: list[str] = field(default_factory=list)
    heading: str = ""
    others: list[Other] = field(default_factory=list)
    draft: str = ""
    signed: Countersigned | None = None

    @property
    def there(self) -> int:
        return sum(other.is_there for other in self.others)


def beside(entry: Entry, at: datetime) -> Beside:
    """A fixed number of queries by the kind of the entry, at most eight."""
    if entry.kind == EntryKind.PROGRESS and entry.responsibility:
        facts = _task_facts(entry, entry.responsibility.task)
        signed = countersigned([entry], at).get(entry.pk)
        return Beside(facts, "配合单位情况", contributions(entry), signed=signed)
    if entry.kind == EntryKind.CONTRIBUTION and entry.responsibility:
        return Beside(_task_facts(entry, entry.responsibility.task))
    if entry.kind == EntryKind.SUMMARY and entry.action:
        tasks = progress_of_action(entry)
        others = _others(tasks, entry, with_task=True)
        return Beside([], "本行动各任务牵头单位填报", others, draft_of(entry, tasks, at))
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


def contributions(entry: Entry) -> list[Other]:
    """What the cooperating departments sent on the task of a lead's progress entry. Two queries."""
    return _others(list(contributions_to(entry)), entry, with_task=False)


def progress_of_action(entry: Entry) -> list[Entry]:
    """The leads' progress entries of the tasks of a summary's action, whoever files them, in the order of the plan."""
    entries = Entry.objects.filter(
        kind=EntryKind.PROGRESS,
        responsibility__task__action=entry.action_id,
        filing__period=entry.filing.period_id,
    ).for_page()
    return list(entries.select_related("filing__exemption").order_by("responsibility__task__no", "id"))


def _others(entries: list[Entry], beside: Entry, *, with_task: bool) -> list[Other]:
    sent = sent_words(entries)
    return [_other(other, sent.get(other.pk), beside, with_task=with_task) for other in entries]


def _other(entry: Entry, words: Words | None, beside: Entry, *, with_task: bool) -> Other:
    row = entry.responsibility
    assert row is not None
    name = f"{row.task}（{row.department}）" if with_task else str(row.department)
    is_own = entry.filing.department_id == beside.filing.department_id
    state, note = _standing(entry, is_sent=words is not None, is_own=is_own)
    if words is None and is_own and entry.is_complete:
        words = {name: getattr(entry, name) for name in entry.fields}
    if words is None:
        return Other(entry.pk, name, state, False, note=note)
    text = said(words)
    block = marked(row.department, text) if text and not with_task else ""
    return Other(
        pk=entry.pk,
        name=name,
        state=state,
        is_there=True,
        light=str(words.get("self_light") or ""),
        value=written(entry, "percent", words.get("percent")),
        words=text,
        note=note,
        taken=block,
        is_taken=bool(block) and block in beside.text,
    )


def _standing(entry: Entry, *, is_sent: bool, is_own: bool) -> tuple[tuple[str, str], str]:
    """Where another entry stands, key and word, and what to know about the words shown."""
    filing = entry.filing
    if filing.exemption_id:
        return ("exempt", "本季免报"), ""
    if entry.decision == Decision.ACCEPTED:
        return ("accepted", "已采纳"), ""
    if is_sent:
        being_mended = filing.status not in SENT
        return ("sent", "已报"), "正在修改，所示为最近一次报送的内容" if being_mended else ""
    if is_own:
        return ("draft", "本单位填报中") if entry.version else ("todo", "未填"), ""
    if filing.status == Status.AWAITING_SIGNOFF:
        return ("sign", "待签发"), "签发报送后可以查看"
    return ("draft", "填报中") if entry.version else ("todo", "未报"), "草稿不显示" if entry.version else ""


def draft_of(entry: Entry, tasks: list[Entry], at: datetime) -> str:
    """The draft of a summary from its tasks' sent entries, and from the own ones that are complete; else empty.

    A department that leads the action and a task of it sends both together: its own progress is read as it stands.
    """
    for task in tasks:
        task.filing.period = entry.filing.period
    items.attach(tasks)
    sent = dict(sent_words(tasks))
    for task in tasks:
        if task.filing_id == entry.filing_id and task.is_complete:
            sent[task.pk] = {name: getattr(task, name) for name in task.fields}
    signed = countersigned(tasks, at)
    return draft([_task_line(task, sent.get(task.pk), signed.get(task.pk)) for task in tasks])


def _task_line(entry: Entry, words: Words | None, signed: Countersigned | None) -> TaskLine:
    row = entry.responsibility
    assert row is not None
    task, department = row.task, str(row.department)
    if words is None:
        return TaskLine(task.number, task.title, department, is_sent=False)
    percent, next_on = words.get("percent"), words.get("next_on")
    contests = [
        (str(word.department), word.signature.text)
        for word in (signed.words if signed else [])
        if word.state == Consent.CONTESTED and word.signature
    ]
    return TaskLine(
        number=task.number,
        title=task.title,
        department=department,
        standing=str(words.get("self_light") or ""),
        percent=None if percent is None else Decimal(percent),
        expected=items.due_percent(entry, entry.filing.period),
        text=said(words),
        problems=str(words.get("problems") or ""),
        cause=str(words.get("cause") or ""),
        next_steps=str(words.get("next_steps") or ""),
        next_on=date.fromisoformat(next_on) if isinstance(next_on, str) else next_on,
        contests=tuple(contests),
    )


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
    return [
        *facts,
        *(_target_words(t, indicator) for t in targets_in_force(indicator.targets.all(), period.last_day)),
    ]


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

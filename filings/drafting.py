"""A first draft of an action's summary, from what the leads of its tasks sent. Pure: values in, text out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from harbor_plan.lib import zh
from harbor_plan.lib.zh import plain
from targets.measure.numbers import shown
from targets.terms import Standing

_BEHIND = frozenset({Standing.BEHIND, Standing.LATE})


@dataclass(frozen=True)
class TaskLine:
    """What the lead of one task sent for the quarter; `is_sent` is false and the rest empty while it has not.

    `percent` is of the year's work, `expected` its time progress at the quarter's end, both 0 to 100. `contests` are
    departments with the reason of their objection.
    """

    number: str
    title: str
    department: str
    is_sent: bool = True
    standing: str = ""
    percent: Decimal | None = None
    expected: Decimal | None = None
    text: str = ""
    problems: str = ""
    cause: str = ""
    next_steps: str = ""
    next_on: date | None = None
    contests: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.number} {self.title}（{self.department}）"

    @property
    def gap(self) -> Decimal:
        """Percentage points behind the time progress; negative when ahead, 0 while one of them is missing."""
        if self.percent is None or self.expected is None:
            return Decimal(0)
        return self.expected - self.percent

    @property
    def is_behind(self) -> bool:
        """Below the time progress, or behind by its own rating."""
        return self.gap > 0 or self.standing in _BEHIND


def draft(lines: Sequence[TaskLine]) -> str:
    """The summary of an action: totals, each task, those behind with cause and next steps, and objections.

    Empty while no task's lead has sent anything; parts without anything to say are left out.
    """
    sent = [line for line in lines if line.is_sent]
    if not sent:
        return ""
    parts = [
        [_totals(lines, sent)],
        ["各任务进展：", *(_progress(line) for line in sent)],
        [_behind(line) for line in sent if line.is_behind],
        [f"{line.name}：{who}有异议：{_sentence(why)}" for line in sent for who, why in line.contests],
    ]
    headings = ("", "", "滞后任务及措施：", "会签异议：")
    written = []
    for heading, part in zip(headings, parts, strict=True):
        if part:
            written += [heading, *part] if heading else part
    return "\n".join(written)


def merged(text: str, drafted: str, how: str) -> str:
    """The typed text with the draft: "append" puts it after, "replace" takes its place; an empty text takes it as it is."""
    if not text.strip() or how == "replace":
        return drafted
    if how != "append":
        raise ValueError(f"{how!r} is no way to add a draft: append or replace")
    return f"{text.rstrip()}\n{drafted}"


def _totals(lines: Sequence[TaskLine], sent: Sequence[TaskLine]) -> str:
    lights = Counter(line.standing for line in sent)
    lit = "、".join(f"{standing.label} {lights[standing]} 项" for standing in Standing if lights[standing])
    said = [f"本行动共 {len(lines)} 项任务，牵头单位已报 {len(sent)} 项{f'，自评{lit}' if lit else ''}"]
    if mean := _mean(sent):
        said.append(mean)
    missing = [line.name for line in lines if not line.is_sent]
    if missing:
        said.append(f"尚未报送：{'、'.join(missing)}")
    return "；".join(said) + "。"


def _mean(sent: Iterable[TaskLine]) -> str:
    """The mean percent of the tasks that have one, against the mean time progress of the same tasks."""
    pairs = [
        (x.percent, x.expected) for x in sent if x.percent is not None and x.expected is not None
    ]  # fmt: skip
    if not pairs:
        return ""
    percent = sum((p for p, _ in pairs), Decimal(0)) / len(pairs)
    expected = sum((e for _, e in pairs), Decimal(0)) / len(pairs)
    gap = expected - percent
    how = f"落后 {shown(gap, 1)} 个百分点" if gap > 0 else f"快 {shown(-gap, 1)} 个百分点" if gap else "持平"
    return f"{len(pairs)} 项有完成比例，平均完成 {shown(percent, 1)}%，平均序时 {shown(expected, 1)}%，{how}"


def _progress(line: TaskLine) -> str:
    parts = []
    if line.percent is not None:
        due = f"（序时 {_number(line.expected)}%）" if line.expected is not None else ""
        parts.append(f"完成 {_number(line.percent)}%{due}")
    if line.text.strip():
        parts.append(_one_line(line.text))
    return f"{line.name}：{_sentence('，'.join(parts) or '已报')}"


def _behind(line: TaskLine) -> str:
    said = [f"落后序时 {_number(line.gap)} 个百分点" if line.gap > 0 else "自评滞后"]
    said += [
        f"{label}：{_one_line(words)}"
        for label, words in (("存在问题", line.problems), ("原因", line.cause), ("下一步", line.next_steps))
        if words.strip()
    ]
    if line.next_on:
        said.append(f"时限：{zh.day(line.next_on)}")
    return f"{line.name}：{_sentence('；'.join(said))}"


def _number(value: Decimal | None) -> str:
    return zh.number(plain(value)) if value is not None else zh.DASH


def _one_line(text: str) -> str:
    """Words on one line, without a full stop of their own."""
    return " ".join(text.split()).rstrip("。；;")


def _sentence(text: str) -> str:
    return _one_line(text) + "。"

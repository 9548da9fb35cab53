"""The pages of cross-checks: what is open in a quarter, the rules, and what a rule would have found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from departments.models import Department
from filings.crosschecks import PAIRED
from filings.models import CrossClosing, CrossRule, Entry, Period
from filings.services.crosschecks import Finding, Known, closing_of, findings_of, outlook
from filings.terms import RuleKind, Severity
from harbor_plan.lib.zh import plain
from targets.measure import Quarter
from targets.measure.numbers import with_unit
from targets.models import Indicator, Plan

#: So many past quarters a preview looks at.
PREVIEWED = 8

#: What a line is, in words.
STATES = {"open": "待处理", "closed": "已了结", "info": "仅提示", "unchecked": "无法核对", "holds": "相符"}


@dataclass(frozen=True)
class Value:
    """One side of a finding as its page names it: the value that counts, or that there is none."""

    indicator: Indicator
    known: Known | None

    @property
    def text(self) -> str:
        """The value with its unit, or a dash."""
        if self.known is None:
            return "—"
        return with_unit(f"{plain(self.known.value):f}", self.indicator.unit)

    @property
    def department(self) -> Department | None:
        """Who filed it, else who owes it."""
        return self.known.entry.filing.department if self.known else self.indicator.data_department

    @property
    def entry(self) -> Entry | None:
        return self.known.entry if self.known else None


@dataclass(frozen=True)
class Line:
    """A rule at a quarter with what became of it."""

    finding: Finding
    closing: CrossClosing | None

    @property
    def rule(self) -> CrossRule:
        return self.finding.rule

    @property
    def state(self) -> str:
        """A key of STATES. Information is never open, and only a warning or an error is closed."""
        if not self.finding.is_found:
            return self.finding.outcome.verdict.value
        if self.rule.severity == Severity.INFO:
            return "info"
        return "closed" if self.closing else "open"

    @property
    def severity(self) -> str:
        """错误, 提醒 or 提示."""
        return Severity(self.rule.severity).label.split("，")[0]

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def values(self) -> list[Value]:
        """The one or two values of the quarter."""
        sides = [Value(self.rule.indicator, self.finding.one)]
        return [*sides, Value(self.rule.other, self.finding.other)] if self.rule.other else sides

    @property
    def departments(self) -> list[Department]:
        return [value.department for value in self.values if value.department]

    @property
    def explanations(self) -> list[tuple[Department, str]]:
        """What the departments wrote beside their values."""
        entries = [known.entry for known in self.finding.known if known.entry.explanation.strip()]
        return [(entry.filing.department, entry.explanation) for entry in entries]

    @property
    def words(self) -> str:
        """What was found, or why nothing could be."""
        if self.finding.is_found:
            return self.finding.sentence
        return self.finding.outcome.why or "相符"


@dataclass(frozen=True)
class Board:
    """Everything about one quarter."""

    period: Period
    lines: list[Line]

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.state for line in self.lines)

    @property
    def errors(self) -> int:
        """Open ones that are errors."""
        return sum(line.state == "open" and line.rule.severity == Severity.ERROR for line in self.lines)


def board(period: Period) -> Board:
    """What every rule says of a quarter, errors before warnings. Four queries."""
    closings = list(CrossClosing.objects.of(period))
    lines = [Line(each, closing_of(each, closings)) for each in findings_of(period)]
    order = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    return Board(period, sorted(lines, key=lambda line: order.index(Severity(line.rule.severity))))


# Rules


def allowance(rule: CrossRule) -> str:
    """What a rule allows, in words: 容差 5%; 3 倍 MAD."""
    tolerance = f"{plain(rule.tolerance):f}"
    unit = "%" if rule.is_percent else f" {rule.indicator.unit}".rstrip()
    if rule.kind == RuleKind.JUMP:
        least = f"，相差不超过 {tolerance}{unit}的不算" if rule.tolerance else ""
        return f"{plain(rule.factor):f} 倍 MAD{least}"
    return f"容差 {tolerance}{unit}" if rule.tolerance else "不留容差"


def subject(rule: CrossRule) -> str:
    """What a rule compares, in a line."""
    if rule.kind not in PAIRED or rule.other is None:
        return str(rule.indicator.name)
    sign = "≤" if rule.kind == RuleKind.PART else "＝"
    return f"{rule.indicator.name} {sign} {rule.other.name}"


@dataclass(frozen=True)
class RuleLine:
    """One rule as the office reads it."""

    rule: CrossRule

    @property
    def subject(self) -> str:
        return subject(self.rule)

    @property
    def allowance(self) -> str:
        return allowance(self.rule)

    @property
    def is_current(self) -> bool:
        return self.rule.effective_until is None


@dataclass(frozen=True)
class Rules:
    """The rules of a plan: those without an end, and those that were changed or retired."""

    current: list[RuleLine]
    ended: list[RuleLine]


def rules_of_plan(plan: Plan) -> Rules:
    """Every rule of a plan in one query."""
    rules = CrossRule.objects.filter(plan=plan).with_sides().select_related("ended_by")
    lines = [RuleLine(rule) for rule in rules]
    ended = [line for line in lines if not line.is_current]
    return Rules(
        [line for line in lines if line.is_current],
        sorted(ended, key=lambda line: line.rule.ended_at or line.rule.at, reverse=True),
    )


@dataclass(frozen=True)
class Preview:
    """What a rule would have said of the last quarters that have values."""

    rule: CrossRule
    findings: Sequence[Finding]

    @property
    def found(self) -> list[Finding]:
        return [each for each in self.findings if each.is_found]

    @property
    def unchecked(self) -> list[Finding]:
        return [each for each in self.findings if not each.is_found and each.outcome.why]

    @property
    def held(self) -> int:
        return len(self.findings) - len(self.found) - len(self.unchecked)

    @property
    def subject(self) -> str:
        return subject(self.rule)

    @property
    def allowance(self) -> str:
        return allowance(self.rule)


def preview(rule: CrossRule) -> Preview | None:
    """The last opened quarters of the plan by a rule that is not stored; None when none was opened. Three queries."""
    last = Period.objects.filter(plan=rule.plan_id).opened().first()
    if last is None:
        return None
    first = Quarter.of(rule.plan.starts_on)
    here = Quarter(last.year, last.quarter)
    return Preview(rule, outlook(rule, here, min(PREVIEWED, first.distance(here) + 1)))

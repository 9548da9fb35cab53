"""Summaries of a period: one idempotent refresh under a row lock; a rebuild gives the same rows.

A refresh rolls the whole period up again and writes what differs. A change is followed through the later periods
that read it (plan-to-date values, 保持类, two yellow quarters in a row), oldest first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction

from actions.models import SpecialAction
from filings.models import Entry, Period
from filings.terms import Decision, EntryKind
from reports import rollup
from reports.models import FIGURE_FIELDS, Board, PastFigure, Subject, Summary
from reports.rollup import Lights
from reports.services.gather import Gathered, gather
from targets.arithmetic import rule_of
from targets.measure import (
    Combined,
    Gap,
    IndicatorRule,
    NotComputable,
    Progress,
    Requirement,
    limit_words,
    outlook_words,
    shown,
)
from targets.measure.words import gap_words
from targets.terms import Kind, TargetState

_PERCENT = Decimal("0.01")
_VALUE = Decimal("0.0001")

#: Columns a refresh may change; subject and period say which row it is.
_CHANGING = tuple(name for name in FIGURE_FIELDS if name not in ("subject", "subject_id"))

#: Those that are figures and words about them; the rest is how they came about.
_SAID = tuple(name for name in _CHANGING if name != "detail")


def refresh_from(*, period_id: int, at: datetime) -> list[int]:
    """Refresh a period and the later ones with figures, oldest first. Returns the ids whose figures changed."""
    period = Period.objects.select_related("plan").get(pk=period_id)
    later = (
        Period.objects.after(period)
        .exclude(opened_at=None)
        .select_related("plan")
        .order_by("year", "quarter")
    )
    return [each.pk for each in [period, *later] if refresh_period(period=each, at=at)]


@transaction.atomic
def refresh_period(*, period: Period, at: datetime) -> bool:
    """Bring one period's summaries up to date; True when a row changed. Safe to run twice or at once.

    `as_of` moves only when figures changed, so that running it again leaves everything as it was; another wording of
    an explanation is no other figure.
    """
    board = _lock(period, at)
    wanted = {(row.subject, row.subject_id): row for row in _rows(period, at)}
    have = {(row.subject, row.subject_id): row for row in Summary.objects.filter(period=period)}
    gone = [row.pk for key, row in have.items() if key not in wanted]
    new = [row for key, row in wanted.items() if key not in have]
    changed = [key for key, row in wanted.items() if key in have and _differs(have[key], row)]
    if not (gone or new or changed):
        return False
    moved = bool(gone or new) or any(_differs(have[key], wanted[key], _SAID) for key in changed)
    _remember([row for key, row in have.items() if key not in wanted or key in changed], at)
    different = [_take_over(have[key], wanted[key]) for key in changed]
    Summary.objects.filter(pk__in=gone).delete()
    Summary.objects.bulk_create(new)
    Summary.objects.bulk_update(different, (*_CHANGING, "known_from"), batch_size=100)
    if moved:
        board.as_of = at
        board.save(update_fields=["as_of"])
    return True


@transaction.atomic
def rebuild_period(*, period: Period, at: datetime) -> None:
    """Throw a period's summaries away and build them from scratch: the same rows as the refreshes gave.

    What they said before stays known; a row that says the same as before has said so since then.
    """
    board = _lock(period, at)
    have = {(row.subject, row.subject_id): row for row in Summary.objects.filter(period=period)}
    rows = _rows(period, at)
    for row in rows:
        before = have.get((row.subject, row.subject_id))
        if before and not _differs(before, row):
            row.known_from = before.known_from
            del have[row.subject, row.subject_id]
    _remember(have.values(), at)
    Summary.objects.filter(period=period).delete()
    Summary.objects.bulk_create(rows)
    board.as_of = at
    board.save(update_fields=["as_of"])


def repair(*, at: datetime) -> list[int]:
    """Compare every opened period of every plan with a fresh roll-up and mend what differs. For lost messages.

    Compares before it locks, so that a repair with nothing to mend keeps nobody waiting.
    """
    opened = Period.objects.exclude(opened_at=None).select_related("plan").order_by("plan", "year", "quarter")
    return [p.pk for p in opened if _is_stale(p, at) and refresh_period(period=p, at=at)]


def _is_stale(period: Period, at: datetime) -> bool:
    wanted = {(row.subject, row.subject_id): row for row in _rows(period, at)}
    have = {(row.subject, row.subject_id): row for row in Summary.objects.filter(period=period)}
    return wanted.keys() != have.keys() or any(_differs(have[key], row) for key, row in wanted.items())


def _lock(period: Period, at: datetime) -> Board:
    Board.objects.get_or_create(period=period, defaults={"as_of": at})
    return Board.objects.select_for_update().get(period=period)


def _remember(rows: Iterable[Summary], at: datetime) -> None:
    """Keep what summaries said until now. One that is replaced in the moment it was written was never seen."""
    PastFigure.objects.bulk_create(
        PastFigure(
            period_id=row.period_id,
            known_from=row.known_from,
            known_until=at,
            **{name: getattr(row, name) for name in FIGURE_FIELDS},
        )
        for row in rows
        if row.known_from < at
    )


def _differs(have: Summary, row: Summary, names: Iterable[str] = _CHANGING) -> bool:
    return any(getattr(have, name) != getattr(row, name) for name in names)


def _take_over(have: Summary, row: Summary) -> Summary:
    for name in _CHANGING:
        setattr(have, name, getattr(row, name))
    have.known_from = max(have.known_from, row.known_from)
    return have


def _rows(period: Period, at: datetime) -> list[Summary]:
    """The period's summaries, unsaved."""
    known = gather(period, at)
    names = _Names(known)
    return [_row(period, figure, names, at) for figure in rollup.roll_up(known.input)]


class _Names:
    """Number, name, place and accepted entry of each subject, as they are now: what a figure is called."""

    def __init__(self, known: Gathered) -> None:
        self.known = known
        self.readings = {row.key: {r.quarter: r for r in row.readings} for row in known.input.indicators}
        self.actions = {a.pk: a for a in SpecialAction.objects.filter(plan=known.period.plan)}
        self.entries: dict[tuple[Subject, int], Entry] = {}
        for entry in known.entries:
            if entry.decision == Decision.ACCEPTED:
                self._place(entry)

    def _place(self, entry: Entry) -> None:
        if entry.kind == EntryKind.PROGRESS and entry.responsibility:
            self.entries[Subject.TASK, entry.responsibility.task_id] = entry
        elif entry.kind == EntryKind.MILESTONE and entry.milestone_id:
            self.entries[Subject.MILESTONE, entry.milestone_id] = entry
        elif entry.kind == EntryKind.READING and entry.indicator_id:
            self.entries[Subject.INDICATOR, entry.indicator_id] = entry

    def of(self, subject: Subject, pk: int) -> dict[str, Any]:
        """Number, name and position of a subject."""
        known = self.known
        if subject == Subject.PLAN:
            return {"number": known.period.plan.code, "name": known.period.plan.name, "position": 0}
        if subject == Subject.GOAL:
            goal = known.goals[pk]
            return {"number": str(goal.no), "name": goal.name, "position": goal.no}
        if subject == Subject.INDICATOR:
            indicator = known.indicators[pk]
            return {"number": indicator.code, "name": indicator.name, "position": indicator.order}
        if subject == Subject.ACTION:
            action = self.actions[pk]
            return {"number": str(action.no), "name": action.name, "position": action.no}
        if subject == Subject.TASK:
            task = known.tasks[pk]
            return {"number": task.number, "name": task.title, "position": 100 * task.action.no + task.no}
        if subject == Subject.MILESTONE:
            stone = known.milestones[pk]
            place = 10_000 * stone.task.action.no + 100 * stone.task.no + stone.no
            return {"number": stone.task.number, "name": stone.name, "position": place}
        department = known.filings[pk].department
        return {"number": "", "name": department.name, "position": department.order}


def _row(period: Period, figure: rollup.Figure, names: _Names, at: datetime) -> Summary:
    subject, pk = Subject(figure.subject), int(figure.key)
    verdict = figure.verdict
    lights = figure.indicators if subject == Subject.GOAL else figure.tasks
    percent = _VALUE if subject == Subject.INDICATOR else _PERCENT
    return Summary(
        period=period,
        known_from=at,
        subject=subject,
        subject_id=pk,
        **names.of(subject, pk),
        standing=figure.standing or "",
        pace_light=figure.pace or "",
        reason=figure.reason[:500],
        attainment=verdict.attainment if verdict else "",
        value=_places(figure.value, _VALUE),
        completion=_places(figure.completion, _PERCENT),
        expected=_places(figure.expected, percent),
        plan_completion=_places(figure.plan_completion, _PERCENT),
        reported=figure.reported,
        owed=figure.owed,
        met=figure.met,
        due=figure.due,
        timeliness=figure.timeliness or "",
        returns=figure.returns,
        lights=_counts(lights),
        detail=_detail(subject, pk, figure, names),
    )


def _places(value: Decimal | None, places: Decimal) -> Decimal | None:
    return None if value is None else value.quantize(places, ROUND_HALF_UP)


def _counts(lights: Lights) -> dict[str, int]:
    return {name: count for name, count in asdict(lights).items() if count}


def _detail(subject: Subject, pk: int, figure: rollup.Figure, names: _Names) -> dict[str, Any]:
    """What explains the figure and is shown beside it; parts that do not apply are left out."""
    entry = names.entries.get((subject, pk))
    version = names.known.versions.get(entry.pk) if entry else None
    detail: dict[str, Any] = {
        "entry": entry.pk if entry else None,
        "filing": entry.filing_id if entry else None,
        "version": version.no if version else None,
        "missing_years": list(figure.missing_years),
        "milestones": _counts(figure.milestones),
        "without": figure.without,
        "steps": [[step.label, step.words] for step in figure.steps],
    }
    if subject in (Subject.DEPARTMENT, Subject.PLAN):
        detail["indicators"] = _counts(figure.indicators)
    if subject == Subject.DEPARTMENT:
        detail["filing"] = names.known.filings[pk].pk
    if subject == Subject.PLAN:
        detail["filings"] = asdict(figure.filings)
    if figure.verdict:
        detail |= _verdict(figure, names)
    return {key: value for key, value in detail.items() if value not in (None, [], {}, "")}


def _verdict(figure: rollup.Figure, names: _Names) -> dict[str, Any]:
    """The requirement that decided an indicator's light, its gap and progress, and the formula, in words."""
    verdict = figure.verdict
    assert verdict is not None
    rule = rule_of(names.known.indicators[int(figure.key)])
    requirement = verdict.requirement
    reading = names.readings[figure.key].get(verdict.actual.quarter)
    return {
        "vintage": reading.vintage if reading else "",
        "target": int(requirement.key) if requirement else None,
        "requirement": _asked(requirement, rule),
        "asked": _limits(requirement),
        "due_on": requirement.due_on.isoformat() if requirement else "",
        "strength": requirement.strength.value if requirement else "",
        "expected_from": verdict.expected.label if verdict.expected else "",
        "formula": verdict.actual.formula,
        "quarters": f"{verdict.actual.reported}/{verdict.actual.owed}",
        "no_value": verdict.actual.reason,
        "without": _without(verdict.actual) if figure.value is None else "",
        "gap": _gap_words(verdict.gap, rule),
        "progress": _progress_words(verdict.progress),
        "unsettled": verdict.unsettled,
        **outlook_words(figure.outlook, rule),
    }


def _without(actual: Combined) -> str:
    """Why there is no value, in one word; 数据不全 where only some quarters of the span have one."""
    return "数据不全" if actual.reported else actual.state.label


def _asked(requirement: Requirement | None, rule: IndicatorRule) -> str:
    if requirement is None:
        return ""
    return "待下达" if requirement.state == TargetState.PENDING else limit_words(requirement, rule)


def _limits(requirement: Requirement | None) -> dict[str, str]:
    """The requirement as it was judged, for whoever reads a publication after the target was revised."""
    if requirement is None:
        return {}
    numbers = {name: getattr(requirement, name) for name in ("value", "low", "high", "tolerance")}
    return {"comparator": requirement.comparator.value} | {
        name: str(number) for name, number in numbers.items() if number is not None
    }


def _gap_words(gap: Gap | NotComputable, rule: IndicatorRule) -> str:
    """The distance to the requirement; a deliverable has none beside being done or not."""
    if isinstance(gap, NotComputable):
        return f"无法计算：{gap.reason}"
    if rule.kind == Kind.DELIVERABLE:
        return ""
    return gap_words(gap.amount, rule) if gap.amount else "没有差距"


def _progress_words(progress: Progress | NotComputable) -> str:
    if isinstance(progress, NotComputable):
        return f"无法计算：{progress.reason}"
    words = f"{shown(progress.percent, 1)}%"
    return f"{words}，比基期还差" if progress.is_worse_than_baseline else words

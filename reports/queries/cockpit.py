"""What the first screen says: are we on track, which goals and actions are behind, who has not filed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from actions.models import SpecialAction
from filings.models import Extension, Filing, Period
from filings.services.access import timeliness_of
from filings.terms import Decision, Timeliness
from reports.charts import lights_over_time
from reports.editions import Edition, recent, series
from reports.models import Figure, Subject
from targets.models import Plan
from targets.terms import Attainment, Standing

#: Quarters in the heat map and the trend.
QUARTERS = 8

TROUBLED = (Standing.LATE, Standing.BEHIND)


@dataclass(frozen=True)
class ActionRow:
    """One special action: its figure, its leads, and its light in the last quarters (None where it had no figure)."""

    figure: Figure
    leads: str
    heat: list[tuple[Edition, Figure | None]]


@dataclass(frozen=True)
class DepartmentState:
    """Where one department's filing stands in the running quarter."""

    filing: Filing
    owed: int
    complete: int
    accepted: int
    timeliness: Timeliness

    @property
    def state(self) -> str:
        """The key of the state tag: overdue beats the workflow's own word."""
        if self.filing.first_submitted_at is None and self.timeliness == Timeliness.MISSING:
            return "over"
        if self.filing.first_submitted_at is None and self.complete == 0:
            return "todo"
        return self.filing.status


@dataclass(frozen=True)
class Cockpit:
    """Everything the page shows of one edition."""

    edition: Edition
    plan: Figure | None
    goals: list[Figure]
    actions: list[ActionRow]
    behind_tasks: list[Figure]
    missed: list[Figure]
    quarters: list[Edition]
    light_counts: list[dict[str, int]]
    chart: dict[str, Any]


def cockpit(plan: Plan, edition: Edition) -> Cockpit:
    """Five queries: the edition's figures, the earlier quarters, their two series, the actions' leads."""
    quarters = recent(edition, QUARTERS)
    figures = edition.figures
    heat = series(quarters, Subject.ACTION)
    leads = _leads(plan)
    tasks = series(quarters, Subject.TASK)
    counts = [_count(tasks, quarter) for quarter in quarters]
    return Cockpit(
        edition=edition,
        plan=next(iter(figures[Subject.PLAN].values()), None),
        goals=list(figures[Subject.GOAL].values()),
        actions=[
            ActionRow(
                figure=figure,
                leads=leads.get(pk, ""),
                heat=[(quarter, heat.get(pk, {}).get(quarter.period.pk)) for quarter in quarters],
            )
            for pk, figure in figures[Subject.ACTION].items()
        ],
        behind_tasks=worst_first(figures[Subject.TASK].values()),
        missed=[f for f in figures[Subject.INDICATOR].values() if f.attainment == Attainment.NOT_MET],
        quarters=quarters,
        light_counts=counts,
        chart=lights_over_time([f"{q.period.year}年{q.period.quarter}季" for q in quarters], counts),
    )


def worst_first(figures: Any) -> list[Figure]:
    """The red and yellow ones, red first, then by how far behind."""
    troubled = [figure for figure in figures if figure.standing in TROUBLED]
    return sorted(troubled, key=lambda f: (TROUBLED.index(f.standing), _lead(f), f.position))


def _lead(figure: Figure) -> Decimal:
    """Completion minus expected; missing sorts last."""
    if figure.completion is None or figure.expected is None:
        return Decimal(1000)
    return figure.completion - figure.expected


def _leads(plan: Plan) -> dict[int, str]:
    """The names of each action's leads, in the document's order. Two queries."""
    actions = SpecialAction.objects.filter(plan=plan).prefetch_related("lead_rows__department")
    return {a.pk: "、".join(row.department.name for row in a.lead_rows.all()) for a in actions}


def _count(tasks: dict[int, dict[int, Figure]], edition: Edition) -> dict[str, int]:
    return dict(Counter(by[edition.period.pk].standing for by in tasks.values() if edition.period.pk in by))


def filing_states(period: Period, at: datetime) -> list[DepartmentState]:
    """Every department's state in a period, those in trouble first. Two queries."""
    extensions = {e.department_id: e for e in Extension.objects.filter(period=period)}
    filings = (
        Filing.objects.filter(period=period)
        .select_related("department", "period__plan")
        .annotate(
            owed=Count("entries"),
            complete=Count("entries", filter=Q(entries__is_complete=True)),
            accepted=Count("entries", filter=Q(entries__decision=Decision.ACCEPTED)),
        )
        .order_by("department__order")
    )
    return [
        DepartmentState(
            filing=filing,
            owed=filing.owed,
            complete=filing.complete,
            accepted=filing.accepted,
            timeliness=timeliness_of(filing, extensions.get(filing.department_id), at),
        )
        for filing in filings
    ]


def verdict(board: Cockpit) -> str:
    """The first sentence, as an official would read it aloud, with its totals."""
    counts = Counter(board.light_counts[-1]) if board.light_counts else Counter()
    total = sum(counts.values())
    if not total:
        return f"{board.edition.period}还没有可以汇总的数据。"
    good = counts[Standing.DONE] + counts[Standing.ON_TRACK]
    parts = [f"{total} 项任务 {good} 项正常"]
    for standing in (Standing.BEHIND, Standing.LATE):
        if counts[standing]:
            parts.append(f"{counts[standing]} 项{standing.label}")
    if counts[Standing.UNKNOWN]:
        parts.append(f"{counts[Standing.UNKNOWN]} 项未填报或无法判断")
    sentence = f"截至{board.edition.period}末，{'、'.join(parts)}"
    if board.plan and board.plan.due:
        sentence += f"；到期目标 {board.plan.due} 项，达标 {board.plan.met} 项"
    return f"{sentence}。"

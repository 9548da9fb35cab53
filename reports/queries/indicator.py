"""One indicator: what was filed, what was planned, what is asked, and how the verdict came about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from filings.models import Entry, Period
from filings.terms import Decision, EntryKind
from reports.charts import Goal, Point, indicator_trend
from reports.editions import Edition, recent, series
from reports.models import Figure, Subject
from targets.models import Indicator, PlanValue, Target


@dataclass(frozen=True)
class QuarterRow:
    """One quarter of an indicator: its entry (accepted or not), its figure, the plan value of that day."""

    period: Period
    entry: Entry | None
    figure: Figure | None
    planned: PlanValue | None

    @property
    def state(self) -> str:
        """One of the five states of a value, in words; empty when there is a value."""
        if self.entry is None:
            return "未到期"
        if self.entry.decision != Decision.ACCEPTED:
            return "未报" if self.entry.filing.first_submitted_at is None else "待审"
        return "" if self.entry.value is not None else "无数据"


@dataclass(frozen=True)
class IndicatorPage:
    indicator: Indicator
    figure: Figure | None
    targets: list[Target]
    rows: list[QuarterRow]
    chart: dict[str, Any] | None
    reported: int
    asked: int


def indicator_page(indicator: Indicator, edition: Edition) -> IndicatorPage:
    """All quarters of the plan up to the edition (at most twenty for five years). Eight queries."""
    periods = list(Period.objects.until(edition.period).exclude(opened_at=None).select_related("plan"))
    quarters = recent(edition, len(periods) + 1)
    figures = series(quarters, Subject.INDICATOR, [indicator.pk]).get(indicator.pk, {})
    entries = {
        entry.filing.period_id: entry
        for entry in Entry.objects.filter(
            kind=EntryKind.READING, indicator=indicator, filing__period__in=periods
        ).select_related("filing__department", "filing__period")
    }
    planned = {value.on: value for value in indicator.plan_values.all()}
    rows = [
        QuarterRow(p, entries.get(p.pk), figures.get(p.pk), planned.get(p.last_day))
        for p in reversed(periods)
    ]
    asked = [row for row in rows if row.entry]
    targets = list(indicator.targets.all())
    return IndicatorPage(
        indicator=indicator,
        figure=edition.of(Subject.INDICATOR, indicator.pk),
        targets=targets,
        rows=rows,
        chart=_chart(indicator, rows, list(planned.values()), targets),
        reported=sum(1 for row in asked if row.entry and row.entry.decision == Decision.ACCEPTED),
        asked=len(asked),
    )


def _chart(
    indicator: Indicator, rows: list[QuarterRow], planned: list[PlanValue], targets: list[Target]
) -> dict[str, Any] | None:
    """None when there is no value to draw. A quarter that was asked and brought no value breaks the line."""
    actual = [
        Point(row.period.last_day, row.figure.value if row.figure else None)
        for row in reversed(rows)
        if row.entry
    ]
    if not any(point.value is not None for point in actual):
        return None
    return indicator_trend(
        actual,
        [Point(value.on, value.value) for value in planned],
        [Goal(t.due_on, t.comparator, t.value, t.low, t.high) for t in targets],
        unit=indicator.unit,
        decimals=indicator.decimals,
    )

"""One indicator: what was filed, what was planned, what is asked, and how the verdict came about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from filings.models import Entry, EntryVersion, Period, Vintage
from filings.services.vintages import by_entry
from filings.terms import Decision, EntryKind
from harbor_plan.lib import zh
from reports.charts import Goal, Point, indicator_trend
from reports.editions import Edition, end_of_day, recent, series
from reports.models import Figure, Subject
from reports.queries.plan_pages import with_filings
from reports.words import requirement_words, value_sentence
from targets.life import baseline_row, lives, plan_values_known, targets_in_force
from targets.measure import Quarter
from targets.models import BaselineChange, Indicator, PlanValue, Target
from targets.terms import Accumulation, Asked, Attainment, Combine, Kind, Span, TargetState

#: What the judged value is of, by how the indicator is entered and combined.
_MEASURES = {
    Combine.SUM: "各季合计",
    Combine.MEAN: "按天数加权平均",
    Combine.PARTS: "分子分母分别合计后相除",
}


@dataclass(frozen=True)
class QuarterRow:
    """One quarter of an indicator: its entry (accepted or not), its figure, the plan value of that day, and the
    values that came later than the one filed, oldest first."""

    period: Period
    entry: Entry | None
    figure: Figure | None
    planned: PlanValue | None
    vintages: list[Vintage] = field(default_factory=list)

    @property
    def state(self) -> str:
        """Why there is no number, in words; empty when there is one (zero included)."""
        if self.entry is None:
            return "本季不报"
        if self.entry.decision != Decision.ACCEPTED:
            return self._undecided(self.entry)
        return "" if self.entry.value is not None else "无数据"

    @staticmethod
    def _undecided(entry: Entry) -> str:
        if entry.filing.first_submitted_at is None:
            return "未报"
        return "退回待改" if entry.decision == Decision.RETURNED else "待审"

    @property
    def is_accepted(self) -> bool:
        return self.entry is not None and self.entry.decision == Decision.ACCEPTED

    @property
    def counts(self) -> bool:
        """Whether the figures read a value of this quarter: an accepted one, or a later one that was recorded."""
        return self.is_accepted or bool(self.vintages)


@dataclass(frozen=True)
class TargetRow:
    """One dated requirement in words; `decides` marks the one the light was judged by, `changes` counts its changes."""

    target: Target
    asks: str
    decides: bool
    changes: int = 0


@dataclass(frozen=True)
class Comparison:
    """A key figure beside the value and the requirement; where it cannot be computed it says why."""

    term: str
    words: str
    say: str = ""


@dataclass(frozen=True)
class Correction:
    """A value that was corrected after its quarter was closed."""

    version: EntryVersion
    before: dict[str, Any]

    @property
    def values(self) -> list[tuple[str, str, str]]:
        """Name, then and now of every number that changed."""
        indicator = self.version.entry.indicator
        assert indicator is not None
        names = {
            "value": "报送值",
            "numerator": indicator.numerator_name,
            "denominator": indicator.denominator_name,
        }
        pairs = [
            (label, self.before.get(name), self.version.content.get(name)) for name, label in names.items()
        ]
        return [(label, then or "无数据", now or "无数据") for label, then, now in pairs if then != now]


@dataclass(frozen=True)
class IndicatorPage:
    indicator: Indicator
    edition: Edition
    figure: Figure | None
    targets: list[TargetRow]
    rows: list[QuarterRow]
    corrections: list[Correction]
    chart: dict[str, Any] | None
    baseline: BaselineChange | None = None

    @property
    def decisive(self) -> TargetRow | None:
        """The requirement the light was judged by."""
        return next((row for row in self.targets if row.decides), None)

    @property
    def limit(self) -> Decimal | None:
        """The number the value is read beside."""
        return self.decisive.target.value if self.decisive else None

    @property
    def comparisons(self) -> list[Comparison]:
        """Expected value, gap and progress, each with its basis or with the reason why there is none."""
        if self.figure is None:
            return []
        detail = self.figure.detail
        start = self.baseline
        since = f"基期 {start.year}年 {value_sentence(self.indicator, start.value)}" if start else ""
        if self.indicator.kind == Kind.DELIVERABLE:
            return []
        return [
            self._expected(self.figure),
            _computed("与要求的差距", detail.get("gap", ""), ""),
            _computed("完成进展", detail.get("progress", ""), since),
        ]

    @property
    def ahead(self) -> list[Comparison]:
        """What is left to bring for the requirement that comes next and the trend; empty when none is to come."""
        detail = self.figure.detail if self.figure else {}
        if "ahead" not in detail or self.indicator.kind == Kind.DELIVERABLE:
            return []
        return [
            _computed("余下所需", detail.get("required", ""), ""),
            _computed("走势推算", detail.get("forecast", ""), ""),
        ]

    def _expected(self, figure: Figure) -> Comparison:
        """What should have been reached: a planned value, or the requirement itself once it is due or must hold."""
        if figure.expected is not None:
            words = value_sentence(self.indicator, figure.expected)
            return Comparison("本季应达", words, figure.detail.get("expected_from", ""))
        held = self.indicator.holds and figure.attainment == Attainment.NOT_DUE
        if self.decisive and (held or figure.attainment in (Attainment.MET, Attainment.NOT_MET)):
            return Comparison("本季应达", self.decisive.asks, "按要求本身判断")
        return Comparison("本季应达", "未定", "没有可比的计划值")

    @property
    def value_of(self) -> str:
        """Which quarters the value is of: 2020年三季度，数据 4/4 季."""
        quarters = self.figure.detail.get("quarters", "") if self.figure else ""
        at = next((row.period for row in self.rows if row.counts), self.edition.period)
        return f"{zh.quarter(at.year, at.quarter, 'plain')}，数据 {quarters} 季" if quarters else ""

    @property
    def chart_label(self) -> str:
        """What the chart shows, read aloud."""
        return f"{self.indicator.name}各季实际值，数据见各季数据表"

    @cached_property
    def source(self) -> Entry | None:
        """The accepted reading behind the figure: this quarter's, or the last one before it."""
        return next((row.entry for row in self.rows if row.is_accepted), None)

    @property
    def asked(self) -> int:
        return sum(row.entry is not None for row in self.rows)

    @property
    def reported(self) -> int:
        return sum(row.is_accepted for row in self.rows)

    @property
    def chart_note(self) -> str:
        """The chart's legend in words."""
        unit = self.indicator.unit or "等级"
        planned = "，虚线方块为计划值" if any(row.planned for row in self.rows) else ""
        drawn = any(row.target.state != TargetState.PENDING for row in self.targets)
        wanted = "，红线为目标值" if drawn else ""
        if self.indicator.kind == Kind.TREND:
            wanted = "；要求是与上年同期相比，不画目标线"
        return f"{measure_words(self.indicator)}，{unit}；实线圆点为实际值{planned}{wanted}。"

    @property
    def quarters_left(self) -> int | None:
        """Quarters from the edition's to the one the requirement is due in; None when it is past."""
        if self.decisive is None:
            return None
        due, here = Quarter.of(self.decisive.target.due_on), self.edition.period
        left = 4 * (due.year - here.year) + due.number - here.quarter
        return left if left >= 0 else None


def _computed(term: str, words: str, say: str) -> Comparison:
    """A frozen result in words, or 无法计算 with its reason: the words are split at the colon."""
    head, _, why = words.partition("：")
    if head == "无法计算":
        return Comparison(term, head, why)
    return Comparison(term, words or "无法计算", say if words else "没有目标值")


def measure_words(indicator: Indicator) -> str:
    """How the judged value is made of the readings: 滚动四个季度，按天数加权平均."""
    if indicator.kind == Kind.DELIVERABLE:
        return "是否完成"
    if indicator.asked == Asked.YEARLY or indicator.combine == Combine.LAST:
        return Accumulation(indicator.accumulation).label
    span = "滚动四个季度" if indicator.span == Span.ROLLING else "本年"
    return f"{span}，{_MEASURES[Combine(indicator.combine)]}"


def indicator_page(indicator: Indicator, edition: Edition) -> IndicatorPage:
    """All quarters of the plan up to the edition (at most twenty for five years). Ten queries."""
    rows, all_targets = quarter_rows(indicator, edition), list(indicator.targets.all())
    targets = targets_in_force(all_targets, edition.cut_off, edition.known_at)
    lengths = {target.pk: len(life) for life in lives(all_targets) for target in life}
    figure = edition.of(Subject.INDICATOR, indicator.pk)
    decided = figure.detail.get("target") if figure else None
    return IndicatorPage(
        indicator=indicator,
        edition=edition,
        figure=figure,
        targets=[
            TargetRow(t, requirement_words(t, indicator), t.pk == decided, lengths[t.pk] - 1) for t in targets
        ],
        rows=rows,
        corrections=_corrections(indicator, edition),
        chart=trend_chart(indicator, rows, targets, plan_values_known(indicator, edition.known_at)),
        baseline=baseline_row(indicator, edition.cut_off, edition.known_at),
    )


def quarter_rows(indicator: Indicator, edition: Edition) -> list[QuarterRow]:
    """Every quarter up to the edition, newest first. Eight queries."""
    periods = list(Period.objects.until(edition.period).opened().select_related("plan"))
    if edition.known:
        periods = [p for p in periods if p.opened_at and p.opened_at < end_of_day(edition.known)]
    figures = series(recent(edition, len(periods) + 1), Subject.INDICATOR, [indicator.pk])
    own = figures.get(indicator.pk, {})
    entries = Entry.objects.filter(kind=EntryKind.READING, indicator=indicator, filing__period__in=periods)
    by_period = {entry.filing.period_id: entry for entry in with_filings(entries, edition)}
    planned = {value.on: value for value in plan_values_known(indicator, edition.known_at)}
    found = Vintage.objects.filter(entry__in=by_period.values()).select_related("by")
    if edition.known:
        found = found.filter(at__lt=end_of_day(edition.known))
    vintages = by_entry(found)
    rows = []
    for period in periods:
        entry = by_period.get(period.pk)
        later = vintages.get(entry.pk, []) if entry else []
        rows.append(QuarterRow(period, entry, own.get(period.pk), planned.get(period.last_day), later))
    return rows


def _corrections(indicator: Indicator, edition: Edition) -> list[Correction]:
    """Corrections of its readings up to the edition's period, newest first. One query."""
    versions = EntryVersion.objects.filter(
        entry__indicator=indicator, entry__filing__period__in=Period.objects.until(edition.period)
    )
    if edition.known:
        versions = versions.filter(at__lt=end_of_day(edition.known))
    found, last = [], None
    for version in versions.select_related("entry__filing__period", "entry__indicator", "by"):
        if version.correction_reason and last and last.entry_id == version.entry_id:
            found.append(Correction(version, last.content))
        last = version
    return sorted(found, key=_corrected_at, reverse=True)


def _corrected_at(correction: Correction) -> datetime:
    return correction.version.at


def trend_chart(
    indicator: Indicator, rows: list[QuarterRow], targets: Sequence[Target], planned: Sequence[PlanValue]
) -> dict[str, Any] | None:
    """None where a curve says nothing: no value yet, or only done or not done.

    A quarter that was asked and brought no value breaks the line. A trend's target is against the year before and
    no height of the chart; a target not assigned yet has none either.
    """
    actual = [
        Point(row.period.last_day, row.figure.value if row.figure and row.counts else None)
        for row in reversed(rows)
        if row.entry
    ]
    if indicator.kind == Kind.DELIVERABLE or not any(point.value is not None for point in actual):
        return None
    drawn = [] if indicator.kind == Kind.TREND else [t for t in targets if t.state != TargetState.PENDING]
    return indicator_trend(
        actual,
        [Point(value.on, value.value) for value in planned],
        [
            Goal(t.due_on, t.comparator, t.value, t.low, t.high, requirement_words(t, indicator))
            for t in drawn
        ],
        unit=indicator.unit,
        decimals=indicator.decimals,
        years=_years(indicator),
        levels=indicator.levels,
    )


def _years(indicator: Indicator) -> list[date]:
    """The last days of the plan's years, which the axis names."""
    return [date(year, 12, 31) for year in indicator.plan.years]

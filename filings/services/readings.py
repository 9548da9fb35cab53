"""Readings of indicators as the arithmetic takes them, and the change of light that one brings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from decimal import Decimal
from functools import partial

from django.db.models import OuterRef, Subquery, prefetch_related_objects

from filings.lights import LightChange, change
from filings.models import Entry, EntryVersion, Period, Vintage
from filings.terms import Decision, EntryKind, ValueState
from filings.vintages import by_entry, in_force
from targets.arithmetic import baseline_of, plan_values_of, requirements_of, rule_of, thresholds_of
from targets.measure import Quarter, Reading, ReadingState, Thresholds, judge
from targets.models import Plan
from targets.terms import Standing

#: What the arithmetic reads of an indicator; of a closed quarter also what was confirmed since.
ASKED = ("targets", "plan_values", "baseline_changes")
ASKED_CLOSED = (*ASKED, "plan_value_proposals")


def readings_until(period: Period, indicators: Collection[int] | None = None) -> dict[int, list[Reading]]:
    """Every reading asked up to this period, by indicator, oldest first; what was not accepted counts as not filed.

    A later vintage counts instead of the value that was filed. Of all indicators, or of these. Two queries.
    """
    asked = Entry.objects.filter(kind=EntryKind.READING, filing__period__in=Period.objects.until(period))
    if indicators is not None:
        asked = asked.filter(indicator__in=indicators)
    later = by_entry(Vintage.objects.filter(entry__in=asked))
    newest = EntryVersion.objects.filter(entry=OuterRef("pk")).order_by("-no")
    rows = asked.order_by("filing__period__year", "filing__period__quarter").values_list(
        "id",
        "filing__department__name",
        Subquery(newest.values("no")[:1]),
        Subquery(newest.values("correction_reason")[:1]),
        "indicator_id",
        "filing__period__year",
        "filing__period__quarter",
        "decision",
        "value_state",
        "value",
        "numerator",
        "denominator",
        "text",
    )
    readings: dict[int, list[Reading]] = defaultdict(list)
    for pk, unit, no, corrected, indicator, year, quarter, decision, *said in rows:
        if indicator is not None:
            here = Quarter(year, quarter)
            if vintage := in_force(later.get(pk, ())):
                parts = vintage.value, vintage.numerator, vintage.denominator
                reading = Reading(here, ReadingState.VALUE, *parts, vintage=vintage.label)
            elif decision == Decision.ACCEPTED:
                reading = replace(reading_of(here, *said), source=source_words(unit, no, corrected))
            else:
                reading = Reading(here, ReadingState.NOT_FILED)
            readings[indicator].append(reading)
    return readings


def source_words(unit: str, no: int | None, correction: str | None) -> str:
    """Who filed an entry and which version of it counts: 环保局报送第1版, 环保局更正第2版.

    `no` and the reason of its `correction` are those of its newest version; an entry that was never sent has none.
    """
    return f"{unit}{'更正' if correction else '报送'}{f'第{no}版' if no else ''}"


def reading_of(
    here: Quarter,
    state: str,
    value: Decimal | None,
    numerator: Decimal | None,
    denominator: Decimal | None,
    text: str,
) -> Reading:
    """What a reading says, as if it were accepted."""
    if state == ValueState.NO_DATA:
        return Reading(here, ReadingState.NO_DATA, reason=text)
    return Reading(here, ReadingState.VALUE, value, numerator, denominator)


def reading_changes(entries: Iterable[Entry]) -> dict[int, LightChange]:
    """The readings that change their indicator's light against a quarter earlier, by entry id; a grey light is none.

    Judged as the roll-up judges: from what is accepted, and now with this reading as if it were. The entries come
    `for_page`; the queries do not grow with them: one for each period among them, and five at most.
    """
    by_period: dict[Period, list[Entry]] = defaultdict(list)
    indicators = []
    for entry in entries:
        if entry.indicator and entry.value_state:
            by_period[entry.filing.period].append(entry)
            indicators.append(entry.indicator)
    is_any_closed = any(period.closed_at for period in by_period)
    prefetch_related_objects(indicators, *(ASKED_CLOSED if is_any_closed else ASKED))
    rules = rules_of(entry for asked in by_period.values() for entry in asked)
    changes = {}
    for period, asked in by_period.items():
        known = readings_until(period, {entry.subject.pk for entry in asked})
        for entry in asked:
            if found := _change(entry, known[entry.subject.pk], rules[period.pk]):
                changes[entry.pk] = found
    return changes


def rules_of(entries: Iterable[Entry]) -> dict[int, Thresholds]:
    """The thresholds the entries' periods are judged by, by period id.

    One query, and none where the first entry of each plan has the changes of its thresholds at hand.
    """
    periods: dict[int, Period] = {}
    plans: dict[int, Plan] = {}
    for entry in entries:
        period = periods.setdefault(entry.filing.period_id, entry.filing.period)
        plans.setdefault(period.plan_id, period.plan)
    prefetch_related_objects(list(plans.values()), "threshold_changes")
    return {
        pk: thresholds_of(plans[period.plan_id], period.last_day, period.closed_at)
        for pk, period in periods.items()
    }


def _change(entry: Entry, known: Iterable[Reading], thresholds: Thresholds) -> LightChange | None:
    indicator, period = entry.indicator, entry.filing.period
    if indicator is None:
        return None
    here = Quarter(period.year, period.quarter)
    before = [reading for reading in known if reading.quarter < here]
    said = reading_of(here, entry.value_state, entry.value, entry.numerator, entry.denominator, entry.text)
    light = partial(
        judge,
        rule_of(indicator),
        requirements_of(indicator, period.last_day),
        plan_values=plan_values_of(indicator, period.closed_at),
        baseline=baseline_of(indicator, period.last_day),
        thresholds=thresholds,
    )
    then = light(readings=before, quarter=here.shifted(-1)).standing
    now = light(readings=[*before, said], quarter=here).standing
    return change(then, now) if Standing.UNKNOWN not in (then, now) else None

"""Readings of indicators as the arithmetic takes them, and the light an indicator shows with one that was sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db.models import prefetch_related_objects

from filings.models import Entry, Period
from filings.terms import Decision, EntryKind, ValueState
from targets.arithmetic import baseline_of, plan_values_of, requirements_of, rule_of, thresholds_of
from targets.measure import Quarter, Reading, ReadingState, judge
from targets.models import Indicator
from targets.terms import Standing


def readings_until(period: Period, indicators: Collection[int] | None = None) -> dict[int, list[Reading]]:
    """Every reading asked up to this period, by indicator, oldest first; what was not accepted counts as not filed.

    Of all indicators, or of these. One query.
    """
    asked = Entry.objects.filter(kind=EntryKind.READING, filing__period__in=Period.objects.until(period))
    if indicators is not None:
        asked = asked.filter(indicator__in=indicators)
    rows = asked.order_by("filing__period__year", "filing__period__quarter").values_list(
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
    for indicator, year, quarter, decision, state, value, numerator, denominator, text in rows:
        if indicator is not None:
            here = Quarter(year, quarter)
            reading = (
                reading_of(here, state, value, numerator, denominator, text)
                if decision == Decision.ACCEPTED
                else Reading(here, ReadingState.NOT_FILED)
            )
            readings[indicator].append(reading)
    return readings


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


def reading_lights(entries: Iterable[Entry]) -> dict[int, tuple[Standing, Standing]]:
    """The indicator's light one quarter earlier, from what is accepted, and with this reading, by entry id.

    The judgement is the roll-up's. The entries come `for_page`. The queries do not grow with them; one for each period among them and two.
    """
    readings = [e for e in entries if e.kind == EntryKind.READING and e.value_state]
    if not readings:
        return {}
    indicators = {entry.indicator.pk: entry.indicator for entry in readings if entry.indicator}
    prefetch_related_objects(list(indicators.values()), "targets", "plan_values")
    by_period: dict[Period, list[Entry]] = defaultdict(list)
    for entry in readings:
        by_period[entry.filing.period].append(entry)
    lights = {}
    for period, asked in by_period.items():
        known = readings_until(period, {entry.subject.pk for entry in asked})
        for entry in asked:
            indicator = indicators[entry.subject.pk]
            lights[entry.pk] = _lights(indicator, known[indicator.pk], entry)
    return lights


def _lights(indicator: Indicator, known: Iterable[Reading], entry: Entry) -> tuple[Standing, Standing]:
    period = entry.filing.period
    here = Quarter(period.year, period.quarter)
    before = [reading for reading in known if reading.quarter < here]
    said = reading_of(here, entry.value_state, entry.value, entry.numerator, entry.denominator, entry.text)

    def light(readings: list[Reading], quarter: Quarter) -> Standing:
        return judge(
            rule_of(indicator),
            requirements_of(indicator),
            readings,
            quarter,
            plan_values=plan_values_of(indicator),
            baseline=baseline_of(indicator),
            thresholds=thresholds_of(period.plan),
        ).standing

    return light(before, here.shifted(-1)), light([*before, said], here)

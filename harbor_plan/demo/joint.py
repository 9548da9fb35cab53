"""What cooperating departments countersigned, in the quarters of the demonstration that are countersigned at all."""

from __future__ import annotations

from datetime import datetime, timedelta

from filings.models import Countersignature, Entry, Period
from filings.queries.joint import countersigned
from filings.terms import Consent, EntryKind
from harbor_plan.demo.days import moment
from harbor_plan.demo.people import Cast
from harbor_plan.demo.tables import Row, Tables
from harbor_plan.lib.moments import local_day
from targets.measure.quarters import Quarter

#: How countersigned.csv names a word; a department may also say nothing at all.
CONSENTS = {consent.label: consent for consent in Consent}
SILENT = "未会签"
WORDS: dict[str, Consent | None] = {**CONSENTS, SILENT: None}


def countersign(period: Period, tables: Tables, cast: Cast, *, is_over: bool, by: datetime) -> None:
    """The words of the table; in a quarter that is over (`is_over`) everybody else agreed a day later.

    Nothing is said after `by`, nor on words that were sent after the period's deadline for it.
    """
    if period.countersign_by is None:
        return
    written = _written(period, tables)
    entries = Entry.objects.for_page().filter(kind=EntryKind.PROGRESS, filing__period=period)
    asked = countersigned(entries, period.opens_at)
    signatures = []
    for found in asked.values():
        for word in found.words:
            row = written.pop((found.entry.number, word.department.name), None)
            consent = row.one_of("consent", WORDS) if row else Consent.CONFIRMED if is_over else None
            if consent is None or found.version is None or found.version.at > period.countersign_by:
                continue
            at = moment(local_day(found.version.at) + timedelta(days=1), "10:30")
            signatures.append(
                Countersignature(
                    entry=found.entry,
                    department=word.department,
                    consent=consent,
                    text=row.text("text") if row else "",
                    version_no=found.version.no,
                    by=cast.filers[word.department.pk],
                    at=min(at, period.countersign_by, by),
                )
            )
    Countersignature.objects.bulk_create(signatures)
    for row in written.values():
        raise row.error("department", "本季不会签这项任务，或牵头单位还没有报送。")


def _written(period: Period, tables: Tables) -> dict[tuple[str, str], Row]:
    """The rows of this quarter by task number and department."""
    quarter = Quarter(period.year, period.quarter)
    rows = [row for row in tables.countersigned if row.quarter("quarter") == quarter]
    return {(row.text("task_no"), row.text("department")): row for row in rows}

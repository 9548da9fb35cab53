"""What follows from the filings: publications of the closed quarters and corrections, through the real services."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from filings.models import Entry, Period
from filings.terms import EntryKind
from harbor_plan.demo.content import reading
from harbor_plan.demo.days import moment
from harbor_plan.demo.tables import Row, Tables, cell
from reports.services import correct, publish
from targets.measure.quarters import Quarter


def close_quarter(period: Period, tables: Tables, *, by: User, at: datetime) -> None:
    """Publish version 1, which closes the quarter, and one more version for each correction."""
    publish(period=period, by=by, at=at)
    for row in tables.corrections:
        if row.quarter("quarter") == Quarter(period.year, period.quarter):
            _correct(period, row, by=by)


def _correct(period: Period, row: Row, *, by: User) -> None:
    readings = Entry.objects.accepted().filter(filing__period=period, kind=EntryKind.READING)
    entry = readings.for_page().filter(indicator__code=row.text("indicator")).first()
    if entry is None or entry.indicator is None:
        raise row.error("indicator", f"{period}没有采纳的数值可以更正。")
    values = reading(entry.indicator, cell(row, "value"))
    correct(entry=entry, values=values, reason=row.text("reason"), by=by, at=moment(row.day("on"), "15:00"))

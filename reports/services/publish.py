"""Freezing a period's figures. Version 1 closes the quarter; a correction makes the next version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import Refused
from filings.models import Entry, Filing, Period
from filings.services.access import need_reviewer
from filings.services.entries import correct_entry
from filings.services.windows import mark_closed
from reports.models import FIGURE_FIELDS, Publication, PublishedFigure, Summary
from reports.services.refresh import refresh_from
from targets.arithmetic import thresholds_of
from targets.measure import SOURCE
from targets.measure.numbers import shortened
from tasks.services.access import hold_year

#: The length of a publication's reason.
_REASON = 300


@transaction.atomic
def publish(*, period: Period, reason: str = "", by: User, at: datetime) -> Publication:
    """Freeze the figures as they stand: the first time this closes the quarter, later it needs a reason.

    Refused to anyone but the office, before the deadline, and when nothing has changed since the last version.
    """
    if not by.holds(Role.OFFICE):
        raise Refused("permission", f"发布由{period.plan.office}办理。")
    period = _held(period)
    last = Publication.objects.filter(period=period).last()
    if last is None:
        if at <= period.due_at:
            raise Refused("window", f"{period}尚未到报送截止时间，不能关账发布。")
        hold_year(period.plan_id, period.year)  # the quarter reads the versions approved before it closes
        mark_closed(period=period, by=by, at=at)
    elif not reason.strip():
        raise Refused("content", f"{period}已发布第{last.version}版，再发布须写明更正理由。")
    refresh_from(period_id=period.pk, at=at)
    if last and not differences(last, period):
        raise Refused("status", f"与{last}相比没有变化，无须发布新版本。")
    publication = Publication.objects.create(
        period=period,
        version=last.version + 1 if last else 1,
        at=at,
        by=by,
        reason=reason.strip() if last else "",
        rule=_rule(period),
    )
    summaries = Summary.objects.filter(period=period)
    PublishedFigure.objects.bulk_create(
        PublishedFigure(publication=publication, **{name: getattr(row, name) for name in FIGURE_FIELDS})
        for row in summaries
    )
    record(
        verb="publication.create",
        subject=publication,
        by=by,
        at=at,
        after={"version": publication.version},
        note=reason,
    )
    return publication


def _rule(period: Period) -> dict[str, str]:
    """The thresholds its figures were made with."""
    rule = thresholds_of(period.plan, period.last_day, period.closed_at)
    return {"behind_above": f"{rule.behind_above:.2f}", "late_above": f"{rule.late_above:.2f}"}


@transaction.atomic
def correct(*, entry: Entry, values: Mapping[str, Any], reason: str, by: User, at: datetime) -> Publication:
    """Correct an accepted entry of a closed quarter and publish the quarter's next version, in one step."""
    need_reviewer(entry.filing, by)
    _held(entry.filing.period)
    corrected = correct_entry(entry=entry, values=values, reason=reason, by=by, at=at)
    why = shortened(f"{corrected.title}：{reason.strip()}", _REASON)  # in full with the entry's version
    return publish(period=corrected.filing.period, reason=why, by=by, at=at)


def _held(period: Period) -> Period:
    """The period, with its filings held still to the end of the transaction, so that no decision falls between two
    figures of one version. Everybody locks in this order: period, filings, annual plans, boards oldest first.

    NO KEY leaves others free to insert rows that refer to the period or to its filings.
    """
    held = Period.objects.select_for_update(of=("self",), no_key=True).select_related("plan__office")
    period = held.get(pk=period.pk)
    filings = Filing.objects.select_for_update(no_key=True).filter(period=period).order_by("pk")
    list(filings.values_list("pk", flat=True))
    return period


def differences(
    publication: Publication, period: Period
) -> list[tuple[PublishedFigure | None, Summary | None]]:
    """What the period's summaries have that the publication has otherwise: pairs of then and now."""
    then = {(f.subject, f.subject_id): f for f in PublishedFigure.objects.filter(publication=publication)}
    now = {(f.subject, f.subject_id): f for f in Summary.objects.filter(period=period)}
    pairs = [(then.get(key), now.get(key)) for key in {**then, **now}]
    return [(a, b) for a, b in pairs if a is None or b is None or not _same(a, b)]


def _same(then: PublishedFigure, now: Summary) -> bool:
    """Whether both say the same, and came to it the same way; a version that only words another text is no change."""
    return all(_said(then, name) == _said(now, name) for name in FIGURE_FIELDS)


def _said(figure: PublishedFigure | Summary, name: str) -> Any:
    said = getattr(figure, name)
    if name != "detail":
        return said
    steps = [step for step in said.get("steps", ()) if step[0] != SOURCE]
    return {key: value for key, value in said.items() if key != "version"} | {"steps": steps}

"""Verified values and those a superior body sent back: recorded beside the filed value, with their document."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.services import record
from filings.errors import Refused
from filings.models import Entry, Filing, Vintage
from filings.services.access import need_reviewer
from filings.services.entries import blocking, write
from filings.signals import announce
from filings.terms import Decision, EntryKind, ValueState, VintageKind
from filings.vintages import by_entry as by_entry
from filings.vintages import in_force as in_force
from harbor_plan.lib.moments import local_day


@transaction.atomic
def record_vintage(
    *,
    entry: Entry,
    kind: VintageKind,
    values: Mapping[str, Decimal | None],
    doc_no: str,
    doc_on: date,
    note: str = "",
    by: User,
    at: datetime,
) -> Vintage:
    """Add a later value of a reading: `values` holds value, or numerator and denominator of a rate.

    Recording one is not a filing: status, times and timeliness stay. Of a quarter that is not closed only an accepted
    reading has one; of a closed one also a reading that was never filed. Raises Refused: permission for whoever may
    not review the filing, status, content.
    """
    need_reviewer(entry.filing, by)
    Filing.objects.select_for_update(no_key=True).get(pk=entry.filing_id)
    entry = Entry.objects.for_page().get(pk=entry.pk)
    if entry.kind != EntryKind.READING:
        raise Refused("content", "只有指标数据可以登记核定值。")
    if entry.decision != Decision.ACCEPTED and entry.filing.period.closed_at is None:
        raise Refused("status", "本项尚未采纳，请先审核报送的数；关账后仍未报送的，可以登记核定值。")
    if not doc_no.strip():
        raise Refused("content", "请填写核定或反馈的文号。")
    if doc_on > local_day(at):
        raise Refused("content", "文件日期不能晚于今天。")
    said = copy(entry)
    said.decision = Decision.OPEN
    write(said, {**values, "value_state": ValueState.VALUE, "explanation": "核定"}, {})
    if problems := blocking(said):
        raise Refused("content", problems[0].sentence)
    assert said.value is not None
    last = in_force(Vintage.objects.filter(entry=entry, kind=kind))
    if last and _same(last, said) and last.doc_no == doc_no.strip():
        raise Refused("content", f"{last.label}已登记同一数值，无须重复登记。")
    vintage = Vintage.objects.create(
        entry=entry,
        kind=kind,
        value=said.value,
        numerator=said.numerator,
        denominator=said.denominator,
        doc_no=doc_no.strip(),
        doc_on=doc_on,
        note=note.strip(),
        by=by,
        at=at,
    )
    record(
        verb="entry.vintage",
        subject=entry,
        by=by,
        at=at,
        before=_plain(last or entry),
        after={**_plain(vintage), "数据版次": vintage.get_kind_display(), "文号": vintage.doc_no},
        note=note.strip(),
    )
    announce(entry.filing.period_id)
    return vintage


def _same(vintage: Vintage, said: Entry) -> bool:
    return all(
        getattr(vintage, name) == getattr(said, name) for name in ("value", "numerator", "denominator")
    )


def _plain(row: Vintage | Entry) -> dict[str, Any]:
    return {"数值": None if row.value is None else format(row.value.normalize(), "f")}

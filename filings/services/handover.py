"""Passing what a department still owes in open quarters to its successors.

What was accepted stays under the name of its time. Everything else of a quarter that is not closed goes to the
successor: the whole filing where it can, else its entries, into the filing that the successor has itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import User
from departments.models import Department
from filings.errors import Refused
from filings.models import Entry, Exemption, Extension, Filing, Move, Period
from filings.services.access import latest_extension
from filings.signals import announce
from filings.terms import Decision, EntryKind, Status
from tasks.models import Responsibility

#: Where a filing lies with its department: what two departments have there can be put together.
WITH_DEPARTMENT = frozenset({Status.DRAFT, Status.AWAITING_SIGNOFF, Status.RETURNED})
#: What a filing that continues another has of it, so that what was sent in time stays so.
_CONTINUED = (
    "status", "filled_by", "signed_by", "checked_by", "checked_at", "begun_at", "first_submitted_at", "submitted_at",
    "submissions",
)  # fmt: skip


@dataclass
class PassedFiling:
    """What became of one open filing: entries that went over to `to`, that two had and one keeps, that stayed."""

    filing: Filing
    to: Department
    moved: int = 0
    dropped: int = 0
    stayed: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """In a sentence, e.g. “3 项转入；1 项双方都有，合为一项；2 项已采纳，保留原名”."""
        parts = [f"{self.moved} 项转由{self.to}报送"]
        if self.dropped:
            parts.append(f"{self.dropped} 项双方都有，合为一项")
        if self.stayed:
            parts.append(f"{self.stayed} 项已采纳，保留原单位名称")
        return "；".join([*parts, *self.notes])


def open_filings(department: Department) -> list[Filing]:
    """The department's filings of quarters that are opened and not closed, oldest first."""
    filings = Filing.objects.filter(department=department, period__closed_at=None, exemption=None)
    filings = filings.exclude(period__opened_at=None).select_related("period__plan__office", "department")
    return list(filings.order_by("period__year", "period__quarter", "period"))


def pass_filing(
    filing: Filing,
    *,
    taker: Callable[[Entry], Department | None],
    rows: Mapping[int, Responsibility],
    reason: str,
    by: User,
    at: datetime,
) -> list[PassedFiling]:
    """Pass an open filing's undecided entries to whoever takes them; nobody takes what stays where it is.

    `rows` says by the number of an ended row which one holds in this quarter instead. The period and the filings are
    locked. Raises Refused (status) when two filings cannot be put together as they stand, or the successor is exempt.
    """
    period = Period.objects.select_for_update().get(pk=filing.period_id)
    if period.closed_at:
        raise Refused("status", f"{period}刚刚关账，请重新预览。")
    filing = _locked(filing.pk)
    entries = list(filing.entries.select_related("responsibility", "milestone", "indicator").order_by("id"))
    accepted = sum(entry.decision == Decision.ACCEPTED for entry in entries)
    parts: dict[Department, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.decision != Decision.ACCEPTED and (to := taker(entry)):
            parts[to].append(entry)
    left = len(entries) - accepted - sum(map(len, parts.values()))
    passed = []
    for to, own in parts.items():
        result = PassedFiling(filing, to, stayed=accepted)
        if len(parts) == 1 and not accepted and not left and not _has_filing(filing, to):
            _whole(filing, to, by, at, reason)
            _repoint(own, rows)
            result.moved = len(own)
        else:
            _part(filing, own, rows, result, by, at, reason)
        _extend_too(filing, to, by, at)
        passed.append(result)
    if passed and not left:
        _settle(filing, passed, accepted, by, at, reason)
    announce(period.pk)
    return passed


def _locked(pk: int) -> Filing:
    held = Filing.objects.select_for_update(of=("self",)).select_related("period__plan__office", "department")
    return held.get(pk=pk)


def _has_filing(filing: Filing, to: Department) -> bool:
    return Filing.objects.filter(period=filing.period_id, department=to).exists()


def _moved(filing: Filing, note: str, by: User, at: datetime, to: Status | None = None) -> None:
    """Say in the history of a filing what the reorganisation did to it; `to` is the status it has from now on."""
    Move.objects.create(
        filing=filing,
        verb="reorganise",
        from_status=filing.status if to else "",
        to_status=to or "",
        by=by,
        at=at,
        note=note,
    )
    if to:
        Filing.objects.filter(pk=filing.pk).update(status=to)
        filing.status = to


def _whole(filing: Filing, to: Department, by: User, at: datetime, reason: str) -> None:
    """The filing as it stands becomes the successor's, in whatever status."""
    Filing.objects.filter(pk=filing.pk).update(department=to)
    _moved(filing, f"{reason}，本份报送由{filing.department}转由{to}报送", by, at)


def _repoint(entries: list[Entry], rows: Mapping[int, Responsibility]) -> None:
    """Answer for the row of the table that holds now."""
    for entry in entries:
        if row := rows.get(entry.responsibility_id or 0):
            Entry.objects.filter(pk=entry.pk).update(responsibility=row)


def _part(
    filing: Filing,
    entries: list[Entry],
    rows: Mapping[int, Responsibility],
    result: PassedFiling,
    by: User,
    at: datetime,
    reason: str,
) -> None:
    """The entries go into the successor's own filing, which continues the predecessor's where there is none."""
    target = _target(filing, result.to, by, at)
    _need_together(filing, target)
    theirs = list(target.entries.order_by("id"))
    for entry in entries:
        _into(entry, target, theirs, rows, result)
    note = f"{reason}，{filing.department}的 {result.moved} 项转入{result.to}的报送"
    for one in (filing, target):
        waits = one.status == Status.AWAITING_SIGNOFF
        _moved(one, note, by, at, Status.DRAFT if waits else None)
        if waits:
            result.notes.append(f"{one.department}待签发的报送回到填报中")


def _target(filing: Filing, to: Department, by: User, at: datetime) -> Filing:
    found = Filing.objects.filter(period=filing.period_id, department=to).first()
    if found is None:
        found = Filing.objects.create(
            period=filing.period, department=to, **{name: getattr(filing, name) for name in _CONTINUED}
        )
        Move.objects.create(filing=found, verb="open", to_status=found.status, by=by, at=at)
    return _locked(found.pk)


def _need_together(filing: Filing, target: Filing) -> None:
    """Refuse to put together what is with the office, or sent already, with what is not."""
    period, office = filing.period, filing.period.plan.office
    if target.exemption_id:
        raise Refused(
            "status",
            f"{target.department}在{period}免报，不能承接{filing.department}的应报事项；请先撤销免报。",
        )
    for one, word in ((filing, "转出"), (target, "转入")):
        if one.status not in WITH_DEPARTMENT:
            raise Refused(
                "status",
                f"{one.department}{period}的报送目前为“{Status(one.status).label}”，应报事项现在不能{word}；"
                f"请{office}先审结或退回，或在该季关账后办理。",
            )


def _into(
    entry: Entry,
    target: Filing,
    theirs: list[Entry],
    rows: Mapping[int, Responsibility],
    result: PassedFiling,
) -> None:
    """One entry into the successor's filing. Of two for one matter an untouched one goes; nothing written is lost."""
    row = rows.get(entry.responsibility_id or 0)
    same = [other for other in theirs if _same_matter(entry, other, row)]
    if same and _is_untouched(entry) and not _outranks(entry, same):
        entry.delete()
        result.dropped += 1
        return
    for other in [other for other in same if _is_untouched(other)]:
        other.delete()
        theirs.remove(other)
        same.remove(other)
        result.dropped += 1
    if same and entry.kind == EntryKind.SUMMARY:
        raise Refused(
            "status",
            f"{result.to}和{result.filing.department}都已填写{entry.filing.period}“{entry.title}”小结，请先清空其中一份。",
        )
    if row is not None and not any(other.responsibility_id == row.pk for other in same):
        entry.responsibility = row
    elif same:
        result.notes.append(f"“{entry.title}”双方都已填写，两项并列，保留原文")
    entry.filing = target
    entry.save(update_fields=["filing", "responsibility"])
    result.moved += 1


def _same_matter(entry: Entry, other: Entry, row: Responsibility | None) -> bool:
    """Whether the successor is asked the same already: the task of a row that holds now, or the same action."""
    if entry.kind == EntryKind.SUMMARY:
        return other.action_id == entry.action_id and other.kind == EntryKind.SUMMARY
    return (
        row is not None and other.responsibility is not None and other.responsibility.task_id == row.task_id
    )


def _outranks(entry: Entry, others: list[Entry]) -> bool:
    """Whether this is the lead's entry and the others are contributions: the lead stays."""
    return entry.kind == EntryKind.PROGRESS and all(other.kind != EntryKind.PROGRESS for other in others)


def _is_untouched(entry: Entry) -> bool:
    """Whether nobody wrote anything in it, nor said anything about it."""
    return (
        entry.edited_at is None
        and entry.decision == Decision.OPEN
        and not entry.attachments.exists()
        and not entry.versions.exists()
        and not entry.moves.exists()
        and not entry.remarks.exists()
        and not entry.countersignatures.exists()
    )


def _extend_too(filing: Filing, to: Department, by: User, at: datetime) -> None:
    """More time that the predecessor was given holds for its successor, unless that has as much."""
    own = latest_extension(filing.period, filing.department_id)
    has = latest_extension(filing.period, to.pk)
    if own and (has is None or has.until < own.until):
        Extension.objects.create(
            period=filing.period,
            department=to,
            until=own.until,
            reason=f"承接{filing.department}的延期：{own.reason}"[:300],
            approver=own.approver,
            recorded_by=by,
            recorded_at=at,
        )


def _settle(
    filing: Filing, passed: list[PassedFiling], accepted: int, by: User, at: datetime, reason: str
) -> None:
    """What is left of the predecessor's filing: accepted entries make it accepted, nothing makes it exempt."""
    if not Filing.objects.filter(pk=filing.pk, department=filing.department_id).exists():
        return  # it went over as a whole
    if accepted:
        _moved(filing, f"{reason}，留在本单位的事项均已采纳", by, at, Status.ACCEPTED)
        return
    if filing.first_submitted_at:
        raise Refused(
            "status",
            f"{filing.department}{filing.period}的报送已被退回，还没有一项采纳，不能并入{passed[0].to}的报送；"
            f"请改报并由{filing.period.plan.office}审结后再办理。",
        )
    exemption = Exemption.objects.create(
        period=filing.period,
        department=filing.department,
        reason=f"{reason}，应报事项转由{'、'.join(str(one.to) for one in passed)}报送"[:300],
        approver=str(filing.period.plan.office),
        recorded_by=by,
        recorded_at=at,
    )
    Filing.objects.filter(pk=filing.pk).update(exemption=exemption, status=Status.DRAFT)
    Move.objects.create(
        filing=filing, verb="exempt", to_status=Status.DRAFT, by=by, at=at, note=exemption.reason
    )

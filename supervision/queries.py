"""Reading the matrix of one period, and who was reminded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, ExpressionWrapper

from accounts.models import User
from filings.models import Entry, Extension, Filing, Period
from filings.models.entry import filled
from filings.services.access import extensions_of, timeliness_of
from filings.terms import Decision, EntryKind, Status, Timeliness
from supervision.matrix import GROUPS, STATES, WORST_FIRST, Mark, Matrix, Row, Share, bands_of, columns_of
from supervision.models import Notice
from supervision.terms import SIGNED_FOR, NoticeKind
from tasks.models import Role, Task

#: Notices beside the matrix.
RECENT = 12


def matrix(period: Period, *, at: datetime) -> Matrix:
    """The matrix of a period that comes with its plan. Five queries, however many departments, tasks and quarters."""
    tasks = list(
        Task.objects.filter(action__plan=period.plan_id).in_use(period.last_day).select_related("action")
    )
    filings = list(Filing.objects.filter(period=period).select_related("department"))
    extensions = extensions_of(period)
    reminded = _last_reminders(period)
    owed = _obligations(period)
    rows = []
    legend: Counter[str] = Counter()
    for filing in filings:
        filing.period = period
        row = _row(
            filing,
            owed[filing.pk],
            tasks,
            extensions.get(filing.department_id),
            reminded.get(filing.department_id),
            at,
        )
        rows.append(row)
        legend.update(_state(o, filing, row.is_overdue) for o in owed[filing.pk])
    order = list(GROUPS)
    rows.sort(key=lambda row: (order.index(row.group), row.filing.department.order, row.filing.department_id))
    columns = columns_of(tasks)
    return Matrix(period, bands_of(columns), columns, tuple(rows), legend)


def recent_notices(period: Period, *, user: User) -> list[Notice]:
    """The newest reminders, overdue marks, extensions, exemptions and orders of a period that this person may see."""
    kinds = [*SIGNED_FOR, NoticeKind.ORDER, NoticeKind.EXEMPTION]
    notices = Notice.objects.visible_to(user).filter(period=period, kind__in=kinds)
    return list(notices.select_related("department", "by", "read_by")[:RECENT])


# One row


@dataclass(frozen=True)
class _Obligation:
    """One entry as the matrix needs it."""

    kind: str
    task: int | None
    is_lead: bool
    name: str
    decision: str
    is_filled: bool


def _obligations(period: Period) -> dict[int, list[_Obligation]]:
    """Every entry of a period by filing id."""
    found: dict[int, list[_Obligation]] = defaultdict(list)
    is_filled = ExpressionWrapper(filled(), output_field=BooleanField())
    entries = Entry.objects.filter(filing__period=period).annotate(is_filled=is_filled)
    entries = entries.order_by("position", "id")
    for row in entries.values_list(
        "filing_id",
        "kind",
        "responsibility__task_id",
        "responsibility__role",
        "action__name",
        "milestone__name",
        "indicator__name",
        "decision",
        "is_filled",
    ):
        filing_id, kind, task, role, *names, decision, is_filled = row
        name = next((name for name in names if name), "")
        found[filing_id].append(_Obligation(kind, task, role == Role.LEAD, name, decision, bool(is_filled)))
    return found


def _last_reminders(period: Period) -> dict[int, Notice]:
    """The newest reminder to each department in this period, by department id."""
    notices = Notice.objects.filter(period=period, kind=NoticeKind.REMINDER).order_by("at", "id")
    return {notice.department_id: notice for notice in notices}


def _group_of(filing: Filing) -> str:
    if filing.exemption_id:
        return "exempt"
    if filing.first_submitted_at is None:
        return "missing"
    if filing.status == Status.SUBMITTED:
        return "waiting"
    return "accepted" if filing.status == Status.ACCEPTED else "returned"


def _state(obligation: _Obligation, filing: Filing, is_overdue: bool) -> str:
    """Where one obligation stands, as a key of the legend."""
    if filing.exemption_id:
        return "exempt"
    if obligation.decision == Decision.ACCEPTED:
        return "accepted"
    if obligation.decision == Decision.RETURNED:
        return "back"
    if filing.status == Status.SUBMITTED:
        return "sent"
    if filing.status == Status.AWAITING_SIGNOFF:
        return "sign"
    if filing.first_submitted_at:
        return "back"
    if obligation.is_filled:
        return "draft"
    return "over" if is_overdue else "todo"


def _row(
    filing: Filing,
    owed: Sequence[_Obligation],
    tasks: Sequence[Task],
    extension: Extension | None,
    reminded: Notice | None,
    at: datetime,
) -> Row:
    timeliness = timeliness_of(filing, extension, at)
    is_overdue = timeliness == Timeliness.MISSING
    cells: dict[int, list[_Obligation]] = defaultdict(list)
    for obligation in owed:
        if obligation.task:
            cells[obligation.task].append(obligation)

    def mark(of: Sequence[_Obligation], what: str) -> Mark:
        key = min((_state(o, filing, is_overdue) for o in of), key=WORST_FIRST.index)
        is_lead = any(o.is_lead for o in of)
        role = f" {Role.LEAD.label if is_lead else Role.COOPERATING.label}" if of[0].task else ""
        return Mark(key, f"{filing.department} {what}{role} {STATES[key][2]}", is_lead)

    def share(kind: EntryKind) -> Share | None:
        of = [o for o in owed if o.kind == kind]
        sent = len(of) if filing.first_submitted_at else 0
        return Share(sent, len(of), mark(of, _listed(of, kind))) if of else None

    return Row(
        filing=filing,
        group=_group_of(filing),
        timeliness=timeliness,
        extension=extension,
        marks=tuple(mark(cells[t.pk], str(t)) if t.pk in cells else None for t in tasks),
        summary=share(EntryKind.SUMMARY),
        milestones=share(EntryKind.MILESTONE),
        readings=share(EntryKind.READING),
        sent=len(owed) if filing.first_submitted_at else 0,
        owed=0 if filing.exemption_id else len(owed),
        complete=sum(o.is_filled for o in owed),
        accepted=sum(o.decision == Decision.ACCEPTED for o in owed),
        reminded=reminded,
    )


def _listed(of: Sequence[_Obligation], kind: EntryKind) -> str:
    """What a share covers: the name of the only one, or how many."""
    return f"{kind.label} {of[0].name}" if len(of) == 1 else f"{kind.label} {len(of)} 项"

"""How a quarter's filing stands: a line for each department, and a line for everything it owes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from filings.models import Entry, Filing, Period
from filings.queries.known import entries_before, filings_before
from filings.rules import WRITABLE
from filings.services.access import extensions_of, timeliness_of
from filings.services.entries import is_untouched_return
from filings.terms import Decision, EntryKind, Status, Timeliness
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local
from harbor_plan.lib.templatetags.harbor import STATES
from harbor_plan.lib.xlsx import Column, Form, Kind, Value, form_workbook
from reports.editions import end_of_day
from reports.exports.parts import File, date_words, marked, share, unit_words
from reports.queries.filing_states import DepartmentState
from tasks.models import Role


@transaction.atomic
def state_file(*, period: Period, by: User, at: datetime, known: date | None = None) -> File:
    """A quarter's filing as it stands, now or at the end of a day: everything that departments this person may see owe."""
    lines = filing_lines(period, by, at, known)
    plan = period.plan
    title = f"{plan.short_name}{period}报送情况表{f'（{zh.day(known)}日终）' if known else ''}"
    left, right = unit_words(plan), date_words(at, "项")
    forms = [
        Form(
            sheet="报送情况",
            title=marked(title, plan),
            columns=_STATE_COLUMNS,
            rows=[_state_row(number, line) for number, line in enumerate(lines, 1)],
            notes=[_state_total(lines, at)],
            left=left,
            right=right,
        ),
        Form(
            sheet="应报事项",
            title=marked(f"{plan.short_name}{period}应报事项", plan),
            columns=_ENTRY_COLUMNS,
            rows=[_entry_row(line, entry) for line in lines for entry in line.entries],
            left=left,
            right=right,
        ),
    ]
    record(verb="state.export", subject=period, by=by, at=at, after={"单位": len(lines)})
    return File(f"{title}.xlsx", form_workbook(forms))


@dataclass(frozen=True)
class FilingLine:
    """One department's filing with everything it owes."""

    state: DepartmentState
    entries: list[Entry]
    extended_until: datetime | None

    @property
    def filing(self) -> Filing:
        return self.state.filing

    @property
    def returned(self) -> int:
        """Entries that wait to be mended."""
        return sum(entry.decision in _RETURNED for entry in self.entries)


def filing_lines(period: Period, user: User, at: datetime, known: date | None = None) -> list[FilingLine]:
    """The filings of a period this user may see, in the order of the departments. Three queries, or six.

    With `known` as they stood at the end of that day; of a draft nobody knows afterwards how far it was.
    """
    asked = list(Entry.objects.visible_to(user).filter(filing__period=period).for_page())
    found = list(
        Filing.objects.visible_to(user)
        .filter(period=period)
        .select_related("department")
        .order_by("department__order", "department_id")
    )
    extensions = extensions_of(period)
    if known:
        at = min(at, end_of_day(known))
        asked, found = entries_before(asked, at), filings_before(found, at)
        extensions = extensions_of(period, at)
    owed: dict[int, list[Entry]] = defaultdict(list)
    for entry in asked:
        entry.is_complete = entry.is_complete and not (known and entry.filing.first_submitted_at is None)
        owed[entry.filing_id].append(entry)
    lines = []
    for filing in found:
        filing.period = period
        entries, extension = owed[filing.pk], extensions.get(filing.department_id)
        state = DepartmentState(
            filing=filing,
            owed=len(entries),
            complete=sum(entry.is_complete and not is_untouched_return(entry) for entry in entries),
            accepted=sum(entry.decision == Decision.ACCEPTED for entry in entries),
            timeliness=timeliness_of(filing, extension, at),
        )
        lines.append(FilingLine(state, entries, extension.until if extension else None))
    return lines


_RETURNED = frozenset({Decision.RETURNED, Decision.SENT_BACK})

_STATE_COLUMNS = (
    Column("序号", 6, Kind.NUMBER),
    Column("单位", 26),
    Column("性质", 14, Kind.CODE),
    Column("状态", 11, Kind.CODE),
    Column("时效", 10, Kind.CODE),
    Column("首次报送", 17, Kind.MOMENT),
    Column("最近报送", 17, Kind.MOMENT),
    Column("延期至", 17, Kind.MOMENT),
    Column("退回\n次数", 7, Kind.NUMBER),
    Column("应报", 7, Kind.NUMBER),
    Column("已填", 7, Kind.NUMBER),
    Column("已采纳", 8, Kind.NUMBER),
    Column("采纳率", 9, Kind.PERCENT),
    Column("退回\n待改", 7, Kind.NUMBER),
)


def _state_row(number: int, line: FilingLine) -> list[Value]:
    state, filing = line.state, line.filing
    return [
        number,
        filing.department.name,
        filing.department.get_kind_display(),
        STATES[state.state][1],
        state.timeliness.label,
        filing.first_submitted_at,
        filing.submitted_at,
        line.extended_until,
        filing.returns,
        state.owed,
        state.complete,
        state.accepted,
        share(state.accepted, state.owed),
        line.returned,
    ]


def _state_total(lines: Sequence[FilingLine], at: datetime) -> str:
    """What the table adds up to, as of when."""
    exempt = sum(line.state.is_exempt for line in lines)
    lines = [line for line in lines if not line.state.is_exempt]
    sent = [line for line in lines if line.filing.first_submitted_at is not None]
    timeliness = Counter(line.state.timeliness for line in sent)
    counted = "、".join(f"{key.label}{timeliness[key]}家" for key in Timeliness if timeliness[key])
    accepted, owed = sum(line.state.accepted for line in lines), sum(line.state.owed for line in lines)
    return (
        f"截至{zh.moment(local(at))}：应报{len(lines)}家，已报{len(sent)}家{f'（{counted}）' if counted else ''}，"
        f"未报{len(lines) - len(sent)}家；"
        f"应报{owed}项，已采纳{accepted}项。{f'另有{exempt}家免报。' if exempt else ''}"
    )


_ENTRY_COLUMNS = (
    Column("单位", 24),
    Column("种类", 15, Kind.CODE),
    Column("编号", 7, Kind.CODE),
    Column("事项", 46),
    Column("角色", 18, Kind.CODE),
    Column("条款", 16),
    Column("状态", 12, Kind.CODE),
    Column("退回原因", 22),
    Column("退回意见", 40),
)


def _entry_row(line: FilingLine, entry: Entry) -> list[Value]:
    return [
        line.filing.department.name,
        EntryKind(entry.kind).label,
        entry.number,
        entry.title,
        entry_role(entry, line.filing),
        entry.clause,
        entry_state(entry, line.state),
        entry.get_return_code_display() if entry.decision in _RETURNED else "",
        entry.return_note if entry.decision in _RETURNED else "",
    ]


def entry_role(entry: Entry, filing: Filing) -> str:
    """Why the department owes this: its part in the task, or that it convenes those who have it."""
    row = entry.responsibility
    if row is None:
        by_kind = {EntryKind.SUMMARY: "行动牵头", EntryKind.READING: "数据单位"}
        return by_kind.get(EntryKind(entry.kind), Role.LEAD.label)
    if row.department_id != filing.department_id:
        return f"{row.get_role_display()}（代{row.department.name}）"
    return row.get_role_display()


def entry_state(entry: Entry, state: DepartmentState) -> str:
    """Where one obligation stands, in words."""
    if state.is_exempt:
        return "免报"
    if entry.decision in _RETURNED and state.filing.status in WRITABLE and not is_untouched_return(entry):
        return "已改正未报" if entry.is_complete else "改正中"
    if entry.decision:
        return Decision(entry.decision).label
    if state.filing.status not in WRITABLE:
        return Status(state.filing.status).label
    if entry.is_complete:
        return "已填未报"
    if state.timeliness == Timeliness.MISSING:
        return "逾期未报"
    return "填报中" if entry.version else "未填"

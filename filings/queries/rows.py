"""One filing as its pages show it: entries in groups, each with its state and last quarter, and the way it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from filings.calendar import Window
from filings.errors import Problem
from filings.labels import label, written
from filings.models import Entry, Extension, Filing, Move
from filings.rules import WRITABLE
from filings.services.access import latest_extension, timeliness_of, window_given
from filings.services.entries import previous_entries, problems_of
from filings.terms import Decision, EntryKind, Status, Timeliness, ValueState
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local
from harbor_plan.lib.templatetags.harbor import STATES

RETURNS = frozenset({Decision.RETURNED, Decision.SENT_BACK})
_DAY = timedelta(days=1)
#: A group of at most so many entries is shown whole.
SHORT = 4
_SETTLED = frozenset({"sent", "sign", "accepted"})


@dataclass(frozen=True)
class Row:
    """One entry of a filing with last quarter's and its problems; `filing` and its period are at hand."""

    filing: Filing
    entry: Entry
    previous: Entry | None
    problems: list[Problem]

    @property
    def is_returned(self) -> bool:
        """Sent back or returned, with the filer, and not mended yet."""
        with_filer = self.filing.status in WRITABLE
        return with_filer and self.entry.decision in RETURNS and bool(self.problems)

    @property
    def is_done(self) -> bool:
        """Nothing left to do for the filer: handed on, accepted, or complete; a returned entry once it is mended."""
        if self.entry.decision == Decision.ACCEPTED:
            return True
        if self.filing.status not in WRITABLE:
            return self.entry.decision not in RETURNS
        return not self.problems

    @property
    def state(self) -> tuple[str, str]:
        """Key for the state's mark, and its word."""
        entry = self.entry
        if entry.decision == Decision.ACCEPTED:
            return "accepted", "已采纳"
        if entry.decision in RETURNS and (self.is_returned or self.filing.status not in WRITABLE):
            return "back", Decision(entry.decision).label
        if self.filing.status not in WRITABLE:
            return self.filing.status, Status(self.filing.status).label
        if self.is_done:
            return "sent", "已改正" if entry.decision in RETURNS else "已填"
        return ("draft", "填报中") if entry.version else ("todo", "未填")

    @property
    def mark(self) -> tuple[str, str]:
        """Symbol of the state and its CSS class, for a narrow list."""
        css = STATES[self.state[0]][0]
        return f"s-{css}", "is-back" if css == "back" else "is-ok" if css in _SETTLED else ""

    @property
    def remark(self) -> str:
        """What stands in the way, in a few words; the reason of a return in **bold**."""
        entry = self.entry
        if self.is_returned:
            return f"**{entry.get_return_code_display()}** {entry.return_note}"
        if self.is_done:
            return ""
        if entry.version == 0:
            return f"节点期限 {zh.day(entry.milestone.due_on)}" if entry.milestone else ""
        return "，".join(part for part in (self._missing(), self._odd()) if part)

    def _missing(self) -> str:
        fields = [problem.field for problem in self.problems if problem.field and not problem.is_warning]
        names = dict.fromkeys(label(self.entry, field) for field in fields)
        return f"待补正：{'、'.join(names)}" if names else ""

    def _odd(self) -> str:
        odd = sum(problem.is_warning for problem in self.problems)
        return f"{odd} 处提醒待说明" if odd else ""

    @property
    def action(self) -> str:
        """What the link to the entry says."""
        if self.filing.status not in WRITABLE or self.entry.decision == Decision.ACCEPTED:
            return "查看"
        if self.is_returned:
            return "改正"
        if self.is_done:
            return "修改"
        return "续填" if self.entry.version else "填写"

    @property
    def url(self) -> str:
        """The desk at this entry while its filer can write, else the entry on the filing's page."""
        filing = self.filing
        if filing.status in WRITABLE:
            return f"{reverse('filings:edit', args=[filing.pk])}?entry={self.entry.pk}"
        return f"{reverse('filings:detail', args=[filing.pk])}#entry-{self.entry.pk}"

    @property
    def sent_before(self) -> Entry | None:
        """Last quarter's entry, if it was ever sent."""
        previous = self.previous
        return previous if previous and previous.filing.first_submitted_at else None

    @property
    def before(self) -> tuple[str, str]:
        """Last quarter in a word: the standing whose light is shown (or none), and the text after it."""
        return brief(self.previous)


def brief(entry: Entry | None) -> tuple[str, str]:
    """An earlier entry in a word: a standing with its light, or none, and what it said."""
    if entry is None:
        return "", ""
    if entry.filing.first_submitted_at is None:
        return "", "未报"
    if entry.kind == EntryKind.PROGRESS:
        return entry.self_light, written(entry, "percent", entry.percent)
    if entry.kind == EntryKind.MILESTONE:
        return "", written(entry, "milestone_state", entry.milestone_state)
    if entry.kind == EntryKind.READING:
        no_data = entry.value_state == ValueState.NO_DATA
        return "", "无数据" if no_data else written(entry, "value", entry.value)
    return "", "已报"


@dataclass(frozen=True)
class Group:
    """The entries of one kind."""

    kind: EntryKind
    rows: list[Row]

    @property
    def done(self) -> int:
        return sum(row.is_done for row in self.rows)

    @property
    def first(self) -> list[Row]:
        """What is shown at once: everything of a short group, else what is left."""
        return [row for row in self.rows if row not in self.folded]

    @property
    def folded(self) -> list[Row]:
        """What is done, where it would push aside what is left."""
        done = [row for row in self.rows if row.is_done]
        return done if len(self.rows) > SHORT and len(done) > 1 else []

    @property
    def folded_words(self) -> str:
        """2.2、3.2、5.3 共 3 项已填；without numbers (indicators) only how many."""
        numbers = "、".join(dict.fromkeys(row.entry.number for row in self.folded if row.entry.number))
        said = f"{len(self.folded)} 项{self.folded[0].state[1]}"
        return f"{numbers} 共 {said}" if numbers else said


@dataclass(frozen=True)
class Step:
    """One station of a filing's way; `state` is past, here or empty."""

    label: str
    note: str
    state: str


@dataclass(frozen=True)
class Line:
    """One filing with its timeliness and its window."""

    filing: Filing
    timeliness: Timeliness
    window: Window

    @property
    def is_workable(self) -> bool:
        """Whether the filer may write now: with the filer, and the window is open."""
        return self.filing.status in WRITABLE and self.window.is_open

    @property
    def is_late(self) -> bool:
        return self.timeliness in (Timeliness.LATE, Timeliness.MISSING)

    @property
    def days_late(self) -> int:
        """Days after the deadline, begun ones counted; 0 unless it was sent late."""
        sent = self.filing.first_submitted_at
        if self.timeliness != Timeliness.LATE or sent is None:
            return 0
        return -(-(sent - self.window.due_at) // _DAY)


@dataclass(frozen=True)
class Sheet:
    """A filing with everything its pages show around the entries."""

    line: Line
    groups: list[Group]
    extension: Extension | None
    approvers: list[str]
    awaited_since: datetime | None

    @property
    def filing(self) -> Filing:
        return self.line.filing

    @property
    def window(self) -> Window:
        return self.line.window

    @property
    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group.rows]

    @property
    def done(self) -> int:
        return sum(row.is_done for row in self.rows)

    @property
    def left(self) -> int:
        return len(self.rows) - self.done

    @property
    def returned(self) -> list[Row]:
        """Entries to mend."""
        return [row for row in self.rows if row.is_returned]

    @property
    def accepted(self) -> int:
        return sum(row.entry.decision == Decision.ACCEPTED for row in self.rows)

    @property
    def is_begun(self) -> bool:
        return any(row.entry.version for row in self.rows)

    @property
    def is_overdue(self) -> bool:
        """Not sent yet and past the deadline; a quarter without timeliness is never overdue."""
        return self.line.timeliness == Timeliness.MISSING

    @property
    def is_mending(self) -> bool:
        """Sent once, and with the department again."""
        sent = (Status.SUBMITTED, Status.ACCEPTED)
        return self.filing.first_submitted_at is not None and self.filing.status not in sent

    @property
    def is_writable(self) -> bool:
        return self.line.is_workable

    @property
    def next_row(self) -> Row | None:
        """Where to go on: what was returned, then what is begun, then the first one left."""
        open_rows = [row for row in self.rows if not row.is_done]
        return min(open_rows, key=lambda row: (not row.is_returned, row.entry.version == 0), default=None)

    @property
    def steps(self) -> list[Step]:
        """填报 → 审核 → 签发 → 报送 → 采纳."""
        here = _HERE[Status(self.filing.status)]
        notes = (self._filled(), self._checked(), self._signed(), self._sent(), self._decided())
        states = ("past" if no < here else "here" if no == here else "" for no in range(len(notes)))
        return [Step(*parts) for parts in zip(_STATIONS, notes, states, strict=True)]

    def _filled(self) -> str:
        who = f"，{self.filing.filled_by}" if self.filing.filled_by else ""
        return f"{self.done}/{len(self.rows)} 项{who}"

    def _checked(self) -> str:
        filing = self.filing
        if not filing.checked_by:
            return "单位审核人，提交时填写" if filing.status in WRITABLE else zh.DASH
        return f"{filing.checked_by}，{_when(filing.checked_at)}"

    def _signed(self) -> str:
        filing = self.filing
        names = "、".join(self.approvers) or "未指定签发人"
        if filing.status == Status.AWAITING_SIGNOFF:
            return f"等待 {names}"
        if filing.status in WRITABLE:
            sent_back = sum(row.entry.decision == Decision.SENT_BACK for row in self.returned)
            return f"{names}，退回 {sent_back} 项" if sent_back else names
        return str(filing.signed_by)

    def _sent(self) -> str:
        filing = self.filing
        if filing.status in (Status.SUBMITTED, Status.ACCEPTED):
            return f"{_when(filing.submitted_at)}，第 {filing.submissions} 次"
        return f"{_when(self.window.due_at)} 前"

    def _decided(self) -> str:
        filing, office = self.filing, self.filing.period.plan.office
        if filing.status == Status.ACCEPTED:
            return f"{office}已采纳"
        if filing.status == Status.SUBMITTED:
            return f"{office}审核中"
        return f"已采纳 {self.accepted}/{len(self.rows)} 项" if self.accepted else f"{office}审核后"


_STATIONS = ("填报", "审核", "签发", "报送", "采纳")
_HERE = {
    Status.DRAFT: 0,
    Status.RETURNED: 0,
    Status.AWAITING_SIGNOFF: 2,
    Status.SUBMITTED: 4,
    Status.ACCEPTED: 5,
}


def _when(at: datetime | None) -> str:
    return zh.moment(local(at), with_year=False) if at else zh.DASH


def sheet_of(filing: Filing, at: datetime) -> Sheet:
    """Everything about one filing in five queries; its period, plan, office and people are at hand."""
    entries = list(Entry.objects.filter(filing=filing).for_page().select_related("decided_by", "edited_by"))
    for entry in entries:
        entry.filing = filing
    previous = previous_entries(entries, filing.period)
    problems = problems_of(entries, previous)
    extension = latest_extension(filing.period, filing.department_id)
    return Sheet(
        line=line_of(filing, extension, at),
        groups=grouped(filing, entries, previous, problems),
        extension=extension,
        approvers=approvers_of(filing.department_id),
        awaited_since=_awaited_since(filing),
    )


def line_of(filing: Filing, extension: Extension | None, at: datetime) -> Line:
    """A filing with its timeliness and window; the extension that holds for it is at hand."""
    return Line(filing, timeliness_of(filing, extension, at), window_given(filing, extension, at))


def grouped(
    filing: Filing,
    entries: Iterable[Entry],
    previous: Mapping[int, Entry],
    problems: Mapping[int, list[Problem]],
) -> list[Group]:
    """Entries in the order of the form, by kind; kinds without entries are left out."""
    rows: dict[EntryKind, list[Row]] = {kind: [] for kind in EntryKind}
    for entry in entries:
        rows[EntryKind(entry.kind)].append(Row(filing, entry, previous.get(entry.pk), problems[entry.pk]))
    return [Group(kind, of_kind) for kind, of_kind in rows.items() if of_kind]


def approvers_of(department_id: int) -> list[str]:
    """Names of the active people who sign for a department."""
    people = User.objects.filter(
        is_active=True, memberships__department=department_id, memberships__role=Role.APPROVER
    )
    return [str(person) for person in people.order_by("pk")]


def _awaited_since(filing: Filing) -> datetime | None:
    if filing.status != Status.AWAITING_SIGNOFF:
        return None
    last = Move.objects.filter(filing=filing, verb="submit").last()
    return last.at if last else None

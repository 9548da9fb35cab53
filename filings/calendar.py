"""Windows, timeliness and reminders as pure rules. The moment always comes from the caller (`at`, `on`).

Datetimes are aware; days are days of the district's clock (Asia/Shanghai), worked out by the caller.
A deadline includes its own moment: what is sent at `due_at` is on time, what is typed at `closes_at` is accepted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import TextChoices

from filings.terms import Timeliness
from targets.measure.quarters import Quarter

#: Two reminders to one person lie at least this many days apart (domain rules, 时限).
REMINDER_GAP = timedelta(days=5)
SATURDAY = 5


class WindowState(TextChoices):
    """Whether a filing can be written now, as far as time decides it."""

    NOT_OPEN = "not_open", "未开放"
    OPEN = "open", "报送中"
    EXTENDED = "extended", "已延期"
    CLOSED = "closed", "已关闭"
    EXEMPT = "exempt", "免报"


@dataclass(frozen=True)
class Window:
    """The window of one filing at one moment.

    `until` is the last moment it can be written: the coming one while open, the past one when closed; when not
    open yet, the opening moment. `due_at` is the moment a first submission counts as on time. `extended_by` and
    `extended_why` name approver and reason of the extension that is in effect, else they are empty; `exempt_by` and
    `exempt_why` those of an exemption, which shuts the window whatever the time.
    """

    state: WindowState
    until: datetime
    due_at: datetime
    is_late_entry: bool = False
    extended_by: str = ""
    extended_why: str = ""
    exempt_by: str = ""
    exempt_why: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in (WindowState.OPEN, WindowState.EXTENDED)


def quarter_first_day(year: int, quarter: int) -> date:
    """First day of a calendar quarter (1 to 4)."""
    return Quarter(year, quarter).first_day


def quarter_last_day(year: int, quarter: int) -> date:
    """Last day of a calendar quarter (1 to 4), the day its standing is judged at."""
    return Quarter(year, quarter).last_day


def effective_due(due_at: datetime, extended_until: datetime | None = None) -> datetime:
    """The moment a first submission still counts as on time: the deadline, or a later one by extension."""
    return max(due_at, extended_until) if extended_until else due_at


def window(
    *,
    opens_at: datetime,
    due_at: datetime,
    closes_at: datetime,
    at: datetime,
    extended_until: datetime | None = None,
    extended_by: str = "",
    extended_why: str = "",
    late_entry_until: datetime | None = None,
) -> Window:
    """The window of one filing at a moment.

    Open from `opens_at` to `closes_at`. An extension counts when it is later than the deadline; it moves the
    deadline and, where it is later still, the closing, also when it was granted after both. `late_entry_until`
    opens a past quarter again (补录) without moving its deadline.
    """
    extends = extended_until is not None and extended_until > due_at
    due = effective_due(due_at, extended_until)
    ends = max(closes_at, due) if extends else closes_at
    late_entry = late_entry_until is not None and at > ends
    until = max(ends, late_entry_until) if late_entry and late_entry_until else ends
    if at < opens_at:
        return Window(WindowState.NOT_OPEN, opens_at, due)
    if at > until:
        return Window(WindowState.CLOSED, until, due)
    if extends and at <= due:
        return Window(WindowState.EXTENDED, until, due, extended_by=extended_by, extended_why=extended_why)
    return Window(WindowState.OPEN, until, due, is_late_entry=late_entry)


def timeliness(
    *,
    last_day: date,
    issued_on: date,
    is_late_entry: bool,
    first_submitted_at: datetime | None,
    due_at: datetime,
    at: datetime,
    extended_until: datetime | None = None,
) -> Timeliness:
    """On time, late or missing by the first submission alone; a later return never rewrites it.

    None for a late-entry period (补录) and for a quarter that ended (`last_day`) before the plan was issued: nobody
    could have filed it in time. Without a submission it is missing only once the effective deadline has passed.
    """
    if is_late_entry or last_day < issued_on:
        return Timeliness.NONE
    due = effective_due(due_at, extended_until)
    if first_submitted_at is None:
        return Timeliness.MISSING if at > due else Timeliness.NOT_DUE
    return Timeliness.ON_TIME if first_submitted_at <= due else Timeliness.LATE


def is_working_day(day: date, holidays: Collection[date], make_up_days: Collection[date]) -> bool:
    """Weekdays that are no holiday, and weekend days worked instead (调休补班日); a make-up day wins over a holiday."""
    return day in make_up_days or (day.weekday() < SATURDAY and day not in holidays)


def shifted_due(day: date, holidays: Collection[date], make_up_days: Collection[date]) -> date:
    """The deadline moved to the next working day when it falls on a holiday or a weekend (节假日顺延)."""
    while not is_working_day(day, holidays, make_up_days):
        day += timedelta(days=1)
    return day


class Reminder(TextChoices):
    """The days a department is reminded, counted from its effective deadline's day (domain rules, 时限)."""

    FIVE_BEFORE = "five_before", "还有5天截止"
    ONE_BEFORE = "one_before", "明天截止"
    DUE_TODAY = "due_today", "今天截止"
    OVERDUE_1 = "overdue_1", "已逾期1天"
    OVERDUE_7 = "overdue_7", "已逾期7天"
    OVERDUE_30 = "overdue_30", "已逾期30天"


_REMINDERS = {
    -5: Reminder.FIVE_BEFORE,
    -1: Reminder.ONE_BEFORE,
    0: Reminder.DUE_TODAY,
    1: Reminder.OVERDUE_1,
    7: Reminder.OVERDUE_7,
    30: Reminder.OVERDUE_30,
}


def reminder_due(due_on: date, on: date) -> Reminder | None:
    """Which reminder falls on this day for something due on `due_on`, if any."""
    return _REMINDERS.get((on - due_on).days)


def may_send(reminder: Reminder, last_sent_on: date | None, on: date) -> bool:
    """Whether a person may get this reminder now: five days after the last one, or always on the day itself."""
    if last_sent_on is None or reminder == Reminder.DUE_TODAY:
        return True
    return on - last_sent_on >= REMINDER_GAP

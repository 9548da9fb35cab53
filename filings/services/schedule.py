"""The usual window of a quarter, off days without work; setting it up when its time comes, and changing it after."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.models import User
from audit.services import record
from filings.calendar import shifted_due
from filings.errors import Refused
from filings.models import Period, SpecialDay
from filings.services.windows import create_period, need_office, need_order
from filings.signals import announce
from harbor_plan.lib import zh
from harbor_plan.lib.moments import end_of, local, local_day, start_of
from targets.measure.quarters import Quarter
from targets.models import Plan

#: Days around a quarter's last day: entry opens before it, is due and closes after it. The office may change each.
OPENS_BEFORE = 10
DUE_AFTER = 10
CLOSES_AFTER = 20
#: Days after the deadline in which cooperating departments countersign.
COUNTERSIGN_AFTER = 5
#: No run of days without work is longer.
LONGEST_REST = timedelta(days=31)

#: The moments of a window, in their order, as people read them.
MOMENTS = {
    "opens_at": "开放",
    "due_at": "报送截止",
    "countersign_by": "会签截止",
    "closes_at": "关闭",
}


def usual_window(last_day: date) -> tuple[datetime, datetime, datetime]:
    """Opens (start of day), due and closes (end of day) for the quarter that ends on `last_day`."""
    opens = start_of(last_day - timedelta(days=OPENS_BEFORE))
    return (
        opens,
        end_of(last_day + timedelta(days=DUE_AFTER)),
        end_of(last_day + timedelta(days=CLOSES_AFTER)),
    )


def late_entry_window(today: date) -> tuple[datetime, datetime, datetime]:
    """A window of the usual length that begins today, for a past quarter filed now (补录)."""
    due, closes = today + timedelta(days=DUE_AFTER), today + timedelta(days=CLOSES_AFTER)
    return start_of(today), end_of(due), end_of(closes)


# Days without work


@dataclass(frozen=True)
class Shift:
    """A day that was asked for, and the working day it became; `why` is a sentence, empty when it stayed."""

    asked: date
    day: date
    why: str = ""


def shifted(day: date) -> Shift:
    """The day itself, or the next working day after a weekend or a holiday (节假日顺延). One query."""
    known = {
        special.on: special
        for special in SpecialDay.objects.filter(on__gte=day, on__lt=day + LONGEST_REST).order_by("on")
    }
    holidays = {on for on, special in known.items() if not special.is_working}
    working = shifted_due(day, holidays, known.keys() - holidays)
    if working == day:
        return Shift(day, day)
    what = f"{known[day].name}放假" if day in holidays else zh.weekday(day)
    return Shift(day, working, f"{zh.day(day)}是{what}，顺延至 {zh.day(working)}（{zh.weekday(working)}）")


@dataclass(frozen=True)
class Window:
    """The days of a window before it is set up. `notes` say which were moved, and why."""

    opens_on: date
    due_on: date
    countersign_on: date | None
    closes_on: date
    is_late_entry: bool = False
    notes: tuple[str, ...] = field(default=())


def proposed(quarter: Quarter, *, plan: Plan, at: datetime) -> Window:
    """The usual window of a quarter; one whose usual window is over is proposed as late entry, which nobody countersigns."""
    window = usual_window(quarter.last_day)
    is_late = quarter.last_day < plan.issued_on or window[2] < at
    if is_late:
        window = late_entry_window(local_day(at))
    opens, due, closes = (local_day(moment) for moment in window)
    return off_rest(
        Window(opens, due, None if is_late else due + timedelta(days=COUNTERSIGN_AFTER), closes, is_late)
    )


def off_rest(window: Window) -> Window:
    """The window with its deadline and its countersigning moved off days without work; closing follows if it must."""
    due = shifted(window.due_on)
    signing = shifted(max(window.countersign_on, due.day)) if window.countersign_on else None
    latest = max(due.day, signing.day) if signing else due.day
    moved = [
        f"{label}：{shift.why}"
        for label, shift in (("报送截止", due), ("会签截止", signing))
        if shift and shift.why
    ]
    closes = window.closes_on
    if closes >= window.due_on and latest > closes and moved:
        closes = latest
        moved.append(f"关闭：随之改为 {zh.day(closes)}")
    return Window(
        window.opens_on, due.day, signing.day if signing else None, closes, window.is_late_entry, tuple(moved)
    )


# Setting up


@transaction.atomic
def set_up(
    *, plan: Plan, year: int, quarter: int, window: Window, by: User | None, at: datetime
) -> tuple[Period, Window]:
    """Create a quarter's period; its deadline and countersigning move off days without work now, and never again.

    Returns the period and the window as it became. Raises what `create_period` raises.
    """
    became = off_rest(window)
    signing = became.countersign_on
    period = create_period(
        plan=plan,
        year=year,
        quarter=quarter,
        opens_at=start_of(became.opens_on),
        due_at=end_of(became.due_on),
        closes_at=end_of(became.closes_on),
        countersign_by=end_of(signing) if signing else None,
        is_late_entry=became.is_late_entry,
        by=by,
        at=at,
    )
    return period, became


@transaction.atomic
def schedule_next(*, at: datetime) -> list[Period]:
    """Create the running quarter's period of each plan in force today, unless it is there. Returns the new ones."""
    today = local_day(at)
    quarter = Quarter(today.year, (today.month + 2) // 3)
    created = []
    for plan in Plan.objects.filter(starts_on__lte=today, ends_on__gte=today):
        if not Period.objects.filter(plan=plan, year=quarter.year, quarter=quarter.number).exists():
            window = proposed(quarter, plan=plan, at=at)
            period, _ = set_up(
                plan=plan, year=quarter.year, quarter=quarter.number, window=window, by=None, at=at
            )
            created.append(period)
    return created


# Changing


@transaction.atomic
def change_dates(*, period: Period, window: Window, reason: str, by: User, at: datetime) -> tuple[str, ...]:
    """The office changes the window of a period that is not closed; returns what was moved off days without work.

    Once open, the opening stays and everything else may only move later. The deadline moves only while it has not
    passed, so what was sent is never judged anew: it was on time and stays so. Raises Refused (permission, window,
    content). The change is an event with before, after and reason.
    """
    need_office(by, f"填报期由{period.plan.office}管理。")
    period = Period.objects.select_for_update(of=("self",)).select_related("plan__office").get(pk=period.pk)
    if period.closed_at:
        raise Refused("window", f"{period}已关账，时限不能再改。")
    if not reason.strip():
        raise Refused("content", "请写明改动时限的理由。")
    before = {name: getattr(period, name) for name in MOMENTS}
    wanted, notes = _wanted(period, window)
    if wanted == before:
        raise Refused("content", "各项时间都没有改动，请填写新的日期，或者不必提交。")
    _need_allowed(period, before, wanted, at)
    for name, moment in wanted.items():
        setattr(period, name, moment)
    period.save(update_fields=list(MOMENTS))
    changed = [name for name in MOMENTS if before[name] != wanted[name]]
    record(
        verb="period.change_dates",
        subject=period,
        by=by,
        at=at,
        before={MOMENTS[name]: _words(before[name]) for name in changed},
        after={MOMENTS[name]: _words(wanted[name]) for name in changed},
        note=reason.strip(),
    )
    announce(period.pk)
    return notes


def _wanted(period: Period, window: Window) -> tuple[dict[str, datetime | None], tuple[str, ...]]:
    """The moments asked for: a day that stays keeps its moment, a new one moves off days without work."""
    notes = []

    def moment(was: datetime | None, day: date | None, label: str = "") -> datetime | None:
        if day is None or (was is not None and local_day(was) == day):
            return was if day else None
        shift = shifted(day) if label else Shift(day, day)
        if shift.why:
            notes.append(f"{label}：{shift.why}")
        return end_of(shift.day)

    opens = period.opens_at if local_day(period.opens_at) == window.opens_on else start_of(window.opens_on)
    due = moment(period.due_at, window.due_on, "报送截止")
    signing = moment(period.countersign_by, window.countersign_on, "会签截止")
    closes = moment(period.closes_at, window.closes_on)
    return dict(zip(MOMENTS, (opens, due, signing, closes), strict=True)), tuple(notes)


def _need_allowed(
    period: Period, before: dict[str, datetime | None], wanted: dict[str, datetime | None], at: datetime
) -> None:
    """Refuse moments out of order, and what an open period does not let happen."""
    opens, due, signing, closes = (wanted[name] for name in MOMENTS)
    assert opens is not None
    assert due is not None
    assert closes is not None
    need_order(opens, due, signing, closes)
    if not period.opened_at:
        if due <= at:
            raise Refused("content", "报送截止时间已过，无人能够按时报送，请改为以后的日期。")
        return
    if opens != before["opens_at"]:
        raise Refused("window", f"{period}已经开放，开放时间不能再改。")
    if due != before["due_at"] and at > period.due_at:
        raise Refused(
            "window",
            f"{period}的报送截止时间（{_words(period.due_at)}）已过，不能再改；需要更多时间的单位，请逐家登记延期。",
        )
    for name in ("due_at", "countersign_by", "closes_at"):
        was, now = before[name], wanted[name]
        if was is not None and (now is None or now < was):
            raise Refused("window", f"{period}已经开放，{MOMENTS[name]}只能推后（现为 {_words(was)}）。")


def _words(moment: datetime | None) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else "无"

"""The quarters of the demonstration: the closed ones as they were, and the open one up to the day of the load."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from departments.models import Department
from filings.models import Entry, Extension, Filing, Period
from filings.services.items import in_force_for
from filings.services.windows import create_period, obligations
from filings.terms import EntryKind
from harbor_plan.demo.content import Writer
from harbor_plan.demo.courses import Course, Hands
from harbor_plan.demo.days import DAY, moment
from harbor_plan.demo.joint import countersign
from harbor_plan.demo.people import Cast
from harbor_plan.demo.story import Story, save
from harbor_plan.demo.tables import Dates, Row, Tables
from harbor_plan.lib.moments import end_of, local, start_of
from targets.measure.quarters import Quarter
from targets.models import Plan

#: The same obligation in two quarters: kind, subject, and for a summary the department that files it.
Key = tuple[str, int, int]


@dataclass
class History:
    """Writes one quarter after the other; keeps the last one's entries, which the next one is compared with."""

    plan: Plan
    tables: Tables
    writer: Writer
    cast: Cast
    departments: dict[int, Department]
    last: dict[Key, Entry] = field(default_factory=dict)

    def close(self, at: Quarter, dates: Dates) -> Period:
        """A quarter of the past with every filing where it ended. It is not published yet."""
        opens_at = start_of(dates.opens_on)
        period = self._period(
            at, opens_at, end_of(dates.due_on), end_of(dates.closes_on), by_day=dates.opens_on
        )
        stories = self._stories(period, at)
        extended = self._extend(period, stories, dates.due_on)
        for story in stories:
            until = extended.get(story.filing.department_id)
            self._course(story, at).run(until or dates.due_on, is_extended=until is not None)
        self._save(period, stories)
        countersign(period, self.tables, self.cast, is_over=True, by=period.closes_at)
        return period

    def open(self, at: Quarter, today: date) -> Period:
        """The quarter that is open for entry on `today`: some have filed, most have not begun."""
        days = self.tables.settings
        opens_on = today - timedelta(days.opens_days_before)
        due_on = today + timedelta(days.due_days_after)
        closes_on = today + timedelta(days.closes_days_after)
        period = self._period(at, start_of(opens_on), end_of(due_on), end_of(closes_on), by_day=opens_on)
        stories = self._stories(period, at)
        self._extend(period, stories, due_on)
        by_name = {story.filing.department.name: story for story in stories}
        for row in self.tables.open_quarter:
            course = self._course(row.one_of("department", by_name), at)
            row.one_of("state", STATES)(course, today - timedelta(row.number("days_ago")), row)
        self._save(period, stories)
        countersign(period, self.tables, self.cast, is_over=False, by=moment(today, "00:30"))
        return period

    def _period(
        self, at: Quarter, opens_at: datetime, due_at: datetime, closes_at: datetime, *, by_day: date
    ) -> Period:
        period = create_period(
            plan=self.plan,
            year=at.year,
            quarter=at.number,
            opens_at=opens_at,
            due_at=due_at,
            closes_at=closes_at,
            countersign_by=self._countersign_by(at, due_at),
            is_late_entry=at in self.tables.late_entry,
            by=self.cast.office[0],
            at=opens_at,
        )
        period.opened_at = moment(by_day, "00:05")
        period.save(update_fields=["opened_at"])
        return period

    def _countersign_by(self, at: Quarter, due_at: datetime) -> datetime | None:
        """Until when the quarter is countersigned; nothing was before the quarter of the settings."""
        settings = self.tables.settings
        if at < settings.countersigned_since:
            return None
        return due_at + timedelta(days=settings.countersign_days_after)

    def _stories(self, period: Period, at: Quarter) -> list[Story]:
        """What everybody owes, in the order of the departments, nothing written yet."""
        owed = obligations(period)
        self._plan_work(period, [entry for entries in owed.values() for entry in entries])
        stories = []
        for department in sorted(owed, key=lambda pk: (self.departments[pk].order, pk)):
            filing = Filing(period=period, department=self.departments[department])
            entries = sorted(owed[department], key=lambda entry: entry.position)
            previous = [self.last.get(_key(entry, department)) for entry in entries]
            story = Story(filing, entries, previous)
            assert period.opened_at is not None
            story.open(at=period.opened_at)
            stories.append(story)
        return stories

    def _plan_work(self, period: Period, entries: list[Entry]) -> None:
        """Give progress entries their work items, and the writer the same by task number."""
        planned = in_force_for(period)
        self.writer.planned = {}
        for entry in entries:
            if entry.kind == EntryKind.PROGRESS and entry.responsibility:
                entry.asked_items = planned.get(entry.responsibility.task_id, ())
                self.writer.planned[entry.number] = entry.asked_items

    def _course(self, story: Story, at: Quarter) -> Course:
        department = story.filing.department
        hands = Hands(
            filer=self.cast.filers[department.pk],
            approver=self.cast.approvers[department.pk],
            reviewer=self.cast.reviewer(department.pk, department.name, at),
        )
        return Course(story, self.writer, hands, self.tables.habits[department.name], at)

    def _extend(self, period: Period, stories: list[Story], due_on: date) -> dict[int, date]:
        """Record the extensions of this quarter; returns the later deadline by department id."""
        by_name = {story.filing.department.name: story for story in stories}
        extended = {}
        for row in self.tables.extensions:
            if row.quarter("quarter") == Quarter(period.year, period.quarter):
                story = row.one_of("department", by_name)
                until = due_on + timedelta(row.number("days"))
                extension = Extension(
                    period=period,
                    department=story.filing.department,
                    until=end_of(until),
                    reason=row.text("reason"),
                    approver=row.text("approver"),
                    recorded_by=self.cast.office[0],
                    recorded_at=moment(self._extension_day(period), "11:00"),
                )
                extension.save()
                story.extend(
                    extension,
                    f"延至 {local(extension.until):%Y-%m-%d %H:%M}，批准人 {extension.approver}：{extension.reason}",
                )
                extended[story.filing.department.pk] = until
        return extended

    def _extension_day(self, period: Period) -> date:
        """The day after opening."""
        return local(period.opens_at).date() + DAY

    def _save(self, period: Period, stories: list[Story]) -> None:
        save(period, stories)
        self.last = {
            _key(entry, story.filing.department_id): entry for story in stories for entry in story.entries
        }


def _key(entry: Entry, department: int) -> Key:
    return entry.kind, entry.subject.pk, department if entry.kind == EntryKind.SUMMARY else 0


# How far a department has come in the open quarter, on the day `open_quarter.csv` gives


def _drafting(course: Course, day: date, row: Row) -> None:
    """Everything is filled in but what the table leaves blank."""
    course.draft(_filled(course.story.entries, row), day)


def _awaiting(course: Course, day: date, row: Row) -> None:
    course.draft(_filled(course.story.entries, row), day)
    course.submit(moment(day, "15:00"))


def _submitted(course: Course, day: date, row: Row) -> None:
    _awaiting(course, day, row)
    course.sign(moment(day, "16:00"))


def _part_reviewed(course: Course, day: date, row: Row) -> None:
    """The first half of the entries is accepted, the rest waits."""
    _submitted(course, day, row)
    entries = course.story.entries
    course.decide(entries[: (len(entries) + 1) // 2], day + DAY, [])


def _accepted(course: Course, day: date, row: Row) -> None:
    _submitted(course, day, row)
    course.review(day + DAY, [])


def _returned(course: Course, day: date, row: Row) -> None:
    weak = course.weak_entries()
    course.draft(course.story.entries, day, weak)
    course.submit(moment(day, "15:00"))
    course.sign(moment(day, "16:00"))
    course.review(day + DAY, weak)


def _not_begun(course: Course, day: date, row: Row) -> None:
    """Reminded, and still nothing written."""


STATES: dict[str, Callable[[Course, date, Row], None]] = {
    "drafting": _drafting,
    "awaiting_signoff": _awaiting,
    "submitted": _submitted,
    "part_reviewed": _part_reviewed,
    "accepted": _accepted,
    "returned": _returned,
    "reminded": _not_begun,
}


def _filled(entries: Iterable[Entry], row: Row) -> list[Entry]:
    """The entries without those the table leaves blank, by task number or indicator code."""
    blank = set(row.text("left_blank").split())
    return [
        entry for entry in entries if (entry.indicator.code if entry.indicator else entry.number) not in blank
    ]

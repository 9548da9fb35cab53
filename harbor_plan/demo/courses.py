"""How a filing goes from the first saved entry to the last decision, on working days around the deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import User
from filings.models import Entry
from harbor_plan.demo import chance
from harbor_plan.demo.content import Values, Writer
from harbor_plan.demo.days import moment, working_days_after
from harbor_plan.demo.story import Note, Story
from harbor_plan.demo.tables import Habits
from targets.measure.quarters import Quarter

#: Minutes between two saved entries, and between two decisions.
PER_ENTRY, PER_DECISION = 3, 2
#: A submission nobody returns may come so many working days after the deadline; one that is mended, fewer.
LATEST, LATEST_MENDED = 4, 2


@dataclass(frozen=True)
class Hands:
    """Who fills in, signs and decides one filing."""

    filer: User
    approver: User
    reviewer: User


class Course:
    """The steps of one filing, written into its story."""

    def __init__(self, story: Story, writer: Writer, hands: Hands, habits: Habits, at: Quarter) -> None:
        self.story = story
        self.writer = writer
        self.hands = hands
        self.habits = habits
        self.at = at
        self.name = story.filing.department.name
        self.values = {id(entry): writer.values(entry, at) for entry in story.entries}

    # A whole quarter of the past

    def run(self, due_on: date, *, is_extended: bool) -> None:
        """Take the course the tables or chance give this department in this quarter; whoever was given time keeps it."""
        kind = self.habits.courses.get(self.at, "")
        if kind == "missing":
            return
        flawed = self._chosen(2)[: 1 + chance.number(2, "how many", self.name, self.at)]
        sent_back = not kind and self._happens(self.habits.sent_back, "sent back")
        returned = not sent_back and (
            kind == "unmended" or (not kind and self._happens(self.habits.returned, "returned"))
        )
        is_late = not is_extended and self._happens(self.habits.late, "late")
        sign_on = self._sign_day(due_on, is_late=is_late, mends=bool(kind) or returned)
        draft_on = working_days_after(sign_on, -1 - chance.number(4, "days of drafting", self.name, self.at))
        if kind == "drafted":
            self.draft(self.story.entries[: len(self.story.entries) // 2], draft_on)
            return
        weak = flawed if returned else self._chosen(1) if sent_back or kind == "reopened" else []
        self.draft(self.story.entries, draft_on, weak)
        self.submit(moment(draft_on, "15:00", self._minutes("submit")))
        if kind == "unsigned":
            return
        if sent_back:
            self._send_back_and_mend(weak[0], draft_on, sign_on)
        self.sign(moment(sign_on, "10:40", self._minutes("sign")))
        self._review([] if sent_back else weak, sign_on, kind)

    def _review(self, weak: list[Entry], sign_on: date, kind: str) -> None:
        """One review; what it returns, or reopens later that day, is mended and reviewed again unless nobody mends it."""
        slow = 1 if weak else 1 + chance.number(3, "days of review", self.name, self.at)
        review_on = working_days_after(sign_on, slow)
        self.review(review_on, [] if kind == "reopened" else weak)
        if kind == "reopened":
            at = moment(review_on, "16:10")
            self.story.reopen(weak[0], self._note(weak[0]), by=self.hands.reviewer, at=at)
        if not weak or kind == "unmended":
            return
        mend_on = working_days_after(review_on, 1)
        self.mend(weak, moment(mend_on, "09:20"))
        self.submit(moment(mend_on, "10:30", self._minutes("submit again")))
        self.sign(moment(mend_on, "14:00", self._minutes("sign again")))
        self.review(working_days_after(mend_on, 1), [])

    def _send_back_and_mend(self, entry: Entry, draft_on: date, sign_on: date) -> None:
        note = self.writer.note_before_signing(entry, self.at)
        self.story.send_back(entry, note, by=self.hands.approver, at=moment(draft_on, "16:20"))
        self.mend([entry], moment(sign_on, "08:50"))
        self.submit(moment(sign_on, "09:30"))

    def _sign_day(self, due_on: date, *, is_late: bool, mends: bool) -> date:
        """Up to four working days before the deadline, or a few after it where the department is late."""
        if is_late:
            most = LATEST_MENDED if mends else LATEST
            return working_days_after(due_on, 1 + chance.number(most, "days late", self.name, self.at))
        return working_days_after(due_on, -chance.number(5, "days early", self.name, self.at))

    # Single steps, on days the caller gives

    def draft(self, entries: list[Entry], day: date, weak: list[Entry] | None = None) -> None:
        """Fill the entries in one morning; the weak ones as they are going to be returned."""
        for no, entry in enumerate(entries):
            values = self.values[id(entry)]
            if weak and any(entry is one for one in weak):
                values = self.writer.first_try(entry, values, self.at)[0]
            self._write(entry, values, moment(day, "09:05", no * PER_ENTRY))

    def mend(self, entries: list[Entry], at: datetime) -> None:
        """Write the entries anew, as they should have been."""
        for entry in entries:
            self._write(entry, self.values[id(entry)], at)

    def submit(self, at: datetime) -> None:
        self.story.submit(checked_by=self.habits.checked_by, by=self.hands.filer, at=at)

    def sign(self, at: datetime) -> None:
        self.story.sign(by=self.hands.approver, at=at)

    def decide(self, entries: list[Entry], day: date, weak: list[Entry]) -> None:
        """Accept the entries, return the weak ones, in one morning."""
        for no, entry in enumerate(entries):
            at = moment(day, "09:10", no * PER_DECISION)
            if any(entry is one for one in weak):
                self.story.give_back(entry, self._note(entry), by=self.hands.reviewer, at=at)
            else:
                self.story.accept(entry, by=self.hands.reviewer, at=at)

    def review(self, day: date, weak: list[Entry]) -> None:
        """Decide every open entry and finish."""
        self.decide(self.story.undecided(), day, weak)
        self.story.finish_review(by=self.hands.reviewer, at=moment(day, "15:20", self._minutes("review")))

    # Choices

    def weak_entries(self) -> list[Entry]:
        """One entry to be returned."""
        return self._chosen(1)

    def _write(self, entry: Entry, values: Values, at: datetime) -> None:
        self.story.write(entry, values, self.writer.explanation, by=self.hands.filer, at=at)

    def _note(self, entry: Entry) -> Note:
        return self.writer.first_try(entry, self.values[id(entry)], self.at)[1:]

    def _chosen(self, count: int) -> list[Entry]:
        """Entries of which a weaker version can exist; readings without data cannot be weaker."""
        able = [e for e in self.story.entries if self.values[id(e)].get("value_state") != "no_data"]
        start = chance.number(len(able), "weak", self.name, self.at)
        return (able[start:] + able[:start])[:count]

    def _happens(self, percent: int, what: str) -> bool:
        return chance.happens(percent, what, self.name, self.at)

    def _minutes(self, what: str) -> int:
        return chance.number(35, what, self.name, self.at)

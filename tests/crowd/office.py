"""The office's people at work while filings come in: each is reviewed once, by whoever was first to take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Queue

from django.conf import settings

from filings.models import Filing
from harbor_plan.celery import app
from harbor_plan.lib.moments import local_day
from tests.crowd.visitor import Visitor

PATIENCE = 600.0  # seconds for any review; generous, for busy machines
NOTE = "与台账不一致，请核对后改写"

TO_QUEUE = "/filings/queue/"

Inbox = Queue[Filing | None]


@dataclass
class Office:
    """What the reviewers share, by filing: what they return at its first review, and how each review ended.

    Every second filing is taken by accepting its entry in `taken_by`; the others are claimed with the button.
    """

    to_return: dict[int, Sequence[int]] = field(default_factory=dict)
    taken_by: dict[int, int] = field(default_factory=dict)
    results: dict[int, Queue[str]] = field(default_factory=dict)
    reviewers: list[Reviewer] = field(default_factory=list)
    reviews: Counter[int] = field(default_factory=Counter)  # finished ones, by filing
    claims: Counter[int] = field(default_factory=Counter)  # those begun with the button, by filing
    settled: Queue[Filing | None] = field(default_factory=Queue)

    def expect(self, filing: Filing, entries: Sequence[int], to_return: Sequence[int]) -> None:
        """A filing that will come with these entries, and which of them are returned at first."""
        self.to_return[filing.pk], self.results[filing.pk] = to_return, Queue()
        others = [entry for entry in entries if entry not in to_return]
        if others and filing.pk % 2:
            self.taken_by[filing.pk] = others[-1]

    def take_in(self, filing: Filing) -> None:
        """A signed filing: two reviewers who may decide it see it in the queue in the same moment."""
        able = [reviewer for reviewer in self.reviewers if reviewer.department != filing.department_id]
        for reviewer in (able * 2)[filing.pk % len(able) :][:2]:
            reviewer.inbox.put(filing)

    def decided(self, filing: Filing) -> str:
        """Wait for the end of the next review: "accepted" or "returned"."""
        return self.results[filing.pk].get(timeout=PATIENCE)

    def extend(self, filing: Filing) -> None:
        """Any reviewer gives a department five more days."""
        self.reviewers[filing.pk % len(self.reviewers)].extend(filing)

    def close(self) -> None:
        """Nothing more will come, and nobody need wait for more."""
        for result in self.results.values():
            result.put("closed")
        for reviewer in self.reviewers:
            reviewer.inbox.put(None)
        self.settled.put(None)


@dataclass
class Reviewer:
    """One reviewer of the office, belonging to `department`."""

    office: Office
    visitor: Visitor
    department: int
    inbox: Inbox = field(default_factory=Queue)

    def run(self) -> None:
        """Try to take every filing that comes; review those that nobody else took before."""
        self.visitor.get(TO_QUEUE)
        while filing := self.inbox.get(timeout=PATIENCE):
            if self.takes(filing):
                self.review(filing)

    def takes(self, filing: Filing) -> bool:
        """Claim it with the button, or take it by accepting an entry; whether nobody else was faster."""
        office = self.office
        if filing.pk in office.taken_by and not office.reviews[filing.pk]:
            return self.decides(office.taken_by[filing.pk], decision="accepted")
        page = self.visitor.press(f"/filings/{filing.pk}/claim/")
        is_mine = f"您已认领{filing}的审核" in page.words
        if is_mine:
            office.claims[filing.pk] += 1
        return is_mine

    def decides(self, entry: int, **fields: str) -> bool:
        """Decide an entry that was open; whether that was done or somebody else is at it."""
        path = f"/filings/entries/{entry}/decide/"
        answer = self.visitor.post(path, self.visitor.with_token({"seen": "", **fields}))
        assert answer.status in (302, 409), answer
        return answer.status == 302

    def review(self, filing: Filing) -> None:
        """Return what is to be returned, accept the rest, finish, and tell the department."""
        office = self.office
        assert self.visitor.get(f"/filings/{filing.pk}/review/").status == 200
        returned = [] if office.reviews[filing.pk] else office.to_return[filing.pk]
        for entry in returned:
            assert self.decides(entry, decision="returned", code="R02", note=NOTE)
        self.press(filing, "accept-rest", f"/filings/{filing.pk}/review/")
        self.press(filing, "complete", TO_QUEUE)
        office.reviews[filing.pk] += 1
        office.settled.put(filing)
        office.results[filing.pk].put("returned" if returned else "accepted")

    def press(self, filing: Filing, verb: str, leads_to: str) -> None:
        """Press a button of the filing. What is refused leads elsewhere, or nowhere."""
        answer = self.visitor.post(f"/filings/{filing.pk}/{verb}/", self.visitor.with_token({}))
        assert (answer.status, answer.location) == (302, leads_to), answer

    def extend(self, filing: Filing) -> None:
        """Record five more days for a department. Called from the department's thread, in a window of its own."""
        window = self.visitor.another_window()
        window.get("/filings/periods/")
        until = local_day(filing.period.due_at + timedelta(days=5))
        done = window.press(
            f"/filings/periods/{filing.period_id}/extend/",
            department=str(filing.department_id),
            until_on=until.isoformat(),
            reason="资料待核",
            approver="高为民",
        )
        assert f"已登记{filing.department}延期" in done.words, done.words[:3000]


@dataclass
class Reader:
    """A leader who looks at the figures while they change. Halfway all periodic jobs are due at once."""

    office: Office
    visitor: Visitor
    pages: Sequence[str] = ("/cockpit/?live=1", "/actions/?live=1", "/indicators/?live=1", "/filings/queue/")
    settled: int = 0

    def run(self) -> None:
        """A page for every third filing that was settled."""
        while self.office.settled.get(timeout=PATIENCE):
            self.settled += 1
            if self.settled == len(self.office.results) // 2:
                for entry in settings.CELERY_BEAT_SCHEDULE.values():
                    app.send_task(entry["task"])
            if self.settled % 3 == 0:
                page = self.visitor.get(self.pages[self.settled // 3 % len(self.pages)])
                assert page.status == 200, page

"""The office's people at work while filings come in: each is reviewed once, by whoever was first to take it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Queue

from django.utils import timezone

from filings.models import Filing
from harbor_plan.lib.moments import local_day
from tests.crowd.visitor import Visitor

PATIENCE = 180.0  # seconds for any review; generous, for busy machines
NOTE = "与台账不一致，请核对后改写"

Inbox = Queue[Filing | None]


@dataclass
class Office:
    """What the reviewers share: who is told of which filing, and how each review ended.

    `returned` says how many entries of a filing are returned at its first review; `entries` are its entries in order.
    """

    entries: dict[int, Sequence[int]]
    returned: dict[int, int]
    reviewers: list[Reviewer] = field(default_factory=list)
    reviews: Counter[int] = field(default_factory=Counter)  # finished ones, by filing
    claims: Counter[int] = field(default_factory=Counter)  # reviews taken with the button, by filing
    results: dict[int, Queue[str]] = field(init=False)
    settled: Queue[Filing | None] = field(default_factory=Queue)

    def __post_init__(self) -> None:
        self.results = {pk: Queue() for pk in self.entries}

    def take_in(self, filing: Filing) -> None:
        """A signed filing: every reviewer who may decide it sees it in the queue."""
        for reviewer in self.reviewers:
            if reviewer.department != filing.department_id:
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
        self.visitor.get("/filings/queue/")
        while filing := self.inbox.get(timeout=PATIENCE):
            if self.takes(filing):
                self.review(filing)

    def takes(self, filing: Filing) -> bool:
        """Claim it with the button or, every second filing, by deciding an entry at once; whether that worked."""
        assert self.visitor.get(f"/filings/{filing.pk}/review/").status == 200
        *_, last = self.office.entries[filing.pk]
        is_first = self.office.reviews[filing.pk] == 0
        if is_first and filing.pk % 2 and last not in self.to_return(filing):
            answer = self.visitor.post(
                f"/filings/entries/{last}/decide/", self.visitor.with_token({"decision": "accepted", "seen": ""})
            )
            assert answer.status in (302, 409), answer
            return answer.status == 302
        words = self.visitor.press(f"/filings/{filing.pk}/claim/").words
        is_mine = f"您已认领{filing}的审核" in words
        if is_mine:
            self.office.claims[filing.pk] += 1  # nobody else holds it
        return is_mine

    def to_return(self, filing: Filing) -> Sequence[int]:
        """The entries returned at the first review."""
        return self.office.entries[filing.pk][: self.office.returned[filing.pk]]

    def review(self, filing: Filing) -> None:
        """Return what is to be returned, accept the rest, finish, and tell the department."""
        office = self.office
        returned = [] if office.reviews[filing.pk] else self.to_return(filing)
        for entry in returned:
            fields = {"decision": "returned", "seen": "", "code": "R02", "note": NOTE}
            done = self.visitor.post(f"/filings/entries/{entry}/decide/", self.visitor.with_token(fields))
            assert done.status == 302, done
        left = self.visitor.press(f"/filings/{filing.pk}/accept-rest/").words
        assert "已采纳其余" in left or "没有未审的填报项" in left, left[:3000]
        end = "已退回，请改正后重新报送" if returned else "已全部采纳"
        done = self.visitor.press(f"/filings/{filing.pk}/complete/")
        assert f"{filing}审核完成，{end}。" in done.words, done.words[:3000]
        office.reviews[filing.pk] += 1
        office.settled.put(filing)
        office.results[filing.pk].put("returned" if returned else "accepted")

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
    """A leader who looks at the figures while they change; every few settled filings the periodic jobs are due."""

    office: Office
    visitor: Visitor
    pages: Sequence[str] = ("/cockpit/?live=1", "/actions/?live=1", "/indicators/?live=1", "/filings/queue/")
    read: int = 0

    def run(self) -> None:
        """A page for every third filing that was settled."""
        settled = 0
        while self.office.settled.get(timeout=PATIENCE):
            settled += 1
            if settled % 3 == 0:
                page = self.visitor.get(self.pages[self.read % len(self.pages)])
                assert page.status == 200, page
                self.read += 1

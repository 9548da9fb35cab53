"""The verbs of filing in any order on the real services: no path outside the table, no timeliness rewritten.

What is held after every step:
* A status changes only by a row of the table of moves, with one history row that says from, verb and to.
* What is refused changes nothing.
* The first submission never changes. The verdict it got changes only by recording an extension, and then only from
  late to on time: more time granted afterwards moves the deadline the submission is compared with; less time does not.
* Once the quarter is closed, an accepted entry changes only by a correction, which keeps before and after as versions;
  nothing accepted is reopened. A department that never sent may still be given time and send (it counts as it comes).
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from filings.errors import Refused
from filings.models import Entry, EntryVersion, Exemption, Filing, Move, Period
from filings.rules import STEPS
from filings.services.access import extensions_of, timeliness_of
from filings.services.entries import content, correct_entry
from filings.services.exemptions import exempt, withdraw_exemption
from filings.services.moves import recall, send_back, sign, submit
from filings.services.review import accept_rest, complete_review, decide_entry, reopen
from filings.services.schedule import Window, change_dates
from filings.services.windows import extend, mark_closed
from filings.terms import Decision, Timeliness
from harbor_plan.lib.moments import local_day
from tests import factories as f
from tests.filings.joint_scene import DAY, Joint
from tests.machine import TakenBack, try_any_order

pytestmark = pytest.mark.django_db

NOTE = ("R01", "请补充")
SENT = {Timeliness.ON_TIME, Timeliness.LATE}


class Verbs(TakenBack):
    """One department's filing with a progress entry; the clock only goes forward."""

    scene: Joint
    done: Counter[str] = Counter()

    @initialize()
    def begin(self) -> None:
        self.joint = self.scene
        self.period = Period.objects.select_related("plan__office").get(pk=self.joint.period.pk)
        self.lead = self.joint.lead
        self.filer, self.approver = self.joint.filers[self.lead], self.joint.approvers[self.lead]
        self.at = self.joint.at
        self.seen = self.filing
        self.steps = 0
        self.verdict = Timeliness.NOT_DUE
        self.closed: dict[int, Any] = {}
        self.wrote = ""

    @property
    def filing(self) -> Filing:
        return f.filing_of(self.period, self.lead)

    @property
    def entry(self) -> Entry:
        return self.joint.entry()

    def do(self, verb: str, act: Callable[[], Any]) -> None:
        """Try a verb: refused, nothing has changed; done, its move is on record."""
        before, status = self._stored(), self.seen.status
        self.wrote = verb
        try:
            with transaction.atomic():
                act()
        except Refused:
            assert self._stored() == before
            self.wrote = ""
            return
        self.done[verb] += 1
        steps = list(self.filing.moves.filter(entry=None, verb__in=STEPS).order_by("id"))[self.steps :]
        now = self.filing.status
        assert [(s.from_status, s.to_status, s.at) for s in steps] == (
            [(status, now, self.at)] if now != status else []
        )

    def _stored(self) -> Any:
        filing = Filing.objects.filter(period=self.period, department=self.lead).values().get()
        entries = list(Entry.objects.filter(filing=filing["id"]).values())
        return filing, entries, Move.objects.filter(filing=filing["id"]).count()

    # Rules

    @rule(hours=st.sampled_from([1, 24, 24 * 5, 24 * 11]))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(turns=st.booleans())
    def go_on(self, *, turns: bool) -> None:
        """The next step of an ordinary quarter, or the turn it may take, so that later states are reached often."""
        match self.seen.status:
            case "awaiting_signoff":
                self.send_back() if turns else self.sign()
            case "submitted":
                self.give_back() if turns else self.accept()
            case "accepted" if self.period.closed_at:
                self.correct("更正一" if turns else "更正二")
            case "accepted":
                self.reopen() if turns else self.close()
            case _:
                self.save("完工" if turns else "开工")
                self.submit()

    @rule(turns=st.booleans())
    def go_on_again(self, *, turns: bool) -> None:
        self.go_on(turns=turns)

    @rule(text=st.sampled_from(["开工", "完工"]))
    def save(self, text: str) -> None:
        self.do("save", lambda: f.fill_entry(self.entry, by=self.filer, at=self.at, text=text))

    @rule()
    def submit(self) -> None:
        self.do("submit", lambda: submit(filing=self.filing, by=self.filer, at=self.at))

    @rule()
    def recall(self) -> None:
        self.do("recall", lambda: recall(filing=self.filing, by=self.filer, at=self.at))

    @rule()
    def sign(self) -> None:
        self.do("sign", lambda: sign(filing=self.filing, by=self.approver, at=self.at))

    @rule()
    def send_back(self) -> None:
        self.do(
            "send_back",
            lambda: send_back(filing=self.filing, notes={self.entry.pk: NOTE}, by=self.approver, at=self.at),
        )

    @rule()
    def accept(self) -> None:
        def act() -> None:
            accept_rest(filing=self.filing, by=self.joint.office, at=self.at)
            complete_review(filing=self.filing, by=self.joint.office, at=self.at)

        self.do("accept", act)

    @rule()
    def give_back(self) -> None:
        def act() -> None:
            decide_entry(
                entry=self.entry, decision=Decision.RETURNED, seen=Decision.OPEN, code=NOTE[0], note=NOTE[1],
                by=self.joint.office, at=self.at,
            )  # fmt: skip
            accept_rest(filing=self.filing, by=self.joint.office, at=self.at)
            complete_review(filing=self.filing, by=self.joint.office, at=self.at)

        self.do("return", act)

    @rule()
    def reopen(self) -> None:
        notes = {self.entry.pk: NOTE}
        self.do("reopen", lambda: reopen(filing=self.filing, notes=notes, by=self.joint.office, at=self.at))

    @rule(days=st.sampled_from([1, 12, 40]), everybody=st.booleans())
    def more_time(self, days: int, *, everybody: bool) -> None:
        self.change_dates(days) if everybody else self.extend(days)

    def extend(self, days: int) -> None:
        self.do(
            "extend",
            lambda: extend(
                period=self.period, department=self.lead, until=self.period.due_at + days * DAY, reason="台风",
                approver="高为民", by=self.joint.office, at=self.at,
            ),
        )  # fmt: skip

    def change_dates(self, days: int) -> None:
        """The deadline for everybody moves by days, and the closing with it if it must."""
        due = local_day(self.period.due_at + days * DAY)
        window = Window(
            opens_on=local_day(self.period.opens_at), due_on=due, countersign_on=None,
            closes_on=max(due + 7 * DAY, local_day(self.period.closes_at)),
        )  # fmt: skip
        self.do(
            "change_dates",
            lambda: change_dates(
                period=self.period, window=window, reason="上级来文", by=self.joint.office, at=self.at
            ),
        )
        self.period.refresh_from_db()

    @rule()
    def exempt_or_not(self) -> None:
        self.withdraw() if Exemption.objects.filter(withdrawn_at=None).exists() else self.exempt()

    def exempt(self) -> None:
        self.do(
            "exempt",
            lambda: exempt(
                period=self.period, department=self.lead, reason="停业", approver="高为民",
                by=self.joint.office, at=self.at,
            ),
        )  # fmt: skip

    def withdraw(self) -> None:
        exemption = Exemption.objects.get(withdrawn_at=None)
        self.do(
            "withdraw",
            lambda: withdraw_exemption(exemption=exemption, reason="恢复", by=self.joint.office, at=self.at),
        )

    @rule()
    def close(self) -> None:
        self.do("close", lambda: mark_closed(period=self.period, by=None, at=self.at))
        self.period.refresh_from_db()

    @rule(text=st.sampled_from(["更正一", "更正二"]))
    def correct(self, text: str) -> None:
        def act() -> None:
            correct_entry(
                entry=self.entry, values={"text": text}, reason="笔误", by=self.joint.office, at=self.at
            )

        self.do("correct", act)

    # What always holds

    @invariant()
    def history_grows_by_the_table(self) -> None:
        if not hasattr(self, "joint"):
            return
        taken = list(self.filing.moves.filter(entry=None, verb__in=STEPS).order_by("id"))
        status = "draft"
        for step in taken:
            assert step.from_status == status
            assert status in STEPS[step.verb].sources
            status = STEPS[step.verb].to
            assert step.to_status == status
        assert self.filing.status == status
        self.steps = len(taken)

    @invariant()
    def the_first_submission_and_its_verdict_stay(self) -> None:
        if not hasattr(self, "joint"):
            return
        filing = self.filing
        verdict = timeliness_of(filing, extensions_of(self.period).get(self.lead.pk), self.at)
        if self.seen.first_submitted_at:
            assert filing.first_submitted_at == self.seen.first_submitted_at
            if verdict != self.verdict:
                assert self.wrote == "extend"
                assert (self.verdict, verdict) == (Timeliness.LATE, Timeliness.ON_TIME)
        elif filing.first_submitted_at:
            assert self.wrote == "sign"
            assert verdict in SENT
        self.seen, self.verdict = filing, verdict

    @invariant()
    def what_counts_in_a_closed_quarter_changes_by_correction_only(self) -> None:
        if not hasattr(self, "joint") or not self.period.closed_at:
            return
        entry = self.entry
        if entry.decision != Decision.ACCEPTED:
            assert entry.pk not in self.closed
            return
        now = content(entry)
        if self.closed.get(entry.pk, now) != now:
            assert self.wrote == "correct"
            assert EntryVersion.objects.filter(entry=entry).exclude(correction_reason="").exists()
        self.closed[entry.pk] = now


def walk_once() -> None:
    """One ordinary path through every verb, so that chance never leaves one untried."""
    walk = Verbs()
    walk.begin()
    acts = (
        walk.exempt, walk.withdraw, lambda: walk.extend(1), lambda: walk.change_dates(12), lambda: walk.save("开工"),
        walk.submit, walk.recall, walk.submit, walk.send_back, lambda: walk.save("完工"), walk.submit, walk.sign,
        walk.give_back, lambda: walk.save("开工"), walk.submit, walk.sign, walk.accept, walk.reopen,
        lambda: walk.save("完工"), walk.submit, walk.sign, walk.accept, walk.close, lambda: walk.correct("更正一"),
    )  # fmt: skip
    for act in acts:
        walk.at += timedelta(hours=1)
        before = sum(walk.done.values())
        act()
        assert sum(walk.done.values()) == before + 1
        walk.history_grows_by_the_table()
        walk.the_first_submission_and_its_verdict_stay()
        walk.what_counts_in_a_closed_quarter_changes_by_correction_only()
    walk.teardown()


def test_no_sequence_of_verbs_leaves_the_table() -> None:
    Verbs.scene = Joint(countersigned=False)
    Verbs.done.clear()
    try_any_order(Verbs, runs=8, steps=22)
    walk_once()
    assert set(Verbs.done) == {
        "save", "submit", "recall", "send_back", "sign", "accept", "return", "reopen",
        "extend", "change_dates", "exempt", "withdraw", "close", "correct",
    }  # fmt: skip

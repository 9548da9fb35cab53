"""The verbs of an annual plan in any order on the real services.

What is held after every step:
* A status changes only by a row of the table of moves, with one event that says before and after.
* What is refused changes nothing.
* Versions are only added, by an approval, numbered without gaps; what one holds never changes.
* An approved plan's items are what its latest version holds; a plan with the office is not written to.
"""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from audit.models import Event
from harbor_plan.lib.refusals import Refused
from tasks.models import AnnualPlan, AnnualPlanVersion, ItemState, WorkItem
from tasks.rules import STEPS, WRITABLE
from tasks.services import annual, items
from tasks.services.access import submission
from tasks.services.versions import content_of, included
from tests.machine import TakenBack, try_any_order
from tests.tasks.scene import Work

pytestmark = pytest.mark.django_db

MOVING = [f"annual_plan.{verb}" for verb in STEPS]


class Verbs(TakenBack):
    """One action's year, worked on by its lead, a cooperating department and the office."""

    scene: Work
    done: Counter[str] = Counter()

    @initialize()
    def begin(self) -> None:
        self.work = self.scene
        self.pk = self.work.begin().pk
        self.frozen: dict[int, Any] = {}

    @property
    def plan(self) -> AnnualPlan:
        return AnnualPlan.objects.select_related("action__plan__office").get(pk=self.pk)

    def _stored(self) -> Any:
        plan = AnnualPlan.objects.filter(pk=self.pk).values().get()
        return plan, list(WorkItem.objects.filter(annual_plan=self.pk).order_by("pk").values())

    def do(self, verb: str, act: Callable[[], Any]) -> None:
        """Try a verb: refused, nothing has changed; done, the status went as the table says."""
        before = self._stored()
        try:
            with transaction.atomic():
                act()
        except Refused:
            assert self._stored() == before
            return
        self.done[verb] += 1
        status, now = before[0]["status"], self.plan.status
        if verb in STEPS:
            assert status in STEPS[verb].sources
            assert now == STEPS[verb].to
        else:
            assert now == status
            assert status in WRITABLE or self._stored() == before

    def pick(self, state: ItemState) -> WorkItem:
        """The newest line in a state, else any line."""
        lines = WorkItem.objects.filter(annual_plan=self.pk).select_related("annual_plan")
        line = lines.filter(state=state).last() or lines.last()
        if line is None:
            raise Refused("content", "没有工作项")
        return line

    # Rules

    @rule(no=st.sampled_from([1, 2, 3]))
    def add(self, no: int) -> None:
        self.do("add", lambda: self.work.add(self.plan, f"措施{no}"))

    @rule(no=st.sampled_from([1, 2]))
    def propose(self, no: int) -> None:
        self.do("propose", lambda: self.work.propose(self.plan, f"建议{no}"))

    @rule(weight=st.sampled_from([1, 2, 5]))
    def edit(self, weight: int) -> None:
        def act() -> None:
            item = self.pick(ItemState.INCLUDED)
            values = self.work.values(item.measure, department=item.department, weight=D(weight))
            items.edit_item(
                item=item, values=values, version=item.version, by=self.work.filer, at=self.work.now()
            )

        self.do("edit", act)

    @rule()
    def drop(self) -> None:
        def act() -> None:
            item = self.pick(ItemState.INCLUDED)
            items.drop_item(
                item=item, reason="并入他项", version=item.version, by=self.work.filer, at=self.work.now()
            )

        self.do("drop", act)

    @rule(takes=st.booleans())
    def answer(self, *, takes: bool) -> None:
        def act() -> None:
            item = self.pick(ItemState.PROPOSED)
            by, at = self.work.filer, self.work.now()
            if takes:
                items.take_in(item=item, version=item.version, by=by, at=at)
            else:
                items.decline(item=item, reason="另有安排", by=by, at=at)

        self.do("take_in" if takes else "decline", act)

    @rule()
    def submit(self) -> None:
        by, at = self.work.filer, self.work.now()
        self.do("submit", lambda: annual.submit_plan(plan=self.plan, by=by, at=at))

    @rule()
    def recall(self) -> None:
        by, at = self.work.filer, self.work.now()
        self.do("recall", lambda: annual.recall_plan(plan=self.plan, by=by, at=at))

    @rule()
    def approve(self) -> None:
        plan, at = self.plan, self.work.now()
        self.do(
            "approve",
            lambda: annual.approve_plan(plan=plan, seen=submission(plan), by=self.work.office, at=at),
        )

    @rule()
    def give_back(self) -> None:
        plan, at = self.plan, self.work.now()
        self.do(
            "return",
            lambda: annual.return_plan(
                plan=plan, seen=submission(plan), note="补充", by=self.work.office, at=at
            ),
        )

    @rule()
    def change(self) -> None:
        by, at = self.work.filer, self.work.now()
        self.do("change", lambda: annual.change_plan(plan=self.plan, reason="上级调整", by=by, at=at))

    @rule()
    def abandon(self) -> None:
        by, at = self.work.filer, self.work.now()
        self.do("abandon", lambda: annual.abandon_change(plan=self.plan, by=by, at=at))

    @rule(no=st.integers(4, 9), turns=st.booleans())
    def go_on_again(self, no: int, *, turns: bool) -> None:
        self.go_on(no, turns=turns)

    @rule(no=st.integers(4, 9), turns=st.booleans())
    def go_on(self, no: int, *, turns: bool) -> None:
        """The next step of an ordinary year, or the turn it may take, so that later states are reached often."""
        match self.plan.status:
            case "submitted":
                self.give_back() if turns else self.approve()
            case "approved":
                self.change()
            case "draft" if turns and self.plan.version:
                self.abandon()
            case _:
                self.add(no)
                self.submit()

    # What always holds

    @invariant()
    def history_goes_by_the_table(self) -> None:
        if not hasattr(self, "work"):
            return
        taken = Event.objects.filter(
            subject_type="tasks.annualplan", subject_id=str(self.pk), verb__in=MOVING
        )
        status = "draft"
        for event in taken.order_by("id"):
            step = STEPS[event.verb.removeprefix("annual_plan.")]
            assert (event.before, event.after) == ({"status": status}, {"status": step.to})
            assert status in step.sources
            status = step.to
        assert self.plan.status == status

    @invariant()
    def versions_are_only_added(self) -> None:
        if not hasattr(self, "work"):
            return
        kept = {v.no: v.content for v in AnnualPlanVersion.objects.filter(annual_plan=self.pk)}
        assert sorted(kept) == list(range(1, self.plan.version + 1))
        assert {no: kept[no] for no in self.frozen} == self.frozen
        assert len(kept) == Event.objects.filter(subject_id=str(self.pk), verb="annual_plan.approve").count()
        self.frozen = kept
        if self.plan.status == "approved":
            assert content_of(self.plan, included(self.plan)) == kept[self.plan.version]


def walk_once() -> None:
    """One ordinary path through every verb, so that chance never leaves one untried."""
    walk = Verbs()
    walk.begin()
    acts = (
        lambda: walk.add(1), lambda: walk.add(2), lambda: walk.edit(5), walk.drop, lambda: walk.propose(1),
        lambda: walk.answer(takes=True), lambda: walk.propose(2), lambda: walk.answer(takes=False), walk.submit,
        walk.recall, walk.submit, walk.give_back, walk.submit, walk.approve, walk.change, lambda: walk.edit(2),
        walk.abandon, walk.change, lambda: walk.add(3), walk.submit, walk.approve,
    )  # fmt: skip
    for act in acts:
        before = sum(walk.done.values())
        act()
        assert sum(walk.done.values()) == before + 1
        walk.history_goes_by_the_table()
        walk.versions_are_only_added()
    walk.teardown()


def test_no_sequence_of_verbs_leaves_the_table() -> None:
    Verbs.scene = Work()
    Verbs.done.clear()
    try_any_order(Verbs, runs=6, steps=20)
    walk_once()
    assert set(Verbs.done) == {"add", "propose", "edit", "drop", "take_in", "decline", *STEPS}

"""Two people at one annual plan in the same moment, on PostgreSQL: one of them acts, the other is told."""

from functools import partial

import pytest

from audit.models import Event
from tasks.models import AnnualPlan, AnnualPlanVersion, ItemState, WorkItem
from tasks.services.access import submission
from tasks.services.annual import (
    abandon_change,
    approve_plan,
    create_plan,
    recall_plan,
    return_plan,
    submit_plan,
)
from tasks.services.items import add_item, decline, edit_item, take_in
from tests import factories as f
from tests.tasks.scene import Work
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def now(plan: AnnualPlan) -> AnnualPlan:
    return AnnualPlan.objects.get(pk=plan.pk)


def test_a_year_is_begun_once() -> None:
    work = Work()
    begin = partial(create_plan, action=work.action, year=2020)
    results = at_once(
        partial(begin, by=work.filer, at=work.now()), partial(begin, by=work.co_filer, at=work.now())
    )
    assert results == ["done", "status"]
    assert AnnualPlan.objects.count() == 1


def test_a_line_is_edited_by_one_and_added_once() -> None:
    work = Work()
    plan = work.begin()
    item = work.add(plan)
    edit = partial(edit_item, item=item, version=1)
    results = at_once(
        partial(edit, values=work.values("甲稿"), by=work.filer, at=work.now()),
        partial(edit, values=work.values("乙稿"), by=work.co_filer, at=work.now()),
    )
    assert results == ["done", "race"]
    item.refresh_from_db()
    assert (item.version, item.measure in ("甲稿", "乙稿")) == (2, True)
    add = partial(add_item, plan=plan, values=work.values("同一措施"))
    results = at_once(
        partial(add, by=work.filer, at=work.now()), partial(add, by=work.co_filer, at=work.now())
    )
    assert results == ["content", "done"]
    assert WorkItem.objects.filter(measure="同一措施").count() == 1


def test_a_proposal_is_decided_once() -> None:
    work = Work()
    item = work.propose(work.begin())
    results = at_once(
        partial(take_in, item=item, version=1, by=work.filer, at=work.now()),
        partial(decline, item=item, reason="重复", by=work.co_filer, at=work.now()),
    )
    assert results == ["done", "race"]
    item.refresh_from_db()
    verb = "take_in" if item.state == ItemState.INCLUDED else "decline"
    decided = Event.objects.filter(verb__in=["annual_plan.take_in", "annual_plan.decline"])
    assert [event.verb for event in decided] == [f"annual_plan.{verb}"]


def test_submitting_and_adding_at_once_leave_nothing_behind_the_offices_back() -> None:
    work = Work()
    plan = work.begin()
    work.add(plan)
    results = at_once(
        partial(submit_plan, plan=plan, by=work.filer, at=work.now()),
        partial(add_item, plan=plan, values=work.values("后加"), by=work.co_filer, at=work.now()),
    )
    plan = now(plan)
    assert plan.status == "submitted"
    added = WorkItem.objects.filter(measure="后加").count()
    assert results == (["done", "done"] if added else ["done", "status"])
    version = approve_plan(plan=plan, seen=submission(plan), by=work.office, at=work.now())
    assert len(version.content["items"]) == 1 + added


def test_a_plan_is_decided_once() -> None:
    work = Work()
    plan = work.begin()
    work.add(plan)
    plan = work.submit(plan)
    second = f.make_reviewer(work.plan.office, name="林静")
    seen = submission(plan)
    results = at_once(
        partial(approve_plan, plan=plan, seen=seen, by=work.office, at=work.now()),
        partial(approve_plan, plan=plan, seen=seen, by=second, at=work.now()),
        partial(return_plan, plan=plan, seen=seen, note="补充措施", by=second, at=work.now()),
        partial(recall_plan, plan=plan, by=work.filer, at=work.now()),
    )
    assert results == ["done", "status", "status", "status"]
    versions = AnnualPlanVersion.objects.count()
    assert (now(plan).status == "approved", now(plan).version) == (versions == 1, versions)


def test_a_change_is_given_up_or_submitted() -> None:
    work = Work()
    plan, first, _ = work.approved()
    work.change(plan)
    edit_item(item=first, values=work.values("整治企业 50 家"), version=1, by=work.filer, at=work.now())
    results = at_once(
        partial(abandon_change, plan=plan, by=work.filer, at=work.now()),
        partial(submit_plan, plan=plan, by=work.co_filer, at=work.now()),
    )
    assert results == ["done", "status"]
    first.refresh_from_db()
    wanted = {"approved": "整治企业 42 家", "submitted": "整治企业 50 家"}
    assert first.measure == wanted[now(plan).status]

"""Supervision orders: what is proposed, one order per task, every step with its trace, and no other path."""

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from departments.models import Kind
from filings.errors import AlreadyMoved, Refused
from filings.models import Move
from filings.terms import Decision
from supervision.models import Digest, Dismissal, Notice, OrderMove, OrderRule, SupervisionOrder
from supervision.order_rules import STEPS
from supervision.services import orders
from supervision.terms import OPEN
from tests import factories as f
from tests.supervision.order_scene import NOON, TODAY, Scene

DAY = timedelta(days=1)


@pytest.fixture
def scene(db):
    return Scene()


def proposed(scene, today=TODAY):
    return [(p.task, p.department, p.period, p.level) for p in scene.proposals(today)]


# Proposing


def test_nothing_is_proposed_without_figures_or_for_tasks_on_track(scene):
    assert proposed(scene) == []
    scene.light("on_track")
    assert proposed(scene) == []


def test_behind_is_yellow_late_is_red_and_the_most_severe_stands_first(scene):
    scene.light("behind", reason="落后 5 个百分点")
    scene.light("late", task=scene.second_task)
    assert proposed(scene) == [
        (scene.second_task, scene.other, scene.period, "red"),
        (scene.task, scene.department, scene.period, "yellow"),
    ]
    assert scene.proposals()[1].reason == "任务滞后（2020年第4季度：落后 5 个百分点）"


def test_a_quarter_not_filed_yet_is_judged_by_the_one_before(scene):
    scene.light("unknown")
    scene.light("late", period=scene.before)
    assert proposed(scene) == [(scene.task, scene.department, scene.before, "red")]


def test_two_quarters_behind_are_red_unless_the_rule_says_otherwise(scene):
    scene.light("behind")
    scene.light("behind", period=scene.before)
    assert [p[3] for p in proposed(scene)] == ["red"]
    OrderRule.objects.create(plan=scene.plan, red_quarters=3)
    assert [p[3] for p in proposed(scene)] == ["yellow"]


def test_a_milestone_soon_due_is_blue_and_an_overdue_one_red(scene):
    scene.light("on_track")
    milestone = f.make_milestone(scene.task, due_on=TODAY + 30 * DAY)
    assert [p[3] for p in proposed(scene)] == ["blue"]
    assert proposed(scene, TODAY - DAY) == []
    scene.figure("milestone", milestone, "late")
    assert [p[3] for p in proposed(scene, TODAY + 31 * DAY)] == ["red"]


def test_a_milestone_that_is_done_is_left_alone(scene):
    scene.light("on_track")
    f.make_milestone(scene.task, due_on=TODAY + DAY)
    period = f.open_quarter(scene.plan, 2021, 1, at=NOON)
    filing = f.filing_of(period, scene.department)
    entry = f.entry_of(filing, kind="milestone")
    type(entry).objects.filter(pk=entry.pk).update(
        decision=Decision.ACCEPTED,
        milestone_state="done",
        is_complete=True,
        decided_by=scene.office,
        decided_at=NOON,
    )
    assert proposed(scene) == []


def test_a_lead_whose_report_was_returned_twice_is_yellow(scene):
    scene.light("on_track")
    filing = f.filing_of(scene.period, scene.department)
    entry = f.entry_of(filing, kind="progress")
    for n in range(2):
        assert [p[3] for p in proposed(scene)] == []
        Move.objects.create(
            filing=filing, entry=entry, verb="return_entry", by=scene.office, at=NOON + n * DAY
        )
    assert [p[3] for p in proposed(scene)] == ["yellow"]


def test_a_group_is_answered_for_by_its_convenor_and_a_unit_that_owes_nothing_by_nobody(scene):
    convenor = f.make_department("牵头办")
    group = f.make_department("联合组", kind=Kind.GROUP, convenor=convenor)
    silent = f.make_department("外单位", owes=False)
    action = scene.task.action
    of_group, of_silent = f.make_task(action, lead=group), f.make_task(action, lead=silent)
    scene.light("late", task=of_group)
    scene.light("late", task=of_silent)
    assert proposed(scene) == [(of_group, convenor, scene.period, "red")]


def test_more_tasks_take_no_more_queries(scene):
    scene.light("behind")
    with CaptureQueriesContext(connection) as one:
        assert len(scene.proposals()) == 1
    for _ in range(3):
        scene.light("late", task=f.make_task(scene.task.action, lead=scene.other))
    with CaptureQueriesContext(connection) as four:
        assert len(scene.proposals()) == 4
    assert len(four) == len(one)


# Issuing


def test_an_order_is_numbered_by_plan_and_year_told_and_recorded(scene):
    scene.light("behind", reason="落后 5 个百分点")
    order = scene.issue()
    assert (str(order), order.number) == ("811督〔2021〕1号督办单", "811督〔2021〕1号")
    assert (order.status, order.level, order.department, order.period) == (
        "issued",
        "yellow",
        scene.department,
        scene.period,
    )
    assert order.reason == "任务滞后（2020年第4季度：落后 5 个百分点）"
    (move,) = order.moves.all()
    assert (move.verb, move.from_status, move.to_status, move.by) == ("issue", "", "issued", scene.office)
    (event,) = Event.objects.filter(verb="order.issue")
    assert (event.actor_name, event.after) == ("顾明远", {"status": "issued", "level": "yellow"})
    (notice,) = Notice.objects.filter(kind="order")
    assert (notice.department, notice.order) == (scene.department, order)
    assert notice.text == (
        "811督〔2021〕1号督办单（黄色督办，任务 1.1 河道整治）下达，请签收，整改期限 2021年2月19日。"
    )
    assert {d.user for d in Digest.objects.all()} == {scene.filer, scene.approver, scene.own}
    assert proposed(scene) == []
    scene.light("late", task=scene.second_task)
    assert scene.issue("red", task=scene.second_task).number == "811督〔2021〕2号"


def test_who_may_issue_and_when(scene):
    scene.light("behind")
    for person in (scene.filer, scene.leader, scene.sysadmin):
        with pytest.raises(Refused) as refused:
            scene.issue(by=person)
        assert (refused.value.axis, refused.value.sentence) == ("permission", "督办单由推进办下达。")
    with pytest.raises(Refused, match=r"目前按规则应为黄色督办。请刷新页面后再办。"):
        scene.issue("red")
    with pytest.raises(Refused, match="目前按规则无须督办"):
        scene.issue(task=scene.second_task)
    with pytest.raises(Refused, match="请写明办理要求"):
        scene.issue(demand="  ")
    with pytest.raises(Refused, match="整改期限须晚于今天"):
        scene.issue(rectify_by=TODAY)
    assert SupervisionOrder.objects.count() == 0
    scene.issue()
    with pytest.raises(Refused, match="目前按规则无须督办"):
        scene.issue()


def test_one_task_has_one_open_order_and_worse_figures_escalate_it(scene):
    order = scene.order("working")
    scene.light("late")
    (proposal,) = scene.proposals()
    assert (proposal.level, proposal.order) == ("red", order)
    scene.issue("red", at=NOON + DAY, rectify_by=TODAY + 15 * DAY)
    order.refresh_from_db()
    assert SupervisionOrder.objects.count() == 1
    assert (order.level, order.status, order.rectify_by) == ("red", "issued", TODAY + 15 * DAY)
    assert (order.signed_by, order.signed_at) == (None, None)
    assert [(m.verb, m.level) for m in order.moves.all()] == [
        ("issue", "yellow"),
        ("sign", "yellow"),
        ("escalate", "red"),
    ]
    assert order.moves.last().note.startswith("由黄色督办升级为红色督办：任务严重滞后")
    assert proposed(scene) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        SupervisionOrder.objects.filter(pk=order.pk).update(level="purple")


def test_better_figures_leave_the_open_order_as_it_is(scene):
    order = scene.order("working")
    scene.light("on_track")
    assert proposed(scene) == []
    order.refresh_from_db()
    assert order.level == "yellow"


def test_while_a_feedback_is_checked_nothing_is_escalated(scene):
    scene.order("reported")
    scene.light("late")
    assert proposed(scene) == []


def test_what_was_dismissed_comes_back_only_worse_or_on_newer_figures(scene):
    scene.light("behind")
    with pytest.raises(Refused, match="请写明不予督办的理由"):
        orders.dismiss(plan=scene.plan, task=scene.task, level="yellow", reason=" ", by=scene.office, at=NOON)
    with pytest.raises(Refused, match="是否督办由推进办决定"):
        orders.dismiss(plan=scene.plan, task=scene.task, level="yellow", reason="x", by=scene.leader, at=NOON)
    orders.dismiss(
        plan=scene.plan, task=scene.task, level="yellow", reason="汛期停工", by=scene.office, at=NOON
    )
    assert Dismissal.objects.get().reason == "汛期停工"
    assert Event.objects.get(verb="order.dismiss").note == "汛期停工"
    assert proposed(scene) == []
    scene.light("late")
    assert [p[3] for p in proposed(scene)] == ["red"]
    scene.light("behind")
    newer = f.open_quarter(scene.plan, 2021, 1, at=NOON)
    scene.light("behind", period=newer)
    OrderRule.objects.create(plan=scene.plan, red_quarters=0)
    assert proposed(scene) == [(scene.task, scene.department, newer, "yellow")]


def test_what_was_closed_is_not_proposed_again_on_the_same_figures(scene):
    scene.order("closed")
    assert proposed(scene) == []
    scene.light("late")
    assert [p[3] for p in proposed(scene)] == ["red"]
    assert scene.issue("red").number == "811督〔2021〕2号"


# Steps


def test_an_order_goes_its_whole_way(scene):
    order = scene.order("closed")
    order = SupervisionOrder.objects.get(pk=order.pk)
    assert (order.signed_by, order.reported_by, order.checked_by) == (
        scene.filer,
        scene.approver,
        scene.office,
    )
    assert (order.feedback, order.check_note, order.approver) == ("已赶上。", "现场看过。", "高为民")
    assert (order.closed_by, order.closed_at) == (scene.second, NOON)
    assert [(m.verb, m.from_status, m.to_status) for m in order.moves.all()] == [
        ("issue", "", "issued"),
        ("sign", "issued", "working"),
        ("report", "working", "reported"),
        ("accept", "reported", "checked"),
        ("close", "checked", "closed"),
    ]
    assert list(
        Event.objects.filter(verb__startswith="order.").order_by("id").values_list("verb", flat=True)
    ) == ["order.issue", "order.sign", "order.report", "order.accept", "order.close"]


def test_a_check_that_finds_it_undone_gives_more_time(scene):
    order = scene.order("reported")
    with pytest.raises(Refused, match="请写明退回原因"):
        orders.send_back(order=order, note="", rectify_by=TODAY + DAY, by=scene.office, at=NOON)
    orders.send_back(order=order, note="现场未动工", rectify_by=TODAY + 5 * DAY, by=scene.office, at=NOON)
    order.refresh_from_db()
    assert (order.status, order.rectify_by, order.check_note) == ("working", TODAY + 5 * DAY, "现场未动工")
    assert Notice.objects.filter(kind="order").count() == 2
    orders.report(order=order, feedback="已动工。", by=scene.filer, at=NOON)
    order.refresh_from_db()
    assert (order.check_note, order.checked_by, order.checked_at) == ("", None, None)  # of the round before
    assert order.moves.get(verb="send_back").note == "现场未动工"
    orders.accept(order=order, note="属实", by=scene.second, at=NOON)
    assert order.status == "checked"


def test_whoever_checked_does_not_close_and_nobody_checks_their_own_department(scene):
    order = scene.order("reported")
    with pytest.raises(Refused, match="本单位的督办单须由他人核查"):
        orders.accept(order=order, note="好", by=scene.own, at=NOON)
    orders.accept(order=order, note="好", by=scene.office, at=NOON)
    for person in (scene.office, scene.own, scene.filer):
        with pytest.raises(Refused, match="核查人不办理销号"):
            orders.close(order=order, approver="高为民", by=person, at=NOON)
    with pytest.raises(Refused, match="请写明销号批准人"):
        orders.close(order=order, approver=" ", by=scene.second, at=NOON)
    orders.close(order=order, approver="高为民", by=scene.leader, at=NOON)
    assert order.closed_by == scene.leader


def test_looking_back_reopens_within_its_days_with_a_reason(scene):
    order = scene.order("closed")
    late, last = NOON + 91 * DAY, NOON + 90 * DAY
    with pytest.raises(Refused, match="超过 90 天的回头看期限") as refused:
        orders.reopen(order=order, note="反弹", rectify_by=TODAY + 200 * DAY, by=scene.office, at=late)
    assert refused.value.axis == "window"
    with pytest.raises(Refused, match="请写明重新督办的理由"):
        orders.reopen(order=order, note="", rectify_by=TODAY + 200 * DAY, by=scene.office, at=last)
    orders.reopen(order=order, note="反弹", rectify_by=TODAY + 120 * DAY, by=scene.office, at=last)
    order = SupervisionOrder.objects.get(pk=order.pk)
    assert (order.status, order.closed_at, order.approver, order.signed_by) == ("issued", None, "", None)
    assert order.number == "811督〔2021〕1号"
    assert order.moves.last().verb == "reopen"


def test_looking_back_is_refused_while_another_order_of_the_task_is_open(scene):
    order = scene.order("closed")
    scene.light("late")
    scene.issue("red")
    with pytest.raises(Refused, match="一事一单，不能重复督办"):
        orders.reopen(order=order, note="反弹", rectify_by=TODAY + DAY, by=scene.office, at=NOON)
    with pytest.raises(IntegrityError), transaction.atomic():
        SupervisionOrder.objects.filter(pk=order.pk).update(status="working", closed_at=None, approver="")


def test_a_withdrawn_order_keeps_its_number(scene):
    scene.order("withdrawn")
    scene.light("late")
    assert scene.issue("red").no == 2


def test_a_lost_race_names_who_was_faster(scene):
    order = scene.order("issued")
    seen_before = SupervisionOrder.objects.for_page().get(pk=order.pk)
    orders.sign(order=order, by=scene.filer, at=NOON)
    with pytest.raises(
        AlreadyMoved, match=rf"{scene.filer}已于 01-20 12:00 对811督〔2021〕1号督办单办理“签收”"
    ):
        orders.sign(order=seen_before, by=scene.approver, at=NOON)
    assert order.moves.count() == 2


def test_the_time_for_putting_right_includes_its_day_and_ends_with_the_feedback(scene):
    order = scene.order("working")
    assert not order.is_late(order.rectify_by)
    assert order.is_late(order.rectify_by + DAY)
    orders.report(order=order, feedback="已赶上。", by=scene.filer, at=NOON)
    assert not order.is_late(order.rectify_by + DAY)


# No path outside the table

CALLS = {
    "sign": lambda scene, order, by: orders.sign(order=order, by=by, at=NOON),
    "report": lambda scene, order, by: orders.report(order=order, feedback="做了", by=by, at=NOON),
    "accept": lambda scene, order, by: orders.accept(order=order, note="看过", by=by, at=NOON),
    "send_back": lambda scene, order, by: orders.send_back(
        order=order, note="未做", rectify_by=TODAY + DAY, by=by, at=NOON
    ),
    "close": lambda scene, order, by: orders.close(order=order, approver="高为民", by=by, at=NOON),
    "reopen": lambda scene, order, by: orders.reopen(
        order=order, note="反弹", rectify_by=TODAY + DAY, by=by, at=NOON
    ),
    "withdraw": lambda scene, order, by: orders.withdraw(order=order, note="错", by=by, at=NOON),
}
PEOPLE = ["filer", "approver", "stranger", "office", "second", "own", "leader", "sysadmin"]


@given(st.lists(st.tuples(st.sampled_from(sorted(CALLS)), st.sampled_from(PEOPLE)), max_size=14))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_anybody_tries_an_order_moves_by_the_table_only(scene, tries):
    """Every move is a row of the table, taken by who may; the history leads without a gap to where the order stands."""
    with transaction.atomic():
        order = scene.order("issued")
        for verb, name in tries:
            order = SupervisionOrder.objects.for_page().get(pk=order.pk)
            person, seen = getattr(scene, name), order.status
            allowed = seen in STEPS[verb].sources and orders.can_take(order, verb, person)
            try:
                CALLS[verb](scene, order, person)
            except Refused:
                assert not allowed
                assert SupervisionOrder.objects.get(pk=order.pk).status == seen
            else:
                assert allowed
                assert SupervisionOrder.objects.get(pk=order.pk).status == STEPS[verb].to
        order.refresh_from_db()
        moves = list(OrderMove.objects.filter(order=order).order_by("id"))
        for earlier, later in pairwise(moves):
            assert later.from_status == earlier.to_status
            assert later.from_status in STEPS[later.verb].sources
            assert later.to_status == STEPS[later.verb].to
        assert moves[-1].to_status == order.status
        assert (order.closed_at is not None) == (order.status == "closed")
        assert order.is_open == (order.status in OPEN)
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_issue_one_order():
    scene = Scene()
    scene.light("behind")
    scene.light("late", task=scene.second_task)
    barrier, outcomes = threading.Barrier(4), []

    def run(level, task):
        try:
            barrier.wait(30)
            outcomes.append(scene.issue(level, task=task).no)
        except Refused as refused:
            outcomes.append(refused.axis)
        finally:
            connections.close_all()

    tries = [("yellow", scene.task), ("red", scene.second_task)] * 2
    threads = [threading.Thread(target=run, args=each) for each in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(str, outcomes)) == ["1", "2", "status", "status"]
    assert SupervisionOrder.objects.count() == 2

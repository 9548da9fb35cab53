"""The year of an action: compiled by its leads, approved by the office in versions, changed with a reason."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership
from accounts.roles import Role
from audit.models import Event
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from tasks.models import AnnualPlan, AnnualPlanVersion, ItemState, WorkItem
from tasks.services import annual
from tasks.services.access import can_decide, submission
from tasks.services.items import add_item, decline, drop_item, edit_item, propose_item, take_in
from tasks.services.versions import differences, in_force, items_in_force
from tests import factories as f
from tests.tasks.scene import EVEN, START, Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> Work:
    return Work()


def again(plan: AnnualPlan) -> AnnualPlan:
    return AnnualPlan.objects.get(pk=plan.pk)


def verbs(plan: AnnualPlan) -> list[str]:
    events = Event.objects.filter(subject_type="tasks.annualplan", subject_id=str(plan.pk))
    return [event.verb.removeprefix("annual_plan.") for event in events.order_by("id")]


# Beginning


def test_either_lead_begins_the_year_once(work: Work) -> None:
    plan = annual.create_plan(action=work.action, year=2020, by=work.co_filer, at=work.now())
    assert (plan.status, plan.version, plan.programme, plan.items.count()) == ("draft", 0, None, 0)
    with pytest.raises(Refused, match="净气行动 2020年度实施计划已经开始编制") as refused:
        work.begin()
    assert refused.value.axis == "status"


@pytest.mark.parametrize("name", ["approver", "office", "leader", "helper_filer", "stranger", "sysadmin"])
def test_nobody_else_begins_one(work: Work, name: str) -> None:
    with pytest.raises(Refused, match="由“净气行动”牵头单位的填报人编制") as refused:
        annual.create_plan(action=work.action, year=2020, by=work.person(name), at=work.now())
    assert refused.value.axis == "permission"
    assert not AnnualPlan.objects.exists()


@pytest.mark.parametrize("year", [2015, 2021])
def test_only_years_of_the_plan(work: Work, year: int) -> None:
    with pytest.raises(Refused, match=f"{year}年不在.*（2016—2020年）"):
        work.begin(year)


def test_a_coordinating_lead_without_a_task_of_its_own_compiles_for_the_tasks_leads(work: Work) -> None:
    plan = work.begin()
    values = work.values(task=work.task_2, department=work.other)
    item = add_item(plan=plan, values=values, by=work.co_filer, at=work.now())
    assert (item.task, item.department, item.state) == (work.task_2, work.other, ItemState.INCLUDED)


# Items


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"measure": "  "}, "请填写工作措施。"),
        ({"measure": "长" * 301}, "工作措施最多 300 字，现有 301 字，请压缩。"),
        ({"weight": D(0)}, "权重须大于 0、不超过 9999.99。"),
        ({"weight": D(10000)}, "权重须大于 0、不超过 9999.99。"),
        ({"due_on": date(2021, 1, 1)}, "完成时限须在 2020 年内；跨年的工作按年度分列，未完成的到年底结转。"),
        (
            {"due_on": date(2019, 12, 31)},
            "完成时限须在 2020 年内；跨年的工作按年度分列，未完成的到年底结转。",
        ),
        (
            {"shares": (D(25), D(50), D(40), D(100))},
            "各季末应达为累计数，不能下降：三季度 40% 低于上一季度 50%。",
        ),
        ({"shares": (D(25), D(50), D(75), D(101))}, "各季末应达的比例须在 0 至 100 之间。"),
        ({"shares": (D(-1), D(50), D(75), D(100))}, "各季末应达的比例须在 0 至 100 之间。"),
    ],
)
def test_a_line_that_cannot_be_is_refused(work: Work, changes: dict[str, Any], sentence: str) -> None:
    plan = work.begin()
    with pytest.raises(Refused) as refused:
        work.add(plan, **changes)
    assert (refused.value.axis, refused.value.sentence) == ("content", sentence)
    assert not WorkItem.objects.exists()


def test_task_and_department_are_those_of_the_action(work: Work) -> None:
    plan = work.begin()
    elsewhere = f.make_task(f.make_action(work.plan), lead=work.lead)
    with pytest.raises(Refused, match="不属于“净气行动”"):
        work.add(plan, task=elsewhere)
    with pytest.raises(Refused, match=r"^配合局不是任务 1\.2 清理扬尘 的责任单位"):
        work.add(plan, task=work.task_2, department=work.helper)
    assert work.add(plan, task=work.task_2, department=work.second).department == work.second
    assert work.add(plan, department=work.helper).department == work.helper


def test_the_same_line_is_added_once(work: Work) -> None:
    plan = work.begin()
    work.add(plan)
    with pytest.raises(Refused, match="“整治企业 42 家”已列入本任务"):
        work.add(plan)
    work.add(plan, department=work.helper)
    work.add(plan, task=work.task_2)
    assert WorkItem.objects.count() == 3


def test_shares_may_be_flat_and_end_below_a_hundred(work: Work) -> None:
    item = work.add(work.begin(), shares=(D(0), D(0), D("33.33"), D("33.33")))
    assert item.shares == (D(0), D(0), D("33.33"), D("33.33"))


def test_two_leads_edit_one_line_and_the_second_is_told(work: Work) -> None:
    item = work.add(work.begin())
    seen = item.version
    edit_item(item=item, values=work.values("整治企业 40 家"), version=seen, by=work.co_filer, at=work.now())
    with pytest.raises(
        AlreadyMoved, match="“整治企业 40 家”已由周立群于 02-03 09:03 修改，您的内容还没有保存"
    ):
        edit_item(item=item, values=work.values("整治企业 45 家"), version=seen, by=work.filer, at=work.now())
    item.refresh_from_db()
    assert (item.measure, item.version, item.edited_by) == ("整治企业 40 家", seen + 1, work.co_filer)


def test_saving_a_line_as_it_was_changes_nothing(work: Work) -> None:
    plan = work.begin()
    item = work.add(plan)
    edit_item(item=item, values=work.values(), version=1, by=work.co_filer, at=work.now())
    item.refresh_from_db()
    assert (item.version, item.edited_by) == (1, work.filer)
    assert verbs(plan) == ["create", "add_item"]


def test_before_the_first_approval_a_line_is_dropped_without_a_reason_later_with_one(work: Work) -> None:
    plan, first, _second = work.approved()
    work.change(plan)
    with pytest.raises(Refused, match="取消工作项须写明理由"):
        drop_item(item=first, reason=" ", version=first.version, by=work.filer, at=work.now())
    drop_item(item=first, reason="并入其他工作", version=first.version, by=work.filer, at=work.now())
    first.refresh_from_db()
    assert (first.state, first.note) == ("dropped", "并入其他工作")
    fresh = work.begin(2019)
    item = work.add(fresh, due_on=date(2019, 6, 30))
    drop_item(item=item, reason="", version=1, by=work.co_filer, at=work.now())
    item.refresh_from_db()
    assert item.state == "dropped"
    with pytest.raises(AlreadyMoved, match="目前为“已取消”"):
        drop_item(item=item, reason="", version=2, by=work.filer, at=work.now())
    with pytest.raises(Refused, match="已取消，不能再改"):
        edit_item(item=item, values=work.values(), version=2, by=work.filer, at=work.now())


# Proposals


def test_a_cooperating_department_proposes_and_the_lead_takes_in(work: Work) -> None:
    plan = work.begin()
    item = work.propose(plan)
    assert (item.state, item.proposed_by, item.department) == ("proposed", work.helper, work.helper)
    with pytest.raises(Refused, match="由“净气行动”牵头单位"):
        take_in(item=item, version=1, by=work.helper_filer, at=work.now())
    take_in(item=item, version=1, by=work.co_filer, at=work.now())
    item.refresh_from_db()
    assert item.state == "included"
    with pytest.raises(AlreadyMoved, match="“检查加油站”目前为“已纳入”"):
        decline(item=item, reason="重复", by=work.filer, at=work.now())


def test_the_lead_declines_with_a_reason(work: Work) -> None:
    item = work.propose(work.begin())
    with pytest.raises(Refused, match="请写明不予纳入的理由"):
        decline(item=item, reason="  ", by=work.filer, at=work.now())
    decline(item=item, reason="与上级任务重复", by=work.filer, at=work.now())
    item.refresh_from_db()
    assert (item.state, item.note) == ("dropped", "与上级任务重复")


def test_a_department_proposes_only_for_its_tasks_and_itself(work: Work) -> None:
    plan = work.begin()
    with pytest.raises(Refused, match="只能为本单位牵头或配合的任务"):
        work.propose(plan, task=work.task_2)
    with pytest.raises(Refused, match="责任单位请选择本单位"):
        work.propose(plan, department=work.lead)
    with pytest.raises(Refused, match="只能为本单位牵头或配合的任务"):
        propose_item(plan=plan, values=work.values(), by=work.person("stranger"), at=work.now())


def test_the_proposer_edits_until_it_is_taken_in_and_not_for_others(work: Work) -> None:
    plan = work.begin()
    item, own = work.propose(plan), work.add(plan)
    by = work.helper_filer
    changed = work.values("检查加油站 12 座", department=work.helper)
    edit_item(item=item, values=changed, version=1, by=by, at=work.now())
    with pytest.raises(Refused, match="责任单位请选择本单位"):
        edit_item(item=item, values=work.values("检查"), version=2, by=by, at=work.now())
    with pytest.raises(AlreadyMoved, match="方国平"):
        take_in(item=item, version=1, by=work.filer, at=work.now())
    take_in(item=item, version=2, by=work.filer, at=work.now())
    for line in (item, own):
        with pytest.raises(Refused) as refused:
            edit_item(item=line, values=changed, version=3, by=by, at=work.now())
        assert refused.value.axis == "permission"


# To the office and back


def test_a_plan_goes_to_the_office_with_items_and_without_open_proposals(work: Work) -> None:
    plan = work.begin()
    with pytest.raises(Refused, match="还没有工作项"):
        work.submit(plan)
    proposal = work.propose(plan)
    with pytest.raises(Refused, match="还没有工作项"):
        work.submit(plan)
    work.add(plan)
    with pytest.raises(Refused, match="还有 1 条提出的工作项没有处理"):
        work.submit(plan)
    take_in(item=proposal, version=1, by=work.filer, at=work.now())
    plan = work.submit(plan)
    assert (plan.status, plan.submitted_by) == ("submitted", work.filer)


def test_while_it_is_with_the_office_nothing_is_written(work: Work) -> None:
    plan = work.begin()
    item = work.add(plan)
    work.submit(plan)
    for verb in (
        lambda: work.add(plan, "另一项"),
        lambda: work.propose(plan),
        lambda: edit_item(item=item, values=work.values("改"), version=1, by=work.filer, at=work.now()),
        lambda: drop_item(item=item, reason="不做", version=1, by=work.filer, at=work.now()),
    ):
        with pytest.raises(Refused, match="已报推进办审定，需要修改请先由牵头单位撤回") as refused:
            verb()
        assert refused.value.axis == "status"
    annual.recall_plan(plan=plan, by=work.co_filer, at=work.now())
    work.add(plan, "另一项")
    assert again(plan).status == "draft"


def test_the_office_approves_the_first_version(work: Work) -> None:
    plan, first, second = work.approved()
    version = AnnualPlanVersion.objects.get()
    assert (plan.status, plan.version, version.no, version.by, version.reason) == (
        "approved",
        1,
        1,
        work.office,
        "",
    )
    assert version.content == {
        "programme": None,
        "items": [
            {
                "id": first.pk,
                "task": work.task.pk,
                "number": "1.1",
                "title": "治理废气",
                "department_id": work.lead.pk,
                "department": "牵头局",
                "measure": "整治企业 42 家",
                "weight": "3",
                "due_on": "2020-12-31",
                "shares": ["20", "40", "80", "100"],
                "rolled_from": None,
            },
            {
                "id": second.pk,
                "task": work.task.pk,
                "number": "1.1",
                "title": "治理废气",
                "department_id": work.helper.pk,
                "department": "配合局",
                "measure": "监控联网 18 套",
                "weight": "1",
                "due_on": "2020-12-31",
                "shares": ["25", "50", "75", "100"],
                "rolled_from": None,
            },
        ],
    }
    assert verbs(plan) == ["create", "add_item", "add_item", "submit", "approve"]


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("office", True),
        ("office_of_lead", False),
        ("leader", False),
        ("filer", False),
        ("approver", False),
        ("helper_filer", False),
        ("stranger", False),
        ("sysadmin", False),
    ],
)
def test_who_approves(work: Work, name: str, may: bool) -> None:
    plan = work.begin()
    work.add(plan)
    plan, person = work.submit(plan), work.person(name)
    assert can_decide(plan, person) is may
    if not may:
        with pytest.raises(Refused, match="您不能审定净气行动 2020年度实施计划") as refused:
            annual.approve_plan(plan=plan, seen=submission(plan), by=person, at=work.now())
        assert refused.value.axis == "permission"
        with pytest.raises(Refused):
            annual.return_plan(plan=plan, seen=submission(plan), note="改", by=person, at=work.now())
        assert again(plan).status == "submitted"


def test_a_plan_the_office_itself_leads_is_decided_by_a_leader(work: Work) -> None:
    action = f.make_action(work.plan, leads=[work.plan.office])
    task = f.make_task(action, lead=work.lead)
    filer = f.make_filer(work.plan.office)
    plan = annual.create_plan(action=action, year=2020, by=filer, at=work.now())
    values = work.values(task=task)
    add_item(plan=plan, values=values, by=filer, at=work.now())
    annual.submit_plan(plan=plan, by=filer, at=work.now())
    plan = again(plan)
    assert not can_decide(plan, work.office)
    assert can_decide(plan, work.leader)
    outsider = f.make_reviewer()
    assert can_decide(plan, outsider)
    assert not can_decide(plan, work.leader)  # the office has somebody again


def test_whoever_had_a_hand_in_it_does_not_approve_after_changing_sides(work: Work) -> None:
    plan = work.begin()
    add_item(plan=plan, values=work.values(), by=work.co_filer, at=work.now())
    plan = work.submit(plan)
    Membership.objects.filter(user=work.co_filer).update(role=Role.OFFICE, department=f.make_department())
    moved = type(work.co_filer).objects.get(pk=work.co_filer.pk)
    assert moved.holds(Role.OFFICE)
    assert not can_decide(plan, moved)


def test_what_was_submitted_anew_is_not_approved_unseen(work: Work) -> None:
    plan = work.begin()
    work.add(plan)
    seen = submission(work.submit(plan))
    annual.recall_plan(plan=plan, by=work.filer, at=work.now())
    work.add(plan, "加一项")
    work.submit(plan)
    for verb in (
        lambda: annual.approve_plan(plan=plan, seen=seen, by=work.office, at=work.now()),
        lambda: annual.return_plan(plan=plan, seen=seen, note="改", by=work.office, at=work.now()),
    ):
        with pytest.raises(AlreadyMoved, match=r"沈晓岚已于 02-03 .* 办理“报审”，内容可能已有改动"):
            verb()
    assert (again(plan).status, again(plan).version) == ("submitted", 0)


def test_two_approvers_make_one_version_and_the_second_is_told(work: Work) -> None:
    plan = work.begin()
    work.add(plan)
    plan = work.submit(plan)
    seen = submission(plan)
    annual.approve_plan(plan=plan, seen=seen, by=work.office, at=work.now())
    with pytest.raises(Refused, match=r"顾明远已于 .* 办理“审定”，.*目前为“已审定”，不能审定") as refused:
        annual.approve_plan(plan=plan, seen=seen, by=f.make_reviewer(), at=work.now())
    assert refused.value.axis == "status"
    assert AnnualPlanVersion.objects.count() == 1


def test_the_office_returns_with_a_note_and_the_lead_submits_again(work: Work) -> None:
    plan = work.begin()
    work.add(plan)
    plan = work.submit(plan)
    with pytest.raises(Refused, match="请写明退回意见"):
        annual.return_plan(plan=plan, seen=submission(plan), note=" ", by=work.office, at=work.now())
    annual.return_plan(plan=plan, seen=submission(plan), note="权重偏高", by=work.office, at=work.now())
    assert (again(plan).status, again(plan).return_note) == ("returned", "权重偏高")
    work.add(plan, "补一项")
    plan = work.submit(plan)
    assert (plan.status, plan.return_note) == ("submitted", "")


# Changes during the year


def test_an_approved_plan_is_changed_with_a_reason_and_stays_in_force_meanwhile(work: Work) -> None:
    plan, first, _ = work.approved()
    with pytest.raises(Refused, match="已审定，修改请先由牵头单位写明理由"):
        work.add(plan, "加一项")
    with pytest.raises(Refused, match="请写明调整理由"):
        work.change(plan, " ")
    plan = work.change(plan)
    work.add(plan, "走航监测", department=work.helper)
    edit_item(
        item=first, values=work.values("整治企业 40 家", weight=D(3)), version=1, by=work.filer, at=work.now()
    )
    assert [item.measure for item in items_in_force(work.plan.pk, 2020)[work.task.pk]] == [
        "整治企业 42 家",
        "监控联网 18 套",
    ]
    version = work.approve(plan)
    assert (version.no, version.reason, again(plan).reason) == (2, "上级任务调整", "")
    assert [item.measure for item in items_in_force(work.plan.pk, 2020)[work.task.pk]] == [
        "整治企业 40 家",
        "监控联网 18 套",
        "走航监测",
    ]
    old, new = AnnualPlanVersion.objects.order_by("no")
    changed = [(c.label, c.measure, c.fields) for c in differences(old.content, new.content)]
    assert changed == [
        (
            "修改",
            "整治企业 40 家",
            (
                ("工作措施", "整治企业 42 家", "整治企业 40 家"),
                ("各季末应达", "20%、40%、80%、100%", "25%、50%、75%、100%"),
            ),
        ),
        ("新增", "走航监测", ()),
    ]
    assert [(c.label, c.measure) for c in differences(new.content, old.content)] == [
        ("修改", "整治企业 42 家"),
        ("取消", "走航监测"),
    ]


def test_a_change_without_a_difference_is_not_submitted(work: Work) -> None:
    plan, *_ = work.approved()
    plan = work.change(plan)
    with pytest.raises(Refused, match="内容与已审定的第 1 版没有差别"):
        work.submit(plan)


def test_a_change_that_is_given_up_leaves_the_version_as_it_was(work: Work) -> None:
    plan, first, second = work.approved()
    plan = work.change(plan)
    edit_item(item=first, values=work.values("改写"), version=1, by=work.filer, at=work.now())
    drop_item(item=second, reason="不做了", version=1, by=work.filer, at=work.now())
    added, proposed = work.add(plan, "新的"), work.propose(plan)
    annual.abandon_change(plan=plan, by=work.co_filer, at=work.now())
    plan = again(plan)
    assert (plan.status, plan.version, plan.reason) == ("approved", 1, "")
    rows = {item.pk: item for item in WorkItem.objects.all()}
    assert (rows[first.pk].measure, rows[first.pk].shares) == (
        "整治企业 42 家",
        (D(20), D(40), D(80), D(100)),
    )
    assert [rows[pk].state for pk in (first.pk, second.pk, added.pk, proposed.pk)] == [
        "included", "included", "dropped", "dropped",
    ]  # fmt: skip
    fresh = work.begin(2019)
    with pytest.raises(Refused, match="还没有审定过，没有可以恢复的版本"):
        annual.abandon_change(plan=fresh, by=work.filer, at=work.now())


def test_the_version_in_force_is_the_latest_approved_by_a_moment(work: Work) -> None:
    plan = work.begin()
    work.add(plan)
    first = work.approve(plan, at=START.replace(month=3))
    plan = work.change(plan)
    work.add(plan, "走航监测")
    second = work.approve(plan, at=START.replace(month=7))
    at = [
        START.replace(month=2, day=28),
        START.replace(month=3),
        START.replace(month=6),
        START.replace(month=7),
    ]
    assert [[v.no for v in in_force(work.plan.pk, 2020, moment)] for moment in at] == [[], [1], [1], [2]]
    assert [v.pk for v in in_force(work.plan.pk, 2020)] == [second.pk]
    assert in_force(work.plan.pk, 2019) == []
    assert first.no == 1


@pytest.mark.parametrize("verb", ["recall", "approve", "return", "change", "abandon"])
def test_a_draft_takes_no_other_step(work: Work, verb: str) -> None:
    plan = work.begin()
    work.add(plan)
    plan = again(plan)
    calls = {
        "recall": lambda: annual.recall_plan(plan=plan, by=work.filer, at=work.now()),
        "approve": lambda: annual.approve_plan(plan=plan, seen="", by=work.office, at=work.now()),
        "return": lambda: annual.return_plan(plan=plan, seen="", note="改", by=work.office, at=work.now()),
        "change": lambda: annual.change_plan(plan=plan, reason="改", by=work.filer, at=work.now()),
        "abandon": lambda: annual.abandon_change(plan=plan, by=work.filer, at=work.now()),
    }
    with pytest.raises(Refused) as refused:
        calls[verb]()
    assert refused.value.axis == "status"
    assert again(plan).status == "draft"


# The next year


def test_unfinished_items_are_carried_once(work: Work) -> None:
    old = Work.begin(work, 2019)
    one = work.add(old, due_on=date(2019, 10, 31), weight=D(3))
    two = work.add(old, "监控联网", due_on=date(2019, 12, 31), department=work.helper)
    done = work.add(old, "已完成的", due_on=date(2019, 6, 30))
    with pytest.raises(Refused, match="还没有审定，不能结转"):
        annual.roll_over(plan=old, unfinished=[one.pk], by=work.filer, at=work.now())
    work.approve(old)
    following, count = annual.roll_over(
        plan=old, unfinished=[one.pk, two.pk], by=work.co_filer, at=work.now()
    )
    assert (following.year, following.status, count) == (2020, "draft", 2)
    carried = list(WorkItem.objects.filter(annual_plan=following))
    assert [(i.measure, i.weight, i.department, i.rolled_from, i.due_on, i.shares) for i in carried] == [
        ("整治企业 42 家", D(3), work.lead, one, date(2020, 12, 31), EVEN),
        ("监控联网", D(1), work.helper, two, date(2020, 12, 31), EVEN),
    ]
    again_, none = annual.roll_over(plan=old, unfinished=[one.pk, two.pk], by=work.filer, at=work.now())
    assert (again_, none) == (following, 0)
    _, late = annual.roll_over(plan=old, unfinished=[one.pk, two.pk, done.pk], by=work.filer, at=work.now())
    assert late == 1
    assert WorkItem.objects.filter(annual_plan=following).count() == 3


def test_what_was_carried_and_dropped_does_not_come_back(work: Work) -> None:
    old = work.begin(2019)
    one = work.add(old, due_on=date(2019, 10, 31))
    work.approve(old)
    following, _ = annual.roll_over(plan=old, unfinished=[one.pk], by=work.filer, at=work.now())
    carried = following.items.get()
    drop_item(item=carried, reason="", version=1, by=work.filer, at=work.now())
    assert annual.roll_over(plan=old, unfinished=[one.pk], by=work.filer, at=work.now())[1] == 0


def test_nothing_is_carried_into_a_plan_the_office_has(work: Work) -> None:
    old = work.begin(2019)
    one = work.add(old, due_on=date(2019, 10, 31))
    work.approve(old)
    following = work.begin(2020)
    work.add(following)
    work.submit(following)
    with pytest.raises(Refused, match="2020年度实施计划已报推进办审定"):
        annual.roll_over(plan=old, unfinished=[one.pk], by=work.filer, at=work.now())


def test_the_last_year_is_not_carried_on_and_others_do_not_carry(work: Work) -> None:
    plan, first, _ = work.approved()
    with pytest.raises(Refused, match=r"2020年是.*的最后一年，不再结转"):
        annual.roll_over(plan=plan, unfinished=[first.pk], by=work.filer, at=work.now())
    old = work.begin(2019)
    one = work.add(old, due_on=date(2019, 10, 31))
    work.approve(old)
    with pytest.raises(Refused) as refused:
        annual.roll_over(plan=old, unfinished=[one.pk], by=work.office, at=work.now())
    assert refused.value.axis == "permission"


# What the database says


@pytest.mark.parametrize(
    "columns",
    [
        {"share_2": D(10)},
        {"share_4": D(101)},
        {"share_1": D(-1)},
        {"weight": D(0)},
        {"state": "gone"},
    ],
)
def test_the_database_refuses_a_line_that_cannot_be(work: Work, columns: dict[str, Any]) -> None:
    item = work.add(work.begin())
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkItem.objects.filter(pk=item.pk).update(**columns)


def test_the_database_refuses_approval_without_a_version_and_a_change_without_a_reason(work: Work) -> None:
    plan = work.begin()
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnualPlan.objects.filter(pk=plan.pk).update(status="approved")
    AnnualPlanVersion.objects.create(annual_plan=plan, no=1, content={"items": []}, by=work.office, at=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        AnnualPlanVersion.objects.create(
            annual_plan=plan, no=2, content={"items": []}, by=work.office, at=START
        )

"""The pages of annual plans: who sees what, forms that keep what was typed, and verbs that lead back with a sentence."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.models import User
from tasks.models import AnnualPlan, AnnualPlanVersion, WorkItem
from tasks.queries.plans import plans_page
from tasks.services.access import submission
from tests import factories as f
from tests.tasks.scene import Work

pytestmark = pytest.mark.django_db


@pytest.fixture
def work() -> Work:
    return Work()


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(name: str, *args: Any) -> str:
    return reverse(f"tasks:{name}", args=args)


def typed(work: Work, **changes: Any) -> dict[str, Any]:
    return {
        "task": work.task.pk,
        "department": work.lead.pk,
        "measure": "整治企业 42 家",
        "weight": "3",
        "due_on": "2020年11月30日",
        "share_1": "２０％",
        "share_2": "40",
        "share_3": "80",
        "share_4": "100",
    } | changes


def said(response: Any) -> list[str]:
    """The sentences on top of the page that a verb leads to."""
    return [str(message) for message in response.wsgi_request._messages]


# The list


def test_the_list_shows_every_action_and_year(work: Work) -> None:
    plan, *_ = work.approved()
    other = f.make_action(work.plan, leads=[work.helper], name="洁水行动")
    page = as_(work.leader).get(url("plans"))
    assertContains(page, f'href="{url("plan", plan.pk)}"')
    assertContains(page, "已审定")
    assertContains(page, "第 1 版，2 项")
    assertContains(page, "2020年度，<b>1/2</b> 项行动的年度实施计划已审定生效，未编制 1 项。")
    assertContains(page, other.name)
    assertNotContains(page, "编制</button>")


def test_only_leads_are_offered_to_compile(work: Work) -> None:
    f.make_action(work.plan, leads=[work.helper], name="洁水行动")
    page = as_(work.filer).get(url("plans"))
    assertContains(page, f'action="{url("create", work.action.pk)}"', count=5)


def test_a_past_year_without_a_plan_does_not_press(work: Work) -> None:
    page = plans_page(work.plan, user=work.filer, this_year=2018)
    assert [(cell.year, cell.is_past) for cell in page.rows[0].cells] == [
        (2016, True), (2017, True), (2018, False), (2019, False), (2020, False),
    ]  # fmt: skip
    assertContains(as_(work.filer).get(url("plans")), ">补编</button>", count=4)  # 2020, the last year, stays
    assertContains(as_(work.filer).get(url("plans")), ">编制</button>", count=1)
    assertContains(as_(work.office).get(url("plans")), "未编制</span>", count=1)


def test_a_system_administrator_has_no_part(work: Work) -> None:
    plan, *_ = work.approved()
    client = as_(f.make_sysadmin())
    for address in (
        url("plans"),
        url("plan", plan.pk),
        url("version", plan.pk, 1),
        url("programmes", work.action.pk),
    ):
        assert client.get(address).status_code == 404


def test_beginning_a_year_leads_to_it(work: Work) -> None:
    response = as_(work.co_filer).post(url("create", work.action.pk), {"year": "2020"})
    plan = AnnualPlan.objects.get()
    assertRedirects(response, url("plan", plan.pk))
    response = as_(work.filer).post(url("create", work.action.pk), {"year": "2020"})
    assert said(response) == ["净气行动 2020年度实施计划已经开始编制，请直接打开。"]
    response = as_(work.filer).post(url("create", work.action.pk), {"year": "明年"})
    assert said(response) == ["没有开始编制：请选择年度。"]
    assert as_(work.helper_filer).post(url("create", work.action.pk), {"year": "2019"}).status_code == 403
    assert AnnualPlan.objects.count() == 1


# Items


def test_a_lead_adds_an_item(work: Work) -> None:
    plan = work.begin()
    response = as_(work.filer).post(url("add_item", plan.pk), typed(work))
    assertRedirects(response, url("plan", plan.pk))
    item = WorkItem.objects.get()
    assert (item.weight, item.due_on, item.shares) == (
        D(3),
        date(2020, 11, 30),
        (D(20), D(40), D(80), D(100)),
    )
    page = as_(work.leader).get(url("plan", plan.pk))
    assertContains(page, "整治企业 42 家")
    assertNotContains(page, "添加工作项</a>")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"measure": " "}, "请填写工作措施。"),
        ({"weight": "很重"}, "“很重”不是数。请只填数字，例如 85 或 85.5。"),
        ({"weight": "0"}, "权重须大于 0。"),
        ({"weight": "100000"}, "权重须大于 0、不超过 9999.99。"),
        ({"due_on": "2021-01-05"}, "完成时限须在 2020 年内。"),
        ({"due_on": "2020-02-30"}, "“2020-02-30”没有这一天，请核对月和日。"),
        ({"share_2": "15"}, "为累计数，不能低于上一季度的 20%，填的是 15%，请改正。"),
        ({"share_4": "101"}, "须在 0 至 100 之间，填的是 101，请改正。"),
        ({"share_3": ""}, "请填写三季度末应达。"),
        ({"task": ""}, "请选择任务。"),
        ({"task": "999999"}, "请选择本行动的任务。"),
        ({"department": "999999"}, "该单位不能作为本行动工作项的责任单位，请重新选择。"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again_with_what_was_typed(
    work: Work, changes: dict[str, str], sentence: str
) -> None:
    plan = work.begin()
    response = as_(work.filer).post(url("add_item", plan.pk), typed(work) | {"measure": "原来写的"} | changes)
    assert response.status_code == 422
    assertContains(response, sentence, status_code=422)
    if "measure" not in changes:
        assertContains(response, "原来写的", status_code=422)
    assert not WorkItem.objects.exists()


def test_a_cooperating_department_proposes_through_the_same_form(work: Work) -> None:
    plan = work.begin()
    client = as_(work.helper_filer)
    page = client.get(url("add_item", plan.pk))
    assertContains(page, "提出工作项")
    assertNotContains(page, "清理扬尘")
    response = client.post(url("add_item", plan.pk), typed(work, department=work.helper.pk))
    assertRedirects(response, url("plan", plan.pk))
    item = WorkItem.objects.get()
    assert (item.state, item.proposed_by) == ("proposed", work.helper)
    work.add(plan)
    page = as_(work.filer).get(url("plan", plan.pk))
    assertContains(page, "1 条提出的工作项待处理，暂不能报审")
    assertRedirects(as_(work.filer).post(url("take_in", item.pk), {"version": 1}), url("plan", plan.pk))
    item.refresh_from_db()
    assert item.state == "included"


def test_the_lead_declines_on_the_page(work: Work) -> None:
    item = work.propose(work.begin())
    response = as_(work.filer).post(url("decline", item.pk), {"reason": ""})
    assert said(response) == ["请写明不予纳入的理由，提出单位可以看到。"]
    as_(work.filer).post(url("decline", item.pk), {"reason": "已列入上级任务"})
    page = as_(work.helper_filer).get(url("plan", item.annual_plan_id))
    assertContains(page, "已列入上级任务")
    assertContains(page, "（配合局提出）")


@pytest.mark.parametrize("name", ["office", "leader", "stranger"])
def test_readers_do_not_write_items(work: Work, name: str) -> None:
    plan = work.begin()
    item, client = work.add(plan), as_(work.person(name))
    assert client.get(url("plan", plan.pk)).status_code == 200
    assert client.get(url("add_item", plan.pk)).status_code == 403
    assert client.post(url("add_item", plan.pk), {}).status_code == 403
    assert client.get(url("edit_item", item.pk)).status_code == 403
    assert client.post(url("drop_item", item.pk), {"version": 1}).status_code == 403
    item.refresh_from_db()
    assert item.state == "included"


def test_the_form_of_an_item_shows_it_without_useless_zeros_and_saves(work: Work) -> None:
    plan = work.begin()
    item = work.add(plan, weight=D("2.50"))
    page = as_(work.filer).get(url("edit_item", item.pk))
    assertContains(page, 'value="2.5"')
    assertContains(page, 'value="25"')
    response = as_(work.co_filer).post(url("edit_item", item.pk), typed(work, version=1, measure="改过的"))
    assertRedirects(response, url("plan", plan.pk))
    response = as_(work.filer).post(url("edit_item", item.pk), typed(work, version=1, measure="我的改法"))
    assert response.status_code == 409
    assertContains(response, "“改过的”已由周立群", status_code=409)
    assertContains(response, "我的改法", status_code=409)
    assertContains(response, "以现在的内容重新修改", status_code=409)


def test_a_form_is_not_opened_while_nothing_can_be_written(work: Work) -> None:
    plan = work.begin()
    item = work.add(plan)
    work.submit(plan)
    for address in (url("add_item", plan.pk), url("edit_item", item.pk)):
        response = as_(work.filer).get(address)
        assertRedirects(response, url("plan", plan.pk), fetch_redirect_response=False)
        assert said(response) == ["净气行动 2020年度实施计划已报推进办审定，需要修改请先由牵头单位撤回。"]


# To the office and back


def test_a_year_through_the_pages(work: Work) -> None:
    plan = work.begin()
    work.add(plan)
    lead, office = as_(work.filer), as_(work.office)
    lead.post(url("submit", plan.pk))
    lead.post(url("recall", plan.pk))
    lead.post(url("submit", plan.pk))
    plan.refresh_from_db()
    assertContains(office.get(url("plan", plan.pk)), "审定生效</button>")
    response = office.post(url("return", plan.pk), {"seen": submission(plan), "note": ""})
    assertContains(response, "请写明退回意见，编制单位才知道改什么。", status_code=422)
    office.post(url("return", plan.pk), {"seen": submission(plan), "note": "补列监测工作"})
    assertContains(lead.get(url("plan", plan.pk)), "补列监测工作")
    work.add(plan, "走航监测")
    lead.post(url("submit", plan.pk))
    plan.refresh_from_db()
    response = office.post(url("approve", plan.pk), {"seen": "昨天"})
    assert "请核对本页现在的内容后再办" in said(response)[-1]
    response = office.post(url("approve", plan.pk), {"seen": submission(plan)})
    assert said(response)[-1] == "净气行动 2020年度实施计划第 1 版已审定，自即日起生效。"
    response = lead.post(url("change", plan.pk), {"reason": ""})
    assertContains(response, "请写明调整理由。", status_code=422)
    lead.post(url("change", plan.pk), {"reason": "上级任务调整"})
    page = lead.get(url("plan", plan.pk))
    assertContains(page, "正在调整")
    assertContains(page, "与现行版本没有差别，暂不能报审")
    lead.post(url("abandon", plan.pk))
    plan.refresh_from_db()
    assert (plan.status, plan.version) == ("approved", 1)


def test_the_history_says_what_changed_why_and_by_whom(work: Work) -> None:
    plan, *_ = work.approved()
    plan = work.change(plan)
    work.add(plan, "走航监测")
    work.approve(plan)
    page = as_(work.person("stranger")).get(url("plan", plan.pk))
    assertContains(page, "调整理由：上级任务调整")
    assertContains(page, "<b>新增</b> 1.1 走航监测")
    first = as_(work.leader).get(url("version", plan.pk, 1))
    assertContains(first, "共 <b>2</b> 项工作，已由第 2 版代替")
    assertNotContains(first, "走航监测")
    assert as_(work.leader).get(url("version", plan.pk, 3)).status_code == 404


def test_verbs_of_others_are_refused(work: Work) -> None:
    plan = work.begin()
    work.add(plan)
    plan = work.submit(plan)
    for name in ("submit", "recall", "change", "abandon"):
        assert as_(work.office).post(url(name, plan.pk), {"reason": "x"}).status_code == 403
    for name in ("approve", "return"):
        for person in (work.filer, work.leader, work.person("office_of_lead")):
            data = {"seen": submission(plan), "note": "x"}
            assert as_(person).post(url(name, plan.pk), data).status_code == 403
    assert AnnualPlan.objects.get().status == "submitted"
    assert not AnnualPlanVersion.objects.exists()


def test_an_approver_who_must_not_is_told_why(work: Work) -> None:
    plan = work.begin()
    work.add(plan)
    plan = work.submit(plan)
    page = as_(work.person("office_of_lead")).get(url("plan", plan.pk))
    assertContains(page, "本单位编制的、本人经手的须回避")
    assertNotContains(page, "审定生效</button>")


# The next year


def test_unfinished_work_is_carried_by_one_button(work: Work) -> None:
    plan = work.begin(2019)
    work.add(plan, due_on=date(2019, 12, 31))
    work.approve(plan)
    client = as_(work.co_filer)
    assertContains(client.get(url("plan", plan.pk)), "结转未完成工作")
    address = reverse("filings:roll_over", args=[plan.pk])
    response = client.post(address)
    following = AnnualPlan.objects.get(year=2020)
    assertRedirects(response, url("plan", following.pk))
    assert said(response) == [
        "已将 1 项未完成的工作结转到净气行动 2020年度实施计划，请核对时限和各季末应达。"
    ]
    assertContains(client.get(url("plan", following.pk)), "2019年结转")
    assert said(client.post(address)) == ["没有需要结转的工作项：未完成的都已结转，或已全部完成。"]
    assert WorkItem.objects.count() == 2
    assert as_(work.office).post(address).status_code == 403
    assertNotContains(client.get(url("plan", following.pk)), "结转未完成工作")

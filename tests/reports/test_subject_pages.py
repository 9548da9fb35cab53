"""Goals, the list of indicators, actions, tasks, milestones and departments: what each page says, and to whom."""

from datetime import date

import pytest
from django.urls import reverse

from departments.models import Kind
from filings.terms import MilestoneState
from tasks.models import Role, Task
from tests.factories import make_department, make_indicator, make_milestone, make_responsibility, make_task
from tests.reports.conftest import browser_of
from tests.reports.pages import read
from tests.reports.scene import Scene

Q1, Q2 = "?period=2020Q1&version=1", "?period=2020Q2&version=1"


def address(name, subject=None):
    return reverse(f"reports:{name}", args=[subject.pk] if subject else [])


# Goals and indicators


def test_goals_list_their_indicators_with_value_requirement_and_light(published, leader):
    text = read(leader, address("goals") + Q2)
    scene, growth = published.scene, published.growth
    assert "1 类目标， 6 项指标：1 项滞后、5 项无法判断。" in text
    assert "1 目标1 滞后 没有到期目标；指标滞后1项、无法判断5项；方案二（1）" in text
    assert f"{growth.name} 45.00 千米 ≥100 千米 滞后 2020年二季度计划值 50.00 千米" in text
    assert f"{scene.departments[0]} 待确认" in text


def test_a_goal_shows_its_light_over_the_last_quarters(published, leader):
    text = read(leader, address("goal", published.scene.goal) + Q2)
    assert "6 项，本季已报 2/2 项；亮灯取各指标中最差的一个，灰灯不计" in text
    assert "2020年二季度 滞后 没有到期目标；指标滞后1项、无法判断5项 第1版" in text
    assert "2020年一季度 正常 没有到期目标；指标正常1项、无法判断5项 第1版" in text
    assert "条款 方案二（1）" in text


def test_an_editors_note_is_shown_with_the_goal(published, leader, db):
    goal = published.scene.goal
    goal.note = "同一事项不重复计"
    goal.save()
    assert "校注 同一事项不重复计" in read(leader, address("goal", goal))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", 6),
        ("&standing=behind", 1),
        ("&standing=unknown", 5),
        ("&text=融合", 1),
        ("&standing=behind&text=融合", 0),
        ("&standing=purple", 6),
    ],
)
def test_the_list_of_indicators_is_filtered_by_the_address(published, leader, query, shown):
    page = leader.get(address("indicators") + Q2 + query).content.decode()
    assert page.count('<td class="name">') == shown
    assert ("没有符合条件的指标。" in page) == (shown == 0)
    assert ("没有这种亮灯，列出全部指标。" in page) == ("purple" in query)


def test_the_filter_counts_what_each_light_would_leave_and_keeps_the_text(published, leader):
    page = leader.get(address("indicators") + Q2 + "&text=融合").content.decode()
    assert "全部 1" in page
    query = f"?plan={published.scene.plan.code}&amp;period=2020Q2&amp;version=1&amp;text=%E8%9E%8D%E5%90%88&amp;standing=unknown"
    assert f'<a href="{query}">' in page


def test_indicators_set_by_the_actions_alone_stand_in_a_group_of_their_own(db):
    scene = Scene.make()
    lone = make_indicator(scene.plan, name="绿道里程", data_department=scene.departments[0])
    scene.quarter(2020, 1)
    assert "只在专项行动中提出的指标 1 项 绿道里程" in read(
        browser_of(scene.leader), f"{address('indicators')}?plan={scene.plan.code}"
    )
    assert lone.goal is None


# Actions and tasks


def test_actions_list_their_tasks_with_completion_and_light(published, leader):
    text = read(leader, address("actions") + Q2)
    first, second, _ = published.scene.departments
    assert "1 个专项行动， 2 项任务：1 项正常、1 项严重滞后。" in text
    assert f"1 行动1 滞后 牵头：{first}。2项任务中2项有数据，平均完成 47.5%，平均应达 50.0%" in text
    assert (
        f"1.1 任务1.1 {first} 50.0 % 50 % 10.0 % 2/2 正常 1.2 任务1.2 {second} 45.0 % 50 % 9.0 % 2/2 严重滞后"
        in text
    )


def test_an_action_shows_its_leads_accepted_summary(published, leader):
    text = read(leader, address("action", published.scene.action) + Q2)
    assert "本年完成 47.5 % 有数/任务 2/2 应达 50.0 % 2020年6月30日 五年完成 9.5 %" in text
    assert "2016年、2017年、2018年、2019年未填报" in text
    assert (
        f"牵头单位小结 2020年二季度 {published.scene.departments[0]} 已采纳 情况 2020年第2季度 行动1 已按计划推进。"
        in text
    )


def test_a_task_shows_what_its_lead_wrote_and_where_it_is_filed(published, leader):
    page = address("task", published.scene.tasks[1]) + Q2
    text = read(leader, page)
    second, helper = published.scene.departments[1:]
    assert (
        "1.2 任务1.2 严重滞后 本年完成 45%，时间进度 50%，落后 5.0 个百分点，不超过 10；上一季度也滞后，连续两季，记严重滞后"
        in text
    )
    assert f"牵头单位填报 2020年二季度 {second} 已采纳" in text
    assert "存在问题 用地指标未落实 原因 审批周期长 下一步计划（2020年8月29日前） 倒排工期" in text
    assert f"{second} 牵头 已采纳 {second}2020年二季度报送" in text
    assert f"{helper} 配合 已采纳 {helper}2020年二季度报送" in text
    entry = published.scene.progress(published.publications[1].period, published.scene.tasks[1])
    assert (
        f"{reverse('filings:detail', args=[entry.filing_id])}#entry-{entry.pk}"
        in leader.get(page).content.decode()
    )


def test_a_quarter_without_work_says_why(db):
    scene = Scene.make()
    period = scene.opened(2020, 1)
    lead = scene.departments[0]
    summary = scene.filing(period, lead).entries.get(kind="summary")
    scene.write(summary, text="", nothing_reason="本季为冬季停工期")
    scene.accept(scene.send(period, lead))
    text = read(browser_of(scene.leader), address("action", scene.action) + "?period=2020Q1&live=1")
    assert "本季无工作 本季为冬季停工期" in text


def test_a_task_that_was_not_filed_has_no_percentage(published, leader):
    text = read(leader, address("task", published.scene.tasks[1]))
    assert "1.2 任务1.2 未填报 牵头单位未填报" in text
    assert "本年完成 未填报 牵头单位未填报 应达 75.0 %" in text
    assert f"{published.scene.departments[1]} 未填 采纳后显示内容。" in text


def test_what_another_department_wrote_is_not_shown_to_a_department(published, db):
    scene = published.scene
    page = address("task", scene.tasks[1]) + Q2
    own = read(browser_of(scene.filers[scene.departments[1].pk]), page)
    other = read(browser_of(scene.filers[scene.departments[0].pk]), page)
    assert "用地指标未落实" in own
    assert "用地指标未落实" not in other
    assert f"填报内容由本单位、{scene.plan.office}和领导查看。" in other
    assert "本年完成 45.0 %" in other


def test_a_live_page_says_where_every_units_entry_stands(published, leader):
    text = read(leader, f"{address('task', published.scene.tasks[0])}?period=2020Q4&live=1")
    first, _, helper = published.scene.departments
    assert f"{first} 牵头 已报待审" in text
    assert f"{helper} 配合 未填" in text


def test_a_tasks_two_titles_clause_and_note_stand_together(db):
    scene = Scene.make()
    Task.objects.filter(pk=scene.tasks[0].pk).update(annex_title="附件中的标题", note="标题异文")
    scene.quarter(2020, 1)
    text = read(browser_of(scene.leader), address("task", scene.tasks[0]))
    assert "出处 条款 方案三（1）1 附件标题 附件中的标题 校注 标题异文" in text


def test_a_unit_that_owes_nothing_is_said_to(db):
    scene = Scene.make()
    doubtful = make_department(kind=Kind.JUDICIAL, owes=False, flag="原文残缺")
    make_responsibility(scene.tasks[0], doubtful)
    scene.quarter(2020, 1)
    client = browser_of(scene.leader)
    assert f"{doubtful} 配合 不承担报送" in read(client, address("task", scene.tasks[0]))
    text = read(client, f"{address('department', doubtful)}?plan={scene.plan.code}")
    assert "存疑：原文残缺" in text
    assert f"报送 {scene.plan.office}确认前不承担报送" in text
    assert f"名称存疑，{scene.plan.office}确认前不承担报送" in read(
        client, f"{address('departments')}?plan={scene.plan.code}"
    )


def test_a_group_is_filed_by_its_convenor(db):
    scene = Scene.make()
    group = make_department(kind=Kind.GROUP, convenor=scene.departments[0], convenor_is_proposed=True)
    task = make_task(scene.action, lead=group)
    scene.quarter(2020, 1)
    client, plan = browser_of(scene.leader), f"?plan={scene.plan.code}"
    assert f"由 {scene.departments[0]} 代报 待确认" in read(client, address("department", group) + plan)
    assert "代群体项报送的任务 1 项" in read(client, address("department", scene.departments[0]) + plan)
    assert f"{group} 牵头 已采纳 {scene.departments[0]}2020年一季度报送" in read(
        client, address("task", task)
    )


# Milestones


def test_milestones_stand_in_order_of_date_with_their_last_accepted_word(db):
    scene = Scene.make()
    late = make_milestone(
        scene.tasks[0], due_on=date(2017, 12, 31), name="绿线管理办法", note="原文“到2017年”"
    )
    done = make_milestone(scene.tasks[0], due_on=date(2016, 12, 31), name="薄弱环节治理")
    period = scene.opened(2020, 1)
    scene.write(
        scene.entry(period, milestone=done),
        milestone_state=MilestoneState.DONE,
        done_on=date(2016, 11, 30),
        explanation="补录",
    )
    for department in scene.departments:
        scene.accept(scene.send(period, department))
    scene.publish(period)
    scene.quarter(2020, 2)
    text = read(browser_of(scene.leader), f"{address('milestones')}?plan={scene.plan.code}")
    assert "3 个节点，已到期 2 个，完成 1/2 个。" in text
    order = [text.index(name) for name in (done.name, late.name, scene.milestones[0].name)]
    assert order == sorted(order)
    lead = scene.departments[0]
    assert (
        f"薄弱环节治理 1.1 2016年12月31日 约束性 已完成 2016年11月30日完成 方案三（1）1 {lead}2020年一季度报送"
        in text
    )
    assert (
        "绿线管理办法 校注：原文“到2017年” 1.1 2017年12月31日 约束性 严重滞后 2017年12月31日到期，进行中，未完成"
        in text
    )
    assert f"未到期 2020年12月31日到期，未到节点，进行中 方案三（1）1 {lead}2020年二季度报送" in text


# Departments


def test_departments_are_listed_with_how_they_filed(published, leader):
    text = read(leader, address("departments"))
    first, second, helper = published.scene.departments
    assert "应报9项，已采纳6项；按时2家，迟报0家，未报1家。" in text
    assert f"{first} 港区部门 按时 4/4 0 次 正常 1 无法判断 5" in text
    assert f"{second} 港区部门 未报 0/3 0 次 无法判断 1 无法判断 1" in text
    assert f"{helper} 港区部门 按时 2/2 0 次 — —" in text


def test_a_department_shows_what_it_answers_for_and_how_it_filed(published, leader):
    first, _, helper = published.scene.departments
    text = read(leader, address("department", first) + Q2)
    assert "应报4项，已采纳4项，按时，退回0次。" in text
    assert "牵头任务 1 项" in text
    assert "负责的指标 5 项，其中 4 项待" in text
    assert "牵头行动 行动1 滞后" in text
    assert "近季报送 季度 时效 采纳/应报 退回 2020年二季度 按时 4/4 0 2020年一季度 按时 4/4 0" in text
    assert "配合任务 2 项" in read(leader, address("department", helper))


def test_a_filing_is_linked_from_its_department_for_those_who_may_read_it(published, db):
    scene = published.scene
    own, other = scene.departments[:2]
    filing = scene.filing(published.publications[2].period, own)
    link = f'<a href="{reverse("filings:detail", args=[filing.pk])}">'
    page = address("department", own)
    assert link in browser_of(scene.filers[own.pk]).get(page).content.decode()
    assert link in browser_of(scene.leader).get(page).content.decode()
    assert link not in browser_of(scene.filers[other.pk]).get(page).content.decode()


def test_a_row_that_ended_is_no_longer_the_departments(db):
    scene = Scene.make()
    row = scene.tasks[0].responsibilities.get(role=Role.COOPERATING)
    row.valid_to = date(2020, 1, 1)
    row.save()
    helper = scene.departments.pop()  # it owes nothing any more
    scene.quarter(2020, 1)
    text = read(browser_of(scene.leader), f"{address('department', helper)}?plan={scene.plan.code}")
    assert "没有配合的任务。" in text

"""The responsibility table in the annex's own form, with its filters, notes and dates."""

import re
from datetime import date

import pytest
from django.urls import reverse

from departments.models import Kind
from tasks.models import Responsibility, Role, Task
from tests.factories import make_action, make_department, make_plan, make_responsibility, make_task
from tests.reports.conftest import browser_of
from tests.reports.pages import read, text_of
from tests.reports.scene import Scene


@pytest.fixture
def url():
    return reverse("reports:responsibilities")


def lines(client, url, **query):
    """The table as it stands: number, title, units in order; the lead is marked with an asterisk."""
    page = client.get(url, query).content.decode()
    found = []
    for row in re.findall(r"<tr[^>]*>.*?</tr>", page[page.index('class="resp"') :], re.S)[1:]:
        number = text_of(re.search(r'<td class="tno">(.*?)</td>', row, re.S)[1])
        units = re.findall(r'<span class="u( is-lead)?( hit)?">(.*?)</span>', row)
        found.append((number, [f"{name}{'*' if lead else ''}" for lead, _, name in units]))
    return found


# The annex's form


def test_every_task_stands_under_its_action_with_its_units_in_order(published, leader, url):
    first, second, helper = (str(d) for d in published.scene.departments)
    assert lines(leader, url) == [("1.1", [f"{first}*", helper]), ("1.2", [f"{second}*", helper])]
    page = leader.get(url).content.decode()
    assert re.search(r'<td class="actn" rowspan="2"><b>行动1</b><span class="hang">（' + first + "）", page)


def test_the_sentence_counts_actions_tasks_and_units(published, leader, url):
    assert "1 个专项行动， 2 项任务， 3 家责任单位。责任单位照录附件，排在第一位的为牵头单位。" in read(
        leader, url
    )


def test_the_annexs_titles_are_printed_and_doubts_are_numbered_notes(db, url):
    scene = Scene.make()
    Task.objects.filter(pk=scene.tasks[0].pk).update(
        title="正文标题", annex_title="附件标题", note="标题异文"
    )
    Responsibility.objects.filter(task=scene.tasks[0], role=Role.COOPERATING).update(note="原文残缺，照录")
    page = browser_of(scene.leader).get(url, {"plan": scene.plan.code}).content.decode()
    assert "附件标题</a><sup>注1</sup>" in page
    assert "正文标题" not in page
    assert f"注1，第 1.1 项：标题异文；{scene.departments[1]}，原文残缺，照录。" in text_of(page)


def test_lights_are_those_of_the_edition(published, leader, url):
    text = read(leader, f"{url}?period=2020Q2&version=1")
    assert "亮灯： 数据截至2020年6月30日，第1版，2020年7月14日发布" in text
    assert re.search(r"1\.2 任务1\.2 \S+ 、 \S+ 严重滞后", text)


def test_the_print_names_the_document_and_the_export_keeps_the_filter(published, leader, url):
    department = published.scene.departments[0]
    page = leader.get(url, {"department": department.pk, "role": "lead"}).content.decode()
    assert f"{published.scene.plan.name}附件" in text_of(page)
    query = f"plan={published.scene.plan.code}&amp;period=2020Q3&amp;version=2&amp;department={department.pk}&amp;role=lead"
    assert f'href="{reverse("reports:responsibilities_xlsx")}?{query}"' in page
    assert "data-print" in page


# Filters


def test_a_departments_rows_with_what_it_leads_and_where_it_cooperates(published, leader, url):
    first, _, helper = published.scene.departments
    assert [number for number, _ in lines(leader, url, department=first.pk)] == ["1.1"]
    assert [number for number, _ in lines(leader, url, department=helper.pk)] == ["1.1", "1.2"]
    text = text_of(leader.get(url, {"department": first.pk}).content.decode())
    assert f"{first}牵头 1 项、配合 0 项；列出 1/2 项。" in text


def test_the_departments_name_is_marked_in_the_rows(published, leader, url):
    helper = published.scene.departments[2]
    page = leader.get(url, {"department": helper.pk}).content.decode()
    assert page.count(f'<span class="u hit">{helper}</span>') == 2


@pytest.mark.parametrize(("role", "numbers"), [("lead", []), ("cooperating", ["1.1", "1.2"])])
def test_the_role_narrows_a_departments_rows(published, leader, url, role, numbers):
    query = {"department": published.scene.departments[2].pk, "role": role}
    if numbers:
        assert [number for number, _ in lines(leader, url, **query)] == numbers
    else:
        assert "没有符合条件的任务。" in text_of(leader.get(url, query).content.decode())


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({"standing": "on_track"}, ["1.1"]),
        ({"standing": "unknown"}, ["1.2"]),
        ({"text": "1.2"}, ["1.2"]),
        ({"text": "任务"}, ["1.1", "1.2"]),
    ],
)
def test_light_and_text_narrow_the_table(published, leader, url, query, numbers):
    assert [number for number, _ in lines(leader, url, **query)] == numbers


def test_nothing_found_offers_the_whole_table(published, leader, url):
    text = text_of(leader.get(url, {"text": "没有这样的任务"}).content.decode())
    assert "没有符合条件的任务。" in text
    assert "看全部任务" in text


@pytest.mark.parametrize(
    "query", [{"department": "x"}, {"department": "999999"}, {"standing": "red"}, {"on": "2020-13-01"}]
)
def test_a_value_that_is_none_is_marked_and_filters_nothing(published, leader, url, query):
    page = leader.get(url, query).content.decode()
    assert len(lines(leader, url, **query)) == 2
    assert 'class="msg msg-err"' in page


# Dates


def test_rows_are_those_in_force_on_the_day_asked_for(db, url):
    plan = make_plan()
    old, new = make_department(), make_department()
    task = make_task(make_action(plan))
    make_responsibility(task, old, Role.LEAD, valid_to=date(2019, 1, 1))
    make_responsibility(task, new, Role.LEAD, valid_from=date(2019, 1, 1))
    client = browser_of(Scene.make().leader)
    assert lines(client, url, plan=plan.code) == [("1.1", [f"{new}*"])]
    assert lines(client, url, plan=plan.code, on="2018-12-31") == [("1.1", [f"{old}*"])]
    assert lines(client, url, plan=plan.code, on="2019-01-01") == [("1.1", [f"{new}*"])]


def test_a_unit_that_is_doubtful_stays_in_the_table(db, url):
    scene = Scene.make()
    doubtful = make_department("检察", kind=Kind.JUDICIAL, owes=False, flag="原文残缺")
    make_responsibility(scene.tasks[0], doubtful)
    assert lines(browser_of(scene.leader), url, plan=scene.plan.code)[0][1][-1] == "检察"

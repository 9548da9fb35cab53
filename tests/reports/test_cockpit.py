"""The first screen: the sentence, goals, actions, who is behind, who has filed, two curves with their tables."""

import json
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from filings.models import Filing
from filings.terms import Status, Timeliness
from reports.models import Subject, Summary
from reports.queries.cockpit import worst_first
from reports.queries.filing_states import DepartmentState, filing_states
from reports.services import refresh_from, refresh_period
from targets.terms import Attainment, Standing
from tests.reports.conftest import browser_of
from tests.reports.pages import read, text_of
from tests.reports.scene import closing_time, filing_time

Q2 = "?period=2020Q2&version=1"


@pytest.fixture
def url():
    return reverse("reports:cockpit")


def section(page, heading):
    """The text of the section under a heading that begins so."""
    sections = [text_of(part) for part in page.split("<section")]
    return next(text for text in sections if heading in text[:40])


def figure_of(page, name):
    """A chart's figure as the browser gets it."""
    return json.loads(
        re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page, re.S)[1]
    )


# The sentence


def test_the_first_sentence_counts_tasks_indicators_and_targets(published, leader, url):
    assert "截至二季度，2 项任务 1 项正常、1 项严重滞后；6 项指标 1 项滞后、5 项无法判断。" in read(
        leader, url + Q2
    )
    assert "截至三季度，2 项任务 1 项正常、1 项无法判断；6 项指标 6 项无法判断。" in read(leader, url)


def test_the_line_below_says_what_the_figures_are(published, leader, url):
    text = read(leader, url + Q2)
    assert "数据截至2020年6月30日，第1版，2020年7月14日发布 采纳 9/9 项" in text
    assert "已完成 0 正常 1 滞后 0 严重滞后 1 无法判断 0" in text


def test_due_targets_are_counted_once_they_are_due(published, leader, url):
    period = published.running
    refresh_period(period=period, at=filing_time(period))
    assert "到期目标达标 0/5 项。" in read(leader, f"{url}?period=2020Q4&live=1")


def test_the_running_quarter_is_offered_with_how_many_have_reported(published, leader, url):
    page = leader.get(url).content.decode()
    link = f'<a href="?plan={published.scene.plan.code}&amp;period=2020Q4&amp;live=1">看四季度实时数（已报 1/3 家）</a>'
    assert link in page
    assert "看四季度实时数" not in read(leader, f"{url}?period=2020Q4&live=1")


def test_the_bulletin_of_the_edition_is_linked(published, leader, url):
    page = leader.get(url + Q2).content.decode()
    address = reverse("reports:publication", args=[published.publications[1].pk])
    assert f'<a href="{address}">二季度通报</a>' in page


# Goals and actions


def test_a_goal_counts_its_good_indicators_and_names_what_is_behind(published, leader, url):
    assert f"目标1 滞后 0 /6 项完成或正常 落后：{published.growth.name}" in read(leader, url + Q2)
    assert "目标1 无法判断 0 /6 项完成或正常 6 项无法判断" in read(leader, url)


def test_an_action_shows_the_years_completion_against_what_was_expected(published, leader, url):
    page = leader.get(url + Q2).content.decode()
    row = re.search(r'<tr><td class="a-no quiet num">1</td>.*?</tr>', page, re.S)[0]
    assert '<rect class="fill f-slow" width="47.5%"' in row
    assert '<rect class="mark" x="50%"' in row
    assert "行动1，本年完成47.5%，应达50%" in row
    assert "2016年、2017年、2018年、2019年未填报，按 0 计入五年" in row
    lead = published.scene.departments[0]
    assert text_of(row).startswith(f"1 行动1 {lead} 47.5 % 9.5 % 1/2/2 滞后")


def test_an_action_without_a_value_has_no_percentage(published, leader, url):
    period = published.running
    refresh_period(period=period, at=filing_time(period))
    page = leader.get(f"{url}?period=2020Q4&live=1").content.decode()
    row = re.search(r'<tr><td class="a-no quiet num">1</td>.*?</tr>', page, re.S)[0]
    assert 'class="open"' in row
    assert "无数据 12.5 %" in text_of(row)
    assert "0/0/2 无数据" in text_of(row)


def test_the_heat_map_shows_the_last_quarters_and_says_each_ones_light(published, leader, url):
    page = leader.get(url).content.decode()
    assert re.findall(r'class="heat [^"]+" title="([^"]+)"', page) == [
        "2020年一季度 滞后",
        "2020年二季度 滞后",
        "2020年三季度 正常",
    ]


# Who is behind


def test_indicators_and_tasks_that_are_behind_are_listed_with_their_numbers(published, leader, url):
    page = leader.get(url + Q2).content.decode()
    indicators, tasks = section(page, "未达标、落后的指标"), section(page, "落后的任务")
    assert indicators.endswith(f"1/6 项 {published.growth.name} 45.00 千米 应达 50.00 千米 滞后")
    assert tasks.endswith(f"1/2 项 1.2 任务1.2 {published.scene.departments[1]} 45/50 % 严重滞后")


def test_nobody_behind_is_said_in_words(published, leader, url):
    text = read(leader, url)
    assert "没有未达标或落后的指标。" in text
    assert "没有落后的任务。" in text


@pytest.mark.parametrize(
    ("figures", "order"),
    [
        ([("behind", "10"), ("late", "20")], [1, 0]),
        ([("late", "40"), ("late", "20")], [1, 0]),
        ([("on_track", "50"), ("done", "50"), ("unknown", None)], []),
        ([("behind", None), ("behind", "49")], [1, 0]),
    ],
)
def test_the_worst_come_first(figures, order):
    rows = [
        Summary(
            subject=Subject.TASK, position=no, standing=standing, expected=Decimal(50),
            completion=None if percent is None else Decimal(percent),
        )
        for no, (standing, percent) in enumerate(figures)
    ]  # fmt: skip
    assert [row.position for row in worst_first(rows)] == order


def test_past_due_comes_before_behind_schedule():
    rows = [
        Summary(subject=Subject.INDICATOR, position=no, standing=Standing.LATE, attainment=attainment)
        for no, attainment in enumerate([Attainment.NOT_DUE, Attainment.NOT_MET])
    ]
    assert [row.position for row in worst_first(rows)] == [1, 0]


# Who has filed


def test_the_filing_of_the_running_quarter_is_counted_and_listed(published, leader, url):
    page = leader.get(url).content.decode()
    first, second, helper = published.scene.departments
    text = section(page, "2020年四季度报送")
    assert "已报 1/3 家，采纳 0/13 项" in text
    assert f"{first} 8/8 已报待审 {second} 0/3 逾期未报 {helper} 0/2 逾期未报" in text
    assert reverse("supervision:desk") in page


def test_a_department_sees_the_totals_and_its_own_state(published, url, db):
    filer = published.scene.filers[published.scene.departments[1].pk]
    text = read(browser_of(filer), url)
    first, second, helper = published.scene.departments
    assert "2020年四季度报送 已报 1/3 家" in text
    assert (
        f"逾期未报 2 家 已报待审 1 家 本单位状态（已填/应报项数） {second} 0/3 逾期未报 2 项任务亮灯走势"
        in text
    )
    assert f"{first} 8/8" not in text
    assert f"{helper} 0/2" not in text
    assert "单位×任务全表" not in text


@pytest.mark.parametrize(
    ("status", "sent", "complete", "timeliness", "state"),
    [
        (Status.DRAFT, False, 0, Timeliness.NOT_DUE, "todo"),
        (Status.DRAFT, False, 2, Timeliness.NOT_DUE, "draft"),
        (Status.DRAFT, False, 2, Timeliness.MISSING, "over"),
        (Status.AWAITING_SIGNOFF, False, 2, Timeliness.NOT_DUE, "awaiting_signoff"),
        (Status.AWAITING_SIGNOFF, False, 2, Timeliness.MISSING, "over"),
        (Status.SUBMITTED, True, 2, Timeliness.LATE, "submitted"),
        (Status.RETURNED, True, 2, Timeliness.ON_TIME, "returned"),
        (Status.DRAFT, False, 0, Timeliness.NONE, "todo"),
    ],
)
def test_where_a_filing_stands(published, status, sent, complete, timeliness, state):
    when = filing_time(published.running) if sent else None
    filing = Filing(status=status, first_submitted_at=when)
    assert (
        DepartmentState(filing, owed=2, complete=complete, accepted=0, timeliness=timeliness).state == state
    )


def test_the_states_are_counted_the_furthest_from_done_first(published, db):
    states = filing_states(published.running, closing_time(published.running))
    assert list(states.counts.items()) == [("over", 2), ("submitted", 1)]
    assert (states.sent, states.accepted, states.owed) == (1, 0, 13)


# Two curves


def test_the_lights_of_all_tasks_over_time_with_their_table(published, leader, url):
    page = leader.get(url).content.decode()
    bars = {trace["name"]: trace["y"] for trace in figure_of(page, "fig-lights")["data"]}
    assert bars == {
        "已完成": [0, 0, 0],
        "正常": [1, 1, 1],
        "无法判断": [0, 0, 1],
        "滞后": [1, 0, 0],
        "严重滞后": [0, 1, 0],
    }
    assert section(page, "2 项任务亮灯走势").endswith(
        "季度 完成 正常 滞后 严重 无法判断 2020年三季度 0 1 0 0 1 2020年二季度 0 1 0 1 0 2020年一季度 0 1 1 0 0"
    )


def test_the_worst_quantitative_indicator_is_drawn_unless_another_is_asked_for(published, leader, url):
    page = leader.get(url + Q2).content.decode()
    drawn = {trace["name"]: trace["y"] for trace in figure_of(page, "fig-indicator")["data"]}
    assert drawn["实际值"] == [20.0, 45.0]
    assert f"{published.growth.name} 滞后" in section(page, "指标走势")
    other = published.scene.indicators[1]
    assert f"{other.name} 无法判断" in section(
        leader.get(f"{url}{Q2}&indicator={other.pk}").content.decode(), "指标走势"
    )


def test_an_indicator_without_a_curve_is_not_offered(published, leader, url):
    page = leader.get(f"{url}?indicator={published.deliverable.pk}").content.decode()
    assert "没有这项指标，或它没有走势可画，请从列表中选择。" in page
    assert f'<option value="{published.deliverable.pk}"' not in page
    assert f'<option value="{published.graded.pk}"' in page


def test_the_choice_of_an_indicator_keeps_the_edition(published, leader, url):
    page = leader.get(url + Q2).content.decode()
    form = page[page.index('action="#trend"') :]
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form>")])
    )
    assert hidden == {"plan": published.scene.plan.code, "period": "2020Q2", "version": "1"}


def test_old_figures_are_shown_as_they_were_published(published, leader, url):
    plan = published.scene.plan
    then = plan.actions.get().name
    plan.actions.update(name="后来的名称")
    assert then in read(leader, url + Q2)
    assert "后来的名称" not in read(leader, url + Q2)
    refresh_from(period_id=published.running.pk, at=filing_time(published.running))
    assert "后来的名称" in read(leader, f"{url}?plan={plan.code}&live=1")

"""Quarters and their versions: what closing would leave out, publishing, a version and its differences."""

from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from reports.models import Board, Publication, PublishedFigure, Subject
from reports.queries.publications import changes, period_rows
from tests.factories import make_indicator, make_sysadmin, make_target, open_quarter
from tests.reports.conftest import browser_of
from tests.reports.pages import read
from tests.reports.scene import Scene, closing_time

LIST = "reports:publications"


@pytest.fixture
def scene(db):
    return Scene.make()


def publish_url(period):
    return reverse("reports:publish", args=[period.pk])


def published_of(scene):
    return Publication.objects.filter(period__plan=scene.plan)


def list_of(scene):
    return f"{reverse(LIST)}?plan={scene.plan.code}"


def sentences(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


# The list


def test_an_open_quarter_says_who_is_missing_and_what_is_undecided(published, leader):
    text = read(leader, reverse(LIST))
    first, second, helper = published.scene.departments
    assert "已发布 3 个季度；2020年第4季度尚未关账。" in text
    assert "应报 3 家，已报 1/3 家；应报 13 项，已采纳 0/13 项。" in text
    assert f"未报 2 家：{second}、{helper}。" in text
    assert f"未审 8 项：{first} 8 项。" in text


def test_departments_are_told_how_many_are_missing_but_not_who(published, db):
    filer = published.scene.filers[published.scene.departments[0].pk]
    text = read(browser_of(filer), reverse(LIST))
    assert "应报 3 家，已报 1/3 家" in text
    assert "未报 2 家" not in text


def test_published_quarters_list_their_versions_newest_first(published, leader):
    page = leader.get(reverse(LIST)).content.decode()
    first, second = published.publications[2], published.corrected
    assert page.index("2020年三季度") < page.index("2020年二季度") < page.index("2020年一季度")
    assert f'<a href="{reverse("reports:publication", args=[second.pk])}">第2版</a>' in page
    assert f'<a href="{reverse("reports:publication", args=[first.pk])}">第1版</a>（2020年10月14日）' in page
    assert "更正：任务1.1：核实后更正" in page
    assert reverse("reports:bulletin", args=[second.pk]) in page


def test_a_plan_without_quarters_says_so(scene):
    text = read(browser_of(scene.leader), list_of(scene))
    assert "还没有发布过季度数字。" in text


def test_only_the_office_is_offered_to_publish(scene):
    period = scene.filed(2020, 1)
    form = f'action="{publish_url(period)}"'
    assert form in browser_of(scene.reviewer).get(list_of(scene)).content.decode()
    assert form not in browser_of(scene.leader).get(list_of(scene)).content.decode()


def test_before_the_deadline_the_reason_stands_where_the_button_will_be(scene):
    period = open_quarter(scene.plan, 2020, 1)
    page = browser_of(scene.reviewer).get(list_of(scene)).content.decode()
    assert f'action="{publish_url(period)}"' not in page
    assert "报送截止后可以关账发布。" in page


def test_a_further_version_is_offered_once_the_figures_have_moved(scene):
    first = scene.filed(2020, 1, percents={0: "20"})
    scene.publish(first)
    second = scene.filed(2020, 2, percents={0: "45"})
    scene.publish(second)
    assert [row.has_changed for row in period_rows(scene.plan)] == [False, False]
    scene.correct(first, percent=Decimal(30))
    Board.objects.filter(period=second).update(as_of=closing_time(second).replace(hour=23))
    assert [(row.period.code, row.has_changed) for row in period_rows(scene.plan)] == [
        ("2020Q2", True),
        ("2020Q1", False),
    ]
    page = browser_of(scene.reviewer).get(list_of(scene)).content.decode()
    assert "发布后数字有变动" in page
    assert "发布第2版" in page


# The verb


def test_the_office_closes_a_quarter(scene):
    period = scene.filed(2020, 1)
    response = browser_of(scene.reviewer).post(publish_url(period))
    publication = published_of(scene).get()
    assert (response.status_code, response.url) == (
        302,
        reverse("reports:publication", args=[publication.pk]),
    )
    assert sentences(response) == ["2020年第1季度第1版已发布，数字已冻结，可以起草季度通报。"]
    assert publication.by == scene.reviewer


def test_a_refusal_is_said_and_nothing_is_published(scene):
    period = open_quarter(scene.plan, 2020, 1)
    response = browser_of(scene.reviewer).post(publish_url(period))
    assert (response.status_code, response.url) == (302, reverse(LIST))
    assert sentences(response) == ["2020年第1季度尚未到报送截止时间，不能关账发布。"]
    assert not published_of(scene).exists()


def test_a_further_version_needs_its_reason(scene):
    period = scene.filed(2020, 1)
    scene.publish(period)
    response = browser_of(scene.reviewer).post(publish_url(period), {"reason": ""})
    assert sentences(response) == ["2020年第1季度已发布第1版，再发布须写明更正理由。"]


def test_a_leader_may_read_but_not_publish(scene):
    period = scene.filed(2020, 1)
    assert browser_of(scene.leader).post(publish_url(period)).status_code == 403
    assert not published_of(scene).exists()


def test_publishing_is_for_the_signed_in_by_post_and_of_quarters_that_exist(scene, client):
    period = scene.filed(2020, 1)
    assert client.post(publish_url(period)).status_code == 403
    assert browser_of(scene.reviewer).get(publish_url(period)).status_code == 405
    assert browser_of(make_sysadmin()).post(publish_url(period)).status_code == 403
    assert browser_of(scene.reviewer).post(reverse("reports:publish", args=[999_999])).status_code == 404
    assert not published_of(scene).exists()


# One version


def test_a_version_says_what_it_is_and_leads_to_its_pages_and_bulletin(published, leader):
    publication = published.publications[1]
    page = leader.get(reverse("reports:publication", args=[publication.pk])).content.decode()
    query = f"?plan={published.scene.plan.code}&amp;period=2020Q2&amp;version=1"
    for name in (
        "cockpit",
        "goals",
        "indicators",
        "actions",
        "milestones",
        "departments",
        "responsibilities",
    ):
        assert f'href="{reverse(f"reports:{name}")}{query}"' in page
    assert reverse("reports:bulletin", args=[publication.pk]) in page
    assert reverse("reports:state_xlsx", args=[publication.period_id]) in page


def test_a_version_counts_what_went_into_it(published, leader):
    text = read(leader, reverse("reports:publication", args=[published.publications[2].pk]))
    assert "采纳 6/9 项" in text
    assert "按时 2 家，迟报 0 家，未报 1 家" in text
    assert "落后超过 0 个百分点为滞后，超过 10 个百分点为严重滞后" in text
    assert "第1版，没有上一版。" in text
    assert "该季已更正，现行的是 2020年第3季度第2版 。" in text


def test_a_correction_lists_what_it_changed(published, leader):
    text = read(leader, reverse("reports:publication", args=[published.corrected.pk]))
    assert "更正理由 任务1.1：核实后更正" in text
    assert "任务 1.1 任务1.1 完成比例 75% 80%" in text
    assert "专项行动 1 行动1 五年完成比例 12% 12.5%" in text
    assert "该季已更正" not in text


def test_a_version_that_does_not_exist_or_is_not_ones_to_see(published, client, db):
    url = reverse("reports:publication", args=[published.corrected.pk])
    assert (
        browser_of(published.scene.leader).get(reverse("reports:publication", args=[999_999])).status_code
        == 404
    )
    assert browser_of(make_sysadmin()).get(url).status_code == 403
    assert client.get(url).url == f"{reverse('login')}?next={url}"
    assert browser_of(published.scene.leader).post(url).status_code == 405


def test_two_values_are_written_with_the_places_that_tell_them_apart(scene):
    indicator = make_indicator(scene.plan, data_department=scene.departments[0], decimals=0)
    make_target(indicator, "100")
    period = scene.filed(2020, 1)
    scene.publish(period)
    entry = scene.entry(period, indicator=indicator)
    second = scene.correct(period, entry, value=Decimal("80.4"))
    columns = {
        change.figure.subject_id: change.columns
        for change in changes(second)
        if change.figure.subject == Subject.INDICATOR
    }
    assert columns[indicator.pk] == [("数值", "80 千米", "80.4 千米")]


def test_a_changed_light_is_listed_with_what_counts_it(scene):
    period = scene.filed(2020, 1)
    scene.publish(period)
    slower = {"problems": "甲", "cause": "乙", "next_steps": "丙", "next_on": period.last_day}
    second = scene.correct(period, percent=Decimal(20), **slower)
    columns = {change.figure.subject: change.columns for change in changes(second)}
    assert columns[Subject.TASK] == [
        ("亮灯", "正常", "滞后"),
        ("完成比例", "25%", "20%"),
        ("五年完成比例", "5%", "4%"),
    ]
    assert columns[Subject.PLAN] == [("下级亮灯", "正常1项", "滞后1项")]


def test_what_appears_and_disappears_between_versions_is_listed(scene):
    period = scene.filed(2020, 1)
    first = scene.publish(period)
    second = scene.correct(period)
    third = Publication.objects.create(period=period, version=3, at=second.at, reason="试")
    for row in second.figures.exclude(subject=Subject.GOAL):
        row.pk, row.publication = None, third
        row.save(force_insert=True)
    copied = first.figures.get(subject=Subject.GOAL)
    PublishedFigure.objects.create(
        publication=third, subject=Subject.GOAL, subject_id=copied.subject_id + 1, name="新目标"
    )
    found = {(c.figure.name, *c.columns[0]) for c in changes(third) if c.figure.subject == Subject.GOAL}
    assert found == {("新目标", "本版新增", "—", "新目标"), (copied.name, "本版不再列入", copied.name, "—")}


def test_the_list_costs_the_same_however_many_quarters_there_are(scene, django_assert_num_queries):
    scene.quarter(2020, 1)
    scene.opened(2020, 2)
    with django_assert_num_queries(4):
        rows = period_rows(scene.plan)
        assert [(row.sent, row.departments, row.undecided_count) for row in rows] == [(0, 2, 0), (0, 0, 0)]
    assert timezone.now() > rows[0].period.due_at

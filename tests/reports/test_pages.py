"""Every page of figures: who may read it, which edition it shows, and that its cost does not grow."""

import re
from datetime import date

import pytest
from django.urls import reverse

from tests.factories import make_plan, make_sysadmin, make_user, open_quarter
from tests.reports.conftest import browser_of
from tests.reports.pages import LISTS, PAGES, SUBJECTS, addresses, read


@pytest.mark.parametrize("name", PAGES)
def test_a_leader_reads_every_page(published, leader, name):
    assert "演示" not in read(leader, addresses(published.scene)[name])


@pytest.mark.parametrize("name", PAGES)
def test_a_department_reads_every_page(published, name, db):
    filer = published.scene.filers[published.scene.departments[1].pk]
    assert browser_of(filer).get(addresses(published.scene)[name]).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_stranger_is_asked_to_sign_in(published, client, name, db):
    url = addresses(published.scene)[name]
    response = client.get(url)
    assert (response.status_code, response.url) == (302, f"{reverse('login')}?next={url}")


@pytest.mark.parametrize("name", PAGES)
def test_a_system_administrator_has_no_part_in_the_plan(published, name, db):
    assert browser_of(make_sysadmin()).get(addresses(published.scene)[name]).status_code == 403


def test_a_person_without_a_role_is_refused(published, db):
    assert browser_of(make_user()).get(reverse("reports:cockpit")).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_only_read(published, leader, name):
    assert leader.post(addresses(published.scene)[name]).status_code == 405


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("query", ["period=2019Q1", "period=2020Q1&version=7", "version=1", "period=x"])
def test_an_edition_that_does_not_exist_is_not_found(published, leader, name, query):
    assert leader.get(f"{addresses(published.scene)[name]}?{query}").status_code == 404


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_subject_that_does_not_exist_is_not_found(leader, name):
    assert leader.get(reverse(f"reports:{name}", args=[999_999])).status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_a_plan_that_does_not_exist_is_not_found(leader, name):
    assert leader.get(reverse(f"reports:{name}"), {"plan": "nothing"}).status_code == 404


# The edition


@pytest.mark.parametrize("name", [name for name in PAGES if name != "publications"])
def test_a_page_shows_the_newest_publication_and_offers_the_others(published, leader, name):
    page = leader.get(addresses(published.scene)[name]).content.decode()
    options = re.findall(r'<option value="(2020Q\d)"( selected)?>([^<]+)</option>', page)
    assert options == [
        ("2020Q4", "", "2020年第4季度实时数"),
        ("2020Q3", " selected", "2020年第3季度第2版"),
        ("2020Q2", "", "2020年第2季度第1版"),
        ("2020Q1", "", "2020年第1季度第1版"),
    ]
    assert "数据截止 2020年9月30日（2020年第3季度第2版）" in page


@pytest.mark.parametrize("name", [name for name in PAGES if name != "publications"])
def test_every_link_between_pages_keeps_the_edition(published, leader, name):
    plan = published.scene.plan.code
    page = leader.get(f"{addresses(published.scene)[name]}?period=2020Q2&version=1").content.decode()
    body = page[page.index("<main") : page.index("</main>")]
    pages = r"(?:goals|indicators|actions|tasks|departments|milestones|responsibilities)/"
    links = re.findall(rf'href="(/{pages}[^"]*)"', body.replace("&amp;", "&"))
    assert links, name
    kept = f"plan={plan}&period=2020Q2&version=1"
    assert [link for link in links if kept not in link] == []


def test_the_switch_keeps_the_other_filters(published, leader):
    page = leader.get(reverse("reports:indicators"), {"standing": "late", "period": "2020Q2", "version": "1"})
    form = re.search(r'<form class="filter edition.*?</form>', page.content.decode(), re.S)[0]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
    assert hidden == {"standing": "late", "plan": published.scene.plan.code}


def test_a_reader_of_an_older_version_is_told_of_the_newer_one(published, leader):
    url = reverse("reports:task", args=[published.scene.tasks[0].pk])
    old = read(leader, f"{url}?period=2020Q3&version=1")
    assert "这里是2020年第3季度第1版的数字。该季已更正，现行的是 2020年第3季度第2版 。" in old
    assert "该季已更正" not in read(leader, url)


def test_live_figures_say_so(published, leader):
    text = read(leader, f"{reverse('reports:cockpit')}?period=2020Q4&live=1")
    assert "数据截至2020年12月31日，实时数，尚未汇总，未发布" in text


def test_an_older_plan_stays_readable_by_its_code(published, leader):
    newer = make_plan("newer", starts_on=date(2021, 1, 1), ends_on=date(2025, 12, 31))
    code = published.scene.plan.code
    assert "截至三季度" in read(
        leader, reverse("reports:cockpit")
    )  # a plan loaded ahead is nobody's first page
    open_quarter(newer, 2021, 1)
    assert "还没有可以汇总的数据" in read(leader, reverse("reports:cockpit"))
    assert "截至三季度" in read(leader, f"{reverse('reports:cockpit')}?plan={code}")
    assert "2020年第3季度第2版" in read(leader, reverse("reports:goal", args=[published.scene.goal.pk]))

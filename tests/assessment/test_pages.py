"""The pages: who sees what, what they say, and how many questions they ask."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from assessment.services import adjust, compute, finalise
from reports.models import Subject
from targets.terms import Attainment
from tests.assessment.helps import (
    AT,
    figure,
    filed,
    line_of,
    make_scheme,
    publish,
    publish_year,
    simple_year,
)
from tests.factories import (
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_indicator,
    make_leader,
    make_plan,
    make_reviewer,
    make_sysadmin,
    make_target,
    make_task,
    make_user,
    open_quarter,
)

pytestmark = pytest.mark.django_db

YEAR = reverse("assessment:year", args=[2019])
OVERVIEW = reverse("assessment:overview")


def sheet(department) -> str:
    return reverse("assessment:sheet", args=[2019, department.pk])


def text(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_who_adjusts_is_said_once_however_many_lines_are_open(client):
    scheme, (department,) = simple_year()
    client.force_login(make_filer(department))
    page = text(client.get(sheet(department), {"plan": scheme.plan.code, "line": "all"}))
    assert page.count("这一分怎么来的") > 1
    assert page.count(f"核定得分由{scheme.plan.office}办理，您可以查看。") == 1


# The years


def test_the_overview_lists_every_year_of_the_plan_with_its_state(client):
    scheme, _ = simple_year(2)
    client.force_login(make_leader())
    page = text(client.get(OVERVIEW))
    assert [f"{year}年度" in page for year in (2016, 2020, 2021)] == [True, True, False]
    assert "待审定" in page
    assert "未定方案" in page
    assert '4/4<span class="unit">个</span>' in page
    assert f'href="{YEAR}?plan={scheme.plan.code}"' in page


def test_a_department_sees_its_own_score_on_the_overview_and_its_rank_when_final(client):
    scheme, (unit, other) = simple_year(2)
    line = line_of(scheme, other, "quality:4")
    adjust(line=line, points=Decimal(1), seen=line.points, reason="试", by=make_reviewer(), at=AT)
    client.force_login(make_filer(other))
    page = text(client.get(OVERVIEW))
    assert f"{other.name} 51.00" in page
    assert unit.name not in page
    assert "第2名" not in page
    finalise(scheme=scheme, by=make_reviewer(), at=AT)
    assert "第2名" in text(client.get(OVERVIEW))


def test_another_plan_is_named_in_the_address(client):
    scheme, _ = simple_year()
    newer = make_plan(starts_on=date(2021, 1, 1), ends_on=date(2025, 12, 31))
    open_quarter(newer, 2021, 1)
    client.force_login(make_leader())
    assert "2025年度" in text(client.get(OVERVIEW))
    assert client.get(YEAR).status_code == 404
    assert client.get(YEAR, {"plan": scheme.plan.code}).status_code == 200
    assert client.get(OVERVIEW, {"plan": "none"}).status_code == 404
    assert newer.code != scheme.plan.code


# One year


def test_the_office_sees_the_ranking_and_who_is_not_ranked(client):
    plan = make_plan()
    units, firm = [make_department(), make_department()], make_department("某企业", kind="enterprise")
    scheme = make_scheme(plan, members=units, unranked=[firm])
    year = publish_year(plan)
    filed(year, units[0], timeliness="late")
    filed(year, units[1])
    compute(scheme=scheme, by=None, at=AT)
    client.force_login(make_reviewer())
    page = text(client.get(YEAR))
    assert page.index(units[1].name) < page.index(units[0].name)
    assert "不计分、不排名" in page
    assert "某企业" in page
    assert "重新计算" in page
    assert 'class="btn btn-primary">审定' in page
    client.force_login(make_leader())
    page = text(client.get(YEAR))
    assert units[0].name in page
    assert "重新计算" not in page


def test_a_department_sees_its_own_row_only(client):
    _, (unit, other) = simple_year(2)
    client.force_login(make_approver(unit))
    page = text(client.get(YEAR))
    assert sheet(unit) in page
    assert sheet(other) not in page
    assert "名次" not in page


def test_a_department_that_is_not_ranked_is_told_so(client):
    simple_year()
    client.force_login(make_filer(make_department()))
    assert "本年度没有本单位的得分。" in text(client.get(YEAR))


def test_a_newer_publication_is_announced(client):
    scheme, _ = simple_year()
    publish(scheme.plan.periods.first(), version=2)
    client.force_login(make_reviewer())
    page = text(client.get(YEAR))
    assert "评分后又发布了新版本，以下得分还是原来的数据。" in page
    assert "不能审定：评分后又发布了新版本，先重新计算得分。" in page


def test_a_proposed_scheme_says_so_until_the_office_decides(client):
    scheme, _ = simple_year()
    client.force_login(make_leader())
    assert "本方案为建议稿，待审定。" in text(client.get(YEAR))
    type(scheme).objects.update(is_proposed=False)
    assert "建议稿" not in text(client.get(YEAR))


def test_before_the_first_computation_there_is_a_list_and_a_button(client):
    plan, unit = make_plan(), make_department()
    make_scheme(plan, members=[unit])
    filed(publish_year(plan), unit)
    client.force_login(make_reviewer())
    page = text(client.get(YEAR))
    assert f"{unit.name}。还没有评分。" in page
    assert "计算得分</button>" in page
    assert "不能审定：还没有评分，先计算得分。" in page


def test_a_year_in_progress_is_marked_provisional(client):
    plan, unit = make_plan(), make_department()
    scheme = make_scheme(plan, members=[unit])
    filed(publish_year(plan, 2019, (1, 2)), unit)
    compute(scheme=scheme, by=None, at=AT)
    client.force_login(make_filer(unit))
    page = text(client.get(sheet(unit)))
    assert "暂计 <b>100.00</b> 分，优秀。如年度到此为止，不是结果；数据为第1、2季度发布版" in page
    assert "审定后公布本类各单位的得分和名次。" in page


# One sheet


@pytest.fixture
def full():
    """A year with a line of every kind."""
    plan, unit, other = make_plan(), make_department("甲局"), make_department("乙局")
    task = make_task(make_action(plan), lead=unit, title="修绿道")
    roads = make_indicator(plan, data_department=unit, name="绿道里程", unit="公里")
    pending = make_indicator(plan, data_department=unit, name="待定指标")
    make_target(roads, "32", due_on=date(2019, 12, 31), clause="三(六)3")
    scheme = make_scheme(plan, members=[unit, other])
    year = publish_year(plan)
    figure(
        year[-1],
        Subject.INDICATOR,
        roads,
        attainment=Attainment.NOT_MET,
        value=Decimal("30.6"),
        reason="差 1.4 公里",
        detail={"filing": 77, "version": 2},
    )
    figure(year[-1], Subject.INDICATOR, pending, attainment=Attainment.NO_TARGET, reason="目标值待下达")
    figure(
        year[-1], Subject.TASK, task, completion=Decimal(80), expected=Decimal(100), reason="落后 20 个百分点"
    )
    filed(year, unit)
    filed(year, other)
    compute(scheme=scheme, by=None, at=AT)
    return scheme, unit, other, roads, task, year


def test_a_point_opens_to_its_figures(client, full):
    scheme, unit, _, roads, _, year = full
    line = line_of(scheme, unit, f"indicator:{roads.pk}")
    client.force_login(make_filer(unit))
    closed = text(client.get(sheet(unit)))
    assert "这一分怎么来的" not in closed
    assert f"?plan={scheme.plan.code}&amp;line={line.pk}#line-{line.pk}" in closed
    page = text(client.get(sheet(unit), {"line": line.pk}))
    assert page.count("这一分怎么来的") == 1
    assert f"得分 = {line.maximum} × 30.6 ÷ 32 = {line.points}" in page
    assert "差 1.4 公里" in page
    assert f"{reverse('reports:indicator', args=[roads.pk])}?period=2019Q4&amp;version=1" in page
    assert reverse("reports:publication", args=[year[-1].pk]) in page
    assert f'href="{reverse("filings:detail", args=[77])}"' in page
    assert "季度报送</a>第2版" in page
    assert "三(六)3" in page


def test_all_points_open_at_once_for_printing(client, full):
    _, unit, *_ = full
    client.force_login(make_filer(unit))
    assert text(client.get(sheet(unit), {"line": "all"})).count("这一分怎么来的") == 4


def test_what_is_not_in_the_denominator_is_listed_with_its_reason(client, full):
    _, unit, *_ = full
    client.force_login(make_filer(unit))
    page = text(client.get(sheet(unit)))
    outside = page[page.index("不计入分母") :]
    assert "待定指标" in outside
    assert "待下达" in outside
    assert "目标值待下达" in outside
    assert "没有到期节点" in outside


def test_the_office_finds_the_form_on_an_open_line_and_nobody_else(client, full):
    scheme, unit, _, roads, *_ = full
    line = line_of(scheme, unit, f"indicator:{roads.pk}")
    address = reverse("assessment:adjust", args=[line.pk])
    own = make_user(roles=[(Role.OFFICE, unit)])
    for person, finds in (
        (make_reviewer(), True),
        (own, False),
        (make_leader(), False),
        (make_filer(unit), False),
    ):
        client.force_login(person)
        assert (address in text(client.get(sheet(unit), {"line": line.pk}))) is finds
    finalise(scheme=scheme, by=make_reviewer(), at=AT)
    client.force_login(make_reviewer())
    assert address not in text(client.get(sheet(unit), {"line": line.pk}))


def test_the_ranking_shows_to_the_department_once_it_is_final(client, full):
    scheme, unit, other, *_ = full
    client.force_login(make_filer(unit))
    assert "乙局" not in text(client.get(sheet(unit)))
    finalise(scheme=scheme, by=make_reviewer(), at=AT)
    page = text(client.get(sheet(unit)))
    assert "甲类第 <b>2</b> 名，共 2 家" in page
    assert "乙局" in page
    assert "已审定" in page
    assert sheet(other) not in page


def test_others_sheets_do_not_exist_for_a_department(client, full):
    _, unit, other, *_ = full
    client.force_login(make_filer(other))
    assert client.get(sheet(unit)).status_code == 404
    client.force_login(make_sysadmin())
    for address in (sheet(unit), YEAR, OVERVIEW):
        assert client.get(address).status_code == 404
    for reader in (make_reviewer(), make_leader(), make_approver(unit)):
        client.force_login(reader)
        assert client.get(sheet(unit)).status_code == 200


def test_pages_are_read_only(client, full):
    _, unit, *_ = full
    client.force_login(make_reviewer())
    for address in (OVERVIEW, YEAR, sheet(unit)):
        assert client.post(address).status_code == 405


def test_a_signed_out_visitor_is_sent_to_sign_in(client, full):
    response = client.get(YEAR)
    assert response.status_code == 302
    assert response.url.startswith(reverse("login"))


# How many questions they ask


def count(client, address, django_assert_max_num_queries) -> int:
    with django_assert_max_num_queries(40) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("name", ["overview", "year", "sheet"])
def test_one_department_asks_as_many_questions_as_three(client, name, django_assert_max_num_queries):
    counts = []
    for members in (1, 3):
        scheme, departments = simple_year(members)
        for department in departments:
            for key in ("quality:4", "completeness:5"):
                line = line_of(scheme, department, key)
                adjust(
                    line=line,
                    points=Decimal(members),
                    seen=line.points,
                    reason="试",
                    by=make_reviewer(),
                    at=AT,
                )
        client.force_login(make_reviewer())
        address = {"overview": OVERVIEW, "year": YEAR, "sheet": f"{sheet(departments[0])}"}[name]
        address += f"?plan={scheme.plan.code}&line=all"
        counts.append(count(client, address, django_assert_max_num_queries))
    assert counts[0] == counts[1]


def test_a_longer_sheet_asks_no_more_questions(client, django_assert_max_num_queries):
    counts = []
    for tasks in (1, 3):
        plan, unit = make_plan(), make_department()
        scheme = make_scheme(plan, members=[unit])
        year = publish_year(plan)
        for _ in range(tasks):
            task = make_task(make_action(plan), lead=unit)
            figure(year[-1], Subject.TASK, task, completion=Decimal(50), expected=Decimal(100))
        filed(year, unit)
        compute(scheme=scheme, by=None, at=AT)
        client.force_login(make_reviewer())
        counts.append(
            count(client, f"{sheet(unit)}?plan={plan.code}&line=all", django_assert_max_num_queries)
        )
    assert counts[0] == counts[1]

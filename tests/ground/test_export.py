"""Any list as displayed: the page's own tables as a workbook, with its filters, all its pages, and a trace."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from audit.models import Event
from departments.models import Kind
from harbor_plan.export import LISTS
from harbor_plan.lib.download import XLSX
from harbor_plan.lib.tables import Cell, tables_of
from targets.models import Plan
from tests import factories as f
from tests.filings.scene import Scene
from tests.plan.second import plan_upload
from tests.system import System


def file_of(client: Client, url: str) -> Workbook:
    """What the link at the foot of a page gives."""
    page = client.get(url)
    link = page.context["export_url"]
    assertContains(page, "导出本页表格（.xlsx）")
    response = client.get(url.partition("?")[0] + link)
    assert response.headers["Content-Type"] == XLSX
    assert "no-store" in response.headers["Cache-Control"]
    return load_workbook(io.BytesIO(response.content))


def values(page: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in page.iter_rows()]


@pytest.fixture
def scene(db: None) -> Scene:
    """A quarter that is open now."""
    return Scene()


@pytest.fixture
def office(scene: Scene, client: Client) -> Client:
    client.force_login(scene.reviewer)
    return client


def test_demonstration_data_is_marked_in_every_file(scene: Scene, office: Client) -> None:
    scene.send()
    Plan.objects.update(has_demo_data=True)
    book = file_of(office, reverse("filings:queue"))
    assert book.worksheets[0]["A1"].value == "报送审核（演示数据）"


def test_the_queue_as_it_is_shown(scene: Scene, office: Client) -> None:
    scene.send()
    book = file_of(office, reverse("filings:queue"))
    rows = values(book.worksheets[0])
    assert rows[0][0] == "报送审核"
    assert rows[1][0] == "导出人：顾明远"
    assert any(str(cell).startswith("数据截至：") for cell in rows[1])
    assert rows[2][:2] == ["单位", "填报期"]
    assert rows[3][0].startswith("牵头局")
    assert rows[3][rows[2].index("未审")] == "5/5项"


def test_the_filter_in_force_holds_and_is_named(scene: Scene, office: Client) -> None:
    scene.send()
    other = f.filing_of(scene.period, scene.helper)
    f.file(other, by=scene.stranger, signed_by=f.make_approver(scene.helper), at=scene.at)
    scene.period.due_at = scene.at - timedelta(days=1)
    scene.period.save()
    everything = values(file_of(office, reverse("filings:queue")).worksheets[0])
    assert len([row for row in everything if "2020年第2季度" in row]) == 2
    book = file_of(office, reverse("filings:queue") + "?show=late")
    assert any(row[0] == "筛选：迟报" for row in values(book.worksheets[0]))


def test_all_pages_of_a_list(db: None, client: Client) -> None:
    department = f.make_department("长局")
    plan = f.make_plan(starts_on=f.date(2000, 1, 1))
    f.make_task(f.make_action(plan), lead=department)
    for year in range(2010, 2016):
        for quarter in (1, 2, 3, 4):
            f.open_quarter(plan, year, quarter)
    client.force_login(f.make_filer(department))
    url = reverse("filings:past")
    assertContains(client.get(url), 'rel="next"')
    rows = values(file_of(client, url + "?page=2").worksheets[0])
    said = [row[0] for row in rows if str(row[0]).startswith("长局 ")]
    assert (len(said), said[0], said[-1]) == (
        23, "长局 2015年第3季度报送", "长局 2010年第1季度报送"
    )  # fmt: skip


def test_it_is_recorded(scene: Scene, office: Client) -> None:
    scene.send()
    file_of(office, reverse("filings:queue"))
    event = Event.objects.get(verb="table.export")
    assert (event.actor_name, event.after) == (
        "顾明远",
        {"页面": "报送审核", "地址": reverse("filings:queue"), "筛选": "", "行数": 1},
    )


def test_an_empty_list_leads_back_with_a_word(scene: Scene, office: Client) -> None:
    response = office.get(reverse("filings:queue") + "?show=late&export=xlsx", follow=True)
    assertRedirects(response, reverse("filings:queue") + "?show=late")
    assertContains(response, "本页现在没有可以导出的表格。")


def test_whoever_may_not_see_the_page_gets_no_file(scene: Scene, client: Client) -> None:
    url = reverse("filings:queue") + "?export=xlsx"
    assertRedirects(client.get(url), f"{reverse('login')}?next=/filings/queue/%3Fexport%3Dxlsx")
    client.force_login(scene.filer)
    assert client.get(url).status_code == 403
    assert Event.objects.filter(verb="table.export").count() == 0


def test_other_pages_have_no_link_and_no_file(scene: Scene, client: Client) -> None:
    client.force_login(scene.filer)
    url = reverse("filings:edit", args=[scene.filing.pk])
    assertNotContains(client.get(url), "导出本页表格")
    response = client.get(f"{url}?export=xlsx")
    assert response.headers["Content-Type"].startswith("text/html")


def test_every_list_is_an_address() -> None:
    from tests.test_access import EVERYTHING

    assert set(EVERYTHING) >= LISTS


def test_every_list_gives_a_file_or_says_that_it_is_empty(db: None, client: Client) -> None:
    system = System(rows=2, quarters=1)
    group = f.make_department("成员单位", kind=Kind.GROUP, convenor=system.own)
    sent, draft = system.closed[-1].period, system.running
    about = {
        "filings:review": [f.filing_of(sent, system.own).pk],
        "filings:group": [group.pk],
        "tasks:programmes": [system.actions[0].pk],
        "tasks:plan": [system.annual_plan.pk],
        "tasks:version": [system.annual_plan.pk, 1],
        "reports:goal": [system.goals[0].pk],
        "reports:indicator": [system.indicators[0].pk],
        "reports:target": [system.target.pk],
        "reports:plan_values": [system.indicators[0].pk],
        "reports:action": [system.actions[0].pk],
        "reports:task": [system.tasks[0].pk],
        "reports:department": [system.own.pk],
        "reports:publication": [system.closed[-1].pk],
        "assessment:year": [system.scheme.year],
        "assessment:sheet": [system.scheme.year, system.own.pk],
        "tasks:plan_upload": [plan_upload(system).pk],
        "tasks:plan_revisions": [system.plan.code],
        "tasks:plan_revision": [system.plan.code, 1],
        "reports:reorganisation": [system.reorganised().pk],
    }
    about_own = {
        "filings:workbook": [f.filing_of(draft, system.own).pk],
        "filings:earlier_evidence": [f.filing_of(draft, system.own).entries.first().pk],
    }
    filed: dict[str, list[str]] = {}
    for name in sorted(LISTS):
        client.force_login(system.filer if name in about_own else system.office)
        response = client.get(reverse(name, args=(about | about_own).get(name)) + "?export=xlsx")
        assert response.status_code in (200, 302), name
        if response.status_code == 200:
            assert response.headers["Content-Type"] == XLSX, name
            filed[name] = load_workbook(io.BytesIO(response.content)).sheetnames
    assert set(filed) >= {
        "filings:periods", "reports:departments", "reports:indicators", "reports:milestones", "reports:actions",
        "reports:goals", "reports:publications", "supervision:notices", "assessment:overview", "assessment:year",
        "supervision:desk", "reports:cockpit", "tasks:plan", "tasks:version", "assessment:sheet",
    }  # fmt: skip


# Reading tables


def read(table: str) -> list[tuple[list[str], list[list[str]]]]:
    page = tables_of(f'<div>外</div><main id="main"><h1>题</h1>{table}</main>')
    return [(t.head, [[cell.text for cell in row] for row in t.rows]) for t in page.tables]


def test_texts_without_pictures_and_controls() -> None:
    table = """<table><thead><tr><th>单位</th><th>灯</th><th></th></tr></thead><tbody>
      <tr><th scope="row"><a href="#">甲 &amp;
        乙</a></th><td><svg><title>图</title></svg> <span>正常</span><div>第二行</div></td>
        <td><form><button>办理</button></form></td></tr></tbody></table>"""
    assert read(table) == [(["单位", "灯"], [["甲 & 乙", "正常\n第二行"]])]


def test_words_for_screen_readers_only_where_there_are_no_others() -> None:
    table = '<table><tr><td><span class="unseen">滞后</span></td><td>甲<span class="unseen">（链接）</span></td></tr></table>'
    assert read(table) == [(["", ""], [["滞后", "甲"]])]


def test_what_pictures_say_is_given_by_the_page() -> None:
    table = """<table><tr><td data-said="已采纳（配合）"><svg role="img" aria-label="甲局 任务 已采纳"></svg></td>
      <td data-said="3"><button>3<span class="unseen"> 项未报</span></button></td>
      <td><svg role="img" aria-label="2020年一季度 正常"></svg></td></tr></table>"""
    assert read(table) == [(["", "", ""], [["已采纳（配合）", "3", "2020年一季度 正常"]])]


def test_words_beside_each_other_stand_apart_and_units_do_not() -> None:
    table = """<table><tr><td><span>1.1</span><a>产业布局</a><div>牵头</div></td><td><b>39</b><span class="unit">小时</span></td>
      <td>共<b>3</b>项</td></tr></table>"""
    assert read(table) == [(["", "", ""], [["1.1 产业布局\n牵头", "39小时", "共3项"]])]


def test_the_heading_of_a_section_ends_with_it() -> None:
    table = "<div><table><tr><td>甲</td></tr></table></div>"
    page = tables_of(
        f'<main id="main">{table}<section><div><h2>提议</h2></div>{table}</section>{table}<h2>其他</h2>{table}</main>'
    )
    assert [t.caption for t in page.tables] == ["", "提议", "", "其他"]


def test_an_empty_column_stays_and_one_of_controls_goes() -> None:
    table = """<table><thead><tr><th>单位</th><th>说明</th><th>选择</th><th><span class="unseen">办理</span></th></tr></thead>
      <tbody><tr><td>甲</td><td></td><td><input type="checkbox"></td><td></td></tr></tbody></table>"""
    assert read(table) == [(["单位", "说明"], [["甲", ""]])]


def test_the_matrix_says_in_words_what_its_symbols_say(scene: Scene, office: Client) -> None:
    scene.send()
    rows = values(file_of(office, reverse("supervision:desk")).worksheets[0])
    head = next(row for row in rows if row[0] == "责任单位")
    line = next(row for row in rows if row[0] == "牵头局")
    helper = next(row for row in rows if row[0] == str(scene.helper))
    task = next(no for no, said in enumerate(head) if said and "治理废气" in said)
    assert (line[task], helper[task]) == ("已报待审", "未填（配合）")
    assert line[head.index("行动 小结")] == "已报待审"


def test_cells_over_several_columns_and_rows() -> None:
    table = """<table><thead><tr><th rowspan="2">单位</th><th colspan="2">报送</th></tr><tr><th>按时</th><th>迟报</th></tr></thead>
      <tbody><tr><th rowspan="2">甲</th><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>
      <tr><td colspan="3">合计</td></tr></tbody></table>"""
    assert read(table) == [
        (["单位", "报送 按时", "报送 迟报"], [["甲", "1", "2"], ["", "3", "4"], ["合计", "", ""]])
    ]


def test_numbers_are_marked_by_the_page() -> None:
    page = tables_of('<main id="main"><table><tr><td class="num">1</td><td>4.10</td></tr></table></main>')
    assert page.tables[0].rows == [[Cell("1", is_number=True), Cell("4.10")]]


def test_filters_in_words() -> None:
    page = tables_of(
        """<main id="main"><h1>题</h1><p class="lede">共 <b>3</b> 项</p>
        <span class="seg"><a aria-current="true">全部</a><a>迟报</a></span><span class="seg"><a aria-current="true">红灯</a></span>
        <form method="get"><select><option value="">全部单位</option><option value="1" selected>甲局</option></select>
        <input type="search" value="废气"><input type="hidden" value="x"></form></main>"""
    )
    assert (page.title, page.lede, page.filters) == ("题", "共 3 项", "红灯，甲局，“废气”")

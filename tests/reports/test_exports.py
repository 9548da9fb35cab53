"""Tables to take away: the responsibility table as the page shows it, and the state of a quarter's filing."""

from datetime import date, timedelta
from io import BytesIO
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Event
from filings.models import Entry, Extension, Filing
from filings.services.review import decide_entry
from filings.terms import Decision, EntryKind, ReturnCode
from harbor_plan.lib.xlsx import TAIL
from reports.models import Subject
from reports.queries.filing_states import filing_states
from targets.models import Plan
from tests.factories import (
    fill_entry,
    make_department,
    make_responsibility,
    make_sysadmin,
    make_user,
)
from tests.reports.conftest import browser_of
from tests.reports.scene import Scene, filing_time

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TABLE = reverse("reports:responsibilities_xlsx")


def take(client, address):
    """The workbook behind an address."""
    response = client.get(address)
    assert response.status_code == 200, response.content.decode()[:300]
    assert response.headers["Content-Type"] == XLSX
    return load_workbook(BytesIO(response.content))


def rows_of(sheet, columns):
    """The rows of the table: below the heading, above the first line over the whole width."""
    last = max(cell.row for cell in sheet["A"] if cell.value == TAIL)
    notes = {area.min_row for area in sheet.merged_cells.ranges if area.size["columns"] == columns}
    return [
        [cell.value for cell in row]
        for row in sheet.iter_rows(min_row=4, max_row=last)
        if row[0].row not in notes
    ]


def name_of(response):
    return response.headers["Content-Disposition"]


# The responsibility table


def test_the_table_has_the_annexes_form(published, leader, db):
    scene = published.scene
    sheet = take(leader, TABLE)["责任分解"]
    assert sheet["A1"].value == f"{scene.plan.short_name}任务责任分解表"
    assert sheet["A2"].value == f"填报单位（盖章）：{scene.plan.office}"
    assert sheet["E2"].value.startswith("填报日期：")
    assert sheet["E2"].value.endswith("　单位：项")
    assert [cell.value for cell in sheet[3]] == [
        "序号", "专项行动\n（牵头单位）", "编号", "主要任务", "责任单位\n（排在第一位的为牵头单位）",
        "亮灯\n2020年第3季度第2版", "本年完成\n比例", "应达",
    ]  # fmt: skip
    first, second = rows_of(sheet, 8)
    lead, helper = scene.departments[0], scene.departments[2]
    assert first == [
        "1", f"{scene.action.name}\n（{lead}）", "1.1", scene.tasks[0].annex_title, f"{lead}、{helper}",
        "正常", 0.8, 0.75,
    ]  # fmt: skip
    assert second[2:] == [
        "1.2",
        scene.tasks[1].annex_title,
        f"{scene.departments[1]}、{helper}",
        "无法判断",
        "未填报",
        0.75,
    ]
    assert {"A4:A5", "B4:B5"} <= {str(area) for area in sheet.merged_cells.ranges}
    assert sheet["A6"].value == "共1项专项行动，2项任务。"


def test_its_figures_are_the_editions(published, leader, db):
    sheet = take(leader, f"{TABLE}?period=2020Q2&version=1")["责任分解"]
    figures = published.publications[1].figures.filter(subject=Subject.TASK).order_by("position")
    assert [(row[5], row[6], row[7]) for row in rows_of(sheet, 8)] == [
        (figure.get_standing_display(), float(figure.completion) / 100, float(figure.expected) / 100)
        for figure in figures
    ]
    assert sheet["F3"].value == "亮灯\n2020年第2季度第1版"


def test_it_is_filtered_as_the_page_is(published, leader, db):
    scene = published.scene
    lead = scene.departments[1]
    sheet = take(leader, f"{TABLE}?period=2020Q2&department={lead.pk}&role=lead&text=1.2")["责任分解"]
    assert [row[2] for row in rows_of(sheet, 8)] == ["1.2"]
    assert sheet["A5"].value == f"筛选：{lead}牵头，任务含“1.2”。全表2项任务，本表列出1项。"
    assert rows_of(take(leader, f"{TABLE}?period=2020Q2&standing=done")["责任分解"], 8) == []


def test_it_takes_the_rows_in_force_on_a_day(published, leader, db):
    scene = published.scene
    other = make_department("后来的局")
    make_responsibility(scene.tasks[0], other, valid_from=date(2020, 10, 1))
    units = [row[4] for row in rows_of(take(leader, TABLE)["责任分解"], 8)]
    assert other.name not in units[0]
    sheet = take(leader, f"{TABLE}?on=2020-10-01")["责任分解"]
    assert other.name in rows_of(sheet, 8)[0][4]
    assert "2020年10月1日有效" in sheet["A6"].value


def test_editors_notes_are_numbered_below(published, leader, db):
    task = published.scene.tasks[1]
    task.note = "正文另有写法"
    task.save()
    sheet = take(leader, TABLE)["责任分解"]
    assert rows_of(sheet, 8)[1][3] == f"{task.annex_title}（注1）"
    assert sheet["A7"].value == "注1：正文另有写法"


def test_everybody_with_a_part_in_the_plan_may_take_it_and_nobody_else(published, leader, db):
    filer = published.scene.filers[published.scene.departments[0].pk]
    assert browser_of(filer).get(TABLE).status_code == 200
    assert browser_of(make_sysadmin()).get(TABLE).status_code == 403
    assert Client().get(TABLE).headers["Location"].startswith(reverse("login"))
    assert leader.post(TABLE).status_code == 405
    assert leader.get(f"{TABLE}?period=2019Q1").status_code == 404


def test_the_file_has_a_chinese_name(published, leader, db):
    name = quote(f"{published.scene.plan.short_name}任务责任分解表.xlsx", safe="")
    assert name_of(leader.get(TABLE)) == f"attachment; filename*=utf-8''{name}"


def test_taking_it_is_recorded(published, leader, db):
    leader.get(f"{TABLE}?text=1.2")
    event = Event.objects.get(verb="responsibilities.export")
    assert (event.actor_id, event.subject_type, event.subject_id) == (
        published.scene.leader.pk, "targets.plan", str(published.scene.plan.pk),
    )  # fmt: skip
    assert event.after == {"数字": "2020年第3季度第2版", "筛选": "任务含“1.2”", "任务": 1}


def test_a_plan_without_figures_has_its_table_all_the_same(db):
    scene = Scene.make(size=1)
    sheet = take(browser_of(scene.leader), f"{TABLE}?plan={scene.plan.code}")["责任分解"]
    assert sheet["F3"].value == "亮灯\n尚无数据"
    assert rows_of(sheet, 8)[0][5:] == ["未汇总", "未汇总", "—"]


# The state of a quarter


@pytest.fixture
def running(published, db):
    """The running quarter: the first unit has sent, the second begins, the third has not; all of it as it stands."""
    scene, period = published.scene, published.running
    entry = scene.progress(period, scene.tasks[1])
    fill_entry(entry, by=scene.filers[entry.filing.department_id], at=filing_time(period))
    return period


def state(period):
    return reverse("reports:state_xlsx", args=[period.pk])


def test_every_unit_stands_with_its_state_in_words(published, leader, running):
    scene = published.scene
    sheet = take(leader, state(running))["报送情况"]
    assert sheet["A1"].value == f"{scene.plan.short_name}2020年第4季度报送情况表"
    assert [cell.value for cell in sheet[3]] == [
        "序号", "单位", "性质", "状态", "时效", "首次报送", "最近报送", "延期至", "退回\n次数", "应报", "已填",
        "已采纳", "采纳率", "退回\n待改",
    ]  # fmt: skip
    first, second, third = rows_of(sheet, 14)
    sent_at = filing_time(running).replace(tzinfo=None)
    owed = Entry.objects.filter(filing__period=running, filing__department=scene.departments[0]).count()
    assert first == [
        1, scene.departments[0].name, "港区部门", "已报待审", "按时", sent_at, sent_at, None, 0, owed, owed, 0, 0, 0,
    ]  # fmt: skip
    assert (second[1], second[3], second[5], second[10], second[11]) == (
        scene.departments[1].name, "逾期未报", None, 1, 0,
    )  # fmt: skip
    assert (third[1], third[3]) == (scene.departments[2].name, "逾期未报")
    assert sheet["A7"].value.endswith(f"应报3家，已报1家（按时1家），未报2家；应报{owed + 5}项，已采纳0项。")


def test_accepted_n_of_m_and_returns_are_counted(published, leader, running):
    scene = published.scene
    entries = Entry.objects.for_page().filter(filing__period=running, filing__department=scene.departments[0])
    accepted, returned, *_ = entries
    at = filing_time(running) + timedelta(hours=1)
    decide_entry(entry=accepted, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=scene.reviewer, at=at)
    decide_entry(
        entry=returned,
        decision=Decision.RETURNED,
        seen=Decision.OPEN,
        code=ReturnCode.R02,
        note="口径不一",
        by=scene.reviewer,
        at=at,
    )
    book = take(leader, state(running))
    first = rows_of(book["报送情况"], 14)[0]
    assert first[9:] == [len(entries), len(entries) - 1, 1, pytest.approx(1 / len(entries)), 1]
    lines = [row for row in rows_of(book["应报事项"], 9) if row[0] == scene.departments[0].name]
    assert [row[6] for row in lines[:3]] == ["已采纳", "审核退回", "已报待审"]
    assert [row[7:] for row in lines[:2]] == [[None, None], ["R02 数据与佐证不一致", "口径不一"]]
    assert filing_states(running, at).departments[0].complete == len(entries) - 1


def test_a_returned_entry_counts_as_filled_once_it_is_mended(published, leader, running):
    scene = published.scene
    department = scene.departments[0]
    filing = Filing.objects.get(period=running, department=department)
    returned = filing.entries.first()
    at = filing_time(running)
    for status, edited_at, complete, said in (
        ("returned", at, filing.entries.count() - 1, "审核退回"),
        ("returned", at + timedelta(hours=2), filing.entries.count(), "已改正未报"),
    ):
        Filing.objects.filter(pk=filing.pk).update(status=status)
        Entry.objects.filter(pk=returned.pk).update(
            decision="returned",
            return_code="R02",
            return_note="口径不一",
            decided_by=scene.reviewer,
            decided_at=at + timedelta(hours=1),
            edited_at=edited_at,
        )
        book = take(leader, state(running))
        assert rows_of(book["报送情况"], 14)[0][10] == complete
        assert said in [row[6] for row in rows_of(book["应报事项"], 9) if row[0] == department.name]
        assert filing_states(running, at).departments[0].complete == complete


def test_everything_owed_stands_with_number_title_role_and_state(published, leader, running):
    scene = published.scene
    book = take(leader, state(running))
    sheet = book["应报事项"]
    assert sheet["A1"].value == f"{scene.plan.short_name}2020年第4季度应报事项"
    assert [cell.value for cell in sheet[3]] == [
        "单位", "种类", "编号", "事项", "角色", "条款", "状态", "退回原因", "退回意见",
    ]  # fmt: skip
    lines = rows_of(sheet, 9)
    assert len(lines) == Entry.objects.filter(filing__period=running).count()
    second = [row for row in lines if row[0] == scene.departments[1].name]
    by_kind = {row[1]: row[2:7] for row in second}
    task, milestone, indicator = scene.tasks[1], scene.milestones[1], scene.indicators[1]
    assert by_kind == {
        "牵头任务进展": ["1.2", task.title, "牵头", task.clause, "已填未报"],
        "节点状态": ["1.2", milestone.name, "牵头", milestone.clause, "逾期未报"],
        "指标数据": [None, indicator.name, "数据单位", "二（一）1", "逾期未报"],
    }
    roles = {(row[1], row[4]) for row in lines if row[0] != scene.departments[1].name}
    assert {("专项行动小结", "行动牵头"), ("配合任务情况", "配合")} <= roles


def test_who_files_for_others_is_said(db):
    scene = Scene.make(size=1)
    convenor = scene.departments[0]
    group = make_department("某领导小组各成员单位", kind="group", convenor=convenor)
    make_responsibility(scene.tasks[0], group)
    period = scene.opened(2020, 4)
    lines = rows_of(take(browser_of(scene.leader), state(period))["应报事项"], 9)
    roles = [row[4] for row in lines if row[1] == EntryKind.CONTRIBUTION.label and row[0] == convenor.name]
    assert roles == ["配合（代某领导小组各成员单位）"]


def test_an_extension_is_shown_and_counts(published, leader, running):
    scene = published.scene
    Extension.objects.create(
        period=running, department=scene.departments[2], until=running.closes_at.replace(year=2100), reason="台风",
        approver="分管领导", recorded_by=scene.reviewer, recorded_at=filing_time(running),
    )  # fmt: skip
    third = rows_of(take(leader, state(running))["报送情况"], 14)[2]
    assert (third[3], third[4], third[7].year) == ("未填", "未到期", 2100)


def test_people_of_a_department_get_their_own_rows_only(published, running):
    scene = published.scene
    own, other = scene.departments[0], scene.departments[1]
    for person in (scene.filers[own.pk], scene.approvers[own.pk]):
        book = take(browser_of(person), state(running))
        assert [row[1] for row in rows_of(book["报送情况"], 14)] == [own.name]
        assert {row[0] for row in rows_of(book["应报事项"], 9)} == {own.name}
        assert other.name not in str([list(sheet.values) for sheet in book])


def test_people_without_a_filing_get_an_empty_table(published, running):
    from accounts.roles import Role

    stranger = make_user(roles=[(Role.FILER, make_department())])
    assert rows_of(take(browser_of(stranger), state(running))["报送情况"], 14) == []


def test_the_state_is_not_for_system_administrators_or_strangers(published, running):
    assert browser_of(make_sysadmin()).get(state(running)).status_code == 403
    assert Client().get(state(running)).headers["Location"].startswith(reverse("login"))
    assert browser_of(published.scene.leader).get(reverse("reports:state_xlsx", args=[0])).status_code == 404


def test_taking_the_state_is_recorded(published, leader, running):
    leader.get(state(running))
    event = Event.objects.get(verb="state.export")
    assert (event.actor_id, event.subject_type, event.subject_id, event.after) == (
        published.scene.leader.pk, "filings.period", str(running.pk), {"单位": 3},
    )  # fmt: skip


def test_demonstration_data_is_marked_in_the_title(published, leader, running):
    Plan.objects.filter(pk=published.scene.plan.pk).update(has_demo_data=True)
    for book in (take(leader, TABLE), take(leader, state(running))):
        assert all(sheet["A1"].value.endswith("（演示数据）") for sheet in book)


def test_text_people_wrote_is_never_a_formula(published, leader, running):
    scene = published.scene
    entry = Entry.objects.for_page().filter(filing__period=running, filing__department=scene.departments[0])[
        0
    ]
    decide_entry(
        entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code=ReturnCode.R09, note="=cmd|' /C calc'!A0", by=scene.reviewer,
        at=filing_time(running),
    )  # fmt: skip
    lines = rows_of(take(leader, state(running))["应报事项"], 9)
    assert lines[0][8] == "'=cmd|' /C calc'!A0"


# Costs


def queries(client, address):
    client.get(address)  # the first look fills the process's caches
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_three_of_everything_cost_as_many_queries_as_one(db):
    costs = []
    for size in (1, 3):
        scene = Scene.make(size=size)
        scene.quarter(2020, 2)
        period = scene.opened(2020, 3)
        scene.send(period, scene.departments[0])
        client = browser_of(scene.leader)
        plan = f"?plan={scene.plan.code}"
        costs.append((queries(client, TABLE + plan), queries(client, state(period))))
    assert costs[0] == costs[1]


def test_no_table_without_a_plan(db):
    assert browser_of(Scene.make().leader).get(f"{TABLE}?plan=unknown").status_code == 404

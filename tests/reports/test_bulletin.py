"""The quarterly bulletin, drafted from a publication: its numbers are the published ones, whatever happened since."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from docx import Document

from audit.models import Event
from departments.models import Department
from filings.models import Entry, Filing
from harbor_plan.lib.moments import local
from reports.bulletin import compose
from reports.models import Publication, PublishedFigure, Subject
from targets.models import Indicator, Plan
from tasks.models import Responsibility
from tests.factories import make_department, make_responsibility, make_sysadmin
from tests.reports.conftest import browser_of
from tests.reports.scene import Scene

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def address(publication):
    return reverse("reports:bulletin", args=[publication.pk])


def paper_of(client, publication):
    response = client.get(address(publication))
    assert response.status_code == 200, response.content.decode()[:300]
    assert response.headers["Content-Type"] == DOCX
    return Document(BytesIO(response.content))


def texts(paper):
    return [paragraph.text for paragraph in paper.paragraphs]


def section(paper, heading):
    """The paragraphs below one heading of the first level."""
    found, inside = [], False
    for paragraph in paper.paragraphs:
        if paragraph.style.name == "公文一级标题":
            inside = paragraph.text.partition("、")[2] == heading
        elif paragraph.text.startswith("附件"):
            inside = False
        elif inside and paragraph.text:
            found.append(paragraph.text)
    return found


def table(paper, title):
    """The rows of the attachment with this title."""
    titles = [p.text for p in paper.paragraphs if p.style.name == "公文标题"][1:]
    return [[cell.text for cell in row.cells] for row in paper.tables[titles.index(title)].rows]


def figure(publication, subject, pk=None):
    found = PublishedFigure.objects.filter(publication=publication, subject=subject)
    return found.get(subject_id=pk) if pk else found.get()


@pytest.fixture
def second(published, db):
    """The second quarter: both tasks reported, the second one yellow; everybody on time."""
    return Publication.objects.select_related("period__plan__office").get(pk=published.publications[1].pk)


@pytest.fixture
def third(published, db):
    """The third quarter as first published: one of three units missing."""
    return Publication.objects.select_related("period__plan__office").get(pk=published.publications[2].pk)


@pytest.fixture
def corrected(published, db):
    return Publication.objects.select_related("period__plan__office").get(pk=published.corrected.pk)


# The parts


def test_it_has_the_parts_of_an_official_paper_in_their_order(published, leader, second):
    paper = paper_of(leader, second)
    plan = published.scene.plan
    found = texts(paper)
    assert found[:3] == [
        f"（机关代字）〔{local(second.at).year}〕（序号）号",
        f"关于{plan.short_name}2020年二季度进展情况的通报",
        "（主送机关）：",
    ]
    headings = [p.text for p in paper.paragraphs if p.style.name == "公文一级标题"]
    assert headings == [
        "一、总体情况", "二、指标进展", "三、专项行动进展", "四、未达序时进度的任务", "五、迟报、未报单位",
        "六、存在问题与需协调事项", "七、下一步要求",
    ]  # fmt: skip
    listed = found.index("附件：1. 2020年二季度各单位报送情况")
    assert found[listed + 1 : listed + 3] == [
        "　　　2. 2020年二季度未达序时进度任务清单", "　　　3. 2020年二季度到期和落后指标清单",
    ]  # fmt: skip
    day = local(second.at)
    assert found[listed + 5 : listed + 7] == [str(plan.office), f"{day.year}年{day.month}月{day.day}日"]


def test_it_says_on_what_ground_up_to_when_and_by_which_rule(published, leader, second):
    Plan.objects.filter(pk=published.scene.plan.pk).update(doc_no="甲〔2017〕31号")
    ground, rule = texts(paper_of(leader, second))[3:5]
    plan = published.scene.plan
    assert ground == (
        f"根据《{plan.name}》（甲〔2017〕31号）要求，{plan.office}对2020年二季度各责任单位的报送情况和工作进展进行了审核汇总，"
        "现将有关情况通报如下。"
    )
    at = local(second.at)
    assert rule == (
        f"本通报数据为2020年第2季度第1版，{at.year}年{at.month}月{at.day}日 {at:%H:%M}发布，进展按2020年6月30日判定。"
        "亮灯口径：落后应达超过0个百分点为滞后，超过10个百分点为严重滞后；未采纳的数据不计入。"
    )


def test_the_rule_is_the_one_it_was_published_by(published, leader, second):
    Plan.objects.filter(pk=published.scene.plan.pk).update(behind_above=5, late_above=20)
    assert "落后应达超过0个百分点为滞后，超过10个百分点为严重滞后" in texts(paper_of(leader, second))[4]


# The numbers


def test_the_overall_numbers_are_the_published_ones(published, leader, third):
    total = figure(third, Subject.PLAN)
    assert (total.detail["filings"]["on_time"], total.detail["filings"]["missing"]) == (2, 1)
    filed = section(paper_of(leader, third), "总体情况")[1]
    rate = Decimal(100 * total.reported) / total.owed
    assert filed == (
        "应报单位3家，已报2家（2/3，66.7%），其中按时2家、迟报0家；未报1家。"
        f"应报事项{total.owed}项，已采纳{total.reported}项（{total.reported}/{total.owed}，{rate:.1f}%）；"
        f"退回{total.returns}次。"
    )


def test_the_lights_are_the_published_ones_with_their_shares(published, leader, second):
    paragraphs = section(paper_of(leader, second), "总体情况")
    assert figure(second, Subject.PLAN).lights == {"on_track": 1, "late": 1}
    assert (
        "任务2项：蓝灯（已完成）0项、占0.0%，绿灯（正常）1项、占50.0%，黄灯（滞后）0项、占0.0%，"
        "红灯（严重滞后）1项、占50.0%，灰灯（无法判断）0项、占0.0%。"
    ) in paragraphs
    lights = figure(second, Subject.PLAN).detail["indicators"]
    count = sum(lights.values())
    line = next(text for text in paragraphs if text.startswith(f"指标{count}项："))
    for key, word in (("late", "红灯（严重滞后）"), ("unknown", "灰灯（无法判断）")):
        assert f"{word}{lights.get(key, 0)}项、占{Decimal(100 * lights.get(key, 0)) / count:.1f}%" in line


def test_targets_that_are_due_are_counted(db):
    scene = Scene.make(size=1)
    scene.indicators[0].targets.update(due_on=date(2020, 3, 31))
    publication = scene.quarter(2020, 2)
    total = figure(publication, Subject.PLAN)
    assert (total.met, total.due) == (0, 1)
    paper = paper_of(browser_of(scene.leader), publication)
    assert "到期目标1项，达标0项，达标率0.0%。" in section(paper, "总体情况")
    row = table(paper, "2020年二季度到期和落后指标清单")[1]
    indicator = scene.indicators[0]
    assert row == [indicator.code, indicator.name, "≥100 千米", "80.00 千米", "未达标", "严重滞后"]


def test_it_compares_with_the_quarter_before(published, leader, second, third):
    before, now = figure(second, Subject.PLAN), figure(third, Subject.PLAN)
    overall = section(paper_of(leader, third), "总体情况")
    rate = [f"{Decimal(100 * each.reported) / each.owed:.1f}%" for each in (before, now)]
    assert overall[2] == (
        "与2020年第2季度第1版相比，按时报送由3家减为2家，迟报仍为0家，未报由0家增至1家，"
        f"采纳率由{rate[0]}变为{rate[1]}。"
    )
    assert overall[-1] == (
        "与2020年第2季度第1版相比，任务绿灯（正常）仍为1项，红灯（严重滞后）由1项减为0项，灰灯（无法判断）由0项增至1项。"
    )


def test_the_first_quarter_has_nothing_to_compare_with(published, leader, db):
    first = published.publications[0]
    assert not [text for text in texts(paper_of(leader, first)) if "相比" in text]


def test_it_compares_with_what_was_known_when_it_was_published(published, leader, third, db):
    """A later correction of the quarter before does not reach back."""
    scene = published.scene
    later = scene.correct(third.period, percent=Decimal(78))
    assert later.version == 3
    fourth = Publication.objects.create(
        period=published.running, version=1, at=published.corrected.at + timedelta(hours=1), by=scene.reviewer
    )
    total = figure(published.corrected, Subject.PLAN)
    PublishedFigure.objects.create(
        publication=fourth, subject=Subject.PLAN, subject_id=total.subject_id, name=total.name,
        detail=total.detail, reported=total.reported, owed=total.owed, lights=total.lights,
    )  # fmt: skip
    Publication.objects.filter(pk=later.pk).update(at=fourth.at + timedelta(days=1))
    overall = section(paper_of(leader, fourth), "总体情况")
    assert overall[2].startswith("与2020年第3季度第2版相比，")


# Naming


def test_tasks_behind_are_named_with_lead_and_reason(published, leader, second):
    scene = published.scene
    task = figure(second, Subject.TASK, scene.tasks[1].pk)
    named = section(paper_of(leader, second), "未达序时进度的任务")
    assert named == [
        "共1项任务未达序时进度，其中严重滞后1项。",
        f"1.2 {scene.tasks[1].title}（{scene.departments[1]}牵头），严重滞后：{task.reason}。",
    ]
    assert task.reason.startswith("本年完成 45%，时间进度 50%，落后 5.0 个百分点")
    assert table(paper_of(leader, second), "2020年二季度未达序时进度任务清单")[1:] == [
        ["1.2", scene.tasks[1].title, str(scene.departments[1]), "45.0%", "50.0%", "5.0", "严重滞后"]
    ]


def test_tasks_nobody_can_judge_are_named_too(published, leader, third):
    scene = published.scene
    assert section(paper_of(leader, third), "未达序时进度的任务") == [
        "本季没有未达序时进度的任务。",
        "另有1项任务没有可以判断的数据：",
        f"1.2 {scene.tasks[1].title}（{scene.departments[1]}牵头），无法判断：牵头单位未填报。",
    ]


def test_units_late_or_missing_are_named(published, leader, third):
    assert section(paper_of(leader, third), "迟报、未报单位") == [
        f"未报1家：{published.scene.departments[1]}。"
    ]


def test_units_that_were_late_or_returned_are_named(db):
    scene = Scene.make(size=1)
    period = scene.filed(2020, 2)
    Filing.objects.filter(period=period, department=scene.departments[0]).update(
        first_submitted_at=period.due_at + timedelta(days=1), returns=2
    )
    publication = scene.publish(period)
    named = section(paper_of(browser_of(scene.leader), publication), "迟报、未报单位")
    assert named == [f"迟报1家：{scene.departments[0]}。", f"被退回改正的：{scene.departments[0]}2次。"]


def test_nobody_is_named_when_all_were_on_time(published, leader, second):
    assert section(paper_of(leader, second), "迟报、未报单位") == ["本季没有迟报、未报的单位。"]


def test_indicators_behind_stand_with_their_reason_below_their_goal(published, leader, second):
    scene = published.scene
    goal, growth = figure(second, Subject.GOAL), figure(second, Subject.INDICATOR, published.growth.pk)
    paragraphs = section(paper_of(leader, second), "指标进展")
    assert paragraphs[:3] == [
        f"（一）{scene.goal.name}",
        f"{goal.reason}。",
        f"{published.growth.name}：{growth.get_standing_display()}，{growth.reason}。",
    ]


def test_indicators_without_a_goal_come_last(published, leader, db):
    scene = Scene.make(size=2)
    Indicator.objects.filter(pk=scene.indicators[1].pk).update(goal=None)
    publication = scene.quarter(2020, 2)
    paragraphs = section(paper_of(browser_of(scene.leader), publication), "指标进展")
    place = paragraphs.index("（二）专项行动中的指标")
    assert paragraphs[place + 1] == "指标无法判断1项。"


def test_actions_stand_with_leads_light_and_reason(published, leader, second):
    scene = published.scene
    action = figure(second, Subject.ACTION)
    assert section(paper_of(leader, second), "专项行动进展") == [
        f"1. {scene.action.name}（牵头单位：{scene.departments[0]}），{action.get_standing_display()}：{action.reason}。"
    ]


def test_problems_are_quoted_as_they_were_accepted(published, leader, second):
    scene = published.scene
    paragraphs = section(paper_of(leader, second), "存在问题与需协调事项")
    assert paragraphs == [
        "（一）存在问题",
        f"1.2 {scene.tasks[1].title}（{scene.departments[1]}）：用地指标未落实。",
        "（二）需协调事项",
        "本季没有提出需协调的事项。",
    ]


def test_what_needs_coordination_is_quoted_whatever_the_light(db):
    scene = Scene.make(size=1)
    period = scene.opened(2020, 2)
    scene.write(scene.progress(period, scene.tasks[0]), coordination="请协调\n前期审批。")
    for department in scene.departments:
        scene.accept(scene.send(period, department))
    paper = paper_of(browser_of(scene.leader), scene.publish(period))
    assert section(paper, "存在问题与需协调事项")[-1] == (
        f"1.1 {scene.tasks[0].title}（{scene.departments[0]}）：请协调 前期审批。"
    )


def test_the_next_steps_follow_from_the_figures(published, leader, second, third):
    assert [text.partition("。")[0] for text in section(paper_of(leader, second), "下一步要求")] == [
        "（一）加快滞后任务", "（二）持续推进各项任务",
    ]  # fmt: skip
    assert [text.partition("。")[0] for text in section(paper_of(leader, third), "下一步要求")] == [
        "（一）严格按时报送", "（二）持续推进各项任务",
    ]  # fmt: skip


# Attachments


def test_every_unit_stands_in_the_first_attachment(published, leader, third):
    rows = table(paper_of(leader, third), "2020年三季度各单位报送情况")
    assert rows[0] == ["序号", "单位", "时效", "应报", "采纳", "采纳率", "退回", "牵头任务亮灯"]
    figures = PublishedFigure.objects.filter(publication=third, subject=Subject.DEPARTMENT).order_by(
        "position"
    )
    assert [row[1:5] for row in rows[1:]] == [
        [f.name, f.get_timeliness_display(), str(f.owed), str(f.reported)] for f in figures
    ]
    assert rows[1][5:] == ["100.0%", "0", "正常1"]
    assert rows[2][5:] == ["0.0%", "0", "无法判断1"]


def test_an_attachment_with_nothing_in_it_is_left_out(published, leader, third):
    titles = [p.text for p in paper_of(leader, third).paragraphs if p.style.name == "公文标题"]
    assert "2020年三季度未达序时进度任务清单" not in titles


# Corrections


def test_a_correction_says_why_and_what_changed(published, leader, corrected):
    paper = paper_of(leader, corrected)
    task = published.scene.tasks[0]
    at = local(corrected.at)
    changed = {row[1] for row in table(paper, "第2版与第1版不同的数字")[1:]}
    assert task.title in changed
    (said,) = section(paper, "更正说明")
    assert said == (
        f"本通报依据2020年第3季度第2版，{at.year}年{at.month}月{at.day}日 {at:%H:%M}发布。"
        f"更正理由：{task.title}：核实后更正。与第1版相比，{len(changed)}个对象的数字有变动，见附件。"
    )
    row = next(
        row
        for row in table(paper, "第2版与第1版不同的数字")[1:]
        if row[:3] == ["任务", task.title, "完成比例"]
    )
    assert row[3:] == ["75%", "80%"]


def test_a_first_version_has_no_correction(published, leader, third):
    assert section(paper_of(leader, third), "更正说明") == []


def test_an_earlier_version_keeps_its_own_numbers_and_words(published, leader, second, db):
    """What is corrected later changes neither the figures nor the quotations of the version before."""
    scene = published.scene
    before = texts(paper_of(leader, second))
    entry = scene.progress(second.period, scene.tasks[1])
    scene.correct(second.period, entry, percent=Decimal(48), problems="另有原因")
    assert Entry.objects.get(pk=entry.pk).problems == "另有原因"
    assert texts(paper_of(leader, second)) == before
    newest = Publication.objects.get(period=second.period, version=2)
    assert f"1.2 {scene.tasks[1].title}（{scene.departments[1]}）：另有原因。" in texts(
        paper_of(leader, newest)
    )


def test_names_and_leads_are_those_of_the_quarter(published, leader, second, db):
    scene = published.scene
    Responsibility.objects.filter(task=scene.tasks[1], role="lead").update(valid_to=date(2020, 7, 1))
    make_responsibility(scene.tasks[1], make_department("接手的局"), "lead", valid_from=date(2020, 7, 1))
    Department.objects.filter(pk=scene.departments[0].pk).update(name="改了名的局")
    paper = paper_of(leader, second)
    assert f"（{scene.departments[1]}牵头）" in section(paper, "未达序时进度的任务")[1]
    assert table(paper, "2020年二季度各单位报送情况")[1][1] == scene.departments[0].name


def test_a_late_entry_quarter_has_no_timeliness(db):
    from tests.factories import open_quarter
    from tests.reports.scene import filing_time

    scene = Scene.make(size=1)
    at = filing_time(scene.opened(2020, 1))
    period = open_quarter(scene.plan, 2019, 4, at=at, is_late_entry=True)
    publication = scene.publish(period)
    filed = section(paper_of(browser_of(scene.leader), publication), "总体情况")[1]
    assert filed.startswith("应报单位2家，本季为补录，不计时效。应报事项")


# Who


def test_the_office_and_leaders_take_it_and_nobody_else(published, leader, second):
    scene = published.scene
    lead = scene.departments[0]
    assert browser_of(scene.reviewer).get(address(second)).status_code == 200
    for person in (scene.filers[lead.pk], scene.approvers[lead.pk], make_sysadmin()):
        assert browser_of(person).get(address(second)).status_code == 403
    assert Client().get(address(second)).headers["Location"].startswith(reverse("login"))
    assert leader.get(reverse("reports:bulletin", args=[0])).status_code == 404
    assert leader.post(address(second)).status_code == 405


def test_the_file_has_a_chinese_name(published, leader, second):
    name = quote(f"关于{published.scene.plan.short_name}2020年二季度进展情况的通报.docx", safe="")
    assert (
        leader.get(address(second)).headers["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
    )


def test_taking_it_is_recorded(published, leader, second):
    leader.get(address(second))
    event = Event.objects.get(verb="bulletin.export")
    assert (event.actor_id, event.subject_type, event.subject_id) == (
        published.scene.leader.pk, "reports.publication", str(second.pk),
    )  # fmt: skip


def test_demonstration_data_is_marked_on_every_page(published, leader, second):
    assert paper_of(leader, second).sections[0].header.paragraphs[0].text == ""
    Plan.objects.filter(pk=published.scene.plan.pk).update(has_demo_data=True)
    section_ = paper_of(leader, second).sections[0]
    for header in (section_.header, section_.even_page_header):
        assert header.paragraphs[0].text == "演示数据：数值、人员和办理经过均为虚构"


# Costs


def test_three_of_everything_cost_as_many_queries_as_one(db):
    costs = []
    for size in (1, 3):
        scene = Scene.make(size=size)
        scene.quarter(2020, 1)
        publication = scene.quarter(2020, 2, percents=dict.fromkeys(range(size), "20"))
        publication = Publication.objects.select_related("period__plan__office").get(pk=publication.pk)
        with CaptureQueriesContext(connection) as captured:
            compose(publication)
        costs.append(len(captured))
    assert costs == [8, 8]

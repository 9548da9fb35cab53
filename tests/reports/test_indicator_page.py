"""One indicator: its figures and their sources, the five states of a value, targets, corrections."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from filings.models import Entry
from filings.services.review import complete_review, decide_entry
from filings.terms import Decision
from reports.editions import choose
from reports.models import Subject, Summary
from reports.queries.indicator import indicator_page, measure_words
from reports.services import refresh_from
from reports.templatetags.figures import has_no_digit
from reports.words import grey_word, requirement_words, value_sentence, value_words
from targets.models import Indicator, Target
from targets.terms import (
    Accumulation,
    Asked,
    Combine,
    Comparator,
    Kind,
    Span,
    Standing,
    Strength,
    TargetState,
)
from tests.factories import make_indicator, make_target
from tests.reports.conftest import LEVELS, browser_of
from tests.reports.pages import read, text_of
from tests.reports.scene import Scene, filing_time

Q2 = "?period=2020Q2&version=1"


def address(indicator):
    return reverse("reports:indicator", args=[indicator.pk])


def test_words_in_the_place_of_a_number_are_marked_to_be_set_smaller():
    marked = {words: has_no_digit(words) for words in ("无法计算", "没有差距", "45.00 千米", "≥7 级", "")}
    assert marked == {"无法计算": True, "没有差距": True, "45.00 千米": False, "≥7 级": False, "": True}


def rows_of(page):
    """The lines of the quarters' table as text."""
    table = re.search(r'id="quarters".*?</table>', page, re.S)[0]
    return [text_of(row) for row in re.findall(r"<tr.*?</tr>", table, re.S)[1:]]


# Key figures


def test_a_requirement_that_is_due_is_what_should_have_been_reached(db):
    scene = Scene.make()
    scene.indicators[0].targets.update(due_on=date(2020, 6, 30))
    scene.quarter(2020, 2)
    text = read(browser_of(scene.leader), address(scene.indicators[0]))
    assert "本季应达 ≥100 千米 按要求本身判断" in text
    scene.indicators[0].targets.update(due_on=date(2020, 12, 31))
    scene.quarter(2020, 3)
    text = read(browser_of(scene.leader), address(scene.indicators[0]))
    assert "本季应达 未定 没有可比的计划值" in text


def test_the_page_shows_value_requirement_expected_value_gap_and_progress(published, leader):
    text = read(leader, address(published.growth) + Q2)
    name = published.growth.name
    assert (
        f"{name} 滞后 2020年二季度计划值 50.00 千米，2020年二季度实际 45.00 千米，差 5.00 千米，落后 10.0%，不超过 10%"
        in text
    )
    assert "实际，时点值 45.00 千米 2020年二季度，数据 1/1 季" in text
    assert "要求，约束性 ≥100 千米 2020年12月31日，还有 2 个季度，未到期" in text
    assert "本季应达 50.00 千米 2020年二季度计划值" in text
    assert "与要求的差距 55.00 千米" in text
    assert "完成进展 无法计算 没有基期值" in text


def test_progress_is_a_percentage_only_with_a_baseline(db):
    scene = Scene.make()
    indicator = scene.indicators[0]
    indicator.baseline, indicator.baseline_year, indicator.baseline_source = (
        Decimal(60),
        2015,
        "2015年统计公报",
    )
    indicator.save()
    scene.quarter(2020, 1)
    text = read(browser_of(scene.leader), address(indicator))
    assert "完成进展 50.0% 基期 2015年 60.00 千米" in text
    assert "基期 2015年 60.00 千米 ，2015年统计公报" in text


def test_without_a_value_the_page_says_why_and_shows_no_number(published, leader):
    text = read(leader, address(published.growth))
    assert "实际，时点值 无数据 2020年三季度无数据：监测设备检修" in text
    assert "与要求的差距 无法计算 没有实际值" in text


def test_a_requirement_not_assigned_yet_is_said_to_be_pending(published, leader):
    text = read(leader, address(published.pending))
    assert "能源消费强度 待下达 2020年12月31日的要求：目标值待下达" in text
    assert "要求，约束性 待下达" in text
    assert "1 项要求待下达、待认定或未定容差，不计入到期数" in text
    assert "校注 数值不在文内" in text


def test_a_trend_is_asked_against_the_year_before_and_never_as_a_bare_number(published, leader):
    text = read(leader, address(published.trend))
    assert "要求，预期性 高于上年同期" in text
    assert ">0" not in text
    assert "> 0" not in text


def test_a_level_and_a_deliverable_are_asked_by_name(published, leader):
    assert "要求，约束性 为“基本达到”以上" in read(leader, address(published.graded))
    text = read(leader, address(published.deliverable))
    assert "要求，约束性 完成" in text
    assert "交付成果只有完成与未完成，不画走势。" in text


# 这个数怎么来的


def test_a_combined_value_shows_its_formula(db):
    scene = Scene.make()
    indicator = make_indicator(
        scene.plan, name="优良天数比率", in_parts=True, decimals=1, accumulation=Accumulation.THIS_PERIOD,
        data_department=scene.departments[0],
    )  # fmt: skip
    make_target(indicator, "83")
    scene.quarter(2020, 1)
    scene.quarter(2020, 2)
    text = read(browser_of(scene.leader), address(indicator))
    assert "本年，分子分母分别合计后相除 = （8 + 8）÷（10 + 10）× 100 = 80.00" in text
    assert "分子分母 达标数 ÷ 总数" in text
    assert "2020年二季度 80.0 8 ÷ 10 80.0" in text


def test_a_figure_leads_down_to_its_filing_and_up_to_its_clause(published, leader):
    page = leader.get(address(published.growth) + Q2).content.decode()
    entry = published.scene.entry(published.publications[1].period, indicator=published.growth)
    link = f"{reverse('filings:detail', args=[entry.filing_id])}#entry-{entry.pk}"
    assert f'<a href="{link}">{entry.filing.department}2020年二季度报送</a>' in page
    assert (
        f'<a href="{reverse("reports:publication", args=[published.publications[1].pk])}">2020年第2季度第1版</a>'
        in page
    )
    assert "<dt>条款</dt><dd>方案二（一）1</dd>" in page


def test_filings_are_linked_only_for_those_who_may_read_them(published, db):
    scene = published.scene
    entry = scene.entry(published.publications[1].period, indicator=published.growth)
    link = reverse("filings:detail", args=[entry.filing_id])
    own, other = (scene.filers[department.pk] for department in scene.departments[:2])
    assert link in browser_of(own).get(address(published.growth) + Q2).content.decode()
    page = browser_of(other).get(address(published.growth) + Q2).content.decode()
    assert link not in page
    assert f"{scene.departments[0]}2020年二季度报送" in page


def test_a_yearly_figure_names_the_reading_it_still_stands_on(db):
    scene = Scene.make()
    yearly = make_indicator(scene.plan, asked=Asked.YEARLY, data_department=scene.departments[0])
    make_target(yearly, "100")
    scene.quarter(2019, 4)
    scene.quarter(2020, 1)
    text = read(browser_of(scene.leader), address(yearly))
    assert f"报送 {scene.departments[0]}2019年四季度报送" in text
    assert "2020年一季度 本季不报 80.00" in text


def test_a_proposed_data_department_is_marked(published, leader):
    department = published.scene.departments[0]
    assert f"数据单位 {department} 待确认" in read(leader, address(published.growth))
    assert "待确认" not in read(leader, address(published.pending))


# The five states of a value


def test_every_quarter_says_its_state_in_words(db):
    scene = Scene.make()
    indicator, department = scene.indicators[0], scene.departments[0]
    first = scene.opened(2020, 1)
    scene.read(first, indicator, "0")
    scene.accept(scene.send(first, department))
    second = scene.opened(2020, 2)
    scene.read(second, indicator, None)
    scene.accept(scene.send(second, department))
    third = scene.opened(2020, 3)
    scene.send(third, department)
    scene.opened(2020, 4)
    refresh_from(period_id=first.pk, at=filing_time(third))
    page = browser_of(scene.leader).get(f"{address(indicator)}?period=2020Q4&live=1").content.decode()
    lines = rows_of(page)
    assert [line.split()[:2] for line in lines] == [
        ["2020年四季度", "未报"],
        ["2020年三季度", "待审"],
        ["2020年二季度", "无数据"],
        ["2020年一季度", "0.00"],
    ]
    assert lines[2].endswith("监测设备检修")
    assert "已报 2/4 季" in text_of(page)


def test_a_returned_reading_waits_to_be_mended(db):
    scene = Scene.make()
    period = scene.opened(2020, 1)
    filing = scene.send(period, scene.departments[0])
    at = filing_time(period) + timedelta(hours=1)
    for entry in Entry.objects.filter(filing=filing):
        returned = entry.indicator_id == scene.indicators[0].pk
        decide_entry(
            entry=entry,
            decision=Decision.RETURNED if returned else Decision.ACCEPTED,
            seen=Decision.OPEN,
            code="R05" if returned else "",
            note="口径不符" if returned else "",
            by=scene.reviewer,
            at=at,
        )
    complete_review(filing=scene.filing(period, scene.departments[0]), by=scene.reviewer, at=at)
    page = browser_of(scene.leader).get(address(scene.indicators[0])).content.decode()
    assert rows_of(page)[0].startswith("2020年一季度 退回待改")


# Targets and corrections


def test_all_dated_targets_are_listed_with_their_basis(published, leader, db):
    target = Target.objects.get(indicator=published.growth)
    target.doc_no, target.doc_on = "嘉港区〔2018〕3号", target.due_on.replace(year=2018)
    target.condition, target.note = "上游来水稳定改善", "原文“以上”"
    target.save()
    make_target(
        published.growth,
        "50",
        due_on=target.due_on.replace(year=2018),
        strength=Strength.STRETCH,
        state=TargetState.PROVISIONAL,
    )
    text = read(leader, address(published.growth) + Q2)
    assert "≥50 千米（暂定） 2018年12月31日 争取性，暂定，方案二（一）1" in text
    assert (
        "≥100 千米 2020年12月31日 约束性，已明确，嘉港区〔2018〕3号（2018年12月31日），方案二（一）1，本季亮灯的依据 "
        "前提：上游来水稳定改善，是否成立待认定 校注：原文“以上”"
    ) in text


def test_a_correction_is_listed_with_both_values_who_and_why(db):
    scene = Scene.make()
    period = scene.filed(2020, 1)
    scene.publish(period)
    entry = scene.entry(period, indicator=scene.indicators[0])
    scene.correct(period, entry, value=Decimal("81.5"))
    text = read(browser_of(scene.leader), address(scene.indicators[0]))
    assert f"更正记录 2020年一季度：报送值 80 改为 81.5 核实后更正 {scene.reviewer}，2020年4月15日" in text


def test_published_words_stay_when_the_plan_changes(published, leader, db):
    Target.objects.filter(indicator=published.growth).update(value=Decimal(120))
    Indicator.objects.filter(pk=published.growth.pk).update(name="改名的指标")
    text = read(leader, address(published.growth) + Q2)
    assert "要求，约束性 ≥100 千米" in text
    assert "与要求的差距 55.00 千米" in text


# The curve


def test_the_curve_draws_what_was_accepted_the_plan_and_the_target(published, db):
    page = indicator_page(
        published.growth, choose(published.scene.plan, {"period": "2020Q2", "version": "1"})
    )
    drawn = {trace["name"]: trace["y"] for trace in page.chart["data"]}
    assert drawn == {"计划值": [20.0, 50.0, 75.0, 100.0], "实际值": [20.0, 45.0], "目标值": [100.0]}
    assert page.chart_note == "时点值，千米；实线圆点为实际值，虚线方块为计划值，红线为目标值。"


def test_no_data_breaks_the_curve(published, db):
    page = indicator_page(published.growth, choose(published.scene.plan, {}))
    assert {trace["name"]: trace["y"] for trace in page.chart["data"]}["实际值"] == [20.0, 45.0, None]


def test_a_trend_has_no_target_line(db):
    scene = Scene.make()
    trend = make_indicator(scene.plan, kind=Kind.TREND, data_department=scene.departments[0])
    make_target(trend, "0", comparator=Comparator.MORE_THAN)
    scene.quarter(2020, 1)
    page = indicator_page(trend, choose(scene.plan, {}))
    assert {trace["name"] for trace in page.chart["data"]} == {"实际值"}
    assert page.chart_note.endswith("；要求是与上年同期相比，不画目标线。")


# Words


@pytest.mark.parametrize(
    ("fields", "value", "limit", "words"),
    [
        ({}, "38.456", None, ("38.46", "千米")),
        ({}, None, None, ("—", "")),
        ({}, "0", None, ("0.00", "千米")),
        ({"decimals": 0}, "38.04", "38", ("38.04", "千米")),
        ({"decimals": 1, "unit": "%"}, "94.96", "95", ("94.96", "%")),
        ({"kind": Kind.GRADED, "levels": LEVELS, "unit": "级"}, "2", None, ("基本达到", "")),
        ({"kind": Kind.GRADED, "levels": [], "unit": "级", "decimals": 0}, "2", None, ("2", "级")),
        ({"kind": Kind.GRADED, "levels": LEVELS, "unit": "级", "decimals": 0}, "7", None, ("7", "级")),
        ({"kind": Kind.DELIVERABLE, "levels": ["未完成", "已完成"]}, "1", None, ("完成", "")),
        ({"kind": Kind.DELIVERABLE}, "0", None, ("未完成", "")),
        ({"kind": Kind.TREND, "decimals": 1, "unit": "分"}, "68.2", "0", ("68.2", "分")),
    ],
)
def test_values_in_words(fields, value, limit, words):
    indicator = Indicator(**({"unit": "千米", "decimals": 2, "kind": Kind.QUANTITATIVE} | fields))
    numbers = [None if number is None else Decimal(number) for number in (value, limit)]
    assert value_words(indicator, *numbers) == words


def test_a_value_in_a_sentence_stands_apart_from_its_unit_but_not_from_the_percent_sign():
    assert value_sentence(Indicator(unit="千米", decimals=1), Decimal(3)) == "3.0 千米"
    assert value_sentence(Indicator(unit="%", decimals=1), Decimal(3)) == "3.0%"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({"comparator": Comparator.AT_LEAST, "value": Decimal(55)}, "≥55 千米"),
        ({"comparator": Comparator.RANGE, "low": Decimal(3), "high": Decimal(5)}, "3—5 千米"),
        ({"comparator": Comparator.AROUND, "value": Decimal(40)}, "40 千米左右"),
        ({"comparator": Comparator.AT_MOST, "state": TargetState.PENDING}, "待下达"),
        (
            {"comparator": Comparator.AT_LEAST, "value": Decimal(5), "state": TargetState.PROVISIONAL},
            "≥5 千米（暂定）",
        ),
    ],
)
def test_requirements_in_words(target, words):
    fields = {
        "due_on": date(2020, 12, 31),
        "strength": Strength.BINDING,
        "state": TargetState.ASSIGNED,
    } | target
    indicator = Indicator(
        unit="千米", kind=Kind.QUANTITATIVE, accumulation=Accumulation.POINT_IN_TIME, combine=Combine.LAST
    )
    assert requirement_words(Target(**fields), indicator) == words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"accumulation": Accumulation.YEAR_TO_DATE}, "本年累计"),
        ({"accumulation": Accumulation.THIS_PERIOD, "combine": Combine.SUM}, "本年，各季合计"),
        (
            {"accumulation": Accumulation.THIS_PERIOD, "combine": Combine.MEAN, "span": Span.ROLLING},
            "滚动四个季度，按天数加权平均",
        ),
        (
            {"accumulation": Accumulation.THIS_PERIOD, "combine": Combine.PARTS, "asked": Asked.YEARLY},
            "本期值",
        ),
        ({"accumulation": Accumulation.POINT_IN_TIME, "kind": Kind.DELIVERABLE}, "是否完成"),
    ],
)
def test_how_a_value_is_made_in_words(fields, words):
    assert measure_words(Indicator(**fields)) == words


@pytest.mark.parametrize(
    ("figure", "word"),
    [
        (None, "未汇总"),
        (Summary(subject=Subject.TASK, standing=Standing.BEHIND), ""),
        (Summary(subject=Subject.TASK, standing=Standing.UNKNOWN), "无数据"),
        (Summary(subject=Subject.ACTION, standing=Standing.UNKNOWN), "无数据"),
        (Summary(subject=Subject.GOAL, standing=Standing.UNKNOWN), ""),
        (Summary(subject=Subject.MILESTONE, standing=Standing.UNKNOWN, due=0), "未到期"),
        (Summary(subject=Subject.MILESTONE, standing=Standing.UNKNOWN, due=1), "未填报"),
        (
            Summary(subject=Subject.INDICATOR, standing=Standing.UNKNOWN, detail={"requirement": "待下达"}),
            "待下达",
        ),
        (
            Summary(
                subject=Subject.INDICATOR,
                standing=Standing.UNKNOWN,
                attainment="no_data",
                detail={"quarters": "0/1"},
            ),
            "无数据",
        ),
        (
            Summary(
                subject=Subject.INDICATOR,
                standing=Standing.UNKNOWN,
                attainment="no_data",
                detail={"quarters": "0/1", "without": "未填报"},
            ),
            "未填报",
        ),
        (Summary(subject=Subject.TASK, standing=Standing.UNKNOWN, detail={"without": "待审"}), "待审"),
        (
            Summary(
                subject=Subject.INDICATOR,
                standing=Standing.UNKNOWN,
                attainment="no_data",
                detail={"quarters": "3/4"},
            ),
            "",
        ),
        (Summary(subject=Subject.INDICATOR, standing=Standing.UNKNOWN, attainment="not_due", detail={}), ""),
    ],
)
def test_a_grey_light_says_why_it_is_grey(figure, word):
    assert grey_word(figure) == word

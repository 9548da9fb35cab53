"""Explanations stored with the figures: on the pages, frozen with a publication, and from the command line."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from filings.services.review import complete_review, decide_entry
from filings.services.vintages import record_vintage
from filings.terms import Decision, VintageKind
from reports.models import Subject
from reports.services import refresh_period
from targets.models import Indicator
from tests.reports.conftest import browser_of
from tests.reports.pages import read
from tests.reports.scene import Scene, closing_time, filing_time, summary

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """Two quarters published, the task at 20 % and at 45 %."""
    scene = Scene.make()
    scene.quarter(2020, 1, percents={0: "20"})
    scene.quarter(2020, 2, percents={0: "45"})
    return scene


def steps(scene: Scene, subject: Subject, pk: int) -> dict[str, str]:
    period = scene.plan.periods.get(quarter=2)
    return dict(summary(period, subject, pk).detail["steps"])


def test_a_task_that_was_yellow_twice(scene):
    assert steps(scene, Subject.TASK, scene.tasks[0].pk) == {
        "采用数据": "牵头单位报送本年完成 45%，已采纳",
        "出处": f"{scene.departments[0]}报送第1版",
        "应达": "2 ÷ 4 × 100（没有年度计划，按时间进度） = 50%",
        "落后": "50 − 45 = 5 个百分点",
        "亮灯规则": "落后不超过 0 个百分点 为正常，超过 0 个百分点、不超过 10 个百分点 为滞后，超过 10 个百分点 为严重滞后",
        "连续两季": "本季按进度为滞后，上一季为滞后；连续两季滞后记严重滞后",
        "亮灯": "严重滞后：本年完成 45%，时间进度 50%，落后 5.0 个百分点，不超过 10；上一季度也滞后，连续两季，记严重滞后",
        "五年完成": "（45）÷ 5 年 = 9.00%，取各年最后一次采纳的比例（2020—2020年）",
    }


def test_an_action_and_a_goal(scene):
    action = steps(scene, Subject.ACTION, scene.action.pk)
    assert action["采用数据"] == "1 项任务中 1 项有数；没有数的不计入平均"
    assert action["本年完成"] == "（45）÷ 1 = 45.00%"
    assert action["落后"] == "50.00 − 45.00 = 5.00 个百分点"
    goal = steps(scene, Subject.GOAL, scene.goal.pk)
    assert goal["到期目标"] == "各指标到期要求合计 0 项，达标 0 项；待下达、未定和不适用的不计入"


def test_the_pages_show_them(scene):
    leader = browser_of(scene.leader)
    for name, subject, words in (
        ("indicator", scene.indicators[0], "取2020年二季度数"),
        ("task", scene.tasks[0], "50 − 45 = 5 个百分点"),
        ("action", scene.action, "（45）÷ 1 = 45.00%"),
        ("goal", scene.goal, "取能判断的"),
    ):
        page = read(leader, reverse(f"reports:{name}", args=[subject.pk]))
        assert "这个数是怎么算出来的" in page
        assert words in page, name


def test_a_published_figure_keeps_the_explanation_it_was_made_with(scene):
    period, indicator = scene.plan.periods.get(quarter=2), scene.indicators[0]
    record_vintage(
        entry=scene.entry(period, indicator=indicator), kind=VintageKind.VERIFIED, values={"value": Decimal(70)},
        doc_no="1号", doc_on=date(2020, 9, 1), by=scene.reviewer, at=closing_time(period) + timedelta(days=60),
    )  # fmt: skip
    refresh_period(period=period, at=closing_time(period) + timedelta(days=61))
    assert lines("--live")[1] == "采用数据：2020年二季度 70.00 千米（核定（1号））"
    assert lines()[1] == "采用数据：2020年二季度 80.00 千米"


def test_a_corrected_value_names_its_version(scene):
    period, indicator = scene.plan.periods.get(quarter=2), scene.indicators[0]
    scene.correct(period, scene.entry(period, indicator=indicator), value=Decimal(70))
    assert lines()[2] == f"出处：2020年二季度 {scene.departments[0]}更正第2版"


def test_what_was_accepted_keeps_its_version_while_the_rest_is_mended(scene):
    """The filing is sent twice, the reading once: each figure names what it is really of."""
    period, department, indicator = scene.opened(2020, 3), scene.departments[0], scene.indicators[0]
    at, by = filing_time(period), scene.reviewer
    task = scene.report(period, scene.tasks[0], "60")
    filing = scene.send(period, department)
    for entry in filing.entries.exclude(pk=task.pk):
        decide_entry(entry=entry, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=by, at=at)
    decide_entry(
        entry=task, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="请写具体", by=by, at=at
    )
    complete_review(filing=filing, by=by, at=at)
    scene.accept(scene.send(period, department))
    refresh_period(period=period, at=at)
    used = [
        dict(summary(period, subject, pk).detail["steps"])["出处"]
        for subject, pk in ((Subject.INDICATOR, indicator.pk), (Subject.TASK, scene.tasks[0].pk))
    ]
    assert used == [f"2020年三季度 {department}报送第1版", f"{department}报送第2版"]
    assert scene.filing(period, department).submissions == 2


def lines(*options: str, code: str = "", period: str = "2020Q2") -> list[str]:
    out = StringIO()
    call_command("explain", code or Indicator.objects.get().code, period, *options, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_says_the_same_with_its_sources(scene):
    period, indicator = scene.plan.periods.get(quarter=2), scene.indicators[0]
    filing = scene.filing(period, scene.departments[0])
    said = lines()
    assert said[0] == f"{indicator.code} {indicator.name}，2020年第2季度第1版"
    stored = steps(scene, Subject.INDICATOR, indicator.pk)
    assert said[1:-4] == [f"{label}：{words}" for label, words in stored.items()]
    assert said[-4:-1] == [
        "下一要求：2020年12月31日≥100 千米",
        "余下所需：无法计算：各期数值各自独立，没有可以分摊的余量",
        "走势推算：无法计算：各季有数据的只有 2 期，不足 4 期，不作预测",
    ]
    day = filing_time(period)
    assert said[-1] == f"报送：{filing}（编号 {filing.pk}），{day.year}年{day.month}月{day.day}日采纳"


def test_a_quarter_that_was_not_filed_is_explained_too(scene):
    scene.opened(2020, 3)
    refresh_period(
        period=scene.plan.periods.get(quarter=3), at=filing_time(scene.plan.periods.get(quarter=3))
    )
    said = lines(period="2020Q3")
    assert said[1] == "采用数据：2020年三季度未填报"
    assert said[-1].endswith("，未报")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"code": "G9-99"}, "没有代码为 G9-99 的指标。"),
        ({"period": "2020Q7"}, "没有已开放的季度 2020Q7；写成 2020Q3 的样子。"),
        ({"period": "2020Q4"}, "没有已开放的季度 2020Q4；写成 2020Q3 的样子。"),
    ],
)
def test_what_is_not_there_is_said(scene, options, sentence):
    with pytest.raises(CommandError) as refused:
        lines(**options)
    assert str(refused.value).endswith(sentence)


def test_a_plan_that_is_not_there_is_said(scene):
    with pytest.raises(CommandError, match="没有代码为 nothing 的方案。"):
        lines("--plan", "nothing")

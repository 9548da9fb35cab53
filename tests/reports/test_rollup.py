"""The roll-up of one period: every rule of the design, one after the other."""

from datetime import date
from decimal import Decimal as D
from typing import get_args

import pytest

from filings.terms import MilestoneState, Timeliness
from reports.models import Subject as StoredSubject
from reports.rollup import (
    ActionInput,
    DepartmentInput,
    Figure,
    FilingCounts,
    GoalInput,
    IndicatorInput,
    Lights,
    MilestoneInput,
    PeriodInput,
    Subject,
    TaskInput,
    action_figure,
    goal_figure,
    indicator_figure,
    milestone_figure,
    roll_up,
    task_figure,
    worst_lit,
)
from targets.measure import IndicatorRule, Quarter, Reading, ReadingState, Requirement, Thresholds
from targets.terms import Accumulation, Standing, Strength

DONE, ON_TRACK, BEHIND, LATE, UNKNOWN = Standing
YEARS = (2016, 2017, 2018, 2019, 2020)


def period(quarter="2018Q2", **more):
    year, number = quarter.split("Q")
    return PeriodInput("811", Quarter(int(year), int(number)), YEARS, **more)


def task(percent, **more):
    return TaskInput("4.3", percent=None if percent is None else D(percent), **more)


def test_the_subjects_are_those_that_are_stored():
    assert set(get_args(Subject)) == set(StoredSubject.values)


# Tasks


@pytest.mark.parametrize(
    ("quarter", "percent", "standing"),
    [
        ("2018Q2", "50", ON_TRACK),
        ("2018Q2", "100", ON_TRACK),  # never blue by its percent
        ("2018Q2", "49.99", BEHIND),  # no gap just below
        ("2018Q2", "40", BEHIND),  # exactly ten points is still yellow
        ("2018Q2", "39.99", LATE),
        ("2018Q2", "0", LATE),  # a filed zero
        ("2018Q1", "25", ON_TRACK),
        ("2018Q3", "75", ON_TRACK),
        ("2018Q3", "74", BEHIND),
        ("2018Q4", "100", ON_TRACK),
        ("2018Q4", "95", BEHIND),
    ],
)
def test_a_task_against_the_time_of_the_year(quarter, percent, standing):
    figure = task_figure(task(percent), [], period(quarter))
    assert (figure.standing, figure.pace) == (standing, standing)
    assert (figure.completion, figure.expected) == (D(percent), D(25) * int(quarter[-1]))


@pytest.mark.parametrize(
    ("share", "percent", "standing"),
    [
        ("10", "10", ON_TRACK),
        ("10", "9", BEHIND),
        ("80", "70", BEHIND),
        ("80", "69", LATE),
        ("0", "0", ON_TRACK),
    ],
)
def test_the_annual_plans_share_replaces_the_quarter(share, percent, standing):
    figure = task_figure(task(percent, share=D(share)), [], period())
    assert (figure.standing, figure.expected) == (standing, D(share))


def test_the_words_of_a_task():
    assert task_figure(task("55"), [], period()).reason == "本年完成 55%，时间进度 50%，不低于应达"
    planned = task_figure(task("70", share=D(80)), [], period())
    assert planned.reason == "本年完成 70%，年度计划应达 80%，落后 10.0 个百分点，不超过 10"
    late = task_figure(task("20.5"), [], period())
    assert late.reason == "本年完成 20.5%，时间进度 50%，落后 29.5 个百分点，超过 10"
    near = task_figure(task("49.99"), [], period())
    assert near.reason == "本年完成 49.99%，时间进度 50%，落后 0.01 个百分点，不超过 10"
    loose = task_figure(task("48"), [], period(thresholds=Thresholds(D(5), D(20))))
    assert (loose.standing, loose.reason) == (
        ON_TRACK,
        "本年完成 48%，时间进度 50%，落后 2.0 个百分点，不超过 5，视为正常",
    )


@pytest.mark.parametrize(
    ("previous", "percent", "pace", "standing"),
    [
        (None, "45", BEHIND, BEHIND),
        (ON_TRACK, "45", BEHIND, BEHIND),
        (UNKNOWN, "45", BEHIND, BEHIND),  # a quarter that was not filed breaks the row
        (LATE, "45", BEHIND, BEHIND),
        (BEHIND, "45", BEHIND, LATE),  # 连续两季黄
        (BEHIND, "50", ON_TRACK, ON_TRACK),
        (BEHIND, "30", LATE, LATE),
        (BEHIND, None, UNKNOWN, UNKNOWN),
    ],
)
def test_two_yellow_quarters_in_a_row_are_red(previous, percent, pace, standing):
    figure = task_figure(task(percent, previous_pace=previous), [], period())
    assert (figure.pace, figure.standing) == (pace, standing)


def test_escalation_reads_the_pace_and_says_so():
    first = task_figure(task("45"), [], period("2018Q2"))
    second = task_figure(task("70", previous_pace=first.pace), [], period("2018Q3"))
    third = task_figure(task("95", previous_pace=second.pace), [], period("2018Q4"))
    assert [f.standing for f in (first, second, third)] == [BEHIND, LATE, LATE]
    assert second.reason.endswith("；上一季度也滞后，连续两季，记严重滞后")


def test_a_missing_percent_is_grey_and_says_why():
    figure = task_figure(task(None, missing="已退回，未重新报送", reported=1, owed=4), [], period())
    assert (figure.standing, figure.completion, figure.reason) == (UNKNOWN, None, "已退回，未重新报送")
    assert (figure.reported, figure.owed, figure.expected) == (1, 4, D(50))


@pytest.mark.parametrize(
    ("quarter", "filed", "completion", "missing"),
    [
        ("2018Q2", {2016: "100", 2017: "90", 2018: "40"}, "46", ()),  # 230 ÷ 5
        ("2018Q2", {2017: "90", 2018: "40"}, "26", (2016,)),  # the year never filed is named, not left out
        ("2018Q2", {}, None, (2016, 2017, 2018)),
        ("2016Q1", {2016: "0"}, "0", ()),
        ("2020Q4", dict.fromkeys(YEARS, "100"), "100", ()),
        ("2018Q2", {2018: "40", 2019: "80"}, "8", (2016, 2017)),  # a year to come does not count yet
    ],
)
def test_plan_completion_stands_beside(quarter, filed, completion, missing):
    percents = {year: D(text) for year, text in filed.items()}
    figure = task_figure(task("50", year_percents=percents), [], period(quarter))
    assert figure.plan_completion == (None if completion is None else D(completion))
    assert figure.missing_years == missing


# Milestones


@pytest.mark.parametrize(
    ("due", "state", "done_on", "strength", "standing", "met", "is_due"),
    [
        (date(2018, 6, 30), MilestoneState.DONE, date(2018, 6, 1), Strength.EXPECTED, DONE, 1, 1),
        (date(2018, 12, 31), MilestoneState.DONE, date(2018, 6, 1), Strength.EXPECTED, DONE, 0, 0),
        (date(2018, 3, 31), MilestoneState.DONE, date(2018, 6, 1), Strength.EXPECTED, DONE, 1, 1),
        (
            date(2018, 6, 30),
            MilestoneState.DONE,
            date(2018, 7, 1),
            Strength.EXPECTED,
            LATE,
            0,
            1,
        ),  # done after the day
        (date(2018, 6, 30), MilestoneState.UNDER_WAY, None, Strength.EXPECTED, LATE, 0, 1),
        (date(2018, 6, 30), MilestoneState.NOT_BEGUN, None, Strength.BINDING, LATE, 0, 1),
        (date(2016, 4, 1), MilestoneState.NOT_BEGUN, None, Strength.STRETCH, BEHIND, 0, 1),
        (date(2018, 7, 1), MilestoneState.UNDER_WAY, None, Strength.EXPECTED, UNKNOWN, 0, 0),
        (date(2018, 6, 30), None, None, Strength.EXPECTED, UNKNOWN, 0, 1),
        (date(2018, 6, 30), MilestoneState.CANCELLED, None, Strength.EXPECTED, UNKNOWN, 0, 0),
    ],
)
def test_milestones(due, state, done_on, strength, standing, met, is_due):
    figure = milestone_figure(MilestoneInput("m", "4.3", due, strength, state, done_on), period().quarter)
    assert (figure.standing, figure.met, figure.due) == (standing, met, is_due)


@pytest.mark.parametrize(
    ("due", "state", "done_on", "words"),
    [
        (date(2018, 6, 30), MilestoneState.DONE, date(2018, 6, 1), "2018年6月1日完成"),
        (date(2018, 5, 31), MilestoneState.DONE, date(2018, 6, 1), "2018年6月1日完成，比期限晚1天"),
        (date(2018, 6, 30), MilestoneState.DONE, None, "已完成"),
        (date(2018, 6, 30), MilestoneState.UNDER_WAY, None, "2018年6月30日到期，进行中，未完成"),
        (date(2018, 6, 30), None, None, "2018年6月30日到期，未填报"),
        (date(2018, 7, 1), None, None, "2018年7月1日到期，未到节点，未填报"),
        (date(2018, 7, 1), MilestoneState.NOT_BEGUN, None, "2018年7月1日到期，未到节点，未启动"),
        (date(2018, 7, 1), MilestoneState.CANCELLED, None, "已取消"),
    ],
)
def test_the_words_of_a_milestone(due, state, done_on, words):
    figure = milestone_figure(MilestoneInput("m", "4.3", due, state=state, done_on=done_on), period().quarter)
    assert figure.reason == words


def test_milestones_are_counted_beside_a_task_and_change_no_light():
    late = milestone_figure(
        MilestoneInput("m", "4.3", date(2018, 6, 30), state=MilestoneState.UNDER_WAY), period().quarter
    )
    figure = task_figure(task("50"), [late], period())
    assert (figure.standing, figure.milestones, figure.met, figure.due) == (ON_TRACK, Lights(late=1), 0, 1)


# Actions


def tasks(*percents, **more):
    return [
        task_figure(TaskInput(f"4.{n}", percent=None if p is None else D(p), **more), [], period())
        for n, p in enumerate(percents, start=1)
    ]


@pytest.mark.parametrize(
    ("percents", "standing", "completion", "reported"),
    [
        (["50", "50"], ON_TRACK, "50", 2),
        (["100", "100"], ON_TRACK, "100", 2),  # never blue
        (["40", "60"], ON_TRACK, "50", 2),
        (["40", "50"], BEHIND, "45", 2),
        (["40", "40", "40"], BEHIND, "40", 3),  # exactly ten points
        (["39", "40", "40"], LATE, None, 3),
        (["45", None], BEHIND, "45", 1),  # only tasks with a value
        (["0", None], LATE, "0", 1),
        ([None, None], UNKNOWN, None, 0),
        ([], UNKNOWN, None, 0),
    ],
)
def test_an_action_is_the_mean_of_its_tasks_that_have_a_value(percents, standing, completion, reported):
    figure = action_figure(ActionInput("4"), tasks(*percents), Thresholds())
    assert (figure.standing, figure.reported, figure.owed) == (standing, reported, len(percents))
    if completion is not None:
        assert figure.completion == D(completion)


def test_an_action_compares_with_the_expected_values_of_the_same_tasks():
    """Shares 20 and 80; the task without a value would have pulled the expected mean to 50."""
    made = [
        task_figure(TaskInput("4.1", percent=D(20), share=D(20)), [], period()),
        task_figure(TaskInput("4.2", share=D(80)), [], period()),
    ]
    figure = action_figure(ActionInput("4"), made, Thresholds())
    assert (figure.standing, figure.completion, figure.expected) == (ON_TRACK, D(20), D(20))


def test_an_action_counts_its_yellow_and_red_tasks_and_says_so():
    figure = action_figure(ActionInput("4"), tasks("60", "45", "30", None), Thresholds())
    assert figure.tasks == Lights(on_track=1, behind=1, late=1, unknown=1)
    assert figure.reason == (
        "4项任务中3项有数据，平均完成 45.0%，平均应达 50.0%，落后 5.0 个百分点，不超过 10；任务滞后1项、严重滞后1项"
    )
    assert action_figure(ActionInput("4"), tasks(None), Thresholds()).reason == "1项任务均无数据"


def test_an_actions_plan_completion_is_the_mean_over_tasks_that_have_one():
    made = [
        task_figure(
            TaskInput("4.1", percent=D(50), year_percents={2016: D(100), 2017: D(100), 2018: D(50)}),
            [],
            period(),
        ),
        task_figure(TaskInput("4.2", percent=D(50), year_percents={2018: D(50)}), [], period()),
        task_figure(TaskInput("4.3"), [], period()),
    ]
    figure = action_figure(ActionInput("4"), made, Thresholds())
    assert figure.plan_completion == D(30)  # (50 + 10) ÷ 2
    assert figure.missing_years == (2016, 2017, 2018)


def test_an_action_is_not_escalated_by_its_tasks():
    made = tasks("45", "45", previous_pace=BEHIND)
    assert [t.standing for t in made] == [LATE, LATE]
    assert action_figure(ActionInput("4"), made, Thresholds()).standing == BEHIND


# Indicators and goals


def indicator(key, value, at="2020Q4", strength=Strength.EXPECTED):
    quarter = period(at).quarter
    reading = Reading(quarter, ReadingState.NOT_FILED) if value is None else Reading(quarter, value=D(value))
    return IndicatorInput(
        key,
        IndicatorRule(unit="%"),
        (Requirement(date(2020, 12, 31), value=D(90), strength=strength),),
        (reading,),
        reported=int(value is not None),
        owed=1,
    )


def test_an_indicator_carries_its_verdict():
    figure = indicator_figure(indicator("G1", "95"), period("2020Q4"))
    assert (figure.standing, figure.value, figure.met, figure.due) == (DONE, D(95), 1, 1)
    assert figure.verdict is not None
    assert (
        figure.reason == figure.verdict.reason == "要求到2020年12月31日≥90%，2020年四季度实际 95.00%，已达标"
    )


GOAL = [("a", "95"), ("b", "80"), ("c", None)]


@pytest.mark.parametrize(
    ("values", "standing", "met", "due"),
    [
        (["95", "95"], DONE, 2, 2),
        (["95", None], DONE, 1, 2),  # grey is not lit; the count says one of two
        (["95", "80"], LATE, 1, 2),
        ([None, None], UNKNOWN, 0, 2),
        ([], UNKNOWN, 0, 0),
    ],
)
def test_a_goal_shows_the_worst_light_that_is_not_grey(values, standing, met, due):
    made = [indicator_figure(indicator(str(n), value), period("2020Q4")) for n, value in enumerate(values)]
    figure = goal_figure(GoalInput("1"), made)
    assert (figure.standing, figure.met, figure.due) == (standing, met, due)
    assert (figure.reported, figure.owed) == (len([v for v in values if v]), len(values))


def test_a_goal_in_words():
    made = [indicator_figure(indicator(key, value), period("2020Q4")) for key, value in GOAL]
    assert (
        goal_figure(GoalInput("1"), made).reason
        == "到期目标3项，达标1项；指标已完成1项、严重滞后1项、无法判断1项"
    )
    early = [indicator_figure(indicator("a", "95", "2020Q2"), period("2020Q2"))]
    assert goal_figure(GoalInput("1"), early).reason == "没有到期目标；指标正常1项"
    assert goal_figure(GoalInput("1"), []).reason == "没有指标"


@pytest.mark.parametrize(
    ("lights", "worst"),
    [
        ([], UNKNOWN),
        ([UNKNOWN], UNKNOWN),
        ([UNKNOWN, DONE], DONE),
        ([DONE, ON_TRACK], ON_TRACK),
        ([ON_TRACK, BEHIND, UNKNOWN], BEHIND),
        ([LATE, BEHIND], LATE),
    ],
)
def test_worst_light_that_is_lit(lights, worst):
    assert worst_lit(lights) == worst


# The whole period


WHOLE = period(
    "2020Q4",
    tasks=(
        TaskInput("4.1", percent=D(100), reported=3, owed=3),
        TaskInput("4.2", percent=D(85), reported=1, owed=4),
        TaskInput("5.1"),
    ),
    milestones=(
        MilestoneInput(
            "m1", "4.1", date(2017, 12, 31), state=MilestoneState.DONE, done_on=date(2017, 11, 20)
        ),
        MilestoneInput("m2", "4.2", date(2020, 12, 31), state=MilestoneState.UNDER_WAY),
        MilestoneInput("m3", "9.9", date(2020, 12, 31)),
    ),
    indicators=(indicator("G1", "95"), indicator("G2", "80"), indicator("T1", None)),
    actions=(ActionInput("4", ("4.1", "4.2")), ActionInput("5", ("5.1",))),
    goals=(GoalInput("1", ("G1", "G2")), GoalInput("2", ("gone",))),
    departments=(
        DepartmentInput("甲", Timeliness.ON_TIME, 1, 10, 12, ("4.1", "4.2"), ("G1",)),
        DepartmentInput("乙", Timeliness.MISSING, 0, 0, 5, ("5.1",), ("G2", "T1")),
        DepartmentInput("丙", Timeliness.LATE, 2, 3, 3),
    ),
)


def rows() -> dict[tuple[str, str], Figure]:
    return {(figure.subject, figure.key): figure for figure in roll_up(WHOLE)}


def test_every_subject_has_one_row_in_order():
    assert [(f.subject, f.key) for f in roll_up(WHOLE)] == [
        ("plan", "811"),
        ("goal", "1"),
        ("goal", "2"),
        ("indicator", "G1"),
        ("indicator", "G2"),
        ("indicator", "T1"),
        ("action", "4"),
        ("action", "5"),
        ("task", "4.1"),
        ("task", "4.2"),
        ("task", "5.1"),
        ("milestone", "m1"),
        ("milestone", "m2"),
        ("milestone", "m3"),
        ("department", "甲"),
        ("department", "乙"),
        ("department", "丙"),
    ]


def test_the_plan_has_counts_and_no_light():
    plan = rows()["plan", "811"]
    assert (plan.standing, plan.pace, plan.completion) == (None, None, None)
    assert plan.tasks == Lights(on_track=1, late=1, unknown=1)
    assert plan.indicators == Lights(done=1, late=1, unknown=1)  # also those of no goal
    assert plan.milestones == Lights(done=1, late=1, unknown=1)
    assert (plan.met, plan.due) == (1, 3)
    assert (plan.reported, plan.owed, plan.returns) == (13, 20, 3)
    assert plan.filings == FilingCounts(on_time=1, late=1, missing=1)
    assert plan.reason == "应报20项，已采纳13项；按时1家，迟报1家，未报1家"


def test_a_department_has_counts_and_no_light():
    first, second = rows()["department", "甲"], rows()["department", "乙"]
    assert (first.standing, first.timeliness, first.returns) == (None, Timeliness.ON_TIME, 1)
    assert first.tasks == Lights(on_track=1, late=1)
    assert first.milestones == Lights(done=1, late=1)
    assert first.indicators == Lights(done=1)
    assert first.reason == "应报12项，已采纳10项，按时，退回1次"
    assert (second.tasks, second.indicators) == (Lights(unknown=1), Lights(late=1, unknown=1))
    assert (second.met, second.due) == (0, 2)


def test_actions_collect_their_tasks_and_milestones():
    action = rows()["action", "4"]
    assert (action.standing, action.completion, action.expected) == (BEHIND, D("92.5"), D(100))
    assert (action.milestones, action.met, action.due) == (Lights(done=1, late=1), 1, 2)
    assert rows()["action", "5"].standing == UNKNOWN


def test_a_goal_whose_indicators_are_gone_is_grey():
    assert (rows()["goal", "2"].standing, rows()["goal", "2"].reason) == (UNKNOWN, "没有指标")


def test_an_empty_period_rolls_up():
    assert roll_up(period()) == (
        Figure("plan", "811", reason="应报0项，已采纳0项；按时0家，迟报0家，未报0家"),
    )


def test_greenways_over_the_plan():
    """One cumulative indicator with two milestones, judged each quarter."""
    rule = IndicatorRule(unit="公里", decimals=1, accumulation=Accumulation.PLAN_TO_DATE)
    wanted = (Requirement(date(2017, 12, 31), value=D(23)), Requirement(date(2020, 12, 31), value=D(32)))
    values = {"2017Q3": "20", "2017Q4": "22", "2018Q2": "23.5", "2019Q4": "28", "2020Q4": "30.6"}
    known = tuple(Reading(period(at).quarter, value=D(value)) for at, value in values.items())
    lights = [
        indicator_figure(IndicatorInput("g", rule, wanted, known), period(at)).standing for at in values
    ]
    assert lights == [UNKNOWN, LATE, ON_TRACK, ON_TRACK, LATE]

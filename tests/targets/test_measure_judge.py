"""The light of an indicator at a quarter's last day, with its reason."""

from datetime import date

import pytest

from targets.measure import (
    Baseline,
    IndicatorRule,
    NotComputable,
    PlanValue,
    Progress,
    Reading,
    ReadingState,
    judge,
)
from targets.terms import (
    Accumulation,
    Asked,
    Attainment,
    Combine,
    Comparison,
    Kind,
    Span,
    Standing,
    TargetState,
)
from tests.targets.measure_help import GREENWAY, LEVEL, D, need, q, readings, stretch

DONE, ON_TRACK, BEHIND, LATE, UNKNOWN = Standing
FIRST = date(2017, 12, 31)
#: 100 is planned for the end of 2019, so that a shortfall reads as its percent.
PLANNED = [PlanValue(date(2019, 12, 31), D(100))]


def light(rule, requirements, given, at, **more):
    return judge(rule, requirements, given, q(at), **more).standing


# Not due: the expected value


@pytest.mark.parametrize(("actual", "standing"), [("0", ON_TRACK), ("0.0001", LATE), ("3", LATE)])
def test_a_planned_zero_is_never_divided_by(actual, standing):
    planned = [PlanValue(date(2019, 12, 31), D(0))]
    verdict = judge(LEVEL, [need("≤", "0")], readings(y2020q2=actual), q("2020Q2"), plan_values=planned)
    assert verdict.standing == standing
    assert verdict.judged[0].shortfall == (D(0) if standing == ON_TRACK else None)


def test_without_an_expected_value_the_light_is_unknown():
    verdict = judge(LEVEL, [need("≥", "90")], readings(y2018q2="85"), q("2018Q2"))
    assert (verdict.standing, verdict.attainment) == (UNKNOWN, Attainment.NOT_DUE)
    assert verdict.reason == "未到期，未定年度计划值"
    assert (verdict.met, verdict.due) == (0, 0)


def test_a_stricter_plan_value_wins_over_an_early_success():
    given = readings(y2020q2="95")
    assert light(LEVEL, [need("≥", "90")], given, "2020Q2", plan_values=PLANNED) == BEHIND


# Due


@pytest.mark.parametrize(("due", "counted"), [(date(2020, 12, 31), 1), (date(2021, 1, 1), 0)])
def test_due_means_on_or_before_the_last_day(due, counted):
    assert judge(LEVEL, [need("≥", "90", due)], readings(y2020q4="50"), q("2020Q4")).due == counted


@pytest.mark.parametrize(
    ("standing", "requirement", "at"),
    [
        (BEHIND, stretch("≥", "150"), "2020Q2"),  # not due, 50 of 100 planned
        (BEHIND, stretch("≥", "150"), "2020Q4"),  # due
        (BEHIND, stretch("≥", "150"), "2021Q4"),  # overdue
        (LATE, need("≥", "150"), "2020Q2"),
        (LATE, need("≥", "150"), "2021Q4"),
    ],
)
def test_stretch_is_at_worst_behind(standing, requirement, at):
    given = readings(y2020q2="50", y2020q4="50", y2021q4="50")
    assert light(LEVEL, [requirement], given, at, plan_values=PLANNED) == standing


def test_a_stretch_milestone_does_not_turn_a_binding_target_red():
    both = [stretch("≥", "50", FIRST), need("≥", "90")]
    assert light(LEVEL, both, readings(y2018q1="10"), "2018Q1") == BEHIND


# No data, not settled


@pytest.mark.parametrize("state", [ReadingState.NOT_FILED, ReadingState.NO_DATA, ReadingState.NOT_DUE])
@pytest.mark.parametrize("comparator", ["≥", "≤"])
@pytest.mark.parametrize("at", ["2020Q2", "2020Q4", "2021Q2"])
def test_no_data_is_grey_whatever_is_asked(state, comparator, at):
    verdict = judge(LEVEL, [need(comparator, "0")], [Reading(q(at), state)], q(at), plan_values=PLANNED)
    assert (verdict.standing, verdict.attainment) == (UNKNOWN, Attainment.NO_DATA)
    assert verdict.met == 0
    assert verdict.gap == NotComputable("没有实际值")


def test_a_red_light_stays_red_through_a_quarter_without_data():
    """Filing nothing must not turn a missed target grey; and it turns nothing green."""
    missed = judge(LEVEL, [need("≥", "90", FIRST)], readings(y2017q4="80", y2018q1=None), q("2018Q1"))
    assert (missed.standing, missed.attainment) == (LATE, Attainment.NOT_MET)
    assert missed.reason == (
        "要求到2017年12月31日≥90%，2017年四季度实际 80.0%，差 10.0 个百分点，到期未达标；"
        "2018年一季度未填报，按最近一次数据"
    )
    reached = judge(LEVEL, [need("≥", "90", FIRST)], readings(y2017q4="95", y2018q1=None), q("2018Q1"))
    assert (reached.standing, reached.attainment) == (UNKNOWN, Attainment.NO_DATA)


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        (need("≥", None, state=TargetState.PENDING), "2020年12月31日的要求：目标值待下达"),
        (need("around", "40"), "2020年12月31日的要求：容差未定"),
        (
            need("≤", "0", condition="上游来水改善"),
            "2020年12月31日的要求：前提条件“上游来水改善”是否成立待认定",
        ),
    ],
)
@pytest.mark.parametrize("at", ["2020Q2", "2020Q4"])
def test_what_is_not_settled_is_grey_and_not_counted(requirement, reason, at):
    verdict = judge(LEVEL, [requirement], readings(y2020q2="0", y2020q4="0"), q(at))
    assert (verdict.standing, verdict.attainment, verdict.reason) == (UNKNOWN, Attainment.NO_TARGET, reason)
    assert (verdict.met, verdict.due, verdict.unsettled) == (0, 0, 1)


def test_a_condition_that_does_not_hold_makes_it_inapplicable():
    off = need("≤", "0", condition="上游来水改善", condition_holds=False)
    verdict = judge(LEVEL, [off], readings(y2020q4="3"), q("2020Q4"))
    assert (verdict.standing, verdict.attainment) == (UNKNOWN, Attainment.NOT_APPLICABLE)
    assert verdict.reason == "前提条件“上游来水改善”不成立，不适用"
    assert (verdict.due, verdict.unsettled) == (0, 1)


def test_a_condition_that_holds_binds():
    on = need("≤", "0", condition="上游来水改善", condition_holds=True)
    assert light(LEVEL, [on], readings(y2020q4="3"), "2020Q4") == LATE


def test_an_unsettled_requirement_beside_a_settled_one_is_only_noted():
    both = [need("≥", "90"), need("≥", None, state=TargetState.PENDING)]
    verdict = judge(LEVEL, both, readings(y2020q4="95"), q("2020Q4"))
    assert (verdict.standing, verdict.met, verdict.due, verdict.unsettled) == (DONE, 1, 1, 1)
    assert (
        verdict.reason == "要求到2020年12月31日≥90%，2020年四季度实际 95.0%，已达标；另有1项要求未定或不适用"
    )


def test_an_indicator_without_targets():
    verdict = judge(LEVEL, [], readings(y2020q4="95"), q("2020Q4"))
    assert (verdict.standing, verdict.attainment, verdict.reason) == (
        UNKNOWN,
        Attainment.NO_TARGET,
        "没有目标值",
    )
    assert (verdict.actual.value, verdict.requirement) == (D(95), None)


# Several dated requirements


TWO = [need("≥", "23", FIRST), need("≥", "32")]


@pytest.mark.parametrize(
    ("at", "actual", "standing", "met", "due"),
    [
        ("2017Q4", "23", DONE, 1, 1),
        ("2017Q4", "22.9", LATE, 0, 1),
        ("2018Q1", "23", ON_TRACK, 1, 1),  # the next one is in force; the milestone is what was expected
        ("2018Q1", "22.9", LATE, 0, 1),  # overdue and not met
        ("2019Q4", "30", ON_TRACK, 1, 1),
        ("2020Q4", "32", DONE, 2, 2),
        ("2020Q4", "31.9", LATE, 1, 2),
        ("2020Q4", "20", LATE, 0, 2),
        ("2021Q2", "32", DONE, 2, 2),
    ],
)
def test_greenway_of_two_milestones_never_added(at, actual, standing, met, due):
    verdict = judge(GREENWAY, TWO, [Reading(q(at), value=D(actual))], q(at))
    assert (verdict.standing, verdict.met, verdict.due) == (standing, met, due)


def test_a_late_success_clears_the_overdue_milestone():
    given = readings(y2017q4="22", y2018q1="22.5", y2018q2="23", y2018q3="23")
    lights = [light(GREENWAY, TWO, given, at) for at in ("2017Q4", "2018Q1", "2018Q2", "2018Q3")]
    assert lights == [LATE, LATE, ON_TRACK, ON_TRACK]
    verdict = judge(GREENWAY, TWO, given, q("2018Q3"))
    assert (
        verdict.judged[0].reason == "要求到2017年12月31日≥23 公里，2018年二季度实际 23.0 公里，逾期后已达标"
    )


def test_a_replaced_requirement_once_met_stays_met():
    """Slipping behind a milestone that was met is behind the path, not an overdue milestone."""
    given = readings(y2017q4="25", y2018q1="22")
    verdict = judge(LEVEL, TWO, given, q("2018Q1"))
    assert (verdict.standing, verdict.met, verdict.due) == (BEHIND, 1, 1)


def test_the_last_requirement_is_judged_on_the_present_value():
    given = readings(y2017q4="95", y2019q2="80")
    assert light(LEVEL, [need("≥", "90", FIRST)], given, "2019Q2") == LATE


def test_yearly_totals_are_compared_at_the_years_end():
    """A year's requirement that was met is not judged again on the first quarter of the next year."""
    rule = IndicatorRule(unit="亿元", accumulation=Accumulation.YEAR_TO_DATE)
    wanted = [need("≥", "40", date(2018, 12, 31)), need("≥", "55")]
    given = readings(y2018q4="41", y2019q1="9", y2019q4="39")
    assert judge(rule, wanted, given, q("2019Q1")).met == 1
    failed = readings(y2018q4="39", y2019q1="9", y2019q4="42")
    assert [light(rule, wanted, failed, at) for at in ("2018Q4", "2019Q1", "2019Q4")] == [
        LATE,
        LATE,
        ON_TRACK,
    ]


def test_a_cap_on_a_plan_total_is_judged_in_its_own_quarter():
    wanted = [need("≤", "20", FIRST), need("≤", "80")]
    given = readings(y2017q4="19", y2019q1="50")
    verdict = judge(GREENWAY, wanted, given, q("2019Q1"))
    assert (verdict.met, verdict.due, verdict.standing) == (1, 1, UNKNOWN)


def test_a_binding_and_a_stretch_requirement_of_one_day():
    both = [need("≥", "80"), stretch("≥", "90")]
    verdict = judge(LEVEL, both, readings(y2020q4="85"), q("2020Q4"))
    assert (verdict.standing, verdict.met, verdict.due) == (BEHIND, 1, 2)
    assert verdict.requirement == both[1]


def test_a_pending_year_in_force_is_grey_but_hides_no_overdue_miss():
    wanted = [need("≥", "90", FIRST), need("≥", None, date(2018, 12, 31), state=TargetState.PENDING)]
    assert light(LEVEL, wanted, readings(y2018q1="95"), "2018Q1") == UNKNOWN
    assert light(LEVEL, wanted, readings(y2018q1="80"), "2018Q1") == LATE


# Asked once a year


YEARLY = IndicatorRule(unit="%", decimals=1, asked=Asked.YEARLY)


@pytest.mark.parametrize(
    ("at", "standing"), [("2018Q4", ON_TRACK), ("2019Q2", ON_TRACK), ("2019Q4", BEHIND), ("2020Q2", BEHIND)]
)
def test_between_readings_a_yearly_indicator_keeps_its_light(at, standing):
    planned = [PlanValue(date(2018, 12, 31), D(70)), PlanValue(date(2019, 12, 31), D(80))]
    given = readings(y2018q4="71", y2019q4="78")
    assert light(YEARLY, [need("≥", "90")], given, at, plan_values=planned) == standing


def test_a_yearly_indicator_is_not_asked_before_its_first_fourth_quarter():
    verdict = judge(YEARLY, [need("≥", "90")], [], q("2017Q2"))
    assert (verdict.standing, verdict.reason) == (
        UNKNOWN,
        "每年四季度报送，本年未到报送时间，2016年四季度无数据",
    )


# 保持类


HOLDS = IndicatorRule(unit="%", decimals=1, holds=True)
KEEP = need("≥", "100")


def test_holding_every_quarter():
    given = readings(y2019q3="100", y2019q4="100", y2020q1="100", y2020q2="100", y2020q3="100", y2020q4="100")
    assert light(HOLDS, [KEEP], given, "2020Q3") == ON_TRACK
    verdict = judge(HOLDS, [KEEP], given, q("2020Q4"))
    assert (verdict.standing, verdict.attainment, verdict.met) == (DONE, Attainment.MET, 1)
    assert verdict.reason == "要求保持≥100%，2020年四季度实际 100.0%，应填各期均达标"


def test_one_failure_fails_its_year_and_is_named_at_the_end():
    given = readings(y2018q2="99.9", y2018q3="100", y2019q1="100", y2020q3="98", y2020q4="100")
    lights = {
        at: light(HOLDS, [KEEP], given, at) for at in ("2018Q2", "2018Q3", "2019Q1", "2020Q3", "2020Q4")
    }
    assert lights == {"2018Q2": LATE, "2018Q3": LATE, "2019Q1": ON_TRACK, "2020Q3": LATE, "2020Q4": LATE}
    verdict = judge(HOLDS, [KEEP], given, q("2020Q4"))
    assert (verdict.attainment, verdict.met, verdict.due) == (Attainment.NOT_MET, 0, 1)
    assert verdict.judged[0].failed == (q("2018Q2"), q("2020Q3"))
    assert verdict.reason == (
        "要求保持≥100%，2018年、2020年未保持：2018年二季度、2020年三季度未达标，2020年三季度实际 98.0%"
    )
    running = judge(HOLDS, [KEEP], given, q("2019Q1"))
    assert running.reason == "要求保持≥100%，2019年一季度实际 100.0%，达标；2018年二季度曾未达标"


def test_a_quarter_never_filed_is_no_proof_of_holding():
    given = readings(y2020q1=None, y2020q2="100", y2020q3="100", y2020q4="100")
    assert light(HOLDS, [KEEP], given, "2020Q1") == UNKNOWN
    running = judge(HOLDS, [KEEP], given, q("2020Q3"))
    assert (running.standing, running.reason) == (
        ON_TRACK,
        "要求保持≥100%，2020年三季度实际 100.0%，达标；缺2020年一季度",
    )
    final = judge(HOLDS, [KEEP], given, q("2020Q4"))
    assert (final.standing, final.attainment) == (UNKNOWN, Attainment.NO_DATA)
    assert final.reason == "要求保持≥100%，2020年四季度实际 100.0%，缺2020年一季度，不能认定各期都保持"


def test_a_known_failure_outweighs_missing_quarters():
    given = readings(y2020q1=None, y2020q2="99", y2020q4=None)
    assert light(HOLDS, [KEEP], given, "2020Q4") == LATE


def test_holding_asked_yearly():
    rule = IndicatorRule(unit="%", decimals=2, holds=True, asked=Asked.YEARLY)
    wanted = need("≥", "21.3", decimals=2)
    given = readings(y2018q4="21.29", y2019q4="21.35", y2020q4="21.4")
    assert [light(rule, [wanted], given, at) for at in ("2018Q4", "2019Q2", "2019Q4", "2020Q4")] == [
        LATE, LATE, ON_TRACK, LATE,
    ]  # fmt: skip
    assert judge(rule, [wanted], given, q("2018Q4")).reason == (
        "要求保持≥21.30%，2018年未保持：2018年四季度未达标，2018年四季度实际 21.29%"
    )


def test_holding_a_count_at_zero():
    """不发生新的内涝: the year's count so far must stay zero."""
    rule = IndicatorRule(
        unit="次", decimals=0, holds=True, accumulation=Accumulation.THIS_PERIOD, combine=Combine.SUM
    )
    given = readings(y2020q1="0", y2020q2="1", y2020q3="0", y2020q4="0")
    assert [light(rule, [need("≤", "0")], given, f"2020Q{n}") for n in (1, 2, 3, 4)] == [
        ON_TRACK,
        LATE,
        LATE,
        LATE,
    ]


def test_holding_a_yearly_quantity_is_judged_at_the_years_end():
    rule = IndicatorRule(holds=True, accumulation=Accumulation.YEAR_TO_DATE)
    given = readings(y2019q2="3", y2019q4="10", y2020q2="4", y2020q4="9")
    lights = [light(rule, [need("≥", "10")], given, at) for at in ("2019Q2", "2019Q4", "2020Q2", "2020Q4")]
    assert lights == [UNKNOWN, ON_TRACK, UNKNOWN, LATE]


def test_holding_stretch_and_unsettled():
    assert light(HOLDS, [stretch("≥", "100")], readings(y2020q4="99"), "2020Q4") == BEHIND
    assert light(HOLDS, [need("around", "0.1")], readings(y2020q4="0.1"), "2020Q4") == UNKNOWN


def test_holding_two_levels_each_in_its_own_years():
    wanted = [need("≥", "95", FIRST), need("≥", "100")]
    given = readings(y2017q1="96", y2017q4="96", y2018q1="100", y2020q4="100")
    verdict = judge(HOLDS, wanted, given, q("2020Q4"))
    assert (verdict.standing, verdict.met, verdict.due) == (DONE, 2, 2)


# Trends, grades, deliverables


TREND = IndicatorRule(unit="分", decimals=1, kind=Kind.TREND, asked=Asked.YEARLY)


@pytest.mark.parametrize(
    ("comparator", "before", "now", "running", "due"),
    [
        (">", "80", "81", ON_TRACK, DONE),  # 持续提高
        (">", "80", "80", BEHIND, LATE),
        (">", "80", "79", BEHIND, LATE),
        (">", "80", "60", LATE, LATE),
        ("≥", "80", "80", ON_TRACK, DONE),  # 稳中有升
        ("<", "5", "4", ON_TRACK, DONE),
        ("≤", "5", "5", ON_TRACK, DONE),
    ],
)
def test_trend_against_the_year_before(comparator, before, now, running, due):
    given = readings(y2018q4=before, y2019q4=now)
    assert light(TREND, [need(comparator, "0")], given, "2019Q4") == running
    assert light(TREND, [need(comparator, "0", date(2019, 12, 31))], given, "2019Q4") == due


def test_a_running_trend_is_told_against_the_year_before():
    held = judge(TREND, [need("≥", "0")], readings(y2018q4="80", y2019q4="80"), q("2019Q4"))
    assert held.reason == "要求不低于上年同期，上年同期 80.0 分，2019年四季度实际 80.0 分，符合要求"
    behind = judge(TREND, [need(">", "0")], readings(y2018q4="80", y2019q4="79"), q("2019Q4"))
    assert behind.reason == (
        "要求高于上年同期，上年同期 80.0 分，2019年四季度实际 79.0 分，差 1.0 分，落后 1.3%，不超过 10%"
    )


def test_a_growing_total_within_its_upper_limit_is_not_judged_before_it_is_due():
    total = IndicatorRule(unit="条", decimals=0, accumulation=Accumulation.PLAN_TO_DATE)
    wanted = [need("range", low=D(3), high=D(5))]
    verdict = judge(total, wanted, readings(y2019q4="3"), q("2019Q4"))
    assert verdict.standing == UNKNOWN
    assert verdict.reason == "2019年四季度实际 3 条，在要求（3—5 条）之内，累计数还会增加，到期再判断"
    assert judge(total, wanted, readings(y2019q4="2"), q("2019Q4")).reason == "未到期，未定年度计划值"


def test_trend_without_last_year():
    verdict = judge(TREND, [need(">", "0")], readings(y2019q4="80"), q("2019Q4"))
    assert (verdict.standing, verdict.attainment) == (UNKNOWN, Attainment.NO_DATA)
    assert verdict.reason == "缺上年同期值（2018年四季度），无法比较趋势"
    due = judge(TREND, [need(">", "0", date(2019, 12, 31))], readings(y2019q4="80"), q("2019Q4"))
    assert (
        due.reason == "要求到2019年12月31日高于上年同期，已到期，缺上年同期值（2018年四季度），无法比较趋势"
    )


def test_trend_that_must_hold_every_year():
    rule = IndicatorRule(kind=Kind.TREND, asked=Asked.YEARLY, holds=True)
    given = readings(y2017q4="70", y2018q4="72", y2019q4="71", y2020q4="75")
    verdict = judge(rule, [need(">", "0")], given, q("2020Q4"))
    assert (verdict.standing, verdict.judged[0].failed) == (LATE, (q("2019Q4"),))


@pytest.mark.parametrize(
    ("planned", "level", "at", "standing"),
    [
        ("2", "2", "2019Q4", ON_TRACK),
        ("2", "1", "2019Q4", BEHIND),  # one level short
        ("3", "1", "2019Q4", LATE),
        (None, "1", "2019Q4", UNKNOWN),
        (None, "3", "2020Q4", DONE),
        (None, "2", "2020Q4", LATE),
    ],
)
def test_graded_by_the_level_reached(planned, level, at, standing):
    rule = IndicatorRule(unit="级", decimals=0, kind=Kind.GRADED)
    values = [PlanValue(date(2019, 12, 31), D(planned))] if planned else []
    assert light(rule, [need("≥", "3")], [Reading(q(at), value=D(level))], at, plan_values=values) == standing


def test_levels_are_called_by_their_names():
    levels = ("未启动", "推进中", "基本达到", "达到")
    rule = IndicatorRule(unit="级", decimals=0, kind=Kind.GRADED, levels=levels)
    given = readings(y2019q4="1", y2020q4="2")
    top = judge(rule, [need("≥", "3")], given, q("2020Q4"))
    assert top.reason == "要求到2020年12月31日为“达到”，2020年四季度实际“基本达到”，差 1 级，到期未达标"
    lower = judge(rule, [need("≥", "2")], given, q("2020Q4"))
    assert lower.reason == "要求到2020年12月31日为“基本达到”以上，2020年四季度实际“基本达到”，已达标"
    planned = judge(
        rule, [need("≥", "3")], given, q("2019Q4"), plan_values=[PlanValue(date(2019, 12, 31), D(2))]
    )
    assert planned.reason == "2019年度计划值“基本达到”，2019年四季度实际“推进中”，差 1 级"
    unnamed = judge(rule, [need("≥", "7")], given, q("2020Q4"))
    assert unnamed.reason == "要求到2020年12月31日≥7 级，2020年四季度实际“基本达到”，差 5 级，到期未达标"


@pytest.mark.parametrize(
    ("state", "at", "standing"),
    [("0", "2019Q4", UNKNOWN), ("1", "2019Q4", DONE), ("0", "2020Q4", LATE), ("1", "2020Q4", DONE)],
)
def test_a_deliverable_is_done_or_not(state, at, standing):
    rule = IndicatorRule(decimals=0, kind=Kind.DELIVERABLE)
    assert light(rule, [need("≥", "1")], [Reading(q(at), value=D(state))], at) == standing


def test_a_deliverable_says_done_in_words():
    rule = IndicatorRule(decimals=0, kind=Kind.DELIVERABLE)
    verdict = judge(rule, [need("≥", "1")], readings(y2020q4="0"), q("2020Q4"))
    assert verdict.reason == "要求到2020年12月31日完成，2020年四季度实际未完成，到期未达标"


# The whole verdict, in words


PM25 = IndicatorRule(
    unit="微克/立方米",
    decimals=1,
    accumulation=Accumulation.THIS_PERIOD,
    combine=Combine.MEAN,
    span=Span.ROLLING,
)
AIR = readings(y2019q4="46.8", y2020q1="49.2", y2020q2="33.1", y2020q3="24.6", y2020q4="43")


def test_the_indicator_of_the_example_page():
    planned = [PlanValue(date(2020, 9, 30), D("38.8"))]
    verdict = judge(
        PM25,
        [need("≤", "38")],
        AIR,
        q("2020Q3"),
        plan_values=planned,
        baseline=Baseline(date(2015, 12, 31), D(56)),
    )
    assert verdict.standing == ON_TRACK
    assert (
        verdict.reason == "2020年三季度计划值 38.8 微克/立方米，2020年三季度实际 38.4 微克/立方米，达到计划"
    )
    assert isinstance(verdict.progress, Progress)
    assert round(verdict.progress.percent, 1) == D("97.7")
    assert (verdict.actual.reported, verdict.actual.owed) == (4, 4)


def test_the_words_of_each_light():
    planned = [PlanValue(date(2020, 9, 30), D("38.2"))]
    behind = judge(PM25, [need("≤", "38")], AIR, q("2020Q3"), plan_values=planned)
    assert behind.reason == (
        "2020年三季度计划值 38.2 微克/立方米，2020年三季度实际 38.4 微克/立方米，"
        "差 0.2 微克/立方米，落后 0.6%，不超过 10%"
    )
    late = judge(PM25, [need("≤", "38")], AIR, q("2020Q3"), plan_values=[PlanValue(date(2020, 9, 30), D(30))])
    assert late.reason.endswith("差 8.4 微克/立方米，落后 28.0%，超过 10%")
    done = judge(PM25, [need("≤", "38")], AIR, q("2020Q4"))
    assert done.reason == "要求到2020年12月31日≤38 微克/立方米，2020年四季度实际 37.5 微克/立方米，已达标"
    gap = judge(PM25, [need("≤", "38")], AIR, q("2020Q2"))
    assert gap.reason == "应有4个季度数据，已有3个，缺2019年三季度，不作判断"


def test_a_near_miss_is_not_rounded_into_a_hit():
    verdict = judge(LEVEL, [need("≤", "38")], readings(y2020q4="38.04"), q("2020Q4"))
    assert verdict.reason == "要求到2020年12月31日≤38%，2020年四季度实际 38.04%，差 0.04 个百分点，到期未达标"


def test_rounded_comparison_says_so():
    rule = IndicatorRule(unit="%", decimals=0, comparison=Comparison.ROUNDED)
    verdict = judge(rule, [need("≤", "38")], readings(y2020q4="38.4"), q("2020Q4"))
    assert (verdict.standing, verdict.reason) == (
        DONE,
        "要求到2020年12月31日≤38%，2020年四季度实际 38.4%，修约为 38%，已达标",
    )


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        (need("range", low=D(300), high=D(500)), "300—500 米"),
        (need("around", "40", tolerance=D(1)), "40 米左右（±1 米）"),
        (need("≥", "5", state=TargetState.PROVISIONAL), "≥5 米（暂定）"),
        (need(">", "5"), ">5 米"),
        (need("=", "5"), "=5 米"),
    ],
)
def test_requirements_in_words(requirement, words):
    rule = IndicatorRule(unit="米", decimals=0)
    reason = judge(rule, [requirement], readings(y2020q4="1"), q("2020Q4")).reason
    assert reason.startswith(f"要求到2020年12月31日{words}，2020年四季度实际 1 米，差 ")


def test_a_reason_fits_its_column_whatever_people_wrote():
    long = need("≤", "0", condition="条件" * 150)
    assert len(judge(LEVEL, [long], [], q("2020Q4")).reason) < 200
    empty = [Reading(q("2016Q1").shifted(n), ReadingState.NOT_FILED) for n in range(19)]
    never = judge(HOLDS, [KEEP], [*empty, *readings(y2020q4="100")], q("2020Q4"))
    assert never.reason.endswith("2017年二季度等19个季度，不能认定各期都保持")

"""Every scoring rule against the samples of the domain rules, with its words."""

from decimal import Decimal as D

import pytest

from assessment.scoring import (
    Counting,
    Criterion,
    Missing,
    NotApplicable,
    QualityPoints,
    Rated,
    deduct,
    efficacy,
    interval,
    milestone_share,
    period_weights,
    ratio_high,
    ratio_low,
    report_quality,
    score,
    stages,
    task_share,
    votes,
    zero_target,
)


def line(outcome, full):
    """The one line of a score that consists of this outcome, out of `full` points."""
    return score([Criterion("1", "一", D(1), outcome)], full=D(full)).lines[0]


@pytest.mark.parametrize(
    ("outcome", "full", "points", "words"),
    [
        # 比例: capped, not negative, nothing for more than asked
        (ratio_high(D("44.6"), D(55)), 10, "8.11", "得分 = 10.00 × 44.6 ÷ 55 = 8.11"),
        (ratio_high(D("30.6"), D(32)), 8, "7.65", "得分 = 8.00 × 30.6 ÷ 32 = 7.65"),
        (ratio_high(D("76.8"), D(80)), 6, "5.76", "得分 = 6.00 × 76.8 ÷ 80 = 5.76"),
        (ratio_high(D(60), D(55)), 10, "10.00", "得分 = 10.00 × 60 ÷ 55 = 10.00，封顶 10"),
        (ratio_high(D(-3), D(55)), 10, "0.00", "得分 = 10.00 × −3 ÷ 55 = 0.00，不低于 0"),
        (ratio_high(D(0), D(55)), 10, "0.00", "得分 = 10.00 × 0 ÷ 55 = 0.00"),
        (ratio_high(D(0), D(0)), 10, "10.00", "得分 = 10.00 × 1（达标）= 10.00"),
        (ratio_high(D(-1), D(0)), 10, "0.00", "得分 = 10.00 × 0（未达标）= 0.00"),
        (ratio_high(D(-6), D(-5)), 10, "8.00", "得分 = 10.00 ×（2 − −6 ÷ −5）= 8.00"),
        # 控制: nothing at twice the target
        (ratio_low(D(28), D(38)), 10, "10.00", "得分 = 10.00 ×（2 − 28 ÷ 38）= 10.00，封顶 10"),
        (ratio_low(D(38), D(38)), 10, "10.00", "得分 = 10.00 ×（2 − 38 ÷ 38）= 10.00"),
        (ratio_low(D(40), D(38)), 10, "9.47", "得分 = 10.00 ×（2 − 40 ÷ 38）= 9.47"),
        (ratio_low(D(57), D(38)), 10, "5.00", "得分 = 10.00 ×（2 − 57 ÷ 38）= 5.00"),
        (ratio_low(D(76), D(38)), 10, "0.00", "得分 = 10.00 ×（2 − 76 ÷ 38）= 0.00"),
        (ratio_low(D(100), D(38)), 10, "0.00", "得分 = 10.00 ×（2 − 100 ÷ 38）= 0.00，不低于 0"),
        (ratio_low(D(-8), D(-10)), 10, "8.00", "得分 = 10.00 × −8 ÷ −10 = 8.00"),
        # 零目标: never a division
        (ratio_low(D(0), D(0)), 5, "5.00", "得分 = 5.00 × 1（达标）= 5.00"),
        (ratio_low(D(1), D(0)), 5, "0.00", "得分 = 5.00 × 0（未达标）= 0.00"),
        (zero_target(D(0)), 5, "5.00", "得分 = 5.00 × 1（达标）= 5.00"),
        (zero_target(D(3)), 5, "0.00", "得分 = 5.00 × 0（未达标）= 0.00"),
        (zero_target(D(3), per_case=D(1), of=D(5)), 5, "2.00", "得分 = 5.00 ×（5 − 1 × 3）÷ 5 = 2.00"),
        (
            zero_target(D(9), per_case=D(1), of=D(5)),
            5,
            "0.00",
            "得分 = 5.00 ×（5 − 1 × 9）÷ 5 = 0.00，不低于 0",
        ),
        (zero_target(D(0), per_case=D(1), of=D(5)), 5, "5.00", "得分 = 5.00 × 1（达标）= 5.00"),
    ],
)
def test_ratio_control_and_zero_targets(outcome, full, points, words):
    scored = line(outcome, full)
    assert (scored.points, scored.words) == (D(points), words)


@pytest.mark.parametrize(
    ("actual", "target", "per_unit", "up", "counting", "points"),
    [
        ("39", "38", "0.5", False, Counting.PROPORTIONAL, "0.50"),
        ("37", "38", "0.5", False, Counting.PROPORTIONAL, "1.00"),
        ("41", "38", "0.5", False, Counting.PROPORTIONAL, "0.00"),
        ("81.2", "83", "0.25", True, Counting.PROPORTIONAL, "0.55"),
        ("81.2", "83", "0.25", True, Counting.FLOOR, "0.75"),
        ("81.2", "83", "0.25", True, Counting.CEILING, "0.50"),
        ("83", "83", "0.25", True, Counting.CEILING, "1.00"),
    ],
)
def test_points_off_for_each_unit_short(actual, target, per_unit, up, counting, points):
    outcome = deduct(
        D(actual), D(target), per_unit=D(per_unit), of=D(1), higher_is_better=up, counting=counting
    )
    assert line(outcome, 1).points == D(points)


def test_points_off_scale_with_the_weight_after_redistribution():
    outcome = deduct(D("81.2"), D(83), per_unit=D("0.25"), of=D(1), higher_is_better=True)
    assert line(outcome, 2).points == D("1.10")
    assert line(deduct(D(1), D(2), per_unit=D(1), of=D(0), higher_is_better=True), 2).points == D("0.00")


@pytest.mark.parametrize(
    ("actual", "unacceptable", "satisfactory", "points"),
    [
        ("81", "75", "85", "84.00"),
        ("38", "50", "25", "79.20"),  # lower is better: 25 good, 50 bad
        ("85", "75", "85", "100.00"),
        ("75", "75", "85", "60.00"),
        ("90", "75", "85", "100.00"),
        ("60", "75", "85", "0.00"),
    ],
)
def test_efficacy_coefficient(actual, unacceptable, satisfactory, points):
    outcome = efficacy(D(actual), unacceptable=D(unacceptable), satisfactory=D(satisfactory))
    assert line(outcome, 100).points == D(points)


def test_efficacy_without_a_span_takes_what_the_scheme_says_and_tells():
    scored = line(efficacy(D(5), unacceptable=D(5), satisfactory=D(5), when_equal=D(60)), 10)
    assert scored.points == D("6.00")
    assert scored.words == "得分 = 10.00 × 60 ÷ 100（满意值等于不允许值，按方案规定记）= 6.00"


@pytest.mark.parametrize(
    ("actual", "points"),
    [("3", "1.00"), ("5", "1.00"), ("4", "1.00"), ("6", "0.50"), ("7", "0.00"), ("9", "0.00"), ("2", "0.50")],
)
def test_interval(actual, points):
    assert line(interval(D(actual), low=D(3), high=D(5), reach=D(2)), 1).points == D(points)


def test_an_interval_without_reach_gives_nothing_outside():
    assert line(interval(D(6), low=D(3), high=D(5), reach=D(0)), 1).points == D("0.00")
    assert line(interval(D(5), low=D(3), high=D(5), reach=D(0)), 1).points == D("1.00")


STAGES = [
    ("完成", D(1), 10),
    ("调试", D("0.75"), 4),
    ("在建", D("0.5"), 3),
    ("前期", D("0.25"), 2),
    ("未启动", D(0), 1),
]


def test_stage_coefficients():
    scored = line(stages(STAGES), 20)
    assert scored.points == D("15.00")
    assert scored.words == "得分 = 20.00 ×（10 × 1 + 4 × 0.75 + 3 × 0.5 + 2 × 0.25 + 1 × 0）÷ 20 = 15.00"
    assert stages([("完成", D(1), 0)]) == NotApplicable("没有项目")


def test_period_weights():
    parts = [(D(15), D(80)), (D(25), D(90)), (D(25), D(85)), (D(35), D(95))]
    assert line(period_weights(parts), 100).points == D("89.00")
    assert period_weights([]) == NotApplicable("各期权重合计为零")


def test_votes_count_only_what_is_in():
    outcome = votes([D(9), D(8), None, D(10)], full=D(10))
    assert isinstance(outcome, Rated)
    assert outcome.inputs == (("收到", "3/4 票"),)
    assert line(outcome, 10).points == D("9.00")
    assert votes([None, None], full=D(10)) == Missing("应到 2 票，未收到评价")
    assert votes([D(1)], full=D(0)) == NotApplicable("评价满分为零")


@pytest.mark.parametrize(
    ("on_time", "late", "missing", "returns", "points"),
    [
        (4, 0, 0, 0, "10.00"),
        (3, 1, 0, 0, "9.17"),  # 11 of 12
        (3, 1, 0, 3, "7.92"),  # 11 − 1.5 of 12
        (0, 0, 4, 0, "0.00"),
        (2, 1, 1, 0, "6.67"),
        (0, 0, 4, 9, "0.00"),
    ],
)
def test_report_quality(on_time, late, missing, returns, points):
    outcome = report_quality(
        on_time=on_time,
        late=late,
        missing=missing,
        returns=returns,
        points=QualityPoints(per_return=D("0.5")),
    )
    assert line(outcome, 10).points == D(points)


def test_report_quality_in_words_and_without_filings():
    points = QualityPoints(per_return=D("0.5"))
    outcome = report_quality(on_time=3, late=1, missing=0, returns=3, points=points)
    assert line(outcome, 10).words == "得分 = 10.00 ×（3 × 3 + 1 × 2 + 0 × 0 − 3 × 0.5）÷ 12 = 7.92"
    nothing = report_quality(on_time=0, late=0, missing=0, returns=1, points=points)
    assert nothing == NotApplicable("没有计时效的报送")


def test_tasks_never_filed_stay_in_the_denominator():
    outcome = task_share([D(100), D(80), None, D(60)])
    assert isinstance(outcome, Rated)
    assert outcome.inputs == (("有数据", "3/4 项"),)
    scored = line(outcome, 30)
    assert (scored.points, scored.words) == (D("18.00"), "得分 = 30.00 × 240 ÷ 4 ÷ 100 = 18.00")
    assert task_share([None]) == Missing("牵头任务 1 项均未填报")
    assert task_share([]) == NotApplicable("没有牵头任务")


def test_milestones_done_of_those_due():
    scored = line(milestone_share(done=14, due=16), 10)
    assert (scored.points, scored.words) == (D("8.75"), "得分 = 10.00 × 14 ÷ 16 = 8.75")
    assert milestone_share(done=0, due=0) == NotApplicable("没有到期节点")


def test_points_are_rounded_once():
    """3 × 0.335 ÷ 3: a share rounded first would give 0.33 or 0.34 by chance."""
    assert line(ratio_high(D("0.335"), D(3)), 3).points == D("0.34")

"""Weighted trees, missing data, grades and ranks: small assessments worked by hand."""

from decimal import Decimal as D
from fractions import Fraction

import pytest

from assessment.scoring import (
    Criterion,
    Grade,
    LineState,
    Missing,
    NotApplicable,
    Pending,
    Rated,
    adjusted,
    apportioned,
    grade_of,
    ranked,
    ratio_high,
    score,
)
from targets.terms import Rounding


def rated(percent):
    return Rated("评价", D(percent), D(100), f"{percent} ÷ 100")


def leaf(key, weight, outcome):
    return Criterion(key, key, D(weight), outcome)


def group(key, weight, *children):
    return Criterion(key, key, D(weight), children=tuple(children))


def points(result):
    return {line.key: line.points for line in result.leaves}


# 缺报, 不适用, 待下达


def test_missing_data_scores_the_minimum_and_keeps_its_weight():
    """3:3:2 with 90, 80 and nothing: (3 × 90 + 3 × 80 + 2 × 60) ÷ 8 = 78.75."""
    tree = [
        leaf("a", 3, rated(90)),
        leaf("b", 3, rated(80)),
        leaf("c", 2, Missing("未填报", minimum=D("0.6"))),
    ]
    result = score(tree)
    assert result.total == D("78.75")
    assert [(line.full, line.points) for line in result.lines] == [
        (D("37.50"), D("33.75")),
        (D("37.50"), D("30.00")),
        (D("25.00"), D("15.00")),
    ]
    assert result.lines[2].words == "缺报（未填报），按最低 60% 计，得分 = 25.00 × 60% = 15.00"
    assert result.lines[2].state == LineState.MISSING


def test_what_is_not_applicable_gives_its_weight_to_its_siblings():
    """3:3 with 90 and 80: (3 × 90 + 3 × 80) ÷ 6 = 85."""
    tree = [leaf("a", 3, rated(90)), leaf("b", 3, rated(80)), leaf("c", 2, NotApplicable("不涉及"))]
    result = score(tree)
    assert result.total == D("85.00")
    assert [line.full for line in result.lines] == [D("50.00"), D("50.00"), D("0.00")]
    assert [(line.key, line.state, line.points) for line in result.excluded] == [
        ("c", LineState.NOT_APPLICABLE, None)
    ]
    assert result.lines[2].words == "不适用，权重在同类内分摊：不涉及"


def test_missing_scores_zero_unless_the_scheme_says_otherwise():
    assert score([leaf("a", 1, rated(90)), leaf("b", 1, Missing("未填报"))]).total == D("45.00")


INDICATORS = group("一", 40, leaf("1.1", 20, rated(90)), leaf("1.2", 20, rated(50)))


def test_redistribution_stays_inside_the_category():
    """40 on one indicator of the category; tasks keep their 60."""
    tree = [
        group("一", 40, leaf("1.1", 20, rated(90)), leaf("1.2", 20, NotApplicable("不涉及"))),
        group("二", 60, leaf("2.1", 1, rated(50))),
    ]
    result = score(tree)
    assert [line.full for line in result.leaves] == [D("40.00"), D("0.00"), D("60.00")]
    assert result.total == D("66.00")


def test_pending_leaves_the_denominator_of_the_whole():
    """20 of 100 pending: what remains counts 20 and 60 of 80, that is 25 and 75 of 100."""
    tree = [
        group("一", 40, leaf("1.1", 20, rated(90)), leaf("1.2", 20, Pending("市级未下达"))),
        group("二", 60, leaf("2.1", 1, rated(50))),
    ]
    result = score(tree)
    assert [line.full for line in result.leaves] == [D("25.00"), D("0.00"), D("75.00")]
    assert result.total == D("22.50") + D("37.50")
    assert result.leaves[1].words == "待下达，不计入分母：市级未下达"


def test_a_category_with_nothing_left_gives_its_weight_to_the_others():
    tree = [
        group("一", 40, leaf("1.1", 1, NotApplicable("不涉及"))),
        leaf("二", 30, rated(80)),
        leaf("三", 30, rated(60)),
    ]
    result = score(tree)
    assert [line.full for line in result.lines] == [D("0.00"), D("50.00"), D("50.00")]
    assert (result.lines[0].points, result.total) == (None, D("70.00"))


@pytest.mark.parametrize("outcome", [None, NotApplicable("不涉及"), Pending("待下达")])
def test_a_score_of_nothing_is_no_score(outcome):
    assert score([leaf("a", 1, outcome)]).total is None
    assert score([]).total is None


def test_a_criterion_without_an_outcome_is_outside():
    result = score([leaf("a", 1, rated(80)), leaf("b", 1, None)])
    assert result.total == D("80.00")
    assert result.lines[1].words == "不适用，权重在同类内分摊：方案未给出计分依据"


def test_weights_of_zero_earn_nothing():
    assert score([leaf("a", 0, rated(80)), leaf("b", 0, rated(90))]).total == D("0.00")


# Shares and rounding


def test_weights_as_shares_of_kinds():
    """约束性:主要监测:一般监测 = 3:2:1 over one, two and three indicators."""
    tree = [
        group("约束性", 3, leaf("a", 1, rated(100))),
        group("主要监测", 2, leaf("b", 1, rated(80)), leaf("c", 1, rated(60))),
        group("一般监测", 1, *(leaf(k, 1, rated(50)) for k in "def")),
    ]
    result = score(tree)
    assert [line.full for line in result.lines] == [D("50.00"), D("33.33"), D("16.67")]
    assert [line.full for line in result.leaves] == [
        D(t) for t in ("50.00", "16.67", "16.66", "5.56", "5.56", "5.55")
    ]
    # 50 + 16.67 × 0.8 = 13.336 + 16.66 × 0.6 = 9.996 + 5.56 × 0.5 twice = 2.78 + 5.55 × 0.5 = 2.775
    assert [line.points for line in result.leaves] == [
        D(t) for t in ("50.00", "13.34", "10.00", "2.78", "2.78", "2.78")
    ]
    assert result.total == D("81.68")


def test_three_thirds_are_a_hundred():
    result = score([leaf(key, 1, rated(100)) for key in "abc"])
    assert [line.points for line in result.lines] == [D("33.34"), D("33.33"), D("33.33")]
    assert result.total == D("100.00")


def test_rounding_of_a_line_is_explicit():
    tree = [leaf("a", 1, ratio_high(D("12.5"), D(100)))]
    assert score(tree, full=D(1), places=2).total == D("0.13")
    assert score(tree, full=D(1), places=2, rounding=Rounding.HALF_EVEN).total == D("0.12")
    assert score(tree, full=D(1), places=3).total == D("0.125")


@pytest.mark.parametrize(
    ("total", "shares", "parts"),
    [
        ("100.00", (1, 1, 1), ("33.34", "33.33", "33.33")),
        ("10.00", (2, 1), ("6.67", "3.33")),
        ("0.01", (1, 1), ("0.01", "0.00")),
        ("10.00", (0, 0), ("0.00", "0.00")),
        ("10.00", (0, 1), ("0.00", "10.00")),
        ("0.00", (1, 2), ("0.00", "0.00")),
    ],
)
def test_a_total_is_split_without_remainder(total, shares, parts):
    assert apportioned(D(total), [Fraction(share) for share in shares], 2) == [D(part) for part in parts]


# A whole sheet


SHEET = [
    group(
        "一",
        40,
        leaf("1.1", 8, ratio_high(D("30.6"), D(32))),
        leaf("1.2", 8, ratio_high(D("96.2"), D(95))),
        leaf("1.3", 6, ratio_high(D(100), D(90))),
        leaf("1.4", 6, rated(100)),
        leaf("1.5", 6, ratio_high(D("76.8"), D(80))),
        leaf("1.6", 6, ratio_high(D(100), D(100))),
    ),
    group("二", 30, leaf("2.1", 20, rated("89.3")), leaf("2.2", 10, ratio_high(D(14), D(16)))),
    leaf("三", 10, rated(84)),
    leaf("四", 10, rated(90)),
    leaf("五", 10, rated("86.2")),
]


def test_the_sheet_of_the_example_page():
    """39.41 + 26.61 + 8.40 + 9.00 + 8.62 = 92.04."""
    result = score(SHEET)
    assert points(result) == {
        "1.1": D("7.65"), "1.2": D("8.00"), "1.3": D("6.00"), "1.4": D("6.00"), "1.5": D("5.76"), "1.6": D("6.00"),
        "2.1": D("17.86"), "2.2": D("8.75"), "三": D("8.40"), "四": D("9.00"), "五": D("8.62"),
    }  # fmt: skip
    assert [line.points for line in result.lines] == [D("39.41"), D("26.61"), D("8.40"), D("9.00"), D("8.62")]
    assert result.total == D("92.04")


def test_a_line_carries_rule_inputs_and_words():
    first = score(SHEET).leaves[0]
    assert (first.weight, first.full, first.state) == (D(8), D("8.00"), LineState.SCORED)
    assert (first.rule, first.inputs) == ("比例，越高越好", (("实际", "30.6"), ("目标", "32")))
    assert first.words == "得分 = 8.00 × 30.6 ÷ 32 = 7.65"


def test_the_office_adjusts_one_line_and_the_sums_follow():
    result = adjusted(score(SHEET), "1.1", D("8"), "中山路延伸段已补验")
    line = result.leaves[0]
    assert (line.points, line.adjusted) == (D(8), True)
    assert line.words == "得分 = 8.00 × 30.6 ÷ 32 = 7.65；核定改为 8：中山路延伸段已补验"
    assert (result.lines[0].points, result.total) == (D("39.76"), D("92.39"))


@pytest.mark.parametrize(("given", "kept"), [("99", "8.00"), ("-1", "0")])
def test_an_adjustment_stays_within_the_line(given, kept):
    assert adjusted(score(SHEET), "1.1", D(given), "核定").leaves[0].points == D(kept)


@pytest.mark.parametrize("key", ["一", "没有", "c"])
def test_only_scored_leaves_can_be_adjusted(key):
    tree = [*SHEET, leaf("c", 5, Pending("待下达"))]
    with pytest.raises(KeyError):
        adjusted(score(tree), key, D(1), "核定")


# Grades and ranks


@pytest.mark.parametrize(
    ("total", "name"),
    [
        ("100", "优秀"), ("90", "优秀"), ("89.99", "良好"), ("80", "良好"), ("79.5", "合格"), ("79.99", "合格"),
        ("60", "合格"), ("59.99", "不合格"), ("0", "不合格"), ("-5", "不合格"),
    ],
)  # fmt: skip
def test_grades_have_seamless_bounds(total, name):
    assert grade_of(D(total)).name == name


def test_a_scheme_brings_its_own_grades_in_any_order():
    grades = [Grade("不合格"), Grade("合格", D(60)), Grade("优秀", D(90)), Grade("良好", D(70))]
    assert [grade_of(D(total), grades).name for total in ("90", "70", "69.9", "1")] == [
        "优秀",
        "良好",
        "合格",
        "不合格",
    ]


def test_no_score_no_grade():
    assert grade_of(None) is None
    assert grade_of(D(50), [Grade("合格", D(60))]) is None


def test_competition_ranks():
    totals = {"甲": D(90), "乙": D("92.5"), "丙": D(90), "丁": D(80), "戊": None}
    assert ranked(totals) == {"乙": 1, "甲": 2, "丙": 2, "丁": 4}
    assert ranked({}) == {}

"""The shipped 811 plan against the document: a hand-checked sample of numbers from every section, and the traps."""

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from tasks.plan_files import PlanDocument
from tasks.plan_files.document import IndicatorRow, MilestoneRow, TargetRow

END = "2020-12-31"
Y2017 = "2017-12-31"


def indicator(document: PlanDocument, name: str) -> IndicatorRow:
    found = [row for row in document.indicators if row.name == name]
    assert len(found) == 1, name
    return found[0]


def targets(document: PlanDocument, name: str) -> list[TargetRow]:
    code = indicator(document, name).code
    return [row for row in document.targets if row.indicator == code]


def milestone(document: PlanDocument, task_no: str, part: str) -> MilestoneRow:
    found = [row for row in document.milestones if row.task_no == task_no and part in row.name]
    assert len(found) == 1, part
    return found[0]


# name, unit, comparator, value, due, strength, clauses: read off the document by hand
SAMPLE = [
    ("服务业增加值", "亿元", "≥", "55", END, "binding", "二(一)1"),
    ("主要食用农产品中无公害农产品、绿色食品、有机食品认证比率", "%", "≥", "55", END, "binding", "二(一)3"),
    ("劣Ⅴ类水质断面数", "个", "≤", "0", END, "binding", "二(二)1;三(三)2"),
    ("地表水监测断面Ⅳ类以上水质的比例", "%", "≥", "50", END, "binding", "二(二)1"),
    ("城乡生活污水处理率", "%", "≥", "90", END, "binding", "二(二)1"),
    ("PM2.5浓度", "微克/立方米", "≤", "38", END, "binding", "二(二)2"),
    ("空气质量优良天数比率", "%", "≥", "83", END, "binding", "二(二)2"),
    ("耕地土壤环境质量达标率", "%", "≥", "73", END, "binding", "二(二)3"),
    ("省控以上污染源监督性监测达标率", "%", "≥", "100", END, "binding", "二(四)1"),
    ("建成区污水处理率", "%", "≥", "95", END, "binding", "二(四)2"),
    ("工业固废综合利用率", "%", "≥", "94", END, "binding", "二(四)3;三(一)4"),
    ("污泥无害化处置率", "%", "≥", "100", END, "binding", "二(四)3;三(三)1"),
    ("危险废物无害化处置率", "%", "≥", "100", END, "binding", "二(四)3;三(五)4"),
    ("农村生活垃圾无害化处理率", "%", "≥", "100", END, "binding", "二(四)3;三(七)4"),
    ("医疗废物无害化处理率", "%", "≥", "100", END, "binding", "二(四)3"),
    ("农村生活污水治理行政村覆盖率", "%", "≥", "90", END, "binding", "二(四)4"),
    ("行政村生活垃圾分类处理覆盖率", "%", "≥", "60", END, "binding", "二(四)4;三(七)4"),
    ("平原林木覆盖率", "%", "≥", "21.30", END, "binding", "二(五)1;三(八)2"),
    ("林木蓄积量", "万立方米", "≥", "1.58", END, "binding", "二(五)1"),
    ("建成区绿地率", "%", "around", "40", END, "binding", "二(五)1"),
    ("建立环境应急物资储备体系比例", "%", "≥", "100", END, "binding", "二(六)2"),
    ("建筑废弃物综合利用率", "%", "≥", "80", END, "binding", "三(一)4"),
    ("建成节水型单位的机关比例", "%", "≥", "50", Y2017, "binding", "三(三)5"),
    ("城市新区新发生内涝次数", "次", "≤", "0", END, "binding", "三(三)5"),
    ("仍使用煤炭的企业数", "家", "≤", "0", END, "binding", "三(四)1"),
    ("城市公交节能清洁能源车比例", "%", "≥", "35", Y2017, "binding", "三(四)3"),
    ("港口码头低压岸电工程覆盖率", "%", "≥", "100", Y2017, "binding", "三(四)4"),
    ("标准化船舶占内河运输船舶总吨比例", "%", "≥", "50", Y2017, "binding", "三(四)4"),
    ("内河水域船舶和港作机械新能源和清洁能源替代比例", "%", "≥", "2", Y2017, "binding", "三(四)4"),
    ("开放集装箱码头港作机械的新能源及清洁能源替代率", "%", "≥", "50", Y2017, "binding", "三(四)4"),
    ("大宗干散货码头粉尘防治综合改造比例", "%", "≥", "80", Y2017, "binding", "三(四)5"),
    ("内河易扬尘码头及堆场地面硬化率", "%", "≥", "100", Y2017, "binding", "三(四)5"),
    ("内河易扬尘码头及堆场喷淋设施覆盖率", "%", "≥", "100", Y2017, "binding", "三(四)5"),
    ("秸秆综合利用率", "%", "≥", "95", END, "binding", "三(四)6"),
    ("秸秆能源化利用率", "%", "≥", "13", END, "binding", "三(四)6"),
    ("测土配方施肥面积", "万亩", "around", "3.16", END, "binding", "三(四)6"),
    ("有机肥推广量", "万吨", "around", "0.1", END, "binding", "三(四)6"),
    ("农田土壤污染常规监测点", "个", "≥", "2", END, "binding", "三(五)1"),
    ("新增违章建筑发现率", "%", "≥", "100", END, "stretch", "三(六)1"),
    ("新增违章建筑拆除率", "%", "≥", "100", END, "stretch", "三(六)1"),
    ("拆后土地利用率", "%", ">", "80", END, "binding", "三(六)1"),
    ("“蓝色屋面”整治率", "%", "≥", "100", Y2017, "binding", "三(六)1"),
    ("综合示范公园", "个", "≥", "1", Y2017, "stretch", "三(六)3"),
    ("绿化美化示范路", "条", "≥", "1", Y2017, "stretch", "三(六)3"),
    ("省级美丽乡村示范村", "个", "≥", "1", END, "stretch", "三(七)2"),
    ("优美庭院示范户", "户", "≥", "1000", END, "stretch", "三(七)2"),
    ("美丽乡村建设精品线(带、片)", "条", "≥", "3", END, "binding", "三(七)2"),
    ("河道清淤轮疏里程", "公里", "around", "80", END, "binding", "三(八)1"),
    ("清淤土方", "万立方米", "≥", "60", END, "binding", "三(八)1"),
    ("平原绿化面积", "万亩", "≥", "0.33", END, "stretch", "三(八)2"),
    ("重点公益林保有量", "万亩", "≥", "1.3", END, "binding", "三(八)2"),
    ("湿地保有量(含海域)", "公顷", "≥", "4571.47", END, "binding", "三(八)2"),
]  # fmt: skip


@pytest.mark.parametrize("row", SAMPLE, ids=[row[0] for row in SAMPLE])
def test_a_number_is_as_printed(document: PlanDocument, row: tuple[str, ...]):
    name, unit, comparator, value, due_on, strength, clauses = row
    (target,) = targets(document, name)
    assert indicator(document, name).unit == unit
    assert (target.comparator, target.value) == (comparator, Decimal(value))
    assert (target.due_on, target.strength) == (date.fromisoformat(due_on), strength)
    assert (target.low, target.high, target.state) == (None, None, "assigned")
    assert indicator(document, name).clauses == tuple(clauses.split(";"))
    assert target.clause == clauses.split(";")[0]


def test_counts_by_kind_state_strength_and_comparator(document: PlanDocument):
    assert Counter(row.kind for row in document.indicators) == {
        "quantitative": 76,
        "trend": 14,
        "deliverable": 11,
        "graded": 8,
    }
    assert Counter(row.state for row in document.targets) == {"assigned": 98, "pending": 12}
    assert Counter(row.strength for row in document.targets) == {"binding": 77, "expected": 23, "stretch": 10}
    kinds = {row.code: row.kind for row in document.indicators}
    assert Counter(row.comparator for row in document.targets if kinds[row.indicator] == "quantitative") == {
        "≤": 13,
        "around": 4,
        "range": 2,
        ">": 1,
        "≥": 57,
    }


def test_every_indicator_has_a_target_a_clause_and_a_proposed_data_department(document: PlanDocument):
    with_target = {row.indicator for row in document.targets}
    for row in document.indicators:
        assert row.code in with_target
        assert row.clauses
        assert row.data_department
        assert row.data_department_proposed


def test_goals_need_no_task_and_what_only_an_action_asks_names_it(document: PlanDocument):
    for row in document.indicators:
        assert row.goal_no or row.task_nos, row.code
        assert (row.goal_no is None) == all(clause.startswith("三") for clause in row.clauses), row.code


def test_deliverables_trends_and_levels_belong_to_goals(document: PlanDocument):
    judged = [row for row in document.indicators if row.kind != "quantitative"]
    assert [row.code for row in judged if row.goal_no is None] == [
        "T9.4-01"
    ]  # 辐射本底, a quality to be kept


def test_goal_sentences_without_numbers(document: PlanDocument):
    strengths = {
        "高效设施农业示范区": ("deliverable", "stretch"),
        "农业生产“四化”样板区": ("deliverable", "stretch"),
        "农业现代化先行区": ("deliverable", "stretch"),
        "固废处置设施建设": ("deliverable", "binding"),
        "责任追究制度": ("deliverable", "binding"),
        "公众对生态环境满意度": ("trend", "expected"),
        "全社会生态文明素养": ("trend", "expected"),
        "重金属污染隐患消除": ("graded", "expected"),
        "市场在资源环境要素配置中的基础性作用": ("graded", "expected"),
        "辐射安全保障": ("graded", "binding"),
    }
    for name, expected in strengths.items():
        (target,) = targets(document, name)
        assert (indicator(document, name).kind, target.strength) == expected, name
        assert target.due_on == date(2020, 12, 31)


# Traps


def test_twelve_targets_await_their_number_from_above(document: PlanDocument):
    names = {row.code: row.name for row in document.indicators}
    pending = [row for row in document.targets if row.state == "pending"]
    assert [names[row.indicator] for row in pending] == [
        "单位地区生产总值能耗",
        "单位地区生产总值用水量",
        "能源消费强度",
        "能源消费总量",
        "化学需氧量排放总量",
        "氨氮排放总量",
        "二氧化硫排放总量",
        "氮氧化物排放总量",
        "主要重金属污染物减排指标",
        "单位地区生产总值二氧化碳排放下降率",
        "年煤炭消费总量",
        "落后产能淘汰任务",
    ]
    assert all(row.value is row.low is row.high is None for row in pending)


def test_same_facts_are_one_indicator_with_several_clauses(document: PlanDocument):
    for name, clauses in {
        "单位地区生产总值二氧化碳排放下降率": ("二(三)4", "三(二)1"),
        "能源消费总量": ("二(三)1", "三(二)1"),
        "主要重金属污染物减排指标": ("二(三)3", "三(五)3"),
        "重金属污染隐患消除": ("二(二)3", "三(五)3"),
        "基本农田特别是农业“两区”土壤环境质量": ("二(二)3", "三(五)2"),
        "农业现代化先行区": ("二(一)3", "三(一)2"),
    }.items():
        assert indicator(document, name).clauses == clauses


def test_near_but_different_rates_stay_apart(document: PlanDocument):
    names = ["城乡生活污水处理率", "建成区污水处理率", "农村生活污水治理行政村覆盖率"]
    assert [targets(document, name)[0].value for name in names] == [90, 95, 90]
    assert len({indicator(document, name).code for name in names}) == 3


def test_four_kinds_of_places_sort_their_waste_and_nothing_counts_twice(document: PlanDocument):
    four = [row for row in document.indicators if "垃圾分类覆盖率" in row.name]
    assert [row.name for row in four] == [
        "城市机关事业单位垃圾分类覆盖率",
        "城市国有企业垃圾分类覆盖率",
        "城市中小学校垃圾分类覆盖率",
        "城市居民小区垃圾分类覆盖率",
    ]
    for row in four:
        assert row.clauses == ("二(七)2", "二(四)4", "三(一)4")
        assert (row.goal_no, row.task_nos) == (7, ("1.4",))
        assert [target.value for target in targets(document, row.name)] == [100]


def test_ships_and_terminals_are_split(document: PlanDocument):
    shore = {
        row.name: targets(document, row.name)[0].value for row in document.indicators if "岸电" in row.name
    }
    assert shore == {
        "港口码头低压岸电工程覆盖率": 100,
        "港作船舶靠泊使用岸电比例": 90,
        "公务船舶靠泊使用岸电比例": 90,
        "集装箱专业化码头具备岸电供应能力比例": 50,
        "客滚专业化码头具备岸电供应能力比例": 50,
        "邮轮专业化码头具备岸电供应能力比例": 50,
    }


def test_more_than_is_strict_only_where_printed(document: PlanDocument):
    kinds = {row.code: row.kind for row in document.indicators}
    strict = [row for row in document.targets if row.comparator == ">" and kinds[row.indicator] != "trend"]
    assert [(row.indicator, row.value) for row in strict] == [("T6.1-03", 80)]


def test_about_has_no_tolerance_until_the_office_sets_one(document: PlanDocument):
    about = [row for row in document.targets if row.comparator == "around"]
    assert {row.indicator: row.value for row in about} == {
        "G5-03": 40,
        "T4.6-03": Decimal("3.16"),
        "T4.6-04": Decimal("0.1"),
        "T8.1-01": 80,
    }
    assert all(row.tolerance is None for row in document.targets)


def test_ranges_keep_both_ends(document: PlanDocument):
    ranges = [row for row in document.targets if row.comparator == "range"]
    assert [(row.indicator, row.low, row.high, row.value) for row in ranges] == [
        ("T6.3-03", 300, 500, None),
        ("T8.1-03", 3, 5, None),
    ]


def test_stretch_is_what_the_document_only_strives_for(document: PlanDocument):
    assert [row.indicator for row in document.targets if row.strength == "stretch"] == [
        "G1-09", "G1-10", "G1-11", "T6.1-01", "T6.1-02", "T6.3-01", "T6.3-02", "T7.2-01", "T7.2-02", "T8.2-01",
    ]  # fmt: skip
    stretch = [(row.task_no, row.no) for row in document.milestones if row.strength == "stretch"]
    assert stretch == [("3.5", 1), ("4.3", 2), ("4.3", 3), ("4.3", 4), ("7.2", 1)]


def test_doubtful_reach_of_a_word_is_noted(document: PlanDocument):
    for name in (
        "优美庭院示范户",
        "居民见园距离",
        "重点公益林保有量",
        "湿地保有量(含海域)",
        "地表水监测断面Ⅳ类以上水质的比例",
        "年煤炭消费总量",
    ):
        assert "有歧义" in targets(document, name)[0].note, name
    assert "有歧义" in milestone(document, "7.2", "未拆迁村").note
    assert "有歧义" in milestone(document, "6.1", "无违建区").note


def test_conditions_are_kept_and_undecided(document: PlanDocument):
    conditional = {row.indicator: row.condition for row in document.targets if row.condition}
    assert conditional == {"G2-02": "在上游来水稳定改善的基础上", "T4.1-01": "除集中供热用煤外"}
    assert {row.name: row.condition for row in document.milestones if row.condition} == {
        "淤积严重河道全消除": "平均淤积50厘米左右及以上"
    }
    assert all(row.condition_holds is None for row in document.targets)


def test_what_must_be_kept_holds_in_every_period(document: PlanDocument):
    assert {row.name for row in document.indicators if row.holds} == {
        "医疗废物无害化处理率",
        "平原林木覆盖率",
        "城市新区新发生内涝次数",
        "秸秆综合利用率",
        "测土配方施肥面积",
        "有机肥推广量",
        "新增违章建筑发现率",
        "新增违章建筑拆除率",
        "辐射环境质量",
    }


def test_the_greenway_is_one_quantity_with_two_dated_targets(document: PlanDocument):
    greenway = indicator(document, "绿道网累计完成里程")
    assert (greenway.unit, greenway.accumulation, greenway.task_nos) == ("公里", "plan_to_date", ("6.3",))
    assert [(row.due_on, row.value) for row in targets(document, greenway.name)] == [
        (date(2017, 12, 31), 23),
        (date(2020, 12, 31), 32),
    ]


def test_requirements_overdue_when_issued_are_there(document: PlanDocument):
    overdue = [row for row in document.milestones if row.due_on < document.plan.issued_on]
    assert [(row.task_no, row.due_on, row.strength) for row in overdue] == [
        ("3.4", date(2016, 12, 31), "expected"),
        ("4.3", date(2016, 4, 1), "binding"),
    ]


def test_milestones_by_task(document: PlanDocument):
    assert Counter(row.task_no for row in document.milestones) == {
        "3.3": 2, "3.4": 3, "3.5": 2, "4.1": 1, "4.2": 1, "4.3": 4, "5.4": 3, "6.1": 2, "6.3": 4, "7.2": 1, "8.1": 1,
        "9.1": 2,
    }  # fmt: skip
    assert Counter(row.due_on.year for row in document.milestones) == {2016: 2, 2017: 6, 2018: 1, 2020: 17}
    assert milestone(document, "4.2", "超低排放").due_on == date(2017, 12, 31)
    assert milestone(document, "3.5", "雨污分流").due_on == date(2018, 12, 31)


def test_doubtful_wording_carries_a_note(document: PlanDocument):
    assert "Ⅲ类" in indicator(document, "地表水监测断面Ⅳ类以上水质的比例").note
    assert "分母不明" in indicator(document, "建立环境应急物资储备体系比例").note
    assert "分别" in targets(document, "城市公交节能清洁能源车比例")[0].note
    assert "不同程度下降或达到" in milestone(document, "3.3", "入海河流").note
    assert "没有与之对应的量化任务" in indicator(document, "服务业增加值").note


def test_ranges_say_that_the_outside_is_open(document: PlanDocument):
    for name in ("居民见园距离", "美丽河道"):
        assert "文内未说明，按区间录入" in targets(document, name)[0].note, name


def test_a_data_department_leads_a_task_that_carries_the_indicator(document: PlanDocument):
    """Convened rows count for their convenor; where no task carries it, the note says where it was taken from."""
    convenors = {row.name: row.convenor or row.name for row in document.departments}
    leads = {
        row.task_no: convenors[row.department] for row in document.responsibilities if row.role == "lead"
    }
    for row in document.indicators:
        if row.task_nos:
            assert row.data_department in {leads[no] for no in row.task_nos}, row.code
        else:
            assert "暂拟" in row.note, row.code


def test_names_are_printed_as_where_they_first_stand(document: PlanDocument):
    names = {row.code: row.name for row in document.indicators}
    assert names["G1-08"] == "“现代农业示范区、家庭农场、休闲观光餐饮特色园”三位一体的新型智慧农场"
    assert names["G2-03"] == "地表水监测断面Ⅳ类以上水质的比例"
    assert names["G3-07"] == "主要重金属污染物减排指标"
    assert names["T4.4-09"] == "开放集装箱码头港作机械的新能源及清洁能源替代率"
    assert names["T4.6-01"] == "秸秆综合利用率"
    assert not any("V" in name or "（" in name or "）" in name for name in names.values())


def test_undated_requirements_say_that_the_plans_end_was_taken(document: PlanDocument):
    undated = [row.indicator for row in document.targets if "原文未写期限" in row.note]
    assert undated == ["T3.5-02", "T4.1-03", "T5.1-01", "T6.1-01", "T6.1-02", "T7.2-03", "T8.1-03", "T9.4-01"]


def test_how_values_are_entered_and_judged(document: PlanDocument):
    def rule(name: str) -> tuple[str, str, str, str]:
        row = indicator(document, name)
        return (row.accumulation, row.combine, row.span, row.asked)

    assert rule("PM2.5浓度") == ("this_period", "mean", "rolling_four_quarters", "quarterly")
    assert rule("空气质量优良天数比率") == ("this_period", "parts", "rolling_four_quarters", "quarterly")
    assert rule("服务业增加值") == ("year_to_date", "last", "calendar_year", "quarterly")
    assert rule("建成区污水处理率") == ("point_in_time", "last", "calendar_year", "quarterly")
    assert rule("平原林木覆盖率") == ("point_in_time", "last", "calendar_year", "yearly")
    assert rule("清淤土方") == ("plan_to_date", "last", "calendar_year", "quarterly")
    assert rule("城市新区新发生内涝次数") == ("this_period", "sum", "calendar_year", "quarterly")


def test_no_baseline_is_invented(document: PlanDocument):
    assert all(row.baseline is None and row.baseline_year is None for row in document.indicators)
    assert {row.expected_by for row in document.indicators} == {"milestone"}

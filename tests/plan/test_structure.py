"""The shipped 811 plan against the document: departments, goals, actions, tasks and the responsibility table."""

from collections import Counter
from datetime import date

from tasks.plan_files import PlanDocument

# Units in each line of the annex, counted by hand.
ANNEX = {
    1: [6, 5, 4, 5],
    2: [5, 3, 4],
    3: [3, 4, 5, 2, 2],
    4: [4, 4, 8, 5, 6, 5],
    5: [4, 4, 9, 4],
    6: [1, 5, 6, 8],
    7: [3, 7, 4, 6],
    8: [3, 3, 5],
    9: [2, 4, 3, 3, 5],
    10: [3, 3, 7, 4, 4, 7],
    11: [5, 5, 5, 2],
}
LEADS = {
    1: ["经发局"],
    2: ["经发局", "环保局"],
    3: ["五水办"],
    4: ["五气办"],
    5: ["环保局"],
    6: ["规划建设局"],
    7: ["乍浦镇"],
    8: ["乍浦镇"],
    9: ["社发局"],
    10: ["社发局"],
    11: ["美丽办"],
}


def units(document: PlanDocument, no: str) -> list[str]:
    """The units of a task in the order of the annex."""
    rows = sorted((row for row in document.responsibilities if row.task_no == no), key=lambda row: row.order)
    return [row.department for row in rows]


def test_the_plan_is_named_and_dated_as_issued(document: PlanDocument):
    plan = document.plan
    assert (plan.code, plan.name) == ("811-2016-2020", "“811”美丽港区建设行动方案(2016-2020)")
    assert plan.doc_no == "嘉港区工委办〔2017〕31号"
    assert (plan.issued_on, plan.starts_on, plan.ends_on) == (
        date(2017, 5, 19),
        date(2016, 1, 1),
        date(2020, 12, 31),
    )
    assert plan.office == "美丽办"


def test_every_table_has_the_size_of_the_document(document: PlanDocument):
    assert len(document.departments) == 33
    assert len(document.goals) == 8
    assert len(document.actions) == 11
    assert len(document.action_leads) == 12
    assert len(document.tasks) == 48
    assert len(document.responsibilities) == 214
    assert len(document.indicators) == 109
    assert len(document.targets) == 110
    assert len(document.milestones) == 26
    assert document.plan_values == ()


def test_goals_in_order(document: PlanDocument):
    assert [(goal.no, goal.name, goal.clause) for goal in document.goals] == [
        (1, "绿色经济培育目标", "二(一)"),
        (2, "环境质量目标", "二(二)"),
        (3, "节能减排目标", "二(三)"),
        (4, "污染防治目标", "二(四)"),
        (5, "生态保护目标", "二(五)"),
        (6, "灾害防控目标", "二(六)"),
        (7, "生态人文目标", "二(七)"),
        (8, "制度创新目标", "二(八)"),
    ]
    assert Counter(indicator.goal_no for indicator in document.indicators) == {
        1: 11, 2: 12, 3: 8, 4: 11, 5: 3, 6: 8, 7: 8, 8: 6, None: 42,
    }  # fmt: skip


def test_departments_by_kind(document: PlanDocument):
    assert len({department.name for department in document.departments}) == 33
    assert Counter(department.kind for department in document.departments) == {
        "bureau": 12,
        "branch": 6,
        "resident": 4,
        "enterprise": 3,
        "coordinating": 3,
        "judicial": 3,
        "town": 1,
        "group": 1,
    }


def test_names_keep_the_brackets_of_the_annex(document: PlanDocument):
    names = {department.name for department in document.departments}
    assert {"财政(地税)分局", "嘉兴市滨海办(港务局)", "办公室(财审处)", "检察室", "检察"} <= names


def test_doubtful_departments_are_flagged_and_no_others(document: PlanDocument):
    assert {department.name for department in document.departments if department.flag} == {
        "应急响应中心",
        "检察室",
        "检察",
        "党政办",
        "办公室(财审处)",
        "三改一拆领导小组各成员单位",
    }


def test_only_the_truncated_name_owes_nothing(document: PlanDocument):
    assert [department.name for department in document.departments if not department.owes] == ["检察"]


def test_the_group_is_filed_through_a_proposed_convenor(document: PlanDocument):
    convened = [department for department in document.departments if department.convenor]
    assert [(unit.name, unit.kind, unit.convenor, unit.convenor_proposed) for unit in convened] == [
        ("三改一拆领导小组各成员单位", "group", "规划建设局", True)
    ]
    assert not any(unit.convenor_proposed for unit in document.departments if not unit.convenor)


def test_actions_and_their_leads(document: PlanDocument):
    leads: dict[int, list[str]] = {}
    for lead in sorted(document.action_leads, key=lambda lead: (lead.action_no, lead.order)):
        leads.setdefault(lead.action_no, []).append(lead.department)
    assert leads == LEADS
    assert [action.name for action in document.actions] == [
        "绿色经济培育行动",
        "节能减排行动",
        "“五水共治”行动",
        "大气污染防治行动",
        "土壤污染防治行动",
        "“三改一拆”行动",
        "深化美丽乡村建设行动",
        "生态屏障建设行动",
        "灾害防控行动",
        "生态人文行动",
        "制度创新行动",
    ]
    assert document.actions[10].clause == "三(十一)"


def test_every_line_of_the_annex_has_its_units(document: PlanDocument):
    counted = Counter(row.task_no for row in document.responsibilities)
    expected = {
        f"{action}.{place}": size
        for action, sizes in ANNEX.items()
        for place, size in enumerate(sizes, start=1)
    }
    assert dict(counted) == expected
    assert [task.no for task in document.tasks] == list(expected)


def test_units_stand_in_the_order_of_the_annex(document: PlanDocument):
    assert units(document, "1.1") == [
        "经发局", "规划建设局", "国土资源局", "环保局", "乍浦镇", "财政(地税)分局",
    ]  # fmt: skip
    assert units(document, "4.3") == [
        "公安分局", "规划建设局", "环保局", "经发局", "乍浦镇", "中石化嘉兴分公司", "中石油嘉兴分公司", "市场监管分局",
    ]  # fmt: skip
    assert units(document, "5.3") == [
        "环保局", "经发局", "国土资源局", "规划建设局", "安监局", "社发局", "乍浦镇", "质监分局", "财政(地税)分局",
    ]  # fmt: skip
    assert units(document, "6.1") == ["三改一拆领导小组各成员单位"]
    assert units(document, "8.3") == [
        "嘉兴海事局", "乍浦镇", "环保局", "规划建设局", "嘉兴市滨海办(港务局)",
    ]  # fmt: skip
    assert units(document, "10.3") == [
        "党群部", "人力社保局", "经发局", "社发局", "综治办", "乍浦镇", "检察室",
    ]  # fmt: skip
    assert units(document, "11.2") == ["环保局", "办公室(财审处)", "国土资源局", "经发局", "乍浦镇"]
    assert units(document, "11.3") == ["环保局", "党政办", "公安分局", "平湖市法院", "检察"]


def test_the_first_unit_leads_and_the_others_cooperate(document: PlanDocument):
    assert all((row.role == "lead") == (row.order == 1) for row in document.responsibilities)
    assert Counter(row.role for row in document.responsibilities) == {"lead": 48, "cooperating": 166}
    assert not any(row.valid_from or row.valid_to for row in document.responsibilities)


def test_a_quarter_owes_225_entries_without_readings(document: PlanDocument):
    owes = {department.name for department in document.departments if department.owes}
    rows = [row for row in document.responsibilities if row.department in owes]
    assert len(rows) + len(document.action_leads) == 225


def test_titles_differ_between_body_and_annex_in_five_places(document: PlanDocument):
    differing = {
        task.no: (task.title, task.annex_title) for task in document.tasks if task.title != task.annex_title
    }
    assert differing == {
        "2.3": ("推进资源节约集约高效利用", "推进资源集约节约高效利用"),
        "5.4": ("加强危险废物安全处置", "加强危险废物和污泥安全处置"),
        "11.1": ("建立“源头严管”制度", "建立源头严管制度"),
        "11.2": ("完善“过程严控”措施", "完善过程严控措施"),
        "11.3": ("实施“恶果严惩”机制", "实施恶果严惩机制"),
    }
    titles = {task.no: task.annex_title for task in document.tasks}
    assert titles["11.4"] == "建立“多元投入”体系"
    assert all("标题异文" in task.note for task in document.tasks if task.no in differing)


def test_clauses_of_tasks(document: PlanDocument):
    clauses = {task.no: task.clause for task in document.tasks}
    assert (clauses["1.1"], clauses["4.3"], clauses["10.6"], clauses["11.4"]) == (
        "三(一)1",
        "三(四)3",
        "三(十)6",
        "三(十一)4",
    )


def test_misprints_are_kept_and_noted_with_their_task(document: PlanDocument):
    notes = {task.no: task.note for task in document.tasks}
    assert "加决" in notes["4.4"]
    assert "防尘实施" in notes["4.5"]
    assert "农业利用率" in notes["5.2"]
    assert "建城区" in notes["6.3"]
    assert "生产业保护" in notes["10.1"]
    assert "股份" in notes["4.2"]
    assert "股份" in notes["4.5"]
    assert "检察" in notes["11.3"]


def test_trailing_commas_of_the_annex_make_no_unit(document: PlanDocument):
    noted = [task.no for task in document.tasks if "逗号" in task.note]
    assert noted == ["1.1", "1.3", "3.1", "3.2", "7.2", "8.3", "10.3"]
    assert all(row.department.strip() for row in document.responsibilities)


def test_leads_missing_from_their_own_actions_table_are_noted(document: PlanDocument):
    notes = {action.no: action.note for action in document.actions}
    assert [no for no, note in notes.items() if "不在" in note] == [3, 4, 9, 10, 11]

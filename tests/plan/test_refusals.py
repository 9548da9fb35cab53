"""Spoilt tables are refused by file, row and column, with what to do, and all at once."""

from pathlib import Path

import pytest

from tasks.plan_files import read_plan, to_json
from tests.plan.conftest import SHIPPED, drop, edit, lines_of, problems_of, row_of, write_lines

# table, row, column, what is typed, what is said
CELLS = [
    ("targets", 2, "value", "五十五", "targets.csv 第2行 value（目标值）列：“五十五”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号"),
    ("targets", 2, "value", "55%", "targets.csv 第2行 value（目标值）列：“55%”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号"),
    ("targets", 2, "value", "1,055", "targets.csv 第2行 value（目标值）列：“1,055”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号"),
    ("targets", 2, "value", "NaN", "targets.csv 第2行 value（目标值）列：“NaN”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号"),
    ("targets", 2, "value", "55.00001", "targets.csv 第2行 value（目标值）列：“55.00001”小数超过4位；请按原文数字填写"),
    ("targets", 2, "value", "", "targets.csv 第2行 value（目标值）列：请填 value，low 和 high 留空；数值未定的，状态写 pending"),
    ("targets", 6, "value", "3", "targets.csv 第6行 value（目标值）列：待下达的目标值还没有数值；请留空，或把状态改为 assigned"),
    ("targets", 2, "due_on", "2020年底", "targets.csv 第2行 due_on（期限）列：“2020年底”不是日期；请写成 2020-12-31 的形式"),
    ("targets", 2, "due_on", "2020-02-30", "targets.csv 第2行 due_on（期限）列：“2020-02-30”这一天不存在；请核对年月日"),
    ("targets", 2, "due_on", "2002-12-31", "targets.csv 第2行 due_on（期限）列：2002-12-31不在方案期2016-01-01至2020-12-31内；请核对年份"),
    ("targets", 2, "indicator", "G1-99", "targets.csv 第2行 indicator（指标代码）列：没有指标“G1-99”；请改正，或先在 indicators 中加上"),
    ("targets", 2, "comparator", ">=", "targets.csv 第2行 comparator（比较）列：“>=”不在可选值中；可选：≥、>、≤、<、=、range、around"),
    ("targets", 2, "strength", "", "targets.csv 第2行 strength（约束强度）列：没有填写；这一格必填"),
    ("targets", 2, "tolerance", "-1", "targets.csv 第2行 tolerance（容差）列：容差不能小于0；请改正"),
    ("targets", 2, "condition_holds", "成立", "targets.csv 第2行 condition_holds（条件是否成立）列：“成立”应为“是”或“否”"),
    ("targets", 2, "clause", "二" * 41, "targets.csv 第2行 clause（条款）列：有41个字，最多40个字；请缩短"),
    ("indicators", 3, "code", "G1-01", "indicators.csv 第3行 code（代码）列：指标代码与第2行重复；请删去一行或改正"),
    ("indicators", 2, "code", "服务业", "indicators.csv 第2行 code（代码）列：“服务业”只能由字母、数字、点、下划线和连字符组成；请改正"),
    ("indicators", 2, "goal_no", "9", "indicators.csv 第2行 goal_no（目标类别）列：没有目标类别“9”；请改正，或先在 goals 中加上"),
    ("indicators", 2, "task_nos", "1.2；1.9", "indicators.csv 第2行 task_nos（任务）列：没有任务“1.9”；请改正，或先在 tasks 中加上"),
    ("indicators", 2, "data_department", "服务局", "indicators.csv 第2行 data_department（数据单位）列：没有责任单位“服务局”；请改正，或先在 departments 中加上"),
    ("indicators", 2, "decimals", "5", "indicators.csv 第2行 decimals（小数位）列：“5”不是0到4之间的整数；请改正"),
    ("indicators", 2, "combine", "parts", "indicators.csv 第2行 numerator（分子）列：按分子分母合成的指标要写明分子和分母各是什么"),
    ("indicators", 2, "baseline", "40", "indicators.csv 第2行 baseline（基期值）列：基期值和基期年份要么都填，要么都不填"),
    ("indicators", 2, "clauses", "；", "indicators.csv 第2行 clauses（条款）列：没有填写出处；请写明条款，如 二(一)1"),
    ("indicators", 2, "name", "=HYPERLINK(1)", "indicators.csv 第2行 name（名称）列：“=HYPERLINK(1)”以“=”开头，像公式；请改为普通文字"),
    ("indicators", 2, "note", "a\x07b", "indicators.csv 第2行 note（校注）列：含有看不见的控制字符；请重新输入这一格"),
    ("departments", 3, "name", "经发局", "departments.csv 第3行 name（名称）列：单位名称与第2行重复；请删去一行或改正"),
    ("departments", 2, "kind", "局", "departments.csv 第2行 kind（性质）列：“局”不在可选值中；可选：town、bureau、branch、resident、enterprise、coordinating、judicial、group"),
    ("departments", 2, "owes", "yes", "departments.csv 第2行 owes（承担报送）列：“yes”应为“是”或“否”"),
    ("departments", 2, "convenor", "经发局", "departments.csv 第2行 convenor（召集单位）列：召集单位不能是自己；请改为另一单位或留空"),
    ("departments", 2, "convenor_proposed", "是", "departments.csv 第2行 convenor_proposed（召集单位待确认）列：没有召集单位，这里应为“否”"),
    ("goals", 3, "no", "1", "goals.csv 第3行 no（序号）列：序号与第2行重复；请删去一行或改正"),
    ("actions", 2, "name", "", "actions.csv 第2行 name（名称）列：没有填写；这一格必填"),
    ("action_leads", 4, "department", "经发局", "action_leads.csv 第4行 department（牵头单位）列：同一行动的牵头单位与第3行重复；请删去一行或改正"),
    ("action_leads", 4, "order", "1", "action_leads.csv 第4行 order（顺序）列：同一行动的顺序与第3行重复；请删去一行或改正"),
    ("tasks", 2, "no", "1", "tasks.csv 第2行 no（编号）列：“1”不是任务编号；请写成 4.3 的形式"),
    ("responsibilities", 3, "role", "lead", "responsibilities.csv 第3行 role（角色）列：任务1.1已有牵头单位（第2行）；同一时间只能有一个 lead，请改为 cooperating，或改生效、失效日期"),
    ("responsibilities", 2, "role", "cooperating", "tasks.csv 第2行 no（编号）列：任务1.1没有牵头单位；请在 responsibilities 中标明一个 lead"),
    ("responsibilities", 3, "department", "规建局", "responsibilities.csv 第3行 department（责任单位）列：没有责任单位“规建局”；请改正，或先在 departments 中加上"),
    ("responsibilities", 3, "department", "经发局", "responsibilities.csv 第3行 department（责任单位）列：同一任务的责任单位与第2行重复；请删去一行或改正"),
    ("responsibilities", 3, "order", "1", "responsibilities.csv 第3行 order（附件顺序）列：同一任务的附件顺序与第2行重复；请删去一行或改正"),
    ("responsibilities", 3, "task_no", "1.9", "responsibilities.csv 第3行 task_no（任务）列：没有任务“1.9”；请改正，或先在 tasks 中加上"),
    ("milestones", 3, "no", "1", "milestones.csv 第3行 no（序号）列：同一任务的节点序号与第2行重复；请删去一行或改正"),
    ("milestones", 2, "due_on", "2071-12-31", "milestones.csv 第2行 due_on（期限）列：2071-12-31不在方案期2016-01-01至2020-12-31内；请核对年份"),
    ("targets", 2, "value", "５５", "targets.csv 第2行 value（目标值）列：“５５”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号"),
    ("targets", 2, "value", "1e5", "targets.csv 第2行 value（目标值）列：“1e5”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号"),
    ("targets", 2, "value", "999999999999999", "targets.csv 第2行 value（目标值）列：“999999999999999”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号"),
    ("targets", 2, "due_on", "44196", "targets.csv 第2行 due_on（期限）列：“44196”不是日期；请写成 2020-12-31 的形式"),
    ("targets", 4, "value", "4", "targets.csv 第4行 value（目标值）列：这个指标按等级填报，目标值应是0到3之间的级数；请改正"),
    ("targets", 4, "value", "2.5", "targets.csv 第4行 value（目标值）列：这个指标按等级填报，目标值应是0到3之间的级数；请改正"),
    ("targets", 2, "note", "@SUM(A1)", "targets.csv 第2行 note（校注）列：“@SUM(A1)”以“@”开头，像公式；请改为普通文字"),
    ("indicators", 2, "name", "服务业\n增加值", "indicators.csv 第2行 name（名称）列：这一格不能换行，也不能有制表符；请写成一行"),
    ("indicators", 2, "name", "服务业\u200b增加值", "indicators.csv 第2行 name（名称）列：含有看不见的控制字符；请重新输入这一格"),
    ("indicators", 2, "clauses", "二;" * 501, "indicators.csv 第2行 clauses（条款）列：有1002个字，最多1000个字；请缩短"),
    ("responsibilities", 7, "department", "财政（地税）分局", "responsibilities.csv 第7行 department（责任单位）列：没有责任单位“财政（地税）分局”，有“财政(地税)分局”，全角半角或空格不同；请改成一样的写法"),
    ("responsibilities", 3, "department", "规划\u3000建设局", "responsibilities.csv 第3行 department（责任单位）列：没有责任单位“规划\u3000建设局”，有“规划建设局”，全角半角或空格不同；请改成一样的写法"),
    ("departments", 24, "convenor", "检察", "departments.csv 第24行 convenor（召集单位）列：“检察”自己不报送，不能召集；请改为自己报送的单位"),
    ("plan", 2, "issued_on", "2027-05-19", "plan.csv 第2行 issued_on（印发日期）列：印发日期晚于终止日期2020-12-31；请核对年份"),
    ("plan", 2, "office", "办公室", "plan.csv 第2行 office（牵头办公室）列：没有责任单位“办公室”；请改正，或先在 departments 中加上"),
    ("plan", 2, "code", "8.1.1", "plan.csv 第2行 code（代码）列：“8.1.1”只能由字母、数字、下划线和连字符组成；请改正"),
    ("plan", 2, "behind_above", "20", "plan.csv 第2行 late_above（红灯界限）列：红灯界限不能小于黄灯界限，两者都不能小于0；请改正"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "row", "column", "typed", "said"), CELLS)
def test_a_bad_cell_is_named(folder: Path, table: str, row: int, column: str, typed: str, said: str):
    edit(folder, table, row, column, typed)
    assert said in problems_of(folder)


def test_a_bad_cell_is_the_only_thing_complained_about(folder: Path):
    row = row_of(folder, "responsibilities", "department", "检察室")
    edit(folder, "responsibilities", row, "department", "检查室")
    assert problems_of(folder) == [
        f"responsibilities.csv 第{row}行 department（责任单位）列："
        "没有责任单位“检查室”；请改正，或先在 departments 中加上"
    ]


def test_blanks_around_a_name_are_no_part_of_it(folder: Path):
    for typed in ("规划建设局 ", "\u00a0规划建设局\u00a0", "规划建设局\u3000"):
        edit(folder, "responsibilities", 3, "department", typed)
        assert read_plan(folder).responsibilities == read_plan(SHIPPED).responsibilities


def test_a_convenor_of_a_convenor(folder: Path):
    edit(folder, "departments", 2, "convenor", "规划建设局")
    edit(folder, "departments", 3, "convenor", "经发局")
    said = "列：“{}”自己不报送，不能召集；请改为自己报送的单位"
    assert problems_of(folder) == [
        "departments.csv 第2行 convenor（召集单位）" + said.format("规划建设局"),
        "departments.csv 第3行 convenor（召集单位）" + said.format("经发局"),
        "departments.csv 第24行 convenor（召集单位）" + said.format("规划建设局"),
    ]


def test_a_department_that_nothing_names(folder: Path):
    lines = lines_of(folder, "departments")
    write_lines(folder, "departments", [*lines, ["市政公司", "enterprise", "", "是", "", "否", ""]])
    assert problems_of(folder) == [
        "departments.csv 第35行 name（名称）列：没有任何一行用到“市政公司”；请删去这一行，或写明它承担什么"
    ]


def test_a_plan_value_outside_the_plan(folder: Path):
    header = lines_of(folder, "plan_values")[0]
    write_lines(folder, "plan_values", [header, ["G2-08", "2091-12-31", "41.5", ""]])
    assert problems_of(folder) == [
        "plan_values.csv 第2行 on（日期）列：2091-12-31不在方案期2016-01-01至2020-12-31内；请核对年份"
    ]


def test_plan_dates_in_disorder_are_not_held_against_every_target(folder: Path):
    edit(folder, "plan", 2, "ends_on", "2010-12-31")
    assert problems_of(folder) == ["plan.csv 第2行 ends_on（终止日期）列：终止日期应晚于起始日期；请核对"]


def hand_over(folder: Path, ends_on: str, begins_on: str) -> None:
    """Task 1.1 goes from its lead to the second unit."""
    edit(folder, "responsibilities", 2, "valid_to", ends_on)
    lines = lines_of(folder, "responsibilities")
    edit(folder, "responsibilities", 3, "valid_to", begins_on)
    lines = lines_of(folder, "responsibilities")
    write_lines(
        folder, "responsibilities", [*lines, ["1.1", "1", "规划建设局", "lead", begins_on, "", "机构改革"]]
    )


def test_a_lead_may_hand_over_on_a_day(folder: Path):
    hand_over(folder, "2019-01-01", "2019-01-01")
    assert len(read_plan(folder).responsibilities) == 215


def test_two_leads_at_a_time(folder: Path):
    hand_over(folder, "2019-01-02", "2019-01-01")
    assert problems_of(folder) == [
        "responsibilities.csv 第216行 role（角色）列：任务1.1已有牵头单位（第2行）；"
        "同一时间只能有一个 lead，请改为 cooperating，或改生效、失效日期"
    ]


def test_one_unit_twice_at_a_time(folder: Path):
    lines = lines_of(folder, "responsibilities")
    again = ["1.1", "7", "规划建设局", "cooperating", "2019-01-01", "", ""]
    write_lines(folder, "responsibilities", [*lines, again])
    assert problems_of(folder) == [
        "responsibilities.csv 第216行 valid_from（生效日期）列：同一任务的责任单位与第3行的有效期重叠；请改日期"
    ]


def test_a_cell_is_complained_about_once(folder: Path):
    edit(folder, "targets", 2, "value", "--5")
    assert problems_of(folder) == [
        "targets.csv 第2行 value（目标值）列：“--5”以“-”开头，像公式；请改为普通文字"
    ]


def test_a_note_may_run_over_lines_and_rows_are_counted_as_spreadsheets_do(folder: Path):
    edit(folder, "targets", 2, "note", "第一行\r\n第二行")
    assert read_plan(folder).targets[0].note == "第一行\n第二行"
    edit(folder, "targets", 5, "value", "x")
    (problem,) = problems_of(folder)
    assert problem.startswith("targets.csv 第5行 value（目标值）列：“x”")


def test_a_range_the_wrong_way_round(folder: Path):
    row = row_of(folder, "targets", "comparator", "range")
    edit(folder, "targets", row, "low", "600")
    assert problems_of(folder) == [f"targets.csv 第{row}行 low（下限）列：下限600大于上限500；请核对是否填反"]


def test_a_range_needs_both_ends_and_no_value(folder: Path):
    row = row_of(folder, "targets", "comparator", "range")
    edit(folder, "targets", row, "low", "")
    edit(folder, "targets", row, "value", "400")
    reason = "区间用下限和上限表示；请填 low 和 high，value 留空"
    assert problems_of(folder) == [
        f"targets.csv 第{row}行 low（下限）列：{reason}",
        f"targets.csv 第{row}行 value（目标值）列：{reason}",
    ]


def test_the_same_target_twice(folder: Path):
    lines = lines_of(folder, "targets")
    write_lines(folder, "targets", [*lines, lines[1]])
    assert problems_of(folder) == [
        "targets.csv 第112行 indicator（指标代码）列：同一指标、期限、条款和状态的目标值与第2行重复；请删去一行或改正"
    ]


def test_all_problems_of_all_files_are_told_at_once(folder: Path):
    edit(folder, "goals", 2, "no", "一")
    edit(folder, "targets", 2, "value", "很多")
    edit(folder, "targets", 3, "due_on", "")
    edit(folder, "milestones", 27, "strength", "strong")
    (folder / "actions.csv").unlink()
    files = [problem.split("：")[0] for problem in problems_of(folder)]
    assert files[:5] == [
        "actions.csv",
        "goals.csv 第2行 no（序号）列",
        "targets.csv 第2行 value（目标值）列",
        "targets.csv 第3行 due_on（期限）列",
        "milestones.csv 第27行 strength（约束强度）列",
    ]
    # What follows from the unreadable goal number is told too; the missing file is not held against its users.
    assert {file.split(" ")[0] for file in files[5:]} == {"indicators.csv"}
    assert len(files[5:]) == 11


def test_blank_lines_are_skipped_and_still_counted(folder: Path):
    lines = lines_of(folder, "goals")
    write_lines(folder, "goals", [lines[0], [""] * 4, [], *lines[1:]])
    assert len(read_plan(folder).goals) == 8
    edit(folder, "goals", 4, "no", "x")
    assert problems_of(folder)[0].startswith("goals.csv 第4行")


def test_a_line_with_a_stray_comma(folder: Path):
    lines = lines_of(folder, "goals")
    write_lines(folder, "goals", [*lines[:3], [*lines[3], "多出的话"], *lines[4:]])
    assert problems_of(folder) == ["goals.csv 第4行：有5格，表头只有4格；文字中的英文逗号要用双引号括起"]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (["no", "name", "note"], "表头不对：缺少 clause（条款）；请恢复为说明中的列名"),
        (["no", "名称", "clause", "note"], "表头不对：缺少 name（名称），多出 名称；请恢复为说明中的列名"),
        (["no", "name", "clause", "note", "name"], "表头不对：重复 name；请恢复为说明中的列名"),
    ],
)
def test_a_wrong_header(folder: Path, header: list[str], said: str):
    write_lines(folder, "goals", [header])
    assert problems_of(folder) == [f"goals.csv 第1行：{said}"]


def test_an_empty_file_has_no_header(folder: Path):
    (folder / "plan_values.csv").write_bytes(b"")
    (problem,) = problems_of(folder)
    assert problem.startswith("plan_values.csv 第1行：表头不对：缺少 indicator（指标代码），")


def test_columns_may_stand_in_another_order(folder: Path):
    lines = lines_of(folder, "goals")
    write_lines(folder, "goals", [line[::-1] for line in lines])
    assert read_plan(folder).goals == read_plan(SHIPPED).goals


def test_a_plan_without_its_line(folder: Path):
    write_lines(folder, "plan", lines_of(folder, "plan")[:1])
    assert problems_of(folder) == ["plan.csv 第2行：没有方案这一行；请填写方案的代码、名称和起止日期"]


def test_two_plans_in_one_folder(folder: Path):
    header, line = lines_of(folder, "plan")
    write_lines(folder, "plan", [header, line, line])
    assert problems_of(folder) == ["plan.csv 第3行 code（代码）列：一个文件夹只放一个方案；请删去这一行"]


def test_an_action_without_a_lead(folder: Path):
    drop(folder, "action_leads", lambda line: line["action_no"] != "5")
    assert problems_of(folder) == ["actions.csv 第6行 no（序号）列：没有牵头单位；请在 action_leads 中加上"]


@pytest.mark.parametrize(
    "content", ["单位".encode("gbk"), b"PK\x03\x04\x14\x00\x06\x00\xff\xfe", b"\xff" * 40]
)
def test_a_file_that_is_no_utf8(folder: Path, content: bytes):
    (folder / "goals.csv").write_bytes(content)
    assert problems_of(folder) == [
        "goals.csv：不是 UTF-8 编码的文本；请在表格软件中另存为“CSV UTF-8（逗号分隔）”"
    ]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_columns_divided_by_something_else(folder: Path, mark: str):
    text = (folder / "goals.csv").read_text(encoding="utf-8-sig").replace(",", mark)
    (folder / "goals.csv").write_text(text, encoding="utf-8")
    assert problems_of(folder) == [
        "goals.csv 第1行：各列之间应是英文逗号；请在表格软件中另存为“CSV UTF-8（逗号分隔）”"
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf", b"\xef\xbb\xbf\xef\xbb\xbf"])
def test_line_endings_and_marks_do_not_matter(folder: Path, ending: str, mark: bytes):
    text = (folder / "goals.csv").read_text(encoding="utf-8-sig")
    (folder / "goals.csv").write_bytes(mark + text.replace("\n", ending).encode())
    assert read_plan(folder).goals == read_plan(SHIPPED).goals


def test_a_file_with_binary_content(folder: Path):
    (folder / "goals.csv").write_bytes(b"no,name,clause,note\n1,a\0b,c,\n")
    assert problems_of(folder) == ["goals.csv：含有二进制内容，不是文本表格；请另存为“CSV UTF-8（逗号分隔）”"]


def test_an_open_quote(folder: Path):
    (folder / "goals.csv").write_bytes(b'no,name,clause,note\n1,"a,c,\n')
    assert problems_of(folder) == [
        "goals.csv 第2行：从这一行起引号不成对或一格过长，无法分列；请检查英文双引号"
    ]


def test_a_folder_in_place_of_a_file(folder: Path):
    (folder / "goals.csv").unlink()
    (folder / "goals.csv").mkdir()
    assert problems_of(folder) == ["goals.csv：打不开：这是文件夹，不是文件；请核对"]


def test_one_table_in_place_of_the_folder(folder: Path):
    path = folder / "goals.csv"
    assert problems_of(path) == [f"goals.csv：这只是其中一张表；请给出整个文件夹 {folder}"]


def test_a_path_the_machine_does_not_take(tmp_path: Path):
    path = tmp_path / ("x" * 300)
    assert problems_of(path) == [f"{path}：打不开（File name too long）；请核对路径"]


def test_a_file_that_may_not_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch):
    read_bytes = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "goals.csv":
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert problems_of(folder) == ["goals.csv：打不开：没有读取权限；请检查文件和文件夹的权限"]


def test_no_such_path(tmp_path: Path):
    assert problems_of(tmp_path / "none") == [f"{tmp_path / 'none'}：没有这个文件夹或文件；请核对路径"]


def test_a_missing_file_is_told_once(folder: Path):
    (folder / "departments.csv").unlink()
    assert problems_of(folder) == ["departments.csv：缺少这个文件；没有内容时也要保留表头一行"]


def test_a_spreadsheet_may_rewrite_dates_add_columns_and_drop_the_mark(folder: Path):
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig").replace("2020-12-31", "2020/12/31")
        path.write_text("\n".join(line + ",," for line in text.splitlines()), encoding="utf-8")
    assert to_json(read_plan(folder)) == to_json(read_plan(SHIPPED))

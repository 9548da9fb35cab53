"""Tables of reference data go out to spreadsheets and come back: previewed, all or nothing, by natural keys."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from departments.models import Department
from harbor_plan.lib.exchange import FORMATS
from targets.models import Indicator, Target
from targets.terms import Comparator, TargetState
from tasks.models import Responsibility, Role, Task
from tests.administration.conftest import csv_file, problems, table_of, told, xlsx_file
from tests.factories import (
    make_action,
    make_department,
    make_filer,
    make_goal,
    make_indicator,
    make_plan,
    make_responsibility,
    make_target,
    make_task,
)

DEPARTMENTS = "departments_department"
INDICATORS = "targets_indicator"
TARGETS = "targets_target"
TASKS = "tasks_task"
RESPONSIBILITIES = "tasks_responsibility"

DEPARTMENT_HEAD = ["名称", "性质", "排序", "存疑理由", "承担报送", "召集单位", "召集单位待确认", "校注"]


@pytest.fixture
def harbour(office):
    """Two units, one convening the other; the office's own unit is a third."""
    Department.objects.all().update(order=9)
    town = make_department("甲镇", kind="town", order=1)
    return town, make_department("乙组", kind="group", order=2, convenor=town, convenor_is_proposed=True)


# Out


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_table_goes_out_with_chinese_headings_names_and_labels(export, harbour, kind):
    response = export(DEPARTMENTS, kind=kind)
    head, first, second, _ = table_of(response)
    assert head == DEPARTMENT_HEAD
    assert [str(cell or "") for cell in first] == ["甲镇", "镇", "1", "", "是", "", "否", ""]
    assert [str(cell or "") for cell in second] == ["乙组", "群体项", "2", "", "是", "甲镇", "是", ""]


def test_numbers_go_out_as_numbers_and_codes_as_text(export):
    plan = make_plan("p1")
    indicator = make_indicator(plan, code="4.10", clauses=["二(一)1", "三(四)2"], levels=["未启动", "达到"])
    make_target(indicator, "38.5")
    _, row = table_of(export(INDICATORS))
    assert row[2] == "4.10"
    assert row[15] == "未启动；达到"
    assert row[24] == "二(一)1；三(四)2"
    _, target = table_of(export(TARGETS))
    assert target[:6] == ["p1", "4.10", indicator.name, target[3], "不低于", 38.5]
    assert target[3].date() == date(2020, 12, 31)


def test_only_what_the_list_shows_goes_out(export, harbour):
    assert [row[0] for row in table_of(export(DEPARTMENTS, query="?kind=town"))] == ["名称", "甲镇"]


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\tx", "\rx", "＝1"])
def test_text_that_looks_like_a_formula_is_escaped(export, office, kind, text):
    make_department("甲镇", flag=text, order=0)
    _, row, *_ = table_of(export(DEPARTMENTS, kind=kind))
    assert row[3] == f"'{text}"


def test_a_number_below_zero_is_no_formula(export):
    make_target(make_indicator(make_plan()), "-3.5")
    for kind in ("xlsx", "csv"):
        _, row = table_of(export(TARGETS, kind=kind))
        assert Decimal(str(row[5])) == Decimal("-3.5")


def test_the_file_is_an_attachment_with_a_chinese_name(export, harbour):
    response = export(DEPARTMENTS)
    expected = "attachment; filename*=utf-8''%E8%B4%A3%E4%BB%BB%E5%8D%95%E4%BD%8D.xlsx"
    assert response.headers["Content-Disposition"] == expected


def test_an_export_is_an_event(export, harbour, office):
    export(DEPARTMENTS, kind="csv")
    event = Event.objects.get(verb="admin.export")
    assert event.actor_id == office.pk
    assert event.after == {"文件": "责任单位.csv", "行数": "3"}


def test_exports_take_as_many_queries_for_three_rows_as_for_one(export, django_assert_num_queries):
    plan = make_plan()
    action = make_action(plan)
    indicators = [make_indicator(plan) for _ in range(3)]

    def add() -> None:
        task = make_task(action, lead=make_department(), cooperating=[make_department()])
        task.indicators.set(indicators)
        make_target(make_indicator(plan, data_department=make_department(), goal=make_goal(plan)))

    tables = (DEPARTMENTS, INDICATORS, TARGETS, TASKS, RESPONSIBILITIES)
    add()
    counts = {}
    for table in tables:
        export(table)  # the first look fills the process's caches
        with CaptureQueriesContext(connection) as captured:
            export(table)
        counts[table] = len(captured)
    add()
    add()
    for table in tables:
        with django_assert_num_queries(counts[table]):
            export(table)


# Back


@pytest.mark.parametrize("table", [DEPARTMENTS, INDICATORS, TARGETS, TASKS, RESPONSIBILITIES])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_what_went_out_comes_back_unchanged(export, preview, table, kind):
    plan = make_plan()
    lead, helper = make_department(flag="=1"), make_department()
    task = make_task(make_action(plan), lead=lead, cooperating=[helper], note="'引号自带")
    make_responsibility(task, make_department(), valid_from=date(2019, 1, 1), valid_to=date(2020, 1, 1))
    indicator = make_indicator(
        plan, in_parts=True, goal=make_goal(plan), data_department=lead, baseline="1.25", baseline_year=2015
    )
    task.indicators.add(indicator, make_indicator(plan))
    make_target(indicator, "0.5", comparator=Comparator.EQUAL, condition="=若", condition_holds=None)
    Target.objects.create(
        indicator=indicator, due_on=date(2020, 12, 31), comparator=Comparator.RANGE, low=1, high=2,
        strength="stretch", state="provisional", clause="二",
    )  # fmt: skip
    went = export(table, kind=kind)
    shown = preview(table, SimpleUploadedFile(f"x.{kind}", went.content))
    assert problems(shown) == []
    assert shown.context["result"].changed == []
    assert "与系统中的内容一致" in shown.content.decode()


def test_a_preview_shows_before_and_after_and_writes_nothing(preview, harbour):
    shown = preview(
        DEPARTMENTS,
        csv_file(DEPARTMENT_HEAD[:3], ["甲镇", "港区部门", "1"], ["丙局", "bureau", "7"]),
    )
    assert shown.context["result"].words == "新增1行，修改1行"
    page = shown.content.decode()
    assert "<del>镇</del> <ins>港区部门</ins>" in page
    assert "<ins>丙局</ins>" in page
    assert Department.objects.get(name="甲镇").kind == "town"
    assert not Department.objects.filter(name="丙局").exists()
    assert not Event.objects.filter(verb__startswith="admin.import").exists()


def test_confirming_writes_the_rows_and_an_event_for_each(preview, confirm, harbour, office):
    shown = preview(
        DEPARTMENTS,
        xlsx_file(
            ["名称", "性质", "排序"], ["甲镇", "港区部门", 1], ["丙局", "港区部门", 7], ["乙组", "群体项", 2]
        ),
    )
    response = confirm(DEPARTMENTS, shown)
    assert told(response) == ["责任单位已导入：新增1行，修改1行，没有变化1行。"]
    assert Department.objects.get(name="甲镇").kind == "bureau"
    assert Department.objects.get(name="丙局").order == 7
    changed, added = Event.objects.filter(verb__startswith="admin.import").order_by("id")
    assert (changed.verb, changed.before, changed.after) == (
        "admin.import_change", {"性质": "镇"}, {"性质": "港区部门"},
    )  # fmt: skip
    assert (changed.actor_id, changed.note, changed.subject_label) == (office.pk, "表.xlsx", "甲镇")
    assert (added.verb, added.before) == ("admin.import_add", {})
    assert added.after["名称"] == "丙局"


def test_a_file_in_the_code_of_older_spreadsheets_is_read(preview, harbour):
    shown = preview(DEPARTMENTS, csv_file(["名称", "校注"], ["甲镇", "简称镇"], encoding="gb18030"))
    assert shown.context["result"].words == "修改1行"


def test_columns_that_are_left_out_stay_as_they_are(preview, confirm, harbour):
    confirm(DEPARTMENTS, preview(DEPARTMENTS, csv_file(["名称", "校注"], ["乙组", "见附件"])))
    group = Department.objects.get(name="乙组")
    assert (group.note, group.convenor, group.convenor_is_proposed) == ("见附件", harbour[0], True)


def test_an_escaped_formula_comes_back_as_it_was(preview, confirm, harbour):
    confirm(DEPARTMENTS, preview(DEPARTMENTS, csv_file(["名称", "校注"], ["甲镇", "'=原文如此"])))
    assert Department.objects.get(name="甲镇").note == "=原文如此"


# Refusals: by row and column, and nothing is written


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@x", "＝1"])
def test_a_formula_is_refused(preview, harbour, make, text):
    shown = preview(DEPARTMENTS, make(["名称", "校注"], ["甲镇", text]))
    assert problems(shown) == [
        f"第2行“校注”：“{text}”以“{text[0]}”开头，表格软件会当成公式；请改写，确为文字的在最前面加一个半角单引号"
    ]
    assert "confirm_form" not in shown.context


def test_everything_wrong_is_said_by_row_and_column(preview, harbour):
    shown = preview(
        DEPARTMENTS,
        csv_file(
            ["名称", "性质", "排序", "承担报送", "召集单位"],
            ["甲镇", "村", "一", "对", "无此局"],
            ["", "镇", "1", "是", ""],
            ["丙局", "", "1", "是", "甲镇"],
            ["甲镇", "镇", "1", "是", ""],
        ),
    )
    assert problems(shown) == [
        "第2行“性质”：“村”不在可选值中；可选：镇、港区部门、派驻分局、驻区单位、企业、议事协调办公室、司法机关、群体项",
        "第2行“排序”：“一”不是0到32767之间的整数；请改正",
        "第2行“承担报送”：“对”应为“是”或“否”",
        "第2行“召集单位”：没有责任单位“无此局”；请改正，或先在系统中建立",
        "第3行“名称”：没有填写；这一格必填",
        "第4行“性质”：没有填写；这一格必填",
        "第5行：与第2行是同一项；请删去一行或改正",
    ]
    page = shown.content.decode()
    assert "发现 7 处问题，没有导入任何一行。" in page
    assert "<td>第4行</td><td>性质</td><td>没有填写；这一格必填</td>" in page


def test_a_constraint_is_told_as_a_sentence(preview, harbour):
    shown = preview(DEPARTMENTS, csv_file(["名称", "召集单位"], ["甲镇", "甲镇"]))
    assert problems(shown) == ["第2行：召集单位不能是本单位，请改为另一单位或留空。"]


def test_one_wrong_row_keeps_all_out(preview, harbour):
    shown = preview(DEPARTMENTS, csv_file(["名称", "排序"], ["甲镇", "5"], ["乙组", "x"]))
    assert problems(shown) == ["第3行“排序”：“x”不是0到32767之间的整数；请改正"]
    assert Department.objects.get(name="甲镇").order == 1


def test_what_became_wrong_since_the_preview_keeps_all_out(preview, confirm, harbour):
    table = csv_file(["名称", "排序", "召集单位"], ["甲镇", "5", ""], ["乙组", "2", "丁局"])
    fourth = make_department("丁局")
    shown = preview(DEPARTMENTS, table)
    Department.objects.filter(pk=fourth.pk).update(name="丁分局")
    response = confirm(DEPARTMENTS, shown)
    assert told(response) == [
        "第3行“召集单位”：没有责任单位“丁局”；请改正，或先在系统中建立",
        "没有导入任何一行；请改正后重新导入。",
    ]
    assert Department.objects.get(name="甲镇").order == 1
    assert not Event.objects.filter(verb__startswith="admin.import").exists()


def test_a_preview_that_has_expired_says_so(preview, confirm, harbour, monkeypatch):
    shown = preview(DEPARTMENTS, csv_file(["名称", "排序"], ["甲镇", "5"]))
    monkeypatch.setattr("import_export.tmp_storages.CacheStorage.read", lambda storage: None)
    assert told(confirm(DEPARTMENTS, shown)) == ["没有导入：上传的文件已经过期；请重新选择文件导入。"]
    assert Department.objects.get(name="甲镇").order == 1


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["单位", "排序"]], "表头不对：缺少“名称”，多出“单位”；请用导出的表格填写，不要改表头"),
        ([["名称", "名称"], ["甲镇", "甲镇"]], "表头不对：重复“名称”；请用导出的表格填写，不要改表头"),
    ],
)
def test_a_heading_that_is_not_ours_is_refused(preview, harbour, rows, said):
    assert problems(preview(DEPARTMENTS, csv_file(*rows, *([["甲", "1"]] if len(rows) == 1 else [])))) == [
        f"第1行：{said}"
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("表.xls", b"x", "只接受 .xlsx 和 .csv 文件；请在表格软件中另存后再导入"),
        ("表.xlsx", b"not a workbook", "不是可以打开的 .xlsx 工作簿；请在表格软件中另存为“Excel 工作簿（.xlsx）”"),
        ("表.csv", b"a\0b", "含有二进制内容，不是文本表格；请在表格软件中另存为“CSV UTF-8（逗号分隔）”"),
        ("表.csv", b"\xff\xff\xff", "文字编码无法识别；请在表格软件中另存为“CSV UTF-8（逗号分隔）”"),
        ("表.csv", "名称,排序\n甲,1,2\n".encode(), "第2行的内容多于表头的2列；请核对是否少了引号或多了一列，改正后重新导入"),
        ("表.csv", b"\n\n", "文件是空的；请选择有表头和内容的表格"),
        ("表.csv", b"x" * (5 * 1024 * 1024 + 1), "文件超过 5 MB；请只保留要导入的一张表"),
        ("表.csv", b"x\n" * 5002, "超过5000行；请核对是否选错了文件"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_with_what_to_do(preview, office, name, content, said):
    shown = preview(DEPARTMENTS, SimpleUploadedFile(name, content))
    assert shown.context["form"].errors["import_file"] == [said]


# The other tables


def test_targets_come_in_by_plan_code_date_clause_and_state(preview, confirm):
    plan = make_plan("p1")
    indicator = make_indicator(plan, code="G1")
    make_indicator(make_plan("p2"), code="G1")
    old = make_target(indicator, "55", state=TargetState.PROVISIONAL)
    head = ["方案", "指标代码", "期限", "比较", "目标值", "约束强度", "状态", "条款"]
    shown = preview(
        TARGETS,
        xlsx_file(
            head,
            ["p1", "G1", old.due_on, "不低于", 56.5, "约束性", "暂定", old.clause],
            ["p1", "G1", "2020/12/31", "≥", "60", "约束性", "已调整", old.clause],
        ),
    )
    assert problems(shown) == []
    confirm(TARGETS, shown)
    assert sorted(indicator.targets.values_list("state", "value")) == [
        ("provisional", Decimal("56.5000")),
        ("revised", Decimal("60.0000")),
    ]


def test_a_wrong_target_is_refused_in_its_row(preview):
    make_indicator(make_plan("p1"), code="G1")
    head = ["方案", "指标代码", "期限", "比较", "目标值", "约束强度", "状态", "条款"]
    shown = preview(
        TARGETS,
        csv_file(
            head,
            ["p1", "G1", "2020-12-31", "区间", "5", "约束性", "已明确", "二"],
            ["p1", "G9", "2020-02-30", "不低于", "5%", "约束性", "已明确", "二"],
            ["p9", "G1", "2020-12-31", "不低于", "5", "约束性", "已明确", "二"],
        ),
    )
    assert problems(shown) == [
        "第2行：目标值与比较方式不符：区间只填下限和上限，上限不低于下限；其余只填目标值；待下达的都留空。",
        "第3行“指标代码”：没有指标“G9”；请改正，或先在系统中建立",
        "第3行“期限”：“2020-02-30”这一天不存在；请核对年月日",
        "第3行“目标值”：“5%”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号",
        "第4行“指标代码”：没有指标“G1”；请改正，或先在系统中建立",
    ]


def test_tasks_come_in_by_number_with_the_codes_of_their_indicators(preview, confirm):
    plan = make_plan("p1")
    action = make_action(plan, 4)
    task = make_task(action, 3, title="旧标题")
    kept, added = make_indicator(plan, code="A"), make_indicator(plan, code="B")
    task.indicators.add(kept)
    head = ["方案", "编号", "正文标题", "附件标题", "条款", "指标代码"]
    shown = preview(
        TASKS,
        xlsx_file(
            head,
            ["p1", "4.3", "新标题", "旧标题", task.clause, "A;B"],
            ["p1", "4.4", "新任务", "新任务", "三", ""],
        ),
    )
    assert problems(shown) == []
    confirm(TASKS, shown)
    task.refresh_from_db()
    assert (task.title, list(task.indicators.order_by("code"))) == ("新标题", [kept, added])
    assert Task.objects.get(action=action, no=4).title == "新任务"
    event = Event.objects.get(verb="admin.import_change")
    assert (event.before, event.after) == (
        {"正文标题": "旧标题", "指标代码": "A"}, {"正文标题": "新标题", "指标代码": "A；B"},
    )  # fmt: skip


def test_a_task_with_a_wrong_number_or_unknown_indicator_is_refused(preview):
    make_action(make_plan("p1"), 4)
    head = ["方案", "编号", "正文标题", "附件标题", "条款", "指标代码"]
    shown = preview(
        TASKS,
        csv_file(head, ["p1", "四点三", "甲", "甲", "三", ""], ["p1", "5.1", "乙", "乙", "三", "X"]),
    )
    assert problems(shown) == [
        "第2行“编号”：“四点三”不是任务编号；请写成 4.3 的形式，单元格设为文本",
        "第3行“编号”：没有专项行动“5”；请改正，或先在系统中建立",
        "第3行“指标代码”：没有指标“X”；请改正，或先在系统中建立",
    ]


def test_the_lead_of_a_task_changes_hands_by_dates(preview, confirm):
    plan = make_plan("p1")
    old, new = make_department("甲局"), make_department("乙局")
    task = make_task(make_action(plan, 1), 1, lead=old)
    head = ["方案", "任务编号", "责任单位", "角色", "附件顺序", "生效日期", "失效日期"]
    second_lead = ["p1", "1.1", "乙局", "牵头", "1", "2020-01-01", ""]
    assert problems(preview(RESPONSIBILITIES, csv_file(head, second_lead))) == [
        "第2行：本任务已有牵头单位；请先把原牵头单位改为配合，或填失效日期。"
    ]
    ended = ["p1", "1.1", "甲局", "牵头", "1", "", "2020-01-01"]
    confirm(RESPONSIBILITIES, preview(RESPONSIBILITIES, csv_file(head, ended, second_lead)))
    rows = Responsibility.objects.filter(task=task, role=Role.LEAD)
    assert [row.department for row in rows.in_force(date(2019, 12, 31))] == [old]
    assert [row.department for row in rows.in_force(date(2020, 1, 1))] == [new]


def test_levels_and_clauses_come_in_as_lists(preview, confirm):
    make_indicator(make_plan("p1"), code="G1")
    head = ["方案", "代码", "等级名称", "条款"]
    confirm(
        INDICATORS,
        preview(INDICATORS, csv_file(head, ["p1", "G1", "未启动；推进中;达到", "二(一)1;三(一)2"])),
    )
    indicator = Indicator.objects.get(code="G1")
    assert indicator.levels == ["未启动", "推进中", "达到"]
    assert indicator.clauses == ["二(一)1", "三(一)2"]


# Who


@pytest.mark.parametrize("table", [DEPARTMENTS, INDICATORS, TARGETS, TASKS, RESPONSIBILITIES])
def test_only_the_office_exchanges_tables(client, as_sysadmin, table):
    filer = make_filer(make_department())
    client.force_login(filer)
    for page in ("import", "export"):
        assert as_sysadmin.get(reverse(f"admin:{table}_{page}")).status_code == 403
        assert client.get(reverse(f"admin:{table}_{page}"), follow=True).status_code == 403
    assert as_sysadmin.post(reverse(f"admin:{table}_process_import")).status_code == 403


def test_an_import_is_confirmed_by_posting_only(as_office):
    assert as_office.get(reverse(f"admin:{DEPARTMENTS}_process_import")).status_code == 405


def test_both_kinds_of_files_are_offered(as_office):
    form = as_office.get(reverse(f"admin:{DEPARTMENTS}_export")).context["form"]
    assert list(form.fields["format"].choices) == [("0", "Excel 工作簿（.xlsx）"), ("1", "文本表格（.csv）")]
    assert [kind.extension for kind in FORMATS] == ["xlsx", "csv"]

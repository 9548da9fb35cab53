"""Schemes from files: the proposal for the 811 plan, and what is refused, by file, row and column."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessment.models import Criterion, Grade, Member, Scheme, UnitClass
from assessment.scheme_files import TABLES, SchemeRefused, read_scheme
from assessment.scheme_store import load_scheme
from assessment.services import compute, problems_of
from departments.models import Department
from targets.models import Plan
from tasks.models import Responsibility
from tasks.plan_files import read_plan
from tasks.plan_store import load_plan
from tests.assessment.helps import AT, filed, publish_year
from tests.factories import make_department, make_plan

FOLDER = Path("fixtures/assessment-811")
SMALL = {
    "scheme": ["2019,2019年度考核,四(二),是,", "2020,2020年度考核,四(二),否,"],
    "classes": ["1,甲类,是,bureau;town,,", "2,乙类,是,,丙局,单列", "3,企业,否,enterprise,,"],
    "criteria": [
        "1,1,任务,60,tasks,minimum=0.6,三",
        "1,2,质量,40,quality,,",
        "2,1,质量,100,quality,late=1.5,",
    ],
    "grades": ["优秀,90", "合格,60", "不合格,0"],
}


@pytest.fixture
def folder(tmp_path):
    """Writes a folder of tables; `folder(grades=[…])` changes one."""

    def write(**changed: list[str]) -> Path:
        for table, rows in (SMALL | changed).items():
            text = "\n".join([",".join(TABLES[table]), *rows])
            (tmp_path / f"{table}.csv").write_text(text, encoding="utf-8-sig")
        return tmp_path

    return write


def problems(folder: Path) -> list[str]:
    with pytest.raises(SchemeRefused) as refused:
        read_scheme(folder)
    return [str(problem) for problem in refused.value.problems]


# The 811 plan


@pytest.fixture
def plan811(db) -> Plan:
    load_plan(document=read_plan(Path("fixtures/plan-811")), by=None, at=AT)
    return Plan.objects.get()


def test_the_proposed_scheme_of_the_811_plan(plan811, capsys):
    call_command("load_scheme", str(FOLDER), plan=plan811.code)
    assert capsys.readouterr().out.splitlines() == [
        f"{year}年度美丽港区建设推进行动考核：拟订" for year in (2017, 2018, 2019, 2020)
    ]
    for scheme in Scheme.objects.all():
        assert scheme.is_proposed
        assert scheme.note.startswith("建议稿")
        assert problems_of(scheme) == []


def test_everybody_of_the_811_plan_is_in_one_class(plan811):
    scheme = load_scheme(plan=plan811, folder=FOLDER, year=2019, by=None, at=AT)
    assert Member.objects.filter(scheme=scheme).count() == Department.objects.count() == 33
    ranked = Member.objects.filter(scheme=scheme, unit_class__is_ranked=True)
    assert set(ranked.values_list("department__kind", flat=True)) == {"town", "bureau", "branch"}
    assert ranked.count() == 19
    listed = Department.objects.filter(kind__in=["town", "bureau", "branch"])
    assert set(ranked.values_list("department", flat=True)) == set(listed.values_list("pk", flat=True))


def test_in_the_811_plan_those_who_lead_no_task_are_a_class_of_their_own(plan811):
    scheme = load_scheme(plan=plan811, folder=FOLDER, year=2019, by=None, at=AT)
    leads = set(Responsibility.objects.filter(role="lead").values_list("department", flat=True))
    ranked = Member.objects.filter(scheme=scheme, unit_class__is_ranked=True)
    helpers = ranked.exclude(department__in=leads)
    assert set(helpers.values_list("unit_class__name", flat=True)) == {"配合部门"}
    assert ranked.filter(unit_class__name="配合部门").count() == helpers.count() == 10


def test_the_command_names_a_plan_that_is_not_there(db):
    with pytest.raises(CommandError, match="没有代码为“none”的行动方案"):
        call_command("load_scheme", str(FOLDER), plan="none")


def test_the_command_loads_the_years_asked_for(plan811, capsys):
    call_command("load_scheme", str(FOLDER), plan=plan811.code, year=[2018, 2020])
    assert set(Scheme.objects.values_list("year", flat=True)) == {2018, 2020}


def test_the_command_tells_every_problem_and_writes_nothing(plan811, tmp_path):
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    table = tmp_path / "classes.csv"
    table.write_text(table.read_text("utf-8").replace("安监局", "安监所"), "utf-8")
    with pytest.raises(CommandError) as refused:
        call_command("load_scheme", str(tmp_path), plan=plan811.code)
    assert str(refused.value) == (
        "考核方案没有载入，发现1处问题：\nclasses.csv 第5行 members列：没有责任单位“安监所”；请改正"
    )
    assert not Scheme.objects.exists()


# Loading


@pytest.mark.django_db
def test_a_department_named_is_not_taken_by_its_kind(folder):
    plan = make_plan()
    bureau, named = make_department("甲局"), make_department("丙局")
    firm = make_department("某企业", kind="enterprise")
    scheme = load_scheme(plan=plan, folder=folder(), year=2019, by=None, at=AT)
    placed = {m.department: m.unit_class.name for m in Member.objects.filter(scheme=scheme)}
    assert placed == {bureau: "甲类", named: "乙类", firm: "企业"}
    assert (scheme.status, scheme.is_proposed, scheme.basis) == ("draft", True, "四(二)")
    late = Criterion.objects.get(unit_class__name="乙类")
    assert (late.param("late"), late.param("on_time")) == (Decimal("1.5"), Decimal(3))
    assert list(Grade.objects.values_list("name", "at_least")) == [("优秀", 90), ("合格", 60), ("不合格", 0)]


@pytest.mark.django_db
def test_a_draft_is_replaced_and_a_computed_year_is_left_as_it_is(folder):
    plan, unit = make_plan(), make_department("丙局")
    first = load_scheme(plan=plan, folder=folder(), year=2019, by=None, at=AT)
    classes = ["1,甲类,是,bureau,,", "2,乙类改,是,,丙局,", "3,企业,否,enterprise,,"]
    again = load_scheme(plan=plan, folder=folder(classes=classes), year=2019, by=None, at=AT)
    assert again == first
    assert list(UnitClass.objects.values_list("name", flat=True)) == ["甲类", "乙类改", "企业"]
    make_department("丁局")
    load_scheme(plan=plan, folder=folder(classes=classes), year=2019, by=None, at=AT)
    filed(publish_year(plan), unit)
    compute(scheme=first, by=None, at=AT)
    kept = load_scheme(plan=plan, folder=folder(), year=2019, by=None, at=AT)
    assert kept.status == "running"
    assert UnitClass.objects.filter(name="乙类改").exists()


@pytest.mark.django_db
def test_a_year_that_the_files_do_not_have_is_refused(folder):
    with pytest.raises(SchemeRefused, match=r"scheme\.csv year列：没有2031年度这一行"):
        load_scheme(plan=make_plan(), folder=folder(), year=2031, by=None, at=AT)


# Refusals


@pytest.mark.parametrize(
    ("table", "row", "said"),
    [
        ("scheme", "19,2019年度,四(二),是,", "scheme.csv 第2行 year列：“19”不是2000到2100之间的整数；请改正"),
        ("scheme", "2019,2019年度,四(二),对,", "scheme.csv 第2行 proposed列：“对”应为“是”或“否”"),
        ("scheme", "2019,,四(二),是,", "scheme.csv 第2行 name列：没有填写；这一格必填"),
        ("classes", "1,甲类,是,局,,", "classes.csv 第2行 kinds列：没有单位性质“局”"),
        ("criteria", "1,1,任务,六十,tasks,,", "criteria.csv 第2行 weight列：“六十”不是数字"),
        ("criteria", "1,1,任务,160,tasks,,", "criteria.csv 第2行 weight列：“160”应在 0 和 100 之间"),
        ("criteria", "1,1,任务,60,投票,,", "criteria.csv 第2行 source列：“投票”不在可选值中"),
        (
            "criteria",
            "1,1,任务,60,tasks,minimum,",
            "criteria.csv 第2行 params列：“minimum”应写成 名=值 的形式",
        ),
        ("grades", "优秀,九十", "grades.csv 第2行 at_least列：“九十”不是数字"),
        ("grades", "优秀", "grades.csv 第2行：有1格，表头有2格"),
    ],
)
def test_a_bad_cell_is_told_by_file_row_and_column(folder, table, row, said):
    told = problems(folder(**{table: [row, *SMALL[table][1:]]}))
    assert told[0].startswith(said)


@pytest.mark.parametrize(
    ("table", "rows", "said"),
    [
        ("scheme", ["2019,甲,,是,", "2019,乙,,是,"], "scheme.csv 第3行 year列：“2019”与第2行重复"),
        ("classes", ["1,甲类,是,bureau,,", "1,乙类,是,town,,"], "classes.csv 第3行 no列：“1”与第2行重复"),
        (
            "classes",
            ["1,甲类,是,bureau,,", "2,乙类,是,bureau,,"],
            "classes.csv 第3行 kinds列：“bureau”与第2行重复",
        ),
        (
            "classes",
            ["1,甲类,是,,丙局,", "2,乙类,是,,丙局,"],
            "classes.csv 第3行 members列：“丙局”与第2行重复",
        ),
        (
            "criteria",
            ["1,1,任务,60,tasks,,", "1,1,质量,40,quality,,"],
            "criteria.csv 第3行 no列：“1-1”与第2行重复",
        ),
        ("criteria", ["7,1,任务,60,tasks,,"], "criteria.csv 第2行 class_no列：没有单位分类 7"),
        ("grades", ["优秀,90", "良好,90", "不合格,0"], "grades.csv 第3行 at_least列：“90”与第2行重复"),
        ("grades", ["优秀,90"], "criteria.csv：等次没有从 0 分起，低分没有等次。"),
        ("criteria", SMALL["criteria"][1:], "criteria.csv：“甲类”各项分值合计 40，应为 100。"),
    ],
)
def test_what_does_not_fit_between_rows_is_told(folder, table, rows, said):
    told = problems(folder(**{table: rows}))
    assert told[0].startswith(said)


def test_a_missing_file_a_wrong_header_and_a_wrong_encoding_are_told(folder):
    path = folder()
    (path / "grades.csv").unlink()
    (path / "scheme.csv").write_text("year,name\n2019,x", "utf-8")
    (path / "classes.csv").write_bytes("1,甲类".encode("gbk"))
    assert problems(path) == [
        "scheme.csv 第1行：表头应为 year,name,basis,proposed,note",
        "classes.csv：不是 UTF-8 编码的文本；请在表格软件中另存为“CSV UTF-8（逗号分隔）”",
        "grades.csv：找不到或打不开这个文件",
    ]

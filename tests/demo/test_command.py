"""`manage.py load_demo`: loads once, lists the accounts every time, and refuses what would spoil a real system."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model

from accounts.models import Membership, User
from audit.models import Event
from filings.models import Entry, Filing, Move, Period
from reports.models import Summary
from supervision.models import Notice
from targets.models import Plan, PlanValue
from tests import factories
from tests.demo.conftest import PLAN, SHIPPED

pytestmark = pytest.mark.django_db

WRITTEN: list[type[Model]] = [
    User, Membership, Period, Filing, Entry, Move, PlanValue, Summary, Notice, Event,
]  # fmt: skip


@pytest.fixture
def short(folder: Path) -> Path:
    """Tables with the last two quarters only."""
    path = folder / "quarters.csv"
    heading, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    path.write_text("\n".join([heading, *lines[-2:]]), encoding="utf-8-sig")
    return folder


@pytest.fixture
def plan(db: None) -> Plan:
    """The plan, loaded."""
    call_command("load_plan", str(PLAN), stdout=StringIO())
    return Plan.objects.get()


def run(folder: Path) -> str:
    output = StringIO()
    call_command("load_demo", str(folder), stdout=output)
    return output.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in WRITTEN}


def replace(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8-sig")


def test_it_loads_once_and_lists_the_accounts_every_time(plan: Plan, short: Path) -> None:
    first = run(short)
    written = counts()
    assert first.startswith("已载入演示数据：2 个填报期，62 份报送，")
    assert written["User"] == 65
    second = run(short)
    assert counts() == written
    assert second.startswith("演示数据已在系统中，没有改动。\n")
    assert second.splitlines()[1:] == first.splitlines()[1:]


def test_the_accounts_are_a_table_of_role_account_password_and_what_one_can_do(
    plan: Plan, short: Path
) -> None:
    lines = run(short).splitlines()
    assert lines[2] == "演示账号（仅供演示，正式使用前须停用；口令一律为 Demo@811）"
    assert [line.split() for line in lines[4:10]] == [
        ["角色", "账号", "口令", "姓名", "可以做什么"],
        ["领导", "ld", "Demo@811", "冯志远", "看全部进展；办公室无人可审的报送由其审核"],
        [
            "办公室审核",
            "mlb.sh1",
            "Demo@811",
            "顾明远",
            "审核报送，管理填报期，催办、发布、考核，维护方案数据",
        ],
        ["填报人", "hbj.tb", "Demo@811", "沈晓岚", "填写本单位的季度报送，提交签发"],
        ["签发人", "hbj.qf", "Demo@811", "陆建平", "签发本单位的报送，或退回修改"],
        ["系统管理员", "xtgl", "Demo@811", "郑凯", "只管账号和运行，不参与填报和审核"],
    ]
    assert ["环保局", "hbj.tb", "hbj.qf"] in [line.split() for line in lines]
    assert lines[-1] == "一人多职：段晓慧（csc.tb）是办公室(财审处)填报人、党政办填报人。"


def test_without_the_plan_it_says_what_to_do_first() -> None:
    with pytest.raises(CommandError) as refused:
        run(SHIPPED)
    assert str(refused.value) == "没有方案 811-2016-2020，请先执行 load_plan。"


def test_a_system_people_already_file_in_is_left_alone(plan: Plan, short: Path) -> None:
    factories.open_quarter(plan, 2020, 4)
    before = counts()
    with pytest.raises(CommandError) as refused:
        run(short)
    assert str(refused.value) == "系统中已有填报期，演示数据只能载入空的系统。"
    assert counts() == before
    assert Plan.objects.get().has_demo_data is False


def test_accounts_of_real_people_are_not_touched(plan: Plan, short: Path) -> None:
    factories.make_user("hbj.tb")
    before = counts()
    with pytest.raises(CommandError) as refused:
        run(short)
    assert str(refused.value) == "账号 hbj.tb 已存在，演示数据不覆盖已有账号。"
    assert counts() == before


def test_a_folder_without_the_tables_is_named(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        run(tmp_path)
    assert str(refused.value) == (
        f"打不开 {tmp_path / 'paces.csv'}（No such file or directory），请核对演示数据目录。"
    )


def test_a_table_in_another_encoding_is_named(plan: Plan, short: Path) -> None:
    text = (short / "people.csv").read_text(encoding="utf-8-sig")
    (short / "people.csv").write_text(text, encoding="gb18030")
    with pytest.raises(CommandError) as refused:
        run(short)
    assert str(refused.value) == "people.csv 不是 UTF-8 编码的文本，请另存为“CSV UTF-8（逗号分隔）”。"


@pytest.mark.parametrize(
    ("file", "old", "new", "refusal"),
    [
        ("people.csv", "hbj.qf,陆建平,approver,环保局", "hbj.qf,陆建平,approver,环保厅", "people.csv 第 13 行 department 列“环保厅”：没有这个名称或代码。"),
        ("people.csv", "hbj.qf,陆建平,approver,环保局\n", "", "people.csv 中环保局没有填报人或签发人。"),
        ("departments.csv", "环保局,10,25,15,周立群,,,,,\n", "", "departments.csv 中没有环保局。"),
        ("people.csv", "mlb.sh2,林晓雯,filer", "mlb.sh2,林小雯,filer", "people.csv 第 68 行 name 列“林小雯”：同一账号前面写的是林晓雯。"),
        ("open_quarter.csv", "党群部,submitted", "党群部,sent", "open_quarter.csv 第 3 行 state 列“sent”：应为drafting、awaiting_signoff、submitted、part_reviewed、accepted、returned、reminded之一。"),
        ("readings.csv", "2017Q1", "2017一", "readings.csv 的列名“2017一”应为季度，如 2017Q2。"),
        ("demo.csv", "source,", "origin,", "demo.csv 缺少 source。"),
        ("plan_values.csv", "G1-01", "G1-99", "plan_values.csv 第 2 行 indicator 列“G1-99”：没有这个名称或代码。"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_the_plan_is_refused_and_nothing_is_written(
    plan: Plan, short: Path, file: str, old: str, new: str, refusal: str
) -> None:
    replace(short, file, old, new)
    before = counts()
    with pytest.raises(CommandError) as refused:
        run(short)
    assert str(refused.value) == refusal
    assert counts() == before
    assert Plan.objects.get().has_demo_data is False

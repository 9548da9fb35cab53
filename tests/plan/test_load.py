"""Loading: everything or nothing, twice is once, a dry run writes nothing, what is used is not removed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import models, transaction

from actions.models import ActionLead, SpecialAction
from audit.models import Event
from departments.models import Department
from targets.life import lives
from targets.measure import Thresholds
from targets.models import (
    BaselineChange,
    GoalCategory,
    Indicator,
    Plan,
    PlanValue,
    Target,
    ThresholdChange,
)
from targets.services import (
    BaselineValues,
    Grounds,
    Step,
    TargetChange,
    record_baseline,
    record_target,
    record_thresholds,
)
from targets.terms import TargetState
from tasks.models import Milestone, Responsibility, Role, Task
from tasks.plan_files import PlanDocument, read_plan, to_json
from tasks.plan_files.document import PlanValueRow, TargetRow
from tasks.plan_store import export_plan, load_plan
from tests import factories
from tests.plan.conftest import SHIPPED, drop, edit

pytestmark = pytest.mark.django_db

AT = datetime(2021, 1, 5, 9, 0, tzinfo=UTC)
TABLES: list[type[models.Model]] = [
    Department, Plan, GoalCategory, Indicator, Target, PlanValue, SpecialAction, ActionLead, Task, Responsibility,
    Milestone, Event,
]  # fmt: skip


def load(document: PlanDocument, *, dry_run: bool = False) -> list[str]:
    """Load and tell what became different."""
    loaded = load_plan(document=document, by=None, at=AT, reason="按批复调整", dry_run=dry_run)
    return loaded.diff.lines()


def run(*arguments: str) -> str:
    """Run a management command; gives what it prints."""
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in TABLES}


@pytest.fixture
def loaded(document: PlanDocument) -> Plan:
    """The shipped plan in the database."""
    load(document)
    return Plan.objects.get(code=document.plan.code)


def test_an_empty_system_gets_the_whole_plan(document: PlanDocument):
    changes = load(document)
    assert counts() == {
        "Department": 33,
        "Plan": 1,
        "GoalCategory": 8,
        "Indicator": 109,
        "Target": 110,
        "PlanValue": 0,
        "SpecialAction": 11,
        "ActionLead": 12,
        "Task": 48,
        "Responsibility": 214,
        "Milestone": 26,
        "Event": 1,
    }
    links = Task.indicators.through.objects.count()
    assert len(changes) == sum(counts().values()) - 1
    assert links == 80
    assert all(change.startswith("新增") for change in changes)


def test_records_are_written_with_everything_they_carry(loaded: Plan):
    assert (loaded.doc_no, loaded.office.name, loaded.late_above) == (
        "嘉港区工委办〔2017〕31号",
        "美丽办",
        10,
    )
    group = Department.objects.get(kind="group")
    assert (group.convenor.name, group.convenor_is_proposed) == ("规划建设局", True)
    assert group.filer.name == "规划建设局"
    assert Department.objects.get(name="检察").filer is None
    greenway = Indicator.objects.get(name="绿道网累计完成里程")
    assert list(greenway.targets.values_list("due_on", "value")) == [
        (date(2017, 12, 31), 23),
        (date(2020, 12, 31), 32),
    ]
    assert [task.number for task in greenway.tasks.all()] == ["6.3"]
    assert (greenway.data_department.name, greenway.data_department_is_proposed) == ("规划建设局", True)
    assert Indicator.objects.get(name="林木蓄积量").clauses == ["二(五)1"]
    lead = Responsibility.objects.get(task__action__no=4, task__no=3, role=Role.LEAD)
    assert lead.department.name == "公安分局"


def test_loading_again_changes_nothing(document: PlanDocument, loaded: Plan):
    before = counts()
    assert load(document) == []
    assert counts() == before


def test_a_dry_run_tells_everything_and_writes_nothing(document: PlanDocument):
    told = load(document, dry_run=True)
    assert told == load(document)


def test_a_dry_run_on_an_empty_system_leaves_it_empty(document: PlanDocument):
    load(document, dry_run=True)
    assert set(counts().values()) == {0}


def test_the_load_is_recorded_once(document: PlanDocument, loaded: Plan):
    load(document)
    event = Event.objects.get()
    assert (event.verb, event.subject_label, event.at) == ("plan.load", loaded.name, AT)
    assert event.after == {"新增": 572}


def test_export_and_load_into_an_empty_system_give_the_same_bytes(document: PlanDocument, tmp_path: Path):
    with transaction.atomic():
        load(document)
        first = run("export_plan", "811-2016-2020")
        transaction.set_rollback(True)
    assert set(counts().values()) == {0}
    path = tmp_path / "plan.json"
    path.write_text(first, encoding="utf-8")
    run("load_plan", str(path))
    assert run("export_plan", "811-2016-2020") == first


def test_what_is_exported_is_what_the_files_say(document: PlanDocument, loaded: Plan):
    assert to_json(export_plan(loaded)) == to_json(document)


def change_target(document: PlanDocument, code: str, **fields: object) -> PlanDocument:
    """The document with the targets of one indicator changed."""
    targets = tuple(
        replace(row, **fields) if row.indicator == code else row  # type: ignore[arg-type]
        for row in document.targets
    )
    return replace(document, targets=targets)


def test_a_changed_number_is_changed_and_told(document: PlanDocument, loaded: Plan):
    changed = change_target(document, "G2-08", value=Decimal(35), note="")
    assert load(changed) == ["修改 目标值 G2-08 2020-12-31 二(二)2 assigned（目标值、校注）"]
    assert Target.objects.get(indicator__code="G2-08").value == 35
    assert load(changed) == []


def test_everything_recorded_survives_the_way_out_and_in(document: PlanDocument, loaded: Plan):
    rich = change_target(
        document,
        "G2-02",
        condition_holds=True,
        condition_decided_by="平湖市环境监测站",
        doc_no="嘉环〔2018〕1号",
        doc_on=date(2018, 3, 1),
        reason="核定",
        tolerance=Decimal("0.5"),
    )
    first = rich.responsibilities[0]
    past = replace(first, valid_to=date(2019, 1, 1), note="机构改革")
    since = replace(rich.responsibilities[1], role="lead", valid_from=date(2019, 1, 1), order=1)
    before = replace(rich.responsibilities[1], valid_to=date(2019, 1, 1))
    pollution = next(row for row in rich.indicators if row.code == "G2-08")
    rich = replace(
        rich,
        plan_values=(PlanValueRow("G2-08", date(2019, 12, 31), Decimal("41.5"), "年度计划"),),
        responsibilities=(past, since, before, *rich.responsibilities[2:]),
        indicators=tuple(
            replace(
                row,
                baseline=Decimal("56.0"),
                baseline_year=2015,
                baseline_source="监测站",
                expected_by="by_quarter",
            )
            if row is pollution
            else row
            for row in rich.indicators
        ),
    )
    load(rich)
    assert load(export_plan(loaded)) == []
    loaded.refresh_from_db()
    assert to_json(export_plan(loaded)) == to_json(rich)


def test_what_was_recorded_while_the_plan_ran_goes_out_and_comes_back(
    document: PlanDocument, loaded: Plan, tmp_path: Path
):
    office = factories.make_reviewer(loaded.office)
    pending = Target.objects.select_related("indicator__plan__office").get(indicator__code="G3-01")
    for step, value in (Step.ASSIGN, Decimal("0.52")), (Step.REVISE, Decimal("0.5")):
        pending = record_target(
            target=pending,
            change=TargetChange(step, date(2019, 7, 1), value=value),
            grounds=Grounds(reason="上级下达", doc_no="嘉环〔2019〕8号", doc_on=date(2019, 8, 1)),
            by=office,
            at=AT,
        )
    record_thresholds(
        plan=loaded,
        rule=Thresholds(Decimal(5), Decimal(20)),
        effective_from=date(2019, 1, 1),
        reason="统一口径",
        by=office,
        at=AT,
    )
    values = BaselineValues(date(2019, 7, 1), Decimal("0.61"), 2015, "统计局", TargetState.ASSIGNED)
    grounds = Grounds(doc_no="统函3号", doc_on=date(2019, 8, 1))
    record_baseline(indicator=pending.indicator, values=values, grounds=grounds, by=office, at=AT)
    exported = to_json(export_plan(loaded))
    (path := tmp_path / "plan.json").write_bytes(exported)
    with transaction.atomic():
        for row in Target.objects.exclude(at=None).order_by("-pk"):
            row.delete()
        ThresholdChange.objects.all().delete()
        BaselineChange.objects.all().delete()
        assert sorted(load(read_plan(path))) == [
            "新增 亮灯阈值 2019-01-01 2021-01-05T09:00:00+00:00",
            "新增 基期值 G3-01 2019-07-01 2021-01-05T09:00:00+00:00",
            "新增 目标值 G3-01 2020-12-31 二(三)1 assigned 2021-01-05T09:00:00+00:00",
            "新增 目标值 G3-01 2020-12-31 二(三)1 revised 2021-01-05T09:00:00+00:00",
        ]
        assert to_json(export_plan(loaded)) == exported
        (life,) = lives(Target.objects.filter(indicator__code="G3-01").select_related("supersedes"))
        assert [(row.state, row.value, row.supersedes) for row in life] == [
            ("pending", None, None), ("assigned", Decimal("0.52"), life[0]), ("revised", Decimal("0.5"), life[1]),
        ]  # fmt: skip
        transaction.set_rollback(True)
    assert load(document) == []  # files from before know nothing of it and take nothing away
    assert to_json(export_plan(loaded)) == exported


def test_leads_may_change_places_and_hands(document: PlanDocument, loaded: Plan):
    first, second, *rest = document.responsibilities
    swapped = (replace(second, role="lead", order=1), replace(first, role="cooperating", order=2), *rest)
    leads = tuple(
        replace(row, order=3 - row.order) if row.action_no == 2 else row for row in document.action_leads
    )
    told = load(replace(document, responsibilities=swapped, action_leads=leads))
    assert sorted(told) == sorted(
        [
            "修改 责任分解 1.1 规划建设局（附件顺序、角色）",
            "修改 责任分解 1.1 经发局（附件顺序、角色）",
            "修改 行动牵头单位 2 环保局（顺序）",
            "修改 行动牵头单位 2 经发局（顺序）",
        ]
    )
    assert [lead.department.name for lead in ActionLead.objects.filter(action__no=2)] == ["环保局", "经发局"]
    assert (
        Responsibility.objects.get(task__action__no=1, task__no=1, role=Role.LEAD).department.name
        == "规划建设局"
    )


def without_task(document: PlanDocument, no: str) -> PlanDocument:
    """The document without a task and what belongs to it."""
    return replace(
        document,
        tasks=tuple(row for row in document.tasks if row.no != no),
        responsibilities=tuple(row for row in document.responsibilities if row.task_no != no),
        milestones=tuple(row for row in document.milestones if row.task_no != no),
        indicators=tuple(
            replace(row, task_nos=tuple(task for task in row.task_nos if task != no))
            for row in document.indicators
        ),
    )


def test_unused_rows_are_removed(document: PlanDocument, loaded: Plan):
    told = load(without_task(document, "9.4"))
    assert sorted(told) == sorted(
        [
            "修改 指标 G6-07（任务）",
            "修改 指标 T9.4-01（任务）",
            "删除 责任分解 9.4 环保局",
            "删除 责任分解 9.4 应急响应中心",
            "删除 责任分解 9.4 嘉兴检验检疫局",
            "删除 任务 9.4",
        ]
    )
    assert not Task.objects.filter(action__no=9, no=4).exists()


def test_a_department_no_longer_named_is_removed_unless_another_plan_names_it(
    document: PlanDocument, loaded: Plan
):
    other = factories.make_plan()
    shared = Department.objects.get(name="嘉兴检验检疫局")
    factories.make_task(factories.make_action(other), lead=shared)
    gone = {"应急响应中心", "嘉兴检验检疫局"}
    smaller = replace(
        document,
        departments=tuple(row for row in document.departments if row.name not in gone),
        responsibilities=tuple(row for row in document.responsibilities if row.department not in gone),
    )
    told = load(smaller)
    assert "删除 责任单位 应急响应中心" in told
    assert not Department.objects.filter(name="应急响应中心").exists()
    assert Department.objects.filter(name="嘉兴检验检疫局").exists()


def test_a_second_plan_is_loaded_beside_the_first(document: PlanDocument, loaded: Plan):
    before = to_json(export_plan(loaded))
    load(replace(document, plan=replace(document.plan, code="second")))
    assert Department.objects.count() == 33
    assert Task.objects.count() == 96
    assert to_json(export_plan(loaded)) == before


def test_a_second_plan_leaves_the_first_as_it_was(document: PlanDocument, loaded: Plan):
    before = to_json(export_plan(loaded))
    second = replace(
        document,
        plan=replace(document.plan, code="second"),
        departments=tuple(reversed(document.departments)),
    )
    load(second)
    assert to_json(export_plan(loaded)) == before
    assert load(second) == []
    assert load(document) == []


def test_departments_of_one_plan_take_the_order_of_its_file(document: PlanDocument, loaded: Plan):
    load(replace(document, departments=tuple(reversed(document.departments))))
    assert [row.name for row in export_plan(loaded).departments][:2] == ["检察", "平湖市法院"]


def test_target_of_another_date_is_another_target(document: PlanDocument, loaded: Plan):
    def earlier(row: TargetRow) -> TargetRow:
        return replace(row, due_on=date(2019, 12, 31)) if row.indicator == "G2-08" else row

    told = load(replace(document, targets=tuple(earlier(row) for row in document.targets)))
    assert told == [
        "删除 目标值 G2-08 2020-12-31 二(二)2 assigned",
        "新增 目标值 G2-08 2019-12-31 二(二)2 assigned",
    ]


# Commands


def test_the_command_loads_the_shipped_folder_twice():
    name = "“811”美丽港区建设行动方案(2016-2020)"
    assert run("load_plan", str(SHIPPED)) == f"{name}：已载入，新增572项。\n"
    assert run("load_plan", str(SHIPPED)) == f"{name}：与文件一致，没有变化。\n"


def test_the_dry_run_lists_what_would_be_done(folder: Path, loaded: Plan):
    edit(folder, "goals", 2, "name", "绿色发展目标")
    drop(folder, "milestones", lambda line: line["task_no"] != "8.1")
    assert run("load_plan", str(folder), "--dry-run").splitlines() == [
        "修改 目标类别 1（名称）",
        "删除 节点 8.1 1",
        "“811”美丽港区建设行动方案(2016-2020)：试载入，将修改1项、删除1项，没有写入。",
    ]
    assert GoalCategory.objects.get(no=1).name == "绿色经济培育目标"


@pytest.mark.parametrize("spoil", [lambda folder: edit(folder, "milestones", 27, "due_on", "2020-13-01")])
def test_one_bad_row_and_nothing_is_loaded(folder: Path, spoil: Callable[[Path], None]):
    spoil(folder)
    with pytest.raises(CommandError) as error:
        run("load_plan", str(folder))
    assert str(error.value) == (
        "方案没有载入，发现1处问题：\nmilestones.csv 第27行 due_on（期限）列：“2020-13-01”这一天不存在；请核对年月日"
    )
    assert set(counts().values()) == {0}


def test_the_export_is_utf_8_whatever_the_terminal_speaks(document: PlanDocument, loaded: Plan):
    terminal = TextIOWrapper(BytesIO(), encoding="gb18030", newline="\r\n")
    call_command("export_plan", "811-2016-2020", stdout=terminal)
    terminal.flush()
    assert terminal.buffer.getvalue() == to_json(document)


def test_the_export_of_an_unknown_plan_names_the_known_ones(loaded: Plan):
    with pytest.raises(CommandError, match="没有代码为“812”的方案；现有：811-2016-2020"):
        run("export_plan", "812")

"""The reform of 2018 and 2019 over the issued plan: as prepared, and what loading and exporting do after it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import User
from departments.models import Department, Succession
from reports.reorganisation import apply, choose, preview
from reports.reorganisation.passing import things
from targets.models import Plan
from tasks.models import Responsibility
from tasks.plan_files import PlanDocument, to_json
from tasks.plan_store import export_plan, load_plan
from tests import factories

pytestmark = pytest.mark.django_db

AT = datetime(2019, 6, 1, 9, 0, tzinfo=UTC)
PREPARED = Path(settings.BASE_DIR) / "fixtures" / "reorganisation-2018"

OPERATIONS = [
    "嘉兴检验检疫局划转至嘉兴海关",
    "财政(地税)分局分设为财政分局、税务分局",
    "环保局更名为生态环境分局",
    "国土资源局更名为自然资源和规划分局",
    "质监分局并入市场监管分局",
    "综合执法局更名为综合行政执法分局",
    "安监局更名为应急管理局",
    "党政办更名为港区办公室",
    "社发局更名为社会发展与治理部",
    "五水办更名为治水办(河长制办)",
    "美丽办更名为美丽(港区)建设领导小组办公室",
]


@pytest.fixture
def office(document: PlanDocument) -> User:
    """A reviewer, in a system with the plan and the operations prepared."""
    load_plan(document=document, by=None, at=AT)
    call_command("load_reorganisations", str(PREPARED), stdout=StringIO())
    return factories.make_reviewer(Department.objects.get(name="美丽办"))


def run(succession: Succession, office: User) -> None:
    """Apply one operation; of a division everything goes to its last successor."""
    if succession.is_divided:
        unit = succession.before[0].department
        assert unit is not None
        chosen = {thing.key: succession.after[-1].name for thing in things(unit, succession.effective_on)}
        choose(succession=succession, choices=chosen, by=office, at=AT)
        succession = Succession.objects.get(pk=succession.pk)
    seen = preview(succession=succession, by=office, at=AT).fingerprint
    apply(succession=succession, seen=seen, by=office, at=AT)


def load(document: PlanDocument) -> list[str]:
    return load_plan(document=document, by=None, at=AT, reason="按文件修订").diff.lines()


def test_the_operations_are_prepared_once_and_none_is_applied(office: User):
    assert [str(one) for one in Succession.objects.prefetch_related("units")] == OPERATIONS
    assert not Succession.objects.applied().exists()
    out = StringIO()
    call_command("load_reorganisations", str(PREPARED), stdout=out)
    assert out.getvalue() == "没有新的机构变动。\n"


def test_a_wrong_row_is_named_and_nothing_is_prepared(office: User, tmp_path: Path):
    Succession.objects.all().delete()
    folder = Path(shutil.copytree(PREPARED, tmp_path / "prepared"))
    file = folder / "operations.csv"
    file.write_text(
        file.read_text(encoding="utf-8-sig").replace("2019-04-01,安监局,", "2019-04-01,安检局,"),
        encoding="utf-8",
    )
    with pytest.raises(CommandError) as error:
        call_command("load_reorganisations", str(folder))
    assert (
        str(error.value)
        == "operations.csv 第8行：没有登记“安检局”这个单位；请先载入方案，或填写 after_kind 表示新设。"
    )
    assert not Succession.objects.exists()


def test_after_every_operation_files_load_without_a_change_and_come_out_the_same(
    office: User, document: PlanDocument
):
    for succession in Succession.objects.prefetch_related("units__department"):
        run(succession, office)
        exported = export_plan(Plan.objects.get())
        assert (str(succession), load(document)) == (str(succession), [])
        assert (str(succession), load(exported)) == (str(succession), [])
        assert to_json(export_plan(Plan.objects.get())) == to_json(exported)
    assert Plan.objects.get().office.name == "美丽(港区)建设领导小组办公室"
    ended = ["环保局", "质监分局", "财政(地税)分局"]
    rows = Responsibility.objects.filter(department__name__in=ended, valid_to=None)
    assert not rows.exists()


def test_a_revised_file_still_changes_what_no_operation_touched(office: User, document: PlanDocument):
    run(Succession.objects.prefetch_related("units__department").get(code="huanbao-shengtai"), office)
    rows = tuple(
        replace(row, note="核对过") if (row.task_no, row.department) == ("4.2", "经发局") else row
        for row in document.responsibilities
    )
    assert load(replace(document, responsibilities=rows)) == ["修改 责任分解 4.2 经发局（校注）"]
    assert (
        Responsibility.objects.in_force(AT.date())
        .get(task__action__no=4, task__no=2, role="lead")
        .department.name
        == "生态环境分局"
    )


def test_an_export_after_the_reform_makes_the_same_plan_elsewhere(office: User):
    for succession in Succession.objects.prefetch_related("units__department"):
        run(succession, office)
    exported = export_plan(Plan.objects.get())
    other = replace(exported, plan=replace(exported.plan, code="copy"))
    load(other)
    again = export_plan(Plan.objects.get(code="copy"))
    assert to_json(replace(again, plan=exported.plan)) == to_json(exported)

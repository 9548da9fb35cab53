"""A small invented plan beside the shipped one: another period, other goals, departments and numbers."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from tasks.models import PlanUpload, Source
from tasks.plan_book import plan_workbook
from tasks.plan_files.diff import diff
from tasks.plan_files.document import (
    ActionLeadRow,
    ActionRow,
    DepartmentRow,
    GoalRow,
    IndicatorRow,
    MilestoneRow,
    PlanDocument,
    PlanRow,
    ResponsibilityRow,
    TargetRow,
    TaskRow,
)
from tasks.plan_store.revise import add_revision

OFFICE, LEAD, HELPER = "蓝湾办", "海洋局", "渔政站"


def _department(name: str, kind: str) -> DepartmentRow:
    return DepartmentRow(name, kind, "", True, "", False, "")


SECOND = PlanDocument(
    plan=PlanRow(
        code="bay-2021", name="蓝色海湾整治方案(2021-2023)", short_name="蓝湾方案", doc_no="",
        issued_on=date(2020, 12, 1), starts_on=date(2021, 1, 1), ends_on=date(2023, 12, 31), office=OFFICE,
        behind_above=Decimal(0), late_above=Decimal(10), note="",
    ),
    departments=(
        _department(OFFICE, "coordinating"), _department(LEAD, "bureau"), _department(HELPER, "branch"),
    ),
    goals=(GoalRow(1, "近岸海域水质", "二", ""),),
    indicators=(
        replace(
            IndicatorRow(
                code="W1", name="优良水质比例", unit="%", kind="quantitative", decimals=1,
                accumulation="point_in_time", combine="last", span="calendar_year", asked="quarterly", holds=False,
                goal_no=1, task_nos=("1.1",), numerator="", denominator="", levels=(), rounding="half_up",
                comparison="exact", expected_by="milestone", baseline=None, baseline_year=None, baseline_source="",
                data_department=LEAD, data_department_proposed=False, clauses=("二1",), note="",
            )
        ),
    ),
    targets=(
        TargetRow(
            "W1", date(2023, 12, 31), "≥", Decimal(70), None, None, None, "binding", "assigned", "", None, "",
            "", None, "", "二1", "",
        ),
    ),
    plan_values=(),
    actions=(ActionRow(1, "岸线修复行动", "三(一)", ""),),
    action_leads=(ActionLeadRow(1, 1, LEAD),),
    tasks=(TaskRow("1.1", "修复岸线", "修复岸线", "三(一)1", ""), TaskRow("1.2", "清理滩涂", "清理滩涂", "三(一)2", "")),
    responsibilities=(
        ResponsibilityRow("1.1", 1, LEAD, "lead", None, None, ""),
        ResponsibilityRow("1.1", 2, HELPER, "cooperating", None, None, ""),
        ResponsibilityRow("1.2", 1, HELPER, "lead", None, None, ""),
    ),
    milestones=(MilestoneRow("1.1", 1, "修复2公里岸线", date(2022, 12, 31), "expected", "", "三(一)1", ""),),
)  # fmt: skip


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


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def plan_upload(system: Any) -> PlanUpload:
    """A workbook with a problem that the office of a system handed in, and the first revision of its plan."""
    add_revision(
        plan=system.plan,
        changes=diff(None, SECOND),
        by=system.office,
        at=system.now,
        reason="首次",
        source=Source.WORKBOOK,
    )
    wrong = {"sheet": "任务", "row": 3, "column": "编号", "message": "没有填写；这一格必填"}
    return PlanUpload.objects.create(
        name="方案.xlsx",
        file=plan_workbook(None),
        plan_code=system.plan.code,
        problems=[wrong],
        by=system.office,
        at=system.now,
    )

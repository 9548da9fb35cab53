"""方案维护: a plan goes out as a workbook and comes in again; what is shown is what is loaded."""

from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from departments.models import Department
from filings.models import Filing
from targets.models import Plan
from tasks.models import PlanRevision, PlanUpload, Task
from tasks.plan_book import document_in, plan_workbook
from tasks.plan_files import PlanDocument
from tasks.plan_store import export_plan, load_plan
from tests import factories
from tests.plan.second import HELPER, LEAD, SECOND, opened, saved, without_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(factories.make_reviewer())
    return client


def upload(client, content: bytes, name: str = "方案.xlsx"):
    file = SimpleUploadedFile(name, content)
    return client.post(reverse("tasks:upload_plan"), {"file": file})


def apply(client, reason: str = "区里印发"):
    pk = PlanUpload.objects.latest("id").pk
    return client.post(reverse("tasks:apply_plan", args=[pk]), {"reason": reason})


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_a_plan_survives_its_workbook(document: PlanDocument):
    assert document_in("方案.xlsx", plan_workbook(document)) == document


def test_choices_dates_and_numbers_stand_as_people_read_them():
    book = opened(plan_workbook(SECOND))
    page = book["目标值"]
    row = {head.value: cell.value for head, cell in zip(page[1], page[3], strict=True)}
    assert (row["比较"], row["状态"], row["约束强度"], row["目标值"]) == ("不低于", "已明确", "约束性", 70)
    assert f"{row['期限']:%Y-%m-%d}" == "2023-12-31"
    rules = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    assert "C3:C204" in rules
    lists = book["_选项"]
    column = next(c for c in lists.iter_cols(values_only=True) if c[0] == "不低于")
    assert [label for label in column if label] == [
        "不低于",
        "超过",
        "不高于",
        "低于",
        "等于",
        "区间",
        "左右",
    ]


def test_a_second_plan_is_filled_into_the_blank_workbook_loaded_filed_and_seen(office):
    first = factories.make_plan("first")
    factories.open_quarter(first, 2020, 4)
    blank = opened(body(office.get(reverse("tasks:plan_template"))))
    filled = opened(plan_workbook(SECOND))
    assert blank.sheetnames == filled.sheetnames
    for title in blank.sheetnames[1:-2]:
        for row in filled[title].iter_rows(min_row=3):
            for cell in row:
                blank[title].cell(cell.row, cell.column, cell.value)
    assert upload(office, saved(blank)).status_code == 302
    page = office.get(reverse("tasks:plan_upload", args=[PlanUpload.objects.get().pk])).content.decode()
    assert "新方案“蓝色海湾整治方案(2021-2023)”：将新增15项。" in page
    assert not Plan.objects.filter(code="bay-2021").exists()
    assert apply(office).url == reverse("tasks:plan_revision", args=["bay-2021", 1])
    plan = Plan.objects.get(code="bay-2021")
    assert export_plan(plan) == SECOND
    period = factories.open_quarter(plan, 2021, 1)
    owing = {str(filing.department) for filing in Filing.objects.filter(period=period)}
    assert owing == {LEAD, HELPER}
    lead = Department.objects.get(name=LEAD)
    filing = factories.filing_of(period, lead)
    filer = factories.make_filer(lead)
    factories.fill(filing, by=filer)
    factories.file(filing, by=filer, signed_by=factories.make_approver(lead))
    factories.accept(filing, by=office.get(reverse("tasks:upkeep")).wsgi_request.user)
    for name in (
        "reports:cockpit",
        "reports:goals",
        "reports:actions",
        "reports:responsibilities",
        "supervision:desk",
    ):
        seen = office.get(reverse(name), {"plan": "bay-2021"}).content.decode()
        assert "蓝湾" in seen, name
    assert Task.objects.filter(action__plan=first).count() == 0


def test_a_workbook_with_errors_comes_back_with_the_errors_in_its_cells(office):
    book = opened(plan_workbook(SECOND))
    book["任务"]["A3"] = "四点三"
    book["目标值"]["D3"] = "七十"
    book["责任分解"]["C4"] = "不存在的单位"
    assert upload(office, saved(book)).status_code == 302
    kept = PlanUpload.objects.get()
    assert kept.document == ""
    said = [(w["sheet"], w["row"], w["column"], w["message"]) for w in kept.problems]
    assert ("任务", 3, "编号", "“四点三”不是任务编号；请写成 4.3 的形式") in said
    assert ("目标值", 3, "目标值", "“七十”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号") in said
    assert (
        "责任分解",
        4,
        "责任单位",
        "没有责任单位“不存在的单位”；请改正，或先在“责任单位”表中加上",
    ) in said
    back = opened(body(office.get(reverse("tasks:returned_plan", args=[kept.pk]))))
    assert back.sheetnames[0] == "错误清单"
    assert back["目标值"]["D3"].comment.text.startswith("“七十”不是数字")
    assert back["目标值"]["D3"].fill.start_color.rgb == "00FFD2CC"
    assert back["错误清单"].max_row == len(kept.problems) + 1
    assert apply(office).status_code == 422
    # Mended in the very workbook that came back, it is taken; no mark is left.
    back["任务"]["A3"], back["目标值"]["D3"], back["责任分解"]["C4"] = "1.1", 70, HELPER
    upload(office, saved(back))
    assert PlanUpload.objects.latest("id").problems == []
    assert apply(office).status_code == 302


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: b"nothing", "不是"),
        (lambda: _without_seal(), "不是本系统的方案工作簿"),
    ],
)
def test_what_is_no_workbook_of_ours_is_refused(office, make, says):
    response = upload(office, make())
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not PlanUpload.objects.exists()


def _without_seal() -> bytes:
    book = opened(plan_workbook(SECOND))
    book.remove(book["_校验"])
    return saved(book)


def test_a_revision_is_shown_with_counts_and_applied_with_a_reason(office):
    load_plan(document=SECOND, by=None, at=timezone.now())
    plan = Plan.objects.get()
    factories.open_quarter(plan, 2021, 1)
    upload(office, plan_workbook(without_task(SECOND, "1.1")))
    kept = PlanUpload.objects.get()
    page = office.get(reverse("tasks:plan_upload", args=[kept.pk])).content.decode()
    assert "蓝色海湾整治方案(2021-2023)：将停用4项。" in page
    assert apply(office, reason=" ").status_code == 422
    assert plan.revisions.count() == 1
    assert apply(office).status_code == 302
    revision = PlanRevision.objects.get(no=2)
    assert (revision.reason, revision.source, revision.words) == ("区里印发", "workbook", "停用4项")
    seen = office.get(reverse("tasks:plan_revision", args=[plan.code, 2])).content.decode()
    assert "区里印发" in seen
    assert '停用日期：<span class="quiet">（空）</span> → 2021-04-01' in seen
    assert apply(office).status_code == 409
    task = Task.objects.get(action__no=1, no=1)
    page = office.get(reverse("reports:task", args=[task.pk])).content.decode()
    assert "自2021年4月1日起停用，不再填报；此前的填报和数字保留。" in page


def test_what_changed_after_the_preview_is_said_and_nothing_is_loaded(office):
    load_plan(document=SECOND, by=None, at=timezone.now())
    renamed = replace(SECOND, goals=(replace(SECOND.goals[0], name="海水水质"),))
    upload(office, plan_workbook(renamed))
    load_plan(
        document=replace(SECOND, goals=(replace(SECOND.goals[0], name="水质"),)),
        by=None,
        at=timezone.now(),
        reason="别处先改",
    )
    response = apply(office)
    assert response.status_code == 409
    assert "预览之后方案又有改动" in response.content.decode()
    plan = Plan.objects.get()
    assert (plan.goals.get().name, plan.revisions.count()) == ("水质", 2)

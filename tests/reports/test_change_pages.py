"""The pages of guided changes: the form, its preview, its confirmation; the to-do; plan values."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from filings.models import Period
from targets.models import Paper, PlanValueProposal, Target
from targets.terms import TargetState
from tests.reports.conftest import browser_of
from tests.reports.pages import read, text_of
from tests.reports.scene import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene.make()


@pytest.fixture
def period(scene: Scene) -> Period:
    return scene.filed(2020, 1, percents={0: "5"})


@pytest.fixture
def office(scene: Scene) -> Client:
    return browser_of(scene.reviewer)


@pytest.fixture
def pending(scene: Scene) -> Target:
    """The only target, not assigned yet and due in the first quarter."""
    Target.objects.update(state=TargetState.PENDING, value=None, due_on=date(2020, 3, 31))
    return Target.objects.get()


def test_a_target_is_assigned_in_two_steps_with_its_document(
    scene: Scene, period: Period, office: Client, pending: Target
):
    url = reverse("reports:assign_target", args=[pending.pk])
    asked = {"value": "８０", "quarter": "2020Q1"}
    assert "保存后会怎样" not in read(office, url)
    page = office.get(url, asked)
    text = text_of(page.content.decode())
    assert "2020年一季度 亮灯或达标情况变化" in text
    assert f"指标 {scene.indicators[0].code} {scene.indicators[0].name} 待下达 已完成" in text
    assert Target.objects.count() == 1
    seen = page.context["outlook"].seen
    typed = asked | {"seen": seen, "doc_no": "嘉环〔2020〕5号", "doc_on": "2020年4月1日"}
    again = office.post(url, typed | {"seen": "x"})
    assert again.status_code == 409
    assert "预览之后数据有变化，没有保存" in again.content.decode()
    assert 'value="嘉环〔2020〕5号"' in again.content.decode()
    missing = office.post(url, typed | {"doc_no": ""})
    assert (missing.status_code, "请填写文号和文件日期。" in missing.content.decode()) == (422, True)
    done = office.post(url, typed | {"file": SimpleUploadedFile("下达.pdf", b"%PDF-1.4")})
    assert (done.status_code, done.headers["Location"]) == (302, reverse("reports:target", args=[pending.pk]))
    text = read(office, done.headers["Location"])
    assert "现行要求 ≥80 千米 ，约束性，已明确，方案二（一）1；自2020年一季度起执行。共变更 1 次" in text
    assert "自2020年一季度起 ≥80 千米 已明确 嘉环〔2020〕5号（2020年4月1日） 下达.pdf" in text
    assert "自方案开始起 待下达 待下达 已被取代 方案二（一）1 — 随方案载入" in text
    paper = office.get(reverse("reports:paper", args=[Paper.objects.get().pk]))
    assert (paper.content, paper.headers["Content-Type"]) == (b"%PDF-1.4", "application/octet-stream")


def test_a_superseded_row_leads_to_the_newest(scene: Scene, period: Period, office: Client, pending: Target):
    new = Target.objects.get()
    Target.objects.filter(pk=pending.pk).update(state="provisional", value=90)
    new.pk, new.supersedes_id, new.state, new.value = None, pending.pk, "assigned", Decimal(80)
    new.effective_from, new.at = date(2020, 1, 1), scene.plan.pk and period.due_at
    new.save()
    page = read(office, reverse("reports:provisional_target", args=[pending.pk]))
    assert "这一目标值已有后续变更，不能在旧值上办理。 看现行的目标值" in page


def test_the_to_do_lists_what_is_not_settled(scene: Scene, office: Client, pending: Target):
    text = read(office, reverse("reports:targets"))
    assert "共 1 项目标值，待下达的目标值 1 项，数据单位待确认 1 项。" in text
    assert f"{scene.indicators[0].name} 待下达 约束性 2020年3月31日 方案二（一）1 登记下达 、 暂定" in text
    Target.objects.update(state="assigned", value=80, condition="上游来水稳定改善", comparator="around")
    text = read(office, reverse("reports:targets"))
    assert "前提条件待认定 1 项" in text
    assert "容差未定 1 项" in text


def test_thresholds_are_shown_with_their_history_and_changed_with_a_preview(
    scene: Scene, period: Period, office: Client
):
    url = reverse("reports:change_thresholds")
    asked = {"behind_above": "0", "late_above": "30", "quarter": "2020Q1"}
    page = office.get(url, asked)
    text = text_of(page.content.decode())
    assert f"任务 {scene.tasks[0].number} {scene.tasks[0].title} 严重滞后 滞后" in text
    refused = office.post(url, asked | {"seen": page.context["outlook"].seen})
    assert (refused.status_code, "请写明理由。" in refused.content.decode()) == (422, True)
    done = office.post(url, asked | {"seen": page.context["outlook"].seen, "reason": "统一口径"})
    assert done.headers["Location"] == f"{reverse('reports:thresholds')}?plan={scene.plan.code}"
    text = read(office, done.headers["Location"])
    assert f"自2020年一季度起 0 30 统一口径 {scene.reviewer}" in text
    assert "自方案开始起 0 10 方案载入时的阈值 随方案载入" in text


def test_a_plan_value_goes_from_the_department_to_the_office_and_back(
    scene: Scene, period: Period, office: Client
):
    indicator = scene.indicators[0]
    url = reverse("reports:plan_values", args=[indicator.pk])
    filer = browser_of(scene.filers[scene.departments[0].pk])
    propose = reverse("reports:propose_plan_value", args=[indicator.pk])
    bad = filer.post(propose, {"on": "2020Q2", "value": "多", "source": "计划"})
    assert (bad.status_code, "“多”不是数" in bad.content.decode()) == (422, True)
    for value in "75", "76":
        assert filer.post(propose, {"on": "2020Q2", "value": value, "source": "年度计划"}).status_code == 302
    assert "待确认 季度末 计划值 分解依据 填报 办理 2020年6月30日 76.00 年度计划" in read(filer, url)
    waiting = PlanValueProposal.objects.get(state="proposed")
    office.post(reverse("reports:return_plan_value", args=[waiting.pk]), {"note": "低于年度计划"})
    assert "2020年二季度：低于年度计划" in read(filer, reverse("reports:all_plan_values"))
    filer.post(propose, {"on": "2020Q2", "value": "80", "source": "年度计划"})
    confirm = reverse("reports:confirm_plan_values", args=[indicator.pk])
    page = office.get(confirm)
    assert office.post(confirm, {"seen": page.context["outlook"].seen}).headers["Location"] == url
    assert "已确认 2 个" in read(filer, url)
    assert office.get(confirm).status_code == 302  # nothing waits any more


def test_a_publication_goes_on_showing_the_target_of_its_time(scene: Scene, period: Period, office: Client):
    scene.publish(period)
    second = scene.opened(2020, 2)
    target = Target.objects.get()
    url = reverse("reports:revise_target", args=[target.pk])
    asked = {"value": "90", "quarter": "2020Q1"}
    seen = office.get(url, asked).context["outlook"].seen
    assert office.post(url, asked | {"seen": seen, "reason": "核定"}).status_code == 302
    page = reverse("reports:indicator", args=[scene.indicators[0].pk])
    assert "≥100 千米 2020年12月31日" in read(office, f"{page}?period=2020Q1&version=1")
    assert "≥90 千米 2020年12月31日" in read(office, f"{page}?period={second.code}&live=1")

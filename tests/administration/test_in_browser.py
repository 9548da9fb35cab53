"""The administration in a real browser under the policy: `page_of` fails a test when anything was refused."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from departments.models import Department
from targets.models import Indicator
from tests.administration.conftest import csv_file
from tests.factories import (
    make_action,
    make_department,
    make_goal,
    make_indicator,
    make_plan,
    make_reviewer,
    make_sysadmin,
    make_target,
    make_task,
)

pytestmark = pytest.mark.browser

TABLES = [
    "departments_department",
    "targets_indicator",
    "targets_target",
    "tasks_task",
    "tasks_responsibility",
]


@pytest.fixture
def plan(transactional_db):
    plan = make_plan()
    department = make_department("甲局")
    indicator = make_indicator(plan, goal=make_goal(plan), data_department=department, name="绿道网")
    make_target(indicator)
    task = make_task(make_action(plan, leads=[department]), lead=department)
    task.indicators.add(indicator)
    return plan


def test_every_page_of_a_table_opens(page_of, plan):
    page = page_of(make_reviewer())
    for table in TABLES:
        page.goto(reverse(f"admin:{table}_changelist"))
        page.locator("#result_list tbody th a").first.click()
        page.wait_for_selector("input[name=_save]")
        for name in ("add", "import", "export"):
            assert page.goto(reverse(f"admin:{table}_{name}")).status == 200
        page.locator("[type=submit]").first.wait_for()


def test_a_data_department_is_confirmed(page_of, plan):
    page = page_of(make_reviewer())
    page.goto(reverse("admin:targets_indicator_changelist"))
    page.locator("#changelist-filter a[href*='data_department_is_proposed__exact=1']").click()
    page.get_by_role("link", name="绿道网").click()
    page.get_by_label("数据单位待确认").uncheck()
    page.locator("#id_revision_reason").fill("经单位确认")
    page.locator("input[name=_save]").click()
    page.locator(".messagelist .success").wait_for()
    assert not Indicator.objects.get().data_department_is_proposed


def test_indicators_of_a_task_are_chosen(page_of, plan):
    make_indicator(plan, name="岸线")
    page = page_of(make_reviewer())
    page.goto(reverse("admin:tasks_task_changelist"))
    page.locator("#result_list tbody th a").first.click()
    page.locator("#id_indicators_from").select_option(label="岸线")
    page.locator(".selector-add").click()
    page.locator("#id_revision_reason").fill("补登对应指标")
    page.locator("input[name=_save]").click()
    page.locator(".messagelist .success").wait_for()
    assert Indicator.objects.filter(tasks__isnull=False).count() == 2


def test_a_table_goes_out_and_comes_back(page_of, plan, tmp_path):
    page = page_of(make_reviewer(make_department("乙局")))
    page.goto(reverse("admin:departments_department_changelist"))
    page.get_by_role("link", name="导出", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name="导出").click()
    assert download.value.suggested_filename == "责任单位.xlsx"

    file = tmp_path / "回传.csv"
    file.write_bytes(csv_file(["名称", "校注"], ["甲局", "见附件"]).read())
    page.goto(reverse("admin:departments_department_import"))
    page.locator("input[type=file]").set_input_files(Path(file))
    page.get_by_role("button", name="预览").click()
    page.locator("ins", has_text="见附件").wait_for()
    page.get_by_role("button", name="确认导入").click()
    page.locator(".messagelist .success", has_text=re.compile("责任单位已导入：修改1行")).wait_for()
    assert Department.objects.get(name="甲局").note == "见附件"


def test_an_account_is_made(page_of, transactional_db):
    make_department("甲局")
    page = page_of(make_sysadmin())
    page.goto(reverse("admin:accounts_user_add"))
    page.get_by_label("用户名").fill("zhang")
    page.get_by_label("姓名").fill("张三")
    page.locator("#id_password1").fill("Gangqu-2021-xin")
    page.locator("#id_password2").fill("Gangqu-2021-xin")
    page.locator("#id_memberships-0-department").select_option(label="甲局")
    page.locator("#id_memberships-0-role").select_option(label="填报人")
    page.locator("input[name=_save]").click()
    page.locator(".messagelist .success").wait_for()
    for table in ("accounts_user", "accounts_failedsignin", "audit_event"):
        assert page.goto(reverse(f"admin:{table}_changelist")).status == 200

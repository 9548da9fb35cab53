"""Who comes into the administration, and what each finds there: roles decide, and nothing beside them."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role
from targets.models import Plan
from tests.factories import (
    PASSWORD,
    make_approver,
    make_department,
    make_filer,
    make_leader,
    make_plan,
    make_reviewer,
    make_sysadmin,
    make_user,
)

PLAN_TABLES = [
    "departments_department", "targets_plan", "targets_goalcategory", "targets_indicator", "targets_target",
    "actions_specialaction", "tasks_task", "tasks_responsibility", "tasks_milestone",
]  # fmt: skip
PEOPLE_TABLES = ["accounts_user", "accounts_failedsignin"]


def sections(client):
    """App labels on the front page, in order."""
    return [app["app_label"] for app in client.get(reverse("admin:index")).context["app_list"]]


def test_the_office_finds_the_plan_and_its_record(as_office):
    assert sections(as_office) == ["targets", "actions", "tasks", "filings", "departments", "audit"]


def test_the_system_administrator_finds_accounts_channels_and_the_record(as_sysadmin):
    assert sections(as_sysadmin) == ["accounts", "supervision", "audit"]


@pytest.mark.parametrize("table", PLAN_TABLES)
def test_plan_data_is_open_to_the_office_and_to_nobody_else(as_office, as_sysadmin, table):
    for page in ("changelist", "add"):
        address = reverse(f"admin:{table}_{page}")
        assert as_office.get(address).status_code == 200
        assert as_sysadmin.get(address).status_code == 403


@pytest.mark.parametrize("table", PEOPLE_TABLES)
def test_accounts_are_open_to_the_system_administrator_and_to_nobody_else(as_office, as_sysadmin, table):
    address = reverse(f"admin:{table}_changelist")
    assert as_sysadmin.get(address).status_code == 200
    assert as_office.get(address).status_code == 403


def test_filings_are_changed_by_their_services_only(as_office):
    from django.contrib.admin import site

    labels = {model._meta.label for model in site._registry}
    assert {
        label for label in labels if label.startswith(("filings.", "reports.", "assessment.", "axes."))
    } == {
        "filings.SpecialDay"  # the calendar of working days, nothing of what departments file
    }
    ours = {label for label in labels if label.startswith("supervision.")}
    assert ours == {
        "supervision.Channel",
        "supervision.Delivery",
    }  # how messages leave, nothing of what they say


@pytest.mark.parametrize("make", [make_filer, make_approver])
def test_people_of_a_department_are_told_that_they_have_no_business_here(client, db, make):
    client.force_login(make(make_department()))
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403
    assert "您的角色没有这些权限" in response.content.decode()


def test_leaders_have_no_business_here_either(client, db):
    client.force_login(make_leader())
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_a_staff_mark_alone_opens_nothing(client, db):
    client.force_login(make_user(is_staff=True))
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_who_gets_the_role_comes_in_and_who_loses_it_does_not(client, db):
    person, department = make_user(), make_department()
    client.force_login(person)
    held = Membership.objects.create(user=person, department=department, role=Role.OFFICE)
    assert client.get(reverse("admin:index")).status_code == 200
    held.delete()
    assert client.get(reverse("admin:index"), follow=True).status_code == 403


def test_an_account_made_inactive_is_out_at_once(client, db):
    person = make_reviewer()
    client.post(reverse("login"), {"username": person.username, "password": PASSWORD})
    assert client.get(reverse("admin:index")).status_code == 200
    get_user_model().objects.filter(pk=person.pk).update(is_active=False)
    assert client.get(reverse("admin:index"), follow=True).request["PATH_INFO"] == reverse("login")


def test_strangers_sign_in_where_everybody_does(client, db):
    response = client.get(reverse("admin:targets_plan_changelist"))
    assert (
        response.headers["Location"] == f"{reverse('login')}?next={reverse('admin:targets_plan_changelist')}"
    )


def test_the_second_sign_in_page_leads_on(client, db):
    client.force_login(make_sysadmin())
    assert client.get(reverse("admin:login")).headers["Location"] == reverse("admin:index")


def test_demonstration_data_is_marked_here_too(as_office):
    make_plan()
    assert "演示数据" not in as_office.get(reverse("admin:index")).content.decode()
    Plan.objects.update(has_demo_data=True)
    page = as_office.get(reverse("admin:index")).content.decode()
    assert "数值、人员和办理经过均为虚构" in page

"""The system administrator makes accounts, gives roles, sets passwords and unlocks; every step is recorded."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import FailedSignIn, Membership
from accounts.roles import Role
from audit.models import Event
from tests.administration.conftest import told
from tests.factories import PASSWORD, make_department, make_filer, make_sysadmin, make_user

User = get_user_model()
NEW_PASSWORD = "Gangqu-2021-xin"


def rows(*memberships, held=()):
    """The rows of roles as the page sends them: stored ones first, then new ones as (role, department)."""
    values = {
        "memberships-TOTAL_FORMS": len(held) + len(memberships),
        "memberships-INITIAL_FORMS": len(held),
    }
    for number, membership in enumerate(held):
        values |= {
            f"memberships-{number}-id": membership.pk,
            f"memberships-{number}-role": membership.role,
            f"memberships-{number}-department": membership.department_id or "",
        }
    for number, (role, department) in enumerate(memberships, len(held)):
        values |= {
            f"memberships-{number}-role": role,
            f"memberships-{number}-department": department.pk if department else "",
        }
    return values


def person(**values):
    return {
        "username": "zhang",
        "name": "张三",
        "password1": NEW_PASSWORD,
        "password2": NEW_PASSWORD,
    } | values


def add(client, values):
    return client.post(reverse("admin:accounts_user_add"), values)


def change(client, user, values):
    """Save a person's page with these rows of roles."""
    sent = {"username": user.username, "name": user.name, "is_active": "on"} | values
    return client.post(reverse("admin:accounts_user_change", args=[user.pk]), sent)


def refused(response):
    """Sentences under the fields and rows of a page."""
    found = [
        str(each) for below in response.context["inline_admin_formsets"] for each in below.non_form_errors()
    ]
    for below in response.context["inline_admin_formsets"]:
        found += [error for form in below.formset.forms for error in form.non_field_errors()]
    form = response.context["adminform"].form
    return found + [error for errors in form.errors.values() for error in errors]


# Making accounts


def test_a_new_account_signs_in_with_its_role(as_sysadmin, client):
    bureau = make_department("甲局")
    response = add(as_sysadmin, person() | rows((Role.FILER, bureau)))
    made = User.objects.get(username="zhang")
    assert response.headers["Location"] == reverse("admin:accounts_user_change", args=[made.pk])
    assert (made.name, made.is_superuser) == ("张三", False)
    assert made.departments_as(Role.FILER) == {bureau.pk}
    sent = {"username": "zhang", "password": NEW_PASSWORD}
    assert client.post(reverse("login"), sent).headers["Location"] == "/"


def test_a_new_account_of_the_office_enters_the_administration_at_once(as_sysadmin, client):
    add(as_sysadmin, person() | rows((Role.OFFICE, make_department())))
    client.post(reverse("login"), {"username": "zhang", "password": NEW_PASSWORD})
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_new_account_is_recorded_without_its_password(as_sysadmin, sysadmin):
    add(as_sysadmin, person() | rows((Role.FILER, make_department("甲局"))))
    account, role = Event.objects.filter(verb="admin.add").order_by("subject_type").reverse()
    assert account.actor_id == role.actor_id == sysadmin.pk
    assert (account.after["用户名"], account.after["姓名"]) == ("zhang", "张三")
    assert set(account.after).isdisjoint({"口令"})
    assert role.after == {"账号": "张三", "单位": "甲局", "角色": "填报人"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"password2": "anders"}, "输入的两个口令不一致。"),
        (
            {"password1": "12345678", "password2": "12345678"},
            "口令须含大写字母、小写字母、数字、符号中的至少三类。",
        ),
        ({"name": ""}, "这个字段是必填项。"),
        ({"username": "ZHAO"}, "已存在一位使用该名字的用户。"),
    ],
)
def test_a_wrong_account_is_refused_with_a_sentence(as_sysadmin, values, said):
    make_user("zhao")
    response = add(as_sysadmin, person(**values) | rows())
    assert said in refused(response)
    assert not User.objects.filter(username="zhang").exists()


# Roles


@pytest.mark.parametrize(
    ("role", "with_department"),
    [
        (Role.FILER, False),
        (Role.APPROVER, False),
        (Role.OFFICE, False),
        (Role.LEADER, True),
        (Role.SYSADMIN, True),
    ],
)
def test_a_role_is_held_where_it_belongs(as_sysadmin, role, with_department):
    department = make_department() if with_department else None
    response = add(as_sysadmin, person() | rows((role, department)))
    assert refused(response) == ["填报人、签发人、办公室审核须选择单位；领导、系统管理员不选单位。"]


def test_a_person_may_belong_to_several_departments(as_sysadmin):
    one, two = make_department(), make_department()
    add(as_sysadmin, person() | rows((Role.FILER, one), (Role.OFFICE, two), (Role.FILER, two)))
    assert User.objects.get(username="zhang").departments_as(Role.FILER) == {one.pk, two.pk}


def test_the_same_role_twice_is_refused(as_sysadmin):
    response = add(as_sysadmin, person() | rows((Role.LEADER, None), (Role.LEADER, None)))
    assert refused(response) == ["同一单位的同一角色只能写一次。"]


def test_a_system_administrator_takes_no_other_part(as_sysadmin):
    response = add(as_sysadmin, person() | rows((Role.SYSADMIN, None), (Role.OFFICE, make_department())))
    assert refused(response) == ["系统管理员只管账号和运行，不参与填报和审核，不能兼任其他角色。"]


def test_nobody_gives_up_the_administration_alone(as_sysadmin, sysadmin):
    (own,) = sysadmin.memberships.all()
    values = rows(held=[own]) | {"memberships-0-DELETE": "on"}
    assert refused(change(as_sysadmin, sysadmin, values)) == [
        "不能取消自己的系统管理员角色；请由另一位系统管理员办理。"
    ]
    change(as_sysadmin, sysadmin, rows(held=[own]) | {"is_active": ""})
    sysadmin.refresh_from_db()
    assert sysadmin.is_active
    other = make_sysadmin()
    change(as_sysadmin, other, rows(held=other.memberships.all()) | {"memberships-0-DELETE": "on"})
    assert not other.memberships.exists()


def test_a_role_that_is_taken_away_is_recorded(as_sysadmin):
    filer = make_filer(make_department("甲局"), name="李四")
    (held,) = filer.memberships.all()
    change(as_sysadmin, filer, rows(held=[held]) | {"memberships-0-DELETE": "on"})
    assert not Membership.objects.filter(pk=held.pk).exists()
    event = Event.objects.get(verb="admin.delete")
    assert (event.subject_id, event.before) == (
        str(held.pk), {"账号": "李四", "单位": "甲局", "角色": "填报人"},
    )  # fmt: skip


# Staying and leaving


def test_an_account_is_made_inactive_and_never_deleted(as_sysadmin, client):
    filer = make_filer(make_department())
    assert as_sysadmin.get(reverse("admin:accounts_user_delete", args=[filer.pk])).status_code == 403
    change(as_sysadmin, filer, rows(held=filer.memberships.all()) | {"is_active": ""})
    event = Event.objects.get(verb="admin.change")
    assert (event.before, event.after) == ({"有效": "是"}, {"有效": "否"})
    response = client.post(reverse("login"), {"username": filer.username, "password": PASSWORD})
    assert response.status_code == 200


def test_a_password_is_set_and_recorded_without_being_written_down(as_sysadmin, client, sysadmin):
    filer = make_filer(make_department())
    address = reverse("admin:auth_user_password_change", args=[filer.pk])
    page = as_sysadmin.get(address)
    assert list(page.context["form"].fields) == ["password1", "password2"]
    response = as_sysadmin.post(address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}, follow=True)
    assert told(response) == ["口令修改成功。"]
    event = Event.objects.get(verb="account.password")
    assert (event.actor_id, event.subject_id, event.before, event.after) == (
        sysadmin.pk,
        str(filer.pk),
        {},
        {},
    )
    sent = {"username": filer.username, "password": NEW_PASSWORD}
    assert client.post(reverse("login"), sent).status_code == 302


def test_an_empty_password_is_refused(as_sysadmin):
    filer = make_filer(make_department())
    address = reverse("admin:auth_user_password_change", args=[filer.pk])
    form = as_sysadmin.post(address, {"password1": "", "password2": ""}).context["form"]
    assert form.errors["password1"] == ["这个字段是必填项。"]
    assert not Event.objects.filter(verb="account.password").exists()


def test_a_new_password_ends_the_persons_sessions(as_sysadmin, client):
    filer = make_filer(make_department())
    client.force_login(filer)
    address = reverse("admin:auth_user_password_change", args=[filer.pk])
    as_sysadmin.post(address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert client.get("/", follow=True).request["PATH_INFO"] == reverse("login")


# Locks


def test_a_locked_name_is_seen_and_unlocked(as_sysadmin):
    filer = make_filer(make_department())
    stranger = Client(REMOTE_ADDR="10.0.0.1")
    for _ in range(5):
        stranger.post(reverse("login"), {"username": filer.username, "password": "falsch"})
    right = {"username": filer.username, "password": PASSWORD}
    assert stranger.post(reverse("login"), right).status_code == 429
    (row,) = as_sysadmin.get(reverse("admin:accounts_failedsignin_changelist")).context["cl"].result_list
    assert (row.username, row.ip_address, row.failures_since_start >= 5) == (filer.username, "10.0.0.1", True)
    as_sysadmin.post(reverse("admin:accounts_failedsignin_delete", args=[row.pk]), {"post": "yes"})
    assert not FailedSignIn.objects.exists()
    assert stranger.post(reverse("login"), right).status_code == 302
    assert Event.objects.get(verb="admin.delete").subject_label == f"{filer.username} 10.0.0.1"


# Lists


def test_the_list_says_who_does_what_where(as_sysadmin):
    person = make_user(
        "wang", name="王五", roles=[(Role.FILER, make_department("甲局")), (Role.LEADER, None)]
    )
    page = as_sysadmin.get(reverse("admin:accounts_user_changelist") + "?q=王五").content.decode()
    assert "甲局填报人、领导" in page
    assert person.username in page


def test_lists_take_as_many_queries_for_three_people_as_for_one(as_sysadmin):
    addresses = [reverse(f"admin:accounts_{table}_changelist") for table in ("user", "failedsignin")]
    several = make_user(roles=[(Role.FILER, make_department())])
    addresses.append(reverse("admin:accounts_user_change", args=[several.pk]))

    def count(address):
        as_sysadmin.get(address)  # the first look fills the process's caches
        with CaptureQueriesContext(connection) as captured:
            assert as_sysadmin.get(address).status_code == 200
        return len(captured)

    before = [count(address) for address in addresses]
    for number in range(2):
        Membership.objects.create(user=several, department=make_department(), role=Role.APPROVER)
        make_filer(make_department())
        Client(REMOTE_ADDR=f"10.0.0.{number}").post(reverse("login"), {"username": "x", "password": "y"})
    assert [count(address) for address in addresses] == before

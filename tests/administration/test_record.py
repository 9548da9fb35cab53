"""What happened is written down and stays: sign-ins with time, name and address; read, never changed."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import receivers
from audit.models import Event
from audit.services import record
from audit.terms import VERBS
from filings.rules import STEPS
from filings.terms import Decision
from tests.factories import PASSWORD, make_department, make_filer, make_plan, make_user

ROOT = Path(settings.BASE_DIR)


def sign_in(name, password, address="10.0.0.7"):
    client = Client(REMOTE_ADDR=address)
    client.post(reverse("login"), {"username": name, "password": password})
    return client


def events(verb):
    return list(Event.objects.filter(verb=verb).order_by("id"))


# Signing in and out


def test_a_sign_in_is_recorded_with_time_name_and_address(db):
    person = make_user("zhang", name="张三")
    before = timezone.now()
    sign_in("zhang", PASSWORD)
    (event,) = events("account.sign_in")
    assert before <= event.at <= timezone.now()
    assert (event.actor_id, event.actor_name, event.subject_id) == (person.pk, "张三", str(person.pk))
    assert event.after == {"账号": "zhang", "来源地址": "10.0.0.7"}


def test_a_failed_sign_in_is_recorded_and_nobody_is_said_to_have_acted(db):
    person = make_user("zhang")
    sign_in("zhang", "falsch")
    (event,) = events("account.sign_in_failed")
    assert (event.actor_id, event.actor_name, event.subject_id) == (None, "系统", str(person.pk))
    assert event.after == {"账号": "zhang", "来源地址": "10.0.0.7"}
    assert "falsch" not in str([event.before, event.after, event.note])


def test_a_name_that_does_not_exist_is_recorded_too(db):
    sign_in("nobody", "x")
    (event,) = events("account.sign_in_failed")
    assert (event.subject_id, event.subject_label, event.after["账号"]) == ("0", "nobody", "nobody")


def test_attempts_on_a_locked_name_are_recorded(db):
    make_user("zhang")
    for _ in range(5):
        sign_in("zhang", "falsch")
    sign_in("zhang", PASSWORD)
    assert len(events("account.sign_in_failed")) == 6
    assert events("account.sign_in") == []


def test_a_failure_outside_a_page_has_no_address(db):
    receivers.sign_in_failed(sender=None, credentials={"username": "x" * 400})
    (event,) = events("account.sign_in_failed")
    assert event.after == {"账号": "x" * 150, "来源地址": ""}


def test_a_sign_out_is_recorded(db):
    person = make_user("zhang")
    client = sign_in("zhang", PASSWORD)
    client.post(reverse("logout"))
    (event,) = events("account.sign_out")
    assert (event.actor_id, event.after["来源地址"]) == (person.pk, "10.0.0.7")


def test_a_stranger_who_signs_out_is_nobody(client, db):
    client.post(reverse("logout"))
    assert events("account.sign_out") == []


# Reading


@pytest.fixture
def happened(office, sysadmin):
    """One event about the plan and one about an account."""
    at = timezone.make_aware(datetime(2021, 1, 5, 9, 30))  # noqa: DTZ001 - made aware at once
    plan = make_plan()
    return (
        record(verb="plan.load", subject=plan, by=office, at=at, before={"名称": "旧"}, after={"名称": "新"}),
        record(verb="account.password", subject=make_filer(make_department()), by=sysadmin, at=at),
    )


def seen(client):
    return set(client.get(reverse("admin:audit_event_changelist")).context["cl"].result_list)


def test_the_office_reads_what_happened_to_the_plan_and_the_administrator_what_happened_to_accounts(
    as_office, as_sysadmin, happened
):
    of_plan, of_account = happened
    assert of_plan in seen(as_office)
    assert of_account not in seen(as_office)
    assert of_account in seen(as_sysadmin)
    assert of_plan not in seen(as_sysadmin)


def test_an_event_opens_to_what_was_and_what_is(as_office, happened):
    page = as_office.get(reverse("admin:audit_event_change", args=[happened[0].pk])).content.decode()
    assert "载入方案" in page
    assert "名称：旧 → 新" in page
    assert "2021年1月5日 09:30" in page


def test_strangers_to_an_event_do_not_find_it(as_sysadmin, happened):
    response = as_sysadmin.get(reverse("admin:audit_event_change", args=[happened[0].pk]))
    assert response.headers["Location"] == reverse("admin:index")


def test_events_are_found_by_kind_of_subject(as_office, happened):
    address = reverse("admin:audit_event_changelist") + "?subject=targets.plan"
    page = as_office.get(address)
    assert set(page.context["cl"].result_list) == {happened[0]}
    assert "方案</a>" in page.content.decode()


@pytest.mark.parametrize("who", ["office", "sysadmin"])
def test_nobody_adds_changes_or_deletes_an_event(request, happened, who):
    client = request.getfixturevalue(f"as_{who}")
    event = happened[0] if who == "office" else happened[1]
    assert client.get(reverse("admin:audit_event_add")).status_code == 403
    assert client.post(reverse("admin:audit_event_change", args=[event.pk]), {"note": "x"}).status_code == 403
    assert (
        client.post(reverse("admin:audit_event_delete", args=[event.pk]), {"post": "yes"}).status_code == 403
    )
    listed = client.get(reverse("admin:audit_event_changelist")).context["action_form"]
    assert listed is None or "delete_selected" not in dict(listed.fields["action"].choices)
    assert Event.objects.filter(pk=event.pk, note="").exists()


def test_a_superuser_reads_both(client, happened):
    client.force_login(get_user_model().objects.create_superuser("root", password=PASSWORD, name="root"))
    assert seen(client) >= set(happened)


# Words


def test_every_verb_that_is_recorded_has_its_word():
    written = set()
    for file in ROOT.glob("*/**/*.py"):
        if not file.is_relative_to(ROOT / "tests") and ".venv" not in file.parts:
            written |= set(re.findall(r'verb="([a-z]+\.[a-z_]+)"', file.read_text()))
    written |= {f"filing.{verb}" for verb in STEPS}
    written |= {f"entry.{decision}" for decision in (Decision.ACCEPTED, Decision.RETURNED)}
    assert len(written) > 20
    assert written - set(VERBS) == set()

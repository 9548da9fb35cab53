"""The first administrator of a new system is made on the server's command line."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.models import Membership
from accounts.roles import Role

PASSWORD = "Harbor-2020-first"


@pytest.fixture
def make(db, monkeypatch):
    """Runs the command as a script would."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)

    def run(**options):
        call_command("createsuperuser", interactive=False, stdout=io.StringIO(), **options)

    return run


def test_the_first_administrator_holds_the_role_and_begins_at_the_administration(make, client):
    make(username="admin", name="郑凯")
    person = get_user_model().objects.get()
    assert (person.username, person.name) == ("admin", "郑凯")
    assert list(person.memberships.values_list("role", "department")) == [(Role.SYSADMIN, None)]
    client.post(reverse("login"), {"username": "admin", "password": PASSWORD})
    home = client.get("/")
    assert (home.status_code, home.headers["Location"]) == (302, reverse("admin:index"))
    assert client.get(reverse("admin:accounts_user_add")).status_code == 200
    assert client.get(reverse("reports:cockpit")).status_code == 403


def test_an_account_without_a_name_is_not_made(make):
    with pytest.raises(CommandError, match="--name"):
        make(username="admin")
    assert not get_user_model().objects.exists()


def test_neither_half_is_made_alone(make, monkeypatch):
    def fail(**fields):
        raise RuntimeError("broken")

    monkeypatch.setattr(Membership.objects, "create", fail)
    with pytest.raises(RuntimeError):
        make(username="admin", name="郑凯")
    assert not get_user_model().objects.exists()

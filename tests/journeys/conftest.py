"""The plan and its demonstration in a database of its own for every journey: loaded once, then copied by PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Page, expect

from tests.conftest import Worker

PASSWORD = "Demo@811"
PLAN = settings.BASE_DIR / "fixtures" / "plan-811"

PATIENCE = 30_000  # milliseconds; a journey is about what happens, not how fast on a busy machine
expect.set_options(timeout=PATIENCE)


@contextmanager
def working_on(name: str) -> Iterator[None]:
    """Lead this process, its live server and whatever it starts to the database `name`."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


@contextmanager
def copy_of(source: str, name: str) -> Iterator[str]:
    """A database `name` with everything `source` has; dropped afterwards. Idle connections to either are ended."""
    administer(
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',  # left by a run that was killed
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{source}'",
        f'CREATE DATABASE "{name}" TEMPLATE "{source}"',
    )
    try:
        yield name
    finally:
        administer(f'DROP DATABASE "{name}" WITH (FORCE)')


def administer(*statements: str) -> None:
    """Run statements that concern databases as a whole."""
    connection.close()
    with connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(scope="session")
def demo_template(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """The name of a database with the 811 plan and its demonstration: that of this run, or loaded in this process."""
    if loaded := os.environ.get("DEMO_DATABASE"):
        yield loaded
        return
    empty = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), copy_of(empty, f"{empty}_demo") as name:
        with working_on(name):
            call_command("load_plan", str(PLAN), stdout=StringIO())
            call_command("load_reorganisations", str(PLAN.parent / "reorganisation-2018"), stdout=StringIO())
            call_command("load_demo", stdout=StringIO())
        yield name


@pytest.fixture
def demo(demo_template: str, transactional_db: None) -> Iterator[None]:
    """The demonstration as just loaded, for this test alone; a live server and a worker see the same."""
    own = connection.settings_dict["NAME"]
    with copy_of(demo_template, f"{own}_copy") as name, working_on(name):
        yield


@pytest.fixture
def worker(demo: None, worker: Worker) -> Worker:
    """A real worker, on the demonstration."""
    return worker


@pytest.fixture
def signed_in(new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Signs a demo account in through the form, as a person of its own: `signed_in(url, "hbj.tb")`."""

    def sign_in(url: str, account: str, **options: Any) -> Page:
        page = new_page(base_url=url, **options)
        page.set_default_timeout(PATIENCE)
        page.goto("/login/")
        page.get_by_label("用户名").fill(account)
        page.get_by_label("口令").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_label("口令")).to_have_count(0)
        return page

    return sign_in

"""The demonstration as shipped, loaded once for all tests of one process."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from harbor_plan.demo.load import Loaded, load
from harbor_plan.demo.tables import Tables, read_tables
from tasks.plan_files import PlanDocument, read_plan
from tests.journeys.conftest import copy_of, working_on

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "demo"
PLAN = Path(settings.BASE_DIR) / "fixtures" / "plan-811"
ASSESSMENT = Path(settings.BASE_DIR) / "fixtures" / "assessment-811"

#: A Wednesday morning, the day of the first load.
AT = datetime(2026, 11, 25, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def tables() -> Tables:
    """The shipped tables, read once."""
    return read_tables(SHIPPED)


@pytest.fixture(scope="session")
def document() -> PlanDocument:
    """The plan the tables belong to."""
    return read_plan(PLAN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tables that a test may spoil, beside a copy of the assessment's."""
    shutil.copytree(ASSESSMENT, tmp_path / ASSESSMENT.name)
    return Path(shutil.copytree(SHIPPED, tmp_path / "demo"))


@pytest.fixture(scope="session")
def shipped(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, Loaded]]:
    """The name of a database with all quarters, and what the load said of them."""
    empty = connection.settings_dict["NAME"]
    with django_db_blocker.unblock(), copy_of(empty, f"{empty}_shipped") as name:
        with working_on(name):
            call_command("load_plan", str(PLAN), stdout=StringIO())
            loaded = load(SHIPPED, at=AT)
            assert loaded is not None
        yield name, loaded


@pytest.fixture(scope="module")
def demo(shipped: tuple[str, Loaded], django_db_blocker: Any) -> Iterator[Loaded]:
    """All quarters in the database that the module's tests work on; each takes back what it writes."""
    name, loaded = shipped
    with django_db_blocker.unblock(), working_on(name):
        yield loaded

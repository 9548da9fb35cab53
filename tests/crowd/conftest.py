"""The whole plan with people for every department, in a database of its own, served as production serves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from filings.models import Entry, Period
from targets.models import Plan
from tests import factories, services
from tests.conftest import Worker, compose_command
from tests.crowd.visitor import Answer, Visitor
from tests.journeys.conftest import copy_of, working_on

YEAR, QUARTER = 2020, 4
#: So many entries a department types during a test, at most.
TYPED = 4


@dataclass(frozen=True)
class Prepared:
    """A database with the plan, its people and an open quarter, and the data folder that its servers share."""

    name: str
    var: Path


@pytest.fixture(scope="session")
def prepared(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    """Prepared once in this process as production prepares: the plan and the static files, no demonstration."""
    empty = connection.settings_dict["NAME"]
    var = tmp_path_factory.mktemp("crowd")
    with django_db_blocker.unblock(), copy_of(empty, f"{empty}_crowd") as name:
        with working_on(name):
            preparing = services.start(compose_command("prepare"), env=environment(var))
            assert preparing.process.wait(services.PATIENCE) == 0, preparing.output()
            typed_before(people(Plan.objects.get()))
        yield Prepared(name, var)


def environment(var: Path) -> dict[str, str]:
    """What a process of production is told, to work on this test's database and with its data folder."""
    return {
        "DATABASE_URL": services.database_url(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "harbor_plan.settings",
        "VAR_DIR": str(var),
    }


def people(plan: Plan) -> Period:
    """An open quarter; a filer and an approver for every department that owes it; three reviewers and a leader.

    Two reviewers belong to the office and one to another department, so that the office's own filing has one too.
    """
    period = factories.open_quarter(plan, YEAR, QUARTER)
    departments = [filing.department for filing in period.filings.select_related("department")]
    for no, department in enumerate(departments, 1):
        factories.make_filer(department, username=f"filer{no}", name=f"填报{no}")
        factories.make_approver(department, username=f"approver{no}", name=f"签发{no}")
    elsewhere = next(department for department in departments if department != plan.office)
    for no, department in enumerate([plan.office, plan.office, elsewhere], 1):
        factories.make_reviewer(department, username=f"reviewer{no}", name=f"审核{no}")
    factories.make_leader(username="leader", name="领导")
    return period


def typed_before(period: Period) -> None:
    """Every department that owes much has typed most of it, through the service: only TYPED entries are left."""
    for filing in period.filings.select_related("department"):
        filer = User.objects.get(memberships__role=Role.FILER, memberships__department=filing.department)
        entries = list(Entry.objects.filter(filing=filing).order_by("position", "id"))
        left = set(entries[:: -(-len(entries) // TYPED)])  # spread over all kinds of entries
        for entry in entries:
            if entry not in left:
                factories.fill_entry(entry, by=filer)


@pytest.fixture
def crowd_data(prepared: Prepared, transactional_db: None) -> Iterator[Period]:
    """The open quarter as just prepared, for this test alone; servers and workers see the same."""
    with copy_of(prepared.name, f"{prepared.name}_copy") as name, working_on(name):
        yield Period.objects.get()


@pytest.fixture
def worker(crowd_data: Period, worker: Worker) -> Worker:
    """A real worker, on the open quarter."""
    return worker


@dataclass
class Site:
    """gunicorn as docker-compose.yml starts it, with several processes, and everything it has ever answered."""

    port: int
    running: services.Running
    answers: list[Answer]

    def visitor(self, user: User) -> Visitor:
        """A browser in which somebody is signed in."""
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        return Visitor(self.port, {name: client.cookies[name].value}, self.answers)

    def errors(self) -> list[Answer]:
        """Answers that no person should ever get."""
        return [answer for answer in self.answers if answer.status >= 500]


@pytest.fixture
def start_site(crowd_data: Period, prepared: Prepared) -> Iterator[Callable[..., Site]]:
    """Starts the web server on the open quarter: `start_site(processes=2)`."""
    started: list[Site] = []

    def start(processes: int = 2) -> Site:
        port = services.free_port()
        env = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_PROCESSES": str(processes)}
        running = services.start(compose_command("web"), env=environment(prepared.var) | env)
        services.wait_until(lambda: services.accepts_connections(port), running, "The web server")
        started.append(Site(port, running, []))
        return started[-1]

    yield start
    for site in started:
        site.running.stop()

"""A plan with three published quarters, the last one corrected, and a fourth one running; built once a module."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from filings.models import Period
from reports.models import Publication
from targets.models import Indicator, PlanValue
from targets.terms import Accumulation, Asked, Comparator, Kind, Strength, TargetState
from tests.factories import make_indicator, make_target
from tests.reports.scene import Scene

LEVELS = ["未启动", "推进中", "基本达到", "达到"]


@dataclass
class Published:
    """Task 0 runs as planned; task 1 is yellow, then red, then unreported. The indicators by what they show:
    `growth` is 20, then 45 where 50 was planned, then without data; the others are asked in the fourth quarter."""

    scene: Scene
    growth: Indicator
    graded: Indicator
    deliverable: Indicator
    trend: Indicator
    pending: Indicator
    publications: list[Publication]
    corrected: Publication
    running: Period

    @property
    def newest(self) -> Publication:
        return self.corrected


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module that share `published` run in one process, so that it is built once."""
    for item in items:
        if "published" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(f"published {item.path.stem}"))


@pytest.fixture(scope="module")
def published(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Published]:
    """Taken back after the module; each test's own changes after the test."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        made = build()
    yield made
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


def build() -> Published:
    scene = Scene.make(size=2)
    indicators = extra_indicators(scene)
    growth = scene.indicators[0]
    for day, value in ((date(2020, 3, 31), "20"), (date(2020, 6, 30), "50"), (date(2020, 9, 30), "75")):
        PlanValue.objects.create(indicator=growth, on=day, value=Decimal(value))
    publications = []
    for quarter, percents, value in ((1, ("25", "20"), "20"), (2, ("50", "45"), "45")):
        period = scene.opened(2020, quarter)
        for task, percent in zip(scene.tasks, percents, strict=True):
            scene.report(period, task, percent)
        scene.read(period, growth, value)
        for department in scene.departments:
            scene.accept(scene.send(period, department))
        publications.append(scene.publish(period))
    third = scene.opened(2020, 3)
    scene.read(third, growth, None)
    for department in (scene.departments[0], scene.departments[2]):
        scene.accept(scene.send(third, department))
    publications.append(scene.publish(third))
    corrected = scene.correct(third, percent=Decimal(80))
    running = scene.opened(2020, 4)
    scene.send(running, scene.departments[0])
    return Published(scene, growth, *indicators, publications, corrected, running)


def extra_indicators(scene: Scene) -> list[Indicator]:
    """One of each kind, owed yearly by the first department; the last one's target is not assigned yet."""
    yearly = {
        "data_department": scene.departments[0],
        "goal": scene.goal,
        "asked": Asked.YEARLY,
        "accumulation": Accumulation.POINT_IN_TIME,
    }
    graded = make_indicator(
        scene.plan, name="深度融合", kind=Kind.GRADED, unit="级", decimals=0, levels=LEVELS, **yearly
    )
    make_target(graded, "2")
    deliverable = make_indicator(
        scene.plan, name="示范农场", kind=Kind.DELIVERABLE, unit="", decimals=0, **yearly
    )
    make_target(deliverable, "1")
    trend = make_indicator(scene.plan, name="公众满意", kind=Kind.TREND, unit="分", decimals=1, **yearly)
    make_target(trend, "0", comparator=Comparator.MORE_THAN, strength=Strength.EXPECTED)
    pending = make_indicator(
        scene.plan, name="能源消费强度", note="数值不在文内", data_department_is_proposed=False, **yearly
    )
    target = make_target(pending, "1", due_on=date(2020, 12, 31))
    type(target).objects.filter(pk=target.pk).update(state=TargetState.PENDING, value=None)
    return [graded, deliverable, trend, pending]


def browser_of(user: User) -> Client:
    """A browser in which that person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def leader(published: Published, db: None) -> Client:
    """A leader's browser."""
    return browser_of(published.scene.leader)

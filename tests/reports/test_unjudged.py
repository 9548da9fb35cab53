"""算不出的指标: every grey light with its reason, for the office and leaders."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from filings.models import Period
from reports.services import refresh_period
from targets.services import Grounds, Step, TargetChange, record_target
from targets.terms import TargetState
from tests import factories
from tests.reports.conftest import browser_of
from tests.reports.pages import read
from tests.reports.scene import Scene, filing_time

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    """Beside the lit indicator one whose target is pending; the milestone is not due."""
    scene = Scene.make()
    pending = factories.make_indicator(
        scene.plan, name="碳排放强度", code="Z-1", goal=scene.goal, data_department=scene.departments[0]
    )
    target = factories.make_target(pending)
    target.state, target.value = TargetState.PENDING, None
    target.save()
    scene.indicators[0].targets.update(due_on=date(2020, 6, 30))
    period = scene.filed(2020, 2)
    refresh_period(period=period, at=filing_time(period))
    return scene


def test_every_grey_light_has_its_reason(scene):
    page = read(browser_of(scene.leader), reverse("reports:unjudged") + "?period=2020Q2&live=1")
    assert "2 项指标中 1 项无法判断：无目标值 1 项。2 个目标值中 1 个未定或不适用；" in page
    assert "Z-1 碳排放强度 无目标值 2020年12月31日的要求：目标值待下达" in page
    assert "1/2 个，按现在的状态" in page
    assert scene.indicators[0].name not in page


def test_a_published_quarter_keeps_what_was_open_then(scene):
    """The pending target is assigned after the quarter was published: its page still says what was open then."""
    version = scene.publish(Period.objects.get())
    target = scene.plan.indicators.get(code="Z-1").targets.get()
    change = TargetChange(Step.ASSIGN, date(2020, 1, 1), value=Decimal(50))
    record_target(
        target=target, change=change, by=scene.reviewer, at=version.at + timedelta(days=40),
        grounds=Grounds(doc_no="平美办〔2020〕1号", doc_on=date(2020, 8, 1)),
    )  # fmt: skip
    leader, url = browser_of(scene.leader), reverse("reports:unjudged")
    assert "1/2 个，按2020年第2季度第1版当时所知的状态" in read(leader, f"{url}?period=2020Q2")


def test_the_two_lists_of_what_is_open_lead_to_each_other(scene):
    leader, plan = browser_of(scene.leader), scene.plan.code
    unjudged, targets = reverse("reports:unjudged"), reverse("reports:targets")
    assert f'href="{targets}?plan={plan}"' in leader.get(f"{unjudged}?period=2020Q2&live=1").content.decode()
    assert f'href="{unjudged}?plan={plan}"' in leader.get(f"{targets}?plan={plan}").content.decode()
    filer = browser_of(scene.filers[scene.departments[0].pk])
    assert f'href="{unjudged}' not in filer.get(targets).content.decode()


def test_whoever_files_is_refused_with_a_word(scene):
    response = browser_of(scene.filers[scene.departments[0].pk]).get(reverse("reports:unjudged"))
    assert response.status_code == 403
    assert "算不出的指标由牵头办公室和领导查看" in response.content.decode()

"""Own departments' filings of earlier quarters."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from tests import factories as f
from tests.filings.queries import count
from tests.filings.scene import Scene

URL = reverse("filings:past")


@pytest.fixture
def past(scene: Scene) -> Scene:
    """The second quarter accepted, the third running."""
    f.accept(scene.send(), by=scene.reviewer)
    f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    return scene


@pytest.mark.parametrize("who", ["filer", "approver"])
def test_it_lists_earlier_quarters_with_their_outcome(past: Scene, client: Client, who: str) -> None:
    client.force_login(getattr(past, who))
    response = client.get(URL)
    assertContains(response, "牵头局 2020年第2季度报送")
    assertContains(response, "按时")
    assertContains(response, "5/5 项")
    assertContains(response, reverse("filings:detail", args=[past.filing.pk]))
    assertNotContains(response, "2020年第3季度报送")
    assertNotContains(response, "配合局")


def test_late_and_missing_are_red(scene: Scene, client: Client) -> None:
    scene.period.due_at = scene.at - timedelta(days=1, minutes=1)
    scene.period.save()
    f.open_quarter(scene.plan, 2020, 3, at=scene.at)
    client.force_login(scene.filer)
    assertContains(client.get(URL), '<span class="l-late">未报</span>')
    scene.send()
    assertContains(client.get(URL), '<span class="l-late">迟 2 天</span>')


def test_a_quarter_before_the_plan_was_issued_has_no_timeliness(db: None, client: Client) -> None:
    scene = Scene(year=2017, quarter=1)
    scene.send()
    f.open_quarter(scene.plan, 2017, 2, at=scene.at)
    client.force_login(scene.filer)
    assertContains(client.get(URL), "不计时效")


def test_without_earlier_quarters_it_says_so(scene: Scene, client: Client) -> None:
    client.force_login(scene.filer)
    assertContains(client.get(URL), "还没有往季报送。")
    client.force_login(scene.leader)
    assertContains(client.get(URL), "还没有往季报送。")


def test_it_takes_no_post(scene: Scene, client: Client) -> None:
    client.force_login(scene.filer)
    assert client.post(URL).status_code == 405


def test_queries_do_not_grow_with_history(past: Scene, client: Client) -> None:
    client.force_login(past.filer)
    one = count(client, URL)
    for year, quarter in ((2020, 1), (2019, 4)):
        period = f.open_quarter(past.plan, year, quarter, at=past.at)
        f.file(f.filing_of(period, past.lead), by=past.filer, signed_by=past.approver)
    assertContains(client.get(URL), "共 <b>3</b> 份")
    assert count(client, URL) == one

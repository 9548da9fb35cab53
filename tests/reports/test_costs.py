"""The cost of every page of figures does not grow, neither with rows nor with history. Nothing but its own plan exists."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.reports.conftest import browser_of
from tests.reports.pages import PAGES, addresses, read
from tests.reports.scene import Scene

pytestmark = pytest.mark.django_db


def costs(scene):
    """Queries of every page, after one warm-up request each."""
    client = browser_of(scene.leader)
    found = {}
    for name, url in addresses(scene).items():
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        found[name] = len(queries)
    return found


def test_no_page_costs_more_with_more_rows():
    small = Scene.make(size=1)
    small.quarter(2020, 1, percents={0: "10"})
    cost = costs(small)
    large = Scene.make(size=3)
    large.plan.starts_on = large.plan.starts_on.replace(day=2)  # the newest plan is the one shown
    large.plan.save()
    large.quarter(2020, 1, percents={0: "10", 1: "10", 2: "10"})
    assert costs(large) == cost
    assert max(cost.values()) < 45


def test_no_page_costs_more_with_more_published_quarters():
    scene = Scene.make()
    scene.quarter(2020, 1, percents={0: "10"})
    one = costs(scene)
    scene.quarter(2020, 2, percents={0: "10"})
    scene.quarter(2020, 3, percents={0: "10"})
    assert costs(scene) == one


# Before there is any figure


@pytest.mark.parametrize("name", sorted(set(PAGES) - {"publications"}))
def test_a_page_without_figures_opens(name):
    scene = Scene.make()
    assert "演示" not in read(browser_of(scene.leader), addresses(scene)[name])


def test_a_quarter_without_a_summary_opens():
    scene = Scene.make()
    scene.opened(2020, 1)
    for url in addresses(scene).values():
        assert browser_of(scene.leader).get(f"{url}?period=2020Q1&live=1").status_code == 200

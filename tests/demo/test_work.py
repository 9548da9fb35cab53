"""Annual plans of the demonstration: both ways are there, item percents add up, and what was unfinished went over."""

import pytest

from filings.models import Entry, ItemProgress
from filings.services.items import attach, computed, done
from harbor_plan.demo.load import Loaded
from tasks.models import AnnualPlan, WorkItem
from tests.demo.conftest import AT

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("demo")]


def test_some_actions_have_plans_in_force_and_others_none(demo: Loaded) -> None:
    plans = AnnualPlan.objects.order_by("year", "action__no")
    assert [(p.year, p.action.no, p.status, p.version) for p in plans.select_related("action")] == [
        (2019, 3, "approved", 1),
        (2019, 4, "approved", 1),
        (2019, 5, "approved", 1),
        (2020, 2, "approved", 1),
        (2020, 3, "approved", 1),
        (2020, 4, "approved", 2),
        (2020, 5, "approved", 1),
        (2020, 6, "submitted", 0),
        (2020, 7, "draft", 0),
    ]


def test_every_filed_percent_with_items_follows_from_them(demo: Loaded) -> None:
    ids = ItemProgress.objects.values("entry_id")
    entries = list(Entry.objects.filter(pk__in=ids).for_page())
    attach(entries)
    assert len(entries) > 100
    assert [entry for entry in entries if computed(entry) != entry.percent] == []
    sent = [entry for entry in entries if entry.versions.exists()]
    assert [e for e in sent if len(e.versions.last().content["items"]) != len(done(e))] == []


def test_what_the_year_left_unfinished_was_carried_on(demo: Loaded) -> None:
    carried = WorkItem.objects.exclude(rolled_from=None).select_related(
        "annual_plan", "rolled_from__annual_plan"
    )
    assert {(i.rolled_from.annual_plan.year, i.annual_plan.year) for i in carried} == {(2019, 2020)}
    reached = ItemProgress.objects.filter(
        item__in=[i.rolled_from_id for i in carried], percent=100, entry__decision="accepted"
    )
    assert not reached.exists()


def test_nobody_wrote_a_plan_after_the_load(demo: Loaded) -> None:
    assert not WorkItem.objects.filter(edited_at__gt=AT).exists()

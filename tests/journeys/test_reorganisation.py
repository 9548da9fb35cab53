"""A reorganisation in the middle of a year: what was filed before keeps its name, what comes after has the new one."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from departments.models import Department
from filings.models import Entry
from reports.services import publish
from targets.models import Plan
from tests import factories
from tests.journeys.conftest import PASSWORD, PLAN
from tests.journeys.desk import says

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

SMALL, LARGE = "质监分局", "市场监管分局"
WORDS = "质监分局二季度完成计量器具检查，已反馈企业整改。"


def person(username: str, make: Callable[..., User], department: Department | None = None) -> User:
    """Somebody who signs in with the password of the journeys."""
    user = make(*([department] if department else []), username=username)
    user.set_password(PASSWORD)
    user.save()
    return user


def text_of(paper: bytes) -> str:
    """What a bulletin says."""
    with zipfile.ZipFile(BytesIO(paper)) as file:
        return re.sub(r"<[^>]+>", " ", file.read("word/document.xml").decode())


def units_of(page: Page, on: str) -> str:
    """The units of task 4.2 in the responsibility table of a day."""
    page.goto(f"{reverse('reports:responsibilities')}?on={on}")
    row = page.locator("table.resp tr").filter(has=page.locator("td.tno", has_text=re.compile(r"^4\.2$")))
    return row.locator("td.units").inner_text()


def test_one_bureau_merges_into_another(
    transactional_db: None, live_server: Any, signed_in: Callable[..., Page]
) -> None:
    call_command("load_plan", str(PLAN))
    call_command("load_reorganisations", str(PLAN.parent / "reorganisation-2018"))
    plan, now = Plan.objects.get(), timezone.now()
    small, large = Department.objects.get(name=SMALL), Department.objects.get(name=LARGE)
    filer = person("zj.tb", factories.make_filer, small)
    office = person("bgs", factories.make_reviewer, plan.office)
    people = {small: (filer, factories.make_approver(small))}
    people[large] = (factories.make_filer(large), factories.make_approver(large))

    before = now - timedelta(days=90)
    first = factories.open_quarter(plan, 2019, 1, at=before)
    for department, (writes, signs) in people.items():
        filing = factories.file(factories.filing_of(first, department), by=writes, signed_by=signs, at=before)
        factories.accept(filing, by=office, at=before)
    publication = publish(period=first, by=office, at=before + timedelta(days=30))
    second = factories.open_quarter(plan, 2019, 2, at=now)
    shared = Entry.objects.get(
        filing=factories.filing_of(second, small), responsibility__task__title="深化工业废气治理"
    )
    factories.fill_entry(shared, by=filer, at=now, text=WORDS)

    page = signed_in(live_server.url, "bgs")
    bulletin = reverse("reports:bulletin", args=[publication.pk])
    issued = text_of(page.request.get(bulletin).body())
    assert SMALL in issued
    page.goto(reverse("reports:reorganisations"))
    page.get_by_role("link", name=f"{SMALL}并入{LARGE}").click()
    says(page, "办理后变动 8 项，列在下面；还没有办理。", f"{LARGE}原已承担，只留一行")
    says(page, f"5 项转由{LARGE}报送")
    page.get_by_role("button", name="办理").click()
    says(page, f"已办理“{SMALL}并入{LARGE}”，变动 8 项。")

    assert units_of(page, "2019-03-31") == f"环保局、经发局、{LARGE}、{SMALL}"
    assert units_of(page, "2019-04-01") == f"环保局、经发局、{LARGE}（含原{SMALL}）"
    expect(page.locator("td.units .is-lead").filter(has_text="环保局").first).to_be_visible()
    assert text_of(page.request.get(bulletin).body()) == issued

    mine = signed_in(live_server.url, "zj.tb")
    mine.goto(reverse("filings:detail", args=[factories.filing_of(second, large).pk]))
    says(mine, f"{LARGE} 2019年第2季度报送", WORDS)
    old = factories.filing_of(first, small)
    mine.goto(reverse("filings:detail", args=[old.pk]))
    says(mine, f"{SMALL} 2019年第1季度报送", "已采纳")
    expect(mine.get_by_role("button", name="提交签发")).to_have_count(0)

"""The frame of every page: what waits for the person who looks, in numbers that the pages themselves have."""

import re
from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from filings.models import Substitute
from filings.services.moves import submit
from harbor_plan import navigation
from harbor_plan.navigation import MENUS, MOST, Folder, Group, Item, Page
from harbor_plan.shell import build
from supervision.models import Notice, NoticeKind
from supervision.services.schedule import tell
from tests import factories as f


def counts(client, person):
    """Numbers in the navigation by label, and the number of notices."""
    client.force_login(person)
    page = client.get(reverse("supervision:notices")).content.decode()
    nav = re.findall(r'<a href="[^"]*"[^>]*>([^<]+)<span class="count">(\d+)</span>', page)
    unread = re.search(r"待签收提醒</span>(\d+)</span>", page)
    return dict(nav), int(unread[1]) if unread else 0


def two_quarters():
    """A department's sent filing of an older quarter and its submitted one of the newest."""
    plan, lead = f.make_plan(), f.make_department()
    f.make_task(f.make_action(plan), lead=lead)
    filer, approver = f.make_filer(lead), f.make_approver(lead)
    old, new = f.open_quarter(plan, 2020, 3), f.open_quarter(plan, 2020, 4)
    f.file(f.filing_of(old, lead), by=filer, signed_by=approver)
    f.fill(f.filing_of(new, lead), by=filer)
    submit(filing=f.filing_of(new, lead), checked_by="周", by=filer, at=timezone.now())
    return plan, lead, approver, old


def test_filings_of_every_quarter_are_counted(client, db):
    plan, lead, approver, _ = two_quarters()
    assert counts(client, f.make_reviewer(plan.office)) == ({"报送审核": "1"}, 0)
    both = f.make_user(roles=[(Role.OFFICE, plan.office), (Role.APPROVER, lead)])
    assert counts(client, both) == ({"报送审核": "1", "待签发": "1"}, 0)
    assert counts(client, approver) == ({"待签发": "1"}, 0)
    assert counts(client, f.make_approver(f.make_department())) == ({}, 0)


def test_a_substitute_finds_the_way_to_what_waits(client, db):
    _, lead, _, old = two_quarters()
    someone = f.make_filer(f.make_department())
    Substitute.objects.create(
        filing=f.filing_of(old, lead),
        user=someone,
        named_by=f.make_leader(),
        reason="回避",
        at=timezone.now(),
    )
    assert counts(client, someone) == ({"报送审核": "1"}, 0)


def test_notices_of_the_own_departments_are_counted_for_the_office_too(client, db):
    plan, lead, approver, period = two_quarters()
    Notice.objects.create(
        department=lead, period=period, kind=NoticeKind.REMINDER, text="请尽快报送", at=timezone.now()
    )
    both = f.make_user(roles=[(Role.OFFICE, plan.office), (Role.FILER, lead)])
    assert [counts(client, person)[1] for person in (approver, both, f.make_leader())] == [1, 1, 0]


# The navigation


def labels(row):
    """The row as words: a group with the pages in it."""
    return [
        (entry.label, [item.label for item in entry.items]) if isinstance(entry, Group) else entry.label
        for entry in row
    ]


@pytest.mark.parametrize("role", MENUS)
def test_a_role_finds_each_page_once_in_at_most_eight_entries(role):
    names = [page.name for entry in MENUS[role] for page in (getattr(entry, "pages", None) or (entry,))]
    assert len(names) == len(set(names))
    assert len(MENUS[role]) <= MOST == 8
    row = navigation.navigation([role], "/", {})
    assert [entry.label for entry in row] == [entry.label for entry in MENUS[role]]


@pytest.mark.parametrize("role", MENUS)
def test_every_page_of_the_navigation_opens_for_its_role(client, db, role):
    plan, lead = f.make_plan(), f.make_department()
    f.make_task(f.make_action(plan, leads=[lead]), lead=lead)
    f.open_quarter(plan, 2020, 4)
    offices = {Role.OFFICE: plan.office, Role.FILER: lead, Role.APPROVER: lead}
    client.force_login(f.make_user(roles=[(role, offices.get(role))]))
    row = navigation.navigation([role], "/", {})
    urls = [item.url for entry in row for item in (entry.items if isinstance(entry, Group) else (entry,))]
    assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)


def test_pages_of_several_roles_stand_once_and_the_last_of_them_under_more(monkeypatch):
    one, two = [Page(f"页{n}", name) for n, name in enumerate(("reports:goals", "reports:actions"))]
    menus = {
        Role.OFFICE: (
            Page("台", "supervision:desk"),
            one,
            Folder("组", (two, Page("期", "filings:periods"))),
        ),
        Role.FILER: (Page("待办", "filings:mine"), two, Page("往季", "filings:past"), one),
    }
    monkeypatch.setattr(navigation, "MENUS", menus)
    both = list(menus)
    assert labels(navigation.navigation(both, "/", {})) == [
        "台",
        "待办",
        "页0",
        "往季",
        ("组", ["页1", "期"]),
    ]
    monkeypatch.setattr(navigation, "MOST", 4)
    row = navigation.navigation(both, reverse("filings:past"), {"filings:past": 2, "filings:periods": 1})
    assert labels(row) == ["台", "待办", ("更多", ["页0", "往季"]), ("组", ["页1", "期"])]
    assert [(entry.count, entry.is_current) for entry in row] == [
        (0, False),
        (0, False),
        (2, True),
        (1, False),
    ]


def test_the_page_one_is_on_is_marked_by_its_longest_address():
    request = RequestFactory().get(reverse("filings:past"))
    row = navigation.navigation([Role.FILER], request.path, {})
    assert [entry.label for entry in row if entry.is_current] == ["往季报送"]


def test_a_group_is_drawn_as_one_that_opens_without_scripts(client, db):
    plan = f.make_plan()
    client.force_login(f.make_reviewer(plan.office))
    page = client.get(reverse("reports:milestones")).content.decode()
    nav = page[page.index('<nav class="nav-role"') : page.index("</nav>")]
    assert '<details class="nav-group"><summary class="is-current">方案进展</summary><ul>' in nav
    assert f'<a href="{reverse("reports:milestones")}" aria-current="page">任务节点</a>' in nav
    assert nav.count("<details") == 3
    assert nav.count("aria-current") == 1


def test_somebody_with_three_roles_has_one_row_too(db):
    plan, lead = f.make_plan(), f.make_department()
    both = f.make_user(roles=[(Role.OFFICE, plan.office), (Role.FILER, lead), (Role.APPROVER, lead)])
    request = RequestFactory().get("/")
    request.user = both
    row = build(request, timezone.now()).nav
    assert len(row) == MOST
    assert isinstance(row[0], Item)


def test_reminders_by_schedule_stand_on_the_home_page_while_they_hold(client, db):
    plan, lead = f.make_plan(), f.make_department()
    f.make_task(f.make_action(plan), lead=lead)
    filer, approver, now = f.make_filer(lead), f.make_approver(lead), timezone.now()
    period = f.open_quarter(plan, 2020, 4, at=now, due_at=now + timedelta(days=4))
    tell(at=now)
    client.force_login(filer)
    page = client.get(reverse("filings:mine")).content.decode()
    assert "近 5 天有 1 条到期、退回或签发提醒。" in page
    f.file(f.filing_of(period, lead), by=filer, signed_by=approver)
    assert "条到期、退回或签发提醒" not in client.get(reverse("filings:mine")).content.decode()

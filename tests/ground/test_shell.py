"""The frame of every page: what waits for the person who looks, in numbers that the pages themselves have."""

import re

from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from filings.models import Substitute
from filings.services.moves import submit
from supervision.models import Notice, NoticeKind
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

"""The approver's home, and signing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from accounts.roles import Role
from filings.models import Filing
from filings.queries.mine import signing
from filings.services.moves import recall, submit
from filings.terms import Status
from tests import factories as f
from tests.filings.queries import count
from tests.filings.scene import Scene

HOME = reverse("filings:signing")


def url(scene: Scene) -> str:
    return reverse("filings:sign", args=[scene.filing.pk])


def page(scene: Scene) -> str:
    return reverse("filings:detail", args=[scene.filing.pk])


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    """A filing that waits for its approver."""
    submit(filing=scene.fill(), checked_by="周立群", by=scene.filer, at=scene.at)
    return scene


@pytest.fixture
def approver(scene: Scene, client: Client) -> Client:
    """A browser in which the approver is signed in."""
    client.force_login(scene.approver)
    return client


# Home


def test_home_lists_what_waits_longest_first(waiting: Scene, approver: Client) -> None:
    later = f.open_quarter(waiting.plan, 2020, 3, at=waiting.at)
    second = f.filing_of(later, waiting.lead)
    f.fill(second, by=waiting.filer)
    submit(filing=second, checked_by="周", by=waiting.filer, at=waiting.at + timedelta(hours=1))
    lists = signing(waiting.approver, at=waiting.at)
    assert [str(line.filing) for line in lists.waiting] == [
        "牵头局 2020年第2季度报送",
        "牵头局 2020年第3季度报送",
    ]
    response = approver.get(HOME)
    assertContains(response, "有 <b>2</b> 份报送等待您签发。")
    assertContains(response, "周立群")
    assertContains(response, page(waiting))


def test_home_also_shows_how_the_others_stand(scene: Scene, approver: Client) -> None:
    response = approver.get(HOME)
    assertContains(response, "现在没有等待签发的报送。")
    assertContains(response, "牵头局 2020年第2季度报送")
    assertNotContains(response, "配合局 2020年第2季度报送")


def test_who_signs_for_nobody_is_told_so(scene: Scene, client: Client) -> None:
    client.force_login(scene.stranger)
    assertContains(client.get(HOME), "您没有负责签发的报送。")


def test_home_shows_all_departments_of_one_approver(waiting: Scene, client: Client) -> None:
    both = f.make_user(roles=[(Role.APPROVER, waiting.lead), (Role.APPROVER, waiting.helper)])
    client.force_login(both)
    response = client.get(HOME)
    assertContains(response, "牵头局 2020年第2季度报送")
    assertContains(response, "配合局 2020年第2季度报送")


def test_home_takes_no_more_queries_with_history(waiting: Scene, approver: Client) -> None:
    one = count(approver, HOME)
    for quarter in (3, 4):
        period = f.open_quarter(waiting.plan, 2020, quarter, at=waiting.at)
        filing = f.filing_of(period, waiting.lead)
        f.fill(filing, by=waiting.filer)
        submit(filing=f.filing_of(period, waiting.lead), checked_by="周", by=waiting.filer, at=waiting.at)
    assert count(approver, HOME) == one


# Signing


def test_the_page_offers_signing_and_what_to_look_at_first(waiting: Scene, approver: Client) -> None:
    recall(filing=waiting.filing, by=waiting.filer, at=waiting.at)
    f.fill_entry(waiting.progress, by=waiting.filer, self_light="late", problems="慢", cause="缺钱", next_steps="催", next_on=waiting.period.last_day)  # fmt: skip
    f.fill_entry(waiting.reading, by=waiting.filer, explanation="口径调整")
    submit(filing=waiting.filing, checked_by="周", by=waiting.filer, at=waiting.at)
    response = approver.get(page(waiting))
    assertContains(response, f'<form method="post" action="{url(waiting)}"')
    assertContains(response, "签发前请看")
    assertContains(response, "说明：口径调整")


def test_signing_sends_it_to_the_office(waiting: Scene, approver: Client) -> None:
    response = approver.post(url(waiting), follow=True)
    assertRedirects(response, HOME)
    assertContains(response, "牵头局 2020年第2季度报送已签发，报推进办审核。")
    filing = waiting.filing
    assert (filing.status, filing.signed_by, filing.submissions) == (Status.SUBMITTED, waiting.approver, 1)
    assert filing.first_submitted_at == filing.submitted_at


def test_a_closed_window_refuses_and_the_page_says_so_first(waiting: Scene, approver: Client) -> None:
    waiting.period.due_at = waiting.at - timedelta(days=2)
    waiting.period.closes_at = waiting.at - timedelta(days=1)
    waiting.period.save()
    assertContains(approver.get(page(waiting)), "填报期已关闭，不能签发")
    response = approver.post(url(waiting), follow=True)
    assertContains(response, "关闭。确需补报的，请联系推进办登记延期。")
    assert waiting.filing.status == Status.AWAITING_SIGNOFF


def test_a_filing_taken_back_meanwhile_is_not_signed(waiting: Scene, approver: Client) -> None:
    recall(filing=waiting.filing, by=waiting.filer, at=waiting.at)
    response = approver.post(url(waiting), follow=True)
    assertContains(response, "目前为“填报中”，不能签发报送。请刷新页面查看最新状态。")
    assert waiting.filing.status == Status.DRAFT


@pytest.mark.parametrize(
    ("who", "status"), [("filer", 403), ("reviewer", 403), ("leader", 403), ("stranger", 404)]
)
def test_others_may_not(waiting: Scene, client: Client, who: str, status: int) -> None:
    client.force_login(getattr(waiting, who))
    assert client.post(url(waiting)).status_code == status
    assert waiting.filing.status == Status.AWAITING_SIGNOFF
    if who != "stranger":
        assertNotContains(client.get(page(waiting)), f'action="{url(waiting)}"')


def test_only_posts(waiting: Scene, approver: Client) -> None:
    assert approver.get(url(waiting)).status_code == 405
    assert approver.post(HOME).status_code == 405
    assert Filing.objects.get(pk=waiting.filing.pk).status == Status.AWAITING_SIGNOFF

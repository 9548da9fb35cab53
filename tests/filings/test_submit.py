"""Submitting a filing to the approver, and taking it back."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from filings.models import Filing
from filings.services.moves import sign
from filings.services.moves import submit as hand_on
from filings.terms import Status
from tests import factories as f
from tests.filings.scene import Scene


def url(scene: Scene) -> str:
    return reverse("filings:submit", args=[scene.filing.pk])


@pytest.fixture
def filer(scene: Scene, client: Client) -> Client:
    """A browser in which the filer is signed in."""
    client.force_login(scene.filer)
    return client


def test_it_goes_to_the_approver(scene: Scene, filer: Client) -> None:
    scene.fill()
    response = filer.post(url(scene), {"checked_by": "周立群"}, follow=True)
    assertRedirects(response, reverse("filings:mine"))
    assertContains(response, "牵头局 2020年第2季度报送已提交签发。签发前需要修改的，可以撤回。")
    filing = scene.filing
    assert (filing.status, filing.checked_by, filing.filled_by) == (
        Status.AWAITING_SIGNOFF,
        "周立群",
        scene.filer,
    )


def test_what_is_missing_is_shown_at_its_fields_and_the_name_is_kept(scene: Scene, filer: Client) -> None:
    scene.fill()
    f.fill_entry(scene.progress, by=scene.filer, pace="", text="")
    response = filer.post(url(scene), {"checked_by": "周立群"})
    assertContains(response, "还有 1 项未填齐，请逐项补充后再提交。", status_code=422)
    assertContains(response, "请选择进展状态。", status_code=422)
    assertContains(response, "is-err", count=2, status_code=422)
    assertContains(response, 'value="周立群"', status_code=422)
    assert scene.filing.status == Status.DRAFT


@pytest.mark.parametrize("name", ["", "  "])
def test_who_checked_must_be_named(scene: Scene, filer: Client, name: str) -> None:
    scene.fill()
    response = filer.post(url(scene), {"checked_by": name})
    assertContains(response, "请填写单位审核人姓名后再提交。", status_code=422)
    assert scene.filing.status == Status.DRAFT


def test_a_closed_window_refuses(scene: Scene, filer: Client) -> None:
    scene.fill()
    scene.period.due_at = scene.at - timedelta(days=2)
    scene.period.closes_at = scene.at - timedelta(days=1)
    scene.period.save()
    response = filer.post(url(scene), {"checked_by": "周立群"}, follow=True)
    assertContains(response, "关闭。确需补报的，请联系推进办登记延期。")
    assert scene.filing.status == Status.DRAFT


def test_a_second_press_is_told_how_it_stands(scene: Scene, filer: Client) -> None:
    hand_on(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    response = filer.post(url(scene), {"checked_by": "周"}, follow=True)
    assertRedirects(response, reverse("filings:edit", args=[scene.filing.pk]))
    assertContains(response, "目前为“待签发”，不能提交签发。请刷新页面查看最新状态。")


@pytest.mark.parametrize("verb", ["submit", "recall"])
@pytest.mark.parametrize(
    ("who", "status"), [("approver", 403), ("reviewer", 403), ("leader", 403), ("stranger", 404)]
)
def test_others_may_not(scene: Scene, client: Client, verb: str, who: str, status: int) -> None:
    hand_on(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    if verb == "submit":
        Filing.objects.filter(pk=scene.filing.pk).update(status=Status.DRAFT)
    before = scene.filing.status
    client.force_login(getattr(scene, who))
    address = reverse(f"filings:{verb}", args=[scene.filing.pk])
    assert client.post(address, {"checked_by": "x"}).status_code == status
    assert scene.filing.status == before


@pytest.mark.parametrize("verb", ["submit", "recall"])
def test_only_posts(scene: Scene, filer: Client, verb: str) -> None:
    assert filer.get(reverse(f"filings:{verb}", args=[scene.filing.pk])).status_code == 405


# Taking back


def test_before_signing_it_can_be_taken_back(scene: Scene, client: Client) -> None:
    hand_on(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    client.force_login(scene.colleague)
    response = client.post(reverse("filings:recall", args=[scene.filing.pk]), follow=True)
    assertRedirects(response, reverse("filings:edit", args=[scene.filing.pk]))
    assertContains(response, "牵头局 2020年第2季度报送已撤回，可以继续修改。")
    assert scene.filing.status == Status.DRAFT


def test_after_signing_it_cannot(scene: Scene, filer: Client) -> None:
    hand_on(filing=scene.fill(), checked_by="周", by=scene.filer, at=scene.at)
    sign(filing=scene.filing, by=scene.approver, at=scene.at)
    response = filer.post(reverse("filings:recall", args=[scene.filing.pk]), follow=True)
    assertContains(response, "目前为“已报待审”，不能撤回修改。请刷新页面查看最新状态。")
    assert scene.filing.status == Status.SUBMITTED

"""The approver sends entries back to the filer, each with code and note."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from filings.services.moves import sign, submit
from filings.terms import Decision, Status
from tests import factories as f
from tests.filings.scene import Scene


def url(scene: Scene) -> str:
    return reverse("filings:send_back", args=[scene.filing.pk])


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


def test_several_entries_go_back_at_once(waiting: Scene, approver: Client) -> None:
    one, two = waiting.progress, waiting.reading
    response = approver.post(
        url(waiting),
        {
            f"code_{one.pk}": "R01",
            f"note_{one.pk}": "存在问题要写实",
            f"code_{two.pk}": "R05",
            f"note_{two.pk}": "按市级口径",
            f"code_{waiting.entry('summary').pk}": "",
        },
        follow=True,
    )
    assertRedirects(response, reverse("filings:signing"))
    assertContains(response, "已退回 2 项，填报人改正后会再次送签。")
    assert waiting.filing.status == Status.DRAFT
    assert (waiting.progress.decision, waiting.progress.return_code, waiting.progress.return_note) == (
        Decision.SENT_BACK,
        "R01",
        "存在问题要写实",
    )
    assert waiting.reading.decision == Decision.SENT_BACK
    assert waiting.entry("summary").decision == Decision.OPEN


def test_each_entry_has_its_fields_on_the_page(waiting: Scene, approver: Client) -> None:
    response = approver.get(reverse("filings:detail", args=[waiting.filing.pk]))
    for entry in (waiting.progress, waiting.reading, waiting.entry("summary")):
        assertContains(response, f'name="code_{entry.pk}"')
        assertContains(response, f'name="note_{entry.pk}"')
    assertContains(response, 'form="send-back"')
    assertContains(response, f'<form id="send-back" method="post" action="{url(waiting)}">')


def test_nothing_chosen_is_refused(waiting: Scene, approver: Client) -> None:
    response = approver.post(url(waiting), {})
    assertContains(response, "请选择要退回的填报项，并写明退回原因和意见。", status_code=422)
    assert waiting.filing.status == Status.AWAITING_SIGNOFF


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("code", "R01", "请写明意见，填报人才知道改什么。"),
        ("note", "口径不对，按市级", "请选择退回原因。"),
        ("code", "R99", "没有这个选项，请重新选择。"),
    ],
)
def test_half_a_reason_is_refused_and_kept(
    waiting: Scene, approver: Client, field: str, value: str, sentence: str
) -> None:
    other = waiting.reading
    data = {
        f"{field}_{waiting.progress.pk}": value,
        f"code_{other.pk}": "R03",
        f"note_{other.pk}": "写了一大段意见",
    }
    response = approver.post(url(waiting), data)
    assertContains(
        response, "没有退回：有的退回项原因或意见不合要求，请按该项的提示改正后再退回。", status_code=422
    )
    assertContains(response, sentence, status_code=422)
    assertContains(response, "写了一大段意见", status_code=422)
    assert waiting.filing.status == Status.AWAITING_SIGNOFF
    assert waiting.progress.decision == Decision.OPEN


def test_signed_meanwhile_it_is_not_sent_back(waiting: Scene, approver: Client) -> None:
    sign(filing=waiting.filing, by=f.make_approver(waiting.lead, name="另一人"), at=waiting.at)
    data = {f"code_{waiting.progress.pk}": "R01", f"note_{waiting.progress.pk}": "写实"}
    response = approver.post(url(waiting), data)
    assertContains(response, "目前为“已报待审”，不能签发退回。", status_code=409)
    assert waiting.filing.status == Status.SUBMITTED


@pytest.mark.parametrize(
    ("who", "status"), [("filer", 403), ("reviewer", 403), ("leader", 403), ("stranger", 404)]
)
def test_others_may_not(waiting: Scene, client: Client, who: str, status: int) -> None:
    client.force_login(getattr(waiting, who))
    data = {f"code_{waiting.progress.pk}": "R01", f"note_{waiting.progress.pk}": "写实"}
    assert client.post(url(waiting), data).status_code == status
    assert waiting.filing.status == Status.AWAITING_SIGNOFF


def test_only_posts(waiting: Scene, approver: Client) -> None:
    assert approver.get(url(waiting)).status_code == 405

"""The pages of joint work: what waits for a department's word, several at once, and what the office sees."""

import pytest
from django.urls import reverse

from filings.models import Countersignature
from filings.terms import Consent
from tests import factories as f
from tests.filings.joint_scene import Joint

pytestmark = pytest.mark.django_db
URL = reverse("filings:countersign")


@pytest.fixture
def joint():
    return Joint()


@pytest.fixture
def page(joint, client):
    """The page of a person of the first cooperating department, after the lead has sent."""
    joint.send(text="拆除锅炉 3 台", coordination="请协调用地")
    client.force_login(joint.filers[joint.first])
    return client


def word(client, joint, **given):
    data = {"department": joint.first.pk, "version": 1, "consent": "confirmed", "text": ""} | given
    return client.post(reverse("filings:countersign_entry", args=[joint.entry().pk]), data)


def test_the_page_shows_the_leads_words_and_the_own_contribution(joint, page):
    f.fill_entry(joint.entry(joint.first, "contribution"), by=joint.filers[joint.first], text="派员两名")
    html = page.get(URL).content.decode()
    for text in ("1.1 治理废气", "牵头局牵头", "拆除锅炉 3 台", "请协调用地", "派员两名", "待会签 1 项"):
        assert text in html
    assert "等待本单位会签的任务 <b>1</b> 项" in page.get(reverse("filings:mine")).content.decode()


def test_a_word_is_given_and_the_entry_leaves_the_list(joint, page):
    response = word(page, joint, consent="contested", text="只有两台")
    assert (response.status_code, response.headers["Location"]) == (302, URL)
    html = page.get(URL).content.decode()
    assert "1.1 治理废气：已会签“有异议”。" in html
    assert "现在没有等待会签的任务。" in html
    assert Countersignature.objects.get().text == "只有两台"


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ({"consent": "contested"}, 422, "请写明异议的理由，牵头单位才知道改什么。"),
        ({"consent": "amended", "text": " "}, 422, "请写明补充修改的内容，牵头单位才知道改什么。"),
        ({"consent": ""}, 422, "请选择同意、补充修改或有异议。"),
        ({"consent": "maybe"}, 422, "请选择同意、补充修改或有异议。"),
        ({"consent": "contested", "text": "长" * 1001}, 422, "最多 1000 字，现有 1001 字"),
        ({"version": ""}, 422, "所选任务已有变动，请刷新页面后重选。"),
        ({"version": 7}, 409, "内容有改动，请看过新内容再会签。"),
        ({"department": 0}, 422, "所选任务已有变动，请刷新页面后重选。"),
    ],
)
def test_a_refused_word_says_why_and_keeps_what_was_typed(joint, page, given, code, sentence):
    response = word(page, joint, **given)
    assert response.status_code == code
    assert sentence in response.content.decode()
    assert not Countersignature.objects.exists()


def test_what_was_typed_stands_in_the_form_again(joint, page):
    html = word(page, joint, version=7, consent="contested", text="只有两台").content.decode()
    assert ">只有两台</textarea>" in html
    assert 'value="contested"' in html


def test_nobody_countersigns_for_another_department(joint, page):
    assert word(page, joint, department=joint.second.pk).status_code == 403
    for person, code in (
        (joint.office, 403),
        (joint.filers[joint.lead], 403),
        (f.make_filer(f.make_department()), 404),
    ):
        page.force_login(person)
        assert word(page, joint).status_code == code
    assert not Countersignature.objects.exists()


def test_several_are_confirmed_by_ticking(joint, page):
    key = f"{joint.entry().pk}-1"
    url = reverse("filings:confirm_countersign")
    assert page.post(url, {"department": joint.first.pk, "entry": ["x-1", "²-1"]}).status_code == 422
    response = page.post(url, {"department": joint.first.pk, "entry": [key, "x-1"]})
    assert response.status_code == 302
    assert Countersignature.objects.get().consent == Consent.CONFIRMED
    assert page.post(url, {"entry": [key]}).status_code == 422
    assert page.post(url, {"department": joint.second.pk, "entry": [key]}).status_code == 403


def test_the_lead_and_the_office_see_the_objection(joint, client):
    joint.send(text="拆除锅炉 3 台")
    joint.sign(joint.first, Consent.CONTESTED, "只有两台")
    client.force_login(joint.filers[joint.lead])
    assert (
        "只有两台" in client.get(reverse("filings:detail", args=[joint.entry().filing_id])).content.decode()
    )
    desk = client.get(f"{reverse('filings:edit', args=[joint.entry().filing_id])}?entry={joint.entry().pk}")
    assert "只有两台" in desk.content.decode()
    client.force_login(joint.office)
    review = client.get(
        f"{reverse('filings:review', args=[joint.entry().filing_id])}?entry={joint.entry().pk}"
    )
    assert "只有两台" in review.content.decode()
    overview = client.get(reverse("filings:countersigned")).content.decode()
    assert '有异议 <b class="l-late">1</b> 家次' in overview
    assert "只有两台" in overview


def test_the_overview_is_for_the_office_and_leaders(joint, client):
    url = reverse("filings:countersigned")
    for person, code in ((joint.office, 200), (f.make_leader(), 200), (joint.filers[joint.first], 403)):
        client.force_login(person)
        assert client.get(url).status_code == code
    assert client.post(url).status_code == 405


def test_strange_choices_show_the_usual_list(joint, client):
    joint.send()
    client.force_login(joint.office)
    response = client.get(reverse("filings:countersigned"), {"show": "x", "period": "2031Q9", "plan": "none"})
    assert response.status_code == 200
    assert response.context["found"].period == joint.period

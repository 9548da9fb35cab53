"""What every response carries, and how sign-in is guarded."""

import re

import pytest
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from harbor_plan import middleware
from tests import services

ROOT = services.ROOT


@pytest.fixture
def person(db):
    """Somebody who can sign in."""
    return get_user_model().objects.create_user("someone", password="Harbour-2017", name="某某")


def test_the_content_security_policy_allows_nothing_inline_and_nothing_from_outside(client, db):
    policy = client.get(reverse("login")).headers["Content-Security-Policy"]
    assert {part.strip() for part in policy.split(";")} == {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    }


def test_signed_in_pages_are_kept_by_no_cache(client, person):
    assert "Cache-Control" not in client.get("/").headers
    client.force_login(person)
    response = client.get("/", follow=True)
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers["X-Frame-Options"] == "DENY"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_every_request_starts_the_thirty_idle_minutes_anew(client, person):
    client.force_login(person)
    cookie = client.get("/").cookies[django_settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == 1800
    assert cookie["httponly"]


def test_a_stranger_is_sent_to_sign_in(client, db):
    response = client.get("/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("login"))


def sign_in(password: str, address: str, **headers: str) -> HttpResponse:
    """Try to sign in as `someone` from `address`."""
    form = {"username": "someone", "password": password}
    return Client().post(reverse("login"), form, REMOTE_ADDR=address, headers=headers)


def test_five_failures_lock_the_account_there_and_nowhere_else(person):
    for _ in range(4):
        assert sign_in("wrong", "10.0.0.1").status_code == 200
    assert sign_in("wrong", "10.0.0.1").status_code == 429
    locked = sign_in("Harbour-2017", "10.0.0.1")
    assert locked.status_code == 429
    assert "连续 5 次登录失败" in locked.content.decode()
    assert "登录暂停 15 分钟" in locked.content.decode()
    assert sign_in("Harbour-2017", "10.0.0.2").status_code == 302


def test_a_name_no_account_can_have_is_refused_with_a_sentence(client, db):
    page = client.post(reverse("login"), {"username": "x" * 500, "password": "y"})
    assert page.context["form"].errors == {"username": ["用户名最多 150 个字符。"]}
    page = client.post(reverse("login"), {"username": "", "password": ""})
    assert page.context["form"].errors == {"username": ["请填写用户名。"], "password": ["请填写口令。"]}


def test_an_address_no_database_can_look_up_gets_a_page(client, person):
    client.force_login(person)
    response = client.get("/cockpit/?plan=%00")
    assert response.status_code == 400
    assert "<h1>请求无法识别</h1>" in response.content.decode()


def test_opening_the_address_of_a_button_gets_a_page(client, person):
    client.force_login(person)
    response = client.get(reverse("filings:create_period"))
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert "<h1>不能这样打开</h1>" in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]


WORDS = "完成五家企业<b>治理设施</b>改造"
FORM = {"note": WORDS, "code": "R01", "old_password": "Harbour-2017", "csrfmiddlewaretoken": "x" * 64}


def test_a_form_after_the_session_ended_is_given_back(client, db):
    desk = {"Referer": "http://testserver/filings/3/edit/?entry=7"}
    response = client.post(reverse("filings:submit", args=[3]), FORM, headers=desk)
    page = response.content.decode()
    assert response.status_code == 403
    assert "<h1>登录已过期</h1>" in page
    assert "完成五家企业&lt;b&gt;治理设施&lt;/b&gt;改造</textarea>" in page
    assert page.count("<textarea") == 1
    assert 'href="/login/?next=%2Ffilings%2F3%2Fedit%2F%3Fentry%3D7"' in page
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("referer", "texts"),
    [("http://testserver/filings/3/edit/", 1), ("http://evil.example/", 0), ("", 0)],
)
def test_only_a_form_of_ours_with_an_old_token_is_given_back(person, referer, texts):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    response = strict.post(reverse("filings:submit", args=[3]), FORM, headers={"Referer": referer})
    page = response.content.decode()
    assert (response.status_code, page.count("<textarea")) == (403, texts)
    assert "<h1>页面已过期</h1>" in page
    assert "evil.example" not in page


def test_signing_out_twice_leads_to_sign_in(client, db):
    response = client.post(reverse("logout"))
    assert (response.status_code, response.headers["Location"]) == (302, reverse("login"))


def test_behind_the_proxy_the_caller_is_whom_the_proxy_saw():
    request = RequestFactory().get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.0.0.7"})
    seen = middleware.client_address(lambda request: HttpResponse(request.META["REMOTE_ADDR"]))(request)
    assert seen.content == b"10.0.0.7"


@pytest.mark.browser
def test_the_administration_works_under_the_policy(page_of, transactional_db):
    """`page_of` fails the test when the browser refused a script or a style."""
    page = page_of(get_user_model().objects.create_superuser("root", password="Harbour-2017", name="管理员"))
    page.goto(reverse("admin:index"))
    lists = page.locator("#content-main th a").evaluate_all("links => links.map(link => link.pathname)")
    assert len(lists) > 5
    for address in lists:
        assert page.goto(address).status == 200
    page.goto(reverse("admin:accounts_user_add"))
    assert page.locator("input[name=username]").is_visible()


def test_pages_reach_for_nothing_outside_the_intranet():
    outside = re.compile(
        r"""(?:src|href|action|url\()\s*=?\s*["'(]?\s*(?:https?:)?//(?!localhost|127\.0\.0\.1)"""
    )
    pages = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("static/**/*.css"),
        *ROOT.glob("static/js/**/*.js"),
    ]
    assert len(pages) > 10
    assert [str(page) for page in pages if outside.search(page.read_text())] == []

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

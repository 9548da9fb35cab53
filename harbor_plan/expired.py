"""A form that came too late: the session ended, or the page's token is out of date. What was typed is given back."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

#: Shorter values (numbers, dates, choices) are typed again faster than they are copied.
SHORTEST = 10


@never_cache
def signed_out(request: HttpRequest) -> HttpResponse:
    """Nobody is signed in any more; signing in leads back to the page the form stood on."""
    query = urlencode({"next": _page_of(request) or "/"})
    context = {"typed": _typed(request), "login_url": f"{resolve_url(settings.LOGIN_URL)}?{query}"}
    return render(request, "expired.html", context, status=403)


@never_cache
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW. Words are given back only to a form of our own: a stranger's stay out of our pages."""
    back = _page_of(request)
    return render(
        request, "403_csrf.html", {"typed": _typed(request) if back else [], "back": back}, status=403
    )


def _page_of(request: HttpRequest) -> str:
    """The page on this host that the form stood on, without the host; empty for any other."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(referer)
    return parts._replace(scheme="", netloc="", fragment="").geturl()


def _typed(request: HttpRequest) -> list[str]:
    """The longer texts of the form in their order, without tokens and passwords."""
    return [
        text
        for name, values in request.POST.lists()
        for text in values
        if len(text) >= SHORTEST and "token" not in name and "password" not in name
    ]

"""Middleware of the project."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers

from harbor_plan.expired import signed_out


def no_store(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Signed-in pages are kept by no cache, so the next person at the same machine cannot go back to them."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response

    return respond


def client_address(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Behind our proxy the caller is the last address the proxy wrote down, not the proxy itself.

    Installed only where HTTPS says that there is such a proxy: lockout and audit go by this address.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if forwarded:
            request.META["REMOTE_ADDR"] = forwarded.split(",")[-1].strip()
        return get_response(request)

    return respond


def readable_address(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """An address with a NUL in its query is refused: no column can hold one, and PostgreSQL raises on it."""

    def respond(request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("A NUL in the query string.")
        return get_response(request)

    return respond


def wrong_method(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Whoever opens or reloads the address of a button gets a page with a sentence instead of an empty one."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = render_to_string("405.html", request=request)
        return response

    return respond


class SignIn(LoginRequiredMiddleware):
    """Asks for sign-in. A form sent after the session ended is answered with what was typed, never swallowed."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        led_away = super().process_view(request, view_func, view_args, view_kwargs)
        if led_away is None or request.method in ("GET", "HEAD"):
            return led_away
        return signed_out(request)

"""What the views of filing share: loading, permitting, and saying a refusal."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.models import User
from accounts.roles import Role
from filings.errors import Axis, Refused
from filings.models import Entry, Filing
from filings.services.access import need_role

#: The answer's status by what refuses: a state that is no longer as seen is a conflict.
STATUS_OF: dict[Axis, int] = {"permission": 403, "window": 403, "status": 409, "race": 409, "content": 422}


def person(request: HttpRequest) -> User:
    """Whoever is signed in; every page asks for sign-in."""
    return cast(User, request.user)


def load_filing(user: User, pk: int) -> Filing:
    """A filing with all its pages name, or 404 for whoever may not know of it."""
    related = (
        "period__plan__office", "department", "filled_by", "signed_by", "exemption", "claimed_by", "passed_on_by",
    )  # fmt: skip
    return get_object_or_404(Filing.objects.visible_to(user).select_related(*related), pk=pk)


def load_entry(user: User, pk: int) -> Entry:
    """An entry of a visible filing, or 404."""
    entries = Entry.objects.visible_to(user).for_page()
    return get_object_or_404(entries.select_related("filing__period__plan__office"), pk=pk)


def permit(filing: Filing, user: User, role: Role) -> None:
    """403 for a reader who does not hold the role in the filing's department."""
    try:
        need_role(filing, user, role)
    except Refused as refused:
        raise PermissionDenied(refused.sentence) from refused


def number(text: str | None) -> int | None:
    """The id an address or a form names, or None for what is no id."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks and reads the answer, instead of a person following a form."""
    return request.headers.get("X-Requested-With") == "fetch"


def refused_json(refused: Refused) -> JsonResponse:
    """A refusal as a script reads it."""
    said = {"ok": False, "axis": refused.axis, "sentence": refused.sentence}
    return JsonResponse(said, status=STATUS_OF[refused.axis])


def refused_redirect(request: HttpRequest, refused: Refused, to: str, pk: int) -> HttpResponse:
    """A refusal as a person reads it: the page the form stood on, with the sentence on top."""
    messages.error(request, refused.sentence)
    return redirect(to, pk=pk)

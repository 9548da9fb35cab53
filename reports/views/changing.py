"""One page for every guided change: what is to change, what would become of it, and on what grounds it is done.

The page is asked by GET, first empty, then with what was typed to show the preview; the confirmation is posted to the
same address with all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from accounts.permits import reader
from accounts.roles import Role
from harbor_plan.lib.refusals import STATUS_OF, Refused
from reports.change_forms import WhyForm
from reports.changes import Change, Outlook, preview
from targets.models import Plan
from targets.services import Grounds


@dataclass(frozen=True)
class Guide:
    """A change as its page runs it. `what` makes the form from what was typed (None: nothing yet)."""

    template: str
    what: Callable[[Any], forms.Form]
    why: type[WhyForm]
    change: Callable[[Any], Change]
    commit: Callable[[Any, Grounds, str, datetime], object]
    said: str
    done: str
    context: Mapping[str, Any] = field(default_factory=dict)


def office(request: HttpRequest, plan: Plan) -> User:
    """The signed-in person of the office; 403 for others."""
    user = reader(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied(f"目标值、基期值、计划值和阈值由{plan.office}办理，您可以查看。")
    return user


def guided(request: HttpRequest, guide: Guide) -> HttpResponse:
    """The page of a change, empty, with its preview, or confirmed."""
    at = timezone.now()
    if request.method == "POST":
        return _confirm(request, guide, at)
    what = guide.what(request.GET if "quarter" in request.GET else None)
    return _page(request, guide, what, at, guide.why() if what.is_bound else None)


def _confirm(request: HttpRequest, guide: Guide, at: datetime) -> HttpResponse:
    files: MultiValueDict[str, Any] = request.FILES
    what, why = guide.what(request.POST), guide.why(request.POST, files)
    status = 422
    if what.is_valid() and why.is_valid():
        try:
            guide.commit(what, why.grounds(), why.cleaned_data["seen"], at)
        except Refused as refused:
            why.add_error(None, refused.sentence)
            status = STATUS_OF[refused.axis]
        else:
            messages.success(request, guide.said)
            return redirect(guide.done)
    return _page(request, guide, what, at, why, status)


def _page(
    request: HttpRequest, guide: Guide, what: forms.Form, at: datetime, why: WhyForm | None, status: int = 200
) -> HttpResponse:
    outlook: Outlook | None = None
    if what.is_bound and what.is_valid():
        try:
            outlook = preview(guide.change(what), at)
        except Refused as refused:
            what.add_error(None, refused.sentence)
    context = {
        **guide.context,
        "what": what,
        "why": why if outlook else None,
        "outlook": outlook,
        "typed": [(name, what.data.get(name, "")) for name in what.fields] if outlook else [],
        "refusals": why.non_field_errors() if why and not outlook else [],
        "now": at,
    }
    return render(request, guide.template, context, status=status)

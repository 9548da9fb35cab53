"""What the views of annual plans share: loading, permitting, and saying a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.models import User
from actions.models import SpecialAction
from harbor_plan.lib.refusals import Refused
from tasks.models import AnnualPlan, WorkItem


def person(request: HttpRequest) -> User:
    """Whoever is signed in; every page asks for sign-in."""
    return cast(User, request.user)


def load_plan(user: User, pk: int) -> AnnualPlan:
    """An annual plan, or 404 for whoever has no part in the plan."""
    related = ("action__plan__office", "programme", "submitted_by")
    return get_object_or_404(AnnualPlan.objects.visible_to(user).select_related(*related), pk=pk)


def load_item(user: User, pk: int) -> WorkItem:
    """A work item with its plan, or 404."""
    related = ("annual_plan__action__plan__office", "annual_plan__programme", "task__action", "department")
    return get_object_or_404(WorkItem.objects.visible_to(user).select_related(*related), pk=pk)


def load_action(user: User, pk: int) -> SpecialAction:
    """A special action, or 404."""
    actions = SpecialAction.objects.visible_to(user).select_related("plan__office")
    return get_object_or_404(actions.prefetch_related("lead_rows__department"), pk=pk)


def permit(check: Callable[[], None]) -> None:
    """403 with the sentence of a permission that is refused."""
    try:
        check()
    except Refused as refused:
        raise PermissionDenied(refused.sentence) from refused


def done(request: HttpRequest, verb: Callable[[], object], said: str, back: HttpResponse) -> HttpResponse:
    """Do one verb, say that it is done or why not, and lead back; a permission that is refused is a 403."""
    try:
        verb()
    except Refused as refused:
        if refused.axis == "permission":
            raise PermissionDenied(refused.sentence) from refused
        messages.error(request, refused.sentence)
    else:
        messages.success(request, said)
    return back


def to_plan(plan: AnnualPlan) -> HttpResponse:
    """Back to the page of a plan."""
    return redirect("tasks:plan", pk=plan.pk)

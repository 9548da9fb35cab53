"""Versions of an action's programme: listed, recorded, taken away."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from actions.models import Programme, SpecialAction
from actions.services import add_programme, may_record
from harbor_plan.lib.download import attachment
from harbor_plan.lib.files import LARGEST
from harbor_plan.lib.refusals import STATUS_OF, Refused
from tasks.forms import ProgrammeForm
from tasks.views.common import load_action, person


@require_safe
def programmes(request: HttpRequest, pk: int) -> HttpResponse:
    """Every version of an action's programme, newest first."""
    return _page(request, load_action(person(request), pk))


def _page(
    request: HttpRequest, action: SpecialAction, form: ProgrammeForm | None = None, status: int = 200
) -> HttpResponse:
    may = may_record(action, person(request))
    rows = Programme.objects.filter(action=action).select_related("recorded_by").order_by("-no")
    context = {
        "action": action,
        "rows": list(rows),
        "may_record": may,
        "form": form or (ProgrammeForm(action=action) if may else None),
    }
    return render(request, "tasks/programmes.html", context, status=status)


@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the next version with its file."""
    user, at = person(request), timezone.now()
    action = load_action(user, pk)
    if not may_record(action, user):
        raise PermissionDenied(f"实施方案由{action.plan.office}或“{action}”的牵头单位登记，您可以查看。")
    form = ProgrammeForm(request.POST, request.FILES, action=action)
    if not form.is_valid():
        return _page(request, action, form, status=422)
    file = form.cleaned_data["file"]
    try:
        programme = add_programme(
            action=action, issued=form.issued(), name=file.name, data=file.read(LARGEST + 1), by=user, at=at
        )
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, action, form, status=STATUS_OF[refused.axis])
    messages.success(request, f"已登记{programme}。")
    return redirect("tasks:programmes", pk=action.pk)


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One version's document, to save and never to show."""
    programme = get_object_or_404(Programme.objects.visible_to(person(request)), pk=pk)
    with programme.file.open("rb") as stored:
        return attachment(stored.read(), programme.name, "application/octet-stream")

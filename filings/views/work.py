"""Carrying unfinished work into the next year: what is unfinished is known here, from what was filed."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from filings.errors import Refused
from filings.services.items import roll_over as carry_on
from filings.views.common import person
from tasks.models import AnnualPlan


@require_POST
def roll_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Create or complete the next year's plan with a plan's unfinished items."""
    user, at = person(request), timezone.now()
    plans = AnnualPlan.objects.visible_to(user).select_related("action__plan__office")
    plan = get_object_or_404(plans, pk=pk)
    try:
        following, count = carry_on(plan=plan, by=user, at=at)
    except Refused as refused:
        if refused.axis == "permission":
            raise PermissionDenied(refused.sentence) from refused
        messages.error(request, refused.sentence)
        return redirect("tasks:plan", pk=plan.pk)
    if count:
        messages.success(request, f"已将 {count} 项未完成的工作结转到{following}，请核对时限和各季末应达。")
    else:
        messages.success(request, "没有需要结转的工作项：未完成的都已结转，或已全部完成。")
    return redirect("tasks:plan", pk=following.pk)

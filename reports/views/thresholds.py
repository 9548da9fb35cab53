"""The thresholds of a plan's lights: their history, and the guided change."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permits import reader
from accounts.roles import Role
from reports import changes
from reports.change_forms import ReasonOnlyForm, ThresholdsForm
from reports.views.changing import Guide, guided, office
from targets.asked import asked_plan
from targets.services import Grounds


@require_safe
def thresholds(request: HttpRequest) -> HttpResponse:
    """Every pair of thresholds with the quarter it is in force from, newest first."""
    user, plan = reader(request), asked_plan(request)
    rows = list(plan.threshold_changes.select_related("by").order_by("-effective_from", "-at", "-id"))
    context = {"plan": plan, "rows": rows, "is_office": user.holds(Role.OFFICE)}
    return render(request, "reports/thresholds.html", context)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Other thresholds from a quarter on: the form, its preview, its confirmation."""
    reader(request)
    plan = asked_plan(request)
    user = office(request, plan)
    last = plan.threshold_changes.last()
    row = last or plan
    now = {"behind_above": f"{row.behind_above:f}", "late_above": f"{row.late_above:f}"}

    def commit(what: Any, grounds: Grounds, seen: str, at: datetime) -> None:
        changes.change_thresholds(
            plan=plan,
            rule=what.values(),
            since=what.begins,
            reason=grounds.reason,
            seen=seen,
            by=user,
            at=at,
        )

    guide = Guide(
        template="reports/thresholds_change.html",
        what=partial(ThresholdsForm, plan=plan, since=last.effective_from if last else None, initial=now),
        why=ReasonOnlyForm,
        change=lambda what: changes.thresholds_change(plan, what.values(), what.begins),
        commit=commit,
        said="已保存新的阈值，未关账的季度正在重算。",
        done=f"{reverse('reports:thresholds')}?plan={plan.code}",
        context={"plan": plan, "row": row},
    )
    return guided(request, guide)

"""Which plan an address asks for."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from targets.models import Plan


def latest_plan(user: Any, code: str = "") -> Plan | None:
    """The plan asked for, or the newest one, among those this user may know of."""
    plans = Plan.objects.visible_to(user).select_related("office")
    return plans.filter(code=code).first() if code else plans.order_by("-starts_on", "code").first()


def asked_plan(request: HttpRequest) -> Plan:
    """The plan of `?plan=`, else the newest one; 404 when there is none to see."""
    plan = latest_plan(request.user, request.GET.get("plan", ""))
    if plan is None:
        raise Http404("没有这个方案。")
    return plan

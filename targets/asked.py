"""Which plan an address asks for: the one it names, else the one this person chose last, else the one in use."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Case, Max, QuerySet, When
from django.http import Http404, HttpRequest

from targets.models import Plan

#: Where a session keeps the code of the plan that was chosen.
CHOSEN: Final = "plan"


def in_order(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """Plans with quarters that were opened first, then by time: one loaded ahead is nobody's first page yet."""
    opened = Max("periods__opened_at")
    waits = Case(When(opened=None, then=1), default=0)
    return plans.select_related("office").alias(opened=opened).order_by(waits, "-starts_on", "code")


def chosen_code(request: HttpRequest) -> str:
    """The code an address names or the session keeps; empty for neither."""
    return request.GET.get("plan", "") or str(getattr(request, "session", {}).get(CHOSEN, ""))


def latest_plan(user: Any, code: str = "") -> Plan | None:
    """The plan asked for, or the first one, among those this user may know of."""
    plans = in_order(Plan.objects.visible_to(user))
    return plans.filter(code=code).first() if code else plans.first()


def plan_asked(request: HttpRequest) -> Plan | None:
    """The plan of `?plan=` and no other; without it the one chosen before, as far as it is still there, else the first."""
    if named := request.GET.get("plan", ""):
        return latest_plan(request.user, named)
    plans = list(in_order(Plan.objects.visible_to(request.user)))
    code = chosen_code(request)
    return next((plan for plan in plans if plan.code == code), plans[0] if plans else None)


def asked_plan(request: HttpRequest) -> Plan:
    """As `plan_asked`; 404 when there is none to see."""
    plan = plan_asked(request)
    if plan is None:
        raise Http404("没有这个方案。")
    return plan

"""The office's other pages of review: routine entries, the rules, statistics of returns."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from filings.errors import Refused
from filings.forms.office import RoutineForm, RuleForm
from filings.models import Filing, Period
from filings.queries import rule as rule_queries
from filings.queries.returns import returns as read_returns
from filings.queries.routine import routine_entries
from filings.services.review_rule import set_second_level
from filings.services.routine import accept_routine as accept
from filings.terms import ReturnCode
from filings.views.common import STATUS_OF, person
from filings.views.review import say_outcome
from targets.asked import asked_plan
from targets.models import Plan

# Routine entries


def _reviewer(request: HttpRequest) -> User:
    """Whoever reviews at all: the office, leaders, and substitutes (whose filings are the only ones they see)."""
    user = person(request)
    if not user.reads_all and not Filing.objects.filter(substitute__user=user).exists():
        raise PermissionDenied("报送审核供审核人使用。")
    return user


@require_safe
def routine(request: HttpRequest) -> HttpResponse:
    """Entries that need no second thought, of every filing this person may review."""
    user = _reviewer(request)
    return render(request, "filings/routine.html", {"routines": routine_entries(user), "now": timezone.now()})


@require_POST
def accept_routine(request: HttpRequest) -> HttpResponse:
    """Accept the ticked ones; what is not routine any more is named."""
    user, at = _reviewer(request), timezone.now()
    form = RoutineForm(request.POST, user=user)
    if not form.is_valid():
        messages.error(request, form.sentence)
        return redirect("filings:routine")
    outcome = accept(entries=[entry.pk for entry in form.cleaned_data["entries"]], by=user, at=at)
    say_outcome(request, outcome, "采纳")
    return redirect("filings:routine")


# The rules of review


def _office(request: HttpRequest, plan: Plan) -> User:
    user = person(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied(f"审核规则由{plan.office}设定。")
    return user


@require_safe
def rule(request: HttpRequest) -> HttpResponse:
    """Whether a changed light asks for a second reviewer, and how that came to be."""
    plan = asked_plan(request)
    _office(request, plan)
    return _rule_page(request, plan)


def _rule_page(
    request: HttpRequest, plan: Plan, form: RuleForm | None = None, status: int = 200
) -> HttpResponse:
    page = rule_queries.rule_page(plan)
    given = {"seen": page.second_level, "second_level": "1" if page.second_level else "0"}
    context = {"plan": plan, "page": page, "form": form or RuleForm(initial=given)}
    return render(request, "filings/review_rule.html", context, status=status)


@require_POST
def change_rule(request: HttpRequest) -> HttpResponse:
    """Switch the second level on or off."""
    plan = asked_plan(request)
    user, at = _office(request, plan), timezone.now()
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _rule_page(request, plan, form, status=422)
    data = form.cleaned_data
    try:
        set_second_level(
            plan=plan, on=data["second_level"], seen=data["seen"], reason=data["reason"], by=user, at=at
        )
    except Refused as refused:
        typed = request.POST.copy()
        typed["seen"] = str(rule_queries.rule_page(plan).second_level)
        form = RuleForm(typed)
        form.add_error(None, refused.sentence)
        return _rule_page(request, plan, form, status=STATUS_OF[refused.axis])
    messages.success(
        request, f"复审已{'开启' if data['second_level'] else '关闭'}，从现在起的采纳按新规则办理。"
    )
    return redirect(f"{reverse('filings:review_rule')}?plan={plan.code}")


# Statistics of returns


def _asked(request: HttpRequest) -> tuple[User, Plan, Period | None]:
    """Who looks at the returns of which plan, of all its quarters or one; 404 for a quarter that does not exist."""
    plan, user = asked_plan(request), person(request)
    if not user.reads_all:
        raise PermissionDenied(f"退回情况统计供{plan.office}和领导查看。")
    code = request.GET.get("period")
    if not code:
        return user, plan, None
    period = next((period for period in _opened(user, plan) if period.code == code), None)
    if period is None:
        raise Http404("没有这个填报期，或尚未开放。")
    return user, plan, period


def _opened(user: User, plan: Plan) -> list[Period]:
    return list(Period.objects.visible_to(user).filter(plan=plan).opened())


@require_safe
def returns(request: HttpRequest) -> HttpResponse:
    """What the office returned, by reason, department, reviewer and quarter."""
    user, plan, period = _asked(request)
    context = {
        "plan": plan,
        "plans": list(Plan.objects.visible_to(user).order_by("-starts_on", "code")),
        "periods": _opened(user, plan),
        "returns": read_returns(plan, user=user, period=period),
        "codes": ReturnCode,
        "now": timezone.now(),
    }
    return render(request, "filings/returns.html", context)

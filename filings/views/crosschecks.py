"""Cross-checks (勾稽关系): what is open in a quarter, settling it, and the office's rules."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from filings.errors import Refused
from filings.forms.crosschecks import CloseForm, CrossFilter, CrossRuleForm, RetireForm, WhyForm
from filings.models import CrossRule, Period
from filings.queries import crosschecks as queries
from filings.services import cross_rules, crosschecks
from filings.views.common import STATUS_OF, person
from targets.asked import asked_plan
from targets.models import Plan


def _reader(request: HttpRequest, plan: Plan) -> User:
    user = person(request)
    if not user.reads_all:
        raise PermissionDenied(f"勾稽核对供{plan.office}和领导查看；本单位的发现列在填报页和提交前的检查中。")
    return user


def _office(request: HttpRequest, plan: Plan) -> User:
    user = _reader(request, plan)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied(f"勾稽关系由{plan.office}设定和处理。")
    return user


# What is open


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """Every rule of a quarter with what it found, filtered as the address says."""
    plan = asked_plan(request)
    user = _reader(request, plan)
    periods = list(Period.objects.visible_to(user).filter(plan=plan).opened())
    period = _chosen(periods, request.GET.get("period", ""))
    board = queries.board(period) if period else None
    form = CrossFilter(request.GET, lines=board.lines if board else [])
    context = {
        "plan": plan,
        "periods": periods,
        "board": board,
        "form": form,
        "show": form.chosen(),
        "shown": form.filter(),
        "is_office": user.holds(Role.OFFICE),
        "now": timezone.now(),
    }
    return render(request, "filings/crosschecks.html", context)


def _chosen(periods: list[Period], code: str) -> Period | None:
    if not code:
        return periods[0] if periods else None
    period = next((period for period in periods if period.code == code), None)
    if period is None:
        raise Http404("没有这个填报期，或尚未开放。")
    return period


@require_POST
def close(request: HttpRequest, pk: int, period_pk: int) -> HttpResponse:
    """Settle one finding with a note."""
    rule = _rule(request, pk)
    user = _office(request, rule.plan)
    periods = Period.objects.visible_to(user).filter(plan=rule.plan)
    period = get_object_or_404(periods, pk=period_pk)
    form = CloseForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.sentence)
    else:
        try:
            crosschecks.close_finding(
                rule=rule,
                period=period,
                seen=form.cleaned_data["seen"],
                note=form.cleaned_data["note"],
                by=user,
                at=timezone.now(),
            )
        except Refused as refused:
            messages.error(request, refused.sentence)
        else:
            messages.success(request, f"已了结：{queries.subject(rule)}，{period}。")
    return redirect(f"{reverse('filings:crosschecks')}?plan={rule.plan.code}&period={period.code}")


# The rules


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules of a plan, those in force first, and those that were changed or retired."""
    plan = asked_plan(request)
    user = _reader(request, plan)
    context = {
        "plan": plan,
        "rules": queries.rules_of_plan(plan),
        "is_office": user.holds(Role.OFFICE),
        "now": timezone.now(),
    }
    return render(request, "filings/cross_rules.html", context)


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new rule: the form, what it would have found, its confirmation."""
    plan = asked_plan(request)
    user = _office(request, plan)
    return _guided(request, plan, None, user)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another rule in place of this one from a quarter on; also where it is retired."""
    rule = _rule(request, pk)
    user = _office(request, rule.plan)
    return _guided(request, rule.plan, rule, user)


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """End a rule from a quarter on."""
    rule = _rule(request, pk)
    user = _office(request, rule.plan)
    form, status = RetireForm(request.POST, rule=rule), 422
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            cross_rules.retire_rule(rule=rule, until=form.until(), reason=reason, by=user, at=timezone.now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
            status = STATUS_OF[refused.axis]
        else:
            messages.success(request, f"已停用：{queries.subject(rule)}。")
            return _to_rules(rule.plan)
    what = CrossRuleForm(plan=rule.plan, replaced=rule)
    return _page(request, rule.plan, rule, what, None, retire=form, status=status)


def _rule(request: HttpRequest, pk: int) -> CrossRule:
    return get_object_or_404(CrossRule.objects.visible_to(person(request)).with_sides(), pk=pk)


def _to_rules(plan: Plan) -> HttpResponse:
    return redirect(f"{reverse('filings:cross_rules')}?plan={plan.code}")


def _guided(request: HttpRequest, plan: Plan, rule: CrossRule | None, user: User) -> HttpResponse:
    if request.method == "POST":
        return _confirm(request, plan, rule, user, timezone.now())
    what = CrossRuleForm(request.GET if "kind" in request.GET else None, plan=plan, replaced=rule)
    return _page(request, plan, rule, what, WhyForm() if what.is_bound else None)


def _confirm(
    request: HttpRequest, plan: Plan, rule: CrossRule | None, user: User, at: datetime
) -> HttpResponse:
    what, why = CrossRuleForm(request.POST, plan=plan, replaced=rule), WhyForm(request.POST)
    status = 422
    if what.is_valid() and why.is_valid():
        given: dict[str, Any] = {"values": what.values(), "reason": why.cleaned_data["reason"]}
        try:
            if rule:
                cross_rules.change_rule(rule=rule, **given, by=user, at=at)
            else:
                cross_rules.add_rule(plan=plan, **given, by=user, at=at)
        except Refused as refused:
            why.add_error(None, refused.sentence)
            status = STATUS_OF[refused.axis]
        else:
            messages.success(request, "已保存，尚未提交的报送从现在起按新规则核对。")
            return _to_rules(plan)
    return _page(request, plan, rule, what, why, status=status)


def _page(
    request: HttpRequest,
    plan: Plan,
    rule: CrossRule | None,
    what: CrossRuleForm,
    why: WhyForm | None,
    *,
    retire: RetireForm | None = None,
    status: int = 200,
) -> HttpResponse:
    preview: queries.Preview | None = None
    if what.is_bound and what.is_valid():
        values = what.values()
        try:
            cross_rules.check_rule(plan, values, replaced=rule)
        except Refused as refused:
            what.add_error(None, refused.sentence)
        else:
            preview = queries.preview(values.row(plan))
    may_end = rule is not None and rule.effective_until is None
    context = {
        "plan": plan,
        "rule": rule,
        "line": queries.RuleLine(rule) if rule else None,
        "what": what,
        "why": why if what.is_bound and what.is_valid() else None,
        "refusals": why.non_field_errors() if why and not (what.is_bound and what.is_valid()) else [],
        "preview": preview,
        "typed": [(name, what.data.get(name, "")) for name in what.fields] if what.is_bound else [],
        "retire": retire or (RetireForm(rule=rule) if rule and may_end else None),
    }
    return render(request, "filings/cross_rule.html", context, status=status)

"""Yearly and quarterly plan values: entered by the data department, confirmed or returned by the office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permits import reader
from accounts.roles import Role
from harbor_plan.lib.refusals import STATUS_OF, Refused
from reports import changes
from reports.change_forms import PlanValueForm, SeenForm
from reports.queries.requirements import plan_value_rows
from reports.views.changing import Guide, guided, office
from targets import services
from targets.asked import asked_plan
from targets.models import Indicator, PlanValueProposal
from targets.services import Grounds, may_enter_plan_values
from targets.terms import ProposalState
from tasks.views.common import done


class _AllForm(forms.Form):
    """Nothing to type: all that waits is confirmed at once. Its field says that the preview was asked."""

    quarter = forms.CharField(required=False, widget=forms.HiddenInput)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The indicators of one's own departments, or all for who reads all, with their plan values."""
    user, plan = reader(request), asked_plan(request)
    context = {"plan": plan, "rows": plan_value_rows(plan, user), "is_office": user.holds(Role.OFFICE)}
    return render(request, "reports/plan_values_all.html", context)


def _load(request: HttpRequest, pk: int) -> Indicator:
    found = Indicator.objects.visible_to(reader(request)).select_related("plan__office", "data_department")
    return get_object_or_404(found, pk=pk)


@require_safe
def plan_values(request: HttpRequest, pk: int) -> HttpResponse:
    """One indicator's plan values: those that count, those that wait, and what was decided."""
    return _page(request, _load(request, pk))


def _page(
    request: HttpRequest, indicator: Indicator, form: PlanValueForm | None = None, status: int = 200
) -> HttpResponse:
    user = reader(request)
    may = may_enter_plan_values(indicator, user)
    proposals = list(
        PlanValueProposal.objects.filter(indicator=indicator)
        .select_related("by", "decided_by")
        .order_by("-at", "-id")
    )
    context = {
        "plan": indicator.plan,
        "indicator": indicator,
        "counting": list(indicator.plan_values.all()),
        "waiting": [p for p in proposals if p.state == ProposalState.PROPOSED],
        "decided": [p for p in proposals if p.state != ProposalState.PROPOSED],
        "form": form or (PlanValueForm(indicator=indicator, at=timezone.now()) if may else None),
        "may_enter": may,
        "is_office": user.holds(Role.OFFICE),
    }
    return render(request, "reports/plan_values.html", context, status=status)


@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a plan value for a quarter's end."""
    user, at = reader(request), timezone.now()
    indicator = _load(request, pk)
    if not may_enter_plan_values(indicator, user):
        raise PermissionDenied(
            f"“{indicator}”的计划值由{indicator.data_department or '数据单位'}填报，您可以查看。"
        )
    form = PlanValueForm(request.POST, indicator=indicator, at=at)
    if not form.is_valid():
        return _page(request, indicator, form, status=422)
    try:
        services.propose_plan_value(
            indicator=indicator,
            on=form.on(),
            value=form.number(),
            source=form.cleaned_data["source"] or "",
            by=user,
            at=at,
        )
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return _page(request, indicator, form, status=STATUS_OF[refused.axis])
    messages.success(request, f"已报{indicator.plan.office}确认，确认后生效。")
    return redirect("reports:plan_values", pk=indicator.pk)


def _load_proposal(request: HttpRequest, pk: int) -> PlanValueProposal:
    found = PlanValueProposal.objects.visible_to(reader(request))
    return get_object_or_404(
        found.select_related("indicator__plan__office", "indicator__data_department"), pk=pk
    )


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a plan value that still waits."""
    proposal = _load_proposal(request, pk)
    user = reader(request)
    return done(
        request,
        lambda: services.withdraw_plan_value(proposal=proposal, by=user, at=timezone.now()),
        "已撤回。",
        redirect("reports:plan_values", pk=proposal.indicator_id),
    )


@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a plan value with a reason."""
    proposal = _load_proposal(request, pk)
    user = office(request, proposal.indicator.plan)
    note = request.POST.get("note", "").replace("\0", "")[:300]
    return done(
        request,
        lambda: services.return_plan_value(proposal=proposal, note=note, by=user, at=timezone.now()),
        "已退回，数据单位可改后再报。",
        redirect("reports:plan_values", pk=proposal.indicator_id),
    )


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let all plan values of an indicator that wait count: the preview, and its confirmation."""
    indicator = _load(request, pk)
    user = office(request, indicator.plan)
    waiting = list(
        PlanValueProposal.objects.filter(indicator=indicator, state=ProposalState.PROPOSED).select_related(
            "indicator__plan__office", "by"
        )
    )
    back = reverse("reports:plan_values", args=[indicator.pk])
    if not waiting:
        messages.error(request, f"“{indicator}”现在没有待确认的计划值。")
        return redirect(back)

    def commit(what: Any, grounds: Grounds, seen: str, at: datetime) -> None:
        changes.confirm_plan_values(indicator=indicator, proposals=waiting, seen=seen, by=user, at=at)

    guide = Guide(
        template="reports/plan_values_confirm.html",
        what=lambda typed: _AllForm(typed or {}),
        why=SeenForm,
        change=lambda what: changes.plan_values_change(indicator, waiting),
        commit=commit,
        said="已确认，未关账的季度正在重算。",
        done=back,
        context={"plan": indicator.plan, "indicator": indicator, "waiting": waiting},
    )
    return guided(request, guide)

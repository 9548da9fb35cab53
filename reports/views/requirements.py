"""Targets: what waits, the life of one, and the steps of the office."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permits import reader
from accounts.roles import Role
from harbor_plan.lib.download import attachment
from reports import changes
from reports.change_forms import BaselineForm, TargetForm, WhyForm
from reports.queries.requirements import baselines_of, life_of, todo
from reports.views.changing import Guide, guided, office
from reports.words import requirement_words
from targets.asked import asked_plan
from targets.models import Indicator, Paper, Target
from targets.services import Grounds, Step, steps_of

_PLAIN = {
    Step.ASSIGN: "已登记下达，未关账的季度正在重算。",
    Step.PROVISIONAL: "已登记暂定值，未关账的季度正在重算。",
    Step.REVISE: "已登记调整，未关账的季度正在重算。",
    Step.CONDITION: "已登记认定结果，未关账的季度正在重算。",
    Step.TOLERANCE: "已设定容差，未关账的季度正在重算。",
}


@require_safe
def targets(request: HttpRequest) -> HttpResponse:
    """What is not settled: the to-do of the office."""
    user = reader(request)
    if not user.reads_all:
        raise PermissionDenied("待办目标供审核人和领导使用；各项目标值在指标页面查看。")
    plan = asked_plan(request)
    context = {"plan": plan, "todo": todo(plan), "is_office": user.holds(Role.OFFICE)}
    return render(request, "reports/targets.html", context)


def _load(request: HttpRequest, pk: int) -> Target:
    found = Target.objects.visible_to(reader(request)).select_related("indicator__plan__office", "by")
    return get_object_or_404(found, pk=pk)


@require_safe
def target(request: HttpRequest, pk: int) -> HttpResponse:
    """One requirement and what became of it."""
    row = _load(request, pk)
    context = {
        "plan": row.indicator.plan,
        "indicator": row.indicator,
        "life": life_of(row),
        "is_office": reader(request).holds(Role.OFFICE),
    }
    return render(request, "reports/target.html", context)


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, pk: int, step: Step) -> HttpResponse:
    """One step in a target's life: the form, its preview, its confirmation."""
    row = _load(request, pk)
    user = office(request, row.indicator.plan)

    def commit(what: Any, grounds: Grounds, seen: str, at: datetime) -> None:
        changes.change_target(target=row, step=what.values(), grounds=grounds, seen=seen, by=user, at=at)

    back = reverse("reports:target", args=[row.pk])
    guide = Guide(
        template="reports/target_step.html",
        what=partial(TargetForm, target=row, step=step),
        why=WhyForm,
        change=lambda what: changes.target_change(row, what.values()),
        commit=commit,
        said=_PLAIN[step],
        done=back,
        context={
            "plan": row.indicator.plan,
            "indicator": row.indicator,
            "target": row,
            "asks": requirement_words(row, row.indicator),
            "step": step,
            "newest": life_of(row).item.target,
            "is_possible": step in steps_of(row),
            "needs_document": step == Step.ASSIGN,
        },
    )
    return guided(request, guide)


@require_http_methods(["GET", "POST"])
def baseline(request: HttpRequest, pk: int) -> HttpResponse:
    """The baselines of an indicator, and the form for the next one."""
    found = Indicator.objects.visible_to(reader(request)).select_related("plan__office")
    indicator = get_object_or_404(found, pk=pk)
    user = office(request, indicator.plan)

    def commit(what: Any, grounds: Grounds, seen: str, at: datetime) -> None:
        changes.change_baseline(
            indicator=indicator, values=what.values(), grounds=grounds, seen=seen, by=user, at=at
        )

    guide = Guide(
        template="reports/baseline.html",
        what=partial(BaselineForm, indicator=indicator),
        why=WhyForm,
        change=lambda what: changes.baseline_change(indicator, what.values()),
        commit=commit,
        said="已登记基期值，未关账的季度正在重算。",
        done=reverse("reports:baseline", args=[indicator.pk]),
        context={"plan": indicator.plan, "indicator": indicator, "rows": baselines_of(indicator)},
    )
    return guided(request, guide)


@require_safe
def paper(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """A document on file, to save and never to show."""
    kept = get_object_or_404(Paper.objects.visible_to(reader(request)), pk=pk)
    with kept.file.open("rb") as stored:
        return attachment(stored.read(), kept.name, "application/octet-stream")

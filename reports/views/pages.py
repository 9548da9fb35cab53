"""Goals, indicators, actions, tasks, milestones, departments and the responsibility table."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permits import reader
from accounts.roles import Role
from actions.leads import leads_on
from actions.models import SpecialAction
from departments.lineage import formerly, history_of
from departments.models import Department
from reports.editions import Edition, choose, end_of_day
from reports.forms import IndicatorFilter, IndicatorPick, ResponsibilityFilter
from reports.models import Subject
from reports.queries import ledes, plan_pages
from reports.queries.cockpit import cockpit as cockpit_of
from reports.queries.cockpit import verdict, worst_quantitative
from reports.queries.filing_states import filing_states, filing_states_before
from reports.queries.indicator import indicator_page, measure_words
from reports.queries.publications import differences
from reports.queries.responsibilities import table
from reports.queries.unjudged import unjudged as list_unjudged
from reports.views.common import Look, asked_plan, known_day, look
from targets.models import GoalCategory, Indicator, Plan
from targets.terms import Kind
from tasks.models import Task

#: Kinds of indicator that have a curve.
CURVED = (Kind.QUANTITATIVE, Kind.TREND, Kind.GRADED)


@require_safe
def cockpit(request: HttpRequest) -> HttpResponse:
    """The first screen: figures of an edition, and how the running quarter's filing stands now."""
    seen = look(request)
    context = seen.context(request)
    running = seen.running()
    if running:
        states = (
            filing_states_before(running.period, end_of_day(seen.known))
            if seen.known
            else filing_states(running.period, timezone.now())
        )
        context |= {"states": states, "live_edition": running}
    if seen.edition:
        context |= _board(request, seen.plan, seen.edition)
    return render(request, "reports/cockpit.html", context)


def _board(request: HttpRequest, plan: Plan, edition: Edition) -> dict[str, Any]:
    """What the first screen shows of an edition, with the curve of the indicator asked for."""
    rows = plan_pages.indicator_rows(Indicator.objects.filter(plan=plan).select_related("plan"), edition)
    board = cockpit_of(plan, edition, rows)
    worst = worst_quantitative(rows)
    asked = {"indicator": str(worst.pk if worst else ""), **request.GET.dict()}
    pick = IndicatorPick(asked, indicators=[r.indicator for r in rows if r.indicator.kind in CURVED])
    chosen = pick.chosen() or worst
    trend = indicator_page(chosen, edition) if chosen else None
    return {"board": board, "verdict": verdict(board), "pick": pick, "trend": trend}


@require_safe
def goals(request: HttpRequest) -> HttpResponse:
    """All goal categories with their indicators."""
    seen = look(request)
    rows = plan_pages.indicator_rows(Indicator.objects.filter(plan=seen.plan), seen.edition)
    figures = seen.edition.figures[Subject.GOAL] if seen.edition else {}
    groups = [
        (goal, figures.get(goal.pk), [row for row in rows if row.indicator.goal_id == goal.pk])
        for goal in GoalCategory.objects.filter(plan=seen.plan).in_use(plan_pages.used_on(seen.edition))
    ]
    lede = ledes.goals(len(groups), rows, seen.edition)
    return render(request, "reports/goals.html", seen.context(request) | {"groups": groups, "lede": lede})


@require_safe
def goal(request: HttpRequest, pk: int) -> HttpResponse:
    """One goal category."""
    subject = get_object_or_404(
        GoalCategory.objects.visible_to(reader(request)).select_related("plan__office"), pk=pk
    )
    seen = look(request, subject.plan)
    page = plan_pages.goal_page(subject, seen.edition)
    return render(request, "reports/goal.html", seen.context(request) | {"page": page})


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """Every indicator by goal category, then those that only the special actions set; filtered by the address."""
    seen = look(request)
    rows = plan_pages.indicator_rows(Indicator.objects.filter(plan=seen.plan), seen.edition)
    form = IndicatorFilter(request.GET)
    context = seen.context(request) | {
        "form": form,
        "standing": form.value("standing"),
        "standings": form.options(rows, seen.fields),
        "rows": rows,
        "shown": form.passing(rows),
        "lede": ledes.indicators(rows, seen.edition),
    }
    return render(request, "reports/indicators.html", context)


@require_safe
def indicator(request: HttpRequest, pk: int) -> HttpResponse:
    """One indicator, and how its verdict came about."""
    found = Indicator.objects.visible_to(reader(request)).select_related(
        "plan__office", "goal", "data_department"
    )
    subject = get_object_or_404(found.prefetch_related("tasks__action"), pk=pk)
    seen = look(request, subject.plan)
    context = seen.context(request) | {
        "indicator": subject,
        "measure": measure_words(subject),
        "page": indicator_page(subject, seen.edition) if seen.edition else None,
        "is_office": seen.user.holds(Role.OFFICE),
    }
    return render(request, "reports/indicator.html", context)


@require_safe
def unjudged(request: HttpRequest) -> HttpResponse:
    """Every indicator, target and milestone without a light, and why. For the office and leaders."""
    if not reader(request).reads_all:
        raise PermissionDenied("算不出的指标由牵头办公室和领导查看；本单位的指标见“目标指标”页。")
    seen = look(request)
    found = list_unjudged(seen.plan, seen.edition) if seen.edition else None
    return render(request, "reports/unjudged.html", seen.context(request) | {"found": found})


@require_safe
def actions(request: HttpRequest) -> HttpResponse:
    """All special actions with their tasks."""
    seen = look(request)
    rows = plan_pages.task_rows(
        Task.objects.filter(action__plan=seen.plan).order_by("action__no", "no"), seen.edition
    )
    figures = seen.edition.figures[Subject.ACTION] if seen.edition else {}
    leads = leads_on(seen.plan.pk, seen.day)
    used = SpecialAction.objects.filter(plan=seen.plan).in_use(plan_pages.used_on(seen.edition))
    groups = [
        (a, figures.get(a.pk), leads.get(a.pk, []), [row for row in rows if row.task.action_id == a.pk])
        for a in used
    ]
    lede = ledes.actions(len(groups), rows, seen.edition)
    return render(request, "reports/actions.html", seen.context(request) | {"groups": groups, "lede": lede})


@require_safe
def action(request: HttpRequest, pk: int) -> HttpResponse:
    """One special action."""
    found = SpecialAction.objects.visible_to(reader(request)).select_related("plan__office")
    subject = get_object_or_404(found, pk=pk)
    seen = look(request, subject.plan)
    page = plan_pages.action_page(subject, seen.edition)
    leads = leads_on(seen.plan.pk, seen.day).get(subject.pk, [])
    return render(request, "reports/action.html", seen.context(request) | {"page": page, "leads": leads})


@require_safe
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """One task."""
    found = Task.objects.visible_to(reader(request)).select_related("action__plan__office")
    subject = get_object_or_404(found.prefetch_related("milestones"), pk=pk)
    seen = look(request, subject.action.plan)
    page = plan_pages.task_page(subject, seen.edition)
    return render(request, "reports/task.html", seen.context(request) | {"page": page})


@require_safe
def milestones(request: HttpRequest) -> HttpResponse:
    """Every dated milestone in order of date."""
    seen = look(request)
    rows = plan_pages.milestone_rows(plan_pages.milestones_of(seen.plan), seen.edition)
    context = seen.context(request) | {
        "rows": rows,
        "lights": Counter(row.standing for row in rows),
        "lede": ledes.milestones(rows),
    }
    return render(request, "reports/milestones.html", context)


@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    """Every department with its filing figures of the period."""
    seen = look(request)
    figures = seen.edition.figures[Subject.DEPARTMENT] if seen.edition else {}
    found = Department.objects.visible_to(seen.user).select_related("convenor")
    rows = [(d, figures.get(d.pk)) for d in found if d.pk in figures or d.exists_on(seen.day)]
    context = seen.context(request) | {
        "rows": rows,
        "former": formerly((department.pk for department, _ in rows), seen.day),
        "lede": ledes.departments(seen.edition),
    }
    return render(request, "reports/departments.html", context)


@require_safe
def department(request: HttpRequest, pk: int) -> HttpResponse:
    """One department: what it answers for and how it files."""
    found = Department.objects.visible_to(reader(request)).select_related("convenor")
    subject = get_object_or_404(found, pk=pk)
    seen = look(request)
    page = plan_pages.department_page(subject, seen.plan, seen.edition)
    lede = ledes.department(page.figure, seen.edition)
    context = seen.context(request) | {"page": page, "lede": lede, "history": history_of(subject)}
    return render(request, "reports/department.html", context)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """One quarter's figures as known at the ends of two days: ?known=2020-11-05 and ?against=2020-11-20 (or now)."""
    plan = asked_plan(request)
    known, against = known_day(request), known_day(request, "against")
    period = request.GET.get("period", "")
    now = choose(plan, {"period": period}, against)
    if now is None and period:
        raise Http404("没有这个季度的数据。")
    then = choose(plan, {"period": now.period.code}, known) if now and known else None
    changes = differences(then.rows() if then else (), now.rows(), plan) if now and known else []
    context = Look(reader(request), plan, now, against).context(request) | {
        "period": now.period if now else None,
        "known": known,
        "against": against,
        "changes": changes,
        "lede": ledes.compared(then, now, len(changes)) if known else "选择一天，与现在或另一天对照。",
    }
    return render(request, "reports/compare.html", context)


@require_safe
def responsibilities(request: HttpRequest) -> HttpResponse:
    """The responsibility table in the annex's own form."""
    seen = look(request)
    form = ResponsibilityFilter(request.GET, user=seen.user)
    chosen = form.chosen()
    found = table(seen.plan, seen.edition, chosen)
    asked = {name: value for name, value in request.GET.items() if value and name in form.fields}
    context = seen.context(request) | {
        "form": form,
        "chosen": chosen,
        "table": found,
        "lede": ledes.responsibilities(found, form.department_name),
        "is_filtered": bool(asked),
        "export_query": urlencode([*seen.fields, *asked.items()]),
        "now": timezone.now(),
    }
    return render(request, "reports/responsibilities.html", context)

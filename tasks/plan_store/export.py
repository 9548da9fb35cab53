"""Read a plan out of the database as a plan document."""

from __future__ import annotations

from django.db.models import F, Prefetch, Q

from actions.models import ActionLead, SpecialAction
from departments.models import Department
from targets.models import BaselineChange, GoalCategory, Indicator, Plan, PlanValue, Target
from tasks.models import Milestone, Responsibility, Task
from tasks.plan_files import PlanDocument
from tasks.plan_files.document import (
    ActionLeadRow,
    ActionRow,
    BaselineChangeRow,
    DepartmentRow,
    GoalRow,
    IndicatorRow,
    MilestoneRow,
    PlanRow,
    PlanValueRow,
    ResponsibilityRow,
    TargetRow,
    TaskRow,
    ThresholdChangeRow,
)


def export_plan(plan: Plan) -> PlanDocument:
    """The whole plan as it stands, every list in an order that depends on the plan alone."""
    actions = list(SpecialAction.objects.filter(plan=plan).order_by("no"))
    tasks = list(Task.objects.filter(action__plan=plan).select_related("action").order_by("action__no", "no"))
    return PlanDocument(
        plan=_plan(plan),
        departments=tuple(department_row(department) for department in departments_of(plan)),
        goals=tuple(
            GoalRow(
                no=goal.no, name=goal.name, clause=goal.clause, note=goal.note, retired_on=goal.retired_on
            )
            for goal in GoalCategory.objects.filter(plan=plan).order_by("no")
        ),
        indicators=_indicators(plan),
        targets=_targets(plan),
        plan_values=_plan_values(plan),
        actions=tuple(
            ActionRow(
                no=action.no,
                name=action.name,
                clause=action.clause,
                note=action.note,
                retired_on=action.retired_on,
            )
            for action in actions
        ),
        action_leads=_action_leads(plan),
        tasks=tuple(
            TaskRow(
                no=task.number,
                title=task.title,
                annex_title=task.annex_title,
                clause=task.clause,
                note=task.note,
                retired_on=task.retired_on,
            )
            for task in tasks
        ),
        responsibilities=_responsibilities(plan),
        milestones=_milestones(plan),
        threshold_changes=tuple(
            ThresholdChangeRow(
                effective_from=change.effective_from,
                behind_above=change.behind_above,
                late_above=change.late_above,
                reason=change.reason,
                at=change.at,
            )
            for change in plan.threshold_changes.order_by("effective_from", "at")
        ),
        baseline_changes=_baseline_changes(plan),
    )


def departments_of(plan: Plan) -> list[Department]:
    """Every department the plan names, the convenors of those, what they were before and became, in listed order."""
    named = Q(plans_run=plan) | Q(indicators_owed__plan=plan) | Q(action_lead_rows__action__plan=plan)
    named |= Q(responsibilities__task__action__plan=plan)
    found = {department.pk: department for department in Department.objects.filter(named)}
    while missing := {d.convenor_id for d in found.values() if d.convenor_id} - found.keys():
        found |= Department.objects.in_bulk(missing)
    related = Q(later_rows__later__in=found) | Q(earlier_rows__earlier__in=found)
    found |= {department.pk: department for department in Department.objects.filter(related)}
    return sorted(found.values(), key=lambda department: (department.order, department.name))


def _plan(plan: Plan) -> PlanRow:
    return PlanRow(
        code=plan.code,
        name=plan.name,
        short_name=plan.short_name,
        doc_no=plan.doc_no,
        issued_on=plan.issued_on,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        office=plan.office.name,
        behind_above=plan.behind_above,
        late_above=plan.late_above,
        note=plan.note,
    )


def department_row(department: Department) -> DepartmentRow:
    """One unit as the files have it."""
    return DepartmentRow(
        name=department.name,
        kind=department.kind,
        flag=department.flag,
        owes=department.owes,
        convenor=department.convenor.name if department.convenor else "",
        convenor_proposed=department.convenor_is_proposed,
        note=department.note,
    )


def _indicators(plan: Plan) -> tuple[IndicatorRow, ...]:
    tasks = Task.objects.select_related("action").order_by("action__no", "no")
    indicators = (
        Indicator.objects.filter(plan=plan)
        .select_related("goal", "data_department")
        .prefetch_related(Prefetch("tasks", queryset=tasks))
        .order_by("order", "code")
    )
    return tuple(_indicator(indicator) for indicator in indicators)


def _indicator(indicator: Indicator) -> IndicatorRow:
    return IndicatorRow(
        code=indicator.code,
        name=indicator.name,
        unit=indicator.unit,
        kind=indicator.kind,
        decimals=indicator.decimals,
        accumulation=indicator.accumulation,
        combine=indicator.combine,
        span=indicator.span,
        asked=indicator.asked,
        holds=indicator.holds,
        goal_no=indicator.goal.no if indicator.goal else None,
        task_nos=tuple(task.number for task in indicator.tasks.all()),
        numerator=indicator.numerator_name,
        denominator=indicator.denominator_name,
        levels=tuple(indicator.levels),
        rounding=indicator.rounding,
        comparison=indicator.comparison,
        expected_by=indicator.expected_by,
        baseline=indicator.baseline,
        baseline_year=indicator.baseline_year,
        baseline_source=indicator.baseline_source,
        data_department=indicator.data_department.name if indicator.data_department else "",
        data_department_proposed=indicator.data_department_is_proposed,
        clauses=tuple(indicator.clauses),
        note=indicator.note,
        retired_on=indicator.retired_on,
    )


def _targets(plan: Plan) -> tuple[TargetRow, ...]:
    targets = (
        Target.objects.filter(indicator__plan=plan)
        .select_related("indicator")
        .order_by(
            "indicator__order", "indicator__code", "due_on", "clause", F("at").asc(nulls_first=True), "state"
        )
    )
    return tuple(
        TargetRow(
            indicator=target.indicator.code,
            due_on=target.due_on,
            comparator=target.comparator,
            value=target.value,
            low=target.low,
            high=target.high,
            tolerance=target.tolerance,
            strength=target.strength,
            state=target.state,
            condition=target.condition,
            condition_holds=target.condition_holds,
            condition_decided_by=target.condition_decided_by,
            doc_no=target.doc_no,
            doc_on=target.doc_on,
            reason=target.reason,
            clause=target.clause,
            note=target.note,
            effective_from=target.effective_from,
            at=target.at,
            retired_on=target.retired_on,
        )
        for target in targets
    )


def _plan_values(plan: Plan) -> tuple[PlanValueRow, ...]:
    values = (
        PlanValue.objects.filter(indicator__plan=plan)
        .select_related("indicator")
        .order_by("indicator__order", "indicator__code", "on")
    )
    return tuple(
        PlanValueRow(indicator=value.indicator.code, on=value.on, value=value.value, source=value.source)
        for value in values
    )


def _baseline_changes(plan: Plan) -> tuple[BaselineChangeRow, ...]:
    changes = (
        BaselineChange.objects.filter(indicator__plan=plan)
        .select_related("indicator")
        .order_by("indicator__order", "indicator__code", "effective_from", "at")
    )
    return tuple(
        BaselineChangeRow(
            indicator=change.indicator.code,
            effective_from=change.effective_from,
            value=change.value,
            year=change.year,
            source=change.source,
            state=change.state,
            doc_no=change.doc_no,
            doc_on=change.doc_on,
            reason=change.reason,
            at=change.at,
        )
        for change in changes
    )


def _action_leads(plan: Plan) -> tuple[ActionLeadRow, ...]:
    leads = (
        ActionLead.objects.filter(action__plan=plan)
        .select_related("action", "department")
        .order_by("action__no", "order")
    )
    return tuple(
        ActionLeadRow(action_no=lead.action.no, order=lead.order, department=lead.department.name)
        for lead in leads
    )


def _responsibilities(plan: Plan) -> tuple[ResponsibilityRow, ...]:
    rows = Responsibility.objects.filter(task__action__plan=plan).select_related("task__action", "department")
    written = (
        ResponsibilityRow(
            task_no=row.task.number,
            order=row.order,
            department=row.department.name,
            role=row.role,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            note=row.note,
        )
        for row in rows
    )
    return tuple(sorted(written, key=_place))


def _place(row: ResponsibilityRow) -> tuple[int, int, int, str, str]:
    """Annex order; rows that followed one another in the same place by date, then by name."""
    action, task = row.task_no.split(".")
    since = row.valid_from.isoformat() if row.valid_from else ""
    return (int(action), int(task), row.order, since, row.department)


def _milestones(plan: Plan) -> tuple[MilestoneRow, ...]:
    milestones = (
        Milestone.objects.filter(task__action__plan=plan)
        .select_related("task__action")
        .order_by("task__action__no", "task__no", "no")
    )
    return tuple(
        MilestoneRow(
            task_no=milestone.task.number,
            no=milestone.no,
            name=milestone.name,
            due_on=milestone.due_on,
            strength=milestone.strength,
            condition=milestone.condition,
            clause=milestone.clause,
            note=milestone.note,
            retired_on=milestone.retired_on,
        )
        for milestone in milestones
    )

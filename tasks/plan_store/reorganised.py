"""A plan document read as of after the reorganisations that were applied, so that loading undoes none of them.

Only what an operation handed over is changed, and only where the document still has it in the predecessor's hands;
a document exported after the operation comes through as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from actions.models import SpecialAction
from departments.models import Duty, Handover, Succession
from targets.models import Indicator
from tasks.models import Responsibility
from tasks.plan_files import PlanDocument
from tasks.plan_files.document import ActionLeadRow, ResponsibilityRow
from tasks.plan_store.export import department_row


def after_reorganisations(document: PlanDocument) -> PlanDocument:
    """The document with every applied operation carried through, oldest first. It is not changed itself."""
    applied = Succession.objects.applied().prefetch_related("units__department")
    for succession in applied.order_by("applied_at", "pk"):
        document = _with_successors(document, succession)
        rows = succession.handovers.select_related("before", "after").order_by("pk")
        document = _handed_over(document, list(rows))
    return document


def _with_successors(document: PlanDocument, succession: Succession) -> PlanDocument:
    """New units stand behind the first of those they follow, as the operation set them up."""
    names = [row.name for row in document.departments]
    first = succession.before[0].name
    fresh = [
        department_row(unit.department)
        for unit in succession.after
        if unit.is_new and unit.department and unit.name not in names
    ]
    if first not in names or not fresh:
        return document
    place = names.index(first) + 1
    return replace(
        document, departments=(*document.departments[:place], *fresh, *document.departments[place:])
    )


def _handed_over(document: PlanDocument, handovers: list[Handover]) -> PlanDocument:
    plan_code = document.plan.code
    for handover in handovers:
        before, after = handover.before.name, handover.after.name if handover.after else ""
        if handover.what == Duty.RESPONSIBILITY:
            document = _responsibility(document, handover)
        elif handover.what == Duty.ACTION_LEAD:
            rows = _leads(document.action_leads, handover, before, after, plan_code)
            document = replace(document, action_leads=rows)
        elif handover.what == Duty.READING:
            document = _reading(document, handover, before, after)
        elif handover.what == Duty.OFFICE and document.plan.office == before:
            document = replace(document, plan=replace(document.plan, office=after))
        elif handover.what == Duty.CONVENOR:
            document = _convenor(document, before, after)
    return document


def _responsibility(document: PlanDocument, handover: Handover) -> PlanDocument:
    """The predecessor's row ends; the successor's rows of the task are those that the system has."""
    old = (
        Responsibility.objects.filter(pk=handover.subject_pk, task__action__plan__code=document.plan.code)
        .select_related("task__action", "department")
        .first()
    )
    if old is None:
        return document
    number, name = old.task.number, handover.before.name
    rows = list(document.responsibilities)
    place = next((n for n, row in enumerate(rows) if _is(row, number, name, old)), None)
    after = handover.after.name if handover.after else ""
    if place is None:
        return document
    if rows[place].valid_to is not None and (not after or any(_has(row, number, after) for row in rows)):
        return document  # it was written after the operation
    rows[place] = replace(rows[place], valid_to=old.valid_to)
    if after:
        theirs = Responsibility.objects.filter(task=old.task_id, department=handover.after)
        rows = [row for row in rows if not _has(row, number, after)]
        rows += [_row(row, number, after) for row in theirs.order_by("pk")]
    return replace(document, responsibilities=tuple(rows))


def _is(row: ResponsibilityRow, number: str, name: str, old: Responsibility) -> bool:
    return (row.task_no, row.department, row.valid_from) == (number, name, old.valid_from)


def _has(row: ResponsibilityRow, number: str, name: str) -> bool:
    return (row.task_no, row.department) == (number, name)


def _row(row: Responsibility, number: str, department: str) -> ResponsibilityRow:
    return ResponsibilityRow(
        task_no=number,
        order=row.order,
        department=department,
        role=row.role,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        note=row.note,
    )


def _leads(
    rows: Iterable[ActionLeadRow], handover: Handover, before: str, after: str, plan_code: str
) -> tuple[ActionLeadRow, ...]:
    """One row is left where both led."""

    action = SpecialAction.objects.filter(pk=handover.subject_pk, plan__code=plan_code).first()
    rows = tuple(rows)
    if action is None:
        return rows
    own = [row for row in rows if row.action_no == action.no and row.department in (before, after)]
    if not any(row.department == before for row in own):
        return rows
    kept = replace(own[0], department=after, order=min(row.order for row in own))
    return tuple(kept if row is own[0] else row for row in rows if row is own[0] or row not in own)


def _reading(document: PlanDocument, handover: Handover, before: str, after: str) -> PlanDocument:

    found = Indicator.objects.filter(pk=handover.subject_pk, plan__code=document.plan.code).first()
    if found is None:
        return document
    indicators = tuple(
        replace(row, data_department=after)
        if (row.code, row.data_department) == (found.code, before)
        else row
        for row in document.indicators
    )
    return replace(document, indicators=indicators)


def _convenor(document: PlanDocument, before: str, after: str) -> PlanDocument:
    departments = tuple(
        replace(row, convenor=after) if row.convenor == before else row for row in document.departments
    )
    return replace(document, departments=departments)

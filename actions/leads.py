"""Who leads the special actions on a day: the leads of now, with what reorganisations passed on since taken back."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from actions.models import ActionLead
from departments.lineage import later_handovers, unwound
from departments.models import Department, Duty


def leads_on(plan_id: int, day: date) -> dict[int, list[Department]]:
    """Lead departments by action id, in the document's order, under the names of that day. Two queries."""
    now: dict[int, list[int]] = defaultdict(list)
    units: dict[int, Department] = {}
    rows = ActionLead.objects.filter(action__plan=plan_id).select_related("department__convenor")
    for row in rows.order_by("action_id", "order"):
        now[row.action_id].append(row.department_id)
        units[row.department_id] = row.department
    past = later_handovers(Duty.ACTION_LEAD, day)
    for action, handovers in past.items():
        units |= {handover.before_id: handover.before for handover in handovers}
        if action in now:
            now[action] = unwound(now[action], handovers)
    return {action: [units[pk] for pk in held] for action, held in now.items()}

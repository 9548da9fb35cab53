"""Who has which part in an annual work plan, asked in one place so that a refusal says what refuses."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from accounts.models import Membership, User
from accounts.roles import Role
from actions.models import ActionLead, SpecialAction
from audit.models import Event
from harbor_plan.lib.moments import local
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from tasks.models import AnnualPlan, AnnualPlanStatus, Responsibility
from tasks.rules import STEPS, WRITABLE, may_decide

#: What the office does to a plan; whoever does anything else has a hand in it.
_DECIDING = ("annual_plan.approve", "annual_plan.return")


def locked(plan: AnnualPlan) -> AnnualPlan:
    """The plan as it stands, held until the end of the transaction: every verb begins with it.

    Its programme is read after the lock: a join of the locking query may pair the new row with the old programme.
    """
    held = AnnualPlan.objects.select_for_update(of=("self",)).select_related("action__plan__office")
    return held.get(pk=plan.pk)


def hold_year(plan_id: int, year: int) -> None:
    """Let no version of this year come into force until the end of the transaction, in every action of a plan."""
    held = AnnualPlan.objects.select_for_update(no_key=True).filter(action__plan=plan_id, year=year)
    list(held.order_by("pk").values_list("pk", flat=True))


def lead_departments(action: SpecialAction) -> set[int]:
    """Departments that compile for the action: its leads, and who files for them."""
    leads = ActionLead.objects.filter(action=action).select_related("department__convenor")
    ids: set[int] = set()
    for lead in leads:
        ids |= {lead.department_id} | ({lead.department.filer.pk} if lead.department.filer else set())
    return ids


def responsibilities(action: SpecialAction, year: int) -> QuerySet[Responsibility]:
    """The table's rows for an action's tasks at the year's end, in the annex's order."""
    rows = Responsibility.objects.filter(task__action=action).in_force(date(year, 12, 31))
    return rows.select_related("task__action", "department__convenor").order_by("task__no", "order")


def is_lead(plan: AnnualPlan, person: User) -> bool:
    """Whether the person files for a lead department of the plan's action."""
    return compiles(plan.action, person)


def compiles(action: SpecialAction, person: User) -> bool:
    """Whether the person files for a lead department of the action."""
    return bool(person.departments_as(Role.FILER) & lead_departments(action))


def cooperating_rows(plan: AnnualPlan, person: User) -> list[Responsibility]:
    """The rows of the table through which the person may propose items: departments they file for."""
    mine = person.departments_as(Role.FILER)
    if not mine:
        return []
    rows = responsibilities(plan.action, plan.year)
    return [row for row in rows if row.department.filer and row.department.filer.pk in mine]


def need_lead(plan: AnnualPlan, by: User) -> None:
    """Refuse whoever does not file for a lead department."""
    need_compiler(plan.action, by)


def need_compiler(action: SpecialAction, by: User) -> None:
    """Refuse whoever does not file for a lead department of the action."""
    if not compiles(action, by):
        raise Refused("permission", f"年度实施计划由“{action}”牵头单位的填报人编制，您可以查看。")


def need_status(plan: AnnualPlan, verb: str) -> None:
    """Refuse a verb that the table of moves does not have from here."""
    step = STEPS[verb]
    if plan.status not in step.sources:
        raise Refused(
            "status", f"{last_step(plan)}{plan}目前为“{_status(plan)}”，不能{step.label}。请刷新页面。"
        )


def need_writable(plan: AnnualPlan) -> None:
    """Refuse writing items of a plan that is with the office or approved."""
    if plan.status in WRITABLE:
        return
    office = plan.action.plan.office
    if plan.status == AnnualPlanStatus.SUBMITTED:
        raise Refused("status", f"{plan}已报{office}审定，需要修改请先由牵头单位撤回。")
    raise Refused("status", f"{plan}已审定，修改请先由牵头单位写明理由、办理“调整”。")


def _status(plan: AnnualPlan) -> str:
    return AnnualPlanStatus(plan.status).label


def last_step(plan: AnnualPlan) -> str:
    """The beginning of a sentence: who took the plan its last step, and when; empty before the first step."""
    verbs = [f"annual_plan.{verb}" for verb in STEPS]
    last = _events(plan).filter(verb__in=verbs).order_by("id").last()
    if last is None:
        return ""
    word = STEPS[last.verb.removeprefix("annual_plan.")].label
    return f"{last.actor_name}已于 {local(last.at):%m-%d %H:%M} 办理“{word}”，"


def need_seen(plan: AnnualPlan, seen: str) -> None:
    """Refuse deciding on a submission other than the one on screen; `seen` is what `submission` gave for it."""
    if seen != submission(plan):
        raise AlreadyMoved(f"{last_step(plan)}内容可能已有改动。请核对本页现在的内容后再办。")


def submission(plan: AnnualPlan) -> str:
    """What tells one submission from the next."""
    return plan.submitted_at.isoformat() if plan.submitted_at else ""


def _events(plan: AnnualPlan) -> QuerySet[Event]:
    return Event.objects.filter(subject_type=plan._meta.label_lower, subject_id=str(plan.pk))


def hands_in(plan: AnnualPlan) -> set[int]:
    """Everybody who compiled, proposed or submitted anything of this plan."""
    actors = _events(plan).exclude(verb__in=_DECIDING).values_list("actor_id", flat=True).distinct()
    return {person for person in (*actors, plan.submitted_by_id) if person is not None}


def approvers(plan: AnnualPlan) -> set[int]:
    """Active people of the office who may decide this plan: not of a lead department, no hand in it."""
    leads, hands = lead_departments(plan.action), hands_in(plan)
    office = User.objects.filter(is_active=True, memberships__role=Role.OFFICE)
    own: dict[int, set[int]] = {}
    for person, department in Membership.objects.filter(user__in=office).values_list(
        "user_id", "department_id"
    ):
        own.setdefault(person, set()).update({department} if department else set())
    return {person for person, departments in own.items() if person not in hands and not departments & leads}


def can_decide(plan: AnnualPlan, person: User) -> bool:
    """Whether this person may approve or return that plan."""
    is_office, is_leader = person.holds(Role.OFFICE), person.holds(Role.LEADER)
    if not (is_office or is_leader):
        return False
    return may_decide(
        own_departments=person.own_department_ids,
        lead_departments=lead_departments(plan.action),
        person=person.pk,
        hands_in_it=hands_in(plan),
        is_office=is_office,
        is_leader=is_leader,
        approvers_left=len(approvers(plan)),
    )


def need_approver(plan: AnnualPlan, by: User) -> None:
    """Refuse whoever may not decide this plan."""
    if can_decide(plan, by):
        return
    office = plan.action.plan.office
    raise Refused(
        "permission",
        f"您不能审定{plan}：年度实施计划由{office}审定，本单位编制的、本人经手的须由他人审定；{office}没有其他审定人时由领导审定。",
    )

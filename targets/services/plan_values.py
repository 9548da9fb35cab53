"""Yearly and quarterly plan values (年度分解): entered by the data department, confirmed or returned by the office."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from targets.measure import Quarter
from targets.models import Indicator, PlanValue, PlanValueProposal
from targets.services.grounds import need_office
from targets.terms import ProposalState, outside_plan


def may_enter_plan_values(indicator: Indicator, person: User) -> bool:
    """Whoever files or signs for the indicator's data department."""
    mine = person.departments_as(Role.FILER, Role.APPROVER)
    return indicator.data_department_id is not None and indicator.data_department_id in mine


def _need_entering(indicator: Indicator, by: User) -> None:
    if not may_enter_plan_values(indicator, by):
        who = indicator.data_department or "数据单位"
        raise Refused("permission", f"“{indicator}”的计划值由{who}填报，您可以查看。")


@transaction.atomic
def propose_plan_value(
    *, indicator: Indicator, on: date, value: Decimal, source: str, by: User, at: datetime
) -> PlanValueProposal:
    """Enter a plan value for the last day of a quarter; one that still waits for that day is withdrawn.

    Raises Refused: permission; content for a day outside the plan, no source, or the value that counts already.
    """
    _need_entering(indicator, by)
    Indicator.objects.select_for_update(no_key=True).only("pk").get(pk=indicator.pk)
    plan = indicator.plan
    if on != Quarter.of(on).last_day or outside_plan(on, plan.starts_on, plan.ends_on):
        raise Refused("content", "计划值按季度末填报，请选择方案期内的季度。")
    if not source.strip():
        raise Refused("content", "请写明分解的依据。")
    counting = PlanValue.objects.filter(indicator=indicator, on=on).first()
    if counting and counting.value == value:
        raise Refused("content", "与已确认的计划值相同，不必再报。")
    PlanValueProposal.objects.filter(indicator=indicator, on=on, state=ProposalState.PROPOSED).update(
        state=ProposalState.WITHDRAWN, decided_at=at, decided_by=by
    )
    proposal = PlanValueProposal.objects.create(
        indicator=indicator, on=on, value=value, source=source.strip(), at=at, by=by
    )
    record(
        verb="plan_value.propose",
        subject=proposal,
        by=by,
        at=at,
        before={"value": str(counting.value)} if counting else {},
        after={"on": on.isoformat(), "value": str(value)},
    )
    return proposal


@transaction.atomic
def withdraw_plan_value(*, proposal: PlanValueProposal, by: User, at: datetime) -> None:
    """Take back a plan value the office has not decided. Raises Refused: permission, race."""
    _need_entering(proposal.indicator, by)
    _decide(proposal, ProposalState.WITHDRAWN, "", by, at)
    record(verb="plan_value.withdraw", subject=proposal, by=by, at=at)


@transaction.atomic
def return_plan_value(*, proposal: PlanValueProposal, note: str, by: User, at: datetime) -> None:
    """Return a plan value with a reason. Raises Refused: permission, content, race."""
    need_office(proposal.indicator.plan, by)
    if not note.strip():
        raise Refused("content", "退回计划值须写明理由。")
    _decide(proposal, ProposalState.RETURNED, note.strip(), by, at)
    record(verb="plan_value.return", subject=proposal, by=by, at=at, note=note.strip())


@transaction.atomic
def confirm_plan_values(*, proposals: Collection[PlanValueProposal], by: User, at: datetime) -> None:
    """Let the proposed values of one plan count, each in the place of the one that counted for its day.

    Raises Refused: permission for anybody but the office and for whoever has a part in the data department; race for a decided one.
    """
    for proposal in proposals:
        need_office(proposal.indicator.plan, by)
        if proposal.by_id == by.pk or may_enter_plan_values(proposal.indicator, by):
            raise Refused("permission", "本人或本单位填报的计划值须由另一人确认。")
        _decide(proposal, ProposalState.CONFIRMED, "", by, at)
        counting = PlanValue.objects.filter(indicator=proposal.indicator_id, on=proposal.on).first()
        proposal.replaced = counting.value if counting else None
        proposal.save(update_fields=["replaced"])
        PlanValue.objects.update_or_create(
            indicator_id=proposal.indicator_id,
            on=proposal.on,
            defaults={"value": proposal.value, "source": proposal.source},
        )
        record(
            verb="plan_value.confirm",
            subject=proposal,
            by=by,
            at=at,
            before={"value": str(proposal.replaced)} if counting else {},
            after={"on": proposal.on.isoformat(), "value": str(proposal.value)},
        )


def _decide(proposal: PlanValueProposal, state: ProposalState, note: str, by: User, at: datetime) -> None:
    """Move a proposal that still waits; somebody else may have been faster."""
    waiting = PlanValueProposal.objects.filter(pk=proposal.pk, state=ProposalState.PROPOSED)
    if not waiting.update(state=state, note=note, decided_at=at, decided_by=by):
        raise AlreadyMoved("这一计划值已经办理，请刷新后再看。")
    proposal.state, proposal.note, proposal.decided_at, proposal.decided_by = state, note, at, by

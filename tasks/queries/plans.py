"""The list of actions by year: where each annual plan stands, and which programme it follows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from accounts.models import User
from accounts.roles import Role
from actions.models import Programme, SpecialAction
from targets.models import Plan
from tasks.models import AnnualPlan, AnnualPlanStatus, ItemState

#: Key of the state tag and its word, by status.
STATES = {
    AnnualPlanStatus.DRAFT: ("draft", "编制中"),
    AnnualPlanStatus.SUBMITTED: ("sent", "待审定"),
    AnnualPlanStatus.RETURNED: ("back", "已退回"),
    AnnualPlanStatus.APPROVED: ("accepted", "已审定"),
}


def state_of(plan: AnnualPlan) -> tuple[str, str]:
    """Key and word for the state tag; a plan that is being changed says so."""
    key, word = STATES[AnnualPlanStatus(plan.status)]
    changing = plan.version and plan.status == AnnualPlanStatus.DRAFT
    return key, "调整中" if changing else word


@dataclass(frozen=True)
class Cell:
    """One action in one year; `items` and `proposed` are counts of the working copy."""

    year: int
    plan: AnnualPlan | None
    items: int = 0
    proposed: int = 0
    is_past: bool = False

    @property
    def state(self) -> tuple[str, str]:
        return state_of(self.plan) if self.plan else ("todo", "未编制")


@dataclass(frozen=True)
class ActionRow:
    """One action with its years and its newest programme."""

    action: SpecialAction
    leads: list[str]
    cells: list[Cell]
    programme: Programme | None
    may_compile: bool


@dataclass(frozen=True)
class PlansPage:
    """The list; `lede` is about `year`."""

    plan: Plan
    years: list[int]
    year: int
    rows: list[ActionRow]
    lede: str


def plans_page(plan: Plan, *, user: User, this_year: int) -> PlansPage:
    """Five queries, whatever the number of actions and years."""
    years = list(plan.years)
    found = AnnualPlan.objects.visible_to(user).filter(action__plan=plan)
    counted = found.annotate(
        included=Count("items", filter=Q(items__state=ItemState.INCLUDED)),
        proposed=Count("items", filter=Q(items__state=ItemState.PROPOSED)),
    )
    by_place = {
        (annual.action_id, annual.year): Cell(annual.year, annual, annual.included, annual.proposed)
        for annual in counted
    }
    newest = {row.action_id: row for row in Programme.objects.filter(action__plan=plan).order_by("no")}
    mine = user.departments_as(Role.FILER)
    actions = SpecialAction.objects.visible_to(user).filter(plan=plan).in_use(date(this_year, 12, 31))
    now = min(max(this_year, years[0]), years[-1])
    rows = []
    for action in actions.prefetch_related("lead_rows__department__convenor"):
        leads = [row.department for row in action.lead_rows.all()]
        filers = {d.filer.pk for d in leads if d.filer} | {d.pk for d in leads}
        rows.append(
            ActionRow(
                action=action,
                leads=[str(department) for department in leads],
                cells=[
                    by_place.get((action.pk, year), Cell(year, None, is_past=year < now)) for year in years
                ],
                programme=newest.get(action.pk),
                may_compile=bool(mine & filers),
            )
        )
    return PlansPage(plan, years, now, rows, _lede(rows, now))


def _lede(rows: list[ActionRow], year: int) -> str:
    """2020年度：应编制 11 项行动，已审定 6 项，待审定 1 项 …"""
    cells = [cell for row in rows for cell in row.cells if cell.year == year]
    in_force = sum(bool(cell.plan and cell.plan.version) for cell in cells)
    others = Counter(cell.state[1] for cell in cells if not (cell.plan and cell.plan.version))
    parts = [f"**{in_force}/{len(cells)}** 项行动的年度实施计划已审定生效"]
    parts += [f"{word} {count} 项" for word, count in others.items()]
    waiting = sum(
        bool(cell.plan and cell.plan.status == AnnualPlanStatus.SUBMITTED and cell.plan.version)
        for cell in cells
    )
    if waiting:
        parts.append(f"另有 {waiting} 项的调整待审定")
    return f"{year}年度，{'，'.join(parts)}。"

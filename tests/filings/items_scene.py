"""The small quarter with an annual plan in force: two work items of weights 3 and 1 in the lead's task."""

from datetime import date
from decimal import Decimal as D
from typing import Any

from tasks.models import AnnualPlan, WorkItem
from tasks.services.access import submission
from tasks.services.annual import approve_plan, change_plan, create_plan, submit_plan
from tasks.services.items import ItemValues, add_item
from tests.filings.scene import Scene


def values(scene: Scene, measure: str, **changes: Any) -> ItemValues:
    """A line of the scene's task."""
    given: dict[str, Any] = {
        "task": scene.task,
        "department": scene.lead,
        "weight": D(1),
        "due_on": date(scene.year, 12, 31),
        "shares": (D(25), D(50), D(75), D(100)),
    } | changes
    return ItemValues(measure=measure, **given)


def add(scene: Scene, plan: AnnualPlan, measure: str, **changes: Any) -> WorkItem:
    return add_item(plan=plan, values=values(scene, measure, **changes), by=scene.filer, at=scene.at)


def approve(scene: Scene, plan: AnnualPlan, at: Any = None) -> AnnualPlan:
    """Submitted by the lead, approved by the office."""
    submit_plan(plan=plan, by=scene.filer, at=at or scene.at)
    plan = AnnualPlan.objects.get(pk=plan.pk)
    approve_plan(plan=plan, seen=submission(plan), by=scene.reviewer, at=at or scene.at)
    return AnnualPlan.objects.get(pk=plan.pk)


def change(scene: Scene, plan: AnnualPlan) -> AnnualPlan:
    change_plan(plan=plan, reason="上级任务调整", by=scene.filer, at=scene.at)
    return AnnualPlan.objects.get(pk=plan.pk)


def two_items(scene: Scene) -> tuple[AnnualPlan, WorkItem, WorkItem]:
    """In force: weight 3 with shares 20, 40, 80, 100, and weight 1 in even steps; expected in Q2: 42.5."""
    plan = create_plan(action=scene.action, year=scene.year, by=scene.filer, at=scene.at)
    first = add(scene, plan, "整治企业 42 家", weight=D(3), shares=(D(20), D(40), D(80), D(100)))
    second = add(scene, plan, "监控联网 18 套")
    return approve(scene, plan), first, second

"""Tasks (主要任务), the responsibility table (责任分解), dated milestones (节点), and annual work plans."""

from tasks.models.revision import PlanRevision, PlanUpload, Source
from tasks.models.table import Milestone, Responsibility, Role, Task
from tasks.models.work import AnnualPlan, AnnualPlanStatus, AnnualPlanVersion, ItemState, WorkItem

__all__ = [
    "AnnualPlan",
    "AnnualPlanStatus",
    "AnnualPlanVersion",
    "ItemState",
    "Milestone",
    "PlanRevision",
    "PlanUpload",
    "Responsibility",
    "Role",
    "Source",
    "Task",
    "WorkItem",
]

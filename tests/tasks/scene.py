"""One action with two leads and two tasks, and everybody around its annual plan."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

from accounts.models import User
from accounts.roles import Role
from tasks.models import AnnualPlan, AnnualPlanVersion, WorkItem
from tasks.services.access import submission
from tasks.services.annual import approve_plan, change_plan, create_plan, submit_plan
from tasks.services.items import ItemValues, add_item, propose_item
from tests import factories as f

START = datetime(2020, 2, 3, 1, 0, tzinfo=UTC)
EVEN = (D(25), D(50), D(75), D(100))


@dataclass
class Work:
    """`lead` and `second` lead the action; `lead` leads the first task, on which `helper` cooperates; `other` leads the second."""

    year: int = 2020
    _ticks: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.plan = f.make_plan(office=f.make_department("推进办"))
        self.lead, self.second = f.make_department("牵头局"), f.make_department("并列局")
        self.helper, self.other = f.make_department("配合局"), f.make_department("任务局")
        self.action = f.make_action(self.plan, leads=[self.lead, self.second], name="净气行动")
        self.task = f.make_task(self.action, lead=self.lead, cooperating=[self.helper], title="治理废气")
        self.task_2 = f.make_task(self.action, lead=self.other, title="清理扬尘")
        self.filer = f.make_filer(self.lead, name="沈晓岚")
        self.co_filer = f.make_filer(self.second, name="周立群")
        self.helper_filer = f.make_filer(self.helper, name="方国平")
        self.approver = f.make_approver(self.lead, name="陆建平")
        self.office = f.make_reviewer(self.plan.office, name="顾明远")
        self.leader = f.make_leader(name="高为民")

    def now(self) -> datetime:
        """One minute after the other."""
        self._ticks += 1
        return START + timedelta(minutes=self._ticks)

    def values(self, measure: str = "整治企业 42 家", **changes: Any) -> ItemValues:
        """A line that fits this year and action."""
        given: dict[str, Any] = {
            "task": self.task,
            "department": self.lead,
            "weight": D(1),
            "due_on": date(self.year, 12, 31),
            "shares": EVEN,
        } | changes
        return ItemValues(measure=measure, **given)

    def begin(self, year: int | None = None) -> AnnualPlan:
        return create_plan(action=self.action, year=year or self.year, by=self.filer, at=self.now())

    def add(self, plan: AnnualPlan, measure: str = "整治企业 42 家", **changes: Any) -> WorkItem:
        return add_item(plan=plan, values=self.values(measure, **changes), by=self.filer, at=self.now())

    def propose(self, plan: AnnualPlan, measure: str = "检查加油站", **changes: Any) -> WorkItem:
        values = self.values(measure, **{"department": self.helper} | changes)
        return propose_item(plan=plan, values=values, by=self.helper_filer, at=self.now())

    def submit(self, plan: AnnualPlan) -> AnnualPlan:
        submit_plan(plan=plan, by=self.filer, at=self.now())
        return AnnualPlan.objects.get(pk=plan.pk)

    def approve(self, plan: AnnualPlan, at: datetime | None = None) -> AnnualPlanVersion:
        """Submitted and approved by the office."""
        plan = self.submit(plan)
        return approve_plan(plan=plan, seen=submission(plan), by=self.office, at=at or self.now())

    def change(self, plan: AnnualPlan, reason: str = "上级任务调整") -> AnnualPlan:
        change_plan(plan=plan, reason=reason, by=self.filer, at=self.now())
        return AnnualPlan.objects.get(pk=plan.pk)

    def approved(self) -> tuple[AnnualPlan, WorkItem, WorkItem]:
        """A plan in force: the first task has items of weight 3 and 1, the second none."""
        plan = self.begin()
        first = self.add(plan, "整治企业 42 家", weight=D(3), shares=(D(20), D(40), D(80), D(100)))
        second = self.add(plan, "监控联网 18 套", department=self.helper)
        self.approve(plan)
        return AnnualPlan.objects.get(pk=plan.pk), first, second

    def person(self, name: str) -> User:
        """Anybody by the name of the attribute, or a stranger of another kind."""
        made = {
            "stranger": lambda: f.make_filer(f.make_department()),
            "sysadmin": f.make_sysadmin,
            "office_of_lead": lambda: f.make_user(
                roles=[(Role.OFFICE, self.plan.office), (Role.FILER, self.lead)]
            ),
        }
        return made[name]() if name in made else getattr(self, name)

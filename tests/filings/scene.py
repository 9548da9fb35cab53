"""A small quarter that most filing tests play in: one lead department with an entry of every kind, and its people."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from actions.models import SpecialAction
from departments.models import Department
from filings.models import Entry, Filing, Period
from targets.models import Indicator, Plan
from tasks.models import Milestone, Task
from tests import factories as f


@dataclass
class Scene:
    """`lead` leads a task and its action, has a milestone, an indicator and a rate; `helper` cooperates."""

    year: int = 2020
    quarter: int = 2
    at: datetime = field(default_factory=timezone.now)
    plan: Plan = field(init=False)
    lead: Department = field(init=False)
    helper: Department = field(init=False)
    action: SpecialAction = field(init=False)
    task: Task = field(init=False)
    milestone: Milestone = field(init=False)
    indicator: Indicator = field(init=False)
    rate: Indicator = field(init=False)
    filer: User = field(init=False)
    colleague: User = field(init=False)
    approver: User = field(init=False)
    reviewer: User = field(init=False)
    leader: User = field(init=False)
    stranger: User = field(init=False)
    period: Period = field(init=False)

    def __post_init__(self) -> None:
        self.plan = f.make_plan(office=f.make_department("推进办"))
        self.lead, self.helper = f.make_department("牵头局"), f.make_department("配合局")
        self.action = f.make_action(self.plan, leads=[self.lead], name="净气行动")
        self.task = f.make_task(self.action, lead=self.lead, cooperating=[self.helper], title="治理废气")
        self.milestone = f.make_milestone(self.task, due_on=date(2020, 12, 31), name="建成监测站")
        self.indicator = f.make_indicator(self.plan, data_department=self.lead, name="绿道长度")
        self.rate = f.make_indicator(self.plan, data_department=self.lead, in_parts=True, name="达标率")
        self.filer = f.make_filer(self.lead, name="沈晓岚")
        self.colleague = f.make_filer(self.lead, name="周立群")
        self.approver = f.make_approver(self.lead, name="陆建平")
        self.reviewer = f.make_reviewer(self.plan.office, name="顾明远")
        self.leader = f.make_leader(name="高为民")
        self.stranger = f.make_filer(self.helper, name="外人")
        self.period = f.open_quarter(self.plan, self.year, self.quarter, at=self.at)

    @property
    def filing(self) -> Filing:
        """The lead department's filing, as it stands now."""
        return f.filing_of(self.period, self.lead)

    def entry(self, kind: str, **subject: Any) -> Entry:
        """One of its entries, as it stands now."""
        return f.entry_of(self.filing, kind=kind, **subject)

    @property
    def progress(self) -> Entry:
        return self.entry("progress")

    @property
    def reading(self) -> Entry:
        return self.entry("reading", indicator=self.indicator)

    def fill(self) -> Filing:
        """Complete every entry."""
        f.fill(self.filing, by=self.filer, at=self.at)
        return self.filing

    def send(self) -> Filing:
        """Complete, submit and sign."""
        return f.file(self.filing, by=self.filer, signed_by=self.approver, at=self.at)

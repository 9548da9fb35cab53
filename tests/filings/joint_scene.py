"""A lead and two cooperating departments with their people, in a quarter that is countersigned."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from actions.models import SpecialAction
from departments.models import Department
from filings.models import Entry, EntryVersion, Period
from filings.services.joint import countersign
from filings.terms import Consent
from targets.models import Plan
from tasks.models import Task
from tests import factories as f

DAY = timedelta(days=1)


@dataclass
class Joint:
    """`lead` leads the task, `first` and `second` cooperate; the quarter is due in 10 days, countersigned in 15."""

    at: datetime = field(default_factory=timezone.now)
    countersigned: bool = True
    plan: Plan = field(init=False)
    office: User = field(init=False)
    lead: Department = field(init=False)
    first: Department = field(init=False)
    second: Department = field(init=False)
    action: SpecialAction = field(init=False)
    task: Task = field(init=False)
    period: Period = field(init=False)
    filers: dict[Department, User] = field(init=False)
    approvers: dict[Department, User] = field(init=False)

    def __post_init__(self) -> None:
        self.plan = f.make_plan("plan-9", office=f.make_department("推进办"))
        self.office = f.make_reviewer(self.plan.office, name="顾明远")
        self.lead, self.first, self.second = map(f.make_department, ("牵头局", "住建局", "港务局"))
        self.action = f.make_action(self.plan, leads=[self.plan.office], name="净气行动")
        self.task = f.make_task(
            self.action, lead=self.lead, cooperating=[self.first, self.second], title="治理废气"
        )
        departments = (self.lead, self.first, self.second, self.plan.office)
        self.filers = {d: f.make_filer(d, name=f"{d}填报人") for d in departments}
        self.approvers = {d: f.make_approver(d, name=f"{d}签发人") for d in departments}
        self.period = f.open_quarter(self.plan, 2020, 2, at=self.at)
        if self.countersigned:
            self.period.countersign_by = self.at + 15 * DAY
            self.period.save()

    def entry(self, department: Department | None = None, kind: str = "progress") -> Entry:
        """The lead's progress entry, or another department's entry, as it stands."""
        return f.entry_of(f.filing_of(self.period, department or self.lead), kind=kind)

    def send(
        self, department: Department | None = None, *, at: datetime | None = None, **values: object
    ) -> None:
        """A department fills (its entry with `values`), submits and signs."""
        department = department or self.lead
        filing = f.filing_of(self.period, department)
        if values:
            entry = Entry.objects.filter(filing=filing).order_by("position")[0]
            f.fill_entry(entry, by=self.filers[department], at=at or self.at, **values)
        f.file(filing, by=self.filers[department], signed_by=self.approvers[department], at=at or self.at)

    @property
    def version_no(self) -> int:
        """Of the lead's words sent last."""
        return EntryVersion.objects.filter(entry=self.entry()).count()

    def sign(
        self,
        department: Department,
        consent: str = Consent.CONFIRMED,
        text: str = "",
        *,
        at: datetime | None = None,
        by: User | None = None,
        version_no: int | None = None,
    ) -> object:
        """A department's word on the lead's entry."""
        return countersign(
            entry=self.entry(),
            department=department,
            consent=consent,
            text=text,
            version_no=self.version_no if version_no is None else version_no,
            by=by or self.filers[department],
            at=at or self.at,
        )

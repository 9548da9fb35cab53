"""A whole small system for tests that walk through all pages: plan data, people, closed quarters, a running one, a year scored.

`rows` is how many of everything there is, `quarters` how many closed and published quarters lie behind.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from actions.services import Issued, add_programme
from assessment.models import Line, Scheme
from assessment.services import compute
from departments.models import Succession
from filings.models import CrossRule, Entry, Filing, Period
from filings.services.cross_rules import RuleValues, add_rule
from filings.services.windows import extend
from filings.terms import RuleKind, Severity
from harbor_plan.lib.moments import start_of
from reports.models import Publication
from reports.reorganisation import Draft, NewUnit, prepare
from reports.services import publish
from supervision.models import SupervisionOrder
from supervision.services import remind
from supervision.terms import Level
from targets.measure.inputs import Thresholds
from targets.measure.quarters import Quarter
from targets.models import Indicator
from targets.services import Grounds, Step, TargetChange, propose_plan_value, record_target, record_thresholds
from tasks.models import AnnualPlan, Task
from tasks.services.access import submission
from tasks.services.annual import approve_plan, create_plan, submit_plan
from tasks.services.items import ItemValues, add_item
from tests.assessment.helps import make_scheme
from tests.factories import (
    accept,
    file,
    filing_of,
    make_action,
    make_approver,
    make_department,
    make_filer,
    make_goal,
    make_indicator,
    make_leader,
    make_milestone,
    make_plan,
    make_reviewer,
    make_sysadmin,
    make_target,
    make_task,
    open_quarter,
)

DAY = timedelta(days=1)


class System:
    """`own` leads every task and answers for every indicator; the others cooperate on each task."""

    def __init__(self, *, rows: int = 1, quarters: int = 1) -> None:
        self.now = timezone.now()
        self.plan = make_plan("plan-11", office=make_department("推进办"))
        self.own = make_department("本局")
        self.others = [make_department(f"外局{n}") for n in range(1, rows + 1)]
        self._make_plan_data(rows)
        self._make_people()
        self.scheme = make_scheme(self.plan, 2019, members=[self.own, *self.others])
        last = Quarter(2019, 4)
        self.closed = [self._close(last.shifted(back - quarters + 1)) for back in range(quarters)]
        self.scheme = self._assess()
        self._plan_work()
        self._change_plan()
        self.running = self.open(2020, 4)
        self._supervise()

    def _make_plan_data(self, rows: int) -> None:
        self.actions = [make_action(self.plan, leads=[self.own]) for _ in range(rows)]
        self.goals = [make_goal(self.plan) for _ in range(rows)]
        self.tasks = [make_task(action, lead=self.own, cooperating=self.others) for action in self.actions]
        self.milestones = [make_milestone(task) for task in self.tasks]
        self.indicators = [
            make_indicator(self.plan, data_department=self.own, goal=goal) for goal in self.goals
        ]
        for indicator, task in zip(self.indicators, self.tasks, strict=True):
            make_target(indicator, "90")
            indicator.tasks.add(task)

    def _make_people(self) -> None:
        self.filer = make_filer(self.own, name="沈晓岚")
        self.approver = make_approver(self.own, name="陆建平")
        self.office = make_reviewer(self.plan.office, name="顾明远")
        self.leader = make_leader(name="高为民")
        self.sysadmin = make_sysadmin(name="郑凯")
        self.others_filers = [make_filer(other) for other in self.others]
        self.others_approvers = [make_approver(other) for other in self.others]
        self.other = self.others_filers[0]

    def open(self, year: int, quarter: int) -> Period:
        """A quarter whose window lies around now."""
        return open_quarter(self.plan, year, quarter, at=self.now)

    def send(self, period: Period, at: datetime | None = None) -> list[Filing]:
        """Every department files and signs; `own` first."""
        people = [
            (self.own, self.filer, self.approver),
            *zip(self.others, self.others_filers, self.others_approvers, strict=True),
        ]
        return [
            file(filing_of(period, department), by=filer, signed_by=approver, at=at)
            for department, filer, approver in people
        ]

    def accepted(self, period: Period, at: datetime | None = None) -> None:
        """Everything of a quarter filed and accepted."""
        for filing in self.send(period, at):
            accept(filing, by=self.office, at=at)

    def _close(self, quarter: Quarter) -> Publication:
        """A quarter long ago: filed, accepted and published soon after its end."""
        at = start_of(quarter.last_day) + 5 * DAY
        period = open_quarter(self.plan, quarter.year, quarter.number, at=at)
        self.accepted(period, at)
        return publish(period=period, by=self.office, at=at + 15 * DAY)

    def _assess(self) -> Scheme:
        return compute(scheme=self.scheme, by=self.office, at=self.now)

    def _plan_work(self) -> None:
        """A programme of the first action, its plan of 2020 in force with an item a task, and a draft for 2018."""
        day = self.now.date()
        self.programme = add_programme(
            action=self.actions[0],
            issued=Issued("实施方案", "", "本局", "管委会", day),
            name="方案.pdf",
            data=b"%PDF-1.4",
            by=self.office,
            at=self.now,
        )
        for action, task in zip(self.actions, self.tasks, strict=True):
            plan = create_plan(action=action, year=2020, by=self.filer, at=self.now)
            for n in range(len(self.actions)):
                self._add_item(plan, task, f"工作{n}")
            submit_plan(plan=plan, by=self.filer, at=self.now)
            plan.refresh_from_db()
            approve_plan(plan=plan, seen=submission(plan), by=self.office, at=self.now)
        self.annual_plan = AnnualPlan.objects.get(action=self.actions[0], year=2020)
        self.draft_plan = create_plan(action=self.actions[0], year=2018, by=self.filer, at=self.now)
        self._add_item(self.draft_plan, self.tasks[0], "起草的工作")

    def _change_plan(self) -> None:
        """Other thresholds from the running year on; every target revised, with a document; plan values proposed."""
        self.thresholds = record_thresholds(
            plan=self.plan,
            rule=Thresholds(Decimal(5), Decimal(15)),
            effective_from=date(2020, 1, 1),
            reason="统一口径",
            by=self.office,
            at=self.now,
        )
        for indicator in self.indicators:
            self.target = record_target(
                target=indicator.targets.get(),
                change=TargetChange(Step.REVISE, date(2020, 1, 1), value=Decimal(91)),
                grounds=Grounds(
                    reason="上级调整", doc_no="1号", doc_on=self.now.date(), name="文.pdf", data=b"%PDF-1.4"
                ),
                by=self.office,
                at=self.now,
            )
            self.proposal = propose_plan_value(
                indicator=indicator,
                on=date(2020, 12, 31),
                value=Decimal(90),
                source="年度计划",
                by=self.filer,
                at=self.now,
            )
        self.cross_rule, *_ = [self._cross_rule(indicator) for indicator in self.indicators]
        self.target = self.indicators[0].targets.get(superseded_by=None)
        self.proposal = self.indicators[0].plan_value_proposals.get()
        assert self.target.paper
        self.paper = self.target.paper

    def _cross_rule(self, indicator: Indicator) -> CrossRule:
        values = RuleValues(
            kind=RuleKind.JUMP,
            indicator=indicator,
            other=None,
            tolerance=Decimal(0),
            is_percent=False,
            factor=Decimal(3),
            severity=Severity.INFO,
            effective_from=date(2019, 1, 1),
        )
        return add_rule(plan=self.plan, values=values, reason="核对", by=self.office, at=self.now)

    def _add_item(self, plan: AnnualPlan, task: Task, measure: str) -> None:
        shares = Decimal(25), Decimal(50), Decimal(75), Decimal(100)
        values = ItemValues(task, self.own, measure, Decimal(1), date(plan.year, 12, 31), shares)
        add_item(plan=plan, values=values, by=self.filer, at=self.now)

    def _supervise(self) -> None:
        """A reminder to everybody, more time for everybody, and an order on each task."""
        everybody = [self.own, *self.others]
        remind(period=self.running, departments=everybody, by=self.office, at=self.now)
        for department in everybody:
            extend(
                period=self.running,
                department=department,
                until=self.now + 15 * DAY,
                reason="资料待核",
                approver="高为民",
                by=self.office,
                at=self.now,
            )
        self.orders = [
            SupervisionOrder.objects.create(
                plan=self.plan,
                mark="811",
                year=2021,
                no=no,
                task=task,
                department=self.own,
                period=self.running,
                level=Level.YELLOW,
                reason="任务滞后",
                demand="请赶上进度。",
                rectify_by=self.now.date() + 30 * DAY,
                issued_by=self.office,
                issued_at=self.now,
            )
            for no, task in enumerate(self.tasks, 1)
        ]

    def reorganised(self) -> Succession:
        """A reorganisation that is prepared: a unit with a part in nothing is divided among two."""
        old = make_department("旧局")
        draft = Draft(
            kind="split",
            effective_on=date(2019, 4, 1),
            before=(old,),
            new=(NewUnit("新一局", old.kind), NewUnit("新二局", old.kind)),
            reason="机构改革",
        )
        return prepare(draft=draft, by=self.office, at=self.now)

    # What addresses are about

    def filing(self, year: int, quarter: int) -> Filing:
        """The filing of `own`."""
        return filing_of(Period.objects.get(plan=self.plan, year=year, quarter=quarter), self.own)

    def progress(self, year: int, quarter: int) -> Entry:
        """The first progress entry in the filing of `own`."""
        return Entry.objects.filter(filing=self.filing(year, quarter), kind="progress").order_by("id")[0]

    def reading(self, year: int, quarter: int) -> Entry:
        """The first indicator's reading of a quarter."""
        return Entry.objects.get(filing=self.filing(year, quarter), indicator=self.indicators[0])

    def line(self) -> Line:
        """A line of the sheet of `own`."""
        return Line.objects.filter(result__scheme=self.scheme, result__department=self.own).order_by("id")[0]

"""Two departments that file one value each, and the office that checks them against each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from departments.models import Department
from filings.models import CrossRule, Entry, Filing, Period
from filings.services.cross_rules import RuleValues, add_rule
from filings.terms import RuleKind, Severity
from targets.measure import Quarter
from targets.models import Indicator, Plan
from tests import factories as f

START = Quarter(2020, 1).first_day


@dataclass
class CrossScene:
    """`builder` files the length of greenways, `counter` that of all roads; both plain values in 公里."""

    at: datetime = field(default_factory=timezone.now)
    plan: Plan = field(init=False)
    builder: Department = field(init=False)
    counter: Department = field(init=False)
    part: Indicator = field(init=False)
    whole: Indicator = field(init=False)
    reviewer: User = field(init=False)
    leader: User = field(init=False)

    def __post_init__(self) -> None:
        self.plan = f.make_plan(office=f.make_department("推进办"))
        self.builder, self.counter = f.make_department("建设局"), f.make_department("交通局")
        self.people = {one: (f.make_filer(one), f.make_approver(one)) for one in (self.builder, self.counter)}
        self.part = f.make_indicator(self.plan, data_department=self.builder, name="绿道", unit="公里")
        self.whole = f.make_indicator(self.plan, data_department=self.counter, name="道路", unit="公里")
        self.reviewer = f.make_reviewer(self.plan.office, name="顾明远")
        self.leader = f.make_leader(name="高为民")

    def values(self, **changes: Any) -> RuleValues:
        """A warning where the part exceeds the whole."""
        given: dict[str, Any] = {
            "kind": RuleKind.PART,
            "indicator": self.part,
            "other": self.whole,
            "tolerance": Decimal(0),
            "is_percent": False,
            "factor": Decimal(0),
            "severity": Severity.WARNING,
            "effective_from": START,
        }
        return RuleValues(**(given | changes))

    def alone(self, kind: RuleKind, **changes: Any) -> RuleValues:
        """A warning about the part alone."""
        factor = Decimal(3) if kind == RuleKind.JUMP else Decimal(0)
        return self.values(**({"kind": kind, "other": None, "factor": factor} | changes))

    def rule(self, values: RuleValues | None = None, **changes: Any) -> CrossRule:
        values = values or self.values(**changes)
        return add_rule(plan=self.plan, values=values, reason="核对", by=self.reviewer, at=self.at)

    def open(self, quarter: int = 2, year: int = 2020) -> Period:
        return f.open_quarter(self.plan, year, quarter, at=self.at)

    def entry(self, period: Period, indicator: Indicator) -> Entry:
        department = self.builder if indicator == self.part else self.counter
        if indicator.data_department is not None:
            department = indicator.data_department
        return f.entry_of(f.filing_of(period, department), indicator=indicator)

    def write(self, period: Period, indicator: Indicator, value: str, **values: Any) -> Entry:
        """Save a value as its department's filer."""
        entry = self.entry(period, indicator)
        filer, _ = self.people[entry.filing.department]
        values = {"value": Decimal(value), **values}
        return f.fill_entry(entry, by=filer, at=self.at, **values)

    def send(self, period: Period, indicator: Indicator, value: str, **values: Any) -> Filing:
        """Save a value, submit and sign."""
        entry = self.write(period, indicator, value, **values)
        filer, approver = self.people[entry.filing.department]
        filing = f.filing_of(period, entry.filing.department)
        return f.file(filing, by=filer, signed_by=approver, at=self.at)

    def accept(self, filing: Filing) -> Filing:
        return f.accept(filing, by=self.reviewer, at=self.at)

    def accepted(self, year: int, quarter: int, value: str) -> Period:
        """A quarter in which the part was filed and accepted, explained whatever it is."""
        period = self.open(quarter, year)
        self.accept(self.send(period, self.part, value, explanation="情况属实"))
        return period

"""The cross-checks of the demonstration, in force from the quarter open for entry."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from accounts.models import User
from filings.errors import Refused
from filings.models import Period
from filings.services.cross_rules import RuleValues, add_rule
from filings.terms import RuleKind, Severity
from harbor_plan.demo.tables import Row, Tables
from targets.measure import Quarter
from targets.models import Indicator, Plan


def set_cross_rules(plan: Plan, tables: Tables, *, by: User, at: datetime) -> None:
    """Add the rules of cross_rules.csv from the newest opened quarter on. Raises DemoDataError for one that is refused."""
    period = Period.objects.filter(plan=plan).opened().first()
    if period is None:
        return
    indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(plan=plan)}
    begins = Quarter(period.year, period.quarter).first_day
    for row in tables.cross_rules:
        values = RuleValues(
            kind=RuleKind(row.text("kind")),
            indicator=row.one_of("indicator", indicators),
            other=row.one_of("other", indicators) if row.text("other") else None,
            tolerance=row.parsed("tolerance", Decimal, "应为数值。"),
            is_percent=False,
            factor=_factor(row),
            severity=Severity(row.text("severity")),
            effective_from=begins,
        )
        try:
            add_rule(plan=plan, values=values, reason=row.text("reason"), by=by, at=at)
        except Refused as refused:
            raise row.error("kind", refused.sentence) from refused


def _factor(row: Row) -> Decimal:
    return row.parsed("factor", Decimal, "应为数值。") if row.text("factor") else Decimal(0)

"""The rule of review of one plan, with how it came to be and what waits because of it."""

from __future__ import annotations

from dataclasses import dataclass

from audit.models import Event
from filings.models import Filing, ReviewRule
from filings.terms import Status
from targets.models import Plan

#: Changes shown.
SHOWN = 10


@dataclass(frozen=True)
class RulePage:
    """Whether the second level is on, who changed it last, earlier changes, and how many filings wait at that level."""

    second_level: bool
    rule: ReviewRule | None
    changes: list[Event]
    waiting: int


def rule_page(plan: Plan) -> RulePage:
    """Three queries."""
    rule = ReviewRule.objects.filter(plan=plan).select_related("changed_by").first()
    events = Event.objects.filter(verb="review_rule.change", subject_id=str(rule.pk) if rule else "")
    waiting = Filing.objects.filter(period__plan=plan, status=Status.SUBMITTED, passed_on_by__isnull=False)
    return RulePage(bool(rule and rule.second_level), rule, list(events[:SHOWN]), waiting.count())

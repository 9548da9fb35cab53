"""What was filed of the work items, for the pages of annual plans below."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django import template

from filings.services.items import latest_accepted
from tasks.models import AnnualPlan

register = template.Library()


@register.simple_tag
def reached(plan: AnnualPlan) -> dict[int, Decimal]:
    """The last accepted percent by item id: {% reached plan as done %}. One query."""
    return latest_accepted(plan)


@register.simple_tag
def percent_of(done: Mapping[int, Decimal], item_id: int) -> Decimal | None:
    """One item's percent: {% percent_of done item.pk as percent %}; None when nothing was accepted."""
    return done.get(item_id)

"""Choosing a quarter of a plan, and the one that a change usually begins with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from filings.models import Period
from targets.measure import Quarter
from targets.models import Plan

#: A quarter in addresses and forms: 2020Q4.
QUARTER_CODE = "{0.year}Q{0.number}"


def quarters_of(plan: Plan) -> list[Quarter]:
    """Every quarter of the plan."""
    return Quarter.of(plan.starts_on).until(Quarter.of(plan.ends_on))


def usual_begin(plan: Plan, quarters: Sequence[Quarter]) -> Quarter | None:
    """What a change usually begins with: the first quarter that is open, else the one after the last; one query."""
    rows = Period.objects.filter(plan=plan).exclude(opened_at=None).order_by("year", "quarter")
    opened = [(Quarter(p.year, p.quarter), p.closed_at) for p in rows]
    begin = next((quarter for quarter, closed_at in opened if closed_at is None), None)
    if begin is None and opened:
        begin = opened[-1][0].shifted(1)
    return next((quarter for quarter in quarters if begin is None or quarter >= begin), None)


class QuarterField(forms.ChoiceField):
    """A quarter of the plan; gives it as a Quarter."""

    def __init__(self, quarters: Iterable[Quarter] = (), **kwargs: Any) -> None:
        self.by_code = {QUARTER_CODE.format(quarter): quarter for quarter in quarters}
        super().__init__(
            choices=[(code, str(quarter)) for code, quarter in self.by_code.items()],
            error_messages={"required": "请选择季度。", "invalid_choice": "请选择方案期内的季度。"},
            **kwargs,
        )

    def clean(self, value: Any) -> Quarter:
        return self.by_code[super().clean(value)]

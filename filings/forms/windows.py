"""Input of the office's list of periods: a quarter and its window, changing it, extensions and exemptions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from departments.models import Department
from filings.models import Period
from filings.services.schedule import MOMENTS, Window, proposed
from harbor_plan.lib.fields import YEARS, LineField
from harbor_plan.lib.moments import end_of, local_day
from targets.measure import Quarter
from targets.models import Plan

REASON_LONGEST = 300
APPROVER_LONGEST = 100


class QuarterForm(forms.Form):
    """Which quarter to set up; the answer proposes its window."""

    year = forms.TypedChoiceField(label="年份", coerce=int)
    quarter = forms.TypedChoiceField(
        label="季度", choices=[(n, f"第{n}季度") for n in (1, 2, 3, 4)], coerce=int
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["year"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(year, f"{year}年") for year in plan.years]

    def chosen(self) -> Quarter | None:
        """The quarter asked for, if one was."""
        if not self.is_bound or not self.is_valid():
            return None
        return Quarter(self.cleaned_data["year"], self.cleaned_data["quarter"])


def day_field(label: str, *, required: bool = True) -> forms.DateField:
    """A day of this century: the local start of the year 1 lies before the calendar of the database."""
    message = {
        "required": f"请填写{label}日期。",
        "invalid": f"{label}日期无法识别，请按 2021-01-10 的样式填写。",
        "min_value": f"{label}日期的年份不对，请核对。",
        "max_value": f"{label}日期的年份不对，请核对。",
    }
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[
            MinValueValidator(date(YEARS[0], 1, 1)),
            MaxValueValidator(date(YEARS[-1], 12, 31)),
        ],
        error_messages=message,
    )


class _WindowForm(forms.Form):
    """The days of a window: opens at the start of a day; due, countersigned and closing at the end of theirs."""

    opens_on = day_field(MOMENTS["opens_at"])
    due_on = day_field(MOMENTS["due_at"])
    countersign_on = day_field(MOMENTS["countersign_by"], required=False)
    closes_on = day_field(MOMENTS["closes_at"])

    def window(self) -> Window:
        """The days as typed."""
        data = self.cleaned_data
        return Window(
            opens_on=data["opens_on"],
            due_on=data["due_on"],
            countersign_on=data["countersign_on"],
            closes_on=data["closes_on"],
            is_late_entry=data.get("is_late_entry", False),
        )


class PeriodForm(_WindowForm):
    """A quarter to set up with its window. `notes` say which of the proposed days were moved, and why."""

    year = forms.IntegerField(widget=forms.HiddenInput)
    quarter = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=4)
    is_late_entry = forms.BooleanField(label="补录（不计时效）", required=False)

    notes: tuple[str, ...] = ()

    @classmethod
    def proposed(cls, quarter: Quarter, *, plan: Plan, at: datetime) -> PeriodForm:
        """The form with the usual window of a quarter, off days without work. One or two queries."""
        window = proposed(quarter, plan=plan, at=at)
        form = cls(
            initial={
                "year": quarter.year,
                "quarter": quarter.number,
                "opens_on": window.opens_on,
                "due_on": window.due_on,
                "countersign_on": window.countersign_on,
                "closes_on": window.closes_on,
                "is_late_entry": window.is_late_entry,
            }
        )
        form.notes = window.notes
        return form


class DatesForm(_WindowForm):
    """New days for a period that is not closed, and why."""

    reason = LineField(
        label="理由", max_length=REASON_LONGEST, error_messages={"required": "请写明改动时限的理由。"}
    )

    @classmethod
    def of(cls, period: Period) -> DatesForm:
        """The form with the period's days as they are."""
        signing = period.countersign_by
        return cls(
            initial={
                "opens_on": local_day(period.opens_at),
                "due_on": local_day(period.due_at),
                "countersign_on": local_day(signing) if signing else None,
                "closes_on": local_day(period.closes_at),
            }
        )


def _department_field() -> forms.ModelChoiceField[Department]:
    return forms.ModelChoiceField(
        label="单位",
        queryset=Department.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择单位。",
            "invalid_choice": "该单位本季没有应报事项，请重新选择。",
        },
    )


class _ForDepartment(forms.Form):
    """One of the departments that owe something in a period."""

    department = _department_field()

    def __init__(self, *args: Any, period: Period, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Department.objects.filter(filings__period=period)


class ExtensionForm(_ForDepartment):
    """More time for one department, to the end of a day, with reason and approver."""

    until_on = day_field("延至")
    reason = LineField(
        label="理由", max_length=REASON_LONGEST, error_messages={"required": "请写明延期理由。"}
    )
    approver = LineField(
        label="批准人", max_length=APPROVER_LONGEST, error_messages={"required": "请填写批准人。"}
    )

    def until(self) -> datetime:
        """The last moment of the day chosen."""
        day: date = self.cleaned_data["until_on"]
        return end_of(day)


class ExemptionForm(_ForDepartment):
    """A department that owes nothing this time, with reason and approver."""

    reason = LineField(
        label="理由", max_length=REASON_LONGEST, error_messages={"required": "请写明免报理由。"}
    )
    approver = LineField(
        label="批准人", max_length=APPROVER_LONGEST, error_messages={"required": "请填写批准人。"}
    )


class WithdrawForm(forms.Form):
    """Why an exemption ends."""

    reason = LineField(
        label="撤销理由", max_length=REASON_LONGEST, error_messages={"required": "请写明撤销免报的理由。"}
    )

"""Input of the office's pages: deciding an entry, reopening, a substitute, periods, extensions, and the queue's filter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from accounts.models import User
from accounts.roles import READS_PLAN
from departments.models import Department
from filings.forms.entry import NOTE_LONGEST, YEARS, LineField, WordsField
from filings.models import Entry, Filing, Period
from filings.queries.waiting import Waiting
from filings.services.access import hands_in
from filings.services.moves import Note
from filings.services.schedule import late_entry_window, usual_window
from filings.terms import Decision, ReturnCode
from harbor_plan.lib.moments import end_of, local_day, start_of
from targets.measure import Quarter
from targets.models import Plan

_CODES = [("", "请选择"), *ReturnCode.choices]
_CODE_MESSAGES = {"invalid_choice": "没有这个退回原因，请重新选择。"}
REASON_LONGEST = 300


class QueueFilter(forms.Form):
    """Which waiting filings to show. Anything unknown shows all."""

    SHOWS = (("", "全部"), ("mine", "我可审的"), ("slow", "超过48小时"), ("late", "迟报"))

    show = forms.ChoiceField(required=False, choices=SHOWS)

    def chosen(self) -> str:
        """The filter in force, empty for all."""
        return str(self.cleaned_data.get("show", "")) if self.is_valid() else ""

    def filter(self, rows: Sequence[Waiting]) -> list[Waiting]:
        """The rows that are wanted, in their order."""
        wanted = {
            "mine": lambda row: row.panel.may,
            "slow": lambda row: row.is_slow,
            "late": lambda row: row.is_late,
        }.get(self.chosen(), lambda row: True)
        return [row for row in rows if wanted(row)]


class DecisionForm(forms.Form):
    """Accept one entry, or return it with code and note. `seen` is the decision the reviewer had on screen."""

    seen = forms.ChoiceField(required=False, choices=Decision.choices, widget=forms.HiddenInput)
    decision = forms.ChoiceField(
        choices=[(Decision.ACCEPTED, "采纳"), (Decision.RETURNED, "退回")],
        error_messages={"required": "请选择采纳或退回。", "invalid_choice": "请选择采纳或退回。"},
    )
    code = forms.ChoiceField(label="退回原因", required=False, choices=_CODES, error_messages=_CODE_MESSAGES)
    note = WordsField(label="退回意见", rows=4, longest=NOTE_LONGEST)

    def clean(self) -> dict[str, Any]:
        """A return needs its code and its words."""
        if self.cleaned_data.get("decision") == Decision.RETURNED:
            _need_code_and_note(self)
        return self.cleaned_data


class EntriesField(forms.ModelMultipleChoiceField):
    """Entries by number, title and kind."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.number} {obj.title}（{obj.get_kind_display()}）".strip()


class ReopenForm(forms.Form):
    """Entries of an accepted filing to return, with one code and note for all of them."""

    entries = EntriesField(
        label="要退回的填报项",
        queryset=Entry.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请勾选要退回的填报项。",
            "invalid_choice": "所选填报项已有变动，请刷新页面后重选。",
            "invalid_pk_value": "所选填报项不存在，请刷新页面后重选。",
        },
    )
    code = forms.ChoiceField(label="退回原因", required=False, choices=_CODES, error_messages=_CODE_MESSAGES)
    note = WordsField(label="退回意见", rows=3, longest=NOTE_LONGEST)

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["entries"]
        assert isinstance(field, EntriesField)
        field.queryset = Entry.objects.filter(filing=filing, decision=Decision.ACCEPTED).for_page()

    def clean(self) -> dict[str, Any]:
        """Code and note go with every return."""
        _need_code_and_note(self)
        return self.cleaned_data

    def notes(self) -> dict[int, Note]:
        """Code and note by entry id."""
        data = self.cleaned_data
        return {entry.pk: (data["code"], data["note"]) for entry in data["entries"]}


def _need_code_and_note(form: forms.Form) -> None:
    if form.cleaned_data.get("code") == "":
        form.add_error("code", "请选择退回原因。")
    if form.cleaned_data.get("note") == "":
        form.add_error("note", "请写明退回意见，填报人才知道改什么。")


class PersonField(forms.ModelChoiceField):
    """People by name, with the departments that tell two of one name apart."""

    def label_from_instance(self, obj: Any) -> str:
        departments = dict.fromkeys(str(held.department) for held in obj.memberships.all() if held.department)
        return f"{obj}（{'、'.join(departments)}）" if departments else str(obj)


class SubstituteForm(forms.Form):
    """Who decides a filing that no reviewer may decide, and why."""

    user = PersonField(
        label="代审人",
        queryset=User.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择代审人。", "invalid_choice": "此人不能代审，请另选一人。"},
    )
    reason = LineField(
        label="理由", max_length=REASON_LONGEST, error_messages={"required": "请写明指定代审的理由。"}
    )

    def __init__(self, *args: Any, filing: Filing, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["user"]
        assert isinstance(field, PersonField)
        field.queryset = possible_substitutes(filing)


def possible_substitutes(filing: Filing) -> QuerySet[User]:
    """Active people with a part in the plan, not of the filing's department and without a hand in it."""
    people = User.objects.filter(is_active=True, memberships__role__in=sorted(READS_PLAN))
    people = people.exclude(memberships__department=filing.department_id).exclude(pk__in=hands_in(filing))
    return people.order_by("name", "id").distinct().prefetch_related("memberships__department")


# Periods


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


def _day(label: str) -> forms.DateField:
    """A day of this century: the local start of the year 1 lies before the calendar of the database."""
    message = {
        "required": f"请填写{label}日期。",
        "invalid": f"{label}日期无法识别，请按 2021-01-10 的样式填写。",
        "min_value": f"{label}日期的年份不对，请核对。",
        "max_value": f"{label}日期的年份不对，请核对。",
    }
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[
            MinValueValidator(date(YEARS[0], 1, 1)),
            MaxValueValidator(date(YEARS[-1], 12, 31)),
        ],
        error_messages=message,
    )


class PeriodForm(forms.Form):
    """A quarter with its window in days: opens at the start of a day, due and closing at the end of theirs."""

    year = forms.IntegerField(widget=forms.HiddenInput)
    quarter = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=4)
    opens_on = _day("开放")
    due_on = _day("报送截止")
    closes_on = _day("关闭")
    is_late_entry = forms.BooleanField(label="补录（不计时效）", required=False)

    @classmethod
    def proposed(cls, quarter: Quarter, *, plan: Plan, at: datetime) -> PeriodForm:
        """The form with the usual window of a quarter; one whose usual window is over is proposed as late entry."""
        window = usual_window(quarter.last_day)
        is_late = quarter.last_day < plan.issued_on or window[2] < at
        if is_late:
            window = late_entry_window(local_day(at))
        opens, due, closes = (local_day(moment) for moment in window)
        return cls(
            initial={
                "year": quarter.year,
                "quarter": quarter.number,
                "opens_on": opens,
                "due_on": due,
                "closes_on": closes,
                "is_late_entry": is_late,
            }
        )

    def values(self) -> dict[str, Any]:
        """What `create_period` takes."""
        data = self.cleaned_data
        return {
            "year": data["year"],
            "quarter": data["quarter"],
            "opens_at": start_of(data["opens_on"]),
            "due_at": end_of(data["due_on"]),
            "closes_at": end_of(data["closes_on"]),
            "is_late_entry": data["is_late_entry"],
        }


class ExtensionForm(forms.Form):
    """More time for one department, to the end of a day, with reason and approver."""

    department = forms.ModelChoiceField(
        label="单位",
        queryset=Department.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择单位。",
            "invalid_choice": "该单位本季没有应报事项，请重新选择。",
        },
    )
    until_on = _day("延至")
    reason = LineField(
        label="理由", max_length=REASON_LONGEST, error_messages={"required": "请写明延期理由。"}
    )
    approver = LineField(label="批准人", max_length=100, error_messages={"required": "请填写批准人。"})

    def __init__(self, *args: Any, period: Period, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Department.objects.filter(filings__period=period)

    def until(self) -> datetime:
        """The last moment of the day chosen."""
        day: date = self.cleaned_data["until_on"]
        return end_of(day)

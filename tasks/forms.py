"""Input of the pages of annual plans and programmes, into values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms

from actions.models import SpecialAction
from actions.services import Issued
from departments.models import Department
from harbor_plan.lib import zh
from harbor_plan.lib.fields import DayField, LineField, NumberField, WordsField
from tasks.models import AnnualPlan, Responsibility, Task, WorkItem
from tasks.progress import EVEN
from tasks.services.access import responsibilities
from tasks.services.items import LONGEST, ItemValues

_SHARES = ("share_1", "share_2", "share_3", "share_4")


class _Tasks(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj)


class ItemForm(forms.Form):
    """One work item. `rows` are the lines of the responsibility table a proposing department writes through.

    Without them, as for a lead, every task of the action and every department with a part in it can be chosen.
    """

    task = _Tasks(
        label="任务",
        queryset=Task.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择任务。", "invalid_choice": "请选择本行动的任务。"},
    )
    department = forms.ModelChoiceField(
        label="责任单位",
        queryset=Department.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择责任单位。",
            "invalid_choice": "该单位不能作为本行动工作项的责任单位，请重新选择。",
        },
    )
    measure = WordsField(label="工作措施", rows=2, longest=LONGEST)
    weight = NumberField(label="权重", places=2)
    due_on = DayField(label="完成时限")
    share_1 = NumberField(label="一季度末应达", unit="%", low=0, high=100, places=2)
    share_2 = NumberField(label="二季度末应达", unit="%", low=0, high=100, places=2)
    share_3 = NumberField(label="三季度末应达", unit="%", low=0, high=100, places=2)
    share_4 = NumberField(label="四季度末应达", unit="%", low=0, high=100, places=2)
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, plan: AnnualPlan, rows: list[Responsibility] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.plan = plan
        task, department = self.fields["task"], self.fields["department"]
        assert isinstance(task, forms.ModelChoiceField)
        assert isinstance(department, forms.ModelChoiceField)
        used = Task.objects.filter(action=plan.action).in_use(date(plan.year, 12, 31))
        tasks = used.select_related("action")
        task.queryset = tasks if rows is None else tasks.filter(pk__in=[row.task_id for row in rows])
        department.queryset = _departments(plan, rows)

    @classmethod
    def of(cls, item: WorkItem, *, plan: AnnualPlan, rows: list[Responsibility] | None = None) -> ItemForm:
        """The form as an item stands."""
        numbers = {name: f"{zh.plain(getattr(item, name)):f}" for name in ("weight", *_SHARES)}
        shown = {
            "task": item.task_id,
            "department": item.department_id,
            "measure": item.measure,
            "due_on": item.due_on.isoformat(),
            "version": item.version,
        }
        return cls(initial=shown | numbers, plan=plan, rows=rows)

    @classmethod
    def empty(cls, *, plan: AnnualPlan, rows: list[Responsibility] | None = None) -> ItemForm:
        """A new item: weight 1, even steps, due at the year's end, the department's own when there is no choice."""
        numbers = {"weight": "1"} | {name: f"{share:f}" for name, share in zip(_SHARES, EVEN, strict=True)}
        shown: dict[str, Any] = {"due_on": date(plan.year, 12, 31).isoformat()}
        if rows:
            shown |= {"department": rows[0].department_id, "task": rows[0].task_id}
        return cls(initial=shown | numbers, plan=plan, rows=rows)

    def clean(self) -> dict[str, Any]:
        """Everything is needed; the time limit lies in the year and the shares do not fall."""
        values = self.cleaned_data
        for name in ("measure", "weight", "due_on", *_SHARES):
            if name not in self.errors and values.get(name) in (None, ""):
                self.add_error(name, f"请填写{self.fields[name].label}。")
        weight, due_on = values.get("weight"), values.get("due_on")
        if weight is not None and weight <= 0:
            self.add_error("weight", "权重须大于 0。")
        if due_on and due_on.year != self.plan.year:
            self.add_error("due_on", f"完成时限须在 {self.plan.year} 年内。")
        for before, after in pairwise(_SHARES):
            low, high = values.get(before), values.get(after)
            if low is not None and high is not None and high < low:
                self.add_error(
                    after,
                    f"为累计数，不能低于上一季度的 {zh.plain(low)}%，填的是 {zh.plain(high)}%，请改正。",
                )
        return values

    def values(self) -> ItemValues:
        """What the services take."""
        data = self.cleaned_data
        shares: tuple[Decimal, Decimal, Decimal, Decimal] = (
            data["share_1"], data["share_2"], data["share_3"], data["share_4"],
        )  # fmt: skip
        return ItemValues(
            data["task"], data["department"], data["measure"], data["weight"], data["due_on"], shares
        )

    def seen(self) -> int:
        """The version the writer had on screen, or −1, which no item has."""
        version = self.cleaned_data.get("version")
        return -1 if version is None else int(version)


def _departments(plan: AnnualPlan, rows: list[Responsibility] | None) -> Any:
    """The departments that can be chosen, in their order: those of the action's rows and its leads, or of `rows`."""
    if rows is not None:
        return Department.objects.filter(pk__in={row.department_id for row in rows})
    own = responsibilities(plan.action, plan.year).order_by().values("department_id")
    return (
        Department.objects.filter(pk__in=own)
        | Department.objects.filter(action_lead_rows__action=plan.action)
    ).distinct()


class VersionForm(forms.Form):
    """The version of an item that was on screen; without a readable one, one that no item has."""

    version = forms.IntegerField(min_value=0, required=False)

    def seen(self) -> int:
        version = self.cleaned_data.get("version") if self.is_valid() else None
        return -1 if version is None else int(version)


class ReasonForm(forms.Form):
    """A few words that an act asks for; whether they are needed the service says."""

    reason = WordsField(label="理由", rows=2, longest=LONGEST)


class NoteForm(forms.Form):
    """What the office says when it returns a plan."""

    note = WordsField(label="退回意见", rows=3, longest=500)


class YearForm(forms.Form):
    """Which year's plan to begin."""

    year = forms.IntegerField(error_messages={"required": "请选择年度。", "invalid": "请选择年度。"})


class ProgrammeForm(forms.Form):
    """One issued version of an action's programme with its file."""

    title = LineField(label="标题", max_length=200, error_messages={"required": "请填写标题。"})
    document_no = LineField(label="文号", max_length=60, required=False)
    leads = LineField(label="牵头单位", max_length=200, error_messages={"required": "请填写牵头单位。"})
    approved_by = LineField(label="批准人", max_length=100, error_messages={"required": "请填写批准人。"})
    approved_on = DayField(label="批准日期")
    reason = WordsField(label="修订理由", rows=2, longest=300)
    file = forms.FileField(
        label="附件",
        error_messages={
            "required": "请选择文件。",
            "invalid": "文件没有上传完整，请重新选择。",
            "missing": "文件没有上传完整，请重新选择。",
            "empty": "这是空文件，请核对后重新选择。",
        },
    )

    def __init__(self, *args: Any, action: SpecialAction, **kwargs: Any) -> None:
        names = "、".join(row.department.name for row in action.lead_rows.all())
        kwargs.setdefault("initial", {"leads": names, "title": f"{action.name}实施方案"})
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["file"].widget.attrs["accept"] = ".pdf,.doc,.docx,.wps,.ofd"

    def clean(self) -> dict[str, Any]:
        """The day is needed."""
        if "approved_on" not in self.errors and self.cleaned_data.get("approved_on") is None:
            self.add_error("approved_on", "请填写批准日期。")
        return self.cleaned_data

    def issued(self) -> Issued:
        """What the paper says of itself."""
        data = self.cleaned_data
        return Issued(
            title=data["title"],
            document_no=data["document_no"] or "",
            leads=data["leads"],
            approved_by=data["approved_by"],
            approved_on=data["approved_on"],
            reason=data["reason"],
        )

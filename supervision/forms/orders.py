"""Input of supervision orders: the list's filter, one form for each step, and the rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet

from filings.forms.evidence import ACCEPT
from harbor_plan.lib.fields import DayField, FilesField, LineField, WordsField
from harbor_plan.lib.files import BadFile, Inspected, inspect
from supervision.models import OrderRule
from supervision.models.order import SupervisionOrderQuerySet
from supervision.terms import OPEN, Level
from tasks.models import Task

LONGEST = 1000


class OrderFilter(forms.Form):
    """Which orders to show. Anything unknown shows those that are open."""

    SHOWS = (("", "在办"), ("closed", "已办结"), ("all", "全部"))

    show = forms.ChoiceField(required=False, choices=SHOWS)
    level = forms.ChoiceField(label="级别", required=False, choices=[("", "全部"), *Level.choices])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["level"].widget.attrs["data-autosubmit"] = True

    def filter(self, orders: SupervisionOrderQuerySet) -> SupervisionOrderQuerySet:
        """The orders that are wanted."""
        data = self.cleaned_data if self.is_valid() else {}
        show, level = data.get("show", ""), data.get("level", "")
        if show == "closed":
            orders = orders.exclude(status__in=OPEN)
        elif show != "all":
            orders = orders.filter(status__in=OPEN)
        return orders.filter(level=level) if level else orders


# Steps. Each form's cleaned data are the arguments of its service.


class StepForm(forms.Form):
    """A step without words: signing for an order."""

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)


def _words(label: str, required: str) -> WordsField:
    field = WordsField(label=label, rows=4, longest=LONGEST)
    field.required = True
    field.error_messages["required"] = required
    return field


def _day() -> DayField:
    field = DayField(label="整改期限")
    field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    field.required = True
    field.error_messages["required"] = "请填写整改期限。"
    return field


class ReportForm(StepForm):
    feedback = _words("整改措施和结果", "请写明整改措施和结果。")
    proofs = FilesField(
        label="佐证材料",
        required=False,
        help_text=f"可选多个，最多 {settings.EVIDENCE_PER_ENTRY} 个，照片、pdf、文档均可",
        accept=ACCEPT,
        most=settings.EVIDENCE_PER_ENTRY,
    )

    def clean_proofs(self) -> list[Inspected]:
        """Each file is what its name says; one that is not keeps the form back with a sentence."""
        try:
            return [
                inspect(file.name or "", file, largest=settings.EVIDENCE_LARGEST)
                for file in self.cleaned_data["proofs"]
            ]
        except BadFile as bad:
            raise forms.ValidationError(f"{bad}请重新选择全部文件。") from None

    def clean(self) -> dict[str, Any]:
        """A browser keeps no chosen files: whoever is sent back to mend the words is told to choose them again."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors and data.get("proofs"):
            self.add_error("proofs", "请重新选择文件：页面退回后，浏览器不保留上次所选的文件。")
        return data


class AcceptForm(StepForm):
    note = _words("核查意见", "请写明核查情况。")


class SendBackForm(StepForm):
    note = _words("退回原因", "请写明退回原因，单位才知道还要做什么。")
    rectify_by = _day()


class CloseForm(StepForm):
    approver = LineField(
        label="销号批准人", max_length=100, error_messages={"required": "请写明销号批准人。"}
    )
    note = WordsField(label="批准意见", rows=2, longest=LONGEST)


class ReopenForm(StepForm):
    note = _words("重新督办的理由", "请写明重新督办的理由。")
    rectify_by = _day()


class WithdrawForm(StepForm):
    note = _words("撤销理由", "请写明撤销理由。")


class _Proposed(StepForm):
    """About one proposal: the task and the level that were on screen."""

    task = forms.ModelChoiceField(
        queryset=Task.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            "required": "没有选定任务，请刷新页面后重选。",
            "invalid_choice": "所选任务不存在，请刷新页面后重选。",
        },
    )
    level = forms.ChoiceField(
        choices=Level.choices,
        widget=forms.HiddenInput,
        error_messages={"required": "没有选定级别。", "invalid_choice": "没有这个级别，请刷新页面后重选。"},
    )

    def __init__(self, *args: Any, tasks: QuerySet[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["task"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = tasks


class IssueForm(_Proposed):
    demand = _words("办理要求", "请写明办理要求。")
    rectify_by = _day()


class DismissForm(_Proposed):
    reason = LineField(
        label="不予督办的理由", max_length=300, error_messages={"required": "请写明不予督办的理由。"}
    )


class RuleForm(forms.ModelForm):
    """The thresholds of a plan."""

    class Meta:
        model = OrderRule
        fields = [
            "mark",
            "blue_days",
            "yellow_returns",
            "red_quarters",
            "blue_time",
            "yellow_time",
            "red_time",
            "look_back_days",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mark"] = LineField(
            label="文号代字",
            max_length=20,
            required=False,
            help_text=f"文号如 {self.instance.marked}督〔2021〕1号；已下达的文号不变",
        )
        for name, field in list(self.fields.items())[1:]:
            least = 1 if name.endswith("_time") else 0
            assert isinstance(field, forms.IntegerField)
            most = 8 if name == "red_quarters" else 366
            self.fields[name] = forms.IntegerField(
                label=field.label,
                help_text=field.help_text,
                min_value=least,
                max_value=most,
                error_messages={
                    "required": "请填写整数。",
                    "invalid": "请填写整数。",
                    "min_value": f"不能小于 {least}。",
                    "max_value": f"不能大于 {most}。",
                },
            )

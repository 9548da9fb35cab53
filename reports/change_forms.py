"""Input of the guided changes: what is to change and from which quarter, then what it rests on."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms

from filings.forms.quarters import QUARTER_CODE, QuarterField, quarters_of, usual_begin
from harbor_plan.lib.fields import DayField, LineField, NumberField, WordsField, number_text
from harbor_plan.lib.files import LARGEST
from harbor_plan.lib.moments import local_day
from targets.measure import Quarter, Thresholds
from targets.models import Indicator, Plan, Target
from targets.services import BaselineValues, Grounds, Step, TargetChange
from targets.services.grounds import KINDS
from targets.terms import Comparator, TargetState

_REASON = 300


class WhatForm(forms.Form):
    """What is to change; sent by GET for the preview, and once more with its confirmation."""

    def __init__(self, *args: Any, plan: Plan, since: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        quarters = [q for q in quarters_of(plan) if since is None or q.first_day >= since]
        usual = usual_begin(plan, quarters)
        self.fields["quarter"] = QuarterField(
            quarters, label="生效季度", initial=QUARTER_CODE.format(usual) if usual else None
        )

    @property
    def begins(self) -> date:
        """The first day of the quarter chosen."""
        quarter: Quarter = self.cleaned_data["quarter"]
        return quarter.first_day


class TargetForm(WhatForm):
    """The fields a step asks for."""

    def __init__(self, *args: Any, target: Target, step: Step, **kwargs: Any) -> None:
        super().__init__(*args, plan=target.indicator.plan, since=target.effective_from, **kwargs)
        self.target, self.step = target, step
        self.fields = self._asked() | self.fields

    def _asked(self) -> dict[str, forms.Field]:
        unit, now = self.target.indicator.unit, self.target
        beside = f"（{unit}）" if unit else ""
        if self.step == Step.CONDITION:
            choices = [("", "请选择"), ("yes", "成立"), ("no", "不成立")]
            return {
                "holds": forms.ChoiceField(label="条件是否成立", choices=choices, required=False),
                "decided_by": LineField(label="认定单位或认定人", max_length=100, required=False),
            }
        if self.step == Step.TOLERANCE:
            return {"tolerance": NumberField(label=f"容差，即允许的偏差{beside}", unit=unit)}
        if now.comparator == Comparator.RANGE:
            return {
                "low": NumberField(label=f"下限{beside}", unit=unit, initial=number_text(now.low)),
                "high": NumberField(label=f"上限{beside}", unit=unit, initial=number_text(now.high)),
            }
        choices = [choice for choice in Comparator.choices if choice[0] != Comparator.RANGE]
        return {
            "comparator": forms.ChoiceField(
                label="比较",
                choices=choices,
                initial=now.comparator,
                required=False,
                error_messages={"invalid_choice": "请选择列出的比较方式。"},
            ),
            "value": NumberField(label=f"目标值{beside}", unit=unit, initial=number_text(now.value)),
        }

    def values(self) -> TargetChange:
        """The step as typed. Only of a valid form."""
        data = self.cleaned_data
        return TargetChange(
            step=self.step,
            effective_from=self.begins,
            comparator=Comparator(data["comparator"]) if data.get("comparator") else None,
            value=data.get("value"),
            low=data.get("low"),
            high=data.get("high"),
            tolerance=data.get("tolerance"),
            holds={"yes": True, "no": False}.get(data.get("holds") or ""),
            decided_by=data.get("decided_by") or "",
        )


class ThresholdsForm(WhatForm):
    """Two limits, percentage points behind schedule."""

    behind_above = NumberField(label="黄灯：落后超过（百分点）", low=0, high=100, places=2)
    late_above = NumberField(label="红灯：落后超过（百分点）", low=0, high=100, places=2)

    def clean(self) -> dict[str, Any]:
        for name in ("behind_above", "late_above"):
            if name not in self.errors and self.cleaned_data.get(name) is None:
                self.add_error(name, "请填写界限。")
        return self.cleaned_data

    def values(self) -> Thresholds:
        """The limits as typed. Only of a valid form."""
        return Thresholds(self.cleaned_data["behind_above"], self.cleaned_data["late_above"])


class BaselineForm(WhatForm):
    """A baseline with its year and source."""

    value = NumberField(label="基期值")
    year = forms.IntegerField(
        label="基期年份", required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "请填写四位年份，例如 2015。"},
    )  # fmt: skip
    source = LineField(label="数据来源", max_length=200, required=False)
    state = forms.ChoiceField(
        label="状态",
        choices=[choice for choice in TargetState.choices if choice[0] != TargetState.PENDING],
        error_messages={"required": "请选择状态。", "invalid_choice": "请选择列出的状态。"},
    )

    def __init__(self, *args: Any, indicator: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, plan=indicator.plan, **kwargs)
        value = self.fields["value"]
        assert isinstance(value, NumberField)
        value.unit = indicator.unit

    def clean(self) -> dict[str, Any]:
        for name in ("value", "year"):
            if name not in self.errors and self.cleaned_data.get(name) is None:
                self.add_error(name, f"请填写{self.fields[name].label}。")
        return self.cleaned_data

    def values(self) -> BaselineValues:
        """The baseline as typed. Only of a valid form."""
        data = self.cleaned_data
        return BaselineValues(
            effective_from=self.begins,
            value=data["value"],
            year=data["year"],
            source=data["source"] or "",
            state=TargetState(data["state"]),
        )


class WhyForm(forms.Form):
    """What a change rests on. `seen` stands for the preview it confirms."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    doc_no = LineField(label="文号", max_length=100, required=False)
    doc_on = DayField(label="文件日期")
    reason = WordsField(label="理由", rows=2, longest=_REASON)
    file = forms.FileField(
        label="附件",
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ",".join(f".{kind}" for kind in KINDS)}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""

    def grounds(self) -> Grounds:
        """What was given. Only of a valid form."""
        data = self.cleaned_data
        file = data.get("file")
        return Grounds(
            reason=data.get("reason") or "",
            doc_no=data.get("doc_no") or "",
            doc_on=data.get("doc_on"),
            name=file.name if file else "",
            data=file.read(LARGEST + 1) if file else b"",
        )


class ReasonOnlyForm(WhyForm):
    """For what needs no document."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("doc_no", "doc_on", "file"):
            del self.fields[name]


class SeenForm(ReasonOnlyForm):
    """For what was explained before: nothing but the confirmation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"]


class PlanValueForm(forms.Form):
    """A plan value for the end of a quarter."""

    value = NumberField(label="计划值")
    source = LineField(label="分解依据", max_length=200, required=False)

    def __init__(self, *args: Any, indicator: Indicator, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        value = self.fields["value"]
        assert isinstance(value, NumberField)
        value.unit = indicator.unit
        quarters = quarters_of(indicator.plan)
        usual = next((q for q in quarters if q.number == 4 and q.last_day >= local_day(at)), quarters[-1])
        on = QuarterField(quarters, label="季度末", initial=QUARTER_CODE.format(usual))
        self.fields = {"on": on} | self.fields

    def clean(self) -> dict[str, Any]:
        if "value" not in self.errors and self.cleaned_data.get("value") is None:
            self.add_error("value", "请填写计划值。")
        return self.cleaned_data

    def on(self) -> date:
        """The quarter's last day. Only of a valid form."""
        quarter: Quarter = self.cleaned_data["on"]
        return quarter.last_day

    def number(self) -> Decimal:
        """The value as typed. Only of a valid form."""
        value: Decimal = self.cleaned_data["value"]
        return value

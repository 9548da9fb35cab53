"""Input of the cross-check pages: a rule with its reason, its end, the list's filter, a note that settles a finding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from departments.models import Department
from filings.crosschecks import PAIRED
from filings.forms.quarters import QUARTER_CODE, QuarterField, quarters_of, usual_begin
from filings.models import CrossRule
from filings.queries.crosschecks import Line
from filings.services.cross_rules import RuleValues
from filings.terms import RuleKind, Severity
from harbor_plan.lib.fields import LineField, NumberField, WordsField, number_text
from targets.measure import Quarter
from targets.models import Indicator, Plan

_REASON = 300
_CHOOSE = {"required": "请选择。", "invalid_choice": "没有这个选项，请重新选择。"}


class _IndicatorField(forms.ModelChoiceField):
    """Indicators with their unit and who files them, to tell what can be compared."""

    def label_from_instance(self, obj: Any) -> str:
        said = "，".join(part for part in (obj.unit, str(obj.data_department or "")) if part)
        return f"{obj.code} {obj.name}{f'（{said}）' if said else ''}"


class CrossRuleForm(forms.Form):
    """A rule as it is to hold from a quarter on; sent by GET for the preview, and once more with its confirmation."""

    kind = forms.ChoiceField(label="核对方式", choices=RuleKind.choices, error_messages=_CHOOSE)
    indicator = _IndicatorField(
        label="指标",
        queryset=Indicator.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选择指标。", "invalid_choice": "没有这项指标，请重新选择。"},
    )
    other = _IndicatorField(
        label="对照指标",
        queryset=Indicator.objects.none(),
        required=False,
        empty_label="不选",
        error_messages={"invalid_choice": "没有这项指标，请重新选择。"},
    )
    tolerance = NumberField(label="容差")
    measure = forms.ChoiceField(
        label="容差按",
        choices=[("unit", "指标的单位"), ("percent", "较大数的百分比")],
        required=False,
        error_messages=_CHOOSE,
    )
    factor = NumberField(label="MAD 倍数", low=0, high=100, places=2)
    severity = forms.ChoiceField(
        label="级别", choices=Severity.choices, initial=Severity.WARNING, error_messages=_CHOOSE
    )

    def __init__(self, *args: Any, plan: Plan, replaced: CrossRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"initial": _initial(replaced), "label_suffix": ""}))
        usable = Indicator.objects.filter(plan=plan, levels=[], retired_on=None)
        for name in ("indicator", "other"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = usable.select_related("data_department").order_by("order", "id")
        quarters = [
            q for q in quarters_of(plan) if replaced is None or q.first_day >= replaced.effective_from
        ]
        usual = usual_begin(plan, quarters)
        self.fields["quarter"] = QuarterField(
            quarters, label="生效季度", initial=QUARTER_CODE.format(usual) if usual else None
        )

    def clean(self) -> dict[str, Any]:
        """The second indicator and the factor go with the kinds that need them."""
        data = self.cleaned_data
        kind = data.get("kind")
        if kind in PAIRED and "other" not in self.errors and data.get("other") is None:
            self.add_error("other", "这种核对方式要选对照指标。")
        if kind == RuleKind.JUMP and "factor" not in self.errors and not data.get("factor"):
            self.add_error("factor", "请填写倍数，一般用 3。")
        if "tolerance" not in self.errors and (data.get("tolerance") or Decimal(0)) < 0:
            self.add_error("tolerance", "容差不能小于 0。")
        return data

    def values(self) -> RuleValues:
        """What was typed; a field that the kind does not use counts as empty. Only of a valid form."""
        data = self.cleaned_data
        kind: RuleKind = RuleKind(data["kind"])
        return RuleValues(
            kind=kind,
            indicator=data["indicator"],
            other=data["other"] if kind in PAIRED else None,
            tolerance=data["tolerance"] or Decimal(0),
            is_percent=kind != RuleKind.JUMP and data["measure"] == "percent",
            factor=data["factor"] if kind == RuleKind.JUMP else Decimal(0),
            severity=Severity(data["severity"]),
            effective_from=data["quarter"].first_day,
        )


def _initial(rule: CrossRule | None) -> dict[str, Any]:
    if rule is None:
        return {"tolerance": "0", "factor": "3"}
    return {
        "kind": rule.kind,
        "indicator": rule.indicator_id,
        "other": rule.other_id,
        "tolerance": number_text(rule.tolerance),
        "measure": "percent" if rule.is_percent else "unit",
        "factor": number_text(rule.factor) if rule.factor else "3",
        "severity": rule.severity,
    }


class WhyForm(forms.Form):
    """The reason of a rule or of its change."""

    reason = WordsField(label="理由", rows=2, longest=_REASON)

    def clean_reason(self) -> str:
        """Something must be said."""
        reason = str(self.cleaned_data["reason"])
        if not reason.strip():
            raise forms.ValidationError("请写明理由。")
        return reason


class RetireForm(WhyForm):
    """From which quarter a rule holds no longer, and why."""

    prefix = "retire"

    def __init__(self, *args: Any, rule: CrossRule, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"label_suffix": ""}))
        quarters = [q for q in quarters_of(rule.plan) if q.first_day >= rule.effective_from]
        usual = usual_begin(rule.plan, quarters)
        until = QuarterField(
            quarters, label="自此季度停用", initial=QUARTER_CODE.format(usual) if usual else None
        )
        self.fields = {"until": until} | self.fields

    def until(self) -> date:
        """The quarter's first day. Only of a valid form."""
        quarter: Quarter = self.cleaned_data["until"]
        return quarter.first_day


class CloseForm(forms.Form):
    """A note that settles a finding at the values `seen`."""

    seen = forms.CharField(max_length=60, widget=forms.HiddenInput)
    note = LineField(
        label="处理意见",
        max_length=_REASON,
        error_messages={
            "required": "请写明处理意见。",
            "max_length": "处理意见最多 300 字，请压缩。",
        },
    )

    @property
    def sentence(self) -> str:
        """Why it cannot be taken."""
        return next((str(error) for errors in self.errors.values() for error in errors), "")


class CrossFilter(forms.Form):
    """Which findings of a quarter to show. Anything unknown shows what is open."""

    SHOWS = (
        ("", "待处理"),
        ("closed", "已了结"),
        ("info", "仅提示"),
        ("unchecked", "无法核对"),
        ("holds", "相符"),
        ("all", "全部"),
    )

    show = forms.ChoiceField(required=False, choices=SHOWS)
    severity = forms.ChoiceField(label="级别", required=False, choices=[("", "全部"), *Severity.choices])
    kind = forms.ChoiceField(label="核对方式", required=False, choices=[("", "全部"), *RuleKind.choices])
    department = forms.TypedChoiceField(label="单位", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any, *, lines: Sequence[Line]) -> None:
        super().__init__(data)
        self.lines = lines
        departments: dict[int, Department] = {d.pk: d for line in lines for d in line.departments}
        in_order = sorted(departments.values(), key=lambda d: (d.order, d.pk))
        field = self.fields["department"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", "全部"), *((d.pk, str(d)) for d in in_order)]
        for name in ("severity", "kind", "department"):
            self.fields[name].widget.attrs["data-autosubmit"] = True

    def _asked(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)

    def chosen(self) -> str:
        """The state asked for, empty for what is open."""
        return str(self._asked("show") or "")

    def filter(self) -> list[Line]:
        """The lines that are wanted."""
        show, severity, kind = self.chosen(), self._asked("severity"), self._asked("kind")
        department = self._asked("department")
        return [
            line
            for line in self.lines
            if (show == "all" or line.state == (show or "open"))
            and (not severity or line.rule.severity == severity)
            and (not kind or line.rule.kind == kind)
            and (department is None or department in {d.pk for d in line.departments})
        ]

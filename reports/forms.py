"""Input of the pages of figures: filters and the words a correction needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms

from departments.models import Department
from filings.forms.entry import LineField
from reports.queries.plan_pages import IndicatorRow
from reports.queries.responsibilities import Filter
from targets.models import Indicator
from targets.terms import Standing
from tasks.models import Role


class ResponsibilityFilter(forms.Form):
    """The filter above the responsibility table; lives in the address, so that a view can be sent to a colleague."""

    department = forms.ModelChoiceField(
        Department.objects.none(), required=False, label="单位", empty_label="全部单位"
    )
    role = forms.ChoiceField(choices=[("", "牵头和配合"), *Role.choices], required=False, label="角色")
    standing = forms.ChoiceField(choices=[("", "全部亮灯"), *Standing.choices], required=False, label="亮灯")
    text = forms.CharField(required=False, label="任务", max_length=60)
    on = forms.DateField(required=False, label="有效日期", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.visible_to(user)  # type: ignore[attr-defined]
        self.fields["text"].widget.attrs["placeholder"] = "编号或文字"

    @property
    def department_name(self) -> str:
        """The department asked for; empty for all."""
        return str(getattr(self, "cleaned_data", {}).get("department") or "")

    def chosen(self) -> Filter:
        """The filter as typed; a part that is no valid value does not filter and is marked beside its field."""
        self.full_clean()
        data = getattr(self, "cleaned_data", {})
        department = data.get("department")
        return Filter(
            department=department.pk if department else None,
            role=data.get("role") or "",
            standing=data.get("standing") or "",
            text=(data.get("text") or "").strip(),
            on=data.get("on"),
        )


@dataclass(frozen=True)
class Option:
    """One light to filter by; the empty key is all of them."""

    key: str
    count: int
    query: str
    is_current: bool


class IndicatorFilter(forms.Form):
    """The filter above the list of indicators."""

    standing = forms.ChoiceField(choices=[("", "全部"), *Standing.choices], required=False, label="亮灯")
    text = forms.CharField(required=False, label="指标", max_length=60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["placeholder"] = "名称、代码或数据单位"
        self.full_clean()

    def value(self, name: str) -> str:
        """What was asked for; empty where it is no valid value, which its field then says."""
        return str(getattr(self, "cleaned_data", {}).get(name) or "").strip()

    def passing(self, rows: Iterable[IndicatorRow]) -> list[IndicatorRow]:
        """The rows that match; an indicator without a figure is grey like any other that cannot be judged."""
        standing = self.value("standing")
        return [row for row in self._found(rows) if standing in ("", row.standing)]

    def options(self, rows: Iterable[IndicatorRow], fields: Iterable[tuple[str, str]]) -> list[Option]:
        """The lights to choose from with how many rows each would leave; `fields` keep the edition."""
        lights = Counter(str(row.standing) for row in self._found(rows))
        kept = [*fields, ("text", self.value("text"))]
        chosen = self.value("standing")
        counts = [("", sum(lights.values())), *((key, lights[key]) for key in Standing.values)]
        return [
            Option(key, count, urlencode([(n, v) for n, v in [*kept, ("standing", key)] if v]), key == chosen)
            for key, count in counts
        ]

    def _found(self, rows: Iterable[IndicatorRow]) -> list[IndicatorRow]:
        return [row for row in rows if self.value("text") in row.words]


class IndicatorPick(forms.Form):
    """Which indicator's curve the first screen shows; `indicators` are those that have one."""

    indicator = forms.ChoiceField(
        required=False,
        label="指标",
        widget=forms.Select(attrs={"data-autosubmit": ""}),
        error_messages={"invalid_choice": "没有这项指标，或它没有走势可画，请从列表中选择。"},
    )

    def __init__(self, *args: Any, indicators: Iterable[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {str(indicator.pk): indicator for indicator in indicators}
        by_goal: dict[str, list[tuple[str, str]]] = {}
        for key, indicator in self.offered.items():
            group = indicator.goal.name if indicator.goal else "专项行动中的指标"
            by_goal.setdefault(group, []).append((key, indicator.name))
        self.fields["indicator"].choices = list(by_goal.items())  # type: ignore[attr-defined]

    def chosen(self) -> Indicator | None:
        """The one asked for; None when none was, or one that is not offered (its field then says so)."""
        self.full_clean()
        return self.offered.get(getattr(self, "cleaned_data", {}).get("indicator", ""))


class ReasonForm(forms.Form):
    """Why a further version is published."""

    reason = LineField(
        label="更正理由",
        max_length=300,
        error_messages={"required": "请写明更正理由，通报和历史记录都会引用。"},
    )

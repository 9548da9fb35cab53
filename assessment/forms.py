"""Input to values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from assessment.models import Line


class AdjustForm(forms.Form):
    """New points for one line, and why. `seen` are the points the form was opened with."""

    points = forms.DecimalField(
        label="核定得分",
        max_digits=6,
        decimal_places=2,
        min_value=Decimal(0),
        error_messages={
            "required": "请填写得分。",
            "invalid": "请填写数字，例如 8.5。",
            "min_value": "得分不能小于 0。",
            "max_decimal_places": "得分最多两位小数。",
        },
    )
    reason = forms.CharField(
        label="理由",
        max_length=300,
        help_text="写明依据，本单位和领导都能看到",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明调整理由。"},
    )
    seen = forms.DecimalField(max_digits=6, decimal_places=2, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, line: Line) -> None:
        initial = {"points": line.points, "seen": line.points}
        super().__init__(data, initial=initial, auto_id=f"line-{line.pk}-%s")
        self.maximum = line.maximum
        self.fields["points"].help_text = f"0 到 {line.maximum}，最多两位小数"

    def clean_points(self) -> Decimal:
        points: Decimal = self.cleaned_data["points"]
        if points > self.maximum:
            raise forms.ValidationError(f"本项分值 {self.maximum}，得分不能超过它。")
        return points

    def seen_again(self, line: Line) -> AdjustForm:
        """The same input over the line as it is now, for a person who has just been shown it."""
        typed = {name: self.data.get(name, "") for name in ("points", "reason")}
        return AdjustForm({**typed, "seen": str(line.points)}, line=line)

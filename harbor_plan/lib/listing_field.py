"""A form field for a column that stores several short texts."""

from __future__ import annotations

from typing import Any

from django import forms

from harbor_plan.lib.cells import BadCell
from harbor_plan.lib.exchange import Listing


class ListingField(forms.CharField):
    """Several texts in one line, divided by semicolons; each at most `most` characters."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "多项之间用分号隔开")
        super().__init__(widget=forms.TextInput(attrs={"class": "vLargeTextField"}), **kwargs)
        self.column = Listing(most)

    def prepare_value(self, value: Any) -> Any:
        return self.column.render(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        try:
            return self.column.clean(super().to_python(value))
        except BadCell as bad:
            raise forms.ValidationError(str(bad)) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial or []) != self.prepare_value(data or ""))

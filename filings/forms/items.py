"""Inputs for the work items of a progress entry: one percent each, beside the entry's own fields."""

from __future__ import annotations

from django import forms

from filings.models import Entry
from filings.services.items import asked, done, field_of, is_own_percent
from harbor_plan.lib.fields import NumberField, number_text


def item_fields(entry: Entry) -> dict[str, forms.Field]:
    """A percent for every item asked, by field name (item_12), labelled with its measure."""
    fields: dict[str, forms.Field] = {}
    for item in asked(entry):
        name = field_of(item.id)
        field = NumberField(unit="%", low=0, high=100, places=2)
        field.label = item.measure
        field.widget.attrs["aria-describedby"] = f"notes-{name}"
        fields[name] = field
    return fields


def rename_percent(entry: Entry, fields: dict[str, forms.Field]) -> None:
    """Where items give the percent, its own field is only for another one."""
    if asked(entry) and "percent" in fields:
        fields["percent"].label = "改用其他比例"


def stored_items(entry: Entry) -> dict[str, str]:
    """What stands in the items' inputs; the percent they give is shown below them and not in its own field."""
    items = asked(entry)
    if not items:
        return {}
    percents = done(entry)
    shown = {field_of(item.id): number_text(percents.get(item.id)) for item in items}
    return shown if is_own_percent(entry) else shown | {"percent": ""}

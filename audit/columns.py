"""A record as a person reads it: every column by its Chinese name, for the before and after of an event."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import ForeignKey, Model

from harbor_plan.lib.moments import local

#: Never written down, not even as a hash.
SECRET = frozenset({"password", "webhook_url", "webhook_secret"})


def columns(row: Model) -> dict[str, str]:
    """All columns of a stored record by name, as text; foreign keys and many-to-many columns by what they name."""
    found = {
        str(field.verbose_name): _words(row, field)
        for field in row._meta.concrete_fields
        if not field.primary_key and field.name not in SECRET
    }
    for many in row._meta.many_to_many:
        through = many.remote_field.through
        if through is not None and through._meta.auto_created:
            names = (str(each) for each in getattr(row, many.name).all())
            found[str(many.verbose_name)] = "、".join(names)
    return found


def differences(before: dict[str, str], after: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The columns that differ: what they were and what they are. Columns empty on both sides are left out."""
    names = [name for name in {**before, **after} if before.get(name, "") != after.get(name, "")]
    return {n: before[n] for n in names if n in before}, {n: after[n] for n in names if n in after}


def _words(row: Model, field: Any) -> str:
    if isinstance(field, ForeignKey):
        target = getattr(row, field.name)
        return "" if target is None else str(target)
    value = getattr(row, field.attname)
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "；".join(str(each) for each in value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return f"{local(value):%Y-%m-%d %H:%M}" if isinstance(value, datetime) else str(value)

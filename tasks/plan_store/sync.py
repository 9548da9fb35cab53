"""Make the rows of a table equal to what is wanted; what was filed is retired instead of deleted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, ProtectedError

from targets.retiring import is_used
from tasks.plan_files import Problem
from tasks.plan_files.tables import TITLES

Row = TypeVar("Row", bound=Model)
Fields = Mapping[str, Any]


class Sync:
    """Writes rows and gathers the problems. `from_day` is the first day on which what is retired now is not asked."""

    def __init__(self, from_day: date) -> None:
        self.from_day = from_day
        self.problems: list[Problem] = []

    def upsert(
        self, model: type[Row], existing: Mapping[Any, Row], wanted: Mapping[Any, Fields]
    ) -> dict[Any, Row]:
        """Write the wanted fields, by key: first the rows that change, then the new ones. Gives all by key."""
        changed: dict[tuple[str, ...], list[Row]] = {}
        for key, fields in wanted.items():
            if key in existing and (names := _apply(existing[key], fields)):
                changed.setdefault(tuple(names), []).append(existing[key])
        for columns, rows in changed.items():
            model._default_manager.bulk_update(rows, columns)
        new = {key: model(**fields) for key, fields in wanted.items() if key not in existing}
        model._default_manager.bulk_create(new.values())
        return {key: existing.get(key) or new[key] for key in wanted}

    def remove(
        self,
        existing: Mapping[Any, Row],
        keep: Iterable[Any],
        *,
        ends: str = "",
        in_use: Callable[[Row], bool] | None = None,
        owns: tuple[type[Model], ...] = (),
    ) -> None:
        """Delete the rows whose key is not kept, with what they own; one that is used is ended by its column `ends`.

        `in_use` says of a row that it counts as used though nothing refers to it. A used row without such a column stays.
        """
        keep = set(keep)
        for key, row in existing.items():
            if key in keep:
                continue
            used = is_used(row, besides=owns) or (in_use is not None and in_use(row))
            if (used or not _deleted(row, owns)) and ends:
                end(row, ends, self.from_day)

    def need_codes(
        self,
        table: str,
        existing: Mapping[Any, Model],
        wanted: Mapping[Any, date | None],
        taken: Iterable[str] = (),
    ) -> None:
        """Note rows that take up the code of a deleted one, call a retired one back, or retire one for the past.

        `wanted` gives by key since when a row is retired, None for one in use.
        """
        taken = set(taken)
        for key, now in wanted.items():
            row = existing.get(key)
            was = getattr(row, "retired_on", None)
            told = f"{TITLES[table]}“{label(key)}”"
            if row is None and code_of(key) in taken:
                self._note(table, f"{told}的编号属于已经删除的一项，编号不再使用；请另编一个编号")
            elif was and was != now:
                ways = f"请另编一个编号，或在停用日期一栏填回 {was}"
                self._note(table, f"{told}自 {was} 起停用，编号不再使用；{ways}")
            elif row is not None and now and not was and now < self.from_day:
                self._note(
                    table,
                    f"{told}的停用日期不能早于 {self.from_day}，此前的季度已按原方案布置；请改日期",
                )

    def _note(self, table: str, message: str) -> None:
        self.problems.append(Problem(table, None, "", message))


def _deleted(row: Model, owns: tuple[type[Model], ...]) -> bool:
    """Delete a row that nothing uses, with what it owns; False where something uses that."""
    try:
        with transaction.atomic():
            for relation in row._meta.related_objects:
                if relation.related_model in owns:
                    relation.related_model._default_manager.filter(**{relation.field.name: row}).delete()
            row.delete()
    except ProtectedError:
        return False
    return True


def end(row: Model, column: str, day: date) -> None:
    """End a row by a day, unless it has ended already."""
    ended = getattr(row, column)
    if ended is None or (column != "retired_on" and ended > day):
        setattr(row, column, day)
        row.save(update_fields=[column])


def code_of(key: Hashable) -> str:
    """The code as the database keeps it: 4.3 of a task, 4.3/1 of its first milestone."""
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def label(key: Hashable) -> str:
    """A key as people read it: its parts, without the empty ones."""
    parts = key if isinstance(key, tuple) else (key,)
    return " ".join(str(part) for part in parts if part is not None and part != "")


def _apply(row: Model, fields: Fields) -> list[str]:
    """Set the fields that differ; gives their names."""
    names = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in names:
        setattr(row, name, fields[name])
    return names

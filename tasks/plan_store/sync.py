"""Make the rows of a table equal to what is wanted, and remember what was done."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from django.db.models import Model, ProtectedError

from tasks.plan_files import Problem

Row = TypeVar("Row", bound=Model)
Fields = Mapping[str, Any]


class Verb(StrEnum):
    """What a load does with a row."""

    CREATED = "新增"
    CHANGED = "修改"
    REMOVED = "删除"


@dataclass(frozen=True)
class Change:
    """One row that a load creates, changes or removes. `columns` are the changed ones, by their Chinese names."""

    verb: Verb
    what: str
    label: str
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        columns = f"（{'、'.join(self.columns)}）" if self.columns else ""
        return f"{self.verb} {self.what} {self.label}{columns}"


class Sync:
    """Writes rows and gathers the changes, and the problems of rows that something still needs."""

    def __init__(self) -> None:
        self._changes: dict[tuple[type[Model], Hashable], Change] = {}
        self.problems: list[Problem] = []

    @property
    def changes(self) -> list[Change]:
        """What was done, each row once."""
        return list(self._changes.values())

    def upsert(
        self, model: type[Row], existing: Mapping[Any, Row], wanted: Mapping[Any, Fields]
    ) -> dict[Any, Row]:
        """Write the wanted fields, by key: first the rows that change, then the new ones. Gives all by key."""
        changed: dict[tuple[str, ...], list[Row]] = {}
        for key, fields in wanted.items():
            if key in existing:
                names = _apply(existing[key], fields)
                self._note_change(model, key, names)
                if names:
                    changed.setdefault(tuple(names), []).append(existing[key])
        for columns, rows in changed.items():
            model._default_manager.bulk_update(rows, columns)
        new = {key: model(**fields) for key, fields in wanted.items() if key not in existing}
        model._default_manager.bulk_create(new.values())
        for key in new:
            self._changes[model, key] = Change(Verb.CREATED, _what(model), label(key))
        return {key: existing.get(key) or new[key] for key in wanted}

    def remove(self, table: str, existing: Mapping[Any, Row], keep: Iterable[Any]) -> None:
        """Delete the rows whose key is not kept. A row that is still needed stays and is a problem."""
        keep = set(keep)
        for key, row in existing.items():
            if key in keep:
                continue
            what = _what(type(row))
            try:
                row.delete()
            except ProtectedError as error:
                users = "、".join(sorted({_what(type(user)) for user in error.protected_objects}))
                message = f"{what}“{label(key)}”已有{users}引用，不能删除；请在文件中恢复这一行"
                self.problems.append(Problem(table, None, "", message))
            else:
                self._changes[type(row), key] = Change(Verb.REMOVED, what, label(key))

    def _note_change(self, model: type[Model], key: Hashable, names: list[str]) -> None:
        before = self._changes.get((model, key))
        if not names or (before and before.verb == Verb.CREATED):
            return
        columns = tuple(str(model._meta.get_field(name).verbose_name) for name in names)  # type: ignore[union-attr]
        self._changes[model, key] = Change(
            Verb.CHANGED, _what(model), label(key), (before.columns if before else ()) + columns
        )


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


def _what(model: type[Model]) -> str:
    """The name of the kind of row; rows that only join two others have none of their own."""
    return "关联" if model._meta.auto_created else str(model._meta.verbose_name)

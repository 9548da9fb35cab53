"""What is different between two plan documents: rows added, changed, ended and gone, each with old and new per column.

Pure: documents in, differences out. Values are the texts of the plan's files, so any column of any table takes part
by standing in `tables.TABLES`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from harbor_plan.lib.cells import NO, YES
from tasks.plan_files.document import PlanDocument
from tasks.plan_files.tables import ENDING, KEYS, ORDERED, TABLES, TITLES

Texts = Mapping[str, str]


class Kind(StrEnum):
    """What becomes of a row."""

    ADDED = "新增"
    CHANGED = "修改"
    RETIRED = "停用"
    REMOVED = "删除"


@dataclass(frozen=True)
class Field:
    """One column of a row before and after, "" where there was or is nothing."""

    column: str
    old: str
    new: str


@dataclass(frozen=True)
class RowDiff:
    """One row that is different. `key` are the texts of the columns it is known by."""

    table: str
    kind: Kind
    key: tuple[str, ...]
    fields: tuple[Field, ...]

    @property
    def label(self) -> str:
        """The key as people read it."""
        return " ".join(part for part in self.key if part)

    def __str__(self) -> str:
        columns = ""
        if self.kind in (Kind.CHANGED, Kind.RETIRED):
            names = "、".join(TABLES[self.table].get(field.column, field.column) for field in self.fields)
            columns = f"（{names}）"
        return f"{self.kind} {TITLES[self.table]} {self.label}{columns}"


@dataclass(frozen=True)
class PlanDiff:
    """All rows that are different, in the order of the tables, and the tables whose order changed."""

    rows: tuple[RowDiff, ...] = ()
    reordered: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rows or self.reordered)

    @property
    def counts(self) -> dict[str, int]:
        """How many rows, by kind; kinds that do not occur are left out."""
        found = Counter(row.kind for row in self.rows)
        return {str(kind): found[kind] for kind in Kind if found[kind]}

    @property
    def words(self) -> str:
        """The counts as a part of a sentence."""
        return in_words(self.counts, self.reordered)

    def lines(self) -> list[str]:
        """Each difference in a line."""
        return [*map(str, self.rows), *(f"{Kind.CHANGED} {TITLES[table]}的顺序" for table in self.reordered)]

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON column; `from_json` gives the diff back."""
        rows = [
            {
                "table": row.table,
                "kind": str(row.kind),
                "key": list(row.key),
                "fields": [[field.column, field.old, field.new] for field in row.fields],
            }
            for row in self.rows
        ]
        return {"rows": rows, "reordered": list(self.reordered)}


def from_json(content: Mapping[str, Any]) -> PlanDiff:
    """The diff that `as_json` wrote."""
    rows = (
        RowDiff(
            row["table"],
            Kind(row["kind"]),
            tuple(row["key"]),
            tuple(Field(*field) for field in row["fields"]),
        )
        for row in content.get("rows", ())
    )
    return PlanDiff(tuple(rows), tuple(content.get("reordered", ())))


def in_words(counts: Mapping[str, int], reordered: Iterable[str] = ()) -> str:
    """新增3项、停用1项."""
    said = [f"{kind}{count}项" for kind, count in counts.items()]
    said += [f"调整{TITLES[table]}的顺序" for table in reordered]
    return "、".join(said)


def diff(before: PlanDocument | None, after: PlanDocument) -> PlanDiff:
    """What leads from one document to the other; everything is added where there was none."""
    rows: list[RowDiff] = []
    reordered = []
    for table in TABLES:
        old, new = texts_by_key(before, table), texts_by_key(after, table)
        rows += [
            _row(table, Kind.REMOVED, key, old[key], dict.fromkeys(old[key], ""))
            for key in old
            if key not in new
        ]
        for key, texts in new.items():
            if key not in old:
                rows.append(_row(table, Kind.ADDED, key, {}, texts))
            elif texts != old[key]:
                rows.append(_row(table, _kind(old[key], texts), key, old[key], texts))
        kept = [key for key in old if key in new]
        if table in ORDERED and kept != [key for key in new if key in old]:
            reordered.append(table)
    return PlanDiff(tuple(rows), tuple(reordered))


def texts_by_key(document: PlanDocument | None, table: str) -> dict[tuple[str, ...], dict[str, str]]:
    """The rows of a table as texts by column, by their keys."""
    records = rows_of(document, table) if document else []
    texts = [{column: text(getattr(record, column)) for column in TABLES[table]} for record in records]
    return {tuple(row[column] for column in KEYS[table]): row for row in texts}


def rows_of(document: PlanDocument, table: str) -> list[Any]:
    """The records of a table; the plan itself is the only row of its own."""
    found = getattr(document, table)
    return [found] if table == "plan" else list(found)


def text(value: Any) -> str:
    """A value as the plan's files write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return ";".join(value)
    return str(value)


def _kind(old: Texts, new: Texts) -> Kind:
    ends = any(new.get(column) and not old.get(column) for column in ENDING)
    return Kind.RETIRED if ends else Kind.CHANGED


def _row(table: str, kind: Kind, key: tuple[str, ...], old: Texts, new: Texts) -> RowDiff:
    columns = [column for column in TABLES[table] if old.get(column, "") != new.get(column, "")]
    return RowDiff(
        table, kind, key, tuple(Field(column, old.get(column, ""), new.get(column, "")) for column in columns)
    )

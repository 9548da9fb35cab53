"""The table of work items on the filing desk: what is expected, what was filed last quarter, and the percent that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from filings.models import Entry
from filings.queries.rows import Row
from filings.services.items import asked, computed, done, field_of, is_own_percent
from harbor_plan.lib.zh import plain
from tasks.progress import PlannedItem, completion, expected

if TYPE_CHECKING:
    from filings.queries.desk import FieldRow

#: The formula is written out for at most so many items.
MOST_TERMS = 6

HINTS = {
    "percent": "由工作项算出，一般不填",
    "percent_reason": "改用其他比例时必填",
}


@dataclass(frozen=True)
class ItemLine:
    """One item with its input."""

    item: PlannedItem
    field: FieldRow
    expected: Decimal
    before: Decimal | None


@dataclass(frozen=True)
class ItemTable:
    """The items of an entry; percents are of the year's work. `own` is the percent used instead, if another is."""

    lines: list[ItemLine]
    weight: Decimal
    expected: Decimal | None
    before: Decimal | None
    computed: Decimal | None
    own: Decimal | None
    formula: str

    @property
    def left(self) -> int:
        """Items without a percent."""
        return sum(not line.field.bound.value() for line in self.lines)


def table_of(row: Row, field_row: Callable[[str], FieldRow]) -> ItemTable | None:
    """The table, or None where nothing is asked; `field_row` draws a form's field by its name. No queries."""
    entry, items = row.entry, asked(row.entry)
    if not items:
        return None
    quarter = row.filing.period.quarter
    before = done(row.sent_before)
    return ItemTable(
        lines=[
            ItemLine(item, field_row(field_of(item.id)), item.share(quarter), before.get(item.id))
            for item in items
        ],
        weight=sum((item.weight for item in items), Decimal(0)),
        expected=expected(items, quarter),
        before=completion(items, before),
        computed=computed(entry),
        own=entry.percent if is_own_percent(entry) else None,
        formula=formula(items, entry),
    )


def formula(items: tuple[PlannedItem, ...], entry: Entry) -> str:
    """How the percent came about: (3 × 100% + 4 × 90.5%) ÷ 7 = 94.57%; empty while an item is missing."""
    result = computed(entry)
    if result is None:
        return ""
    percents = done(entry)
    total = plain(sum((item.weight for item in items), Decimal(0)))
    if len(items) > MOST_TERMS:
        return f"{len(items)} 项按权重加权平均（权重合计 {total}），得 {plain(result)}%"
    terms = " + ".join(f"{plain(item.weight)} × {plain(percents[item.id])}%" for item in items)
    return f"({terms}) ÷ {total} = {plain(result)}%"


def fields_of(table: ItemTable | None) -> Iterator[FieldRow]:
    """The inputs of the table."""
    for line in table.lines if table else ():
        yield line.field

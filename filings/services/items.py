"""Work items in a lead's progress entry: which are asked, what was filed of each, and the percent that follows.

An entry's own attributes carry both, so that pages of many entries ask once: `asked_items` (set by `attach`) and
`item_rows` (what was filed). Without an annual plan in force nothing is asked and the percent is typed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts.models import User
from filings.models import Entry, ItemProgress, Period
from filings.models.entry import EntryQuerySet
from filings.terms import Decision, EntryKind
from harbor_plan.lib.zh import plain
from tasks.models import AnnualPlan, WorkItem
from tasks.progress import PlannedItem, completion, expected
from tasks.services import annual
from tasks.services.versions import items_in_force

#: An item's field in forms, values and unread text: item_12.
PREFIX = "item_"


def field_of(item_id: int) -> str:
    """The name of an item's field."""
    return f"{PREFIX}{item_id}"


# What is asked


def in_force_for(period: Period) -> dict[int, tuple[PlannedItem, ...]]:
    """Work items in force for a quarter by task id: of versions approved before it was closed. One query."""
    return items_in_force(period.plan_id, period.year, period.closed_at)


def attach(entries: Iterable[Entry]) -> None:
    """Give every progress entry its asked items; one query for each period, none when all have them already."""
    by_period: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind == EntryKind.PROGRESS and entry.asked_items is None:
            by_period[entry.filing.period_id].append(entry)
    for lacking in by_period.values():
        by_task = in_force_for(lacking[0].filing.period)
        for entry in lacking:
            entry.asked_items = by_task.get(entry.responsibility.task_id, ()) if entry.responsibility else ()


def asked(entry: Entry) -> tuple[PlannedItem, ...]:
    """The items in force for an entry's task and year; none for other kinds of entry."""
    if entry.kind != EntryKind.PROGRESS:
        return ()
    attach([entry])
    return entry.asked_items or ()


def done(entry: Entry | None) -> dict[int, Decimal]:
    """Percent of each item as filed with this entry, by item id."""
    return {row.item_id: row.percent for row in entry.item_rows} if entry else {}


def with_rows(entries: EntryQuerySet) -> list[Entry]:
    """The entries with what was filed of their items, in two queries, also when there are none."""
    found = list(entries.prefetch_related(None))
    by_entry: dict[int, list[ItemProgress]] = defaultdict(list)
    ids = [entry.pk for entry in found if entry.kind == EntryKind.PROGRESS] or [0]
    for row in ItemProgress.objects.filter(entry__in=ids):
        by_entry[row.entry_id].append(row)
    for entry in found:
        entry.item_rows = by_entry[entry.pk]
    return found


def due_percent(entry: Entry, period: Period) -> Decimal | None:
    """Percent of the year's work due by the quarter's end: from the items, else a quarter of the year for each."""
    if entry.kind != EntryKind.PROGRESS:
        return None
    by_items = expected(asked(entry), period.quarter)
    return Decimal(25 * period.quarter) if by_items is None else by_items


def computed(entry: Entry) -> Decimal | None:
    """The percent that follows from the items; None without items or while one is missing."""
    return completion(asked(entry), done(entry))


def is_own_percent(entry: Entry) -> bool:
    """Whether the lead wrote another percent than the items give.

    While items are missing, as after the plan was changed, a percent without reason is taken for the earlier result.
    """
    if not asked(entry) or entry.percent is None:
        return False
    by_items = computed(entry)
    return bool(entry.percent_reason) if by_items is None else entry.percent != by_items


# What is written


def kept_unread(entry: Entry, values: Mapping[str, Any]) -> dict[str, str]:
    """Unread text of items that a writer does not mention, so that it is not lost."""
    return {
        name: text for name, text in entry.unparsed.items() if name.startswith(PREFIX) and name not in values
    }


def put(entry: Entry, values: Mapping[str, Any], *, was_own: bool) -> None:
    """Set the item percents among `values` (item_12: Decimal or None) and the percent that follows, without saving.

    `was_own` is `is_own_percent` before the values were written: a percent that nobody mentions is computed anew
    unless the lead had chosen it. Items that are not asked are ignored.
    """
    items = asked(entry)
    if not items:
        return
    percents = done(entry) | {
        item.id: values[field_of(item.id)] for item in items if field_of(item.id) in values
    }
    ids = [item.id for item in items]
    wanted = {pk: percent for pk in ids if (percent := percents.get(pk)) is not None}
    if wanted != done(entry):
        rows = WorkItem.objects.in_bulk(ids)
        entry.item_rows = [
            ItemProgress(entry=entry, item=rows[pk], percent=percent) for pk, percent in wanted.items()
        ]
    if "percent" not in values and not was_own:
        entry.percent = None
    if entry.percent is None:
        entry.percent = computed(entry)


def carry(entry: Entry, sent: Entry | None) -> None:
    """Items left blank where nothing was done this quarter stand as they were last quarter."""
    before = done(sent)
    blank = {item.id for item in asked(entry)} - set(done(entry)) - {_id_of(name) for name in entry.unparsed}
    if found := {pk: before[pk] for pk in blank if pk in before}:
        put(entry, {field_of(pk): percent for pk, percent in found.items()}, was_own=is_own_percent(entry))


def _id_of(field: str) -> int | None:
    """The item's id in the name of its field; None for other fields."""
    number = field.removeprefix(PREFIX)
    return int(number) if field != number and number.isdecimal() else None


def save_rows(entry: Entry) -> None:
    """Write the entry's item percents, and remove those of items that are blank now or no longer asked."""
    if entry.kind != EntryKind.PROGRESS:
        return
    rows = entry.item_rows
    ItemProgress.objects.filter(entry=entry).exclude(item__in=[row.item_id for row in rows]).delete()
    ItemProgress.objects.bulk_create(
        [ItemProgress(entry=entry, item_id=row.item_id, percent=row.percent) for row in rows],
        update_conflicts=True,
        unique_fields=["entry", "item"],
        update_fields=["percent"],
    )


def content_rows(entry: Entry) -> list[dict[str, Any]]:
    """What was filed of each item, JSON-ready, for versions and comparisons."""
    return [
        {"id": row.item_id, "measure": row.item.measure, "percent": f"{plain(row.percent):f}"}
        for row in entry.item_rows
    ]


# The next year


def latest_accepted(plan: AnnualPlan) -> dict[int, Decimal]:
    """The last accepted percent of the plan's items by item id; items never filed are absent. One query."""
    rows = ItemProgress.objects.filter(item__annual_plan=plan, entry__decision=Decision.ACCEPTED)
    ordered = rows.order_by("entry__filing__period__year", "entry__filing__period__quarter")
    return dict(ordered.values_list("item_id", "percent"))


def unfinished(plan: AnnualPlan) -> list[int]:
    """Ids of the items in force whose last accepted percent is below 100, or that were never filed."""
    version = plan.versions.order_by("no").last()
    if version is None:
        return []
    reached = latest_accepted(plan)
    ids = [row["id"] for row in version.content["items"]]
    return [pk for pk in ids if reached.get(pk, Decimal(0)) < 100]


def roll_over(*, plan: AnnualPlan, by: User, at: datetime) -> tuple[AnnualPlan, int]:
    """Carry the unfinished items into the next year's plan; see `tasks.services.annual.roll_over`."""
    return annual.roll_over(plan=plan, unfinished=unfinished(plan), by=by, at=at)

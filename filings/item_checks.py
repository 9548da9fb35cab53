"""What the work items of a progress entry still lack, and what in them deserves an explanation. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from filings.errors import Problem
from harbor_plan.lib.zh import plain, quoted
from targets.measure.numbers import shortened
from tasks.progress import PlannedItem, completion

#: What is quoted of an item's measure.
QUOTED = 24


def missing(
    items: tuple[PlannedItem, ...], done: Mapping[int, Decimal], percent: Decimal | None, reason: str
) -> Iterator[Problem]:
    """Items without a percent; a percent other than theirs without a reason. Fields are item_ID and percent_reason."""
    for item in items:
        if item.id not in done:
            yield Problem(f"item_{item.id}", f"请填写工作项{_name(item)}的完成比例，0 至 100 之间的数。")
    by_items = completion(items, done)
    if by_items is not None and percent is not None and percent != by_items and not reason:
        yield Problem(
            "percent_reason",
            f"按工作项算为 {plain(by_items)}%，改用 {plain(percent)}% 的，须写明理由；不改用的，请清空“改用其他比例”。",
        )


def odd(
    items: tuple[PlannedItem, ...], done: Mapping[int, Decimal], before: Mapping[int, Decimal]
) -> Iterator[Problem]:
    """Items that fell against last quarter's."""
    for item in items:
        now, earlier = done.get(item.id), before.get(item.id)
        if now is not None and earlier is not None and now < earlier:
            yield Problem(
                f"item_{item.id}",
                f"工作项{_name(item)}由上季 {plain(earlier)}% 降为 {plain(now)}%，请核对，或在提醒说明中写明原因。",
                is_warning=True,
            )


def _name(item: PlannedItem) -> str:
    return quoted(shortened(item.measure, QUOTED))

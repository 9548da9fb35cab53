"""Reading reorganisations: what a unit was called before, and who held something on a past day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from departments.models import Department, Duty, Handover, Lineage, Succession


def formerly(departments: Iterable[int], on: date) -> dict[int, str]:
    """By department id, what a reader of that day needs to recognise it: “原甲局”, or “含原甲局” where it took one in. One query.

    Only units that followed another have words.
    """
    rows = (
        Lineage.objects.filter(later__in=set(departments), since__lte=on)
        .select_related("earlier")
        .order_by("since", "id")
    )
    renamed: dict[int, list[str]] = defaultdict(list)
    taken: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        (renamed if row.is_other_name else taken)[row.later_id].append(row.earlier.name)
    words: dict[int, str] = {}
    for later in renamed.keys() | taken.keys():
        parts = [f"原{'、'.join(renamed[later])}"] if renamed[later] else []
        parts += [f"含原{'、'.join(taken[later])}"] if taken[later] else []
        words[later] = "，".join(parts)
    return words


def history_of(department: Department) -> list[str]:
    """What was done to a unit, in phrases, the oldest first: “2019-04-01 甲局更名为乙局”. Two queries."""
    applied = Succession.objects.applied().touching([department]).prefetch_related("units")
    return [f"{one.effective_on:%Y-%m-%d} {one}" for one in applied]


def known_as(department: Department, former: Mapping[int, str]) -> str:
    """A unit with what it was called before, where a reader needs that: 乙局（原甲局）; `former` comes from `formerly`."""
    words = former.get(department.pk)
    return f"{department.name}（{words}）" if words else department.name


def later_handovers(what: Duty, day: date) -> dict[int, list[Handover]]:
    """What passed on after a day, by the number of the thing, the newest first. One query."""
    found: dict[int, list[Handover]] = defaultdict(list)
    rows = Handover.objects.filter(what=what, since__gt=day).select_related("before__convenor")
    for row in rows.order_by("-since", "-id"):
        found[row.subject_pk].append(row)
    return found


def unwound(now: Sequence[int], handovers: Iterable[Handover]) -> list[int]:
    """Who held it before the handovers, as department ids in their order; `handovers` come newest first."""
    held = list(now)
    for handover in handovers:
        if not handover.had_already and handover.after_id in held:
            held.remove(handover.after_id)
        if handover.before_id not in held:
            held.insert(max(handover.place - 1, 0), handover.before_id)
    return held


def holder_on(now: Department | None, handovers: Sequence[Handover]) -> Department | None:
    """Who held a thing that one unit holds, before the handovers; these come newest first."""
    return handovers[-1].before if handovers else now

"""Which entries changed their light since the quarter before, read from what was sent; and whether that matters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q

from filings.lights import LIT, LightChange, change, light_of
from filings.models import Entry, EntryVersion, ReviewRule
from filings.models.entry import SUBJECTS
from filings.services.items import attach, due_percent, with_rows
from filings.services.readings import reading_changes, rules_of
from filings.terms import EntryKind
from targets.measure import Thresholds
from targets.terms import Standing
from tasks.services.versions import items_in_force

#: Plan, year, quarter, kind, subject and, for summaries, department: what one quarter's entry and the next one's share.
_Key = tuple[int, int, int, str, int, int | None]


def earlier_entries(entries: Iterable[Entry]) -> dict[int, Entry]:
    """The same obligations one quarter earlier, sent then or not, by the id of today's entry; of any periods.

    The entries come `for_page`. The queries do not grow with the entries.
    """
    keys = {entry.pk: _key(entry, back=1) for entry in entries}
    if not keys:
        return {}
    in_quarters, subjects = Q(), Q()
    for plan, year, quarter in sorted({key[:3] for key in keys.values()}):
        in_quarters |= Q(
            filing__period__plan=plan, filing__period__year=year, filing__period__quarter=quarter
        )
    for kind, column in SUBJECTS.items():
        ids = {key[4] for key in keys.values() if key[3] == kind}
        subjects |= Q(kind=kind, **{f"{column}__in": ids})
    found = with_rows(Entry.objects.filter(in_quarters & subjects).for_page())
    by_key = {_key(entry): entry for entry in found}
    return {pk: by_key[key] for pk, key in keys.items() if key in by_key}


def _key(entry: Entry, *, back: int = 0) -> _Key:
    """What identifies an obligation in its quarter, or in the one before."""
    period = entry.filing.period
    year, quarter = period.year, period.quarter - back
    if quarter < 1:
        year, quarter = year - 1, quarter + 4
    subject = getattr(entry, f"{SUBJECTS[EntryKind(entry.kind)]}_id")
    department = entry.filing.department_id if entry.kind == EntryKind.SUMMARY else None
    return period.plan_id, year, quarter, entry.kind, subject, department


def light_changes(
    entries: Iterable[Entry], earlier: Mapping[int, Entry] | None = None
) -> dict[int, LightChange]:
    """The entries whose light differs from the one of the same obligation a quarter earlier, by entry id.

    The entries were sent. The earlier side is the version sent last, accepted or not; an obligation that was not sent
    then has no light to compare. A reading's light is the indicator's, with this reading as if accepted, against the
    one a quarter earlier; a grey one is none. The queries do not grow with the entries; some more for each quarter.
    """
    entries = list(entries)
    lit = [entry for entry in entries if entry.kind in LIT]
    earlier = earlier_entries(lit) if earlier is None else earlier
    before_each = [earlier[entry.pk] for entry in lit if entry.pk in earlier]
    attach(lit)
    _attach_earlier(lit, before_each)
    sent = _sent([*lit, *before_each])
    rules = rules_of([*lit, *before_each])
    changes = {}
    for entry in lit:
        before = earlier.get(entry.pk)
        if before is None or before.pk not in sent:
            continue
        now = {name: getattr(entry, name) for name in entry.fields}
        found = change(light(before, sent[before.pk], rules), light(entry, now, rules))
        if found:
            changes[entry.pk] = found
    return changes | reading_changes(entries)


def _attach_earlier(lit: Iterable[Entry], before_each: Collection[Entry]) -> None:
    """Give the earlier entries the work items of their quarters; one query for each quarter before those of `lit`."""
    quarters = {_key(entry, back=1)[:3] for entry in lit if entry.kind == EntryKind.PROGRESS}
    for plan, year, quarter in sorted(quarters):
        of_one = [
            e for e in before_each if e.kind == EntryKind.PROGRESS and _key(e)[:3] == (plan, year, quarter)
        ]
        closed_at = of_one[0].filing.period.closed_at if of_one else None
        by_task = items_in_force(plan, year, closed_at)
        for entry in of_one:
            entry.asked_items = by_task.get(entry.responsibility.task_id, ()) if entry.responsibility else ()


def _sent(entries: Iterable[Entry]) -> dict[int, dict[str, Any]]:
    """The content sent last, by entry id. One query."""
    sent = EntryVersion.objects.filter(entry__in=[entry.pk for entry in entries]).newest()
    return {pk: version.content for pk, version in sent.items()}


def light(entry: Entry, written: Mapping[str, Any], rules: Mapping[int, Thresholds]) -> Standing | None:
    """The light of an entry with this content, a version's or its own; `rules` as `rules_of` gives them."""
    period = entry.filing.period
    return light_of(
        entry.kind,
        written,
        expected=due_percent(entry, period),
        due_on=entry.milestone.due_on if entry.milestone else None,
        last_day=period.last_day,
        thresholds=rules[period.pk],
    )


def has_second_level(plan_id: int) -> bool:
    """Whether the office asks for a second reviewer where a light changed."""
    return ReviewRule.objects.filter(plan=plan_id, second_level=True).exists()


def needing_second(entries: Iterable[Entry]) -> set[int]:
    """Ids of the entries of one plan whose acceptance a second reviewer must confirm: a changed light, rule switched on."""
    entries = list(entries)
    if not entries or not has_second_level(entries[0].filing.period.plan_id):
        return set()
    return set(light_changes(entries))

"""Entries that need no second thought, and accepting many of them at once across filings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import prefetch_related_objects

from accounts.models import User
from filings.checks import check
from filings.errors import Refused
from filings.lights import LIT, LightChange
from filings.models import Countersignature, Entry, Remark
from filings.models.entry import FILES
from filings.services import crosschecks
from filings.services.claims import locked_for_review, need_unclaimed
from filings.services.entries import around
from filings.services.items import attach
from filings.services.lights import earlier_entries, light, light_changes
from filings.services.readings import rules_of
from filings.services.review import Outcome, no_longer, write_decision
from filings.signals import announce
from filings.terms import Consent, Decision, EntryKind
from targets.measure import Thresholds
from targets.terms import Standing

#: From best to worst; a self-rating before the measured light is called optimistic.
BEST_FIRST = (Standing.DONE, Standing.ON_TRACK, Standing.BEHIND, Standing.LATE)


def oddities(
    entries: Iterable[Entry],
    earlier: Mapping[int, Entry] | None = None,
    changes: Mapping[int, LightChange] | None = None,
) -> dict[int, tuple[str, ...]]:
    """What speaks against accepting each sent entry without a closer look, by id; a routine entry has nothing.

    Routine is: complete, no warning whether explained or not, nothing explained, the light compared with last quarter's
    and the same, not self-rated better than measured, never returned, no word against it in a countersignature or in
    its thread. The queries do not grow with the entries, which come `for_page`; what `services.lights` found of them may
    be at hand.
    """
    entries = list(entries)
    earlier = earlier_entries(entries) if earlier is None else earlier
    changes = light_changes(entries, earlier) if changes is None else changes
    prefetch_related_objects(entries, *FILES)
    attach(entries)
    crosschecks.attach(entries)
    talked = set(Remark.objects.filter(entry__in=entries).order_by().values_list("entry", flat=True))
    contested = _contested(entries)
    rules = rules_of(entries)
    found: dict[int, tuple[str, ...]] = {}
    for entry in entries:
        said = _odd_content(entry, earlier.get(entry.pk), rules)
        if entry.pk in changes:
            said.append(f"亮灯变化（{changes[entry.pk].words}）")
        if entry.return_code:
            said.append("曾被退回")
        if entry.pk in contested:
            said.append("会签未一致同意")
        if entry.pk in talked:
            said.append("有往来意见")
        found[entry.pk] = tuple(said)
    return found


def _odd_content(entry: Entry, before: Entry | None, rules: Mapping[int, Thresholds]) -> list[str]:
    """What is odd about what was written."""
    said = []
    values = {name: getattr(entry, name) for name in entry.fields}
    known = around(entry, entry.filing.period, before)
    problems = check(entry.kind, values | {"explanation": ""}, replace(known, crossed=()))
    warnings = sum(problem.is_warning for problem in problems)
    if not entry.is_complete or warnings < len(problems):
        said.append("未填齐")
    if warnings:
        said.append(f"{warnings} 处提醒")
    elif entry.explanation:
        said.append("单位另有说明")
    if known.crossed:
        said.append(f"{len(known.crossed)} 处勾稽不符")
    if entry.kind in LIT and (before is None or before.filing.first_submitted_at is None):
        said.append("上季无可比")
    if entry.kind == EntryKind.PROGRESS and is_optimistic(
        entry.self_light, entry.percent, light(entry, values, rules)
    ):
        said.append("自评好于测算")
    return said


def is_optimistic(rated: str | None, percent: object, measured: Standing | None) -> bool:
    """Whether a self-rating is better than the measured light; “done” at a full percent is not."""
    if not rated or rated not in BEST_FIRST or measured not in BEST_FIRST:
        return False
    is_done = rated == Standing.DONE and percent == 100
    return not is_done and BEST_FIRST.index(Standing(rated)) < BEST_FIRST.index(measured)


def _contested(entries: Collection[Entry]) -> set[int]:
    """Entries on which a cooperating department's latest word is not a plain yes."""
    latest: dict[tuple[int, int], str] = {}
    words = Countersignature.objects.filter(entry__in=entries).order_by("id")
    for entry, department, consent in words.values_list("entry", "department", "consent"):
        latest[entry, department] = consent
    return {entry for (entry, _), consent in latest.items() if consent != Consent.CONFIRMED}


def accept_routine(*, entries: Collection[int], by: User, at: datetime) -> Outcome:
    """Accept undecided routine entries, also of several filings; each has its own history row.

    What is no longer undecided, not routine, or of a filing this person may not decide now is left alone and named in
    the outcome. Each filing is a transaction of its own, and stays unclaimed.
    """
    by_filing: dict[int, list[int]] = defaultdict(list)
    for entry, filing in Entry.objects.filter(pk__in=entries).values_list("pk", "filing_id"):
        by_filing[filing].append(entry)
    result = Outcome()
    for filing_id, wanted in sorted(by_filing.items()):
        try:
            found = _accept_of(filing_id, wanted, by=by, at=at)
        except Refused as refused:
            left = Entry.objects.filter(pk__in=wanted).for_page()
            result.refused += [(entry, refused.sentence) for entry in left]
        else:
            result.done += found.done
            result.refused += found.refused
    return result


@transaction.atomic
def _accept_of(filing_id: int, wanted: Collection[int], *, by: User, at: datetime) -> Outcome:
    """The routine ones among these entries of one filing."""
    filing = locked_for_review(filing_id, by)
    need_unclaimed(filing, by)
    entries = list(Entry.objects.filter(pk__in=wanted).for_page().select_related("decided_by"))
    odd = oddities(entries)
    result = Outcome()
    for entry in entries:
        if entry.decision != Decision.OPEN or filing.passed_on_by_id is not None:
            result.refused.append((entry, no_longer(entry)))
        elif odd[entry.pk]:
            result.refused.append((entry, f"不是常规项：{'、'.join(odd[entry.pk])}，请逐项审核"))
        else:
            write_decision(filing, entry, Decision.ACCEPTED, seen=Decision.OPEN, by=by, at=at)
            result.done.append(entry)
    if result.done:
        announce(filing.period_id)
    return result

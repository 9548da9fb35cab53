"""What the office's cross-checks find: on the entries of a filing, and in a whole quarter.

A value counts once it was sent and is not on its way back: accepted, or with the office. A later vintage counts instead
of it. So a check that needs another department's value runs when the later of the two is filed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.crosschecks import PAIRED, WINDOW, Outcome, Side, Values, Verdict, advice, judge, sentence
from filings.errors import AlreadyMoved, Problem, Refused
from filings.models import CrossClosing, CrossRule, Entry, Period, Vintage
from filings.services.access import can_review
from filings.terms import Decision, EntryKind, Severity, Status, ValueState
from filings.vintages import by_entry, in_force
from targets.measure import Quarter
from targets.models import Indicator, Plan

#: Quarters that one check looks at: its own, and one more than the window for what is new of the earliest.
REACH = WINDOW + 1
#: Places kept of what a finding was settled at.
_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Known:
    """One value that counts, of one quarter: whose entry it is, and since when it stands."""

    entry: Entry
    value: Decimal
    since: datetime | None


#: Values that count, by indicator and quarter.
Book = Mapping[int, Mapping[Quarter, Known]]


def quarter_of(period: Period) -> Quarter:
    """The quarter as the arithmetic takes it."""
    return Quarter(period.year, period.quarter)


def book_of(
    plan_id: int, indicators: Collection[int], first: Quarter, last: Quarter, own: Collection[int] = ()
) -> dict[int, dict[Quarter, Known]]:
    """Every value that counts of these indicators from one quarter to another; of the filings `own` drafts too.

    Two queries, and never more quarters than asked for.
    """
    year, no = "filing__period__year", "filing__period__quarter"
    within = (Q(**{f"{year}__gt": first.year}) | Q(**{year: first.year, f"{no}__gte": first.number})) & (
        Q(**{f"{year}__lt": last.year}) | Q(**{year: last.year, f"{no}__lte": last.number})
    )
    asked = Entry.objects.filter(
        within, kind=EntryKind.READING, indicator__in=indicators, filing__period__plan=plan_id
    )
    entries = list(asked.select_related("filing__period", "filing__department").order_by("id"))
    later = by_entry(Vintage.objects.filter(entry__in=[entry.pk for entry in entries]))
    book: dict[int, dict[Quarter, Known]] = {pk: {} for pk in indicators}
    for entry in entries:
        known = _known(entry, in_force(later.get(entry.pk, ())), own)
        if known and entry.indicator_id is not None:
            book[entry.indicator_id][quarter_of(entry.filing.period)] = known
    return book


def _known(entry: Entry, vintage: Vintage | None, own: Collection[int]) -> Known | None:
    if vintage:
        return Known(entry, vintage.value, vintage.at)
    if entry.value is None or not (entry.filing_id in own or _is_sent(entry)):
        return None
    return Known(entry, entry.value, entry.filing.submitted_at)


def _is_sent(entry: Entry) -> bool:
    if entry.decision == Decision.ACCEPTED:
        return True
    return entry.filing.status == Status.SUBMITTED and entry.decision in (Decision.OPEN, Decision.PASSED)


# Findings


@dataclass(frozen=True)
class Finding:
    """One rule at one quarter with its outcome; `one` and `other` are the values of that quarter, where they count."""

    rule: CrossRule
    quarter: Quarter
    outcome: Outcome
    one: Known | None
    other: Known | None

    @property
    def is_found(self) -> bool:
        return self.outcome.verdict == Verdict.FOUND

    @property
    def sentence(self) -> str:
        """What was found; empty unless something was."""
        rule = self.rule
        other = _side(rule.other, self.other) if rule.other else None
        return sentence(rule.limits, self.quarter, _side(rule.indicator, self.one), other, self.outcome)

    @property
    def values(self) -> tuple[Decimal, Decimal]:
        """The two values compared, as a closing keeps them."""
        return self.outcome.value.quantize(_PLACES), self.outcome.beside.quantize(_PLACES)

    @property
    def seen(self) -> str:
        """What a page shows of them, to tell whether they have changed since."""
        return "|".join(f"{value:f}" for value in self.values)

    @property
    def known(self) -> list[Known]:
        """The values of the quarter that it is about."""
        return [known for known in (self.one, self.other) if known]

    @property
    def since(self) -> datetime | None:
        """When it could first be found: when the last of its values came, or the rule if that was later."""
        moments = [known.since for known in self.known if known.since]
        return max([*moments, self.rule.at]) if moments else None

    def problem(self, entry: Entry) -> Problem:
        """As a problem of an entry, with what to do about it."""
        do = advice(
            self.rule.severity,
            office=str(self.rule.plan.office),
            is_of_two=self.one is not None
            and self.other is not None
            and self.one.entry.filing_id != self.other.entry.filing_id,
        )
        field = "numerator" if entry.indicator and entry.indicator.in_parts else "value"
        return Problem(field, f"{self.sentence}{do}", is_warning=self.rule.severity != Severity.ERROR)


def _side(indicator: Indicator, known: Known | None) -> Side:
    return Side(indicator.name, indicator.unit, str(known.entry.filing.department) if known else "")


def finding(rule: CrossRule, here: Quarter, book: Book) -> Finding:
    """A rule at a quarter, by the values at hand."""
    ones, others = book.get(rule.indicator_id, {}), book.get(rule.other_id or 0, {})
    outcome = judge(rule.limits, here, _values(ones), _values(others), rule.indicator.accumulation)
    return Finding(rule, here, outcome, ones.get(here), others.get(here))


def _values(known: Mapping[Quarter, Known]) -> Values:
    return {quarter: each.value for quarter, each in known.items()}


def indicators_of(rules: Iterable[CrossRule]) -> set[int]:
    """Every indicator that these rules look at."""
    return {pk for rule in rules for pk in (rule.indicator_id, rule.other_id) if pk is not None}


def findings_of(period: Period) -> list[Finding]:
    """Every rule in force for a quarter with its outcome, in the order of the plan. Three queries."""
    rules = list(CrossRule.objects.filter(plan=period.plan_id).in_force(period.last_day).with_sides())
    here = quarter_of(period)
    book = book_of(period.plan_id, indicators_of(rules), here.shifted(-REACH), here) if rules else {}
    return [finding(rule, here, book) for rule in rules]


def outlook(rule: CrossRule, last: Quarter, quarters: int) -> list[Finding]:
    """What a rule that is not saved yet would say of the last quarters, newest first. Two queries."""
    book = book_of(rule.plan_id, indicators_of([rule]), last.shifted(-REACH - quarters), last)
    return [finding(rule, last.shifted(-n), book) for n in range(quarters)]


# On the entries of a filing


@dataclass(frozen=True)
class Crossing:
    """What a reading is checked with: the rules about it, the values that count, and its filing's entries at hand."""

    rules: tuple[CrossRule, ...]
    book: Book
    own: Mapping[int, Entry]


def attach(entries: Iterable[Entry]) -> None:
    """Give every reading what it is checked with, the other readings given beside it as they stand in memory.

    One query for each period among those that lack it, and three where a rule is in force; none without readings.
    """
    by_period: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.kind == EntryKind.READING and entry.indicator_id is not None:
            by_period[entry.filing.period_id].append(entry)
    for found in by_period.values():
        _attach(found[0].filing.period, found)


def _attach(period: Period, entries: list[Entry]) -> None:
    lacking = [entry for entry in entries if entry.crossing is None]
    if lacking:
        wanted = {entry.indicator_id for entry in lacking if entry.indicator_id is not None}
        in_force_now = CrossRule.objects.filter(plan=period.plan_id).in_force(period.last_day)
        rules = tuple(in_force_now.about(wanted).with_sides())
        here, own = quarter_of(period), {entry.filing_id for entry in entries}
        asked = indicators_of(rules)
        book = book_of(period.plan_id, asked, here.shifted(-REACH), here, own) if rules else {}
        for entry in lacking:
            about = tuple(r for r in rules if entry.indicator_id in (r.indicator_id, r.other_id))
            entry.crossing = Crossing(about, book, {})
    own_entries: dict[int, dict[int, Entry]] = defaultdict(dict)
    for entry in entries:
        own_entries[entry.filing_id][entry.indicator_id or 0] = entry
    for entry in entries:
        if entry.crossing and entry.crossing.rules:
            entry.crossing = replace(entry.crossing, own=own_entries[entry.filing_id])


def found_on(entry: Entry) -> list[Finding]:
    """What the rules find about a reading as it stands in memory; nothing where `attach` has not looked."""
    crossing = entry.crossing
    if crossing is None or not crossing.rules or entry.value is None:
        return []
    here = quarter_of(entry.filing.period)
    at_hand = {**crossing.own, entry.indicator_id or 0: entry}
    book = {
        pk: _with_draft(of, here, at_hand[pk]) if pk in at_hand else of for pk, of in crossing.book.items()
    }
    found = (finding(rule, here, book) for rule in crossing.rules)
    return [each for each in found if each.is_found]


def _with_draft(of: Mapping[Quarter, Known], here: Quarter, entry: Entry) -> Mapping[Quarter, Known]:
    """The values of an indicator with what its entry says now; a vintage or an accepted value stays what counts."""
    if entry.decision == Decision.ACCEPTED:
        return of
    rest = {quarter: known for quarter, known in of.items() if quarter != here}
    if entry.value is None or entry.value_state != ValueState.VALUE:
        return rest
    return {**rest, here: Known(entry, entry.value, entry.filing.submitted_at)}


def is_asked_here(each: Finding, entry: Entry) -> bool:
    """Whether this entry has to answer for it: of two values in one filing only the first, while it can be changed."""
    one = each.one.entry if each.one else None
    if each.rule.indicator_id == entry.indicator_id or one is None:
        return True
    return one.filing_id != entry.filing_id or one.decision == Decision.ACCEPTED


def problems_on(entry: Entry) -> tuple[Problem, ...]:
    """The findings that a reading has to answer for: errors, and warnings that need an explanation."""
    asked = [each for each in found_on(entry) if each.rule.severity != Severity.INFO]
    return tuple(each.problem(entry) for each in asked if is_asked_here(each, entry))


def notes_on(entry: Entry, field: str) -> list[str]:
    """What is only said beside a field of a reading: information, and what another entry of the filing answers for."""
    said = (
        each.problem(entry)
        for each in found_on(entry)
        if each.rule.severity == Severity.INFO or not is_asked_here(each, entry)
    )
    return [f"勾稽核对：{problem.sentence}" for problem in said if problem.field == field]


def kinds_on(entry: Entry) -> frozenset[str]:
    """Kinds of check the office has set for a reading alone; they stand in place of the built-in ones."""
    rules = entry.crossing.rules if entry.crossing else ()
    return frozenset(rule.kind for rule in rules if rule.kind not in PAIRED)


# Settling


def settle(*, entry: Entry, by: User, at: datetime) -> None:
    """Accepting a reading with its explanation closes the warnings on it; called within the decision's transaction."""
    if entry.kind != EntryKind.READING or not entry.explanation.strip():
        return
    attach([entry])
    for each in found_on(entry):
        if each.rule.severity == Severity.WARNING:
            _close(each, entry.filing.period, entry.explanation.strip(), True, by, at)


@transaction.atomic
def close_finding(*, rule: CrossRule, period: Period, seen: str, note: str, by: User, at: datetime) -> None:
    """Settle a finding with a note of the office, as long as its values are the ones seen.

    Raises Refused (permission: for whoever may not review the filings; content) and AlreadyMoved.
    """
    need_setter(rule.plan, by)
    CrossRule.objects.select_for_update(no_key=True, of=("self",)).get(pk=rule.pk)
    each = next((each for each in findings_of(period) if each.rule.pk == rule.pk), None)
    if each is None or not each.is_found:
        raise Refused("status", f"{period}这条勾稽关系已经相符或无法核对，不用处理。")
    for known in each.known:
        if not can_review(known.entry.filing, by):
            raise Refused("permission", "涉及本单位或本人经手的数，须由他人处理。")
    if each.seen != seen:
        raise AlreadyMoved("核对的数值已有变化，请按现在的数值重新处理。")
    if not note.strip():
        raise Refused("content", "请写明处理意见。")
    if is_closed(each, CrossClosing.objects.of(period)):
        raise Refused("status", "这条已经了结，不用再处理。")
    _close(each, period, note.strip(), False, by, at)


def _close(each: Finding, period: Period, note: str, is_accepted: bool, by: User, at: datetime) -> None:
    value, beside = each.values
    CrossClosing.objects.create(
        rule=each.rule,
        period=period,
        value=value,
        beside=beside,
        note=note,
        is_accepted=is_accepted,
        by=by,
        at=at,
    )
    record(
        verb="crosscheck.close",
        subject=each.rule,
        by=by,
        at=at,
        after={"填报期": str(period), "发现": each.sentence, "随采纳了结": is_accepted},
        note=note,
    )


def closing_of(each: Finding, closings: Iterable[CrossClosing]) -> CrossClosing | None:
    """What settled a finding at the values it has now, the newest."""
    rows = [row for row in closings if row.rule_id == each.rule.pk and (row.value, row.beside) == each.values]
    return rows[-1] if rows else None


def is_closed(each: Finding, closings: Iterable[CrossClosing]) -> bool:
    """Whether a finding was settled at the values it has now."""
    return closing_of(each, closings) is not None


def need_setter(plan: Plan, by: User) -> None:
    """Raises Refused (permission) for anybody but the office."""
    if not by.holds(Role.OFFICE):
        raise Refused("permission", f"勾稽关系由{plan.office}设定和处理，您可以查看。")

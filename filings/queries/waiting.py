"""What the office's pages show: filings that wait for review with who may review them, and the list of periods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from accounts.roles import Role
from actions.models import SpecialAction
from filings.calendar import effective_due
from filings.models import Entry, Extension, Filing, Period, Substitute
from filings.queries.threads import waiting_answers
from filings.rules import Side, may_decide, speaks_for
from filings.services.access import (
    first_reviewers_each,
    hands_in_each,
    latest_extensions,
    reviewers_each,
    timeliness_of,
)
from filings.services.lights import light_changes
from filings.services.review import waiting_decision
from filings.terms import Decision, Status, Timeliness
from targets.measure import Quarter
from targets.models import Plan

#: A filing that waits longer is marked, and its reviewer reminded (domain rules, 时限: 48小时未审提醒审核人).
SLOW = timedelta(hours=48)


# Who may review


@dataclass(frozen=True)
class Panel:
    """Who may decide one filing (design decision 3.4), and whether the person who looks is among them.

    `why_not` is a sentence when not. Without reviewers a leader decides, or the substitute whom a leader named. `side`
    is the side for which the person speaks in the threads of the filing's entries.
    """

    may: bool
    why_not: str
    reviewers: tuple[User, ...]
    substitute: Substitute | None
    side: Side | None = None

    @property
    def names(self) -> str:
        """Who may decide it, in one line."""
        if self.reviewers:
            return "、".join(str(person) for person in self.reviewers)
        return f"{self.substitute.user}（代审）" if self.substitute else "领导"


def panels(filings: Iterable[Filing], person: User) -> dict[int, Panel]:
    """The panel of each filing by id, as this person sees it. Six queries, however many filings."""
    filings = list(filings)
    firsts, hands = first_reviewers_each(filings), hands_in_each(filings)
    excluded = {pk: found | firsts[pk] for pk, found in hands.items()}
    reviewers = reviewers_each(filings, excluded)
    people = User.objects.in_bulk({pk for found in reviewers.values() for pk in found})
    named = Substitute.objects.filter(filing__in=filings).select_related("user", "named_by")
    substitutes = {substitute.filing_id: substitute for substitute in named}
    found = {}
    for filing in filings:
        substitute = substitutes.get(filing.pk)
        facts = Facts(
            own_departments=person.own_department_ids,
            department=filing.department_id,
            person=person.pk,
            is_office=person.holds(Role.OFFICE),
            is_leader=person.holds(Role.LEADER),
            is_substitute=substitute is not None and substitute.user_id == person.pk,
            reviewers_left=len(reviewers[filing.pk]),
        )
        why_not = _why_not(filing, person, facts, hands[filing.pk], firsts[filing.pk])
        to_file = person.departments_as(Role.FILER, Role.APPROVER)
        side = speaks_for(departments_to_file=to_file, hands_in_it=hands[filing.pk], **facts)
        able = tuple(people[pk] for pk in sorted(reviewers[filing.pk]))
        found[filing.pk] = Panel(not why_not, why_not, able, substitute, side)
    return found


class Facts(TypedDict):
    """What `rules.may_decide` asks besides whose hands are in a filing."""

    own_departments: set[int]
    department: int
    person: int
    is_office: bool
    is_leader: bool
    is_substitute: bool
    reviewers_left: int


def _why_not(filing: Filing, person: User, facts: Facts, hands: set[int], firsts: set[int]) -> str:
    """Why this person may not decide that filing; empty when they may."""
    if may_decide(hands_in_it=hands | firsts, **facts):
        return ""
    if filing.department_id in person.own_department_ids:
        return "本单位的报送须由他人审核"
    if person.pk in hands:
        return "本人填报或签发的报送须由他人审核"
    if person.pk in firsts:
        return "您已办理初审，复审须由他人办理"
    if facts["reviewers_left"] and (facts["is_substitute"] or facts["is_leader"]):
        return "尚有审核人可审，领导和代审人只在无人可审时审核"
    return "您不是审核人"


# The queue


@dataclass(frozen=True)
class Waiting:
    """One filing that waits for review, at its level.

    `explained` counts entries whose warnings were explained, `changed` those whose light changed since last quarter,
    `asked` those whose thread ends with a question or an answer of the department. `due_at` is the department's own
    deadline, with its extension.
    """

    filing: Filing
    timeliness: Timeliness
    due_at: datetime
    entries: int
    undecided: int
    explained: int
    changed: int
    asked: int
    actions: frozenset[int]
    waited: timedelta
    is_slow: bool
    panel: Panel
    person: User

    @property
    def decided(self) -> int:
        return self.entries - self.undecided

    @property
    def is_late(self) -> bool:
        return self.timeliness == Timeliness.LATE

    @property
    def lateness(self) -> timedelta:
        """How long after its deadline it was sent first; negative when before."""
        return (self.filing.first_submitted_at or self.due_at) - self.due_at

    @property
    def late_days(self) -> int:
        """Days after the deadline, begun ones counted."""
        return -(-self.lateness // timedelta(days=1))

    @property
    def is_second(self) -> bool:
        """Whether it waits for the second reviewer."""
        return self.filing.passed_on_by_id is not None

    @property
    def is_resubmitted(self) -> bool:
        return self.filing.submissions > 1

    @property
    def is_mine(self) -> bool:
        """Claimed by whoever looks."""
        return self.filing.claimed_by_id == self.person.pk

    @property
    def is_free(self) -> bool:
        return self.filing.claimed_by_id is None

    @property
    def waited_for(self) -> tuple[int, str]:
        """How long it has waited, with the unit: full hours, from a hundred on full days."""
        hours = self.waited // timedelta(hours=1)
        return (hours, "小时") if hours < 100 else (self.waited.days, "天")


def waiting_filings(user: User) -> QuerySet[Filing]:
    """Filings that wait for review and that this person may see, longest waiting first."""
    related = ("department", "period__plan", "claimed_by", "passed_on_by")
    return Filing.objects.visible_to(user).waiting().select_related(*related)


def queue(filings: QuerySet[Filing], *, user: User, at: datetime) -> list[Waiting]:
    """The waiting filings with what a reviewer chooses by. The queries do not grow with filings, entries or quarters."""
    rows = list(filings)
    entries: dict[int, list[Entry]] = {filing.pk: [] for filing in rows}
    for entry in Entry.objects.filter(filing__in=rows).for_page():
        entries[entry.filing_id].append(entry)
    changes = light_changes(entry for found in entries.values() for entry in found)
    extensions = latest_extensions({filing.period for filing in rows})
    asked = Counter(waiting_answers(rows, Side.OFFICE).values())
    who = panels(rows, user)
    return [
        _waiting(
            filing,
            entries[filing.pk],
            extensions.get((filing.period_id, filing.department_id)),
            changed=sum(entry.pk in changes for entry in entries[filing.pk]),
            asked=asked[filing.pk],
            panel=who[filing.pk],
            person=user,
            at=at,
        )
        for filing in rows
    ]


def _waiting(
    filing: Filing,
    entries: Sequence[Entry],
    extension: Extension | None,
    *,
    changed: int,
    asked: int,
    panel: Panel,
    person: User,
    at: datetime,
) -> Waiting:
    open_ones = waiting_decision(filing)
    return Waiting(
        filing=filing,
        timeliness=timeliness_of(filing, extension, at),
        due_at=effective_due(filing.period.due_at, extension.until if extension else None),
        entries=len(entries),
        undecided=sum(entry.decision == open_ones for entry in entries),
        explained=sum(bool(entry.explanation) for entry in entries),
        changed=changed,
        asked=asked,
        actions=frozenset(action.pk for entry in entries if (action := _action_of(entry)) is not None),
        waited=at - _since(filing, at),
        is_slow=is_slow(filing, at),
        panel=panel,
        person=person,
    )


def _action_of(entry: Entry) -> SpecialAction | None:
    """The special action an entry belongs to; readings belong to none."""
    if entry.responsibility:
        return entry.responsibility.task.action
    return entry.milestone.task.action if entry.milestone else entry.action


def actions_of(plan_ids: Iterable[int]) -> list[SpecialAction]:
    """The actions of the plans whose filings wait, in their order."""
    return list(SpecialAction.objects.filter(plan__in=set(plan_ids)).order_by("plan_id", "no"))


def _since(filing: Filing, at: datetime) -> datetime:
    """Since when it waits at its level: passed on to the second one, or sent."""
    return filing.passed_on_at or filing.submitted_at or at


def is_slow(filing: Filing, at: datetime) -> bool:
    """Whether a filing has waited for review at its level longer than it should."""
    return at - _since(filing, at) > SLOW


# Periods


@dataclass(frozen=True)
class PeriodRow:
    """One period with its window and how far it has come, in filings and in entries."""

    period: Period
    state: str
    state_label: str
    owed: int
    sent: int
    accepted: int
    entries: int
    entries_accepted: int
    extensions: int
    exempt: int


#: Where a period stands: key (as in the state tag's words) and what people read.
PERIOD_STATES = {
    "planned": "未到开放时间",
    "open": "开放填报",
    "due": "已过截止，可补报",
    "closed": "填报已关闭",
    "published": "已关账",
}


def period_state(period: Period, at: datetime) -> str:
    """The key of where a period stands at a moment."""
    if period.closed_at:
        return "published"
    if period.opened_at is None or at < period.opens_at:
        return "planned"
    if at <= period.due_at:
        return "open"
    return "due" if at <= period.closes_at else "closed"


def period_rows(plan: Plan, *, user: User, at: datetime) -> list[PeriodRow]:
    """Every period of a plan, newest first. Five queries, however long the history."""
    periods = list(Period.objects.visible_to(user).filter(plan=plan).order_by("-year", "-quarter"))
    filings = _counted(
        Filing.objects.owing().filter(period__plan=plan),
        "period_id",
        sent=Q(first_submitted_at__isnull=False),
        accepted=Q(status=Status.ACCEPTED),
    )
    entries = _counted(
        Entry.objects.filter(filing__period__plan=plan, filing__exemption=None),
        "filing__period_id",
        accepted=Q(decision=Decision.ACCEPTED),
    )
    extensions = _counted(Extension.objects.filter(period__plan=plan), "period_id")
    exempt = _counted(Filing.objects.filter(period__plan=plan).exclude(exemption=None), "period_id")
    none: dict[str, int] = {}
    return [
        PeriodRow(
            period=period,
            state=(state := period_state(period, at)),
            state_label=PERIOD_STATES[state],
            owed=filings.get(period.pk, none).get("all", 0),
            sent=filings.get(period.pk, none).get("sent", 0),
            accepted=filings.get(period.pk, none).get("accepted", 0),
            entries=entries.get(period.pk, none).get("all", 0),
            entries_accepted=entries.get(period.pk, none).get("accepted", 0),
            extensions=extensions.get(period.pk, none).get("all", 0),
            exempt=exempt.get(period.pk, none).get("all", 0),
        )
        for period in periods
    ]


def _counted(rows: QuerySet[Any], key: str, **parts: Q) -> dict[int, dict[str, int]]:
    """Numbers of rows by period id: all of them, and those each of `parts` names."""
    counts = {name: Count("pk", filter=condition) for name, condition in parts.items()}
    found = rows.order_by().values(key).annotate(all=Count("pk"), **counts)
    return {row.pop(key): row for row in found}


def extensions_recorded(period: Period) -> QuerySet[Extension]:
    """Every extension of a period, newest first."""
    recorded = Extension.objects.filter(period=period).select_related("department", "recorded_by")
    return recorded.order_by("-recorded_at", "-id")


def next_quarter(plan: Plan, rows: Sequence[PeriodRow]) -> Quarter | None:
    """The quarter after the newest period, the plan's first one if there is none; None at the plan's end."""
    coming = Quarter(plan.years[0], 1)
    if rows:
        newest = max((row.period for row in rows), key=lambda period: period.last_day)
        coming = Quarter(newest.year, newest.quarter).shifted(1)
    return coming if coming.year in plan.years else None

"""Countersigning as pages show it: what waits for a department's word, and what the departments said of an entry."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import User
from accounts.roles import Role
from departments.models import Department
from filings.labels import label, written
from filings.models import Countersignature, Entry, EntryVersion, Period
from filings.services.joint import open_for_signing, shut_sentence, versions_asked
from filings.terms import Consent, EntryKind

#: Where one department's word stands, as people read it; the ones that need a look come first.
STATES = {
    "contested": Consent.CONTESTED.label,
    "missing": "逾期未会签",
    "amended": Consent.AMENDED.label,
    "waiting": "待会签",
    "confirmed": Consent.CONFIRMED.label,
    "not_asked": "会签截止后报送，不会签",
}
#: What a lead's entry says, in the order it is read before countersigning.
SHOWN = ("percent", "self_light", "pace", "nothing_reason", "text", "problems", "cause", "coordination", "next_steps",
         "next_on")  # fmt: skip


@dataclass(frozen=True)
class Word:
    """Where one department stands towards one entry. `signature` is its last word, perhaps on an earlier version."""

    department: Department
    state: str
    signature: Countersignature | None

    @property
    def label(self) -> str:
        return STATES[self.state]

    @property
    def is_current(self) -> bool:
        """Whether the last word is on the words sent last."""
        return self.state in Consent.values

    @property
    def is_notable(self) -> bool:
        """Contested, also before the last change, or missing."""
        contested = self.signature is not None and self.signature.consent == Consent.CONTESTED
        return self.state == "missing" or contested


@dataclass(frozen=True)
class Countersigned:
    """What the cooperating departments say of one lead's entry, in the order of the table; empty before it is sent."""

    entry: Entry
    version: EntryVersion | None
    words: list[Word]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many stand where, in words; states nobody is in are left out."""
        found = Counter(word.state for word in self.words)
        return [(STATES[key], found[key]) for key in STATES if found[key]]

    @property
    def notable(self) -> list[Word]:
        return [word for word in self.words if word.is_notable]

    @property
    def said(self) -> list[Word]:
        """Words with something in them: amendments and contests."""
        return [word for word in self.words if word.signature and word.signature.text]


def countersigned(
    entries: Iterable[Entry], at: datetime, before: datetime | None = None
) -> dict[int, Countersigned]:
    """By id of the progress entries of one period whose filing and period are at hand. Three queries.

    Empty in a period without countersigning; the other kinds of entry are left out. With `before` what was asked and
    said before that moment.
    """
    led = [e for e in entries if e.kind == EntryKind.PROGRESS and e.filing.period.countersign_by]
    if not led:
        return {}
    period = led[0].filing.period
    asked = departments_asked(period, [entry.responsibility.task_id for entry in led if entry.responsibility])
    versions = versions_asked(led, before)
    last: dict[tuple[int, int], Countersignature] = {}
    signatures = Countersignature.objects.filter(entry__in=led).select_related("by").order_by("id")
    if before:
        signatures = signatures.filter(at__lt=before)
    for signature in signatures:
        last[signature.entry_id, signature.department_id] = signature
    found = {}
    for entry in led:
        version = versions.get(entry.pk)
        departments = asked.get(entry.responsibility.task_id if entry.responsibility else 0, [])
        found[entry.pk] = Countersigned(
            entry,
            version,
            [
                Word(department, _state(version, last.get((entry.pk, department.pk)), period, at), last.get((entry.pk, department.pk)))
                for department in departments
                if version and department.pk != entry.filing.department_id
            ],
        )  # fmt: skip
    return found


def _state(
    version: EntryVersion | None, signature: Countersignature | None, period: Period, at: datetime
) -> str:
    if version is None:
        return "waiting"
    if signature and signature.version_no == version.no:
        return signature.consent
    assert period.countersign_by is not None
    if version.at > period.countersign_by:
        return "not_asked"
    return "missing" if shut_sentence(period, at) else "waiting"


def departments_asked(period: Period, tasks: Collection[int]) -> dict[int, list[Department]]:
    """Who files a contribution to each task in a period, each once, in the order of the table. One query."""
    rows = (
        Entry.objects.filter(
            kind=EntryKind.CONTRIBUTION,
            filing__period=period,
            filing__exemption=None,
            responsibility__task__in=tasks,
        )
        .select_related("filing__department", "responsibility")
        .order_by("responsibility__order", "id")
    )
    found: dict[int, list[Department]] = defaultdict(list)
    for row in rows:
        if row.responsibility and row.filing.department not in found[row.responsibility.task_id]:
            found[row.responsibility.task_id].append(row.filing.department)
    return found


# What waits for a department


def waiting_for(departments: Collection[int], at: datetime) -> QuerySet[Entry]:
    """The departments' contributions whose task's lead has sent words that they have not countersigned yet."""
    signed = Countersignature.objects.filter(
        entry=OuterRef("pk"),
        department=OuterRef(OuterRef("filing__department")),
        version_no=OuterRef("last_no"),
    )
    return _contributions(departments, at).filter(Exists(_leads().filter(~Exists(signed))))


def _contributions(departments: Collection[int], at: datetime) -> QuerySet[Entry]:
    return Entry.objects.filter(
        open_for_signing(at),
        kind=EntryKind.CONTRIBUTION,
        filing__department__in=departments,
        filing__exemption=None,
    )


def _leads() -> QuerySet[Entry]:
    """Sent progress entries of the outer contribution's task and period, of another department; `last_no` is the version."""
    sent = EntryVersion.objects.filter(entry=OuterRef("pk"), correction_reason="").order_by("-no")
    return (
        Entry.objects.filter(
            kind=EntryKind.PROGRESS,
            filing__period=OuterRef("filing__period"),
            responsibility__task=OuterRef("responsibility__task"),
        )
        .exclude(filing__department=OuterRef("filing__department"))
        .annotate(last_no=Subquery(sent.values("no")[:1]))
        .exclude(last_no=None)
        .order_by()
    )


def count_waiting(user: User, at: datetime) -> int:
    """How many entries wait for the word of a person's departments. One query, none for whoever countersigns nothing."""
    departments = user.departments_as(Role.FILER, Role.APPROVER)
    if not departments:
        return 0
    waiting = waiting_for(departments, at).order_by()
    return waiting.values("filing", "responsibility__task").distinct().count()


@dataclass(frozen=True)
class Item:
    """One lead's entry before one department: what was sent, the department's own contribution, its last word."""

    entry: Entry
    version: EntryVersion
    department: Department
    word: Word
    shown: list[tuple[str, str]]
    own: str

    @property
    def key(self) -> str:
        """What a ticked box hands in."""
        return f"{self.entry.pk}-{self.version.no}"

    @property
    def is_again(self) -> bool:
        """The lead changed its words after the department's last one."""
        return self.word.signature is not None and not self.word.is_current


@dataclass(frozen=True)
class Desk:
    """One department's countersigning in one period: what waits, and what was said and may still be changed."""

    department: Department
    period: Period
    waiting: list[Item]
    signed: list[Item]
    unsent: int


def desks(user: User, at: datetime) -> list[Desk]:
    """What a person's departments are asked now, by period and department. The queries grow with periods only."""
    departments = user.departments_as(Role.FILER, Role.APPROVER)
    rows = (
        _contributions(departments, at)
        .select_related("filing__period__plan__office", "filing__department", "responsibility")
        .order_by("-filing__period__year", "-filing__period__quarter", "filing__department__order", "position", "id")
    )  # fmt: skip
    by_period: dict[Period, list[Entry]] = defaultdict(list)
    for row in rows:
        by_period[row.filing.period].append(row)
    return [desk for period, own in by_period.items() for desk in _desks_of(period, own, at)]


def _desks_of(period: Period, own: list[Entry], at: datetime) -> list[Desk]:
    leads = _leads_of(period, own)
    signed = countersigned(leads.values(), at)
    mine: dict[Department, dict[int, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for row in own:
        if row.responsibility:
            mine[row.filing.department][row.responsibility.task_id].append(row)
    return [
        _desk(period, department, {t: (rows, leads[t]) for t, rows in tasks.items() if t in leads}, signed)
        for department, tasks in mine.items()
    ]


def _leads_of(period: Period, own: Iterable[Entry]) -> dict[int, Entry]:
    """The lead's progress entry of each task the contributions belong to, by task id."""
    tasks = [row.responsibility.task_id for row in own if row.responsibility]
    entries = Entry.objects.for_page().filter(
        kind=EntryKind.PROGRESS, filing__period=period, responsibility__task__in=tasks
    )
    found = {}
    for entry in entries.select_related("filing__period__plan__office"):
        if entry.responsibility:
            found[entry.responsibility.task_id] = entry
    return found


def _desk(
    period: Period,
    department: Department,
    tasks: Mapping[int, tuple[list[Entry], Entry]],
    signed: Mapping[int, Countersigned],
) -> Desk:
    items, unsent = [], 0
    for own, lead in tasks.values():
        found = signed[lead.pk]
        word = next((word for word in found.words if word.department == department), None)
        if lead.filing.department_id == department.pk:
            continue
        if found.version is None or word is None:
            unsent += 1
            continue
        items.append(
            Item(
                entry=lead,
                version=found.version,
                department=department,
                word=word,
                shown=_shown(lead, found.version),
                own="\n".join(entry.text or entry.nothing_reason for entry in own).strip(),
            )
        )
    return Desk(
        department,
        period,
        waiting=[item for item in items if not item.word.is_current],
        signed=[item for item in items if item.word.is_current],
        unsent=unsent,
    )


def _shown(entry: Entry, version: EntryVersion) -> list[tuple[str, str]]:
    """The fields of a version with something in them: label and text."""
    pairs = [(label(entry, name), written(entry, name, version.content.get(name))) for name in SHOWN]
    return [(name, text) for name, text in pairs if text]


# What the office sees


@dataclass(frozen=True)
class Line:
    """One department's word on one entry, for the office's list."""

    entry: Entry
    word: Word


@dataclass(frozen=True)
class Overview:
    """A period's countersigning. `lines` are those of the state chosen, `counts` everything."""

    period: Period
    counts: list[tuple[str, str, int]]
    lines: list[Line]
    unsent: int


def overview(period: Period, *, show: str, at: datetime) -> Overview:
    """Every asked word of a period; `show` is a key of STATES, or empty for what needs a look. Four queries."""
    entries = list(
        Entry.objects.for_page().filter(
            kind=EntryKind.PROGRESS, filing__period=period, filing__exemption=None
        )
    )
    for entry in entries:
        entry.filing.period = period
    found = countersigned(entries, at)
    lines = [Line(entry, word) for entry in entries if entry.pk in found for word in found[entry.pk].words]
    counts = Counter(line.word.state for line in lines)
    order = list(STATES)
    wanted = [line for line in lines if (line.word.state == show if show in STATES else line.word.is_notable)]
    wanted.sort(key=lambda line: order.index(line.word.state))
    return Overview(
        period=period,
        counts=[(key, name, counts[key]) for key, name in STATES.items()],
        lines=wanted,
        unsent=sum(1 for each in found.values() if each.version is None),
    )

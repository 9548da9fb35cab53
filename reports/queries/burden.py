"""The burden meter: what one quarter's filing asked of each department, and what each field is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Field

from filings.forms.entry import field_names
from filings.labels import label
from filings.models import Entry, Filing, Period
from filings.models.entry import FIELDS
from filings.services.entries import previous_entries
from filings.terms import EntryKind

#: Asked only where a warning is to be explained, so it is no burden of the form.
_NOT_COUNTED = "explanation"


@dataclass(frozen=True)
class Use:
    """One place that reads a field: what people call it, and the file that does."""

    name: str
    file: str


_FIGURES = Use("任务亮灯、行动完成比例、年度考核", "reports/services/gather.py")
_TASK_PAGE = Use("任务页、行动页", "templates/reports/_said.html")
_QUOTED = Use("季度通报（存在问题与需协调事项）", "reports/bulletin/known.py")
_MILESTONES = Use("节点亮灯、节点一览", "reports/services/gather.py")
_READINGS = Use("指标亮灯、指标走势、年度考核", "filings/services/readings.py")
_REVIEW = Use("只供审核", "filings/models/entry.py")

#: What reads each field. A field that only the review reads is asked for nothing else.
USES: Mapping[str, tuple[Use, ...]] = {
    "percent": (_FIGURES,),
    "percent_reason": (_REVIEW,),
    "self_light": (_REVIEW,),
    "pace": (_REVIEW,),
    "text": (_TASK_PAGE,),
    "nothing_reason": (_TASK_PAGE,),
    "problems": (_TASK_PAGE, _QUOTED),
    "cause": (_TASK_PAGE,),
    "coordination": (_TASK_PAGE, _QUOTED),
    "next_steps": (_TASK_PAGE,),
    "next_on": (_TASK_PAGE,),
    "milestone_state": (_MILESTONES,),
    "done_on": (_MILESTONES,),
    "value_state": (_READINGS,),
    "value": (_READINGS,),
    "numerator": (_READINGS,),
    "denominator": (_READINGS,),
    "explanation": (_REVIEW,),
}


@dataclass(frozen=True)
class FieldUse:
    """One field of the form: in which kinds of entry it is asked, and what reads it."""

    name: str
    kinds: str
    uses: tuple[Use, ...]

    @property
    def is_for_review_only(self) -> bool:
        return self.uses == (_REVIEW,)


def uses() -> list[FieldUse]:
    """Every field of every kind of entry, in the order of the forms, once."""
    kinds: dict[str, list[EntryKind]] = {}
    for kind, fields in FIELDS.items():
        for name in fields:
            kinds.setdefault(name, []).append(EntryKind(kind))
    return [
        FieldUse(
            name=_name(name, asking),
            kinds="、".join(kind.label for kind in asking),
            uses=USES[name],
        )
        for name, asking in kinds.items()
    ]


def _name(field: str, kinds: Sequence[EntryKind]) -> str:
    """What the form calls a field; one that several kinds call differently goes by the name of its column."""
    names = {label(Entry(kind=kind), field) for kind in kinds}
    return names.pop() if len(names) == 1 else str(_column(field).verbose_name)


def _column(name: str) -> Field[Any, Any]:
    return next(column for column in Entry._meta.fields if column.name == name)


@dataclass(frozen=True)
class Load:
    """One department's quarter, in fields of its forms.

    `asked` of them; `known` where last quarter's value stands beside; `copied` taken over unchanged from there;
    `changed` written anew or otherwise than last quarter. `took` is from first opening to first sending, None
    until both have happened.
    """

    filing: Filing
    entries: int
    asked: int
    known: int
    copied: int
    changed: int
    took: timedelta | None


@dataclass(frozen=True)
class Burden:
    """Every department's load, and all of them together."""

    loads: list[Load]

    @property
    def asked(self) -> int:
        return sum(load.asked for load in self.loads)

    @property
    def known(self) -> int:
        return sum(load.known for load in self.loads)

    @property
    def copied(self) -> int:
        return sum(load.copied for load in self.loads)

    @property
    def changed(self) -> int:
        return sum(load.changed for load in self.loads)

    @property
    def middle(self) -> timedelta | None:
        """The median time from opening to sending, the lower one of two; None while nobody has sent anything."""
        known = sorted(load.took for load in self.loads if load.took is not None)
        return known[(len(known) - 1) // 2] if known else None


def burden(period: Period) -> Burden:
    """What this period asked. Three queries: filings, entries, and the entries of the quarter before."""
    filings = list(
        Filing.objects.owing()
        .filter(period=period)
        .select_related("department")
        .order_by("department__order", "department_id")
    )
    entries = list(Entry.objects.filter(filing__in=filings).for_page())
    previous = previous_entries(entries, period)
    of_filing: dict[int, list[Entry]] = {}
    for entry in entries:
        of_filing.setdefault(entry.filing_id, []).append(entry)
    return Burden([_load(filing, of_filing.get(filing.pk, []), previous) for filing in filings])


def _load(filing: Filing, entries: Sequence[Entry], previous: Mapping[int, Entry]) -> Load:
    fields = [(entry, name) for entry in entries for name in field_names(entry) if name != _NOT_COUNTED]
    return Load(
        filing=filing,
        entries=len(entries),
        asked=len(fields),
        known=sum(_is_known(previous.get(entry.pk), name) for entry, name in fields),
        copied=sum(len(entry.copied) for entry in entries),
        changed=sum(_is_changed(entry, previous.get(entry.pk), name) for entry, name in fields),
        took=_took(filing.begun_at, filing.first_submitted_at),
    )


def _is_known(before: Entry | None, name: str) -> bool:
    return bool(before and before.filing.first_submitted_at and getattr(before, name) not in (None, ""))


def _is_changed(entry: Entry, before: Entry | None, name: str) -> bool:
    value = getattr(entry, name)
    return value not in (None, "") and (before is None or getattr(before, name) != value)


def _took(begun_at: datetime | None, sent_at: datetime | None) -> timedelta | None:
    return sent_at - begun_at if begun_at and sent_at and sent_at >= begun_at else None

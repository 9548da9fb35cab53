"""Writing one entry, and judging whether it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q, prefetch_related_objects

from accounts.models import User
from accounts.roles import Role
from filings.checks import Around, check
from filings.errors import AlreadyMoved, Problem, Refused
from filings.models import Entry, EntryVersion, Filing, Period
from filings.models.entry import FILES, SUBJECTS, WORDS
from filings.rules import is_open_entry
from filings.services import crosschecks, items
from filings.services.access import need_role, need_window, need_writable
from filings.signals import announce
from filings.terms import Decision, EntryKind, Status, ValueState
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local
from targets.measure.numbers import shortened
from targets.models import Indicator

#: What is quoted back of a text that is no value.
QUOTED = 20
#: Values have fourteen digits before the point.
LARGEST = Decimal(10) ** 14


@transaction.atomic
def save_entry(
    *,
    entry: Entry,
    values: Mapping[str, Any],
    unparsed: Mapping[str, str],
    version: int,
    by: User,
    at: datetime,
) -> Entry:
    """Keep a draft of one entry: typed values into their columns, text that is no value into `unparsed`.

    `version` is the one the writer saw. Raises Refused (permission, status or window) and AlreadyMoved when
    somebody else saved in between; then nothing is written, nor when nothing has changed. Who sends what stands there
    already, whoever saved it, is not refused: so a save whose answer got lost can be sent again.
    """
    filing, entry = hold(entry, by=by, at=at)
    before = content(entry), entry.unparsed
    own, unread = items.is_own_percent(entry), items.kept_unread(entry, values)
    write(entry, values, {**unread, **unparsed})
    items.put(entry, values, was_own=own)
    previous = previous_entries([entry], filing.period)
    _follow(entry, previous.get(entry.pk))
    if (content(entry), entry.unparsed) == before:  # a returned entry is not mended by saving it as it was
        return entry
    if entry.version != version:
        raise AlreadyMoved(_who_saved(entry))
    entry.version, entry.edited_by, entry.edited_at = version + 1, by, at
    entry.is_complete = not entry.unparsed and not problems_of([entry], previous)[entry.pk]
    entry.save(
        update_fields=[
            *entry.fields, "copied", "unparsed", "is_complete", "version", "edited_by", "edited_at"
        ]
    )  # fmt: skip
    items.save_rows(entry)
    note_filler(filing, by)
    return entry


def hold(entry: Entry, *, by: User, at: datetime) -> tuple[Filing, Entry]:
    """The filing, locked for this transaction, and the entry as it stands, for somebody who may write it now.

    Raises Refused, naming which of permission, status or window refuses.
    """
    filing = _locked(entry.filing_id)
    need_role(filing, by, Role.FILER)
    need_writable(filing)
    need_window(filing, at)
    entry = Entry.objects.for_page().select_related("edited_by").get(pk=entry.pk)
    if not is_open_entry(Status(filing.status), Decision(entry.decision)):
        raise Refused(
            "status",
            f"{zh.quoted(entry.title)}已被采纳，不能再改。确需更正请联系{filing.period.plan.office}退回本项。",
        )
    return filing, entry


def note_filler(filing: Filing, by: User) -> None:
    """Who wrote last is the filing's filer."""
    if filing.filled_by_id != by.pk:
        Filing.objects.filter(pk=filing.pk).update(filled_by=by)


def begin(*, filing: Filing, at: datetime) -> None:
    """Stamp the first opening of the desk by a filer who may write; later ones change nothing."""
    if filing.begun_at is None:
        Filing.objects.filter(pk=filing.pk, begun_at=None).update(begun_at=at)


def _follow(entry: Entry, previous: Entry | None) -> None:
    """What the system fills in: which texts are last quarter's, and an unchanged percent where nothing was done."""
    sent = previous if previous and previous.filing.first_submitted_at else None
    if entry.kind == EntryKind.PROGRESS and entry.nothing_reason:
        items.carry(entry, sent)
    if entry.kind == EntryKind.PROGRESS and entry.nothing_reason and "percent" not in entry.unparsed:
        same_year = sent is not None and entry.filing.period.quarter > 1
        if entry.percent is None and sent and same_year:
            entry.percent = sent.percent
    entry.copied = copied(entry, sent)


def copied(entry: Entry, sent: Entry | None) -> list[str]:
    """The columns of running text that say exactly what last quarter's entry said."""
    if sent is None:
        return []
    return [
        name
        for name in entry.fields
        if name in WORDS
        and getattr(entry, name).strip()
        and getattr(entry, name).strip() == getattr(sent, name).strip()
    ]


def _locked(pk: int) -> Filing:
    related = ("period__plan__office", "department")
    return Filing.objects.select_for_update(of=("self",)).select_related(*related).get(pk=pk)


def _who_saved(entry: Entry) -> str:
    if entry.edited_at is None:
        return f"{zh.quoted(entry.title)}的页面已过时，请刷新后再填。"
    when = f"{local(entry.edited_at):%m-%d %H:%M}"
    return f"{zh.quoted(entry.title)}已由{entry.edited_by}于 {when} 保存过新内容，您的内容还没有保存。"


def write(entry: Entry, values: Mapping[str, Any], unparsed: Mapping[str, str]) -> None:
    """Set the columns of an entry's kind; a rate's value follows from its parts, in per cent where the unit is %."""
    for name in entry.fields:
        setattr(entry, name, values.get(name, getattr(entry, name)))
    entry.unparsed = dict(unparsed)
    if entry.kind == EntryKind.READING:
        if entry.value_state != ValueState.VALUE:
            entry.value = entry.numerator = entry.denominator = None
        elif entry.indicator and entry.indicator.in_parts:
            entry.value = ratio(entry.numerator, entry.denominator, entry.indicator)


def ratio(numerator: Decimal | None, denominator: Decimal | None, indicator: Indicator) -> Decimal | None:
    """Numerator ÷ denominator to four places, × 100 where the unit is %.

    None unless both are there, and when it does not exist or is too large for its column.
    """
    if numerator is None or denominator is None or denominator <= 0:
        return None
    scale = 100 if indicator.unit == "%" else 1
    quotient = numerator * scale / denominator
    return quotient.quantize(Decimal("0.0001"), ROUND_HALF_UP) if abs(quotient) < LARGEST else None


def content(entry: Entry) -> dict[str, Any]:
    """What people wrote, as JSON-ready text: decimals and dates as strings, for versions and comparisons.

    Files stand under "evidence", each by name and digest, work items under "items", each by id, measure and percent;
    a key is missing while there is none.
    """
    written = {name: _plain(getattr(entry, name)) for name in entry.fields}
    if rows := items.content_rows(entry):
        written |= {"items": rows}
    files = [{"name": f.evidence.name, "sha256": f.evidence.sha256} for f in entry.files]
    return written | {"evidence": files} if files else written


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, date) else value


def previous_entries(entries: Iterable[Entry], period: Period) -> dict[int, Entry]:
    """The same obligations one quarter earlier, by the id of today's entry; whatever department filed them."""
    year, quarter = (period.year, period.quarter - 1) if period.quarter > 1 else (period.year - 1, 4)
    return _same_obligations(entries, period, year, quarter)


def year_ago_entries(entries: Iterable[Entry], period: Period) -> dict[int, Entry]:
    """The same obligations in the same quarter of last year, by the id of today's entry."""
    return _same_obligations(entries, period, period.year - 1, period.quarter)


def _same_obligations(entries: Iterable[Entry], period: Period, year: int, quarter: int) -> dict[int, Entry]:
    entries = list(entries)
    same_subject = Q()
    for column in set(SUBJECTS.values()):
        ids = {getattr(entry, f"{column}_id") for entry in entries} - {None}
        same_subject |= Q(**{f"{column}_id__in": ids})
    earlier = Entry.objects.filter(
        same_subject,
        filing__period__plan=period.plan_id,
        filing__period__year=year,
        filing__period__quarter=quarter,
    ).select_related("indicator", "filing__period", "filing__department")
    by_key = {_key(entry): entry for entry in items.with_rows(earlier)}
    return {entry.pk: by_key[_key(entry)] for entry in entries if _key(entry) in by_key}


def _key(entry: Entry) -> tuple[str, int | None, int | None]:
    department = entry.filing.department_id if entry.kind == EntryKind.SUMMARY else None
    return entry.kind, getattr(entry, f"{SUBJECTS[EntryKind(entry.kind)]}_id"), department


def around(entry: Entry, period: Period, previous: Entry | None) -> Around:
    """What the checks know beside an entry; an earlier one counts once it was sent."""
    indicator = entry.indicator
    if previous and previous.filing.first_submitted_at is None:
        previous = None
    return Around(
        last_day=period.last_day,
        expected=items.due_percent(entry, period),
        previous={name: getattr(previous, name) for name in previous.fields} if previous else None,
        same_year=period.quarter > 1,
        in_parts=bool(indicator and indicator.in_parts),
        is_share=bool(indicator and indicator.unit == "%"),
        accumulation=indicator.accumulation if indicator else "",
        due_on=entry.milestone.due_on if entry.milestone else None,
        begins_on=period.plan.starts_on,
        files=len(entry.files),
        items=items.asked(entry),
        done=items.done(entry),
        done_before=items.done(previous),
        crossed=crosschecks.problems_on(entry),
        set_kinds=crosschecks.kinds_on(entry),
    )


def problems_of(
    entries: Iterable[Entry], earlier: Mapping[int, Entry] | None = None
) -> dict[int, list[Problem]]:
    """What each entry of one filing still lacks, by id; an entry without problems has an empty list.

    A returned entry lacks its mending until it is saved again; that problem belongs to no field ("").

    `earlier` is what `previous_entries` gives for them; without it, one query fetches it. Files take another one, and the office's
    cross-checks what `crosschecks.attach` says.
    """
    entries = list(entries)
    if not entries:
        return {}
    period = entries[0].filing.period
    if earlier is None:
        earlier = previous_entries(entries, period)
    prefetch_related_objects(entries, *FILES)
    items.attach(entries)
    crosschecks.attach(entries)
    return {entry.pk: _problems(entry, period, earlier.get(entry.pk)) for entry in entries}


def is_untouched_return(entry: Entry) -> bool:
    """Whether an entry was returned or sent back and nobody has saved it since."""
    if entry.decision not in (Decision.RETURNED, Decision.SENT_BACK):
        return False
    return entry.edited_at is None or entry.decided_at is None or entry.edited_at < entry.decided_at


def _problems(entry: Entry, period: Period, previous: Entry | None) -> list[Problem]:
    if is_untouched_return(entry):
        return [Problem("", "退回后还没有修改，请按意见改正；认为无须修改的，在提醒说明中写明理由。")]
    unread = [
        Problem(name, f"“{shortened(text, QUOTED)}”不能采用，请按该栏的提示改正后保存。")
        for name, text in entry.unparsed.items()
    ]
    values = {name: getattr(entry, name) for name in entry.fields}
    known = check(entry.kind, values, around(entry, period, previous))
    return unread + [problem for problem in known if problem.field not in entry.unparsed]


def keep_versions(entries: Iterable[Entry], *, by: User, at: datetime) -> None:
    """Keep each entry as it is sent now, unless it is exactly as it was sent last."""
    entries = list(entries)
    prefetch_related_objects(entries, *FILES, "item_progress")
    latest = EntryVersion.objects.filter(entry__in=entries).newest()
    fresh = []
    for entry in entries:
        last, now = latest.get(entry.pk), content(entry)
        if last is None or last.content != now:
            fresh.append(EntryVersion(entry=entry, no=last.no + 1 if last else 1, content=now, by=by, at=at))
    EntryVersion.objects.bulk_create(fresh)


def blocking(entry: Entry) -> list[Problem]:
    """What forbids an entry to say what it says now, whatever is explained; nothing is compared with other values.

    A correction and a verified value come with their own grounds: what a cross-check finds then is the office's to settle.
    """
    entry.crossing = None
    return [p for p in _problems(entry, entry.filing.period, None) if not p.is_warning]


@transaction.atomic
def correct_entry(*, entry: Entry, values: Mapping[str, Any], reason: str, by: User, at: datetime) -> Entry:
    """Change an accepted entry after its period closed: a version of its own with before, after and reason.

    The caller has checked who may; the publication of the next version is the caller's too.
    """
    entry = Entry.objects.select_for_update(of=("self",)).for_page().get(pk=entry.pk)
    if entry.decision != Decision.ACCEPTED or entry.filing.period.closed_at is None:
        raise Refused("status", "只有关账后的已采纳填报项可以更正；关账前请用退回。")
    if not reason.strip():
        raise Refused("content", "请写明更正理由。")
    keep_versions([entry], by=by, at=at)
    own = items.is_own_percent(entry)
    write(entry, values, {})
    items.put(entry, values, was_own=own)
    if problems := blocking(entry):
        raise Refused("content", problems[0].sentence)
    entry.version += 1
    entry.save(update_fields=[*entry.fields, "unparsed", "version"])
    items.save_rows(entry)
    number = entry.versions.count() + 1
    EntryVersion.objects.create(
        entry=entry, no=number, content=content(entry), by=by, at=at, correction_reason=reason
    )
    entry.filing.moves.create(entry=entry, verb="correct", by=by, at=at, note=reason)
    announce(entry.filing.period_id)
    return entry

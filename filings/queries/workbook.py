"""A returned workbook beside its filing: what was downloaded, what stands now, what was typed, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Membership
from accounts.roles import Role
from filings.forms.entry import EntryForm
from filings.models import Entry, Filing, WorkbookUpload
from filings.queries.rows import Row, Sheet, sheet_of
from filings.rules import WRITABLE
from filings.services.entries import problems_of, write
from filings.services.items import PREFIX, is_own_percent, put
from filings.terms import Decision, EntryKind
from filings.workbook.compare import Change, Side, change, merged, row_change
from filings.workbook.fields import BadCell, Spec, canonical, said, specs, typed
from filings.workbook.layout import ITEM
from filings.workbook.mark import Wrong
from filings.workbook.read import Found, ReadRow, read
from filings.workbook.rows import still_unread

MERGED = "这一格与别的格合并了，请取消合并后分别填写。"


@dataclass(frozen=True)
class FieldSeen:
    """One field in three ways, as people read it; `problem` says why what was typed cannot be taken."""

    name: str
    label: str
    downloaded: str
    now: str
    typed: str
    change: Change
    problem: str = ""
    item: int | None = None


@dataclass(frozen=True)
class RowSeen:
    """One entry of the workbook. `texts` are what was typed, as the form has it; `hints` say what is still missing."""

    entry: Entry
    kind: EntryKind
    number: int
    fields: list[FieldSeen]
    problems: list[str]
    hints: list[str]
    has_touched_locked: bool
    downloaded: Mapping[str, str]
    now: Mapping[str, str]
    texts: Mapping[str, str]

    @property
    def change(self) -> Change:
        return row_change(seen.change for seen in self.fields)

    @property
    def is_wrong(self) -> bool:
        return bool(self.problems) or any(seen.problem for seen in self.fields)

    @property
    def is_applicable(self) -> bool:
        """Whether it has something to write and nothing is wrong with it."""
        return not self.is_wrong and self.change in (Change.MINE, Change.BOTH)

    @property
    def is_conflict(self) -> bool:
        return self.change == Change.BOTH

    @property
    def is_quiet(self) -> bool:
        """Nothing to show: as downloaded, and as it stands now."""
        return not self.is_wrong and self.change == Change.NONE

    @property
    def shown(self) -> list[FieldSeen]:
        """The fields that differ or are wrong."""
        return [seen for seen in self.fields if seen.change != Change.NONE or seen.problem]

    def merged(self, side: Side) -> dict[str, str]:
        """The texts the entry would have; `side` decides where both changed."""
        return merged(self.downloaded, self.now, self.texts, side)

    @property
    def wrongs(self) -> dict[tuple[int, int | None], Wrong]:
        """As it is written into the returned workbook: by the rows of the entry and of its work items."""
        rows: dict[int | None, dict[str, tuple[str, str]]] = {None: {}}
        for seen in self.fields:
            if seen.problem:
                name = seen.name if seen.item is None else ITEM
                rows.setdefault(seen.item, {})[name] = (seen.label, seen.problem)
        return {
            (self.entry.pk, item): Wrong(cells, self.problems if item is None else ())
            for item, cells in rows.items()
        }


@dataclass(frozen=True)
class Preview:
    """What applying a workbook would do. `refusal` says why nothing of it can be written now; empty if it can."""

    upload: WorkbookUpload
    sheet: Sheet
    rows: list[RowSeen]
    problems: list[str]
    notes: list[str]
    refusal: str
    found: Found = field(repr=False)

    @property
    def filing(self) -> Filing:
        return self.sheet.filing

    @property
    def shown(self) -> list[RowSeen]:
        """Rows worth looking at, wrong ones first, then conflicts."""
        rows = [row for row in self.rows if not row.is_quiet]
        return sorted(rows, key=lambda row: (not row.is_wrong, not row.is_conflict, not row.is_applicable))

    @property
    def applicable(self) -> list[RowSeen]:
        return [row for row in self.rows if row.is_applicable]

    @property
    def conflicts(self) -> list[RowSeen]:
        return [row for row in self.applicable if row.is_conflict]

    @property
    def wrong(self) -> list[RowSeen]:
        return [row for row in self.rows if row.is_wrong]

    @property
    def only_system(self) -> list[RowSeen]:
        """Changed by somebody in the system since the download, not by the workbook."""
        return [row for row in self.rows if not row.is_wrong and row.change == Change.THEIRS]

    @property
    def quiet(self) -> int:
        return sum(row.is_quiet for row in self.rows)

    @property
    def has_errors(self) -> bool:
        """Whether a returned workbook would say anything."""
        return bool(self.wrong or self.problems)

    @property
    def is_open(self) -> bool:
        """Whether rows can be written now."""
        return not self.refusal and self.upload.applied_at is None


def content_of(upload: WorkbookUpload) -> bytes:
    """The bytes of an upload as they were kept."""
    with upload.file.open("rb") as kept:
        return bytes(kept.read())


def preview(upload: WorkbookUpload, filing: Filing, refusal: str, at: datetime) -> Preview:
    """The three ways of every row; the filing's period, plan and office are at hand. Raises BadFile as `read` does."""
    return compared(upload, read(upload.name, content_of(upload)), filing, refusal, at)


def compared(upload: WorkbookUpload, found: Found, filing: Filing, refusal: str, at: datetime) -> Preview:
    """`preview` of a workbook that has been read already."""
    sheet = sheet_of(filing, at)
    by_id = {row.entry.pk: row for row in sheet.rows}
    items: dict[int, dict[int, ReadRow]] = {}
    for read_row in found.rows:
        if read_row.item is not None:
            items.setdefault(read_row.key, {})[read_row.item] = read_row
    rows, gone = [], 0
    own = {read_row.key: read_row for read_row in found.rows if read_row.item is None}
    for key in dict.fromkeys(read_row.key for read_row in found.rows):
        if key in by_id:
            rows.append(_seen(own.get(key), items.get(key, {}), found, by_id[key]))
        else:
            gone += 1
    problems = list(found.problems)
    if gone:
        problems.append(f"有 {gone} 行的填报项已不在这份报送里，没有读取。请重新下载后填写。")
    return Preview(
        upload=upload,
        sheet=sheet,
        rows=_with_hints(rows, by_id, at),
        problems=problems,
        notes=[*found.notes, *_touched(rows)],
        refusal=refusal,
        found=found,
    )


def _touched(rows: Iterable[RowSeen]) -> list[str]:
    """A word about locked cells that were changed nevertheless."""
    numbers = [f"“{row.kind.label}”第 {row.number} 行" for row in rows if row.has_touched_locked]
    return [f"{'、'.join(numbers)}的灰色单元格被改动，系统不采用，以系统内容为准。"] if numbers else []


def _seen(own: ReadRow | None, items: Mapping[int, ReadRow], found: Found, row: Row) -> RowSeen:
    """One entry by its own row and those of its work items; a row that is missing changes nothing."""
    entry, sealed = row.entry, found.seal.rows[row.entry.pk]
    form = EntryForm.of(entry)
    wanted = specs(form)
    places = _places(wanted, own, items)
    texts, bad = _typed(places, wanted, sealed.texts)
    downloaded = canonical(EntryForm(dict(sealed.texts), entry=entry))
    now, mine = canonical(form), canonical(EntryForm(texts, entry=entry))
    trial = EntryForm(merged(downloaded, now, mine, Side.MINE), entry=entry)
    unread = still_unread(trial)
    bad |= {
        name: " ".join(str(error) for error in errors)
        for name, errors in trial.errors.items()
        if name not in bad and name not in unread
    }
    fields = [
        FieldSeen(
            name=name,
            label=_label(form, name),
            item=int(name.removeprefix(PREFIX)) if name.startswith(PREFIX) else None,
            downloaded=said(downloaded[name], spec),
            now=said(now[name], spec),
            typed=said(mine[name], spec),
            change=change(downloaded[name], now[name], mine[name]),
            problem=bad.get(name, ""),
        )
        for name, spec in wanted.items()
    ]
    changed = any(seen.change in (Change.MINE, Change.BOTH) or seen.problem for seen in fields)
    closed = _closed(row) if changed else ""
    return RowSeen(
        entry=entry,
        kind=EntryKind(entry.kind),
        number=own.row if own else next(iter(items.values())).row,
        fields=fields,
        problems=[closed] if closed else [],
        hints=[],
        has_touched_locked=bool(own and own.locked != sealed.locked)
        or any(item.locked != sealed.items.get(str(pk)) for pk, item in items.items()),
        downloaded=downloaded,
        now=now,
        texts=mine,
    )


def _closed(row: Row) -> str:
    """Why an entry of a filing that can be written cannot itself."""
    if row.filing.status in WRITABLE and row.entry.decision == Decision.ACCEPTED:
        return (
            f"本项已采纳，工作簿里的改动不能写入。确需更正的，请联系{row.filing.period.plan.office}退回本项。"
        )
    return ""


def _places(
    wanted: Iterable[str], own: ReadRow | None, items: Mapping[int, ReadRow]
) -> dict[str, tuple[ReadRow, str]]:
    """Where each field stands: its row and the name of its column there; fields without a row are left out."""
    places = {}
    for name in wanted:
        if name.startswith(PREFIX):
            if item := items.get(int(name.removeprefix(PREFIX))):
                places[name] = item, ITEM
        elif own:
            places[name] = own, name
    return places


def _label(form: EntryForm, name: str) -> str:
    """What the form calls a field; a work item by what it measures."""
    called = str(form.fields[name].label)
    return f"工作项：{called}" if name.startswith(PREFIX) else called


def _typed(
    places: Mapping[str, tuple[ReadRow, str]], wanted: Mapping[str, Spec], downloaded: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What stands in the cells as text, by field; and what is wrong with those that cannot be read."""
    texts: dict[str, str] = {}
    bad: dict[str, str] = {}
    for name, spec in wanted.items():
        texts[name] = downloaded.get(name, "")
        if name not in places:
            continue
        row, column = places[name]
        raw = row.cell(column)
        try:
            if column in row.merged:
                raise BadCell(MERGED)
            texts[name] = typed(raw, spec, downloaded.get(name, ""))
        except BadCell as error:
            texts[name], bad[name] = str(raw.value if raw.value is not None else ""), str(error)
    return texts, bad


def _with_hints(rows: list[RowSeen], by_id: Mapping[int, Row], at: datetime) -> list[RowSeen]:
    """Each row that would be written, with what its entry would still lack: a draft may be applied, not submitted."""
    trials = [_trial(row, at) for row in rows if row.is_applicable]
    earlier = {key: row.previous for key, row in by_id.items() if row.previous is not None}
    missing = problems_of(trials, earlier)
    return [
        _hinted(row, [problem.sentence for problem in missing[row.entry.pk]])
        if row.entry.pk in missing
        else row
        for row in rows
    ]


def _hinted(row: RowSeen, hints: list[str]) -> RowSeen:
    with_hints = copy(row)
    with_hints.hints.extend(hints)
    return with_hints


def _trial(row: RowSeen, at: datetime) -> Entry:
    """The entry as it would be after applying, not saved; one that was returned counts as mended."""
    form = EntryForm(row.merged(Side.MINE), entry=row.entry)
    trial = copy(row.entry)
    trial._state = copy(row.entry._state)
    values, unread = form.outcome()
    own = is_own_percent(trial)
    write(trial, values, unread)
    put(trial, values, was_own=own)
    trial.edited_at = at
    return trial


def uploads_of(filing: Filing) -> list[WorkbookUpload]:
    """Workbooks of a filing, newest first."""
    return list(WorkbookUpload.objects.filter(filing=filing).select_related("by", "applied_by")[:20])


def received(filing: Filing) -> list[WorkbookUpload]:
    """Workbooks that the office took in for a department and that nobody has applied, newest first."""
    waiting = WorkbookUpload.objects.filter(filing=filing, applied_at=None).select_related("by")
    own = Membership.objects.filter(department=filing.department_id, role=Role.FILER)
    return list(waiting.exclude(by__in=own.values("user_id")))

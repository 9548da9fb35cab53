"""A returned workbook beside its filing: what was downloaded, what stands now, what was typed, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Membership
from accounts.roles import Role
from filings.forms.entry import EntryForm
from filings.labels import label
from filings.models import Entry, Filing, WorkbookUpload
from filings.queries.rows import Row, Sheet, sheet_of
from filings.rules import WRITABLE
from filings.services.entries import problems_of, write
from filings.terms import Decision, EntryKind
from filings.workbook.compare import Change, Side, change, merged, row_change
from filings.workbook.fields import BadCell, Spec, canonical, said, specs, typed
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
    def wrong(self) -> Wrong:
        """As it is written into the returned workbook."""
        cells = {seen.name: (seen.label, seen.problem) for seen in self.fields if seen.problem}
        return Wrong(cells, self.problems)


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
    rows, gone = [], 0
    for read_row in found.rows:
        if read_row.key in by_id:
            rows.append(_seen(read_row, found, by_id[read_row.key]))
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


def _seen(read_row: ReadRow, found: Found, row: Row) -> RowSeen:
    entry, sealed = row.entry, found.seal.rows[read_row.key]
    form = EntryForm.of(entry)
    wanted = specs(form)
    texts, bad = _typed(read_row, wanted, sealed.texts)
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
            label=label(entry, name),
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
        number=read_row.row,
        fields=fields,
        problems=[closed] if closed else [],
        hints=[],
        has_touched_locked=read_row.locked != sealed.locked,
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


def _typed(
    read_row: ReadRow, wanted: Mapping[str, Spec], downloaded: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What stands in the cells as text, by field; and what is wrong with those that cannot be read."""
    texts: dict[str, str] = {}
    bad: dict[str, str] = {}
    for name, spec in wanted.items():
        raw = read_row.cell(name)
        try:
            if name in read_row.merged:
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
    write(trial, *form.outcome())
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

"""The verbs of workbooks: making one, taking one in, writing its rows into the filing.

Nobody but the department's own filers writes a filing. What the office collects for them is kept for the filer to
look at and apply: so nobody reviews what they filed, and the history names who answers for the words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from filings.errors import AlreadyMoved, Refused
from filings.models import Filing, WorkbookUpload
from filings.queries.rows import Sheet, sheet_of
from filings.queries.workbook import Preview, RowSeen, content_of, preview
from filings.services.access import need_role, need_window, need_writable
from filings.workbook.compare import Side
from filings.workbook.mark import marked
from filings.workbook.material import book, file_name
from filings.workbook.read import Found, read
from filings.workbook.rows import take_in
from filings.workbook.write import workbook
from harbor_plan.lib.archives import BadFile
from harbor_plan.lib.moments import local
from harbor_plan.lib.zh import quoted

NAME_LONGEST = 255


@dataclass(frozen=True)
class File:
    """A file to take away."""

    name: str
    content: bytes


@transaction.atomic
def filing_workbook(*, filing: Filing, by: User, at: datetime) -> File:
    """The filing as a workbook to fill in, recorded as taken."""
    need_role(filing, by, Role.FILER)
    sheet: Sheet = sheet_of(filing, at)
    record(verb="workbook.download", subject=filing, by=by, at=at, after={"填报项": len(sheet.rows)})
    return File(file_name(sheet), workbook(book(sheet, at)))


def refusal_of(filing: Filing, at: datetime) -> str:
    """Why nothing of this filing can be written now; empty if it can."""
    try:
        need_writable(filing)
        need_window(filing, at)
    except Refused as refused:
        return refused.sentence
    return ""


@transaction.atomic
def keep_upload(*, filing: Filing, name: str, content: bytes, by: User, at: datetime) -> WorkbookUpload:
    """Keep a filer's workbook of this very filing for its preview; nothing is written to the filing.

    Raises Refused with the sentence of whatever is wrong with the file, or with the moment.
    """
    need_role(filing, by, Role.FILER)
    need_writable(filing)
    need_window(filing, at)
    found = _read(name, content)
    need_same_filing(name, found, filing)
    return _kept(filing, name, content, by, at)


@transaction.atomic
def stage_upload(*, filing: Filing, name: str, content: bytes, by: User, at: datetime) -> WorkbookUpload:
    """Keep a workbook that the office collected, for the department's filer to look at and apply.

    The caller has read it and found its filing. The same file that is waiting already is not kept twice.
    """
    if not by.holds(Role.OFFICE):
        raise Refused("permission", "收集各单位工作簿由方案牵头办公室办理。")
    need_writable(filing)
    need_window(filing, at)
    digest = hashlib.sha256(content).hexdigest()
    same = WorkbookUpload.objects.filter(filing=filing, sha256=digest, applied_at=None).first()
    return same or _kept(filing, name, content, by, at)


def _read(name: str, content: bytes) -> Found:
    try:
        return read(name, content)
    except BadFile as error:
        raise Refused("content", str(error)) from error


def need_same_filing(name: str, found: Found, filing: Filing) -> None:
    """Refuse another department's, another period's, or another plan's workbook, naming whose it is."""
    seal = found.seal
    if seal.filing == filing.pk:
        return
    other = f"{seal.department} {seal.period}报送"
    hint = "请上传本单位本季度下载的工作簿。"
    if seal.department == str(filing.department) and seal.period == str(filing.period):
        other, hint = f"“{seal.plan}”的{other}", "请上传本方案下载的工作簿。"
    raise Refused("content", f"“{name}”是{other}的工作簿，不能用于{filing}。{hint}")


def _kept(filing: Filing, name: str, content: bytes, by: User, at: datetime) -> WorkbookUpload:
    upload = WorkbookUpload(
        filing=filing, name=name[:NAME_LONGEST], sha256=hashlib.sha256(content).hexdigest(), by=by, at=at
    )
    upload.file.save(name, ContentFile(content), save=False)
    upload.save()
    record(
        verb="workbook.upload", subject=filing, by=by, at=at, after={"文件": name, "SHA-256": upload.sha256}
    )
    return upload


@dataclass(frozen=True)
class Chosen:
    """One row to write: the version of its entry as it was shown, and whose words hold where both changed."""

    version: int
    side: Side | None = None


@transaction.atomic
def apply_upload(
    *, upload: WorkbookUpload, chosen: Mapping[int, Chosen], by: User, at: datetime
) -> WorkbookUpload:
    """Write the chosen rows (by entry id) into the filing, all or none, each as if saved on its page.

    Raises Refused (permission, status, window, content) and AlreadyMoved when the workbook was applied already or an
    entry was saved since it was shown; then nothing is written.
    """
    upload = WorkbookUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    filing = _locked(upload.filing_id)
    need_role(filing, by, Role.FILER)
    if upload.applied_at is not None:
        when = f"{local(upload.applied_at):%m-%d %H:%M}"
        raise AlreadyMoved(
            f"{quoted(upload.name)}已由{upload.applied_by}于 {when} 写入 {upload.applied_rows} 项，不能再次写入。"
        )
    need_writable(filing)
    need_window(filing, at)
    if not chosen:
        raise Refused("content", "没有选中要写入的项，请先勾选。")
    rows = _rows(preview(upload, filing, "", at), chosen)
    entries = {key: row.entry for key, (row, _, _) in rows.items()}
    texts = {key: (version, row.merged(side)) for key, (row, version, side) in rows.items()}
    written = take_in(texts, entries=entries, by=by, at=at)
    upload.applied_by, upload.applied_at, upload.applied_rows = by, at, written
    upload.save(update_fields=["applied_by", "applied_at", "applied_rows"])
    record(
        verb="workbook.apply",
        subject=filing,
        by=by,
        at=at,
        after={"文件": upload.name, "写入项数": written, "上传人": str(upload.by)},
    )
    return upload


def _locked(pk: int) -> Filing:
    related = ("period__plan__office", "department")
    return Filing.objects.select_for_update(of=("self",)).select_related(*related).get(pk=pk)


def _rows(seen: Preview, chosen: Mapping[int, Chosen]) -> dict[int, tuple[RowSeen, int, Side]]:
    """The chosen rows with version and side. Refuses what cannot be written and conflicts nobody has decided."""
    rows = {row.entry.pk: row for row in seen.rows}
    result: dict[int, tuple[RowSeen, int, Side]] = {}
    for key, choice in chosen.items():
        row = rows.get(key)
        if row is None:
            raise Refused("content", "选中的项不在这份工作簿里，请刷新页面后重新选择。")
        title = quoted(row.entry.title)
        if row.is_wrong:
            raise Refused("content", f"{title}有错误，不能写入，请在工作簿中改正后再上传。")
        if row.entry.version != choice.version:
            raise AlreadyMoved(
                f"{title}在您预览之后又有人保存过，本次没有写入任何内容。请重新核对差异后再写入。"
            )
        if row.is_conflict and choice.side is None:
            raise Refused(
                "content", f"{title}在下载之后系统中也改过，请选择用工作簿的内容还是保留系统的内容。"
            )
        result[key] = (row, choice.version, choice.side or Side.MINE)
    return result


def returned_workbook(*, upload: WorkbookUpload, filing: Filing, at: datetime) -> File:
    """The uploaded workbook with what is wrong written into its cells. Raises BadFile as reading does."""
    seen = preview(upload, filing, "", at)
    wrong = {key: said for row in seen.wrong for key, said in row.wrongs.items()}
    stem = upload.name.rpartition(".")[0].removesuffix("（标错）")
    return File(f"{stem}（标错）.xlsx", marked(content_of(upload), seen.found, wrong))

"""Evidence (佐证材料) on entries: attach, attach again, take off. The rules of writing an entry hold for its files.

Files are no part of an entry's `version`: adding one does not make a colleague's open page out of date. It does count
as mending a returned entry, and as a hand in the filing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Sum

from accounts.models import User
from audit.services import record
from filings.errors import Refused
from filings.models import Attachment, Entry, EvidenceFile, Filing
from filings.services.entries import hold, note_filler, problems_of
from harbor_plan.lib import zh
from harbor_plan.lib.files import Inspected, readable_size


@dataclass(frozen=True)
class Attached:
    """A file on an entry. `remark` tells that the department had the same bytes already, and where they are used."""

    attachment: Attachment
    remark: str


def attach(*, entry: Entry, file: Inspected, by: User, at: datetime) -> Attached:
    """Put an uploaded file on an entry; bytes the department has already are not stored again.

    Raises Refused: permission, status or window as `save_entry`; content when the entry has it or a limit is reached.
    """
    with rows_and_files() as written:
        filing, entry = hold(entry, by=by, at=at)
        evidence, is_new = stored(filing.department_id, file, written, by=by, at=at)
        remark = "" if is_new else _remark(evidence, file.name, entry)
        return Attached(_put(filing, entry, evidence, by=by, at=at), remark)


@contextmanager
def rows_and_files() -> Iterator[list[str]]:
    """A transaction that takes files along: those noted in its list are deleted when its rows could not be kept."""
    written: list[str] = []
    try:
        with transaction.atomic():
            yield written
    except BaseException:
        for name in written:
            default_storage.delete(name)
        raise


@transaction.atomic
def reuse(*, entry: Entry, evidence: EvidenceFile, by: User, at: datetime) -> Attachment:
    """Put a file the department uploaded before on another entry. Raises Refused as `attach`."""
    filing, entry = hold(entry, by=by, at=at)
    if evidence.department_id != filing.department_id:
        raise Refused(
            "permission", f"{zh.quoted(evidence.name)}不是{filing.department}上传的文件，不能引用。"
        )
    return _put(filing, entry, evidence, by=by, at=at)


@transaction.atomic
def detach(*, attachment: Attachment, by: User, at: datetime) -> Attachment:
    """Take a file off an entry. The file stays, for the versions that were sent with it and for other entries."""
    filing, entry = hold(attachment.entry, by=by, at=at)
    taken = Attachment.objects.filter(pk=attachment.pk, removed_at=None).update(removed_by=by, removed_at=at)
    if not taken:
        raise Refused("race", f"{zh.quoted(attachment.evidence.name)}已被移除，请刷新页面。")
    _touch(filing, entry, "entry.detach", attachment.evidence, by=by, at=at)
    return attachment


def _put(filing: Filing, entry: Entry, evidence: EvidenceFile, *, by: User, at: datetime) -> Attachment:
    """One more file on an entry whose filing is locked."""
    now = Attachment.objects.filter(entry=entry, removed_at=None)
    if now.filter(evidence=evidence).exists():
        raise Refused("content", f"{zh.quoted(evidence.name)}已在本项佐证材料中，无须重复添加。")
    if now.count() >= settings.EVIDENCE_PER_ENTRY:
        raise Refused(
            "content", f"每项最多 {settings.EVIDENCE_PER_ENTRY} 个佐证材料，请合并文件或移除不用的。"
        )
    if size_of(filing, beside=evidence) + evidence.size > settings.EVIDENCE_PER_FILING:
        most = readable_size(settings.EVIDENCE_PER_FILING)
        raise Refused("content", f"一份报送的佐证材料合计最多 {most}，请压缩图片或移除不用的。")
    attachment = Attachment.objects.create(entry=entry, evidence=evidence, by=by, at=at)
    _touch(filing, entry, "entry.attach", evidence, by=by, at=at)
    return attachment


def stored(
    department_id: int, file: Inspected, written: list[str], *, by: User, at: datetime
) -> tuple[EvidenceFile, bool]:
    """The department's file with these bytes, and whether it is new; `written` is what `rows_and_files` gives."""
    same = {"department_id": department_id, "sha256": file.sha256}
    if known := EvidenceFile.objects.filter(**same).first():
        return known, False
    evidence = EvidenceFile(
        **same, name=file.name, suffix=file.suffix, size=file.size, uploaded_by=by, uploaded_at=at
    )
    evidence.file.save(file.name, ContentFile(file.data), save=False)
    name = str(evidence.file.name)
    written.append(name)
    try:
        with transaction.atomic():
            evidence.save()
    except IntegrityError:  # a colleague stored the same bytes a moment ago, for another filing
        default_storage.delete(name)
        return EvidenceFile.objects.get(**same), False
    return evidence, True


def _remark(evidence: EvidenceFile, name: str, entry: Entry) -> str:
    """Where the same bytes are used already, and under which name."""
    used = (
        Attachment.objects.filter(evidence=evidence, removed_at=None)
        .exclude(entry=entry)
        .select_related("entry")
        .order_by("-at")
    )
    places = [
        f"{other.filing.period} {zh.quoted(other.title)}"
        for other in Entry.objects.for_page().filter(pk__in=used.values("entry_id"))[:2]
    ]
    where = f"，已用于{'、'.join(places)}" if places else ""
    named = f"，按原名{zh.quoted(evidence.name)}显示" if evidence.name != name else ""
    return f"本单位已有内容相同的文件{where}{named}，没有重复存储。"


def _touch(
    filing: Filing, entry: Entry, verb: str, evidence: EvidenceFile, *, by: User, at: datetime
) -> None:
    """An entry whose files changed was worked on: who and when, and whether it is complete now."""
    entry.edited_by, entry.edited_at = by, at
    entry.is_complete = not entry.unparsed and not problems_of([entry])[entry.pk]
    entry.save(update_fields=["edited_by", "edited_at", "is_complete"])
    note_filler(filing, by)
    record(
        verb=verb,
        subject=entry,
        by=by,
        at=at,
        after={"name": evidence.name, "sha256": evidence.sha256, "size": evidence.size},
    )


def size_of(filing: Filing, *, beside: EvidenceFile) -> int:
    """Bytes of all other files attached to a filing now; a file on several entries counts once."""
    attached = Attachment.objects.filter(entry__filing=filing, removed_at=None).exclude(evidence=beside)
    files = EvidenceFile.objects.filter(pk__in=attached.values("evidence_id"))
    return int(files.aggregate(total=Sum("size"))["total"] or 0)

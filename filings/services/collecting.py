"""Many departments' workbooks in one upload of the office: unpacked, recognised by their seals, and kept for the filers."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from filings.errors import Refused
from filings.models import Filing, WorkbookUpload
from filings.queries.workbook import compared
from filings.services.workbook import stage_upload
from filings.workbook.read import read
from harbor_plan.lib.archives import BadFile
from harbor_plan.lib.files import inspect
from harbor_plan.lib.workbooks import MOST_BYTES

MOST_ZIP = 60 * 1024 * 1024
#: What other programs leave beside the files in an archive.
_LITTER = ("__MACOSX/", "~$", ".")


@dataclass(frozen=True)
class Collected:
    """What became of one file: whose it is, how much it says, or why it was not taken."""

    name: str
    filing: Filing | None = None
    upload: WorkbookUpload | None = None
    filled: int = 0
    wrong: int = 0
    sentence: str = ""

    @property
    def is_taken(self) -> bool:
        return self.upload is not None


def collect(files: Iterable[tuple[str, bytes]], *, by: User, at: datetime) -> list[Collected]:
    """Every workbook in the files, each on its own: one that cannot be taken leaves the others alone."""
    results = []
    for name, content in files:
        if not name.lower().endswith(".zip"):
            results.append(_one(name, content, by, at))
            continue
        try:
            inspect(name, content, largest=MOST_ZIP, kinds=("zip",))
            results += [_one(inner, data, by, at) for inner, data in _unpacked(name, content)]
        except BadFile as error:
            results.append(Collected(name, sentence=str(error)))
    return results


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The files of an archive that `inspect` has let through; names as Chinese Windows packs them are read too."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content), metadata_encoding="gb18030")
    except UnicodeDecodeError:
        archive = zipfile.ZipFile(io.BytesIO(content))
    found = False
    with archive:
        for info in archive.infolist():
            base = info.filename.rpartition("/")[2]
            if info.is_dir() or info.filename.startswith(_LITTER[0]) or base.startswith(_LITTER[1:]):
                continue
            found = True
            if info.file_size > MOST_BYTES:
                raise BadFile(
                    f"“{base}”超过 {MOST_BYTES // 1024 // 1024} MB，不是填报工作簿，请取出后再上传。"
                )
            yield base, archive.read(info)
    if not found:
        raise BadFile(f"“{name}”里没有工作簿，请核对后重新选择。")


def _one(name: str, content: bytes, by: User, at: datetime) -> Collected:
    try:
        found = read(name, content)
    except BadFile as error:
        return Collected(name, sentence=str(error))
    related = ("period__plan__office", "department", "exemption")
    filing = Filing.objects.visible_to(by).select_related(*related).filter(pk=found.seal.filing).first()
    if filing is None:
        return Collected(name, sentence=f"“{name}”对应的报送已不存在，请单位重新下载后填写。")
    try:
        upload = stage_upload(filing=filing, name=name, content=content, by=by, at=at)
    except Refused as refused:
        return Collected(name, filing, sentence=refused.sentence)
    rows = compared(upload, found, filing, "", at).rows
    filled = sum(any(row.texts[field] != row.downloaded[field] for field in row.texts) for row in rows)
    return Collected(name, filing, upload, filled=filled, wrong=sum(row.is_wrong for row in rows))


def collected(by: User) -> list[WorkbookUpload]:
    """What this person took in last, newest first, with what became of it."""
    related = ("filing__department", "filing__period", "applied_by")
    return list(WorkbookUpload.objects.visible_to(by).filter(by=by).select_related(*related)[:60])

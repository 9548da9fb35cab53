"""What a change of the plan rests on: a reason, a document with number and date, the document itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.base import ContentFile

from accounts.models import User
from accounts.roles import Role
from harbor_plan.lib.files import BadFile, inspect
from harbor_plan.lib.moments import local_day
from harbor_plan.lib.refusals import Refused
from targets.models import Paper, Plan

#: Endings a document may have: a paper as it was issued, typed or photographed.
KINDS = ("pdf", "jpg", "jpeg", "png", "doc", "docx", "wps", "ofd", "xls", "xlsx", "et")


@dataclass(frozen=True)
class Grounds:
    """Empty where nothing was given. `name` and `data` are the attached file's."""

    reason: str = ""
    doc_no: str = ""
    doc_on: date | None = None
    name: str = ""
    data: bytes = b""

    def check(self, at: datetime, *, needs_document: bool, needs_reason: bool) -> None:
        """Raises Refused (content) with what is missing."""
        if needs_document and not (self.doc_no.strip() and self.doc_on):
            raise Refused("content", "请填写文号和文件日期。")
        if self.doc_on and self.doc_on > local_day(at):
            raise Refused("content", "文件日期在今天之后，请核对。")
        if needs_reason and not self.reason.strip():
            raise Refused("content", "请写明理由。")


def need_office(plan: Plan, by: User) -> None:
    """Raises Refused (permission) for anybody but the office."""
    if not by.holds(Role.OFFICE):
        raise Refused("permission", f"目标值、基期值、计划值和阈值由{plan.office}办理，您可以查看。")


def keep_paper(plan: Plan, grounds: Grounds, by: User, at: datetime) -> Paper | None:
    """Store the attached document; None without one. Raises Refused (content) for a file that is not what it says."""
    if not grounds.name:
        return None
    try:
        file = inspect(grounds.name, grounds.data, kinds=KINDS)
    except BadFile as error:
        raise Refused("content", str(error)) from error
    paper = Paper(plan=plan, name=file.name, size=file.size, sha256=file.sha256, by=by, at=at)
    paper.file.save(file.name, ContentFile(file.data), save=False)
    paper.save()
    return paper


def check_begin(plan: Plan, begins: date, before: date | None) -> None:
    """A change begins within the plan and not before the one it follows. Raises Refused (content)."""
    if not plan.starts_on <= begins <= plan.ends_on:
        raise Refused("content", "生效季度不在方案期内，请重新选择。")
    if before and begins < before:
        raise Refused("content", "生效季度不能早于上一次变更的生效季度，请重新选择。")

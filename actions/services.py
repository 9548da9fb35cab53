"""Versions of an action's implementation programme (具体实施方案): recorded by its leads or the office, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from actions.models import ActionLead, Programme, SpecialAction
from audit.services import record
from harbor_plan.lib.files import BadFile, inspect
from harbor_plan.lib.moments import local_day
from harbor_plan.lib.refusals import Refused

#: Endings a programme may have: a paper as it was issued or typed.
KINDS = ("pdf", "doc", "docx", "wps", "ofd")


@dataclass(frozen=True)
class Issued:
    """What a version's paper says of itself; `reason` is why an earlier one was revised, empty for the first."""

    title: str
    document_no: str
    leads: str
    approved_by: str
    approved_on: date
    reason: str = ""


def may_record(action: SpecialAction, person: User) -> bool:
    """The office, and whoever files or signs for a lead department of the action."""
    if person.holds(Role.OFFICE):
        return True
    mine = person.departments_as(Role.FILER, Role.APPROVER)
    return bool(mine) and ActionLead.objects.filter(action=action, department__in=mine).exists()


@transaction.atomic
def add_programme(
    *, action: SpecialAction, issued: Issued, name: str, data: bytes, by: User, at: datetime
) -> Programme:
    """Keep the next version with its file. The action's row is locked, so two uploads get two numbers.

    Raises Refused: permission for others; content for a file that is not what it says, blank words, a future
    approval, a revision without reason; status for the very file that is the newest version already.
    """
    if not may_record(action, by):
        raise Refused("permission", f"实施方案由{action.plan.office}或“{action}”的牵头单位登记，您可以查看。")
    try:
        file = inspect(name, data, kinds=KINDS)
    except BadFile as error:
        raise Refused("content", str(error)) from error
    SpecialAction.objects.select_for_update().only("pk").get(pk=action.pk)
    newest = action.programmes.order_by("no").last()
    _check(issued, newest, file.sha256, local_day(at))
    programme = Programme(
        action=action,
        no=newest.no + 1 if newest else 1,
        title=issued.title.strip(),
        document_no=issued.document_no.strip(),
        leads=issued.leads.strip(),
        approved_by=issued.approved_by.strip(),
        approved_on=issued.approved_on,
        reason=issued.reason.strip() if newest else "",
        name=file.name,
        size=file.size,
        sha256=file.sha256,
        recorded_by=by,
        recorded_at=at,
    )
    programme.file.save(file.name, ContentFile(file.data), save=False)
    programme.save()
    record(
        verb="programme.add",
        subject=programme,
        by=by,
        at=at,
        after={"no": programme.no, "name": file.name, "sha256": file.sha256},
        note=programme.reason,
    )
    return programme


def _check(issued: Issued, newest: Programme | None, sha256: str, today: date) -> None:
    for text, word in (
        (issued.title, "标题"), (issued.leads, "牵头单位"), (issued.approved_by, "批准人"),
    ):  # fmt: skip
        if not text.strip():
            raise Refused("content", f"请填写{word}。")
    if issued.approved_on > today:
        raise Refused("content", "批准日期在今天之后，请核对。")
    if newest is None:
        return
    if newest.sha256 == sha256:
        raise Refused("status", f"这份文件与第 {newest.no} 版相同，不必重复登记。")
    if not issued.reason.strip():
        raise Refused("content", f"已有第 {newest.no} 版，登记修订版须写明修订理由。")
    if issued.approved_on < newest.approved_on:
        raise Refused("content", f"批准日期早于第 {newest.no} 版（{newest.approved_on:%Y-%m-%d}），请核对。")

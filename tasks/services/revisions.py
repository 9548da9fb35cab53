"""The verbs of a plan's upkeep: handing in a workbook, applying what was shown, and giving back what is wrong."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from harbor_plan.lib.archives import BadFile
from harbor_plan.lib.moments import local
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from harbor_plan.lib.zh import quoted
from targets.models import Plan
from tasks.models import PlanRevision, PlanUpload, Source
from tasks.plan_book import document_in, marked, plan_workbook
from tasks.plan_book.read import BookRefused, Wrong, wrongs_of
from tasks.plan_files import PlanDocument, PlanRefused, to_json
from tasks.plan_files.diff import from_json as diff_from_json
from tasks.plan_files.read import from_json
from tasks.plan_store import export_plan, load_plan

NAME_LONGEST = 255


def need_office(by: User) -> None:
    """Refuse everybody but the office."""
    if not by.holds(Role.OFFICE):
        raise Refused("permission", "方案由牵头办公室维护。")


@transaction.atomic
def workbook_of(*, plan: Plan | None, by: User, at: datetime) -> bytes:
    """The plan as a workbook, recorded as taken; without a plan the blank one."""
    need_office(by)
    if plan is None:
        return plan_workbook(None)
    record(verb="plan.download", subject=plan, by=by, at=at)
    return plan_workbook(export_plan(plan))


@transaction.atomic
def keep_upload(*, name: str, content: bytes, by: User, at: datetime) -> PlanUpload:
    """Keep a workbook with what it would change, or with everything that is wrong in it. Changes no plan.

    Raises Refused (permission, content) with the sentence about a file that is no workbook of ours.
    """
    need_office(by)
    upload = PlanUpload(name=name[:NAME_LONGEST], file=content, by=by, at=at)
    try:
        document = document_in(name, content)
        upload.plan_code, upload.plan_name = document.plan.code, document.plan.name
        diff = load_plan(document=document, by=by, at=at, dry_run=True).diff
        upload.document, upload.diff = to_json(document).decode(), diff.as_json()
    except BadFile as error:
        raise Refused("content", str(error)) from error
    except BookRefused as refused:
        upload.problems = [asdict(wrong) for wrong in refused.wrongs]
    except PlanRefused as refused:
        upload.problems = [asdict(wrong) for wrong in wrongs_of(refused.problems)]
    upload.save()
    record(verb="plan.upload", subject=upload, by=by, at=at, after={"问题": len(upload.problems)})
    return upload


@transaction.atomic
def apply_upload(*, upload: PlanUpload, reason: str, by: User, at: datetime) -> PlanRevision:
    """Load the plan of a workbook, all or nothing, and only if that still makes the difference that was shown.

    Raises Refused (permission, content), and AlreadyMoved when it was applied before or the plan changed meanwhile.
    """
    need_office(by)
    upload = PlanUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if upload.revision is not None:
        done = upload.revision
        when = f"{local(done.at):%Y-%m-%d %H:%M}"
        raise AlreadyMoved(f"{quoted(upload.name)}已由{done.by}于 {when} 载入，不能再次载入。")
    if not upload.document:
        raise Refused("content", f"{quoted(upload.name)}有错误，不能载入；请改正后重新上传。")
    if not reason.strip():
        raise Refused("content", "请写明修订方案的理由。")
    changed = AlreadyMoved("预览之后方案又有改动，本次没有载入任何内容。请重新上传，核对新的差异后再载入。")
    try:
        loaded = load_plan(document=_document(upload), by=by, at=at, reason=reason, source=Source.WORKBOOK)
    except PlanRefused as refused:
        raise changed from refused
    if loaded.diff != diff_from_json(upload.diff):
        raise changed
    if loaded.revision is None:
        raise Refused("content", "与现行方案一致，没有要载入的内容。")
    upload.revision = loaded.revision
    upload.save(update_fields=["revision"])
    return loaded.revision


def _document(upload: PlanUpload) -> PlanDocument:
    return from_json(upload.document.encode())


def returned_workbook(upload: PlanUpload) -> bytes:
    """The workbook as it came, with what is wrong written into its cells."""
    return marked(bytes(upload.file), [Wrong(**wrong) for wrong in upload.problems])

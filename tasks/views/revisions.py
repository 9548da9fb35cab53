"""方案维护: plans and their revisions, workbooks out and in, and applying what was shown. Pages of the office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from harbor_plan.lib.download import XLSX, attachment
from harbor_plan.lib.fields import WordsField
from harbor_plan.lib.refusals import STATUS_OF, Refused
from targets.models import Plan
from tasks.models import PlanRevision, PlanUpload
from tasks.plan_book.layout import columns_of
from tasks.plan_files.diff import PlanDiff, RowDiff
from tasks.plan_files.diff import from_json as diff_from_json
from tasks.plan_files.tables import KEYS, TABLES, TITLES
from tasks.plan_store.revise import REASON_LONGEST
from tasks.services import revisions as services
from tasks.views.common import permit, person

RECENT = 20


class PlanFileForm(forms.Form):
    """One workbook of a plan."""

    file = forms.FileField(
        label="方案工作簿",
        allow_empty_file=True,  # said in our own words when it is read
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择要上传的工作簿。", "invalid": "请选择要上传的工作簿。"},
    )


class RevisionForm(forms.Form):
    """Why a plan is revised."""

    reason = WordsField(label="修订理由", rows=2, longest=REASON_LONGEST)


@dataclass(frozen=True)
class Cell:
    """One column of a row, before and after, as people read it."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """One row that is different."""

    row: RowDiff
    label: str
    cells: list[Cell]


def groups_of(diff: PlanDiff) -> list[tuple[str, list[Line]]]:
    """The rows of a diff by table, values as people read them."""
    groups: dict[str, list[Line]] = {}
    for row in diff.rows:
        columns = {column.name: column for column in columns_of(row.table)}
        cells = [
            Cell(columns[f.column].label, columns[f.column].shown(f.old), columns[f.column].shown(f.new))
            for f in row.fields
            if f.column in columns
        ]
        key = zip(KEYS[row.table], row.key, strict=False)
        label = " ".join(columns[name].shown(text) for name, text in key if text)
        groups.setdefault(row.table, []).append(Line(row, label, cells))
    return [(TITLES[table], groups[table]) for table in TABLES if table in groups]


def _office(request: HttpRequest) -> User:
    user = person(request)
    permit(partial(services.need_office, user))
    return user


@require_safe
def upkeep(request: HttpRequest) -> HttpResponse:
    """Every plan with its revisions, and where a workbook goes out and comes in."""
    return _upkeep(request, _office(request), PlanFileForm())


def _upkeep(request: HttpRequest, user: User, form: PlanFileForm, status: int = 200) -> HttpResponse:
    plans = Plan.objects.visible_to(user).select_related("office")
    uploads = PlanUpload.objects.visible_to(user).select_related("by", "revision").defer("file", "document")
    context = {
        "plans": plans.annotate(times=Count("revisions"), last=Max("revisions__at")),
        "uploads": uploads[:RECENT],
        "form": form,
    }
    return render(request, "tasks/upkeep.html", context, status=status)


@require_safe
def workbook(request: HttpRequest, code: str) -> HttpResponse:
    """A plan as a workbook."""
    user = _office(request)
    plan = get_object_or_404(Plan.objects.visible_to(user).select_related("office"), code=code)
    content = services.workbook_of(plan=plan, by=user, at=timezone.now())
    return attachment(content, f"方案工作簿 {plan.code}.xlsx", XLSX)


@require_safe
def blank(request: HttpRequest) -> HttpResponse:
    """The blank workbook for a new plan."""
    content = services.workbook_of(plan=None, by=_office(request), at=timezone.now())
    return attachment(content, "方案空白工作簿.xlsx", XLSX)


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep a workbook and show what it would change."""
    user, at = _office(request), timezone.now()
    form = PlanFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _upkeep(request, user, form, status=422)
    file = form.cleaned_data["file"]
    try:
        kept = services.keep_upload(name=file.name, content=file.read(), by=user, at=at)
    except Refused as refused:
        form.add_error("file", refused.sentence)
        return _upkeep(request, user, form, status=STATUS_OF[refused.axis])
    return redirect("tasks:plan_upload", pk=kept.pk)


def _upload(request: HttpRequest, user: User, pk: int) -> PlanUpload:
    uploads = PlanUpload.objects.visible_to(user).select_related("by", "revision__by", "revision__plan")
    return get_object_or_404(uploads, pk=pk)


@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What a workbook changes, or what is wrong with it."""
    user = _office(request)
    return _preview(request, _upload(request, user, pk), RevisionForm(label_suffix=""))


def _preview(request: HttpRequest, kept: PlanUpload, form: RevisionForm, status: int = 200) -> HttpResponse:
    diff = diff_from_json(kept.diff)
    context = {
        "upload": kept,
        "is_new": not Plan.objects.filter(code=kept.plan_code).exists(),
        "diff": diff,
        "groups": groups_of(diff),
        "form": form,
    }
    return render(request, "tasks/plan_upload.html", context, status=status)


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Load what was shown, with a reason."""
    user, at = _office(request), timezone.now()
    kept = _upload(request, user, pk)
    form = RevisionForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _preview(request, kept, form, status=422)
    try:
        done = services.apply_upload(upload=kept, reason=form.cleaned_data["reason"], by=user, at=at)
    except Refused as refused:
        if refused.axis == "permission":
            raise PermissionDenied(refused.sentence) from refused
        form.add_error(None, refused.sentence)
        return _preview(request, kept, form, status=STATUS_OF[refused.axis])
    messages.success(request, f"已载入，{done.words}。")
    return redirect("tasks:plan_revision", code=done.plan.code, no=done.no)


@require_safe
def returned(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook as it came, with what is wrong written into its cells."""
    kept = _upload(request, _office(request), pk)
    stem = kept.name.rpartition(".")[0].removesuffix("（标错）")
    return attachment(services.returned_workbook(kept), f"{stem}（标错）.xlsx", XLSX)


@require_safe
def revisions(request: HttpRequest, code: str) -> HttpResponse:
    """How a plan came to be as it is."""
    user = _office(request)
    plan = get_object_or_404(Plan.objects.visible_to(user).select_related("office"), code=code)
    found: Sequence[PlanRevision] = list(plan.revisions.select_related("by"))
    return render(request, "tasks/revisions.html", {"plan": plan, "revisions": found})


@require_safe
def revision(request: HttpRequest, code: str, no: int) -> HttpResponse:
    """One revision and what became different."""
    found = PlanRevision.objects.visible_to(_office(request)).select_related("plan", "by")
    subject = get_object_or_404(found, plan__code=code, no=no)
    context = {"plan": subject.plan, "revision": subject, "groups": groups_of(subject.diff)}
    return render(request, "tasks/revision.html", context)

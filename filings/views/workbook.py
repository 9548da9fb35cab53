"""A filing as a workbook: taking it away, bringing it back, looking at the differences, writing them; and the office's post."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.roles import Role
from filings.errors import Refused
from filings.forms.workbook import CollectForm, WorkbookForm, chosen_rows
from filings.models import Filing, WorkbookUpload
from filings.queries import workbook as pages
from filings.services import collecting
from filings.services import workbook as services
from filings.views.common import STATUS_OF, load_filing, permit, person, refused_redirect
from harbor_plan.lib.archives import BadFile
from harbor_plan.lib.download import XLSX, attachment
from harbor_plan.lib.zh import quoted


def _load_upload(user: User, pk: int) -> tuple[WorkbookUpload, Filing]:
    """An upload of a visible filing, or 404; its filing as the pages name it."""
    uploads = WorkbookUpload.objects.visible_to(user).select_related("by", "applied_by")
    upload = get_object_or_404(uploads, pk=pk)
    return upload, load_filing(user, upload.filing_id)


@require_safe
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a filer takes the workbook and brings it back."""
    user = person(request)
    filing = load_filing(user, pk)
    permit(filing, user, Role.FILER)
    return _page(request, filing, WorkbookForm())


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The filing as a workbook to fill in."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit(filing, user, Role.FILER)
    file = services.filing_workbook(filing=filing, by=user, at=at)
    return attachment(file.content, file.name, XLSX)


@require_POST
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a workbook and show what it would change."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit(filing, user, Role.FILER)
    form = WorkbookForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, filing, form, status=422)
    file = form.cleaned_data["file"]
    try:
        kept = services.keep_upload(filing=filing, name=file.name, content=file.read(), by=user, at=at)
    except Refused as refused:
        form.add_error("file", refused.sentence)
        return _page(request, filing, form, status=STATUS_OF[refused.axis])
    return redirect("filings:workbook_upload", pk=kept.pk)


def _page(request: HttpRequest, filing: Filing, form: WorkbookForm, status: int = 200) -> HttpResponse:
    context = {
        "filing": filing,
        "form": form,
        "refusal": services.refusal_of(filing, timezone.now()),
        "uploads": pages.uploads_of(filing),
        "received": pages.received(filing),
    }
    return render(request, "filings/workbook.html", context, status=status)


@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What a workbook would change, in three ways; nothing is written."""
    user, at = person(request), timezone.now()
    kept, filing = _load_upload(user, pk)
    permit(filing, user, Role.FILER)
    try:
        seen = pages.preview(kept, filing, services.refusal_of(filing, at), at)
    except BadFile as error:
        messages.error(request, str(error))
        return redirect("filings:workbook", pk=filing.pk)
    return render(request, "filings/workbook_upload.html", {"page": seen})


@require_POST
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the chosen rows, all or none."""
    user, at = person(request), timezone.now()
    kept, filing = _load_upload(user, pk)
    permit(filing, user, Role.FILER)
    try:
        done = services.apply_upload(upload=kept, chosen=chosen_rows(request.POST), by=user, at=at)
    except BadFile as error:
        messages.error(request, str(error))
        return redirect("filings:workbook", pk=filing.pk)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:workbook_upload", pk)
    messages.success(
        request, f"{quoted(done.name)}已写入 {done.applied_rows} 项。写入的是草稿，填齐后请提交签发。"
    )
    return redirect("filings:workbook_upload", pk=pk)


@require_safe
def marked(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook as it came, with what is wrong written into its cells."""
    user, at = person(request), timezone.now()
    kept, filing = _load_upload(user, pk)
    permit(filing, user, Role.FILER)
    try:
        file = services.returned_workbook(upload=kept, filing=filing, at=at)
    except BadFile as error:
        messages.error(request, str(error))
        return redirect("filings:workbook", pk=filing.pk)
    return attachment(file.content, file.name, XLSX)


def _office(request: HttpRequest) -> User:
    """The office collects; others get 403."""
    user = person(request)
    if not user.holds(Role.OFFICE):
        raise PermissionDenied("收集各单位工作簿由方案牵头办公室办理。")
    return user


@require_safe
def collection(request: HttpRequest) -> HttpResponse:
    """Where the office hands in the workbooks that departments sent to it."""
    user = _office(request)
    return _collection(request, user, CollectForm())


@require_POST
def collect(request: HttpRequest) -> HttpResponse:
    """Recognise every workbook and keep it for its department's filer; what cannot be taken is said file by file."""
    user, at = _office(request), timezone.now()
    form = CollectForm(request.POST, request.FILES)
    if not form.is_valid():
        return _collection(request, user, form, status=422)
    files = [(file.name or "", file.read()) for file in form.cleaned_data["workbooks"]]
    results = collecting.collect(files, by=user, at=at)
    return _collection(request, user, CollectForm(), results=results)


def _collection(
    request: HttpRequest,
    user: User,
    form: CollectForm,
    *,
    results: list[collecting.Collected] | None = None,
    status: int = 200,
) -> HttpResponse:
    results = results or []
    context = {
        "form": form,
        "results": results,
        "taken": sum(result.is_taken for result in results),
        "uploads": collecting.collected(user),
    }
    return render(request, "filings/workbook_collection.html", context, status=status)

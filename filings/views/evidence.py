"""Evidence: uploading, taking off, attaching earlier files again, reading. No address serves a stored file directly."""

from __future__ import annotations

from typing import IO, cast

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Role
from filings.errors import Refused
from filings.forms.evidence import ReuseForm, SearchForm
from filings.models import Attachment, Entry, EvidenceFile
from filings.services import evidence as verbs
from filings.views.common import load_entry, load_filing, permit, person, wants_json
from filings.views.parts import refreshed
from harbor_plan.lib import zh
from harbor_plan.lib.files import KINDS, BadFile, inspect

PER_PAGE = 20
#: A file that is opened in the browser may load nothing and run nothing.
POLICY = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Put uploaded files on an entry, each for itself: a bad one does not keep the others out."""
    user, at = person(request), timezone.now()
    entry = load_entry(user, pk)
    filing = load_filing(user, entry.filing_id)
    if not wants_json(request):  # to a script the service's own refusal is said, file by file
        permit(filing, user, Role.FILER)
    outcomes = [_attach(entry, file, request) for file in request.FILES.getlist("files")]
    if wants_json(request):
        is_ok = all(ok for _, ok, _ in outcomes)
        said = [{"name": name, "ok": ok, "sentence": sentence} for name, ok, sentence in outcomes]
        answer = {"ok": is_ok, "files": said, **refreshed(request, filing, entry, at)}
        return JsonResponse(answer, status=200 if is_ok else 422)
    for name, ok, sentence in outcomes:
        if ok:
            messages.success(request, f"{zh.quoted(name)}已添加。{sentence}")
        else:
            messages.error(request, f"没有添加：{sentence}")
    if not outcomes:
        messages.error(request, "请先选择文件，再按“上传”。")
    return _back(entry)


def _attach(entry: Entry, file: UploadedFile, request: HttpRequest) -> tuple[str, bool, str]:
    """One file: its name, whether it was kept, and what there is to say."""
    name = file.name or ""
    try:
        sound = inspect(name, cast(IO[bytes], file), largest=settings.EVIDENCE_LARGEST)
        done = verbs.attach(entry=entry, file=sound, by=person(request), at=timezone.now())
    except BadFile as bad:
        return name, False, str(bad)
    except Refused as refused:
        return name, False, refused.sentence
    return name, True, done.remark


@require_POST
def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file off an entry."""
    user, at = person(request), timezone.now()
    attachment = get_object_or_404(
        Attachment.objects.select_related("entry", "evidence").filter(
            entry__in=Entry.objects.visible_to(user).values("id")
        ),
        pk=pk,
    )
    permit(load_filing(user, attachment.entry.filing_id), user, Role.FILER)
    try:
        verbs.detach(attachment=attachment, by=user, at=at)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, f"{zh.quoted(attachment.evidence.name)}已从本项移除，需要时可以重新引用。")
    return _back(attachment.entry)


@require_safe
def earlier(request: HttpRequest, pk: int) -> HttpResponse:
    """The department's earlier files, to attach again; searched by name, in pages."""
    user = person(request)
    entry = load_entry(user, pk)
    filing = load_filing(user, entry.filing_id)
    permit(filing, user, Role.FILER)
    search = SearchForm(request.GET)
    found = search.filter(_offered(entry)).select_related("uploaded_by")
    page = Paginator(found.prefetch_related("attachments__entry__filing__period"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"entry": entry, "filing": filing, "search": search, "page": page, "back": _desk_url(entry)}
    return render(request, "filings/earlier_evidence.html", context)


@require_POST
def reuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach files the department uploaded before."""
    user, at = person(request), timezone.now()
    entry = load_entry(user, pk)
    permit(load_filing(user, entry.filing_id), user, Role.FILER)
    form = ReuseForm(request.POST, offered=_offered(entry))
    if not form.is_valid():
        messages.error(request, str(form.errors["evidence"][0]))
        return redirect("filings:earlier_evidence", pk=pk)
    for evidence in form.cleaned_data["evidence"]:
        try:
            verbs.reuse(entry=entry, evidence=evidence, by=user, at=at)
        except Refused as refused:
            messages.error(request, f"没有引用{zh.quoted(evidence.name)}：{refused.sentence}")
        else:
            messages.success(request, f"{zh.quoted(evidence.name)}已引用。")
    return _back(entry)


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    """A file to save."""
    return served(_load(request, pk), as_attachment=True)


@require_safe
def show(request: HttpRequest, pk: int) -> FileResponse:
    """A picture or a PDF in the browser; any other kind is not shown."""
    evidence = _load(request, pk)
    if not evidence.is_shown:
        raise Http404("这种文件只能下载后查看。")
    return served(evidence, as_attachment=False)


def _load(request: HttpRequest, pk: int) -> EvidenceFile:
    return get_object_or_404(EvidenceFile.objects.visible_to(person(request)), pk=pk)


def served(evidence: EvidenceFile, *, as_attachment: bool) -> FileResponse:
    """The stored bytes under the name people know. The type is what was checked on upload, never guessed again."""
    try:
        stored = evidence.file.open("rb")
    except FileNotFoundError as error:
        raise Http404("文件已不在服务器上，请联系系统管理员。") from error
    response = FileResponse(stored, content_type=KINDS[evidence.suffix])
    response["Content-Length"] = str(evidence.size)
    response["Content-Disposition"] = content_disposition_header(as_attachment, evidence.name) or ""
    response["Content-Security-Policy"] = POLICY if not as_attachment else f"{POLICY}; sandbox"
    return response


def _offered(entry: Entry) -> QuerySet[EvidenceFile]:
    """Files of the entry's department that are not on this entry, newest first."""
    there = Attachment.objects.filter(entry=entry, removed_at=None)
    return EvidenceFile.objects.filter(department=entry.filing.department_id).exclude(
        pk__in=there.values("evidence_id")
    )


def _desk_url(entry: Entry) -> str:
    return f"{reverse('filings:edit', args=[entry.filing_id])}?entry={entry.pk}#evidence"


def _back(entry: Entry) -> HttpResponse:
    return redirect(_desk_url(entry))

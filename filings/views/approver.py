"""The approver's pages and verbs, and the page of one filing that everybody who may see it reads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.permits import reader
from accounts.roles import Role
from filings.errors import Refused
from filings.forms.entry import SendBackForm
from filings.models import Entry, Filing
from filings.queries import mine as lists
from filings.queries.detail import detail as read
from filings.queries.threads import told
from filings.services.access import can_review
from filings.services.moves import send_back as give_back
from filings.services.moves import sign as approve
from filings.terms import Decision, Status
from filings.views.common import load_filing, permit, person, refused_redirect


@require_safe
def signing(request: HttpRequest) -> HttpResponse:
    """What waits for this person's signature, and how the other filings of the departments stand."""
    user = reader(request)
    context = {"signing": lists.signing(user, at=timezone.now()), **told(user)}
    return render(request, "filings/signing.html", context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One filing with all entries and the full history; its approver also signs or sends back here."""
    return _detail(request, load_filing(person(request), pk))


@require_POST
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Approver → office."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit(filing, user, Role.APPROVER)
    try:
        approve(filing=filing, by=user, at=at)
    except Refused as refused:
        return refused_redirect(request, refused, "filings:detail", pk)
    messages.success(request, f"{filing}已签发，报{filing.period.plan.office}审核。")
    return redirect("filings:signing")


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Approver → filer, with code and note for each entry to mend."""
    user, at = person(request), timezone.now()
    filing = load_filing(user, pk)
    permit(filing, user, Role.APPROVER)
    form = SendBackForm(request.POST, entries=_open_entries(filing))
    if not form.is_valid():
        messages.error(request, "没有退回：有的退回项原因或意见不合要求，请按该项的提示改正后再退回。")
        return _detail(request, filing, form, status=422)
    try:
        give_back(filing=filing, notes=form.notes(), by=user, at=at)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return _detail(request, load_filing(user, pk), form, status=422 if refused.axis == "content" else 409)
    messages.success(request, f"已退回 {len(form.notes())} 项，填报人改正后会再次送签。")
    return redirect("filings:signing")


def _open_entries(filing: Filing) -> list[Entry]:
    return list(Entry.objects.filter(filing=filing).exclude(decision=Decision.ACCEPTED))


def _detail(
    request: HttpRequest, filing: Filing, form: SendBackForm | None = None, status: int = 200
) -> HttpResponse:
    """Render the page; `form` carries what the approver typed and was refused."""
    user = person(request)
    signs = filing.department_id in user.departments_as(Role.APPROVER)
    may_sign = signs and filing.status == Status.AWAITING_SIGNOFF
    form = (form or SendBackForm(entries=_open_entries(filing))) if may_sign else None
    page = read(filing, reader=user, form=form, at=timezone.now())
    context = {
        "page": page,
        "sheet": page.sheet,
        "may_sign": may_sign,
        "may_fill": filing.department_id in user.departments_as(Role.FILER),
        "may_correct": filing.period.closed_at is not None and can_review(filing, user),
    }
    return render(request, "filings/detail.html", context, status=status)

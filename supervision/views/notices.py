"""What departments are told, signing for it, and whether it comes by mail as well."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import Role
from filings.errors import Refused
from filings.views.common import person
from harbor_plan.lib.outgoing import mail_is_configured, masked_email
from supervision import services
from supervision.forms.notices import MailForm, NoticeFilter
from supervision.models import Digest, Notice
from supervision.services.deliveries import set_mail, wants_mail

NOTICES_A_PAGE = 30
#: Digests beside the notices.
DIGESTS_SHOWN = 5


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What a person's departments were told, newest first; the office and leaders read all of it."""
    user = person(request)
    if not user.reads_plan:
        raise Http404("没有提醒。")
    form = NoticeFilter(request.GET)
    found = form.filter(Notice.objects.visible_to(user))
    found = found.select_related("department", "period__plan", "order__plan", "by", "read_by")
    page = Paginator(found, NOTICES_A_PAGE).get_page(request.GET.get("page"))
    mine = user.departments_as(Role.FILER, Role.APPROVER)
    unread = Notice.objects.filter(department__in=mine).unread().count()
    digests = Digest.objects.visible_to(user).select_related("delivery").prefetch_related("lines")
    context = {
        "page": page,
        "form": form,
        "mine": mine,
        "unread": unread,
        "digests": digests[:DIGESTS_SHOWN],
        "mail": mail_is_configured(),
        "address": masked_email(user.email),
        "wants_mail": wants_mail(user),
    }
    return render(request, "supervision/notices.html", context)


@require_POST
def read_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign for a notice."""
    user, at = person(request), timezone.now()
    notice = get_object_or_404(Notice.objects.visible_to(user).select_related("department"), pk=pk)
    if notice.department_id not in user.departments_as(Role.FILER, Role.APPROVER):
        raise PermissionDenied(f"由{notice.department}的填报人或签发人签收，您可以查看。")
    try:
        services.read_notice(notice=notice, by=user, at=at)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, "已签收。")
    return redirect("supervision:notices")


@require_POST
def by_mail(request: HttpRequest) -> HttpResponse:
    """Switch one's own digests by mail on or off."""
    user, at = person(request), timezone.now()
    if not user.reads_plan:
        raise Http404("没有提醒。")
    form = MailForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请选择接收或不接收邮件。")
        return redirect("supervision:notices")
    wanted = form.cleaned_data["wanted"] == "1"
    set_mail(wanted=wanted, by=user, at=at)
    messages.success(request, "提醒将同时发送邮件。" if wanted else "不再发送邮件，提醒仍在系统内查看。")
    return redirect("supervision:notices")

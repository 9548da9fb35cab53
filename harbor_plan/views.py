"""The role home: each person lands where their work is."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.roles import Role
from harbor_plan.navigation import PAGES
from targets.asked import CHOSEN
from targets.models import Plan

#: In this order: a person with several roles lands at the first that fits.
HOMES = (
    (Role.OFFICE, "supervision:desk"),
    (Role.LEADER, "reports:cockpit"),
    (Role.FILER, "filings:mine"),
    (Role.APPROVER, "filings:signing"),
    (Role.SYSADMIN, "admin:index"),
)


def home(request: HttpRequest) -> HttpResponse:
    """Send the person to the page their role works on."""
    assert isinstance(request.user, User)
    for role, name in HOMES:
        if request.user.holds(role):
            return redirect(name)
    return render(request, "no_role.html", status=403)


@require_POST
def choose_plan(request: HttpRequest) -> HttpResponse:
    """Show another plan from now on, on the page where it was chosen or on the role's home."""
    code = request.POST.get("plan", "")
    if code not in Plan.objects.visible_to(request.user).values_list("code", flat=True):
        raise Http404("没有这个方案。")
    request.session[CHOSEN] = code
    return redirect(_page_at(request.POST.get("next", "")))


def _page_at(address: str) -> str:
    """The name of the page of the navigation at an address; home for any other address."""
    try:
        name = resolve(address).view_name
    except Resolver404:
        return "home"
    return name if name in PAGES else "home"


def components(request: HttpRequest) -> HttpResponse:
    """The parts of the interface on one page, for developers."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "components.html")

"""The role home: each person lands where their work is."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.models import User
from accounts.roles import Role

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


def components(request: HttpRequest) -> HttpResponse:
    """The parts of the interface on one page, for developers."""
    if not settings.DEBUG:
        raise Http404
    return render(request, "components.html")

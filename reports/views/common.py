"""What every page of figures needs first: who looks, at which plan, at which edition of its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest

from accounts.models import User
from accounts.permits import reader
from accounts.roles import Role
from reports.editions import Edition, choices, choose
from targets.asked import latest_plan
from targets.models import Plan

#: Parameters that say which figures a page shows, and the place in a list that another edition has not.
EDITION_KEYS = ("plan", "period", "version", "live", "page")


@dataclass(frozen=True)
class Look:
    """One person's look at one plan's figures."""

    user: User
    plan: Plan
    edition: Edition | None

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The parts of an address that keep plan and edition."""
        return self.edition.fields if self.edition else (("plan", self.plan.code),)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """What the period switch, the links and the footer of every page of figures need.

        `edition_fields` go into forms that keep the edition; `kept` are the page's other filters, for the form
        that changes the edition. Filings are linked where `reads_all`, or for the `own_departments`.
        """
        editions = choices(self.plan)
        return {
            "plan": self.plan,
            "edition": self.edition,
            "editions": editions,
            "newer": next((e for e in editions if self.edition and e.replaces(self.edition)), None),
            "edition_fields": self.fields,
            "edition_query": urlencode(self.fields),
            "kept": [
                (key, value)
                for key, values in request.GET.lists()
                for value in values
                if key not in EDITION_KEYS and value
            ],
            "data_as_of": self.edition.as_of_words if self.edition else "",
            "reads_all": self.user.reads_all,
            "own_departments": self.user.departments_as(Role.FILER, Role.APPROVER),
        }


def look(request: HttpRequest, plan: Plan | None = None) -> Look:
    """The plan and edition an address asks for. 404 for an edition that does not exist."""
    user = reader(request)
    plan = plan or latest_plan(user, request.GET.get("plan", ""))
    if plan is None:
        raise Http404("没有这个方案。" if "plan" in request.GET else "还没有载入方案。")
    edition = choose(plan, request.GET.dict())
    if edition is None and ("period" in request.GET or "version" in request.GET):
        raise Http404("没有这个季度或这个版本的数据。")
    return Look(user, plan, edition)

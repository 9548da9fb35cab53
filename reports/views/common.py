"""What every page of figures needs first: who looks, at which plan, at which edition of its figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.permits import reader
from accounts.roles import Role
from harbor_plan.lib.moments import local_day
from reports.editions import Edition, choices, choose, end_of_day, live
from targets.asked import plan_asked
from targets.models import Plan

#: Parameters that say which figures a page shows, and the place in a list that another edition has not.
EDITION_KEYS = ("plan", "period", "version", "live", "known", "page")


@dataclass(frozen=True)
class Look:
    """One person's look at one plan's figures; `instead_of` is what was asked and did not exist yet on the day."""

    user: User
    plan: Plan
    edition: Edition | None
    known: date | None = None
    instead_of: Edition | None = None

    @property
    def day(self) -> date:
        """The day on which names and duties are looked at: the edition's, else the plan's last."""
        return self.edition.cut_off if self.edition else self.plan.ends_on

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The parts of an address that keep plan, edition and the day it was known at."""
        known = (("known", self.known.isoformat()),) if self.known else ()
        return self.edition.fields if self.edition else (("plan", self.plan.code), *known)

    def running(self) -> Edition | None:
        """The newest quarter's figures as they stand, now or at the end of the day."""
        return live(self.plan, self.known)

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """What the period switch, the links and the footer of every page of figures need.

        `edition_fields` go into forms that keep the edition; `kept` are the page's other filters, for the form
        that changes the edition. Filings are linked where `reads_all`, or for the `own_departments`.
        """
        editions = choices(self.plan, self.known)
        return {
            "plan": self.plan,
            "edition": self.edition,
            "known": self.known,
            "keeps_known": True,
            "instead_of": self.instead_of,
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
    """The plan and edition an address asks for. 404 for an edition that does not exist.

    One that exists by now and did not on the day it is asked for gives way to the newest of that day.
    """
    user = reader(request)
    plan, known = plan or asked_plan(request), known_day(request)
    params = request.GET.dict()
    edition, later = choose(plan, params, known), None
    if edition is None and ("period" in params or "version" in params):
        later = choose(plan, params) if known else None
        if later is None:
            raise Http404("没有这个季度或这个版本的数据。")
        edition = choose(plan, {}, known)
    return Look(user, plan, edition, known, later)


def asked_plan(request: HttpRequest) -> Plan:
    """The plan an address asks for, else the latest. 404 when there is none."""
    reader(request)
    plan = plan_asked(request)
    if plan is None:
        raise Http404("没有这个方案。" if "plan" in request.GET else "还没有载入方案。")
    return plan


def known_day(request: HttpRequest, name: str = "known") -> date | None:
    """The day at whose end the figures are asked for; None for now, and for a day that is not over. 404 for no date."""
    text = request.GET.get(name, "")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        end_of_day(day)
    except (ValueError, OverflowError):
        raise Http404("日期请写成 2020-11-05 的样子。") from None
    return day if day < local_day(timezone.now()) else None

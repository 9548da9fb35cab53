"""What every page of figures needs first: who looks, at which plan, at which edition of its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from accounts.models import User
from reports.editions import Edition, choices, choose, latest_plan
from targets.models import Plan


@dataclass(frozen=True)
class Look:
    """One person's look at one plan's figures."""

    user: User
    plan: Plan
    edition: Edition | None

    def context(self, request: HttpRequest) -> dict[str, Any]:
        """What the period switch and the footer of every page of figures need."""
        editions = choices(self.plan)
        return {
            "plan": self.plan,
            "edition": self.edition,
            "editions": editions,
            "edition_query": self.edition.query if self.edition else "",
            "data_as_of": self.edition.label if self.edition else "",
        }


def reader(request: HttpRequest) -> User:
    """The signed-in person, if they have a part in the plan; otherwise the page is refused."""
    user = request.user
    if not isinstance(user, User) or not user.reads_plan:
        raise PermissionDenied("系统管理员不参与业务，不能查看方案数据。")
    return user


def look(request: HttpRequest, plan: Plan | None = None) -> Look:
    """The plan and edition an address asks for. 404 for an edition that does not exist."""
    user = reader(request)
    plan = plan or latest_plan(user, request.GET.get("plan", ""))
    if plan is None:
        raise Http404("还没有载入方案。")
    edition = choose(plan, request.GET.dict())
    if edition is None and ("period" in request.GET or "version" in request.GET):
        raise Http404("没有这个季度或这个版本的数据。")
    return Look(user, plan, edition)

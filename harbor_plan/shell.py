"""What every page shows around its content: plan, period and window, navigation of the person's role, identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.roles import Role
from filings.models import Filing, Period
from filings.terms import Status
from harbor_plan.lib.moments import local
from supervision.models import Notice, SupervisionOrder
from supervision.terms import OrderStatus
from targets.models import Plan


@dataclass(frozen=True)
class Item:
    """One entry of the role navigation."""

    label: str
    url: str
    is_current: bool
    count: int = 0


QUEUE = ("报送审核", "filings:queue")
ORDERS = ("督办单", "supervision:orders")

#: Navigation by role: label and address name, in the order of a day's work.
MENUS: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.OFFICE: (
        ("工作台", "supervision:desk"),
        QUEUE,
        ORDERS,
        ("填报期", "filings:periods"),
        ("总览", "reports:cockpit"),
        ("目标指标", "reports:indicators"),
        ("专项行动", "reports:actions"),
        ("责任分解", "reports:responsibilities"),
        ("年度计划", "tasks:plans"),
        ("通报发布", "reports:publications"),
        ("年度考核", "assessment:overview"),
        ("基础数据", "admin:index"),
    ),
    Role.LEADER: (
        ("总览", "reports:cockpit"),
        ("目标指标", "reports:indicators"),
        ("专项行动", "reports:actions"),
        ("责任分解", "reports:responsibilities"),
        ("年度计划", "tasks:plans"),
        ("责任单位", "reports:departments"),
        ("季度通报", "reports:publications"),
        ("年度考核", "assessment:overview"),
        ORDERS,
        QUEUE,
    ),
    Role.FILER: (
        ("本季待办", "filings:mine"),
        ("往季报送", "filings:past"),
        ORDERS,
        ("总览", "reports:cockpit"),
        ("责任分解", "reports:responsibilities"),
        ("年度计划", "tasks:plans"),
        ("目标指标", "reports:indicators"),
        ("专项行动", "reports:actions"),
        ("考核结果", "assessment:overview"),
    ),
    Role.APPROVER: (
        ("待签发", "filings:signing"),
        ("往季报送", "filings:past"),
        ORDERS,
        ("总览", "reports:cockpit"),
        ("责任分解", "reports:responsibilities"),
        ("目标指标", "reports:indicators"),
        ("专项行动", "reports:actions"),
        ("考核结果", "assessment:overview"),
    ),
    Role.SYSADMIN: (("系统管理", "admin:index"),),
}


@dataclass(frozen=True)
class Shell:
    """The frame of a page. Empty parts are empty strings, so that signed-out pages use the same templates."""

    plan: str = ""
    period_label: str = ""
    window_text: str = ""
    days_left_text: str = ""
    is_demo: bool = False
    nav: tuple[Item, ...] = ()
    user_label: str = ""
    role_label: str = ""
    notices: int = 0
    version: str = settings.VERSION


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: `shell`, built only when a template reads it."""
    return {"shell": SimpleLazyObject(lambda: build(request, timezone.now()))}


def build(request: HttpRequest, at: datetime) -> Shell:
    """The frame for this person and moment: at most six queries, whatever the plan's history."""
    plan = Plan.objects.order_by("-starts_on").first()
    is_demo = bool(plan and plan.has_demo_data)
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Shell(is_demo=is_demo)
    roles = [role for role in MENUS if user.holds(role)]
    period = Period.objects.filter(plan=plan).opened().first() if plan and user.reads_plan else None
    return Shell(
        plan=plan.short_name if plan else "",
        period_label=str(period or ""),
        window_text=_window_text(period, at),
        days_left_text=_days_left(period, at),
        is_demo=is_demo,
        nav=tuple(_nav(request, roles, _counts(user, roles))),
        user_label=_identity(user),
        role_label="、".join(role.label for role in roles),
        notices=_unread(user),
    )


def _nav(request: HttpRequest, roles: list[Role], counts: dict[str, int]) -> list[Item]:
    """The menus of all the person's roles in one row, each page once."""
    items: dict[str, Item] = {}
    for role in roles:
        for label, name in MENUS[role]:
            url = reverse(name)
            items.setdefault(name, Item(label, url, False, counts.get(name, 0)))
    if counts.get(QUEUE[1]):  # also for whom a leader named as substitute
        items.setdefault(QUEUE[1], Item(QUEUE[0], reverse(QUEUE[1]), False, counts[QUEUE[1]]))
    current = max((i.url for i in items.values() if request.path.startswith(i.url)), key=len, default="")
    return [Item(i.label, i.url, i.url == current, i.count) for i in items.values()]


def _counts(user: User, roles: list[Role]) -> dict[str, int]:
    """How many filings wait for this person, by page; the numbers are those of the pages themselves."""
    filings = Filing.objects.visible_to(user)
    counts = {}
    if Role.OFFICE in roles:
        counts["filings:queue"] = filings.waiting().count()
    elif not user.reads_all:
        counts["filings:queue"] = filings.waiting().filter(substitute__user=user).count()
    if Role.APPROVER in roles:
        mine = user.departments_as(Role.APPROVER)
        counts["filings:signing"] = filings.filter(
            department__in=mine, status=Status.AWAITING_SIGNOFF
        ).count()
    counts["supervision:orders"] = _orders(user, roles)
    return counts


def _orders(user: User, roles: list[Role]) -> int:
    """Supervision orders that wait for this person: the office checks and closes, departments sign and report."""
    waiting = Q(pk__in=[])
    if Role.OFFICE in roles:
        waiting |= Q(status__in=[OrderStatus.REPORTED, OrderStatus.CHECKED])
    if mine := user.departments_as(Role.FILER, Role.APPROVER):
        waiting |= Q(status__in=[OrderStatus.ISSUED, OrderStatus.WORKING], department__in=mine)
    return SupervisionOrder.objects.visible_to(user).filter(waiting).count()


def _unread(user: User) -> int:
    """Notices that the person's departments have not signed for."""
    mine = user.departments_as(Role.FILER, Role.APPROVER)
    return Notice.objects.filter(department__in=mine).unread().count() if mine else 0


def _identity(user: User) -> str:
    departments = list(dict.fromkeys(str(m.department) for m in user._held if m.department))
    return f"{'、'.join(departments)} {user}".strip()


def _window_text(period: Period | None, at: datetime) -> str:
    if period is None:
        return ""
    due = f"{local(period.due_at):%-m月%-d日}"
    if period.closed_at:
        return "已关账"
    if at < period.opens_at:
        return f"{local(period.opens_at):%-m月%-d日}开放，{due}截止"
    if at <= period.due_at:
        return f"填报开放，{due}截止"
    return (
        f"已过报送截止日，{local(period.closes_at):%-m月%-d日}关闭" if at < period.closes_at else "填报已关闭"
    )


def _days_left(period: Period | None, at: datetime) -> str:
    if period is None or period.closed_at or not period.opens_at <= at < period.closes_at:
        return ""
    until = period.due_at if at <= period.due_at else period.closes_at
    days = (local(until).date() - local(at).date()).days
    return f"余 {days} 天" if days else "今天截止"

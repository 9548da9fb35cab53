"""What every page shows around its content: plan, period and window, navigation of the person's role, identity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.roles import Role
from filings.calendar import REMINDER_GAP
from filings.models import Filing, Period
from filings.queries.joint import count_waiting
from filings.terms import Status
from harbor_plan.lib.moments import local
from harbor_plan.navigation import MENUS, QUEUE, Group, Item, navigation
from supervision.models import Notice, SupervisionOrder
from supervision.terms import SIGNED_FOR, NoticeKind, OrderStatus
from targets.asked import chosen_code, in_order
from targets.models import Plan


@dataclass(frozen=True)
class Shell:
    """The frame of a page. Empty parts are empty strings, so that signed-out pages use the same templates."""

    plan: str = ""
    plan_code: str = ""
    plans: tuple[Plan, ...] = ()
    period_label: str = ""
    window_text: str = ""
    days_left_text: str = ""
    is_demo: bool = False
    nav: tuple[Item | Group, ...] = ()
    user_label: str = ""
    role_label: str = ""
    notices: int = 0
    reminders: int = 0
    countersigning: int = 0
    version: str = settings.VERSION


def shell(request: HttpRequest) -> dict[str, object]:
    """Context processor: `shell`, built only when a template reads it."""
    return {"shell": SimpleLazyObject(lambda: build(request, timezone.now()))}


def build(request: HttpRequest, at: datetime) -> Shell:
    """The frame for this person and moment: at most seven queries, whatever the plan's history."""
    plans = list(in_order(Plan.objects.all()))
    code = chosen_code(request)
    plan = next((plan for plan in plans if plan.code == code), plans[0] if plans else None)
    is_demo = bool(plan and plan.has_demo_data)
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return Shell(is_demo=is_demo)
    roles = [role for role in MENUS if user.holds(role)]
    period = Period.objects.filter(plan=plan).opened().first() if plan and user.reads_plan else None
    counts = _counts(user, roles, at)
    unread, reminders = _notices(user, at)
    return Shell(
        plan=plan.short_name if plan else "",
        period_label=str(period or ""),
        window_text=_window_text(period, at),
        days_left_text=_days_left(period, at),
        plans=tuple(plans) if user.reads_plan and len(plans) > 1 else (),
        plan_code=plan.code if plan else "",
        is_demo=is_demo,
        nav=navigation(roles, request.path, counts, [QUEUE] if counts.get(QUEUE.name) else []),
        user_label=_identity(user),
        role_label="、".join(role.label for role in roles),
        notices=unread,
        reminders=reminders,
        countersigning=counts.get("filings:countersign", 0),
    )


def _counts(user: User, roles: list[Role], at: datetime) -> dict[str, int]:
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
    counts["filings:countersign"] = count_waiting(user, at)
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


def _notices(user: User, at: datetime) -> tuple[int, int]:
    """Notices that the person's departments have not signed for, and reminders of the last days that still hold."""
    mine = user.departments_as(Role.FILER, Role.APPROVER)
    if not mine:
        return 0, 0
    own = Notice.objects.filter(department__in=mine).exclude(audience=Role.OFFICE)
    found = own.aggregate(
        unread=Count("pk", filter=Q(kind__in=SIGNED_FOR, read_at=None)),
        reminders=Count("pk", filter=Q(at__gte=at - REMINDER_GAP) & _still_holds()),
    )
    return found["unread"], found["reminders"]


def _still_holds() -> Q:
    """Scheduled reminders whose filing still waits for what they remind of."""
    return (
        Q(kind=NoticeKind.DUE, filing__first_submitted_at=None)
        | Q(kind=NoticeKind.RETURNED, filing__status=Status.RETURNED)
        | Q(kind=NoticeKind.UNSIGNED, filing__status=Status.AWAITING_SIGNOFF)
    )


def _identity(user: User) -> str:
    return f"{'、'.join(user.department_names)} {user}".strip()


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

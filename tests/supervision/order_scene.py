"""A plan with two tasks and their people, the lights of its quarters, and an order taken as far as a test needs it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from accounts.roles import Role
from filings.models import Period
from harbor_plan.lib.moments import start_of
from reports.models import Summary
from supervision.models import SupervisionOrder
from supervision.order_proposals import Proposal, propose
from supervision.services import orders
from tests import factories as f

TODAY = date(2021, 1, 20)
NOON = start_of(TODAY) + timedelta(hours=12)


class Scene:
    """`department` leads the first task, `other` the second. `office` and `second` review, `own` is of both sides."""

    def __init__(self) -> None:
        self.plan = f.make_plan("811", office=f.make_department("推进办"), ends_on=date(2021, 12, 31))
        self.department, self.other = f.make_department("甲局"), f.make_department("乙局")
        action = f.make_action(self.plan)
        self.task = f.make_task(action, lead=self.department, cooperating=[self.other], title="河道整治")
        self.second_task = f.make_task(action, lead=self.other, title="绿道建设")
        self.filer, self.approver = f.make_filer(self.department), f.make_approver(self.department)
        self.stranger = f.make_filer(self.other)
        self.office = f.make_reviewer(self.plan.office, name="顾明远")
        self.second = f.make_reviewer(self.plan.office, name="沈岚")
        self.own = f.make_user(
            roles=[(Role.OFFICE, self.plan.office), (Role.FILER, self.department)], name="两边"
        )
        self.leader = f.make_leader(name="高为民")
        self.sysadmin = f.make_sysadmin()
        self.before = f.open_quarter(self.plan, 2020, 3, at=NOON - timedelta(days=90))
        self.period = f.open_quarter(self.plan, 2020, 4, at=NOON)

    def light(
        self, standing: str, *, task: Any = None, period: Period | None = None, reason: str = ""
    ) -> None:
        """The light of a task in the figures of a quarter."""
        self.figure("task", task or self.task, standing, period, reason)

    def figure(
        self, subject: str, of: Any, standing: str, period: Period | None = None, reason: str = ""
    ) -> None:
        Summary.objects.update_or_create(
            period=period or self.period,
            subject=subject,
            subject_id=of.pk,
            defaults={
                "known_from": NOON,
                "name": str(of),
                "standing": standing,
                "reason": reason or f"灯为{standing}",
            },
        )

    def proposals(self, today: date = TODAY) -> list[Proposal]:
        return propose(self.plan, orders.rule_of(self.plan), today)

    def issue(self, level: str = "yellow", *, at: datetime = NOON, **changes: Any) -> SupervisionOrder:
        """Confirm what is proposed for the first task."""
        given: dict[str, Any] = {
            "task": self.task,
            "demand": "请在期限内赶上进度。",
            "rectify_by": TODAY + timedelta(days=30),
            "by": self.office,
        }
        return orders.issue(plan=self.plan, level=level, at=at, **(given | changes))

    def order(self, status: str = "issued", *, at: datetime = NOON) -> SupervisionOrder:
        """A yellow order taken as far as this status."""
        self.light("behind")
        order = self.issue(at=at)
        steps = [
            ("working", lambda: orders.sign(order=order, by=self.filer, at=at)),
            ("reported", lambda: orders.report(order=order, feedback="已赶上。", by=self.approver, at=at)),
            ("checked", lambda: orders.accept(order=order, note="现场看过。", by=self.office, at=at)),
            ("closed", lambda: orders.close(order=order, approver="高为民", by=self.second, at=at)),
        ]
        if status == "withdrawn":
            orders.withdraw(order=order, note="下错了", by=self.office, at=at)
            return order
        for reached, step in steps:
            if order.status == status:
                break
            step()
            assert order.status == reached
        return order

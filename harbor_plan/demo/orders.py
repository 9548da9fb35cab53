"""Supervision orders of the demonstration: some of what the rule proposes, each as far as `orders.csv` says."""

from __future__ import annotations

from datetime import date, timedelta

from harbor_plan.demo.days import moment
from harbor_plan.demo.people import Cast
from harbor_plan.demo.tables import Row, Tables
from supervision.order_proposals import propose
from supervision.services import orders
from targets.models import Plan

#: How far an order may have come, by the word of the table.
STATES = {"issued": 0, "working": 1, "sent_back": 2, "reported": 2, "checked": 3, "closed": 4}


def supervise(plan: Plan, tables: Tables, cast: Cast, *, today: date) -> None:
    """Issue the orders of the table, oldest first, counting days back from `today`.

    Raises DemoDataError for a task that the figures do not propose an order for.
    """
    proposed = {p.task.number: p for p in propose(plan, orders.rule_of(plan), today)}
    for row in sorted(tables.orders, key=lambda row: -row.number("days_ago")):
        if row.text("task") not in proposed:
            raise row.error("task", "按督办规则无须督办。")
        proposal = proposed[row.text("task")]
        _live_through(plan, proposal, row, cast, today - timedelta(row.number("days_ago")))


def _live_through(plan: Plan, proposal: orders.Proposal, row: Row, cast: Cast, day: date) -> None:
    """One order from its issue to where it stands now, a few days between two steps."""
    reached = row.one_of("state", STATES)
    filer, approver = cast.filers[proposal.department.pk], cast.approvers[proposal.department.pk]
    reviewer = cast.reviewer(proposal.department.pk, "order", row.text("task"))
    rectify_by = day + timedelta(row.number("days"))
    order = orders.issue(
        plan=plan,
        task=proposal.task,
        level=proposal.level,
        demand=row.text("demand"),
        rectify_by=rectify_by,
        by=cast.office[0],
        at=moment(day, "09:40"),
    )
    if reached >= 1:
        orders.sign(order=order, by=filer, at=moment(day, "15:10"))
    if reached >= 2:
        orders.report(
            order=order, feedback=row.text("feedback"), by=approver, at=moment(day + timedelta(7), "10:20")
        )
    if row.text("state") == "sent_back":
        orders.send_back(
            order=order,
            note=row.text("check"),
            rectify_by=rectify_by + timedelta(15),
            by=reviewer,
            at=moment(day + timedelta(9), "14:30"),
        )
    if reached >= 3:
        orders.accept(
            order=order, note=row.text("check"), by=reviewer, at=moment(day + timedelta(9), "14:30")
        )
    if reached >= 4:
        orders.close(
            order=order,
            approver=str(cast.leader),
            note=row.text("note"),
            by=cast.leader,
            at=moment(day + timedelta(10), "16:00"),
        )

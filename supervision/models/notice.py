"""Notices the system keeps: reminders (催办), overdue marks and what is told by schedule, addressed to a department."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from departments.models import Department
from filings.models import Filing, Period
from supervision.models.order import SupervisionOrder
from supervision.terms import SIGNED_FOR, NoticeKind


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Named questions about notices."""

    def visible_to(self, user: Any) -> Self:
        """The department's own people, but for what is told to reviewers; the office and leaders see all."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.reads_all:
            return self
        own = user.departments_as(Role.FILER, Role.APPROVER)
        return self.filter(department_id__in=own).exclude(audience=Role.OFFICE)

    def signed_for(self) -> Self:
        """Those that somebody of the department signs for."""
        return self.filter(kind__in=SIGNED_FOR)

    def unread(self) -> Self:
        """Those that still wait for a signature."""
        return self.signed_for().filter(read_at=None)


class Notice(models.Model):
    """One message to one department. An overdue mark is written once per department and period.

    `audience` narrows it to one role: filers, approvers, or the reviewers of the office; empty is filers and approvers.
    `key` says what happened in a way that is the same whenever it is found, so that nothing is noted twice; `point` is
    the day of the schedule (`filings.calendar.Reminder`) and `on` that day, for deadlines only.
    """

    department = models.ForeignKey(
        Department, verbose_name="单位", on_delete=models.PROTECT, related_name="notices"
    )
    period = models.ForeignKey(
        Period, verbose_name="填报期", on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField("种类", max_length=12, choices=NoticeKind.choices)
    audience = models.CharField("对象", max_length=20, choices=Role.choices, blank=True)
    filing = models.ForeignKey(
        Filing, verbose_name="报送", null=True, on_delete=models.PROTECT, related_name="notices"
    )
    order = models.ForeignKey(
        SupervisionOrder, verbose_name="督办单", null=True, on_delete=models.PROTECT, related_name="notices"
    )
    key = models.CharField("事由", max_length=80, blank=True)
    point = models.CharField("时点", max_length=12, blank=True)
    on = models.DateField("应提醒日", null=True)
    text = models.CharField("内容", max_length=500)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发出人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="签收人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    read_at = models.DateTimeField("签收时间", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "提醒"
        verbose_name_plural = "提醒"
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="overdue_notice_once",
                fields=["department", "period"],
                condition=Q(kind=NoticeKind.OVERDUE),
            ),
            models.UniqueConstraint(name="notice_key_once", fields=["key"], condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.period} {self.get_kind_display()}"

    @property
    def needs_signature(self) -> bool:
        """Whether somebody of the department signs for it."""
        return self.kind in SIGNED_FOR

"""Notices the system keeps: reminders (催办) and overdue marks, addressed to a department for one period."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from departments.models import Department
from filings.models import Period


class NoticeKind(models.TextChoices):
    REMINDER = "reminder", "催办"
    OVERDUE = "overdue", "逾期"
    EXTENSION = "extension", "延期"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Named questions about notices."""

    def visible_to(self, user: Any) -> Self:
        """The department's own people; the office and leaders see all."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.reads_all:
            return self
        return self.filter(department_id__in=user.departments_as(Role.FILER, Role.APPROVER))

    def unread(self) -> Self:
        return self.filter(read_at=None)


class Notice(models.Model):
    """One message to one department. An overdue mark is written once per department and period."""

    department = models.ForeignKey(
        Department, verbose_name="单位", on_delete=models.PROTECT, related_name="notices"
    )
    period = models.ForeignKey(
        Period, verbose_name="填报期", on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField("种类", max_length=12, choices=NoticeKind.choices)
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
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.period} {self.get_kind_display()}"

"""A department's quarter."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.roles import Role
from departments.models import Department
from filings.models.period import Exemption, Period
from filings.terms import Status


class FilingQuerySet(models.QuerySet["Filing"]):
    """Named questions about filings."""

    def visible_to(self, user: Any) -> Self:
        """Own departments' filings; the office and leaders see all; a named substitute sees that one."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.reads_all:
            return self
        own = user.departments_as(Role.FILER, Role.APPROVER)
        named = Substitute.objects.filter(user=user).values("filing_id")
        return self.filter(Q(department_id__in=own) | Q(id__in=named))

    def unsubmitted(self) -> Self:
        """Owed, and never signed and sent: what the office reminds of."""
        return self.filter(first_submitted_at=None, exemption=None)

    def owing(self) -> Self:
        """Everything but what is exempt (免报): what is counted, asked and reminded of."""
        return self.filter(exemption=None)

    def waiting(self) -> Self:
        """Sent to the office and not decided yet, longest waiting first."""
        return self.filter(status=Status.SUBMITTED).order_by("submitted_at", "id")


class Filing(models.Model):
    """What one department reports for one period. Three independent axes: status here, timeliness, window.

    `exemption` is the one in force; while there is one, nothing is asked of the department in this period.

    `claimed_by` reviews it now, `claimed_at` is when they last did something about it. `passed_on_by` finished the
    first of two levels of review. Both are empty unless the filing is being reviewed.
    """

    period = models.ForeignKey(
        Period, verbose_name="填报期", on_delete=models.PROTECT, related_name="filings"
    )
    department = models.ForeignKey(
        Department, verbose_name="单位", on_delete=models.PROTECT, related_name="filings"
    )
    status = models.CharField("状态", max_length=20, choices=Status.choices, default=Status.DRAFT)
    filled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="填报人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="签发人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_by = models.CharField("单位审核人", max_length=60, blank=True)
    checked_at = models.DateTimeField("单位审核时间", null=True)
    begun_at = models.DateTimeField("首次打开填报", null=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="审核认领人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    claimed_at = models.DateTimeField("认领时间", null=True)
    passed_on_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="初审人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    passed_on_at = models.DateTimeField("初审完成时间", null=True)
    first_submitted_at = models.DateTimeField("首次报送", null=True)
    submitted_at = models.DateTimeField("最近报送", null=True)
    submissions = models.PositiveSmallIntegerField("报送次数", default=0)
    returns = models.PositiveSmallIntegerField("退回次数", default=0)
    exemption = models.OneToOneField(
        Exemption,
        verbose_name="免报",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="filing",
    )

    objects = FilingQuerySet.as_manager()

    class Meta:
        verbose_name = "季度报送"
        verbose_name_plural = "季度报送"
        ordering = ["period_id", "department__order"]
        constraints = [
            models.UniqueConstraint(name="filing_once", fields=["period", "department"]),
            models.CheckConstraint(name="filing_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="filing_sent_has_first_time",
                condition=~Q(status__in=[Status.SUBMITTED, Status.ACCEPTED, Status.RETURNED])
                | Q(first_submitted_at__isnull=False, signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="filing_claimed_by_and_at",
                condition=Q(claimed_by=None, claimed_at=None)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="filing_passed_on_by_and_at",
                condition=Q(passed_on_by=None, passed_on_at=None)
                | Q(passed_on_by__isnull=False, passed_on_at__isnull=False),
            ),
            models.CheckConstraint(
                name="filing_exempt_was_never_sent", condition=Q(exemption=None) | Q(first_submitted_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.period}报送"


class Substitute(models.Model):
    """A person named by a leader to decide one filing that no reviewer may decide; who and why is kept."""

    filing = models.OneToOneField(
        Filing, verbose_name="报送", on_delete=models.PROTECT, related_name="substitute"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="代审人", on_delete=models.PROTECT, related_name="+"
    )
    named_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="指定人", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("理由", max_length=300)
    at = models.DateTimeField("指定时间")

    class Meta:
        verbose_name = "代审"
        verbose_name_plural = "代审"
        constraints = [models.CheckConstraint(name="substitute_says_why", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"{self.filing} {self.user}"

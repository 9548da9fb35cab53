"""A period is a row: nothing infers a quarter from a timestamp."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from departments.models import Department
from harbor_plan.lib.visibility import PlanDataQuerySet
from targets.models import Plan

_ENDS = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}


class PeriodQuerySet(PlanDataQuerySet["Period"]):
    """Named questions about periods; each takes the moment it is asked for."""

    def to_open(self, at: datetime) -> Self:
        """Periods whose time has come and whose obligations have not been written yet."""
        return self.filter(opened_at=None, opens_at__lte=at)

    def opened(self) -> Self:
        """Periods with obligations, newest first."""
        return self.exclude(opened_at=None).order_by("-year", "-quarter")

    def until(self, period: Period) -> Self:
        """This period and the earlier ones of its plan, oldest first."""
        return self.filter(plan=period.plan_id).filter(
            Q(year__lt=period.year) | Q(year=period.year, quarter__lte=period.quarter)
        )

    def after(self, period: Period) -> Self:
        """Later periods of the same plan, oldest first."""
        return self.filter(plan=period.plan_id).filter(
            Q(year__gt=period.year) | Q(year=period.year, quarter__gt=period.quarter)
        )


class Period(models.Model):
    """One quarter of one plan with its window: opens, due (with that moment), closes.

    Cooperating departments countersign until `countersign_by`; without it nothing is countersigned.

    `opened_at` is set when the obligations are written, `closed_at` when version 1 of its figures is published.
    A late-entry period (补录) has no timeliness.
    """

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="periods")
    year = models.PositiveSmallIntegerField("年份")
    quarter = models.PositiveSmallIntegerField("季度")
    opens_at = models.DateTimeField("开放时间")
    due_at = models.DateTimeField("报送截止")
    closes_at = models.DateTimeField("关闭时间")
    countersign_by = models.DateTimeField("会签截止", null=True, blank=True)
    is_late_entry = models.BooleanField("补录", default=False, help_text="补录的季度不计时效")
    opened_at = models.DateTimeField("实际开放", null=True, blank=True, editable=False)
    closed_at = models.DateTimeField("关账时间", null=True, blank=True, editable=False)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "填报期"
        verbose_name_plural = "填报期"
        ordering = ["plan_id", "year", "quarter"]
        constraints = [
            models.UniqueConstraint(name="period_once", fields=["plan", "year", "quarter"]),
            models.CheckConstraint(name="period_quarter", condition=Q(quarter__gte=1, quarter__lte=4)),
            models.CheckConstraint(
                name="period_window_in_order",
                condition=Q(opens_at__lt=F("due_at")) & Q(due_at__lte=F("closes_at")),
            ),
            models.CheckConstraint(
                name="period_countersigned_within_window",
                condition=Q(countersign_by=None)
                | Q(countersign_by__gt=F("opens_at"), countersign_by__lte=F("closes_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.quarter}季度"

    @property
    def code(self) -> str:
        """As in addresses and file names: 2020Q4."""
        return f"{self.year}Q{self.quarter}"

    @property
    def last_day(self) -> date:
        """The day its standing is judged at."""
        return date(self.year, *_ENDS[self.quarter])

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.quarter - 2, 1)

    @property
    def days(self) -> int:
        """Calendar days of the quarter, for means weighted by days."""
        return (self.last_day - self.first_day + timedelta(days=1)).days


class Extension(models.Model):
    """More time for one department in one period, with who allowed it and why; also after the deadline.

    It moves the moment a filing counts as on time. The latest approved one holds.
    """

    period = models.ForeignKey(
        Period, verbose_name="填报期", on_delete=models.PROTECT, related_name="extensions"
    )
    department = models.ForeignKey(
        Department, verbose_name="单位", on_delete=models.PROTECT, related_name="extensions"
    )
    until = models.DateTimeField("延至")
    reason = models.CharField("理由", max_length=300)
    approver = models.CharField("批准人", max_length=100)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "延期"
        verbose_name_plural = "延期"
        ordering = ["recorded_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="extension_says_why_and_who", condition=~Q(reason="") & ~Q(approver="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.department}"


class Exemption(models.Model):
    """One department owes nothing in one period, with who allowed it and why; withdrawn ones are kept.

    What it owed stays on record; it is left out of what is asked, reminded of and counted.
    """

    period = models.ForeignKey(
        Period, verbose_name="填报期", on_delete=models.PROTECT, related_name="exemptions"
    )
    department = models.ForeignKey(
        Department, verbose_name="单位", on_delete=models.PROTECT, related_name="exemptions"
    )
    reason = models.CharField("理由", max_length=300)
    approver = models.CharField("批准人", max_length=100)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="撤销人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = "免报"
        verbose_name_plural = "免报"
        ordering = ["recorded_at", "id"]
        constraints = [
            models.UniqueConstraint(
                name="exemption_once", fields=["period", "department"], condition=Q(withdrawn_at=None)
            ),
            models.CheckConstraint(
                name="exemption_says_why_and_who", condition=~Q(reason="") & ~Q(approver="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.department}"

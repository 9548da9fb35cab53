"""Joint work on one task: cooperating departments countersign what its lead wrote."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from departments.models import Department
from filings.models.entry import Entry
from filings.terms import Consent


class Countersignature(models.Model):
    """One cooperating department's word on a lead's progress entry. Appended, never changed; the latest one holds.

    `version_no` is the version of the entry that was countersigned: a later submission with other words asks again.
    """

    entry = models.ForeignKey(
        Entry, verbose_name="填报项", on_delete=models.PROTECT, related_name="countersignatures"
    )
    department = models.ForeignKey(
        Department, verbose_name="会签单位", on_delete=models.PROTECT, related_name="countersignatures"
    )
    consent = models.CharField("会签意见", max_length=10, choices=Consent.choices)
    text = models.CharField("意见内容", max_length=1000, blank=True)
    version_no = models.PositiveSmallIntegerField("会签版本")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="会签人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("会签时间")

    class Meta:
        verbose_name = "会签"
        verbose_name_plural = "会签"
        ordering = ["entry_id", "id"]
        constraints = [
            models.CheckConstraint(
                name="countersignature_says_why",
                condition=Q(consent=Consent.CONFIRMED) | ~Q(text=""),
            ),
            models.CheckConstraint(
                name="countersignature_consent_known", condition=Q(consent__in=Consent.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.department} {self.get_consent_display()}"

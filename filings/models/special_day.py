"""Days on which the calendar of working days departs from the week."""

from __future__ import annotations

from django.db import models


class SpecialDay(models.Model):
    """A public holiday, or a weekend day worked instead (调休补班). The yearly notice of the State Council lists both.

    A deadline that falls on a day without work moves to the next working day, once, when its period is set up.
    """

    on = models.DateField("日期", unique=True)
    is_working = models.BooleanField("补班", default=False, help_text="勾选为调休补班日，不勾选为放假日")
    name = models.CharField("说明", max_length=60)

    class Meta:
        verbose_name = "节假日与调休"
        verbose_name_plural = "节假日与调休"
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.name}{'补班' if self.is_working else ''}"

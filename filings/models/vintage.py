"""Later values of one reading: verified, or sent back by a superior body. The flash value is the entry's own."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from filings.models.entry import Entry
from filings.models.filing import Filing
from filings.terms import VintageKind


class VintageQuerySet(models.QuerySet["Vintage"]):
    """Named questions about vintages."""

    def visible_to(self, user: Any) -> Self:
        """Those of the filings this user may see."""
        return self.filter(entry__filing__in=Filing.objects.visible_to(user).values("id"))


class Vintage(models.Model):
    """One later value of a reading with the document it comes from. Rows are only added.

    The highest kind counts, and of one kind the newest row; the filing, its time and its status stay as they are.
    """

    entry = models.ForeignKey(Entry, verbose_name="填报项", on_delete=models.PROTECT, related_name="vintages")
    kind = models.CharField("数据版次", max_length=10, choices=VintageKind.choices)
    value = models.DecimalField("数值", max_digits=18, decimal_places=4)
    numerator = models.DecimalField("分子", max_digits=18, decimal_places=4, null=True)
    denominator = models.DecimalField("分母", max_digits=18, decimal_places=4, null=True)
    doc_no = models.CharField("文号", max_length=100)
    doc_on = models.DateField("文件日期")
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("登记时间")

    objects = VintageQuerySet.as_manager()

    class Meta:
        verbose_name = "核定值"
        verbose_name_plural = "核定值"
        ordering = ["entry_id", "id"]
        constraints = [
            models.CheckConstraint(name="vintage_kind_known", condition=Q(kind__in=VintageKind.values)),
            models.CheckConstraint(name="vintage_names_its_document", condition=~Q(doc_no="")),
            models.CheckConstraint(
                name="vintage_parts_together",
                condition=Q(numerator=None, denominator=None)
                | Q(numerator__isnull=False, denominator__isnull=False, denominator__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.get_kind_display()}"

    @property
    def label(self) -> str:
        """Kind and document: 核定（嘉统〔2021〕3号）."""
        return f"{self.get_kind_display()}（{self.doc_no}）"

"""How far each work item of the year is, as filed with its task's progress."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from filings.models.entry import Entry
from tasks.models import WorkItem


class ItemProgressManager(models.Manager["ItemProgress"]):
    """Rows with their items at hand: whoever reads a percent names its item."""

    def get_queryset(self) -> models.QuerySet[ItemProgress]:
        return super().get_queryset().select_related("item")


class ItemProgress(models.Model):
    """Percent of one work item done by the quarter's end, in the lead's progress entry of its task."""

    entry = models.ForeignKey(
        Entry, verbose_name="填报项", on_delete=models.PROTECT, related_name="item_progress"
    )
    item = models.ForeignKey(
        WorkItem, verbose_name="工作项", on_delete=models.PROTECT, related_name="progress"
    )
    percent = models.DecimalField("完成比例", max_digits=5, decimal_places=2)

    objects = ItemProgressManager()

    class Meta:
        verbose_name = "工作项进度"
        verbose_name_plural = "工作项进度"
        ordering = ["entry_id", "item__order"]
        constraints = [
            models.UniqueConstraint(name="item_progress_once", fields=["entry", "item"]),
            models.CheckConstraint(
                name="item_progress_0_to_100", condition=Q(percent__gte=0, percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.item}"

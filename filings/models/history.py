"""What was sent and what was decided, kept for ever."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from filings.models.entry import Entry
from filings.models.filing import Filing
from filings.terms import ReturnCode


class EntryVersionQuerySet(models.QuerySet["EntryVersion"]):
    """Versions of entries, and which of them is the newest."""

    def newest(self) -> dict[int, EntryVersion]:
        """The newest of each entry among these, by entry id. One query."""
        return {version.entry_id: version for version in self.order_by("no")}


class EntryVersion(models.Model):
    """An entry as it was sent (each signing) or corrected (after the period closed)."""

    entry = models.ForeignKey(Entry, verbose_name="填报项", on_delete=models.PROTECT, related_name="versions")
    no = models.PositiveSmallIntegerField("版本")
    content = models.JSONField("内容")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经手人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")
    correction_reason = models.CharField("更正理由", max_length=300, blank=True)

    objects = EntryVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "填报项版本"
        verbose_name_plural = "填报项版本"
        ordering = ["entry_id", "no"]
        constraints = [models.UniqueConstraint(name="entry_version_once", fields=["entry", "no"])]

    def __str__(self) -> str:
        return f"{self.entry} 第{self.no}版"


class Move(models.Model):
    """One step of a filing or one decision on an entry: from, verb, to, who, when, why."""

    filing = models.ForeignKey(Filing, verbose_name="报送", on_delete=models.PROTECT, related_name="moves")
    entry = models.ForeignKey(
        Entry, verbose_name="填报项", null=True, on_delete=models.PROTECT, related_name="moves"
    )
    verb = models.CharField("动作", max_length=20)
    from_status = models.CharField("原状态", max_length=20, blank=True)
    to_status = models.CharField("现状态", max_length=20, blank=True)
    code = models.CharField("原因代码", max_length=4, choices=ReturnCode.choices, blank=True)
    note = models.TextField("意见", blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经手人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "经办记录"
        verbose_name_plural = "经办记录"
        ordering = ["id"]
        indexes = [models.Index(fields=["filing", "id"])]
        constraints = [models.CheckConstraint(name="move_has_verb", condition=~Q(verb=""))]

    def __str__(self) -> str:
        return f"{self.filing} {self.verb}"

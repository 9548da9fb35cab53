"""What a review is made of besides its decisions: the thread on an entry, and the office's rules for reviewing."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from filings.models.entry import Entry
from targets.models import Plan


class Remark(models.Model):
    """One message in the thread on an entry, from the department or from the office. Appended, never changed."""

    entry = models.ForeignKey(Entry, verbose_name="填报项", on_delete=models.PROTECT, related_name="remarks")
    text = models.CharField("内容", max_length=1000)
    is_office = models.BooleanField("审核方", default=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="发言人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "往来意见"
        verbose_name_plural = "往来意见"
        ordering = ["entry_id", "id"]
        constraints = [models.CheckConstraint(name="remark_says_something", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"{self.by}：{self.text[:20]}"


class ReviewRule(models.Model):
    """How the office reviews the filings of a plan; without a row, one level."""

    plan = models.OneToOneField(
        Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="review_rule"
    )
    second_level = models.BooleanField("亮灯变化的须复审", default=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修改人", on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField("修改时间")

    class Meta:
        verbose_name = "审核规则"
        verbose_name_plural = "审核规则"

    def __str__(self) -> str:
        return f"{self.plan}审核规则"

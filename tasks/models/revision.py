"""Revisions of a plan (方案修订), and plans that were handed in as workbooks and wait to be applied."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from harbor_plan.lib.visibility import PlanDataQuerySet
from targets.models import Plan
from tasks.plan_files.diff import PlanDiff, from_json, in_words


class Source(models.TextChoices):
    """Where a revision came from."""

    FILES = "files", "载入文件"
    WORKBOOK = "workbook", "方案工作簿"
    ADMIN = "admin", "基础数据"


class PlanRevision(models.Model):
    """One change of a plan: number, when, by whom, why, and what became different.

    The first revision is the plan's first load; it needs no reason and keeps the counts alone. Revisions are only added.
    """

    plan = models.ForeignKey(Plan, verbose_name="方案", on_delete=models.PROTECT, related_name="revisions")
    no = models.PositiveIntegerField("次数")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="修订人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField("理由", max_length=300, blank=True)
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    counts = models.JSONField("项数", default=dict)
    content = models.JSONField("差异", default=dict)

    objects: PlanDataQuerySet[PlanRevision] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "方案修订"
        verbose_name_plural = "方案修订"
        ordering = ["plan_id", "-no"]
        constraints = [
            models.UniqueConstraint(name="plan_revision_once", fields=["plan", "no"]),
            models.CheckConstraint(name="plan_revision_says_why", condition=Q(no=1) | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.plan} 第{self.no}次修订"

    @property
    def diff(self) -> PlanDiff:
        """What became different."""
        return from_json(self.content)

    @property
    def words(self) -> str:
        """How many rows, in words; needs no diff."""
        return in_words(self.counts, self.content.get("reordered", ()))


class PlanUpload(models.Model):
    """A plan's workbook as it was handed in. It changes nothing until it is applied with a reason.

    `document` is the plan it describes (see `tasks.plan_files.to_json`), `diff` what was shown; with `problems` there is neither.
    """

    plan_code = models.CharField("方案代码", max_length=40, blank=True)
    plan_name = models.CharField("方案名称", max_length=100, blank=True)
    name = models.CharField("文件名", max_length=255)
    file = models.BinaryField("文件")
    document = models.TextField("方案内容", blank=True)
    diff = models.JSONField("差异", default=dict)
    problems = models.JSONField("问题", default=list)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("上传时间")
    revision = models.OneToOneField(
        PlanRevision, verbose_name="修订", null=True, on_delete=models.PROTECT, related_name="upload"
    )

    objects: PlanDataQuerySet[PlanUpload] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "上传的方案"
        verbose_name_plural = "上传的方案"
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.name

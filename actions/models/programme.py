"""The implementation programme (具体实施方案) of a special action, in versions."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from actions.models.action import SpecialAction
from harbor_plan.lib.visibility import PlanDataQuerySet


def stored_name(programme: Programme, filename: str) -> str:
    """Where the document lies: nothing a person typed becomes part of a path."""
    return f"programmes/{programme.recorded_at:%Y}/{uuid4().hex}"


class Programme(models.Model):
    """One issued version of an action's programme, with its approval and its document. Versions are only added."""

    action = models.ForeignKey(
        SpecialAction, verbose_name="专项行动", on_delete=models.PROTECT, related_name="programmes"
    )
    no = models.PositiveSmallIntegerField("版本")
    title = models.CharField("标题", max_length=200)
    document_no = models.CharField("文号", max_length=60, blank=True)
    leads = models.CharField("牵头单位", max_length=200)
    approved_by = models.CharField("批准人", max_length=100)
    approved_on = models.DateField("批准日期")
    reason = models.CharField("修订理由", max_length=300, blank=True)
    file = models.FileField("附件", upload_to=stored_name, max_length=200)
    name = models.CharField("文件名", max_length=255)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField("登记时间")

    objects: PlanDataQuerySet[Programme] = PlanDataQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "实施方案"
        verbose_name_plural = "实施方案"
        ordering = ["action_id", "no"]
        constraints = [
            models.UniqueConstraint(name="programme_version_once", fields=["action", "no"]),
            models.CheckConstraint(name="programme_revision_says_why", condition=Q(no=1) | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第{self.no}版"

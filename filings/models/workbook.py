"""Workbooks that came back, kept from the preview until they are applied and after."""

from __future__ import annotations

from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import models

from filings.models.filing import Filing


def stored_name(upload: WorkbookUpload, filename: str) -> str:
    """Where the workbook lies: nothing a person typed becomes part of a path."""
    return f"workbooks/{upload.at:%Y/%m}/{uuid4().hex}.xlsx"


class WorkbookUploadQuerySet(models.QuerySet["WorkbookUpload"]):
    """Named questions about uploaded workbooks."""

    def visible_to(self, user: Any) -> Self:
        """Workbooks of filings this person may see."""
        return self.filter(filing__in=Filing.objects.visible_to(user).values("id"))


class WorkbookUpload(models.Model):
    """A filing's workbook as it was uploaded. Reading it writes nothing to the filing until somebody applies rows."""

    filing = models.ForeignKey(
        Filing, verbose_name="报送", on_delete=models.PROTECT, related_name="workbooks"
    )
    file = models.FileField("文件", upload_to=stored_name, max_length=200)
    name = models.CharField("文件名", max_length=255)
    sha256 = models.CharField("SHA-256", max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("上传时间")
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="写入人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    applied_at = models.DateTimeField("写入时间", null=True)
    applied_rows = models.PositiveIntegerField("写入项数", default=0)

    objects = WorkbookUploadQuerySet.as_manager()

    class Meta:
        verbose_name = "上传的工作簿"
        verbose_name_plural = "上传的工作簿"
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.name

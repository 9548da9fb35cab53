"""Files that prove what an entry says (佐证材料)."""

from __future__ import annotations

from typing import Any, Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from departments.models import Department
from filings.models.entry import Entry
from harbor_plan.lib.files import IMAGES, SHOWN, readable_size


def stored_name(evidence: EvidenceFile, filename: str) -> str:
    """Where the file lies: nothing a person typed becomes part of a path."""
    return f"{evidence.uploaded_at:%Y/%m}/{uuid4().hex}"


class EvidenceQuerySet(models.QuerySet["EvidenceFile"]):
    """Named questions about files."""

    def visible_to(self, user: Any) -> Self:
        """Files of the person's own departments, and those sent with entries the person may see.

        What was attached after the last sending is still the department's own draft.
        """
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        sent = Attachment.objects.filter(
            entry__in=Entry.objects.visible_to(user).values("id"), at__lte=F("entry__filing__submitted_at")
        )
        return self.filter(Q(department__in=user.own_department_ids) | Q(id__in=sent.values("evidence_id")))

    def named_like(self, words: str) -> Self:
        """Files whose name has every one of the words."""
        found = self
        for word in words.split():
            found = found.filter(name__icontains=word)
        return found


class EvidenceFile(models.Model):
    """One uploaded file of a department. The same bytes are stored once per department and can be attached again."""

    department = models.ForeignKey(
        Department, verbose_name="单位", on_delete=models.PROTECT, related_name="evidence"
    )
    file = models.FileField("文件", upload_to=stored_name, max_length=200)
    name = models.CharField("文件名", max_length=255)
    suffix = models.CharField("类型", max_length=10)
    size = models.PositiveBigIntegerField("字节数")
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="上传人", on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField("上传时间")

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "佐证材料"
        verbose_name_plural = "佐证材料"
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(name="evidence_once", fields=["department", "sha256"]),
            models.CheckConstraint(name="evidence_not_empty", condition=Q(size__gt=0)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def readable_size(self) -> str:
        return readable_size(self.size)

    @property
    def is_picture(self) -> bool:
        return self.suffix in IMAGES

    @property
    def is_shown(self) -> bool:
        """Whether a browser may show it; its bytes were checked against its ending when it came."""
        return self.suffix in SHOWN


class Attachment(models.Model):
    """One file on one entry. Taking it off is kept, with who and when."""

    entry = models.ForeignKey(
        Entry, verbose_name="填报项", on_delete=models.PROTECT, related_name="attachments"
    )
    evidence = models.ForeignKey(
        EvidenceFile, verbose_name="佐证材料", on_delete=models.PROTECT, related_name="attachments"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="添加人", on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField("添加时间")
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="移除人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField("移除时间", null=True)

    class Meta:
        verbose_name = "佐证"
        verbose_name_plural = "佐证"
        ordering = ["entry_id", "id"]
        constraints = [
            models.UniqueConstraint(
                name="attachment_once", fields=["entry", "evidence"], condition=Q(removed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.evidence}"

"""Digests and how each leaves the system: by e-mail to a person, or by a group robot an administrator configured."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from departments.models import Department
from harbor_plan.lib.outgoing import masked_url
from supervision.models.notice import Notice
from supervision.terms import ChannelKind, DeliveryState, Via


class Preference(models.Model):
    """Whether a person wants digests by e-mail; without a row, whoever has an address does."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name="账号", on_delete=models.CASCADE, related_name="preference"
    )
    by_mail = models.BooleanField("接收邮件", default=True)

    class Meta:
        verbose_name = "提醒方式"
        verbose_name_plural = "提醒方式"

    def __str__(self) -> str:
        return f"{self.user}提醒方式"


class Channel(models.Model):
    """A group robot that is told what its departments are told. Without departments it is told everything.

    Its address and its secret are written once and never shown again: whoever knows them can speak as this system.
    """

    kind = models.CharField("类型", max_length=10, choices=ChannelKind.choices)
    name = models.CharField("名称", max_length=60, unique=True)
    webhook_url = models.CharField("地址", max_length=500)
    webhook_secret = models.CharField("加签密钥", max_length=200, blank=True)
    departments = models.ManyToManyField(
        Department, verbose_name="单位", blank=True, help_text="不选则发送全部单位的提醒"
    )
    is_active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "群机器人"
        verbose_name_plural = "群机器人"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def masked(self) -> str:
        """Enough of the address to recognise it."""
        return masked_url(self.webhook_url)


class DigestQuerySet(models.QuerySet["Digest"]):
    """Named questions about digests."""

    def visible_to(self, user: Any) -> Self:
        """A person's own."""
        return self.filter(user=user) if isinstance(user, User) and user.is_active else self.none()

    def scheduled(self) -> Self:
        """Those that keep the days between two; what the office sends by a click does not count."""
        return self.filter(is_immediate=False)


class Digest(models.Model):
    """What one person, or one robot, is told at once: several notices in one message, as it was written then."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="接收人",
        null=True,
        on_delete=models.CASCADE,
        related_name="digests",
    )
    channel = models.ForeignKey(
        Channel, verbose_name="群机器人", null=True, on_delete=models.PROTECT, related_name="digests"
    )
    on = models.DateField("日期")
    at = models.DateTimeField("时间")
    is_immediate = models.BooleanField("即时", default=False)
    subject = models.CharField("主题", max_length=200)
    text = models.TextField("内容")
    notices = models.ManyToManyField(
        Notice, verbose_name="提醒", through="DigestLine", related_name="digests"
    )

    objects = DigestQuerySet.as_manager()

    class Meta:
        verbose_name = "提醒汇总"
        verbose_name_plural = "提醒汇总"
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="digest_to_person_or_robot",
                condition=Q(user__isnull=True, channel__isnull=False)
                | Q(user__isnull=False, channel__isnull=True),
            ),
            models.UniqueConstraint(
                name="digest_once_a_day_for_person",
                fields=["user", "on"],
                condition=Q(is_immediate=False, user__isnull=False),
            ),
            models.UniqueConstraint(
                name="digest_once_a_day_for_robot",
                fields=["channel", "on"],
                condition=Q(is_immediate=False, channel__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.channel} {self.on:%Y-%m-%d} {self.subject}"


class DigestLine(models.Model):
    """One notice in one digest. `recipient` repeats whose digest it is: nobody is told one thing twice."""

    digest = models.ForeignKey(
        Digest, verbose_name="提醒汇总", on_delete=models.CASCADE, related_name="lines"
    )
    notice = models.ForeignKey(Notice, verbose_name="提醒", on_delete=models.PROTECT, related_name="lines")
    recipient = models.CharField("接收方", max_length=24)

    class Meta:
        verbose_name = "提醒汇总条目"
        verbose_name_plural = "提醒汇总条目"
        ordering = ["digest_id", "id"]
        constraints = [models.UniqueConstraint(name="digest_line_once", fields=["recipient", "notice"])]

    def __str__(self) -> str:
        return f"{self.digest} {self.notice}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Named questions about deliveries."""

    def to_send(self, at: datetime) -> Self:
        """Queued, and not held back until later, oldest first."""
        return self.filter(state=DeliveryState.QUEUED, next_at__lte=at).order_by("id")


class Delivery(models.Model):
    """A digest on its way out: one row, one message. See `supervision.services.deliveries` for how it moves.

    `claimed_at` is when somebody began to send it; a row that stays at sending was left by a worker that died.
    """

    digest = models.OneToOneField(
        Digest, verbose_name="提醒汇总", on_delete=models.CASCADE, related_name="delivery"
    )
    via = models.CharField("途径", max_length=10, choices=Via.choices)
    address = models.CharField("地址", max_length=120, help_text="隐去部分字符")
    state = models.CharField(
        "状态", max_length=10, choices=DeliveryState.choices, default=DeliveryState.QUEUED
    )
    attempts = models.PositiveSmallIntegerField("已试次数", default=0)
    next_at = models.DateTimeField("下次发送")
    claimed_at = models.DateTimeField("开始发送", null=True)
    sent_at = models.DateTimeField("送达时间", null=True)
    last_error = models.CharField("最近一次失败", max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = "发送记录"
        verbose_name_plural = "发送记录"
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "next_at"])]
        constraints = [
            models.CheckConstraint(name="delivery_state_known", condition=Q(state__in=DeliveryState.values)),
            models.CheckConstraint(
                name="delivery_sent_has_time",
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~Q(state=DeliveryState.SENT) & Q(sent_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_via_display()} {self.address} {self.get_state_display()}"

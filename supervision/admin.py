"""Group robots and what became of messages: for the system administrator, who configures every address used."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from audit.admin import AuditedAdmin, in_words
from filings.errors import Refused
from harbor_plan.lib.outgoing import problem_of
from supervision.models import Channel, Delivery
from supervision.services.deliveries import resend


class ChannelForm(forms.ModelForm):
    """Address and secret are typed to be set and never shown again; left empty, a saved one stays."""

    webhook_url = forms.CharField(
        label="地址",
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text="从群机器人设置中复制完整地址。外网须为 https://，内网可用 http://。",
    )
    webhook_secret = forms.CharField(
        label="加签密钥",
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"class": "vTextField", "autocomplete": "new-password"}),
        help_text="钉钉、飞书开启“加签”时必填；企业微信不用。",
    )
    clear_secret = forms.BooleanField(label="清除已保存的密钥", required=False)

    class Meta:
        model = Channel
        fields = ["kind", "name", "webhook_url", "webhook_secret", "clear_secret", "departments", "is_active"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_readdressed = False
        self.saved = (self.instance.webhook_url, self.instance.webhook_secret)
        self.initial.pop("webhook_url", None)
        self.initial.pop("webhook_secret", None)
        if self.instance.pk and "webhook_url" in self.fields:
            self.fields["webhook_url"].help_text = f"已保存：{self.instance.masked}。不改则留空。"
            kept = "已保存，不改则留空。" if self.instance.webhook_secret else "没有密钥。"
            self.fields["webhook_secret"].help_text = kept

    def clean_webhook_url(self) -> str:
        """A new address, or the saved one."""
        typed = str(self.cleaned_data.get("webhook_url") or "").strip()
        if not typed and not self.instance.pk:
            raise forms.ValidationError("请填写群机器人的地址。")
        if typed and (problem := problem_of(typed)):
            raise forms.ValidationError(problem)
        return typed or self.saved[0]

    def clean(self) -> dict[str, Any]:
        """The secret: typed, cleared, or as saved."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        typed = data.get("webhook_secret")
        if typed and data.get("clear_secret"):
            self.add_error("clear_secret", "填写了新的密钥，就不要再勾选清除。")
        data["webhook_secret"] = typed or ("" if data.get("clear_secret") else self.saved[1])
        self.is_readdressed = (data.get("webhook_url"), data["webhook_secret"]) != self.saved
        return data


@admin.register(Channel)
class ChannelAdmin(AuditedAdmin):
    """Robots are switched off, not deleted: what they were sent stays on record."""

    form = ChannelForm
    list_display = ("name", "kind", "masked_address", "told", in_words("is_active", "状态", "启用", "停用"))
    list_filter = ("kind", "is_active")
    search_fields = ("name",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A secret can be cleared once there is one."""
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name != "clear_secret"]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Boxes to tick: Django's two lists speak English in parts."""
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            field.widget = forms.CheckboxSelectMultiple(choices=field.choices)
            field.help_text = db_field.help_text
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("departments")

    @admin.display(description="地址")
    def masked_address(self, channel: Channel) -> str:
        return channel.masked

    @admin.display(description="单位")
    def told(self, channel: Channel) -> str:
        names = [str(department) for department in channel.departments.all()]
        if not names:
            return "全部"
        return "、".join(names[:3]) + (f"等 {len(names)} 家" if len(names) > 3 else "")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """That the address or the secret was changed is recorded, what it is never."""
        super().save_related(request, form, formsets, change)
        if change and form.is_readdressed:
            self.note(request, "channel.address", form.instance, {}, {"地址": form.instance.masked})

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(AuditedAdmin):
    """What was sent where and what became of it. What may have arrived is sent again only from here."""

    list_display = ("queued_at", "via", "recipient", "address", "state", "attempts", "last_error", "sent_at")
    list_filter = ("state", "via")
    list_per_page = 50
    fields = readonly_fields = (
        "queued_at",
        "via",
        "recipient",
        "address",
        "state",
        "attempts",
        "next_at",
        "claimed_at",
        "sent_at",
        "last_error",
    )
    actions = ["send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("digest__user", "digest__channel")

    @admin.display(description="生成时间", ordering="digest__at")
    def queued_at(self, delivery: Delivery) -> Any:
        return delivery.digest.at

    @admin.display(description="接收方")
    def recipient(self, delivery: Delivery) -> str:
        return str(delivery.digest.user or delivery.digest.channel)

    @admin.action(description="重新发送（对方可能已经收到）")
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Queue what failed or is doubtful again, one by one."""
        by: Any = request.user
        queued = 0
        for delivery in queryset:
            try:
                resend(delivery=delivery, by=by, at=timezone.now())
                queued += 1
            except Refused as refused:
                messages.error(request, refused.sentence)
        if queued:
            messages.success(request, f"已重新排入 {queued} 条，几分钟内发出。")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

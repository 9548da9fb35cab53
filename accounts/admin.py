"""Accounts, roles and locks in the administration: for the system administrator, who takes no part in the plan."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse

from accounts.models import FailedSignIn, Membership, User
from accounts.roles import Role
from audit.admin import AuditedAdmin, RowsBelow, in_words

PASSWORD_URL = "auth_user_password_change"

admin.site.unregister(Group)  # roles are a table in code; a group would grant nothing


class PersonForm(UserCreationForm):
    """A new account: name for sign-in, the person's name, a first password typed twice."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username", "name")


class PasswordForm(AdminPasswordChangeForm):
    """A new password typed twice. There is no account without one: nobody signs in by other means."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True


class MembershipsFormSet(BaseInlineFormSet):
    """What a person's roles must be together."""

    editor: User | None = None

    def clean(self) -> None:
        super().clean()
        held = [
            (form.cleaned_data.get("department"), form.cleaned_data["role"])
            for form in self.forms
            if form.cleaned_data.get("role") and not form.cleaned_data.get("DELETE")
        ]
        roles = {role for _, role in held}
        if len(set(held)) < len(held):
            raise ValidationError("同一单位的同一角色只能写一次。")
        if Role.SYSADMIN in roles and len(roles) > 1:
            raise ValidationError("系统管理员只管账号和运行，不参与填报和审核，不能兼任其他角色。")
        gives_up = (
            self.editor == self.instance and self.editor is not None and self.editor.holds(Role.SYSADMIN)
        )
        if gives_up and Role.SYSADMIN not in roles:
            raise ValidationError("不能取消自己的系统管理员角色；请由另一位系统管理员办理。")


class MembershipsBelow(RowsBelow):
    model = Membership
    formset = MembershipsFormSet
    extra = 1
    named_by = ("user", "department")
    verbose_name = "任职"
    verbose_name_plural = (
        "任职：填报人、签发人、办公室审核须选单位，领导、系统管理员不选；一人可以任职几个单位"
    )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """The class is made for this request, so it may know who edits."""
        formset = super().get_formset(request, obj, **kwargs)
        formset.editor = request.user  # type: ignore[attr-defined]
        return formset


@admin.register(User)
class PersonAdmin(AuditedAdmin, UserAdmin):
    """People and what they are to which department. Nobody is deleted: a person who leaves is made inactive."""

    add_form = PersonForm
    add_form_template = None
    change_password_form = PasswordForm
    inlines = [MembershipsBelow]
    list_display = ("username", "name", "roles", in_words("is_active", "状态", "有效", "停用"), "last_login")
    list_display_links = ("username", "name")
    list_filter = ("is_active", "memberships__role", "memberships__department")
    list_per_page = 50
    search_fields = ("username", "name")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "name", "phone", "email", "password")}),
        (
            "状态",
            {
                "fields": ("is_active", "last_login", "date_joined"),
                "description": "人员离开时取消“有效”，账号立即不能使用，办理过的记录保留。",
            },
        ),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "name", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("memberships__department")

    @admin.display(description="任职")
    def roles(self, person: User) -> str:
        return "、".join(
            f"{held.department or ''}{held.get_role_display()}" for held in person.memberships.all()
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nobody locks themselves out."""
        own = ("is_active",) if obj == request.user else ()
        return (*super().get_readonly_fields(request, obj), *own)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Set a new password; the event is written with it."""
        return super().user_change_password(request, id, form_url)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Changes of a person are recorded when saved; a password is set on a page of its own, which calls this."""
        if request.resolver_match and request.resolver_match.url_name == PASSWORD_URL:
            self.note(request, "account.password", obj, {}, {})


@admin.register(FailedSignIn)
class FailedSignInAdmin(AuditedAdmin):
    """Names and addresses with failures; deleting a row unlocks it."""

    list_display = ("username", "ip_address", "failures_since_start", "lock", "attempt_time")
    search_fields = ("username", "ip_address")
    fields = readonly_fields = (
        "username",
        "ip_address",
        "failures_since_start",
        "attempt_time",
        "user_agent",
    )

    @admin.display(description="状态")
    def lock(self, row: FailedSignIn) -> str:
        return "已锁定" if row.failures_since_start >= settings.AXES_FAILURE_LIMIT else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

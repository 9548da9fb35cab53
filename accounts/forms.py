"""Signing in and changing one's own password, with sentences of our own."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from accounts.models import User

LONGEST_NAME = User._meta.get_field("username").max_length


class SignInForm(AuthenticationForm):
    """Name and password. A name that no account can have is refused before it is looked up or counted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["username"], self.fields["password"]
        name.error_messages["required"] = "请填写用户名。"
        name.validators.append(MaxLengthValidator(LONGEST_NAME, f"用户名最多 {LONGEST_NAME} 个字符。"))
        password.error_messages["required"] = "请填写口令。"


class PasswordForm(PasswordChangeForm):
    """The password in use, and a new one typed twice."""

    error_messages = {
        "password_incorrect": "现用口令不正确，请重新输入。",
        "password_mismatch": "两次输入的新口令不一致，请重新输入。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].error_messages["required"] = "请填写现用口令。"
        self.fields["new_password1"].error_messages["required"] = "请填写新口令。"
        self.fields["new_password2"].error_messages["required"] = "请再输一遍新口令。"
        self.fields["new_password2"].help_text = ""

    def clean(self) -> dict[str, Any] | None:
        """A change is a change."""
        values = super().clean()
        new = self.cleaned_data.get("new_password1")
        if new and new == self.cleaned_data.get("old_password"):
            self.add_error("new_password1", ValidationError("新口令不能与现用口令相同。"))
        return values

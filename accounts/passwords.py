"""What a password must be, in our own words: settings.AUTH_PASSWORD_VALIDATORS names these classes.

GB/T 22239-2019 asks for complexity without numbers; eight characters of three kinds are common practice.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

LEAST = 8
KINDS = 3


class LongEnough:
    """At least eight characters."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < LEAST:
            raise ValidationError(f"口令至少 {LEAST} 位，现有 {len(password)} 位。")

    def get_help_text(self) -> str:
        return f"至少 {LEAST} 位。"


class Mixed:
    """Three of: capital letters, small letters, digits, anything else."""

    def validate(self, password: str, user: Any = None) -> None:
        if len({_kind(character) for character in password}) < KINDS:
            raise ValidationError("口令须含大写字母、小写字母、数字、符号中的至少三类。")

    def get_help_text(self) -> str:
        return "大写字母、小写字母、数字、符号至少含三类。"


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    return "upper" if character.isupper() else "lower" if character.islower() else "other"


class NotPersonal:
    """Neither the account's name nor the person's stands in it."""

    def validate(self, password: str, user: Any = None) -> None:
        names = (getattr(user, "username", ""), getattr(user, "name", ""))
        if any(len(name) > 1 and name.casefold() in password.casefold() for name in names if name):
            raise ValidationError("口令不能含有用户名或姓名。")

    def get_help_text(self) -> str:
        return "不含用户名和姓名。"


class NotCommon(CommonPasswordValidator):
    """None of the passwords that are tried first."""

    def get_error_message(self) -> str:
        return "这个口令太常见，容易被猜到，请换一个。"

    def get_help_text(self) -> str:
        return "不是常见口令。"

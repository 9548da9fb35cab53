"""Input of the notices' page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from supervision.models import Notice
from supervision.terms import NoticeKind


class NoticeFilter(forms.Form):
    """Which notices to show. Anything unknown shows all."""

    SHOWS = (("", "全部"), *NoticeKind.choices)

    kind = forms.ChoiceField(required=False, choices=SHOWS)

    def chosen(self) -> str:
        """The kind in force, empty for all."""
        return str(self.cleaned_data.get("kind", "")) if self.is_valid() else ""

    def filter(self, notices: QuerySet[Notice]) -> QuerySet[Notice]:
        """The notices that are wanted."""
        kind: Any = self.chosen()
        return notices.filter(kind=kind) if kind else notices


class MailForm(forms.Form):
    """Whether a person wants digests by mail."""

    wanted = forms.ChoiceField(choices=[("1", "接收"), ("0", "不接收")])

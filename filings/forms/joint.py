"""Input of joint work: a word on a lead's entry, several agreed to at once, and how a draft joins a typed text."""

from __future__ import annotations

from typing import Any

from django import forms

from departments.models import Department
from filings.services.joint import WORD_LONGEST
from filings.terms import Consent
from harbor_plan.lib.fields import WordsField

_GONE = "所选任务已有变动，请刷新页面后重选。"


class _OfDepartment(forms.Form):
    """For which of the person's departments the word is given."""

    department = forms.ModelChoiceField(
        queryset=Department.objects.all(),
        widget=forms.HiddenInput,
        error_messages={"required": _GONE, "invalid_choice": _GONE},
    )


class WordForm(_OfDepartment):
    """Agree, amend or contest one entry; `version` is the one that was read."""

    version = forms.IntegerField(
        widget=forms.HiddenInput, error_messages={"required": _GONE, "invalid": _GONE}
    )
    consent = forms.ChoiceField(
        label="会签意见",
        choices=Consent.choices,
        error_messages={
            "required": "请选择同意、补充修改或有异议。",
            "invalid_choice": "请选择同意、补充修改或有异议。",
        },
    )
    text = WordsField(label="补充内容或异议理由", rows=3, longest=WORD_LONGEST)

    def clean(self) -> dict[str, Any]:
        """An amendment says what, an objection why."""
        data = self.cleaned_data
        if data.get("consent") in (Consent.AMENDED, Consent.CONTESTED) and data.get("text") == "":
            what = "补充修改的内容" if data["consent"] == Consent.AMENDED else "异议的理由"
            self.add_error("text", f"请写明{what}，牵头单位才知道改什么。")
        return data


class ConfirmForm(_OfDepartment):
    """Entries agreed to at once, each as its id and the version that was read: 12-3."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self._keys = data.getlist("entry")

    def seen(self) -> dict[int, int]:
        """The version read by entry id; what is no such key is left out."""
        pairs = [key.partition("-") for key in self._keys]
        return {
            int(pk): int(no)
            for pk, _, no in pairs
            if pk.isascii()
            and pk.isdigit()
            and no.isascii()
            and no.isdigit()
            and len(pk) < 19
            and len(no) < 5
        }


class DraftForm(forms.Form):
    """How a draft joins a text that is there already; replacing asks to be confirmed."""

    how = forms.ChoiceField(required=False, choices=[("append", "接在后面"), ("replace", "替换")])
    sure = forms.BooleanField(required=False)

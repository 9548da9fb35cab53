"""Files as they are chosen: new ones, and earlier ones to attach again."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet

from filings.models import EvidenceFile
from harbor_plan.lib.fields import LineField
from harbor_plan.lib.files import KINDS

#: What the browser's file dialog offers.
ACCEPT = ",".join(f".{kind}" for kind in KINDS)


class SearchForm(forms.Form):
    """Words that the name of an earlier file must have."""

    q = LineField(label="文件名", required=False, max_length=60)

    def filter(self, files: QuerySet[EvidenceFile]) -> QuerySet[EvidenceFile]:
        """The files that fit; all of them while the words cannot be used."""
        words = self.cleaned_data.get("q") if self.is_valid() else ""
        return files.filter(pk__in=EvidenceFile.objects.named_like(words).values("pk")) if words else files


class ReuseForm(forms.Form):
    """Which of the department's files to attach again; each must be one that was offered."""

    def __init__(self, data: object, *, offered: QuerySet[EvidenceFile]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["evidence"] = forms.ModelMultipleChoiceField(
            offered,
            error_messages={
                "required": "请勾选要引用的文件。",
                "invalid_choice": "所选文件不存在或已在本项中，请重新选择。",
                "invalid_pk_value": "所选文件不存在或已在本项中，请重新选择。",
            },
        )

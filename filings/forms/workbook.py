"""Input around workbooks: the file, many files of the office, and which rows to write."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms
from django.http import QueryDict

from filings.services.workbook import Chosen
from filings.workbook.compare import Side
from harbor_plan.lib.fields import FilesField

MOST_FILES = 60


class WorkbookForm(forms.Form):
    """One workbook."""

    file = forms.FileField(
        label="工作簿",
        allow_empty_file=True,  # said in our own words when it is read
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择要上传的工作簿。", "invalid": "请选择要上传的工作簿。"},
    )


class CollectForm(forms.Form):
    """Workbooks of many departments, or zip files of them."""

    workbooks = FilesField(
        label="工作簿或压缩包",
        accept=".xlsx,.zip",
        most=MOST_FILES,
        error_messages={
            "required": "请选择要上传的工作簿或压缩包。",
            "invalid": "请选择要上传的工作簿或压缩包。",
        },
    )


def chosen_rows(data: QueryDict) -> dict[int, Chosen]:
    """The ticked rows by entry id, or every row offered when `all` was pressed.

    A row without a readable version counts as one that was never shown.
    """
    offered = {key.removeprefix("version_") for key in data if key.startswith("version_")}
    ticked = offered if "all" in data else set(data.getlist("row"))
    return {int(key): _chosen(key, data) for key in sorted(ticked) if key.isdecimal() and len(key) < 15}


def _chosen(key: str, data: Mapping[str, str]) -> Chosen:
    version, side = data.get(f"version_{key}", ""), data.get(f"side_{key}", "")
    seen = int(version) if version.isdecimal() and len(version) < 10 else -1
    return Chosen(seen, Side(side) if side in set(Side) else None)

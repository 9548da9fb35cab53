"""Tables of the administration that go out and come back: upload, preview, confirm, all or nothing.

The library keeps the steps (django-import-export); the files, columns and sentences are ours
(`harbor_plan.lib.exchange`), and every row an import writes is an event with before and after.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import tablib
from django import forms
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ImportExportMixin
from import_export.forms import ExportForm, ImportForm
from import_export.tmp_storages import CacheStorage

from audit.admin import AuditedAdmin
from harbor_plan.lib.download import attachment
from harbor_plan.lib.exchange import FORMATS, TableResult, Unreadable
from harbor_plan.lib.exchange.files import MOST_BYTES

#: Problems told in a message; the preview tells all of them.
TOLD = 5


class UploadForm(ImportForm):
    """Which file comes in; its ending says of which kind it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].required = False
        self.fields["format"].widget = forms.HiddenInput()
        file = self.fields["import_file"]
        file.label = "要导入的文件"
        file.help_text = ".xlsx 或 .csv，第一行是表头，不超过 5 MB"
        file.widget.attrs = {"accept": ".xlsx,.csv"}

    @property
    def media(self) -> forms.Media:
        """No scripts: the kind is not guessed in the browser."""
        return forms.Media()

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        file = found.get("import_file")
        if file is None:
            return found
        endings = [kind.extension for kind in FORMATS]
        ending = PurePath(file.name).suffix.lower().removeprefix(".")
        if ending not in endings:
            self.add_error("import_file", "只接受 .xlsx 和 .csv 文件；请在表格软件中另存后再导入")
        elif file.size > MOST_BYTES:
            self.add_error("import_file", "文件超过 5 MB；请只保留要导入的一张表")
        else:
            found["format"] = str(endings.index(ending))
        return found


class DownloadForm(ExportForm):
    """Which kind of file goes out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["format"]
        choice.label = "文件格式"
        choice.choices = [(key, label) for key, label in choice.choices if key]
        choice.initial = "0"


class ExchangeAdmin(ImportExportMixin, AuditedAdmin):
    """An audited table with import and export. `resource_classes` names its resource."""

    formats = FORMATS
    import_form_class = UploadForm
    export_form_class = DownloadForm
    import_template_name = "admin/table_import.html"
    export_template_name = "admin/table_export.html"
    #: Between preview and confirmation the file is kept where every web process finds it.
    tmp_storage_class = CacheStorage

    # Out

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def _do_file_export(
        self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], export_form: Any = None
    ) -> HttpResponse:
        """The library's hook for the answer: the file under a Chinese name, and an event."""
        dataset = self.get_data_for_export(request, queryset, export_form=export_form)
        dataset.title = str(self.opts.verbose_name_plural)
        name = f"{dataset.title}.{file_format.get_extension()}"
        self.note(
            request,
            "admin.export",
            ContentType.objects.get_for_model(self.model),
            {},
            {"文件": name, "行数": str(len(dataset))},
        )
        return attachment(file_format.export_data(dataset), name, file_format.get_content_type())

    # In

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        form.add_error(
            "import_file", str(e) if isinstance(e, Unreadable) else "文件无法读取；请用导出的表格填写"
        )

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The confirmed import. What was kept of the file may be gone by then."""
        try:
            response: HttpResponse = super().process_import(request, **kwargs)
        except Unreadable as error:
            messages.error(request, f"没有导入：{error}。")
            return HttpResponseRedirect(self._url("import"))
        return response

    @transaction.atomic
    def process_dataset(
        self, dataset: tablib.Dataset, form: Any, request: HttpRequest, **kwargs: Any
    ) -> TableResult:
        """Write every row and its event, or nothing."""
        result: TableResult = super().process_dataset(
            dataset, form, request, rollback_on_validation_errors=True, **kwargs
        )
        if not result.is_refused:
            for row in result.changed:
                changed = [cell for cell in row.diff if cell.differs]
                self.note(
                    request,
                    "admin.import_add" if row.is_new() else "admin.import_change",
                    row.instance,
                    {cell.title: cell.before for cell in changed if cell.before},
                    {cell.title: cell.after for cell in changed},
                    note=form.cleaned_data["original_file_name"],
                )
        return result

    def process_result(self, result: TableResult, request: HttpRequest) -> HttpResponse:
        """Say what became of it. Between preview and confirmation somebody may have changed what a row needs."""
        if result.is_refused:
            for problem in result.problems[:TOLD]:
                messages.error(request, str(problem))
            messages.error(request, "没有导入任何一行；请改正后重新导入。")
            return HttpResponseRedirect(self._url("import"))
        messages.success(request, f"{self.opts.verbose_name_plural}已导入：{result.words}。")
        return HttpResponseRedirect(self._url("changelist"))

    def _url(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")

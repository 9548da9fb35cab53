"""Plan data in the administration: every edit says why and leaves a revision, and what was filed is retired.

The tables of the apps below are registered there as plain audited tables; `tasks.admin` puts them under this roof,
because only here all tables of a plan are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import tablib
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from import_export.forms import ConfirmImportForm

from audit.admin import AuditedAdmin
from audit.exchange import ExchangeAdmin
from harbor_plan.lib.exchange import TableResult
from harbor_plan.lib.refusals import Refused
from targets.models import Plan
from tasks.models import Role, Source
from tasks.plan_files import PlanDocument, PlanRefused
from tasks.plan_files.diff import rows_of
from tasks.plan_files.tables import KEYS, TABLES
from tasks.plan_store import export_plan, load_plan, revising
from tasks.plan_store.revise import REASON_LONGEST

REASON = "revision_reason"

#: Tables whose rows go with a row of another: by that table, the column that points to it.
BELONGS: dict[str, dict[str, str]] = {
    "tasks": {"responsibilities": "task_no", "milestones": "task_no"},
    "indicators": {"targets": "indicator", "plan_values": "indicator", "baseline_changes": "indicator"},
    "actions": {"action_leads": "action_no", "tasks": "action_no"},
}


def reason_field() -> forms.CharField:
    """Why the plan is revised."""
    return forms.CharField(
        label="修订理由",
        max_length=REASON_LONGEST,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="记入方案的修订记录",
        error_messages={"required": "请写明修订方案的理由。"},
    )


class RevisedConfirmForm(ConfirmImportForm):
    """The confirmation of an import, with its reason."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[REASON] = reason_field()


class Revised(AuditedAdmin):
    """A table of plan data. `table` is its name among the plan's files."""

    table = ""
    #: Columns that make the code; they stay as they are once the row exists.
    fixed: tuple[str, ...] = ()
    delete_confirmation_template = "admin/revised_delete.html"

    @contextmanager
    def revisions(self, request: HttpRequest, reason: str) -> Iterator[None]:
        """What happens to any plan in this block is a revision of it: an edit may touch two, or make one."""
        by: Any = request.user
        with ExitStack() as stack:
            for plan in Plan.objects.select_related("office").order_by("pk"):
                stack.enter_context(
                    revising(plan=plan, by=by, at=timezone.now(), reason=reason, source=Source.ADMIN)
                )
            yield

    # Adding and changing

    def _asks(self, request: HttpRequest, obj: Any) -> bool:
        return self.has_change_permission(request, obj) if obj else self.has_add_permission(request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if self._asks(request, obj):
            own: Any = self.form
            fields = {REASON: reason_field(), "__module__": __name__}
            kwargs["form"] = type(own)(own.__name__, (own,), fields)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The table's own, the day of retirement where there is one, and the reason at the end."""
        found = [*super().get_fieldsets(request, obj)]
        if obj is not None and getattr(obj, "retired_on", None):
            found.append(("停用", {"fields": ("retired_on",)}))
        if self._asks(request, obj) and REASON not in flatten_fieldsets(found):
            found.append(("修订", {"fields": (REASON,)}))
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        found = [*super().get_readonly_fields(request, obj)]
        return [*found, "retired_on", *self.fixed] if obj is not None else found

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Edits as before, as one revision; a form without a reason is refused before anything is written."""
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        try:
            with self.revisions(request, request.POST.get(REASON, "")):
                return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refused:
            messages.error(request, refused.sentence)
            return HttpResponseRedirect(request.get_full_path())

    # Removing: retired where it was filed, deleted where it was not

    def get_actions(self, request: HttpRequest) -> Any:
        """Rows are removed one by one, each with its reason."""
        found = super().get_actions(request)
        found.pop("delete_selected", None)
        return found

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Asks for the reason, then does what loading the plan's files without the row would do."""
        row = self.get_object(request, unquote(object_id))
        removes = self.table != "plan" and row is not None and self.has_delete_permission(request, row)
        if request.method != "POST" or not removes:
            return super().delete_view(
                request, object_id, {**(extra_context or {}), "longest": REASON_LONGEST}
            )
        reason = request.POST.get(REASON, "").strip()
        try:
            self._remove(request, row, reason)
        except Refused as refused:
            messages.error(request, refused.sentence)
            return HttpResponseRedirect(request.get_full_path())
        except PlanRefused as refused:
            messages.error(request, "；".join(problem.message for problem in refused.problems))
            return HttpResponseRedirect(request.get_full_path())
        return HttpResponseRedirect("../../")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What is used does not forbid the removal: it is retired. A plan itself stays."""
        if self.table == "plan":
            return super().get_deleted_objects(objs, request)
        return [str(row) for row in objs], {}, set(), []

    def _remove(self, request: HttpRequest, row: Any, reason: str) -> None:
        if not reason:
            raise Refused("content", "请写明修订方案的理由。")
        if self.table == "responsibilities" and row.role == Role.LEAD and row.valid_to is None:
            raise Refused("content", "每项任务都要有牵头单位；请先给它填失效日期，另定牵头单位。")
        if self.table == "goals" and row.indicators.exists():
            raise Refused("content", f"“{row}”还有指标；请先把指标改到其他目标类别。")
        by: Any = request.user
        plan = plan_of(row)
        loaded = load_plan(
            document=without(export_plan(plan), self.table, key_of(self.table, row)),
            by=by,
            at=timezone.now(),
            reason=reason,
            source=Source.ADMIN,
        )
        messages.success(
            request, f"“{row}”：已{loaded.diff.words}。" if loaded.diff else "没有变化，它已经停用。"
        )


class RevisedExchange(Revised, ExchangeAdmin):
    """A table of plan data that goes out and comes back."""

    confirm_form_class = RevisedConfirmForm

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.has_import_permission(request) and not request.POST.get(REASON, "").strip():
            messages.error(request, "没有导入：请写明修订方案的理由。")
            return HttpResponseRedirect(self._url("import"))
        try:
            return super().process_import(request, **kwargs)
        except Refused as refused:
            messages.error(request, f"没有导入：{refused.sentence}")
            return HttpResponseRedirect(self._url("import"))

    def process_dataset(
        self, dataset: tablib.Dataset, form: Any, request: HttpRequest, **kwargs: Any
    ) -> TableResult:
        with self.revisions(request, form.cleaned_data[REASON]):
            return super().process_dataset(dataset, form, request, **kwargs)


def plan_of(row: Any) -> Plan:
    """The plan a row belongs to, with its office."""
    found: Any = row
    for step in ("indicator", "task", "action", "plan"):
        found = getattr(found, step, None) or found
    return Plan.objects.select_related("office").get(pk=found.pk)


def key_of(table: str, row: Any) -> tuple[Any, ...]:
    """By what the plan's files know a row; see `tables.KEYS`."""
    known = {
        "indicator": lambda: row.indicator.code,
        "task_no": lambda: row.task.number,
        "department": lambda: row.department.name,
        "no": lambda: row.number if table == "tasks" else row.no,
    }
    return tuple(known[column]() if column in known else getattr(row, column) for column in KEYS[table])


def without(document: PlanDocument, table: str, key: tuple[Any, ...]) -> PlanDocument:
    """The document without one row and without whatever goes with it."""
    rows = [record for record in rows_of(document, table) if _key(table, record) != key]
    document = _with(document, table, rows)
    for other, column in BELONGS.get(table, {}).items():
        gone = [record for record in rows_of(document, other) if getattr(record, column) == key[0]]
        if other == "tasks":
            for record in gone:
                document = without(document, "tasks", (record.no,))
        else:
            left = [record for record in rows_of(document, other) if record not in gone]
            document = _with(document, other, left)
    if table == "tasks":
        indicators = tuple(
            replace(row, task_nos=tuple(no for no in row.task_nos if no != key[0]))
            for row in document.indicators
        )
        document = replace(document, indicators=indicators)
    return document


def _with(document: PlanDocument, table: str, rows: list[Any]) -> PlanDocument:
    tables: dict[str, Any] = {table: tuple(rows)}
    return replace(document, **tables)


def _key(table: str, record: Any) -> tuple[Any, ...]:
    return tuple(getattr(record, column) for column in KEYS[table])


def revise(model: type[Model], table: str, *fixed: str) -> None:
    """Put a registered table under this roof."""
    assert table in TABLES
    plain = type(admin.site.get_model_admin(model))
    base = RevisedExchange if issubclass(plain, ExchangeAdmin) else Revised
    admin.site.unregister(model)
    values = {"table": table, "fixed": fixed, "__module__": __name__}
    admin.site.register(model, type(plain.__name__, (base, plain), values))

"""The administration keeps the same record as everything else: who changed what, when, from what to what.

`AuditedAdmin` is the base of every table in the administration. It writes events instead of Django's own log, and
shows them as the history of a record. What something still refers to is never deleted: the page says what does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, router, transaction
from django.db.models import Model, ProtectedError, Q, QuerySet
from django.db.models.deletion import Collector
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from audit.columns import columns, differences
from audit.models import Event
from audit.services import record
from audit.terms import VERBS

#: Besides accounts, what the system administrator runs: group robots and the messages that leave.
OPERATION = ("supervision.channel", "supervision.delivery")


class PlainChoices(admin.options.BaseModelAdmin):
    """Forms whose choices of another record are choices only: that record is edited on its own page."""

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_add_related = field.widget.can_change_related = False
            field.widget.can_delete_related = field.widget.can_view_related = False
        return field


class AuditedAdmin(PlainChoices, admin.ModelAdmin):
    """A table whose every change is an event with before and after, in the same transaction."""

    def note(
        self,
        request: HttpRequest,
        verb: str,
        subject: Model,
        before: dict[str, str],
        after: dict[str, str],
        note: str = "",
    ) -> None:
        """Record one event of this person, now."""
        by: Any = request.user
        record(verb=verb, subject=subject, by=by, at=timezone.now(), before=before, after=after, note=note)

    # Adding and changing

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Forms say what constraints refuse; what only the database sees (two rows changing places) is said here."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError:
            sentence = (
                "没有保存：有一项与已有的内容重复。两行互换时，请先把其中一行改成没有用过的值，分两次保存。"
            )
            messages.error(request, sentence)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, remembering on the form what was stored before: `save_related` records once everything is written."""
        stored = self.model._base_manager.filter(pk=obj.pk).first() if change else None
        form.stored_before = columns(stored) if stored else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what hangs on the record, then record what became different."""
        super().save_related(request, form, formsets, change)
        stored = self.model._base_manager.get(pk=form.instance.pk)
        self._note_changed(request, stored, form.stored_before, is_new=not change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the rows below a record and record each that became different."""
        model: Any = formset.model
        before = {row.pk: columns(row) for row in model._base_manager.filter(pk__in=_stored(formset))}
        gone = [
            (row, row.pk) for row in (each.instance for each in formset.deleted_forms) if row.pk in before
        ]
        for row, pk in gone:
            self.note(request, "admin.delete", row, before[pk], {})
        super().save_formset(request, form, formset, change)
        for row in formset.new_objects:
            self._note_changed(request, row, {}, is_new=True)
        for row, _ in formset.changed_objects:
            self._note_changed(request, row, before[row.pk], is_new=False)

    def _note_changed(
        self, request: HttpRequest, row: Model, before: dict[str, str], *, is_new: bool
    ) -> None:
        then, now = differences(before, columns(row))
        if then or now:
            self.note(request, "admin.add" if is_new else "admin.change", row, then, now)

    # Deleting

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.note(request, "admin.delete", obj, columns(obj), {})
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in queryset:
            self.note(request, "admin.delete", row, columns(row), {})
        super().delete_queryset(request, queryset)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Deletes; somebody may have begun to refer to the record since the page was shown."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except ProtectedError:
            messages.error(request, "刚刚有其他数据引用了这一条，没有删除。")
            return HttpResponseRedirect("../change/")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What a deletion would take along and what forbids it, by kind and number: there may be thousands."""
        rows = list(objs)
        collector = Collector(using=router.db_for_write(self.model))
        try:
            collector.collect(rows)
        except ProtectedError as error:
            return [str(row) for row in rows], {}, set(), _counted(error.protected_objects)
        return [str(row) for row in rows], {self.opts.verbose_name_plural: len(rows)}, set(), []

    # Django's own log is not kept: the events say more, and cannot be deleted with a person

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The events of one record, newest first."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        events = Event.objects.filter(subject_type=self.opts.label_lower, subject_id=str(row.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{row} 的修改记录",
            "events": [(event, _verb(event.verb), event_lines(event)) for event in events[:200]],
            "object": row,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/record_history.html", context)


def in_words(column: str, title: str, yes: str, no: str = "") -> Callable[[Any], str]:
    """A yes-or-no column of a list in words: Django's red crosses would say that a plain no is wrong."""

    @admin.display(description=title, ordering=column)
    def words(row: Any) -> str:
        return yes if getattr(row, column) else no

    return words


class RowsBelow(PlainChoices, admin.TabularInline):
    """Rows below a record. What they name is read with them, and choices once for all rows, not once for each."""

    extra = 0
    #: Foreign keys that a row's own name is made of.
    named_by: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related(*self.named_by)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None:
            choices: Any = field.choices
            field.choices = cache(lambda: [pair for pair in choices])  # noqa: C416 - list() would count first
        return field


class GlanceBelow(RowsBelow):
    """Rows below a record to look at; each is edited on its own page, where all its columns fit."""

    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _stored(formset: Any) -> list[Any]:
    return [form.instance.pk for form in formset.initial_forms if form.instance.pk]


def _counted(rows: Iterable[Model]) -> list[str]:
    """`填报项 225 条` for each kind of record."""
    counts = Counter(str(row._meta.verbose_name) for row in rows)
    return [f"{name} {count} 条" for name, count in sorted(counts.items())]


def _verb(verb: str) -> str:
    return VERBS.get(verb, verb)


def event_lines(event: Event) -> list[tuple[str, Any, Any]]:
    """What an event says: column, before, after."""
    return [
        (name, event.before.get(name, ""), event.after.get(name, ""))
        for name in {**event.before, **event.after}
    ]


class SubjectFilter(admin.SimpleListFilter):
    """Events by the kind of their subject."""

    title = "对象类型"
    parameter_name = "subject"

    def lookups(self, request: Any, model_admin: Any) -> Sequence[tuple[str, str]]:
        seen = model_admin.get_queryset(request).order_by().values_list("subject_type", flat=True).distinct()
        return sorted(((label, subject_name(label)) for label in seen), key=lambda pair: pair[1])

    def queryset(self, request: Any, queryset: QuerySet[Event]) -> QuerySet[Event]:
        return queryset.filter(subject_type=self.value()) if self.value() else queryset


def subject_name(label: str) -> str:
    """The Chinese name of a kind of record; of one that is no longer there, its key."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except LookupError:
        return label


@admin.register(Event)
class EventAdmin(admin.ModelAdmin):
    """Events are read, never changed: there is no way to add, alter or delete one here.

    Whoever administers accounts reads what happened to accounts, whoever administers the plan reads the rest: the
    administration of the system and the work on the plan stay apart.
    """

    list_display = ("at", "actor_name", "verb_name", "subject_kind", "subject_label", "address", "note")
    list_filter = ("at", SubjectFilter)
    search_fields = ("actor_name", "subject_label", "note")
    ordering = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    fields = ("at", "actor_name", "verb_name", "subject_kind", "subject_label", "note", "changes")
    readonly_fields = fields

    @admin.display(description="动作")
    def verb_name(self, event: Event) -> str:
        return _verb(event.verb)

    @admin.display(description="对象类型")
    def subject_kind(self, event: Event) -> str:
        return subject_name(event.subject_type)

    @admin.display(description="来源地址")
    def address(self, event: Event) -> str:
        """Of a sign-in: where from."""
        return str(event.after.get("来源地址", ""))

    @admin.display(description="变更")
    def changes(self, event: Event) -> str:
        lines = (
            f"{name}：{before or '（空）'} → {after or '（空）'}"
            for name, before, after in event_lines(event)
        )
        return "\n".join(lines) or "—"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        user: Any = request.user
        of_people = Q(subject_type__startswith="accounts.") | Q(subject_type__in=OPERATION)
        mine = Q(pk__in=[])
        if user.has_module_perms("accounts"):
            mine |= of_people
        if user.has_module_perms("targets"):
            mine |= ~of_people
        return super().get_queryset(request).filter(mine)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

"""Departments in the administration."""

from django.contrib import admin

from audit.exchange import ExchangeAdmin
from departments.models import Department
from departments.resources import DepartmentResource


@admin.register(Department)
class DepartmentAdmin(ExchangeAdmin):
    """The office names, orders and confirms units; a proposed convenor is confirmed by clearing its mark."""

    resource_classes = [DepartmentResource]
    list_display = ("name", "kind", "order", "owes", "convenor", "convenor_is_proposed", "flag")
    list_filter = ("kind", "owes", "convenor_is_proposed", ("flag", admin.EmptyFieldListFilter))
    search_fields = ("name", "flag", "note")
    list_select_related = ("convenor",)
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("name", "kind", "order")}),
        ("报送", {"fields": ("owes", "convenor", "convenor_is_proposed")}),
        ("校注", {"fields": ("flag", "note")}),
    )

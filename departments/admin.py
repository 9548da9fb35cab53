"""Departments in the administration."""

from __future__ import annotations

from django import forms
from django.contrib import admin

from audit.admin import in_words
from audit.exchange import ExchangeAdmin
from departments.models import Department
from departments.resources import DepartmentResource


class DepartmentForm(forms.ModelForm):
    """A form does not check the constraint that compares a unit with its own number, so it asks itself."""

    class Meta:
        model = Department
        fields = "__all__"  # noqa: DJ007 - the fieldsets of the administration say which

    def clean_convenor(self) -> Department | None:
        convenor: Department | None = self.cleaned_data["convenor"]
        if convenor is not None and convenor.pk == self.instance.pk:
            raise forms.ValidationError("召集单位不能是本单位，请改为另一单位或留空。")
        return convenor


@admin.register(Department)
class DepartmentAdmin(ExchangeAdmin):
    """The office names, orders and confirms units; a proposed convenor is confirmed by clearing its mark."""

    form = DepartmentForm
    resource_classes = [DepartmentResource]
    list_display = (
        "name",
        "kind",
        "order",
        in_words("owes", "承担报送", "是", "否"),
        "convenor",
        in_words("convenor_is_proposed", "召集单位待确认", "待确认"),
        "flag",
    )
    list_filter = ("kind", "owes", "convenor_is_proposed", ("flag", admin.EmptyFieldListFilter))
    search_fields = ("name", "flag", "note")
    list_select_related = ("convenor",)
    list_per_page = 50
    fieldsets = (
        (None, {"fields": ("name", "kind", "order")}),
        ("报送", {"fields": ("owes", "convenor", "convenor_is_proposed")}),
        ("校注", {"fields": ("flag", "note")}),
    )

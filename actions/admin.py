"""Special actions and their leads in the administration."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from actions.models import ActionLead, SpecialAction
from audit.admin import AuditedAdmin, RowsBelow


class LeadsBelow(RowsBelow):
    model = ActionLead
    named_by = ("action", "department")


@admin.register(SpecialAction)
class SpecialActionAdmin(AuditedAdmin):
    inlines = [LeadsBelow]
    list_display = ("no", "name", "lead_names", "clause", "plan")
    list_display_links = ("no", "name")
    list_filter = ("plan",)
    list_select_related = ("plan",)
    search_fields = ("name", "clause")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("lead_rows__department")

    @admin.display(description="牵头单位")
    def lead_names(self, action: SpecialAction) -> str:
        return "、".join(row.department.name for row in action.lead_rows.all())

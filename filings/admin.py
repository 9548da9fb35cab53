"""The calendar of working days in the administration. Filings themselves are changed by their services only."""

from __future__ import annotations

from django.contrib import admin

from audit.admin import in_words
from audit.exchange import ExchangeAdmin
from filings.models import SpecialDay
from filings.resources import SpecialDayResource


@admin.register(SpecialDay)
class SpecialDayAdmin(ExchangeAdmin):
    """Public holidays and weekend days worked instead, of each year's notice. Deadlines that were set up stay."""

    resource_classes = [SpecialDayResource]
    list_display = ("on", in_words("is_working", "放假或补班", "补班", "放假"), "name")
    list_filter = ("is_working",)
    search_fields = ("name",)
    date_hierarchy = "on"
    list_per_page = 100

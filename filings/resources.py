"""The calendar's special days as a table that goes out and comes back; a day is known by its date."""

from filings.models import SpecialDay
from harbor_plan.lib.exchange import TableResource


class SpecialDayResource(TableResource):
    class Meta(TableResource.Meta):
        model = SpecialDay
        import_id_fields = ("on",)
        fields = ("on", "is_working", "name")

"""What the office's list of periods shows beside one of them: who is exempt, and how its window was changed."""

from __future__ import annotations

from django.db.models import QuerySet

from audit.models import Event
from filings.models import Exemption, Period


def exemptions_recorded(period: Period) -> QuerySet[Exemption]:
    """Every exemption of a period, those in force first, then the newest withdrawn."""
    recorded = Exemption.objects.filter(period=period)
    recorded = recorded.select_related("department", "recorded_by", "withdrawn_by")
    return recorded.order_by("withdrawn_at", "-recorded_at", "-id")


def date_changes(period: Period) -> QuerySet[Event]:
    """How the period's window was changed after it was set up, newest first: before, after, why, by whom."""
    return Event.objects.filter(
        subject_type=Period._meta.label_lower,
        subject_id=str(period.pk),
        verb__in=["period.change_dates", "period.open_early"],
    )

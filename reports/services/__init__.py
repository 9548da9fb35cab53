"""Building summaries, and freezing them as publications."""

from reports.services.publish import correct, publish
from reports.services.refresh import rebuild_period, refresh_from, refresh_period, repair

__all__ = ["correct", "publish", "rebuild_period", "refresh_from", "refresh_period", "repair"]

"""The verbs of supervision: reminding, telling by schedule, sending, and supervision orders."""

from supervision.services.reminding import (
    WITH_DEPARTMENT,
    mark_overdue,
    read_notice,
    remind,
    tell_exemptions,
    tell_extensions,
)

__all__ = ["WITH_DEPARTMENT", "mark_overdue", "read_notice", "remind", "tell_exemptions", "tell_extensions"]

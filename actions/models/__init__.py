"""The special actions (专项行动), the departments that lead them, and their implementation programmes."""

from actions.models.action import ActionLead, SpecialAction
from actions.models.programme import Programme

__all__ = ["ActionLead", "Programme", "SpecialAction"]

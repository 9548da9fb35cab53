"""Reorganisations (机构变动): prepared, previewed, applied once as a whole.

The preview is the operation itself, taken back: it lists exactly what applying does.
"""

from reports.reorganisation.operation import Outcome, apply, preview
from reports.reorganisation.preparing import Draft, NewUnit, choose, prepare, withdraw

__all__ = ["Draft", "NewUnit", "Outcome", "apply", "choose", "prepare", "preview", "withdraw"]

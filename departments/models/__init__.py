"""Units, and how one follows another when the authorities are reorganised."""

from departments.models.department import RANKED_KINDS, Department, DepartmentQuerySet, Kind
from departments.models.succession import (
    Certainty,
    Duty,
    Handover,
    Lineage,
    Side,
    Succession,
    SuccessionKind,
    SuccessionQuerySet,
    SuccessionUnit,
)

__all__ = [
    "RANKED_KINDS",
    "Certainty",
    "Department",
    "DepartmentQuerySet",
    "Duty",
    "Handover",
    "Kind",
    "Lineage",
    "Side",
    "Succession",
    "SuccessionKind",
    "SuccessionQuerySet",
    "SuccessionUnit",
]

"""The plan with its indicators and targets, and what was changed about them since it was issued."""

from targets.models.changes import BaselineChange, Paper, PlanValueProposal, ThresholdChange
from targets.models.plan import GoalCategory, Indicator, IndicatorQuerySet, Plan, PlanValue, Target
from targets.retiring import TakenCode

__all__ = [
    "BaselineChange",
    "GoalCategory",
    "Indicator",
    "IndicatorQuerySet",
    "Paper",
    "Plan",
    "PlanValue",
    "PlanValueProposal",
    "TakenCode",
    "Target",
    "ThresholdChange",
]

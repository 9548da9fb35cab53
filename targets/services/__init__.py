"""What the office and the data departments do with targets, baselines, thresholds and plan values.

Every verb adds a row that says from which quarter it is in force, when it was recorded, by whom and why; the rows
before it stay. Pages come here through `reports.changes`, which shows first what would change.
"""

from targets.services.baselines import BaselineValues, record_baseline
from targets.services.grounds import Grounds
from targets.services.plan_values import (
    confirm_plan_values,
    may_enter_plan_values,
    propose_plan_value,
    return_plan_value,
    withdraw_plan_value,
)
from targets.services.requirements import Step, TargetChange, record_target, steps_of, successor
from targets.services.thresholds import check_thresholds, record_thresholds

__all__ = [
    "BaselineValues",
    "Grounds",
    "Step",
    "TargetChange",
    "check_thresholds",
    "confirm_plan_values",
    "may_enter_plan_values",
    "propose_plan_value",
    "record_baseline",
    "record_target",
    "record_thresholds",
    "return_plan_value",
    "steps_of",
    "successor",
    "withdraw_plan_value",
]

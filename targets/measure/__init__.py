"""Pure arithmetic of attainment and standing: numbers in, frozen values out; no ORM, no clock.

Every function is total: for any combination of valid data it answers, with a number or with the reason there is
none. Missing is never zero, and a zero is never missing.

`judge` is the way in; the rest are its parts and are used where one of them is asked for by itself.
"""

from targets.measure.attainment import (
    Bounds,
    Gap,
    Progress,
    attainment,
    bounds_of,
    completion_rate,
    gap,
    gap_unit,
    meets,
    progress,
    unsettled,
)
from targets.measure.case import Judged
from targets.measure.combining import Combined, combine
from targets.measure.explain import SOURCE, Step, explain, threshold_words
from targets.measure.forecast import Forecast, forecast
from targets.measure.inputs import (
    Baseline,
    IndicatorRule,
    NotComputable,
    PlanValue,
    Reading,
    ReadingState,
    Requirement,
    Shape,
    Thresholds,
)
from targets.measure.judging import SEVERITY, Verdict, judge
from targets.measure.numbers import plain, rounded, shown, with_unit
from targets.measure.outlook import Outlook, outlook, outlook_words
from targets.measure.path import Expected, expected_at, in_force
from targets.measure.quarters import Quarter
from targets.measure.required import Required, required
from targets.measure.words import day_words, limit_words

__all__ = [
    "SEVERITY",
    "SOURCE",
    "Baseline",
    "Bounds",
    "Combined",
    "Expected",
    "Forecast",
    "Gap",
    "IndicatorRule",
    "Judged",
    "NotComputable",
    "Outlook",
    "PlanValue",
    "Progress",
    "Quarter",
    "Reading",
    "ReadingState",
    "Required",
    "Requirement",
    "Shape",
    "Step",
    "Thresholds",
    "Verdict",
    "attainment",
    "bounds_of",
    "combine",
    "completion_rate",
    "day_words",
    "expected_at",
    "explain",
    "forecast",
    "gap",
    "gap_unit",
    "in_force",
    "judge",
    "limit_words",
    "meets",
    "outlook",
    "outlook_words",
    "plain",
    "progress",
    "required",
    "rounded",
    "shown",
    "threshold_words",
    "unsettled",
    "with_unit",
]

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
    "forecast",

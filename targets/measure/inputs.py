"""What the arithmetic is given: the rule of an indicator, its dated requirements, its readings, the thresholds.

All are frozen values. Nothing here is checked or repaired: the database and the forms keep the data valid, and
every function of this package answers for any combination of valid data.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import TextChoices

from targets.measure.quarters import Quarter
from targets.terms import (
    Accumulation,
    Asked,
    Combine,
    Comparator,
    Comparison,
    ExpectedBy,
    Kind,
    Rounding,
    Span,
    Standing,
    Strength,
    TargetState,
)

#: Units of rates: the multiplier from numerator ÷ denominator, and the word for a difference of two such rates.
RATE_UNITS = {"%": (Decimal(100), "个百分点"), "‰": (Decimal(1000), "个千分点")}


@dataclass(frozen=True)
class NotComputable:
    """There is no number, and why, in words a reader understands. Never stands for 0 or 100."""

    reason: str


class ReadingState(TextChoices):
    """The states of a value. A zero is a VALUE like any other number; missing is never zero."""

    VALUE = "value", "有数据"
    NO_DATA = "no_data", "无数据"
    NOT_FILED = "not_filed", "未填报"
    NOT_DUE = "not_due", "未到期"


@dataclass(frozen=True)
class Reading:
    """What one quarter brought. `value`, or `numerator` and `denominator`, only with state VALUE.

    `reason` says why there is no data. A quarter without a Reading counts as not filed. `vintage` names the document
    of a value that is later than the one filed (核定, 上级反馈); empty for the filed one. `source` says who filed it,
    and in which version.
    """

    quarter: Quarter
    state: ReadingState = ReadingState.VALUE
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    reason: str = ""
    vintage: str = ""
    source: str = ""


class Shape(TextChoices):
    """How the value that is judged grows: by itself each quarter, within a calendar year, or over the plan."""

    LEVEL = "level", "各期独立"
    YEAR = "year", "年内累计"
    PLAN = "plan", "规划期累计"


@dataclass(frozen=True)
class IndicatorRule:
    """How an indicator is measured and compared (design: the arithmetic).

    `decimals` are the places shown, and those a rounded comparison rounds to unless the requirement says
    otherwise. `levels` name the values of a graded indicator, from 0 up. `expected_by` may allow an expected value
    between two known points; otherwise none is invented. `counts_days`: the value, or a rate's denominator, counts
    calendar days, of which a quarter has 90 to 92.
    """

    unit: str = ""
    decimals: int = 2
    kind: Kind = Kind.QUANTITATIVE
    accumulation: Accumulation = Accumulation.POINT_IN_TIME
    combine: Combine = Combine.LAST
    span: Span = Span.CALENDAR_YEAR
    asked: Asked = Asked.QUARTERLY
    holds: bool = False
    rounding: Rounding = Rounding.HALF_UP
    comparison: Comparison = Comparison.EXACT
    expected_by: ExpectedBy = ExpectedBy.MILESTONE
    levels: tuple[str, ...] = ()
    counts_days: bool = False

    @property
    def shape(self) -> Shape:
        """How the judged value grows. A value asked once a year, or over rolling quarters, stands for itself."""
        if self.accumulation == Accumulation.PLAN_TO_DATE:
            return Shape.PLAN
        if self.asked == Asked.YEARLY:
            return Shape.LEVEL
        rolls = self.span == Span.ROLLING and self.combine != Combine.LAST
        builds_up = self.accumulation == Accumulation.YEAR_TO_DATE or self.combine != Combine.LAST
        return Shape.YEAR if builds_up and not rolls else Shape.LEVEL

    @property
    def grows(self) -> bool:
        """Whether the judged value is a quantity that adds up from quarter to quarter (a rate or a mean does not)."""
        if self.shape == Shape.PLAN:
            return True
        is_rate = self.unit in RATE_UNITS or self.combine in (Combine.MEAN, Combine.PARTS)
        return self.shape == Shape.YEAR and not is_rate

    @property
    def rate_factor(self) -> Decimal:
        """What numerator ÷ denominator is multiplied by to be in the unit."""
        return RATE_UNITS.get(self.unit, (Decimal(1), ""))[0]

    def asked_at(self, quarter: Quarter) -> Quarter:
        """The latest quarter up to this one whose reading is asked: yearly readings are filed with the fourth."""
        if self.asked == Asked.QUARTERLY or quarter.number == 4:
            return quarter
        return Quarter(quarter.year - 1, 4)


@dataclass(frozen=True)
class Requirement:
    """One dated requirement on an indicator (a target).

    RANGE uses `low` and `high`, both included; AROUND uses `value` ± `tolerance`; the others use `value`. For a
    trend the limit is the same value a year before and the comparator its direction; `value` is not read.
    `decimals` are the limit's places as written (38 has none, 21.30 has two), for a rounded comparison
    (GB/T 8170-2008, 4.3); None takes the indicator's. `condition` is empty when there is none;
    `condition_holds` is None until somebody decided it. `key` is the caller's name for it and is handed back.
    """

    due_on: date
    comparator: Comparator = Comparator.AT_LEAST
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    tolerance: Decimal | None = None
    strength: Strength = Strength.EXPECTED
    state: TargetState = TargetState.ASSIGNED
    condition: str = ""
    condition_holds: bool | None = None
    decimals: int | None = None
    key: str = ""

    @property
    def is_applicable(self) -> bool:
        """Whether it binds anybody: false only when its condition was decided not to hold."""
        return not (self.condition and self.condition_holds is False)

    @property
    def due_quarter(self) -> Quarter:
        """The quarter it is first judged as due in: due means due on or before that quarter's last day."""
        return Quarter.of(self.due_on)


@dataclass(frozen=True)
class PlanValue:
    """An explicit yearly or quarterly plan value (年度分解): what should have been reached on a day."""

    on: date
    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True)
class Baseline:
    """Where the indicator started, and on which day (a year's baseline: its last day)."""

    on: date
    value: Decimal


@dataclass(frozen=True)
class Thresholds:
    """Where lights change, by how far something is behind; gap-free by construction (domain rules, 亮灯).

    Behind by at most `behind_above` is on track, by more than `late_above` late, between them behind. The
    measure is percentage points for percents of the year's work, and percent of the expected value for
    indicators (planned 75, actual 60: behind by 20 %), so that one pair serves every unit.
    """

    behind_above: Decimal = Decimal(0)
    late_above: Decimal = Decimal(10)

    def light(self, shortfall: Decimal) -> Standing:
        """The light of something behind by `shortfall` (ahead when negative). Every number has exactly one."""
        if shortfall <= self.behind_above:
            return Standing.ON_TRACK
        return Standing.LATE if shortfall > self.late_above else Standing.BEHIND

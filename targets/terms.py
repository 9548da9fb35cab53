"""The words of the arithmetic: how an indicator is measured and what a target asks.

Stored keys are the glossary's English words; labels are what people read. No models here, so the pure
modules (`measure`, `reports.rollup`, `assessment.scoring`) share these words without touching the ORM.
"""

from datetime import date

from django.db.models import TextChoices


def outside_plan(day: date, starts_on: date, ends_on: date) -> str:
    """Why nothing can be required by this day, for who loads or edits a plan; empty when the plan contains it.

    A mistyped year is the usual cause.
    """
    return "" if starts_on <= day <= ends_on else f"{day}不在方案期{starts_on}至{ends_on}内；请核对年份"


class Kind(TextChoices):
    """What sort of statement an indicator makes."""

    QUANTITATIVE = "quantitative", "定量"
    TREND = "trend", "趋势"
    GRADED = "graded", "定性分级"
    DELIVERABLE = "deliverable", "交付成果"


class Accumulation(TextChoices):
    """What span of time one entered value covers."""

    POINT_IN_TIME = "point_in_time", "时点值"
    THIS_PERIOD = "this_period", "本期值"
    YEAR_TO_DATE = "year_to_date", "本年累计"
    PLAN_TO_DATE = "plan_to_date", "规划期累计"


class Combine(TextChoices):
    """How period values make the value of a coarser span."""

    LAST = "last", "取期末值"
    SUM = "sum", "求和"
    MEAN = "mean", "按天数加权平均"
    PARTS = "parts", "分子分母分别求和"


class Span(TextChoices):
    """The coarser span a target is judged over."""

    CALENDAR_YEAR = "calendar_year", "自然年"
    ROLLING = "rolling_four_quarters", "滚动四个季度"


class Asked(TextChoices):
    """How often a reading is owed."""

    QUARTERLY = "quarterly", "每季"
    YEARLY = "yearly", "每年（四季度报送）"


class Comparator(TextChoices):
    """Direction of a requirement. 以上, 以下 and 达到 include the number, 超过 does not (民法典第1259条)."""

    AT_LEAST = "≥", "不低于"
    MORE_THAN = ">", "超过"
    AT_MOST = "≤", "不高于"
    LESS_THAN = "<", "低于"
    EQUAL = "=", "等于"
    RANGE = "range", "区间"
    AROUND = "around", "左右"


class Strength(TextChoices):
    """How hard the document commits itself. A stretch target (力争, 争取, 努力, 计划) is at worst yellow."""

    BINDING = "binding", "约束性"
    EXPECTED = "expected", "预期性"
    STRETCH = "stretch", "争取性"


class TargetState(TextChoices):
    """Where a target value comes from. Earlier states are kept as rows of their own."""

    ASSIGNED = "assigned", "已明确"
    PENDING = "pending", "待下达"
    PROVISIONAL = "provisional", "暂定"
    REVISED = "revised", "已调整"


class ProposalState(TextChoices):
    """Where a plan value of a data department stands; only confirmed ones count."""

    PROPOSED = "proposed", "待确认"
    CONFIRMED = "confirmed", "已确认"
    RETURNED = "returned", "已退回"
    WITHDRAWN = "withdrawn", "已撤回"


class Standing(TextChoices):
    """The light of one subject at the last day of a period (design: colour, word and shape together)."""

    DONE = "done", "已完成"
    ON_TRACK = "on_track", "正常"
    BEHIND = "behind", "滞后"
    LATE = "late", "严重滞后"
    UNKNOWN = "unknown", "无法判断"


class ExpectedBy(TextChoices):
    """How the expected value is found where no plan value says it (domain rules, 序时进度: each indicator chooses one)."""

    MILESTONE = "milestone", "按最近到期的节点"
    BY_QUARTER = "by_quarter", "按季直线推算"
    BY_DAY = "by_day", "按日直线推算"


class Attainment(TextChoices):
    """Is the requirement met now."""

    MET = "met", "达标"
    NOT_MET = "not_met", "未达标"
    NOT_DUE = "not_due", "未到期"
    NO_TARGET = "no_target", "无目标值"
    NO_DATA = "no_data", "无数据"
    NOT_APPLICABLE = "not_applicable", "不适用"


class Rounding(TextChoices):
    """GB/T 8170 rounds halves to even; everyday rounding rounds them away from zero."""

    HALF_UP = "half_up", "四舍五入"
    HALF_EVEN = "half_even", "四舍六入五成双"


class Comparison(TextChoices):
    """Which value meets the limit: the measured one or the rounded one (GB/T 8170-2008, 4.3)."""

    EXACT = "exact", "全数值比较"
    ROUNDED = "rounded", "修约值比较"

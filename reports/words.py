"""Values and requirements as a reader meets them: a level by its name, a deliverable done or not, a number with its unit."""

from __future__ import annotations

from decimal import Decimal

from reports.models import Figure, Subject
from targets.arithmetic import requirement_of, rule_of
from targets.measure import ReadingState, limit_words, shown, with_unit
from targets.measure.numbers import shown_beside
from targets.models import Indicator, Target
from targets.terms import Attainment, Kind, Standing, TargetState

PENDING = "待下达"


def value_words(indicator: Indicator, value: Decimal | None, limit: Decimal | None = None) -> tuple[str, str]:
    """A value as number and unit: ("38.4", "微克/立方米"), ("基本达到", ""), ("完成", ""); ("—", "") for none.

    Beside a `limit` it is never rounded to the limit's other side.
    """
    if value is None:
        return "—", ""
    if indicator.kind == Kind.DELIVERABLE and value in (0, 1):
        return ("完成" if value else "未完成"), ""
    if name := indicator.level_name(value):
        return name, ""
    if limit is None or indicator.kind == Kind.TREND:
        return shown(value, indicator.decimals), indicator.unit
    return shown_beside(value, limit, indicator.decimals), indicator.unit


def value_sentence(indicator: Indicator, value: Decimal | None) -> str:
    """A value inside a sentence: 38.4 微克/立方米, 83.0%."""
    return with_unit(*value_words(indicator, value))


def requirement_words(target: Target, indicator: Indicator) -> str:
    """What a target asks, without its date: ≥55 亿元, 为“基本达到”以上, 高于上年同期, 待下达."""
    if target.state == TargetState.PENDING:
        return PENDING
    return limit_words(requirement_of(target), rule_of(indicator))


def without_value(figure: Figure | None) -> str:
    """The state of a value that is not there, in one word: 未汇总, 未到期, 未填报, 待审, 无数据. Zero is a value."""
    return "未汇总" if figure is None else figure.detail.get("without") or ReadingState.NO_DATA.label


def grey_word(figure: Figure | None) -> str:
    """Why a light is grey, in the word that stands beside it; empty for the other lights."""
    if figure is None:
        return "未汇总"
    if figure.standing != Standing.UNKNOWN:
        return ""
    if figure.subject == Subject.MILESTONE:
        return "未填报" if figure.due else "未到期"
    if figure.subject == Subject.INDICATOR and figure.detail.get("requirement") == PENDING:
        return PENDING
    if figure.subject in (Subject.TASK, Subject.ACTION):
        return without_value(figure)
    if figure.attainment == Attainment.NO_DATA and figure.detail.get("quarters", "0/1").startswith("0/"):
        return without_value(figure)
    return ""

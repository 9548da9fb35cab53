"""Figures, values and requirements on pages. `{% load figures %}` beside `{% load harbor %}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from departments.lineage import known_as
from departments.models import Department
from filings.models import Period
from harbor_plan.lib import zh
from harbor_plan.lib.templatetags.harbor import LIGHTS, bar, light, unit
from reports.models import Figure
from reports.queries.plan_pages import IndicatorRow
from reports.words import grey_word, requirement_words, value_words, without_value
from targets.measure import Quarter, plain
from targets.models import Indicator, Target
from targets.terms import Standing

register = template.Library()


@register.filter
def named(department: Department, former: Mapping[int, str]) -> str:
    """{{ row.department|named:former }}: 乙局（原甲局）; `former` comes from `departments.lineage.formerly`."""
    return known_as(department, former)


@register.filter
def reads(value: Decimal | None, indicator: Indicator) -> str:
    """{{ figure.value|reads:indicator }}: a value with its unit, smaller; a level by its name; “—” for none."""
    number, name = value_words(indicator, value if isinstance(value, Decimal) else None)
    return unit(number, name)


@register.simple_tag
def reads_beside(value: Decimal | None, indicator: Indicator, limit: Decimal | None) -> str:
    """{% reads_beside figure.value indicator limit %}: as `reads`, never rounded to the limit's other side."""
    number, name = value_words(indicator, value, limit)
    return unit(number, name)


@register.filter
def bare(value: Decimal | None, indicator: Indicator) -> str:
    """{{ row.figure.value|bare:indicator }}: as `reads`, without the unit, for a column whose head names it."""
    return value_words(indicator, value if isinstance(value, Decimal) else None)[0]


@register.filter
def vintage_word(label: str) -> str:
    """{{ figure.detail.vintage|vintage_word }}: 核定 of 核定（嘉统〔2021〕3号）."""
    return label.partition("（")[0]


@register.filter
def small_unit(words: str) -> str:
    """{{ "≥55 亿元"|small_unit }}: words whose unit stands after the last space, the unit smaller."""
    number, space, name = words.rpartition(" ")
    return unit(number, name) if space else words


@register.filter
def has_no_digit(words: str) -> bool:
    """{% if item.words|has_no_digit %}: whether words stand where a number might (无法计算), to be set smaller."""
    return not any(sign.isdigit() for sign in words)


@register.filter
def plainly(number: str | Decimal) -> str:
    """{{ "10.00"|plainly }}: a stored number without the zeros that only its column added."""
    return plain(Decimal(number))


@register.filter
def quarter_of(day: date | None) -> str:
    """{{ row.effective_from|quarter_of }}: the quarter a day lies in, 2020年三季度; 方案开始 for none."""
    return str(Quarter.of(day)) if day else "方案开始"


@register.simple_tag
def lit(figure: Figure | None, *, big: bool = False) -> SafeString:
    """{% lit figure %}: its light; a grey one says why it is grey (待下达, 未到期, 无数据)."""
    figure = figure or None
    return light(figure.standing if figure else None, grey_word(figure), big=big)


@register.filter
def without(figure: Figure | None) -> str:
    """{{ row.figure|without }}: why there is no value, in one word."""
    return without_value(figure or None)


@register.simple_tag
def figure_bar(figure: Figure | None, label: str = "") -> SafeString:
    """{% figure_bar row.figure %}: the year's completion against what was expected, in the colour of its light."""
    if not figure:
        return bar(None, label=label)
    return bar(figure.completion, figure.expected, figure.standing, label)


@register.filter
def asks(row: IndicatorRow) -> str:
    """{{ row|asks }}: what the requirement that decided the row's light asks; before any figure, the first target."""
    if row.figure:
        return str(row.figure.detail.get("requirement") or "没有目标值")
    return requirement_words(row.targets[0], row.indicator) if row.targets else "没有目标值"


@register.filter
def target_words(target: Target, indicator: Indicator) -> str:
    """{{ target|target_words:indicator }}: what a target asks, without its date."""
    return requirement_words(target, indicator)


@register.filter
def clause_words(clause: str | list[str]) -> str:
    """{{ task.clause|clause_words }}: where the plan says so: 方案三(四)2; several in one line."""
    clauses = [clause] if isinstance(clause, str) else clause
    return "、".join(f"方案{each}" for each in clauses if each) or "—"


@register.filter
@stringfilter
def standing_word(standing: str) -> str:
    """{{ figure.standing|standing_word }}: a light's word alone, for titles; grey for nothing."""
    return Standing(standing or Standing.UNKNOWN).label


@register.filter
def heat_title(period: Period, figure: Figure | None) -> str:
    """{{ quarter.period|heat_title:figure }}: what a cell of the heat map says when pointed at."""
    quarter = zh.quarter(period.year, period.quarter, "plain")
    return f"{quarter} {standing_word(figure.standing)}" if figure else f"{quarter} 没有数字"


@register.simple_tag
def lights_row(counts: Mapping[str, int] | None) -> SafeString:
    """{% lights_row figure.lights %}: the lights that occur, each with shape, word and number; “—” for none."""
    counts = counts or {}
    shown = [(key, *LIGHTS[key]) for key in LIGHTS if counts.get(key)]
    if not shown:
        return SafeString("—")
    lights = format_html_join(
        " ",
        '<span class="light l-{}"><svg class="g" aria-hidden="true"><use href="#g-{}"/></svg>{} {}</span>',
        ((css, css, word, counts[key]) for key, css, word in shown),
    )
    return format_html('<span class="tally">{}</span>', lights)


@register.filter
def missing_years(figure: Figure | None) -> str:
    """{{ figure|missing_years }}: the years of the plan that were never filed, 2016年、2017年; empty for none."""
    years: list[Any] = figure.detail.get("missing_years", []) if figure else []
    return "、".join(f"{year}年" for year in years)

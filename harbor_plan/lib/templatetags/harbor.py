"""The parts of a page as template tags, and the filters that write numbers and dates.

`{% load harbor %}`; docs/ui.md shows each in use. Filters for text and numbers only call `harbor_plan.lib.zh`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, HiddenInput, RadioSelect, Select
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from harbor_plan.lib import zh

register = template.Library()

#: standing → (end of the CSS classes and of the symbol's id, word). The words are those of targets.terms.Standing.
LIGHTS = {
    "done": ("done", "已完成"),
    "on_track": ("ok", "正常"),
    "behind": ("slow", "滞后"),
    "late": ("late", "严重滞后"),
    "unknown": ("none", "无法判断"),
}

#: Workflow state → (CSS class and symbol, word): the seven of the mock-ups, then the stored keys that mean the same.
STATES = {
    "todo": ("todo", "未填"),
    "draft": ("draft", "填报中"),
    "sign": ("sign", "待签发"),
    "sent": ("sent", "已报待审"),
    "accepted": ("accepted", "已采纳"),
    "back": ("back", "被退回"),
    "over": ("over", "逾期未报"),
    "exempt": ("exempt", "免报"),
    "awaiting_signoff": ("sign", "待签发"),
    "submitted": ("sent", "已报待审"),
    "returned": ("back", "已退回"),
    "sent_back": ("back", "签发退回"),
    "passed": ("sent", "初审通过"),
}

_STRONG = re.compile(r"\*\*(.+?)\*\*")


def _css_of(standing: str | None) -> tuple[str, str]:
    """CSS ending and word of a standing; nothing counts as unknown. Raises ValueError for a key that is none."""
    key = str(standing or "unknown")
    if key not in LIGHTS:
        raise ValueError(f"{key!r} is no standing: {', '.join(LIGHTS)}")
    return LIGHTS[key]


# Lights, states, symbols


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """A symbol of partials/sprite.html beside a word that says the same: {% icon "i-warn" "l-slow" %}."""
    classes = f"g {css}".strip()
    return format_html('<svg class="{}" aria-hidden="true"><use href="#{}"/></svg>', classes, name)


@register.simple_tag
def light(
    standing: str | None, label: str = "", *, word: bool = True, count: int | None = None, big: bool = False
) -> SafeString:
    """A light: colour, shape and word. `label` replaces the standing's own word (逾期, 待下达).

    `word=False` drops the word to a title, where a legend with words is on the same page; `count` follows it.
    """
    css, own = _css_of(standing)
    text = label or own
    classes = f"light l-{css} big" if big else f"light l-{css}"
    number = "" if count is None else f" {count}" if word else str(count)
    if word:
        return format_html('<span class="{}">{}{}{}</span>', classes, icon(f"g-{css}"), text, number)
    return format_html(
        '<span class="{0}" title="{1}"><svg class="g" role="img" aria-label="{1}"><use href="#g-{2}"/></svg>{3}</span>',
        classes,
        text,
        css,
        number,
    )


@register.simple_tag
def heat(standing: str | None, title: str = "") -> SafeString:
    """The content of a heat-map cell; `title` says which quarter and, if it differs, which word."""
    css, own = _css_of(standing)
    return format_html(
        '<span class="heat h-{0}" title="{1}"><svg role="img" aria-label="{1}"><use href="#g-{0}"/></svg></span>',
        css,
        title or own,
    )


@register.simple_tag
def tally(counts: Mapping[str, int], *, word: bool = True) -> SafeString:
    """How many lights of each kind, always all five, in the order blue, green, yellow, red, grey."""
    lights = format_html_join(
        " ", "{}", ((light(key, word=word, count=counts.get(key, 0)),) for key in LIGHTS)
    )
    return format_html('<span class="tally">{}</span>', lights)


@register.simple_tag
def state(key: str, label: str = "") -> SafeString:
    """Where a filing or an entry stands. `label` replaces the state's own word."""
    if str(key) not in STATES:
        raise ValueError(f"{key!r} is no state: {', '.join(STATES)}")
    css, own = STATES[str(key)]
    return format_html('<span class="st st-{}">{}{}</span>', css, icon(f"s-{css}"), label or own)


# Bars


def _percent(value: Decimal | int) -> str:
    """A percentage inside the bar, as an SVG attribute: at most two places, never outside 0–100."""
    inside = min(max(Decimal(value), Decimal(0)), Decimal(100))
    return f"{inside.quantize(Decimal('0.01')).normalize():f}%"


@register.simple_tag
def bar(
    value: Decimal | int | None,
    marker: Decimal | int | None = None,
    standing: str | None = None,
    label: str = "",
) -> SafeString:
    """A completion bar. `value` and `marker` (time progress) are percentages; None as value draws an open track.

    `label` is what is read aloud; without it the two numbers are said.
    """
    if not label:
        said = "完成比例无法计算" if value is None else f"完成{zh.number(value, 1)}%"
        label = said if marker is None else f"{said}，时间进度{zh.number(marker, 1)}%"
    track = mark_safe('<rect class="track" width="100%" height="100%"/>')
    if value is None:
        track = mark_safe('<rect class="open" width="100%" height="100%"/>')
    fill: str = ""
    if value is not None:
        css, _ = _css_of(standing)
        fill = format_html('<rect class="fill f-{}" width="{}" height="100%"/>', css, _percent(value))
    mark: str = ""
    if marker is not None:
        mark = format_html('<rect class="mark" x="{}" y="-30%" width="1.5" height="160%"/>', _percent(marker))
    return format_html('<svg class="bar" role="img" aria-label="{}">{}{}{}</svg>', label, track, fill, mark)


# Numbers, dates, sentences


@register.filter
def num(value: Decimal | int | str | None, places: int | None = None) -> str:
    """{{ value|num:1 }}: grouped, “−” for minus, “—” for None."""
    return zh.number(value, places)


@register.filter
def short(value: Decimal | None) -> Decimal | None:
    """{{ value|short|num }}: without the zeros that only its column added, 25.00 as 25."""
    return None if value is None else zh.plain(value)


@register.filter
def signed(value: Decimal | int | str | None, places: int | None = None) -> str:
    """{{ change|signed:1 }}: like num, with “+” before what is above zero."""
    return zh.number(value, places, signed=True)


@register.filter
def unit(value: object, name: str) -> str:
    """{{ value|num:1|unit:"公里" }}: the unit after it, smaller; none after “—”, and an empty unit adds nothing."""
    text = zh.DASH if value is None else value
    if text == zh.DASH or not name:
        return escape(text)
    return format_html('{}<span class="unit">{}</span>', text, name)


@register.filter
def pct(value: Decimal | int | str | None, places: int = 1) -> str:
    """{{ percent|pct }}: 84.2 as “84.2 %”. The value is a percentage already, never a ratio."""
    return unit(zh.number(value, places), "%")


@register.filter
def pp(value: Decimal | int | str | None, places: int = 1) -> str:
    """{{ gap|pp }}: a difference of two percentages, in 个百分点."""
    return unit(zh.number(value, places), "个百分点")


@register.filter(expects_localtime=True)
def zh_date(value: date | None, form: str = "full") -> str:
    """full: 2020年12月31日; short: 12月31日; week: 12月31日 周四."""
    if form == "week" and value is not None:
        return f"{zh.day(value, with_year=False)} {zh.weekday(value)}"
    return zh.day(value, with_year=form == "full")


@register.filter(expects_localtime=True)
def zh_time(value: datetime | None, form: str = "full") -> str:
    """full: 2021年1月5日 09:30; short: 1月5日 09:30."""
    return zh.moment(value, with_year=form == "full")


@register.filter
def zh_quarter(period: Any, form: str = "full") -> str:
    """Of anything with `year` and `quarter`. full: 2020年第4季度; plain: 2020年四季度; short: 四季度. None: “—”."""
    return zh.DASH if period is None else zh.quarter(period.year, period.quarter, form)


@register.filter
def zh_numeral(value: int) -> str:
    """11 as 十一."""
    return zh.numeral(value)


@register.filter
def zh_duration(value: timedelta | None) -> str:
    """15 分钟, 2 小时, 3 天."""
    return zh.duration(value)


@register.filter
def emph(text: object) -> SafeString:
    """Text built in Python whose weighty words stand between double asterisks: “应报 **31** 家”. All else is escaped."""
    return mark_safe(_STRONG.sub(r"<b>\1</b>", escape(text)))


# Navigation


@register.inclusion_tag("partials/crumb.html")
def crumbs(*steps: str) -> dict[str, object]:
    """{% crumbs "目标指标" url name %}: labels with their addresses in turn; the last label is the page itself.

    首页 stands before them. Raises ValueError when a label in the middle lacks its address.
    """
    if len(steps) % 2 == 0:
        raise ValueError("labels and addresses take turns, and the last label has no address")
    pairs = [{"label": steps[i], "url": steps[i + 1]} for i in range(0, len(steps) - 1, 2)]
    return {"steps": [*pairs, {"label": steps[-1], "url": ""}]}


@register.inclusion_tag("partials/pager.html", takes_context=True)
def pager(context: template.Context, page: Page[Any], unit: str = "项") -> dict[str, object]:
    """“第 1—20 项，共 48 项” and the pages; the rest of the query stays as it is. Needs `request` in the context."""

    def address(number: int) -> str:
        query = context["request"].GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    steps = [
        {"label": n, "url": address(n) if isinstance(n, int) else "", "is_current": n == page.number}
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]
    return {
        "page": page,
        "unit": unit,
        "steps": steps,
        "previous": address(page.previous_page_number()) if page.has_previous() else "",
        "next": address(page.next_page_number()) if page.has_next() else "",
    }


# Fields


def _control(field: BoundField, *, size: str = "", css: str = "", **attrs: str) -> SafeString:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    elif isinstance(widget, Select):
        kind = f"form-select form-select-{size}" if size else "form-select"
    else:
        kind = f"form-control form-control-{size}" if size else "form-control"
    classes = [kind, css, str(widget.attrs.get("class", "")), "is-err" if field.errors else ""]
    return field.as_widget(attrs={**attrs, "class": " ".join(c for c in classes if c)})


@register.simple_tag
def control(field: BoundField, *, label: str = "", size: str = "", css: str = "") -> SafeString:
    """Only the input, for table cells: `label` is read aloud; size="sm"; css="num-in" for numbers."""
    if isinstance(field.field.widget, HiddenInput):
        return field.as_widget()
    attrs = {"aria-label": label} if label else {}
    return _control(field, size=size, css=css, **attrs)


@register.inclusion_tag("partials/field.html")
def field(
    field: BoundField,
    *,
    label: str = "",
    hint: str | None = None,
    warning: str = "",
    size: str = "",
    css: str = "",
) -> dict[str, object]:
    """Label, input, errors, warning and help of a form field. `hint` stands after the label:
    “必填” on a required field unless it says something else; hint="" leaves it out.
    """
    widget = field.field.widget
    group = isinstance(widget, (RadioSelect, CheckboxSelectMultiple))
    return {
        "field": field,
        "label": label or field.label,
        "hint": _hint(field, hint),
        "warning": warning,
        "group": group,
        "check": isinstance(widget, CheckboxInput),
        "options": _options(field) if group else [],
        "control": "" if group else _control(field, size=size, css=css),
    }


@register.inclusion_tag("partials/lights_pick.html")
def lights_pick(
    field: BoundField, *, label: str = "", hint: str | None = None, warning: str = ""
) -> dict[str, object]:
    """A field with RadioSelect whose choices are standings, each shown as its light."""
    options = [
        {**option, "css": _css_of(str(option["value"]))[0]} for option in _options(field) if option["value"]
    ]
    return {
        "field": field,
        "label": label or field.label,
        "hint": _hint(field, hint),
        "warning": warning,
        "options": options,
    }


def _hint(field: BoundField, hint: str | None) -> str:
    if hint is not None:
        return hint
    return "必填" if field.field.required else ""


def _options(field: BoundField) -> list[dict[str, object]]:
    """The choices of a radio or checkbox group, as the partials draw them."""
    return [
        {
            "type": option.data["type"],
            "name": option.data["name"],
            "value": option.data["value"],
            "id": option.id_for_label,
            "label": option.choice_label,
            "selected": option.data["selected"],
            "disabled": bool(field.field.disabled),
        }
        for option in field.subwidgets
    ]

"""Numbers, dates and quarters as Chinese official papers write them. Pure: values in, text out, no clock.

Used by the template filters and by whoever builds sentences (explanations, bulletins, notices).
"""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

#: GB/T 15835-2011, 5.1.1 allows a space between groups of three digits; this one neither breaks nor gapes.
GROUP = "\u202f"
MINUS = "\u2212"
DASH = "—"

_NUMERALS = "零一二三四五六七八九"


def number(value: Decimal | int | str | None, places: int | None = None, *, signed: bool = False) -> str:
    """A number grouped in threes: Decimal("1860.5") is "1 860.5", None is "—".

    With `places` it is rounded half up for display (domain convention, not a judgement); without, it is written as
    it is. `signed` puts “+” before what is above zero. Raises TypeError for a float: the project knows none.
    """
    if value is None or value == "":
        return DASH
    if isinstance(value, (float, bool)):
        raise TypeError(f"{value!r} is no Decimal")
    exact = Decimal(value)
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    digits = f"{abs(exact):,f}".replace(",", GROUP)
    if exact < 0:
        return MINUS + digits
    return f"+{digits}" if signed and exact > 0 else digits


def plain(value: Decimal) -> Decimal:
    """The number without trailing zeros after the point: 85.00 is 85, 100 stays 100."""
    return Decimal(format(value.normalize(), "f"))


def shortened(text: str, length: int = 60) -> str:
    """Text that somebody wrote, cut to what fits into a sentence."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def numeral(value: int) -> str:
    """A whole number from 0 to 99 in Chinese: 11 is 十一, 20 is 二十."""
    if not 0 <= value <= 99:
        raise ValueError(f"{value} is not between 0 and 99")
    tens, ones = divmod(value, 10)
    if tens == 0:
        return _NUMERALS[ones]
    head = "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return head + (_NUMERALS[ones] if ones else "")


def quoted(text: str) -> str:
    """“text”, with ‘’ for quotation marks within it (GB/T 15834-2011, 4.8)."""
    return f"“{text.replace('“', '‘').replace('”', '’')}”"


def day(value: date | None, *, with_year: bool = True) -> str:
    """2020年12月31日, or 12月31日 without the year; None is "—". No leading zeros (GB/T 9704-2012, 7.3.5)."""
    if value is None:
        return DASH
    year = f"{value.year}年" if with_year else ""
    return f"{year}{value.month}月{value.day}日"


def moment(value: datetime | None, *, with_year: bool = True) -> str:
    """2021年1月5日 09:30, in the zone the value is in; None is "—"."""
    if value is None:
        return DASH
    return f"{day(value, with_year=with_year)} {value:%H:%M}"


def weekday(value: date | None) -> str:
    """周一 to 周日; None is "—"."""
    return DASH if value is None else "周" + "一二三四五六日"[value.weekday()]


def quarter(year: int, number_of_quarter: int, form: str = "full") -> str:
    """full: 2020年第4季度; plain: 2020年四季度; short: 四季度."""
    if number_of_quarter not in (1, 2, 3, 4):
        raise ValueError(f"{number_of_quarter} is no quarter")
    forms = {
        "full": f"{year}年第{number_of_quarter}季度",
        "plain": f"{year}年{numeral(number_of_quarter)}季度",
        "short": f"{numeral(number_of_quarter)}季度",
    }
    if form not in forms:
        raise ValueError(f"{form!r} is no form of a quarter: full, plain or short")
    return forms[form]


def duration(value: timedelta | None) -> str:
    """The length in the largest unit that divides it: 15 分钟, 2 小时, 3 天; None is "—". Seconds are rounded up."""
    if value is None:
        return DASH
    minutes = -(-value // timedelta(minutes=1))
    if minutes and minutes % (24 * 60) == 0:
        return f"{minutes // (24 * 60)} 天"
    if minutes and minutes % 60 == 0:
        return f"{minutes // 60} 小时"
    return f"{minutes} 分钟"

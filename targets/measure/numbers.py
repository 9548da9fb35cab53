"""Rounding and writing numbers. Comparison uses unrounded values; rounding is for reading unless a rule says so."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

from harbor_plan.lib.zh import shortened as shortened
from targets.terms import Rounding

_MODES = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN}
_WIDE = Context(prec=120)
_MOST_PLACES = 12


def rounded(value: Decimal, places: int, mode: Rounding = Rounding.HALF_UP) -> Decimal:
    """`value` at so many decimal places: 四舍五入, or 四舍六入五成双 (GB/T 8170-2008, 3.2)."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=_MODES[mode], context=_WIDE)


def shown(value: Decimal, places: int, mode: Rounding = Rounding.HALF_UP) -> str:
    """A number as read: rounded, with the true minus sign and never a negative zero."""
    number = rounded(value, places, mode)
    return f"{abs(number):f}" if number >= 0 else f"−{-number:f}"


def plain(value: Decimal) -> str:
    """A number without the zeros that only its column added: 38.0000 is 38."""
    text = f"{abs(value):f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 else text


def shown_beside(value: Decimal, limit: Decimal, places: int, mode: Rounding = Rounding.HALF_UP) -> str:
    """A number as read next to a limit: with as many places as it takes to lie on the same side as unrounded.

    38.04 against 38 at no decimals reads 38.04 and not 38, so that a missed limit never looks met.
    """
    for more in range(places, places + _MOST_PLACES):
        if _side(rounded(value, more, mode), limit) == _side(value, limit):
            return shown(value, more, mode)
    return plain(value)


def _side(value: Decimal, limit: Decimal) -> int:
    return (value > limit) - (value < limit)


def with_unit(number: str, unit: str) -> str:
    """`38.4 微克/立方米`, but `83%`: a percent sign follows its number at once."""
    return f"{number}{unit}" if unit in ("", "%", "‰") else f"{number} {unit}"


def spaced(words: str) -> str:
    """What follows in a sentence: a number stands off by a space (`实际 38.4`), words do not (`实际“达到”`)."""
    return f" {words}" if words[:1].isdigit() or words.startswith("−") else words

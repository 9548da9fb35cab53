"""From the text of a cell to a value. Each reader returns the value or raises `BadCell` with what to do.

Used wherever tables come in: the plan's files, and the import of the administration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

YES, NO = "是", "否"
DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")
NUMBER = re.compile(r"[+-]?[0-9]{1,14}(\.[0-9]*)?")
WHOLE = re.compile(r"[0-9]{1,9}")
PLACES = 4  # decimal places the database keeps


class BadCell(ValueError):
    """What is wrong with a cell and what to do about it, in Chinese."""


def text(cell: str, most: int) -> str:
    """Text of at most `most` characters without invisible characters, which make two equal names differ."""
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in "\n\t" for char in cell):
        raise BadCell("含有看不见的控制字符；请重新输入这一格")
    if len(cell) > most:
        raise BadCell(f"有{len(cell)}个字，最多{most}个字；请缩短")
    return cell


def number(cell: str) -> Decimal:
    """A plain decimal with at most four places; no percent sign, unit, thousands comma or exponent."""
    if not NUMBER.fullmatch(cell):
        raise BadCell(f"“{cell}”不是数字；只填数字，如 21.30，不带单位、百分号和千分位逗号")
    value = Decimal(cell)
    if value != round(value, PLACES):
        raise BadCell(f"“{cell}”小数超过{PLACES}位；请按原文数字填写")
    return value


def whole(cell: str, least: int, most: int) -> int:
    """A whole number between `least` and `most`."""
    if not WHOLE.fullmatch(cell) or not least <= int(cell) <= most:
        raise BadCell(f"“{cell}”不是{least}到{most}之间的整数；请改正")
    return int(cell)


def day(cell: str) -> date:
    """A date written 2020-12-31; the 2020/12/31 that spreadsheets make of it is taken too."""
    match = DAY.fullmatch(cell)
    if not match:
        raise BadCell(f"“{cell}”不是日期；请写成 2020-12-31 的形式")
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise BadCell(f"“{cell}”这一天不存在；请核对年月日") from None


def moment(cell: str) -> datetime:
    """A moment with its time zone as export_plan writes it, 2020-08-03T01:30:00+00:00."""
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadCell(f"“{cell}”不是带时区的时间；请写成 2020-08-03T09:30:00+08:00 的形式")
    return found


def yes_no(cell: str) -> bool:
    """是 or 否."""
    if cell not in (YES, NO):
        raise BadCell(f"“{cell}”应为“{YES}”或“{NO}”")
    return cell == YES


def one_of(cell: str, keys: Iterable[str]) -> str:
    """One of the stored keys."""
    keys = list(keys)
    if cell not in keys:
        raise BadCell(f"“{cell}”不在可选值中；可选：{'、'.join(keys)}")
    return cell


def listing(cell: str) -> tuple[str, ...]:
    """Parts divided by semicolons, half or full width; empty parts are dropped."""
    parts = (part.strip() for part in cell.replace("；", ";").split(";"))
    return tuple(part for part in parts if part)

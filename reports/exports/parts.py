"""What every file to take away has: a name, a title that says where data is for demonstration, a date, shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from harbor_plan.lib import zh
from harbor_plan.lib.moments import local_day
from targets.models import Plan


@dataclass(frozen=True)
class File:
    """A file to take away."""

    name: str
    content: bytes


def marked(title: str, plan: Plan) -> str:
    """The title, saying so where the data is for demonstration."""
    return f"{title}（演示数据）" if plan.has_demo_data else title


def unit_words(plan: Plan) -> str:
    """The left of a form's second row."""
    return f"填报单位（盖章）：{plan.office}"


def date_words(at: datetime, unit: str) -> str:
    """The right of a form's second row."""
    return f"填报日期：{zh.day(local_day(at))}　单位：{unit}"


def share(part: int, whole: int) -> Decimal | None:
    """Percent of a whole; none of nothing."""
    return Decimal(100 * part) / whole if whole else None

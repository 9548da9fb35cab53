"""The scoring rules (domain rules 1.1): each turns figures into the share of a line's points that is earned.

A share is kept as numerator ÷ denominator, so that points are rounded once, after multiplying by the weight. The
tree caps it at the weight and at zero (超额默认不加分). Parameters are data of the scheme, never decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from django.db.models import TextChoices

from targets.measure import plain

_ZERO, _ONE, _HUNDRED = Decimal(0), Decimal(1), Decimal(100)


@dataclass(frozen=True)
class Rated:
    """A share of the weight: `numerator` ÷ `denominator` (never 0). `formula` is what the weight is multiplied by."""

    rule: str
    numerator: Decimal
    denominator: Decimal
    formula: str
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Missing:
    """缺报: keeps its weight and scores the minimum, a share from 0 to 1 (the national index uses 0.6)."""

    reason: str
    minimum: Decimal = _ZERO


@dataclass(frozen=True)
class NotApplicable:
    """不适用: taken out; its weight is shared out inside its own category."""

    reason: str


@dataclass(frozen=True)
class Pending:
    """待下达: leaves the denominator of the whole score and is listed."""

    reason: str


Outcome = Rated | Missing | NotApplicable | Pending


class Counting(TextChoices):
    """How a shortfall is counted in units (差一扣一)."""

    PROPORTIONAL = "proportional", "按比例"
    FLOOR = "floor", "按整单位舍去"
    CEILING = "ceiling", "按整单位进位"


def ratio_high(actual: Decimal, target: Decimal) -> Rated:
    """比例，越高越好: actual ÷ target. A zero target is not divided by; a negative one mirrors to the control rule."""
    inputs = _inputs(actual, target)
    if target == 0:
        return all_or_nothing("比例，越高越好", is_met=actual >= 0, inputs=inputs)
    if target > 0:
        return Rated("比例，越高越好", actual, target, f"{plain(actual)} ÷ {plain(target)}", inputs)
    formula = f"（2 − {plain(actual)} ÷ {plain(target)}）"
    return Rated("比例，越高越好", 2 * target - actual, target, formula, inputs)


def ratio_low(actual: Decimal, target: Decimal) -> Rated:
    """控制，越低越好: 2 − actual ÷ target, nothing left at twice the target. A zero target: `zero_target`."""
    inputs = _inputs(actual, target)
    if target == 0:
        return zero_target(actual)
    if target < 0:
        return Rated("控制，越低越好", actual, target, f"{plain(actual)} ÷ {plain(target)}", inputs)
    formula = f"（2 − {plain(actual)} ÷ {plain(target)}）"
    return Rated("控制，越低越好", 2 * target - actual, target, formula, inputs)


def zero_target(cases: Decimal, *, per_case: Decimal | None = None, of: Decimal = _ONE) -> Rated:
    """零目标: none is full marks; any is nothing, or `per_case` points of `of` are deducted for each."""
    inputs = _inputs(cases, _ZERO)
    if per_case is None or cases <= 0 or of <= 0:
        return all_or_nothing("零目标", is_met=cases <= 0, inputs=inputs)
    return _deducted("零目标，每处扣分", cases, per_case, of, inputs)


def deduct(
    actual: Decimal,
    target: Decimal,
    *,
    per_unit: Decimal,
    of: Decimal,
    higher_is_better: bool,
    counting: Counting = Counting.PROPORTIONAL,
) -> Rated:
    """差一扣一: each unit short of the target costs `per_unit` points of `of`, down to nothing."""
    short = max(_ZERO, target - actual if higher_is_better else actual - target)
    if counting != Counting.PROPORTIONAL:
        up = counting == Counting.CEILING
        short = short.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    rule = f"差一扣一，{counting.label}"
    if of <= 0:
        return all_or_nothing(rule, is_met=short == 0, inputs=_inputs(actual, target))
    return _deducted(rule, short, per_unit, of, _inputs(actual, target))


def efficacy(
    actual: Decimal, *, unacceptable: Decimal, satisfactory: Decimal, when_equal: Decimal = _ZERO
) -> Rated:
    """功效系数: (actual − unacceptable) ÷ (satisfactory − unacceptable) × 40 + 60 of 100; a lower good value mirrors it.

    When the two values are equal the scheme's `when_equal` (0 to 100) is given and the words say so.
    """
    inputs = (
        ("实际", plain(actual)),
        ("不允许值", plain(unacceptable)),
        ("满意值", plain(satisfactory)),
    )
    span = satisfactory - unacceptable
    if span == 0:
        formula = f"{plain(when_equal)} ÷ 100（满意值等于不允许值，按方案规定记）"
        return Rated("功效系数", when_equal, _HUNDRED, formula, inputs)
    formula = (
        f"〔（{plain(actual)} − {plain(unacceptable)}）÷（{plain(satisfactory)} − {plain(unacceptable)}）"
        "× 40 + 60〕÷ 100"
    )
    return Rated("功效系数", 40 * (actual - unacceptable) + 60 * span, _HUNDRED * span, formula, inputs)


def interval(actual: Decimal, *, low: Decimal, high: Decimal, reach: Decimal) -> Rated:
    """区间: full marks inside, ends included; outside 1 − distance ÷ reach. No reach: nothing outside."""
    inputs = (("实际", plain(actual)), ("区间", f"{plain(low)}—{plain(high)}"))
    distance = max(low - actual, actual - high, _ZERO)
    if distance == 0 or reach <= 0:
        return all_or_nothing("区间", is_met=distance == 0, inputs=inputs)
    return Rated("区间", reach - distance, reach, f"（1 − {plain(distance)} ÷ {plain(reach)}）", inputs)


def stages(counts: Sequence[tuple[str, Decimal, int]]) -> Rated | NotApplicable:
    """阶段系数: the mean coefficient over all items; rows are (stage, coefficient 0 to 1, number of items)."""
    total = sum(count for _, _, count in counts)
    if total == 0:
        return NotApplicable("没有项目")
    earned = sum((coefficient * count for _, coefficient, count in counts), _ZERO)
    terms = " + ".join(f"{count} × {plain(coefficient)}" for _, coefficient, count in counts)
    inputs = tuple((stage, f"{count} 项") for stage, _, count in counts)
    return Rated("阶段系数", earned, Decimal(total), f"（{terms}）÷ {total}", inputs)


def period_weights(periods: Sequence[tuple[Decimal, Decimal]]) -> Rated | NotApplicable:
    """期权合成: percents of the quarters and the year by their weights; rows are (weight, percent 0 to 100)."""
    total = sum((weight for weight, _ in periods), _ZERO)
    if total == 0:
        return NotApplicable("各期权重合计为零")
    earned = sum((weight * percent for weight, percent in periods), _ZERO)
    terms = " + ".join(f"{plain(weight)} × {plain(percent)}" for weight, percent in periods)
    return Rated("期权合成", earned, total * _HUNDRED, f"（{terms}）÷ {plain(total)} ÷ 100")


def votes(cast: Sequence[Decimal | None], *, full: Decimal) -> Outcome:
    """主观评价: the mean of the votes that are in, out of `full`; a vote not cast is never a zero."""
    given = [vote for vote in cast if vote is not None]
    if not given:
        return Missing(f"应到 {len(cast)} 票，未收到评价")
    if full == 0:
        return NotApplicable("评价满分为零")
    inputs = (("收到", f"{len(given)}/{len(cast)} 票"),)
    total = sum(given, _ZERO)
    return Rated(
        "按票平均", total, full * len(given), f"{plain(total)} ÷ {len(given)} ÷ {plain(full)}", inputs
    )


@dataclass(frozen=True)
class QualityPoints:
    """Points for one filing by its timeliness, and the deduction for each return. Data of the scheme."""

    per_return: Decimal
    on_time: Decimal = Decimal(3)
    late: Decimal = Decimal(2)
    missing: Decimal = Decimal(0)


def report_quality(
    *, on_time: int, late: int, missing: int, returns: int, points: QualityPoints
) -> Rated | NotApplicable:
    """报送质量: points of the filings that have timeliness, less the returns, out of all on time."""
    filings = on_time + late + missing
    full = filings * points.on_time
    if full <= 0:
        return NotApplicable("没有计时效的报送")
    earned = (
        on_time * points.on_time + late * points.late + missing * points.missing - returns * points.per_return
    )
    formula = (
        f"（{on_time} × {plain(points.on_time)} + {late} × {plain(points.late)} + {missing} × {plain(points.missing)}"
        f" − {returns} × {plain(points.per_return)}）÷ {plain(full)}"
    )
    inputs = (
        ("按时", f"{on_time} 次"),
        ("迟报", f"{late} 次"),
        ("未报", f"{missing} 次"),
        ("退回", f"{returns} 次"),
    )
    return Rated("报送质量", earned, full, formula, inputs)


def task_share(percents: Sequence[Decimal | None]) -> Outcome:
    """任务完成: the mean of the year's last percents of the tasks led; a task never filed counts in the denominator."""
    if not percents:
        return NotApplicable("没有牵头任务")
    known = [percent for percent in percents if percent is not None]
    if not known:
        return Missing(f"牵头任务 {len(percents)} 项均未填报")
    total = sum(known, _ZERO)
    inputs = (("有数据", f"{len(known)}/{len(percents)} 项"),)
    formula = f"{plain(total)} ÷ {len(percents)} ÷ 100"
    return Rated("任务完成比例", total, _HUNDRED * len(percents), formula, inputs)


def milestone_share(*, done: int, due: int) -> Rated | NotApplicable:
    """节点完成: milestones done of those due in the year."""
    if due <= 0:
        return NotApplicable("没有到期节点")
    return Rated(
        "节点完成比例", Decimal(done), Decimal(due), f"{done} ÷ {due}", (("完成/到期", f"{done}/{due} 个"),)
    )


def _inputs(actual: Decimal, target: Decimal) -> tuple[tuple[str, str], ...]:
    return (("实际", plain(actual)), ("目标", plain(target)))


def all_or_nothing(rule: str, *, is_met: bool, inputs: tuple[tuple[str, str], ...]) -> Rated:
    return Rated(rule, _ONE if is_met else _ZERO, _ONE, "1（达标）" if is_met else "0（未达标）", inputs)


def _deducted(
    rule: str, units: Decimal, per_unit: Decimal, of: Decimal, inputs: tuple[tuple[str, str], ...]
) -> Rated:
    formula = f"（{plain(of)} − {plain(per_unit)} × {plain(units)}）÷ {plain(of)}"
    return Rated(rule, of - per_unit * units, of, formula, inputs)

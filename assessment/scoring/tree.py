"""The weighted tree of a score: every line with its weight, inputs, rule, points and words.

Weights are shares among siblings, so points (40, 30, 10) and 份数 (3:2:1) are written alike. Rounding is explicit:
weights come out at `places` decimals and add up exactly (largest remainder, the earlier line first on a tie), a
leaf's points are rounded once, and every sum is a sum of rounded lines: the lines are the score exactly.

Missing data (缺报) keeps its weight and scores its minimum. 不适用 gives its weight to its siblings; a category with
nothing left gives its own to its siblings. 待下达 leaves the denominator of the whole: the score is measured over
what remains, in proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.db.models import TextChoices

from assessment.scoring.rules import Missing, NotApplicable, Outcome, Pending, Rated
from targets.measure import plain, rounded, shown
from targets.terms import Rounding

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Criterion:
    """One yardstick: a category with children, or a leaf with an outcome. `weight` is its share among its siblings."""

    key: str
    name: str
    weight: Decimal
    outcome: Outcome | None = None
    children: tuple[Criterion, ...] = ()


class LineState(TextChoices):
    """What became of a line."""

    GROUP = "group", "小计"
    SCORED = "scored", "已计分"
    MISSING = "missing", "缺报"
    NOT_APPLICABLE = "not_applicable", "不适用"
    PENDING = "pending", "待下达"


@dataclass(frozen=True)
class Line:
    """A criterion scored. `weight` is as the scheme wrote it, `full` the points it could earn after redistribution.

    `points` is None where nothing could be earned (不适用, 待下达, and a category of only such). `adjusted` is true
    once the office has set the points by hand; `words` then end with the reason.
    """

    key: str
    name: str
    weight: Decimal
    full: Decimal
    points: Decimal | None
    state: LineState
    rule: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    words: str = ""
    children: tuple[Line, ...] = ()
    adjusted: bool = False


@dataclass(frozen=True)
class Score:
    """A department's score: `total` is exactly the sum of the lines, None when nothing could be scored."""

    total: Decimal | None
    full: Decimal
    lines: tuple[Line, ...]

    @property
    def leaves(self) -> tuple[Line, ...]:
        """All lines that have no lines beneath them, in order."""
        return tuple(leaf for line in self.lines for leaf in _leaves(line))

    @property
    def excluded(self) -> tuple[Line, ...]:
        """What is not in the denominator, to be listed: 不适用 and 待下达."""
        outside = (LineState.NOT_APPLICABLE, LineState.PENDING)
        return tuple(leaf for leaf in self.leaves if leaf.state in outside)


def score(
    criteria: Sequence[Criterion],
    *,
    full: Decimal = Decimal(100),
    places: int = 2,
    rounding: Rounding = Rounding.HALF_UP,
) -> Score:
    """Score a tree of criteria out of `full` points; see the module for weights and rounding."""
    whole = rounded(full, places)
    lines = _lines(_nodes(criteria, Fraction(1)), whole, places, rounding)
    return Score(_total(lines), whole, lines)


def adjusted(result: Score, key: str, points: Decimal, reason: str) -> Score:
    """The score with one leaf's points set by the office, within 0 and what the line can earn; sums follow.

    Raises KeyError when no scored or missing leaf has that key.
    """
    open_keys = {leaf.key for leaf in result.leaves if leaf.points is not None}
    if key not in open_keys:
        raise KeyError(key)
    lines = tuple(_adjust(line, key, points, reason) for line in result.lines)
    return replace(result, total=_total(lines), lines=lines)


def apportioned(total: Decimal, shares: Sequence[Fraction], places: int) -> list[Decimal]:
    """`total` split by shares at so many places, adding up exactly: largest remainder, the earlier one on a tie."""
    whole = sum(shares, Fraction(0))
    unit = Decimal(1).scaleb(-places)
    if whole == 0:
        return [_ZERO * unit for _ in shares]
    units = int(total / unit)
    exact = [share * units / whole for share in shares]
    counts = [int(value) for value in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: (counts[i] - exact[i], i))
    for i in by_remainder[: units - sum(counts)]:
        counts[i] += 1
    return [count * unit for count in counts]


def _is_out(criterion: Criterion) -> bool:
    """Not applicable, itself or everything beneath it."""
    if criterion.children:
        return all(_is_out(child) for child in criterion.children)
    return criterion.outcome is None or isinstance(criterion.outcome, NotApplicable)


@dataclass(frozen=True)
class _Node:
    """A criterion with the part of the whole it counts for: inapplicable shared out, pending left out."""

    criterion: Criterion
    share: Fraction
    children: tuple[_Node, ...] = ()


def _nodes(criteria: Sequence[Criterion], share: Fraction) -> tuple[_Node, ...]:
    """The criteria with `share` of the whole divided among the applicable ones by weight."""
    weights = sum((Fraction(c.weight) for c in criteria if not _is_out(c)), Fraction(0))
    nodes = []
    for criterion in criteria:
        counts = weights and not _is_out(criterion)
        own = share * Fraction(criterion.weight) / weights if counts else Fraction(0)
        children = _nodes(criterion.children, own)
        if children:
            own = sum((child.share for child in children), Fraction(0))
        elif isinstance(criterion.outcome, Pending):
            own = Fraction(0)
        nodes.append(_Node(criterion, own, children))
    return tuple(nodes)


def _lines(nodes: Sequence[_Node], full: Decimal, places: int, rounding: Rounding) -> tuple[Line, ...]:
    shares = apportioned(full, [node.share for node in nodes], places)
    return tuple(
        _group(node, own, places, rounding) if node.children else _leaf(node.criterion, own, places, rounding)
        for node, own in zip(nodes, shares, strict=True)
    )


def _group(node: _Node, full: Decimal, places: int, rounding: Rounding) -> Line:
    children = _lines(node.children, full, places, rounding)
    of = node.criterion
    return Line(of.key, of.name, of.weight, full, _total(children), LineState.GROUP, children=children)


def _leaf(criterion: Criterion, full: Decimal, places: int, rounding: Rounding) -> Line:
    outcome = criterion.outcome
    line = Line(criterion.key, criterion.name, criterion.weight, full, None, LineState.NOT_APPLICABLE)
    if isinstance(outcome, Rated):
        exact = full * outcome.numerator / outcome.denominator
        points = rounded(min(max(exact, _ZERO), full), places, rounding)
        equation = f"得分 = {shown(full, places)} × {outcome.formula} = {shown(points, places)}"
        words = _set_tight(equation) + _bound(exact, full)
        return replace(
            line, points=points, state=LineState.SCORED, rule=outcome.rule, inputs=outcome.inputs, words=words
        )
    if isinstance(outcome, Missing):
        points = rounded(min(max(full * outcome.minimum, _ZERO), full), places, rounding)
        percent = plain(outcome.minimum * 100)
        words = f"缺报（{outcome.reason}），按最低 {percent}% 计，得分 = {shown(full, places)} × {percent}% = {shown(points, places)}"
        return replace(line, points=points, state=LineState.MISSING, rule="缺报按最低值计", words=words)
    if isinstance(outcome, Pending):
        words = f"待下达，不计入分母：{outcome.reason}"
        return replace(line, state=LineState.PENDING, words=words)
    reason = outcome.reason if outcome else "方案未给出计分依据"
    return replace(line, words=f"不适用，权重在同类内分摊：{reason}")


def _set_tight(equation: str) -> str:
    """Full-width brackets bring their own space."""
    return equation.replace(" （", "（").replace(" 〔", "〔").replace("） ", "）")


def _bound(exact: Decimal, full: Decimal) -> str:
    """Says so when the cap or the floor took effect."""
    if exact > full:
        return f"，封顶 {plain(full)}"
    return "，不低于 0" if exact < 0 else ""


def _total(lines: Sequence[Line]) -> Decimal | None:
    points = [line.points for line in lines if line.points is not None]
    return sum(points, _ZERO) if points else None


def _leaves(line: Line) -> tuple[Line, ...]:
    if line.state != LineState.GROUP:
        return (line,)
    return tuple(leaf for child in line.children for leaf in _leaves(child))


def _adjust(line: Line, key: str, points: Decimal, reason: str) -> Line:
    if line.state == LineState.GROUP:
        children = tuple(_adjust(child, key, points, reason) for child in line.children)
        return replace(line, children=children, points=_total(children))
    if line.key != key or line.points is None:
        return line
    new = min(max(points, _ZERO), line.full)
    words = f"{line.words}；核定改为 {plain(new)}：{reason}"
    return replace(line, points=new, words=words, adjusted=True)

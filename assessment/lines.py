"""From published figures to the lines of one department's sheet. Reads facts at hand; asks the database nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

from assessment import scoring
from assessment.facts import QuarterFigures, YearFacts
from assessment.indicators import DataRules, actual_words, judge_figure, target_of
from assessment.models import ZERO, Criterion
from assessment.scoring import Missing, NotApplicable, Outcome, QualityPoints, Rated
from assessment.terms import LineState, Source
from filings.terms import Timeliness
from reports.models import Figure, Subject
from targets.life import targets_in_force
from targets.measure import plain
from targets.models import Indicator, Target
from targets.terms import Strength
from tasks.models import Milestone

_ONE = Decimal(1)
_HUNDRED = Decimal(100)


class Explanation(TypedDict, total=False):
    """这一分怎么来的, as stored with a line. Numbers are text, as they are read.

    `figures` are `QuarterFigures.reference`s: period, publication and version, figure, subject.
    """

    rule: str
    actual: str
    unit: str
    equations: list[str]
    figures: list[dict[str, Any]]
    clause: str
    note: str


@dataclass(frozen=True)
class Leaf:
    """One thing that earns points under a criterion, with its share among its siblings.

    `outside` is the state of the line when the outcome is Pending.
    """

    key: str
    name: str
    share: Decimal
    outcome: Outcome
    explanation: Explanation
    outside: LineState = LineState.PENDING


@dataclass(frozen=True)
class Draft:
    """A line before it is stored."""

    criterion: Criterion
    key: str
    position: int
    number: str
    name: str
    state: LineState
    reason: str
    maximum: Decimal
    points: Decimal
    explanation: Explanation


def sheet_lines(criteria: Sequence[Criterion], department: int, year: YearFacts) -> list[Draft]:
    """Every line of a department's sheet. The points of the lines are its score, and their maxima add up to 100.

    A criterion of several figures is a category of the score, with one line for each figure. Where a department has
    nothing to show under a criterion, its weight goes to the other criteria (domain rules, 不适用).
    """
    leaves = {criterion.no: _leaves(criterion, department, year) for criterion in criteria}
    tree = [_branch(criterion, leaves[criterion.no]) for criterion in criteria]
    scored = {line.key: line for line in scoring.score(tree).leaves}
    return [
        _draft(criterion, leaf, scored[leaf.key], place, is_alone=_is_alone(criterion))
        for criterion in criteria
        for place, leaf in enumerate(leaves[criterion.no], 1)
    ]


def _is_alone(criterion: Criterion) -> bool:
    """Whether the criterion is one line by itself, not a category of lines."""
    return criterion.source not in (Source.INDICATORS, Source.TASKS)


def _leaves(criterion: Criterion, department: int, year: YearFacts) -> list[Leaf]:
    leaves = list(_LEAVES[Source(criterion.source)](criterion, department, year))
    return leaves or [_nothing(criterion, _NOTHING[Source(criterion.source)])]


def _nothing(criterion: Criterion, reason: str) -> Leaf:
    return Leaf(f"criterion:{criterion.no}", criterion.name, _ONE, NotApplicable(reason), {})


def _branch(criterion: Criterion, leaves: Sequence[Leaf]) -> scoring.Criterion:
    """The criterion as the scoring takes it; what stands outside besides Pending was told apart by its outcome."""
    children = tuple(scoring.Criterion(leaf.key, leaf.name, leaf.share, leaf.outcome) for leaf in leaves)
    if _is_alone(criterion):
        return scoring.Criterion(children[0].key, criterion.name, criterion.weight, children[0].outcome)
    return scoring.Criterion(f"category:{criterion.no}", criterion.name, criterion.weight, children=children)


def _draft(criterion: Criterion, leaf: Leaf, line: scoring.Line, place: int, *, is_alone: bool) -> Draft:
    counts = line.points is not None
    equations = [line.words] if counts else []
    is_bare = leaf.key.startswith("criterion:")
    return Draft(
        criterion=criterion,
        key=leaf.key,
        position=1000 * criterion.no + place,
        number=str(criterion.no) if is_alone or is_bare else f"{criterion.no}.{place}",
        name=leaf.name[:200],
        state=_state(leaf),
        reason=_reason(leaf.outcome)[:500],
        maximum=line.full if counts else ZERO,
        points=line.points if line.points is not None else ZERO,
        explanation={
            **leaf.explanation,
            "rule": leaf.explanation.get("rule", line.rule),
            "equations": [*equations, *leaf.explanation.get("equations", [])],
        },
    )


def _state(leaf: Leaf) -> LineState:
    if isinstance(leaf.outcome, Rated):
        return LineState.SCORED
    if isinstance(leaf.outcome, Missing):
        return LineState.MISSING
    return LineState.NOT_APPLICABLE if isinstance(leaf.outcome, NotApplicable) else leaf.outside


def _reason(outcome: Outcome) -> str:
    return "" if isinstance(outcome, Rated) else outcome.reason


# What each source brings


def _targets(indicator: Indicator, figure: Figure | None, year: YearFacts) -> list[Target]:
    """The requirements in force at the year's end, and the one a published light was decided by, superseded or not."""
    rows = indicator.targets.all()
    decided = figure.detail.get("target") if figure else None
    in_force = targets_in_force(rows, year.last_day)
    return [*in_force, *(row for row in rows if row.pk == decided and row not in in_force)]


def _indicators(criterion: Criterion, department: int, year: YearFacts) -> Iterable[Leaf]:
    """One line for each indicator the department answers for, weighed by how hard its target is."""
    rules = DataRules(
        is_whole_year=year.is_whole_year,
        minimum=criterion.param("minimum"),
        excuses_no_data=criterion.param("excuse_no_data") > 0,
    )
    for indicator in year.indicators.get(department, ()):
        figure = year.last.of(Subject.INDICATOR, indicator.pk)
        target = target_of(_targets(indicator, figure, year), figure, year.last_day)
        judged = judge_figure(indicator, target, figure, rules)
        strength = Strength(target.strength) if target else Strength.EXPECTED
        explanation = _of_figure(year.last, Subject.INDICATOR, indicator.pk, figure)
        explanation["actual"] = actual_words(indicator, target, figure)
        explanation["unit"] = indicator.unit
        explanation["clause"] = target.clause if target else "；".join(indicator.clauses)
        explanation["note"] = _doubt(indicator)
        yield Leaf(
            f"indicator:{indicator.pk}",
            indicator.name,
            criterion.param(strength),
            judged.outcome,
            explanation,
            judged.outside,
        )


def _doubt(indicator: Indicator) -> str:
    return "数据单位为暂拟，待确认" if indicator.data_department_is_proposed else ""


def _tasks(criterion: Criterion, department: int, year: YearFacts) -> Iterable[Leaf]:
    """One line for each task led: the year's work done, against what should have been done by then."""
    for task in year.tasks.get(department, ()):
        figure = year.last.of(Subject.TASK, task.pk)
        explanation = _of_figure(year.last, Subject.TASK, task.pk, figure)
        explanation["clause"] = task.clause
        outcome = _task_outcome(figure, criterion.param("minimum"))
        if figure and figure.completion is not None:
            explanation["actual"] = f"{plain(figure.completion)}/{plain(figure.expected or _HUNDRED)}"
            explanation["unit"] = "%"
        yield Leaf(f"task:{task.pk}", f"{task.title}（任务{task.number}）", _ONE, outcome, explanation)


def _task_outcome(figure: Figure | None, minimum: Decimal) -> Outcome:
    if figure is None:
        return NotApplicable("发布时尚未列入方案")
    if figure.completion is None:
        return Missing(figure.reason or "没有报送本年完成比例", minimum)
    return scoring.ratio_high(figure.completion, _HUNDRED if figure.expected is None else figure.expected)


def _milestones(criterion: Criterion, department: int, year: YearFacts) -> Iterable[Leaf]:
    """One line: milestones done of those due in the year; a cancelled one is not due."""
    of_task = year.milestones.get(department, ())
    figures = [(m, year.last.of(Subject.MILESTONE, m.pk)) for m in of_task]
    due = [(milestone, figure) for milestone, figure in figures if figure and figure.due]
    done = [milestone for milestone, figure in due if figure.met]
    explanation: Explanation = {
        "figures": [year.last.reference(Subject.MILESTONE, milestone.pk) for milestone, _ in due],
        "equations": [_milestone_words(milestone, figure) for milestone, figure in due],
        "actual": f"{len(done)}/{len(due)}",
        "unit": "个",
    }
    outcome = scoring.milestone_share(done=len(done), due=len(due))
    yield Leaf(f"milestones:{criterion.no}", criterion.name, _ONE, outcome, explanation)


def _milestone_words(milestone: Milestone, figure: Figure) -> str:
    return f"{milestone.name}：{figure.reason}"


def _quality(criterion: Criterion, department: int, year: YearFacts) -> Iterable[Leaf]:
    """One line: filings on time, late and missing, less what the returns cost. 补录 quarters have no timeliness."""
    timed = [
        (quarter, figure)
        for quarter, figure in _own_figures(department, year)
        if figure.timeliness in (Timeliness.ON_TIME, Timeliness.LATE, Timeliness.MISSING)
    ]
    counts = {state: len([f for _, f in timed if f.timeliness == state]) for state in Timeliness}
    returns = sum(figure.returns for _, figure in timed)
    points = QualityPoints(
        per_return=criterion.param("per_return"),
        on_time=criterion.param("on_time"),
        late=criterion.param("late"),
        missing=criterion.param("missing"),
    )
    outcome = scoring.report_quality(
        on_time=counts[Timeliness.ON_TIME],
        late=counts[Timeliness.LATE],
        missing=counts[Timeliness.MISSING],
        returns=returns,
        points=points,
    )
    explanation: Explanation = {
        "figures": [quarter.reference(Subject.DEPARTMENT, department) for quarter, _ in timed],
        "equations": [_quality_words(points), *[_filing_words(quarter, figure) for quarter, figure in timed]],
        "rule": f"按时 {counts[Timeliness.ON_TIME]} 次，迟报 {counts[Timeliness.LATE]} 次，"
        f"未报 {counts[Timeliness.MISSING]} 次，退回 {returns} 次",
    }
    yield Leaf(f"quality:{criterion.no}", criterion.name, _ONE, outcome, explanation)


def _quality_words(points: QualityPoints) -> str:
    return (
        f"每季按时记 {plain(points.on_time)}，迟报记 {plain(points.late)}，未报记 {plain(points.missing)}，"
        f"退回一次扣 {plain(points.per_return)}"
    )


def _filing_words(quarter: QuarterFigures, figure: Figure) -> str:
    return f"{quarter.period}：{Timeliness(figure.timeliness).label}，退回 {figure.returns} 次"


def _completeness(criterion: Criterion, department: int, year: YearFacts) -> Iterable[Leaf]:
    """One line: accepted entries of those owed, over the quarters whose due date has passed."""
    asked = [
        (quarter, figure)
        for quarter, figure in _own_figures(department, year)
        if figure.timeliness != Timeliness.NOT_DUE and figure.owed
    ]
    accepted, owed = sum(f.reported for _, f in asked), sum(f.owed for _, f in asked)
    explanation: Explanation = {
        "figures": [quarter.reference(Subject.DEPARTMENT, department) for quarter, _ in asked],
        "equations": [f"{q.period}：应报 {f.owed} 项，采纳 {f.reported} 项" for q, f in asked],
        "actual": f"{accepted}/{owed}",
        "unit": "项",
    }
    outcome: Outcome = NotApplicable("全年没有应报事项")
    if owed:
        outcome = scoring.ratio_high(Decimal(accepted), Decimal(owed))
    yield Leaf(f"completeness:{criterion.no}", criterion.name, _ONE, outcome, explanation)


def _own_figures(department: int, year: YearFacts) -> list[tuple[QuarterFigures, Figure]]:
    """The department's own figures of each quarter it has one for."""
    found = [(quarter, quarter.of(Subject.DEPARTMENT, department)) for quarter in year.quarters]
    return [(quarter, figure) for quarter, figure in found if figure]


def _of_figure(quarter: QuarterFigures, subject: Subject, pk: int, figure: Figure | None) -> Explanation:
    """Where one figure stands, with the reason it was published with."""
    if figure is None:
        return {"figures": [], "equations": []}
    return {
        "figures": [quarter.reference(subject, pk)],
        "equations": [figure.reason] if figure.reason else [],
    }


_LEAVES: dict[Source, Callable[[Criterion, int, YearFacts], Iterable[Leaf]]] = {
    Source.INDICATORS: _indicators,
    Source.TASKS: _tasks,
    Source.MILESTONES: _milestones,
    Source.QUALITY: _quality,
    Source.COMPLETENESS: _completeness,
}

_NOTHING = {
    Source.INDICATORS: "本单位没有负责填报的指标",
    Source.TASKS: "本单位没有牵头任务",
    Source.MILESTONES: "本单位没有牵头任务",
    Source.QUALITY: "全年没有计时效的报送",
    Source.COMPLETENESS: "全年没有应报事项",
}

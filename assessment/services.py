"""The verbs of the assessment: compute, adjust, finalise. Loading a scheme is in `assessment.scheme_files`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from accounts.roles import Role
from assessment import scoring
from assessment.facts import YearFacts, current_sources, load_year
from assessment.lines import Draft, sheet_lines
from assessment.models import ZERO, Adjustment, Criterion, Grade, Line, Member, Result, Scheme, UnitClass
from assessment.rules import (
    ClassOutline,
    scheme_problems,
    why_not_adjust,
    why_not_compute,
    why_not_finalise,
    why_not_touch,
)
from assessment.terms import IN_DENOMINATOR, LineState, SchemeStatus
from audit.services import record
from filings.errors import AlreadyMoved, Refused
from targets.measure import plain


def outlines(scheme: Scheme) -> list[ClassOutline]:
    """The scheme's classes as its check takes them. Three queries."""
    classes = UnitClass.objects.filter(scheme=scheme).prefetch_related("members", "criteria")
    return [
        ClassOutline(
            name=unit_class.name,
            is_ranked=unit_class.is_ranked,
            members=len(unit_class.members.all()),
            criteria={c.no: (c.name, c.weight, c.source, c.params) for c in unit_class.criteria.all()},
        )
        for unit_class in classes
    ]


def problems_of(scheme: Scheme) -> list[str]:
    """What is wrong with the scheme, in sentences. Four queries."""
    bounds = Grade.objects.filter(scheme=scheme).values_list("at_least", flat=True)
    return scheme_problems(outlines(scheme), list(bounds))


@transaction.atomic
def compute(*, scheme: Scheme, by: User | None, at: datetime) -> Scheme:
    """Score every department of the ranked classes from the year's figures at `at`; may be repeated.

    Adjusted points stay, cut where a line is worth less now; a line that is gone keeps its history and no points.
    `by` is somebody of the office, or None for the system. Raises Refused.
    """
    scheme = _locked(scheme)
    need_office(scheme, by)
    facts = load_year(plan=scheme.plan, year=scheme.year, at=at)
    if reason := why_not_compute(scheme.status, problems_of(scheme), facts.sources()):
        raise Refused("status", reason)
    results = _results(scheme)
    drafts = _drafts(scheme, results, facts)
    _store_lines(results, drafts, at)
    _settle(scheme)
    scheme.status = SchemeStatus.RUNNING
    scheme.sources = facts.sources()
    scheme.computed_at, scheme.computed_by = at, by
    scheme.save(update_fields=["status", "sources", "computed_at", "computed_by"])
    record(
        verb="assessment.compute", subject=scheme, by=by, at=at, after={"sources": scheme.sources, "results": len(results)}
    )  # fmt: skip
    return scheme


def _locked(scheme: Scheme) -> Scheme:
    return Scheme.objects.select_for_update(of=("self",)).select_related("plan__office").get(pk=scheme.pk)


def need_office(scheme: Scheme, by: User | None) -> None:
    """Refuse whoever is not of the office; None stands for the system."""
    if by is not None and not by.holds(Role.OFFICE):
        raise Refused("permission", f"评分和审定由{scheme.plan.office}办理，您可以查看。")


def _ranked_members(scheme: Scheme) -> list[Member]:
    members = Member.objects.filter(scheme=scheme, unit_class__is_ranked=True)
    return list(members.select_related("department", "unit_class"))


def _results(scheme: Scheme) -> dict[int, Result]:
    """A result for each department that is ranked, by department id; whoever is ranked no more loses theirs."""
    members = {member.department_id: member for member in _ranked_members(scheme)}
    results = {result.department_id: result for result in Result.objects.filter(scheme=scheme)}
    gone = [result for department, result in results.items() if department not in members]
    _drop(gone)
    changed = []
    for department, result in results.items():
        if department in members and result.unit_class_id != members[department].unit_class_id:
            result.unit_class = members[department].unit_class
            changed.append(result)
    Result.objects.bulk_update(changed, ["unit_class"])
    Result.objects.bulk_create(
        Result(
            scheme=scheme, unit_class=m.unit_class, department=m.department, department_name=m.department.name
        )
        for department, m in members.items()
        if department not in results
    )
    return {result.department_id: result for result in Result.objects.filter(scheme=scheme)}


def _drop(results: Sequence[Result]) -> None:
    """Remove the results of departments that left the ranked classes; one that somebody adjusted is not lost."""
    adjusted = Adjustment.objects.filter(line__result__in=results).select_related("line__result").first()
    if adjusted:
        name = adjusted.line.result.department_name
        raise Refused("content", f"{name}的得分已有人工调整，不能移出考核单位；请恢复其分类后再计算。")
    Line.objects.filter(result__in=results).delete()
    Result.objects.filter(pk__in=[result.pk for result in results]).delete()


def _drafts(scheme: Scheme, results: dict[int, Result], facts: YearFacts) -> dict[int, list[Draft]]:
    """The lines of every result, by result id."""
    criteria: dict[int, list[Criterion]] = defaultdict(list)
    for criterion in Criterion.objects.filter(unit_class__scheme=scheme).order_by("no"):
        criteria[criterion.unit_class_id].append(criterion)
    return {
        result.pk: sheet_lines(criteria[result.unit_class_id], department, facts)
        for department, result in results.items()
    }


def _store_lines(results: dict[int, Result], drafts: dict[int, list[Draft]], at: datetime) -> None:
    """Bring the stored lines to what was computed: add, refresh, and take out what is gone. Constant queries."""
    stored = Line.objects.filter(result__in=results.values())
    by_key = {(line.result_id, line.key): line for line in stored}
    adjusted = set(
        Adjustment.objects.filter(line__in=stored).order_by().values_list("line_id", flat=True).distinct()
    )
    cuts: list[Adjustment] = []
    fresh: list[Line] = []
    kept: list[Line] = []
    for result, lines in drafts.items():
        for draft in lines:
            line = by_key.pop((result, draft.key), None)
            if line is None:
                fresh.append(_filled(Line(result_id=result, points=draft.points), draft))
            else:
                kept.append(_refreshed(line, draft, is_adjusted=line.pk in adjusted, cuts=cuts, at=at))
    gone = by_key.values()
    Line.objects.filter(pk__in=[line.pk for line in gone if line.pk not in adjusted]).delete()
    kept += [_withdrawn(line, cuts, at) for line in gone if line.pk in adjusted]
    Line.objects.bulk_create(fresh)
    Line.objects.bulk_update(kept, _LINE_FIELDS)
    Adjustment.objects.bulk_create(cuts)


_LINE_FIELDS = [
    "criterion", "position", "number", "name", "state", "reason", "maximum", "system_points", "points", "explanation",
]  # fmt: skip


def _filled(line: Line, draft: Draft) -> Line:
    """Everything of the line that the figures decide; its points are the caller's."""
    line.criterion = draft.criterion
    line.key = draft.key
    line.position, line.number, line.name = draft.position, draft.number, draft.name
    line.state, line.reason = draft.state, draft.reason
    line.maximum, line.system_points = draft.maximum, draft.points
    line.explanation = draft.explanation
    return line


def _refreshed(line: Line, draft: Draft, *, is_adjusted: bool, cuts: list[Adjustment], at: datetime) -> Line:
    _filled(line, draft)
    if not is_adjusted:
        line.points = draft.points
    elif line.points > line.maximum:
        _cut(line, f"重新计算后本项分值为 {plain(line.maximum)}，核定得分相应减少", cuts, at)
    return line


def _withdrawn(line: Line, cuts: list[Adjustment], at: datetime) -> Line:
    line.state, line.reason = LineState.WITHDRAWN, "重新计算后不再列入本单位的考核"
    line.maximum = line.system_points = ZERO
    if line.points:
        _cut(line, line.reason, cuts, at)
    return line


def _cut(line: Line, reason: str, cuts: list[Adjustment], at: datetime) -> None:
    cuts.append(Adjustment(line=line, before=line.points, after=line.maximum, reason=reason, by=None, at=at))
    line.points = line.maximum


def _settle(scheme: Scheme) -> None:
    """Totals as the exact sums of the lines, grades by their bounds, competition ranks within each class."""
    results = list(Result.objects.filter(scheme=scheme))
    counting = Line.objects.filter(result__in=results, state__in=IN_DENOMINATOR).order_by()
    sums = {
        row["result"]: row
        for row in counting.values("result").annotate(p=Sum("points"), s=Sum("system_points"))
    }
    grades = [scoring.Grade(grade.name, grade.at_least) for grade in Grade.objects.filter(scheme=scheme)]
    by_class: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
    for result in results:
        row = sums.get(result.pk)
        result.total, result.system_total = (row["p"], row["s"]) if row else (None, None)
        grade = scoring.grade_of(result.total, grades)
        result.grade = grade.name if grade else ""
        by_class[result.unit_class_id][str(result.pk)] = result.total
    ranks = {key: rank for totals in by_class.values() for key, rank in scoring.ranked(totals).items()}
    for result in results:
        result.rank = ranks.get(str(result.pk))
    Result.objects.bulk_update(results, ["total", "system_total", "grade", "rank"])


@transaction.atomic
def adjust(*, line: Line, points: Decimal, seen: Decimal, reason: str, by: User, at: datetime) -> Adjustment:
    """Set the points of one line by hand, with the reason; the figures' points stay beside them. Ranks follow.

    `seen` are the points the person had on screen; if they are others by now, AlreadyMoved says who changed them.
    Raises Refused for one's own department, a final year, no reason, or points outside 0 and the line's maximum.
    """
    scheme = _locked(line.result.scheme)
    line = Line.objects.select_related("result").get(pk=line.pk)
    need_adjuster(line.result, scheme, by)
    if refusal := why_not_adjust(scheme.status, counts=line.counts):
        raise Refused("status", refusal)
    _check_adjustment(line, points, reason)
    points = points.quantize(ZERO)
    if not Line.objects.filter(pk=line.pk, points=seen).update(points=points):
        raise AlreadyMoved(_who_adjusted(line))
    adjustment = Adjustment.objects.create(
        line=line, before=line.points, after=points, reason=reason.strip(), by=by, at=at
    )
    _settle(scheme)
    record(
        verb="assessment.adjust", subject=line, by=by, at=at, before={"points": str(line.points)},
        after={"points": str(points), "department": line.result.department_name}, note=adjustment.reason,
    )  # fmt: skip
    return adjustment


def need_adjuster(result: Result, scheme: Scheme, by: User) -> None:
    """Refuse whoever may not adjust this sheet, whatever its state."""
    refusal = why_not_touch(
        office=scheme.plan.office.name,
        department=result.department_id,
        is_office=by.holds(Role.OFFICE),
        own_departments=by.own_department_ids,
    )
    if refusal:
        raise Refused("permission", refusal)


def _check_adjustment(line: Line, points: Decimal, reason: str) -> None:
    if not reason.strip():
        raise Refused("content", "请写明调整理由。")
    if not ZERO <= points <= line.maximum:
        raise Refused("content", f"本项得分应在 0 和 {plain(line.maximum)} 之间。")
    if points != round(points, 2):
        raise Refused("content", "得分最多两位小数。")
    if points == line.points:
        raise Refused("content", f"得分已经是 {plain(line.points)}，没有变化。")


def _who_adjusted(line: Line) -> str:
    last = Adjustment.objects.filter(line=line).select_related("by").last()
    who = f"{last.by}已调整为" if last and last.by else "重新计算后为"
    return f"“{line.name}”的得分刚刚有变动，{who} {plain(line.points)}，请核对后再办。"


@transaction.atomic
def finalise(*, scheme: Scheme, by: User, at: datetime) -> Scheme:
    """Freeze the year: from now on services and the database refuse every change below the scheme.

    A proposed scheme is adopted with it. Asks for four published quarters and for results computed from their latest versions. Raises Refused.
    """
    scheme = _locked(scheme)
    need_office(scheme, by)
    now = current_sources(plan=scheme.plan, year=scheme.year, at=at)
    reason = why_not_finalise(scheme.status, scheme.sources, now, has_all_results=has_all_results(scheme))
    if reason:
        raise Refused("status", reason)
    _settle(scheme)
    scheme.status, scheme.is_proposed = SchemeStatus.FINALISED, False
    scheme.finalised_at, scheme.finalised_by = at, by
    scheme.save(update_fields=["status", "is_proposed", "finalised_at", "finalised_by"])
    record(verb="assessment.finalise", subject=scheme, by=by, at=at, after={"results": _totals(scheme)})
    return scheme


def has_all_results(scheme: Scheme) -> bool:
    """Whether exactly the departments of the ranked classes have a result, each in its class. Two queries."""
    members = Member.objects.filter(scheme=scheme, unit_class__is_ranked=True).values_list(
        "department", "unit_class"
    )
    results = Result.objects.filter(scheme=scheme).values_list("department", "unit_class")
    return set(members) == set(results)


def _totals(scheme: Scheme) -> dict[str, str]:
    results: Iterable[Result] = Result.objects.filter(scheme=scheme)
    return {result.department_name: str(result.total) for result in results}

"""Page-shaped reads: the years of a plan, one year's classes, one department's sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from accounts.models import User
from accounts.roles import Role
from assessment.facts import current_sources
from assessment.models import Adjustment, Criterion, Line, Member, Result, Scheme
from assessment.rules import is_stale, why_not_adjust, why_not_compute, why_not_finalise, why_not_touch
from assessment.services import has_all_results, problems_of
from assessment.terms import LineState, SchemeStatus
from departments.models import Department
from filings.models import Period
from harbor_plan.lib import zh
from harbor_plan.lib.moments import local, local_day
from targets.models import Plan

#: Bars of a ranking begin here, so that differences can be seen; the page says so.
BARS_FROM = Decimal(60)


@dataclass(frozen=True)
class Stage:
    """Where a year's assessment stands, in one word and with the CSS of its tag."""

    word: str
    css: str = ""


def stage_of(scheme: Scheme) -> Stage:
    """拟订, 暂计, 待审定 or 已审定."""
    if scheme.status == SchemeStatus.FINALISED:
        return Stage("已审定", "tag-jade")
    if scheme.status == SchemeStatus.DRAFT:
        return Stage("未评分")
    return Stage("暂计", "tag-slow") if scheme.is_provisional else Stage("待审定", "tag-slow")


def basis_words(scheme: Scheme) -> str:
    """Which quarters the results rest on: 第1—4季度发布版, or with what is not published yet."""
    published = [str(s["quarter"]) for s in scheme.sources if s["publication"]]
    other = [str(s["quarter"]) for s in scheme.sources if not s["publication"]]
    words = f"第{'、'.join(published)}季度发布版" if published else ""
    if other:
        words += f"{'和' if words else ''}第{'、'.join(other)}季度未发布数"
    return words


# The years


@dataclass
class YearRow:
    """One year of the plan: its scheme if there is one, quarters published, and the reader's own results."""

    year: int
    scheme: Scheme | None
    stage: Stage
    published: int
    ranked: int = 0
    own: list[Result] = field(default_factory=list)


def years(plan: Plan, user: User) -> list[YearRow]:
    """Every year of the plan, newest first. Four queries."""
    schemes = {scheme.year: scheme for scheme in Scheme.objects.filter(plan=plan)}
    closed = Period.objects.filter(plan=plan).exclude(closed_at=None).order_by().values("year")
    published = {row["year"]: row["n"] for row in closed.annotate(n=Count("pk"))}
    ranked = {
        row["scheme"]: row["n"]
        for row in Member.objects.filter(scheme__plan=plan, unit_class__is_ranked=True)
        .order_by()
        .values("scheme")
        .annotate(n=Count("pk"))
    }
    own: dict[int, list[Result]] = defaultdict(list)
    mine = user.departments_as(Role.FILER, Role.APPROVER)
    for result in Result.objects.filter(scheme__plan=plan, department__in=mine).for_page():
        own[result.scheme.year].append(result)
    rows = []
    for year in reversed(plan.years):
        scheme = schemes.get(year)
        stage = stage_of(scheme) if scheme else Stage("未定方案")
        rows.append(
            YearRow(
                year,
                scheme,
                stage,
                published.get(year, 0),
                ranked.get(scheme.pk, 0) if scheme else 0,
                own[year],
            )
        )
    return rows


# One year


@dataclass(frozen=True)
class CriterionScore:
    """Points of a department under one criterion, and how many there were to earn for it.

    Where lines are outside the denominator, their weight is with the others, so `maximum` differs from department
    to department and from the scheme's.
    """

    points: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class ResultRow:
    """One department in its class, with the class's criteria in their order; None where nothing counts."""

    result: Result
    scores: list[tuple[Criterion, CriterionScore | None]]
    adjusted: int
    bar: Decimal


@dataclass(frozen=True)
class ClassTable:
    name: str
    note: str
    criteria: list[Criterion]
    rows: list[ResultRow]
    members: list[Department]


@dataclass(frozen=True)
class YearPage:
    """One year as this person may see it. The reasons are empty when the step can be taken."""

    scheme: Scheme
    stage: Stage
    lede: str
    tables: list[ClassTable]
    unranked: list[ClassTable]
    sees_all: bool
    is_office: bool
    shows_ranks: bool
    is_stale: bool
    no_compute: str
    no_finalise: str


def year_page(scheme: Scheme, user: User, *, at: datetime) -> YearPage:
    """The ranking within each class; a department's person sees their own rows only. Constant queries."""
    now = current_sources(plan=scheme.plan, year=scheme.year, at=at)
    is_office = user.holds(Role.OFFICE)
    results = list(Result.objects.visible_to(user).filter(scheme=scheme).for_page())
    classes = _classes(scheme, results)
    return YearPage(
        scheme=scheme,
        stage=stage_of(scheme),
        lede=_year_lede(scheme, results if user.reads_all else []),
        tables=[table for ranked, table in classes if ranked and (user.reads_all or table.rows)],
        unranked=[table for ranked, table in classes if not ranked],
        sees_all=user.reads_all,
        is_office=is_office,
        shows_ranks=user.reads_all or scheme.is_final,
        is_stale=scheme.status == SchemeStatus.RUNNING and is_stale(scheme.sources, now),
        no_compute=why_not_compute(scheme.status, problems_of(scheme), now) if is_office else "",
        no_finalise=_no_finalise(scheme, now) if is_office else "",
    )


def _no_finalise(scheme: Scheme, now: list[dict[str, Any]]) -> str:
    return why_not_finalise(scheme.status, scheme.sources, now, has_all_results=has_all_results(scheme))


def _year_lede(scheme: Scheme, results: Sequence[Result]) -> str:
    """The sentence under the title."""
    if scheme.status == SchemeStatus.DRAFT:
        return f"{scheme.get_status_display()}，还没有评分。"
    grades: dict[str, int] = defaultdict(int)
    for result in sorted(results, key=lambda r: -(r.total or 0)):
        grades[result.grade or "未评等次"] += 1
    told = "、".join(f"{name} **{count}** 家" for name, count in grades.items())
    counted = f"应评 **{len(results)}** 家：{told}。" if results else ""
    if scheme.finalised_at:
        return f"{counted}{zh.day(local_day(scheme.finalised_at))}审定，数据为{basis_words(scheme)}。"
    word = "暂计，如年度到此为止" if scheme.is_provisional else "待审定"
    return f"{counted}{word}；数据为{basis_words(scheme)}，{_when(scheme.computed_at)}评分。"


def _classes(scheme: Scheme, results: Iterable[Result]) -> list[tuple[bool, ClassTable]]:
    """Every class with its members and the given results."""
    by_class: dict[int, list[Result]] = defaultdict(list)
    for result in results:
        by_class[result.unit_class_id].append(result)
    scores, adjusted = _scores(scheme), _adjusted(scheme)
    classes = scheme.classes.prefetch_related("criteria", "members__department")
    return [
        (
            unit_class.is_ranked,
            ClassTable(
                name=unit_class.name,
                note=unit_class.note,
                criteria=list(unit_class.criteria.all()),
                rows=[
                    ResultRow(
                        result=result,
                        scores=[(c, scores.get((result.pk, c.pk))) for c in unit_class.criteria.all()],
                        adjusted=adjusted.get(result.pk, 0),
                        bar=bar_of(result.total),
                    )
                    for result in by_class[unit_class.pk]
                ],
                members=[member.department for member in unit_class.members.all()],
            ),
        )
        for unit_class in classes
    ]


def bar_of(total: Decimal | None) -> Decimal:
    """How far a bar that begins at `BARS_FROM` is filled, in percent."""
    return max(Decimal(0), ((total or Decimal(0)) - BARS_FROM) * 100 / (100 - BARS_FROM))


def _scores(scheme: Scheme) -> dict[tuple[int, int], CriterionScore]:
    """By result and criterion, where something counts."""
    lines = Line.objects.filter(
        result__scheme=scheme, state__in=[LineState.SCORED, LineState.MISSING]
    ).order_by()
    rows = lines.values("result", "criterion").annotate(earned=Sum("points"), full=Sum("maximum"))
    return {(row["result"], row["criterion"]): CriterionScore(row["earned"], row["full"]) for row in rows}


def _adjusted(scheme: Scheme) -> dict[int, int]:
    """How many lines of each result were adjusted."""
    lines = Line.objects.filter(result__scheme=scheme, adjustments__isnull=False).order_by()
    rows = lines.values("result").annotate(n=Count("pk", distinct=True))
    return {row["result"]: row["n"] for row in rows}


# One department's sheet


@dataclass
class SheetRow:
    """One line, and what it opens to."""

    line: Line
    adjustments: list[Adjustment]
    references: list[dict[str, Any]]
    is_open: bool
    form: Any = None

    @property
    def difference(self) -> Decimal:
        """What the office's adjustments made of the figures' points."""
        return self.line.points - self.line.system_points


@dataclass(frozen=True)
class SheetGroup:
    """One criterion: a category with its lines, or one line by itself."""

    criterion: Criterion
    rows: list[SheetRow]

    @property
    def is_alone(self) -> bool:
        return len(self.rows) == 1 and "." not in self.rows[0].line.number

    @property
    def maximum(self) -> Decimal:
        return sum((row.line.maximum for row in self.rows), Decimal(0))

    @property
    def points(self) -> Decimal:
        return sum((row.line.points for row in self.rows), Decimal(0))

    @property
    def system_points(self) -> Decimal:
        return sum((row.line.system_points for row in self.rows), Decimal(0))

    @property
    def difference(self) -> Decimal:
        return self.points - self.system_points

    @property
    def words(self) -> str:
        """`6 项，缺报 1 项`."""
        missing = len([row for row in self.rows if row.line.state == LineState.MISSING])
        return f"{len(self.rows)} 项，缺报 {missing} 项" if missing else f"{len(self.rows)} 项，均有数据"


@dataclass(frozen=True)
class RankRow:
    result: Result
    bar: Decimal


@dataclass(frozen=True)
class SheetPage:
    """One department's sheet. `no_touch` says why this person adjusts nothing; empty when they may."""

    result: Result
    stage: Stage
    lede: str
    groups: list[SheetGroup]
    outside: list[SheetRow]
    standings: list[RankRow]
    maximum: Decimal
    difference: Decimal
    no_touch: str

    @property
    def open_rows(self) -> list[SheetRow]:
        """The rows whose explanation is shown."""
        return [row for group in self.groups for row in group.rows if row.is_open]


def sheet_page(result: Result, user: User, *, open_line: str = "") -> SheetPage:
    """A department's lines by criterion. `open_line` is the id of the line whose explanation is shown, or "all".

    The class's ranking is shown to the office and leaders, and to the department once the year is final.
    Four queries.
    """
    adjustments: dict[int, list[Adjustment]] = defaultdict(list)
    for adjustment in Adjustment.objects.filter(line__result=result).select_related("by"):
        adjustments[adjustment.line_id].append(adjustment)
    lines = list(Line.objects.filter(result=result).select_related("criterion"))
    rows = [_sheet_row(line, adjustments[line.pk], open_line) for line in lines]
    inside: dict[int, list[SheetRow]] = defaultdict(list)
    for row in rows:
        if row.line.counts:
            inside[row.line.criterion_id].append(row)
    groups = [SheetGroup(found[0].line.criterion, found) for found in inside.values()]
    shown = result.scheme.is_final or user.reads_all
    standings = _standings(result) if shown else []
    total, system = result.total or Decimal(0), result.system_total or Decimal(0)
    return SheetPage(
        result=result,
        stage=stage_of(result.scheme),
        lede=_sheet_lede(result, len(standings)),
        groups=groups,
        outside=[row for row in rows if not row.line.counts],
        standings=standings,
        maximum=sum((group.maximum for group in groups), Decimal(0)),
        difference=total - system,
        no_touch=_no_touch(result, user),
    )


def _no_touch(result: Result, user: User) -> str:
    reason = why_not_adjust(result.scheme.status, counts=True)
    return reason or why_not_touch(
        office=result.scheme.plan.office.name,
        department=result.department_id,
        is_office=user.holds(Role.OFFICE),
        own_departments=user.own_department_ids,
    )


def _sheet_row(line: Line, adjustments: list[Adjustment], open_line: str) -> SheetRow:
    figures = line.explanation.get("figures", [])
    once = {(f["label"], f["subject"], f["filing"]): f for f in figures}
    return SheetRow(
        line=line,
        adjustments=adjustments,
        references=list(once.values()),
        is_open=open_line in ("all", str(line.pk)),
    )


def _standings(result: Result) -> list[RankRow]:
    same = Result.objects.filter(scheme=result.scheme_id, unit_class=result.unit_class_id).for_page()
    return [RankRow(other, bar_of(other.total)) for other in same]


def _sheet_lede(result: Result, of: int) -> str:
    """The sentence under the title."""
    scheme = result.scheme
    if result.total is None:
        return f"没有计分项，不评等次。{basis_words(scheme)}。"
    word = "核定" if scheme.is_final else "暂计" if scheme.is_provisional else "评分"
    words = f"{word} **{zh.number(result.total, 2)}** 分，{result.grade}"
    if of and result.rank:
        words += f"；{result.unit_class}第 **{result.rank}** 名，共 {of} 家"
    if scheme.finalised_at:
        return f"{words}。{zh.day(local_day(scheme.finalised_at))}审定。"
    when = f"数据为{basis_words(scheme)}，{_when(scheme.computed_at)}评分"
    if scheme.is_provisional:
        return f"{words}。如年度到此为止，不是结果；{when}。"
    return f"{words}。待审定；{when}。"


def _when(at: datetime | None) -> str:
    return zh.moment(local(at)) if at else zh.DASH

"""Computing a year: the arithmetic by hand, what stands outside, what a second computation keeps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assessment.models import Adjustment, Line, Member, Result
from assessment.services import adjust, compute
from audit.models import Event
from filings.errors import Refused
from reports.models import PublishedFigure, Subject
from targets.terms import Asked, Attainment, Comparator, Standing, Strength, TargetState
from tests.assessment.helps import (
    AT,
    CRITERIA,
    figure,
    filed,
    line_of,
    make_period,
    make_scheme,
    publish_year,
    republish,
    result_of,
    simple_year,
)
from tests.factories import (
    make_action,
    make_department,
    make_filer,
    make_indicator,
    make_milestone,
    make_plan,
    make_reviewer,
    make_target,
    make_task,
)

pytestmark = pytest.mark.django_db

DUE = date(2019, 12, 31)


@pytest.fixture
def golden():
    """One year of four departments, worked by hand in the tests below."""
    plan = make_plan()
    a, b, c, d = (make_department(name) for name in ("甲局", "乙局", "丙局", "丁局"))
    action = make_action(plan)
    full, part = make_task(action, lead=a), make_task(action, lead=a)
    done, late = make_milestone(full, due_on=DUE), make_milestone(full, due_on=DUE)
    others = {unit: make_task(action, lead=unit) for unit in (b, c, d)}
    greenway = make_indicator(plan, data_department=a, name="绿道", unit="公里")
    dust = make_indicator(plan, data_department=a, name="浓度")
    later = make_indicator(plan, data_department=a, name="待下达的")
    silent = make_indicator(plan, data_department=a, name="没报的")
    exempt = make_indicator(plan, data_department=a, name="不适用的")
    make_target(greenway, "32", due_on=DUE, clause="三(六)3")
    make_target(dust, "38", due_on=DUE, comparator=Comparator.AT_MOST, strength=Strength.EXPECTED)
    make_target(silent, "90", due_on=DUE, strength=Strength.STRETCH)
    make_target(exempt, "1", due_on=DUE)
    later.targets.create(
        due_on=DUE,
        comparator=Comparator.AT_LEAST,
        strength=Strength.EXPECTED,
        state=TargetState.PENDING,
        clause="二",
    )
    scheme = make_scheme(plan, members=[a, b, c, d])
    year = publish_year(plan)
    end = year[-1]
    for indicator, attainment, value, reason in (
        (greenway, Attainment.NOT_MET, "30.6", "到期未达标"),
        (dust, Attainment.NOT_MET, "40", "到期未达标"),
        (later, Attainment.NO_TARGET, None, "目标值待下达"),
        (silent, Attainment.NO_DATA, None, "未填报"),
        (exempt, Attainment.NOT_APPLICABLE, None, "前提条件不成立"),
    ):
        number = Decimal(value) if value else None
        figure(end, Subject.INDICATOR, indicator, attainment=attainment, value=number, reason=reason)
    for task, percent in ((full, 100), (part, 60), (others[b], 100), (others[c], 80), (others[d], 80)):
        figure(end, Subject.TASK, task, completion=Decimal(percent), expected=Decimal(100))
    figure(end, Subject.MILESTONE, done, standing=Standing.DONE, due=1, met=1, reason="已完成")
    figure(end, Subject.MILESTONE, late, standing=Standing.LATE, due=1, met=0, reason="未完成")
    filed(year[:2], a, accepted=10, owed=10)
    filed(year[2:3], a, timeliness="late", returns=1, accepted=15, owed=15)
    filed(year[3:], a, accepted=10, owed=15)
    for unit in (b, c, d):
        filed(year, unit)
    compute(scheme=scheme, by=None, at=AT)
    scheme.refresh_from_db()
    return scheme, a, b, c, d, (greenway, dust, later, silent, exempt), (full, part), year


def test_every_line_is_what_the_arithmetic_says(golden):
    """The first department, by hand.

    Shares of the 40 for indicators, 3:2:2:1 without the one that does not apply: 15, 10, 10, 5. The pending 10
    leave the denominator, so 90 are stretched to 100: 33.34 (largest remainder, first), 33.33, and 11.11 three times.
    Indicators 33.34 by 15:10:5 → 16.67, 11.11, 5.56. Tasks 33.33 in two → 16.67, 16.66.
    """
    scheme, a, *_, indicators, tasks, _ = golden
    greenway, dust, later, silent, exempt = indicators
    lines = Line.objects.filter(result__department=a).values_list(
        "key", "number", "state", "maximum", "points"
    )
    expected = [
        # 16.67 × 30.6 ÷ 32 = 15.9406…
        (f"indicator:{greenway.pk}", "1.1", "scored", "16.67", "15.94"),
        # 11.11 × (2 − 40 ÷ 38) = 10.5252…
        (f"indicator:{dust.pk}", "1.2", "scored", "11.11", "10.53"),
        (f"indicator:{later.pk}", "1.3", "pending", "0.00", "0.00"),
        (f"indicator:{silent.pk}", "1.4", "missing", "5.56", "0.00"),
        (f"indicator:{exempt.pk}", "1.5", "not_applicable", "0.00", "0.00"),
        (f"task:{tasks[0].pk}", "2.1", "scored", "16.67", "16.67"),
        # 16.66 × 60 ÷ 100 = 9.996
        (f"task:{tasks[1].pk}", "2.2", "scored", "16.66", "10.00"),
        # 11.11 × 1 ÷ 2 = 5.555, half up
        ("milestones:3", "3", "scored", "11.11", "5.56"),
        # 11.11 × (3 × 3 + 1 × 2 − 1 × 0.5) ÷ 12 = 9.7212…
        ("quality:4", "4", "scored", "11.11", "9.72"),
        # 11.11 × 45 ÷ 50 = 9.999
        ("completeness:5", "5", "scored", "11.11", "10.00"),
    ]
    assert list(lines) == [(k, n, s, Decimal(m), Decimal(p)) for k, n, s, m, p in expected]
    # 15.94 + 10.53 + 16.67 + 10.00 + 5.56 + 9.72 + 10.00
    assert result_of(scheme, a).total == Decimal("78.42")


def test_the_lines_of_every_sheet_add_up_to_its_total_and_to_a_hundred(golden):
    for result in Result.objects.all():
        assert sum(line.points for line in result.lines.all()) == result.total
        assert sum(line.maximum for line in result.lines.all()) == Decimal(100)


def test_without_indicators_and_milestones_their_weight_goes_to_the_rest(golden):
    """30, 10 and 10 of 50 become 60, 20 and 20; 80 % of the work: 60 × 0.8 + 20 + 20 = 88."""
    scheme, _, b, c, *_ = golden
    assert result_of(scheme, b).total == Decimal(100)
    assert result_of(scheme, c).total == Decimal(88)
    outside = Line.objects.filter(result__department=c, maximum=0).values_list("key", "state", "reason")
    assert list(outside) == [
        ("criterion:1", "not_applicable", "本单位没有负责填报的指标"),
        ("milestones:3", "not_applicable", "没有到期节点"),
    ]


def test_ranks_are_1_2_2_4_and_grades_follow_the_totals(golden):
    _, a, b, c, d, *_ = golden
    found = {r.department: (r.rank, r.grade) for r in Result.objects.all()}
    assert found == {b: (1, "优秀"), c: (2, "良好"), d: (2, "良好"), a: (4, "合格")}


def test_a_point_says_where_it_comes_from(golden):
    scheme, a, *_, indicators, _, year = golden
    line = line_of(scheme, a, f"indicator:{indicators[0].pk}")
    published = PublishedFigure.objects.get(
        publication=year[-1], subject="indicator", subject_id=indicators[0].pk
    )
    assert line.explanation == {
        "rule": "比例，越高越好",
        "actual": "30.60/32",
        "unit": "公里",
        "equations": ["得分 = 16.67 × 30.6 ÷ 32 = 15.94", "到期未达标"],
        "clause": "三(六)3",
        "note": "数据单位为暂拟，待确认",
        "figures": [
            {
                "quarter": 4,
                "period": year[-1].period_id,
                "publication": year[-1].pk,
                "version": 1,
                "label": "2019年第4季度第1版",
                "query": "period=2019Q4&version=1",
                "subject": "indicator",
                "subject_id": indicators[0].pk,
                "figure": published.pk,
                "filing": None,
                "submission": None,
            }
        ],
    }
    quality = line_of(scheme, a, "quality:4").explanation
    assert [reference["publication"] for reference in quality["figures"]] == [p.pk for p in year]
    assert quality["equations"][-1] == "2019年第4季度：按时，退回 0 次"


def test_computing_is_recorded_with_its_sources(golden):
    scheme, *_, year = golden
    event = Event.objects.get(verb="assessment.compute")
    assert event.actor_name == "系统"
    assert [source["publication"] for source in event.after["sources"]] == [p.pk for p in year]
    assert scheme.status == "running"
    assert scheme.computed_at == AT
    assert not scheme.is_provisional


def test_computing_twice_changes_nothing(golden):
    scheme, *_ = golden
    before = list(Line.objects.order_by("pk").values())
    compute(scheme=scheme, by=make_reviewer(), at=AT)
    assert list(Line.objects.order_by("pk").values()) == before


def test_the_latest_version_of_a_quarter_counts(golden):
    scheme, a, *_, tasks, year = golden
    republish(year[-1], ("task", tasks[1].pk), completion=Decimal(100))
    scheme = compute(scheme=scheme, by=None, at=AT)
    assert line_of(scheme, a, f"task:{tasks[1].pk}").points == Decimal("16.66")
    assert result_of(scheme, a).total == Decimal("85.08")  # 78.42 − 10.00 + 16.66
    assert [source["version"] for source in scheme.sources] == [1, 1, 1, 2]


def test_an_adjusted_line_keeps_its_points_beside_new_ones_of_the_figures(golden):
    scheme, a, *_, year = golden
    line = line_of(scheme, a, "quality:4")
    adjust(
        line=line, points=Decimal("8"), seen=line.points, reason="退回一次未登记", by=make_reviewer(), at=AT
    )
    republish(year[0], ("department", a.pk), returns=1)
    compute(scheme=scheme, by=None, at=AT)
    line.refresh_from_db()
    # 11.11 × (3 × 3 + 1 × 2 − 2 × 0.5) ÷ 12 = 9.2583…
    assert (line.system_points, line.points) == (Decimal("9.26"), Decimal("8.00"))
    assert result_of(scheme, a).total == Decimal("76.70")  # 78.42 − 9.72 + 8.00
    assert result_of(scheme, a).system_total == Decimal("77.96")  # 78.42 − 9.72 + 9.26


def test_adjusted_points_are_cut_when_the_line_is_worth_less(golden):
    scheme, a, *_, year = golden
    line = line_of(scheme, a, "quality:4")
    adjust(line=line, points=Decimal("11"), seen=line.points, reason="核实为按时", by=make_reviewer(), at=AT)
    later = scheme.plan.indicators.get(name="待下达的")
    republish(year[-1], ("indicator", later.pk), attainment=Attainment.MET)
    compute(scheme=scheme, by=None, at=AT)
    line.refresh_from_db()
    assert (line.maximum, line.points) == (Decimal("10.00"), Decimal("10.00"))
    cut = line.adjustments.last()
    assert (cut.before, cut.after, cut.by) == (Decimal("11.00"), Decimal("10.00"), None)
    assert cut.reason == "重新计算后本项分值为 10，核定得分相应减少"


def test_an_adjusted_line_that_is_gone_keeps_its_history_and_no_points(golden):
    scheme, a, b, *_, tasks, _ = golden
    line = line_of(scheme, a, f"task:{tasks[1].pk}")
    adjust(line=line, points=Decimal("12"), seen=line.points, reason="验收后补记", by=make_reviewer(), at=AT)
    tasks[1].responsibilities.update(department=b)
    compute(scheme=scheme, by=None, at=AT)
    line.refresh_from_db()
    assert (line.state, line.maximum, line.points) == ("withdrawn", 0, 0)
    assert [(x.before, x.after) for x in line.adjustments.all()] == [
        (Decimal("10.00"), Decimal("12.00")),
        (Decimal("12.00"), Decimal("0.00")),
    ]
    assert result_of(scheme, a).total == sum(x.points for x in result_of(scheme, a).lines.all())
    assert line_of(scheme, b, f"task:{tasks[1].pk}").state == "scored"


def test_a_line_nobody_adjusted_goes_with_its_figure(golden):
    scheme, a, b, *_, tasks, _ = golden
    tasks[1].responsibilities.update(department=b)
    compute(scheme=scheme, by=None, at=AT)
    assert not Line.objects.filter(result__department=a, key=f"task:{tasks[1].pk}").exists()


def test_a_department_that_left_loses_its_result_unless_it_was_adjusted(golden):
    scheme, a, b, c, d, *_ = golden
    line = line_of(scheme, b, "quality:4")
    adjust(line=line, points=Decimal("1"), seen=line.points, reason="试", by=make_reviewer(), at=AT)
    Member.objects.filter(department=d).delete()
    compute(scheme=scheme, by=None, at=AT)
    assert set(Result.objects.values_list("department", flat=True)) == {a.pk, b.pk, c.pk}
    Member.objects.filter(department=b).delete()
    with pytest.raises(Refused, match="乙局的得分已有人工调整，不能移出考核单位"):
        compute(scheme=scheme, by=None, at=AT)
    assert Adjustment.objects.count() == 1


def test_units_that_are_not_ranked_get_no_result(golden):
    plan = make_plan()
    firm = make_department(kind="enterprise")
    unit = make_department()
    scheme = make_scheme(plan, members=[unit], unranked=[firm])
    filed(publish_year(plan), unit)
    compute(scheme=scheme, by=None, at=AT)
    assert list(Result.objects.filter(scheme=scheme).values_list("department", flat=True)) == [unit.pk]


# A year under way


def test_a_year_in_progress_is_provisional_and_measured_against_the_time_passed():
    """After three quarters: 60 of the 75 % expected by then; yearly readings are not missing yet."""
    plan, unit = make_plan(), make_department()
    task = make_task(make_action(plan), lead=unit)
    yearly = make_indicator(plan, data_department=unit, asked=Asked.YEARLY)
    make_target(yearly, "5", due_on=date(2020, 12, 31))
    scheme = make_scheme(plan, 2020, members=[unit])
    year = publish_year(plan, 2020, (1, 2, 3))
    figure(year[-1], Subject.TASK, task, completion=Decimal(60), expected=Decimal(75))
    figure(year[-1], Subject.INDICATOR, yearly, attainment=Attainment.NO_DATA, reason="未填报")
    filed(year, unit)
    scheme = compute(scheme=scheme, by=None, at=AT)
    assert scheme.is_provisional
    line = line_of(scheme, unit, f"indicator:{yearly.pk}")
    assert (line.state, line.reason) == ("not_due", "每年四季度报送，本季未到期")
    done = line_of(scheme, unit, f"task:{task.pk}")
    assert done.points == done.maximum * 60 / 75


def test_a_quarter_past_its_due_date_counts_by_its_summaries_until_it_is_published():
    plan, unit = make_plan(), make_department()
    task = make_task(make_action(plan), lead=unit)
    scheme = make_scheme(plan, 2020, members=[unit])
    filed(publish_year(plan, 2020, (1,)), unit)
    second = make_period(plan, 2020, 2, closed=False)
    figure(second, Subject.TASK, task, completion=Decimal(50), expected=Decimal(50))
    filed([second], unit, timeliness="missing", accepted=0)
    compute(scheme=scheme, by=None, at=second.due_at)
    assert [s["quarter"] for s in scheme.__class__.objects.get().sources] == [1]
    scheme = compute(scheme=scheme, by=None, at=AT)
    assert [(s["quarter"], s["version"]) for s in scheme.sources] == [(1, 1), (2, None)]
    assert (
        line_of(scheme, unit, f"task:{task.pk}").explanation["figures"][0]["label"] == "2020年第2季度尚未发布"
    )
    assert (
        line_of(scheme, unit, "quality:4").explanation["rule"] == "按时 1 次，迟报 0 次，未报 1 次，退回 0 次"
    )


def test_quarters_of_late_entry_have_no_timeliness_but_their_entries_count():
    plan, unit = make_plan(), make_department()
    scheme = make_scheme(plan, members=[unit])
    year = publish_year(plan)
    filed(year[:1], unit, timeliness="none", accepted=5)
    filed(year[1:], unit)
    compute(scheme=scheme, by=None, at=AT)
    assert (
        line_of(scheme, unit, "quality:4").explanation["rule"] == "按时 3 次，迟报 0 次，未报 0 次，退回 0 次"
    )
    assert line_of(scheme, unit, "completeness:5").explanation["actual"] == "35/40"


def test_a_department_with_nothing_to_score_has_no_total_and_no_rank():
    plan, unit, other = make_plan(), make_department(), make_department()
    scheme = make_scheme(plan, members=[unit, other])
    filed(publish_year(plan), other)
    compute(scheme=scheme, by=None, at=AT)
    result = result_of(scheme, unit)
    assert (result.total, result.system_total, result.rank, result.grade) == (None, None, None, "")
    assert result_of(scheme, other).rank == 1


# Refusals


def test_only_the_office_computes():
    scheme, departments = simple_year()
    with pytest.raises(Refused) as refused:
        compute(scheme=scheme, by=make_filer(departments[0]), at=AT)
    assert refused.value.axis == "permission"


def test_a_year_without_figures_is_not_computed():
    plan = make_plan()
    scheme = make_scheme(plan, members=[make_department()])
    with pytest.raises(Refused, match="本年度还没有已截止的季度，没有可用的数据。"):
        compute(scheme=scheme, by=None, at=AT)
    assert Result.objects.count() == 0


def test_a_scheme_whose_weights_do_not_add_up_is_not_computed():
    plan, unit = make_plan(), make_department()
    scheme = make_scheme(plan, members=[unit], criteria=CRITERIA[:4])
    filed(publish_year(plan), unit)
    with pytest.raises(Refused, match="考核方案不完整：“甲类”各项分值合计 90，应为 100。"):
        compute(scheme=scheme, by=None, at=AT)


def test_computing_asks_as_many_questions_for_one_department_as_for_three(
    django_assert_num_queries, django_assert_max_num_queries
):
    counts = []
    for members in (1, 3):
        scheme, _ = simple_year(members)
        with django_assert_max_num_queries(40) as asked:
            compute(scheme=scheme, by=None, at=AT)
        counts.append(len(asked))
    assert counts[0] == counts[1]

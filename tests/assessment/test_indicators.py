"""A published indicator figure turned into an outcome: one row each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assessment.indicators import DataRules, judge_figure, target_of
from assessment.scoring import Missing, NotApplicable, Pending, Rated
from assessment.terms import LineState
from reports.models import PublishedFigure
from targets.models import Indicator, Target
from targets.terms import Accumulation, Asked, Attainment, Comparator, Kind, Standing, Strength, TargetState

END = date(2019, 12, 31)


def indicator(**fields) -> Indicator:
    values = {
        "kind": Kind.QUANTITATIVE,
        "accumulation": Accumulation.POINT_IN_TIME,
        "asked": Asked.QUARTERLY,
        "unit": "公里",
    }
    return Indicator(**(values | fields))


def target(value: str | None = "40", **fields) -> Target:
    values = {
        "due_on": END,
        "comparator": Comparator.AT_LEAST,
        "strength": Strength.BINDING,
        "state": TargetState.ASSIGNED,
        "value": Decimal(value) if value else None,
    }
    return Target(**(values | fields))


def figure(attainment: Attainment, value: str | None = None, **fields) -> PublishedFigure:
    number = Decimal(value) if value else None
    return PublishedFigure(**({"attainment": attainment, "value": number, "reason": "因为"} | fields))


def judged(
    of: Indicator, by: Target | None, at: PublishedFigure | None, *, whole: bool = True, excuses: bool = False
):
    rules = DataRules(is_whole_year=whole, minimum=Decimal("0.6"), excuses_no_data=excuses)
    return judge_figure(of, by, at, rules)


def share(found) -> Decimal:
    assert isinstance(found.outcome, Rated)
    return found.outcome.numerator / found.outcome.denominator


@pytest.mark.parametrize(
    ("by", "value", "expected"),
    [
        (target("40"), "30", "0.75"),
        (target("40", comparator=Comparator.MORE_THAN), "30", "0.75"),
        (target("40", comparator=Comparator.AT_MOST), "50", "0.75"),
        (target("0", comparator=Comparator.AT_MOST), "3", "0"),
        (target(None, comparator=Comparator.RANGE, low=Decimal(40), high=Decimal(50)), "30", "0.75"),
        (target("40", comparator=Comparator.AROUND, tolerance=Decimal(0)), "30", "0.75"),
    ],
)
def test_a_due_target_that_is_not_met_earns_by_its_distance(by, value, expected):
    assert share(judged(indicator(), by, figure(Attainment.NOT_MET, value))) == Decimal(expected)


def test_a_met_target_earns_everything_whatever_the_ratio():
    assert share(judged(indicator(), target("40"), figure(Attainment.MET, "39.6"))) == 1


def test_before_the_due_date_the_years_expected_value_counts():
    later = target("80", due_on=date(2020, 12, 31))
    planned = figure(Attainment.NOT_DUE, "30", expected=Decimal(40), standing=Standing.LATE)
    assert share(judged(indicator(), later, planned)) == Decimal("0.75")
    found = judged(indicator(), later, figure(Attainment.NOT_DUE, "30", standing=Standing.UNKNOWN))
    assert found.outcome == Pending("未到期，未定年度计划值")
    assert found.outside == LineState.NOT_DUE


@pytest.mark.parametrize(
    ("standing", "expected"),
    [(Standing.DONE, 1), (Standing.ON_TRACK, 1), (Standing.BEHIND, 0), (Standing.LATE, 0)],
)
@pytest.mark.parametrize(
    "of", [indicator(kind=Kind.TREND), indicator(kind=Kind.DELIVERABLE), indicator(holds=True)]
)
def test_a_trend_a_deliverable_and_what_must_hold_earn_all_or_nothing(of, standing, expected):
    assert share(judged(of, target("1"), figure(Attainment.NOT_DUE, "1", standing=standing))) == expected


def test_a_grey_light_of_such_is_not_asked_yet():
    found = judged(
        indicator(kind=Kind.DELIVERABLE),
        target("1"),
        figure(Attainment.NOT_DUE, "0", standing=Standing.UNKNOWN),
    )
    assert (found.outcome, found.outside) == (Pending("因为"), LineState.NOT_DUE)


@pytest.mark.parametrize("at", [figure(Attainment.NO_DATA), figure(Attainment.NOT_MET, None)])
def test_missing_data_scores_the_minimum(at):
    assert judged(indicator(), target(), at).outcome == Missing("因为", Decimal("0.6"))


def test_a_yearly_reading_is_not_missing_before_the_year_ends():
    yearly = indicator(asked=Asked.YEARLY)
    assert judged(yearly, target(), figure(Attainment.NO_DATA)).outcome == Missing("因为", Decimal("0.6"))
    found = judged(yearly, target(), figure(Attainment.NO_DATA), whole=False)
    assert (found.outcome, found.outside) == (Pending("每年四季度报送，本季未到期"), LineState.NOT_DUE)


@pytest.mark.parametrize(
    ("attainment", "standing"),
    [
        (Attainment.MET, Standing.DONE),
        (Attainment.NOT_MET, Standing.LATE),
        (Attainment.NOT_DUE, Standing.ON_TRACK),
    ],
)
@pytest.mark.parametrize("kind", [Kind.QUANTITATIVE, Kind.TREND, Kind.DELIVERABLE])
def test_last_years_reading_does_not_count_for_this_year(kind, attainment, standing):
    """Until the fourth quarter a yearly indicator's figure is the year before's."""
    yearly = indicator(asked=Asked.YEARLY, kind=kind)
    found = judged(yearly, target(), figure(attainment, "1", standing=standing), whole=False)
    assert (found.outcome, found.outside) == (Pending("每年四季度报送，本季未到期"), LineState.NOT_DUE)


def test_an_accepted_no_data_is_excused_where_the_scheme_says_so():
    accepted, silent = figure(Attainment.NO_DATA, reported=1), figure(Attainment.NO_DATA, reported=0)
    assert judged(indicator(), target(), accepted).outcome == Missing("因为", Decimal("0.6"))
    excused = judged(indicator(), target(), accepted, excuses=True).outcome
    assert excused == NotApplicable("因为（无数据的说明已采纳）")
    assert judged(indicator(), target(), silent, excuses=True).outcome == Missing("因为", Decimal("0.6"))


def test_a_trend_without_the_year_before_does_not_apply_but_a_gap_in_what_must_hold_is_missing():
    gap = figure(Attainment.NO_DATA, "3", reported=1)
    assert judged(indicator(kind=Kind.TREND), target("1"), gap).outcome == NotApplicable("因为")
    assert judged(indicator(holds=True), target("1"), gap, excuses=True).outcome == Missing(
        "因为", Decimal("0.6")
    )


def test_pending_not_applicable_and_unknown_to_the_publication():
    pending = judged(indicator(), target(None, state=TargetState.PENDING), figure(Attainment.NO_TARGET))
    assert (pending.outcome, pending.outside) == (Pending("因为"), LineState.PENDING)
    assert judged(indicator(), None, figure(Attainment.NO_TARGET, reason="")).outcome == Pending("没有目标值")
    assert judged(indicator(), target(), figure(Attainment.NOT_APPLICABLE)).outcome == NotApplicable("因为")
    assert judged(indicator(), target(), None).outcome == NotApplicable("发布时尚未列入方案")


def test_the_target_that_decided_the_published_light_counts():
    early = target("23", pk=1, due_on=date(2017, 12, 31))
    late = target("32", pk=2, due_on=date(2020, 12, 31))
    assert target_of([early, late], figure(Attainment.NOT_MET, detail={"target": 1}), END) == early
    assert target_of([early, late], figure(Attainment.NOT_DUE, detail={"target": 2}), END) == late


def test_a_target_revised_after_the_publication_counts_as_it_was_published():
    revised = target("60", pk=1, strength=Strength.STRETCH)
    asked = {"comparator": "≤", "value": "40.0000"}
    published = figure(Attainment.NOT_MET, "50", detail={"target": 1, "strength": "binding", "asked": asked})
    found = target_of([revised], published, END)
    assert found is not None
    assert (found.comparator, found.value, found.strength) == ("≤", Decimal(40), "binding")
    assert share(judged(indicator(), found, published)) == Decimal("0.75")
    assert revised.value == Decimal(60)


def test_without_one_the_latest_due_counts_else_the_next_and_the_hardest_of_a_day():
    old, due = target("23", pk=1, due_on=date(2017, 12, 31)), target("30", pk=2)
    hoped = target("35", pk=3, strength=Strength.STRETCH)
    late, later = target("40", pk=4, due_on=date(2020, 12, 31)), target("50", pk=5, due_on=date(2021, 12, 31))
    assert target_of([old, hoped, due, late], None, END) == due
    assert target_of([later, late], None, END) == late
    assert target_of([], None, END) is None

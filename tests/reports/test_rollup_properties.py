"""What holds for every period."""

from datetime import date
from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

from filings.terms import MilestoneState, Timeliness
from reports.rollup import (
    ActionInput,
    DepartmentInput,
    GoalInput,
    IndicatorInput,
    MilestoneInput,
    PeriodInput,
    TaskInput,
    roll_up,
)
from targets.measure import SEVERITY, IndicatorRule, Quarter, Reading, Requirement, Thresholds
from targets.terms import Standing, Strength

percents = st.decimals(min_value=0, max_value=100, places=2)
maybe = st.one_of(st.none(), percents)
standings = st.one_of(st.none(), st.sampled_from(Standing))
days = st.dates(date(2016, 1, 1), date(2020, 12, 31))
TASKS = ["1.1", "1.2", "2.1", "2.2"]
INDICATORS = ["a", "b", "c"]


@st.composite
def periods(draw):
    quarter = Quarter(draw(st.integers(2016, 2020)), draw(st.integers(1, 4)))
    tasks = tuple(
        TaskInput(
            key,
            percent=draw(maybe),
            share=draw(maybe),
            previous_pace=draw(standings),
            reported=draw(st.integers(0, 5)),
            owed=5,
            year_percents=draw(st.dictionaries(st.integers(2016, 2020), percents)),
        )
        for key in TASKS
    )
    indicators = tuple(
        IndicatorInput(
            key,
            IndicatorRule(unit="%"),
            (Requirement(draw(days), value=draw(percents), strength=draw(st.sampled_from(Strength))),),
            tuple(Reading(quarter, value=value) for value in draw(st.lists(percents, max_size=1))),
        )
        for key in INDICATORS
    )
    milestones = tuple(
        MilestoneInput(
            str(n),
            draw(st.sampled_from(TASKS)),
            draw(days),
            draw(st.sampled_from(Strength)),
            draw(st.one_of(st.none(), st.sampled_from(MilestoneState))),
            draw(st.one_of(st.none(), days)),
        )
        for n in range(3)
    )
    departments = (DepartmentInput("甲", draw(st.sampled_from(Timeliness)), 1, 2, 3, ("1.1", "2.1"), ("a",)),)
    return PeriodInput(
        "811",
        quarter,
        (2016, 2017, 2018, 2019, 2020),
        thresholds=Thresholds(draw(percents), draw(percents)),
        tasks=tasks,
        milestones=milestones,
        indicators=indicators,
        actions=(ActionInput("1", ("1.1", "1.2")), ActionInput("2", ("2.1", "2.2"))),
        goals=(GoalInput("1", ("a", "b")), GoalInput("2", ())),
        departments=departments,
    )


@settings(deadline=None)
@given(period=periods())
def test_every_period_rolls_up_and_keeps_its_promises(period):
    figures = roll_up(period)
    assert figures == roll_up(period)
    for figure in figures:
        assert figure.reason
        assert len(figure.reason) <= 500
        assert 0 <= figure.met <= figure.due
        assert 0 <= figure.reported <= figure.owed
        if figure.subject in ("plan", "department"):
            assert figure.standing is None
        if figure.subject in ("task", "action"):
            assert figure.standing != Standing.DONE
            assert (figure.standing == Standing.UNKNOWN) == (figure.completion is None)
        if figure.plan_completion is not None:
            assert 0 <= figure.plan_completion <= 100


@settings(deadline=None)
@given(period=periods())
def test_the_plan_counts_every_light_once(period):
    plan, *figures = roll_up(period)
    for subject, counted in (
        ("task", plan.tasks),
        ("indicator", plan.indicators),
        ("milestone", plan.milestones),
    ):
        assert counted.total == len([f for f in figures if f.subject == subject])
    actions = [f for f in figures if f.subject == "action"]
    assert sum(a.tasks.late for a in actions) == plan.tasks.late


@settings(deadline=None)
@given(period=periods(), one=percents, other=percents)
def test_more_done_is_never_a_worse_light(period, one, other):
    low, high = sorted([one, other])
    first, *rest = period.tasks

    def light(percent):
        changed = TaskInput(first.key, percent, share=first.share, previous_pace=first.previous_pace)
        figures = roll_up(
            PeriodInput(
                "811",
                period.quarter,
                period.plan_years,
                Thresholds(D(0), D(10)),
                tasks=(changed, *rest),
                actions=period.actions,
            )
        )
        return [
            SEVERITY[f.standing] for f in figures if (f.subject, f.key) in (("task", "1.1"), ("action", "1"))
        ]

    assert all(better <= worse for better, worse in zip(light(high), light(low), strict=True))

"""A change of the plan is shown before it is made, made as shown, and kept beside what it replaced."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from audit.models import Event
from filings.models import Period
from harbor_plan.lib.refusals import Refused
from reports import changes
from reports.models import Subject, Summary
from reports.services import publish, rebuild_period, refresh_from, repair
from targets.life import lives, plan_values_known
from targets.measure import Thresholds
from targets.models import PlanValue, PlanValueProposal, Target
from targets.services import (
    BaselineValues,
    Grounds,
    Step,
    TargetChange,
    propose_plan_value,
    return_plan_value,
    withdraw_plan_value,
)
from targets.terms import Comparator, Standing, TargetState
from tests.reports.scene import Scene, closing_time, figures, summary

pytestmark = pytest.mark.django_db

ORDER = Grounds(doc_no="嘉环〔2020〕5号", doc_on=date(2020, 3, 1))
WHY = Grounds(reason="核定口径变化")
WIDE = Thresholds(Decimal(0), Decimal(30))


@pytest.fixture
def scene() -> Scene:
    """One department; its task is at 5 % where 25 % are due, its indicator reads 80 where 100 are asked."""
    scene = Scene.make()
    scene.indicators[0].targets.update(due_on=date(2020, 3, 31))
    return scene


@pytest.fixture
def period(scene: Scene) -> Period:
    """The first quarter, accepted and not closed."""
    return filed(scene, 1)


def filed(scene: Scene, quarter: int) -> Period:
    """A quarter of 2020 in which everything is accepted and rolled up."""
    period = scene.filed(2020, quarter, percents={0: str(5 * quarter)})
    refresh_from(period_id=period.pk, at=at(period))
    return period


def at(period: Period) -> datetime:
    return closing_time(period) - timedelta(hours=1)


def lights(period: Period) -> dict[tuple[str, int], str]:
    """The light of everything that has one."""
    rows = Summary.objects.filter(period=period).exclude(standing="")
    return {(row.subject, row.subject_id): row.standing for row in rows}


def widen(scene: Scene, period: Period, since: date = date(2020, 1, 1), seen: str = "") -> None:
    """Other thresholds, confirmed as previewed."""
    change = changes.thresholds_change(scene.plan, WIDE, since)
    changes.change_thresholds(
        plan=scene.plan,
        rule=WIDE,
        since=since,
        reason="年初统一口径",
        seen=seen or changes.preview(change, at(period)).seen,
        by=scene.reviewer,
        at=at(period),
    )


def take(scene: Scene, target: Target, step: TargetChange, grounds: Grounds, period: Period) -> Target:
    """One step in a target's life, confirmed as previewed."""
    seen = changes.preview(changes.target_change(target, step), at(period)).seen
    return changes.change_target(
        target=target, step=step, grounds=grounds, seen=seen, by=scene.reviewer, at=at(period)
    )


def pending(scene: Scene) -> Target:
    """The scene's only target, its value not assigned yet."""
    Target.objects.update(state=TargetState.PENDING, value=None)
    return Target.objects.select_related("indicator__plan__office").get()


# Thresholds


def test_a_preview_lists_the_lights_that_would_change_and_writes_nothing(scene: Scene, period: Period):
    before = figures(Summary.objects.filter(period=period))
    outlook = changes.preview(changes.thresholds_change(scene.plan, WIDE, date(2020, 1, 1)), at(period))
    (quarter,) = outlook.open
    told = [(row.what, row.figure.standing, row.then.standing) for row in quarter.lit_otherwise]
    assert told == [
        ("专项行动", Standing.LATE, Standing.BEHIND),
        ("任务", Standing.LATE, Standing.BEHIND),
    ]
    assert "不超过 30" in quarter.lit_otherwise[1].then.reason
    assert (outlook.count, outlook.closed) == (2, ())
    assert figures(Summary.objects.filter(period=period)) == before
    assert scene.plan.threshold_changes.count() == 0


def test_what_is_confirmed_is_what_was_shown(
    scene: Scene, period: Period, django_capture_on_commit_callbacks
):
    (quarter,) = changes.preview(
        changes.thresholds_change(scene.plan, WIDE, date(2020, 1, 1)), at(period)
    ).open
    before = lights(period)
    with django_capture_on_commit_callbacks(execute=True):
        widen(scene, period)
    shown = {(row.figure.subject, row.pk): row.then.standing for row in quarter.lit_otherwise}
    assert lights(period) == before | shown
    event = Event.objects.get(verb="thresholds.change")
    assert (event.before, event.after["红灯"], event.note) == (
        {"黄灯": "0", "红灯": "10"},
        "30",
        "年初统一口径",
    )


def test_two_open_quarters_are_shown_one_after_the_other(scene: Scene, period: Period):
    """Yellow twice is red: the second quarter is judged after what the first would be."""
    second = filed(scene, 2)
    outlook = changes.preview(changes.thresholds_change(scene.plan, WIDE, date(2020, 1, 1)), at(second))
    told = [[(row.what, row.then.standing) for row in quarter.lit_otherwise] for quarter in outlook.open]
    assert told == [[("专项行动", Standing.BEHIND), ("任务", Standing.BEHIND)], []]
    widen(scene, second)
    refresh_from(period_id=period.pk, at=at(second))
    assert summary(second, Subject.TASK, scene.tasks[0].pk).standing == Standing.LATE


def test_nothing_is_saved_when_the_figures_changed_since_the_preview(scene: Scene, period: Period):
    change = changes.thresholds_change(scene.plan, WIDE, date(2020, 1, 1))
    seen = changes.preview(change, at(period)).seen
    scene.progress(period, scene.tasks[0])
    scene.tasks[0].responsibilities.first().entries.filter(filing__period=period).update(percent=Decimal(25))
    with pytest.raises(Refused, match="预览之后数据有变化，没有保存") as refused:
        widen(scene, period, seen=seen)
    assert refused.value.axis == "race"
    assert scene.plan.threshold_changes.count() == 0


def test_published_figures_and_closed_quarters_keep_their_rule(scene: Scene, period: Period):
    first = scene.publish(period)
    frozen, live = figures(first.figures.all()), figures(Summary.objects.filter(period=period))
    second = filed(scene, 2)
    with pytest.raises(Refused, match="已关账"):
        widen(scene, second)
    widen(scene, second, since=date(2020, 4, 1))
    repair(at=at(second))
    rebuild_period(period=period, at=at(second))
    assert figures(first.figures.all()) == frozen
    assert figures(Summary.objects.filter(period=period)) == live
    published = publish(period=second, by=scene.reviewer, at=closing_time(second))
    assert (first.rule, published.rule) == (
        {"behind_above": "0.00", "late_above": "10.00"},
        {"behind_above": "0.00", "late_above": "30.00"},
    )
    assert lights(second)[Subject.TASK, scene.tasks[0].pk] == Standing.LATE  # 40 behind


@pytest.mark.parametrize(
    ("rule", "since", "said"),
    [
        (Thresholds(Decimal(10), Decimal(5)), date(2020, 1, 1), "红灯界限不能小于黄灯界限"),
        (Thresholds(Decimal(0), Decimal(10)), date(2020, 1, 1), "没有变化"),
        (WIDE, date(2021, 1, 1), "不在方案期内"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(scene: Scene, rule: Thresholds, since: date, said: str):
    with pytest.raises(Refused, match=said):
        changes.thresholds_change(scene.plan, rule, since)


# The life of a target


def test_a_pending_target_is_assigned_and_counts_from_its_quarter_on(
    scene: Scene, period: Period, django_capture_on_commit_callbacks
):
    target, indicator = pending(scene), scene.indicators[0]
    second = filed(scene, 2)
    refresh_from(period_id=period.pk, at=at(period))
    step = TargetChange(Step.ASSIGN, date(2020, 4, 1), value=Decimal(80))
    (quarter,) = changes.preview(changes.target_change(target, step), at(second)).open
    row = quarter.lit_otherwise[0]
    assert (quarter.period, row.name, row.word, row.then.standing) == (
        second, scene.goal.name, "", Standing.DONE,
    )  # fmt: skip
    assert (quarter.plan.due, quarter.plan_then.met, quarter.plan_then.due) == (
        quarter.plan_then.due - 1, quarter.plan.met + 1, quarter.plan.due + 1,
    )  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        new = take(scene, target, step, ORDER, second)
    assert (new.state, new.value, new.supersedes, new.doc_no, new.by) == (
        "assigned", 80, target, "嘉环〔2020〕5号", scene.reviewer,
    )  # fmt: skip
    old = Target.objects.get(pk=target.pk)
    assert (old.state, old.superseded_by, old.value) == ("pending", new, None)
    assert summary(period, Subject.INDICATOR, indicator.pk).attainment == "no_target"
    assert summary(second, Subject.INDICATOR, indicator.pk).standing == Standing.DONE


def test_a_target_reaching_back_names_the_closed_quarters_and_leaves_what_was_published(
    scene: Scene, period: Period, django_capture_on_commit_callbacks
):
    target, indicator = pending(scene), scene.indicators[0]
    refresh_from(period_id=period.pk, at=at(period))
    first = scene.publish(period)
    frozen = figures(first.figures.all())
    second = filed(scene, 2)
    step = TargetChange(Step.ASSIGN, date(2020, 1, 1), value=Decimal(80))
    outlook = changes.preview(changes.target_change(target, step), at(second))
    assert ([q.period for q in outlook.open], [q.period for q in outlook.closed]) == ([second], [period])
    with django_capture_on_commit_callbacks(execute=True):
        take(scene, target, step, ORDER, second)
    assert figures(first.figures.all()) == frozen
    mended = publish(period=period, reason="目标已下达", by=scene.reviewer, at=closing_time(second))
    assert mended.version == 2
    assert mended.figures.get(subject="indicator", subject_id=indicator.pk).standing == Standing.DONE


def test_a_target_is_revised_and_the_old_value_kept(scene: Scene, period: Period):
    target = scene.indicators[0].targets.select_related("indicator__plan__office").get()
    with pytest.raises(Refused, match="请写明理由"):
        take(scene, target, TargetChange(Step.REVISE, date(2020, 1, 1), value=Decimal(80)), Grounds(), period)
    new = take(scene, target, TargetChange(Step.REVISE, date(2020, 1, 1), value=Decimal(80)), WHY, period)
    (life,) = lives(scene.indicators[0].targets.all())
    assert [(row.state, row.value) for row in life] == [("assigned", 100), ("revised", 80)]
    event = Event.objects.get(verb="target.revise")
    assert (event.before["value"], event.after["value"], event.note) == ("100.0000", "80", "核定口径变化")
    with pytest.raises(Refused, match="刚有变更") as refused:
        take(scene, target, TargetChange(Step.REVISE, date(2020, 1, 1), value=Decimal(70)), WHY, period)
    assert refused.value.axis == "race"
    with pytest.raises(Refused, match="不能早于上一次变更"):
        changes.target_change(new, TargetChange(Step.REVISE, date(2019, 1, 1), value=Decimal(70)))


def test_the_document_may_turn_a_cap_into_a_floor(scene: Scene, period: Period):
    target = pending(scene)
    step = TargetChange(Step.ASSIGN, date(2020, 1, 1), Comparator.AT_MOST, Decimal(80))
    new = take(scene, target, step, ORDER, period)
    assert (target.comparator, new.comparator, new.value) == (Comparator.AT_LEAST, Comparator.AT_MOST, 80)
    with pytest.raises(Refused, match="与现在相同"):
        changes.target_change(new, replace(step, step=Step.REVISE))
    floor = replace(step, step=Step.REVISE, comparator=Comparator.AT_LEAST)
    assert take(scene, new, floor, WHY, period).comparator == Comparator.AT_LEAST


def test_conditions_and_tolerances_are_decided_by_somebody(scene: Scene, period: Period):
    Target.objects.update(condition="上游来水稳定改善", comparator="around", value=Decimal(82))
    target = Target.objects.select_related("indicator__plan__office").get()
    begins = date(2020, 1, 1)
    decided = TargetChange(Step.CONDITION, begins, holds=True, decided_by="监测站")
    with pytest.raises(Refused, match="由谁认定"):
        changes.target_change(target, replace(decided, decided_by=" "))
    second = take(scene, target, decided, WHY, period)
    assert (second.state, second.condition_holds, second.condition_decided_by) == ("assigned", True, "监测站")
    third = take(scene, second, TargetChange(Step.TOLERANCE, begins, tolerance=Decimal(2)), WHY, period)
    assert (third.tolerance, third.condition_holds, third.value) == (2, True, 82)
    refresh_from(period_id=period.pk, at=at(period))
    assert summary(period, Subject.INDICATOR, scene.indicators[0].pk).attainment == "met"


@pytest.mark.parametrize(
    ("step", "grounds", "said"),
    [
        (TargetChange(Step.REVISE, date(2020, 1, 1), value=Decimal(1)), WHY, "现为“待下达”"),
        (TargetChange(Step.ASSIGN, date(2020, 1, 1)), ORDER, "请填写目标值"),
        (TargetChange(Step.ASSIGN, date(2020, 1, 1), value=Decimal(1)), WHY, "请填写文号和文件日期"),
        (TargetChange(Step.ASSIGN, date(2020, 1, 1), value=Decimal(1)), replace(ORDER, doc_on=date(2099, 1, 1)), "在今天之后"),
        (TargetChange(Step.ASSIGN, date(2020, 1, 1), value=Decimal(1)), replace(ORDER, name="a.pdf", data=b"MZ"), "不是 pdf"),
    ],
)  # fmt: skip
def test_a_step_without_its_grounds_is_refused_whole(
    scene: Scene, period: Period, step: TargetChange, grounds: Grounds, said: str
):
    target = pending(scene)
    with pytest.raises(Refused, match=said):
        take(scene, target, step, grounds, period)
    assert Target.objects.count() == 1


def test_only_the_office_changes_the_plan(scene: Scene, period: Period):
    target, filer = pending(scene), scene.filers[scene.departments[0].pk]
    step = TargetChange(Step.ASSIGN, date(2020, 1, 1), value=Decimal(1))
    seen = changes.preview(changes.target_change(target, step), at(period)).seen
    for person in filer, scene.leader:
        with pytest.raises(Refused, match="办理，您可以查看"):
            changes.change_target(
                target=target, step=step, grounds=ORDER, seen=seen, by=person, at=at(period)
            )


# Baselines


def test_a_baseline_has_a_life_too(scene: Scene, period: Period):
    indicator = scene.indicators[0]

    def record(values: BaselineValues, grounds: Grounds) -> None:
        seen = changes.preview(changes.baseline_change(indicator, values), at(period)).seen
        changes.change_baseline(
            indicator=indicator, values=values, grounds=grounds, seen=seen, by=scene.reviewer, at=at(period)
        )

    first = BaselineValues(date(2020, 1, 1), Decimal(60), 2015, "统计年鉴", TargetState.PROVISIONAL)
    record(first, WHY)
    refresh_from(period_id=period.pk, at=at(period))
    assert summary(period, Subject.INDICATOR, indicator.pk).detail["progress"] == "50.0%"
    record(replace(first, value=Decimal(40), state=TargetState.ASSIGNED), ORDER)
    refresh_from(period_id=period.pk, at=at(period))
    assert summary(period, Subject.INDICATOR, indicator.pk).detail["progress"] == "66.7%"
    with pytest.raises(Refused, match="请登记为已调整"):
        changes.baseline_change(indicator, first)
    kept = indicator.baseline_changes.values_list("state", "value")
    assert list(kept) == [("provisional", 60), ("assigned", 40)]


# Plan values


@pytest.fixture
def proposal(scene: Scene, period: Period) -> PlanValueProposal:
    """The data department's plan value of the running quarter."""
    filer = scene.filers[scene.departments[0].pk]
    return propose_plan_value(
        indicator=scene.indicators[0],
        on=date(2020, 6, 30),
        value=Decimal(75),
        source="年度计划",
        by=filer,
        at=at(period),
    )


def confirm(scene: Scene, proposal: PlanValueProposal, moment: datetime) -> None:
    change = changes.plan_values_change(proposal.indicator, [proposal])
    changes.confirm_plan_values(
        indicator=proposal.indicator,
        proposals=[proposal],
        seen=changes.preview(change, moment).seen,
        by=scene.reviewer,
        at=moment,
    )


def test_only_a_confirmed_plan_value_counts(
    scene: Scene, proposal: PlanValueProposal, django_capture_on_commit_callbacks
):
    indicator = scene.indicators[0]
    indicator.targets.update(due_on=date(2020, 12, 31))
    second = filed(scene, 2)
    assert summary(second, Subject.INDICATOR, indicator.pk).expected is None
    with django_capture_on_commit_callbacks(execute=True):
        confirm(scene, proposal, at(second))
    assert summary(second, Subject.INDICATOR, indicator.pk).expected == 75
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, proposal.replaced) == ("confirmed", scene.reviewer, None)
    before = plan_values_known(indicator, at(second) - timedelta(seconds=1))
    assert [row.on for row in before] == [date(2020, 12, 31)]
    assert [row.on for row in plan_values_known(indicator, at(second))] == [
        date(2020, 6, 30),
        date(2020, 12, 31),
    ]


def test_a_closed_quarter_keeps_the_plan_values_it_was_closed_with(scene: Scene, proposal: PlanValueProposal):
    scene.indicators[0].targets.update(due_on=date(2020, 12, 31))
    second = filed(scene, 2)
    scene.publish(second)
    repair(at=closing_time(second))
    confirm(scene, proposal, closing_time(second) + timedelta(days=1))
    assert repair(at=closing_time(second) + timedelta(days=2)) == []
    assert summary(second, Subject.INDICATOR, scene.indicators[0].pk).expected is None


def test_a_plan_value_is_returned_with_a_reason_and_entered_again(scene: Scene, proposal: PlanValueProposal):
    moment = proposal.at + timedelta(minutes=1)
    with pytest.raises(Refused, match="须写明理由"):
        return_plan_value(proposal=proposal, note=" ", by=scene.reviewer, at=moment)
    return_plan_value(proposal=proposal, note="低于年度计划", by=scene.reviewer, at=moment)
    with pytest.raises(Refused, match="已经办理"):
        confirm(scene, proposal, moment)
    filer = scene.filers[scene.departments[0].pk]
    again = propose_plan_value(
        indicator=proposal.indicator,
        on=proposal.on,
        value=Decimal(78),
        source="年度计划",
        by=filer,
        at=moment,
    )
    withdraw_plan_value(proposal=again, by=filer, at=moment)
    states = PlanValueProposal.objects.order_by("id").values_list("state", "note")
    assert list(states) == [("returned", "低于年度计划"), ("withdrawn", "")]
    assert PlanValue.objects.filter(on=proposal.on).count() == 0


def test_a_plan_value_is_entered_by_the_data_department_for_a_quarters_end(scene: Scene, period: Period):
    given = {"indicator": scene.indicators[0], "value": Decimal(1), "source": "年度计划", "at": at(period)}
    own, other = scene.filers[scene.departments[0].pk], scene.filers[scene.departments[1].pk]
    with pytest.raises(Refused, match="填报，您可以查看"):
        propose_plan_value(on=date(2020, 6, 30), by=other, **given)
    with pytest.raises(Refused, match="按季度末填报"):
        propose_plan_value(on=date(2020, 6, 29), by=own, **given)
    with pytest.raises(Refused, match="已确认的计划值相同"):
        propose_plan_value(on=date(2020, 12, 31), by=own, **(given | {"value": Decimal(100)}))

"""What a cross-check does to a filing: which values count, what it asks for, how it is settled, and its own life."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from filings.errors import AlreadyMoved, Incomplete, Refused
from filings.models import CrossClosing, CrossRule, Entry
from filings.queries.crosschecks import Board, board, preview
from filings.services.cross_rules import change_rule, retire_rule
from filings.services.crosschecks import close_finding, found_on
from filings.services.entries import problems_of
from filings.services.moves import submit
from filings.services.review import reopen
from filings.services.routine import oddities
from filings.services.vintages import record_vintage
from filings.terms import RuleKind, Severity, VintageKind
from targets.measure import Quarter
from targets.terms import Accumulation
from tests import factories as f
from tests.filings.crosscheck_scene import CrossScene

pytestmark = pytest.mark.django_db

SAID = "2020年二季度“绿道”为 12 公里（建设局），“道路”为 10 公里（交通局），部分大于总体，多 2 公里。"
EXPLAIN = "请核对，或在提醒说明中写明原因。"


@pytest.fixture
def scene() -> CrossScene:
    return CrossScene()


def said_of(entry: Entry) -> list[tuple[str, str, bool]]:
    """Field, sentence and whether it is a warning, of everything an entry has to answer for."""
    entry = Entry.objects.for_page().get(pk=entry.pk)
    return [(p.field, p.sentence, p.is_warning) for p in problems_of([entry])[entry.pk]]


def states(found: Board) -> list[tuple[str, str]]:
    return [(line.state, line.words) for line in found.lines]


# Which values count


def test_it_runs_when_the_later_of_two_values_is_filed(scene):
    scene.rule()
    period = scene.open()
    part = scene.write(period, scene.part, "12")
    assert said_of(part) == []
    assert states(board(period)) == [("unchecked", "部分没有数值")]
    scene.send(period, scene.part, "12")
    assert states(board(period)) == [("unchecked", "总体没有数值")]
    whole = scene.write(period, scene.whole, "10")
    assert said_of(whole) == [("value", SAID + EXPLAIN, True)]
    assert states(board(period)) == [("unchecked", "总体没有数值")]
    filing = scene.send(period, scene.whole, "10", explanation="口径不同")
    assert filing.status == "submitted"
    assert states(board(period)) == [("open", SAID)]


def test_a_value_on_its_way_back_does_not_count(scene):
    scene.rule()
    period = scene.open()
    filing = scene.accept(scene.send(period, scene.part, "12"))
    whole = scene.write(period, scene.whole, "10")
    assert len(said_of(whole)) == 1
    entry = scene.entry(period, scene.part)
    reopen(filing=filing, notes={entry.pk: ("R02", "请核实")}, by=scene.reviewer, at=scene.at)
    assert said_of(whole) == []


def test_a_later_vintage_counts_instead_of_the_filed_value(scene):
    scene.rule()
    period = scene.open()
    scene.accept(scene.send(period, scene.part, "9"))
    scene.accept(scene.send(period, scene.whole, "10"))
    assert states(board(period)) == [("holds", "相符")]
    record_vintage(
        entry=scene.entry(period, scene.part),
        kind=VintageKind.VERIFIED,
        values={"value": D(12)},
        doc_no="嘉统〔2020〕3号",
        doc_on=date(2020, 7, 2),
        by=scene.reviewer,
        at=scene.at,
    )
    assert states(board(period)) == [("open", SAID)]


def test_two_values_in_one_filing_are_answered_for_once(scene):
    scene.whole.data_department = scene.builder
    scene.whole.save()
    scene.rule()
    period = scene.open()
    scene.write(period, scene.whole, "10")
    part = scene.write(period, scene.part, "12")
    assert said_of(part) == [("value", SAID.replace("交通局", "建设局") + EXPLAIN, True)]
    assert said_of(scene.entry(period, scene.whole)) == []
    both = list(Entry.objects.for_page().filter(filing=part.filing))
    both[1].value = D(13)
    assert [len(found) for found in problems_of(both).values()] == [0, 0]


# What it asks for


def test_a_warning_needs_an_explanation_that_the_office_sees(scene):
    scene.rule()
    period = scene.open()
    scene.send(period, scene.part, "12")
    whole = scene.write(period, scene.whole, "10")
    filer, _ = scene.people[scene.counter]
    with pytest.raises(Incomplete) as refused:
        submit(filing=whole.filing, by=filer, at=scene.at)
    assert [p.sentence for p in refused.value.problems[whole.pk]] == [SAID + EXPLAIN]
    filing = scene.send(period, scene.whole, "10", explanation="道路不含绿道")
    (line,) = board(period).lines
    assert [(str(d), words) for d, words in line.explanations] == [("交通局", "道路不含绿道")]
    entries = list(Entry.objects.for_page().filter(filing=filing))
    assert oddities(entries)[whole.pk] == ("单位另有说明", "1 处勾稽不符")


def test_an_error_forbids_submission_whatever_is_explained(scene):
    scene.rule(severity=Severity.ERROR)
    period = scene.open()
    scene.send(period, scene.part, "12")
    whole = scene.write(period, scene.whole, "10", explanation="口径不同")
    sentence = f"{SAID}改正后才能提交；认为对方的数有误的，请联系推进办退回对方更正。"
    assert said_of(whole) == [("value", sentence, False)]
    filer, _ = scene.people[scene.counter]
    with pytest.raises(Incomplete) as refused:
        submit(filing=whole.filing, by=filer, at=scene.at)
    assert list(refused.value.problems) == [whole.pk]
    assert scene.send(period, scene.whole, "12").status == "submitted"


def test_information_asks_for_nothing_and_is_never_open(scene):
    scene.rule(severity=Severity.INFO)
    period = scene.open()
    scene.send(period, scene.part, "12")
    filing = scene.send(period, scene.whole, "10")
    assert filing.status == "submitted"
    assert states(board(period)) == [("info", SAID)]
    entry = scene.entry(period, scene.whole)
    problems_of([entry])
    assert [each.sentence for each in found_on(entry)] == [SAID]


def test_a_rule_of_the_office_stands_in_place_of_the_built_in_warning(scene):
    scene.part.accumulation = Accumulation.YEAR_TO_DATE
    scene.part.save()
    scene.accepted(2020, 1, "12")
    period = scene.open(2)
    part = scene.write(period, scene.part, "10")
    built_in = "累计值由上季 12 降为 10，请核对，或在提醒说明中写明原因。"
    assert said_of(part) == [("value", built_in, True)]
    scene.rule(scene.alone(RuleKind.RISING, severity=Severity.ERROR))
    fell = "“绿道”累计值由2020年一季度的 12 公里 降为2020年二季度的 10 公里（建设局），减少 2 公里。"
    assert said_of(part) == [
        ("value", f"{fell}改正后才能提交；情况属实的，请联系推进办调整勾稽规则。", False)
    ]


def test_a_jump_is_judged_against_accepted_quarters(scene):
    for quarter, value in enumerate(("10", "11", "12", "13"), 1):
        scene.accepted(2019, quarter, value)
    scene.rule(scene.alone(RuleKind.JUMP))
    period = scene.open(1)
    part = scene.write(period, scene.part, "16")
    said = "2020年一季度“绿道”为 16 公里（建设局），近 4 期中位数为 11.5 公里，相差 4.5 公里，超过允许的 4.4478 公里。"
    assert said_of(part) == [("value", said + EXPLAIN, True)]
    assert said_of(scene.write(period, scene.part, "15.9")) == []


def test_looking_takes_no_more_queries_with_more_rules_and_quarters(scene, django_assert_num_queries):
    scene.rule()
    scene.accepted(2019, 4, "9")
    period = scene.open(1)
    scene.write(period, scene.part, "9")
    with django_assert_num_queries(4):
        board(period)
    scene.rule(scene.alone(RuleKind.JUMP))
    scene.rule(scene.alone(RuleKind.RISING))
    later = scene.open(2)
    scene.send(later, scene.part, "8", explanation="核过")
    with django_assert_num_queries(4):
        assert len(board(later).lines) == 3


# Settling


def settled(scene: CrossScene):
    """A warning about both values, explained by the later one; not decided yet."""
    rule = scene.rule()
    period = scene.open()
    first = scene.send(period, scene.part, "12")
    later = scene.send(period, scene.whole, "10", explanation="道路不含绿道")
    return rule, period, first, later


def test_accepting_the_explained_entry_settles_the_warning(scene):
    _, period, first, later = settled(scene)
    scene.accept(first)
    assert states(board(period)) == [("open", SAID)]
    scene.accept(later)
    (line,) = board(period).lines
    assert (line.state, line.closing.note, line.closing.is_accepted) == ("closed", "道路不含绿道", True)
    event = Event.objects.get(verb="crosscheck.close")
    assert (event.actor_name, event.note, event.after["发现"]) == ("顾明远", "道路不含绿道", SAID)


def test_a_settled_finding_opens_again_with_another_value(scene):
    _, period, first, later = settled(scene)
    scene.accept(first)
    scene.accept(later)
    record_vintage(
        entry=scene.entry(period, scene.part),
        kind=VintageKind.VERIFIED,
        values={"value": D(13)},
        doc_no="嘉统〔2020〕3号",
        doc_on=date(2020, 7, 2),
        by=scene.reviewer,
        at=scene.at,
    )
    (line,) = board(period).lines
    assert (line.state, line.finding.outcome.by) == ("open", D(3))


def test_the_office_settles_with_a_note_what_it_has_seen(scene):
    rule, period, *_ = settled(scene)
    given = {"rule": rule, "period": period, "note": "统计口径如此", "by": scene.reviewer, "at": scene.at}
    (line,) = board(period).lines
    with pytest.raises(AlreadyMoved):
        close_finding(**given, seen="1|2")
    with pytest.raises(Refused, match="请写明处理意见"):
        close_finding(**(given | {"note": " "}), seen=line.finding.seen)
    with pytest.raises(Refused, match="由推进办设定和处理"):
        close_finding(**(given | {"by": scene.leader}), seen=line.finding.seen)
    assert CrossClosing.objects.count() == 0
    close_finding(**given, seen=line.finding.seen)
    (line,) = board(period).lines
    assert (line.state, line.closing.note, line.closing.is_accepted) == ("closed", "统计口径如此", False)
    with pytest.raises(Refused, match="已经了结"):
        close_finding(**given, seen=line.finding.seen)


def test_the_office_does_not_settle_what_its_own_department_filed(scene):
    scene.whole.data_department = scene.plan.office
    scene.whole.save()
    scene.people[scene.plan.office] = (f.make_filer(scene.plan.office), f.make_approver(scene.plan.office))
    rule = scene.rule()
    period = scene.open()
    scene.send(period, scene.part, "12")
    scene.send(period, scene.whole, "10", explanation="口径不同")
    seen = board(period).lines[0].finding.seen
    with pytest.raises(Refused, match="须由他人处理"):
        close_finding(rule=rule, period=period, seen=seen, note="可以", by=scene.reviewer, at=scene.at)


def test_what_holds_needs_no_settling(scene):
    rule = scene.rule()
    period = scene.open()
    with pytest.raises(Refused, match="已经相符或无法核对"):
        close_finding(rule=rule, period=period, seen="", note="可以", by=scene.reviewer, at=scene.at)


# The life of a rule


def test_a_change_ends_the_old_rule_and_earlier_quarters_keep_it(scene):
    rule = scene.rule()
    first = scene.open(1)
    second = scene.open(2)
    wider = scene.values(tolerance=D(5), effective_from=Quarter(2020, 2).first_day)
    fresh = change_rule(rule=rule, values=wider, reason="统计误差", by=scene.reviewer, at=scene.at)
    rule.refresh_from_db()
    assert (rule.effective_until, rule.end_reason, fresh.replaces) == (date(2020, 4, 1), "统计误差", rule)
    assert [line.rule for line in board(first).lines] == [rule]
    assert [line.rule for line in board(second).lines] == [fresh]
    event = Event.objects.get(verb="cross_rule.change")
    assert (event.before["容差"], event.after["容差"], event.note) == ("0", "5", "统计误差")
    with pytest.raises(AlreadyMoved):
        change_rule(rule=rule, values=wider, reason="再改", by=scene.reviewer, at=scene.at)
    with pytest.raises(Refused, match="没有变化"):
        change_rule(rule=fresh, values=wider, reason="再改", by=scene.reviewer, at=scene.at)


def test_a_retired_rule_holds_until_its_quarter(scene):
    rule = scene.rule()
    first, second = scene.open(1), scene.open(2)
    until = Quarter(2020, 2).first_day
    with pytest.raises(Refused, match="请写明理由"):
        retire_rule(rule=rule, until=until, reason="", by=scene.reviewer, at=scene.at)
    retire_rule(rule=rule, until=until, reason="口径已统一", by=scene.reviewer, at=scene.at)
    assert [len(board(period).lines) for period in (first, second)] == [1, 0]
    assert Event.objects.get(verb="cross_rule.retire").after == {"自此季度停用": "2020年二季度"}


REFUSED = [
    ({"other": None}, "须选对照指标"),
    ({"tolerance": D(-1)}, "容差不能小于 0"),
    ({"effective_from": date(2030, 1, 1)}, "不在方案期内"),
    ({"kind": RuleKind.JUMP, "other": None}, "倍数须大于 0"),
    ({"kind": RuleKind.JUMP, "other": None, "factor": D(3), "is_percent": True}, "不按百分比"),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED)
def test_a_rule_that_cannot_be_is_refused(scene, changes, said):
    with pytest.raises(Refused, match=said):
        scene.rule(**changes)
    assert CrossRule.objects.count() == 0


def test_only_like_values_are_compared(scene):
    other = f.make_indicator(scene.plan, unit="个")
    summed = f.make_indicator(scene.plan, unit="公里", accumulation=Accumulation.YEAR_TO_DATE)
    period = f.make_indicator(scene.plan, accumulation=Accumulation.THIS_PERIOD)
    graded = f.make_indicator(scene.plan, unit="公里", levels=["未达", "达到"])
    foreign = f.make_indicator(f.make_plan(), unit="公里")
    for changes, said in (
        ({"other": scene.part}, "不能是同一项"),
        ({"other": other}, "单位不同（公里、个）"),
        ({"other": summed}, "填报口径不同（时点值、本年累计）"),
        ({"other": graded}, "按等级填报"),
        ({"other": foreign}, "不是本方案现行的指标"),
        ({"kind": RuleKind.RISING, "indicator": period, "other": None}, "本期值各季分别计数"),
    ):
        with pytest.raises(Refused, match=said):
            scene.rule(**changes)


def test_only_the_office_sets_rules_and_each_only_once(scene):
    values = scene.values()
    scene.rule(values)
    with pytest.raises(Refused, match="已有同一指标"):
        scene.rule(replace(values, tolerance=D(1)))
    scene.reviewer = scene.leader
    with pytest.raises(Refused, match="勾稽关系由推进办设定"):
        scene.rule(scene.alone(RuleKind.RISING))


WRONG = [
    {"other": None},
    {"kind": RuleKind.RISING},
    {"tolerance": D(-1)},
    {"factor": D(3)},
    {"severity": "loud"},
    {"reason": ""},
    {"effective_until": date(2020, 4, 1)},
]


@pytest.mark.parametrize("changes", WRONG)
def test_the_database_knows_what_a_rule_must_be(scene, changes):
    row = scene.values().row(scene.plan)
    row.reason, row.by, row.at = "核对", scene.reviewer, scene.at
    for name, value in changes.items():
        setattr(row, name, value)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_a_preview_says_what_the_last_quarters_would_have_shown(scene):
    assert preview(scene.values().row(scene.plan)) is None
    for quarter, value in ((1, "9"), (2, "12")):
        period = scene.open(quarter)
        scene.send(period, scene.part, value)
        scene.send(period, scene.whole, "10")
    scene.open(3)
    shown = preview(scene.values().row(scene.plan))
    assert [each.sentence for each in shown.found] == [SAID]
    assert (shown.held, len(shown.findings)) == (1, 8)
    assert {str(each.quarter): each.outcome.why for each in shown.unchecked}["2020年三季度"] == "部分没有数值"
    assert CrossRule.objects.count() == 0

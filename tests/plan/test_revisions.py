"""A plan is revised with a reason: what was filed is retired, codes are never used again, every change is kept."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from actions.models import SpecialAction
from audit.models import Event
from filings.models import Entry
from filings.services.windows import obligations
from harbor_plan.lib.refusals import Refused
from targets.life import targets_in_force
from targets.models import Indicator, Plan, TakenCode
from tasks.models import Milestone, PlanRevision, Responsibility, Task
from tasks.plan_files import PlanDocument, PlanRefused, to_json
from tasks.plan_files.document import MilestoneRow
from tasks.plan_store import Loaded, export_plan, load_plan
from tests import factories
from tests.plan.second import SECOND, without_task

pytestmark = pytest.mark.django_db

AT = datetime(2021, 3, 1, 9, 0, tzinfo=UTC)


def load(document: PlanDocument, reason: str = "区里批复调整") -> Loaded:
    return load_plan(document=document, by=None, at=AT, reason=reason)


@pytest.fixture
def plan() -> Plan:
    load(SECOND, reason="")
    return Plan.objects.get(code="bay-2021")


def test_the_first_load_needs_no_reason_and_is_the_first_revision(plan: Plan):
    revision = PlanRevision.objects.get()
    assert (revision.no, revision.reason, revision.counts, revision.content) == (1, "", {"新增": 15}, {})
    assert load(SECOND, reason="").revision is None


def test_a_change_needs_a_reason_and_leaves_a_revision_with_the_difference(plan: Plan):
    changed = replace(SECOND, targets=(replace(SECOND.targets[0], value=Decimal(75)),))
    with pytest.raises(Refused, match="请写明修订方案的理由"):
        load(changed, reason=" ")
    assert to_json(export_plan(plan)) == to_json(SECOND)
    load(changed)
    second = plan.revisions.get(no=2)
    assert (second.reason, second.words, second.at) == ("区里批复调整", "修改1项", AT)
    assert second.diff.lines() == ["修改 目标值 W1 2023-12-31 二1 assigned（目标值）"]
    assert Event.objects.filter(verb="plan.load").latest("id").note == "区里批复调整"


def test_what_was_filed_is_retired_from_the_next_quarter_on(plan: Plan):
    period = factories.open_quarter(plan, 2021, 1)
    asked = Entry.objects.filter(filing__period=period).count()
    found = load(without_task(SECOND, "1.1")).diff
    assert found.counts == {"停用": 4}
    assert set(found.lines()) == {
        "停用 任务 1.1（停用日期）",
        "停用 责任分解 1.1 海洋局（失效日期）",
        "停用 责任分解 1.1 渔政站（失效日期）",
        "停用 节点 1.1 1（停用日期）",
    }
    task = Task.objects.get(action__no=1, no=1)
    assert (task.retired_on, task.milestones.get().retired_on) == (date(2021, 4, 1), date(2021, 4, 1))
    assert set(task.responsibilities.values_list("valid_to", flat=True)) == {date(2021, 4, 1)}
    assert Entry.objects.filter(filing__period=period).count() == asked
    following = factories.open_quarter(plan, 2021, 2)
    titles = {entry.title for entry in Entry.objects.filter(filing__period=following)}
    assert titles == {"清理滩涂", "岸线修复行动", "优良水质比例"}
    # Asked again in a quarter before, as when it is entered late, it is owed.
    assert any(e.title == "修复岸线" for entries in obligations(period).values() for e in entries)
    # The retired rows travel with the plan, and loading what is exported says that nothing changed.
    assert not load(export_plan(plan)).diff
    assert not load(without_task(SECOND, "1.1")).diff


def test_an_indicator_and_its_target_are_retired_and_past_figures_still_read_them(plan: Plan):
    factories.open_quarter(plan, 2021, 1)
    load(replace(SECOND, indicators=(), targets=()))
    indicator = Indicator.objects.get(code="W1")
    assert (indicator.retired_on, indicator.targets.get().retired_on) == (date(2021, 4, 1), date(2021, 4, 1))
    assert list(Indicator.objects.in_use(date(2021, 3, 31))) == [indicator]
    assert not Indicator.objects.in_use(date(2021, 6, 30)).exists()
    assert targets_in_force(indicator.targets.all(), date(2021, 3, 31)) == (indicator.targets.get(),)
    assert targets_in_force(indicator.targets.all(), date(2021, 6, 30)) == ()


def test_another_lead_begins_where_the_one_before_ends(plan: Plan):
    factories.open_quarter(plan, 2021, 1)
    old, helper, other = SECOND.responsibilities
    lead = replace(helper, role="lead")
    ended = replace(old, valid_to=date(2021, 4, 1))
    former = replace(helper, valid_to=date(2021, 4, 1))
    with pytest.raises(PlanRefused) as refused:
        load(replace(SECOND, responsibilities=(replace(lead, department="蓝湾办", order=3), helper, other)))
    assert [problem.message for problem in refused.value.problems] == [
        "任务“1.1”原牵头单位到 2021-04-01 为止；请给“蓝湾办”一行填写生效日期 2021-04-01"
    ]
    changed = replace(lead, valid_from=date(2021, 4, 1), order=1)
    found = load(replace(SECOND, responsibilities=(ended, former, changed, other))).diff
    assert found.counts == {"新增": 1, "停用": 2}


def test_what_was_never_filed_goes_and_its_number_stays_taken(plan: Plan):
    load(without_task(SECOND, "1.2"))
    assert [task.number for task in Task.objects.select_related("action")] == ["1.1"]
    assert list(TakenCode.objects.values_list("table", "code")) == [("tasks", "1.2")]
    with pytest.raises(PlanRefused) as refused:
        load(SECOND)
    assert [str(problem) for problem in refused.value.problems] == [
        "tasks：任务“1.2”的编号属于已经删除的一项，编号不再使用；请另编一个编号"
    ]


def test_a_retired_number_is_not_called_back(plan: Plan):
    factories.open_quarter(plan, 2021, 1)
    load(without_task(SECOND, "1.1"))
    with pytest.raises(PlanRefused) as refused:
        load(SECOND)
    assert [problem.message for problem in refused.value.problems] == [
        f"{what}自 2021-04-01 起停用，编号不再使用；请另编一个编号，或在停用日期一栏填回 2021-04-01"
        for what in ("任务“1.1”", "节点“1.1 1”")
    ]


def test_nothing_is_retired_for_a_quarter_that_was_asked(plan: Plan):
    factories.open_quarter(plan, 2021, 1)
    early = replace(SECOND, milestones=(replace(SECOND.milestones[0], retired_on=date(2021, 1, 1)),))
    with pytest.raises(PlanRefused, match=r"节点“1\.1 1”的停用日期不能早于 2021-04-01"):
        load(early)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Task, {"no": 2, "title": "别的", "annex_title": "别的", "clause": "三"}),
        (Indicator, {"code": "W2", "name": "别的", "kind": "quantitative", "accumulation": "point"}),
    ],
)
def test_the_database_itself_refuses_a_code_of_a_deleted_row(plan: Plan, model, values):
    action = SpecialAction.objects.get(plan=plan)
    place = {"action": action} if model is Task else {"plan": plan}
    if model is Task:
        Responsibility.objects.filter(task__no=2).delete()
    else:
        Indicator.objects.create(**place, **values, clauses=["二"])
    key = "no" if model is Task else "code"
    model.objects.filter(**{key: values[key]}).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**place, **values)


def test_a_renumbered_row_leaves_its_number_taken(plan: Plan):
    milestone = Milestone.objects.get()
    Milestone.objects.filter(pk=milestone.pk).update(no=2)
    assert list(TakenCode.objects.values_list("table", "code")) == [("milestones", "1.1/1")]
    again = MilestoneRow("1.1", 1, "另一个节点", date(2022, 12, 31), "expected", "", "三", "")
    with pytest.raises(PlanRefused, match=r"节点“1\.1 1”的编号属于已经删除的一项"):
        load(replace(SECOND, milestones=(again,)))


def test_the_command_asks_for_the_reason(plan: Plan, tmp_path):
    path = tmp_path / "plan.json"
    path.write_bytes(to_json(replace(SECOND, goals=(replace(SECOND.goals[0], name="海水水质"),))))
    with pytest.raises(CommandError, match="请写明修订方案的理由"):
        call_command("load_plan", str(path))
    call_command("load_plan", str(path), reason="名称更正")
    assert plan.revisions.get(no=2).reason == "名称更正"

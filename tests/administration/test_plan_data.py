"""The office edits plan data: every change is recorded with before and after, and nothing that was filed is deleted."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actions.models import ActionLead
from audit.models import Event
from departments.models import Department
from targets.models import PlanValue, TakenCode, Target
from tasks.models import Milestone, PlanRevision, Responsibility, Role
from tests.administration.conftest import REASON, told
from tests.factories import (
    make_action,
    make_department,
    make_filer,
    make_goal,
    make_indicator,
    make_milestone,
    make_plan,
    make_target,
    make_task,
    open_quarter,
)


def form_values(response):
    """What a form of the administration would send unchanged, its rows below included."""
    values = {}
    forms = [response.context["adminform"].form]
    for below in response.context["inline_admin_formsets"]:
        forms += [below.formset.management_form, *below.formset.forms]
    for form in forms:
        for field in form:
            value = REASON if field.name == "revision_reason" else field.value()
            if value is not None and value is not False:
                values[field.html_name] = "on" if value is True else value
    return values


def change(client, table, pk, **values):
    """Open a record, alter some fields, save; a value of None leaves the field out."""
    address = reverse(f"admin:{table}_change", args=[pk])
    sent = form_values(client.get(address)) | values
    return client.post(
        address, {name: value for name, value in sent.items() if value is not None}, follow=True
    )


def errors(response):
    """Everything the form refuses, as sentences."""
    form = response.context["adminform"].form
    return [sentence for sentences in form.errors.values() for sentence in sentences]


# Recording


def test_a_change_is_recorded_with_what_was_and_what_is(as_office, office):
    proposed, other = make_department("甲局"), make_department("乙局")
    indicator = make_indicator(make_plan(), data_department=proposed)
    change(
        as_office,
        "targets_indicator",
        indicator.pk,
        data_department=other.pk,
        data_department_is_proposed=None,
    )
    indicator.refresh_from_db()
    assert (indicator.data_department, indicator.data_department_is_proposed) == (other, False)
    event = Event.objects.get(verb="admin.change")
    assert event.before == {"数据单位": "甲局", "数据单位待确认": "是"}
    assert event.after == {"数据单位": "乙局", "数据单位待确认": "否"}
    assert (event.actor_id, event.actor_name) == (office.pk, "审核人")
    assert (event.subject_type, event.subject_id) == ("targets.indicator", str(indicator.pk))


def test_saving_without_a_change_records_nothing(as_office):
    indicator = make_indicator(make_plan(), levels=["未启动", "达到"])
    make_target(indicator)
    PlanValue.objects.create(indicator=indicator, on=date(2019, 12, 31), value=Decimal("1.5"))
    change(as_office, "targets_indicator", indicator.pk)
    assert Event.objects.filter(verb__startswith="admin").count() == 0


def test_a_new_record_is_recorded_with_what_it_holds(as_office):
    page = as_office.get(reverse("admin:departments_department_add"))
    as_office.post(page.request["PATH_INFO"], form_values(page) | {"name": "丙局", "kind": "bureau"})
    event = Event.objects.get(verb="admin.add")
    assert event.before == {}
    assert event.after == {
        "名称": "丙局", "性质": "港区部门", "排序": "0", "承担报送": "是", "召集单位待确认": "否",
    }  # fmt: skip


def test_rows_below_a_record_are_recorded_each(as_office):
    plan = make_plan()
    first, second, third = (make_department(name) for name in ("甲局", "乙局", "丙局"))
    action = make_action(plan, leads=[first, second])
    one, two = ActionLead.objects.filter(action=action).order_by("order")
    page = as_office.get(reverse("admin:actions_specialaction_change", args=[action.pk]))
    values = form_values(page) | {
        "lead_rows-TOTAL_FORMS": 3,
        "lead_rows-0-order": 3,
        "lead_rows-1-DELETE": "on",
        "lead_rows-2-department": third.pk,
        "lead_rows-2-order": 4,
        "lead_rows-2-action": action.pk,
    }
    as_office.post(page.request["PATH_INFO"], values)
    events = {event.verb: event for event in Event.objects.filter(verb__startswith="admin")}
    assert (events["admin.change"].subject_id, events["admin.change"].after) == (str(one.pk), {"顺序": "3"})
    assert (events["admin.delete"].subject_id, events["admin.delete"].before["牵头单位"]) == (
        str(two.pk),
        "乙局",
    )
    assert events["admin.add"].after["牵头单位"] == "丙局"
    assert [row.department for row in action.lead_rows.all()] == [first, third]


def test_the_indicators_of_a_task_are_recorded(as_office):
    plan = make_plan()
    task = make_task(make_action(plan))
    indicator = make_indicator(plan, name="森林覆盖率")
    change(as_office, "tasks_task", task.pk, indicators=[indicator.pk])
    assert Event.objects.get(verb="admin.change").after == {"指标": "森林覆盖率"}


def test_thresholds_and_steps_of_targets_are_not_changed_here(as_office):
    """They have pages of their own, with a preview."""
    target = make_target(make_indicator(make_plan()))
    change(as_office, "targets_plan", target.indicator.plan_id, late_above="15")
    change(as_office, "targets_target", target.pk, state="revised", doc_no="1号", tolerance="1")
    target.refresh_from_db()
    assert (target.state, target.doc_no, target.tolerance) == ("assigned", "", None)
    assert target.indicator.plan.late_above == 10
    assert not Event.objects.filter(verb="admin.change").exists()


def test_a_record_shows_its_history(as_office):
    department = make_department("甲局")
    change(as_office, "departments_department", department.pk, name="甲分局")
    page = as_office.get(
        reverse("admin:departments_department_history", args=[department.pk])
    ).content.decode()
    assert "<td>审核人</td><td>修改</td><td>名称</td><td>甲局</td><td>甲分局</td>" in page


def test_django_keeps_no_second_log(as_office):
    from django.contrib.admin.models import LogEntry

    change(as_office, "departments_department", make_department("甲局").pk, name="甲分局")
    assert not LogEntry.objects.exists()


# Refusals


def test_constraints_are_told_as_sentences(as_office):
    plan = make_plan()
    department = make_department("甲局")
    task = make_task(make_action(plan), lead=department, cooperating=[make_department("乙局")])
    _, helper = task.responsibilities.order_by("order")
    target = make_target(make_indicator(plan))
    refused = {
        ("departments_department", department.pk, "convenor", department.pk): "召集单位不能是本单位，请改为另一单位或留空。",
        ("tasks_responsibility", helper.pk, "role", "lead"): "本任务已有牵头单位；请先把原牵头单位改为配合，或填失效日期。",
        ("targets_plan", plan.pk, "ends_on", "2000-01-01"): "终止日期应晚于起始日期。",
        ("targets_target", target.pk, "comparator", "range"): (
            "目标值与比较方式不符：区间只填下限和上限，上限不低于下限；其余只填目标值；待下达的都留空。"
        ),
    }  # fmt: skip
    for (table, pk, field, value), sentence in refused.items():
        assert errors(change(as_office, table, pk, **{field: value})) == [sentence]
    assert not Event.objects.filter(verb__startswith="admin").exists()


def test_rows_that_change_places_are_refused_with_advice(as_office):
    action = make_action(make_plan(), leads=[make_department("甲局"), make_department("乙局")])
    values = {"lead_rows-0-order": 2, "lead_rows-1-order": 1}
    response = change(as_office, "actions_specialaction", action.pk, **values)
    assert told(response)[0].startswith("没有保存：有一项与已有的内容重复。两行互换时")
    assert [row.department.name for row in action.lead_rows.all()] == ["甲局", "乙局"]
    assert not Event.objects.filter(verb__startswith="admin").exists()


def test_a_lead_named_twice_is_refused(as_office):
    action = make_action(make_plan(), leads=[make_department("甲局"), make_department("乙局")])
    response = change(as_office, "actions_specialaction", action.pk, **{"lead_rows-1-order": 1})
    assert response.context["errors"]
    assert [row.order for row in action.lead_rows.all()] == [1, 2]


@pytest.fixture
def filed(office):
    """A quarter has opened: what it asks for is owed, and so may not vanish."""
    plan = make_plan()
    department = make_department("甲局")
    task = make_task(make_action(plan, leads=[department]), lead=department)
    indicator = make_indicator(plan, data_department=department)
    milestone = make_milestone(task)
    make_filer(department)
    open_quarter(plan)
    return {
        "departments_department": department,
        "targets_plan": plan,
        "actions_specialaction": task.action,
        "tasks_task": task,
        "tasks_responsibility": task.responsibilities.get(),
        "tasks_milestone": milestone,
        "targets_indicator": indicator,
    }


@pytest.mark.parametrize("table", ["departments_department", "targets_plan"])
def test_what_was_filed_on_is_not_deleted_and_the_page_says_why(as_office, filed, table):
    row = filed[table]
    address = reverse(f"admin:{table}_delete", args=[row.pk])
    for response in (as_office.get(address), as_office.post(address, {"post": "yes"})):
        assert response.status_code == 200
        assert f"“{row}”不能删除：已有下列数据引用它。" in response.content.decode().replace("&quot;", '"')
    assert type(row).objects.filter(pk=row.pk).exists()
    assert not Event.objects.filter(verb="admin.delete").exists()


def test_the_page_counts_what_forbids_a_deletion(as_office, filed):
    page = as_office.get(
        reverse("admin:departments_department_delete", args=[filed["departments_department"].pk])
    )
    assert "责任分解 1 条" in page.context["protected"]


@pytest.mark.parametrize(
    "table", ["actions_specialaction", "tasks_task", "tasks_milestone", "targets_indicator"]
)
def test_what_was_filed_on_is_retired_with_a_reason(as_office, filed, table):
    row = filed[table]
    address = reverse(f"admin:{table}_delete", args=[row.pk])
    assert "填报过的自下一季度起停用" in as_office.get(address).content.decode()
    assert told(as_office.post(address, {"post": "yes"}, follow=True)) == ["请写明修订方案的理由。"]
    as_office.post(address, {"post": "yes", "revision_reason": "并入其他任务"})
    row.refresh_from_db()
    assert row.retired_on == date(2021, 1, 1)
    revision = PlanRevision.objects.get()
    assert (revision.reason, revision.source, set(revision.counts)) == ("并入其他任务", "admin", {"停用"})


def test_a_milestone_that_was_never_filed_goes_and_its_number_stays_taken(as_office):
    plan = make_plan()
    milestone = make_milestone(make_task(make_action(plan)))
    address = reverse("admin:tasks_milestone_delete", args=[milestone.pk])
    as_office.post(address, {"post": "yes", "revision_reason": "重复"})
    assert not Milestone.objects.exists()
    assert TakenCode.objects.get(plan=plan).table == "milestones"


def test_every_edit_leaves_a_revision_with_its_difference(as_office, office):
    goal = make_goal(make_plan())
    refused = change(as_office, "targets_goalcategory", goal.pk, name="水质", revision_reason=" ")
    assert errors(refused) == ["请写明修订方案的理由。"]
    goal.refresh_from_db()
    assert goal.name != "水质"
    before = goal.name
    change(as_office, "targets_goalcategory", goal.pk, name="水质", revision_reason="名称更正")
    revision = PlanRevision.objects.get()
    assert (revision.no, revision.reason, revision.by, revision.source) == (1, "名称更正", office, "admin")
    assert [(f.column, f.old, f.new) for row in revision.diff.rows for f in row.fields] == [
        ("name", before, "水质")
    ]


def test_several_at_once_are_refused_as_one(as_office, filed):
    free = make_department("丁局")
    chosen = {"action": "delete_selected", "_selected_action": [filed["departments_department"].pk, free.pk]}
    address = reverse("admin:departments_department_changelist")
    for extra in ({}, {"post": "yes"}):
        response = as_office.post(address, chosen | extra)
        assert "不能删除：已有下列数据引用其中的内容" in response.content.decode()
    assert Department.objects.filter(pk=free.pk).exists()


def test_somebody_who_refers_to_it_meanwhile_wins(as_office, office, monkeypatch):
    department = make_department("丁局")
    make_filer(department)
    admin = site.get_model_admin(Department)
    monkeypatch.setattr(admin, "get_deleted_objects", lambda objs, request: ([], {}, set(), []))
    response = as_office.post(
        reverse("admin:departments_department_delete", args=[department.pk]), {"post": "yes"}, follow=True
    )
    assert told(response) == ["刚刚有其他数据引用了这一条，没有删除。"]
    assert Department.objects.filter(pk=department.pk).exists()
    assert not Event.objects.filter(verb="admin.delete").exists()


def test_what_nothing_refers_to_may_go_and_is_remembered(as_office):
    department = make_department("丁局")
    as_office.post(reverse("admin:departments_department_delete", args=[department.pk]), {"post": "yes"})
    assert not Department.objects.filter(pk=department.pk).exists()
    event = Event.objects.get(verb="admin.delete")
    assert (event.subject_id, event.subject_label, event.before["名称"]) == (
        str(department.pk),
        "丁局",
        "丁局",
    )


def test_several_that_nothing_refers_to_are_each_remembered(as_office):
    gone = [make_department("丁局"), make_department("戊局")]
    as_office.post(
        reverse("admin:departments_department_changelist"),
        {"action": "delete_selected", "_selected_action": [d.pk for d in gone], "post": "yes"},
    )
    names = Event.objects.filter(verb="admin.delete").values_list("subject_label", flat=True)
    assert sorted(names) == ["丁局", "戊局"]


# Lists as text


def test_levels_and_clauses_are_typed_as_text(as_office):
    indicator = make_indicator(make_plan(), levels=["未启动", "达到"], clauses=["二(一)1"])
    page = as_office.get(reverse("admin:targets_indicator_change", args=[indicator.pk])).content.decode()
    assert 'value="未启动；达到"' in page
    change(
        as_office, "targets_indicator", indicator.pk, levels="未启动；推进中;达到", clauses="二(一)1; 三(一)2"
    )
    indicator.refresh_from_db()
    assert indicator.levels == ["未启动", "推进中", "达到"]
    assert indicator.clauses == ["二(一)1", "三(一)2"]


def test_a_level_that_is_too_long_is_refused(as_office):
    indicator = make_indicator(make_plan())
    response = change(as_office, "targets_indicator", indicator.pk, levels="甲" * 31)
    assert errors(response) == ["有31个字，最多30个字；请缩短"]


# Lists


def test_what_waits_for_confirmation_is_found_by_its_filter(as_office):
    plan = make_plan()
    make_indicator(plan, name="已确认", data_department_is_proposed=False)
    make_indicator(plan, name="待确认")
    address = reverse("admin:targets_indicator_changelist") + "?data_department_is_proposed__exact=1"
    assert [row.name for row in as_office.get(address).context["cl"].result_list] == ["待确认"]


def test_tasks_are_found_by_their_lead(as_office):
    action = make_action(make_plan())
    lead = make_department("甲局")
    task = make_task(action, lead=lead)
    make_task(action, lead=make_department("乙局"), cooperating=[lead])
    address = reverse("admin:tasks_task_changelist") + f"?lead={lead.pk}"
    assert [row.pk for row in as_office.get(address).context["cl"].result_list] == [task.pk]


TABLES = [
    "departments_department", "targets_plan", "targets_goalcategory", "targets_indicator", "targets_target",
    "actions_specialaction", "tasks_task", "tasks_responsibility", "tasks_milestone", "audit_event",
]  # fmt: skip


def add_everything(plan):
    """One more row in every table of the plan."""
    convenor, lead = make_department(), make_department()
    make_department(convenor=convenor)
    indicator = make_indicator(plan, goal=make_goal(plan), data_department=lead)
    make_target(indicator)
    PlanValue.objects.create(indicator=indicator, on=date(2019, 12, 31), value=1)
    task = make_task(make_action(plan, leads=[lead, convenor]), lead=lead, cooperating=[convenor])
    task.indicators.add(indicator)
    make_milestone(task)
    make_plan()


def queries_of(client, address):
    client.get(address)  # the first look fills the process's caches
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_lists_take_as_many_queries_for_three_rows_as_for_one(as_office):
    plan = make_plan()
    add_everything(plan)
    addresses = [reverse(f"admin:{table}_changelist") for table in TABLES]
    before = {address: queries_of(as_office, address) for address in addresses}
    add_everything(plan)
    add_everything(plan)
    assert {address: queries_of(as_office, address) for address in addresses} == before


def test_a_records_page_takes_as_many_queries_for_three_rows_below_as_for_one(as_office):
    plan = make_plan()
    action = make_action(plan, leads=[make_department()])
    task = make_task(action, lead=make_department())
    indicator = make_indicator(plan)
    pages = [
        reverse("admin:actions_specialaction_change", args=[action.pk]),
        reverse("admin:tasks_task_change", args=[task.pk]),
        reverse("admin:tasks_responsibility_change", args=[task.responsibilities.get().pk]),
        reverse("admin:targets_indicator_change", args=[indicator.pk]),
    ]

    def add(number):
        ActionLead.objects.create(action=action, department=make_department(), order=number)
        make_task(action, lead=make_department())
        task.responsibilities.create(department=make_department(), role="cooperating", order=number)
        make_milestone(task)
        Target.objects.create(
            indicator=indicator, due_on=date(2010 + number, 1, 1), value=1, comparator="≥", strength="binding",
            state="assigned", clause="二",
        )  # fmt: skip
        PlanValue.objects.create(indicator=indicator, on=date(2010 + number, 1, 1), value=1)

    add(2)
    before = {page: queries_of(as_office, page) for page in pages}
    add(3)
    add(4)
    assert {page: queries_of(as_office, page) for page in pages} == before


def test_every_table_of_the_administration_is_audited():
    from audit.admin import AuditedAdmin

    bare = [model for model, admin in site._registry.items() if not isinstance(admin, AuditedAdmin)]
    assert {model._meta.label for model in bare} == {"audit.Event"}


def test_the_audit_of_a_stored_record_leaves_secrets_out(office):
    from audit.columns import columns

    assert "口令" not in columns(office)
    assert office.password not in columns(office).values()


# What the loader refuses in a file is refused here too


OUTSIDE = "2202-12-31不在方案期2016-01-01至2020-12-31内；请核对年份"


def test_nothing_falls_due_outside_the_plan(as_office):
    plan = make_plan()
    indicator = make_indicator(plan)
    target, milestone = make_target(indicator), make_milestone(make_task(make_action(plan)))
    for table, record in ("targets_target", target), ("tasks_milestone", milestone):
        assert errors(change(as_office, table, record.pk, due_on="2202-12-31")) == [OUTSIDE]
        record.refresh_from_db()
        assert record.due_on == date(2020, 12, 31)


def test_a_plan_value_is_of_a_day_of_the_plan(as_office):
    indicator = make_indicator(make_plan())
    value = PlanValue.objects.create(indicator=indicator, on=date(2019, 12, 31), value=1)
    response = change(as_office, "targets_indicator", indicator.pk, **{"plan_values-0-on": "2202-12-31"})
    assert response.context["inline_admin_formsets"][1].formset.errors[0] == {"on": [OUTSIDE]}
    value.refresh_from_db()
    assert value.on == date(2019, 12, 31)


def responsible(task, department, role, valid_from, valid_to):
    return Responsibility.objects.create(
        task=task, department=department, role=role, order=9, valid_from=valid_from, valid_to=valid_to
    )


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "is_refused"),
    [
        ("", "2018-01-01", False),
        ("", "2018-01-02", True),
        ("2018-06-01", "2018-07-01", True),
        ("2019-01-01", "2020-01-01", False),
        ("2018-12-31", "", True),
    ],
)
def test_two_departments_never_lead_a_task_on_one_day(as_office, valid_from, valid_to, is_refused):
    task = make_task(make_action(make_plan()), cooperating=[make_department("甲局")])
    Responsibility.objects.filter(role=Role.LEAD).delete()
    responsible(task, make_department("乙局"), Role.LEAD, date(2018, 1, 1), date(2019, 1, 1))
    row = task.responsibilities.get(role=Role.COOPERATING)
    response = change(
        as_office, "tasks_responsibility", row.pk, role=Role.LEAD, valid_from=valid_from, valid_to=valid_to
    )
    row.refresh_from_db()
    assert row.role == (Role.COOPERATING if is_refused else Role.LEAD)
    if is_refused:
        assert errors(response) == [
            f"任务{task.number}已有牵头单位（乙局）；同一时间只能有一个牵头单位，请改为配合，或改生效、失效日期"
        ]


def test_a_department_is_not_named_twice_for_one_day(as_office):
    task = make_task(make_action(make_plan()), cooperating=[make_department("甲局")])
    row = task.responsibilities.get(role=Role.COOPERATING)
    row.valid_to = date(2018, 1, 1)
    row.save()
    later = responsible(task, row.department, Role.COOPERATING, date(2018, 1, 1), None)
    response = change(as_office, "tasks_responsibility", later.pk, valid_from="2017-12-31")
    assert errors(response) == ["同一任务的责任单位与另一行的有效期重叠；请改日期"]
    change(as_office, "tasks_responsibility", later.pk, valid_from="2018-02-01")
    later.refresh_from_db()
    assert later.valid_from == date(2018, 2, 1)


def test_who_convenes_files_itself(as_office):
    chief, group, silent = make_department("甲局"), make_department("群"), make_department("乙局", owes=False)
    third = make_department("丙局", convenor=chief)
    for convenor in (silent, third):
        response = change(as_office, "departments_department", group.pk, convenor=convenor.pk)
        assert errors(response) == [f"“{convenor}”自己不报送，不能召集；请改为自己报送的单位"]
    told_off = "本单位召集丙局，须自己报送；请先给丙局另定召集单位"
    assert errors(change(as_office, "departments_department", chief.pk, convenor=group.pk)) == [told_off]
    assert errors(change(as_office, "departments_department", chief.pk, owes=None)) == [told_off]
    change(as_office, "departments_department", third.pk, convenor="")
    change(as_office, "departments_department", chief.pk, owes=None)
    chief.refresh_from_db()
    assert chief.owes is False

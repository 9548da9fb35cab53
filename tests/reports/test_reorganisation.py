"""Reorganisations: what moves and what stays, refusals in sentences, whole or nothing, the preview is what happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, User
from accounts.roles import Role
from actions.leads import leads_on
from assessment.facts import load_year
from audit.models import Event
from departments.lineage import formerly
from departments.models import Department, Handover, Kind, Lineage, Succession, SuccessionUnit
from filings.models import Entry, Filing
from filings.queries.known import filings_before
from filings.services.entries import save_entry
from filings.services.moves import submit
from filings.services.review import complete_review, decide_entry
from filings.services.windows import extend
from filings.terms import Decision, EntryKind, Status
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from reports.models import Subject
from reports.queries.responsibilities import Filter, table
from reports.reorganisation import Draft, NewUnit, apply, choose, prepare, preview, withdraw
from reports.services import publish, refresh_period
from targets.models import Plan
from tasks.models import Responsibility
from tests import factories
from tests.threads import at_once

pytestmark = pytest.mark.django_db

DAY = date(2019, 4, 1)
#: After the second quarter of 2019 was opened, before it is closed.
NOW = datetime(2019, 7, 3, 2, tzinfo=UTC)


class Two:
    """A small bureau (甲) and a large one (乙) that share a task, each with people; a reviewer of the office."""

    def __init__(self) -> None:
        self.plan = factories.make_plan()
        self.small = factories.make_department("甲分局", kind=Kind.BRANCH)
        self.large = factories.make_department("乙分局", kind=Kind.BRANCH)
        self.third = factories.make_department("丙局")
        self.action = factories.make_action(self.plan, leads=[self.third, self.small])
        self.shared = factories.make_task(self.action, lead=self.third, cooperating=[self.small, self.large])
        self.led = factories.make_task(self.action, lead=self.small, cooperating=[self.large])
        self.alone = factories.make_task(self.action, lead=self.third, cooperating=[self.small])
        self.indicator = factories.make_indicator(self.plan, data_department=self.small)
        self.filer = factories.make_filer(self.small)
        self.approver = factories.make_approver(self.small)
        self.other = factories.make_filer(self.large)
        self.other_approver = factories.make_approver(self.large)
        self.office = factories.make_reviewer()

    def quarter(self, year: int, quarter: int, at: datetime = NOW) -> Any:
        return factories.open_quarter(self.plan, year, quarter, at=at)

    def prepare(self, kind: str = "merge", **changed: Any) -> Succession:
        given: dict[str, Any] = {"before": (self.small,), "effective_on": DAY, "reason": "机构改革"} | changed
        if "known" not in given and "new" not in given:
            given["known"] = (self.large,)
        return prepare(draft=Draft(kind=kind, **given), by=self.office, at=NOW)

    def run(self, succession: Succession, at: datetime = NOW) -> list[Handover]:
        seen = preview(succession=succession, by=self.office, at=at).fingerprint
        return apply(succession=succession, seen=seen, by=self.office, at=at).handovers

    def rows(self) -> list[tuple[str, str, str, str, str]]:
        """The table as text: task, unit, role, from and to."""
        found = Responsibility.objects.filter(task__action=self.action).select_related(
            "department", "task__action"
        )
        return [
            (
                row.task.number,
                row.department.name,
                row.role,
                str(row.valid_from or ""),
                str(row.valid_to or ""),
            )
            for row in sorted(
                found, key=lambda row: (row.task.number, row.order, str(row.valid_from or ""), row.pk)
            )
        ]


@pytest.fixture
def two() -> Two:
    return Two()


def sentence(error: pytest.ExceptionInfo[Refused]) -> str:
    return error.value.sentence


def test_a_merger_leaves_one_row_in_a_task_and_keeps_the_lead(two: Two):
    two.run(two.prepare())
    assert two.rows() == [
        ("1.1", "丙局", "lead", "", ""),
        ("1.1", "甲分局", "cooperating", "", "2019-04-01"),
        ("1.1", "乙分局", "cooperating", "", ""),
        ("1.2", "甲分局", "lead", "", "2019-04-01"),
        ("1.2", "乙分局", "lead", "2019-04-01", ""),
        ("1.2", "乙分局", "cooperating", "", "2019-04-01"),
        ("1.3", "丙局", "lead", "", ""),
        ("1.3", "甲分局", "cooperating", "", "2019-04-01"),
        ("1.3", "乙分局", "cooperating", "2019-04-01", ""),
    ]


def test_everything_else_moves_and_is_listed(two: Two):
    both = factories.make_user(roles=[(Role.FILER, two.small), (Role.FILER, two.large)], name="双岗")
    group = factories.make_department("某组", kind=Kind.GROUP, convenor=two.small)
    moved = two.run(two.prepare())
    assert [(row.get_what_display(), row.label, row.had_already) for row in moved] == [
        ("责任分解", "任务 1.1 任务1.1（配合）", True),
        ("责任分解", "任务 1.2 任务1.2（牵头）", True),
        ("责任分解", "任务 1.3 任务1.3（配合）", False),
        ("行动牵头", "牵头行动1", False),
        ("指标数据", f"指标 {two.indicator.code} {two.indicator}", False),
        ("召集单位", "召集某组", False),
        ("人员任职", f"{two.approver}（{two.approver.username}）签发人", False),
        *sorted(
            [
                ("人员任职", f"{two.filer}（{two.filer.username}）填报人", False),
                ("人员任职", f"双岗（{both.username}）填报人", True),
            ],
            key=lambda row: row[1],
        ),
    ]
    assert list(Handover.objects.values_list("label", flat=True)) == [row.label for row in moved]
    two.indicator.refresh_from_db()
    group.refresh_from_db()
    assert (two.indicator.data_department, group.convenor) == (two.large, two.large)
    assert [d.name for d in leads_on(two.plan.pk, DAY)[two.action.pk]] == ["丙局", "乙分局"]
    assert [d.name for d in leads_on(two.plan.pk, DAY - timedelta(days=1))[two.action.pk]] == [
        "丙局",
        "甲分局",
    ]
    places = Membership.objects.filter(user__in=[two.filer, both]).values_list("user", "department__name")
    assert sorted(places) == sorted([(two.filer.pk, "乙分局"), (both.pk, "乙分局")])
    assert formerly([two.large.pk], DAY - timedelta(days=1)) == {}
    two.small.refresh_from_db()
    assert (two.small.valid_to, formerly([two.large.pk], NOW.date())) == (DAY, {two.large.pk: "含原甲分局"})
    event = Event.objects.filter(verb="succession.apply").get()
    assert event.subject_label == "甲分局并入乙分局"
    assert event.after["行动牵头"] == ["牵头行动1：甲分局→乙分局"]


def test_a_preview_keeps_nothing_and_says_what_happens(two: Two):
    succession = two.prepare("rename", known=(), new=(NewUnit("丁分局", "branch"),))
    before = two.rows(), Department.objects.count(), Event.objects.count()
    told = preview(succession=succession, by=two.office, at=NOW)
    assert (two.rows(), Department.objects.count(), Event.objects.count()) == before
    assert told.units == [
        "甲分局自 2019-04-01 起终止，以前的报送、数字和得分保留其名称",
        "丁分局自 2019-04-01 起设立（派驻分局）",
    ]
    done = apply(succession=succession, seen=told.fingerprint, by=two.office, at=NOW)
    assert [str(row) for row in done.handovers] == [str(row) for row in told.handovers]


def test_what_changed_after_the_preview_is_looked_at_first(two: Two):
    succession = two.prepare()
    seen = preview(succession=succession, by=two.office, at=NOW).fingerprint
    factories.make_filer(two.small)
    with pytest.raises(AlreadyMoved, match="预览之后"):
        apply(succession=succession, seen=seen, by=two.office, at=NOW)
    assert not Lineage.objects.exists()


def test_a_renamed_unit_stands_where_the_old_one_did(two: Two):
    two.run(two.prepare("rename", known=(), new=(NewUnit("丁分局", "branch"),)))
    new = Department.objects.get(name="丁分局")
    names = list(Department.objects.order_by("order").values_list("name", flat=True))
    assert names.index("丁分局") == names.index("甲分局") + 1
    assert (new.valid_from, new.kind, formerly([new.pk], DAY)) == (DAY, "branch", {new.pk: "原甲分局"})
    lines = table(two.plan, None, Filter(on=DAY)).blocks[0]
    assert lines.leads == ["丙局", "丁分局（原甲分局）"]
    assert [row.department.name for row in lines.lines[1].units] == ["丁分局", "乙分局"]
    before = table(two.plan, None, Filter(on=DAY - timedelta(days=1))).blocks[0]
    assert before.leads == ["丙局", "甲分局"]
    assert [row.department.name for row in before.lines[1].units] == ["甲分局", "乙分局"]


def test_an_open_filing_goes_over_whole_and_its_time_stays(two: Two):
    period = two.quarter(2019, 2)
    filing = factories.filing_of(period, two.small)
    extend(
        period=period, department=two.small, until=period.due_at + timedelta(days=3), reason="搬迁", approver="主任",
        by=two.office, at=NOW,
    )  # fmt: skip
    factories.file(filing, by=two.filer, signed_by=two.approver, at=NOW)
    two.run(two.prepare("rename", known=(), new=(NewUnit("丁分局", "branch"),)))
    moved = Filing.objects.get(pk=filing.pk)
    assert (moved.department.name, moved.status, moved.first_submitted_at) == (
        "丁分局",
        Status.SUBMITTED,
        NOW,
    )
    assert set(
        moved.entries.exclude(responsibility=None).values_list("responsibility__department__name", flat=True)
    ) == {"丁分局"}
    assert moved.department.extensions.get().until == period.due_at + timedelta(days=3)


def test_two_drafts_become_one_without_losing_words(two: Two):
    period = two.quarter(2019, 2)
    small, large = factories.filing_of(period, two.small), factories.filing_of(period, two.large)
    of_shared = Entry.objects.get(filing=small, responsibility__task=two.shared)
    factories.fill_entry(of_shared, by=two.filer, at=NOW, text="甲分局写的内容，已推进。")
    two.run(two.prepare())
    left = Filing.objects.get(pk=small.pk)
    assert (left.entries.count(), left.exemption is not None) == (0, True)
    kept = Entry.objects.filter(filing=large).order_by("position", "id")
    assert [(entry.kind, entry.number, entry.text) for entry in kept] == [
        (EntryKind.PROGRESS, "1.2", ""),
        (EntryKind.CONTRIBUTION, "1.1", "甲分局写的内容，已推进。"),
        (EntryKind.CONTRIBUTION, "1.3", ""),
        (EntryKind.SUMMARY, "1", ""),
        (EntryKind.READING, "", ""),
    ]
    assert {entry.responsibility.department.name for entry in kept if entry.responsibility} == {"乙分局"}


def test_a_filing_that_waited_for_a_signature_is_a_draft_again_also_in_its_history(two: Two):
    period = two.quarter(2019, 2)
    small, large = factories.filing_of(period, two.small), factories.filing_of(period, two.large)
    factories.fill(large, by=two.other, at=NOW)
    submit(filing=large, checked_by="", by=two.other, at=NOW)
    extra = Entry.objects.get(filing=small, responsibility__task=two.alone)
    factories.fill_entry(extra, by=two.filer, at=NOW, text="已推进。")
    two.run(two.prepare(), NOW + timedelta(hours=1))
    large.refresh_from_db()
    known = [
        filings_before([Filing.objects.get(pk=large.pk)], NOW + timedelta(minutes=minutes))[0].status
        for minutes in (30, 90)
    ]
    assert (large.status, known) == (Status.DRAFT, [Status.AWAITING_SIGNOFF, Status.DRAFT])
    (exempt,) = filings_before([Filing.objects.get(pk=small.pk)], NOW + timedelta(minutes=90))
    assert (exempt.status, exempt.exemption_id is None) == (Status.DRAFT, False)


def test_what_stays_accepted_makes_a_returned_filing_accepted_also_in_its_history(two: Two):
    period = two.quarter(2019, 2)
    filing = factories.filing_of(period, two.small)
    factories.file(filing, by=two.filer, signed_by=two.approver, at=NOW)
    kept, *others = filing.entries.order_by("position", "id")
    decide_entry(entry=kept, decision=Decision.ACCEPTED, seen=Decision.OPEN, by=two.office, at=NOW)
    for entry in others:
        decide_entry(
            entry=entry, decision=Decision.RETURNED, seen=Decision.OPEN, code="R01", note="请写具体",
            by=two.office, at=NOW,
        )  # fmt: skip
    complete_review(filing=Filing.objects.get(pk=filing.pk), by=two.office, at=NOW)
    two.run(two.prepare(), NOW + timedelta(hours=1))
    known = [
        filings_before([Filing.objects.get(pk=filing.pk)], NOW + timedelta(minutes=minutes))[0].status
        for minutes in (30, 90)
    ]
    assert known == [Status.RETURNED, Status.ACCEPTED]
    assert Filing.objects.get(pk=filing.pk).status == Status.ACCEPTED


def test_what_both_wrote_stands_side_by_side(two: Two):
    period = two.quarter(2019, 2)
    for department, by in ((two.small, two.filer), (two.large, two.other)):
        entry = Entry.objects.get(
            filing__period=period, filing__department=department, responsibility__task=two.shared
        )
        factories.fill_entry(entry, by=by, at=NOW, text=f"{department}写的内容，已推进。")
    moved = two.run(two.prepare())
    texts = Entry.objects.filter(filing__department=two.large, responsibility__task=two.shared).order_by("id")
    assert {entry.text for entry in texts} == {"乙分局写的内容，已推进。", "甲分局写的内容，已推进。"}
    assert next(row for row in moved if row.what == "filing").detail == (
        "5 项转由乙分局报送；1 项双方都有，合为一项；“任务1.1”双方都已填写，两项并列，保留原文"
    )


def test_what_is_accepted_stays_and_its_successors_read_it(two: Two):
    period = two.quarter(2019, 2)
    filing = factories.filing_of(period, two.small)
    factories.accept(
        factories.file(filing, by=two.filer, signed_by=two.approver, at=NOW), by=two.office, at=NOW
    )
    moved = two.run(two.prepare())
    assert not [row for row in moved if row.what == "filing"]
    filing.refresh_from_db()
    assert (filing.department, filing.status) == (two.small, Status.ACCEPTED)
    other = User.objects.get(pk=two.other.pk)
    assert filing in Filing.objects.visible_to(other)
    entry = filing.entries.order_by("position")[0]
    with pytest.raises(Refused, match="已采纳"):
        save_entry(
            entry=entry, values=factories.complete_values(entry) | {"text": "改写"}, unparsed={},
            version=entry.version, by=other, at=NOW,
        )  # fmt: skip
    stranger = factories.make_filer(two.third)
    assert filing not in Filing.objects.visible_to(stranger)


def test_closed_quarters_stay_and_the_table_moves_after_them(two: Two):
    period = two.quarter(2019, 2)
    factories.close_quarter(period, at=NOW)
    told = preview(succession=two.prepare(), by=two.office, at=NOW)
    assert told.notes == [
        f"{two.plan.short_name}到 2019-06-30 的季度已经关账，责任、报送和数字保持当时的名称；"
        "责任分解自 2019-07-01 起变动"
    ]
    two.run(Succession.objects.get())
    assert ("1.3", "乙分局", "cooperating", "2019-07-01", "") in two.rows()
    assert factories.filing_of(period, two.small).entries.count() == 5


def test_a_quarter_entered_late_is_owed_by_the_units_of_its_time(two: Two):
    two.run(two.prepare())
    late = factories.open_quarter(two.plan, 2019, 1, at=NOW, is_late_entry=True)
    kinds = Entry.objects.filter(filing__period=late, filing__department=two.small).values_list(
        "kind", flat=True
    )
    assert sorted(kinds) == ["contribution", "contribution", "progress", "reading", "summary"]
    fresh = two.quarter(2019, 3)
    assert not Filing.objects.filter(period=fresh, department=two.small).exists()
    kinds = Entry.objects.filter(filing__period=fresh, filing__department=two.large).values_list(
        "kind", flat=True
    )
    assert sorted(kinds) == ["contribution", "contribution", "progress", "reading", "summary"]


def test_their_people_answer_for_what_the_old_unit_owes_late(two: Two):
    two.run(two.prepare())
    late = factories.open_quarter(two.plan, 2019, 1, at=NOW, is_late_entry=True)
    filer, approver = User.objects.get(pk=two.filer.pk), User.objects.get(pk=two.other_approver.pk)
    filing = factories.file(factories.filing_of(late, two.small), by=filer, signed_by=approver, at=NOW)
    assert (filing.department.name, filing.status) == ("甲分局", Status.SUBMITTED)


def test_a_split_asks_who_takes_each_thing(two: Two):
    succession = two.prepare("split", known=(two.third,), new=(NewUnit("税务分局", "branch"),))
    with pytest.raises(Refused) as refused:
        preview(succession=succession, by=two.office, at=NOW)
    assert (
        sentence(refused) == "任务 1.1 任务1.1（配合）还没有安排承接单位，请在“承接安排”中逐项选择后再办理。"
    )
    rows = {row.task: row.pk for row in Responsibility.objects.filter(department=two.small)}
    lead = two.small.action_lead_rows.get()
    choices = {
        f"responsibility:{rows[two.shared]}": "税务分局",
        f"responsibility:{rows[two.led]}": "丙局",
        f"responsibility:{rows[two.alone]}": "税务分局",
        f"action_lead:{lead.pk}": "丙局",
        f"reading:{two.indicator.pk}": "税务分局",
    } | {f"membership:{m.pk}": "税务分局" for m in two.small.memberships.all()}
    period = two.quarter(2019, 2)
    choose(succession=succession, choices=choices, by=two.office, at=NOW)
    two.run(succession)
    open_entries = Entry.objects.filter(filing__period=period).order_by(
        "filing__department__name", "position", "id"
    )
    held = [
        (e.filing.department.name, e.kind, e.number)
        for e in open_entries.select_related("filing__department")
    ]
    assert [row for row in held if row[0] == "税务分局"] == [
        ("税务分局", "contribution", "1.1"),
        ("税务分局", "contribution", "1.3"),
        ("税务分局", "reading", ""),
    ]
    assert ("丙局", "progress", "1.2") in held
    assert [row for row in held if row[0] == "甲分局"] == []
    assert ("1.2", "丙局", "lead", "2019-04-01", "") in two.rows()
    assert [d.name for d in leads_on(two.plan.pk, DAY)[two.action.pk]] == ["丙局"]


def test_an_abolished_unit_may_only_drop_what_others_can_do_without(two: Two):
    succession = two.prepare("abolition", known=(two.large,))
    with pytest.raises(Refused, match=r"任务 1\.2 任务1\.2（牵头）还没有安排承接单位"):
        preview(succession=succession, by=two.office, at=NOW)
    row = Responsibility.objects.get(task=two.led, department=two.small)
    lead = two.small.action_lead_rows.get()
    keys = [f"responsibility:{row.pk}", f"action_lead:{lead.pk}", f"reading:{two.indicator.pk}"]
    choose(succession=succession, choices=dict.fromkeys(keys, "乙分局"), by=two.office, at=NOW)
    two.run(succession)
    assert [row for row in two.rows() if row[0] == "1.3"] == [
        ("1.3", "丙局", "lead", "", ""),
        ("1.3", "甲分局", "cooperating", "", "2019-04-01"),
    ]


REFUSALS: dict[str, tuple[Any, str]] = {
    "itself": (lambda two: {"known": (two.small,)}, "甲分局既是原单位又是承接单位；单位不能并入、更名为或划转到自己，请改正其中一处。"),
    "nobody": (lambda two: {"known": ()}, "合并须有一个承接单位：选择已有单位，或填写新设单位的名称。"),
    "a new unit of one": (lambda two: {"known": (), "new": (NewUnit("丁", "bureau"),)}, "合并成新单位的，至少选择两个原单位；只有一个的请选“更名”。"),
    "rename to a known one": (lambda two: {"kind": "rename"}, "更名须填写一个新名称；并入已有单位请选“合并”。"),
    "split into one": (lambda two: {"kind": "split"}, "分设须有两个以上承接单位。"),
    "a name that is taken": (lambda two: {"kind": "rename", "known": (), "new": (NewUnit("丙局", "bureau"),)}, "“丙局”已经是登记的单位；请在已有单位中选择，不要再新设。"),
    "no reason": (lambda two: {"reason": " "}, "请写明说明：这次变动依据什么、为什么。"),
}  # fmt: skip


def test_what_cannot_be_is_refused_when_it_is_prepared(two: Two):
    for change, expected in REFUSALS.values():
        with pytest.raises(Refused) as refused:
            two.prepare(**change(two))
        assert sentence(refused) == expected
    assert not Succession.objects.exists()


def test_days_are_refused_with_the_operation_they_collide_with(two: Two):
    with pytest.raises(Refused, match="自 2019-08-01 起生效，请到当日或之后办理"):
        two.run(two.prepare(effective_on=date(2019, 8, 1)))
    early = two.prepare(before=(two.third,), effective_on=date(2018, 1, 1))
    two.run(two.prepare())
    with pytest.raises(Refused) as refused:
        two.run(early)
    assert (
        sentence(refused) == "“甲分局并入乙分局”已自 2019-04-01 起生效，涉及同一单位；生效日期不能早于该日。"
    )
    again = two.prepare(effective_on=date(2019, 5, 1), known=(two.third,))
    with pytest.raises(Refused, match="甲分局已于 2019-04-01 撤销，不能再次变动"):
        two.run(again)
    into = two.prepare(before=(two.third,), known=(two.small,), effective_on=date(2019, 5, 1))
    with pytest.raises(Refused, match="甲分局已于 2019-04-01 撤销，不能承接"):
        two.run(into)


def test_a_successor_must_exist_on_the_day(two: Two):
    Department.objects.filter(pk=two.large.pk).update(valid_from=date(2019, 5, 1))
    with pytest.raises(Refused) as refused:
        two.run(two.prepare())
    assert sentence(refused) == "乙分局到 2019-05-01 才设立，2019-04-01 还不能承接；请改生效日期。"


def test_a_filing_with_the_office_is_decided_first(two: Two):
    period = two.quarter(2019, 2)
    factories.file(factories.filing_of(period, two.large), by=two.other, signed_by=two.other_approver, at=NOW)
    before = two.rows()
    with pytest.raises(Refused) as refused:
        two.run(two.prepare())
    assert sentence(refused) == (
        f"乙分局2019年第2季度的报送目前为“已报待审”，应报事项现在不能转入；请{two.plan.office}先审结或退回，或在该季关账后办理。"
    )
    assert two.rows() == before


def test_it_is_applied_once_and_by_the_office(two: Two):
    succession = two.prepare()
    with pytest.raises(Refused, match="机构变动由方案牵头办公室办理"):
        preview(succession=succession, by=two.filer, at=NOW)
    two.run(succession)
    with pytest.raises(AlreadyMoved) as moved:
        apply(succession=succession, seen="", by=two.office, at=NOW)
    assert sentence(moved) == f"{two.office}已于 2019-07-03 10:00 办理“甲分局并入乙分局”，不能重复办理。"
    with pytest.raises(AlreadyMoved):
        withdraw(succession=succession, by=two.office, at=NOW)


def test_an_unused_operation_can_be_deleted(two: Two):
    withdraw(succession=two.prepare(), by=two.office, at=NOW)
    assert not Succession.objects.exists()
    assert Event.objects.filter(verb="succession.withdraw").get().before["承接单位"] == ["乙分局"]


def test_a_second_reorganisation_follows_the_first(two: Two):
    two.run(two.prepare("rename", known=(), new=(NewUnit("丁分局", "branch"),)))
    middle = Department.objects.get(name="丁分局")
    two.run(two.prepare(before=(middle,), effective_on=date(2019, 6, 1)))
    assert set(Lineage.objects.filter(later=two.large).values_list("earlier__name", flat=True)) == {
        "甲分局",
        "丁分局",
    }
    assert formerly([two.large.pk], NOW.date()) == {two.large.pk: "含原丁分局、甲分局"}
    for day, name in ((date(2019, 3, 31), "甲分局"), (DAY, "丁分局"), (date(2019, 6, 1), "乙分局")):
        assert leads_on(two.plan.pk, day)[two.action.pk][1].name == name


def test_the_office_itself_can_be_renamed(two: Two):
    office = two.plan.office
    two.run(two.prepare("rename", before=(office,), known=(), new=(NewUnit("新办公室", "coordinating"),)))
    assert Plan.objects.get(pk=two.plan.pk).office.name == "新办公室"


def test_the_database_holds_what_must_always_be_true(two: Two):
    succession = two.prepare()
    broken: list[Any] = [
        lambda: Department.objects.filter(pk=two.small.pk).update(valid_from=DAY, valid_to=DAY),
        lambda: Succession.objects.filter(pk=succession.pk).update(applied_at=NOW),
        lambda: SuccessionUnit.objects.create(
            succession=succession, side="after", name="没有性质", is_new=True
        ),
        lambda: SuccessionUnit.objects.create(
            succession=succession, side="after", name="甲分局", department=two.small
        ),
        lambda: Lineage.objects.create(earlier=two.small, later=two.small, since=DAY),
    ]
    for act in broken:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_the_second_is_told():
    two = Two()
    succession, rival = two.prepare(), two.prepare("rename", known=(), new=(NewUnit("丁分局", "branch"),))
    seen = preview(succession=succession, by=two.office, at=NOW).fingerprint
    act = partial(apply, succession=succession, seen=seen, by=two.office, at=NOW)
    assert at_once(act, act) == ["done", "race"]
    assert Lineage.objects.get().later == two.large
    with pytest.raises(Refused, match="甲分局已于 2019-04-01 撤销"):
        preview(succession=rival, by=two.office, at=NOW)


def test_a_year_scores_each_unit_for_its_own_quarters(two: Two):
    first = two.quarter(2019, 1, datetime(2019, 4, 3, 2, tzinfo=UTC))
    for department, by, signed_by in (
        (two.small, two.filer, two.approver), (two.large, two.other, two.other_approver),
    ):  # fmt: skip
        filing = factories.filing_of(first, department)
        at = first.due_at - timedelta(days=1)
        factories.accept(factories.file(filing, by=by, signed_by=signed_by, at=at), by=two.office, at=at)
    publish(period=first, by=two.office, at=first.due_at + timedelta(days=1))
    two.run(two.prepare())
    second = two.quarter(2019, 2)
    later = second.due_at + timedelta(days=1)
    refresh_period(period=second, at=later)
    facts = load_year(plan=two.plan, year=2019, at=later)
    quarters = {
        department.name: [
            quarter.period.quarter
            for quarter in facts.quarters
            if quarter.of(Subject.DEPARTMENT, department.pk)
        ]
        for department in (two.small, two.large)
    }
    assert quarters == {"甲分局": [1], "乙分局": [1, 2]}
    assert {pk: [str(i) for i in found] for pk, found in facts.indicators.items()} == {
        two.large.pk: [str(two.indicator)]
    }
    assert {task.number for task in facts.tasks[two.large.pk]} == {"1.2"}
    assert two.small.pk not in facts.tasks
    earlier = load_year(plan=two.plan, year=2019, at=first.due_at + timedelta(days=2))
    assert list(earlier.indicators) == [two.small.pk]
    assert {task.number for task in earlier.tasks[two.small.pk]} == {"1.2"}


PREPARE = {
    "kind": "rename",
    "effective_on": "2019-04-01",
    "new": "丁分局",
    "new_kind": "branch",
    "reason": "机构改革",
}


def test_the_page_prepares_previews_divides_and_applies(two: Two, client: Client):
    client.force_login(two.office)
    url = reverse("reports:prepare_reorganisation")
    refused = client.post(url, PREPARE | {"before": [two.small.pk], "known": [two.large.pk]})
    assert refused.status_code == 422
    assert "更名须填写一个新名称；并入已有单位请选“合并”。" in refused.content.decode()
    assert "丁分局</textarea>" in refused.content.decode()
    client.post(url, PREPARE | {"before": [two.small.pk], "kind": "split", "new": "丁分局\n戊分局"})
    made = Succession.objects.get()
    page = client.get(reverse("reports:reorganisation", args=[made.pk]))
    assert "还没有安排承接单位" in page.content.decode()
    keys = list(page.context["form"].fields)
    bad = client.post(
        reverse("reports:choose_reorganisation", args=[made.pk]), dict.fromkeys(keys, "没有的局")
    )
    assert (bad.status_code, "所选单位不是承接单位" in bad.content.decode()) == (422, True)
    client.post(reverse("reports:choose_reorganisation", args=[made.pk]), dict.fromkeys(keys, "戊分局"))
    page = client.get(reverse("reports:reorganisation", args=[made.pk]))
    assert len(page.context["outcome"].handovers) == len(keys) == 7
    seen = page.context["outcome"].fingerprint
    stale = client.post(reverse("reports:apply_reorganisation", args=[made.pk]), {"seen": "x"}, follow=True)
    assert "预览之后相关的责任、任职或报送已有变化" in stale.content.decode()
    done = client.post(reverse("reports:apply_reorganisation", args=[made.pk]), {"seen": seen}, follow=True)
    assert "已办理“甲分局分设为丁分局、戊分局”，变动 7 项。" in done.content.decode()
    again = client.post(reverse("reports:apply_reorganisation", args=[made.pk]), {"seen": seen}, follow=True)
    assert "不能重复办理" in again.content.decode()
    unit = client.get(reverse("reports:department", args=[two.small.pk])).content.decode()
    assert "2019-04-01 甲分局分设为丁分局、戊分局" in unit
    listed = client.get(reverse("reports:departments")).content.decode()
    assert "戊分局（原甲分局）" in listed
    assert ">甲分局<" not in listed

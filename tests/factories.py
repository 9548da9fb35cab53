"""Small real rows for tests: plan data created directly, filings and everything after through the services.

plan = make_plan()
lead, helper = make_department(), make_department()
task = make_task(make_action(plan, leads=[lead]), lead=lead, cooperating=[helper])
filer = make_filer(lead)                      # or make_user(roles=[(Role.FILER, lead), (Role.LEADER, None)])
period = open_quarter(plan, 2020, 4)          # its window lies around now; `at=` moves it
filing = filing_of(period, lead)
fill(filing, by=filer)                        # every open entry, complete and without warnings
file(filing, by=filer, signed_by=make_approver(lead))
accept(filing, by=make_reviewer())
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import Membership, User
from accounts.roles import Role
from actions.models import ActionLead, SpecialAction
from departments.models import Department
from departments.models import Kind as DepartmentKind
from filings.calendar import quarter_last_day
from filings.models import Entry, Filing, Period
from filings.services import items
from filings.services.entries import (
    copied,
    note_filler,
    previous_entries,
    problems_of,
    save_entry,
    write,
)
from filings.services.moves import sign, submit
from filings.services.review import accept_rest, complete_review
from filings.services.windows import create_period, mark_closed, open_period
from filings.terms import Decision, EntryKind, MilestoneState, Pace, Status, ValueState
from targets.models import GoalCategory, Indicator, Plan, Target
from targets.terms import Accumulation, Combine, Comparator, Kind, Standing, Strength, TargetState
from tasks.models import Milestone, Responsibility, Task
from tasks.models import Role as TaskRole

PASSWORD = "Harbor-2020-test"

_numbers = count(1)


# Plan data


def make_department(name: str = "", *, kind: str = DepartmentKind.BUREAU, **fields: Any) -> Department:
    """A unit that files for itself, unless `owes` or `convenor` say otherwise."""
    no = next(_numbers)
    return Department.objects.create(
        name=name or f"单位{no}", kind=kind, order=fields.pop("order", no), **fields
    )


def make_plan(code: str = "", *, office: Department | None = None, **fields: Any) -> Plan:
    """A plan 2016–2020, run by an office of its own unless one is given."""
    code = code or f"plan-{next(_numbers)}"
    values: dict[str, Any] = {
        "name": f"方案 {code}",
        "short_name": code,
        "issued_on": date(2017, 5, 19),
        "starts_on": date(2016, 1, 1),
        "ends_on": date(2020, 12, 31),
    } | fields
    office = office or make_department(f"{code} 办公室", kind=DepartmentKind.COORDINATING)
    return Plan.objects.create(code=code, office=office, **values)


def make_goal(plan: Plan, no: int | None = None, **fields: Any) -> GoalCategory:
    """A goal category, numbered after the plan's last one."""
    no = no or plan.goals.count() + 1
    return GoalCategory.objects.create(
        plan=plan, no=no, **({"name": f"目标{no}", "clause": f"二（{no}）"} | fields)
    )


def make_action(
    plan: Plan | None = None, no: int | None = None, *, leads: Iterable[Department] = (), **fields: Any
) -> SpecialAction:
    """A special action with its lead departments in order."""
    plan = plan or make_plan()
    no = no or plan.actions.count() + 1
    action = SpecialAction.objects.create(
        plan=plan, no=no, **({"name": f"行动{no}", "clause": f"三（{no}）"} | fields)
    )
    for order, department in enumerate(leads, 1):
        ActionLead.objects.create(action=action, department=department, order=order)
    return action


def make_task(
    action: SpecialAction | None = None,
    no: int | None = None,
    *,
    lead: Department | None = None,
    cooperating: Iterable[Department] = (),
    **fields: Any,
) -> Task:
    """A task with its responsibility rows: the lead first, then the cooperating departments."""
    action = action or make_action()
    no = no or action.tasks.count() + 1
    title = fields.pop("title", f"任务{action.no}.{no}")
    values = {"annex_title": title, "clause": f"{action.clause}{no}"} | fields
    task = Task.objects.create(action=action, no=no, title=title, **values)
    if lead:
        make_responsibility(task, lead, TaskRole.LEAD)
    for department in cooperating:
        make_responsibility(task, department, TaskRole.COOPERATING)
    return task


def make_responsibility(
    task: Task, department: Department, role: str = TaskRole.COOPERATING, **fields: Any
) -> Responsibility:
    """One row of the responsibility table, after the task's last one."""
    order = fields.pop("order", task.responsibilities.count() + 1)
    return Responsibility.objects.create(task=task, department=department, role=role, order=order, **fields)


def make_milestone(task: Task, *, due_on: date = date(2020, 12, 31), **fields: Any) -> Milestone:
    """A binding milestone of a task, filed by the task's lead."""
    no = fields.pop("no", task.milestones.count() + 1)
    values = {"name": f"节点{task.number}-{no}", "strength": Strength.BINDING, "clause": task.clause} | fields
    return Milestone.objects.create(task=task, no=no, due_on=due_on, **values)


def make_indicator(
    plan: Plan | None = None,
    *,
    data_department: Department | None = None,
    in_parts: bool = False,
    **fields: Any,
) -> Indicator:
    """A quantitative quarterly point-in-time indicator; `in_parts` makes it a rate in % with numerator and denominator."""
    plan = plan or make_plan()
    no = next(_numbers)
    values: dict[str, Any] = {
        "code": f"I{no}",
        "name": f"指标{no}",
        "order": no,
        "unit": "千米",
        "kind": Kind.QUANTITATIVE,
        "accumulation": Accumulation.POINT_IN_TIME,
        "clauses": ["二（一）1"],
    }
    if in_parts:
        values |= {
            "unit": "%",
            "combine": Combine.PARTS,
            "numerator_name": "达标数",
            "denominator_name": "总数",
        }
    return Indicator.objects.create(plan=plan, data_department=data_department, **(values | fields))


def make_target(
    indicator: Indicator, value: str | Decimal = "100", *, due_on: date = date(2020, 12, 31), **fields: Any
) -> Target:
    """A binding assigned requirement "at least `value`" due by a day."""
    values: dict[str, Any] = {
        "comparator": Comparator.AT_LEAST,
        "strength": Strength.BINDING,
        "state": TargetState.ASSIGNED,
        "clause": "二（一）1",
    } | fields
    return Target.objects.create(indicator=indicator, due_on=due_on, value=Decimal(value), **values)


# People


def make_user(
    username: str = "", *, roles: Iterable[tuple[Role, Department | None]] = (), name: str = "", **fields: Any
) -> User:
    """A person with any roles, each for a department or, for leader and sysadmin, for none. Password: PASSWORD."""
    username = username or f"user{next(_numbers)}"
    user = User.objects.create_user(username, password=PASSWORD, name=name or f"{username}先生", **fields)
    for role, department in roles:
        Membership.objects.create(user=user, department=department, role=role)
    return user


def make_filer(department: Department, **fields: Any) -> User:
    """A filer (填报人) of one department."""
    return make_user(roles=[(Role.FILER, department)], **fields)


def make_approver(department: Department, **fields: Any) -> User:
    """An approver (签发人) of one department."""
    return make_user(roles=[(Role.APPROVER, department)], **fields)


def make_reviewer(department: Department | None = None, **fields: Any) -> User:
    """An office reviewer (美丽办审核), of a department of its own unless one is given."""
    return make_user(roles=[(Role.OFFICE, department or make_department())], **fields)


def make_leader(**fields: Any) -> User:
    """A leader (领导)."""
    return make_user(roles=[(Role.LEADER, None)], **fields)


def make_sysadmin(**fields: Any) -> User:
    """A system administrator: accounts and operation only."""
    return make_user(roles=[(Role.SYSADMIN, None)], is_staff=True, **fields)


# Periods


def open_quarter(
    plan: Plan,
    year: int = 2020,
    quarter: int = 4,
    *,
    at: datetime | None = None,
    opens_at: datetime | None = None,
    due_at: datetime | None = None,
    closes_at: datetime | None = None,
    is_late_entry: bool = False,
) -> Period:
    """A quarter whose obligations are written. Its window lies around `at` (now): −10 days, due +10, closes +20.

    A quarter that ended before the plan was issued is late entry, as the service asks.
    """
    at = at or timezone.now()
    is_late_entry = is_late_entry or quarter_last_day(year, quarter) < plan.issued_on
    period = create_period(
        plan=plan,
        year=year,
        quarter=quarter,
        opens_at=opens_at or at - timedelta(days=10),
        due_at=due_at or at + timedelta(days=10),
        closes_at=closes_at or at + timedelta(days=20),
        is_late_entry=is_late_entry,
        by=None,
        at=at,
    )
    open_period(period=period, by=None, at=at)
    period.refresh_from_db()
    return period


def close_quarter(period: Period, *, at: datetime | None = None) -> Period:
    """Mark a quarter closed, without publishing it."""
    return mark_closed(period=period, by=None, at=at or timezone.now())


def filing_of(period: Period, department: Department) -> Filing:
    """What a department owes for a quarter."""
    return Filing.objects.select_related("period", "department").get(period=period, department=department)


def entry_of(filing: Filing, **subject: Any) -> Entry:
    """One entry by its subject: `entry_of(filing, kind="progress")`, `entry_of(filing, indicator=indicator)`."""
    return Entry.objects.for_page().get(filing=filing, **subject)


# Filing


def complete_values(entry: Entry) -> dict[str, Any]:
    """Values that make an entry complete and draw no warning; texts name the entry, so that each differs."""
    quarter = entry.filing.period.quarter
    text = f"{entry.filing.period} {entry.title} 已按计划推进。"
    by_kind: dict[str, dict[str, Any]] = {
        EntryKind.PROGRESS: {
            "percent": Decimal(25 * quarter),
            "self_light": Standing.ON_TRACK,
            "pace": Pace.AS_PLANNED,
            "text": text,
        },
        EntryKind.CONTRIBUTION: {"text": text},
        EntryKind.SUMMARY: {"text": text},
        EntryKind.MILESTONE: {"milestone_state": MilestoneState.UNDER_WAY, "text": text},
        EntryKind.READING: {"value_state": ValueState.VALUE, "value": Decimal(80)},
    }
    values = by_kind[entry.kind]
    if work := items.asked(entry):
        on_schedule = {
            items.field_of(item.id): max(item.share(quarter), Decimal(25 * quarter)) for item in work
        }
        values |= {"percent": None} | on_schedule
    if entry.indicator and entry.indicator.in_parts:
        values = {"value_state": ValueState.VALUE, "numerator": Decimal(8), "denominator": Decimal(10)}
    return values


def next_values(entry: Entry) -> dict[str, Any]:
    """`complete_values`; the text of an entry that was saved before says so."""
    complete = complete_values(entry)
    if entry.version:
        complete["text"] = f"{complete.get('text', '')}第{entry.version + 1}稿。"
    return complete


def fill_entry(entry: Entry, *, by: User, at: datetime | None = None, **values: Any) -> Entry:
    """Save one entry with complete values, changed by `values`; saved again, its text says so."""
    entry = Entry.objects.for_page().get(pk=entry.pk)
    return save_entry(
        entry=entry,
        values=next_values(entry) | values,
        unparsed={},
        version=entry.version,
        by=by,
        at=at or timezone.now(),
    )


def fill(filing: Filing, *, by: User, at: datetime | None = None) -> None:
    """Complete every entry that can still be written."""
    entries = Entry.objects.for_page().filter(filing=filing).exclude(decision=Decision.ACCEPTED)
    fill_together(list(entries), by=by, at=at or timezone.now())


def fill_together(entries: list[Entry], *, by: User, at: datetime) -> None:
    """What `fill_entry` leaves of each entry of one filing, in queries that do not grow with them."""
    if not entries:
        return
    filing = entries[0].filing
    previous = previous_entries(entries, filing.period)
    for entry in entries:
        own, values = items.is_own_percent(entry), next_values(entry)
        write(entry, values, {})
        items.put(entry, values, was_own=own)
        entry.copied = copied(entry, previous.get(entry.pk))
        entry.version, entry.edited_by, entry.edited_at = entry.version + 1, by, at
    problems = problems_of(entries, previous)
    for entry in entries:
        entry.is_complete = not problems[entry.pk]
        if items.asked(entry):
            items.save_rows(entry)
    names = {name for entry in entries for name in entry.fields}
    kept = ("copied", "unparsed", "is_complete", "version", "edited_by", "edited_at")
    Entry.objects.bulk_update(entries, [*sorted(names), *kept])
    note_filler(filing, by)


def file(filing: Filing, *, by: User, signed_by: User, at: datetime | None = None) -> Filing:
    """Fill what is not complete yet, save returned entries again, submit and sign."""
    at = at or timezone.now()
    returned = Q(decision__in=[Decision.RETURNED, Decision.SENT_BACK])
    lacking = Entry.objects.for_page().filter(Q(is_complete=False) | returned, filing=filing)
    fill_together(list(lacking), by=by, at=at)
    filing = filing_of(filing.period, filing.department)
    submit(filing=filing, checked_by="", by=by, at=at)
    sign(filing=filing, by=signed_by, at=at)
    filing.refresh_from_db()
    return filing


def accept(filing: Filing, *, by: User, at: datetime | None = None) -> Filing:
    """Accept every undecided entry of a sent filing and complete its review."""
    at = at or timezone.now()
    accept_rest(filing=filing, by=by, at=at)
    filing.refresh_from_db()
    complete_review(filing=filing, by=by, at=at)
    filing.refresh_from_db()
    assert filing.status == Status.ACCEPTED
    return filing

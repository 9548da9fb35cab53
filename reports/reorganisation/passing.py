"""What passes from the units that end to those that follow, thing by thing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import Membership, User
from actions.models import ActionLead
from departments.models import Department, Duty, Handover, Succession, SuccessionKind
from filings.models import Entry, Filing, Period
from filings.services.handover import open_filings, pass_filing
from harbor_plan.lib.refusals import Refused
from targets.models import Indicator, Plan
from tasks.models import Responsibility, Role
from tasks.services.handover import Passed, items_from, pass_item, pass_on, rows_from


@dataclass(frozen=True)
class Thing:
    """One duty of a unit that somebody must take, or may take. The key is what a choice is kept by."""

    what: Duty
    pk: int
    label: str
    must: bool

    @property
    def key(self) -> str:
        return f"{self.what}:{self.pk}"


def moving_from(plan: Plan, effective_on: date) -> date:
    """The day from which a plan's duties pass: what is closed stays, so it is after the last closed quarter."""
    closed = Period.objects.filter(plan=plan).exclude(closed_at=None).order_by("year", "quarter").last()
    return max(effective_on, closed.last_day + timedelta(days=1)) if closed else effective_on


def things(department: Department, effective_on: date) -> Iterator[Thing]:
    """Everything a choice can be made for, in the order of the plans."""
    for plan in Plan.objects.order_by("starts_on", "code"):
        on = moving_from(plan, effective_on)
        for row in rows_from(department, plan.pk, on):
            yield _of_row(row)
        for lead in _leads(department, plan):
            yield Thing(Duty.ACTION_LEAD, lead.pk, f"牵头{lead.action}", must=True)
        for indicator in _indicators(department, plan):
            yield Thing(Duty.READING, indicator.pk, f"指标 {indicator.code} {indicator}", must=True)
        if plan.office_id == department.pk:
            yield Thing(Duty.OFFICE, plan.pk, f"{plan.short_name}牵头办公室", must=True)
    for convened in department.convenes.all():
        yield Thing(Duty.CONVENOR, convened.pk, f"召集{convened}", must=True)
    for membership in _members(department):
        yield _of_member(membership)


def _of_row(row: Responsibility) -> Thing:
    label = f"任务 {row.task}（{row.get_role_display()}）"
    return Thing(Duty.RESPONSIBILITY, row.pk, label, must=row.role == Role.LEAD)


def _of_member(membership: Membership) -> Thing:
    label = f"{membership.user}（{membership.user.username}）{membership.get_role_display()}"
    return Thing(Duty.MEMBERSHIP, membership.pk, label, must=False)


def _leads(department: Department, plan: Plan) -> list[ActionLead]:
    return list(
        department.action_lead_rows.filter(action__plan=plan).select_related("action").order_by("action__no")
    )


def _indicators(department: Department, plan: Plan) -> list[Indicator]:
    return list(Indicator.objects.filter(plan=plan, data_department=department).order_by("order", "code"))


def _members(department: Department) -> list[Membership]:
    return list(department.memberships.select_related("user").order_by("role", "user__name", "pk"))


class Passing:
    """One run over the units that end. Everything is done as it is found, and kept in `done`."""

    def __init__(
        self,
        succession: Succession,
        before: list[Department],
        after: list[Department],
        *,
        by: User,
        at: datetime,
    ) -> None:
        self.succession, self.before, self.after, self.by, self.at = succession, before, after, by, at
        self.by_name = {department.name: department for department in after}
        self.done: list[Handover] = []
        self.notes: list[str] = []

    def run(self) -> tuple[list[Handover], list[str]]:
        """Pass everything on; gives what was moved (unsaved) and what a reader should know. Raises Refused."""
        for department in self.before:
            self._unit(department)
        return self.done, list(dict.fromkeys(self.notes))

    def _taker(self, thing: Thing) -> Department | None:
        """Who takes a thing. Nobody only where an abolished unit's duty may end; a split must say."""
        if not self.succession.is_divided:
            return self.after[0]
        chosen = self.by_name.get(self.succession.choices.get(thing.key, ""))
        if chosen is None and (self.succession.kind != SuccessionKind.ABOLITION or thing.must):
            raise Refused("content", f"{thing.label}还没有安排承接单位，请在“承接安排”中逐项选择后再办理。")
        return chosen

    def _note(
        self,
        thing: Thing,
        before: Department,
        after: Department | None,
        since: date,
        *,
        subject: int = 0,
        had_already: bool = False,
        place: int = 0,
        detail: str = "",
    ) -> None:
        self.done.append(
            Handover(
                succession=self.succession,
                what=thing.what,
                subject_pk=subject or thing.pk,
                label=thing.label[:300],
                before=before,
                after=after,
                since=since,
                had_already=had_already,
                place=place,
                detail=detail[:300],
            )
        )

    def _unit(self, department: Department) -> None:
        effective_on = self.succession.effective_on
        parts = _Parts()
        for plan in Plan.objects.order_by("starts_on", "code"):
            on = moving_from(plan, effective_on)
            parts.since[plan.pk] = on
            self._responsibilities(department, plan, on, parts)
            self._action_leads(department, plan, on, parts)
            self._readings(department, plan, on, parts)
            self._office(department, plan, on)
            self._items(department, plan, on, parts)
        self._convened(department, effective_on, parts)
        for filing in open_filings(department):
            self._filing(filing, parts)
        self._memberships(department, effective_on)

    def _responsibilities(self, department: Department, plan: Plan, on: date, parts: _Parts) -> None:
        rows = rows_from(department, plan.pk, on)
        if rows and on != self.succession.effective_on:
            self.notes.append(
                f"{plan.short_name}到 {on - timedelta(days=1):%Y-%m-%d} 的季度已经关账，"
                f"责任、报送和数字保持当时的名称；责任分解自 {on:%Y-%m-%d} 起变动"
            )
        for row in rows:
            thing, pk, until = _of_row(row), row.pk, row.valid_to
            to = self._taker(thing)
            passed = pass_on(row, to=to, on=on)
            parts.rows[pk] = passed
            parts.tasks[row.task_id] = to
            self._note(
                thing,
                department,
                to,
                max(on, row.valid_from or on),
                subject=pk,
                had_already=passed.had_already,
                place=row.order,
                detail=_row_words(passed, department, to, until),
            )

    def _action_leads(self, department: Department, plan: Plan, on: date, parts: _Parts) -> None:
        for lead in _leads(department, plan):
            thing = Thing(Duty.ACTION_LEAD, lead.pk, f"牵头{lead.action}", must=True)
            to = self._taker(thing)
            assert to is not None
            own = lead.action.lead_rows.filter(department=to).first()
            if own is None:
                ActionLead.objects.filter(pk=lead.pk).update(department=to)
            else:
                lead.delete()
                ActionLead.objects.filter(pk=own.pk).update(order=min(own.order, lead.order))
            parts.actions[lead.action_id] = to
            self._note(
                thing,
                department,
                to,
                on,
                subject=lead.action_id,
                had_already=own is not None,
                place=lead.order,
                detail=f"{to}原已牵头，只留一行" if own else "",
            )

    def _readings(self, department: Department, plan: Plan, on: date, parts: _Parts) -> None:
        for indicator in _indicators(department, plan):
            thing = Thing(Duty.READING, indicator.pk, f"指标 {indicator.code} {indicator}", must=True)
            to = self._taker(thing)
            Indicator.objects.filter(pk=indicator.pk).update(data_department=to)
            parts.indicators[indicator.pk] = to
            self._note(thing, department, to, on, place=1)

    def _office(self, department: Department, plan: Plan, on: date) -> None:
        if plan.office_id != department.pk:
            return
        thing = Thing(Duty.OFFICE, plan.pk, f"{plan.short_name}牵头办公室", must=True)
        to = self._taker(thing)
        assert to is not None
        Plan.objects.filter(pk=plan.pk).update(office=to)
        self._note(thing, department, to, on)

    def _items(self, department: Department, plan: Plan, on: date, parts: _Parts) -> None:
        """Work items follow their task, or its action where the unit has no row of the task."""
        for item in items_from(department, plan.pk, on):
            to = parts.tasks.get(item.task_id) or parts.actions.get(item.annual_plan.action_id) or self._any()
            if to is None:
                continue
            pass_item(item, before=department, to=to)
            thing = Thing(Duty.WORK_ITEM, item.pk, f"{item.annual_plan}：{item}", must=False)
            self._note(thing, department, to, on)

    def _any(self) -> Department | None:
        return self.after[0] if self.after else None

    def _convened(self, department: Department, on: date, parts: _Parts) -> None:
        for convened in department.convenes.all():
            thing = Thing(Duty.CONVENOR, convened.pk, f"召集{convened}", must=True)
            to = self._taker(thing)
            Department.objects.filter(pk=convened.pk).update(convenor=to)
            parts.convened[convened.pk] = to
            self._note(thing, department, to, on)

    def _filing(self, filing: Filing, parts: _Parts) -> None:
        """Open entries follow what they are about; the rows that hold now only where the quarter ends under them."""
        is_theirs = filing.period.last_day >= parts.since[filing.period.plan_id]
        rows = {pk: passed.now for pk, passed in parts.rows.items() if passed.now} if is_theirs else {}
        passed = pass_filing(
            filing,
            taker=lambda entry: self._entry_taker(entry, parts),
            rows=rows,
            reason=str(self.succession),
            by=self.by,
            at=self.at,
        )
        thing = Thing(Duty.FILING, filing.pk, str(filing), must=False)
        for one in passed:
            day = max(parts.since[filing.period.plan_id], filing.period.first_day)
            self._note(thing, filing.department, one.to, day, detail=one.words)
        if not passed:
            self.notes.append(f"{filing}没有未采纳的事项，保留原单位名称")

    def _entry_taker(self, entry: Entry, parts: _Parts) -> Department | None:
        if (row := entry.responsibility) is not None:
            if row.department_id in parts.convened:
                return parts.convened[row.department_id]
            return parts.tasks.get(row.task_id, self._any())
        if entry.milestone is not None:
            return parts.tasks.get(entry.milestone.task_id, self._any())
        if entry.indicator_id is not None:
            return parts.indicators.get(entry.indicator_id, self._any())
        return parts.actions.get(entry.action_id or 0, self._any())

    def _memberships(self, department: Department, on: date) -> None:
        for membership in _members(department):
            thing = _of_member(membership)
            to = self._taker(thing)
            if to is None:
                self.notes.append(f"{thing.label}没有安排去向，任职留在{department}，可由系统管理员调整")
                continue
            same = Membership.objects.filter(user=membership.user_id, role=membership.role, department=to)
            has = same.exists()
            if has:
                membership.delete()
            else:
                Membership.objects.filter(pk=membership.pk).update(department=to)
            self._note(thing, department, to, on, subject=membership.user_id, had_already=has)


class _Parts:
    """Who took what of one unit: what entries and work items follow."""

    def __init__(self) -> None:
        self.since: dict[int, date] = {}
        self.rows: dict[int, Passed] = {}
        self.tasks: dict[int, Department | None] = {}
        self.actions: dict[int, Department | None] = {}
        self.indicators: dict[int, Department | None] = {}
        self.convened: dict[int, Department | None] = {}


def _row_words(passed: Passed, before: Department, to: Department | None, until: date | None) -> str:
    """What a reader should know of one row of the table besides who holds it now."""
    if to is None:
        return "不再承担"
    if passed.had_already and passed.now and passed.now.role == Role.LEAD and passed.row.role == Role.LEAD:
        return f"{to}原为配合，改为牵头，只留一行"
    if passed.had_already:
        return f"{to}原已承担，只留一行"
    return f"到 {until:%Y-%m-%d} 止" if until else ""

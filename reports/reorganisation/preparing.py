"""Preparing a reorganisation: entered by the office or loaded from a file, changed by choices, deleted while unused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from audit.services import record
from departments.models import Department, Kind, Side, Succession, SuccessionKind, SuccessionUnit
from departments.models.succession import details_of
from harbor_plan.lib.moments import local
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from reports.reorganisation.rules import why_not_shaped

NAME_LONGEST = 60


@dataclass(frozen=True)
class NewUnit:
    """A successor that the reorganisation sets up."""

    name: str
    kind: str


@dataclass(frozen=True)
class Draft:
    """A reorganisation as it is entered. Successors that exist already are `known`, the others are `new`."""

    kind: str
    effective_on: date
    before: tuple[Department, ...]
    known: tuple[Department, ...] = ()
    new: tuple[NewUnit, ...] = ()
    document: str = ""
    reason: str = ""
    source: str = ""
    certainty: str = ""
    code: str = ""


def need_office(by: User | None) -> None:
    """Refuse everybody but the office; the system itself (None) may."""
    if by is not None and not by.holds(Role.OFFICE):
        raise Refused("permission", "机构变动由方案牵头办公室办理。")


@transaction.atomic
def prepare(*, draft: Draft, by: User | None, at: datetime, verb: str = "succession.prepare") -> Succession:
    """Keep an operation, to be previewed and applied later. Raises Refused (permission, content)."""
    need_office(by)
    if not draft.reason.strip():
        raise Refused("content", "请写明说明：这次变动依据什么、为什么。")
    before, known = [unit.name for unit in draft.before], [unit.name for unit in draft.known]
    if reason := why_not_shaped(draft.kind, before, known, [unit.name for unit in draft.new]):
        raise Refused("content", reason)
    for unit in draft.before:
        if unit.kind == Kind.GROUP:
            raise Refused("content", f"{unit}是群体项，请在该单位页面明确成员单位。")
    _need_new_names(draft)
    succession = Succession.objects.create(
        code=draft.code,
        kind=draft.kind,
        effective_on=draft.effective_on,
        document=draft.document.strip(),
        reason=draft.reason.strip(),
        source=draft.source.strip(),
        certainty=draft.certainty,
        prepared_by=by,
        prepared_at=at,
    )
    SuccessionUnit.objects.bulk_create(_units(succession, draft))
    record(verb=verb, subject=succession, by=by, at=at, after=details_of(succession), note=succession.reason)
    return succession


def _need_new_names(draft: Draft) -> None:
    for unit in draft.new:
        if len(unit.name) > NAME_LONGEST:
            raise Refused("content", f"单位名称最多 {NAME_LONGEST} 字，“{unit.name[:20]}…”请改短。")
        if Department.objects.filter(name=unit.name).exists():
            raise Refused("content", f"“{unit.name}”已经是登记的单位；请在已有单位中选择，不要再新设。")


def _units(succession: Succession, draft: Draft) -> list[SuccessionUnit]:
    before = [
        SuccessionUnit(succession=succession, side=Side.BEFORE, order=no, name=unit.name, department=unit)
        for no, unit in enumerate(draft.before, 1)
    ]
    known = [
        SuccessionUnit(succession=succession, side=Side.AFTER, order=no, name=unit.name, department=unit)
        for no, unit in enumerate(draft.known, 1)
    ]
    new = [
        SuccessionUnit(
            succession=succession, side=Side.AFTER, order=no, name=unit.name, is_new=True, kind=unit.kind
        )
        for no, unit in enumerate(draft.new, len(known) + 1)
    ]
    return [*before, *known, *new]


def locked(succession: Succession) -> Succession:
    """The operation as it stands, held until the end of the transaction. Raises AlreadyMoved when it was applied."""
    held = Succession.objects.select_for_update(of=("self",)).filter(pk=succession.pk).first()
    if held is None:
        raise AlreadyMoved("这项机构变动的登记已被删除，请刷新页面查看。")
    if held.applied_at:
        when = f"{local(held.applied_at):%Y-%m-%d %H:%M}"
        raise AlreadyMoved(f"{held.applied_by}已于 {when} 办理“{held}”，不能重复办理。")
    return held


@transaction.atomic
def choose(*, succession: Succession, choices: Mapping[str, str], by: User, at: datetime) -> Succession:
    """Say row by row who takes it: a successor's name, or empty where nobody does (撤销). Audited."""
    need_office(by)
    held = locked(succession)
    if not held.is_divided:
        raise Refused("content", f"“{held}”只有一个承接单位，不需要逐项安排。")
    names = {unit.name for unit in held.after} | ({""} if held.kind == SuccessionKind.ABOLITION else set())
    wanted = {key: name for key, name in choices.items() if name in names and name}
    before, held.choices = held.choices, wanted
    held.save(update_fields=["choices"])
    record(verb="succession.choose", subject=held, by=by, at=at, before=before, after=wanted)
    return held


@transaction.atomic
def withdraw(*, succession: Succession, by: User, at: datetime) -> None:
    """Delete an operation that was never applied; the record keeps what it was."""
    need_office(by)
    held = locked(succession)
    record(verb="succession.withdraw", subject=held, by=by, at=at, before=details_of(held), note=held.reason)
    held.delete()

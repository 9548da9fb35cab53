"""Carrying a reorganisation out, or trying it and taking it back: one way, so that a preview cannot differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from django.db import transaction
from django.db.models import F

from accounts.models import User
from audit.services import record
from departments.models import Department, Duty, Handover, Lineage, Succession, SuccessionKind
from departments.models.succession import details_of
from harbor_plan.lib.moments import local_day
from harbor_plan.lib.refusals import AlreadyMoved, Refused
from reports.reorganisation.passing import Passing
from reports.reorganisation.preparing import locked, need_office
from reports.reorganisation.rules import why_not_on, why_not_shaped, why_not_taking


@dataclass
class Outcome:
    """What an operation does or did, with what a reader should know besides."""

    handovers: list[Handover]
    notes: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Tells one preview from another."""
        told = "\n".join([*self.units, *(f"{row} {row.since} {row.detail}" for row in self.handovers)])
        return sha256(told.encode()).hexdigest()[:20]

    @property
    def groups(self) -> list[tuple[str, list[Handover]]]:
        """The handovers by their kind, in the order in which they are worked."""
        order = list(Duty.values)
        rows = sorted(self.handovers, key=lambda row: order.index(row.what))
        return [(Duty(what).label, list(own)) for what, own in groupby(rows, key=lambda row: row.what)]


def preview(*, succession: Succession, by: User, at: datetime) -> Outcome:
    """Exactly what applying would do now. Raises what `apply` raises; nothing is kept."""
    with transaction.atomic():
        outcome = _carry_out(succession, by, at)
        transaction.set_rollback(True)
    return outcome


@transaction.atomic
def apply(*, succession: Succession, seen: str, by: User, at: datetime) -> Outcome:
    """Carry the whole operation out, or nothing of it. The office only; audited with everything it moved.

    `seen` is the fingerprint of the preview on screen: what has changed since is looked at first. The operation and
    its units are locked, so of two people at once the second is told. Raises Refused.
    """
    outcome = _carry_out(succession, by, at)
    if seen != outcome.fingerprint:
        raise AlreadyMoved("预览之后相关的责任、任职或报送已有变化，请核对本页现在的内容后再办理。")
    Handover.objects.bulk_create(outcome.handovers)
    succession.refresh_from_db()
    record(
        verb="succession.apply",
        subject=succession,
        by=by,
        at=at,
        after=details_of(succession) | {label: [str(row) for row in rows] for label, rows in outcome.groups},
        note="；".join(outcome.notes),
    )
    return outcome


def _carry_out(succession: Succession, by: User, at: datetime) -> Outcome:
    need_office(by)
    held = locked(succession)
    _need_day(held, at)
    before, known = _locked_units(held)
    _need_allowed(held, before, known)
    after = _successors(held, before)
    outcome = Outcome([], units=_words(held, before))
    _end(held, before)
    _keep_lineage(held, before, after)
    passing = Passing(held, before, after, by=by, at=at)
    outcome.handovers, notes = passing.run()
    outcome.notes.extend(notes)
    held.applied_at, held.applied_by = at, by
    held.save(update_fields=["applied_at", "applied_by"])
    return outcome


def _need_day(held: Succession, at: datetime) -> None:
    if held.effective_on > local_day(at):
        raise Refused("window", f"“{held}”自 {held.effective_on:%Y-%m-%d} 起生效，请到当日或之后办理。")


def _locked_units(held: Succession) -> tuple[list[Department], list[Department]]:
    """The units that end and the successors that exist, locked in one order so that two operations wait in turn."""
    units = list(held.units.all())
    ids = sorted(unit.department_id for unit in units if unit.department_id)
    found = {d.pk: d for d in Department.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    before = [found[unit.department_id] for unit in held.before if unit.department_id]
    known = [found[unit.department_id] for unit in held.after if unit.department_id]
    return before, known


def _need_allowed(held: Succession, before: list[Department], known: list[Department]) -> None:
    """Refuse what the units do not allow: shape, days, a later operation, names that are taken."""
    new = [unit.name for unit in held.after if unit.is_new]
    on = held.effective_on
    reasons = [why_not_shaped(held.kind, [d.name for d in before], [d.name for d in known], new)]
    later = Succession.objects.applied().touching([*before, *known]).filter(effective_on__gt=on).last()
    if later:
        reasons.append(
            f"“{later}”已自 {later.effective_on:%Y-%m-%d} 起生效，涉及同一单位；生效日期不能早于该日。"
        )
    reasons += [why_not_on(department, on) for department in before]
    reasons += [why_not_taking(department, on) for department in known]
    taken = Department.objects.filter(name__in=new).first()
    if taken:
        reasons.append(f"“{taken}”已经是登记的单位，不能再新设；请删除本项登记，改选已有单位后重新登记。")
    if reason := next(filter(None, reasons), ""):
        raise Refused("content", reason)


def _successors(held: Succession, before: list[Department]) -> list[Department]:
    """The successors, the new ones set up beside the first unit they follow."""
    found = []
    place = before[0].order
    for unit in held.after:
        if unit.is_new:
            Department.objects.filter(order__gt=place).update(order=F("order") + 1)
            place += 1
            unit.department = Department.objects.create(
                name=unit.name,
                kind=unit.kind,
                order=place,
                valid_from=held.effective_on,
                note=f"{held.effective_on:%Y-%m-%d} {held.get_kind_display()}，原{'、'.join(d.name for d in before)}"[
                    :500
                ],
            )
            unit.save(update_fields=["department"])
        assert unit.department is not None
        found.append(unit.department)
    return found


def _end(held: Succession, before: list[Department]) -> None:
    for department in before:
        Department.objects.filter(pk=department.pk).update(valid_to=held.effective_on)
        department.valid_to = held.effective_on


def _keep_lineage(held: Succession, before: list[Department], after: list[Department]) -> None:
    """Every unit that a predecessor followed is followed by its successors as well."""
    is_other_name = held.kind == SuccessionKind.RENAME or all(unit.is_new for unit in held.after)
    rows = list(Lineage.objects.filter(later__in=before))
    pairs = [(d.pk, True) for d in before] + [(row.earlier_id, row.is_other_name) for row in rows]
    fresh = [
        Lineage(
            earlier_id=earlier, later=later, since=held.effective_on, is_other_name=is_other_name and same
        )
        for earlier, same in dict(pairs).items()
        for later in after
    ]
    Lineage.objects.bulk_create(fresh, ignore_conflicts=True)


def _words(held: Succession, before: list[Department]) -> list[str]:
    """What happens to the units themselves, in sentences."""
    day = f"{held.effective_on:%Y-%m-%d}"
    ended = [f"{department}自 {day} 起终止，以前的报送、数字和得分保留其名称" for department in before]
    begun = [f"{unit.name}自 {day} 起设立（{unit.get_kind_display()}）" for unit in held.after if unit.is_new]
    return [*ended, *begun]

"""Every change of a plan leaves a revision: what became different, when, by whom and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from departments.models import Department
from harbor_plan.lib.moments import local_day
from harbor_plan.lib.refusals import Refused
from targets.measure import Quarter
from targets.models import Plan
from tasks.models import PlanRevision, Source
from tasks.plan_files import PlanDocument
from tasks.plan_files.diff import PlanDiff, diff
from tasks.plan_store.export import department_row, export_plan

REASON_LONGEST = 300


def next_quarter(plan: Plan | None, at: datetime) -> date:
    """The first day of the first quarter that is not asked yet: after the latest period opened, else after today."""
    periods = plan.periods.exclude(opened_at=None) if plan else None
    latest = periods.order_by("-year", "-quarter").first() if periods is not None else None
    now = Quarter(latest.year, latest.quarter) if latest else Quarter.of(local_day(at))
    return now.shifted(1).first_day


def known(document: PlanDocument | None, names: set[str]) -> PlanDocument | None:
    """The document with every department of these names that exists, so that what other plans name is not news."""
    if document is None:
        return None
    names = names | {row.name for row in document.departments}
    found = Department.objects.filter(name__in=names).select_related("convenor")
    ordered = sorted(found, key=lambda department: (department.order, department.name))
    return replace(document, departments=tuple(department_row(row) for row in ordered))


@dataclass
class Revising:
    """What became of a revision, once its block is left: empty and None when nothing was different."""

    diff: PlanDiff = field(default_factory=PlanDiff)
    revision: PlanRevision | None = None


@contextmanager
def revising(*, plan: Plan, by: User | None, at: datetime, reason: str, source: Source) -> Iterator[Revising]:
    """Whatever is written to a plan in this block becomes one revision of it. Atomic; the plan is held meanwhile.

    Raises Refused when something became different and no reason is given: then nothing is written.
    """
    done = Revising()
    with transaction.atomic():
        Plan.objects.select_for_update().only("pk").get(pk=plan.pk)
        before = export_plan(plan)
        yield done
        after = export_plan(Plan.objects.select_related("office").get(pk=plan.pk))
        done.diff = between(before, after)
        if done.diff:
            done.revision = add_revision(
                plan=plan, changes=done.diff, by=by, at=at, reason=reason, source=source
            )


def between(before: PlanDocument, after: PlanDocument) -> PlanDiff:
    """The difference of one plan then and now; a department that still exists has not gone."""
    names = {row.name for row in before.departments}
    full = known(after, names)
    assert full is not None
    return diff(before, full)


def add_revision(
    *,
    plan: Plan,
    changes: PlanDiff,
    by: User | None,
    at: datetime,
    reason: str,
    source: Source,
    is_new: bool = False,
) -> PlanRevision:
    """The next revision of a plan that the caller holds. Raises Refused without a reason, except for a new plan's."""
    reason = reason.strip()
    last = plan.revisions.order_by("-no").values_list("no", flat=True).first() or 0
    if not reason and not is_new:
        raise Refused("content", "请写明修订方案的理由。")
    if len(reason) > REASON_LONGEST:
        raise Refused("content", f"理由最多 {REASON_LONGEST} 字，请压缩。")
    return PlanRevision.objects.create(
        plan=plan,
        no=last + 1,
        at=at,
        by=by,
        reason=reason,
        source=source,
        counts=changes.counts,
        content={} if is_new else changes.as_json(),
    )

"""Make the database hold exactly what a plan document says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from accounts.models import User
from actions.models import ActionLead, SpecialAction
from audit.services import record
from departments.models import Department
from targets.life import lives
from targets.models import (
    BaselineChange,
    GoalCategory,
    Indicator,
    Plan,
    PlanValue,
    TakenCode,
    Target,
    ThresholdChange,
)
from targets.retiring import is_used
from tasks.models import Milestone, PlanRevision, Responsibility, Role, Source, Task
from tasks.plan_files import PlanDocument, PlanRefused, Problem
from tasks.plan_files.diff import PlanDiff, diff
from tasks.plan_files.document import TargetRow
from tasks.plan_store.export import departments_of, export_plan
from tasks.plan_store.reorganised import after_reorganisations
from tasks.plan_store.revise import add_revision, between, known, next_quarter
from tasks.plan_store.sync import Sync

RETIRED: Final = "retired_on"
SHIFT = 10_000  # moves orders out of each other's way while they change places


def _successions(targets: Iterable[Target]) -> Iterator[tuple[Target, Target]]:
    """Each row of a requirement with the one that follows it."""
    by_indicator: dict[int, list[Target]] = defaultdict(list)
    for target in targets:
        by_indicator[target.indicator_id].append(target)
    for rows in by_indicator.values():
        for life in lives(rows):
            yield from pairwise(life)


@transaction.atomic
def load_plan(
    *,
    document: PlanDocument,
    by: User | None,
    at: datetime,
    reason: str = "",
    source: Source = Source.FILES,
    dry_run: bool = False,
) -> Loaded:
    """Create, change, retire and remove rows until the plan is what the document says; gives what became different.

    Rows are known by the plan's own codes, numbers and names. Everything or nothing. A row that the document no
    longer has is deleted when it was never filed (its code stays taken), else retired from the next quarter on. A
    department that something refers to is kept, and one that another plan uses keeps its place in the lists. A document
    written before a reorganisation was applied is read as of after it: loading never undoes one.
    A dry run does the same work and takes it back. Loading what is already there changes nothing and records nothing.

    Raises PlanRefused with every problem, and Refused when a plan that exists would change without a reason.
    """
    document = after_reorganisations(document)
    stored = Plan.objects.select_for_update().filter(code=document.plan.code).first()
    names = {row.name for row in document.departments}
    before = known(export_plan(stored), names) if stored else None
    loading = _Loading(document, next_quarter(stored, at))
    plan = loading.run()
    changes = diff(None, export_plan(plan)) if before is None else between(before, export_plan(plan))
    revision = None
    if changes and not dry_run:
        revision = add_revision(
            plan=plan, changes=changes, by=by, at=at, reason=reason, source=source, is_new=before is None
        )
        record(verb="plan.load", subject=plan, by=by, at=at, after=changes.counts, note=reason.strip())
    if dry_run:
        transaction.set_rollback(True)
    return Loaded(changes, revision)


@dataclass(frozen=True)
class Loaded:
    """What a load made different, and the revision it left; none where nothing was different, and of a dry run."""

    diff: PlanDiff
    revision: PlanRevision | None = None


class _Loading:
    """One run. Leaves are removed before anything is written and parents after, so that no key is in the way."""

    def __init__(self, document: PlanDocument, from_day: date) -> None:
        self.document = document
        self.sync = Sync(from_day)

    def run(self) -> Plan:
        """Load every table and remove what is gone. Raises PlanRefused."""
        stored = Plan.objects.select_for_update().filter(code=self.document.plan.code).first()
        departments_before = set(departments_of(stored)) if stored else set()
        self.departments = self._load_departments()
        self.plan = self._load_plan()
        goals = {goal.no: goal for goal in GoalCategory.objects.filter(plan=self.plan)}
        indicators = {indicator.code: indicator for indicator in Indicator.objects.filter(plan=self.plan)}
        actions = {action.no: action for action in SpecialAction.objects.filter(plan=self.plan)}
        tasks = {
            task.number: task for task in Task.objects.filter(action__plan=self.plan).select_related("action")
        }
        self._check_codes(goals, indicators, actions, tasks)
        self.goals = self._load_goals(goals)
        self.indicators = self._load_indicators(indicators)
        self._load_targets()
        self._load_plan_values()
        self._load_changes()
        self.actions = self._load_actions(actions)
        self._load_action_leads()
        self.tasks = self._load_tasks(tasks)
        self._load_task_indicators()
        self._load_responsibilities()
        self._load_milestones()
        self.sync.remove(tasks, self.tasks, ends=RETIRED)
        self.sync.remove(actions, self.actions, ends=RETIRED, owns=(ActionLead,))
        self.sync.remove(indicators, self.indicators, ends=RETIRED, owns=(Target, PlanValue))
        self.sync.remove(goals, self.goals, ends=RETIRED, in_use=lambda goal: self._has_begun())
        self._remove_departments(departments_before)
        if self.sync.problems:
            raise PlanRefused(self.sync.problems)
        return self.plan

    def _has_begun(self) -> bool:
        """Whether figures of this plan may name its goals."""
        return self.plan.periods.exclude(opened_at=None).exists()

    def _check_codes(
        self,
        goals: dict[int, GoalCategory],
        indicators: dict[str, Indicator],
        actions: dict[int, SpecialAction],
        tasks: dict[str, Task],
    ) -> None:
        """Refuse codes that were used before, of all tables at once, before anything takes them up."""
        taken: dict[str, set[str]] = defaultdict(set)
        for row in TakenCode.objects.filter(plan=self.plan):
            taken[row.table].add(row.code)
        need, of = self.sync.need_codes, self.document
        need("goals", goals, {row.no: row.retired_on for row in of.goals}, taken["goals"])
        need("indicators", indicators, {r.code: r.retired_on for r in of.indicators}, taken["indicators"])
        need("targets", self._stored_targets(), {_target_key(row): row.retired_on for row in of.targets})
        need("actions", actions, {row.no: row.retired_on for row in of.actions}, taken["actions"])
        need("tasks", tasks, {row.no: row.retired_on for row in of.tasks}, taken["tasks"])
        milestones = {(row.task_no, row.no): row.retired_on for row in of.milestones}
        need("milestones", self._stored_milestones(), milestones, taken["milestones"])
        if self.sync.problems:
            raise PlanRefused(self.sync.problems)

    def _load_departments(self) -> dict[str, Department]:
        existing = {department.name: department for department in Department.objects.all()}
        placed = {department.name: department.order for department in self._of_other_plans()}
        wanted = {
            row.name: {
                "name": row.name,
                "kind": row.kind,
                "order": placed.get(row.name, order),
                "flag": row.flag,
                "owes": row.owes,
                "convenor_is_proposed": row.convenor_proposed,
                "note": row.note,
            }
            for order, row in enumerate(self.document.departments, start=1)
        }
        loaded = self.sync.upsert(Department, existing, wanted)
        convenors = {
            row.name: {"convenor_id": loaded[row.convenor].pk if row.convenor else None}
            for row in self.document.departments
        }
        return self.sync.upsert(Department, loaded, convenors)

    def _load_plan(self) -> Plan:
        row = self.document.plan
        existing = {plan.code: plan for plan in Plan.objects.filter(code=row.code)}
        wanted = {
            "code": row.code,
            "name": row.name,
            "short_name": row.short_name,
            "doc_no": row.doc_no,
            "issued_on": row.issued_on,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
            "office_id": self.departments[row.office].pk,
            "behind_above": row.behind_above,
            "late_above": row.late_above,
            "note": row.note,
        }
        return self.sync.upsert(Plan, existing, {row.code: wanted})[row.code]

    def _load_goals(self, existing: dict[int, GoalCategory]) -> dict[int, GoalCategory]:
        wanted = {
            row.no: {
                "plan_id": self.plan.pk,
                "no": row.no,
                "name": row.name,
                "clause": row.clause,
                "note": row.note,
                "retired_on": row.retired_on,
            }
            for row in self.document.goals
        }
        return self.sync.upsert(GoalCategory, existing, wanted)

    def _load_indicators(self, existing: dict[str, Indicator]) -> dict[str, Indicator]:
        wanted = {
            row.code: {
                "plan_id": self.plan.pk,
                "goal_id": self.goals[row.goal_no].pk if row.goal_no else None,
                "code": row.code,
                "name": row.name,
                "order": order,
                "unit": row.unit,
                "decimals": row.decimals,
                "kind": row.kind,
                "accumulation": row.accumulation,
                "combine": row.combine,
                "span": row.span,
                "asked": row.asked,
                "holds": row.holds,
                "numerator_name": row.numerator,
                "denominator_name": row.denominator,
                "levels": list(row.levels),
                "rounding": row.rounding,
                "comparison": row.comparison,
                "expected_by": row.expected_by,
                "baseline": row.baseline,
                "baseline_year": row.baseline_year,
                "baseline_source": row.baseline_source,
                "data_department_id": self._department_id(row.data_department),
                "data_department_is_proposed": row.data_department_proposed,
                "clauses": list(row.clauses),
                "note": row.note,
                "retired_on": row.retired_on,
            }
            for order, row in enumerate(self.document.indicators, start=1)
        }
        return self.sync.upsert(Indicator, existing, wanted)

    def _load_targets(self) -> None:
        """What the office recorded while the plan runs stays, whether the files name it or not."""
        existing = self._stored_targets()
        wanted = {
            _target_key(row): {
                "indicator_id": self.indicators[row.indicator].pk,
                "due_on": row.due_on,
                "comparator": row.comparator,
                "value": row.value,
                "low": row.low,
                "high": row.high,
                "tolerance": row.tolerance,
                "strength": row.strength,
                "state": row.state,
                "condition": row.condition,
                "condition_holds": row.condition_holds,
                "condition_decided_by": row.condition_decided_by,
                "doc_no": row.doc_no,
                "doc_on": row.doc_on,
                "reason": row.reason,
                "clause": row.clause,
                "note": row.note,
                "retired_on": row.retired_on,
                "effective_from": row.effective_from,
                "at": row.at,
            }
            for row in self.document.targets
        }
        came_with_plan = {key: target for key, target in existing.items() if target.at is None}
        self.sync.remove(came_with_plan, wanted, ends=RETIRED, in_use=_is_answered)
        loaded = self.sync.upsert(Target, existing, wanted)
        before = {later.pk: row.pk for row, later in _successions(loaded.values())}
        links = {key: {"supersedes_id": before.get(row.pk)} for key, row in loaded.items() if row.at}
        self.sync.upsert(Target, loaded, links)

    def _stored_targets(self) -> dict[Any, Target]:
        stored = Target.objects.filter(indicator__plan=self.plan).select_related("indicator")
        return {(row.indicator.code, row.due_on, row.clause, row.state, row.at): row for row in stored}

    def _load_plan_values(self) -> None:
        """Add and change; a plan value the files do not name stays, because data departments enter them too."""
        stored = PlanValue.objects.filter(indicator__plan=self.plan).select_related("indicator")
        existing = {(value.indicator.code, value.on): value for value in stored}
        wanted = {
            (row.indicator, row.on): {
                "indicator_id": self.indicators[row.indicator].pk,
                "on": row.on,
                "value": row.value,
                "source": row.source,
            }
            for row in self.document.plan_values
        }
        self.sync.upsert(PlanValue, existing, wanted)

    def _load_changes(self) -> None:
        """Thresholds and baselines that the files carry; those they do not name stay."""
        thresholds = {(row.effective_from, row.at): row for row in self.plan.threshold_changes.all()}
        self.sync.upsert(
            ThresholdChange,
            thresholds,
            {
                (row.effective_from, row.at): {
                    "plan_id": self.plan.pk,
                    "effective_from": row.effective_from,
                    "behind_above": row.behind_above,
                    "late_above": row.late_above,
                    "reason": row.reason,
                    "at": row.at,
                }
                for row in self.document.threshold_changes
            },
        )
        stored = BaselineChange.objects.filter(indicator__plan=self.plan).select_related("indicator")
        baselines = {(row.indicator.code, row.effective_from, row.at): row for row in stored}
        self.sync.upsert(
            BaselineChange,
            baselines,
            {
                (row.indicator, row.effective_from, row.at): {
                    "indicator_id": self.indicators[row.indicator].pk,
                    "effective_from": row.effective_from,
                    "value": row.value,
                    "year": row.year,
                    "source": row.source,
                    "state": row.state,
                    "doc_no": row.doc_no,
                    "doc_on": row.doc_on,
                    "reason": row.reason,
                    "at": row.at,
                }
                for row in self.document.baseline_changes
            },
        )

    def _load_actions(self, existing: dict[int, SpecialAction]) -> dict[int, SpecialAction]:
        wanted = {
            row.no: {
                "plan_id": self.plan.pk,
                "no": row.no,
                "name": row.name,
                "clause": row.clause,
                "note": row.note,
                "retired_on": row.retired_on,
            }
            for row in self.document.actions
        }
        return self.sync.upsert(SpecialAction, existing, wanted)

    def _load_action_leads(self) -> None:
        stored = ActionLead.objects.filter(action__plan=self.plan).select_related("action", "department")
        existing = {(lead.action.no, lead.department.name): lead for lead in stored}
        wanted = {
            (row.action_no, row.department): {
                "action_id": self.actions[row.action_no].pk,
                "department_id": self.departments[row.department].pk,
                "order": row.order,
            }
            for row in self.document.action_leads
        }
        here = {key: lead for key, lead in existing.items() if key[0] in self.actions}
        self.sync.remove(here, wanted)
        moved = [
            lead.pk for key, lead in existing.items() if key in wanted and lead.order != wanted[key]["order"]
        ]
        ActionLead.objects.filter(pk__in=moved).update(order=F("order") + SHIFT)
        self.sync.upsert(ActionLead, existing, wanted)

    def _load_tasks(self, existing: dict[str, Task]) -> dict[str, Task]:
        wanted = {
            row.no: {
                "action_id": self.actions[row.action_no].pk,
                "no": row.place,
                "title": row.title,
                "annex_title": row.annex_title,
                "clause": row.clause,
                "note": row.note,
                "retired_on": row.retired_on,
            }
            for row in self.document.tasks
        }
        return self.sync.upsert(Task, existing, wanted)

    def _load_task_indicators(self) -> None:
        links = Task.indicators.through
        stored = links.objects.filter(task__action__plan=self.plan).select_related(
            "task__action", "indicator"
        )
        existing = {(link.indicator.code, link.task.number): link for link in stored}
        wanted: dict[tuple[str, str], dict[str, Any]] = {
            (row.code, no): {
                "indicator_id": self.indicators[row.code].pk,
                "task_id": self.tasks[no].pk,
            }
            for row in self.document.indicators
            for no in row.task_nos
        }
        here = {
            key: link for key, link in existing.items() if key[0] in self.indicators and key[1] in self.tasks
        }
        self.sync.remove(here, wanted)
        self.sync.upsert(links, existing, wanted)

    def _load_responsibilities(self) -> None:
        stored = Responsibility.objects.filter(task__action__plan=self.plan).select_related(
            "task__action", "department"
        )
        existing = {(row.task.number, row.department.name, row.valid_from): row for row in stored}
        wanted: dict[tuple[str, str, date | None], dict[str, Any]] = {
            (row.task_no, row.department, row.valid_from): {
                "task_id": self.tasks[row.task_no].pk,
                "department_id": self.departments[row.department].pk,
                "role": row.role,
                "order": row.order,
                "valid_from": row.valid_from,
                "valid_to": row.valid_to,
                "note": row.note,
            }
            for row in self.document.responsibilities
        }
        self.sync.remove(existing, wanted, ends="valid_to")
        # A task has one lead at a time: the old one steps back before the new one is written.
        for key, row in existing.items():
            steps_back = key in wanted and (wanted[key]["role"], wanted[key]["valid_to"]) != (Role.LEAD, None)
            if steps_back and (row.role, row.valid_to) == (Role.LEAD, None):
                end = {name: wanted[key][name] for name in ("role", "valid_to")}
                Responsibility.objects.filter(pk=row.pk).update(**end)
        loaded = self.sync.upsert(Responsibility, existing, wanted)
        if existing:
            self._check_leads([loaded[key] for key in wanted if key not in existing])

    def _check_leads(self, new: list[Responsibility]) -> None:
        """A new lead begins where the one before ends, or quarters that were filed would have two."""
        for row in new:
            others = Responsibility.objects.overlapping(row).filter(role=Role.LEAD)
            if row.role == Role.LEAD and others.exists():
                day = self.sync.from_day
                message = f"任务“{row.task.number}”原牵头单位到 {day} 为止；请给“{row.department}”一行填写生效日期 {day}"
                self.sync.problems.append(Problem("responsibilities", None, "", message))

    def _load_milestones(self) -> None:
        existing = self._stored_milestones()
        wanted = {
            (row.task_no, row.no): {
                "task_id": self.tasks[row.task_no].pk,
                "no": row.no,
                "name": row.name,
                "due_on": row.due_on,
                "strength": row.strength,
                "condition": row.condition,
                "clause": row.clause,
                "note": row.note,
                "retired_on": row.retired_on,
            }
            for row in self.document.milestones
        }
        self.sync.remove(existing, wanted, ends=RETIRED)
        self.sync.upsert(Milestone, existing, wanted)

    def _stored_milestones(self) -> dict[tuple[str, int], Milestone]:
        stored = Milestone.objects.filter(task__action__plan=self.plan).select_related("task__action")
        return {(milestone.task.number, milestone.no): milestone for milestone in stored}

    def _remove_departments(self, before: set[Department]) -> None:
        """Remove departments this plan named before and no longer names, unless anything else does."""
        named = set(departments_of(self.plan)) | set(self.departments.values()) | self._of_other_plans()
        self.sync.remove({department.name: department for department in before - named}, ())

    def _of_other_plans(self) -> set[Department]:
        others = Plan.objects.exclude(code=self.document.plan.code)
        return {department for plan in others for department in departments_of(plan)}

    def _department_id(self, name: str) -> int | None:
        return self.departments[name].pk if name else None


def _target_key(row: TargetRow) -> tuple[str, date, str, str, datetime | None]:
    return (row.indicator, row.due_on, row.clause, row.state, row.at)


def _is_answered(target: Target) -> bool:
    """Whether readings were filed that figures compared with it."""
    return is_used(target.indicator, besides=(Target, PlanValue))

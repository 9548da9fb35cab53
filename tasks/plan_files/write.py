"""A plan document as JSON: the same plan always gives the same bytes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from tasks.plan_files.document import PlanDocument
from tasks.plan_files.tables import OPTIONAL, OPTIONAL_TABLES

Record = TypeVar("Record")


def to_json(document: PlanDocument) -> bytes:
    """UTF-8 with indents and a final newline. Decimals are strings without trailing zeros, dates ISO strings."""
    content = json.dumps(_content(document), ensure_ascii=False, indent=2)
    return (content + "\n").encode()


def _content(document: PlanDocument) -> dict[str, Any]:
    targets = _group(document.targets, lambda target: target.indicator)
    plan_values = _group(document.plan_values, lambda value: value.indicator)
    leads = _group(document.action_leads, lambda lead: lead.action_no)
    responsibilities = _group(document.responsibilities, lambda row: row.task_no)
    members = _group(document.indicators, lambda indicator: indicator.goal_no)
    return {
        "plan": _object(document.plan),
        "departments": [_object(department) for department in document.departments],
        "goals": [
            _object(goal) | {"indicators": [indicator.code for indicator in members[goal.no]]}
            for goal in document.goals
        ],
        "indicators": [
            _object(indicator)
            | {
                "targets": [_object(target, without="indicator") for target in targets[indicator.code]],
                "plan_values": [_object(value, without="indicator") for value in plan_values[indicator.code]],
            }
            for indicator in document.indicators
        ],
        "actions": [
            _object(action) | {"leads": [lead.department for lead in leads[action.no]]}
            for action in document.actions
        ],
        "tasks": [
            _object(task)
            | {"responsibilities": [_object(row, without="task_no") for row in responsibilities[task.no]]}
            for task in document.tasks
        ],
        "milestones": [_object(milestone) for milestone in document.milestones],
        **{
            table: [_object(row) for row in rows]
            for table in sorted(OPTIONAL_TABLES)
            if (rows := getattr(document, table))
        },
    }


def _group(records: Iterable[Record], key: Callable[[Record], Hashable]) -> dict[Hashable, list[Record]]:
    groups: dict[Hashable, list[Record]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return groups


def _object(record: Any, *, without: str = "") -> dict[str, Any]:
    """The record's fields in their order; `without` is the key that the nesting already says.

    A column that may be left out is written only where it says something.
    """
    names = [field.name for field in fields(record) if field.name != without]
    values = {name: getattr(record, name) for name in names}
    return {
        name: _value(value) for name, value in values.items() if name not in OPTIONAL or value is not None
    }


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value

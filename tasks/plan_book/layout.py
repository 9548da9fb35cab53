"""What each column of the workbook holds, found from the tables and from the columns of the database behind them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from actions.models import ActionLead, SpecialAction
from departments.models import Department
from harbor_plan.lib.cells import NO, YES
from targets.models import (
    BaselineChange,
    GoalCategory,
    Indicator,
    Plan,
    PlanValue,
    Target,
    ThresholdChange,
)
from tasks.models import Milestone, Responsibility, Task
from tasks.plan_files.tables import DATED, KEYS, RETIRED, TABLES, TITLES, YES_NO

HEAD_ROW, NOTE_ROW, FIRST_ROW = 1, 2, 3
GUIDE, ERRORS, SEAL, LISTS = "填写说明", "错误清单", "_校验", "_选项"
MODELS: Final[dict[str, type[models.Model]]] = {
    "plan": Plan,
    "departments": Department,
    "goals": GoalCategory,
    "indicators": Indicator,
    "targets": Target,
    "plan_values": PlanValue,
    "actions": SpecialAction,
    "action_leads": ActionLead,
    "tasks": Task,
    "responsibilities": Responsibility,
    "milestones": Milestone,
    "threshold_changes": ThresholdChange,
    "baseline_changes": BaselineChange,
}

#: Columns whose name in the database is another one, where that decides what they hold.
_OTHER: Final = {("indicators", "goal_no"): "goal", ("tasks", "no"): "", ("indicators", "task_nos"): ""}

#: What a column's heading does not say by itself.
NOTES: Final = {
    ("plan", "code"): "字母、数字和连字符，载入后不能改",
    ("plan", "behind_above"): "落后超过几个百分点亮黄灯",
    ("plan", "late_above"): "落后超过几个百分点亮红灯",
    ("departments", "owes"): "名称存疑、还不承担报送的填否",
    ("departments", "convenor"): "由哪个单位代为填报；自己填报的留空",
    ("indicators", "code"): "字母和数字，不能重用",
    ("indicators", "task_nos"): "任务编号，多项用分号隔开",
    ("indicators", "levels"): "由低到高，用分号隔开",
    ("indicators", "clauses"): "多处用分号隔开",
    ("targets", "value"): "待下达的和区间都留空",
    ("targets", "low"): "只有区间填",
    ("targets", "high"): "只有区间填",
    ("tasks", "no"): "如 4.3，即第4项行动的第3项任务",
    ("responsibilities", "role"): "每项任务只有一个牵头单位",
    ("responsibilities", "order"): "在附件中排第几",
    ("milestones", "no"): "在这项任务中排第几",
}
_RETIRED_NOTE = "自这一天起不再填报；删去已填报的一行，系统也会停用它"


class Shape(Enum):
    """What a cell holds."""

    TEXT = "text"
    CHOICE = "choice"
    DAY = "day"
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """One column. `choices` are the labels people choose by the stored keys."""

    table: str
    name: str
    shape: Shape
    choices: Mapping[str, str]

    @property
    def label(self) -> str:
        return TABLES[self.table][self.name]

    @property
    def note(self) -> str:
        """What to write into it."""
        if self.name in RETIRED:
            return _RETIRED_NOTE
        if self.name in DATED:
            return "系统登记，不必填写"
        said = NOTES.get((self.table, self.name), "")
        kinds = {Shape.DAY: "如 2021-03-20", Shape.NUMBER: "数字", Shape.CHOICE: "从列表中选"}
        return said or kinds.get(self.shape, "")

    def shown(self, text: str) -> str:
        """The text of the plan's files as the workbook has it."""
        return self.choices.get(text, text)

    def stored(self, text: str) -> str:
        """The text of the workbook as the plan's files have it; a key is taken as well as its label."""
        return next((key for key, label in self.choices.items() if label == text), text)


@cache
def columns_of(table: str) -> tuple[Column, ...]:
    """The columns of a sheet, in their order."""
    return tuple(_column(table, name) for name in TABLES[table])


def _column(table: str, name: str) -> Column:
    if name in YES_NO:
        return Column(table, name, Shape.CHOICE, {YES: YES, NO: NO})
    field = _field(MODELS[table], _OTHER.get((table, name), name))
    if field is not None and field.choices:
        return Column(table, name, Shape.CHOICE, {str(key): str(label) for key, label in field.flatchoices})
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return Column(table, name, Shape.DAY, {})
    if isinstance(field, models.DecimalField | models.IntegerField):
        return Column(table, name, Shape.NUMBER, {})
    return Column(table, name, Shape.TEXT, {})


def _field(model: type[models.Model], name: str) -> Any:
    try:
        return model._meta.get_field(name) if name else None
    except FieldDoesNotExist:
        return None


@cache
def template() -> str:
    """Which layout this is: it changes with any column, key or choice, so an outgrown workbook is recognised."""
    layout = {
        table: [[column.name, column.shape.value, *column.choices.items()] for column in columns_of(table)]
        for table in TABLES
    }
    return hashlib.sha256(json.dumps([layout, KEYS]).encode()).hexdigest()[:16]


def in_words(table: str, sentence: str) -> str:
    """A sentence about the files, with the names of files, columns and keys as the workbook shows them."""
    words: dict[str, str] = {f"{name}.csv": f"“{title}”表" for name, title in TITLES.items()}
    words |= {name: f"“{title}”表" for name, title in TITLES.items() if name != "plan"}
    for column in columns_of(table) if table in TABLES else ():
        words |= {
            key: label
            for key, label in column.choices.items()
            if key.isascii() and key.replace("_", "").isalpha()
        }
        words[column.name] = column.label
    for word in sorted(words, key=len, reverse=True):
        sentence = _replaced(sentence, word, words[word])
    return sentence


def _replaced(sentence: str, word: str, by: str) -> str:
    """A word where it stands alone, with the blanks around it that separate it from Chinese."""
    quoted = re.escape(word)
    return re.sub(rf" ?(?<![A-Za-z0-9_.\-]){quoted}(?![A-Za-z0-9_\-]) ?", by, sentence)

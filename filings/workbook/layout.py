"""The sheets of a filing's workbook and their columns. Pure: nothing here reads the database.

The columns people write follow `Entry.fields`; last quarter's stand directly on the left of the ones they help with.
Nothing is merged, so that every cell has one address: titles are centred across the selection instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from filings.labels import label
from filings.models import Entry
from filings.models.entry import FIELDS
from filings.terms import EntryKind

#: Goes up whenever a workbook of the layout before can no longer be read by this one.
TEMPLATE = 1

TITLE_ROW, UNIT_ROW, HEAD_ROW = 1, 2, 3
FIRST_ROW = HEAD_ROW + 1
#: The heading is looked for in so many rows: people put a line above it.
HEAD_WITHIN = 20

GUIDE = "填写说明"
SEAL, LISTS = "_校验", "_选项"
#: In a returned workbook, in front.
ERRORS_SHEET = "错误清单"
TAIL_START = "单位负责人："


class Use(Enum):
    """What a column is for: the row's key, what it is about, last quarter, what people write, and what the system says."""

    KEY = "key"
    ABOUT = "about"
    BEFORE = "before"
    FIELD = "field"
    STATE = "state"
    ERRORS = "errors"


@dataclass(frozen=True)
class Column:
    """One column: its name, its heading, and its width in half-width characters."""

    name: str
    heading: str
    width: float
    use: Use


@dataclass(frozen=True)
class Sheet:
    """One kind of entry, or the work items of all. A sheet with a `fold` is printed on two pages beside each other; its title stands
    over the columns before the fold."""

    title: str
    columns: tuple[Column, ...]
    fold: str = ""

    @property
    def fields(self) -> tuple[Column, ...]:
        """The columns people write."""
        return tuple(column for column in self.columns if column.use == Use.FIELD)

    def index(self, name: str) -> int:
        """The number of a column, from 1."""
        return [column.name for column in self.columns].index(name) + 1


KEY = Column("key", "行码", 10, Use.KEY)
FILES = Column("files", "佐证材料（已上传）", 20, Use.STATE)
STATE = Column("state", "本项状态", 16, Use.STATE)
ERRORS = Column("errors", "错误说明", 30, Use.ERRORS)

#: What an entry is about.
_ABOUT: dict[EntryKind, tuple[Column, ...]] = {
    EntryKind.PROGRESS: (
        Column("number", "编号", 7, Use.ABOUT),
        Column("title", "主要任务", 24, Use.ABOUT),
        Column("action", "专项行动", 16, Use.ABOUT),
        Column("unit", "单位", 6, Use.ABOUT),
        Column("expected", "本季末序时", 9, Use.ABOUT),
    ),
    EntryKind.CONTRIBUTION: (
        Column("number", "编号", 7, Use.ABOUT),
        Column("title", "主要任务", 26, Use.ABOUT),
        Column("action", "专项行动", 16, Use.ABOUT),
    ),
    EntryKind.SUMMARY: (
        Column("number", "序号", 7, Use.ABOUT),
        Column("title", "专项行动", 22, Use.ABOUT),
    ),
    EntryKind.MILESTONE: (
        Column("number", "任务编号", 9, Use.ABOUT),
        Column("title", "节点", 26, Use.ABOUT),
        Column("task", "所属任务", 22, Use.ABOUT),
        Column("action", "专项行动", 16, Use.ABOUT),
        Column("due", "节点期限", 14, Use.ABOUT),
    ),
    EntryKind.READING: (
        Column("title", "指标", 26, Use.ABOUT),
        Column("unit", "单位", 9, Use.ABOUT),
        Column("parts", "分子与分母", 22, Use.ABOUT),
    ),
}

#: Which columns have last quarter's beside them.
_BEFORE: dict[EntryKind, tuple[str, ...]] = {
    EntryKind.PROGRESS: ("percent", "self_light", "text", "next_steps"),
    EntryKind.CONTRIBUTION: ("text",),
    EntryKind.SUMMARY: ("text", "next_steps"),
    EntryKind.MILESTONE: ("milestone_state", "text"),
    EntryKind.READING: ("value", "text"),
}

_FOLDS = {EntryKind.PROGRESS: "problems"}

_WIDTHS = {
    "percent": 10, "percent_reason": 16, "self_light": 11, "pace": 13, "text": 38, "nothing_reason": 16,
    "problems": 26, "cause": 20, "coordination": 20, "next_steps": 26, "next_on": 13, "milestone_state": 11,
    "done_on": 13, "value_state": 13, "value": 14, "numerator": 12, "denominator": 12, "explanation": 18,
}  # fmt: skip
_DEFAULT_WIDTH = 20.0
_WIDEST_BEFORE = 26.0


def heading(kind: EntryKind, name: str) -> str:
    """What a column is called for every entry of a kind; what one entry calls it stands in its own row."""
    return label(Entry(kind=kind), name)


def _columns(kind: EntryKind) -> Iterator[Column]:
    yield KEY
    yield from _ABOUT[kind]
    for name in FIELDS[kind]:
        width = _WIDTHS.get(name, _DEFAULT_WIDTH)
        if name in _BEFORE[kind]:
            said = f"上季{heading(kind, name)}"
            yield Column(f"before_{name}", said, min(width, _WIDEST_BEFORE), Use.BEFORE)
        yield Column(name, heading(kind, name), width, Use.FIELD)
    yield FILES
    yield STATE
    yield ERRORS


SHEETS: dict[EntryKind, Sheet] = {
    kind: Sheet(str(kind.label), tuple(_columns(kind)), _FOLDS.get(kind, "")) for kind in EntryKind
}

#: One row for each work item of the lead's tasks; the percent of a task follows from them.
ITEM = "item"
ITEMS = Sheet(
    "工作项进度",
    (
        KEY,
        Column("number", "编号", 7, Use.ABOUT),
        Column("title", "主要任务", 24, Use.ABOUT),
        Column("measure", "工作项", 40, Use.ABOUT),
        Column("department", "责任单位", 14, Use.ABOUT),
        Column("weight", "权重", 8, Use.ABOUT),
        Column("due", "时限", 15, Use.ABOUT),
        Column("expected", "本季末应达", 11, Use.ABOUT),
        Column("before_item", "上季末完成", 11, Use.BEFORE),
        Column(ITEM, "本季末完成", 13, Use.FIELD),
        STATE,
        ERRORS,
    ),
)

#: In the order of the workbook.
ALL: tuple[Sheet, ...] = (
    SHEETS[EntryKind.PROGRESS],
    ITEMS,
    *(sheet for kind, sheet in SHEETS.items() if kind != EntryKind.PROGRESS),
)

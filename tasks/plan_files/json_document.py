"""The one JSON document that `export_plan` prints, taken apart into the same rows as the folder of tables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from harbor_plan.lib.cells import NO, YES
from tasks.plan_files.document import Problem
from tasks.plan_files.raw import RawPlan, RawRow, Unreadable, why_closed
from tasks.plan_files.tables import OPTIONAL, OPTIONAL_TABLES, TABLES, YES_NO

Object = dict[str, Any]

LISTS = (
    "departments", "goals", "indicators", "actions", "tasks", "milestones", "threshold_changes", "baseline_changes",
)  # fmt: skip

# parent table: {key in the document: (table of the nested rows, their column for the parent, the parent's own key)}
NESTED = {
    "indicators": {
        "targets": ("targets", "indicator", "code"),
        "plan_values": ("plan_values", "indicator", "code"),
    },
    "actions": {"leads": ("action_leads", "action_no", "no")},
    "tasks": {"responsibilities": ("responsibilities", "task_no", "no")},
}
DERIVED = {"goals": {"indicators"}}
MISSING: Final = object()
DIVIDER = re.compile("[;；]")
USE_EXPORT = "请使用 export_plan 导出的文件"


def read_json(path: Path) -> RawPlan:
    """Every table of the document in a file; see `parse_json`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return _unreadable(path.name, Unreadable(why_closed(error)))
    return parse_json(path.name, content)


def _unreadable(name: str, error: Unreadable) -> RawPlan:
    return RawPlan(problems=[Problem(name, error.row, "", error.message)], broken=set(TABLES))


def parse_json(name: str, content: bytes) -> RawPlan:
    """Every table of the document. A row's number is its place in its list, counted from 1."""
    raw = RawPlan()
    try:
        document = _parse(content)
    except Unreadable as error:
        return _unreadable(name, error)
    for key in document.keys() - {"plan", *LISTS}:
        raw.problems.append(Problem(name, None, "", f"不认识的键 {key}；请删去或改为说明中的键名"))
    if "plan" in document:
        _take(raw, "plan", f"{name} plan", [document["plan"]], {})
    else:
        raw.problems.append(Problem(f"{name} plan", None, "", f"缺少方案本身；{USE_EXPORT}"))
        raw.broken.add("plan")
    for key in LISTS:
        if key in OPTIONAL_TABLES and key not in document:
            continue
        _take(raw, key, f"{name} {key}", document.get(key, MISSING), {})
    _check_goal_members(raw, f"{name} goals", document)
    return raw


def _parse(content: bytes) -> Object:
    """The document, decimals kept as written. Raises Unreadable."""
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_float=str, object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise Unreadable(f"不是 UTF-8 编码的文本；{USE_EXPORT}") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"第{error.colno}个字符处不符合 JSON 格式；{USE_EXPORT}", row=error.lineno) from None
    except (ValueError, RecursionError):
        raise Unreadable(f"数字过长或嵌套过深；{USE_EXPORT}") from None
    if not isinstance(document, dict):
        raise Unreadable(f"最外层应为一个对象；{USE_EXPORT}")
    return document


def _object(pairs: list[tuple[str, Any]]) -> Object:
    """An object whose keys stand there once; JSON itself would silently keep the last. Raises Unreadable."""
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise Unreadable(f"同一个对象中键 {twice} 写了两次；请删去一个")
    return dict(pairs)


def _take(raw: RawPlan, table: str, where: str, items: Any, parent: Object) -> None:
    """Add the rows of one list and of the lists nested in them; `parent` is the column that points upwards."""
    if not isinstance(items, list):
        missing = "缺少这一项" if items is MISSING else "应为列表"
        raw.problems.append(Problem(where, None, "", f"{missing}；没有内容的列表写 []"))
        raw.broken.add(table)
        return
    for no, item in enumerate(items, start=1):
        if table == "action_leads" and isinstance(item, str):
            item = {"order": no, "department": item}
        if not isinstance(item, dict):
            raw.problems.append(Problem(where, no, "", "应为一个对象，即一组“键: 值”"))
            continue
        raw.rows[table].append(_row(raw, table, where, no, parent | item))
        for key, (child, link, source) in NESTED.get(table, {}).items():
            below = f"{where} {item.get(source)} {key}"
            _take(raw, child, below, item.get(key, MISSING), {link: item.get(source)})


def _row(raw: RawPlan, table: str, where: str, no: int, item: Object) -> RawRow:
    """One object as a row: every column as text. Missing and unknown keys and values of a wrong sort are refused."""
    columns = TABLES[table]
    row = RawRow(table, where, no, dict.fromkeys(columns, ""))
    for key in columns:
        if key not in item and key not in OPTIONAL:
            raw.problems.append(row.refuse(key, "缺少这个键；没有内容写 null"))
    for key, value in item.items():
        if key in NESTED.get(table, {}) or key in DERIVED.get(table, ()):
            continue
        if key not in columns:
            raw.problems.append(row.problem(key, "不认识的键；请删去或改为说明中的键名"))
        elif isinstance(value, bool) and key not in YES_NO:
            raw.problems.append(row.refuse(key, "这里不能是 true 或 false；没有内容写 null"))
        elif (text := _text(value)) is None:
            raw.problems.append(
                row.refuse(key, "应为文字、数字、true、false、null 或由文字组成的列表，列表中的文字不含分号")
            )
        else:
            row.cells[key] = text
    return row


def _text(value: Any) -> str | None:
    """A value as a cell of the tables would hold it; None when no cell could."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, (str, int)):
        return str(value).strip()
    if isinstance(value, list) and all(isinstance(part, str) and not DIVIDER.search(part) for part in value):
        return ";".join(value)
    return None


def _check_goal_members(raw: RawPlan, where: str, document: Object) -> None:
    """A goal lists its indicators only for the reader's ease: the list must agree with each indicator's goal_no."""
    if not all(isinstance(document.get(key), list) for key in ("goals", "indicators")):
        return
    indicators = [item for item in document["indicators"] if isinstance(item, dict)]
    for no, goal in enumerate(document["goals"], start=1):
        if not isinstance(goal, dict) or "indicators" not in goal:
            continue
        members = [item.get("code") for item in indicators if str(item.get("goal_no")) == str(goal.get("no"))]
        if goal["indicators"] != members:
            message = "与各指标的 goal_no 不一致；请改指标的 goal_no，并同样修改这里"
            raw.problems.append(Problem(where, no, "indicators（指标）", message))

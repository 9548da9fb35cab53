"""Reorganisations prepared in a table that a person can read (CSV), loaded as prepared, never applied."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from departments.models import Certainty, Department, Kind, Succession, SuccessionKind
from harbor_plan.lib.refusals import Refused
from reports.reorganisation.preparing import Draft, NewUnit, prepare

FILE = "operations.csv"
COLUMNS = (
    "code", "kind", "effective_on", "before", "after", "after_kind", "certainty", "document", "reason", "source",
)  # fmt: skip


@transaction.atomic
def load_prepared(*, folder: Path, at: datetime) -> list[Succession]:
    """Prepare the operations of a folder that the system does not know by their code; gives the new ones.

    Everything or nothing. Raises Refused (content) with the row that is wrong.
    """
    path = folder / FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
            header = tuple(reader.fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Refused("content", f"{path} 不能读取，须为 UTF-8 编码的 CSV 文件。") from error
    if header != COLUMNS:
        raise Refused("content", f"{FILE} 的表头须为 {','.join(COLUMNS)}。")
    known = set(Succession.objects.exclude(code="").values_list("code", flat=True))
    departments = {department.name: department for department in Department.objects.all()}
    loaded = []
    for no, row in enumerate(rows, start=2):
        if row["code"] not in known:
            try:
                draft = _draft(row, departments)
                loaded.append(prepare(draft=draft, by=None, at=at, verb="succession.load"))
            except (Refused, ValueError, TypeError, AttributeError) as error:
                reason = error.sentence if isinstance(error, Refused) else str(error)
                raise Refused("content", f"{FILE} 第{no}行：{reason}") from error
    return loaded


def _draft(row: dict[str, str], departments: dict[str, Department]) -> Draft:
    """One row of the table. Raises ValueError with a sentence."""
    if not row["code"]:
        raise ValueError("没有代码，请填写。")
    kinds = row["after_kind"].split(";") if row["after_kind"] else []
    after = _names(row["after"])
    if kinds and len(kinds) != len(after):
        raise ValueError("after_kind 须与 after 一一对应。")
    new = [NewUnit(name, Kind(kind)) for name, kind in zip(after, kinds, strict=False) if kind]
    fresh = {unit.name for unit in new}
    return Draft(
        kind=SuccessionKind(row["kind"]),
        effective_on=date.fromisoformat(row["effective_on"]),
        before=tuple(_unit(name, departments) for name in _names(row["before"])),
        known=tuple(_unit(name, departments) for name in after if name not in fresh),
        new=tuple(new),
        document=row["document"],
        reason=row["reason"],
        source=row["source"],
        certainty=Certainty(row["certainty"]),
        code=row["code"],
    )


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(";") if name.strip()]


def _unit(name: str, departments: dict[str, Department]) -> Department:
    if name not in departments:
        raise ValueError(f"没有登记“{name}”这个单位；请先载入方案，或填写 after_kind 表示新设。")
    return departments[name]

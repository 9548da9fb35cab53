"""Rows as they stand in the files, before anything is known about them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tasks.plan_files.document import Problem
from tasks.plan_files.tables import TABLES, column_label


@dataclass(frozen=True)
class RawRow:
    """One line: every column of its table as text, "" where nothing is written. See `Problem` for `no`.

    `refused` are the columns already complained about; what follows from them is not told again.
    """

    table: str
    file: str
    no: int
    cells: dict[str, str]
    refused: set[str] = field(default_factory=set)

    def refuse(self, column: str, message: str) -> Problem:
        """A problem with a cell that is not to be read any further."""
        self.refused.add(column)
        return self.problem(column, message)

    def problem(self, column: str, message: str) -> Problem:
        """A problem standing in this row."""
        return Problem(self.file, self.no, column_label(self.table, column), message)


@dataclass
class RawPlan:
    """All rows of a plan by table, and the problems met on the way. `broken` tables could not be read."""

    rows: dict[str, list[RawRow]] = field(default_factory=lambda: {table: [] for table in TABLES})
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)


class Unreadable(Exception):
    """A whole file cannot be read: why and what to do, in Chinese, and the line where known."""

    def __init__(self, message: str, row: int | None = None) -> None:
        self.message = message
        self.row = row
        super().__init__(message)


def why_closed(error: OSError) -> str:
    """Why the machine does not open a file or folder, in words people can act on."""
    if isinstance(error, PermissionError):
        return "打不开：没有读取权限；请检查文件和文件夹的权限"
    if isinstance(error, IsADirectoryError):
        return "打不开：这是文件夹，不是文件；请核对"
    return f"打不开（{error.strerror}）；请核对路径"

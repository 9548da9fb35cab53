"""The issued plan as shipped, and copies of its files that a test may spoil."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from tasks.plan_files import PlanDocument, PlanRefused, read_plan

SHIPPED = Path(settings.BASE_DIR) / "fixtures" / "plan-811"


@pytest.fixture(scope="session")
def document() -> PlanDocument:
    """The shipped plan, read once."""
    return read_plan(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "plan"))


def lines_of(folder: Path, table: str) -> list[list[str]]:
    """The cells of a table, header first."""
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def write_lines(folder: Path, table: str, lines: list[list[str]]) -> None:
    """Write a table anew, as a spreadsheet would."""
    with (folder / f"{table}.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)


def edit(folder: Path, table: str, row: int, column: str, value: str) -> None:
    """Change one cell; `row` as a spreadsheet numbers it."""
    lines = lines_of(folder, table)
    lines[row - 1][lines[0].index(column)] = value
    write_lines(folder, table, lines)


def row_of(folder: Path, table: str, column: str, value: str) -> int:
    """The spreadsheet row of the first line with a value in a column."""
    lines = lines_of(folder, table)
    at = lines[0].index(column)
    return next(no for no, line in enumerate(lines, start=1) if line[at] == value and no > 1)


def drop(folder: Path, table: str, keep: Callable[[dict[str, str]], bool]) -> None:
    """Delete the lines that are not kept."""
    header, *lines = lines_of(folder, table)
    kept = [line for line in lines if keep(dict(zip(header, line, strict=True)))]
    write_lines(folder, table, [header, *kept])


def problems_of(path: Path) -> list[str]:
    """What is said about files that are refused."""
    with pytest.raises(PlanRefused) as refused:
        read_plan(path)
    return [str(problem) for problem in refused.value.problems]

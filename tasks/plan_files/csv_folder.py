"""A folder with one CSV file a table."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from tasks.plan_files.document import Problem
from tasks.plan_files.raw import RawPlan, RawRow, Unreadable, why_closed
from tasks.plan_files.tables import OPTIONAL, OPTIONAL_TABLES, TABLES, column_label

FORMULA = re.compile(r"[=+\-@].")
NUMBER = re.compile(r"[+-]?[0-9.]+")
CODES = "CSV UTF-8（逗号分隔）"


def read_folder(folder: Path) -> RawPlan:
    """Every table of the folder. Row numbers are those a spreadsheet shows; blank lines are skipped."""
    raw = RawPlan()
    for table in TABLES:
        if table in OPTIONAL_TABLES and not (folder / f"{table}.csv").exists():
            continue
        try:
            _read_table(folder, table, raw)
        except Unreadable as error:
            raw.broken.add(table)
            raw.problems.append(Problem(f"{table}.csv", error.row, "", error.message))
    if not raw.rows["plan"] and "plan" not in raw.broken:
        raw.problems.append(Problem("plan.csv", 2, "", "没有方案这一行；请填写方案的代码、名称和起止日期"))
    return raw


def _read_table(folder: Path, table: str, raw: RawPlan) -> None:
    file = f"{table}.csv"
    header, *lines = _lines(folder / file) or [[]]
    header = (
        ",".join(name.strip() for name in header).rstrip(",").split(",")
    )  # spreadsheets add empty columns
    _check_header(table, header)
    for no, line in enumerate(lines, start=2):
        if any(cell.strip() for cell in line):
            raw.rows[table].append(_row(table, file, no, header, line, raw.problems))


def _lines(path: Path) -> list[list[str]]:
    """The cells of a file line by line. Raises Unreadable."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise Unreadable("缺少这个文件；没有内容时也要保留表头一行") from None
    except OSError as error:
        raise Unreadable(why_closed(error)) from None
    except UnicodeDecodeError:
        raise Unreadable(f"不是 UTF-8 编码的文本；请在表格软件中另存为“{CODES}”") from None
    if "\0" in text:
        raise Unreadable(f"含有二进制内容，不是文本表格；请另存为“{CODES}”")
    lines: list[list[str]] = []
    try:
        for line in csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True):
            lines.append(line)
    except csv.Error:
        message = "从这一行起引号不成对或一格过长，无法分列；请检查英文双引号"
        raise Unreadable(message, row=len(lines) + 1) from None
    return lines


def _check_header(table: str, header: list[str]) -> None:
    """The first line names every column once and nothing else; the order is free. Raises Unreadable."""
    columns = TABLES[table]
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        raise Unreadable(f"各列之间应是英文逗号；请在表格软件中另存为“{CODES}”", row=1)
    wrong = [f"缺少 {column_label(table, name)}" for name in columns if name not in {*header, *OPTIONAL}]
    wrong += [f"多出 {name or '空列名'}" for name in header if name not in columns]
    wrong += [f"重复 {name}" for name in columns if header.count(name) > 1]
    if wrong:
        raise Unreadable(f"表头不对：{'，'.join(wrong)}；请恢复为说明中的列名", row=1)


def _row(
    table: str, file: str, no: int, header: list[str], line: list[str], problems: list[Problem]
) -> RawRow:
    """One line as a row. Short lines are filled with blanks; what stands beyond the header is refused."""
    if any(cell.strip() for cell in line[len(header) :]):
        problems.append(
            Problem(file, no, "", f"有{len(line)}格，表头只有{len(header)}格；文字中的英文逗号要用双引号括起")
        )
    filled = {name: cell.strip().replace("\r\n", "\n") for name, cell in zip(header, line, strict=False)}
    cells = dict.fromkeys([*TABLES[table], *header], "") | filled
    row = RawRow(table, file, no, cells)
    for column, cell in cells.items():
        if FORMULA.match(cell) and not NUMBER.fullmatch(cell):
            problems.append(row.refuse(column, f"“{cell}”以“{cell[0]}”开头，像公式；请改为普通文字"))
    return row

"""The table of demonstration accounts that the command prints."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from accounts.roles import Role
from harbor_plan.demo.people import role_of
from harbor_plan.demo.tables import Row, Tables

#: What one can do with an account, by role, in the order of the table.
CAN = {
    Role.LEADER: "看全部进展；办公室无人可审的报送由其审核",
    Role.OFFICE: "审核报送，管理填报期，催办、发布、考核，维护方案数据",
    Role.FILER: "填写本单位的季度报送，提交签发",
    Role.APPROVER: "签发本单位的报送，或退回修改",
    Role.SYSADMIN: "只管账号和运行，不参与填报和审核",
}


def account_lines(tables: Tables) -> list[str]:
    """One account of each role with what it can do, then everybody's account by department."""
    settings, people = tables.settings, tables.people
    lines = ["", f"演示账号（仅供演示，正式使用前须停用；口令一律为 {settings.password}）", ""]
    shown = [row for row in people if row.text("account") in settings.featured]
    lines += table(
        ("角色", "账号", "口令", "姓名", "可以做什么"),
        [
            (role_of(row).label, row.text("account"), settings.password, row.text("name"), CAN[role_of(row)])
            for row in sorted(shown, key=lambda row: list(CAN).index(role_of(row)))
        ],
    )
    return [*lines, "", *_by_department(people), "", *_several(people)]


#: Every department has these two.
PER_UNIT = frozenset({Role.FILER, Role.APPROVER})


def _by_department(people: Iterable[Row]) -> list[str]:
    accounts: dict[str, dict[Role, str]] = defaultdict(dict)
    for row in people:
        if role_of(row) in PER_UNIT:
            accounts[row.text("department")].setdefault(role_of(row), row.text("account"))
    rows = [(name, own.get(Role.FILER, ""), own.get(Role.APPROVER, "")) for name, own in accounts.items()]
    return table(("单位", "填报账号", "签发账号"), rows)


def _several(people: Iterable[Row]) -> list[str]:
    """People with more than one part."""
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in people:
        parts[row.text("account"), row.text("name")].append(f"{row.text('department')}{role_of(row).label}")
    return [
        f"一人多职：{name}（{account}）是{'、'.join(held)}。"
        for (account, name), held in parts.items()
        if len(held) > 1
    ]


def table(heading: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns aligned for a terminal, where a Chinese character is two wide."""
    widths = [max(map(_width, column)) for column in zip(heading, *rows, strict=True)]
    return [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in (heading, *rows)
    ]


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)

"""The role navigation: which pages each role finds in it, and how they stand in one row.

To add a page, put `Page("its label", "app:name")` into the menu of each role that works with it: into the role's own
row if it is daily work (at most MOST entries, a folder counts as one), else into one of its folders. The name must be
an address without arguments. Numbers come from `harbor_plan.shell`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from accounts.roles import Role


@dataclass(frozen=True)
class Page:
    """A page under its label in the navigation; `name` is that of its address."""

    label: str
    name: str


@dataclass(frozen=True)
class Folder:
    """Pages that stand together under one word."""

    label: str
    pages: tuple[Page, ...]


Entry = Page | Folder

#: Entries in the row; pages that a person of several roles has beyond them stand under MORE.
MOST = 8
MORE = "更多"

QUEUE = Page("报送审核", "filings:queue")
ORDERS = Page("督办单", "supervision:orders")
COCKPIT = Page("总览", "reports:cockpit")
ANNUAL_PLANS = Page("年度计划", "tasks:plans")
COUNTERSIGN = Page("待会签", "filings:countersign")
PAST = Page("往季报送", "filings:past")
COMPLETENESS = Page("完整率和时效", "reports:completeness")
CROSSCHECKS = Page("勾稽核对", "filings:crosschecks")
RETURNS = Page("退回情况", "filings:returns")
COUNTERSIGNED = Page("会签情况", "filings:countersigned")
PLAN_VALUES = Page("计划值", "reports:all_plan_values")
THRESHOLDS = Page("亮灯阈值", "reports:thresholds")
UNJUDGED = Page("算不出的指标", "reports:unjudged")
RESULTS = Page("考核结果", "assessment:overview")

PLAN = Folder(
    "方案进展",
    (
        Page("目标类别", "reports:goals"),
        Page("目标指标", "reports:indicators"),
        Page("专项行动", "reports:actions"),
        Page("任务节点", "reports:milestones"),
        Page("责任分解", "reports:responsibilities"),
        Page("责任单位", "reports:departments"),
    ),
)
BULLETINS = Page("季度通报", "reports:publications")
#: The same for whom the bulletins are reading, not work.
READING = Folder(PLAN.label, (*PLAN.pages, BULLETINS, PLAN_VALUES))

#: What everybody of a department has after the home of their role.
OF_A_DEPARTMENT = (COUNTERSIGN, PAST, ORDERS, COCKPIT, ANNUAL_PLANS, READING, RESULTS)

#: By role, in the order of a day's work.
MENUS: dict[Role, tuple[Entry, ...]] = {
    Role.OFFICE: (
        Page("工作台", "supervision:desk"),
        QUEUE,
        ORDERS,
        COCKPIT,
        ANNUAL_PLANS,
        PLAN,
        Folder(
            "通报考核",
            (
                Page("通报发布", "reports:publications"),
                Page("年度考核", "assessment:overview"),
            ),
        ),
        Folder(
            "管理",
            (
                Page("填报期", "filings:periods"),
                Page("待办目标", "reports:targets"),
                PLAN_VALUES,
                THRESHOLDS,
                Page("方案维护", "tasks:upkeep"),
                Page("基础数据", "admin:index"),
                CROSSCHECKS,
                UNJUDGED,
                Page("机构变动", "reports:reorganisations"),
                COMPLETENESS,
                RETURNS,
                COUNTERSIGNED,
                Page("填报负担", "reports:burden"),
                Page("工作簿收集", "filings:workbook_collection"),
            ),
        ),
    ),
    Role.LEADER: (
        COCKPIT,
        BULLETINS,
        Page("年度考核", "assessment:overview"),
        ORDERS,
        QUEUE,
        ANNUAL_PLANS,
        PLAN,
        Folder("报送情况", (COMPLETENESS, RETURNS, COUNTERSIGNED, CROSSCHECKS, UNJUDGED)),
    ),
    Role.FILER: (Page("本季待办", "filings:mine"), *OF_A_DEPARTMENT),
    Role.APPROVER: (Page("待签发", "filings:signing"), *OF_A_DEPARTMENT),
    Role.SYSADMIN: (Page("系统管理", "admin:index"),),
}


#: Every page of the navigation, by the name of its address; all of them show one plan.
PAGES = frozenset(
    page.name
    for menu in MENUS.values()
    for entry in menu
    for page in (entry.pages if isinstance(entry, Folder) else (entry,))
)


@dataclass(frozen=True)
class Item:
    """One page in the navigation; `count` is how much waits there."""

    label: str
    url: str
    is_current: bool
    count: int = 0


@dataclass(frozen=True)
class Group:
    """Pages under one word; `is_current` and `count` are those of its pages together."""

    label: str
    items: tuple[Item, ...]

    @property
    def is_current(self) -> bool:
        return any(item.is_current for item in self.items)

    @property
    def count(self) -> int:
        return sum(item.count for item in self.items)


def navigation(
    roles: Iterable[Role], path: str, counts: Mapping[str, int], extra: Iterable[Page] = ()
) -> tuple[Item | Group, ...]:
    """The row of somebody with these roles on the page at `path`: each page once, at most MOST entries.

    `counts` says by address name how much waits; `extra` are pages that follow from no role.
    """
    entries = _merged([MENUS[role] for role in roles], extra)
    urls = {page.name: reverse(page.name) for entry in entries for page in _pages(entry)}
    here = max((url for url in urls.values() if path.startswith(url)), key=len, default="")

    def item(page: Page) -> Item:
        url = urls[page.name]
        return Item(page.label, url, url == here, counts.get(page.name, 0))

    return _folded(
        [
            item(entry) if isinstance(entry, Page) else Group(entry.label, tuple(map(item, entry.pages)))
            for entry in entries
        ]
    )


def _merged(menus: list[tuple[Entry, ...]], extra: Iterable[Page]) -> list[Entry]:
    """Menus in one: where each role begins its day, then the other pages, and of several roles the folders last."""
    heads = [menu[0] for menu in menus]
    entries = _once([*heads, *extra, *(entry for menu in menus for entry in menu[1:])])
    return sorted(entries, key=lambda entry: isinstance(entry, Folder)) if len(menus) > 1 else entries


def _pages(entry: Entry) -> tuple[Page, ...]:
    return (entry,) if isinstance(entry, Page) else entry.pages


def _once(entries: Iterable[Entry]) -> list[Entry]:
    """Each page at its first place only."""
    seen: set[str] = set()
    left: list[Entry] = []
    for entry in entries:
        fresh = tuple(page for page in _pages(entry) if page.name not in seen)
        seen.update(page.name for page in fresh)
        if fresh:
            left.append(entry if isinstance(entry, Page) else Folder(entry.label, fresh))
    return left


def _folded(row: list[Item | Group]) -> tuple[Item | Group, ...]:
    """What does not fit into the row: its last pages go under MORE, before the groups."""
    if len(row) <= MOST:
        return tuple(row)
    groups = [entry for entry in row if isinstance(entry, Group)]
    items = [entry for entry in row if isinstance(entry, Item)]
    room = MOST - 1 - len(groups)
    return (*items[:room], Group(MORE, tuple(items[room:])), *groups)

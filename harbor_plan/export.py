"""Any list as it is displayed, as an .xlsx file: the same columns, filters and order, and all its pages.

The address of the list with `export=xlsx` gives the file. It is made of the page itself, so whatever a person may not
see is not in it, and a column added to a page is in its file. A file that has a form of its own (the responsibility
table, the state of a quarter) keeps it; see `reports.exports`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from unicodedata import east_asian_width

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.models import User
from audit.services import record
from harbor_plan.lib import zh
from harbor_plan.lib.download import XLSX, attachment
from harbor_plan.lib.moments import local
from harbor_plan.lib.tables import Cell, PageTables, Table, tables_of
from harbor_plan.lib.xlsx import Column, Form, Kind, Value, form_workbook

_NAMES = """
filings:mine filings:past filings:queue filings:periods filings:signing filings:countersigned filings:returns
filings:crosschecks filings:cross_rules
filings:workbook_collection filings:routine filings:review filings:earlier_evidence filings:group filings:workbook
tasks:plans tasks:plan tasks:version tasks:programmes tasks:upkeep tasks:plan_upload tasks:plan_revisions
tasks:plan_revision
reports:goals reports:goal reports:indicators reports:indicator reports:actions reports:action reports:task
reports:milestones reports:departments reports:department reports:publications reports:publication
reports:completeness reports:unjudged reports:burden reports:cockpit reports:targets reports:target reports:thresholds
reports:all_plan_values reports:plan_values
reports:reorganisations reports:reorganisation
supervision:desk supervision:notices supervision:orders
assessment:overview assessment:year assessment:sheet
"""

#: The lists that can be taken away as they are displayed, by the name of their address.
LISTS = frozenset(_NAMES.split())

MOST_PAGES = 500
_NUMBER = re.compile(r"[+−-]?\d[\d\u202f]*(\.\d+)?(%?)")
_WIDEST, _NARROWEST = 46, 8
_SHEET_NAME = 31

Respond = Callable[[HttpRequest], HttpResponse]


def export_url(request: HttpRequest) -> dict[str, str]:
    """Context processor: where the page's tables can be had as a file; empty on pages that are no list."""
    match = request.resolver_match
    if match is None or match.view_name not in LISTS:
        return {"export_url": ""}
    query = request.GET.copy()
    query.pop("page", None)
    query["export"] = "xlsx"
    return {"export_url": f"?{query.urlencode()}"}


def export_tables(get_response: Respond) -> Respond:
    """Middleware: answers a list asked for with `export=xlsx` by its tables. Stands last, next to the views."""

    def respond(request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or request.GET.get("export") != "xlsx":
            return get_response(request)
        query = request.GET.copy()
        del query["export"]
        query.pop("page", None)
        request.GET = query  # type: ignore[assignment]
        response = get_response(request)
        match = request.resolver_match
        if response.status_code != 200 or match is None or match.view_name not in LISTS:
            return response
        page = tables_of(response.content.decode())
        while page.has_next and (number := int(request.GET.get("page", "1")) + 1) <= MOST_PAGES:
            asked = query.copy()
            asked["page"] = str(number)
            request.GET = asked  # type: ignore[assignment]
            page = _joined(page, tables_of(get_response(request).content.decode()))
        return _answer(request, page, timezone.now())

    return respond


def _joined(page: PageTables, more: PageTables) -> PageTables:
    """A list with the rows of its next page."""
    tables = [
        replace(table, rows=[*table.rows, *other.rows]) if table.head == other.head else table
        for table, other in zip(page.tables, more.tables, strict=False)
    ]
    return replace(page, tables=tables or page.tables, has_next=more.has_next)


def _answer(request: HttpRequest, page: PageTables, at: datetime) -> HttpResponse:
    if not page.tables:
        messages.info(request, "本页现在没有可以导出的表格。")
        query = request.GET.urlencode()
        return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)
    user = request.user
    assert isinstance(user, User)
    _record(user, page, request.path, at)
    return attachment(form_workbook(forms_of(page, user, at)), f"{_plain(page.title)}.xlsx", XLSX)


@transaction.atomic
def _record(user: User, page: PageTables, path: str, at: datetime) -> None:
    rows = sum(len(table.rows) for table in page.tables)
    after = {"页面": page.title, "地址": path, "筛选": page.filters, "行数": rows}
    record(verb="table.export", subject=user, by=user, at=at, after=after)


def forms_of(page: PageTables, user: User, at: datetime) -> list[Form]:
    """One sheet for each table, with what the page says above it."""
    names: list[str] = []
    for table in page.tables:
        names.append(_sheet_name(table.caption or page.title, names))
    mark = "（演示数据）" if page.is_demo else ""
    notes = [*page.notices, *([page.lede] if page.lede else [])]
    if page.filters:
        notes.append(f"筛选：{page.filters}")
    return [
        Form(
            sheet=name,
            title=f"{page.title if len(names) == 1 else f'{page.title}：{table.caption or name}'}{mark}",
            left=f"导出人：{user}",
            right=f"数据截至：{zh.moment(local(at))}",
            columns=columns,
            rows=[
                [_value(cell, column.kind) for cell, column in zip(row, columns, strict=True)]
                for row in table.rows
            ],
            notes=notes,
        )
        for name, table in zip(names, page.tables, strict=True)
        for columns in [[_column(table, no) for no in range(len(table.head))]]
    ]


def _plain(text: str) -> str:
    return re.sub(r'[\\/:*?"<>|\[\]\n\t]', " ", text).strip() or "列表"


def _sheet_name(text: str, taken: list[str]) -> str:
    """A name that a sheet may have and no other has."""
    name = _plain(text).strip("'")[:_SHEET_NAME]
    number = 2
    while name in taken:
        name = f"{_plain(text)[: _SHEET_NAME - 4]}（{number}）"
        number += 1
    return name


def _column(table: Table, no: int) -> Column:
    cells = [row[no] for row in table.rows]
    found = {_kind(cell) for cell in cells if _kind(cell) is not None}
    kind = found.pop() if len(found) == 1 else None
    lines = [line for text in (table.head[no], *(cell.text for cell in cells)) for line in text.split("\n")]
    width = max(sum(2 if east_asian_width(char) in "WF" else 1 for char in line) for line in lines)
    return Column(table.head[no], min(max(width + 2, _NARROWEST), _WIDEST), kind or Kind.TEXT)


def _kind(cell: Cell) -> Kind | None:
    """PERCENT or NUMBER of a cell that the page sets as a number and that is one; None for any other."""
    found = _NUMBER.fullmatch(cell.text) if cell.is_number else None
    if found is None:
        return None
    return Kind.PERCENT if found[2] else Kind.NUMBER


def _value(cell: Cell, kind: Kind) -> Value:
    """The number where the whole column is of its kind, else the text."""
    if kind == Kind.TEXT or _kind(cell) != kind:
        return cell.text
    return Decimal(cell.text.replace(zh.GROUP, "").replace(zh.MINUS, "-").removesuffix("%"))

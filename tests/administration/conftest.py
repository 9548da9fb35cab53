"""People at the administration, and tables as files."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.models import User
from tests.factories import make_reviewer, make_sysadmin

Table = list[list[Any]]


@pytest.fixture
def office(db: None) -> User:
    """Somebody of the office."""
    return make_reviewer(name="审核人")


@pytest.fixture
def sysadmin(db: None) -> User:
    return make_sysadmin(name="管理员")


@pytest.fixture
def as_office(office: User) -> Client:
    client = Client()
    client.force_login(office)
    return client


@pytest.fixture
def as_sysadmin(sysadmin: User) -> Client:
    client = Client()
    client.force_login(sysadmin)
    return client


def csv_file(*rows: Sequence[Any], encoding: str = "utf-8-sig") -> SimpleUploadedFile:
    """A table as a text file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return SimpleUploadedFile("表.csv", text.getvalue().encode(encoding))


def xlsx_file(*rows: Sequence[Any]) -> SimpleUploadedFile:
    """A table as a workbook, each value in a cell of its own type."""
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    content = io.BytesIO()
    book.save(content)
    return SimpleUploadedFile("表.xlsx", content.getvalue())


def table_of(response: HttpResponse) -> Table:
    """The rows of an exported file, heading first."""
    if "csv" in response.headers["Content-Type"]:
        return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    sheet = load_workbook(io.BytesIO(response.content)).worksheets[0]
    return [list(row) for row in sheet.values]


@pytest.fixture
def export(as_office: Client) -> Callable[..., HttpResponse]:
    """Exports one table as the office: `export("departments_department", kind="csv", query="?kind=town")`."""

    def fetch(table: str, *, kind: str = "xlsx", query: str = "") -> HttpResponse:
        formats = {"xlsx": "0", "csv": "1"}
        address = reverse(f"admin:{table}_export") + query
        return as_office.post(address, {"resource": "0", "format": formats[kind]})

    return fetch


@pytest.fixture
def preview(as_office: Client) -> Callable[[str, SimpleUploadedFile], HttpResponse]:
    """Uploads a file as the office and answers the preview."""

    def upload(table: str, file: SimpleUploadedFile) -> HttpResponse:
        return as_office.post(reverse(f"admin:{table}_import"), {"resource": "0", "import_file": file})

    return upload


#: Why the plan is revised, where a form asks.
REASON = "按批复修改"


@pytest.fixture
def confirm(as_office: Client) -> Callable[[str, HttpResponse], HttpResponse]:
    """Confirms what a preview showed."""

    def send(table: str, shown: HttpResponse) -> HttpResponse:
        form = shown.context["confirm_form"]
        values = {name: form[name].value() or REASON for name in form.fields}
        return as_office.post(reverse(f"admin:{table}_process_import"), values, follow=True)

    return send


def problems(response: HttpResponse) -> list[str]:
    """What the preview finds wrong, one line each."""
    return [str(problem) for problem in response.context["result"].problems]


def told(response: HttpResponse) -> list[str]:
    """The messages of a page."""
    return [str(message) for message in response.context["messages"]]

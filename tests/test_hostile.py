"""Odd input at every address: whatever an address or a form carries, no page fails and none repeats it unescaped.

The names each address reads are found by watching a request, so a new parameter is tried without being listed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from tests.test_access import ROWS, TABLES, Row, Subjects, answer, lines, subjects, table_url

__all__ = ["subjects"]

pytestmark = pytest.mark.django_db

ATTACK = """'" onfocus="alert(1)" x="><script>alert(1)</script>{{ 7|add:7 }}%s"""
#: Text where there should be a choice or a number, a number that no column holds, and one that only looks like it.
VALUES = {"huge": str(10**30), "superscript": "²"}
#: Sent once to each address, by all names together.
TOGETHER = {"script": ATTACK, "long": ATTACK + "长" * 10_000, "negative": "-1"}
#: What must not stand in a page: the attack as it was sent.
RAW = ("<script>alert(1)", '" onfocus="', "' onfocus=")
#: Read by turning the whole query into a dictionary, which cannot be watched.
ALWAYS = {
    "reports:cockpit": ("plan", "period", "version", "live", "page"),
    "reports:indicators": ("plan", "goal", "standing", "department"),
    "assessment:": ("line",),
    "admin:": ("q", "o", "p", "plan__id__exact", "_changelist_filters"),
}


class Watch:
    """Names that are asked of a request's query and form while it is answered."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, None] = {}
        for method in ("__getitem__", "__contains__", "getlist", "get"):
            patch.setattr(QueryDict, method, self._watched(getattr(QueryDict, method)))

    def _watched(self, real: Any) -> Any:
        def method(query: QueryDict, key: Any, *rest: Any, **named: Any) -> Any:
            if isinstance(key, str) and not query._mutable:
                self.names[key] = None
            return real(query, key, *rest, **named)

        return method


@pytest.fixture
def watch() -> Iterator[Watch]:
    with pytest.MonkeyPatch.context() as patch:
        yield Watch(patch)


def who_may(row: Row, subjects: Subjects) -> Any:
    """The first person whom the table lets in; the office where nobody is."""
    codes = {200: 0, 422: 1, 302: 2}
    name = min(row.answers, key=lambda person: codes.get(row.answers[person], 9))
    return subjects.clients[name]


def names_of(row: Row, watch: Watch) -> list[str]:
    """What this address reads, with what is read without being seen."""
    hidden = [name for prefix, names in ALWAYS.items() if row.name.startswith(prefix) for name in names]
    return list(dict.fromkeys([*watch.names, *hidden]))


def harm(response: HttpResponse, what: str) -> list[str]:
    """What is wrong with an answer."""
    if response.status_code >= 500:
        return [f"{what}: {response.status_code}"]
    if response.streaming or "html" not in response.headers.get("Content-Type", ""):
        return []
    page = response.content.decode()
    return [f"{what}: {raw}" for raw in RAW if raw in page]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("reports:responsibilities", {"plan", "department", "role", "on", "standing"}),
        ("reports:completeness", {"by", "period"}),
        ("filings:past", {"page"}),
    ],
)
def test_watching_finds_the_names_an_address_reads(
    subjects: Subjects, watch: Watch, name: str, known: set[str]
) -> None:
    assert answer(subjects.clients["office"], "GET", reverse(name)).status_code == 200
    assert set(watch.names) >= known


def test_an_attack_that_came_through_would_be_seen() -> None:
    assert harm(HttpResponse(f"<p>{ATTACK}</p>"), "q") == ["q: <script>alert(1)", 'q: " onfocus="']
    assert harm(HttpResponse(status=500), "q") == ["q: 500"]
    assert harm(HttpResponse("<p>&lt;script&gt;</p>"), "q") == []


PAGES = [row for row in ROWS if row.method != "POST"]
FORMS = [row for row in ROWS if row.method != "GET"]


@pytest.mark.parametrize("row", PAGES, ids=lambda row: f"{row.name} {row.method}")
def test_no_parameter_breaks_a_page(subjects: Subjects, watch: Watch, row: Row) -> None:
    client, url = who_may(row, subjects), subjects.url(row)
    answer(client, "GET", url)
    found = []
    for name in names_of(row, watch):
        for kind, value in VALUES.items():
            found += harm(answer(client, "GET", f"{url}?{urlencode({name: value})}"), f"{name} {kind}")
    for kind, value in TOGETHER.items():
        together = urlencode(dict.fromkeys(names_of(row, watch), value))
        found += harm(answer(client, "GET", f"{url}?{together}"), kind)
    twice = "&".join(f"{name}=1&{name}=%FF%ED%A0%80" for name in names_of(row, watch))
    found += harm(answer(client, "GET", f"{url}?{twice}"), "twice, the second not even text")
    assert found == []
    assert answer(client, "GET", f"{url}?x=%00").status_code == 400


@pytest.mark.parametrize("row", FORMS, ids=lambda row: f"{row.name} {row.method}")
def test_no_form_breaks_on_what_is_sent(subjects: Subjects, watch: Watch, row: Row) -> None:
    client, url = who_may(row, subjects), subjects.url(row)
    answer(client, "POST", url, subjects.posted.get(row.name))
    names = [name for name in watch.names if name != "csrfmiddlewaretoken"]
    found = []
    for kind, value in (VALUES | TOGETHER | {"nul": "a\0b"}).items():
        found += harm(answer(client, "POST", url, dict.fromkeys(names, value)), kind)
    assert found == []


@pytest.mark.parametrize(("table", "office", "sysadmin"), lines(TABLES))
def test_no_parameter_breaks_the_administration(
    subjects: Subjects, table: str, office: str, sysadmin: str
) -> None:
    person = "sysadmin" if office == "none" else "office"
    url = table_url(table, "changelist", person)
    found = []
    for name in ALWAYS["admin:"]:
        for kind, value in VALUES.items():
            found += harm(
                answer(subjects.clients[person], "GET", f"{url}?{urlencode({name: value})}"), f"{name} {kind}"
            )
    assert found == []


FORMS_OF_TABLES = [row for row in lines(TABLES) if {"edit", "keep"} & set(row[1:])]


@pytest.mark.parametrize(("table", "office", "sysadmin"), FORMS_OF_TABLES)
def test_no_form_of_the_administration_breaks(
    subjects: Subjects, table: str, office: str, sysadmin: str
) -> None:
    client = subjects.clients["sysadmin" if office == "none" else "office"]
    url = reverse(f"admin:{table}_add")
    page: Any = answer(client, "GET", url)
    below = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form, *(form for rows in below for form in rows.forms)]
    names = [field.html_name for form in forms for field in form]
    counted = {field.html_name: field.value() for rows in below for field in rows.management_form}
    found = []
    for kind, value in (VALUES | TOGETHER | {"nul": "a\0b"}).items():
        response = answer(client, "POST", url, dict.fromkeys(names, value) | counted)
        found += harm(response, kind)
        assert response.status_code == 200  # refused, and shown again with what was typed
    assert found == []


def test_an_attack_in_plan_data_is_shown_as_text(subjects: Subjects) -> None:
    """Names that the office types are escaped on the pages that show them."""
    client, task = subjects.clients["office"], subjects.tasks[0]
    task.title = task.annex_title = ATTACK[:100]
    task.save()
    for name in ("reports:task", "reports:responsibilities", "reports:action"):
        about = {"reports:task": [task.pk], "reports:action": [task.action_id]}.get(name, [])
        response = answer(client, "GET", reverse(name, args=about))
        assert harm(response, name) == []
        assert "&lt;script&gt;" in response.content.decode()

"""The parts of the filing desk that a script puts in place after something was saved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from filings.models import Entry, Filing
from filings.queries import desk as desk_page
from filings.queries.items import fields_of

PARTS = ("list", "check", "bar", "submit", "desk_evidence")


def refreshed(request: HttpRequest, filing: Filing, entry: Entry, at: datetime) -> dict[str, Any]:
    """Everything on the desk that depends on what is stored, as the server renders and escapes it.

    `parts` and `fields` are HTML by name; `values` are the inputs as stored, for a page that took over somebody
    else's words or had one filled in.
    """
    desk = desk_page.desk(filing, entry_id=entry.pk, form=None, is_check=False, at=at)
    assert desk is not None
    context = {"desk": desk, "sheet": desk.sheet}
    fields = {
        field.name: {
            "tone": field.tone,
            "copied": field.is_copied,
            "html": render_to_string("filings/_notes.html", {"field": field}, request),
        }
        for field in (*desk.fields, *fields_of(desk.items))
    }
    names = (*PARTS, "items_total") if desk.items else PARTS
    return {
        "parts": {name: render_to_string(f"filings/_{name}.html", context, request) for name in names},
        "fields": fields,
        "values": desk.form.typed(),
        "odd": render_to_string("filings/_odd.html", context, request),
        "asks_explanation": desk.asks_explanation,
    }

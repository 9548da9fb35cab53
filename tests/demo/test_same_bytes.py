"""Two loads into an empty system write the same bytes; only the open quarter follows the day of the load."""

import json
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command

from harbor_plan.demo.load import load
from targets.measure.quarters import Quarter
from tests.demo.conftest import AT, PLAN, SHIPPED

pytestmark = [pytest.mark.django_db(transaction=True, reset_sequences=True), pytest.mark.xdist_group("demo")]

FIRST = Quarter(2020, 3)
APPS = (
    "departments", "accounts", "audit", "targets", "actions", "tasks", "filings", "reports", "supervision", "assessment",
)  # fmt: skip


def dump_after_load(at: datetime) -> str:
    """Everything in the database after a load into an empty one, as `dumpdata` writes it."""
    call_command("flush", interactive=False, inhibit_post_migrate=True, verbosity=0)
    call_command("load_plan", str(PLAN), stdout=StringIO())
    apps.get_model("audit", "Event").objects.all().delete()  # the plan's load reads its own clock
    apps.get_model("tasks", "PlanRevision").objects.update(at=AT)
    assert load(SHIPPED, at=at, first=FIRST) is not None
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    rows = [row for model in models for row in model._default_manager.order_by("pk")]
    return serializers.serialize("json", rows)


def rows_of(dump: str) -> dict[tuple[str, int], dict[str, Any]]:
    return {(row["model"], row["pk"]): row["fields"] for row in json.loads(dump)}


def test_two_loads_write_the_same_bytes_and_another_day_moves_only_the_open_quarter() -> None:
    first = dump_after_load(AT)
    assert dump_after_load(AT) == first
    before, after = rows_of(first), rows_of(dump_after_load(AT + timedelta(days=40)))
    assert before.keys() == after.keys()
    changed = {key for key in before if before[key] != after[key]}
    open_period = next(
        pk for (model, pk), row in before.items() if model == "filings.period" and row["quarter"] == 4
    )
    filings = {
        pk
        for (model, pk), row in before.items()
        if model == "filings.filing" and row["period"] == open_period
    }
    entries = {
        pk for (model, pk), row in before.items() if model == "filings.entry" and row["filing"] in filings
    }
    for model, pk in changed:
        row = before[model, pk]
        belongs = {
            "filings.period": pk == open_period,
            "filings.filing": pk in filings,
            "filings.entry": pk in entries,
            "filings.entryversion": row.get("entry") in entries,
            "filings.move": row.get("filing") in filings,
            "filings.countersignature": row.get("entry") in entries,
            "filings.extension": row.get("period") == open_period,
            "supervision.notice": row.get("period") == open_period or row.get("kind") == "order",
            "filings.crossrule": True,  # in force from the open quarter on
            "supervision.supervisionorder": True,
            "supervision.ordermove": True,
            "supervision.digest": True,
            "reports.board": row.get("period") == open_period,
            "reports.summary": row.get("period") == open_period,
            "audit.event": row.get("verb")
            in ("demo.load", "period.create", "period.remind", "cross_rule.add")
            or str(row.get("verb")).startswith("order."),
        }
        assert belongs[model], (model, pk, row)
    assert ("filings.period", open_period) in changed

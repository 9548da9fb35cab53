"""The log of refused requests: one line each, so that a traceback in it always means a fault."""

import io
import logging

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.urls import reverse

from tests import factories as f


@pytest.fixture
def log(monkeypatch):
    """What our own handler writes while a test runs."""
    written = io.StringIO()
    handler = next(h for h in logging.getLogger().handlers if type(h) is logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", written)
    return written


def lines(log):
    """The lines without the moment they begin with."""
    return [line.split(" ", 2)[2] for line in log.getvalue().splitlines()]


def test_settings_give_every_handler_the_filter():
    assert {tuple(handler["filters"]) for handler in settings.LOGGING["handlers"].values()} == {("refusals",)}


def test_a_refusal_is_one_line_that_says_who_what_and_where(client, db, log):
    plan, lead = f.make_plan(), f.make_department()
    f.make_task(f.make_action(plan), lead=lead)
    filing = f.filing_of(f.open_quarter(plan, 2020, 4), lead)
    client.force_login(f.make_approver(lead, username="qianfa"))
    address = reverse("filings:submit", args=[filing.pk])
    assert client.post(f"{address}?x=%0A1").status_code == 403
    (line,) = lines(log)
    assert line.startswith(f"WARNING django.request: 403 POST {address}?x=%0A1 qianfa: ")
    assert line.endswith("。")


def test_an_unreadable_address_is_one_line_too(client, db, log):
    assert client.get("/login/?a=%00").status_code == 400
    assert lines(log) == ["WARNING django.request: 400 GET /login/?a=%00 -: A NUL in the query string."]


def test_a_strange_host_is_one_line(client, db, log):
    assert client.get("/login/", headers={"host": "evil.example"}).status_code == 400
    (line,) = lines(log)
    assert line.startswith(
        "ERROR django.security.DisallowedHost: 400 GET /login/ -: Invalid HTTP_HOST header"
    )


def test_a_failure_keeps_its_traceback(log):
    record = RequestFactory().get("/x/")
    try:
        raise ValueError("broken")
    except ValueError as error:
        extra = {"request": record, "status_code": 500}
        logging.getLogger("django.request").error("Internal Server Error: /x/", exc_info=error, extra=extra)
    assert "Traceback" in log.getvalue()
    assert "ValueError: broken" in log.getvalue()

"""The main line, end to end: a department files, its approver signs, the office reviews, the leader's screen changes."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.conftest import Embedded, Worker
from tests.journeys.quarter import Quarter


@pytest.mark.browser
@pytest.mark.worker
@pytest.mark.xdist_group("journeys")
def test_a_quarter_on_postgresql_with_a_real_worker(
    worker: Worker, live_server: Any, signed_in: Callable[..., Page]
) -> None:
    Quarter(lambda account: signed_in(live_server.url, account), worker.settle).run()


@pytest.mark.browser
@pytest.mark.embedded
@pytest.mark.xdist_group("embedded")
def test_a_quarter_on_the_embedded_default(embedded: Embedded, signed_in: Callable[..., Page]) -> None:
    Quarter(lambda account: signed_in(embedded.url, account), lambda: None).run()

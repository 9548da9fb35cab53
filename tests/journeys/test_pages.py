"""Every page a person comes to by following links: whole, in words, without complaint, on a desktop and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.urls import resolve
from playwright.sync_api import Page, TimeoutError

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
ADMIN = {"admin:index", "admin:targets_indicator_changelist","admin:targets_indicator_change","admin:audit_event_changelist","admin:accounts_user_changelist","admin:accounts_user_change"}
#: Followed as downloads.
#: Every box of a figure holds its drawing.
CHARTS_DRAWN = """
Array.from(document.querySelectorAll("[data-figure]")).every(box => box.querySelector(".main-svg"))
"""
FILES = {"reports:responsibilities_xlsx", "reports:state_xlsx", "reports:bulletin"}


def keys() -> set[str]:
    """Every stored key that has a word for people, of all models."""
    choices = (field.flatchoices for model in apps.get_models() for field in model._meta.get_fields() if hasattr(field, "flatchoices"))
    return {str(key) for pairs in choices for key, _ in pairs if re.fullmatch("[a-z_]{3,}", str(key))}


RAW = re.compile(
    r"(?<![A-Za-z_])(" + "|".join(["None", "True", "False", "NaN", "undefined", "Decimal", *sorted(keys())]) + r")(?![A-Za-z_])"
    r"|\{[#{%]|[#}%]\}|&(amp|lt|gt|quot|#\d+);"
)


class Walk:
    """One person's way through the pages: one of each kind, found by following links from their home."""

    def __init__(self, page: Page, sizes) -> None:
        self.page = page
        self.sizes = sizes
        self.problems: list[str] = []
        self.reached: set[str] = set()
        page.on("console", lambda message: self.note(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.note(str(error)))

    def note(self, problem: str) -> None:
        self.problems.append(f"{self.page.url}: {problem}")

    def go(self) -> None:
        waiting = ["/"]
        while waiting:
            self.look(waiting.pop(0))
            for address in self.links():
                name = resolve(urlsplit(address).path).view_name
                if name not in self.reached and "_popup" not in address and (not name.startswith("admin:") or name in ADMIN):
                    self.reached.add(name)
                    waiting.append(address)

    def links(self) -> list[str]:
        """Addresses on this page that stay on this server."""
        hrefs = self.page.locator("a[href^='/'], a[href^='?']").evaluate_all("links => links.map(link => link.pathname + link.search)")
        return list(dict.fromkeys(hrefs))

    def look(self, address: str) -> None:
        name = resolve(urlsplit(address).path).view_name
        if name in FILES:
            answer = self.page.request.get(address)
            if answer.status != 200:
                self.note(f"{address} answers {answer.status}")
            return
        answer = self.page.goto(address)
        if answer is None or answer.status != 200:
            self.note(f"answers {answer and answer.status}")
        self.check()

    def check(self) -> None:
        page = self.page
        page.wait_for_function(CHARTS_DRAWN)
        text = page.locator("body").inner_text()
        found = RAW.search(text)
        if found:
            self.note(f"shows {text[max(0, found.start() - 30):found.end() + 30]!r}")
        if "演示数据" not in text:
            self.note("has no mark of the demonstration")
        if page.locator("h1").count() != 1:
            self.note(f"has {page.locator('h1').count()} h1")
        self.check_width()

    def check_width(self) -> None:
        """Nothing reaches beyond the screen, as loaded and after the window has changed its size."""
        for size in self.sizes:
            self.page.set_viewport_size(size)
            try:
                self.page.wait_for_function(f"document.documentElement.scrollWidth <= {size['width']}", timeout=3000)
            except TimeoutError:
                width = self.page.evaluate("document.documentElement.scrollWidth")
                self.note(f"is {width} wide on {size['width']}")
        self.page.set_viewport_size(self.sizes[0])


@pytest.mark.parametrize("account", ["hbj.tb", "hbj.qf", "mlb.sh1", "ld", "xtgl"])
def test_x(demo: None, live_server: Any, signed_in: Callable[..., Page], account: str) -> None:
    import time
    t=time.time()
    walk = Walk(signed_in(live_server.url, account, viewport=PHONE), [PHONE, DESKTOP])
    walk.go()
    print(account, time.time()-t, len(walk.reached), sorted(walk.reached))
    print("\n".join(walk.problems))

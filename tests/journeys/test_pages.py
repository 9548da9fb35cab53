"""Every page a person comes to by following links: whole, in words, without complaint, on a desktop and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.urls import resolve, reverse
from playwright.sync_api import ConsoleMessage, Page, expect

from filings.models import Filing

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("pages")]

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
SIZES = {"desktop": DESKTOP, "phone": PHONE}

#: What everybody with a part in the plan comes to.
COMMON = {
    "home",
    "password_change",
    "supervision:notices",
    "filings:detail",
    "reports:cockpit",
    "reports:compare",
    "reports:goals",
    "reports:goal",
    "reports:indicators",
    "reports:indicator",
    "reports:actions",
    "reports:action",
    "reports:task",
    "reports:milestones",
    "reports:departments",
    "reports:department",
    "reports:responsibilities",
    "reports:thresholds",
    "reports:all_plan_values",
    "reports:plan_values",
    "reports:responsibilities_xlsx",
    "reports:state_xlsx",
    "reports:publications",
    "reports:publication",
    "assessment:overview",
    "assessment:year",
    "assessment:sheet",
    "supervision:orders",
    "supervision:order",
    "supervision:order_file",
    "supervision:order_paper",
    "tasks:plans",
    "tasks:plan",
    "tasks:version",
    "tasks:programmes",
}
READ_ALL = {
    "filings:countersigned",
    "reports:completeness",
    "reports:targets",
    "reports:target",
    "reports:unjudged",
    "supervision:desk",
    "filings:queue",
    "filings:review",
    "filings:returns",
    "filings:crosschecks",
    "filings:cross_rules",
    "reports:bulletin",
}
#: Of the administration one page of each kind; tests/administration looks at the rest.
ADMINISTRATION = {
    "admin:index",
    "admin:targets_indicator_changelist",
    "admin:targets_indicator_change",
    "admin:targets_indicator_import",
    "admin:audit_event_changelist",
    "admin:accounts_user_changelist",
    "admin:accounts_user_change",
}
#: Account, the size its pages are loaded at, and what it comes to.
PEOPLE = {
    "hbj.tb": (
        "phone",
        COMMON
        | {
            "filings:mine",
            "filings:past",
            "filings:edit",
            "filings:countersign",
            "filings:earlier_evidence",
            "filings:workbook",
            "filings:workbook_download",
        },
    ),
    "hbj.qf": ("desktop", {"filings:signing", "filings:past", "filings:countersign"}),  # see SEEN
    "mlb.sh1": (
        "phone",
        COMMON
        | READ_ALL
        | {
            "filings:vintages",
            "filings:periods",
            "filings:routine",
            "filings:review_rule",
            "filings:add_cross_rule",
            "filings:change_cross_rule",
            "filings:workbook_collection",
        }
        | {"reports:burden", "reports:reorganisations", "reports:reorganisation"}
        | {"reports:correct", "supervision:order_rule"}
        | {"reports:assign_target", "reports:provisional_target", "reports:revise_target"}
        | {
            "reports:decide_condition",
            "reports:set_tolerance",
            "reports:baseline",
            "reports:change_thresholds",
        }
        | {"tasks:upkeep", "tasks:plan_template", "tasks:plan_workbook"}
        | {"tasks:plan_revisions", "tasks:plan_revision"}
        | {name for name in ADMINISTRATION if "accounts" not in name},
    ),
    "ld": ("desktop", COMMON | READ_ALL | {"filings:vintages"}),
    "xtgl": (
        "desktop",
        {"home", "password_change"} | {name for name in ADMINISTRATION if "targets" not in name},
    ),
}
#: Pages that another person has looked at, and that say the same to this one.
SEEN = {"hbj.qf": COMMON}
#: Addresses that answer with a file end like one.
FILES = (".xlsx", ".docx", "/file/")

#: A figure whose drawing is not there.
UNDRAWN = "[data-figure]:not(:has(.main-svg))"
#: What a page says: what is seen, what is read aloud, and what a pointer brings up.
WORDS = """
[document.body.innerText].concat(Array.from(document.querySelectorAll("[title], [aria-label]"))
    .map(element => `${element.title || ""} ${element.ariaLabel || ""}`)).join("\\n")
"""
LINKS = "links => links.map(link => link.pathname + link.search)"


def stored_keys() -> set[str]:
    """Every key of a choice, of all models; people read its word instead."""
    fields = (field for model in apps.get_models() for field in model._meta.get_fields())
    choices = (getattr(field, "flatchoices", None) or [] for field in fields)
    return {str(key) for pairs in choices for key, _ in pairs if re.fullmatch("[a-z_]{3,}", str(key))}


KEYS = {"None", "True", "False", "NaN", "undefined", "Decimal"} | stored_keys()
RAW = re.compile(
    rf"(?<![A-Za-z_])(?:{'|'.join(sorted(KEYS))})(?![A-Za-z_])|\{{[#{{%]|[#}}%]\}}|&(?:amp|lt|gt|quot|#\d+);"
)


class Walk:
    """One person's way through the pages: one of each kind, found by following links from their home."""

    def __init__(self, page: Page, loaded_at: str, seen: Collection[str] = ()) -> None:
        self.page = page
        self.seen = seen
        self.sizes = [SIZES[loaded_at], *(size for name, size in SIZES.items() if name != loaded_at)]
        self.problems: list[str] = []
        self.reached: set[str] = set()
        page.on("console", self.hear)
        page.set_viewport_size(self.sizes[0])

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.note(message.text)

    def note(self, problem: str) -> None:
        self.problems.append(f"{self.page.url}: {problem}")

    def go(self, also: Iterable[str] = ()) -> None:
        """Look at the home, at the addresses in `also`, and at the first page of each kind they lead to."""
        waiting = ["/", *also]
        while waiting:
            address = waiting.pop(0)
            self.look(address)
            for link in self.links():
                name = kind_of(link)
                is_wanted = not name.startswith("admin:") or name in ADMINISTRATION
                if is_wanted and name not in self.reached and name not in self.seen:
                    self.reached.add(name)
                    waiting.append(link)

    def links(self) -> list[str]:
        """Addresses on this page that stay on this server, each once."""
        found = self.page.locator("a[href^='/'], a[href^='?']").evaluate_all(LINKS)
        return list(dict.fromkeys(found))

    def look(self, address: str) -> None:
        """Open one page, or fetch one file."""
        if urlsplit(address).path.endswith(FILES):
            answer = self.page.request.get(address)
            if answer.status != 200:
                self.note(f"its link {address} answers {answer.status}")
            return
        opened = self.page.goto(address)
        if opened is None or opened.status != 200:
            self.note(f"answers {opened and opened.status}")
        self.check()

    def check(self) -> None:
        """Note everything wrong with the page shown."""
        page = self.page
        expect(page.locator(UNDRAWN)).to_have_count(0)
        words = page.evaluate(WORDS)
        for found in RAW.finditer(words):
            self.note(f"says {words[max(0, found.start() - 20) : found.end() + 20]!r}")
        if "演示数据" not in words:
            self.note("has no mark of the demonstration")
        if page.locator("h1").count() != 1:
            self.note(f"has {page.locator('h1').count()} h1")
        self.check_width()

    def check_width(self) -> None:
        """Nothing reaches beyond the screen, as loaded and after the window has changed its size."""
        for size in self.sizes:
            self.page.set_viewport_size(size)
            try:
                expect(self.page.locator("html")).to_have_js_property(
                    "scrollWidth", size["width"], timeout=3000
                )
            except AssertionError:
                width = self.page.evaluate("document.documentElement.scrollWidth")
                self.note(f"is {width} wide on {size['width']}")
        self.page.set_viewport_size(self.sizes[0])


def kind_of(address: str) -> str:
    """The name of the view behind an address."""
    return resolve(urlsplit(address).path).view_name


@pytest.mark.parametrize("account", PEOPLE)
def test_every_page_a_person_comes_to(
    demo: None, live_server: Any, signed_in: Callable[..., Page], account: str
) -> None:
    loaded_at, expected = PEOPLE[account]
    walk = Walk(signed_in(live_server.url, account), loaded_at, SEEN.get(account, ()))
    closed = Filing.objects.get(period__year=2020, period__quarter=3, department__name="环保局")
    walk.go(also=[reverse("filings:detail", args=[closed.pk])] if account == "mlb.sh1" else [])
    assert walk.problems == []
    assert sorted(walk.reached - expected) == []
    assert sorted(expected - walk.reached) == []


@pytest.mark.parametrize("loaded_at", SIZES)
def test_pages_that_say_no_or_ask_who_one_is(
    demo: None,
    live_server: Any,
    new_page: Callable[..., Page],
    signed_in: Callable[..., Page],
    loaded_at: str,
) -> None:
    stranger = Walk(new_page(base_url=live_server.url), loaded_at)
    stranger.look("/login/")
    assert stranger.problems == []
    filer = Walk(signed_in(live_server.url, "hbj.tb"), loaded_at)
    for address, status in ("/filings/queue/", 403), ("/filings/999999/", 404), ("/nowhere/", 404):
        answer = filer.page.goto(address)
        assert answer is not None
        assert answer.status == status
        filer.check()
    complaints = [problem for problem in filer.problems if "Failed to load resource" not in problem]
    assert complaints == []


def test_the_keys_that_must_not_show_are_known() -> None:
    assert {"on_track", "awaiting_signoff", "not_due", "point_in_time", "sysadmin"} <= KEYS
    assert RAW.search("状态 on_track，")
    assert RAW.search("{# 注释 #}")
    assert not RAW.search("PM2.5浓度 33.2微克/立方米，按时；账号 hbj.tb")

"""The pictures of the README, taken from a running demonstration: python scripts/screens.py [http://127.0.0.1:8000]

Start `make run` first. Nothing is written to the demonstration; the pictures go to docs/screens/. Accounts come from
the demonstration's own tables, everything else is reached by following links.
"""

import csv
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.small_png import shrink  # noqa: E402

DEMO = ROOT / "fixtures" / "demo"
SCREENS = ROOT / "docs" / "screens"
DESKTOP = (1366, 768)
PHONE = (390, 844)
LARGEST = 250_000  # bytes of one picture

#: A figure whose drawing is not there yet.
UNDRAWN = "[data-figure]:not(:has(.main-svg))"

Way = Callable[[Page], object]


def main(url: str) -> None:
    """Take every picture, each from the home of the role it belongs to."""
    settings = {row["key"]: row["value"] for row in table("demo.csv")}
    featured = settings["featured"].split()
    accounts = {row["role"]: row["account"] for row in table("people.csv") if row["account"] in featured}
    SCREENS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu"],
            env={**os.environ, "LANGUAGE": "zh_CN"},  # how an empty date field reads
        )
        stranger = open_page(browser, url, DESKTOP)
        stranger.goto("/login/")
        take(stranger, "login")
        for role, size, pictures in PICTURES:
            page = open_page(browser, url, size)
            sign_in(page, accounts[role], settings["password"])
            for name, way in pictures:
                page.goto("/")
                way(page)
                take(page, name)
        browser.close()


def table(name: str) -> list[dict[str, str]]:
    """The rows of one of the demonstration's tables."""
    with (DEMO / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def chromium() -> str:
    """The path of this machine's Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    sys.exit("找不到 Chromium。请安装，例如：apt-get install chromium")


def open_page(browser: Browser, url: str, size: tuple[int, int]) -> Page:
    """A page as a person of its own."""
    width, height = size
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    return context.new_page()


def sign_in(page: Page, account: str, password: str) -> None:
    """Through the form, as everybody does."""
    page.goto("/login/")
    page.locator("[name=username]").fill(account)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("[name=password]")).to_have_count(0)


def take(page: Page, name: str) -> None:
    """One picture of what the window shows, once every figure is drawn."""
    page.wait_for_load_state("networkidle")
    expect(page.locator(UNDRAWN)).to_have_count(0)
    path = SCREENS / f"{name}.png"
    path.write_bytes(shrink(page.screenshot()))
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}  {size // 1000} KB")
    if size > LARGEST:
        sys.exit(f"{path.name} is larger than {LARGEST // 1000} KB.")


def home(page: Page) -> None:
    """Where the role lands."""


def click(selector: str) -> Way:
    """The first link that matches."""
    return lambda page: page.locator(selector).first.click()


def to(address: str) -> Way:
    """An address that the navigation leads to."""
    return lambda page: page.goto(address)


def review(page: Page) -> None:
    """The filing that came last, so that nothing in it is decided yet."""
    page.goto("/filings/queue/")
    page.locator("td.wide a").last.click()


def indicator(page: Page) -> None:
    """The first one of the plan."""
    page.goto("/indicators/")
    page.locator("#main tbody a[href^='/indicators/']").first.click()


#: Role, size of the window, and the pictures: file name and the way there from the home.
PICTURES: tuple[tuple[str, tuple[int, int], tuple[tuple[str, Way], ...]], ...] = (
    (
        "leader",
        DESKTOP,
        (("cockpit", home), ("indicator", indicator), ("responsibilities", to("/responsibilities/"))),
    ),
    ("office", DESKTOP, (("desk", home), ("review", review))),
    ("filer", DESKTOP, (("mine", home), ("filing", click(".head .btn-primary")))),
    ("filer", PHONE, (("filing-phone", click(".head .btn-primary")),)),
)

if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
